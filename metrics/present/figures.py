"""A release as figures that can be looked up in microseconds: what every page, sentence and picture is made from."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from types import MappingProxyType
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import pandas as pd

from metrics.present.judged import Judged, Verdict
from metrics.present.numbers import day
from metrics.present.series import TOLD, Cut, Figure, Key, LongTable, PeriodSeen, period_label
from metrics.release.read import Definition, Release
from metrics.values import Status
from metrics.vocabulary import ALL, PROVIDERS

Given = ParamSpec("Given")
Said = TypeVar("Said")
NOBODY: Mapping[str, Any] = MappingProxyType({})

__all__ = ["TOLD", "Figure", "Figures", "Key", "PeriodSeen", "TrendFound", "Verdict", "lately", "once", "period_label"]


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
        self._table = LongTable(release)
        self._regions: dict[str, dict[Key, list[Figure]]] = {}
        self._providers: dict[str, str] = {}
        self._totals: dict[str, list[Cut]] = {}
        self._lacking: dict[str, bool] = {}
        self._holding: dict[tuple[str, str], bool] = {}
        self._records: dict[tuple[str, str], dict[str, list[dict[Any, Any]]]] = {}
        self._statuses: dict[str, dict[tuple[str, str, str], frozenset[str]]] = {}
        self._options: dict[tuple[str, str, str], list[str]] = {}
        self._periods: dict[tuple[str, str], list[PeriodSeen]] = {}
        self._newest: dict[str, dict[tuple[str, str, bool, str], str]] = {}
        self._judged = Judged(release.tables["verdicts"])
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
            kind = "rest_of_region" if self._table.holds("area_type", "rest_of_region") else "region"
            beside = self._table.providers(indicator, kind)
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

    def has(self, indicator: str) -> bool:
        """Whether the release has any value of an indicator, shown or not."""
        return indicator in self._table.indicators

    def all_series(self, indicator: str) -> dict[Key, list[Figure]]:
        """Every series of an indicator, each in time order."""
        return self._table.of(indicator)

    def together(self, indicator: str, *columns: str) -> set[tuple[str, ...]]:
        """What stands together in key columns of an indicator's rows."""
        return self._table.together(indicator, columns)

    @functools.cached_property
    def has_peers(self) -> bool:
        """Whether the release carries values of the members' official peer groups."""
        return self._table.holds("area_type", "peer_group")

    def series(self, indicator: str, key: Key) -> list[Figure]:
        return self._table.of(indicator).get(key, [])

    def figure(self, indicator: str, key: Key, period: str) -> Figure | None:
        """The figure of a period: a school year (its newest term or year) or a label such as VT 2025; None if absent."""
        found = self.at(indicator, key, self.series(indicator, key), period)
        return found or self._undelivered(indicator, key, period)

    def _undelivered(self, indicator: str, key: Key, period: str) -> Figure | None:
        """That a member has not delivered is said once, for all stages and the provider its figures are for."""
        if not key.total or not self.is_lacking(indicator):
            return None
        providers = (key.provider, self.main_provider, *(each for each in PROVIDERS if each != key.provider))
        for said in (Key(area=key.area, provider=provider) for provider in providers):
            found = self.at(indicator, key, self.series(indicator, said), period)
            if found and found.status == Status.MISSING:
                return found
        return None

    def is_lacking(self, indicator: str) -> bool:
        """Whether anybody has not delivered what an indicator needs, in any period."""
        if indicator not in self._lacking:
            self._lacking[indicator] = self._table.holds("status", Status.MISSING, indicator)
        return self._lacking[indicator]

    def at(self, indicator: str, key: Key, series: Sequence[Figure], period: str) -> Figure | None:
        """The figure of `period` in a series; a school year with several terms means the newest one of all areas."""
        found = [each for each in series if period in (each.school_year, each.label)]
        if len(found) == 1 and found[0].label == period:
            return found[0]
        if len({each.period_to for each in found}) > 1 or (found and period == found[0].school_year != found[0].label):
            newest = self._newest_periods(indicator).get((key.series, key.stage, key.pooled, period))
            found = [each for each in found if each.period_to == newest] if newest else found
        return found[-1] if found else None

    def _newest_periods(self, indicator: str) -> dict[tuple[str, str, bool, str], str]:
        """The newest period in each school year that has a value or a hidden one: by series, stage and pooling."""
        if indicator not in self._newest:
            self._newest[indicator] = self._table.newest(indicator)
        return self._newest[indicator]

    def periods(self, indicator: str, stage: str = ALL) -> list[PeriodSeen]:
        """The periods in which any own total of the stage has a word to say, newest first."""
        if (indicator, stage) not in self._periods:
            self._periods[indicator, stage] = self._table.periods(indicator, (stage, ALL))
        return list(self._periods[indicator, stage])

    def newest(self, indicator: str, stage: str = ALL) -> PeriodSeen | None:
        """The newest period with a value or a hidden one, otherwise the newest; None without any."""
        own = self.periods(indicator, stage)
        return next((each for each in own if each.told), own[0] if own else None)

    def region_series(self, indicator: str, key: Key) -> list[Figure]:
        """The region's series: complete years under its name, incomplete ones under "GR, 11 av 13"."""
        if indicator not in self._regions:
            found: dict[Key, list[Figure]] = {}
            for each, series in self._table.regions(indicator).items():
                found.setdefault(each._replace(area=""), []).extend(series)
            for series in found.values():
                series.sort(key=lambda each: (each.school_year, each.label))
            self._regions[indicator] = found
        return self._regions[indicator].get(key._replace(area_type="region", area=""), [])

    def region_figure(self, indicator: str, key: Key, period: str) -> Figure | None:
        return self.at(indicator, key, self.region_series(indicator, key), period)

    def verdict(self, indicator: str, key: Key, period: str, benchmark: str) -> Verdict | None:
        """The verdict on the figure that `figure` gives for the same key and period."""
        figure = self.figure(indicator, key, period)
        if figure is None:
            return None
        return self._judged.one((indicator, key.provider, key.stage, figure.period_to, benchmark), key.area)

    def verdicts(self, indicator: str, key: Key, period_to: str, benchmark: str) -> Mapping[str, Verdict]:
        """Every member's verdict for the provider and stage of a key in the period that ends on a day, by area."""
        return self._judged.of((indicator, key.provider, key.stage, period_to, benchmark))

    def trend(self, indicator: str, key: Key) -> TrendFound | None:
        return self.trends(indicator, key).get(key.area)

    def trends(self, indicator: str, key: Key) -> Mapping[str, TrendFound]:
        """The trend of every area for the provider and stage of a key."""
        return self._trends.get((indicator, key.provider, key.stage), NOBODY)

    def school_years(self) -> list[str]:
        """School years with own figures, newest first; official ones where there are no own."""
        return list(self._school_years)

    @functools.cached_property
    def _school_years(self) -> tuple[str, ...]:
        return tuple(self._table.school_years())

    def options(self, column: str, *, indicator: str = "", area_type: str = "") -> list[str]:
        """Values of a key column among own totals (of one area type) that have been delivered, the whole first."""
        asked = (column, indicator, area_type)
        if asked not in self._options:
            found = {
                getattr(cut, column)
                for name in ([indicator] if indicator else self.definitions)
                for cut in self._told(name)
                if area_type in ("", cut.area_type)
            }
            self._options[asked] = sorted(found, key=lambda each: (each != ALL, each))
        return list(self._options[asked])

    def _told(self, indicator: str) -> list[Cut]:
        """What own totals with a value or a hidden one in any period are of; of all where there is none."""
        if indicator not in self._totals:
            self._totals[indicator] = self._table.cuts(indicator)
        return self._totals[indicator]

    def statuses(self, indicator: str, key: Key, period_to: str) -> frozenset[str]:
        """The statuses that members' own totals have for the provider and stage of a key in one period."""
        if indicator not in self._statuses:
            self._statuses[indicator] = self._table.statuses(indicator)
        return self._statuses[indicator].get((key.provider, key.stage, period_to), frozenset())

    def records(self, table: str, column: str = "") -> Mapping[str, list[dict[Any, Any]]]:
        """The rows of another table by the text of a column, all of them under "" without one; nobody may change them."""
        if (table, column) not in self._records:
            found: dict[str, list[dict[Any, Any]]] = {}
            for row in self.release.tables[table].to_dict("records"):
                found.setdefault(str(row[column]) if column else "", []).append(row)
            self._records[table, column] = found
        return self._records[table, column]

    def has_series(self, indicator: str, series: str) -> bool:
        if (indicator, series) not in self._holding:
            self._holding[indicator, series] = self._table.holds("series", series, indicator)
        return self._holding[indicator, series]


def _trends(table: pd.DataFrame) -> dict[tuple[str, ...], dict[str, TrendFound]]:
    """By indicator, provider and stage, and then by area."""
    found: dict[tuple[str, ...], dict[str, TrendFound]] = {}
    names = ("indicator", "provider", "stage", "area", "trend", "school_year", "period_to")
    columns = (
        *(_texts(table[name]) for name in names),
        table["points"].tolist(),
        table["slope"].astype(float).tolist(),
    )
    for name, provider, stage, area, word, year, end, points, slope in zip(*columns, strict=True):
        trend = TrendFound(
            word=word,
            school_year=year,
            period_to=end[:10],
            points=int(points),
            slope=None if math.isnan(slope) else slope,
        )
        found.setdefault((name, provider, stage), {})[area] = trend
    return found


def _texts(column: pd.Series) -> list[str]:
    """The texts of a column, each different one kept once."""
    codes, words = pd.factorize(column.astype(str))
    kept = [str(each) for each in words]
    return [kept[each] for each in codes.tolist()]


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
        while len(figures.recent) > RECENT:
            figures.recent.pop(next(iter(figures.recent)), None)
        return made

    return known
