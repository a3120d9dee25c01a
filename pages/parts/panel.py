"""A picture as every page shows it: title, sentence, picture, table twin, and files with title, source and release."""

from __future__ import annotations

from collections.abc import Callable

from metrics.present import html, indicator
from metrics.present.charts import Spec
from metrics.present.figures import Figures
from metrics.present.marks import LIGHT, Palette
from pages.parts import downloads
from pages.parts.kept import palette
from pages.parts.sheet import Sheet


def panel(
    sheet: Sheet,
    *,
    name: str,
    title: str,
    said: str,
    build: Callable[[Palette], Spec],
    twin: str,
    figures: Figures,
    heading: str = "",
    drawn: bool = True,
) -> None:
    """`name` names its files; `said` is its sentence; `heading` is shown instead of the longer `title` that files and
    screen readers get. Where no value may be read (not `drawn`) there is no picture, only the sentence and the table."""
    sheet.html(html.section(heading or title, said))
    if drawn:
        sheet.picture(build(palette()), indicator.alternative(title, said))
    sheet.html(twin)
    if drawn:
        downloads.pictures(sheet, name, lambda: build(LIGHT), title, said, figures)
