"""historik, the record: reconciliation with official figures, and the append-only log."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

import pandas as pd
import streamlit as st

from metrics.intake.receipt import local_time
from metrics.intake.template import table_bytes
from metrics.present import numbers
from metrics.present.html import notice, section, table
from metrics.release.read import Release
from pages.parts import desk

MOST = 50


def reconciliation() -> None:
    """Own values beside the official series of the same provider."""
    release = desk.official_release()
    found = release.tables["reconciliation"] if release else pd.DataFrame()
    if release is None or found.empty:
        st.html(
            section("Ingenting att stämma av ännu")
            + desk.quiet(
                "När en utgåva har både egna värden och officiell statistik för samma mått, kommun och läsår står de här "
                "bredvid varandra. Officiell statistik lämnas in som filer från Skolverket eller Kolada."
            )
        )
        return
    agrees = int((found["flag"] == "agrees").sum())
    lead = f"**{numbers.count(agrees)} av {numbers.count(len(found))}** egna värden stämmer med de officiella, i utgåva {release.id}."
    st.html(section("Avstämning mot officiell statistik", lead + (" Exempeldata." if release.example else "")))
    order = found.assign(size=found["difference"].abs()).sort_values("size", ascending=False)
    rows = [_reconciled(row, release) for row in order.head(MOST).to_dict("records")]
    head = ("Mått", "Kommun", "Läsår", "Bedömning", "Eget", "Officiellt", "Skillnad")
    st.html(desk.wide(table("Egna värden mot officiella, störst skillnad först", head, rows, text_columns=4)))
    if len(found) > MOST:
        st.html(desk.quiet(f"De {MOST} största skillnaderna av {len(found)} visas."))


def _reconciled(row: Mapping[Hashable, object], release: Release) -> tuple[str, ...]:
    definition = release.definitions.get(str(row["indicator"]))
    unit, decimals = (definition.unit, definition.decimals) if definition else ("share", 1)
    own, official = (numbers.in_unit(float(str(row[name])), unit, decimals) for name in ("own", "official"))
    return (
        definition.short_title if definition else str(row["indicator"]),
        str(row["area"]),
        str(row["school_year"]),
        "stämmer" if row["flag"] == "agrees" else "skiljer sig",
        own,
        official,
        numbers.signed(float(str(row["difference"])), decimals),
    )


def log(found: pd.DataFrame) -> None:
    """The log, newest first; nothing in it can be changed."""
    if found.empty:
        st.html(
            section("Loggen är tom")
            + desk.quiet(
                "Här skrivs vem som lämnat in, förhandsgranskat, ångrat, gett ut, skrivit under och dragit tillbaka. "
                "Rader läggs till och kan inte ändras eller tas bort."
            )
        )
        return
    lead = f"**{numbers.capital(numbers.counted(len(found), 'händelse', 'händelser'))}**, nyast först. Rader läggs till och kan inte ändras."
    st.html(section("Logg", lead))
    rows = [
        (
            str(row["entry"]),
            local_time(pd.Timestamp(row["moment"]).to_pydatetime()),
            row["subject"],
            row["act"],
            row["object"],
            _said(row["detail"]),
        )
        for row in found.to_dict("records")
    ]
    head = ("Nr", "Tid", "Vem", "Har", "Vad", "Mer")
    st.html(desk.wide(table("Logg", head, rows[:MOST], text_columns=6)))
    if len(rows) > MOST:
        st.html(notice(f"De {MOST} nyaste visas. Hela loggen finns i filen."))
    st.download_button(
        "Ladda ner hela loggen som CSV",
        table_bytes(head, rows),
        file_name="logg.csv",
        mime="text/csv",
        type="tertiary",
        on_click="ignore",
    )


def _said(detail: str) -> str:
    """A log line's detail with the Swedish title of the kind of extract it begins with."""
    first, comma, rest = detail.partition(",")
    return f"{desk.title_of(first)}{comma}{rest}"
