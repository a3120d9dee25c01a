"""historik, Utgåvor: releases with who signed them, withdrawing, drafts, and making a new one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from metrics.present import numbers, waiting
from metrics.present.html import address, link, notice, section, table
from metrics.release import read
from metrics.release.publish import Publication
from metrics.release.signing import sign_draft, withdraw
from pages.parts import desk
from pages.parts.desk_publishing import Job, jobs, publishing_desk

WHAT = {"new": "nytt", "gone": "borta", "status": "visas på annat sätt", "value": "ändrat värde"}
MOST_CHANGES = 60
UNSIGNED = (
    "Utan underskrift ges utgåvan ut direkt och märks ”ej granskad, lokal”. "
    "Med inloggning blir den i stället ett utkast som en annan person skriver under."
)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A release folder as it is listed, without its tables."""

    folder: Path
    manifest: dict[str, Any]
    withdrawn: read.Withdrawal | None

    @property
    def id(self) -> str:
        return str(self.manifest["id"])

    @property
    def own(self) -> bool:
        """Whether it lies among the releases of this installation: the demo release does not."""
        return self.folder.parent == read.releases_folder()


def listed(folders: list[Path]) -> list[Listed]:
    """The readable releases in these folders."""
    found = []
    for folder in folders:
        path = folder / "manifest.json"
        if path.exists():
            manifest = json.loads(path.read_text(encoding="utf-8"))
            found.append(Listed(folder=folder, manifest=manifest, withdrawn=read.withdrawal(folder)))
    return found


def show() -> None:
    """Every release, newest first, and what can be done with them."""
    releases = listed(read.release_folders())
    current = read.current_folder()
    if not any(each.own for each in releases):
        st.html(section("Ingen egen utgåva ännu", _teaching(releases)))
    else:
        st.html(section("Utgåvor", _sentence(releases, current)))
    if releases:
        st.html(desk.wide(_table(releases, current)))
    _withdraw([each for each in releases if each.own and each.withdrawn is None])


def _teaching(releases: list[Listed]) -> str:
    said = "En utgåva är en låst samling skyddade siffror med datum och nummer. Den görs av det som lämnats in, och ändras aldrig."
    return said + (" Så länge visas **Exempeldata**: påhittade elever." if releases else "")


def _sentence(releases: list[Listed], current: Path) -> str:
    now = next((each for each in releases if each.folder == current and each.withdrawn is None), None)
    number = numbers.capital(numbers.counted(len(releases), "utgåva", "utgåvor"))
    if now is None:
        return f"{number}, ingen gäller: alla är tillbakadragna."
    return f"{number}. Den som gäller är **{now.id}**, från {numbers.day(str(now.manifest.get('created', '')))}."


def _table(releases: list[Listed], current: Path) -> str:
    head = ("Utgåva", "Tid", "Notis", "Underskriven av", "Uppgifter", "Läge")
    cells = "".join(f'<th scope="col">{title}</th>' for title in head)
    body = "".join(_row(each, each.folder == current) for each in releases)
    caption = '<caption class="sy-sr">Utgåvor, nyaste först</caption>'
    return f'<table class="sy-table">{caption}<thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>'


def _row(release: Listed, current: bool) -> str:
    said = release.manifest
    where = link(release.id, address("oversikt", utgava=release.id), title=f"Se översikten i utgåva {release.id}")
    example = '<span class="sy-example">Exempeldata</span>' if said.get("example") else "inlämnade"
    signed = str(said.get("signed_by") or "inte underskriven") + _review(said.get("review") or {})
    when = str(said.get("created", ""))[:16].replace("T", " ")
    cells = (escape(when), escape(str(said.get("note", ""))), escape(signed), example, escape(_state(release, current)))
    return f'<tr><th scope="row">{where}</th>' + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def _review(said: dict[str, Any]) -> str:
    """What the members' review came to, after who signed."""
    parts = []
    if "asked" in said:
        parts.append(f"{said['answered']} av {said['asked']} har svarat, {said['objections']} med synpunkter")
    if "reason" in said:
        parts.append(f"granskningen inväntades inte: {said['reason']}")
    return f" ({'; '.join(parts)})" if parts else ""


def _state(release: Listed, current: bool) -> str:
    if release.withdrawn:
        return f"tillbakadragen {release.withdrawn.day}: {release.withdrawn.reason}"
    return "gäller nu" if current else "äldre"


def _withdraw(releases: list[Listed]) -> None:
    if not releases:
        return
    with st.expander("Dra tillbaka en utgåva", icon=":material/block:"):
        st.html(
            desk.quiet(
                "Siffrorna slutar visas för alla. Datum och skäl står kvar, och länkar leder till den utgåva som gäller."
            )
        )
        with st.form("withdraw", border=False):
            chosen = st.selectbox("Utgåva", [each.id for each in releases], key="withdraw_id")
            reason = st.text_input("Varför dras den tillbaka?", max_chars=500, key="withdraw_reason")
            if st.form_submit_button("Dra tillbaka utgåvan", icon=":material/block:"):
                done = desk.attempt(lambda: _withdrawn(str(chosen), reason or ""), "Drar tillbaka utgåvan")
                if done:
                    st.session_state["history_said"] = done
                    st.rerun()


def _withdrawn(release_id: str, reason: str) -> str:
    left = withdraw(publishing_desk(), release_id, reason=reason, principal=desk.principal())
    now = f"Utgåva {left} gäller nu." if left else "Ingen egen utgåva gäller nu."
    return f"Utgåva {release_id} är tillbakadragen. {now}"


