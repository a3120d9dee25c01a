"""School results of pupils known to social services beside the others': only under a declared join, and what it finds."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator, Official
from metrics.indicators.attendance import FOUND
from metrics.indicators.pupil_select import UNITS, Said, declared, select, total, within

LINKED_YEAR9 = (
    "year9_leavers\nLEFT JOIN known_to_social_services AS known\n    ON known.pupil = contributors\n"
    "LEFT JOIN joined_reach AS reach\n    ON reach.municipality = school_municipality"
)
ELIGIBLE = "core_passes = 3 AND other_passes >= 5"
YEAR_ENDS = "make_date(CAST(substr(period, 1, 4) AS INTEGER) + 1, 6, 30)"
KNOWN = f"first_report <= {YEAR_ENDS}"
OTHERS = f"(first_report IS NULL OR first_report > {YEAR_ENDS}) AND reports_begin IS NOT NULL"

GRADES = """
pupil school_year school_unit sex   SV EN MA BL HKK IDH MU SL
p1    2024/25     10000001    girls A  B  C  C  C   C   C  C
p2    2024/25     10000001    boys  E  E  E  E  E   E   E  E
p3    2024/25     10000001    girls F  C  C  C  C   C   C  C
p4    2024/25     10000001    boys  E  F  E  E  E   E   E  E
p5    2024/25     10000001    girls E  E  E  E  E   E   E  E
"""
CHAIN = """
child municipality report_date reporter
c2    1419         2021-03-01  school
c3    1419         2025-06-30  police
c5    1419         2025-07-01  school
"""
REPORTED = """
child municipality report_date reporter stage
c2    1419         2024-03-01  school   7-9
c3    1419         2024-06-30  police   4-6
c5    1419         2024-07-01  school   upper_secondary_age
c9    1419         2024-09-01  family   F-3
c8    1440         2024-09-01  family   F-3
"""
JOIN = """
pupil child
p2    c2
p3    c3
p5    c5
"""

FOUND_AT_SCHOOL = (
    "reported_children\nLEFT JOIN (SELECT DISTINCT child AS linked_child FROM declared_join) AS linked\n"
    "    ON linked_child = contributors\n"
    "LEFT JOIN joined_reach AS reach\n    ON reach.municipality = home_municipality"
)
COMMON: Said = {
    "unit": "share",
    "polarity": "higher_is_better",
    "sensitive": "both",
    "theme": "Tidigt",
    "dimensions": ("area",),
    "needs_join": True,
}


def _beside(kpi: str, title: str) -> tuple[Official, ...]:
    """A series on placed children: another definition, shown for orientation and never reconciled."""
    return (Official(source="kolada", table=kpi, column=title, same_definition=False),)


def _eligible(
    *, who: str, short: str, counted: str, numbers: tuple[int, int], explanation: str, **said: Unpack[Said]
) -> Indicator:
    numerator, denominator = within(counted, ELIGIBLE)
    this: Said = {
        "title": f"Behöriga till gymnasieskolans yrkesprogram, {who}",
        "short_title": f"Behörig, {short}",
        "question": f"Hur många blir behöriga till gymnasiet bland {who}?",
        "why_it_matters": (
            "Skolan är den starkaste skyddsfaktorn för barn i utsatthet. Klyftan visar om stödet från båda "
            "verksamheterna räcker hela vägen till ett betyg."
        ),
        "numerator_label": "elever som är behöriga till ett yrkesprogram",
        "denominator_label": f"{who}, i årskurs 9 i det målrelaterade systemet",
        "population": "joined_leavers",
        "perspective": "school_municipality",
        "period_kind": "school_year",
        "sql": select(LINKED_YEAR9, numerator=numerator, denominator=denominator),
        "extracts": ("year9_grades", "school_units", "support_chain"),
        "splits": ("eligibility_vocational",),
        "linkage": FOUND,
    }
    return declared(
        tables={"year9_grades": GRADES, "school_units": UNITS, "support_chain": CHAIN, "declared_join": JOIN},
        expected=total("2024/25", *numbers),
        explanation=explanation,
        **(COMMON | this | said),
    )


IN_JOIN = "reports_begin IS NOT NULL AND stage IN ('F-3', '4-6', '7-9')"
FOUND_NUMERATOR, FOUND_DENOMINATOR = within(IN_JOIN, "linked_child IS NOT NULL")
FOUND_IN_SCHOOL: Said = {
    "name": "reported_children_found_in_school",
    "title": "Andel orosanmälda barn i skolåldern som återfinns hos skolan",
    "short_title": "Anmälda som återfinns i skolan",
    "question": "Hur många av de orosanmälda barnen i skolåldern återfinns i skolans uppgifter?",
    "why_it_matters": "Den som inte återfinns räknas bland de övriga. Är andelen låg döljer jämförelsen mer än den visar.",
    "numerator_label": "av dem, barn som samkörningen återfinner i skolans uppgifter",
    "denominator_label": "barn i grundskoleåldern med orosanmälan under året, i kommuner som ingår i samkörningen",
    "population": "reported_children",
    "perspective": "home_municipality",
    "period_kind": "calendar_year",
    "sql": select(FOUND_AT_SCHOOL, numerator=FOUND_NUMERATOR, denominator=FOUND_DENOMINATOR),
    "extracts": ("support_chain",),
    "order": 703,
}

INDICATORS = (
    declared(
        tables={"support_chain": REPORTED, "declared_join": JOIN},
        expected=total("2024", 2, 3, perspective="home") + "2024 | 1440 | 0 | 0\n",
        explanation="c2 och c3 återfinns, c9 inte. c5 går i gymnasiet. I Ale finns ingen samkörning.",
        **(COMMON | FOUND_IN_SCHOOL),
    ),
    _eligible(
        name="eligibility_known_to_social_services",
        who="elever som orosanmälts någon gång före slutet av årskurs 9",
        short="orosanmälda",
        counted=KNOWN,
        numbers=(1, 2),
        explanation="p2 och p3 är anmälda senast den 30 juni; p2 är behörig. p5 anmäls dagen efter.",
        official=_beside("N33870", "Behörighet till gymnasieutbildning - placerade hela åk 9, 17 år, andel (%)"),
        order=700,
    ),
    _eligible(
        name="eligibility_not_known_to_social_services",
        who="elever som inte orosanmälts före slutet av årskurs 9",
        short="övriga",
        counted=OTHERS,
        numbers=(2, 3),
        explanation="Av p1, p4 och p5 är p1 och p5 behöriga. Räknas bara i kommuner som ingår i samkörningen.",
        official=_beside("N33876", "Behörighet till gymnasieutbildning - ej placerade, 17 år, andel (%)"),
        order=701,
    ),
)
