"""The empty state of lamna-in: what to begin with, what it gives, and templates to download."""

from __future__ import annotations

from html import escape

import streamlit as st

from metrics import catalogue
from metrics.declare import Extract
from metrics.intake import offline
from metrics.intake.plan import STARTER_PACK, gives
from metrics.intake.template import dictionary, template
from metrics.present import numbers
from metrics.present.html import section
from pages.parts import desk

SUBJECT = (
    "Filen får inte innehålla personnummer, namn eller fritext om personer. Elever anges med en pseudonym som ni gör "
    "hos er innan filen lämnas in. Hittas något som pekar ut en person tas filen inte emot."
)
OFFLINE = (
    "Avidentifiera filen med sidan nedan. Spara den, öppna den i webbläsaren och välj filen: personnummer blir "
    "pseudonymer och namn tas bort, på er egen dator och utan nätverk. Kommandot samsyn pseudonymise gör detsamma."
)


def offline_page(key: str) -> None:
    """The page that makes pseudonyms without a network, to download."""
    st.download_button(
        "Ladda ner avidentifiera.html",
        offline.page(),
        file_name=offline.NAME,
        mime="text/html",
        on_click="ignore",
        icon=":material/shield_person:",
        key=f"offline_{key}",
    )


def show() -> None:
    """The starter pack, and a template per kind of extract."""
    declared = catalogue.default().extracts
    lead = "Två uttag räcker för att de första sidorna ska ha något att visa."
    st.html(section("Börja här", lead))
    columns = st.columns(2)
    for column, name in zip(columns, STARTER_PACK, strict=True):
        with column.container(border=True):
            _card(declared[name])
    st.html(
        section(
            "Andra uttag",
            "Mallen har rätt rubriker och en exempelrad att skriva över. Beskrivningen säger vad varje kolumn betyder.",
        )
    )
    others = [each for name, each in declared.items() if name not in STARTER_PACK]
    _chosen({each.name: each for each in sorted(others, key=lambda each: numbers.order(each.title))})
    st.html(section("Innan ni lämnar in", SUBJECT) + desk.quiet(OFFLINE))
    offline_page("start")


def _card(extract: Extract) -> None:
    st.html(
        f'<div class="dk-card"><h3>{escape(extract.title)}</h3></div><p class="sy-lead">{escape(extract.description)}</p>'
    )
    st.html(desk.quiet(_gives(extract)))
    _downloads(extract)


def _gives(extract: Extract) -> str:
    return gives(extract, catalogue.default().indicators.values())


def _downloads(extract: Extract) -> None:
    with st.container(horizontal=True, key=f"start_{extract.name}"):
        st.download_button(
            "Mall (CSV)",
            template(extract),
            file_name=f"mall-{extract.name.replace('_', '-')}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"template_{extract.name}",
            help=f"Tom mall för {extract.title}",
        )
        st.download_button(
            "Beskrivning av kolumnerna (CSV)",
            dictionary(extract),
            file_name=f"beskrivning-{extract.name.replace('_', '-')}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"dictionary_{extract.name}",
            help=f"Vad varje kolumn i {extract.title} betyder",
        )


def _chosen(extracts: dict[str, Extract]) -> None:
    name = st.selectbox(
        "Slag av uttag", list(extracts), format_func=lambda each: extracts[each].title, key="start_extract"
    )
    extract = extracts[name]
    st.html(f'<p class="sy-lead">{escape(extract.description)}</p>' + desk.quiet(_gives(extract)))
    _downloads(extract)
