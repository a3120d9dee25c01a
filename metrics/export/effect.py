"""One evaluation as files: verdict, years, checks and plan, with method, citation, source and protection."""

from __future__ import annotations

from metrics.export import table
from metrics.present.effect import Finding
from metrics.present.effect_charts import picture_title
from metrics.present.effect_method import HEADINGS, about, rows
from metrics.present.figures import Figures

NUMBER_FORMATS = dict.fromkeys((3, 4, 5, 6, 7), "0.0") | dict.fromkeys((8, 9, 10), "#,##0")


def csv_bytes(finding: Finding, figures: Figures) -> bytes:
    """The evaluation as CSV; the last lines say method, citation, release and protection."""
    width = len(HEADINGS) - 3
    said = [["Om tabellen", what, "", *[None] * (width - 1), text] for what, text in _about(finding, figures)]
    return table.written_csv(HEADINGS, [*rows(finding, figures), *said])


def xlsx_bytes(finding: Finding, figures: Figures) -> bytes:
    """A workbook with the evaluation and a sheet "Om tabellen"."""
    title = picture_title(finding)
    said = _about(finding, figures)
    return table.written_book(HEADINGS, rows(finding, figures), said, title, figures, NUMBER_FORMATS)


def _about(finding: Finding, figures: Figures) -> list[tuple[str, str]]:
    return [
        *table.about_release(figures, picture_title(finding)),
        *about(finding, figures),
        *table.about_definitions([finding.definition.name], figures),
    ]
