"""Verdicts and trends of a release: pure functions of shown values, computed once when it is published.

A filter on a page never changes a verdict, because false discovery is controlled here, over every indicator and
member of a period, benchmark and provider at once. Whatever is hidden, and a region that is not complete, gets no
verdict and no trend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pandas as pd
from scipy import special

from metrics import stats
from metrics.values import Published, Status

BENCHMARKS = ("rest_of_region", "region", "nation", "peers")
VERDICT_COLUMNS = (
    "indicator",
    "area",
    "provider",
    "stage",
    "period_to",
    "school_year",
    "benchmark",
    "benchmark_value",
    "difference",
    "low",
    "high",
    "verdict",
)
TREND_COLUMNS = ("indicator", "area", "provider", "stage", "period_to", "school_year", "points", "trend", "slope")
COUNTED_UNITS = ("share", "flow")
STOPPED = "stopped"

_SERIES = ["indicator", "provider", "stage", "perspective", "period_kind"]
_PERIOD = [*_SERIES, "period_from", "period_to"]
_NUMBERS = ["numerator", "denominator", "value", "low", "high"]
_TREND_KEYS = [*_SERIES, "area_type", "area", "period_to", "school_year"]
_Z = float(special.ndtri(0.975))


class Judged(Protocol):
    """What must be known of an indicator: declare.Indicator and release.read.Definition both have it."""

    @property
    def unit(self) -> str: ...
    @property
    def polarity(self) -> str: ...
    @property
    def breaks(self) -> Mapping[str, str]: ...


def judge(published: Published, definitions: Mapping[str, Judged]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The `verdicts` and `trends` tables of a release, columns as in release.read.TABLES."""
    totals = _totals(published.values, definitions)
    return verdicts(totals, definitions), trends(totals, definitions)


def is_incomplete(area: str) -> bool:
    """Whether an area is a region with members missing, written "GR, 11 av 13"."""
    return re.search(r", \d+ av \d+$", area) is not None


def _totals(values: pd.DataFrame, definitions: Mapping[str, Judged]) -> pd.DataFrame:
    """Yearly (or term) totals over model, sex and background, numbers as floats, hidden ones empty.

    An own value without an interval is a ratio of magnitudes (minutes, staff): its counts are not of pupils, so it is
    left out of every judgement.
    """
    total = (values["model"] == "all") & (values["sex"] == "all") & (values["background"] == "all")
    found = values[total & (values["period_kind"] != "pooled") & values["indicator"].isin(list(definitions))].copy()
    found[_NUMBERS] = found[_NUMBERS].apply(pd.to_numeric).astype(float)
    found.loc[found["status"] != Status.SHOWN, _NUMBERS] = np.nan
    found = found[~((found["series"] == "own") & found["value"].notna() & found["low"].isna())]
    found = found.assign(period_to=found["period_to"].astype(str), period_from=found["period_from"].astype(str))
    return found


def verdicts(totals: pd.DataFrame, definitions: Mapping[str, Judged]) -> pd.DataFrame:
    """One row per shown member total and benchmark, categories after false-discovery control."""
    totals = _with_rest(totals, definitions)
    pairs = pd.concat([_pairs(totals, benchmark) for benchmark in BENCHMARKS], ignore_index=True)
    pairs = pairs.dropna(subset=["value", "opposite_value", "other_value"]).reset_index(drop=True)
    pairs = pairs.reindex(columns=[*pairs.columns, "difference", "difference_low", "difference_high", "p"])
    counted = pairs["indicator"].map(lambda name: definitions[name].unit in COUNTED_UNITS).astype(bool)
    for tested in (_compare_counts(pairs[counted]), _compare_means(pairs[~counted])):
        pairs.loc[tested.index, list(tested.columns)] = tested
    pairs = pairs[pairs["p"].notna()].reset_index(drop=True)
    pairs["verdict"] = _controlled(pairs, definitions)
    pairs["benchmark_value"] = pairs["other_value"]
    pairs["low"], pairs["high"] = pairs["difference_low"], pairs["difference_high"]
    return pairs.reindex(columns=list(VERDICT_COLUMNS))


