"""The gate of evaluations: which of their figures may be read. Never one school's, never a few pupils', always rounded.

A figure needs at least FEWEST_UNITS schools on both sides, no school over HEAVIEST of it and `k` pupils in every year.
Leaving one municipality out must leave as much. What one school or one municipality alone gave is never written.
Effects are in the indicator's unit to one decimal and numbers of pupils to the nearest ten. A level, and a plain before
and after, are sums of what the release may hide elsewhere: they are rounded so far that whoever knew every other school and
every weight would still be left with an interval of `k` pupils, or hidden where whole points do not suffice.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from metrics.evaluate.checks import Check
from metrics.evaluate.evaluation import Evaluation
from metrics.evaluate.events import FEWEST_UNITS, HEAVIEST, EventRow
from metrics.evaluate.planned import Answer
from metrics.evaluate.sources import Outcome
from metrics.evaluate.verdict import Reason, Step, Verdict
from metrics.protect.thresholds import Thresholds

OF_THE_REGISTER = (Reason.EXISTED_BEFORE, Reason.UNCLEAR_START, Reason.ONE_MUNICIPALITY, Reason.TOO_EARLY)
"""Reasons that follow from the register and the years alone: they may be read where no figure may."""
SHARE = 100.0
"""The scale of an outcome that is a share."""
LEAVE_ONE_OUT_FROM = FEWEST_UNITS + 1
LEVEL_STEPS = (0.1, 0.5, 1.0)
"""What a level may be rounded to, in percentage points."""
POINTS: Mapping[str, tuple[str, ...]] = {
    "smoothness": ("breakdown",),
    "leave_one_out": ("smallest", "largest"),
    "second_opinion": ("two_stage",),
    "placebo_start": ("estimate",),
    "dip": ("estimate",),
    "moved_start": ("earlier", "later"),
}
"""Per check: its figures in the outcome's own unit that may be read."""
PLAIN: Mapping[str, tuple[str, ...]] = {
    "pretrend": ("p",),
    "placebo_start": ("p",),
    "dip": ("p",),
    "placebo": ("p",),
    "registration": ("p",),
    "dose": ("mean",),
    "controls": ("units", "clusters", "left_out_other_models"),
}
"""Per check: its figures without a unit that may be read."""


def shown_verdict(evaluation: Evaluation | None, verdict: Verdict, thresholds: Thresholds) -> Verdict:
    """The verdict as it may be read: what only figures too few to show could tell becomes "underlaget räcker inte"."""
    told = evaluation is not None and enough(evaluation, thresholds)
    if told or verdict.reason in OF_THE_REGISTER:
        return verdict
    return Verdict(step=Step.UNDECIDABLE, reason=Reason.TOO_LITTLE)


def enough(evaluation: Evaluation, thresholds: Thresholds) -> bool:
    """Whether the overall figures may be read."""
    counts = evaluation.counts
    sides = (counts.get("treated_units", 0), counts.get("control_units", 0))
    weight = np.isfinite(evaluation.largest_weight) and evaluation.largest_weight <= HEAVIEST
    pupils = [each.pupils for each in evaluation.events if each.role != "split"]
    many = min([*pupils, counts.get("control_contributors", 0)], default=0) >= thresholds.pupils
    return min(sides) >= FEWEST_UNITS and bool(weight) and bool(pupils) and many


def figures(answer: Answer, thresholds: Thresholds) -> dict[str, Any]:
    """All the figures of an evaluation that may be read, as plain data; "hidden" and nothing else where none may."""
    evaluation, scale = answer.evaluation, answer.outcome.scale
    if evaluation is None or np.isnan(evaluation.estimate):
        return {"hidden": False}
    if not enough(evaluation, thresholds):
        return {"hidden": True}
    limits = {name: points(getattr(evaluation, name), scale) for name in ("low95", "high95", "low99", "high99")}
    return {
        "hidden": False,
        "estimate": points(evaluation.estimate, scale),
        **limits,
        "smallest": points(evaluation.smallest, scale),
        "p": rounded(evaluation.p),
        "attainable_p": rounded(evaluation.attainable_p),
        "bootstrap_p": rounded(evaluation.bootstrap_p),
        "assignments": evaluation.assignments,
        "enumerated": evaluation.enumerated,
        "naive": _naive(evaluation, scale, thresholds),
        "events": [_event(each, answer.outcome, thresholds) for each in evaluation.events],
        "checks": [_check(each, evaluation, scale, thresholds) for each in evaluation.checks],
        "counts": {name: _count(name, number) for name, number in sorted(evaluation.counts.items())},
        "required": {name: evaluation.required.get(name) for name in ("adopters", "years")},
    }


