"""What each model type is expected to change, and what it might change that nobody wants; GR is to confirm the list.

A change here is a new plan: it gets another hash, and counts from the day a release first carried it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from metrics.declare import ExpectedResult

DECLARED = date(2026, 11, 23)
Direction = Literal["increase", "decrease"]


def _result(
    indicator: str, direction: Direction, *, size: float = 3.0, year: int = 0, stage: str = "all", intended: bool = True
) -> ExpectedResult:
    return ExpectedResult(
        indicator=indicator,
        direction=direction,
        smallest_size=size,
        earliest_year=year,
        declared=DECLARED,
        intended=intended,
        stage=stage,
    )


LESS_ABSENCE = _result("absence_20", "decrease", stage="7-9")
MORE_ELIGIBLE = _result("eligibility_vocational", "increase", year=1)
FEWER_PASS_ALL = _result("all_subjects_passed", "decrease", year=1, intended=False)
MORE_UNEXCUSED = _result("unexcused_absence_10", "increase", stage="7-9", intended=False)

EXPECTED_RESULTS: Mapping[str, tuple[ExpectedResult, ...]] = {
    "school_social_team": (LESS_ABSENCE, MORE_ELIGIBLE, FEWER_PASS_ALL, MORE_UNEXCUSED),
    "sspf": (LESS_ABSENCE, MORE_ELIGIBLE, MORE_UNEXCUSED),
    "social_worker_in_school": (LESS_ABSENCE, MORE_ELIGIBLE, FEWER_PASS_ALL),
    "attendance_team": (LESS_ABSENCE, MORE_ELIGIBLE, FEWER_PASS_ALL, MORE_UNEXCUSED),
    "early_coordination": (LESS_ABSENCE, MORE_ELIGIBLE, MORE_UNEXCUSED),
    "coordinated_plan": (LESS_ABSENCE, MORE_ELIGIBLE),
    "resource_centre": (LESS_ABSENCE, MORE_ELIGIBLE, FEWER_PASS_ALL),
    "family_centre": (LESS_ABSENCE, MORE_UNEXCUSED),
}
