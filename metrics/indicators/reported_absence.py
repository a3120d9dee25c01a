"""What school knew before a report of concern: absence in the term before it, and repeats by it. Only under a declared join."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator
from metrics.indicators.attendance import FOUND, at_least
from metrics.indicators.pupil_select import UNITS, Said, by_year, declared, select, within

THRESHOLDS = (10, 20, 30)
"""Per cent of the offered time in the term before the report."""
HIGH = 20

ABSENCE = """
pupil school_unit stage start_date end_date   offered valid_absence invalid_absence
p1    10000001    7-9   2023-08-15 2023-12-20 20000   4000          0
p2    10000001    7-9   2024-01-10 2024-06-10 20000   2000          400
p3    10000001    7-9   2023-08-15 2023-12-20 20000   9000          3000
p5    10000001    7-9   2023-08-15 2023-12-20 20000   1000          0
p5    10000001    7-9   2024-01-10 2024-06-10 20000   9000          0
"""
CHAIN = """
child municipality report_date reporter observed_to
c1    1419         2024-03-01  school   2026-06-30
c1    1419         2024-09-01  police   2026-06-30
c2    1419         2024-10-01  school   2026-06-30
c3    1419         2024-05-01  family   2026-06-30
c3    1419         2025-05-02  family   2026-06-30
c4    1419         2024-02-01  police   2026-06-30
c5    1419         2024-02-01  police   2026-06-30
c5    1419         2024-12-01  school   2026-06-30
"""
JOIN = """
pupil child
p1    c1
p2    c2
p3    c3
p5    c5
"""
LINKED = (
    "reported_children\nLEFT JOIN absence_before_reports AS earlier\n    ON earlier.child = contributors\n"
    "    AND earlier.reported_year = period"
)
FOUND_BEFORE = "offered IS NOT NULL"
EXPLANATION = (
    "Terminen före årets första anmälan är frånvaron 20, 12, 60 och 5 procent för c1, c2, c3 och c5; c4 återfinns inte. "
    "c1 och c5 anmäls igen inom tolv månader, c3 en dag för sent."
)


COMMON: Said = {
    "why_it_matters": (
        "Frånvaro är ofta skolans första tecken. Måttet visar hur vanlig den var innan någon anmälde oro, och om barn "
        "med hög frånvaro oftare kommer tillbaka."
    ),
    "unit": "share",
    "polarity": "no_judgement",
    "population": "reported_children",
    "theme": "Tidigt",
    "perspective": "home_municipality",
    "period_kind": "calendar_year",
    "dimensions": ("area",),
    "extracts": ("support_chain", "attendance"),
    "needs_join": True,
    "linkage": FOUND,
}


def _indicator(
    *, numbers: tuple[str, str], expected: tuple[int, int], extra: tuple[str, ...] = (), **said: Unpack[Said]
) -> Indicator:
    sql = select(LINKED, numerator=numbers[0], denominator=numbers[1], extra=extra)
    return declared(
        tables={"support_chain": CHAIN, "attendance": ABSENCE, "school_units": UNITS, "declared_join": JOIN},
        expected=by_year("home", {"2024": expected, "2025": (0, 0)}),
        explanation=EXPLANATION,
        **(COMMON | Said(sql=sql) | said),
    )


def _before(percent: int, reached: int, order: int) -> Indicator:
    lower = [each for each in THRESHOLDS if each < percent]
    return _indicator(
        name=f"absence_{percent}_before_report",
        title=f"Barn med minst {percent} procents frånvaro terminen före orosanmälan",
        short_title=f"Frånvaro minst {percent} % före anmälan",
        question=f"Hur många av de anmälda barnen var borta minst {percent} procent terminen före?",
        numerator_label=f"av dem, barn vars frånvaro var minst {percent} procent av den erbjudna tiden",
        denominator_label="barn med orosanmälan under året som återfinns i skolan terminen före årets första anmälan",
        numbers=within(FOUND_BEFORE, at_least("absence", percent)),
        expected=(reached, 4),
        sensitive="outcome",
        order=order,
        within=f"absence_{max(lower)}_before_report" if lower else "",
        implies={
            **{f"absence_{each}_before_report": "outcome" for each in lower},
            **({f"reported_again_after_absence_under_{HIGH}": "not counted"} if percent >= HIGH else {}),
        },
    )


def _again(high: bool, expected: tuple[int, int], order: int) -> Indicator:
    words = f"minst {HIGH} procents frånvaro" if high else f"under {HIGH} procents frånvaro"
    group = at_least("absence", HIGH) if high else f"NOT ({at_least('absence', HIGH)})"
    numbers = within(f"{FOUND_BEFORE} AND {group} AND followed_a_year", "reported_again")
    return _indicator(
        name=f"reported_again_after_absence_{'' if high else 'under_'}{HIGH}",
        title=f"Ny orosanmälan inom tolv månader, barn med {words} terminen före den första",
        short_title=f"Ny anmälan inom ett år, frånvaro {'minst' if high else 'under'} {HIGH} % före",
        question=f"Hur många anmäls på nytt inom tolv månader, bland barn med {words} terminen före?",
        numerator_label="av dem, barn med en ny anmälan, av vem som helst, inom tolv månader från årets första",
        denominator_label=f"barn med {words} terminen före årets första anmälan, och minst tolv månader sedan den",
        numbers=numbers,
        expected=expected,
        sensitive="both",
        order=order,
        extra=(f"{numbers[1]} AS observed",),
        followed_years=1,
        implies={
            "reported_again_within_12_months_all": "outcome",
            f"absence_{HIGH}_before_report": "outcome" if high else "remainder",
        },
    )


INDICATORS = (
    *(
        _before(percent, reached, 730 + place)
        for place, (percent, reached) in enumerate(zip(THRESHOLDS, (3, 2, 1), strict=True))
    ),
    _again(True, (1, 2), 735),
    _again(False, (1, 2), 736),
)
