"""Step 4: the receipt on screen, and as CSV and PDF for the sender's own records."""

from __future__ import annotations

from html import escape

import streamlit as st

from metrics import catalogue
from metrics.intake.receipt import HEADINGS, SEPARATE, Receipt, as_csv, as_pdf, receipt
from metrics.present.html import link, notice, section, table
from metrics.vault import Batch
from pages.parts import desk


def made_of(batch: Batch) -> Receipt:
    return receipt(batch, catalogue.default().extracts.get(batch.extract))


def show(batches: list[Batch]) -> None:
    """The receipts of what was just handed in."""
    said = f"Mottaget: leverans {', '.join(str(each.batch) for each in batches)}. {SEPARATE}"
    st.html(section("4 Kvitto") + notice(f"{escape(said)} {link('Se eller ångra i historiken', 'historik')}"))
    for batch in batches:
        one(batch, heading=len(batches) > 1)


def one(batch: Batch, *, heading: bool = True) -> None:
    """One receipt with its downloads."""
    made = made_of(batch)
    title = f'<div class="sy-section"><h3>{escape(made.title)}</h3></div>' if heading else ""
    st.html(title + desk.facts(made.facts))
    if made.findings:
        rows = [_without_code(each) for each in made.findings]
        st.html(desk.wide(table("Fynd och skäl", _without_code(HEADINGS), rows, text_columns=4, row_headings=False)))
    downloads(made)


def _without_code(row: tuple[str, ...]) -> tuple[str, ...]:
    """What a person reads of a finding: its code is for scripts, and stands in the files."""
    severity, _, *rest = row
    return (severity, *rest)


def downloads(made: Receipt) -> None:
    with st.container(horizontal=True, key=f"receipt_{made.batch}"):
        st.download_button(
            "Ladda ner kvittot som PDF",
            lambda: as_pdf(made),
            file_name=f"{made.file_name}.pdf",
            mime="application/pdf",
            on_click="ignore",
            key=f"pdf_{made.batch}",
        )
        st.download_button(
            "Ladda ner kvittot som CSV",
            lambda: as_csv(made),
            file_name=f"{made.file_name}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"csv_{made.batch}",
        )
