"""A release as figures that can be looked up in microseconds: what every page, sentence and picture is made from."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar, cast

import pandas as pd

from metrics.judgement import is_incomplete
from metrics.present.numbers import day
from metrics.release.read import Definition, Release
from metrics.values import Status
from metrics.vocabulary import ALL, PROVIDERS, Period

Given = ParamSpec("Given")
Said = TypeVar("Said")
TOLD = (Status.SHOWN, Status.HIDDEN)
"""Statuses of a period whose material is in."""


class Figure(NamedTuple):
    """One published value with its interval, or the status that says why there is none; made with keywords."""

    area: str
    area_type: str
    school_year: str
    label: str
    value: float | None
    low: float | None
    high: float | None
    numerator: float | None
    denominator: float | None
    status: str
    mark: str
    incomplete: bool = False
    period_to: str = ""

    @property
    def shown(self) -> bool:
        return self.status == Status.SHOWN and self.value is not None


class Key(NamedTuple):
    """What a series is of; everything but the period."""

    series: str = "own"
    area_type: str = "municipality"
    area: str = ""
    provider: str = ALL
    stage: str = ALL
    model: str = ALL
    sex: str = ALL
    background: str = ALL
    pooled: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """A member against a benchmark, as judged when the release was made."""

    word: str
    benchmark_value: float
    difference: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TrendFound:
    """What the newest points of a series showed, as judged when the release was made."""

    word: str
    school_year: str
    points: int
    slope: float | None
    period_to: str = ""


class Figures:
    """Looks up figures of one release; its index is built once, when the release is opened."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._series = _series(release)
        self._regions: dict[tuple[str, Key], list[Figure]] = {}
        self._providers: dict[str, str] = {}
        self._totals: dict[str, list[Key]] = {}
        self._options: dict[tuple[str, str, str], list[str]] = {}
        self._periods: dict[tuple[str, str], list[Figure]] = {}
        self._newest: dict[str, dict[tuple[str, str, bool, str], str]] = {}
        self._verdicts = _verdicts(release.tables["verdicts"])
        self._trends = _trends(release.tables["trends"])
        self.known: dict[Hashable, object] = {}
        self.finding: dict[Hashable, Lock] = {}
        self.recent: dict[Hashable, object] = {}

    @property
    def definitions(self) -> Mapping[str, Definition]:
        return self.release.definitions

    @property
    def held(self) -> tuple[str, ...]:
        """Families and periods that stand as in an earlier release, as the manifest names them."""
        return tuple(self.release.manifest.get("held") or ())

    @property
    def main_provider(self) -> str:
        return str(self.release.manifest.get("main_provider") or ALL)

    def provider_of(self, indicator: str) -> str:
        """The provider whose members an indicator is compared over: families are delivered for different ones."""
        if indicator not in self._providers:
            beside = {key.provider for key in self.all_series(indicator) if key.area_type == "rest_of_region"}
            there = self.options("provider", indicator=indicator)
            ranked = [each for each in (ALL, self.main_provider, *there) if each in beside]
            rest = [each for each in (self.main_provider, *there) if each in there]
            self._providers[indicator] = (ranked + rest + [ALL])[0]
        return self._providers[indicator]

    @property
    def region_name(self) -> str:
        return str(self.release.region.get("name", ""))

    @property
    def nation_name(self) -> str:
        return str(self.release.region.get("nation") or "Riket")

    @property
    def official_source(self) -> str:
        """Where the official series come from, and when they were fetched if the release says so."""
        said = self.release.manifest.get("official_source") or {}
        source = str(said.get("source") or "Skolverket, Sök statistik")
        return f"{source}, hämtat {day(str(said['retrieved']))}" if said.get("retrieved") else source

    def all_series(self, indicator: str) -> dict[Key, list[Figure]]:
        """Every series of an indicator, each in time order."""
        return self._series.get(indicator, {})

    @functools.cached_property
    def has_peers(self) -> bool:
        """Whether the release carries values of the members' official peer groups."""
        return any(key.area_type == "peer_group" for each in self._series.values() for key in each)

    def series(self, indicator: str, key: Key) -> list[Figure]:
        return self.all_series(indicator).get(key, [])

    def figure(self, indicator: str, key: Key, period: str) -> Figure | None:
        """The figure of a period: a school year (its newest term or year) or a label such as VT 2025; None if absent."""
        found = self.at(indicator, key, self.series(indicator, key), period)
        return found or self._undelivered(indicator, key, period)

    def _undelivered(self, indicator: str, key: Key, period: str) -> Figure | None:
        """That a member has not delivered is said once, for all stages and the provider its figures are for."""
        if not _is_total(key):
            return None
        providers = (key.provider, self.main_provider, *(each for each in PROVIDERS if each != key.provider))
        for said in (Key(area=key.area, provider=provider) for provider in providers):
            found = self.at(indicator, key, self.series(indicator, said), period)
            if found and found.status == Status.MISSING:
                return found
        return None

    def at(self, indicator: str, key: Key, series: Sequence[Figure], period: str) -> Figure | None:
        """The figure of `period` in a series; a school year with several terms means the newest one of all areas."""
        found = [each for each in series if period in (each.school_year, each.label)]
        if len({each.period_to for each in found}) > 1 or (found and period == found[0].school_year != found[0].label):
            newest = self._newest_periods(indicator).get((key.series, key.stage, key.pooled, period))
            found = [each for each in found if each.period_to == newest] if newest else found
        return found[-1] if found else None

    def _newest_periods(self, indicator: str) -> dict[tuple[str, str, bool, str], str]:
        """The newest period in each school year that has a value or a hidden one: by series, stage and pooling."""
        if indicator not in self._newest:
            told: dict[tuple[str, str, bool, str], str] = {}
            rest: dict[tuple[str, str, bool, str], str] = {}
            for key, series in self.all_series(indicator).items():
                for each in series:
                    into = told if each.status in TOLD else rest
                    name = (key.series, key.stage, key.pooled, each.school_year)
                    into[name] = max(into.get(name, ""), each.period_to)
            self._newest[indicator] = rest | told
        return self._newest[indicator]

    def periods(self, indicator: str, stage: str = ALL) -> list[Figure]:
        """One figure per period in which any own total has a word to say, newest first; for its label and year."""
        if (indicator, stage) not in self._periods:
            found: dict[str, Figure] = {}
            for key, series in self.all_series(indicator).items():
                if _is_total(key) and key.stage in (stage, ALL):
                    for each in series:
                        if each.period_to not in found or each.status in TOLD:
                            found[each.period_to] = each
            self._periods[indicator, stage] = [found[name] for name in sorted(found, reverse=True)]
        return list(self._periods[indicator, stage])

    def newest(self, indicator: str, stage: str = ALL) -> Figure | None:
        """A figure of the newest period with a value or a hidden one, otherwise of the newest; None without any."""
        own = self.periods(indicator, stage)
        told = [each for each in own if each.status in TOLD]
        found = told or own
        return found[0] if found else None

    def region_series(self, indicator: str, key: Key) -> list[Figure]:
        """The region's series: complete years under its name, incomplete ones under "GR, 11 av 13"."""
        wanted = (indicator, key._replace(area_type="region", area=""))
        if wanted not in self._regions:
            series = self.all_series(indicator).items()
            figures = [each for found, some in series if found._replace(area="") == wanted[1] for each in some]
            self._regions[wanted] = sorted(figures, key=lambda each: (each.school_year, each.label))
        return self._regions[wanted]

    def region_figure(self, indicator: str, key: Key, period: str) -> Figure | None:
        return self.at(indicator, key, self.region_series(indicator, key), period)

    def verdict(self, indicator: str, key: Key, period: str, benchmark: str) -> Verdict | None:
        """The verdict on the figure that `figure` gives for the same key and period."""
        figure = self.figure(indicator, key, period)
        if figure is None:
            return None
        return self._verdicts.get((indicator, key.area, key.provider, key.stage, figure.period_to, benchmark))

    def trend(self, indicator: str, key: Key) -> TrendFound | None:
        return self._trends.get((indicator, key.area, key.provider, key.stage))

    def school_years(self) -> list[str]:
        """School years with own figures, newest first; official ones where there are no own."""
        return list(self._school_years)

    @functools.cached_property
    def _school_years(self) -> tuple[str, ...]:
        values = self.release.values.values
        yearly = values[values["period_kind"] != "pooled"]
        own = yearly[yearly["series"] == "own"]
        return tuple(sorted((own if len(own) else yearly)["school_year"].unique(), reverse=True))

    def options(self, column: str, *, indicator: str = "", area_type: str = "") -> list[str]:
        """Values of a key column among own totals (of one area type) that have been delivered, the whole first."""
        asked = (column, indicator, area_type)
        if asked not in self._options:
            found = {
                getattr(key, column)
                for name in ([indicator] if indicator else self.definitions)
                for key in self._told(name)
                if area_type in ("", key.area_type)
            }
            self._options[asked] = sorted(found, key=lambda each: (each != ALL, each))
        return list(self._options[asked])

    def _told(self, indicator: str) -> list[Key]:
        """The own totals with a value or a hidden one in any period; all of them where there is none."""
        if indicator not in self._totals:
            own = {key: series for key, series in self.all_series(indicator).items() if _is_total(key)}
            told = [key for key, series in own.items() if any(each.status in TOLD for each in series)]
            self._totals[indicator] = told or list(own)
        return self._totals[indicator]

    def has_series(self, indicator: str, series: str) -> bool:
        return any(key.series == series for key in self.all_series(indicator))


