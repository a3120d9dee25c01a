"""Eligibility for upper secondary, all subjects passed and merit value: final grades in year 9."""

from __future__ import annotations

from datetime import date

from metrics.declare import Change, Example, Indicator, Official

COLUMNS = """SELECT
    contributors,
    period,
    school_unit,
    school_municipality,
    home_municipality,
    provider,
    stage,
    models,
    sex,
    foreign_background,
    parents_education,
    newly_arrived,
    {numerator} AS numerator,
    {denominator} AS denominator
FROM year9_leavers"""

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


def _share(
    *,
    name: str,
    title: str,
    short_title: str,
    question: str,
    why: str,
    label: str,
    numerator: str,
    passing: int,
    why_count: str,
    official: tuple[Official, ...],
    order: int,
    dimensions: tuple[str, ...] = ("area", "sex"),
) -> Indicator:
    return Indicator(
        name=name,
        title=title,
        short_title=short_title,
        question=question,
        why_it_matters=why,
        numerator_label=label,
        denominator_label="elever i årskurs 9 som fick eller skulle ha fått slutbetyg i det målrelaterade systemet",
        unit="share",
        polarity="higher_is_better",
        sensitive="remainder",
        population="year9_leavers",
        theme="Årskurs 9",
        perspective="school_municipality",
        period_kind="school_year",
        dimensions=dimensions,
        sql=COLUMNS.format(numerator=f"CASE WHEN {numerator} THEN 1 ELSE 0 END", denominator="1"),
        extracts=("year9_grades", "school_units", "collaboration_register"),
        examples=(
            Example(
                tables={"year9_grades": PUPILS, "school_units": UNITS},
                expected=f"period school_municipality numerator denominator\n2024/25 1419 {passing} 6\n",
                explanation=why_count,
            ),
        ),
        history=(Change(version=1, day=date(2026, 11, 23), what="Första definitionen."),),
        reviewed=date(2026, 11, 23),
        next_review=date(2027, 11, 23),
        official=official,
        order=order,
    )


def _mean(
    *,
    name: str,
    title: str,
    short_title: str,
    subjects: str,
    numerator: str,
    total: str,
    official: tuple[Official, ...],
    order: int,
) -> Indicator:
    return Indicator(
        name=name,
        title=title,
        short_title=short_title,
        question=f"Hur höga är slutbetygen i årskurs 9, räknat på {subjects}?",
        why_it_matters="Meritvärdet avgör vilka utbildningar en behörig elev kan komma in på.",
        numerator_label=f"summan av betygsvärdena i {subjects} (E 10, D 12,5, C 15, B 17,5, A 20)",
        denominator_label="elever i årskurs 9 med minst ett godkänt betyg",
        unit="mean",
        polarity="higher_is_better",
        sensitive="remainder",
        population="year9_leavers",
        theme="Årskurs 9",
        perspective="school_municipality",
        period_kind="school_year",
        dimensions=("area",),
        sql=COLUMNS.format(numerator=numerator, denominator="CASE WHEN passes > 0 THEN 1 ELSE 0 END"),
        extracts=("year9_grades", "school_units", "collaboration_register"),
        examples=(
            Example(
                tables={"year9_grades": PUPILS, "school_units": UNITS},
                expected=f"period school_municipality numerator denominator\n2024/25 1419 {total} 5\n",
                explanation="p6 har inget godkänt betyg och räknas varken i täljaren eller i nämnaren.",
            ),
        ),
        history=(Change(version=1, day=date(2026, 11, 23), what="Första definitionen."),),
        reviewed=date(2026, 11, 23),
        next_review=date(2027, 11, 23),
        official=official,
        effect_that_matters=10.0,
        order=order,
    )


CORE = "core_passes = 3"
CORE_WORDS = "godkänt i svenska eller svenska som andraspråk, engelska och matematik"
WHY = "Den som saknar behörighet kan inte antas till ett nationellt program och tar mer sällan examen."