def points(value: float, scale: float) -> float | None:
    """A figure in the indicator's unit to one decimal; None where it is unknown or without limit."""
    return rounded(value * scale, 1)


def rounded(value: float, decimals: int = 3) -> float | None:
    """The figure to so many decimals, never minus nothing; None where it is unknown or without limit."""
    return round(float(value), decimals) + 0.0 if np.isfinite(value) else None


def _count(name: str, number: int) -> int:
    return round(number / 10) * 10 if name.endswith("contributors") else int(number)


def level_step(pupils: float, thresholds: Thresholds) -> float | None:
    """The finest rounding of a share of so many pupils that leaves `k` of them open; None where none does."""
    fine = (step for step in LEVEL_STEPS if step / 100 * pupils >= thresholds.pupils)
    return next(fine, None)


def to_step(value: float, step: float) -> float:
    """The value at the nearest multiple of the step, to one decimal."""
    return round(round(value / step) * step, 1) + 0.0


def _naive(evaluation: Evaluation, scale: float, thresholds: Thresholds) -> dict[str, float] | None:
    """Before and after of a share; its interval follows from true counts and is never told."""
    naive = evaluation.naive
    step = level_step(naive.pupils, thresholds) if naive and scale == SHARE else None
    if naive is None or step is None or np.isnan(naive.estimate):
        return None
    return {"estimate": to_step(naive.estimate * scale, step)}


def _event(row: EventRow, outcome: Outcome, thresholds: Thresholds) -> dict[str, Any]:
    """One span of years: its effect where enough stand behind it, its level where enough have the outcome and not."""
    place = {"first": row.first, "last": row.last, "role": row.role}
    if not _row_enough(row, thresholds):
        return place | {"hidden": True}
    told = {name: points(getattr(row, name), outcome.scale) for name in ("estimate", "low", "high")}
    counted = {"units": row.units, "clusters": row.clusters, "contributors": _count("contributors", row.contributors)}
    level = _level(row, outcome, thresholds)
    return place | {"hidden": False} | told | level | counted


def _level(row: EventRow, outcome: Outcome, thresholds: Thresholds) -> dict[str, float | None]:
    """The level as far as it may be read, and what would have been as that less the effect: nothing more is told."""
    step = level_step(row.grain, thresholds) if _level_open(row, outcome, thresholds) else None
    effect = points(row.estimate, outcome.scale)
    if step is None or effect is None:
        return {"observed": None, "counterfactual": None}
    observed = to_step(row.observed * outcome.scale, step)
    return {"observed": observed, "counterfactual": round(observed - effect, 1) + 0.0}


def _row_enough(row: EventRow, thresholds: Thresholds) -> bool:
    return row.units >= FEWEST_UNITS and row.heaviest <= HEAVIEST and row.pupils >= thresholds.pupils


def _level_open(row: EventRow, outcome: Outcome, thresholds: Thresholds) -> bool:
    """Whether a level is a share that does not tell that only a few pupils have the outcome, or lack it."""
    if outcome.scale != SHARE:
        return False
    return outcome.indicator.sensitive == "none" or min(row.cases, row.others) >= thresholds.pupils


def _check(check: Check, evaluation: Evaluation, scale: float, thresholds: Thresholds) -> dict[str, Any]:
    """A check's word, and the figures of it that may be read."""
    if not _check_open(check, evaluation, thresholds):
        return {"code": check.code, "passed": None, "reverses": False, "figures": {}}
    told = {name: points(check.figures[name], scale) for name in POINTS.get(check.code, ()) if name in check.figures}
    plain = {name: rounded(check.figures[name]) for name in PLAIN.get(check.code, ()) if name in check.figures}
    passed = None if check.passed is None else bool(check.passed)
    return {"code": check.code, "passed": passed, "reverses": bool(check.reverses), "figures": plain | told}


def _check_open(check: Check, evaluation: Evaluation, thresholds: Thresholds) -> bool:
    if check.code == "leave_one_out":
        left, weight = check.figures.get("fewest_left", 0), check.figures.get("heaviest_left", np.nan)
        many = evaluation.counts["treated_units"] >= LEAVE_ONE_OUT_FROM
        return bool(many and left >= FEWEST_UNITS and weight <= HEAVIEST)
    if check.code == "dip":
        return all(_row_enough(each, thresholds) for each in evaluation.events if each.role == "dip")
    return True
