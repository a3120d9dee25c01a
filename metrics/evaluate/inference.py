"""Tests and intervals that hold with a handful of municipalities: who starts when is permuted, never assumed normal.

Every estimate here is linear in the outcome, so an interval by test inversion needs the estimator only twice per
permutation: on the outcome and on the treatment itself.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import factorial, prod
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

from metrics.evaluate.estimate import (
    Frame,
    GroupTime,
    effects,
    estimate,
    frame,
    overall,
    resolve,
)
from metrics.evaluate.panel import Design, Floats, Ints, Panel

SAMPLE = 1999
ENUMERATE_UP_TO = 5000
BLOCK = 2000
TIES = 1e-9


@dataclass(frozen=True, kw_only=True)
class Randomization:
    """The estimate among those that other assignments of the same starts would have given; the first is the real one.

    estimates: the statistic of every assignment. shifts: the same statistic of the treatment itself, so that adding an
    effect d to the treated moves each estimate by d times its shift. Where the real starts have nothing to be compared
    with, all is NaN and nothing is rejected.
    """

    estimates: Floats
    shifts: Floats
    enumerated: bool
    total: int

    @property
    def estimate(self) -> float:
        """The statistic of the starts as they were."""
        return float(self.estimates[0])

    @property
    def p(self) -> float:
        """Two-sided p of no effect on anyone."""
        return self.p_of(0.0)

    @property
    def attainable_p(self) -> float:
        """The p of an effect beyond all noise: the smallest this material can give."""
        if np.isnan(self.estimate):
            return np.nan
        return float(np.mean(np.abs(self.shifts) >= 1 - TIES))

    def p_of(self, effect: float) -> float:
        """Two-sided p of the same effect on everyone."""
        if np.isnan(self.estimate):
            return np.nan
        moved = np.abs(self.estimates - effect * self.shifts)
        return float(np.mean(moved >= moved[0] * (1 - TIES) - 1e-15))

    @cached_property
    def spans(self) -> tuple[Floats, Floats, Floats]:
        """The effects under which each assignment would be as extreme as the real one, as at most two spans each."""
        return _extreme_spans(self.estimates, self.shifts)

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """The effects not rejected at the level; infinite where this few assignments can reject nothing."""
        return _invert(self, 1 - confidence)


def randomization_inference(
    source: GroupTime | pd.DataFrame, *, sample: int = SAMPLE, seed: int = 1, last: int | None = None, **keywords: Any
) -> Randomization:
    """Randomization inference on the group-aggregated effect (Fisher 1935; Young 2019, QJE 134:557).

    Starts are permuted between clusters whose units all share one; within clusters that have several, between their
    units only. All assignments when there are at most ENUMERATE_UP_TO, otherwise a seeded sample with the real one.
    """
    result = resolve(source, keywords)
    return draw(result.panel, result.design, sample=sample, seed=seed).test(last)


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Every effect under every assignment [assignments, cells], of the outcome and of the treatment itself."""

    cells: Frame
    assignments: Ints
    att: Floats
    shift: Floats
    enumerated: bool
    total: int

    def test(self, last: int | None = None) -> Randomization:
        """The group-aggregated effect among its draws, up to `last` years from start."""
        estimates = overall(self.cells, self.assignments, self.att, last=last)
        shifts = overall(self.cells, self.assignments, self.shift, last=last)
        known = np.isfinite(estimates) & np.isfinite(shifts)
        known[1:] &= known[0]
        known[0] = True
        return Randomization(
            estimates=estimates[known], shifts=shifts[known], enumerated=self.enumerated, total=self.total
        )


def draw(panel: Panel, design: Design, *, sample: int = SAMPLE, seed: int = 1) -> Draws:
    """All (or a seeded sample of) assignments of a panel's starts, estimated."""
    assignments, enumerated, total = permutations(panel, sample=sample, seed=seed)
    cells = frame(panel, design)
    treatment = cells.with_outcome(panel.treated + 0 * panel.outcome)
    return Draws(
        cells=cells, assignments=assignments, enumerated=enumerated, total=total,
        att=_blockwise(cells, assignments), shift=_blockwise(treatment, assignments),
    )  # fmt: skip


def _blockwise(cells: Frame, assignments: Ints) -> Floats:
    parts = [assignments[i : i + BLOCK] for i in range(0, len(assignments), BLOCK)]
    return np.concatenate([effects(cells, part) for part in parts])


