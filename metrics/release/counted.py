"""Counting again only what a delivery has changed: the desk keeps every family's counts with prints of what they read.

A family of which nothing has changed is read as it was kept. One whose periods read stated years (`prints.LOCAL`) is
counted for the periods whose print has changed only, from those years' slices alone; any other is counted whole. The
result is the same, row by row, as when all is counted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.compute import Parts, assembled, build_cohorts, parts_of
from metrics.release.prints import Read, Standing, hashed, labels, periods, read_by, reading, standing
from metrics.values import Counts
from metrics.vocabulary import Region, parse_period

MANY_ROWS = 5_000_000
"""A family whose extract has more rows is counted a school year at a time."""
PARTS = ("inner", "seen", "not_comparable")
ASSEMBLED = ("missing", "not_yet")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was counted of a family last time, with the prints of all it read and of each period then."""

    parts: Parts
    counts: Counts
    whole: str
    prints: Mapping[str, str]


def refreshed(
    connection: engine.Connection,
    catalogue: Catalogue,
    population: str,
    *,
    region: Region,
    folder: Path,
    stands: Standing | None = None,
) -> Counts:
    """The counts of a family on a connection of `Vault.reading`, counting only what has changed; kept in `folder`.

    stands: what `prints.standing` found on the same connection, where several families are counted.
    """
    stands = stands or standing(connection)
    read = read_by(stands, catalogue, population, region)
    before = _read(folder, population)
    if before is not None and before.whole == read.whole:
        return before.counts
    now = periods(connection, catalogue, stands, read)
    stale = {period for period in now if before is None or before.prints.get(period) != now[period]}
    pieces = _pieces(connection, read, stale)
    if read.local is None or (before is None and len(pieces) <= 1):
        parts = parts_of(connection, catalogue, read.family, region=region)
    else:
        again = [_again(connection, catalogue, stands, read, each, region) for each in pieces]
        parts = _together(before.parts if before else None, again, now.keys() - stale)
    counts = assembled(connection, catalogue, population, parts, region=region)
    _keep(folder, population, Kept(parts=parts, counts=counts, whole=read.whole, prints=now))
    return counts


def _pieces(connection: engine.Connection, read: Read, stale: set[str]) -> list[frozenset[str]]:
    """The stale periods of a local family as they are counted: all at once, or a school year at a time where rows are
    many and no period reads another's year, so that the memory needed is that of a year."""
    if read.local is None or not stale:
        return []
    size = engine.rows(
        connection, "SELECT coalesce(sum(row_count), 0) FROM active_slices WHERE extract = ?", [read.local.own]
    )
    if size[0][0] <= MANY_ROWS or read.local.cohort:
        return [frozenset(stale)]
    kind = read.family[0].period_kind
    years: dict[str, set[str]] = {}
    for period in sorted(stale):
        years.setdefault(parse_period(period, kind).school_year, set()).add(period)
    return [frozenset(each) for _, each in sorted(years.items())]


def _again(
    connection: engine.Connection,
    catalogue: Catalogue,
    stands: Standing,
    read: Read,
    stale: frozenset[str],
    region: Region,
) -> Parts:
    """These periods of a local family, from the slices that they read."""
    with _only(connection, catalogue, stands, read, stale):
        return parts_of(connection, catalogue, read.family, region=region, periods=stale)


@contextmanager
def only(
    connection: engine.Connection,
    catalogue: Catalogue,
    population: str,
    *,
    region: Region,
    stands: Standing,
    periods: Collection[str],
) -> Iterator[None]:
    """Inside, cohorts of a family hold at least these periods, and no more than is needed where they can be told apart."""
    with _only(connection, catalogue, stands, read_by(stands, catalogue, population, region), frozenset(periods)):
        yield


@contextmanager
def _only(
    connection: engine.Connection, catalogue: Catalogue, stands: Standing, read: Read, wanted: frozenset[str]
) -> Iterator[None]:
    if read.local is None or not wanted:
        yield
        return
    shown = {
        extract: {label for period in wanted for label in labels(stands, catalogue, read, extract, period)}
        for extract in read.local.reads
    }
    apart = {extract: found for extract, found in shown.items() if found != stands.of(extract).keys() - {""}}
    with _narrowed(connection, catalogue, apart), _cut(connection, catalogue, read.local.cohort, wanted):
        yield


