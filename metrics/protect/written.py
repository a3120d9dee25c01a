"""Protected records as rows of the long table: numbers only where a value is shown, otherwise a status and nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.layout import Layout
from metrics.protect.groups import Group
from metrics.protect.linkage import with_linkage
from metrics.protect.magnitudes import spread
from metrics.protect.problem import Flags, Floats, Outcome, Problem, membership
from metrics.protect.thresholds import LEAST_PERCENT, Thresholds
from metrics.stats import wilson_interval
from metrics.values import NUMBER_COLUMNS, Counts, Status
from metrics.vocabulary import ALL, PROVIDERS, Period, Region, parse_period, pooled_school_years

Z95 = 1.959963984540054
SCALE = {"share": 100.0, "incidence": 100.0, "flow": 100.0, "per_1000": 1000.0, "mean": 1.0}


def written(
    problem: Problem, hidden: Flags, frame: pd.DataFrame, counts: Counts, period: str, thresholds: Thresholds
) -> pd.DataFrame:
    """The rows of one period: one per indicator and published group with anyone in its denominator."""
    parts, start = [], 0
    for outcome in problem.inner.outcomes:
        groups = problem.inner.groups[outcome.indicator.perspective]
        own = slice(start, start + len(groups))
        numbers = numbers_of(problem, outcome, frame, thresholds.percent)
        listed = problem.records["published"].to_numpy()[own] & (numbers["pupils"].to_numpy() > 0)
        rows = pd.concat([_keys(outcome.indicator, groups, counts, period), numbers], axis=1)
        rows["status"] = _statuses(outcome.indicator, groups, hidden[own], counts, period)
        parts.append(rows[listed])
        start += len(groups)
    rows = pd.concat(parts, ignore_index=True).drop(columns="pupils")
    indicators = [outcome.indicator for outcome in problem.inner.outcomes]
    return _silenced(with_linkage(rows, indicators, counts.main_provider, thresholds.pupils))


def _keys(indicator: Indicator, groups: Sequence[Group], counts: Counts, period: str) -> pd.DataFrame:
    names = ("area_type", "area", "provider", "stage", "model", "sex", "background")
    keys = pd.DataFrame([{name: getattr(group, name) for name in names} for group in groups], columns=list(names))
    return keys.assign(**_about(indicator, parse_period(period, counts.period_kind)))


def _about(indicator: Indicator, when: Period) -> dict[str, Any]:
    return {
        "indicator": indicator.name,
        "series": "own",
        "perspective": indicator.perspective,
        "period_kind": when.kind,
        "period_from": when.start.isoformat(),
        "period_to": when.end.isoformat(),
        "school_year": when.school_year,
        "mark": "",
        "definition_version": indicator.version,
        "release": "",
    }


def _statuses(indicator: Indicator, groups: Sequence[Group], hidden: Flags, counts: Counts, period: str) -> list[str]:
    early = ((counts.not_yet["period"] == period) & (counts.not_yet["indicator"] == indicator.name)).any()
    apart = counts.not_comparable
    apart = apart[(apart["period"] == period) & (apart["indicator"] == indicator.name)]
    codes = set(apart["municipality"])
    return [str(_status(group, bool(cut), bool(early), codes)) for group, cut in zip(groups, hidden, strict=True)]


def _status(group: Group, hidden: bool, early: bool, apart: set[str]) -> Status:
    if not group.complete:
        return Status.MISSING
    if early:
        return Status.NOT_YET_OBSERVABLE
    if group.codes & apart:
        return Status.NOT_COMPARABLE
    return Status.HIDDEN if hidden else Status.SHOWN


def numbers_of(problem: Problem, outcome: Outcome, frame: pd.DataFrame, percent: float = LEAST_PERCENT) -> pd.DataFrame:
    """numerator, denominator, value, low, high of every group, and the pupils behind."""
    size = len(frame)
    member = membership(problem.inner, outcome.indicator.perspective)[:, :size].toarray() * outcome.denominator[:size]
    pupils = member @ frame["contributors"].to_numpy(dtype=float)
    if outcome.magnitude:
        return _magnitudes(outcome.indicator, member, frame, pupils, percent)
    numerator = member @ (frame["contributors"].to_numpy(dtype=float) * outcome.numerator[:size])
    return share_numbers(outcome.indicator.unit, numerator, pupils)


def share_numbers(unit: str, numerator: Floats, denominator: Floats) -> pd.DataFrame:
    """A share in its unit with its Wilson interval of 95 %."""
    some = denominator > 0
    low, high = wilson_interval(np.where(some, numerator, np.nan), np.where(some, denominator, np.nan))
    scale = SCALE[unit]
    value = scale * np.divide(numerator, denominator, out=np.full(len(numerator), np.nan), where=some)
    return _table(numerator, denominator, value, scale * np.asarray(low), scale * np.asarray(high), denominator)


def _magnitudes(
    indicator: Indicator, member: Floats, frame: pd.DataFrame, pupils: Floats, percent: float
) -> pd.DataFrame:
    def summed(part: str) -> Floats:
        return np.asarray(member @ frame[f"{indicator.name}__{part}"].fillna(0).to_numpy(dtype=float))

    total = summed("sum")
    if f"{indicator.name}__weight" in frame.columns:
        weight, none = summed("weight"), np.full(len(total), np.nan)
        ratio = np.divide(total, weight, out=none.copy(), where=weight > 0)
        return _table(total, weight, SCALE[indicator.unit] * ratio, none, none, pupils)
    squares, told = summed("sum_squares"), ~_tells_of_one(indicator, member, frame, pupils, percent)
    return mean_numbers(total, pupils, np.where(told, squares, np.nan))


def _tells_of_one(
    indicator: Indicator, member: Floats, frame: pd.DataFrame, pupils: Floats, percent: float
) -> NDArray[np.bool_]:
    """Groups whose interval would single someone out: it gives the sum of squares beside the number and the sum.

    Of numbers of events the three tell how many have one, two and three of them. Of other magnitudes they bound the
    largest: no pupil is further from the mean than if all the others were equal (Samuelson's inequality, 1968). That
    bound must lie above the largest by the p % rule.
    """
    if indicator.counts_events:
        return np.ones(len(pupils), bool)
    total, squares, single = (
        member * frame[f"{indicator.name}__{part}"].fillna(0).to_numpy(dtype=float)
        for part in ("sum", "sum_squares", "largest")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total.sum(axis=1) / pupils
        spread_of_one = np.sqrt(np.maximum((pupils - 1) * (squares.sum(axis=1) / pupils - mean**2), 0.0))
        return np.asarray(mean + spread_of_one < (1 + percent / 100) * single.max(axis=1, initial=0.0))


def mean_numbers(total: Floats, pupils: Floats, squares: Floats) -> pd.DataFrame:
    """A mean with its interval of 95 % (normal approximation of the mean's spread)."""
    value = np.divide(total, pupils, out=np.full(len(total), np.nan), where=pupils > 0)
    half = Z95 * spread(pupils, total, squares)
    return _table(total, pupils, value, value - half, value + half, pupils)


def _table(*columns: Floats) -> pd.DataFrame:
    return pd.DataFrame(dict(zip(("numerator", "denominator", "value", "low", "high", "pupils"), columns, strict=True)))


def _silenced(rows: pd.DataFrame) -> pd.DataFrame:
    rows.loc[rows["status"] != Status.SHOWN, list(NUMBER_COLUMNS)] = np.nan
    return rows


def absent_rows(
    counts: Counts, period: str, layout: Layout, indicators: Sequence[Indicator], region: Region
) -> pd.DataFrame:
    """Totals of members that delivered nothing at all this period: their status is missing."""
    rows: list[dict[str, Any]] = []
    when = parse_period(period, counts.period_kind)
    late = counts.missing[counts.missing["period"] == period]
    here = counts.inner[counts.inner["period"] == period]
    wanted = {counts.main_provider} | (
        set(PROVIDERS) if any("provider" in each.by for each in layout.tables) else set()
    )
    for indicator in indicators:
        for code, provider in sorted(set(zip(late["municipality"], late["provider"], strict=True))):
            inside = here[here[indicator.perspective] == code]
            some = len(inside) if provider == ALL else (inside["provider"] == provider).any()
            if code in region.codes and provider in wanted and not some:
                rows.append(_missing_row(indicator, region.member(code).name, provider, when))
            if code in region.codes and not len(inside) and provider != counts.main_provider:
                rows.append(_missing_row(indicator, region.member(code).name, counts.main_provider, when))
    return pd.DataFrame(rows).drop_duplicates(ignore_index=True) if rows else pd.DataFrame()


def early_rows(counts: Counts, period: str, indicators: Sequence[Indicator], region: Region) -> pd.DataFrame:
    """Totals of members whose outcome nobody can have seen yet: said, never left out and never 0."""
    when = parse_period(period, counts.period_kind)
    late = counts.missing[counts.missing["period"] == period]
    place = indicators[0].perspective
    here = set(counts.inner.loc[counts.inner["period"] == period, place])
    absent = set(
        late.loc[(late["provider"] == counts.main_provider) | ~late["municipality"].isin(here), "municipality"]
    )
    early = set(counts.not_yet.loc[counts.not_yet["period"] == period, "indicator"])
    return pd.DataFrame(
        _missing_row(indicator, member.name, counts.main_provider, when, Status.NOT_YET_OBSERVABLE)
        for indicator in indicators
        for member in region.members
        if indicator.name in early and member.code not in absent
    )


def _missing_row(
    indicator: Indicator, area: str, provider: str, when: Period, status: Status = Status.MISSING
) -> dict[str, object]:
    cuts = dict.fromkeys(("stage", "model", "sex", "background"), ALL)
    empty = dict.fromkeys(NUMBER_COLUMNS, np.nan)
    place = {"area_type": "municipality", "area": area, "provider": provider, "status": str(status)}
    return {**place, **cuts, **empty, **_about(indicator, when)}


def pooled_rows(
    yearly: pd.DataFrame, counts: Counts, layout: Layout, indicators: Sequence[Indicator], region: Region
) -> pd.DataFrame:
    """Several school years together: a sum of shown numbers only, so that it says nothing new; hidden if one is."""
    made: list[pd.DataFrame] = []
    if counts.period_kind != "school_year":
        return pd.DataFrame()
    area_types = {"members": "municipality", "region": "region", "rest_of_region": "rest_of_region"}
    for table in layout.tables:
        if table.pooled > 1 and not table.by:
            main = (yearly["area_type"] == area_types[table.areas]) & (yearly["provider"] == counts.main_provider)
            uncut = (yearly[["stage", "model", "sex", "background"]] == ALL).all(axis=1)
            made += _pooled(yearly[main & uncut], counts, table.pooled, indicators)
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame()


def _pooled(totals: pd.DataFrame, counts: Counts, years: int, indicators: Sequence[Indicator]) -> list[pd.DataFrame]:
    windows = [pooled_school_years(parse_period(period, "school_year"), years) for period in counts.periods]
    summed = [(when, _summed_over(totals, when, years)) for when in windows]
    found = []
    for indicator in indicators:
        parts = [(when, sums[sums["indicator"] == indicator.name]) for when, sums in summed]
        told = [(when, own) for when, own in parts if len(own)]
        if told:
            found.append(_pooled_values(told, indicator, years))
    return found


POOLED_BY = ["area_type", "area", "provider", "stage", "model", "sex", "background"]


def _summed_over(totals: pd.DataFrame, when: Period, years: int) -> pd.DataFrame:
    """Sums per indicator and POOLED_BY of what has a value, shown or hidden, in every one of these years."""
    ready = totals["status"].isin([str(Status.SHOWN), str(Status.HIDDEN)])
    inside = (totals["period_from"] >= when.start.isoformat()) & (totals["period_to"] <= when.end.isoformat())
    rows = totals[ready & inside]
    rows = rows.assign(is_shown=rows["status"] == str(Status.SHOWN))
    sums = rows.groupby(["indicator", *POOLED_BY], as_index=False).agg(
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
        years=("status", "size"),
        shown=("is_shown", "sum"),
    )
    return sums[sums["years"] == years]


def _pooled_values(told: Sequence[tuple[Period, pd.DataFrame]], indicator: Indicator, years: int) -> pd.DataFrame:
    sums = pd.concat([own for _, own in told], ignore_index=True)
    top, bottom = sums["numerator"].to_numpy(dtype=float), sums["denominator"].to_numpy(dtype=float)
    if indicator.unit == "mean":
        numbers = mean_numbers(top, bottom, np.full(len(top), np.nan))
    else:
        numbers = share_numbers(indicator.unit, top, bottom)
    about: dict[str, list[Any]] = {name: [] for name in _about(indicator, told[0][0])}
    for when, own in told:
        for name, value in _about(indicator, when).items():
            about[name] += [value] * len(own)
    rows = pd.concat([sums[POOLED_BY], numbers.drop(columns="pupils")], axis=1).assign(**about)
    rows["status"] = np.where(sums["shown"] == years, str(Status.SHOWN), str(Status.HIDDEN))
    return _silenced(rows)
