"""The school part of a release: which periods get one, what stands from earlier, and when the open part must stand too.

A period's values per school are published beside the open part they were solved with. When its counts change, both parts
are solved as one more table about the same pupils, with every earlier table of both known. Where somebody with all of
them could then single few out, the earlier values stand, and the open part with them: the manifest names the period
among those held.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.compute import by_school
from metrics.layout import SCHOOL_PARTS, SCHOOL_STAGES, SCHOOL_YEARS, Layout
from metrics.protect.errors import ProtectionError
from metrics.protect.generations import History
from metrics.protect.known import KnownSum
from metrics.protect.school_past import EarlierSchools
from metrics.protect.schools import Rules, SchoolTask, protect_schools, still_published
from metrics.protect.thresholds import Thresholds
from metrics.release import school_records
from metrics.release.read import SCHOOL_COLUMNS
from metrics.values import Counts
from metrics.vocabulary import Region, parse_period


@dataclass(frozen=True, kw_only=True)
class SchoolPart:
    """The school part of one or several families. `values`: read.SCHOOL_COLUMNS, with population and period beside.

    `waiting`: periods whose new open part must not be told either; `tables`: the desk's record, by population.
    """

    values: pd.DataFrame
    audited: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    waiting: frozenset[str] = frozenset()
    tables: Mapping[str, school_records.Tables] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Source:
    """How school parts are made, and what earlier releases showed."""

    connection: engine.Connection
    catalogue: Catalogue
    region: Region
    thresholds: Thresholds
    records: Path
    workers: int = 1
    new: bool = True
    """Whether periods without values per school get them now; what earlier releases told stands in any case."""


EMPTY = pd.DataFrame(columns=[*SCHOOL_COLUMNS, "population", "period"])


def school_part(
    source: Source,
    counts: Counts,
    layout: Layout,
    *,
    history: History,
    report: Mapping[str, Any],
    known: Sequence[KnownSum],
    settled: Collection[str] = (),
) -> SchoolPart:
    """The school part of a family: what stands, what changed, and the newest periods that have none yet.

    `report`: the gate's of the open part (`solved`: rows by period; `held`); `history`: the open part's earlier tables;
    `settled`: changed periods whose open part was not solved again because of their schools.
    """
    if counts.population not in SCHOOL_PARTS:
        return SchoolPart(values=EMPTY)
    solved, before = report["solved"], _kept_of(source, counts)
    told, tables = set(before["period"]), school_records.tables(source.records, counts.population)
    rows = {each: history.tables[each][-1].rows for each in history.stands} | solved
    asked = (told & set(solved)) | (lacking(source, counts) & set(rows))
    earlier = {each: _earlier(history, tables, each, each in solved) for each in asked}
    versions = [
        Version(period=each, rows=rows[each], earlier=found)
        for each, found in sorted(earlier.items())
        if found is not None
    ]
    made = _made(source, counts, layout, versions, known)
    new = set(made.tables)
    waiting = frozenset((told & set(solved)) - new)
    kept_rows = before[~before["period"].isin(new)]
    return SchoolPart(
        values=pd.concat([each for each in (kept_rows, made.values) if len(each)] or [EMPTY], ignore_index=True),
        audited={counts.population: made.reports} if made.reports else {},
        held=tuple(f"{counts.population} {each}" for each in sorted(told & {*settled, *report["held"], *waiting})),
        waiting=waiting,
        tables={
            counts.population: _with_new(tables, made.tables, {each.period: len(each.earlier) for each in versions})
        },
    )


def lacking(source: Source, counts: Counts) -> set[str]:
    """The family's newest periods that may get values per school now, having none."""
    if not source.new or counts.population not in SCHOOL_PARTS:
        return set()
    return _newest(counts) - set(_kept_of(source, counts)["period"])


def _kept_of(source: Source, counts: Counts) -> pd.DataFrame:
    before = kept(source.records)
    return before[before["population"] == counts.population]


def settled(records: Path, population: str, history: History) -> frozenset[str]:
    """Changed periods of a family that have values per school whose counts the desk has not: their open part stands."""
    before, tables = kept(records), school_records.tables(records, population)
    told = set(before.loc[before["population"] == population, "period"])
    changed = (told & set(history.tables)) - history.stands
    return frozenset(each for each in changed if _earlier(history, tables, each, True) is None)


def _earlier(
    history: History, tables: school_records.Tables, period: str, solved: bool
) -> tuple[EarlierSchools, ...] | None:
    """The tables before the newest one; None where one of them was told without its schools."""
    count = len(history.tables.get(period, ())) - (not solved)
    return school_records.earlier(history, tables, period, count)


def _with_new(
    tables: school_records.Tables, new: Mapping[str, school_records.SchoolTable], numbers: Mapping[str, int]
) -> school_records.Tables:
    return {**tables, **{period: {**tables.get(period, {}), numbers[period]: each} for period, each in new.items()}}


def _newest(counts: Counts) -> set[str]:
    years = {period: parse_period(period, counts.period_kind).school_year for period in counts.periods}
    newest = sorted(set(years.values()))[-SCHOOL_YEARS:]
    return {period for period, year in years.items() if year in newest}


@dataclass(frozen=True, kw_only=True)
class Version:
    """A period to be solved: the new open part's rows, and every table before it."""

    period: str
    rows: pd.DataFrame
    earlier: tuple[EarlierSchools, ...]