def permutations(panel: Panel, *, sample: int = SAMPLE, seed: int = 1) -> tuple[Ints, bool, int]:
    """Assignments of schedules to units [assignments, units] with the real one first; all of them?; how many there are."""
    blocks = _blocks(panel)
    total = prod(_arrangements(block) for block, _ in blocks)
    if total <= ENUMERATE_UP_TO:
        arranged = itertools.product(*(_distinct(block) for block, _ in blocks))
        rows = [_assign(panel, blocks, choice) for choice in arranged]
    else:
        rng = np.random.default_rng(seed)
        rows = [_assign(panel, blocks, [rng.permutation(block) for block, _ in blocks]) for _ in range(sample)]
    drawn = np.array(rows, dtype=np.int64)
    others = drawn[(drawn != panel.assignment).any(axis=1)] if total <= ENUMERATE_UP_TO else drawn
    return np.vstack([panel.assignment, others]), total <= ENUMERATE_UP_TO, total


Block = tuple[list[int], list[Ints]]


def _blocks(panel: Panel) -> list[Block]:
    """What is exchanged with what: labels of one block, and the units that each label covers."""
    members = [np.flatnonzero(panel.cluster == c) for c in range(len(panel.clusters))]
    uniform = [units for units in members if np.unique(panel.assignment[units]).size == 1]
    mixed = [units for units in members if np.unique(panel.assignment[units]).size > 1]
    between = ([int(panel.assignment[units[0]]) for units in uniform], uniform)
    within = [(panel.assignment[units].tolist(), [units[i : i + 1] for i in range(units.size)]) for units in mixed]
    return [between, *within] if uniform else within


def _arrangements(labels: list[int]) -> int:
    return factorial(len(labels)) // prod(factorial(n) for n in Counter(labels).values())


def _distinct(labels: list[int]) -> Iterator[list[int]]:
    """Every distinct order of labels, some of which may be equal."""
    if not labels:
        yield []
    for head in sorted(set(labels)):
        rest = labels.copy()
        rest.remove(head)
        yield from ([head, *tail] for tail in _distinct(rest))


def _assign(panel: Panel, blocks: list[Block], arranged: Any) -> Ints:
    assignment = panel.assignment.copy()
    for (_, targets), labels in zip(blocks, arranged, strict=True):
        for units, label in zip(targets, labels, strict=True):
            assignment[units] = label
    return assignment


def _extreme_spans(estimates: Floats, shifts: Floats) -> tuple[Floats, Floats, Floats]:
    """Where |a - b d| >= |c - d|: the roots of a quadratic in d, and the sign of its leading term."""
    a, b, c = estimates[1:], shifts[1:], estimates[0]
    lead, middle, constant = b**2 - 1, -2 * (a * b - c), a**2 - c**2
    flat = np.abs(lead) < 1e-12
    root = np.sqrt(np.maximum(middle**2 - 4 * lead * constant, 0))
    safe = np.where(flat, 1.0, 2 * lead)
    ends = np.sort(np.array([(-middle - root) / safe, (-middle + root) / safe]), axis=0)
    crossing = np.divide(-constant, middle, out=np.full(a.shape, np.nan), where=np.abs(middle) > 1e-15)
    low = np.where(flat, np.where(middle < 0, -np.inf, crossing), ends[0])
    high = np.where(flat, np.where(middle < 0, crossing, np.inf), ends[1])
    always = flat & np.isnan(crossing) & (constant >= 0)
    low, high = np.where(always, -np.inf, low), np.where(always, np.inf, high)
    return low, high, np.where(flat, -1.0, np.sign(lead))


def _invert(test: Randomization, level: float) -> tuple[float, float]:
    """Hull of the effects whose p exceeds the level: p only changes where an assignment starts or stops being extreme."""
    if not test.attainable_p <= level:
        return -np.inf, np.inf
    low, high, sign = test.spans
    points = np.unique(np.concatenate([low, high, [test.estimate]]))
    points = points[np.isfinite(points)]
    middles = np.concatenate([[points[0] - 1], (points[1:] + points[:-1]) / 2, [points[-1] + 1]])
    kept = _p_values(low, high, sign, middles) > level
    if not kept.any():
        return test.estimate, test.estimate
    first, last = np.flatnonzero(kept)[[0, -1]]
    return (
        -np.inf if first == 0 else float(min(points[first - 1], test.estimate)),
        np.inf if last == points.size else float(max(points[last], test.estimate)),
    )


