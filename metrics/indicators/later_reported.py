"""Of pupils with little and with much absence, how many are reported to social services within the year after a term."""

from __future__ import annotations

from metrics.declare import Indicator
from metrics.indicators.attendance import DELIVERED, FOUND, LINKED, TERM_ENDS, at_least
from metrics.indicators.pupil_select import UNITS, Said, declared, one_if, select, total, within

ONE_MORE = "p6    10000002    7-9   2024-08-15 2024-12-20 20000   20000    .        600           0               .\n"
JOIN = """
pupil child
p1    c1
p2    c2
p3    c3
p5    c5
"""
CHAIN = """
child municipality report_date reporter observed_to
c1    1419         2025-10-01  police   2026-01-31
c2    1419         2024-12-31  school   2026-01-31
c2    1419         2026-01-15  school   2026-01-31
c3    1419         2024-09-15  police   2026-01-31
c3    1419         2025-12-31  police   2026-01-31
c5    1419         2025-03-01  school   2026-01-31
"""
AFTER = f"{TERM_ENDS} + INTERVAL 12 MONTH"
COVERED = f"reports_begin <= {TERM_ENDS} AND reports_seen_to >= {AFTER}"
"""A declared join covers the school's municipality, from before the term's end to a year after it."""
REPORTED = f"len(list_filter(report_days, lambda day: day > {TERM_ENDS} AND day <= {AFTER})) > 0"

LEVELS: tuple[tuple[str, str, str, str, tuple[int, int]], ...] = (
    ("under_10", "under 10 procents", "under 10 %", f"NOT ({at_least('absence', 10)})", (1, 2)),
    (
        "10_to_20",
        "10 till under 20 procents",
        "10 till under 20 %",
        f"{at_least('absence', 10)} AND NOT ({at_least('absence', 20)})",
        (1, 2),
    ),
    ("20", "minst 20 procents", "minst 20 %", at_least("absence", 20), (1, 2)),
)
"""Three groups that are all pupils together, and classes of open values: name, words, short words, condition, and the worked
example's numbers. Levels inside each other would let a group of few be had by subtraction."""


COMMON: Said = {
    "why_it_matters": (
        "Visar hur ofta oro för grupper med hög frånvaro leder till en orosanmälan, och om den kommer från samma håll "
        "som frånvaron. Det säger inget om den enskilda eleven."
    ),
    "numerator_label": "av dem, elever med minst en orosanmälan inom tolv månader efter terminens slut",
    "unit": "share",
    "polarity": "no_judgement",
    "sensitive": "both",
    "population": "joined_pupils",
    "theme": "Tidigt",
    "perspective": "school_municipality",
    "period_kind": "term",
    "dimensions": ("area", "stage", "sex"),
    "extracts": ("attendance", "school_units", "support_chain"),
    "followed_years": 1,
    "needs_join": True,
    "counts_own_join": True,
    "splits": ("absence_10", "absence_20"),
    "linkage": FOUND,
}
TABLES = {
    "attendance": DELIVERED + ONE_MORE,
    "school_units": UNITS,
    "support_chain": CHAIN,
    "declared_join": JOIN,
}
EXPLANATION = (
    "Frånvaron är 2, 10, 21, 50, 16 och 3 procent. p1 anmäls i oktober, p3 på årets sista dag och p5 i mars; "
    "p2 på terminens sista dag, som är för tidigt, och efter mer än ett år."
)


def _after_absence(
    level: str, words: str, short: str, condition: str, numbers: tuple[int, int], order: int
) -> Indicator:
    numerator, denominator = within(f"{COVERED} AND {condition}", REPORTED)
    this: Said = {
        "name": f"reported_after_absence_{level}",
        "title": f"Elever med {words} frånvaro som orosanmäls inom tolv månader",
        "short_title": f"Orosanmäld inom ett år, frånvaro {short}",
        "question": f"Hur många elever med {words} frånvaro en termin orosanmäls året efter?",
        "denominator_label": f"elever med {words} frånvaro under terminen, i kommuner med samkörning eller egna antal",
        "sql": select(LINKED, numerator=numerator, denominator=denominator, extra=(f"{one_if(COVERED)} AS observed",)),
        "order": order,
        "implies": {
            f"absence_20_{known}_to_social_services": "outcome" if level == "20" else "remainder"
            for known in ("known", "not_known")
        },
    }
    return declared(tables=TABLES, expected=total("HT 2024", *numbers), explanation=EXPLANATION, **(COMMON | this))


INDICATORS = tuple(_after_absence(*level, order=715 + place) for place, level in enumerate(LEVELS))
