"""Which groups differ from what was expected of them or have changed: every group of a release tested once.

Only shown values enter, so nothing here says whether a hidden group would have stood out. False discovery is
controlled over every group of a period and a kind of test at once, before anyone filters anything.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from metrics import stats
from metrics.present import marks
from metrics.present.figures import Figure, Figures, Key
from metrics.values import Status
from metrics.vocabulary import ALL

ABSENCE, YEAR6, REPORTS = "franvaro", "arskurs-6", "anmalningar"
TOPICS: Mapping[str, tuple[str, ...]] = {
    ABSENCE: ("absence_10", "absence_15", "absence_20", "absence_30", "absence_50"),
    YEAR6: ("year6_core_passed", "year6_all_passed"),
    REPORTS: ("reported_by_school", "reported_again_within_12_months_all"),
}
"""The indicators that are looked at, by topic; of reports also how many children are reported."""
_TOPIC_OF = {name: topic for topic, names in TOPICS.items() for name in names}
CHILDREN = "reports_per_child"
"""Its denominator is the number of children reported in a year."""
FOLLOWED = "led_to_intervention_all"
"""Not yet observable for a year that may be delivered only in part."""
EXPECTED, CHANGED, COUNTED = "expected", "changed", "counted"
EARLIER = 3
EARLIER_AT_LEAST = 2
NEVER_VARIES = 1e12
NO_GROUP = ("stage_unknown",)
UNKNOWN = "_unknown"
"""The end of the codes of those whose background nobody knows: no group that anybody could look at."""

_GROUP = ["indicator", "area_type", "stage", "sex", "background"]
_COLUMNS = [*_GROUP, "area", "period_to", "label", "school_year", "numerator", "denominator"]
_Z = float(special.ndtri(0.975))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """One group on one indicator against what was expected, or against its own earlier years.

    `value`, `expected`, `difference`, `low` and `high` are percent and percentage points; for the number of reported
    children numbers, and the difference in percent. `earlier` is how many years the comparison is with.
    """

    indicator: str
    test: str
    area_type: str
    area: str
    stage: str
    sex: str
    background: str
    period_to: str
    label: str
    school_year: str
    size: float
    value: float
    expected: float
    difference: float
    low: float
    high: float
    word: str
    p: float
    earlier: int

    @property
    def topic(self) -> str:
        return _TOPIC_OF.get(self.indicator, REPORTS)

    @property
    def tells(self) -> bool:
        """Whether the difference can be told from chance."""
        return self.word not in ("not_distinguishable", "not_computable")

    @property
    def asks(self) -> bool:
        """Whether it is a reason to look: worse, or different where nothing is better or worse."""
        return self.tells and self.word not in marks.BETTER

    @property
    def clear(self) -> bool:
        return self.word.startswith("much_")

    @property
    def group(self) -> tuple[str, ...]:
        """Who it is about."""
        return (self.area_type, self.area, self.stage, self.sex, self.background)


def tested(figures: Figures) -> list[Sign]:
    """Every group and period that can be tested, newest first."""
    shares = _rows(figures, [name for names in TOPICS.values() for name in names])
    children = _rows(figures, [CHILDREN])
    parts = [_expected(shares), _changed(shares), _counted(children)]
    found = pd.concat([each for each in parts if len(each)] or [pd.DataFrame()], ignore_index=True)
    if found.empty:
        return []
    found = found[found["p"].notna()].reset_index(drop=True)
    found["word"] = _words(found, figures)
    names = [name for name in Sign.__dataclass_fields__ if name in found]
    rows = found.sort_values(["period_to", "p"], ascending=[False, True], kind="stable")
    columns = (rows[name].tolist() for name in names)
    return [Sign(**dict(zip(names, each, strict=True))) for each in zip(*columns, strict=True)]


def newest(found: Sequence[Sign]) -> list[Sign]:
    """The tests of the newest period that can be tested, for each indicator, stage, kind of area and kind of test.

    What is more than a year older than the newest of its topic is not news and is left out.
    """
    last: dict[tuple[str, ...], str] = {}
    for each in found:
        for series in (_series(each), (each.topic,)):
            last[series] = max(last.get(series, ""), each.period_to)
    return [
        each
        for each in found
        if each.period_to == last[_series(each)] and each.period_to >= _before(last[(each.topic,)])
    ]


def _before(period_to: str) -> str:
    """The same day one year earlier."""
    return f"{int(period_to[:4]) - 1}{period_to[4:]}"


def _series(each: Sign) -> tuple[str, ...]:
    return (each.indicator, each.test, each.stage, each.area_type)


def unshown(figures: Figures, found: Sequence[Sign]) -> int:
    """How many groups have a hidden value in the period that is looked at, and nowhere one that can be tested."""
    periods = {(each.indicator, each.stage): each.period_to for each in reversed(found) if each.test != COUNTED}
    hidden = {
        (key.area, key.stage, key.sex, key.background)
        for name in (name for names in TOPICS.values() for name in names)
        for key, series in figures.all_series(name).items()
        if _is_group(figures, name, key)
        for period in [periods.get((name, key.stage)) or _last(figures, name, key.stage)]
        for each in series
        if each.period_to == period and each.status == Status.HIDDEN
    }
    return len(hidden - {each.group[1:] for each in found})


def _last(figures: Figures, name: str, stage: str) -> str:
    found = figures.newest(name, stage)
    return found.period_to if found else ""


def _is_group(figures: Figures, name: str, key: Key) -> bool:
    own = key.series == "own" and key.area_type in ("municipality", "region") and not key.pooled
    own = own and key.stage not in NO_GROUP and not key.background.endswith(UNKNOWN)
    return own and key.model == ALL and key.provider == figures.provider_of(name)


def _rows(figures: Figures, names: Sequence[str]) -> pd.DataFrame:
    """Shown counts of every group, numbers as floats; years that may be delivered in part are left out."""
    found = [
        (name, key.area_type, key.stage, key.sex, key.background, key.area, *_numbers(each))
        for name in names
        if name in figures.definitions
        for late in [_late(figures, name)]
        for key, series in figures.all_series(name).items()
        if _is_group(figures, name, key)
        for each in series
        if each.shown and not each.incomplete and None not in (each.numerator, each.denominator)
        if each.label not in late
    ]
    rows = pd.DataFrame(found, columns=_COLUMNS)
    return rows.astype({"numerator": float, "denominator": float})


def _numbers(each: Figure) -> tuple[object, ...]:
    return (each.period_to, each.label, each.school_year, each.numerator, each.denominator)


def _late(figures: Figures, name: str) -> set[str]:
    """Years of reports whose outcome cannot be seen yet."""
    definition = figures.definitions[name]
    if definition.population != "reported_children" or FOLLOWED not in figures.definitions:
        return set()
    return {
        each.label
        for key, series in figures.all_series(FOLLOWED).items()
        if _is_group(figures, FOLLOWED, key)
        for each in series
        if each.status == Status.NOT_YET_OBSERVABLE
    }


def _expected(rows: pd.DataFrame) -> pd.DataFrame:
    """Members against the same group in the rest of the region: the complete region less the member, both shown."""
    keys = ["indicator", "stage", "sex", "background", "period_to"]
    region = rows[rows["area_type"] == "region"][[*keys, "numerator", "denominator"]]
    pairs = rows[rows["area_type"] == "municipality"].merge(region, on=keys, suffixes=("", "_region"))
    pairs["other_numerator"] = pairs["numerator_region"] - pairs["numerator"]
    pairs["other_denominator"] = pairs["denominator_region"] - pairs["denominator"]
    inside = (pairs["other_numerator"] >= 0) & (pairs["other_numerator"] <= pairs["other_denominator"])
    pairs = pairs[inside & (pairs["other_denominator"] > 0)].reset_index(drop=True)
    extra, wide = np.zeros(len(pairs)), _Wide(pairs, _SIDES)
    for index in pairs.groupby(_GROUP, sort=False).indices.values():
        extra[index] = stats.between_year_variance(*wide.of(index))
    return _compared(pairs, extra).assign(test=EXPECTED, earlier=0)


_SIDES = ("numerator", "denominator", "other_numerator", "other_denominator")


def _changed(rows: pd.DataFrame) -> pd.DataFrame:
    """Each group against its own last years in the same season, widened by how much such groups vary in other years.

    A new year and the mean of the earlier ones each vary with the variance between years, the mean by its part of it.
    """
    pairs = _with_earlier(rows)
    extra = _beside_each(rows, pairs, ("numerator", "denominator"), _variance_of_years)
    return _compared(pairs, extra * (1 + 1 / pairs["earlier"].to_numpy(float))).assign(test=CHANGED)


def _beside_each(
    rows: pd.DataFrame, pairs: pd.DataFrame, columns: Sequence[str], variance: Callable[..., float]
) -> np.ndarray:
    """Per pair the variance between years of groups of its kind and season, from every year but its own.

    It is widened as t is to the normal: years have shocks that all areas share, so few years say little about it.
    """
    extra, wide = np.zeros(len(pairs)), _Wide(rows, columns)
    periods = pairs["period_to"].to_numpy(object)
    kinds = [pairs[name] for name in _GROUP] + [pairs["period_to"].str[5:]]
    same: Mapping[Any, Any] = rows.groupby([*_GROUP, rows["period_to"].str[5:]], sort=False).indices
    for kind, index in pairs.groupby(kinds, sort=False).indices.items():
        sides, places = wide.of(same[kind]), wide.periods_of(same[kind])
        for period in dict.fromkeys(periods[index]):
            others = [each[:, places != period] for each in sides]
            widened = _widened(others[0].shape[1] - 1)
            extra[index[periods[index] == period]] = variance(*others) * widened
    return extra


@functools.cache
def _widened(degrees: int) -> float:
    """How much wider a variance of so many degrees of freedom makes an interval, as t is to the normal, squared."""
    return float(special.stdtrit(degrees, 0.975) / _Z) ** 2


def _with_earlier(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that have at least EARLIER_AT_LEAST of the last years, with these added up and how many they are."""
    keys = [*_GROUP, "area", "period_to"]
    totals = rows.assign(other_numerator=0.0, other_denominator=0.0, earlier=0)
    for back in range(1, EARLIER + 1):
        later = (rows["period_to"].str[:4].astype(int) + back).astype(str) + rows["period_to"].str[4:]
        before = rows.assign(period_to=later)[[*keys, "numerator", "denominator"]]
        there = totals[keys].merge(before, on=keys, how="left")
        totals["other_numerator"] += there["numerator"].fillna(0.0).to_numpy()
        totals["other_denominator"] += there["denominator"].fillna(0.0).to_numpy()
        totals["earlier"] += there["denominator"].notna().to_numpy().astype(int)
    return totals[totals["earlier"] >= EARLIER_AT_LEAST].reset_index(drop=True)