def show_publishing(anything: bool) -> None:
    """A new release: note, progress, what changed; and drafts to sign."""
    st.html(
        section(
            "Ge ut",
            "Publicering är ett eget steg, skilt från att lämna in. Allt som räknas i valvet räknas om, skyddas och granskas innan något visas.",
        )
    )
    job = jobs().latest
    if job is not None and job.running:
        _watch()
        return
    if job is not None:
        _outcome(job)
    if anything:
        _form()
    else:
        st.html(
            notice(
                "Det finns inget att ge ut ännu: lämna in minst ett uttag först. " + link("Till Lämna in", "lamna-in")
            )
        )


@st.fragment(run_every=1.0)
def _watch() -> None:
    """How far the publishing is; the page can be left meanwhile."""
    job = jobs().latest
    if job is None or not job.running:
        st.rerun()
        return
    st.progress(min(max(job.share, 0.0), 1.0), text=f"{job.what} …")
    st.html(desk.quiet("Du kan lämna sidan och komma tillbaka. Leveranser väntar tills utgåvan är klar."))


def _form() -> None:
    with st.form("publish", border=True):
        note = st.text_input(
            "Vad är nytt i utgåvan?",
            max_chars=300,
            key="publish_note",
            placeholder="Till exempel: Slutbetyg 2024/25 från alla tretton.",
        )
        sign = st.text_input(
            "Underskriven av (en annan person än du; frivilligt tills inloggning finns)",
            max_chars=100,
            key="publish_sign",
        )
        unreviewed = st.text_input(
            "Varför har medlemmarna inte granskat ett utkast? (behövs när utgåvan skrivs under direkt)",
            max_chars=300,
            key="publish_unreviewed",
        )
        st.html(desk.quiet(UNSIGNED))
        if st.form_submit_button("Ge ut en ny utgåva", type="primary", icon=":material/publish:"):
            if not (note or "").strip():
                st.html(notice("Skriv en notis: vad är nytt i den här utgåvan?", "warning"))
            else:
                jobs().start(
                    publishing_desk(),
                    principal=desk.principal(),
                    note=(note or "").strip(),
                    sign=(sign or "").strip() or None,
                    unreviewed=(unreviewed or "").strip(),
                )
                st.rerun()


def _outcome(job: Job) -> None:
    if job.problem:
        st.html(notice(escape(job.problem), "error dk-error"))
        return
    made = job.made
    assert made is not None
    name = "Utkastet" if made.draft else "Utgåvan"
    said = (
        f"{name} {made.id} är klar: {numbers.count(made.shown)} av {numbers.count(made.values)} värden visas, "
        f"{numbers.count(len(made.changes))} har ändrats sedan förra utgåvan."
    )
    st.html(notice(escape(said) + " " + link("Se översikten", address("oversikt", utgava=made.id))))
    if made.held:
        held = numbers.listed(waiting.listed(made.held, read.load(made.folder).definitions))
        st.html(notice(escape(f"Väntar på fler ändringar: {held}. {waiting.WHY}"), "warning"))
    _changes(made)


def _changes(made: Publication) -> None:
    if made.changes.empty:
        return
    titles = {each.name: each.short_title for each in publishing_desk().catalogue.indicators.values()}
    rows = [change_row(row, titles) for row in made.changes.head(MOST_CHANGES).to_dict("records")]
    head = ("Mått", "Område", "Läsår", "Vad", "Före", "Efter")
    with st.expander(f"Vad som ändrats sedan förra utgåvan ({len(made.changes)})", expanded=True):
        counts = made.changes["what"].map(WHAT).value_counts()
        st.html(desk.quiet(", ".join(f"{number} {what}" for what, number in counts.items()) + "."))
        st.html(table("Ändringar sedan förra utgåvan", head, rows, text_columns=4))
        if len(made.changes) > MOST_CHANGES:
            st.html(desk.quiet(f"De {MOST_CHANGES} första av {len(made.changes)} visas."))


def change_row(row: dict[Any, Any], titles: dict[str, str]) -> tuple[str, ...]:
    """A change between releases as a table's row."""
    before, after = ("–" if pd.isna(row[name]) else numbers.number(float(row[name]), 1) for name in ("before", "after"))
    return (
        titles.get(row["indicator"], row["indicator"]),
        row["area"],
        row["school_year"],
        WHAT[row["what"]],
        before,
        after,
    )


def drafts() -> list[Listed]:
    """Drafts that wait for a second person's signature, newest first."""
    folder = read.data_folder() / "drafts"
    return listed(sorted(folder.iterdir(), reverse=True)) if folder.exists() else []


def show_signing(waiting: list[Listed]) -> str:
    """The drafts and the signature; returns the one that is chosen."""
    st.html(section("Utkast att skriva under", "Den som skriver under ska vara en annan än den som tog fram utkastet."))
    rows = [(each.id, str(each.manifest.get("note", "")), str(each.manifest.get("made_by", ""))) for each in waiting]
    st.html(table("Utkast", ("Utkast", "Notis", "Framtaget av"), rows, text_columns=3))
    chosen = st.selectbox("Utkast", [each.id for each in waiting], key="sign_id")
    reason = st.text_input(
        "Skäl att inte vänta på medlemmarnas granskning (tomt när den är klar; skälet står i utgåvan)",
        max_chars=300,
        key=f"sign_reason_{chosen}",
    )
    if st.button("Skriv under och ge ut", icon=":material/draw:", key="sign_draft"):
        done = desk.attempt(
            lambda: sign_draft(
                publishing_desk(), str(chosen), principal=desk.principal(), unreviewed=(reason or "").strip()
            ),
            "Ger ut utkastet",
        )
        if done is not None:
            st.session_state["history_said"] = f"Utgåva {done.name} är utgiven."
            st.rerun()
    return str(chosen)