@dataclass(frozen=True, kw_only=True)
class _Made:
    """New values, what was checked of each period and stage, and the desk's record of the periods that were told."""

    values: pd.DataFrame = field(default_factory=EMPTY.copy)
    reports: Sequence[Mapping[str, Any]] = ()
    tables: Mapping[str, school_records.SchoolTable] = field(default_factory=dict)


def _made(
    source: Source, counts: Counts, layout: Layout, versions: Sequence[Version], known: Sequence[KnownSum]
) -> _Made:
    """Values per school of these periods, as far as they can be told."""
    if not versions:
        return _Made()
    asked = frozenset(each.period for each in versions)
    units = by_school(source.connection, source.catalogue, counts.population, region=source.region, periods=asked)
    family = source.catalogue.family(counts.population)
    names = [each for each in SCHOOL_PARTS[counts.population] if f"{each}__numerator" in counts.inner.columns]
    rules = Rules(
        layout=layout,
        indicators=[each for each in family if f"{each.name}__denominator" in counts.inner.columns],
        names=names,
        region=source.region,
        thresholds=source.thresholds,
        known=known,
    )
    tasks = [task for version in versions for task in _tasks(counts, units, version, layout)]
    if not tasks or not names:
        return _Made()
    published, reports, waiting = protect_schools(tasks, rules, source.workers)
    spans = {parse_period(each, counts.period_kind): each for each in asked}
    periods = {(when.start.isoformat(), when.end.isoformat()): period for when, period in spans.items()}
    values = published.values
    found = [periods[pair] for pair in zip(values["period_from"], values["period_to"], strict=True)]
    told = _named(source, values, found).assign(population=counts.population)
    return _Made(values=told, reports=reports, tables=_recorded(tasks, told, waiting))


def _recorded(
    tasks: Sequence[SchoolTask], told: pd.DataFrame, waiting: Collection[str]
) -> dict[str, school_records.SchoolTable]:
    """The counts and the told schools of every period that does not wait."""
    units: dict[str, list[pd.DataFrame]] = {}
    for task in tasks:
        units.setdefault(task.counts.periods[0], []).append(task.units)
    return {
        period: school_records.SchoolTable(
            units=pd.concat(found, ignore_index=True),
            rows=told.loc[told["period"] == period, list(school_records.ROWS)].reset_index(drop=True),
        )
        for period, found in units.items()
        if period not in waiting
    }


def _tasks(counts: Counts, units: pd.DataFrame, version: Version, layout: Layout) -> Iterable[SchoolTask]:
    """A period's task, or one per stage where stages are apart in every table."""
    period = version.period
    inner, told = (frame[frame["period"] == period] for frame in (counts.inner, units))
    if int(inner["contributors"].sum()) != int(told["contributors"].sum()):
        raise ProtectionError(f"schools add up to what the open part counts in {period}, got: another number of pupils")
    wanted = SCHOOL_STAGES.get(counts.population, ())
    for stage in sorted(set(inner["stage"].dropna()) & set(wanted)) if layout.by_stage else [None]:
        yield SchoolTask(
            counts=replace(counts, inner=_of_stage(inner, stage).reset_index(drop=True)),
            units=_of_stage(told, stage).reset_index(drop=True),
            open_rows=_of_stage(version.rows, stage),
            earlier=[_earlier_of(each, stage) for each in version.earlier],
        )


def _of_stage(frame: pd.DataFrame, stage: str | None) -> pd.DataFrame:
    return frame if stage is None or frame.empty else frame[frame["stage"] == stage]


def _earlier_of(told: EarlierSchools, stage: str | None) -> EarlierSchools:
    """An earlier table as far as it is about one stage."""
    own = told.table
    table = replace(own, inner=_of_stage(own.inner, stage), rows=_of_stage(own.rows, stage))
    return EarlierSchools(table=table, rows=_of_stage(told.rows, stage))


def _named(source: Source, values: pd.DataFrame, periods: Sequence[str]) -> pd.DataFrame:
    """The rows with each school's name and code as its area, and where it lies."""
    found = engine.frame(source.connection, "SELECT school_unit, unit_name, municipality FROM school_units")
    names = dict(zip(found["school_unit"].astype(str), found["unit_name"], strict=True))
    places = dict(zip(found["school_unit"].astype(str), found["municipality"].astype(str), strict=True))
    members = {member.code: member.name for member in source.region.members}
    codes = values["area"].astype(str)
    area = [f"{names[code]} ({code})" if names.get(code) else code for code in codes]
    where = [members.get(places.get(code, ""), "") for code in codes]
    return values.assign(school_unit=codes, area=area, municipality=where, period=list(periods))


def joined(parts: Sequence[SchoolPart]) -> SchoolPart:
    """The school part of the whole release."""
    whole = [part.values for part in parts if len(part.values)]
    return SchoolPart(
        values=pd.concat(whole, ignore_index=True) if whole else EMPTY,
        audited={name: each for part in parts for name, each in part.audited.items()},
        held=tuple(each for part in parts for each in part.held),
        tables={name: each for part in parts for name, each in part.tables.items()},
    )


def kept(records: Path) -> pd.DataFrame:
    """What the latest release's school part was; nothing where there was none."""
    found = school_records.values(records)
    return EMPTY if found is None else found


def keep(records: Path, release_id: str, part: SchoolPart) -> None:
    """Keep the school part of a release beside the desk's other records of it."""
    school_records.keep(records / release_id, part.values, part.tables)


def values_of(part: SchoolPart, release_id: str) -> pd.DataFrame:
    """The table of the release; checked as everything published is."""
    return still_published(part.values.loc[:, list(SCHOOL_COLUMNS)].assign(release=release_id)).values