def _is_total(key: Key) -> bool:
    return key.series == "own" and key.sex == key.model == key.background == ALL and not key.pooled


def _series(release: Release) -> dict[str, dict[Key, list[Figure]]]:
    """Every series of every indicator in time order, column by column: a release has some hundred thousand rows."""
    found: dict[str, dict[Key, list[Figure]]] = {}
    own = {name: each.perspective for name, each in release.definitions.items() if each.perspective}
    rows = release.values.values
    rows = rows[rows["perspective"] == rows["indicator"].map(own).fillna(rows["perspective"])]
    rows = rows.sort_values("period_to", kind="stable")
    for name, key, figure in zip(rows["indicator"].tolist(), _keys(rows), _figures(rows), strict=True):
        found.setdefault(name, {}).setdefault(key, []).append(figure)
    return found


def _keys(rows: pd.DataFrame) -> list[Key]:
    names = ("series", "area_type", "area", "provider", "stage", "model", "sex", "background")
    pooled = (rows["period_kind"] == "pooled").tolist()
    return [Key(*each) for each in zip(*(rows[name].tolist() for name in names), pooled, strict=True)]


def _figures(rows: pd.DataFrame) -> list[Figure]:
    """The rows as figures, fields in the order of Figure."""
    starts, ends = (rows[name].astype(str).str[:10].tolist() for name in ("period_from", "period_to"))
    labels = [period_label(*each) for each in zip(rows["period_kind"].tolist(), starts, ends, strict=True)]
    areas, kinds = rows["area"].tolist(), rows["area_type"].tolist()
    numbers = [_numbers(rows[name]) for name in ("value", "low", "high", "numerator", "denominator")]
    marks = [str(each or "") for each in rows["mark"].tolist()]
    incomplete = [kind == "region" and is_incomplete(area) for kind, area in zip(kinds, areas, strict=True)]
    columns = (
        areas,
        kinds,
        rows["school_year"].tolist(),
        labels,
        *numbers,
        rows["status"].astype(str).tolist(),
        marks,
        incomplete,
        ends,
    )
    return [Figure(*each) for each in zip(*columns, strict=True)]


