"""Ranks as intervals, shares pooled over years, and shares drawn towards their common mean."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.stats.shares import Floats, counts, numbers, quantile, require_that, share_of, wilson


def rank_interval(
    estimates: Any, standard_errors: Any, *, confidence: float = 0.95, higher_is_better: bool = True
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Best and worst rank each unit may have, 1 = best (Mogstad, Romano, Shaikh & Wilhelm 2024, REStud 91:476).

    Units beaten or beating at the confidence level, Bonferroni over the pairs of each unit, fix the two ends.
    """
    value, error = np.atleast_1d(numbers(estimates)), np.atleast_1d(numbers(standard_errors))
    require_that(bool(np.isfinite(value).all()), "estimates must be known", value)
    require_that(bool((error >= 0).all()), "standard errors must be known and at least 0", error)
    critical = quantile(1 - (1 - confidence) / max(value.size - 1, 1))
    ahead = (value[:, None] - value[None, :]) * (1 if higher_is_better else -1)
    margin = critical * np.sqrt(error[:, None] ** 2 + error[None, :] ** 2)
    return 1 + (ahead < -margin).sum(axis=1), value.size - (ahead > margin).sum(axis=1)


def pooled_share(numerators: Any, denominators: Any, *, years: int = 3) -> tuple[Floats, Floats, Floats]:
    """Share, low and high (Wilson 95 %) of each year together with the years before it; NaN until there are enough."""
    require_that(years >= 1, "years must be at least 1", years)
    top, bottom = (_rolling(np.atleast_1d(side), years) for side in counts(numerators, denominators))
    low, high = wilson(top, bottom, quantile(0.95))
    return share_of(top, bottom), low, high


def _rolling(values: Floats, width: int) -> Floats:
    return pd.Series(values).rolling(width, min_periods=width).sum().to_numpy()


def shrink_shares(numerators: Any, denominators: Any) -> Floats:
    """Empirical-Bayes shares drawn towards the pooled one (beta-binomial by moments; Marshall 1991, JRSS C 40:283)."""
    top, bottom = (np.atleast_1d(side) for side in counts(numerators, denominators))
    known = (bottom > 0) & np.isfinite(top)
    if not known.any():
        return np.full(top.shape, np.nan)
    x, n = top[known], bottom[known]
    pooled = x.sum() / n.sum()
    scatter = (n * (x / n - pooled) ** 2).sum() / n.sum()
    between = max(0.0, scatter - pooled * (1 - pooled) * known.sum() / n.sum())
    weight = between / (between + pooled * (1 - pooled) / n) if between > 0 else np.zeros(x.shape)
    shrunk = np.full(top.shape, np.nan)
    shrunk[known] = weight * x / n + (1 - weight) * pooled
    return shrunk
