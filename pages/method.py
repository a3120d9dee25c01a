"""metod: every definition, how numbers are protected and judged, the glossary, and what Samsyn does not answer."""

from __future__ import annotations

from functools import partial

from metrics.present import method
from pages.parts import downloads
from pages.parts.kept import kept
from pages.parts.page import Answer, Page, show_page

QUESTION = "Hur är siffrorna framtagna?"
ANSWER = (
    "Allt på sidorna kommer ur en **låst utgåva** som aldrig ändras. Varje mått räknas ur elevrader hos kommunerna, "
    "skyddas tillsammans med alla andra och får sitt omdöme en gång för alla."
)


def build(page: Page) -> Answer:
    view, figures, sheet = page.view, page.figures, page.sheet
    release = figures.release.id
    word = view.fix("ord", view.asked("ord"))
    asked = view.asked("indikator")
    if asked in figures.definitions:
        view.fix("indikator", asked)
    elif asked:
        view.complaints.append(("indikator", f"”{asked}” finns inte som mått i utgåvan."))
    sheet.html(
        method.glossary(word) if word else "",
        method.definition(figures, asked),
        kept(("heads", release), lambda: method.heads(figures)),
        kept(("definitions", release), lambda: method.all_definitions(figures)) if figures.definitions else "",
        "" if word else kept(("glossary",), method.glossary),
        kept(("facts", release), lambda: method.release_facts(figures)),
    )
    if figures.definitions:
        source, title = "Utgåvans definitioner", "Alla definitioner"
        rows = partial(method.rows, figures)
        downloads.texts(sheet, "definitioner", method.HEADINGS, rows, figures, title, source)
    return Answer(question=QUESTION, sentence=ANSWER)


show_page("metod", QUESTION, build)
