"""One evaluation of one model and outcome, whole: estimate, interval, event picture, checks, verdict, what is missing."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from metrics.evaluate.checks import Check, Context, run_checks
from metrics.evaluate.estimate import estimate
from metrics.evaluate.events import EventRow, event_rows
from metrics.evaluate.inference import Randomization, draw, minimum_detectable_effect, wild_cluster_bootstrap
from metrics.evaluate.material import Material, prepare
from metrics.evaluate.panel import HEADLINE_BASE, Design
from metrics.evaluate.robustness import headline, required
from metrics.evaluate.verdict import Evidence, Reason, Verdict, judge
from metrics.stats import newcombe_difference

HEADLINE = Design(control="not_yet_treated", anticipation=1, base=HEADLINE_BASE)
SIGNS = {"higher_is_better": 1, "lower_is_better": -1}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: the outcome's direction, the effect that matters, and what was declared before."""

    outcome: str
    polarity: str = "higher_is_better"
    matters: float = 0.03
    declared_before: bool = False
    earliest_period: int | None = None
    period_kind: str = "school_year"
    sample: int = 1999
    seed: int = 1

    def __post_init__(self) -> None:
        if self.polarity not in SIGNS:
            raise ValueError(f"polarity must be one of {', '.join(SIGNS)}, got: {self.polarity}")

    @property
    def sign(self) -> int:
        """+1 where more is better."""
        return SIGNS[self.polarity]


@dataclass(frozen=True, kw_only=True)
class Naive:
    """The adopters' years with the model less their last year before it, with nothing else taken into account.

    pupils: contributors on the smaller side.
    """

    estimate: float
    low: float
    high: float
    pupils: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    """Everything a page needs; figures in the outcome's own unit (shares 0-1) and its own direction, not signed.

    counts: units, clusters and contributors, treated and control. timings: units per Timing. largest_weight: the
    heaviest unit's share of the treated. required: more adopting municipalities or years (None: no number would do).
    """

    question: Question
    verdict: Verdict
    evidence: Evidence
    estimate: float = np.nan
    low95: float = -np.inf
    high95: float = np.inf
    low99: float = -np.inf
    high99: float = np.inf
    p: float = np.nan
    attainable_p: float = np.nan
    assignments: int = 0
    enumerated: bool = True
    smallest: float = np.inf
    bootstrap_p: float = np.nan
    events: tuple[EventRow, ...] = ()
    checks: tuple[Check, ...] = ()
    naive: Naive | None = None
    counts: dict[str, int] = field(default_factory=dict)
    timings: dict[str, int] = field(default_factory=dict)
    largest_weight: float = np.nan
    required: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists, numbers and strings; what is infinite or unknown becomes None."""
        return {**_plain(asdict(self)), "words": self.verdict.words}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, StrEnum):
        return str(value)
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def evaluate(rows: pd.DataFrame, starts: pd.DataFrame, question: Question) -> Evaluation:
    """Estimate, test, check and judge.

    rows: unit, cluster (municipality), period and numerator, denominator (or value, weight); optional other_models,
    placebo (an outcome the model should not move), registration (how much is recorded), followed (share of pupils
    followed). starts: unit, started and the rest of design.START_COLUMNS.
    """
    material = prepare(rows, starts, period_kind=question.period_kind)
    stopped = _stopped(material, question)
    if not np.isfinite(headline(material.panel, HEADLINE)):
        evidence = Evidence(matters=question.matters, stopped=stopped or Reason.TOO_LITTLE)
        return Evaluation(
            question=question, verdict=judge(evidence), evidence=evidence, timings=material.timings,
            counts=_counts(material),
        )  # fmt: skip
    return _estimated(rows, starts, question, material, stopped)


def _stopped(material: Material, question: Question) -> Reason | None:
    """The reason not to judge that is known before any number."""
    if material.stopped:
        return material.stopped
    last = material.panel.periods.max()
    if not material.adopters.any() or (question.earliest_period or last) > last:
        return Reason.TOO_EARLY
    return Reason.ONE_MUNICIPALITY if material.adopting.size < 2 else None


def _estimated(
    rows: pd.DataFrame, starts: pd.DataFrame, question: Question, material: Material, stopped: Reason | None
) -> Evaluation:
    draws = draw(material.panel, HEADLINE, sample=question.sample, seed=question.seed)
    test = draws.test()
    context = Context(
        rows=rows, starts=starts, period_kind=question.period_kind, material=material, design=HEADLINE, draws=draws,
        estimate=test.estimate, sign=question.sign,
    )  # fmt: skip
    checks = run_checks(context)
    if stopped is None and any(c.code == "registration" and c.passed is False for c in checks):
        stopped = Reason.CHANGED_REGISTRATION
    evidence = evidence_of(test, question, sign_reversed=any(c.reverses for c in checks), stopped=stopped)
    (low95, high95), (low99, high99) = test.interval(0.95), test.interval(0.99)
    return Evaluation(
        question=question, verdict=judge(evidence), evidence=evidence, estimate=test.estimate,
        low95=low95, high95=high95, low99=low99, high99=high99, p=test.p, attainable_p=test.attainable_p,
        assignments=test.total, enumerated=test.enumerated, smallest=evidence.smallest,
        bootstrap_p=wild_cluster_bootstrap(estimate(material.panel, HEADLINE)).p, events=event_rows(material, draws),
        checks=checks, naive=_naive(material), counts=_counts(material), timings=material.timings,
        largest_weight=_largest(material), required=_required(material, evidence),
    )  # fmt: skip


def evidence_of(test: Randomization, question: Question, *, sign_reversed: bool, stopped: Reason | None) -> Evidence:
    """The test's figures signed so that + is improvement."""
    sign = question.sign
    (low95, high95), (low99, high99) = (sorted(sign * x for x in test.interval(level)) for level in (0.95, 0.99))
    return Evidence(
        estimate=sign * test.estimate, low95=low95, high95=high95, low99=low99, high99=high99, p=test.p,
        matters=question.matters, smallest=minimum_detectable_effect(test), declared_before=question.declared_before,
        sign_reversed=sign_reversed, stopped=stopped,
    )  # fmt: skip


