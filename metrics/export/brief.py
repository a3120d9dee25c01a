"""The one-page brief of a municipality as tagged PDF/UA in Swedish, with the same sentences as its page."""

from __future__ import annotations

import json
from pathlib import Path

import typst

from metrics.export.table import PROTECTION
from metrics.present import gaps, indicator_tables, marks, numbers, profile, sentences
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView, Row

ROWS_AT_MOST = 14
SENTENCES_AT_MOST = 3
TEMPLATE = Path(__file__).resolve().parent / "brief.typ"


def pdf(figures: Figures, view: ProfileView) -> bytes:
    """The brief as PDF/UA-1."""
    content = json.dumps(contents(figures, view), ensure_ascii=False)
    made = typst.compile(TEMPLATE, format="pdf", pdf_standards=["ua-1"], sys_inputs={"content": content})
    return bytes(made)


def contents(figures: Figures, view: ProfileView) -> dict[str, object]:
    """What the brief says, as plain data: title, sentences, rows and foot."""
    found = profile.rows(figures, view)
    chosen = _chosen(found)
    release = figures.release
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    return {
        "title": f"Hur går det för eleverna i {view.area}?",
        "subtitle": f"{numbers.capital(view.when)}, jämfört med {benchmark}",
        "example": release.example,
        "answer": sentences.plain(profile.answer(figures, view, found)),
        "head": ["Mått", "Värde", "n", "95 % säkerhet", numbers.capital(benchmark), "Jämförelse", "Trend"],
        "rows": [_cells(row) for row in chosen],
        "more": _more(len([row for row in found if row.figure]) - len(chosen)),
        "details": _details(figures, view, found),
        "gaps": [sentences.plain(gaps.sentence(figures, view, kind)) for kind in gaps.GAPS],
        "foot": [
            f"Utgåva {release.id} (nr {release.manifest.get('number', '')}, {numbers.day(release.created)}).",
            f"Officiella värden: {figures.official_source}.",
            PROTECTION,
        ],
    }


def _chosen(found: list[Row]) -> list[Row]:
    """As many indicators as fit on a page, in their usual order: those that differ before the others."""
    there = [row for row in found if row.figure]
    telling = [row for row in there if _differs(row)]
    kept = [row.line for row in [*telling, *(row for row in there if not _differs(row))][:ROWS_AT_MOST]]
    return [row for row in there if row.line in kept]


def _differs(row: Row) -> bool:
    return row.verdict is not None and row.verdict.word != "not_distinguishable"


def _more(left_out: int) -> str:
    """What the page leaves out, said on it."""
    if left_out <= 0:
        return ""
    words = numbers.counted(left_out, "mått", "mått", neuter=True)
    return f"{numbers.capital(words)} till finns i Samsyn."


def _cells(row: Row) -> list[str]:
    definition = row.definition
    value, about, _, size = indicator_tables.figure_cells(row.figure, definition)
    verdict = marks.VERDICTS[row.verdict.word].word if row.verdict else "–"
    told = row.trend is not None and row.trend.word in ("rising", "falling")
    trend = marks.trend_word(row.trend.word, definition.polarity) if row.trend and told else "–"
    note = f" ({row.line.full_note})" if row.line.full_note else ""
    return [
        f"{definition.short_title}{note}",
        value,
        size,
        about,
        indicator_tables.short(row.benchmark, definition),
        verdict,
        trend,
    ]


def _details(figures: Figures, view: ProfileView, found: list[Row]) -> list[str]:
    """A sentence for each of the first indicators that differ."""
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    said = []
    for row in [row for row in found if _differs(row)][:SENTENCES_AT_MOST]:
        value = sentences.value_sentence(row.figure, row.definition, view.area, row.line.period)
        judged = sentences.verdict_sentence(row.verdict, row.definition, benchmark)
        said.append(sentences.plain(f"{row.line.title}: {value} {judged}"))
    return said
