"""modeller: which collaboration models there are, where, since when, for whom and with what staff; one view at a time."""

from __future__ import annotations

from metrics.present import models as say
from metrics.present.models import ModelsView
from metrics.vocabulary import ALL
from pages.parts import filters, model_views
from pages.parts.page import Answer, Page, nothing_yet, show_page


def build(page: Page) -> Answer:
    view, figures = page.view, page.figures
    if not say.instances(figures):
        return nothing_yet(page, say.QUESTION, say.EMPTY)
    shown = view.views("visa", "Visa", say.VIEWS, next(iter(say.VIEWS)))
    area = filters.area(view, figures)
    model = view.choose("modell", "Modell", {ALL: "Alla modeller"} | say.types(figures), ALL)
    chosen = ModelsView(area=area, model=model)
    model_views.SHOW[shown](page, chosen)
    sentence, version = say.answer(figures, chosen), say.version_sentence(figures)
    return Answer(question=say.QUESTION, sentence=sentence, parts=(version,))


show_page("modeller", say.QUESTION, build)
