"""What the newest points of a series show: the Cochran-Armitage trend, tested and robust to any one point."""

from enum import StrEnum
from typing import Any

import numpy as np
from scipy import special

from metrics.stats.shares import Floats, counts, require_that

TREND_POINTS = 5
TREND_LEVEL = 0.002


class Trend(StrEnum):
    """What the newest points of a series show."""

    RISING = "rising"
    FALLING = "falling"
    NONE = "none"
    TOO_FEW = "too_few"


def trend_test(numerators: Any, denominators: Any) -> tuple[float, float]:
    """Chi-square test for a linear trend in shares (Armitage 1955, Biometrics 11:375; R prop.trend.test).

    Two or more points in time order, equally spaced; empty points carry no weight. No variation gives (0, 1).
    """
    top, bottom, scores = _series(numerators, denominators)
    slope, spread = _trend_score(top, bottom, scores)
    statistic = slope**2 / spread if spread > 0 else 0.0
    return statistic, float(special.chdtrc(1, statistic))


def _series(numerators: Any, denominators: Any) -> tuple[Floats, Floats, Floats]:
    top, bottom = (np.atleast_1d(side) for side in counts(numerators, denominators))
    require_that(top.size >= 2, "a trend needs at least 2 points", top.size)
    require_that(bool(np.isfinite(top + bottom).all()), "a trend needs known counts", top.size)
    return top, bottom, np.arange(1.0, top.size + 1)


def _trend_score(top: Floats, bottom: Floats, scores: Floats) -> tuple[float, float]:
    """Score statistic of the trend, its sign being the slope's, and its variance."""
    total = bottom.sum()
    if total == 0:
        return 0.0, 0.0
    p, centre = top.sum() / total, (bottom * scores).sum() / total
    return float(((top - bottom * p) * (scores - centre)).sum()), float(
        p * (1 - p) * (bottom * (scores - centre) ** 2).sum()
    )


def tested_trend(numerators: Any, denominators: Any) -> Trend:
    """Rising or falling by Fingertips' rule (OHID, Public health profiles: recent trends), otherwise none.

    The newest five points must differ from no trend at p < 0.002, and the weighted slope must keep its sign when
    any one of them is left out. Give only the points after the last declared break in the series.
    """
    if np.size(numerators) < TREND_POINTS:
        return Trend.TOO_FEW
    top, bottom, scores = (side[-TREND_POINTS:] for side in _series(numerators, denominators))
    if np.count_nonzero(bottom) < TREND_POINTS:
        return Trend.TOO_FEW
    sign = np.sign(_trend_score(top, bottom, scores)[0])
    keep = ~np.eye(TREND_POINTS, dtype=bool)
    stays = all(np.sign(_trend_score(top[k], bottom[k], scores[k])[0]) == sign for k in keep)
    if trend_test(top, bottom)[1] >= TREND_LEVEL or not stays:
        return Trend.NONE
    return Trend.RISING if sign > 0 else Trend.FALLING
