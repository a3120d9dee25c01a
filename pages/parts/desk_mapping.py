"""The mapping round at the desk: the form to send out, and who has answered so far."""

from __future__ import annotations

import streamlit as st

from metrics.extracts.mapping_answers import EXTRACT
from metrics.intake import mapping_form, register_file
from metrics.models import words
from metrics.present.html import details, table
from metrics.vocabulary import current_region, school_year_label
from pages.parts import desk
from pages.parts.downloads import XLSX

HEADINGS = ("Kommun", "Team", "Verksamhet", "Tillfrågade", "Har svarat")
FIRST, LAST = 2025, 2031


def show() -> None:
    """The round, its form as a file, and a row per instance and side asked."""
    years = [school_year_label(spring) for spring in range(LAST, FIRST - 1, -1)]
    first, second, _ = st.columns([1, 1, 2])
    year = first.selectbox("Omgång", years, index=len(years) - 2, key="mapping_year")
    number = second.number_input("Svarande per team och verksamhet", 1, 20, 1, key="mapping_respondents")
    with desk.vault().reading(desk.principal()) as connection:
        form = mapping_form.asked(connection, year, current_region(), respondents=int(number))
        waiting = mapping_form.waiting(connection, year)
    with st.container(horizontal=True, key="files_mapping"):
        for label, data, suffix, mime in (
            ("Formuläret som Excel", register_file.xlsx_bytes, "xlsx", XLSX),
            ("Formuläret som CSV", register_file.csv_bytes, "csv", "text/csv"),
        ):
            st.download_button(
                label,
                lambda data=data: data(form, EXTRACT),  # type: ignore[misc]
                file_name=f"samsyn-kartlaggning-{year.replace('/', '-')}.{suffix}",
                mime=mime,
                type="tertiary",
                on_click="ignore",
                key=f"mapping_{suffix}",
            )
    names = {member.code: member.name for member in current_region().members}
    rows = [
        [names.get(code, code), instance or "inget team", words.SIDES[side], str(asked), str(answered)]
        for code, instance, side, asked, answered in waiting.itertuples(index=False, name=None)
    ]
    asked, answered = int(waiting["asked"].sum()), int(waiting["answered"].sum())
    said = f"{answered} av {asked} tillfrågade har svarat." if rows else "Ingen har tillfrågats i den omgången ännu."
    st.html(desk.quiet(said))
    if rows:
        st.html(details("Vilka har svarat", desk.wide(table("Vilka har svarat", HEADINGS, rows, text_columns=3))))
