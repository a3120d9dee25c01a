"""effekt: did a model lead to what was expected of it? The verdict, one picture, the scale, and the checks below."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.export import names
from metrics.present import effect as say
from metrics.present import effect_charts as charts
from metrics.present import effect_checks as checks
from metrics.present import effect_instance as instance
from metrics.present import effect_links as ways
from metrics.present import effect_method as method
from metrics.present import effect_undecided as undecided
from metrics.present import html
from metrics.present.effect import Finding
from metrics.present.indicator import REGION
from metrics.vocabulary import ALL
from pages.parts import downloads
from pages.parts.kept import shared
from pages.parts.page import Answer, Page, nothing_yet, show_page
from pages.parts.panel import panel
from pages.parts.sheet import Sheet


def build(page: Page) -> Answer:
    view, figures = page.view, page.figures
    models = say.models(figures)
    if not models:
        return nothing_yet(page, say.QUESTION, say.EMPTY)

    model = view.choose("modell", "Modell", models, next(iter(models)))
    found = shared(("effect findings", figures.release.id, model), lambda: say.findings(figures, model))
    options = say.results(found)
    result = view.choose("resultat", "Resultat", options, next(iter(options)))
    places = {REGION: f"Alla kommuner i {figures.region_name}"} | {each: each for each in say.members(figures, model)}
    member = view.choose("kommun", "Var", places, REGION)
    chosen = next(each for each in found if say.code_of(each) == result)
    if member != REGION:
        return _one_member(page, found, chosen, models[model], member)
    _verdict(page, chosen, models[model])
    left, right = page.sheet.columns(1.75, 1)
    _pictures(page, left, chosen, f"effekt-{names.word(charts.picture_title(chosen))}")
    right.html(checks.checks(chosen), undecided.section("Andra resultat för modellen", say.beside(found, chosen)))
    page.sheet.html(
        undecided.plan(chosen, figures),
        method.method(chosen, figures),
    )
    downloads.effect(page.sheet, chosen, figures)
    return Answer(question=say.QUESTION, sentence=say.answer(chosen), parts=(say.data_sentence(chosen),))


def _verdict(page: Page, chosen: Finding, title: str) -> None:
    """The scale, what the material was enough for, what can be said anyway, and where to read on."""
    view, figures, measure = page.view, page.figures, chosen.definition
    stage = "" if chosen.stage == ALL else chosen.stage
    over_time = view.href("indikator", indikator=measure.name, kommun="", stadium=stage)
    links = (
        html.link(f"{measure.short_title} över tid", over_time),
        html.link(f"{title} i registret", view.href("modeller", kommun="")),
    )
    page.sheet.html(
        checks.steps(chosen),
        html.paragraphs(say.power_sentence(chosen), say.capped_sentence(chosen), say.held_sentence(chosen)),
        undecided.undecided(figures, chosen),
        ways.places(figures, chosen.model, view.href),
        f"<p>{' · '.join(links)}</p>",
    )


def _pictures(page: Page, sheet: Sheet, chosen: Finding, name: str) -> None:
    """The difference before and after the start, and the level with and without the model."""
    figures = page.figures
    if charts.shown(chosen):
        title = charts.picture_title(chosen)
        panel(
            sheet,
            name=name,
            heading="Skillnaden före och efter starten",
            title=title,
            said=charts.READING,
            build=lambda colours: charts.event_picture(chosen, colours),
            twin=charts.twin(chosen, title),
            figures=figures,
        )
    if charts.has_levels(chosen):
        title = f"{charts.picture_title(chosen)}, uppmätt och utan modellen"
        panel(
            sheet,
            name=f"{name}-niva",
            heading="Uppmätt, och hur det annars hade varit",
            title=title,
            said=charts.level_sentence(chosen),
            build=lambda colours: charts.level_picture(chosen, colours),
            twin=charts.twin(chosen, title),
            figures=figures,
        )


def _one_member(page: Page, found: Sequence[Finding], chosen: Finding, title: str, member: str) -> Answer:
    """A model in one municipality: never decided, but told of, with two pages to decide from."""
    view, figures, sheet = page.view, page.figures, page.sheet
    links = (
        html.link(f"Kommunens sida: {member}", view.href("kommun", kommun=member)),
        html.link("Modellkortet", view.href("modeller", visa="kort", kommun=member)),
        html.link(f"{title} i alla kommuner", view.href("effekt", kommun="")),
    )
    sheet.html(instance.sections(figures, found, member), f"<p>{' · '.join(links)}</p>")
    downloads.decision(sheet, chosen.model, member, figures)
    return Answer(question=say.QUESTION, sentence=instance.answer(figures, chosen))


show_page("effekt", say.QUESTION, build)
