"""Shares and their intervals: Wilson, Clopper-Pearson, Jeffreys, and Newcombe's for a difference."""

import functools
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

Floats = npt.NDArray[np.float64]
Interval = tuple[Any, Any]


def numbers(values: Any) -> Floats:
    """Any scalar or sequence as floats, with None and pd.NA as NaN."""
    if isinstance(values, np.ndarray) and values.dtype.kind == "f":
        return np.asarray(values, dtype=float)
    if np.ndim(values) == 0:
        return np.asarray(np.nan if values is None or values is pd.NA else values, dtype=float)
    return np.asarray(
        pd.array(np.asarray(values, dtype=object).ravel(), dtype="Float64").to_numpy(float, na_value=np.nan)
    ).reshape(np.shape(values))


def counts(numerator: Any, denominator: Any) -> tuple[Floats, Floats]:
    """Numerators and denominators of shares as arrays of one shape."""
    top, bottom = np.broadcast_arrays(numbers(numerator), numbers(denominator))
    require_that(not (top < 0).any(), "numerator must be at least 0", top)
    require_that(not (bottom < 0).any(), "denominator must be at least 0", bottom)
    require_that(not (top > bottom).any(), "numerator must be at most the denominator", top)
    require_that(not (np.isinf(top) | np.isinf(bottom)).any(), "counts must be finite", bottom)
    return top, bottom


def require_that(holds: bool, rule: str, value: Any) -> None:
    if not holds:
        raise ValueError(f"{rule}, got: {np.array2string(np.asarray(value), threshold=5)}")


@functools.lru_cache(maxsize=64)
def quantile(confidence: float) -> float:
    """The normal quantile of a confidence; kept, since every interval of a page asks for the same."""
    require_that(0 < confidence < 1, "confidence must lie between 0 and 1", confidence)
    return float(special.ndtri((1 + confidence) / 2))


def share_of(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0)


def bounds(low: Floats, high: Floats) -> Interval:
    return (float(low), float(high)) if low.ndim == 0 else (low, high)


def wilson(top: Floats, bottom: Floats, z: Floats | float) -> tuple[Floats, Floats]:
    """Wilson's limits at the normal quantile `z`, NaN where the denominator is 0."""
    n = np.where(bottom > 0, bottom, np.nan)
    p = top / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.where(p == 0, 0.0, centre - half), np.where(p == 1, 1.0, centre + half)


def wilson_interval(numerator: Any, denominator: Any, confidence: float = 0.95) -> Interval:
    """Score interval of a share (Wilson 1927, JASA 22:209); a denominator of 0 gives NaN."""
    return bounds(*wilson(*counts(numerator, denominator), quantile(confidence)))


def _beta_interval(numerator: Any, denominator: Any, confidence: float, low: Floats, high: Floats) -> Interval:
    """Beta quantiles with shape offsets (successes, failures) per limit."""
    top, bottom = counts(numerator, denominator)
    quantile(confidence)
    tail = (1 - confidence) / 2
    known = (bottom > 0) & np.isfinite(top)
    lower = special.betaincinv(np.maximum(top + low[0], 1e-300), bottom - top + low[1], tail)
    upper = special.betaincinv(top + high[0], np.maximum(bottom - top + high[1], 1e-300), 1 - tail)
    lower, upper = np.where(top == 0, 0.0, lower), np.where(top == bottom, 1.0, upper)
    return bounds(np.where(known, lower, np.nan), np.where(known, upper, np.nan))


def clopper_pearson_interval(numerator: Any, denominator: Any, confidence: float = 0.95) -> Interval:
    """Exact binomial interval (Clopper & Pearson 1934, Biometrika 26:404)."""
    return _beta_interval(numerator, denominator, confidence, np.array([0.0, 1.0]), np.array([1.0, 0.0]))


def jeffreys_interval(numerator: Any, denominator: Any, confidence: float = 0.95) -> Interval:
    """Jeffreys prior interval, 0 and 1 at the ends (Brown, Cai & DasGupta 2001, Stat. Sci. 16:101)."""
    return _beta_interval(numerator, denominator, confidence, np.array([0.5, 0.5]), np.array([0.5, 0.5]))


def newcombe(first: tuple[Floats, Floats], second: tuple[Floats, Floats], z: Any, extra: Any) -> tuple[Floats, Floats]:
    """Newcombe's limits for the difference of two shares; `extra` is a variance between years, added to theirs."""
    p1, p2 = share_of(*first), share_of(*second)
    low1, high1 = wilson(*first, z)
    low2, high2 = wilson(*second, z)
    down = np.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2 + z**2 * extra)
    up = np.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2 + z**2 * extra)
    return p1 - p2 - down, p1 - p2 + up


def newcombe_difference(
    numerator: Any,
    denominator: Any,
    other_numerator: Any,
    other_denominator: Any,
    confidence: float = 0.95,
    *,
    between_variance: Any = 0.0,
) -> Interval:
    """Interval of p1 - p2 by hybrid score (Newcombe 1998, Stat. Med. 17:873, method 10), widened by extra variance."""
    require_that(
        bool(np.all(np.asarray(between_variance) >= 0)), "between_variance must be at least 0", between_variance
    )
    first, second = counts(numerator, denominator), counts(other_numerator, other_denominator)
    return bounds(*newcombe(first, second, quantile(confidence), between_variance))
