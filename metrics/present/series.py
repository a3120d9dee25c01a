"""The long table of a release as series of figures, an indicator at a time and only when somebody asks for it.

A release of the whole country has more than a million rows. As columns of codes they take tens of megabytes; as
figures, ten times that. So the columns are kept, what is asked of all indicators is worked out on them, and figures are
made of the indicators that somebody looks at.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.judgement import is_incomplete
from metrics.release.read import Release
from metrics.values import NUMBER_COLUMNS, Status
from metrics.vocabulary import ALL, Period

TOLD = (Status.SHOWN, Status.HIDDEN)
"""Statuses of a period whose material is in."""
_KEY = ("series", "area_type", "area", "provider", "stage", "model", "sex", "background")
_WORDS = (*_KEY, "indicator", "period_kind", "period_from", "period_to", "school_year", "status", "mark")


Rows = slice | NDArray[np.int64]


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

    @property
    def total(self) -> bool:
        """Whether it is an own total of single periods."""
        return self.series == "own" and self.sex == self.model == self.background == ALL and not self.pooled


class Cut(NamedTuple):
    """What some own total is of."""

    area_type: str
    provider: str
    stage: str


class PeriodSeen(NamedTuple):
    """A period of an indicator, and whether its material is in."""

    period_to: str
    label: str
    school_year: str
    told: bool


class LongTable:
    """The rows of a release by indicator, each in time order, as columns of codes (`codes`) for `words`."""

    def __init__(self, release: Release) -> None:
        rows = _seen_rightly(release)
        columns = {name: coded(rows[name]) for name in _WORDS}
        self._words = {name: words for name, (_, words) in columns.items()}
        ends = columns["period_to"]
        order = np.lexsort((_ranks(ends[1])[ends[0]], columns["indicator"][0]))
        lies = slice(None) if (order == np.arange(len(order))).all() else order
        self._codes = {name: codes[lies] for name, (codes, _) in columns.items()}
        self._numbers = {name: pd.to_numeric(rows[name]).to_numpy(float)[lies] for name in NUMBER_COLUMNS}
        self._parts = self._slices()
        self._made: dict[str, dict[Key, list[Figure]]] = {}
        self._keys: dict[Key, Key] = {}
        self._silent: dict[Figure, Figure] = {}

    def _slices(self) -> dict[str, slice]:
        names = self._words["indicator"]
        ends = np.searchsorted(self._codes["indicator"], np.arange(len(names)), side="right").tolist()
        starts = [0, *ends][:-1]
        return {name: slice(*each) for name, *each in zip(names, starts, ends, strict=True) if each[0] < each[1]}

    @property
    def indicators(self) -> Mapping[str, slice]:
        """The indicators that have rows."""
        return self._parts

    def of(self, indicator: str) -> dict[Key, list[Figure]]:
        """Every series of an indicator, each in time order."""
        if indicator not in self._made:
            self._made[indicator] = self._figures(self._parts[indicator]) if indicator in self._parts else {}
        return self._made[indicator]

    def holds(self, column: str, word: str, indicator: str = "") -> bool:
        """Whether any row (of an indicator) has this word in a column."""
        words = self._words[column]
        if word not in words or (indicator and indicator not in self._parts):
            return False
        return bool((self._part(column, indicator) == words.index(word)).any())

    def regions(self, indicator: str) -> dict[Key, list[Figure]]:
        """The series of an indicator that are of the region, without making the others."""
        if indicator in self._made or indicator not in self._parts:
            return {key: series for key, series in self.of(indicator).items() if key.area_type == "region"}
        rows = np.flatnonzero(self._is("area_type", "region", indicator)) + self._parts[indicator].start
        return self._figures(rows)

    def together(self, indicator: str, columns: Sequence[str]) -> set[tuple[str, ...]]:
        """The words that columns have together in an indicator's rows."""
        if indicator not in self._parts:
            return set()
        return set(self._distinct(columns, indicator, np.ones(len(self._part(columns[0], indicator)), bool)))

    def _part(self, column: str, indicator: str) -> NDArray[Any]:
        return self._codes[column][self._parts[indicator]] if indicator else self._codes[column]

    def _is(self, column: str, word: str, indicator: str) -> NDArray[np.bool_]:
        words = self._words[column]
        part = self._part(column, indicator)
        return part == words.index(word) if word in words else np.zeros(len(part), bool)

    def _totals(self, indicator: str) -> NDArray[np.bool_]:
        """Rows that are own totals of single periods."""
        plain = [self._is(name, ALL, indicator) for name in ("model", "sex", "background")]
        own, pooled = self._is("series", "own", indicator), self._is("period_kind", "pooled", indicator)
        return own & ~pooled & plain[0] & plain[1] & plain[2]

    def _told(self, indicator: str) -> NDArray[np.bool_]:
        return self._is("status", Status.SHOWN, indicator) | self._is("status", Status.HIDDEN, indicator)

    def cuts(self, indicator: str) -> list[Cut]:
        """What own totals with a value or a hidden one in any period are of; of all of them where there is none."""
        if indicator not in self._parts:
            return []
        totals = self._totals(indicator)
        told = totals & self._told(indicator)
        found = self._distinct(Cut._fields, indicator, told if told.any() else totals)
        return [Cut(*each) for each in found]

    def providers(self, indicator: str, area_type: str) -> set[str]:
        """The providers that areas of this type have rows for."""
        if indicator not in self._parts:
            return set()
        rows = self._is("area_type", area_type, indicator)
        return {provider for (provider,) in self._distinct(("provider",), indicator, rows)}

    def periods(self, indicator: str, stages: Sequence[str]) -> list[PeriodSeen]:
        """The periods in which an own total of these stages has a word to say, newest first."""
        if indicator not in self._parts:
            return []
        wanted = self._totals(indicator) & np.logical_or.reduce([self._is("stage", each, indicator) for each in stages])
        columns, told = ("period_to", "period_kind", "period_from", "school_year"), self._told(indicator)
        known = set(self._distinct(columns, indicator, wanted & told))
        seen = {
            end: PeriodSeen(end, period_label(kind, start, end), year, (end, kind, start, year) in known)
            for end, kind, start, year in sorted(self._distinct(columns, indicator, wanted), key=known.__contains__)
        }
        return [seen[end] for end in sorted(seen, reverse=True)]

    def statuses(self, indicator: str) -> dict[tuple[str, str, str], frozenset[str]]:
        """The statuses of members' own totals, by provider, stage and the end of the period."""
        if indicator not in self._parts:
            return {}
        rows = self._totals(indicator) & self._is("area_type", "municipality", indicator)
        found: dict[tuple[str, str, str], set[str]] = {}
        for provider, stage, end, status in self._distinct(
            ("provider", "stage", "period_to", "status"), indicator, rows
        ):
            found.setdefault((provider, stage, end), set()).add(status)
        return {name: frozenset(some) for name, some in found.items()}

    def newest(self, indicator: str) -> dict[tuple[str, str, bool, str], str]:
        """The newest period in each school year with a value or a hidden one: by series, stage, pooling and year."""
        if indicator not in self._parts:
            return {}
        columns, told = ("series", "stage", "period_kind", "school_year", "period_to"), self._told(indicator)
        found: dict[tuple[str, str, bool, str], str] = {}
        for rows in (~told, told):
            newest: dict[tuple[str, str, bool, str], str] = {}
            for series, stage, kind, year, end in self._distinct(columns, indicator, rows):
                name = (series, stage, kind == "pooled", year)
                newest[name] = max(newest.get(name, ""), end)
            found |= newest
        return found

    def school_years(self) -> list[str]:
        """School years with own figures, newest first; official ones where there are no own."""
        yearly = ~self._is("period_kind", "pooled", "")
        own = yearly & self._is("series", "own", "")
        return sorted({year for (year,) in self._distinct(("school_year",), "", own if own.any() else yearly)})[::-1]

    def _distinct(self, columns: Sequence[str], indicator: str, rows: NDArray[np.bool_]) -> list[tuple[str, ...]]:
        """The different words of these columns among some rows."""
        first, _ = grouped([self._part(name, indicator)[rows] for name in columns], self._sizes(columns))
        parts = [self._part(name, indicator)[rows][first].tolist() for name in columns]
        return list(
            zip(
                *([self._words[name][each] for each in part] for name, part in zip(columns, parts, strict=True)),
                strict=True,
            )
        )

    def _sizes(self, columns: Sequence[str]) -> list[int]:
        return [len(self._words[name]) for name in columns]

    def _texts(self, column: str, part: Rows) -> list[str]:
        words = self._words[column]
        return [words[each] for each in self._codes[column][part].tolist()]

    def _figures(self, part: Rows) -> dict[Key, list[Figure]]:
        """The rows of a part as series, in the order they first come."""
        pooled = [each == "pooled" for each in self._words["period_kind"]]
        by = (*_KEY, "period_kind")
        first, group = grouped([self._codes[name][part] for name in by], self._sizes(by))
        texts = {name: self._texts(name, part) for name in _KEY}
        kinds = self._codes["period_kind"][part].tolist()
        made = [Key._make((*(texts[name][at] for name in _KEY), pooled[kinds[at]])) for at in first.tolist()]
        made = [self._keys.setdefault(each, each) for each in made]
        series: list[list[Figure]] = [[] for _ in made]
        for each, figure in zip(group.tolist(), self._rows(part, texts), strict=True):
            series[each].append(figure)
        found: dict[Key, list[Figure]] = {}
        for key, figures in zip(made, series, strict=True):
            found[key] = sorted(found[key] + figures, key=_end) if key in found else figures
        return found

    def _rows(self, part: Rows, texts: Mapping[str, list[str]]) -> list[Figure]:
        """The rows of a part as figures, fields in the order of Figure; equal ones without a value are one object."""
        kinds, starts, ends = (self._texts(name, part) for name in ("period_kind", "period_from", "period_to"))
        labels = [period_label(*each) for each in zip(kinds, starts, ends, strict=True)]
        partly = [
            kind == "region" and is_incomplete(area)
            for kind, area in zip(texts["area_type"], texts["area"], strict=True)
        ]
        values = (_plain(self._numbers[name][part]) for name in ("value", "low", "high"))
        counts = (_shared(self._numbers[name][part]) for name in ("numerator", "denominator"))
        rest = (self._texts(name, part) for name in ("status", "mark"))
        years = self._texts("school_year", part)
        columns = (texts["area"], texts["area_type"], years, labels, *values, *counts, *rest, partly, ends)
        made = map(Figure._make, zip(*columns, strict=True))
        silent = self._silent
        return [each if each.value is not None else silent.setdefault(each, each) for each in made]