def _p_values(low: Floats, high: Floats, sign: Floats, at: Floats) -> Floats:
    """p at each point: assignments whose span holds it (leading term negative) or does not (positive), and the real one."""
    inside = sign < 0
    held = np.searchsorted(np.sort(low[inside]), at, "right") - np.searchsorted(np.sort(high[inside]), at, "left")
    outer = ~inside
    missed = np.searchsorted(np.sort(low[outer]), at, "left") - np.searchsorted(np.sort(high[outer]), at, "right")
    return (1 + held + outer.sum() - missed) / (1 + low.size)


def minimum_detectable_effect(
    source: Randomization | GroupTime | pd.DataFrame, *, power: float = 0.8, level: float = 0.05, **keywords: Any
) -> float:
    """The smallest effect this test would find with the power given (Bloom 1995, Eval. Rev. 19:547).

    Half of the inverted test's own interval, plus the normal quantile of the power times the spread of the estimate
    over assignments once the estimated effect is taken out; inf where so few assignments can reject nothing.
    """
    test = source if isinstance(source, Randomization) else randomization_inference(source, **keywords)
    low, high = test.interval(1 - level)
    if np.isinf(high - low):
        return np.inf
    noise = test.estimates - test.estimate * test.shifts
    return (high - low) / 2 + float(norm.ppf(power)) * float(noise.std())


@dataclass(frozen=True, kw_only=True)
class Bootstrap:
    """A wild cluster bootstrap of the group-aggregated effect: its t, two-sided p and how many sign patterns.

    NaN where the starts have nothing to be compared with.
    """

    estimate: float
    t: float
    p: float
    draws: int
    enumerated: bool


def wild_cluster_bootstrap(
    source: GroupTime | pd.DataFrame, *, sample: int = SAMPLE, seed: int = 1, most: int = 13, **keywords: Any
) -> Bootstrap:
    """Wild cluster bootstrap-t with the null imposed, Rademacher signs (Cameron, Gelbach & Miller 2008, REStat 90:414).

    Residuals of unit and period effects alone are flipped cluster by cluster; all 2^clusters patterns up to `most`
    clusters. Linearity turns each draw into a product with one clusters x clusters matrix.
    """
    result = resolve(source, keywords)
    if not result.cells:
        return Bootstrap(estimate=np.nan, t=np.nan, p=np.nan, draws=0, enumerated=False)
    residual = two_way_residual(result.panel)
    clusters = len(result.panel.clusters)
    parts = [_with_residual(result, residual, cluster) for cluster in range(clusters)]
    effect, spread = np.array([e for e, _ in parts]), np.array([s for _, s in parts])
    signs, enumerated = _signs(clusters, sample, seed, most)
    t = _t_values(signs @ effect, signs @ spread)
    observed = _t_values(effect.sum()[None], spread.sum(axis=0)[None])[0]
    p = float(np.mean(np.abs(t) >= np.abs(observed) * (1 - TIES)))
    return Bootstrap(estimate=float(effect.sum()), t=float(observed), p=p, draws=len(signs), enumerated=enumerated)


def _with_residual(result: GroupTime, residual: Floats, cluster: int) -> tuple[float, Floats]:
    """Group-aggregated effect of one cluster's residuals alone, and the influence of every cluster on it."""
    one = np.where((result.panel.cluster == cluster)[:, None], residual, residual * 0)
    att, influence = linear_overall(replace(result.panel, outcome=one), result)
    summed = np.zeros(len(result.panel.clusters))
    np.add.at(summed, result.panel.cluster, influence)
    return att, summed


def linear_overall(panel: Panel, result: GroupTime) -> tuple[float, Floats]:
    """The group-aggregated effect on a panel with the sizes of the groups taken as given, and its influence."""
    fitted = estimate(panel, result.design)
    weight = overall_weights(fitted)
    return float(weight @ fitted.att), weight @ fitted.influence


def overall_weights(result: GroupTime) -> Floats:
    """Each effect's weight in the group-aggregated one: equal within a start, starts by their size."""
    owner = np.array([c.schedule for c in result.cells])
    late = np.array([c.counted and c.event >= 0 for c in result.cells])
    weight = np.zeros(owner.size)
    for schedule in np.unique(owner[late]):
        own = late & (owner == schedule)
        weight[own] = result.mass[schedule] / own.sum()
    return weight / weight.sum() if weight.any() else weight