def _variance_of_years(top: np.ndarray, bottom: np.ndarray) -> float:
    """Variance between years of shares [areas, years], each area around its own mean."""
    return stats.between_year_variance(top, bottom, np.full(top.shape, NEVER_VARIES / 2), NEVER_VARIES)


class _Wide:
    """Columns of rows as arrays [areas, periods], some of the rows at a time; empty where an area has no row."""

    def __init__(self, rows: pd.DataFrame, columns: Sequence[str]) -> None:
        self._areas = pd.factorize(rows["area"])[0]
        self._periods, self._ends = pd.factorize(rows["period_to"], sort=True)
        self._columns = [rows[name].to_numpy(float) for name in columns]

    def of(self, index: Any) -> list[np.ndarray]:
        """The arrays of some rows, periods in time order."""
        areas, periods = (np.unique(each[index], return_inverse=True) for each in (self._areas, self._periods))
        found = []
        for column in self._columns:
            wide = np.full((len(areas[0]), len(periods[0])), np.nan)
            wide[areas[1], periods[1]] = column[index]
            found.append(wide)
        return found

    def periods_of(self, index: Any) -> np.ndarray:
        """The ends of the periods that some rows have, in time order."""
        return np.asarray(self._ends, dtype=object)[np.unique(self._periods[index])]


