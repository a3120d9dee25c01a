"""Funnel limits with overdispersion, and control charts with their rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import fsum
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from metrics.stats.benchmarks import CLEAR
from metrics.stats.shares import Floats, counts, numbers, quantile, require_that

CHART_MINIMUM = 12


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
    require_that(trim in ("winsorise", "truncate"), "trim must be winsorise or truncate", trim)
    require_that(0 <= share < 0.5, "share must lie from 0 to below 0.5", share)
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
    require_that(kind in ("proportion", "ratio"), "kind must be proportion or ratio", kind)
    observed, size = np.broadcast_arrays(np.atleast_1d(numbers(numerators)), np.atleast_1d(numbers(denominators)))
    if kind == "proportion":
        counts(observed, size)
    require_that(bool((observed >= 0).all()), "numerators must be known and at least 0", observed)
    require_that(bool((size > 0).all()), "denominators must be known and above 0", size)
    return observed, size


def _scale(name: str) -> tuple[Any, Any, float]:
    """A variance-stabilising scale: forward, back, and the standard error times the square root of the size."""
    scales = {
        "arcsine": (lambda p: np.arcsin(np.sqrt(p)), lambda y: np.sin(np.clip(y, 0, np.pi / 2)) ** 2, 0.5),
        "sqrt": (np.sqrt, lambda y: np.maximum(y, 0) ** 2, 0.5),
        "log": (lambda r: np.log(np.maximum(r, 1e-9)), np.exp, 1.0),
    }
    require_that(name in scales, "transform must be one of " + ", ".join(scales), name)
    return scales[name]


def _winsorise(z: Floats, share: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
    low, high = np.quantile(z, [share, 1 - share])
    return np.clip(z, low, high), np.ones(z.shape, dtype=bool)


def _truncate(z: Floats, share: float) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Without the lowest and highest of the 1/share rank groups (NHS Digital, SHMI specification)."""
    if share == 0:
        return z, np.ones(z.shape, dtype=bool)
    group = np.floor(pd.Series(z).rank().to_numpy() / share / (z.size + 1))
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
    levels = {"95": quantile(0.95), "998": quantile(CLEAR)}
    signs = {"low": -1, "high": 1}
    return pd.DataFrame(
        {f"{end}_{n}": back(centre + sign * z * s) for n, z in levels.items() for end, sign in signs.items()}
    )


def _poisson_limits(expected: Floats) -> pd.DataFrame:
    """Exact Poisson limits of observed over expected (Garwood 1936, Biometrika 28:437)."""
    tails = {"95": 0.025, "998": 0.001}
    limits = {}
    for name, tail in tails.items():
        limits[f"low_{name}"] = special.gammaincinv(expected, tail) / expected
        limits[f"high_{name}"] = special.chdtri(2 * (expected + 1), tail) / 2 / expected
    return pd.DataFrame(limits)


def pearson_dispersion(observed: Any, expected: Any, parameters: int) -> float:
    """Pearson's phi of a Poisson model: squared residuals over the variance, per degree of freedom."""
    y, mu = numbers(observed), numbers(expected)
    require_that(y.size > parameters, "there must be more observations than parameters", y.size)
    return float(((y - mu) ** 2 / mu).sum() / (y.size - parameters))


def control_chart(values: Any, *, baseline: int | None = None, screen: bool = True) -> Chart:
    """XmR chart with the run rules of "Making data count" (NHS England; Wheeler 1993, Understanding Variation).

    Limits are the mean and 2.66 mean moving ranges of the first `baseline` points (all when None), ranges above 3.267
    times their mean screened out once. A point is marked by the first that applies: outside_limits; shift (part of
    seven on one side); trend (part of seven rising or falling); two_of_three (near a limit, with another near it among
    three on that side). A meaningful chart has CHART_MINIMUM points.
    """
    y = np.atleast_1d(numbers(values))
    require_that(y.size >= 2 and bool(np.isfinite(y).all()), "a chart needs at least 2 known values", y)
    require_that(baseline is None or baseline >= 2, "baseline must be at least 2 points", baseline)
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