def _end(figure: Figure) -> str:
    return figure.period_to


def _seen_rightly(release: Release) -> pd.DataFrame:
    """The rows of each indicator that are seen from the place it is defined for."""
    rows = release.values.values
    own = {name: each.perspective for name, each in release.definitions.items() if each.perspective}
    (names, indicators), (places, perspectives) = (coded(rows[name]) for name in ("indicator", "perspective"))
    wanted = np.array([perspectives.index(own[each]) if own.get(each) in perspectives else -1 for each in indicators])
    free = np.array([each not in own for each in indicators], dtype=bool)
    seen = free[names] | (places == wanted[names])
    return rows if seen.all() else rows[seen]


def coded(column: pd.Series) -> tuple[NDArray[Any], list[str]]:
    """A column of texts as codes and the words they stand for; nothing is "", a day is written with ten letters."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        column = column.astype("object").fillna("").astype("category")
    words = [str(each) for each in column.cat.categories]
    codes = column.cat.codes.to_numpy()
    if (codes < 0).any():
        codes, words = np.where(codes < 0, len(words), codes), [*words, ""]
    return codes, [each[:10] for each in words] if column.name in ("period_from", "period_to") else words


def _ranks(words: Sequence[str]) -> NDArray[np.int64]:
    """The place of each word among all of them in order."""
    places = {word: place for place, word in enumerate(sorted(set(words)))}
    return np.array([places[word] for word in words], dtype=np.int64)


def grouped(columns: Sequence[NDArray[Any]], sizes: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows with the same codes are a group: the first row of each in the order they come, and the group of every row."""
    together = np.zeros(len(columns[0]), dtype=np.int64)
    for codes, size in zip(columns, sizes, strict=True):
        together = together * size + codes
    _, first, group = np.unique(together, return_index=True, return_inverse=True)
    order = np.argsort(first)
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return first[order], place[group]


def _plain(numbers: NDArray[np.float64]) -> list[float | None]:
    found = numbers.astype(object)
    found[np.isnan(numbers)] = None
    return list(found)


def _shared(counts: NDArray[np.float64]) -> list[float | None]:
    """As `_plain`, equal numbers as one object: few counts of pupils differ."""
    codes, different = pd.factorize(counts, use_na_sentinel=False)
    return np.array(_plain(different), dtype=object)[codes].tolist()


@functools.cache
def period_label(kind: str, start: str, end: str) -> str:
    return Period(start=date.fromisoformat(start), end=date.fromisoformat(end), kind=kind).label
