"""From year 9 to the autumn after: every leaver in exactly one state, so that the parts add up to the whole."""

from __future__ import annotations

from metrics.declare import Indicator, Linkage, Official, Polarity, Sensitive
from metrics.indicators.pupil_select import UNITS, Said, declared, one_if, select

FLOW = "next_step_after_year_9"
DIVIDED = ("area", "model", "sex", "background")
"""The other states of a model are of so few that each would hide members' totals: by model only the first is told."""

LEAVERS = """
pupil school_year school_unit sex   EN MA SV
n1    2023/24     10000001    girls A  A  A
n2    2023/24     10000001    boys  E  E  E
v1    2023/24     10000001    girls F  E  E
y1    2023/24     10000001    boys  F  F  E
a1    2023/24     10000001    girls F  F  F
s1    2023/24     10000001    boys  F  E  F
x1    2023/24     10000001    girls F  F  F
k1    2023/24     10000001    boys  F  F  F
m1    2023/24     10000001    girls C  C  C
u1    2023/24     10000001    boys  E  E  F
late  2024/25     10000001    girls A  A  A
"""
ENROLLED = """
pupil school_year school_unit programme study_year home_municipality school_form
n1    2024/25     10000009    NA        1          1419              .
n2new 2024/25     10000009    IBDIP     1          1419              .
v1    2024/25     10000009    IMV       1          1419              .
y1    2024/25     10000009    IMY       1          1419              .
a1    2024/25     10000009    IMA       1          1419              .
s1    2024/25     10000009    IMS       1          1419              .
x1    2024/25     10000009    AHADM     1          1419              adapted
"""
REGISTERED = """
pupil school_year home_municipality registered deregistered reason
k1    2024/25     1419              2024-09-20 .            .
m1    2024/25     1419              2024-09-01 2024-10-01   moved
"""
ALIAS = """
old_pupil pupil
n2        n2new
"""

STATES: tuple[tuple[str, str, str, Polarity, Sensitive, int], ...] = (
    ("national", "nationellt program", "elever på nationellt program eller IB", "higher_is_better", "remainder", 2),
    ("choice", "IM, programinriktat val (IMV)", "elever på programinriktat val", "no_judgement", "none", 1),
    ("vocational", "IM, yrkesintroduktion (IMY)", "elever på yrkesintroduktion", "no_judgement", "none", 1),
    (
        "individual",
        "IM, individuellt alternativ (IMA)",
        "elever på individuellt alternativ",
        "no_judgement",
        "none",
        1,
    ),
    ("language", "IM, språkintroduktion (IMS)", "elever på språkintroduktion", "no_judgement", "none", 1),
    ("adapted", "anpassad gymnasieskola", "elever i anpassad gymnasieskola", "no_judgement", "outcome", 1),
    (
        "activity_responsibility",
        "kommunens aktivitetsansvar (KAA)",
        "elever som inte finns i gymnasieskolan men i kommunens aktivitetsansvar",
        "lower_is_better",
        "outcome",
        1,
    ),
    (
        "moved",
        "flyttat",
        "elever som avregistrerats ur aktivitetsansvaret för att de flyttat",
        "no_judgement",
        "none",
        1,
    ),
    ("unknown", "okänt", "elever som inte återfinns i något inlämnat uttag", "no_judgement", "outcome", 1),
)
"""State, its words, what is counted, polarity, sensitive class, and how many of the example's ten leavers are in it."""


ALL_REGISTERED = Official(
    source="kolada",
    table="N18741",
    column="Personer i kommunens aktivitetsansvar, andel (%) av inv 16-19 år",
    years_later=1,
    same_definition=False,
)
"""Of all inhabitants of that age, at any time of the year: beside, and never compared."""


COMMON: Said = {
    "why_it_matters": "Övergången är den punkt där elever lättast tappas bort mellan skola, kommun och socialtjänst.",
    "denominator_label": "elever som slutade årskurs 9 i det målrelaterade systemet",
    "unit": "flow",
    "population": "year9_leavers",
    "theme": "Gymnasiet",
    "perspective": "school_municipality",
    "period_kind": "school_year",
    "extracts": (
        "year9_grades",
        "school_units",
        "upper_secondary_enrolment",
        "activity_responsibility",
        "pupil_alias",
    ),
    "followed_years": 1,
    "part_of": FLOW,
}
TABLES = {
    "year9_grades": LEAVERS,
    "school_units": UNITS,
    "upper_secondary_enrolment": ENROLLED,
    "activity_responsibility": REGISTERED,
    "pupil_alias": ALIAS,
}


def _state(
    state: str, words: str, label: str, polarity: Polarity, sensitive: Sensitive, number: int, order: int
) -> Indicator:
    this: Said = {
        "name": f"next_step_{state}",
        "title": f"Hösten efter årskurs 9: {words}",
        "short_title": f"Efter åk 9: {words}",
        "question": f"Hur många av dem som slutat årskurs 9 finns hösten efter här: {words}?",
        "numerator_label": f"{label} den 15 oktober samma år" if state != "unknown" else label,
        "polarity": polarity,
        "sensitive": sensitive,
        "dimensions": DIVIDED if state == "national" else tuple(name for name in DIVIDED if name != "model"),
        "sql": select(
            "year9_leavers\nJOIN year9_next_step USING (contributors, period)",
            numerator=one_if(f"observed = 1 AND next_step = '{state}'"),
            denominator="observed",
            extra=("observed",),
        ),
        "order": order,
        "official": (ALL_REGISTERED,) if state == "activity_responsibility" else (),
        "elsewhere": "activity_left_moved" if state == "moved" else "",
        "linkage": None if state == "unknown" else Linkage(indicator="next_step_unknown", counts_found=False),
    }
    return declared(
        tables=TABLES,
        expected=(
            "period school_municipality numerator denominator observed\n"
            f"2023/24 1419 {number} 10 10\n2024/25 1419 0 0 0\n"
        ),
        explanation=(
            f"{number} av de tio som slutade våren 2024. n2 har bytt pseudonym men följs. Den som slutade "
            "våren 2025 kan inte följas ännu, eftersom hösten 2025 inte är inlämnad."
        ),
        **(COMMON | this),
    )


INDICATORS = tuple(_state(*state, order=200 + place) for place, state in enumerate(STATES))
