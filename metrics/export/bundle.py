"""Everything for a committee's meeting in one zip file: the brief, the tables and the pictures."""

from __future__ import annotations

import io
import zipfile

from metrics.export import brief, picture, table
from metrics.present import indicator, profile, sentences
from metrics.present.figures import Figures
from metrics.present.indicator import IndicatorView
from metrics.present.marks import LIGHT
from metrics.present.profile import ProfileView
from metrics.vocabulary import ALL


def zip_bytes(figures: Figures, view: ProfileView) -> bytes:
    """The brief as PDF, the member's values as CSV and Excel, and a picture over time for each indicator."""
    target = io.BytesIO()
    rows = profile.rows_for_export(figures, view)
    title = f"{view.area}, {view.when}"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(f"{view.area}.pdf", brief.pdf(figures, view))
        made.writestr(f"{view.area}.csv", table.csv_bytes(rows, figures))
        made.writestr(f"{view.area}.xlsx", table.xlsx_bytes(rows, figures, title))
        for name, drawn in _pictures(figures, view).items():
            made.writestr(f"bilder/{name}.png", drawn)
    return target.getvalue()


def _pictures(figures: Figures, view: ProfileView) -> dict[str, bytes]:
    found = {}
    for row in profile.rows(figures, view):
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
            name = row.definition.name if row.line.stage == ALL else f"{row.definition.name}-{row.line.stage}"
            found[name] = picture.png(spec, f"{row.line.title}, {view.area}", said, table.foot(figures))
    return found
