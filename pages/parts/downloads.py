"""Buttons that make a file only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from metrics.export import table as export
from metrics.present.figures import Figures
from metrics.release import read
from pages.parts.library import figures_in

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def current_figures() -> Figures:
    return figures_in(read.current_folder())


def table(name: str, rows: Callable[[], Sequence[export.Row]], figures: Figures, title: str) -> None:
    """CSV and Excel of the rows."""
    file = f"samsyn-{name}-{figures.release.id}"
    with st.container(horizontal=True, key=f"files_{name}"):
        st.download_button(
            "Ladda ner tabellen som CSV",
            lambda: export.csv_bytes(rows(), figures),
            file_name=f"{file}.csv",
            mime="text/csv",
            type="tertiary",
            on_click="ignore",
            key=f"csv_{name}",
        )
        st.download_button(
            "Ladda ner tabellen som Excel",
            lambda: export.xlsx_bytes(rows(), figures, title),
            file_name=f"{file}.xlsx",
            mime=XLSX,
            type="tertiary",
            on_click="ignore",
            key=f"xlsx_{name}",
        )
