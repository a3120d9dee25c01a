"""indikator: one indicator with trend, comparison, map, groups, official series, definition and table twins."""

from __future__ import annotations

import streamlit as st

from metrics.present import html
from metrics.present import indicator as say
from metrics.present import indicator_tables as tables
from metrics.present.indicator import IndicatorView
from metrics.present.marks import LIGHT
from metrics.vocabulary import PROVIDERS, STAGES
from pages.parts import downloads
from pages.parts.page import benchmark_options, notices, open_page, source_line
from pages.parts.picture import kept, palette, picture, theme

view, opened = open_page("indikator", "Hur går det på ett mått?")
figures = opened.figures
top = st.empty()
available = {name: each.short_title for name, each in figures.definitions.items() if figures.all_series(name)}

if not available:
    top.html(notices(view, opened) + html.heading("Hur går det på ett mått?", "Utgåvan innehåller inga siffror ännu."))
    st.html(html.notice("Här visas ett mått i taget när det första uttaget är inlämnat och en utgåva är gjord."))
    st.html(source_line(view, opened))
    view.done()
    st.stop()

boxes = st.columns([2.2, 1.4, 1, 1.5, 1.4])
name = view.choose("indikator", "Mått", available, next(iter(available)), boxes[0])
definition = figures.definitions[name]
members = figures.release.member_names
areas = ({say.REGION: f"Hela {figures.region_name}"} if len(members) > 1 else {}) | {each: each for each in members}
area = view.choose("kommun", "Kommun", areas, next(iter(areas)), boxes[1])
years = sorted({each.school_year for series in figures.all_series(name).values() for each in series}, reverse=True)
providers = {code: PROVIDERS[code] for code in figures.options("provider", indicator=name)} or {"all": PROVIDERS["all"]}
stages = {code: STAGES[code] for code in figures.options("stage", indicator=name)} or {"all": STAGES["all"]}
benchmarks = benchmark_options(figures)
chosen = IndicatorView(
    definition=definition,
    area=area,
    school_year=view.choose("lasar", "Läsår", {year: year for year in years}, years[0], boxes[2]),
    benchmark=view.choose("jamfor", "Jämför med", benchmarks, next(iter(benchmarks)), boxes[3]),
    provider=view.choose(
        "huvudman",
        "Huvudman",
        providers,
        figures.main_provider if figures.main_provider in providers else next(iter(providers)),
        boxes[4],
    ),
    stage=view.choose("stadium", "Stadium", stages, next(iter(stages))) if len(stages) > 1 else next(iter(stages)),
)
view.unknown(())

place = say.area_name(figures, chosen)
answer = say.answer(figures, chosen)
current = None if opened.is_current else downloads.current_figures()
shown = [(name, say.own_figure(figures, chosen), say.own_figure(current, chosen))] if current else []
top.html(notices(view, opened, shown) + html.heading(definition.question, answer))

base = (figures.release.id, name, area, chosen.school_year, chosen.benchmark, chosen.provider, chosen.stage)
left, right = st.columns([1.35, 1], gap="medium")
with left:
    said = say.trend_sentence(figures, chosen)
    st.html(html.section(f"{place} över tid", "Bandet visar 95 % säkerhet. Streckade linjer är officiell statistik."))
    picture(
        ("trend", *base),
        lambda: say.trend_picture(figures, chosen, palette()),
        say.alternative(f"{definition.title}, {place}, över tid", said),
    )
    st.html(kept(("over time", *base), lambda: tables.series_twin(figures, chosen)))
    downloads.pictures(
        f"{name}-trend",
        lambda: say.trend_picture(figures, chosen, LIGHT),
        f"{definition.title}, {place}",
        f"{answer}",
        figures,
    )
with right:
    ranked = say.rank(figures, chosen)
    st.html(html.section(f"Kommunerna {chosen.school_year}", ranked or "Strecken visar 95 % säkerhet."))
    picture(
        ("members", *base),
        lambda: say.comparison_picture(figures, chosen, palette()),
        say.alternative(f"{definition.title}, kommunerna läsåret {chosen.school_year}", ranked),
    )
    st.html(kept(("members", *base), lambda: tables.members_twin(figures, chosen)))
    downloads.pictures(
        f"{name}-kommuner",
        lambda: say.comparison_picture(figures, chosen, LIGHT),
        f"{definition.title}, läsåret {chosen.school_year}",
        ranked,
        figures,
    )

left, right = st.columns([1, 1.35], gap="medium")
if len(members) > 1:
    with left:
        st.html(html.section("På kartan", "Färgen är jämförelsen, aldrig en rangordning."))
        picture(
            ("map", *base),
            lambda: say.map_picture(figures, chosen, palette(), theme()),
            say.alternative(f"Karta över {definition.title.lower()}", "Kommunernas värden och hur de står sig."),
        )
with right:
    if say.groups(figures, chosen):
        said = say.groups_sentence(figures, chosen)
        st.html(html.section(f"Grupper i {place}", said))
        picture(
            ("groups", *base),
            lambda: say.groups_picture(figures, chosen, palette()),
            say.alternative(f"{definition.title}, grupper i {place}", said),
        )
        st.html(kept(("groups", *base), lambda: tables.groups_twin(figures, chosen)))
    else:
        st.html(html.section(f"Grupper i {place}", "Måttet delas inte upp på grupper i den här utgåvan."))

st.html(kept(("definition", figures.release.id, name), lambda: tables.definition_html(definition)))
downloads.table(name, lambda: say.rows_for_export(figures, chosen), figures, definition.title)
st.html(source_line(view, opened, f"Officiella värden: {figures.official_source}"))
view.done()
