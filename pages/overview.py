"""oversikt: "Hur går det?" - members x indicators in one view, what stands out first."""

from __future__ import annotations

import os
from pathlib import Path

from metrics.present import html, overview
from metrics.present.rug import RugView
from pages.parts import downloads, filters
from pages.parts.page import Answer, Page, nothing_yet, show_page

MODELS = Path(__file__).resolve().parent / "models.py"


def build(page: Page) -> Answer:
    view, figures, sheet = page.view, page.figures, page.sheet
    question = overview.question(figures)
    if not figures.school_years():
        return nothing_yet(page, question, overview.EMPTY)

    themes = {"": "Ledande mått"} | {
        each: each for each in html.distinct(d.theme for d in figures.definitions.values())
    }
    staged = len(figures.options("stage")) > 1
    chosen = RugView(
        school_year=view.choose("lasar", "Läsår", filters.newest_and_years(figures), ""),
        benchmark=filters.benchmark(view, figures),
        provider=filters.provider(view, figures),
        stage=filters.stage(view, figures, whole="Alla stadier") if staged else filters.stage(view, figures),
        theme=view.choose("tema", "Tema", themes, "") if len(themes) > 2 else "",
        release=figures.release.id,
        county=filters.county(view, figures),
    )
    asked = view.fix("sok", view.asked("sok").strip())

    rows = overview.rows(figures, chosen)
    among = overview.index(figures, desk=not os.environ.get("SAMSYN_RELEASE"), with_models=MODELS.exists())
    sheet.html(
        overview.hits_html(among, asked, view.chosen),
        overview.standouts(figures, chosen),
        overview.both_rugs(figures, rows, chosen),
        overview.missing_html(figures, rows),
        overview.changes_html(figures),
    )
    title = f"Översikt {chosen.school_year}".strip()
    downloads.table(sheet, "oversikt", lambda: overview.export_rows(figures, rows, chosen), figures, title)
    current = None if page.opened.is_current else downloads.current_figures()
    return Answer(
        question=question,
        sentence=overview.answer(figures, rows, chosen),
        parts=(overview.method_line(chosen, figures),),
        shown=overview.compare_with(figures, current, rows),
    )


show_page("./", "Hur går det för eleverna i våra kommuner?", build)
