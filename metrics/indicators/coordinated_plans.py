"""Coordinated individual plans (SIP): who calls, whether school and child take part, and whether they are followed up."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator
from metrics.indicators.pupil_select import Said, by_year, declared, one_if, select, within

FOLLOW_UP_DAYS = 182

PLANS = """
child municipality plan_date  initiator       school_took_part child_took_part followed_up ended      observed_to
a     1419         2023-02-01 school          yes              yes             2023-03-15  .          2025-06-30
a     1419         2023-09-01 health_care     no               no              .           .          2025-06-30
b     1419         2023-03-01 social_services yes              .               2023-08-30  .          2025-06-30
c     1419         2023-04-01 health_care     no               no              2023-10-01  .          2025-06-30
d     1419         2023-05-01 .               .                yes             .           2023-07-01 2025-06-30
e     1419         2023-06-01 school          yes              no              .           .          2025-06-30
late  1419         2025-06-02 school          yes              yes             .           .          2025-06-30
"""
CHILDREN = 5
"""Children with a plan in the example's 2023: a, b, c, d and e."""


COMMON: Said = {
    "why_it_matters": "En SIP ska samla skola, socialtjänst och vård kring samma barn. Måtten visar om den blir av på riktigt.",
    "unit": "share",
    "polarity": "higher_is_better",
    "sensitive": "both",
    "population": "coordinated_plans",
    "theme": "Tidigt",
    "perspective": "home_municipality",
    "period_kind": "calendar_year",
    "dimensions": ("area", "sex"),
    "extracts": ("coordinated_plan",),
}


def _indicator(
    *,
    numbers: tuple[str, str],
    counted: tuple[tuple[int, int], tuple[int, int]],
    explanation: str,
    extra: tuple[str, ...] = (),
    **said: Unpack[Said],
) -> Indicator:
    """`counted`: numerator and denominator of the worked example's 2023 and 2025."""
    sql = select("coordinated_plans", numerator=numbers[0], denominator=numbers[1], extra=extra)
    return declared(
        tables={"coordinated_plan": PLANS},
        expected=by_year("home", dict(zip(("2023", "2025"), counted, strict=True))),
        explanation=f"{explanation} Barnets första plan under året räknas, så a räknas en gång.",
        **(COMMON | Said(sql=sql) | said),
    )


FOLLOWED = f"days_seen >= {FOLLOW_UP_DAYS}"

INDICATORS = (
    _indicator(
        name="plan_initiated_by_school",
        title="Samordnade individuella planer (SIP) på skolans initiativ",
        short_title="SIP på skolans initiativ",
        question="Hur många av barnen med en SIP har fått den på skolans initiativ?",
        numerator_label="av dem, barn där skola eller elevhälsa kallade",
        denominator_label="barn med en ny SIP under året och känd initiativtagare",
        numbers=within("initiator IS NOT NULL", "initiator = 'school'"),
        counted=((2, 4), (1, 1)),
        explanation="Skolan kallade för a och e, andra för b och c. För d är det okänt.",
        order=730,
        polarity="no_judgement",
    ),
    _indicator(
        name="plan_with_school",
        title="Samordnade individuella planer (SIP) där skolan deltog",
        short_title="SIP med skolan",
        question="Hur ofta är skolan med när ett barn får en SIP?",
        numerator_label="av dem, barn där skola eller elevhälsa deltog",
        denominator_label="barn med en ny SIP under året och känt om skolan deltog",
        numbers=within("school_took_part IS NOT NULL", "school_took_part"),
        counted=((3, 4), (1, 1)),
        explanation="Skolan var med för a, b och e men inte för c. För d är det okänt.",
        order=731,
    ),
    _indicator(
        name="plan_with_child",
        title="Samordnade individuella planer (SIP) där barnet deltog",
        short_title="SIP med barnet",
        question="Hur ofta är barnet självt med när det får en SIP?",
        numerator_label="av dem, barn som själva deltog",
        denominator_label="barn med en ny SIP under året och känt om barnet deltog",
        numbers=within("child_took_part IS NOT NULL", "child_took_part"),
        counted=((2, 4), (1, 1)),
        explanation="a och d var med, c och e inte. För b är det okänt.",
        order=732,
    ),
    _indicator(
        name="plan_followed_up_within_6_months",
        title="Samordnade individuella planer (SIP) som följts upp inom ett halvår",
        short_title="SIP uppföljd inom ett halvår",
        question="Hur många av barnen med en SIP får den uppföljd inom ett halvår?",
        numerator_label=f"av dem, barn vars plan följts upp inom {FOLLOW_UP_DAYS} dagar",
        denominator_label="barn med en ny SIP under året som följts ett halvår",
        numbers=within(FOLLOWED, f"event = 1 AND days <= {FOLLOW_UP_DAYS}"),
        counted=((2, CHILDREN), (0, 0)),
        explanation=(
            "a följs upp efter 42 dagar och b på dag 182, c en dag för sent. d:s plan avslutas utan uppföljning och e:s "
            "följs aldrig upp. Planen från juni 2025 är för ny."
        ),
        order=733,
        unit="incidence",
        extra=(f"{one_if(FOLLOWED)} AS observed", "days AS time", "event"),
        horizon_days=FOLLOW_UP_DAYS,
    ),
)
