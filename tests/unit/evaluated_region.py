"""A small region with a built-in effect, evaluated for real: what tests of evaluations and of their pages stand on."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from metrics import catalogue
from metrics.declare import ExpectedResult
from metrics.evaluate.planned import Answer, Asked, Plan, answer
from metrics.evaluate.sources import Outcome
from metrics.evaluate.verdict import Reason, Step, Verdict
from metrics.protect.thresholds import Thresholds
from metrics.release.evaluations import document, judge_together
from metrics.release.read import TABLES

YEARS = range(2015, 2025)
CODES = ("1440", "1489", "1480", "1401", "1384", "1482", "1441", "1462", "1481", "1402", "1415", "1419")
EARLY = date(2018, 1, 1)
LATE = date(2026, 11, 23)
EXPECTED = ExpectedResult(
    indicator="eligibility_vocational", direction="increase", smallest_size=3.0, earliest_year=1, declared=EARLY
)
FEARED = replace(EXPECTED, indicator="all_subjects_passed", direction="decrease", intended=False)


def rows(adopters: int, *, effect: float = 0.0, pupils: int = 400, level: float = 0.8, large: int = 0) -> pd.DataFrame:
    """Twelve schools, one in each municipality; the first ones adopt in 2019/20, and one of them may be larger."""
    rng = np.random.default_rng(3)
    found = []
    for number, code in enumerate(CODES):
        size = large if large and number == 0 else pupils
        for year in YEARS:
            share = level + 0.002 * (number % 5) + effect * (number < adopters and year >= 2020)
            found.append((f"77{code}01", code, year, rng.binomial(size, min(share, 1.0)), size))
    return pd.DataFrame(found, columns=["unit", "cluster", "period", "numerator", "denominator"])


def starts(adopters: int, day: str = "2019-08-15") -> pd.DataFrame:
    return pd.DataFrame({"unit": [f"77{code}01" for code in CODES[:adopters]], "started": day})


def answered(
    table: pd.DataFrame,
    began: pd.DataFrame,
    expected: ExpectedResult = EXPECTED,
    counts_from: date = EARLY,
    model: str = "attendance_team",
) -> Answer:
    outcome = Outcome(indicator=catalogue.default().indicators[expected.indicator])
    plan = Plan(model=model, expected=expected, counts_from=counts_from)
    return answer(Asked(plan=plan, outcome=outcome, rows=table, starts=began))


def told(found: Answer) -> dict[str, Any]:
    verdict = judge_together([found], Thresholds())[0]
    return document(found, verdict, Thresholds())


MEMBERS = ("Ale", "Alingsås")


@functools.cache
def table() -> pd.DataFrame:
    """A release's evaluations of every kind: decided for and against, held down, existing before, hidden, lacking."""
    return pd.DataFrame(list(_rows()), columns=list(TABLES["evaluations"]))


def _rows() -> Iterator[dict[str, Any]]:
    absence = replace(EXPECTED, indicator="absence_20", direction="decrease", stage="7-9", earliest_year=0)
    team, pupils = "school_social_team", 1500
    asked = [
        answered(rows(5, effect=0.08, pupils=pupils), starts(5), counts_from=LATE, model=team),
        answered(rows(5, effect=-0.08, pupils=pupils), starts(5), FEARED, model=team),
        answered(rows(5, level=0.1, pupils=200), starts(5), absence, model="attendance_team"),
        answered(rows(2), starts(2), model="attendance_team"),
        answered(rows(3), starts(3, "2007-08-15"), model="sspf"),
        answered(rows(3), pd.DataFrame({"unit": ["99"], "started": ["2019-08-15"]}), model="resource_centre"),
    ]
    for each in asked:
        told = document(each, judge_together([each], Thresholds())[0], Thresholds())
        told |= {"computed": {"release": len(asked), "model": 2, "outside": 1}, "held": False}
        yield _row(each.plan.model, "GR", each.plan.expected.indicator, each.plan.expected.stage, told)
    alone = Verdict(step=Step.UNDECIDABLE, reason=Reason.ONE_MUNICIPALITY)
    said = {"step": str(alone.step), "reason": str(alone.reason), "capped": False, "words": alone.words, "type": []}
    for member in MEMBERS:
        yield _row(team, member, "", "", said)


def _row(model: str, area: str, indicator: str, stage: str, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "model": model,
        "area": area,
        "indicator": indicator,
        "stage": stage,
        "verdict": told["step"],
        "reason": told["reason"],
        "document": json.dumps(told, ensure_ascii=False, sort_keys=True),
    }


def reached_pupils() -> pd.DataFrame:
    """Pupils before, during and after the support: told of one model, hidden of another, missing of the rest."""
    told = {"reached": 130.0, "followed": 80.0, "before": 40.0, "during": 32.0, "after": 20.0, "status": "shown"}
    hidden = dict.fromkeys(("reached", "followed", "before", "during", "after")) | {"status": "hidden"}
    rows = [{"model": "attendance_team"} | hidden, {"model": "sspf"} | told]
    return pd.DataFrame(rows).assign(area="GR", stage="7-9").reindex(columns=list(TABLES["reached_pupils"]))


def register() -> pd.DataFrame:
    """The instances behind the members' rows; one says what it costs."""
    found = pd.DataFrame(
        {
            "instance": [f"Skolsocialt team {member}" for member in MEMBERS],
            "model_type": "school_social_team",
            "municipality": MEMBERS,
            "school_units": "10000001|10000002",
            "started": "2019-08-15",
            "ended": "",
            "start_precision": "date",
            "decided_by": "municipality",
            "source": "Exempel",
            "planned_posts": [2.0, 3.0],
            "filled_posts": [2.0, 1.5],
            "yearly_cost": [1_800_000.0, None],
            "goals": ["higher_attendance", ""],
            "grant_ends": ["2027-12-31", ""],
        }
    )
    return found.reindex(columns=list(TABLES["register"]))
