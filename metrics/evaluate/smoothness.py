"""How bent a trend deviation would have to be to erase an effect (Rambachan & Roth 2023, REStud 90:2555, Delta-SD).

Fixed-length intervals only. The relative-magnitude version is left out: the implementation at hand is too narrow.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from metrics.evaluate.panel import Floats

TRADES = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 160)])
ROUNDS = 50


@dataclass(frozen=True, kw_only=True)
class Smoothness:
    """Estimates in time order, their covariance, the target's weights on the later ones, and what bends do to each."""

    estimates: Floats
    spread: Floats
    fixed: Floats
    moves: Floats
    bend: Floats

    @cached_property
    def frontier(self) -> Floats:
        """Estimators that trade variance for bias in every proportion [estimators, estimates]."""
        return _frontier(self)

    def interval(self, m: float, confidence: float) -> tuple[float, float]:
        """The shortest interval when the slope may change by m a year: the best on the frontier, then between neighbours."""
        half = self.half_lengths(self.frontier, m, confidence)
        best = int(half.argmin())
        around = self.frontier[max(best - 1, 0) : best + 2]
        for width in (0.05, 0.001):
            around = self.refined(around, width, m, confidence)
        chosen = around[len(around) // 2]
        centre, length = float(chosen @ self.estimates), float(self.half_lengths(chosen[None, :], m, confidence)[0])
        return centre - length, centre + length

    def refined(self, path: Floats, width: float, m: float, confidence: float) -> Floats:
        """The best point of a path of straight pieces, between its neighbours at the distance given."""
        at = np.linspace(0, len(path) - 1, round((len(path) - 1) / width) + 1)
        piece = np.minimum(at.astype(int), max(len(path) - 2, 0))
        points = path[piece] + (at - piece)[:, None] * (path[np.minimum(piece + 1, len(path) - 1)] - path[piece])
        best = int(self.half_lengths(points, m, confidence).argmin())
        return points[[max(best - 1, 0), best, min(best + 1, len(points) - 1)]]

    def half_lengths(self, directions: Floats, m: float, confidence: float) -> Floats:
        """Half the interval of each estimator."""
        error = np.sqrt(((directions @ self.spread) * directions).sum(axis=1))
        bias = np.abs(directions @ self.bend).sum(axis=1)
        return _folded_quantile(m * bias / error, confidence) * error


def smoothness_interval(
    before: Floats, after: Floats, spread: Floats, *, m: float, weights: Floats | None = None, confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of weights @ after when the trend's slope may change by at most m from year to year.

    before and after are event-study estimates in time order around a reference year of 0; spread is their covariance.
    weights: equal over `after` unless given.
    """
    if m < 0:
        raise ValueError(f"m must be at least 0, got: {m}")
    return _problem(before, after, spread, weights).interval(m, confidence)


def smoothness_breakdown(
    before: Floats, after: Floats, spread: Floats, *, weights: Floats | None = None, confidence: float = 0.95
) -> float:
    """The largest yearly bend for which the interval still leaves out 0; 0 when it holds 0 already, inf without end."""
    problem = _problem(before, after, spread, weights)
    if _clearance(problem.interval(0.0, confidence)) <= 0:
        return 0.0
    high = float(np.abs(problem.estimates).max()) + 1e-12
    while _clearance(problem.interval(high, confidence)) > 0:
        high *= 4
        if high > 1e6:
            return np.inf
    return float(brentq(lambda m: _clearance(problem.interval(m, confidence)), 0.0, high, xtol=1e-5 * high))


def _clearance(interval: tuple[float, float]) -> float:
    """How far an interval is from 0; negative when it holds 0."""
    return max(interval[0], -interval[1])


def _problem(before: Floats, after: Floats, spread: Floats, weights: Floats | None) -> Smoothness:
    """Estimators fixed + moves @ x: the target's weights on `after`, and blind to straight lines."""
    if len(before) < 1 or len(after) < 1:
        raise ValueError(f"there must be estimates before and after, got: {len(before)} and {len(after)}")
    target = np.full(len(after), 1 / len(after)) if weights is None else np.asarray(weights, dtype=float)
    slope = np.arange(-len(before), 0.0)
    pull = target @ np.arange(1, len(after) + 1)
    free = np.linalg.svd(slope[None, :])[2][1:].T
    return Smoothness(
        estimates=np.concatenate([before, after]),
        spread=np.asarray(spread, dtype=float),
        fixed=np.concatenate([-slope * pull / (slope @ slope), target]),
        moves=np.vstack([free, np.zeros((target.size, free.shape[1]))]),
        bend=_bends(len(before), len(after)),
    )


def _bends(before: int, after: int) -> Floats:
    """What a change of slope in each year does to every estimate, the reference year staying at 0."""
    places = np.concatenate([np.arange(-before, 0), np.arange(1, after + 1)])
    bends = np.arange(1 - before, after)
    bend = np.zeros((places.size, bends.size))
    for row, place in enumerate(places):
        reached = (bends >= 1) & (bends < place) if place > 0 else (bends <= 0) & (bends > place)
        bend[row, reached] = np.abs(place - bends[reached])
    return bend


def _frontier(problem: Smoothness) -> Floats:
    """Estimators that minimise variance + trade x bias for every trade, by iteratively reweighted least squares."""
    moves, bend = problem.moves, problem.bend
    directions = np.repeat(problem.fixed[None, :], TRADES.size, axis=0)
    if moves.shape[1] == 0:
        return directions[:1]
    trade = TRADES[:, None] * float(problem.fixed @ problem.spread @ problem.fixed)
    for floor in np.geomspace(1e-1, 1e-10, ROUNDS):
        steep = trade / (2 * np.maximum(np.abs(directions @ bend), floor))
        curved = problem.spread + (bend * steep[:, None, :]) @ bend.T
        normal = moves.T @ curved @ moves
        right = moves.T @ (curved @ problem.fixed)[:, :, None]
        directions = problem.fixed - np.linalg.solve(normal, right)[:, :, 0] @ moves.T
    return directions


def _folded_quantile(shift: Floats, confidence: float) -> Floats:
    """Quantile of |N(shift, 1)| by Newton's method."""
    value = shift + np.where(shift < 0.5, ndtri((1 + confidence) / 2), ndtri(confidence))
    for _ in range(8):
        missing = ndtr(value - shift) - ndtr(-value - shift) - confidence
        slope = np.exp(-((value - shift) ** 2) / 2) + np.exp(-((value + shift) ** 2) / 2)
        value = value - missing * np.sqrt(2 * np.pi) / slope
    return np.asarray(value)
