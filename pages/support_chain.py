"""stodkedjan: reports of concern and children side by side, what follows step by step, and the words explained."""

from __future__ import annotations

import streamlit as st

from metrics.present import html, joins, parts
from metrics.present import support_chain as say
from metrics.present import support_chain_early as early
from metrics.present.indicator import REGION
from metrics.present.support_chain import ChainView
from metrics.present.support_chain_counted import counted
from pages.parts import downloads, filters
from pages.parts.library import beside_current
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.panel import panel
from pages.parts.picture import kept, shared

view, opened = open_page("stodkedjan", say.QUESTION)
figures = opened.figures
top = st.empty()
if not figures.all_series(say.COUNT):
    nothing_yet(view, opened, say.QUESTION, say.EMPTY)

boxes = st.columns([1.3, 1.3, 1, 1, 1])
members = figures.release.member_names
areas = ({REGION: f"Hela {figures.region_name}"} if len(members) > 1 else {}) | {each: each for each in members}
area = view.choose("kommun", "Kommun", areas, next(iter(areas)), boxes[0])
stage = filters.stage(view, figures, boxes[1], indicator=say.COUNT)
there = {each.label: each.label for each in figures.periods(say.COUNT, stage)}
year = view.choose("period", "År", there, say.newest(figures, stage), boxes[2], also="lasar")
divided = say.sexes(figures, area, stage)
sex = view.choose("kon", "Barn", divided, next(iter(divided)), boxes[3]) if len(divided) > 1 else view.fix("kon", "")
chosen = ChainView(area=area, stage=stage, year=year, sex=sex or next(iter(divided)))
view.unknown()

base = (figures.release.id, area, stage, chosen.year, chosen.sex)
place, answer, over_time, steps, times, kinds = shared(
    ("chain said", *base),
    lambda: (
        say.titled_place(figures, chosen),
        say.answer(figures, chosen),
        say.over_time_sentence(figures, chosen),
        say.steps_sentence(figures, chosen),
        say.times_sentence(figures, chosen),
        say.kinds_sentence(figures, chosen),
    ),
)
about = f"{place} {chosen.year}"
st.html(
    html.section("Anmälningar och barn", say.NO_JUDGEMENT)
    + kept(("chain tiles", *base), lambda: say.tiles(figures, chosen))
)
left, right = st.columns([1, 1.35], gap="medium")
with left:
    panel(
        base,
        name="anmalningar",
        heading="Över tid",
        title=f"Orosanmälningar och barn, {place}, över tid",
        said=over_time,
        build=lambda colours: say.over_time(figures, chosen, colours),
        twin=lambda: (
            say.over_time_table(figures, chosen, f"Anmälningar och barn, {place}") + counted(figures, "anmalningar")
        ),
        figures=figures,
        drawn=say.has_years(figures, chosen),
    )
with right:
    panel(
        base,
        name="steg",
        heading="Steg för steg",
        title=f"Från orosanmälan till insats, steg för steg, {about}",
        said=steps,
        build=lambda colours: say.steps_picture(figures, chosen, colours),
        twin=lambda: say.steps_table(figures, chosen, f"Steg för steg, {about}") + counted(figures, "steg"),
        figures=figures,
    )
for prefix, title, said in (
    (say.TIMES, "Utredningens tid", times),
    (say.KINDS, "Insats efter årets första anmälan", kinds),
):
    whole = shared(("chain whole", *base, prefix), lambda prefix=prefix: say.whole(figures, prefix, chosen))  # type: ignore[misc]
    if whole.shown:
        panel(
            base,
            name=prefix.strip("_"),
            heading=title,
            title=f"{title}, {about}",
            said=said,
            build=lambda colours, whole=whole: parts.picture(whole, colours),  # type: ignore[misc]
            twin=lambda whole=whole, title=title, prefix=prefix: (  # type: ignore[misc]
                parts.twin(whole, f"{title}, {about}") + counted(figures, prefix.strip("_"))
            ),
            figures=figures,
        )
    elif whole.parts:
        st.html(html.section(title, said))
ages, seen = shared(
    ("chain ages", *base), lambda: (early.ages_sentence(figures, chosen), early.has_ages(figures, chosen))
)
panel(
    base,
    name="alder",
    heading="Ålder vid första anmälan",
    title=early.titled(figures, chosen),
    said=ages,
    build=lambda colours: early.ages_picture(figures, chosen, colours),
    twin=lambda: early.ages_table(figures, chosen, early.titled(figures, chosen)) + counted(figures, "alder"),
    figures=figures,
    drawn=seen,
)
st.html(kept(("chain contact", figures.release.id, area, stage), lambda: early.contact(figures, area, stage)))
st.html(kept(("chain joins", figures.release.id, area), lambda: joins.section(figures, area)))
st.html(kept(("chain words", figures.release.id), lambda: say.glossary()))
downloads.table("stodkedjan", lambda: say.rows_for_export(figures, chosen), figures, say.QUESTION)
shown = beside_current(opened, lambda which: say.figures_shown(which, chosen))
finish(view, opened, top, say.QUESTION, answer, shown=shown)