def _with_rest(totals: pd.DataFrame, definitions: Mapping[str, Judged]) -> pd.DataFrame:
    """With the region less each member where a release has no such row at all: a region of many members, solved county by
    county. It is the published region less the published member, of complete regions, where both are shown."""
    own = totals[totals["series"] == "own"]
    if (own["area_type"] == "rest_of_region").any():
        return totals
    counted = own["indicator"].map(lambda name: definitions[name].unit in COUNTED_UNITS).astype(bool)
    own = own[counted & own["numerator"].notna() & own["denominator"].notna()]
    region = own[(own["area_type"] == "region") & ~own["area"].map(is_incomplete).astype(bool)]
    members = own[own["area_type"] == "municipality"]
    rest = _beside(members, region, "region", _PERIOD)
    for name in ("numerator", "denominator"):
        rest[name] = rest[f"region_{name}"] - rest[name]
    rest = rest[(rest["denominator"] > 0) & rest["numerator"].between(0, rest["denominator"])]
    rest = rest.assign(value=100 * rest["numerator"] / rest["denominator"], area_type="rest_of_region")
    return pd.concat([totals, rest[list(totals.columns)]], ignore_index=True)


def _pairs(totals: pd.DataFrame, benchmark: str) -> pd.DataFrame:
    """Members beside their benchmark; `opposite_*` is what the member is tested against, `scale` its weight."""
    own = totals[totals["series"] == "own"]
    members = own[own["area_type"] == "municipality"]
    region = own[(own["area_type"] == "region") & ~own["area"].map(is_incomplete).astype(bool)]
    if benchmark == "nation":
        official = totals[(totals["series"] == "official") & (totals["area_type"] == "nation")]
        pairs = _beside(members, _sized(official, members), "other", _PERIOD)
        return _opposite(pairs, "other").assign(benchmark=benchmark, scale=1.0)
    if benchmark == "peers":
        official = totals[(totals["series"] == "official") & (totals["area_type"] == "peer_group")].copy()
        official["numerator"] = official["value"] / 100 * official["denominator"]
        pairs = _beside(members, official, "other", [*_PERIOD, "area"])
        return _opposite(pairs, "other").assign(benchmark=benchmark, scale=1.0)
    members = members.merge(region[_PERIOD].drop_duplicates(), on=_PERIOD)
    rest = own[own["area_type"] == "rest_of_region"]
    pairs = _beside(members, rest, "opposite", [*_PERIOD, "area"])
    if benchmark == "rest_of_region":
        return _opposite(pairs, "opposite", "other").assign(benchmark=benchmark, scale=1.0)
    pairs = _beside(pairs, region, "other", _PERIOD)
    return pairs.assign(benchmark=benchmark, scale=1 - pairs["denominator"] / pairs["other_denominator"])


def _beside(left: pd.DataFrame, right: pd.DataFrame, name: str, keys: list[str]) -> pd.DataFrame:
    renamed = {column: f"{name}_{column}" for column in _NUMBERS}
    return left.merge(right[[*keys, *_NUMBERS]].rename(columns=renamed), on=keys)


def _opposite(pairs: pd.DataFrame, source: str, target: str = "opposite") -> pd.DataFrame:
    return pairs.assign(**{f"{target}_{column}": pairs[f"{source}_{column}"] for column in _NUMBERS})


