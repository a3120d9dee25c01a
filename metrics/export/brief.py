"""The one-page brief of a municipality as tagged PDF/UA in Swedish, with the same sentences as its page."""

from __future__ import annotations

import json
from pathlib import Path

import typst

from metrics.export.table import PROTECTION
from metrics.present import indicator, marks, numbers, profile, sentences
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView, Row

TEMPLATE = Path(__file__).resolve().parent / "brief.typ"


def pdf(figures: Figures, view: ProfileView) -> bytes:
    """The brief as PDF/UA-1."""
    content = json.dumps(contents(figures, view), ensure_ascii=False)
    made = typst.compile(TEMPLATE, format="pdf", pdf_standards=["ua-1"], sys_inputs={"content": content})
    return bytes(made)


def contents(figures: Figures, view: ProfileView) -> dict[str, object]:
    """What the brief says, as plain data: title, sentences, rows and foot."""
    found = profile.rows(figures, view)
    release = figures.release
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    return {
        "title": f"Hur går det för eleverna i {view.area}?",
        "subtitle": f"Läsåret {view.school_year}, jämfört med {benchmark}",
        "example": release.example,
        "answer": sentences.plain(profile.answer(figures, view, found)),
        "head": ["Mått", "Värde", "n", "95 % säkerhet", numbers.capital(benchmark), "Jämförelse", "Trend"],
        "rows": [_cells(row) for row in found if row.figure],
        "details": _details(figures, view, found),
        "gaps": [sentences.plain(profile.gap_sentence(figures, view, kind)) for kind in profile.GAPS],
        "foot": [
            f"Utgåva {release.id} (nr {release.manifest.get('number', '')}, {numbers.day(release.created)}).",
            f"Officiella värden: {figures.official_source}.",
            PROTECTION,
        ],
    }


def _cells(row: Row) -> list[str]:
    definition = row.definition
    value, about, _, size = indicator.figure_cells(row.figure, definition)
    verdict = marks.VERDICTS[row.verdict.word].word if row.verdict else "–"
    told = row.trend is not None and row.trend.word in ("rising", "falling")
    trend = marks.trend_word(row.trend.word, definition.polarity) if row.trend and told else "–"
    return [definition.short_title, value, size, about, indicator.short(row.benchmark, definition), verdict, trend]


def _details(figures: Figures, view: ProfileView, found: list[Row]) -> list[str]:
    """A sentence for each indicator that differs or moves, the clearest first."""
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    telling = [row for row in found if row.verdict and row.verdict.word != "not_distinguishable"]
    said = []
    for row in telling[:4]:
        value = sentences.value_sentence(row.figure, row.definition, view.area, view.school_year)
        judged = sentences.verdict_sentence(row.verdict, row.definition, benchmark)
        said.append(sentences.plain(f"{row.definition.short_title}: {value} {judged}"))
    return said
