"""oversikt: "Hur går det?" - members x indicators in one view, what stands out first."""

from __future__ import annotations

import streamlit as st

from metrics.present import html, overview
from metrics.present.rug import RugView
from metrics.vocabulary import PROVIDERS, STAGES
from pages.parts import downloads
from pages.parts.page import benchmark_options, notices, open_page, source_line
from pages.parts.picture import kept

view, opened = open_page("./", "Hur går det för eleverna i våra kommuner?")
figures = opened.figures
question = overview.question(figures)
years = figures.school_years()
top = st.empty()

if not years:
    st.html(html.notice(overview.EMPTY))
    top.html(notices(view, opened) + html.heading(question, "Utgåvan innehåller inga siffror ännu."))
    st.html(source_line(view, opened))
    view.done()
    st.stop()

benchmarks = benchmark_options(figures)
providers = {code: PROVIDERS[code] for code in figures.options("provider")} or {"all": PROVIDERS["all"]}
stages = {code: STAGES[code] for code in figures.options("stage")} or {"all": STAGES["all"]}
themes = {"": "Alla teman"} | {each: each for each in html.distinct(d.theme for d in figures.definitions.values())}
boxes = st.columns([1, 1.4, 1.4, *([1.2] if len(stages) > 1 else []), *([1.2] if len(themes) > 2 else []), 2])
chosen = RugView(
    school_year=view.choose("lasar", "Läsår", {year: year for year in years}, years[0], boxes[0]),
    benchmark=view.choose("jamfor", "Jämför med", benchmarks, next(iter(benchmarks)), boxes[1]),
    provider=view.choose("huvudman", "Huvudman", providers, figures.main_provider, boxes[2])
    if figures.main_provider in providers
    else view.fix("huvudman", next(iter(providers))),
    stage=view.choose("stadium", "Stadium", stages, next(iter(stages)), boxes[3])
    if len(stages) > 1
    else next(iter(stages)),
    release=figures.release.id,
)
theme = view.choose("tema", "Tema", themes, "", boxes[-2]) if len(themes) > 2 else ""
asked = view.search("Sök indikator, kommun eller ord", "till exempel behörighet", boxes[-1])
view.unknown(())

definitions = [each for each in figures.definitions.values() if theme in ("", each.theme)]
woven = kept(
    ("overview", chosen, theme),
    lambda: (
        overview.standouts(figures, definitions, chosen)
        + overview.both_rugs(figures, definitions, chosen)
        + overview.changes_html(figures)
    ),
)
st.html(overview.hits_html(figures, asked, view.chosen) + woven)
downloads.table(
    "oversikt",
    lambda: overview.export_rows(figures, definitions, chosen),
    figures,
    f"Översikt {chosen.school_year}",
)
st.html(source_line(view, opened, overview.method_line(chosen, figures)))
current = None if opened.is_current else downloads.current_figures()
top.html(
    notices(view, opened, overview.compare_with(figures, current, definitions, chosen))
    + html.heading(question, overview.answer(figures, definitions, chosen))
)
view.done()
