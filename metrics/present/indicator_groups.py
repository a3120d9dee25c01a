"""One indicator for the groups of an area, and how far apart two groups are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from metrics import stats
from metrics.present import charts, comparisons, numbers, sentences
from metrics.present.figures import Figure, Figures, Key
from metrics.present.indicator import IndicatorView, area_name, dot, own_figure
from metrics.present.marks import Palette
from metrics.release.read import Definition
from metrics.vocabulary import BACKGROUNDS, SEXES

GROUPS = (
    ("sex", ("girls", "boys"), SEXES),
    ("background", ("swedish", "foreign"), BACKGROUNDS),
    ("background", ("post_secondary", "upper_secondary", "compulsory"), BACKGROUNDS),
)


def group_key(view: IndicatorView, area: str, column: str, code: str) -> Key:
    """The series of one group in the area."""
    kind = "region" if view.whole else "municipality"
    key = view.key(area)._replace(area_type=kind)
    return key._replace(sex=code) if column == "sex" else key._replace(background=code)


def groups(figures: Figures, view: IndicatorView) -> list[tuple[str, Figure]]:
    """The area's value for each group that the release publishes, girls and boys first."""
    found = []
    for column, codes, names in GROUPS:
        for code in codes:
            key = group_key(view, area_name(figures, view), column, code)
            figure = figures.figure(view.definition.name, key, view.school_year)
            if figure:
                found.append((names[code], figure))
    return found


def groups_picture(figures: Figures, view: IndicatorView, palette: Palette) -> charts.Spec:
    """The groups under each other, the whole area as a line."""
    dots = [dot(name, figure, None, view.definition, palette) for name, figure in groups(figures, view)]
    figure = own_figure(figures, view)
    value = figure.value if figure and figure.shown else None
    return comparisons.comparison(dots, view.definition, palette, benchmark=value, name="Alla")


def groups_sentence(figures: Figures, view: IndicatorView) -> str:
    """Girls against boys, as a difference with its interval."""
    found = dict(groups(figures, view))
    pair = [found.get(SEXES["girls"]), found.get(SEXES["boys"])]
    return gap_sentence(area_name(figures, view), "Flickor", "Pojkar", pair[0], pair[1], view.definition)


Gap = tuple[float, float, float]
"""Difference between two groups' shares and the ends of its interval, in points."""


def gaps(pairs: Sequence[tuple[Figure | None, Figure | None]]) -> list[Gap | None]:
    """The gap of each pair of figures; None where either is not shown."""
    found: list[Gap | None] = [None] * len(pairs)
    there = [place for place, pair in enumerate(pairs) if all(_counted(each) for each in pair)]
    if there:
        sides = np.array(
            [
                [each for figure in pairs[place] if figure for each in (figure.numerator, figure.denominator)]
                for place in there
            ],
            dtype=float,
        )
        low, high = stats.newcombe_difference(*sides.T)
        for place, *ends in zip(there, low.tolist(), high.tolist(), strict=True):
            values = [figure.value for figure in pairs[place] if figure and figure.value is not None]
            found[place] = (values[0] - values[1], ends[0] * 100, ends[1] * 100)
    return found


def _counted(figure: Figure | None) -> bool:
    return figure is not None and figure.shown and figure.numerator is not None and figure.denominator is not None


def gap(first: Figure | None, second: Figure | None) -> Gap | None:
    """Difference and interval between two groups' shares, in points; None where either is not shown."""
    return gaps([(first, second)])[0]


def gap_sentence(
    area: str, name: str, other: str, first: Figure | None, second: Figure | None, definition: Definition
) -> str:
    """The difference between two groups of an area in words."""
    found = gap(first, second) if definition.unit in numbers.SHARES else None
    if found is None:
        return f"Skillnaden mellan {name.lower()} och {other.lower()} kan inte sägas: något av värdena visas inte."
    return sentences.gap_sentence(area, name, other, *found, definition)
