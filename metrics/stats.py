"""Pure numeric functions behind every interval, category, trend, funnel and chart; shares are fractions 0-1.

Numbers in, numbers out: no database, no files, no text for readers. A missing value (None, NaN, pd.NA) gives a
missing result; an impossible one (negative, numerator above denominator) raises ValueError "rule, got: value".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats as distributions

Floats = npt.NDArray[np.float64]
Interval = tuple[Any, Any]

CHART_MINIMUM = 12
TREND_POINTS = 5
TREND_LEVEL = 0.002
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


class Trend(StrEnum):
    """What the newest points of a series show."""

    RISING = "rising"
    FALLING = "falling"
    NONE = "none"
    TOO_FEW = "too_few"


CATEGORIES = {
    "higher_is_better": (Category.MUCH_BETTER, Category.BETTER, Category.WORSE, Category.MUCH_WORSE),
    "lower_is_better": (Category.MUCH_WORSE, Category.WORSE, Category.BETTER, Category.MUCH_BETTER),
    "no_judgement": (Category.MUCH_HIGHER, Category.HIGHER, Category.LOWER, Category.MUCH_LOWER),
}


@dataclass(frozen=True, kw_only=True)
class Funnel:
    """Funnel limits per unit; unpacks as phi, tau2, limits, adjusted_limits."""

    phi: float
    tau2: float
    limits: pd.DataFrame
    adjusted_limits: pd.DataFrame
    target: float
    values: Floats
    z: Floats
    adjusted_z: Floats

    def __iter__(self) -> Iterator[Any]:
        return iter((self.phi, self.tau2, self.limits, self.adjusted_limits))

    def outliers(self, *, adjusted: bool = True, level: str = "998") -> npt.NDArray[np.bool_]:
        """Units outside the limits of one level ("95" or "998")."""
        limits = self.adjusted_limits if adjusted else self.limits
        return np.asarray((self.values < limits[f"low_{level}"]) | (self.values > limits[f"high_{level}"]))


@dataclass(frozen=True, kw_only=True)
class Chart:
    """An XmR chart; unpacks as centre, limits, rules (per point the rule that marks it, or None)."""

    centre: float
    limits: tuple[float, float]
    rules: tuple[str | None, ...]

    def __iter__(self) -> Iterator[Any]:
        return iter((self.centre, self.limits, self.rules))


def numbers(values: Any) -> Floats:
    """Any scalar or sequence as floats, with None and pd.NA as NaN."""
    if np.ndim(values) == 0:
        return np.asarray(np.nan if values is None or values is pd.NA else values, dtype=float)
    return np.asarray(
        pd.array(np.asarray(values, dtype=object).ravel(), dtype="Float64").to_numpy(float, na_value=np.nan)
    ).reshape(np.shape(values))


def counts(numerator: Any, denominator: Any) -> tuple[Floats, Floats]:
    """Numerators and denominators of shares as arrays of one shape."""
    top, bottom = np.broadcast_arrays(numbers(numerator), numbers(denominator))
    _require(not (top < 0).any(), "numerator must be at least 0", top)
    _require(not (bottom < 0).any(), "denominator must be at least 0", bottom)
    _require(not (top > bottom).any(), "numerator must be at most the denominator", top)
    _require(not (np.isinf(top) | np.isinf(bottom)).any(), "counts must be finite", bottom)
    return top, bottom


def _require(holds: bool, rule: str, value: Any) -> None:
    if not holds:
        raise ValueError(f"{rule}, got: {np.array2string(np.asarray(value), threshold=5)}")


def _quantile(confidence: float) -> float:
    _require(0 < confidence < 1, "confidence must lie between 0 and 1", confidence)
    return float(distributions.norm.ppf((1 + confidence) / 2))


def _share(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full(bottom.shape, np.nan), where=bottom > 0)


def _out(low: Floats, high: Floats) -> Interval:
    return (float(low), float(high)) if low.ndim == 0 else (low, high)


def _wilson(top: Floats, bottom: Floats, z: Floats | float) -> tuple[Floats, Floats]:
    n = np.where(bottom > 0, bottom, np.nan)
    p = top / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return np.where(p == 0, 0.0, centre - half), np.where(p == 1, 1.0, centre + half)


def wilson_interval(numerator: Any, denominator: Any, confidence: float = 0.95) -> Interval:
    """Score interval of a share (Wilson 1927, JASA 22:209); a denominator of 0 gives NaN."""
    return _out(*_wilson(*counts(numerator, denominator), _quantile(confidence)))


def _beta_interval(numerator: Any, denominator: Any, confidence: float, low: Floats, high: Floats) -> Interval:
    """Beta quantiles with shape offsets (successes, failures) per limit."""
    top, bottom = counts(numerator, denominator)
    _quantile(confidence)
    tail = (1 - confidence) / 2
    known = (bottom > 0) & np.isfinite(top)
    lower = distributions.beta.ppf(tail, np.maximum(top + low[0], 1e-300), bottom - top + low[1])
    upper = distributions.beta.ppf(1 - tail, top + high[0], np.maximum(bottom - top + high[1], 1e-300))
    lower, upper = np.where(top == 0, 0.0, lower), np.where(top == bottom, 1.0, upper)
    return _out(np.where(known, lower, np.nan), np.where(known, upper, np.nan))


def clopper_pearson_interval(numerator: Any, denominator: Any, confidence: float = 0.95) -> Interval:
    """Exact binomial interval (Clopper & Pearson 1934, Biometrika 26:404)."""
    return _beta_interval(numerator, denominator, confidence, np.array([0.0, 1.0]), np.array([1.0, 0.0]))


def jeffreys_interval(numerator: Any, denominator: Any, confidence: float = 0.95) -> Interval:
    """Jeffreys prior interval, 0 and 1 at the ends (Brown, Cai & DasGupta 2001, Stat. Sci. 16:101)."""
    return _beta_interval(numerator, denominator, confidence, np.array([0.5, 0.5]), np.array([0.5, 0.5]))


def _newcombe(first: tuple[Floats, Floats], second: tuple[Floats, Floats], z: Any, extra: Any) -> tuple[Floats, Floats]:
    p1, p2 = _share(*first), _share(*second)
    low1, high1 = _wilson(*first, z)
    low2, high2 = _wilson(*second, z)
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
    _require(bool(np.all(np.asarray(between_variance) >= 0)), "between_variance must be at least 0", between_variance)
    first, second = counts(numerator, denominator), counts(other_numerator, other_denominator)
    return _out(*_newcombe(first, second, _quantile(confidence), between_variance))


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
        _share(*counts(numerator, denominator)) - _share(*counts(benchmark_numerator, benchmark_denominator))
    )
    return category(p < 0.05, p < 1 - CLEAR, higher, polarity)


def category(differs: bool, clearly: bool, difference: float, polarity: str) -> Category:
    """The word for a difference, given what two levels of testing said about it."""
    _require(polarity in CATEGORIES, "polarity must be one of " + ", ".join(CATEGORIES), polarity)
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
    _require(bool(np.all(np.asarray(between_variance) >= 0)), "between_variance must be at least 0", between_variance)
    first, second = counts(numerator, denominator), counts(benchmark_numerator, benchmark_denominator)
    difference = _share(*first) - _share(*second)
    low, high = np.zeros(difference.shape), np.full(difference.shape, 40.0)
    for _ in range(60):
        middle = (low + high) / 2
        lower, upper = _newcombe(first, second, middle, between_variance)
        excluded = np.where(difference > 0, lower > 0, upper < 0)
        low, high = np.where(excluded, middle, low), np.where(excluded, high, middle)
    p = np.where(np.isnan(difference), np.nan, 2 * distributions.norm.sf(low))
    return float(p) if p.ndim == 0 else p


def benjamini_hochberg(p: Any, q: float) -> npt.NDArray[np.bool_]:
    """Which hypotheses are rejected at false-discovery rate q (Benjamini & Hochberg 1995, JRSS B 57:289); NaN never."""
    _require(0 < q < 1, "q must lie between 0 and 1", q)
    values = np.atleast_1d(numbers(p))
    _require(not ((values < 0) | (values > 1)).any(), "p must lie between 0 and 1", values)
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
    difference = np.where(known, _share(*first) - _share(*second), 0.0)
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


def trend_test(numerators: Any, denominators: Any) -> tuple[float, float]:
    """Chi-square test for a linear trend in shares (Armitage 1955, Biometrics 11:375; R prop.trend.test).

    Two or more points in time order, equally spaced; empty points carry no weight. No variation gives (0, 1).
    """
    top, bottom, scores = _series(numerators, denominators)
    slope, spread = _trend_score(top, bottom, scores)
    statistic = slope**2 / spread if spread > 0 else 0.0
    return statistic, float(distributions.chi2.sf(statistic, 1))


def _series(numerators: Any, denominators: Any) -> tuple[Floats, Floats, Floats]:
    top, bottom = (np.atleast_1d(side) for side in counts(numerators, denominators))
    _require(top.size >= 2, "a trend needs at least 2 points", top.size)
    _require(bool(np.isfinite(top + bottom).all()), "a trend needs known counts", top.size)
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


def funnel_limits(
    numerators: Any,
    denominators: Any,
    *,
    kind: str = "proportion",
    trim: str = "winsorise",
    share: float = 0.1,
    transform: str | None = None,
) -> Funnel:
    """Funnel limits with and without over-dispersion (Spiegelhalter 2005, Stat. Med. 24:1185).

    "proportion": arcsine scale around the pooled share. "ratio": observed over expected around 1, in the two published
    forms: truncated on the log scale with expected counts to two decimals (NHS Digital's SHMI), and winsorised on the
    square-root scale (CQC; Spiegelhalter et al. 2012, JRSS A 175:1); `transform` ("log", "sqrt") breaks that pairing.
    phi is the mean squared z after trimming `share` at each end, tau2 the moment estimate of DerSimonian & Laird 1986
    from the same units.
    """
    observed, size = _funnel_input(numerators, denominators, kind)
    _require(trim in ("winsorise", "truncate"), "trim must be winsorise or truncate", trim)
    _require(0 <= share < 0.5, "share must lie from 0 to below 0.5", share)
    scale = "arcsine" if kind == "proportion" else transform or ("log" if trim == "truncate" else "sqrt")
    size = np.where(np.round(size, 2) > 0, np.round(size, 2), size) if scale == "log" else size
    target = float(observed.sum() / size.sum()) if kind == "proportion" else 1.0
    forward, back, error = _scale(scale)
    s, values = error / np.sqrt(size), observed / size
    z = (forward(values) - forward(np.float64(target))) / s
    trimmed, kept = _winsorise(z, share) if trim == "winsorise" else _truncate(z, share)
    phi, tau2 = _dispersion(trimmed, s[kept])
    limits = _limits(back, forward(np.float64(target)), s)
    return Funnel(
        phi=phi,
        tau2=tau2,
        limits=_poisson_limits(size) if kind == "ratio" else limits,
        adjusted_limits=_limits(back, forward(np.float64(target)), np.sqrt(s**2 + tau2)),
        target=target,
        values=values,
        z=z,
        adjusted_z=z * s / np.sqrt(s**2 + tau2),
    )


def _funnel_input(numerators: Any, denominators: Any, kind: str) -> tuple[Floats, Floats]:
    _require(kind in ("proportion", "ratio"), "kind must be proportion or ratio", kind)
    observed, size = np.broadcast_arrays(np.atleast_1d(numbers(numerators)), np.atleast_1d(numbers(denominators)))
    if kind == "proportion":
        counts(observed, size)
    _require(bool((observed >= 0).all()), "numerators must be known and at least 0", observed)
    _require(bool((size > 0).all()), "denominators must be known and above 0", size)
    return observed, size


def _scale(name: str) -> tuple[Any, Any, float]:
    """A variance-stabilising scale: forward, back, and the standard error times the square root of the size."""
    scales = {
        "arcsine": (lambda p: np.arcsin(np.sqrt(p)), lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2, 0.5),
        "sqrt": (np.sqrt, lambda y: np.maximum(y, 0) ** 2, 0.5),
        "log": (lambda r: np.log(np.maximum(r, 1e-9)), np.exp, 1.0),
    }
    _require(name in scales, "transform must be one of " + ", ".join(scales), name)
    return scales[name]


def _winsorise(z: Floats, share: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
    low, high = np.quantile(z, [share, 1 - share])
    return np.clip(z, low, high), np.ones(z.shape, dtype=bool)


def _truncate(z: Floats, share: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Without the lowest and highest of the 1/share rank groups (NHS Digital, SHMI specification)."""
    if share == 0:
        return z, np.ones(z.shape, dtype=bool)
    group = np.floor(distributions.rankdata(z) / share / (z.size + 1))
    kept = (group > 0) & (group < 1 / share - 1)
    return z[kept], kept


def _dispersion(z: Floats, s: Floats) -> tuple[float, float]:
    """phi and tau2 from trimmed z-scores and their units' standard errors; 0 where nothing is left."""
    if z.size == 0:
        return 0.0, 0.0
    phi, weight = float(np.mean(z**2)), 1 / s**2
    spread = weight.sum() - (weight**2).sum() / weight.sum()
    return phi, float(max(0.0, (z.size * phi - (z.size - 1)) / spread)) if spread > 1e-12 else 0.0


def _limits(back: Any, centre: float, s: Floats) -> pd.DataFrame:
    levels = {"95": _quantile(0.95), "998": _quantile(CLEAR)}
    signs = {"low": -1, "high": 1}
    return pd.DataFrame(
        {f"{end}_{n}": back(centre + sign * z * s) for n, z in levels.items() for end, sign in signs.items()}
    )


def _poisson_limits(expected: Floats) -> pd.DataFrame:
    """Exact Poisson limits of observed over expected (Garwood 1936, Biometrika 28:437)."""
    tails = {"95": 0.025, "998": 0.001}
    limits = {}
    for name, tail in tails.items():
        limits[f"low_{name}"] = distributions.chi2.ppf(tail, 2 * expected) / 2 / expected
        limits[f"high_{name}"] = distributions.chi2.isf(tail, 2 * (expected + 1)) / 2 / expected
    return pd.DataFrame(limits)


def pearson_dispersion(observed: Any, expected: Any, parameters: int) -> float:
    """Pearson's phi of a Poisson model: squared residuals over the variance, per degree of freedom."""
    y, mu = numbers(observed), numbers(expected)
    _require(y.size > parameters, "there must be more observations than parameters", y.size)
    return float(((y - mu) ** 2 / mu).sum() / (y.size - parameters))


def control_chart(values: Any, *, baseline: int | None = None, screen: bool = True) -> Chart:
    """XmR chart with the run rules of "Making data count" (NHS England; Wheeler 1993, Understanding Variation).

    Limits are the mean and 2.66 mean moving ranges of the first `baseline` points (all when None), ranges above 3.267
    times their mean screened out once. A point is marked by the first that applies: outside_limits; shift (part of
    seven on one side); trend (part of seven rising or falling); two_of_three (near a limit, with another near it among
    three on that side). A meaningful chart has CHART_MINIMUM points.
    """
    y = np.atleast_1d(numbers(values))
    _require(y.size >= 2 and bool(np.isfinite(y).all()), "a chart needs at least 2 known values", y)
    _require(baseline is None or baseline >= 2, "baseline must be at least 2 points", baseline)
    base = y[:baseline]
    centre = float(base[0] + fsum(base - base[0]) / base.size)
    ranges = np.abs(np.diff(base))
    kept = ranges[ranges < 3.267 * ranges.mean()] if screen else ranges
    spread = 2.66 * float(kept.mean() if kept.size else ranges.mean())
    return Chart(centre=centre, limits=(centre - spread, centre + spread), rules=_run_rules(y, centre, spread))


def _run_rules(y: Floats, centre: float, spread: float) -> tuple[str | None, ...]:
    side, distance = np.sign(y - centre), np.abs(y - centre)
    outside, near = distance > spread, (distance > spread * 2 / 3) & (distance <= spread)
    marks = {
        "outside_limits": outside,
        "shift": _part_of_run(np.abs(_window_sum(side, 7)) == 7, 7, y.size),
        "trend": _part_of_run(np.abs(_window_sum(np.sign(np.diff(y)), 6)) == 6, 7, y.size),
        "two_of_three": near
        & _part_of_run((_window_sum(near, 3) >= 2) & (np.abs(_window_sum(side, 3)) == 3), 3, y.size),
    }
    return tuple(next((rule for rule, hit in marks.items() if hit[i]), None) for i in range(y.size))


def _window_sum(values: npt.NDArray[Any], width: int) -> Floats:
    if values.size < width:
        return np.zeros(0)
    return np.convolve(values.astype(float), np.ones(width), "valid")


def _part_of_run(starts: npt.NDArray[np.bool_], width: int, size: int) -> npt.NDArray[np.bool_]:
    """Every point that belongs to a marked window, windows given by their first point."""
    part = np.zeros(size, dtype=bool)
    for start in np.flatnonzero(starts):
        part[start : start + width] = True
    return part


def cumulative_incidence(time: Any, event: Any, at: Any) -> Floats:
    """Share with each cause by each time, array[at, causes], under right censoring (Aalen & Johansen 1978).

    event 0 = censored, 1.. = causes; whoever is censored at a time counts as at risk at it. Without censoring this is
    the plain share of a fixed cohort.
    """
    times, events, points = _durations(time, event, at)
    distinct, at_risk, happened = _risk_table(times, events)
    return _step(distinct, _incidence(at_risk, happened)[1], points, 0.0)


def _incidence(at_risk: Floats, happened: Floats) -> tuple[Floats, Floats]:
    """Share without any event just before each time, and incidence [times, causes] after it."""
    surviving = np.cumprod(1 - happened.sum(axis=1) / at_risk)
    before = np.concatenate([[1.0], surviving[:-1]])
    return before, np.cumsum((before / at_risk)[:, None] * happened, axis=0)


def cumulative_incidence_error(time: Any, event: Any, at: Any) -> Floats:
    """Standard errors beside cumulative_incidence, array[at, causes] (Marubini & Valsecchi 1995, ch. 10)."""
    times, events, points = _durations(time, event, at)
    distinct, at_risk, happened = _risk_table(times, events)
    before, incidence = _incidence(at_risk, happened)
    any_cause = happened.sum(axis=1)
    left = np.where(at_risk > any_cause, at_risk - any_cause, np.inf)
    hazard = any_cause / (at_risk * left)
    variance = np.column_stack(
        [_incidence_variance(before, at_risk, hazard, incidence[:, k], new) for k, new in enumerate(happened.T)]
    )
    return _step(distinct, np.sqrt(np.maximum(variance, 0)), points, 0.0)


def _incidence_variance(before: Floats, at_risk: Floats, hazard: Floats, incidence: Floats, new: Floats) -> Floats:
    """Variance of one cause's incidence after each time, its sums over earlier times written out."""
    shared = before * new / at_risk**2
    squares = np.cumsum(incidence**2 * hazard + before**2 * new * (at_risk - new) / at_risk**3 + 2 * incidence * shared)
    return np.asarray(
        incidence**2 * np.cumsum(hazard) - 2 * incidence * np.cumsum(incidence * hazard + shared) + squares
    )


def kaplan_meier(time: Any, event: Any, at: Any) -> tuple[Floats, Floats]:
    """Share still without any event, with Greenwood's standard error (Kaplan & Meier 1958, JASA 53:457)."""
    times, events, points = _durations(time, event, at)
    distinct, at_risk, happened = _risk_table(times, events)
    deaths = happened.sum(axis=1)
    surviving = np.cumprod(1 - deaths / at_risk)
    left = np.maximum(at_risk - deaths, 1e-300)
    error = np.where(
        surviving > 0, surviving * np.sqrt(np.cumsum(np.where(at_risk > deaths, deaths / (at_risk * left), 0))), 0
    )
    return _step(distinct, surviving[:, None], points, 1.0)[:, 0], _step(distinct, error[:, None], points, 0.0)[:, 0]


def _durations(time: Any, event: Any, at: Any) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    times, codes, points = np.atleast_1d(numbers(time)), np.atleast_1d(numbers(event)), np.atleast_1d(numbers(at))
    _require(times.size > 0 and times.shape == codes.shape, "time and event must be as many and at least 1", times.size)
    _require(bool((times >= 0).all()), "time must be known and at least 0", times)
    _require(bool(((codes >= 0) & (codes == np.floor(codes))).all()), "event must be a whole number from 0", codes)
    return times, codes.astype(np.int64), points


def _risk_table(times: Floats, events: npt.NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Distinct times, how many were at risk just before each, and events [times, causes]."""
    distinct, position = np.unique(times, return_inverse=True)
    happened = np.zeros((distinct.size, max(int(events.max()), 1)))
    np.add.at(happened, (position[events > 0], events[events > 0] - 1), 1)
    leaving = np.bincount(position, minlength=distinct.size)
    return distinct, np.cumsum(leaving[::-1])[::-1].astype(float), happened


def _step(times: Floats, curve: Floats, points: Floats, start: float) -> Floats:
    """A right-continuous step function read at the points."""
    padded = np.vstack([np.full(curve.shape[1], start), curve])
    return padded[np.searchsorted(times, points, side="right")]


def rank_interval(
    estimates: Any, standard_errors: Any, *, confidence: float = 0.95, higher_is_better: bool = True
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Best and worst rank each unit may have, 1 = best (Mogstad, Romano, Shaikh & Wilhelm 2024, REStud 91:476).

    Units beaten or beating at the confidence level, Bonferroni over the pairs of each unit, fix the two ends.
    """
    value, error = np.atleast_1d(numbers(estimates)), np.atleast_1d(numbers(standard_errors))
    _require(bool(np.isfinite(value).all()), "estimates must be known", value)
    _require(bool((error >= 0).all()), "standard errors must be known and at least 0", error)
    critical = _quantile(1 - (1 - confidence) / max(value.size - 1, 1))
    ahead = (value[:, None] - value[None, :]) * (1 if higher_is_better else -1)
    margin = critical * np.sqrt(error[:, None] ** 2 + error[None, :] ** 2)
    return 1 + (ahead < -margin).sum(axis=1), value.size - (ahead > margin).sum(axis=1)


def pooled_share(numerators: Any, denominators: Any, *, years: int = 3) -> tuple[Floats, Floats, Floats]:
    """Share, low and high (Wilson 95 %) of each year together with the years before it; NaN until there are enough."""
    _require(years >= 1, "years must be at least 1", years)
    top, bottom = (_rolling(np.atleast_1d(side), years) for side in counts(numerators, denominators))
    low, high = _wilson(top, bottom, _quantile(0.95))
    return _share(top, bottom), low, high


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
