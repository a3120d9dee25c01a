"""A share against its benchmark: category, p-value, false discovery, and the variance between years."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from metrics.stats.shares import Floats, counts, newcombe, numbers, require_that, share_of

CLEAR = 0.998


class Category(StrEnum):
    """How a share stands against its benchmark; 'much' is the 99.8 % level, the plain word 95 %."""

    MUCH_BETTER = "much_better"
    BETTER = "better"
    NOT_DISTINGUISHABLE = "not_distinguishable"
    WORSE = "worse"
    MUCH_WORSE = "much_worse"
    MUCH_HIGHER = "much_higher"
    HIGHER = "higher"
    LOWER = "lower"
    MUCH_LOWER = "much_lower"
    NOT_COMPUTABLE = "not_computable"


CATEGORIES = {
    "higher_is_better": (Category.MUCH_BETTER, Category.BETTER, Category.WORSE, Category.MUCH_WORSE),
    "lower_is_better": (Category.MUCH_WORSE, Category.WORSE, Category.BETTER, Category.MUCH_BETTER),
    "no_judgement": (Category.MUCH_HIGHER, Category.HIGHER, Category.LOWER, Category.MUCH_LOWER),
}


def compare_with_benchmark(
    numerator: float,
    denominator: float,
    benchmark_numerator: float,
    benchmark_denominator: float,
    *,
    between_variance: float = 0.0,
    polarity: str = "higher_is_better",
) -> Category:
    """Category of one share against an uncertain benchmark: 95 % and 99.8 % Newcombe intervals of the difference.

    between_variance is the year-to-year variance of such differences (between_year_variance); without it the
    category speaks of this year only.
    """
    p = benchmark_p_value(
        numerator, denominator, benchmark_numerator, benchmark_denominator, between_variance=between_variance
    )
    higher = float(
        share_of(*counts(numerator, denominator)) - share_of(*counts(benchmark_numerator, benchmark_denominator))
    )
    return category(p < 0.05, p < 1 - CLEAR, higher, polarity)


def category(differs: bool, clearly: bool, difference: float, polarity: str) -> Category:
    """The word for a difference, given what two levels of testing said about it."""
    require_that(polarity in CATEGORIES, "polarity must be one of " + ", ".join(CATEGORIES), polarity)
    if np.isnan(difference):
        return Category.NOT_COMPUTABLE
    if not differs:
        return Category.NOT_DISTINGUISHABLE
    upwards = CATEGORIES[polarity]
    return upwards[(0 if clearly else 1) if difference > 0 else (3 if clearly else 2)]


def benchmark_p_value(
    numerator: Any,
    denominator: Any,
    benchmark_numerator: Any,
    benchmark_denominator: Any,
    *,
    between_variance: Any = 0.0,
) -> Any:
    """Two-sided p: the level at which the widened Newcombe interval just reaches 0, found by bisection on z."""
    require_that(
        bool(np.all(np.asarray(between_variance) >= 0)), "between_variance must be at least 0", between_variance
    )
    first, second = counts(numerator, denominator), counts(benchmark_numerator, benchmark_denominator)
    difference = share_of(*first) - share_of(*second)
    low, high = np.zeros(difference.shape), np.full(difference.shape, 40.0)
    for _ in range(60):
        middle = (low + high) / 2
        lower, upper = newcombe(first, second, middle, between_variance)
        excluded = np.where(difference > 0, lower > 0, upper < 0)
        low, high = np.where(excluded, middle, low), np.where(excluded, high, middle)
    p = np.where(np.isnan(difference), np.nan, 2 * special.ndtr(-low))
    return float(p) if p.ndim == 0 else p


def benjamini_hochberg(p: Any, q: float) -> npt.NDArray[np.bool_]:
    """Which hypotheses are rejected at false-discovery rate q (Benjamini & Hochberg 1995, JRSS B 57:289); NaN never."""
    require_that(0 < q < 1, "q must lie between 0 and 1", q)
    values = np.atleast_1d(numbers(p))
    require_that(not ((values < 0) | (values > 1)).any(), "p must lie between 0 and 1", values)
    ordered = np.sort(values[~np.isnan(values)])
    passing = ordered[ordered <= q * np.arange(1, ordered.size + 1) / max(ordered.size, 1)]
    return values <= passing[-1] if passing.size else np.zeros(values.shape, dtype=bool)


def benchmark_categories(p: Any, differences: Any, polarity: str) -> list[Category]:
    """Categories of many comparisons at once, at false-discovery rates 5 % and 0.2 %."""
    plain, clear = benjamini_hochberg(p, 0.05), benjamini_hochberg(p, 1 - CLEAR)
    return [category(*row, polarity) for row in zip(plain, clear, np.atleast_1d(numbers(differences)), strict=True)]


def between_year_variance(
    numerators: Any, denominators: Any, benchmark_numerators: Any, benchmark_denominators: Any
) -> float:
    """Variance between years of the area-benchmark difference beyond sampling error; arrays [areas, years].

    Moments (DerSimonian & Laird 1986, Control. Clin. Trials 7:177) pooled over areas: every area keeps its own mean
    difference, so only its years' scatter counts; cut off at 0. Sampling variances use the area's pooled share, so
    that a year of 0 % does not look exact. A benchmark [years] serves all areas. Years with an empty cell fall out.
    """
    first = _rows(counts(numerators, denominators))
    second = _rows(np.broadcast_arrays(*counts(benchmark_numerators, benchmark_denominators), first[0])[:2])
    known = (first[1] > 0) & (second[1] > 0) & np.isfinite(first[0] + second[0])
    difference = np.where(known, share_of(*first) - share_of(*second), 0.0)
    weight = np.where(known, 1 / (_pooled_variance(*first, known) + _pooled_variance(*second, known)), 0.0)
    total = np.maximum(weight.sum(axis=1), 1e-300)
    centred = difference - ((weight * difference).sum(axis=1) / total)[:, None]
    degrees = np.maximum(known.sum(axis=1) - 1, 0).sum()
    scale = (total - (weight**2).sum(axis=1) / total)[known.sum(axis=1) > 1].sum()
    return float(max(0.0, ((weight * centred**2).sum() - degrees) / scale)) if scale > 0 else 0.0


def _rows(sides: Sequence[Floats]) -> tuple[Floats, Floats]:
    return np.atleast_2d(sides[0]), np.atleast_2d(sides[1])


def _pooled_variance(top: Floats, bottom: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    """Sampling variance per cell from the row's pooled share, half a success and failure added; never 0."""
    n = np.where(known, bottom, 0.0)
    p = ((np.where(known, top, 0.0).sum(axis=1) + 0.5) / (n.sum(axis=1) + 1))[:, None]
    return p * (1 - p) / np.where(known, n, 1.0)
