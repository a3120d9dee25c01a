"""The work of the collaboration models: how soon pupils are met, and whether the support is carried through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Unpack

from metrics.declare import Indicator
from metrics.indicators.pupil_select import UNITS, Said, by_year, declared, one_if, select, within

CONTACT_DAYS = (14, 30, 90)
SUPPORT_DAYS = {182: "ett halvår", 365: "ett år"}

CASES = """
pupil instance model_type      home_school_unit stage started    signal_date first_contact ended      end_reason observed_to
c1    Team     attendance_team 10000001         7-9   2023-09-10 2023-09-01  2023-09-10    2023-12-20 completed  2025-06-30
c2    Team     attendance_team 10000001         7-9   2023-09-10 2023-09-01  2023-09-20    2024-06-01 completed  2025-06-30
c3    Team     attendance_team 10000001         7-9   2023-09-10 2023-09-01  2023-11-20    2024-01-15 declined   2025-06-30
c4    Team     attendance_team 10000001         4-6   2023-09-10 2023-09-01  .             2023-09-25 moved      2025-06-30
c5    Team     attendance_team 10000001         4-6   2023-09-10 .           2023-09-15    .          .          2025-06-30
c5    Team     attendance_team 10000001         4-6   2024-01-10 2024-01-09  2024-01-10    2024-02-01 completed  2025-06-30
late  Team     attendance_team 10000001         7-9   2025-06-25 2025-06-24  2025-06-25    .          .          2025-06-30
"""


COMMON: Said = {
    "unit": "incidence",
    "polarity": "higher_is_better",
    "sensitive": "both",
    "population": "model_participants",
    "perspective": "school_municipality",
    "period_kind": "school_year",
    "dimensions": ("area", "stage", "model", "sex", "background"),
    "extracts": ("model_participation", "school_units", "collaboration_register"),
}


def _indicator(
    *,
    counted_when: str,
    seen: str,
    time: str,
    event: str,
    days: int,
    counted: tuple[int, int],
    explanation: str,
    **said: Unpack[Said],
) -> Indicator:
    """The share whose event 1 comes within so many days, of those counted and seen so long."""
    followed = f"{counted_when} AND {seen} >= {days}"
    numerator, denominator = within(followed, f"{event} = 1 AND {time} <= {days}")
    times = (
        one_if(followed) + " AS observed",
        f"CASE WHEN {counted_when} THEN {time} END AS time",
        f"CASE WHEN {counted_when} THEN {event} END AS event",
    )
    sql = select("model_participants", numerator=numerator, denominator=denominator, extra=times)
    return declared(
        tables={"model_participation": CASES, "school_units": UNITS},
        expected=by_year("school", {"2023/24": counted, "2024/25": (0, 0)}),
        explanation=explanation,
        **(COMMON | Said(sql=sql, horizon_days=days) | said),
    )


def _next(kind: str, days: int, every: Iterable[int]) -> str:
    """The indicator of the next longer time: its outcome includes this one's."""
    longer = [each for each in every if each > days]
    return f"{kind}_within_{min(longer)}_days" if longer else ""


def _contact(days: int, met: int, order: int) -> Indicator:
    return _indicator(
        name=f"first_contact_within_{days}_days",
        title=f"Första kontakt inom {days} dagar från första signal",
        short_title=f"Kontakt inom {days} dagar",
        question=f"Hur många elever får kontakt med modellen inom {days} dagar från skolans första signal?",
        why_it_matters="Ju kortare tid från de första tecknen till en kontakt, desto mindre hinner skolgången gå förlorad.",
        numerator_label=f"av dem, elever med en första kontakt inom {days} dagar",
        denominator_label="elever med ett nytt ärende under läsåret och känt datum för första signal",
        counted_when="coalesce(has_signal, FALSE)",
        seen="signal_days_seen",
        time="contact_days",
        event="contact_event",
        days=days,
        counted=(met, 4),
        explanation=(
            f"Tiden är 9, 19 och 80 dagar för c1, c2 och c3; c4 flyttar utan kontakt. {met} av 4 inom {days} dagar. c5:s "
            "första ärende saknar signaldatum."
        ),
        theme="Stödkedjan",
        order=order,
        within=_next("first_contact", days, CONTACT_DAYS),
    )


def _completed(days: int, done: int, order: int) -> Indicator:
    return _indicator(
        name=f"support_completed_within_{days}_days",
        title=f"Genomfört stöd inom {SUPPORT_DAYS[days]}",
        short_title=f"Genomfört inom {SUPPORT_DAYS[days]}",
        question=f"Hur många får stödet genomfört inom {SUPPORT_DAYS[days]} från första kontakten?",
        why_it_matters="Visar om stödet förs till slut eller avbryts. Det beskriver arbetet och är inget mått på effekt.",
        numerator_label=f"av dem, elever vars stöd avslutats enligt plan inom {days} dagar",
        denominator_label="elever med ett nytt ärende under läsåret som fått en första kontakt",
        counted_when="coalesce(has_contact, FALSE)",
        seen="support_days_seen",
        time="support_days",
        event="support_event",
        days=days,
        counted=(done, 4),
        explanation=(
            f"c1 är klar efter 101 dagar och c2 efter 255; c3 tackar nej och c5 pågår. {done} av 4 inom {days} dagar. "
            "En flytt eller ett nej räknas som annat slut."
        ),
        theme="Samverkansmodeller",
        order=order,
        within=_next("support_completed", days, SUPPORT_DAYS),
    )


INDICATORS = (
    *(_contact(days, met, 560 + place) for place, (days, met) in enumerate(zip(CONTACT_DAYS, (1, 2, 3), strict=True))),
    *(_completed(days, done, 610 + place) for place, (days, done) in enumerate(zip(SUPPORT_DAYS, (1, 2), strict=True))),
)