def _numbers(column: pd.Series) -> list[float | None]:
    return [None if each != each else each for each in pd.to_numeric(column).astype(float).tolist()]


@functools.cache
def period_label(kind: str, start: str, end: str) -> str:
    return Period(start=date.fromisoformat(start), end=date.fromisoformat(end), kind=kind).label


def _number(value: Any) -> float | None:
    if value is None or value is pd.NA:
        return None
    return None if math.isnan(float(value)) else float(value)


def _verdicts(table: pd.DataFrame) -> dict[tuple[str, ...], Verdict]:
    names = ("indicator", "area", "provider", "stage")
    return {
        (*(str(row[name]) for name in names), str(row["period_to"])[:10], str(row["benchmark"])): Verdict(
            word=str(row["verdict"]),
            benchmark_value=float(row["benchmark_value"]),
            difference=float(row["difference"]),
            low=float(row["low"]),
            high=float(row["high"]),
        )
        for row in table.to_dict("records")
    }


def _trends(table: pd.DataFrame) -> dict[tuple[str, ...], TrendFound]:
    return {
        tuple(str(row[name]) for name in ("indicator", "area", "provider", "stage")): TrendFound(
            word=str(row["trend"]),
            school_year=str(row["school_year"]),
            period_to=str(row["period_to"])[:10],
            points=int(row["points"]),
            slope=_number(row["slope"]),
        )
        for row in table.to_dict("records")
    }


def once(
    function: Callable[Concatenate[Figures, Given], Said],
) -> Callable[Concatenate[Figures, Given], Said]:
    """Work out what `function` says of a release the first time it is asked; nobody may change what it returns.

    For what is asked at every page run with few different arguments: a release never changes.
    """

    @functools.wraps(function)
    def known(figures: Figures, *given: Given.args, **named: Given.kwargs) -> Said:
        key = (function.__module__, function.__qualname__, given, tuple(named.items()))
        if key not in figures.known:
            with figures.finding.setdefault(key, Lock()):
                if key not in figures.known:
                    figures.known[key] = function(figures, *given, **named)
            figures.finding.pop(key, None)
        return cast("Said", figures.known[key])

    return known


RECENT = 300
"""How many answers about single views `lately` keeps of a release."""


def lately(
    function: Callable[Concatenate[Figures, Given], Said],
) -> Callable[Concatenate[Figures, Given], Said]:
    """As `once`, for what one view asks several times: only the last RECENT answers are kept."""

    @functools.wraps(function)
    def known(figures: Figures, *given: Given.args, **named: Given.kwargs) -> Said:
        key = (function.__module__, function.__qualname__, given, tuple(named.items()))
        if (found := figures.recent.get(key, figures)) is not figures:
            return found  # type: ignore[return-value]
        figures.recent[key] = made = function(figures, *given, **named)
        for old in list(figures.recent)[: max(0, len(figures.recent) - RECENT)]:
            figures.recent.pop(old, None)
        return made

    return known