def _naive(material: Material) -> Naive:
    """Pooled over adopters, with an interval as if the years were two samples of pupils; NaN where nobody compares."""
    panel = material.panel
    people = np.where(material.adopters[:, None], material.contributors, 0.0)
    before = people * (panel.periods[None, :] == panel.exposed[:, None] - 1)
    after = people * (panel.treated == 1)
    sums = [float(np.nansum(side * np.nan_to_num(panel.outcome))) for side in (after, before)]
    sizes = [float(side.sum()) for side in (after, before)]
    if min(sizes) == 0:
        return Naive(estimate=np.nan, low=np.nan, high=np.nan)
    low, high = np.nan, np.nan
    if np.nanmin(panel.outcome) >= 0 and np.nanmax(panel.outcome) <= 1:
        low, high = newcombe_difference(sums[0], sizes[0], sums[1], sizes[1])
    return Naive(estimate=sums[0] / sizes[0] - sums[1] / sizes[1], low=low, high=high, pupils=min(sizes))


def _counts(material: Material) -> dict[str, int]:
    panel, adopters, controls = material.panel, material.adopters, material.controls
    with_model = (panel.treated == 1) & adopters[:, None]
    return {
        "treated_units": int(adopters.sum()),
        "treated_clusters": int(material.adopting.size),
        "treated_contributors": int(material.contributors[with_model].sum()),
        "control_units": int(controls.sum()),
        "control_clusters": int(np.unique(panel.cluster[controls]).size),
        "control_contributors": int(material.contributors[controls].sum()),
        "left_out_other_models": material.other_models,
    }


def _largest(material: Material) -> float:
    weight = material.panel.weight[material.adopters]
    return float(weight.max() / weight.sum())


def _required(material: Material, evidence: Evidence) -> dict[str, Any]:
    panel, adopters = material.panel, material.adopters
    years = float((panel.treated[adopters] == 1).sum(axis=1).mean())
    return required(
        evidence.smallest, evidence.matters, adopters=material.adopting.size, clusters=len(panel.clusters),
        years=years, base_years=len(HEADLINE_BASE),
    )  # fmt: skip
