"""Eligibility for upper secondary, all subjects passed and merit value: final grades in year 9."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Implied, Indicator, Official
from metrics.indicators.pupil_select import Said, by_year, declared, one_if, select

UNITS = """
school_unit municipality provider    valid_from
10000001    1419         municipal   2010-07-01
"""

PUPILS = """
pupil school_year school_unit sex   SV EN MA BL HKK IDH MU SL TK GE HI RE SH BI FY KE M1
p1    2024/25     10000001    girls A  B  C  C  C   C   C  C  C  C  C  C  C  C  C  C  B
p2    2024/25     10000001    boys  E  E  E  E  E   E   E  E  F  F  F  F  F  F  F  F  .
p3    2024/25     10000001    girls F  C  C  C  C   C   C  C  C  C  C  C  C  C  C  C  .
p4    2024/25     10000001    boys  E  E  E  E  E   E   E  E  E  E  E  E  F  E  E  E  .
p5    2024/25     10000001    girls E  E  E  E  E   E   E  E  E  E  E  E  E  F  F  F  .
p6    2024/25     10000001    boys  -  -  -  -  -   -   -  -  -  -  -  -  -  -  -  -  .
"""
"""Six pupils: p1 passes all; p2 has exactly five others; p3 lacks Swedish; p4 lacks civics; p5 lacks science; p6 has none."""


KOLADA: dict[str, str] = {
    "N15424": "Elever i åk 9 som är behöriga till yrkesprogram, lägeskommun, andel (%)",
    "N15423": "Elever i åk 9 som är behöriga till estetiska programmet, lägeskommun, andel (%)",
    "N15422": (
        "Elever i åk 9 som är behöriga till ekonomi-, humanistiska och samhällsvetenskapsprogrammen, lägeskommun, andel (%)"
    ),
    "N15421": "Elever i åk 9 som är behöriga till naturvetenskaps- och teknikprogrammen, lägeskommun, andel (%)",
    "N15418": "Elever i åk 9 som uppnått betygskriterierna i alla ämnen, lägeskommun, andel (%)",
    "N15504": "Elever i åk. 9, meritvärde lägeskommun, genomsnitt (17 ämnen)",
}
"""The same measures in Kolada, by the municipality of the school (KPI id, title in the list of March 2026)."""


def _kolada(kpi: str) -> Official:
    return Official(source="kolada", table=kpi, column=KOLADA[kpi])


def _official(column: str, kpi: str) -> tuple[Official, ...]:
    return (Official(source="skolverket", table="Behörighet till gymnasieskolan", column=column), _kolada(kpi))


COMMON: Said = {
    "polarity": "higher_is_better",
    "sensitive": "remainder",
    "population": "year9_leavers",
    "theme": "Årskurs 9",
    "perspective": "school_municipality",
    "period_kind": "school_year",
    "extracts": ("year9_grades", "school_units", "collaboration_register"),
}
TABLES = {"year9_grades": PUPILS, "school_units": UNITS}


def _share(*, passed: str, passing: int, explanation: str, **said: Unpack[Said]) -> Indicator:
    this: Said = {
        "denominator_label": "elever i årskurs 9 som fick eller skulle ha fått slutbetyg i det målrelaterade systemet",
        "unit": "share",
        "dimensions": ("area", "sex"),
        "sql": select("year9_leavers", numerator=one_if(passed)),
    }
    expected = by_year("school", {"2024/25": (passing, 6)})
    return declared(tables=TABLES, expected=expected, explanation=explanation, **(COMMON | this | said))


def _mean(*, subjects: str, points: str, sum_of_points: int, **said: Unpack[Said]) -> Indicator:
    this: Said = {
        "question": f"Hur höga är slutbetygen i årskurs 9, räknat på {subjects}?",
        "why_it_matters": "Meritvärdet avgör vilka utbildningar en behörig elev kan komma in på.",
        "numerator_label": f"summan av betygsvärdena i {subjects} (E 10, D 12,5, C 15, B 17,5, A 20)",
        "denominator_label": "elever i årskurs 9 med minst ett godkänt betyg",
        "unit": "mean",
        "dimensions": ("area",),
        "sql": select("year9_leavers", numerator=points, denominator=one_if("passes > 0")),
        "effect_that_matters": 10.0,
    }
    return declared(
        tables=TABLES,
        expected=by_year("school", {"2024/25": (sum_of_points, 5)}),
        explanation="p6 har inget godkänt betyg och räknas varken i täljaren eller i nämnaren.",
        **(COMMON | this | said),
    )


WITH_MERIT: dict[str, Implied] = {"merit_value_16": "counted", "merit_value_17": "counted"}
CORE = "core_passes = 3"
CORE_WORDS = "godkänt i svenska eller svenska som andraspråk, engelska och matematik"
WHY = "Den som saknar behörighet kan inte antas till ett nationellt program och tar mer sällan examen."

INDICATORS = (
    _share(
        name="eligibility_vocational",
        title="Behöriga till gymnasieskolans yrkesprogram",
        short_title="Behörig till yrkesprogram",
        question="Hur många i årskurs 9 blir behöriga till gymnasiet?",
        why_it_matters=f"{WHY} Yrkesprogrammen har lägst krav, så måttet visar vilka som får börja på ett nationellt program alls.",
        numerator_label=f"elever med {CORE_WORDS} samt minst fem andra ämnen",
        passed=f"{CORE} AND other_passes >= 5",
        passing=4,
        explanation="p1, p2, p4 och p5 har de tre kärnämnena och minst fem till. p3 saknar svenska, p6 saknar allt.",
        official=_official("Andel (%) elever behöriga till yrkesprog.", "N15424"),
        order=10,
        implies=WITH_MERIT,
        dimensions=("area", "provider", "model", "sex", "background"),
    ),
    _share(
        name="eligibility_arts",
        title="Behöriga till estetiska programmet",
        short_title="Behörig till estetiskt",
        question="Hur många i årskurs 9 blir behöriga till estetiska programmet?",
        why_it_matters=WHY,
        numerator_label=f"elever med {CORE_WORDS} samt minst nio andra ämnen",
        passed=f"{CORE} AND other_passes >= 9",
        passing=3,
        explanation="p1, p4 och p5 har de tre kärnämnena och minst nio till. p2 har bara fem till.",
        official=_official("Andel elever (%) behöriga till estetiskt program", "N15423"),
        order=11,
        implies={"eligibility_vocational": "outcome"},
    ),
    _share(
        name="eligibility_social_sciences",
        title="Behöriga till ekonomi-, humanistiska och samhällsvetenskapsprogrammen",
        short_title="Behörig till ekonomi/humaniora/samhälle",
        question="Hur många i årskurs 9 blir behöriga till ekonomi-, humanistiska och samhällsvetenskapsprogrammen?",
        why_it_matters=WHY,
        numerator_label=f"elever med {CORE_WORDS}, geografi, historia, religionskunskap och samhällskunskap samt minst fem andra ämnen",
        passed=f"{CORE} AND society_passes = 4 AND other_passes >= 9",
        passing=2,
        explanation="p1 och p5 har alla fyra samhällsämnena. p4 saknar samhällskunskap.",
        official=_official(
            "Andel elever (%) behöriga till Ekonomi-, humanistiska och samhällsvetenskaps- program", "N15422"
        ),
        order=12,
        implies={"eligibility_vocational": "outcome", "eligibility_arts": "outcome"},
    ),
    _share(
        name="eligibility_science_technology",
        title="Behöriga till naturvetenskaps- och teknikprogrammen",
        short_title="Behörig till natur och teknik",
        question="Hur många i årskurs 9 blir behöriga till naturvetenskaps- och teknikprogrammen?",
        why_it_matters=WHY,
        numerator_label=f"elever med {CORE_WORDS}, biologi, fysik och kemi samt minst sex andra ämnen",
        passed=f"{CORE} AND science_passes = 3 AND other_passes >= 9",
        passing=2,
        explanation="p1 och p4 har alla tre naturämnena. p5 saknar dem.",
        official=_official("Andel elever (%) behöriga till Naturvetenskapligt och tekniskt program", "N15421"),
        order=13,
        implies={"eligibility_vocational": "outcome", "eligibility_arts": "outcome"},
    ),
    _share(
        name="all_subjects_passed",
        title="Godkänt i alla ämnen i årskurs 9",
        short_title="Godkänt i alla ämnen",
        question="Hur många i årskurs 9 får godkänt i alla ämnen?",
        why_it_matters="Visar hur många som når kunskapskraven i hela sin utbildning, inte bara så mycket som behörigheten kräver.",
        numerator_label="elever med godkänt betyg i alla ämnen som ingått i elevens utbildning",
        passed="fails = 0 AND passes > 0",
        passing=1,
        explanation="Bara p1 har godkänt i alla sina ämnen.",
        official=(
            Official(
                source="skolverket",
                table="Jämförelse av betygsresultat över tid",
                column="Andel (%) som fått godkänt betyg i alla ämnen",
            ),
            _kolada("N15418"),
        ),
        order=14,
        implies=WITH_MERIT,
        dimensions=("area", "model", "sex"),
    ),
    _mean(
        name="merit_value_16",
        title="Genomsnittligt meritvärde, 16 ämnen",
        short_title="Meritvärde (16 ämnen)",
        subjects="de 16 bästa ämnena",
        points="merit_16",
        sum_of_points=835,
        official=(
            Official(
                source="skolverket",
                table="Jämförelse av betygsresultat över tid",
                column="Genomsnittligt meritvärde (16 ämnen)",
            ),
        ),
        order=15,
    ),
    _mean(
        name="merit_value_17",
        title="Genomsnittligt meritvärde, 17 ämnen",
        short_title="Meritvärde (17 ämnen)",
        subjects="de 16 bästa ämnena och moderna språk som språkval",
        points="merit_17",
        sum_of_points=850,
        official=(
            Official(
                source="skolverket",
                table="Jämförelse av betygsresultat över tid",
                column="Genomsnittligt meritvärde (17 ämnen)",
            ),
            _kolada("N15504"),
        ),
        order=16,
    ),
)
