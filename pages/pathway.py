"""elevens-vag: one fixed group of pupils and where they are, as a ribbon of states and as curves over the years."""

from __future__ import annotations

import streamlit as st

from metrics.present import curves, html, parts, where
from metrics.present import pathway as say
from metrics.present import pathway_counted as beside
from metrics.present.indicator import REGION
from metrics.present.pathway import PathView
from pages.parts import downloads
from pages.parts.library import beside_current
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.panel import panel
from pages.parts.picture import kept, shared

view, opened = open_page("elevens-vag", say.QUESTION)
figures = opened.figures
top = st.empty()
groups = say.cohorts(figures)
if not groups:
    nothing_yet(view, opened, say.QUESTION, say.EMPTY)

boxes = st.columns([1.5, 1.2, 1, 1.4, 1.6])
cohort = view.choose("kohort", "Grupp", groups, next(iter(groups)), boxes[0])
members = figures.release.member_names
areas = ({REGION: f"Hela {figures.region_name}"} if len(members) > 1 else {}) | {each: each for each in members}
area = view.choose("kommun", "Kommun", areas, next(iter(areas)), boxes[1])
starts = say.periods(figures, cohort)
period = view.choose("period", "Läsår", starts, say.newest(figures, cohort), boxes[2], also="lasar")
divided = say.cuts(figures, cohort, area)
models = where.models(divided)
model = view.choose("modell", "Skolor", models, "", boxes[4]) if len(models) > 1 else view.fix("modell", "")
pupils = where.groups(divided, model)
among = view.choose("elever", "Elever", pupils, "", boxes[3]) if len(pupils) > 1 else view.fix("elever", "")
view.unknown()

chosen = PathView(cohort=cohort, area=area, period=period, cut=where.chosen(divided, among, model))
group = chosen.group
base = (figures.release.id, chosen)
if note := shared(("undivided", figures.release.id, cohort, area), lambda: beside.undivided(figures, cohort, area)):
    st.html(f'<p class="sy-caption">{html.rich(note)}</p>')
whole, followed, answer = shared(
    ("path said", *base),
    lambda: (say.whole(figures, chosen), say.curves(figures, chosen), say.answer(figures, chosen)),
)
with_parts = whole.shown and not say.is_undivided(whole, chosen)
with_curves = bool(followed) and say.has_curves(followed)
of_parts = [each.definition.name for each in whole.parts]
of_curves = [step.definition.name for curve in followed for step in curve.steps]
if with_parts:
    caption = say.title(figures, chosen, group.states)
    panel(
        base,
        name=f"{cohort}-delar",
        heading=group.states,
        title=caption,
        said=say.states_lead(figures, chosen),
        build=lambda colours: parts.picture(whole, colours),
        twin=lambda: parts.twin(whole, caption) + beside.counted(figures, chosen, of_parts, curve=False),
        figures=figures,
    )
if with_curves:
    title = say.title(figures, chosen, group.curve)
    panel(
        base,
        name=f"{cohort}-kurva",
        heading=group.curve,
        title=title,
        said=say.curve_lead(figures, chosen),
        build=lambda colours: curves.picture(followed, colours),
        twin=lambda: curves.twin(followed, title) + beside.counted(figures, chosen, of_curves, curve=True),
        figures=figures,
    )
elif followed:
    st.html(html.section(group.curve, say.curve_sentence(figures, chosen) if group.prefix else ""))
if not (with_parts or with_curves):
    st.html(
        kept(("counted", *base), lambda: beside.counted(figures, chosen, [*of_parts, *of_curves], curve=not of_parts))
    )
if planned := kept(("planned", *base), lambda: beside.planned(figures, chosen)):
    st.html(planned)
downloads.table(f"vag-{cohort}", lambda: say.rows_for_export(figures, chosen), figures, group.title)
shown = beside_current(opened, lambda which: say.figures_shown(which, chosen))
finish(view, opened, top, say.QUESTION, answer, shown=shown)
