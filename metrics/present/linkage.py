"""How many of a cohort could be followed, said beside every indicator that follows pupils over time or between extracts."""

from __future__ import annotations

from collections.abc import Sequence

from metrics.declare import LINKAGE_AT_LEAST
from metrics.present import numbers, where
from metrics.present.figures import Figure, Figures
from metrics.present.where import Where
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import parse_period

LEAST = f"{100 * LINKAGE_AT_LEAST:.0f}{numbers.HARD}%"


def sentence(figures: Figures, definition: Definition, area: str, period: str) -> str:
    """The share followed of the indicator's cohort in an area and period, or why it is not said; "" where nothing is linked.

    `area` is a member's name or indicator.REGION.
    """
    said = definition.linkage
    if not said or said["indicator"] not in figures.definitions:
        return ""
    when = _period(figures, definition, figures.definitions[said["indicator"]], period)
    figure = where.figure_of(figures, said["indicator"], Where(area=area, period=when))
    if figure is None or figure.status == Status.MISSING:
        return ""
    share, who = _share(figure, bool(said["counts_found"])), said["who"]
    if share is None:
        why = STATUS_TEXT.get(Status(figure.status), "")
        return f"Hur stor andel av {who} som gick att följa ({figure.label}): {why}." if why else ""
    text = f"**{numbers.in_unit(share, 'share', 1)}** av {who} gick att följa ({figure.label})."
    lost = said["decides"] and round(share, 6) < 100 * LINKAGE_AT_LEAST
    return f"{text} Under {LEAST} visas inget värde, för det skulle inte gå att jämföra." if lost else text


def _period(figures: Figures, definition: Definition, other: Definition, period: str) -> str:
    """The period itself; of another family, its newest that has ended when the period has."""
    if definition.population == other.population or not period:
        return period
    ends = parse_period(period, definition.period_kind).end.isoformat()
    own = [each for each in figures.periods(other.name) if each.period_to <= ends]
    return own[0].label if own else period


def beside(said: str, figures: Figures, definitions: Sequence[Definition], area: str, period: str) -> str:
    """`said` of a picture, then the share followed of its indicators, each sentence once."""
    found = (sentence(figures, each, area, period) for each in definitions)
    return " ".join(filter(None, dict.fromkeys([said, *found])))


def _share(figure: Figure, counts_found: bool) -> float | None:
    if not figure.shown or figure.value is None:
        return None
    return figure.value if counts_found else 100 - figure.value
