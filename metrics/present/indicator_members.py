"""One indicator for the members beside each other: values and verdicts, the place of one of them, and the picture."""

from __future__ import annotations

from dataclasses import replace

from metrics import stats
from metrics.present import charts, comparisons, counties, numbers, sentences
from metrics.present.figures import Figure, Figures, Key, Verdict, lately
from metrics.present.indicator import IndicatorView, benchmark_figure, dot
from metrics.present.marks import Palette

Member = tuple[str, Figure | None, Verdict | None]


def summed(figures: Figures, view: IndicatorView) -> bool:
    """Whether the members of a large region stand together by county."""
    return not view.county and counties.large(figures)


def members(figures: Figures, view: IndicatorView) -> list[Member]:
    """The members of the county that is looked at, or all of them, each with its value and verdict."""
    key, among = view.key(), tuple(counties.among(figures, view.county))
    return _members(figures, view.definition.name, key._replace(area=""), view.school_year, view.benchmark, among)


@lately
def _members(
    figures: Figures, indicator: str, key: Key, period: str, benchmark: str, among: tuple[str, ...]
) -> list[Member]:
    found: list[Member] = []
    for area in among:
        figure = figures.figure(indicator, key._replace(area=area), period)
        judged = figures.verdicts(indicator, key, figure.period_to, benchmark) if figure else {}
        found.append((area, figure, judged.get(area)))
    return found


def heading(figures: Figures, view: IndicatorView) -> str:
    """What stands over the members: Kommunerna, or the county they are of."""
    return f"Kommunerna i {counties.name(view.county)}" if view.county else "Kommunerna"


def members_lead(figures: Figures, view: IndicatorView) -> str:
    """What stands over the comparison: the place as an interval, or how the picture is read."""
    if summed(figures, view):
        return "Varje prick är en kommun, på sitt läns rad. Färgen är jämförelsen. Välj ett län för att se kommunerna."
    return rank(figures, view) or f"Strecken visar 95{numbers.HARD}% säkerhet."


def comparison_picture(figures: Figures, view: IndicatorView, palette: Palette) -> charts.Spec:
    """Members under each other, the highest first, with the benchmark as a line; a large region's a county a row."""
    if summed(figures, view):
        return _counties_picture(figures, view, palette)
    rows = sorted(
        members(figures, view), key=lambda row: -(row[1].value if row[1] and row[1].value is not None else -1e9)
    )
    dots = [
        dot(area, figure, found, view.definition, palette, strong=area == view.area) for area, figure, found in rows
    ]
    line = benchmark_figure(figures, view)
    value = line.value if line and line.shown else None
    return comparisons.comparison(dots, view.definition, palette, benchmark=value, name=line.area if line else "")


def _counties_picture(figures: Figures, view: IndicatorView, palette: Palette) -> charts.Spec:
    """Every member as a dot on its county's row."""
    place = counties.places(figures)
    dots = [
        (counties.name(place[area]), dot(area, figure, found, view.definition, palette))
        for area, figure, found in members(figures, view)
        if area in place
    ]
    line = benchmark_figure(figures, view)
    value = line.value if line and line.shown else None
    rows = [counties.name(code) for code in counties.members(figures)]
    return comparisons.strips(rows, dots, view.definition, palette, benchmark=value, name=line.area if line else "")


def any_member(figures: Figures, view: IndicatorView) -> bool:
    """Whether a value is shown for any member: otherwise there is nothing to compare or to colour a map by."""
    return any(figure is not None and figure.shown for _, figure, _ in members(figures, view))


def rank(figures: Figures, view: IndicatorView) -> str:
    """The area's rank as an interval among the members that are shown; "" where it cannot be said."""
    shown = [
        (area, figure.value, (figure.high - figure.low) / 3.92)
        for area, figure, _ in members(figures, replace(view, county=""))
        if figure and figure.shown and figure.value is not None and figure.low is not None and figure.high is not None
    ]
    if (
        view.whole
        or view.definition.polarity == "no_judgement"
        or view.area not in [area for area, _, _ in shown]
        or len(shown) < 3
    ):
        return ""
    better = view.definition.polarity == "higher_is_better"
    best, worst = stats.rank_interval([v for _, v, _ in shown], [e for _, _, e in shown], higher_is_better=better)
    place = [area for area, _, _ in shown].index(view.area)
    return sentences.rank_sentence(
        view.area, int(best[place]), int(worst[place]), len(shown), len(figures.release.member_names)
    )