def _compared(pairs: pd.DataFrame, extra: np.ndarray) -> pd.DataFrame:
    """Shares, their difference in points with its interval (Newcombe), and p."""
    sides: list[Any] = [pairs[name].to_numpy(float) for name in _SIDES]
    low, high = stats.newcombe_difference(*sides, between_variance=extra)
    value, other = sides[0] / sides[1], sides[2] / sides[3]
    shares = {"value": value, "expected": other, "difference": value - other, "low": low, "high": high}
    scaled = {name: 100 * column for name, column in shares.items()}
    p = stats.benchmark_p_value(*sides, between_variance=extra)
    return pairs.assign(**scaled, p=p, size=pairs["denominator"])


def _counted(rows: pd.DataFrame) -> pd.DataFrame:
    """How many children are reported against the mean of the group's earlier years, as ratios of counts.

    The logarithm of a count varies by one over the count, and between years as much as such groups do beyond that.
    """
    rows = rows.assign(numerator=0.0)
    pairs = _with_earlier(rows)
    pairs = pairs[(pairs["denominator"] > 0) & (pairs["other_denominator"] > 0)].reset_index(drop=True)
    extra = _beside_each(rows, pairs, ("denominator",), _scatter)
    now, before, years = (pairs[name].to_numpy(float) for name in ("denominator", "other_denominator", "earlier"))
    ratio = np.log(now * years / before)
    error = np.sqrt(1 / now + 1 / before + extra * (1 + 1 / years))
    ends = {"difference": ratio, "low": ratio - _Z * error, "high": ratio + _Z * error}
    scaled = {name: 100 * np.expm1(column) for name, column in ends.items()}
    p = 2 * special.ndtr(-np.abs(ratio) / error)
    return pairs.assign(**scaled, p=p, value=now, expected=before / years, size=now, test=COUNTED)


