"""registret: coordinators edit their entries in a table, every save a new version; the register and the mapping as files."""

from __future__ import annotations

import streamlit as st

from metrics.present import numbers
from metrics.present.html import heading, notice, section
from pages.parts import desk, desk_mapping, desk_register

QUESTION = "Vad står i registret över modeller?"


def page() -> None:
    """What counts today, the table to edit, and the files."""
    said = st.session_state.pop("register_said", "")
    found = desk_register.open_register()
    st.html(desk.STYLE + heading(QUESTION, _answer(found)))
    if said:
        st.html(notice(said))
    desk_register.edit(found)
    st.html(
        section("Kartläggning", "Skolan och socialtjänsten svarar var för sig i ett formulär som lämnas in som en fil.")
    )
    desk_mapping.show()
    st.html(desk.quiet(f"{desk.SEPARATE} {desk.IDENTITY}"))


def _answer(found: desk_register.Open) -> str:
    if found.rows.empty:
        return "Registret är tomt. Fyll i en rad per team och skolenhet, eller lämna in en fil."
    instances = found.rows[["instance", "municipality"]].drop_duplicates()
    members = numbers.counted(instances["municipality"].nunique(), "kommun", "kommuner")
    said = f"**{numbers.capital(numbers.counted(len(instances), 'team', 'team', neuter=True))}** i {members}, enligt {found.sender}"
    return f"{said}. Det är version {found.version}; en ändring blir nästa."


desk.attempt(page)
