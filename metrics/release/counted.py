"""Counting again only what a delivery has changed: the desk keeps every family's counts with prints of what they read.

A family of which nothing has changed is read as it was kept. One whose cohorts declare which years they read
(`windows`) is counted for the periods whose print has changed only, from those years' slices alone; any other is counted
whole. The result is the same, row by row, as when all is counted. Cohorts made of a part of the slices are held aside on
the connection, under a name that says of which, for the next family that reads the same part; not where rows are many.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.cohort_tables import build_cohorts
from metrics.compute import Parts, assembled, parts_of
from metrics.release.prints import Read, Standing, hashed, labels, periods, read_by, reading, standing
from metrics.values import Counts
from metrics.vocabulary import Region, parse_period

MANY_ROWS = 5_000_000
"""A family whose extract has more rows is counted a school year at a time."""
FORM = "arrow 1"
"""How counts are kept; those kept in another form are counted again."""
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
    if not _are_many(connection, [read.local.own]) or read.local.cohort:
        return [frozenset(stale)]
    kind = read.family[0].period_kind
    years: dict[str, set[str]] = {}
    for period in sorted(stale):
        years.setdefault(parse_period(period, kind).school_year, set()).add(period)
    return [frozenset(each) for _, each in sorted(years.items())]


def _are_many(connection: engine.Connection, extracts: Iterable[str]) -> bool:
    """Whether any of the extracts has more rows than are counted at once."""
    found = engine.rows(
        connection,
        "SELECT extract FROM active_slices WHERE list_contains(?, extract) GROUP BY extract HAVING sum(row_count) > ?",
        [sorted(extracts), MANY_ROWS],
    )
    return bool(found)


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
    names = set(catalogue.sources(" ".join(each.sql for each in read.family))) - _behind(catalogue, read.local.cohort)
    names -= set(reading(catalogue, read.local.only))
    kept = () if _are_many(connection, apart) else reading(catalogue, apart)
    held = {name: _held_name(catalogue, stands, name, apart) for name in kept if name in names}
    with (
        _narrowed(connection, catalogue, apart, held),
        _cut(connection, catalogue, read.local.cohort, wanted),
        _of(connection, catalogue, read.local.only),
    ):
        yield


def _behind(catalogue: Catalogue, cohort: str) -> set[str]:
    """The cohort and all that read it."""
    return {name for name in catalogue.cohorts_in_order if cohort in catalogue.sources(name)}


def _held_name(catalogue: Catalogue, stands: Standing, cohort: str, shown: Mapping[str, set[str]]) -> str:
    """The name under which a cohort made of these periods of its extracts is held: it says all that the cohort reads."""
    words = set().union(*(catalogue.reads[each] for each in catalogue.sources(cohort)))
    said = [stands.joins]
    for extract in sorted(words & catalogue.extracts.keys()):
        found = stands.of(extract)
        said.append(
            str([extract, *(part for part in found.items() if part[0] in shown.get(extract, found) or not part[0])])
        )
    return f"held_{cohort}_{hashed(said)[:16]}"


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
def _narrowed(
    connection: engine.Connection, catalogue: Catalogue, wanted: Mapping[str, set[str]], held: Mapping[str, str]
) -> Iterator[None]:
    """Inside, these extracts show only slices of these periods (and of none), and cohorts made of them are of these.

    held: per cohort that may be used again, the name it has outside; the others go afterwards.
    """
    if not wanted:
        yield
        return
    touched = reading(catalogue, wanted)
    _dropped(connection, touched)
    _taken_out(connection, held)
    shown = " OR ".join("(extract = ? AND period <> '' AND NOT list_contains(?, period))" for _ in wanted)
    given = [part for extract, found in wanted.items() for part in (extract, sorted(found))]
    connection.execute("ALTER TABLE active_slices RENAME TO every_slice")
    try:
        connection.execute(
            "CREATE TEMP TABLE active_slices AS"
            f" SELECT slice, batch, sender, extract, period, row_count FROM every_slice WHERE NOT ({shown})",
            given,
        )
        yield
    finally:
        connection.execute("DROP TABLE IF EXISTS temp.active_slices")
        connection.execute("ALTER TABLE every_slice RENAME TO active_slices")
        _put_aside(connection, held)
        _dropped(connection, touched)


def _dropped(connection: engine.Connection, cohorts: Iterable[str]) -> None:
    for name in cohorts:
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _taken_out(connection: engine.Connection, held: Mapping[str, str]) -> None:
    """What is held of the same slices gets its name back; of other slices it goes, so that there is one of each."""
    there = _tables(connection)
    for name, aside in held.items():
        for other in there:
            if re.fullmatch(rf"held_{name}_[0-9a-f]{{16}}", other) and other != aside:
                connection.execute(f"DROP TABLE temp.{other}")
        if aside in there:
            connection.execute(f"ALTER TABLE temp.{aside} RENAME TO {name}")


def _put_aside(connection: engine.Connection, held: Mapping[str, str]) -> None:
    there = _tables(connection)
    for name, aside in held.items():
        if name in there:
            connection.execute(f"ALTER TABLE temp.{name} RENAME TO {aside}")


def _tables(connection: engine.Connection) -> set[str]:
    found = engine.rows(connection, "SELECT table_name FROM duckdb_tables() WHERE database_name = 'temp'")
    return {name for (name,) in found}


@contextmanager
def _cut(connection: engine.Connection, catalogue: Catalogue, name: str, wanted: frozenset[str]) -> Iterator[None]:
    """Inside, the cohort `name` ("" for none) has only rows of these periods; it goes afterwards, with all that read it.

    Its pupils are joined to the periods: of a list of them DuckDB thinks that few are there, and turns joins around.
    """
    if not name:
        yield
        return
    build_cohorts(connection, catalogue, [each for each in catalogue.sources(name) if each != name])
    chosen = ", ".join(f"('{engine.quote_text(period)}')" for period in sorted(wanted))
    _dropped(connection, _behind(catalogue, name))
    try:
        connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT found.* FROM ({catalogue.cohorts[name]}\n) AS found"
            f" SEMI JOIN (VALUES {chosen}) AS chosen(period) ON chosen.period = found.period"
        )
        yield
    finally:
        _dropped(connection, _behind(catalogue, name))


@contextmanager
def _of(connection: engine.Connection, catalogue: Catalogue, only: Mapping[str, str]) -> Iterator[None]:
    """Inside, these extracts show only rows of pupils of these cohorts, whichever pseudonym a row has."""
    if not only:
        yield
        return
    build_cohorts(connection, catalogue, [" ".join(only.values()), "pupil_identity"])
    _dropped(connection, reading(catalogue, only))
    for extract, cohort in only.items():
        connection.execute(f"ALTER VIEW temp.{extract} RENAME TO every_{extract}")
        connection.execute(f"""
            CREATE TEMP VIEW {extract} AS
            SELECT *
            FROM every_{extract}
            SEMI JOIN (
                SELECT contributors AS pupil
                FROM {cohort}
                UNION ALL
                SELECT identity.old_pupil AS pupil
                FROM pupil_identity AS identity
                SEMI JOIN {cohort}
                    ON {cohort}.contributors = identity.pupil
            ) AS asked USING (pupil)
        """)
    try:
        yield
    finally:
        for extract in only:
            connection.execute(f"DROP VIEW temp.{extract}")
            connection.execute(f"ALTER VIEW temp.every_{extract} RENAME TO {extract}")
        _dropped(connection, reading(catalogue, only))


def _read(folder: Path, population: str) -> Kept | None:
    path = folder / f"{population}.json"
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    if said.get("form") != FORM:
        return None
    frames = _frames(_path(folder, population, said["made"]))
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


def _frames(path: Path) -> dict[str, pd.DataFrame]:
    """The tables of a kept family, one after the other in its file as they lie in memory."""
    with pa.BufferReader(path.read_bytes()) as source:
        return {name: pa.ipc.open_stream(source).read_pandas() for name in (*PARTS, *ASSEMBLED)}


def _path(folder: Path, population: str, made: str) -> Path:
    return folder / f"{population}.{made}.arrow"


def _keep(folder: Path, population: str, kept: Kept) -> None:
    """Write beside what stands, then point at it: a kill leaves the earlier counts or the new ones, never a mixture."""
    folder.mkdir(parents=True, exist_ok=True)
    made = hashed([kept.whole, *kept.prints.values()])[:16]
    frames = [getattr(kept.parts, name) for name in PARTS] + [getattr(kept.counts, name) for name in ASSEMBLED]
    path = _path(folder, population, made)
    with path.open("wb") as sink:
        for frame in frames:
            table = pa.Table.from_pandas(frame, preserve_index=False)
            with pa.ipc.new_stream(sink, table.schema) as stream:
                stream.write_table(table)
    said = {
        "form": FORM,
        "made": made,
        "whole": kept.whole,
        "prints": dict(kept.prints),
        "period_kind": kept.counts.period_kind,
        "main_provider": kept.counts.main_provider,
    }
    making = folder / f".{population}.making"
    making.write_text(json.dumps(said), encoding="utf-8")
    making.replace(folder / f"{population}.json")
    for old in folder.glob(f"{population}.*"):
        if old.name not in (path.name, f"{population}.json"):
            old.unlink()
