"""The SELECT that every indicator about pupils is written as, and what all their declarations share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TypedDict, Unpack

from metrics.declare import Change, Example, Implied, Indicator, Linkage, Official, Polarity, Sensitive, Unit
from metrics.values import DIMENSION_COLUMNS

FIRST_VERSION = (Change(version=1, day=date(2026, 11, 23), what="Första definitionen."),)
REVIEWED = date(2026, 11, 23)
NEXT_REVIEW = date(2027, 11, 23)

UNITS = """
school_unit municipality provider    valid_from
10000001    1419         municipal   2010-07-01
10000002    1419         municipal   2010-07-01
"""
"""Two municipal schools in Tjörn, for worked examples."""


class Said(TypedDict, total=False):
    """What is said of an indicator, as in metrics.declare.Indicator: what a file's indicators share, or what tells one apart."""

    name: str
    title: str
    short_title: str
    question: str
    why_it_matters: str
    numerator_label: str
    denominator_label: str
    unit: Unit
    polarity: Polarity
    sensitive: Sensitive
    population: str
    theme: str
    perspective: str
    period_kind: str
    dimensions: tuple[str, ...]
    sql: str
    extracts: tuple[str, ...]
    official: tuple[Official, ...]
    effect_that_matters: float
    order: int
    ratio: bool
    followed_years: int | None
    horizon_days: int | None
    part_of: str
    needs_join: bool
    counts_own_join: bool
    splits: tuple[str, ...]
    counts_events: bool
    members_whole: bool
    rarely_reached: bool
    linkage: Linkage | None
    within: str
    elsewhere: str
    implies: Mapping[str, Implied]
    at_models: str


def declared(*, tables: Mapping[str, str], expected: str, explanation: str, **said: Unpack[Said]) -> Indicator:
    """An indicator in its first version, with its worked example (tables as text, expected sums, Swedish explanation)."""
    return Indicator(
        examples=(Example(tables=tables, expected=expected, explanation=explanation),),
        history=FIRST_VERSION,
        reviewed=REVIEWED,
        next_review=NEXT_REVIEW,
        **said,
    )


def one_if(condition: str) -> str:
    """SQL for 1 where the condition holds and 0 otherwise, also where it is NULL."""
    return f"CASE WHEN {condition} THEN 1 ELSE 0 END"


def select(cohort: str, *, numerator: str, denominator: str = "1", extra: tuple[str, ...] = ()) -> str:
    """A plain SELECT over a cohort: its pupil, period, school and dimensions, then the numbers."""
    columns = [
        "contributors",
        "period",
        "school_unit",
        *DIMENSION_COLUMNS,
        f"{numerator} AS numerator",
        f"{denominator} AS denominator",
        *extra,
    ]
    return "SELECT\n    " + ",\n    ".join(columns) + f"\nFROM {cohort}"


def within(denominator: str, numerator: str) -> tuple[str, str]:
    """The pair (numerator, denominator) as 1/0, the numerator only inside the denominator."""
    return one_if(f"({denominator}) AND ({numerator})"), one_if(denominator)


def total(
    period: str, numerator: float, denominator: float, *, perspective: str = "school", weight: float | None = None
) -> str:
    """What an example expects: the sums over Tjörn's pupils in one period, with the weights' sum for a ratio."""
    headings = ["period", f"{perspective}_municipality", "numerator", "denominator"]
    cells = [period, "1419", f"{numerator:g}", f"{denominator:g}"]
    if weight is not None:
        headings, cells = [*headings, "weight"], [*cells, f"{weight:g}"]
    return " | ".join(headings) + "\n" + " | ".join(cells) + "\n"


def by_year(perspective: str, sums: Mapping[str, tuple[float, float]]) -> str:
    """What an example expects: period -> (numerator, denominator) over Tjörn's pupils ("school") or inhabitants ("home")."""
    rows = [f"{period} 1419 {top:g} {below:g}\n" for period, (top, below) in sums.items()]
    return f"period {perspective}_municipality numerator denominator\n" + "".join(rows)
