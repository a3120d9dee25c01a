"""Everything for a committee's meeting in one zip file: the brief, the tables and the pictures."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator

from metrics.export import brief, names, picture, table
from metrics.present import indicator, profile, sentences
from metrics.present.figures import Figures
from metrics.present.indicator import IndicatorView
from metrics.present.marks import LIGHT
from metrics.present.profile import ProfileView
from metrics.vocabulary import ALL, STAGES

Progress = Callable[[str, float], None]
PAGE = 0.1
"""How much of the work the page and the tables are."""


def zip_bytes(figures: Figures, view: ProfileView, *, progress: Progress = lambda what, share: None) -> bytes:
    """The brief as PDF, the member's values as CSV and Excel, and a picture over time for each indicator.

    `progress` is told each part that begins (Swedish), and how much is done (0 to 1).
    """
    progress("Skriver sidan", 0.0)
    target = io.BytesIO()
    rows = profile.rows_for_export(figures, view)
    title = f"{view.area}, {view.when}"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"{view.area}.pdf", brief.pdf(figures, view))
        made.writestr(f"{view.area}.csv", table.csv_bytes(rows, figures))
        made.writestr(f"{view.area}.xlsx", table.xlsx_bytes(rows, figures, title))
        for name, drawn in _pictures(figures, view, progress):
            made.writestr(f"bilder/{name}.png", drawn)
    return target.getvalue()


def _pictures(figures: Figures, view: ProfileView, progress: Progress) -> Iterator[tuple[str, bytes]]:
    rows = profile.rows(figures, view)
    for number, row in enumerate(rows):
        progress(f"Ritar {row.line.title}", PAGE + (1 - PAGE) * number / len(rows))
        one = IndicatorView(
            definition=row.definition,
            area=view.area,
            school_year=row.line.period,
            benchmark=view.benchmark,
            provider=row.line.provider,
            stage=row.line.stage,
        )
        if any(each.shown for each in indicator.own_series(figures, one)):
            said = sentences.plain(indicator.answer(figures, one))
            spec = indicator.trend_picture(figures, one, LIGHT)
            stage = "" if row.line.stage == ALL else STAGES.get(row.line.stage, row.line.stage)
            name = names.word(f"{row.definition.short_title} {stage}")
            yield name, picture.png(spec, f"{row.line.title}, {view.area}", said, table.foot(figures))
