"""The SELECT that every indicator about pupils is written as, and the dates that all definitions share."""

from __future__ import annotations

from datetime import date

from metrics.declare import Change
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