def _sized(nation: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """Official national values with a denominator: where none is printed, the members' sum, which it exceeds."""
    least = members.groupby(_PERIOD)["denominator"].sum().rename("least").reset_index()
    sized = nation.merge(least, on=_PERIOD, how="left")
    sized["denominator"] = sized["denominator"].fillna(sized["least"])
    sized["numerator"] = sized["value"] / 100 * sized["denominator"]
    return sized


def _compare_counts(pairs: pd.DataFrame) -> pd.DataFrame:
    """Two-sample Newcombe comparison of shares, widened by the variance between years; percentage points."""
    names = ["numerator", "denominator", "opposite_numerator", "opposite_denominator"]
    extra = np.zeros(len(pairs))
    for index in pairs.groupby([*_SERIES, "benchmark"], sort=False).indices.values():
        rows = pairs.iloc[index]
        extra[index] = stats.between_year_variance(*(_by_area_and_year(rows, rows[name]) for name in names))
    sides: list[Any] = [pairs[name].to_numpy() for name in names]
    low, high = stats.newcombe_difference(*sides, between_variance=extra)
    difference = sides[0] / sides[1] - sides[2] / sides[3]
    tested = {"difference": difference, "difference_low": low, "difference_high": high}
    scaled = {name: column * pairs["scale"].to_numpy() * 100 for name, column in tested.items()}
    p = stats.benchmark_p_value(*sides, between_variance=extra)
    return pd.DataFrame(scaled | {"p": p}, index=pairs.index)


def _by_area_and_year(rows: pd.DataFrame, values: Any) -> np.ndarray:
    """Values of `rows` as [areas, years]."""
    areas, years = pd.factorize(rows["area"])[0], pd.factorize(rows["period_to"], sort=True)[0]
    wide = np.full((areas.max() + 1, years.max() + 1), np.nan)
    wide[areas, years] = np.asarray(values, dtype=float)
    return wide


def _compare_means(pairs: pd.DataFrame) -> pd.DataFrame:
    """Normal comparison of means from their published intervals; no result where a release carries none."""
    variance = _variance(pairs, "") + _variance(pairs, "opposite_")
    difference = (pairs["value"] - pairs["opposite_value"]).to_numpy()
    extra = np.zeros(len(pairs))
    for index in pairs.groupby([*_SERIES, "benchmark"], sort=False).indices.values():
        rows = pairs.iloc[index]
        wide = [_by_area_and_year(rows, each[index]) for each in (difference, variance)]
        extra[index] = _scatter(*wide)
    error = np.sqrt(variance + extra)
    scale = pairs["scale"].to_numpy()
    tested = {
        "difference": difference * scale,
        "difference_low": (difference - _Z * error) * scale,
        "difference_high": (difference + _Z * error) * scale,
        "p": 2 * special.ndtr(-np.abs(difference) / np.where(error > 0, error, np.nan)),
    }
    return pd.DataFrame(tested, index=pairs.index)


def _variance(rows: pd.DataFrame, prefix: str) -> np.ndarray:
    return np.asarray(((rows[f"{prefix}high"] - rows[f"{prefix}low"]) / (2 * _Z)) ** 2, dtype=float)


def _scatter(difference: np.ndarray, variance: np.ndarray) -> float:
    """Variance between years of a difference beyond sampling error, arrays [areas, years]; as in stats for shares."""
    known = np.isfinite(difference) & (variance > 0)
    weight = np.where(known, 1 / np.where(known, variance, 1.0), 0.0)
    value = np.where(known, difference, 0.0)
    total = np.maximum(weight.sum(axis=1), 1e-300)
    centred = value - ((weight * value).sum(axis=1) / total)[:, None]
    several = known.sum(axis=1) > 1
    scale = (total - (weight**2).sum(axis=1) / total)[several].sum()
    excess = (weight * centred**2)[several].sum() - (known.sum(axis=1)[several] - 1).sum()
    return float(max(0.0, excess / scale)) if scale > 0 else 0.0


def _controlled(pairs: pd.DataFrame, definitions: Mapping[str, Judged]) -> list[str]:
    """Categories at false-discovery rates 5 % and 0.2 %, once per period, benchmark and provider."""
    plain, clear = np.zeros(len(pairs), dtype=bool), np.zeros(len(pairs), dtype=bool)
    keys = ["period_kind", "period_from", "period_to", "benchmark", "provider"]
    for index in pairs.groupby(keys, sort=False).indices.values():
        p = pairs["p"].to_numpy()[index]
        plain[index] = stats.benjamini_hochberg(p, 0.05)
        clear[index] = stats.benjamini_hochberg(p, 1 - stats.CLEAR)
    polarities = [definitions[str(name)].polarity for name in pairs["indicator"]]
    rows = zip(plain, clear, pairs["difference"], polarities, strict=True)
    return [str(stats.category(bool(differs), bool(sure), size, polarity)) for differs, sure, size, polarity in rows]


def trends(totals: pd.DataFrame, definitions: Mapping[str, Judged]) -> pd.DataFrame:
    """One row per own series of a member or a complete region whose newest observable point is shown."""
    own = totals[(totals["series"] == "own") & totals["area_type"].isin(["municipality", "region"])]
    own = own[~own["area"].map(is_incomplete).astype(bool)].sort_values("period_to")
    own = own[own["status"] != Status.NOT_YET_OBSERVABLE]
    own = own.assign(newest=own.groupby(_SERIES)["period_to"].transform("max"))
    own = own.assign(season=own["period_to"].str[5:7], year=own["period_to"].str[:4].astype(int))
    own = own[[*_TREND_KEYS, "status", "season", "year", "newest", *_NUMBERS]]
    own = own.astype(dict.fromkeys(own.columns.difference([*_NUMBERS, "year"]), object))
    rows = []
    for _, series in own.groupby([*_SERIES, "area_type", "area"], sort=False):
        last = series.iloc[-1]
        if last["status"] == Status.SHOWN and last["period_to"] == last["newest"]:
            rows.append(_trend_row(series, definitions[last["indicator"]]))
    return pd.DataFrame(rows, columns=list(TREND_COLUMNS)).drop_duplicates(list(TREND_COLUMNS[:6]))


def _trend_row(series: pd.DataFrame, definition: Judged) -> dict[str, object]:
    last = series.iloc[-1]
    unbroken = _unbroken(series)
    after = unbroken[unbroken["school_year"] >= max(definition.breaks, default="")]
    points = after.iloc[-stats.TREND_POINTS :]
    word, slope = _tested(points, definition.unit)
    if word == stats.Trend.TOO_FEW and len(unbroken) >= stats.TREND_POINTS:
        word = STOPPED
    found = {name: last[name] for name in TREND_COLUMNS[:6]}
    return found | {"points": len(points), "trend": str(word), "slope": slope}


def _unbroken(series: pd.DataFrame) -> pd.DataFrame:
    """The shown points of the same season, back to the first year that lacks one."""
    season = series["season"].to_numpy()
    same = series[(season == season[-1]) & (series["status"].to_numpy() == str(Status.SHOWN))]
    run = np.flatnonzero(np.diff(same["year"].to_numpy()) != 1)
    return same.iloc[run[-1] + 1 :] if run.size else same


def _tested(points: pd.DataFrame, unit: str) -> tuple[str, float]:
    """The trend's word and its slope per year, in the unit of the value."""
    if len(points) < stats.TREND_POINTS:
        return stats.Trend.TOO_FEW, float("nan")
    if unit in COUNTED_UNITS:
        weight = points["denominator"].to_numpy()
        word = stats.tested_trend(points["numerator"].to_numpy(), weight)
        return word, _slope(points["value"].to_numpy(), weight)
    variance = _variance(points, "")
    if not (variance > 0).all():
        return stats.Trend.TOO_FEW, float("nan")
    return _trend_of_means(points["value"].to_numpy(), 1 / variance), _slope(points["value"].to_numpy(), 1 / variance)


def _slope(values: np.ndarray, weight: np.ndarray) -> float:
    scores = np.arange(values.size, dtype=float)
    centred = weight * (scores - (weight * scores).sum() / weight.sum())
    return float((centred * values).sum() / (centred * scores).sum())


def _trend_of_means(values: np.ndarray, weight: np.ndarray) -> stats.Trend:
    """The same rule for means: weighted slope with known variances, p < 0.002, sign kept without any one point."""
    slope = _slope(values, weight)
    scores = np.arange(values.size, dtype=float)
    spread = (weight * (scores - (weight * scores).sum() / weight.sum()) ** 2).sum()
    p = 2 * special.ndtr(-abs(slope) * np.sqrt(spread))
    others = [np.delete(np.arange(values.size), each) for each in range(values.size)]
    stays = all(np.sign(_slope_at(values, weight, keep)) == np.sign(slope) for keep in others)
    if p >= stats.TREND_LEVEL or not stays:
        return stats.Trend.NONE
    return stats.Trend.RISING if slope > 0 else stats.Trend.FALLING


def _slope_at(values: np.ndarray, weight: np.ndarray, keep: np.ndarray) -> float:
    """Slope over the kept points at their own places in time."""
    scores, kept, y = keep.astype(float), weight[keep], values[keep]
    centred = kept * (scores - (kept * scores).sum() / kept.sum())
    return float((centred * y).sum() / (centred * scores).sum())
