"""effekt: did a model lead to what was expected of it? The verdict, one picture, the scale, and the checks below."""

from __future__ import annotations

import streamlit as st

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
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.panel import panel
from pages.parts.picture import shared

view, opened = open_page("effekt", say.QUESTION)
figures = opened.figures
top = st.empty()
models = shared(("effect models", figures.release.id), lambda: say.models(figures))
if not models:
    nothing_yet(view, opened, say.QUESTION, say.EMPTY)

boxes = st.columns([1.5, 2, 1.3])
model = view.choose("modell", "Modell", models, next(iter(models)), boxes[0])
found = shared(("effect findings", figures.release.id, model), lambda: say.findings(figures, model))
options = say.results(found)
result = view.choose("resultat", "Resultat", options, next(iter(options)), boxes[1])
members = say.members(figures, model)
places = {REGION: f"Alla kommuner i {figures.region_name}"} | {each: each for each in members}
member = view.choose("kommun", "Var", places, REGION, boxes[2])
view.unknown()
chosen: Finding = next(each for each in found if say.code_of(each) == result)
base = (figures.release.id, model, result)

measure = chosen.definition
stage = "" if chosen.stage == ALL else chosen.stage
over_time = view.href("indikator", indikator=measure.name, kommun="", stadium=stage)
links = " · ".join(
    (
        html.link(f"{measure.short_title} över tid", over_time),
        html.link(f"{models[model]} i registret", view.href("modeller", kommun="")),
    )
)

if member == REGION:
    st.html(
        checks.steps(chosen)
        + html.paragraphs(say.power_sentence(chosen), say.capped_sentence(chosen), say.held_sentence(chosen))
        + undecided.undecided(figures, chosen)
        + ways.places(figures, model, view.href)
        + f"<p>{links}</p>"
    )
    if charts.shown(chosen):
        title = charts.picture_title(chosen)
        panel(
            base,
            name=f"effekt-{model}-{result}",
            heading="Skillnaden före och efter starten",
            title=title,
            said=charts.READING,
            build=lambda colours: charts.event_picture(chosen, colours),
            twin=lambda: charts.twin(chosen, title),
            figures=figures,
        )
    if charts.has_levels(chosen):
        title = f"{charts.picture_title(chosen)}, uppmätt och utan modellen"
        panel(
            base,
            name=f"effekt-{model}-{result}-niva",
            heading="Uppmätt, och hur det annars hade varit",
            title=title,
            said=charts.level_sentence(chosen),
            build=lambda colours: charts.level_picture(chosen, colours),
            twin=lambda: charts.twin(chosen, title),
            figures=figures,
        )
    st.html(
        checks.checks(chosen)
        + undecided.section("Andra resultat för modellen", say.beside(found, chosen))
        + undecided.plan(chosen, figures)
        + method.method(chosen, figures)
    )
    downloads.effect(chosen, figures)
    answer = say.answer(chosen)
else:
    st.html(instance.sections(figures, found, member))
    own = html.link(f"Kommunens sida: {member}", view.href("kommun", kommun=member))
    card = html.link("Modellkortet", view.href("modeller", visa="kort", kommun=member))
    whole = html.link(f"{models[model]} i alla kommuner", view.href("effekt", kommun=""))
    st.html(f"<p>{' · '.join((own, card, whole))}</p>")
    downloads.decision(model, member, figures)
    answer = instance.answer(figures, chosen)
finish(view, opened, top, say.QUESTION, answer, say.data_sentence(chosen) if member == REGION else "")