def two_way_residual(panel: Panel) -> Floats:
    """Outcome less weighted unit and period effects, gaps kept."""
    weight = np.where(np.isnan(panel.outcome), 0.0, panel.weight[:, None])
    fitted = two_way_fit(panel.outcome, weight)
    return panel.outcome - fitted


def two_way_fit(outcome: Floats, weight: Floats) -> Floats:
    """Weighted least-squares unit + period effects [units, periods]; cells of weight 0 are predicted, not fitted."""
    units = len(outcome)
    y = np.where(weight > 0, np.nan_to_num(outcome), 0.0)
    by_unit, by_period = weight.sum(axis=1), weight.sum(axis=0)
    normal = np.block([[np.diag(by_unit), weight], [weight.T, np.diag(by_period)]])
    right = np.concatenate([(weight * y).sum(axis=1), (weight * y).sum(axis=0)])
    solution = np.linalg.lstsq(normal, right, rcond=1e-12)[0]
    return solution[:units, None] + solution[None, units:]


def _signs(clusters: int, sample: int, seed: int, most: int) -> tuple[Floats, bool]:
    if clusters <= most:
        return np.array(list(itertools.product([1.0, -1.0], repeat=clusters))), True
    rng = np.random.default_rng(seed)
    return np.vstack([np.ones(clusters), rng.choice([1.0, -1.0], size=(sample, clusters))]), False


def _t_values(effect: Floats, influence: Floats) -> Floats:
    spread = np.sqrt((influence**2).sum(axis=1))
    return np.divide(effect, spread, out=np.zeros(effect.shape), where=spread > 1e-15)


@dataclass(frozen=True, kw_only=True)
class Wald:
    """A joint test that several effects are 0."""

    statistic: float
    degrees: int
    p: float


def pretrend_test(source: GroupTime | pd.DataFrame, **keywords: Any) -> Wald:
    """Joint Wald test of all effects before the start (Callaway & Sant'Anna 2021; R did's pre-test)."""
    result = resolve(source, keywords)
    starts = np.array([result.panel.schedules[c.schedule][1] for c in result.cells])
    before = result.time < starts
    before &= np.diag(result.covariance) > 1e-20
    return wald(result.att[before], result.covariance[np.ix_(before, before)])


def wald(effect: Floats, spread: Floats) -> Wald:
    """Quadratic form against chi-square with the covariance's rank; p is NaN with nothing to test."""
    if effect.size == 0:
        return Wald(statistic=0.0, degrees=0, p=np.nan)
    rank = int(np.linalg.matrix_rank(spread, hermitian=True))
    statistic = float(effect @ np.linalg.pinv(spread, hermitian=True) @ effect)
    return Wald(statistic=statistic, degrees=rank, p=float(chi2.sf(statistic, rank)) if rank else np.nan)


def permuted_pretrend(draws: Draws) -> float:
    """p of no difference in event years -5 to -2: their squared effects, each over its permutation spread."""
    means = event_means(draws.cells, draws.assignments, draws.att, [(event, event) for event in range(-5, -1)])
    spread = means.std(axis=0)
    if not (spread > 1e-12).any():
        return np.nan
    scaled = np.divide(means, spread, out=np.zeros(means.shape), where=spread > 1e-12)
    statistic = (scaled**2).sum(axis=1)
    return float(np.mean(statistic >= statistic[0] * (1 - TIES)))


def event_means(cells: Frame, assignments: Ints, att: Floats, spans: Sequence[tuple[int, int]]) -> Floats:
    """Effect of each span of event years under each assignment [assignments, spans], starts weighted by their size."""
    columns = [_span_mean(cells, assignments, att, low, high) for low, high in spans]
    return np.column_stack(columns) if columns else np.zeros((len(assignments), 0))


def _span_mean(cells: Frame, assignments: Ints, att: Floats, low: int, high: int) -> Floats:
    """0 where an assignment has nothing to show in the span."""
    total, mass = np.zeros(len(assignments)), np.zeros(len(assignments))
    for i, cell in enumerate(cells.cells):
        if cell.counted and low <= cell.event <= high:
            size = ((assignments == cell.schedule) @ cells.panel.weight) * np.isfinite(att[:, i])
            total += size * np.nan_to_num(att[:, i])
            mass += size
    return np.divide(total, mass, out=np.zeros(total.shape), where=mass > 0)
