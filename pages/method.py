"""metod: every definition, how numbers are protected and judged, the glossary, and what Samsyn does not answer."""

from __future__ import annotations

import streamlit as st

from metrics.present import html, method
from pages.parts import downloads
from pages.parts.page import notices, open_page, source_line
from pages.parts.picture import kept, show

QUESTION = "Hur är siffrorna framtagna?"

view, opened = open_page("metod", QUESTION)
figures = opened.figures
view.fix("ord", st.query_params.get("ord", ""))
asked = st.query_params.get("indikator", "")
if asked in figures.definitions:
    view.fix("indikator", asked)
elif asked:
    view.complaints.append(f"”{asked}” finns inte som mått i utgåvan.")
view.unknown()
number = len(figures.definitions)
answer = (
    "Allt på sidorna kommer ur en **låst utgåva** som aldrig ändras. Varje mått räknas ur elevrader hos kommunerna, "
    "skyddas tillsammans med alla andra och får sitt omdöme en gång för alla."
)
one_word = view.chosen["ord"]
show(
    notices(view, opened),
    html.heading(QUESTION, answer),
    method.glossary(one_word) if one_word else "",
    kept(("definition", figures.release.id, asked), lambda: method.definition(figures, asked)),
    kept(("heads", figures.release.id), lambda: method.heads(figures)),
    kept(("definitions", figures.release.id), lambda: method.all_definitions(figures)) if number else "",
    "" if one_word else kept(("glossary",), method.glossary),
    kept(("facts", figures.release.id), lambda: method.release_facts(figures)),
)
if number:
    source = "Utgåvans definitioner"
    downloads.texts("definitioner", method.HEADINGS, lambda: method.rows(figures), figures, "Alla definitioner", source)
st.html(source_line(view, opened))
view.done()
