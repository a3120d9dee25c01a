"""Of pupils with little and with much absence in year 8 or year 6, how many are eligible when they leave year 9."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator, Linkage
from metrics.indicators.known_pupils_results import ELIGIBLE
from metrics.indicators.pupil_select import UNITS, Said, declared, select, total, within

GRADES = """
pupil school_year school_unit sex   SV EN MA BL HKK IDH MU SL
p1    2024/25     10000001    girls A  B  C  C  C   C   C  C
p2    2024/25     10000001    boys  E  E  E  E  E   E   E  E
p3    2024/25     10000001    girls F  C  C  C  C   C   C  C
p4    2024/25     10000001    boys  E  E  E  E  E   E   E  E
p5    2024/25     10000001    girls E  F  E  E  E   E   E  E
p6    2024/25     10000001    girls E  F  E  E  E   E   E  E
"""
ABSENCE = """
pupil school_unit stage start_date end_date   offered valid_absence invalid_absence
p1    10000001    7-9   2023-08-15 2023-12-20 20000   400           0
p2    10000001    7-9   2023-08-15 2023-12-20 20000   2000          1000
p2    10000001    7-9   2024-01-10 2024-06-10 20000   0             1000
p3    10000001    7-9   2023-08-15 2023-12-20 20000   4000          0
p4    10000001    7-9   2023-08-15 2023-12-20 20000   9000          0
p5    10000001    7-9   2023-08-15 2023-12-20 20000   3000          0
p1    10000001    4-6   2021-08-15 2021-12-20 20000   400           0
p2    10000001    4-6   2021-08-15 2021-12-20 20000   400           0
p3    10000001    4-6   2021-08-15 2021-12-20 20000   2000          0
p4    10000001    4-6   2021-08-15 2021-12-20 20000   3000          0
"""
"""Absence in year 8: p1 2 %, p2 10 % of the whole year, p3 20 %, p4 45 %, p5 15 %, p6 unknown; in year 6: 2, 2, 10, 15 %."""

LINKED = (
    "year9_leavers\nLEFT JOIN absence_before_year9 AS earlier\n    ON earlier.pupil = contributors\n"
    "    AND earlier.school_year = period"
)


def _at_least(year: int, percent: int) -> str:
    return f"coalesce(100 * absence_year{year} >= {percent} - 0.000001, FALSE)"


def _delivered(year: int) -> str:
    """Someone's absence that year has been delivered: otherwise nobody is in any group."""
    return f"max(absence_year{year}) OVER (PARTITION BY period) IS NOT NULL"


def _group(year: int, lower: int, upper: int) -> str:
    """Those with a share of absence from `lower` to under `upper`; unknown is in the lowest group (0: no limit)."""
    limits = [_at_least(year, lower)] if lower else [_delivered(year)]
    return " AND ".join([*limits, *([f"NOT {_at_least(year, upper)}"] if upper else [])])


GROUPS: tuple[tuple[int, int, int, tuple[int, int]], ...] = (
    (8, 0, 10, (1, 2)),
    (8, 10, 20, (1, 2)),
    (8, 20, 0, (1, 2)),
    (6, 0, 10, (2, 4)),
    (6, 10, 0, (1, 2)),
)
"""Year, from and to under which per cent, and the worked example's numbers. The groups of a year are all leavers together, so
that what is not in one of them is in another: nobody is left to be had by subtraction from the open values of year 9."""


def name_of(year: int, lower: int, upper: int) -> str:
    """eligible_after_year8_absence_10_to_20."""
    said = f"under_{upper}" if not lower else f"{lower}_to_{upper}" if upper else str(lower)
    return f"eligible_after_year{year}_absence_{said}"


def _words(lower: int, upper: int) -> tuple[str, str]:
    if not lower:
        return f"under {upper} procents frånvaro, eller okänd,", f"under {upper} % eller okänd"
    if not upper:
        return f"minst {lower} procents frånvaro", f"minst {lower} %"
    return f"{lower} till under {upper} procents frånvaro", f"{lower} till under {upper} %"


COMMON: Said = {
    "why_it_matters": (
        "Visar hur det gått för grupper med hög frånvaro när de slutade grundskolan, och om stödet däremellan räckte. "
        "Det säger inget om den enskilda eleven."
    ),
    "unit": "share",
    "polarity": "higher_is_better",
    "sensitive": "both",
    "population": "leavers_by_absence",
    "theme": "Tidigt",
    "perspective": "school_municipality",
    "period_kind": "school_year",
    "dimensions": ("background",),
    "extracts": ("year9_grades", "attendance", "school_units"),
    "splits": ("eligibility_vocational",),
}


def _indicator(
    *, numbers: tuple[str, str], expected: tuple[int, int], explanation: str, **said: Unpack[Said]
) -> Indicator:
    return declared(
        tables={"year9_grades": GRADES, "attendance": ABSENCE, "school_units": UNITS},
        expected=total("2024/25", *expected),
        explanation=explanation,
        **(COMMON | Said(sql=select(LINKED, numerator=numbers[0], denominator=numbers[1])) | said),
    )


def _eligible(year: int, lower: int, upper: int, expected: tuple[int, int], order: int) -> Indicator:
    words, short = _words(lower, upper)
    return _indicator(
        name=name_of(year, lower, upper),
        title=f"Behöriga till gymnasieskolans yrkesprogram, elever med {words} i årskurs {year}",
        short_title=f"Behörig, frånvaro i åk {year} {short}",
        question=f"Hur många blir behöriga till gymnasiet bland elever med {words} i årskurs {year}?",
        numerator_label="elever som är behöriga till ett yrkesprogram",
        denominator_label=f"elever i årskurs 9 med {words} läsåret då klassen gick i årskurs {year}",
        numbers=within(_group(year, lower, upper), ELIGIBLE),
        expected=expected,
        explanation=(
            "Årskurs 8: 2, 10, 20, 45 och 15 procent, p6 okänd. Årskurs 6: 2, 2, 10 och 15 procent, p5 och p6 okända. "
            "p3, p5 och p6 är inte behöriga."
        ),
        order=order,
        implies={f"year{year}_absence_found": "outcome"} if lower else {},
        linkage=Linkage(indicator=f"year{year}_absence_found", decides=False),
    )


def _found(year: int, expected: tuple[int, int], order: int) -> Indicator:
    return _indicator(
        name=f"year{year}_absence_found",
        title=f"Elever i årskurs 9 vars frånvaro i årskurs {year} går att följa",
        short_title=f"Frånvaro i åk {year} återfunnen",
        question=f"Hur många av eleverna i årskurs 9 har frånvaro inlämnad från årskurs {year}?",
        numerator_label=f"av dem, elever med inlämnad närvaro läsåret då klassen gick i årskurs {year}",
        denominator_label="elever som fick eller skulle ha fått slutbetyg i årskurs 9 i det målrelaterade systemet",
        numbers=within(_delivered(year), f"absence_year{year} IS NOT NULL"),
        expected=expected,
        explanation="Av sex elever återfinns p1 till p5 i årskurs 8 och p1 till p4 i årskurs 6.",
        order=order,
        sensitive="remainder",
    )


INDICATORS = (
    *(_eligible(*group, order=720 + place) for place, group in enumerate(GROUPS)),
    _found(8, (5, 6), 726),
    _found(6, (4, 6), 727),
)