def _together(before: Parts | None, again: list[Parts], standing: Iterable[str]) -> Parts:
    """The periods that stand, and those counted again, in the order of time that counting everything gives."""
    kept = set(standing)
    frames = {}
    for name in PARTS:
        old = [getattr(before, name)] if before else []
        parts = [*(each[each["period"].isin(kept)] for each in old), *(getattr(each, name) for each in again)]
        filled = [each for each in parts if len(each)] or parts[-1:]
        frames[name] = pd.concat(filled, ignore_index=True).sort_values("period", kind="stable", ignore_index=True)
    return Parts(**frames)


@contextmanager
def _narrowed(connection: engine.Connection, catalogue: Catalogue, wanted: Mapping[str, set[str]]) -> Iterator[None]:
    """Inside, these extracts show only slices of these periods (and of none); cohorts made of them go afterwards."""
    touched = reading(catalogue, wanted)
    connection.execute("CREATE OR REPLACE TEMP TABLE every_slice AS SELECT * FROM active_slices")
    for name in touched:
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    try:
        for extract, found in wanted.items():
            connection.execute(
                "DELETE FROM active_slices WHERE extract = ? AND period <> '' AND NOT list_contains(?, period)",
                [extract, sorted(found)],
            )
        yield
    finally:
        connection.execute("DELETE FROM active_slices")
        connection.execute("INSERT INTO active_slices SELECT * FROM every_slice")
        for name in touched:
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


@contextmanager
def _cut(connection: engine.Connection, catalogue: Catalogue, name: str, wanted: frozenset[str]) -> Iterator[None]:
    """Inside, the cohort `name` ("" for none) has only rows of these periods; it goes afterwards."""
    if not name:
        yield
        return
    build_cohorts(connection, catalogue, [each for each in catalogue.sources(name) if each != name])
    chosen = ", ".join(f"'{engine.quote_text(period)}'" for period in sorted(wanted))
    connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    try:
        connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT * FROM ({catalogue.cohorts[name]}\n) AS found WHERE period IN ({chosen})"
        )
        yield
    finally:
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _read(folder: Path, population: str) -> Kept | None:
    path = folder / f"{population}.json"
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    if "whole" not in said:
        return None
    frames = {name: pd.read_parquet(_path(folder, population, name, said["made"])) for name in (*PARTS, *ASSEMBLED)}
    parts = Parts(**{name: frames[name] for name in PARTS})
    counts = Counts(
        population=population,
        period_kind=said["period_kind"],
        inner=parts.inner,
        missing=frames["missing"],
        not_yet=frames["not_yet"],
        not_comparable=parts.not_comparable,
        main_provider=said["main_provider"],
    )
    return Kept(parts=parts, counts=counts, whole=said["whole"], prints=said["prints"])


def _path(folder: Path, population: str, name: str, made: str) -> Path:
    return folder / f"{population}.{name}.{made}.parquet"


def _keep(folder: Path, population: str, kept: Kept) -> None:
    """Write beside what stands, then point at it: a kill leaves the earlier counts or the new ones, never a mixture."""
    folder.mkdir(parents=True, exist_ok=True)
    made = hashed([kept.whole, *kept.prints.values()])[:16]
    frames = {name: getattr(kept.parts, name) for name in PARTS}
    frames |= {name: getattr(kept.counts, name) for name in ASSEMBLED}
    for name, frame in frames.items():
        frame.to_parquet(_path(folder, population, name, made))
    said = {
        "made": made,
        "whole": kept.whole,
        "prints": dict(kept.prints),
        "period_kind": kept.counts.period_kind,
        "main_provider": kept.counts.main_provider,
    }
    making = folder / f".{population}.making"
    making.write_text(json.dumps(said), encoding="utf-8")
    making.replace(folder / f"{population}.json")
    for old in folder.glob(f"{population}.*.parquet"):
        if old.name.split(".")[-2] != made:
            old.unlink()