def _scatter(counts: np.ndarray) -> float:
    """Variance between years of the logarithm of counts beyond Poisson's, around each group's mean; at least 0."""
    known = np.where(counts > 0, counts, np.nan)
    several = np.isfinite(known).sum(axis=1) > 1
    if not several.any():
        return 0.0
    logs = np.log(known[several])
    centred = logs - np.nanmean(logs, axis=1, keepdims=True)
    degrees = (np.isfinite(logs).sum(axis=1) - 1).sum()
    return float(max(0.0, np.nansum(centred**2) / degrees - np.nanmean(1 / known[several])))


def _words(found: pd.DataFrame, figures: Figures) -> list[str]:
    """Categories at false-discovery rates 5 % and 0.2 %, once per period and kind of test.

    A whole member against the rest of the region was judged when the release was made: that word stands.
    """
    plain, clear = np.zeros(len(found), dtype=bool), np.zeros(len(found), dtype=bool)
    for index in found.groupby(["period_to", "test"], sort=False).indices.values():
        p = found["p"].to_numpy(float)[index]
        plain[index] = stats.benjamini_hochberg(p, 0.05)
        clear[index] = stats.benjamini_hochberg(p, 1 - stats.CLEAR)
    judged = _judged(found, figures)
    rows = zip(judged, plain, clear, found["difference"], found["indicator"], strict=True)
    return [
        word or str(stats.category(bool(differs), bool(sure), size, figures.definitions[name].polarity))
        for word, differs, sure, size, name in rows
    ]


def _judged(found: pd.DataFrame, figures: Figures) -> list[str]:
    """The words of the release's own verdicts on whole members against the rest of the region; "" without one."""
    names = ("test", "sex", "background", "indicator", "area", "stage", "period_to")
    words = []
    for test, sex, background, name, area, stage, end in zip(*(found[each].tolist() for each in names), strict=True):
        whole = test == EXPECTED and (sex, background) == (ALL, ALL)
        key = Key(provider=figures.provider_of(name), stage=stage)
        judged = figures.verdicts(name, key, end, "rest_of_region").get(area) if whole else None
        words.append(judged.word if judged else "")
    return words
