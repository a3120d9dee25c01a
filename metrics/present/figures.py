"""A release as figures that can be looked up in microseconds: what every page, sentence and picture is made from."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import pandas as pd

from metrics.judgement import is_incomplete
from metrics.present.numbers import day
from metrics.release.read import Definition, Release
from metrics.values import Status
from metrics.vocabulary import ALL, Period

PROVIDERS = ("all", "municipal", "independent")


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One published value with its interval, or the status that says why there is none."""

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


class Figures:
    """Looks up figures of one release; builds its index per indicator the first time it is asked."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self._rows = _rows_by_indicator(release.values.values)
        self._series: dict[str, dict[Key, list[Figure]]] = {}
        self._regions: dict[tuple[str, Key], list[Figure]] = {}
        self._verdicts = _verdicts(release.tables["verdicts"])
        self._trends = _trends(release.tables["trends"])

    @property
    def definitions(self) -> Mapping[str, Definition]:
        return self.release.definitions

    @property
    def main_provider(self) -> str:
        return str(self.release.manifest.get("main_provider") or ALL)

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
        if indicator not in self._series:
            definition = self.definitions.get(indicator)
            perspective = definition.perspective if definition else ""
            self._series[indicator] = _series(self._rows.get(indicator), perspective)
        return self._series[indicator]

    def series(self, indicator: str, key: Key) -> list[Figure]:
        return self.all_series(indicator).get(key, [])

    def figure(self, indicator: str, key: Key, school_year: str) -> Figure | None:
        """The figure of this school year (its last term), or None where the release says nothing."""
        found = [each for each in self.series(indicator, key) if each.school_year == school_year]
        return found[-1] if found else None

    def region_series(self, indicator: str, key: Key) -> list[Figure]:
        """The region's series: complete years under its name, incomplete ones under "GR, 11 av 13"."""
        wanted = (indicator, key._replace(area_type="region", area=""))
        if wanted not in self._regions:
            series = self.all_series(indicator).items()
            figures = [each for found, some in series if found._replace(area="") == wanted[1] for each in some]
            self._regions[wanted] = sorted(figures, key=lambda each: (each.school_year, each.label))
        return self._regions[wanted]

    def region_figure(self, indicator: str, key: Key, school_year: str) -> Figure | None:
        found = [each for each in self.region_series(indicator, key) if each.school_year == school_year]
        return found[-1] if found else None

    def verdict(self, indicator: str, key: Key, school_year: str, benchmark: str) -> Verdict | None:
        return self._verdicts.get((indicator, key.area, key.provider, key.stage, school_year, benchmark))

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

    def options(self, column: str, *, indicator: str = "") -> list[str]:
        """Values of a key column among own totals, in the order of the glossary."""
        found = {
            getattr(key, column)
            for name in ([indicator] if indicator else self.definitions)
            for key in self.all_series(name)
            if key.series == "own" and key.sex == key.model == key.background == ALL and not key.pooled
        }
        return sorted(found, key=lambda each: (each != ALL, each))

    def has_series(self, indicator: str, series: str) -> bool:
        return any(key.series == series for key in self.all_series(indicator))


def _rows_by_indicator(values: pd.DataFrame) -> dict[str, pd.DataFrame]:
    indices = values.groupby("indicator", sort=False).indices
    return {str(name): values.iloc[rows] for name, rows in indices.items()}


def _series(rows: pd.DataFrame | None, perspective: str) -> dict[Key, list[Figure]]:
    found: dict[Key, list[Figure]] = {}
    if rows is None:
        return found
    same = rows[rows["perspective"] == perspective] if perspective else rows
    for row in same.sort_values("period_to", kind="stable").to_dict("records"):
        found.setdefault(_key(row), []).append(_figure(row))
    return found


def _key(row: Mapping[Any, Any]) -> Key:
    return Key(
        series=row["series"],
        area_type=row["area_type"],
        area=row["area"],
        provider=row["provider"],
        stage=row["stage"],
        model=row["model"],
        sex=row["sex"],
        background=row["background"],
        pooled=row["period_kind"] == "pooled",
    )


def _figure(row: Mapping[Any, Any]) -> Figure:
    return Figure(
        area=row["area"],
        area_type=row["area_type"],
        school_year=row["school_year"],
        label=period_label(row["period_kind"], str(row["period_from"])[:10], str(row["period_to"])[:10]),
        value=_number(row["value"]),
        low=_number(row["low"]),
        high=_number(row["high"]),
        numerator=_number(row["numerator"]),
        denominator=_number(row["denominator"]),
        status=str(row["status"]),
        mark=str(row["mark"] or ""),
        incomplete=row["area_type"] == "region" and is_incomplete(row["area"]),
    )


@functools.cache
def period_label(kind: str, start: str, end: str) -> str:
    return Period(start=date.fromisoformat(start), end=date.fromisoformat(end), kind=kind).label


def _number(value: Any) -> float | None:
    if value is None or value is pd.NA:
        return None
    return None if math.isnan(float(value)) else float(value)


def _verdicts(table: pd.DataFrame) -> dict[tuple[str, ...], Verdict]:
    names = ("indicator", "area", "provider", "stage", "school_year", "benchmark")
    return {
        tuple(str(row[name]) for name in names): Verdict(
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
            points=int(row["points"]),
            slope=_number(row["slope"]),
        )
        for row in table.to_dict("records")
    }