INDICATORS = (
    _share(
        name="eligibility_vocational",
        title="Behöriga till gymnasieskolans yrkesprogram",
        short_title="Behörig till yrkesprogram",
        question="Hur många i årskurs 9 blir behöriga till gymnasiet?",
        why=f"{WHY} Yrkesprogrammen har lägst krav, så måttet visar vilka som får börja på ett nationellt program alls.",
        label=f"elever med {CORE_WORDS} samt minst fem andra ämnen",
        numerator=f"{CORE} AND other_passes >= 5",
        passing=4,
        why_count="p1, p2, p4 och p5 har de tre kärnämnena och minst fem till. p3 saknar svenska, p6 saknar allt.",
        official=_official("Andel (%) elever behöriga till yrkesprog.", "N15424"),
        order=10,
        dimensions=("area", "provider", "model", "sex", "background"),
    ),
    _share(
        name="eligibility_arts",
        title="Behöriga till estetiska programmet",
        short_title="Behörig till estetiskt",
        question="Hur många i årskurs 9 blir behöriga till estetiska programmet?",
        why=WHY,
        label=f"elever med {CORE_WORDS} samt minst nio andra ämnen",
        numerator=f"{CORE} AND other_passes >= 9",
        passing=3,
        why_count="p1, p4 och p5 har de tre kärnämnena och minst nio till. p2 har bara fem till.",
        official=_official("Andel elever (%) behöriga till estetiskt program", "N15423"),
        order=11,
    ),
    _share(
        name="eligibility_social_sciences",
        title="Behöriga till ekonomi-, humanistiska och samhällsvetenskapsprogrammen",
        short_title="Behörig till ekonomi, hum., samhäll",
        question="Hur många i årskurs 9 blir behöriga till ekonomi-, humanistiska och samhällsvetenskapsprogrammen?",
        why=WHY,
        label=f"elever med {CORE_WORDS}, geografi, historia, religionskunskap och samhällskunskap samt minst fem andra ämnen",
        numerator=f"{CORE} AND society_passes = 4 AND other_passes >= 9",
        passing=2,
        why_count="p1 och p5 har alla fyra samhällsämnena. p4 saknar samhällskunskap.",
        official=_official(
            "Andel elever (%) behöriga till Ekonomi-, humanistiska och samhällsvetenskaps- program", "N15422"
        ),
        order=12,
    ),
    _share(
        name="eligibility_science_technology",
        title="Behöriga till naturvetenskaps- och teknikprogrammen",
        short_title="Behörig till natur och teknik",
        question="Hur många i årskurs 9 blir behöriga till naturvetenskaps- och teknikprogrammen?",
        why=WHY,
        label=f"elever med {CORE_WORDS}, biologi, fysik och kemi samt minst sex andra ämnen",
        numerator=f"{CORE} AND science_passes = 3 AND other_passes >= 9",
        passing=2,
        why_count="p1 och p4 har alla tre naturämnena. p5 saknar dem.",
        official=_official("Andel elever (%) behöriga till Naturvetenskapligt och tekniskt program", "N15421"),
        order=13,
    ),
    _share(
        name="all_subjects_passed",
        title="Godkänt i alla ämnen i årskurs 9",
        short_title="Godkänt i alla ämnen",
        question="Hur många i årskurs 9 får godkänt i alla ämnen?",
        why="Visar hur många som når kunskapskraven i hela sin utbildning, inte bara så mycket som behörigheten kräver.",
        label="elever med godkänt betyg i alla ämnen som ingått i elevens utbildning",
        numerator="fails = 0 AND passes > 0",
        passing=1,
        why_count="Bara p1 har godkänt i alla sina ämnen.",
        official=(
            Official(
                source="skolverket",
                table="Jämförelse av betygsresultat över tid",
                column="Andel (%) som fått godkänt betyg i alla ämnen",
            ),
            _kolada("N15418"),
        ),
        order=14,
        dimensions=("area", "model", "sex"),
    ),
    _mean(
        name="merit_value_16",
        title="Genomsnittligt meritvärde, 16 ämnen",
        short_title="Meritvärde (16 ämnen)",
        subjects="de 16 bästa ämnena",
        numerator="merit_16",
        total="835",
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
        numerator="merit_17",
        total="850",
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
