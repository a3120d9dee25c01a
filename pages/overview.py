"""oversikt: "Hur går det?" - members x indicators in one view, what stands out first."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from metrics.present import html, overview, search
from metrics.present.rug import RugView
from pages.parts import downloads, filters
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.picture import kept, shared, show

MODELS = Path(__file__).resolve().parent / "models.py"

view, opened = open_page("./", "Hur går det för eleverna i våra kommuner?")
figures = opened.figures
question = overview.question(figures)
top = st.empty()
if not figures.school_years():
    nothing_yet(view, opened, question, overview.EMPTY)

themes = {"": "Ledande mått"} | {each: each for each in html.distinct(d.theme for d in figures.definitions.values())}
staged = len(figures.options("stage")) > 1
boxes = st.columns([1.1, 1.3, 1.4, *([1.3] if staged else []), *([1.3] if len(themes) > 2 else []), 1.8])
chosen = RugView(
    school_year=view.choose("lasar", "Läsår", filters.newest_and_years(figures), "", boxes[0]),
    benchmark=filters.benchmark(view, figures, boxes[1]),
    provider=filters.provider(view, figures, boxes[2]),
    stage=filters.stage(view, figures, boxes[3], whole="Alla stadier"),
    theme=view.choose("tema", "Tema", themes, "", boxes[-2]) if len(themes) > 2 else "",
    release=figures.release.id,
)
asked = view.search("Sök", "mått, kommun, modell, ord", boxes[-1])
view.unknown()

rows = shared(("rows", chosen), lambda: overview.rows(figures, chosen))
woven = kept(
    ("overview", chosen),
    lambda: (
        overview.standouts(figures, chosen)
        + overview.both_rugs(figures, rows, chosen)
        + overview.missing_html(figures, rows)
        + overview.changes_html(figures)
    ),
)
places = search.PLACES if os.environ.get("SAMSYN_RELEASE") else (*search.PLACES, *search.DESK_PLACES)
among = shared(("search", figures.release.id), lambda: overview.index(figures, places, with_models=MODELS.exists()))
show(overview.hits_html(among, asked, view.chosen), woven)
downloads.table(
    "oversikt", lambda: overview.export_rows(figures, rows, chosen), figures, f"Översikt {chosen.school_year}".strip()
)
current = None if opened.is_current else downloads.current_figures()
finish(
    view,
    opened,
    top,
    question,
    kept(("answer", chosen), lambda: overview.answer(figures, rows, chosen)),
    overview.method_line(chosen, figures),
    shown=overview.compare_with(figures, current, rows),
)
