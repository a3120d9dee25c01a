"""Grades in year 6: the earliest results that every school sets."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator
from metrics.indicators.pupil_select import UNITS, Said, declared, one_if, select, total

GRADES = """
pupil school_year school_unit sex   SV SVA EN MA BL BI
p1    2021/22     10000001    girls A  .   B  C  C  C
p2    2021/22     10000001    boys  .  E   E  E  F  E
p3    2021/22     10000001    girls F  .   E  E  E  E
p4    2021/22     10000001    boys  -  E   E  E  E  E
p5    2021/22     10000001    girls .  .   .  .  .  .
"""


COMMON: Said = {
    "why_it_matters": "Den som saknar godkända betyg i årskurs 6 blir mer sällan behörig tre år senare. Här finns tid att stödja.",
    "denominator_label": "elever i årskurs 6 som fick eller skulle ha fått betyg",
    "unit": "share",
    "polarity": "higher_is_better",
    "sensitive": "remainder",
    "population": "year6_pupils",
    "theme": "Tidigt",
    "perspective": "school_municipality",
    "period_kind": "school_year",
    "dimensions": ("area", "provider", "model", "sex", "background"),
    "extracts": ("year6_grades", "school_units"),
}


def _share(*, passed: str, number: int, explanation: str, **said: Unpack[Said]) -> Indicator:
    return declared(
        tables={"year6_grades": GRADES, "school_units": UNITS},
        expected=total("2021/22", number, 5),
        explanation=explanation,
        **(COMMON | Said(sql=select("year6_pupils", numerator=one_if(passed))) | said),
    )


INDICATORS = (
    _share(
        name="year6_core_passed",
        title="Godkänt i svenska, engelska och matematik i årskurs 6",
        short_title="Godkänt i kärnämnen åk 6",
        question="Hur många i årskurs 6 har godkänt i svenska, engelska och matematik?",
        numerator_label="elever med godkänt i svenska eller svenska som andraspråk, engelska och matematik",
        passed="core_passes = 3",
        number=3,
        explanation="p1, p2 och p4; p4 har streck i svenska men godkänt i svenska som andraspråk. p3 saknar svenska, p5 allt.",
        order=720,
    ),
    _share(
        name="year6_all_passed",
        title="Godkänt i alla ämnen i årskurs 6",
        short_title="Godkänt i alla ämnen åk 6",
        question="Hur många i årskurs 6 har godkänt i alla ämnen?",
        numerator_label="elever med godkänt betyg i alla ämnen som de fått betyg i",
        passed="subjects > 0 AND passes = subjects",
        number=2,
        explanation="p1 och p4 har godkänt i allt. p2 saknar bild, p3 svenska och p5 har inga betyg.",
        order=721,
    ),
)
