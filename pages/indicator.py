"""indikator: one indicator with trend, comparison, map, groups, official series, definition and table twins."""

from __future__ import annotations

import streamlit as st

from metrics.present import indicator as say
from metrics.present import indicator_groups as divided
from metrics.present import indicator_map as on_map
from metrics.present import indicator_tables as tables
from metrics.present import linkage, schools
from metrics.present.indicator import IndicatorView
from metrics.present.schools import SchoolsView
from pages.parts import downloads, filters
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.panel import panel
from pages.parts.picture import kept, shared

view, opened = open_page("indikator", "Hur går det på ett mått?")
figures = opened.figures
top = st.empty()
if not any(figures.all_series(name) for name in figures.definitions):
    nothing_yet(view, opened, "Hur går det på ett mått?", say.EMPTY)

name = filters.indicator(view, figures, (boxes := st.columns([2.6, 1.2, 1, 1.3, 1.3, 1.2]))[0])
definition = figures.definitions[name]
members = figures.release.member_names
areas = ({say.REGION: f"Hela {figures.region_name}"} if len(members) > 1 else {}) | {each: each for each in members}
area = view.choose("kommun", "Kommun", areas, next(iter(areas)), boxes[1])
stage = filters.stage(view, figures, boxes[5], indicator=name)
chosen = IndicatorView(
    definition=definition,
    area=area,
    school_year=filters.period(view, figures, name, stage, boxes[2]),
    benchmark=filters.benchmark(view, figures, boxes[3]),
    provider=filters.provider(view, figures, boxes[4], indicator=name),
    stage=stage,
)
view.unknown()

base = (figures.release.id, name, area, chosen.school_year, chosen.benchmark, chosen.provider, chosen.stage)
place, answer, over_time, among, mapped, grouped, seen, compared = shared(
    ("indicator said", *base),
    lambda: (
        say.area_name(figures, chosen),
        say.answer(figures, chosen),
        linkage.beside(say.trend_lead(figures, chosen), figures, [definition], area, chosen.school_year),
        say.members_lead(figures, chosen),
        on_map.map_sentence(figures, chosen) if len(members) > 1 else "",
        divided.groups_sentence(figures, chosen) if divided.groups(figures, chosen) else None,
        say.any_member(figures, chosen),
        any(each.shown for _, each in divided.groups(figures, chosen)),
    ),
)
left, right = st.columns([1.35, 1], gap="medium")
with left:
    panel(
        base,
        name=f"{name}-trend",
        heading=f"{place} över tid",
        title=f"{definition.title}, {place}, över tid",
        said=over_time,
        build=lambda colours: say.trend_picture(figures, chosen, colours),
        twin=lambda: tables.series_twin(figures, chosen),
        figures=figures,
    )
with right:
    panel(
        base,
        name=f"{name}-kommuner",
        heading=f"Kommunerna {chosen.school_year}",
        title=f"{definition.title}, kommunerna {say.when(chosen)}",
        said=among,
        build=lambda colours: say.comparison_picture(figures, chosen, colours),
        twin=lambda: tables.members_twin(figures, chosen),
        figures=figures,
        drawn=seen,
    )

if schools.there_are(figures, name):
    in_schools = SchoolsView(definition=definition, area=area, school_year=chosen.school_year)
    panel(
        base,
        name=f"{name}-skolor",
        heading=f"Skolor i {place}",
        title=f"{definition.title}, skolor i {place}",
        said=shared(("schools said", *base), lambda: schools.sentence(figures, in_schools)),
        build=lambda colours: schools.picture(figures, in_schools, colours),
        twin=lambda: schools.twin(figures, in_schools),
        figures=figures,
        drawn=any(each.figure.shown for each in schools.schools(figures, in_schools)),
    )
left, right = st.columns([1, 1.35], gap="medium")
if len(members) > 1:
    with left:
        panel(
            base,
            name=f"{name}-karta",
            heading="På kartan",
            title=f"{definition.title}, karta {say.when(chosen)}",
            said=mapped,
            build=lambda colours: on_map.map_picture(figures, chosen, colours),
            twin=lambda: tables.map_twin(figures, chosen),
            figures=figures,
            drawn=seen,
        )
with right:
    if grouped is not None:
        panel(
            base,
            name=f"{name}-grupper",
            heading=f"Grupper i {place}",
            title=f"{definition.title}, grupper i {place}",
            said=grouped,
            build=lambda colours: divided.groups_picture(figures, chosen, colours),
            twin=lambda: tables.groups_twin(figures, chosen),
            figures=figures,
            drawn=compared,
        )
    st.html(
        kept(
            ("definition", figures.release.id, name, grouped is None),
            lambda: tables.definition_html(definition, opened=grouped is None),
        )
    )
    downloads.table(name, lambda: say.rows_for_export(figures, chosen), figures, definition.title)

current = None if opened.is_current else downloads.current_figures()
finish(
    view,
    opened,
    top,
    definition.question,
    answer,
    f"Officiella värden: {figures.official_source}",
    shown=[(name, say.own_figure(figures, chosen), say.own_figure(current, chosen))] if current else [],
)
