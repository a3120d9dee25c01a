"""The school part of a release: which periods get one, what stands from earlier, and the desk's record of it.

A period's values per school are published once, beside the one version of its open part that they were solved with.
It stands from then on: neither a school's corrected counts nor a second version of the open part gives new values, so
that nobody can take one version from another. The open part of such a period stands too: a new version of it, beside
values per school of the old one, would tell of the schools that are hidden. The manifest names it among those held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
from metrics.protect.schools import Rules, SchoolTask, protect_schools, still_published
from metrics.protect.thresholds import Thresholds
from metrics.release.read import SCHOOL_COLUMNS
from metrics.values import Counts
from metrics.vocabulary import Region, parse_period

RECORD = "schools.parquet"


@dataclass(frozen=True, kw_only=True)
class SchoolPart:
    """The school part of one or several families. `values`: read.SCHOOL_COLUMNS, with population and period beside."""

    values: pd.DataFrame
    audited: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    held: tuple[str, ...] = ()


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
) -> SchoolPart:
    """The school part of a family: what stands, and the newest periods that have none and one open version only.

    `report`: the gate's of the open part (`solved`: rows by period; `held`); `history`: the open part's earlier tables.
    """
    if counts.population not in SCHOOL_PARTS:
        return SchoolPart(values=EMPTY)
    solved, before = report["solved"], _kept_of(source, counts)
    told = set(before["period"])
    several = {each for each, tables in history.tables.items() if len(tables) + (each in solved) > 1}
    rows = {each: history.tables[each][-1].rows for each in history.stands} | solved
    wanted = sorted((lacking(source, counts) - several) & set(rows))
    made, reports = _made(source, counts, layout, {each: rows[each] for each in wanted}, known)
    return SchoolPart(
        values=pd.concat([each for each in (before, made) if len(each)] or [EMPTY], ignore_index=True),
        audited={counts.population: reports} if reports else {},
        held=tuple(f"{counts.population} {each}" for each in sorted(told & (several | set(report["held"])))),
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
    """Changed periods of a family that have values per school since an earlier release: their open part stands."""
    before = kept(records)
    told = set(before.loc[before["population"] == population, "period"])
    return frozenset((told & set(history.tables)) - history.stands)


def _newest(counts: Counts) -> set[str]:
    years = {period: parse_period(period, counts.period_kind).school_year for period in counts.periods}
    newest = sorted(set(years.values()))[-SCHOOL_YEARS:]
    return {period for period, year in years.items() if year in newest}


def _made(
    source: Source,
    counts: Counts,
    layout: Layout,
    rows: Mapping[str, pd.DataFrame],
    known: Sequence[KnownSum],
) -> tuple[pd.DataFrame, Sequence[Mapping[str, Any]]]:
    """Values per school of these periods (their open rows), and what was checked of each."""
    if not rows:
        return EMPTY, []
    units = by_school(
        source.connection, source.catalogue, counts.population, region=source.region, periods=frozenset(rows)
    )
    family = source.catalogue.family(counts.population)
    present = [each for each in family if f"{each.name}__denominator" in counts.inner.columns]
    names = [each for each in SCHOOL_PARTS[counts.population] if f"{each}__numerator" in counts.inner.columns]
    rules = Rules(
        layout=layout,
        indicators=present,
        names=names,
        region=source.region,
        thresholds=source.thresholds,
        known=known,
    )
    tasks = [task for period in sorted(rows) for task in _tasks(counts, units, period, rows[period], layout)]
    if not tasks or not names:
        return EMPTY, []
    published, reports = protect_schools(tasks, rules, source.workers)
    periods = {parse_period(each, counts.period_kind): each for each in rows}
    spans = {(when.start.isoformat(), when.end.isoformat()): period for when, period in periods.items()}
    values = published.values
    found = [spans[pair] for pair in zip(values["period_from"], values["period_to"], strict=True)]
    return _named(source, values, found).assign(population=counts.population), reports


def _tasks(
    counts: Counts, units: pd.DataFrame, period: str, rows: pd.DataFrame, layout: Layout
) -> Iterable[SchoolTask]:
    """A period's task, or one per stage where stages are apart in every table."""
    inner, told = (frame[frame["period"] == period] for frame in (counts.inner, units))
    if int(inner["contributors"].sum()) != int(told["contributors"].sum()):
        raise ProtectionError(f"schools add up to what the open part counts in {period}, got: another number of pupils")
    wanted = SCHOOL_STAGES.get(counts.population, ())
    stages = sorted(set(inner["stage"].dropna()) & set(wanted)) if layout.by_stage else [None]
    for stage in stages:
        here, there = (frame if stage is None else frame[frame["stage"] == stage] for frame in (inner, told))
        yield SchoolTask(
            counts=replace(counts, inner=here.reset_index(drop=True)),
            units=there.reset_index(drop=True),
            open_rows=rows if stage is None else rows[rows["stage"] == stage],
        )


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
    )


def kept(records: Path) -> pd.DataFrame:
    """What the latest release's school part was; nothing where there was none."""
    pointer = records / "latest"
    path = records / pointer.read_text(encoding="utf-8").strip() / RECORD if pointer.exists() else None
    return pd.read_parquet(path) if path is not None and path.exists() else EMPTY


def keep(records: Path, release_id: str, part: SchoolPart) -> None:
    """Keep the school part of a release beside the desk's other records of it."""
    folder = records / release_id
    folder.mkdir(parents=True, exist_ok=True)
    part.values.to_parquet(folder / RECORD)


def values_of(part: SchoolPart, release_id: str) -> pd.DataFrame:
    """The table of the release; checked as everything published is."""
    return still_published(part.values.loc[:, list(SCHOOL_COLUMNS)].assign(release=release_id)).values
