"""How bent a trend deviation would have to be to erase an effect (Rambachan & Roth 2023, REStud 90:2555, Delta-SD).

Fixed-length intervals only. The relative-magnitude version is left out: the implementation at hand is too narrow.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtr, ndtri

from metrics.evaluate.panel import Floats

STEPS = 12


def smoothness_interval(
    before: Floats, after: Floats, spread: Floats, *, m: float, weights: Floats | None = None, confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of weights @ after when the trend's slope may change by at most m from year to year.

    before and after are event-study estimates in time order around a reference year of 0; spread is their covariance.
    weights: equal over `after` unless given.
    """
    effect, bend, straight = _problem(before, after, weights)
    if m < 0:
        raise ValueError(f"m must be at least 0, got: {m}")
    direction = _optimal(effect, bend, straight, spread, m, confidence)
    centre = float(direction @ np.concatenate([before, after]))
    half = _half_length(direction, bend, spread, m, confidence)
    return centre - half, centre + half


def smoothness_breakdown(
    before: Floats, after: Floats, spread: Floats, *, weights: Floats | None = None, confidence: float = 0.95
) -> float:
    """The largest yearly bend for which the interval still leaves out 0; 0 when it holds 0 already, inf without end."""
    interval = partial(smoothness_interval, before, after, spread, weights=weights, confidence=confidence)
    if not _excludes(interval(m=0.0)):
        return 0.0
    low, high = 0.0, float(np.abs(after).max()) + 1e-12
    while _excludes(interval(m=high)):
        low, high = high, 4 * high
        if high > 1e6:
            return np.inf
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _excludes(interval(m=middle)) else (low, middle)
    return low


def _excludes(interval: tuple[float, float]) -> bool:
    return interval[0] > 0 or interval[1] < 0


def _problem(before: Floats, after: Floats, weights: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Target weights, what each year's bend does to every estimate, and each estimate's place on a straight line."""
    if len(before) < 1 or len(after) < 1:
        raise ValueError(f"there must be estimates before and after, got: {len(before)} and {len(after)}")
    target = np.full(len(after), 1 / len(after)) if weights is None else np.asarray(weights, dtype=float)
    places = np.concatenate([np.arange(-len(before), 0), np.arange(1, len(after) + 1)])
    bends = np.arange(1 - len(before), len(after))
    bend = np.zeros((places.size, bends.size))
    for row, place in enumerate(places):
        reached = (bends >= 1) & (bends < place) if place > 0 else (bends <= 0) & (bends > place)
        bend[row, reached] = np.abs(place - bends[reached])
    return target, bend, places.astype(float)


def _optimal(target: Floats, bend: Floats, straight: Floats, spread: Floats, m: float, confidence: float) -> Floats:
    """The estimator, blind to straight lines, whose interval is shortest."""
    count = straight.size - target.size
    slope = straight[:count]
    fixed = np.concatenate([-slope * (target @ straight[count:]) / (slope @ slope), target])
    _, _, free = np.linalg.svd(slope[None, :])
    moves = np.vstack([free[1:].T, np.zeros((target.size, count - 1))])
    if count == 1:
        return fixed

    def length(step: Any) -> float:
        return _half_length(fixed + moves @ step, bend, spread, m, confidence)

    quadratic = moves.T @ spread @ moves
    start = -np.linalg.lstsq(quadratic, moves.T @ spread @ fixed, rcond=None)[0]
    return fixed + moves @ _descend(length, [start, np.zeros(count - 1)])


def _descend(length: Callable[[Any], float], starts: list[Floats]) -> Floats:
    """A kinked convex function of a few unknowns, walked down without slopes, twice from the better start."""
    best = starts[int(np.argmin([float(length(start)) for start in starts]))]
    for _ in range(2):
        found = minimize(length, best, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12, "maxfev": 1500})
        best = np.asarray(found.x, dtype=float)
    return best


def _half_length(direction: Floats, bend: Floats, spread: Floats, m: float, confidence: float) -> float:
    error = float(np.sqrt(np.maximum(direction @ spread @ direction, 1e-300)))
    return _folded_quantile(m * float(np.abs(direction @ bend).sum()) / error, confidence) * error


def _folded_quantile(shift: float, confidence: float) -> float:
    """Quantile of |N(shift, 1)| by Newton's method."""
    value = shift + float(ndtri((1 + confidence) / 2 if shift < 0.5 else confidence))
    for _ in range(8 if shift < 8 else 0):
        missing = float(ndtr(value - shift)) - float(ndtr(-value - shift)) - confidence
        value -= missing / (_density(value - shift) + _density(value + shift))
    return value


def _density(x: float) -> float:
    """Standard normal density."""
    return float(np.exp(-x * x / 2) / np.sqrt(2 * np.pi))
