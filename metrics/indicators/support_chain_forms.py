"""The worked example of the support chain, and the three forms its indicators have: any, of reports, and of children."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator
from metrics.indicators.pupil_select import Said, declared, one_if, select, within

REPORTS = """
child municipality report_date reporter stage birth_year decision_date opened investigation_start investigation_end extended intervention   feedback_given observed_to
old   1419         2021-05-01  school   7-9   2007       2021-05-10    no     .                   .                 .        none           yes            2025-06-30
a     1419         2023-02-01  school   7-9   2009       2023-02-15    yes    2023-02-15          2023-06-15        no       open_support   yes            2025-06-30
a     1419         2023-03-01  police   7-9   2009       2023-03-20    no     .                   .                 .        none           .              2025-06-30
b     1419         2023-02-01  unknown  4-6   2012       2023-02-16    yes    2023-02-20          2023-06-21        no       structured_programme .        2025-06-30
c     1419         2023-03-01  school   7-9   2008       2023-03-10    yes    2023-03-10          2023-08-01        yes      placement      no             2025-06-30
d     1419         2023-03-01  school   F-3   2014       2023-03-05    no     .                   .                 .        none           .              2025-06-30
d     1419         2024-03-01  school   F-3   2014       2024-03-05    yes    2024-03-05          .                 no       .              no             2025-06-30
e     1419         2023-06-01  family   .     2010       .             .      .                   .                 .        .              .              2025-06-30
f     1419         2023-10-01  police   4-6   2011       2023-10-05    no     .                   .                 .        other          .              2025-06-30
old   1419         2023-09-01  police   7-9   2007       2023-09-10    yes    2023-09-10          2023-12-01        no       contact_person .              2025-06-30
late  1419         2025-06-25  school   7-9   2010       .             .      .                   .                 .        .              .              2025-06-30
"""
CHILDREN = 7
"""Children reported in the example's 2023: a, b, c, d, e, f and old."""

REGION_ONLY = ("stage", "sex")
"""States and kinds that hold few children in most members: published there they hid each other and the totals."""

WHY = {
    "count": "Fler anmälningar kan betyda fler barn som far illa eller att fler upptäcks. Antalet bedöms därför inte.",
    "time": "Ett barn som väntar på besked väntar på hjälp. Tiderna visar om kedjan håller.",
    "result": "Visar vad anmälningar leder till, så att skola och socialtjänst kan se samma bild.",
}


COMMON: Said = {
    "unit": "share",
    "polarity": "no_judgement",
    "sensitive": "both",
    "population": "reported_children",
    "theme": "Stödkedjan",
    "perspective": "home_municipality",
    "period_kind": "calendar_year",
    "dimensions": ("area", "stage", "sex"),
    "extracts": ("support_chain",),
}


def indicator(*, why: str, expected: str, explanation: str, **said: Unpack[Said]) -> Indicator:
    """Any of the chain's indicators; `why` is a key of WHY."""
    tables, this = {"support_chain": REPORTS}, Said(why_it_matters=WHY[why])
    return declared(tables=tables, expected=expected, explanation=explanation, **(COMMON | this | said))


def years(*rows: tuple[int, float, float], weights: tuple[float, ...] = ()) -> str:
    """Expected sums per year: (year, numerator, denominator), with the weights beside them for a ratio."""
    headings = "period home_municipality numerator denominator" + (" weight" if weights else "")
    lines = [f"{year} 1419 {top:g} {below:g}" for year, top, below in rows]
    if weights:
        lines = [f"{line} {weight:g}" for line, weight in zip(lines, weights, strict=True)]
    return "\n".join([headings, *lines]) + "\n"


def reports(*, why: str, part: str, whole: str, expected: str, explanation: str, **said: Unpack[Said]) -> Indicator:
    """A ratio of numbers of reports: each child carries her own reports above and below the line."""
    observed = (f"{one_if(f'{whole} > 0')} AS observed",) if said.get("followed_years") is not None else ()
    sql = select(
        "reported_children",
        numerator=part,
        denominator=one_if(f"{whole} > 0"),
        extra=(f"{whole} AS weight", *observed),
    )
    ratio = Said(sql=sql, ratio=True)
    return indicator(why=why, expected=expected, explanation=explanation, **(ratio | said))


def child(
    *, followed: str, outcome: str, expected: str, explanation: str, why: str = "result", **said: Unpack[Said]
) -> Indicator:
    """A share of children, by what followed on the child's first report of the year; a part of a flow is for the region."""
    numerator, denominator = within(followed, outcome)
    sql = select(
        "reported_children", numerator=numerator, denominator=denominator, extra=(f"{denominator} AS observed",)
    )
    share = Said(sql=sql, followed_years=1)
    if said.get("part_of"):
        share |= Said(unit="flow", dimensions=REGION_ONLY)
    return indicator(why=why, expected=expected, explanation=explanation, **(share | said))
