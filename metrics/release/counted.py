"""Counting again only what a delivery has changed: the desk keeps every period's counts with a print of what they read.

A print names the slices that count of every extract the family reads (a slice never changes but by erasure, which takes
away what is kept here too), the statements, the region and the code that counts. A family whose cohorts follow pupils over the
years is counted whole when anything it reads has changed. One that reads a stated year of an extract (LOCAL) is counted
for the periods whose print has changed only, from those years' slices alone. The result is the same, row by row, as when
all is counted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from metrics import compute as counting
from metrics import delivered_counts, engine, family_query
from metrics.catalogue import Catalogue
from metrics.compute import Parts, assembled, parts_of
from metrics.declare import Indicator
from metrics.values import Counts
from metrics.vocabulary import Region, parse_period, school_year_label

LOCAL: Mapping[str, Mapping[str, int]] = {
    "year9_leavers": {
        "year9_grades": 0,
        "background": 0,
        "upper_secondary_enrolment": 1,
        "activity_responsibility": 1,
    },
    "year6_pupils": {"year6_grades": 0, "background": 0},
    "attendance": {"attendance": 0, "background": 0},
}
"""Families of which a period reads one school year (or term) of an extract, so many years after its own; every other
extract they read whole. The first is the one that has the periods."""
WHOLE = ""
"""The period that stands for all of a family whose periods cannot be told apart."""
JOINED = "known_to_social_services"
"""What a declared join links has no year: families that read it are counted whole while a join is in force."""
MANY_ROWS = 5_000_000
"""A family whose extract has more rows is counted a school year at a time."""
TABLES = ("inner", "seen", "not_comparable")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What was counted of a family last time, and each period's print then."""

    parts: Parts
    prints: Mapping[str, str]


def refreshed(
    connection: engine.Connection, catalogue: Catalogue, population: str, *, region: Region, folder: Path
) -> Counts:
    """The counts of a family on a connection of `Vault.reading`, counting only what has changed; kept in `folder`."""
    now = _prints(connection, catalogue, population, region)
    before = _read(folder, population)
    stale = {period for period in now if before is None or before.prints.get(period) != now[period]}
    if before is not None and before.prints == now:
        return assembled(connection, catalogue, population, before.parts, region=region)
    pieces = [] if WHOLE in now else _pieces(connection, catalogue, population, stale)
    if WHOLE in now or (before is None and len(pieces) <= 1):
        parts = parts_of(connection, catalogue, catalogue.family(population), region=region)
    else:
        again = [_again(connection, catalogue, population, each, region) for each in pieces]
        parts = _together(before.parts if before else None, again, now.keys() - stale)
    _keep(folder, population, Kept(parts=parts, prints=now))
    return assembled(connection, catalogue, population, parts, region=region)


def _pieces(
    connection: engine.Connection, catalogue: Catalogue, population: str, stale: set[str]
) -> list[frozenset[str]]:
    """The stale periods of a local family as they are counted: all at once, or a school year at a time where rows are
    many, so that the memory needed is that of a year."""
    own = next(iter(LOCAL[population]))
    size = engine.rows(connection, "SELECT coalesce(sum(row_count), 0) FROM active_slices WHERE extract = ?", [own])
    if size[0][0] <= MANY_ROWS:
        return [frozenset(stale)] if stale else []
    kind = catalogue.family(population)[0].period_kind
    years: dict[str, set[str]] = {}
    for period in sorted(stale):
        years.setdefault(parse_period(period, kind).school_year, set()).add(period)
    return [frozenset(each) for _, each in sorted(years.items())]


def _again(
    connection: engine.Connection, catalogue: Catalogue, population: str, stale: frozenset[str], region: Region
) -> Parts:
    """These periods of a local family, from the slices that they read."""
    family = catalogue.family(population)
    wanted = {
        extract: {_label(extract, catalogue, period, family[0].period_kind, later) for period in stale}
        for extract, later in LOCAL[population].items()
    }
    with _narrowed(connection, catalogue, wanted):
        return parts_of(connection, catalogue, family, region=region, periods=stale)


def _together(before: Parts | None, again: list[Parts], standing: Iterable[str]) -> Parts:
    """The periods that stand, and those counted again, in the order of time that counting everything gives."""
    kept = set(standing)
    frames = {}
    for name in TABLES:
        old = [getattr(before, name)] if before else []
        parts = [*(each[each["period"].isin(kept)] for each in old), *(getattr(each, name) for each in again)]
        filled = [each for each in parts if len(each)] or parts[-1:]
        frames[name] = pd.concat(filled, ignore_index=True).sort_values("period", kind="stable", ignore_index=True)
    return Parts(**frames)


@contextmanager
def _narrowed(connection: engine.Connection, catalogue: Catalogue, wanted: Mapping[str, set[str]]) -> Iterator[None]:
    """Inside, these extracts show only slices of these periods (and of none); cohorts made of them go afterwards."""
    touched = _reading(catalogue, wanted)
    connection.execute("CREATE OR REPLACE TEMP TABLE every_slice AS SELECT * FROM active_slices")
    for name in touched:
        connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    try:
        for extract, labels in wanted.items():
            connection.execute(
                "DELETE FROM active_slices WHERE extract = ? AND period <> '' AND NOT list_contains(?, period)",
                [extract, sorted(labels)],
            )
        yield
    finally:
        connection.execute("DELETE FROM active_slices")
        connection.execute("INSERT INTO active_slices SELECT * FROM every_slice")
        for name in touched:
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")


def _reading(catalogue: Catalogue, extracts: Iterable[str]) -> tuple[str, ...]:
    """The cohorts that read any of these extracts, directly or through another cohort."""
    wanted = set(extracts)
    return tuple(
        name
        for name in catalogue.cohorts_in_order
        if wanted & set().union(*(_words(catalogue.cohorts[each]) for each in catalogue.sources(name)))
    )


def _words(sql: str) -> set[str]:
    return set(re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"--[^\n]*", "", sql)))


def _prints(connection: engine.Connection, catalogue: Catalogue, population: str, region: Region) -> dict[str, str]:
    """The print of every period that the family may have rows in; one for WHOLE where periods cannot be told apart."""
    family = catalogue.family(population)
    statements = [each.sql for each in family]
    joined = engine.rows(connection, "SELECT count(*), sum(hash(pupil, child)::HUGEINT) FROM declared_join")[0]
    members = (
        engine.rows(connection, "SELECT municipality FROM joined_members ORDER BY municipality") if joined[0] else []
    )
    cohorts = [name for name in catalogue.sources(" ".join(statements)) if joined[0] or name != JOINED]
    read = set().union(*map(_words, statements), *(_words(catalogue.cohorts[name]) for name in cohorts))
    extracts = sorted((read & catalogue.extracts.keys()) | {"school_units", "collaboration_register"})
    slices = _slices(connection, extracts)
    counted = _file_rows(connection, family)
    local = {} if joined[0] else LOCAL.get(population, {})
    common = [_code(), str(region.codes), family[0].perspective, str(joined), *map(str, members), *statements]
    common += [catalogue.cohorts[name] for name in cohorts]
    common += [str(slices[each]) for each in extracts if each not in local]
    common += [str(slices[each].get("")) for each in local]
    if not local:
        return {WHOLE: _hashed([*common, str(sorted(counted.items()))])}
    own = next(iter(local))
    kind = family[0].period_kind
    periods = {label for label in slices[own] if label} | counted.keys()
    return {
        period: _hashed(
            [
                *common,
                str(counted.get(period)),
                *(str(slices[each].get(_label(each, catalogue, period, kind, later))) for each, later in local.items()),
            ]
        )
        for period in sorted(periods)
    }


def _slices(connection: engine.Connection, extracts: list[str]) -> dict[str, dict[str, str]]:
    """Per extract and period label, a print of the slices that count: number, rows left, file and time of each."""
    found: dict[str, dict[str, str]] = {name: {} for name in extracts}
    sql = """
        SELECT
            slices.extract,
            slices.period,
            string_agg(
                concat_ws(' ', slices.slice, slices.row_count, batches.sha256, batches.stored_at),
                ' ' ORDER BY slices.slice
            ) AS said
        FROM active_slices AS slices
        JOIN vault.batches AS batches
            ON batches.batch = slices.batch
        WHERE slices.row_count > 0
        GROUP BY
            slices.extract,
            slices.period
        ORDER BY
            slices.extract,
            slices.period
    """
    for extract, period, said in engine.rows(connection, sql):
        if extract in found:
            found[extract][period] = _hashed([said])
    return found


def _file_rows(connection: engine.Connection, family: tuple[Indicator, ...]) -> dict[str, str]:
    """Per period, a print of the members' own counts of this family."""
    named = ", ".join(sorted(column.name for column in delivered_counts.EXTRACT.columns))
    found = engine.rows(
        connection,
        f"SELECT period, count(*), sum(hash({named})::HUGEINT) FROM aggregated_counts"
        " WHERE population = ? AND period_kind = ? GROUP BY period ORDER BY period",
        [family[0].population, family[0].period_kind],
    )
    prints: dict[str, str] = {}
    for label, size, content in found:
        period = parse_period(label, family[0].period_kind).label
        prints[period] = f"{prints.get(period, '')} {size} {content}"
    return prints


def _label(extract: str, catalogue: Catalogue, period: str, kind: str, later: int) -> str:
    """The label that slices of an extract have for a period of a family, so many school years later."""
    if catalogue.extracts[extract].period_kind == kind == "term":
        return period
    year = parse_period(period, kind).school_year
    return school_year_label(int(year[:4]) + 1 + later)


def _hashed(parts: list[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _code() -> str:
    """A print of the code that turns statements into counts, and of the database that runs them."""
    files = (Path(str(each.__file__)).read_bytes() for each in (counting, delivered_counts, family_query))
    return hashlib.sha256(b"".join(files)).hexdigest() + engine.version()


def _read(folder: Path, population: str) -> Kept | None:
    path = folder / f"{population}.json"
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    parts = {name: pd.read_parquet(folder / f"{population}.{name}.{said['made']}.parquet") for name in TABLES}
    return Kept(parts=Parts(**parts), prints=said["prints"])


def _keep(folder: Path, population: str, kept: Kept) -> None:
    """Write beside what stands, then point at it: a kill leaves the earlier counts or the new ones, never a mixture."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _hashed(list(kept.prints.values()))[:16]
    for name in TABLES:
        getattr(kept.parts, name).to_parquet(folder / f"{population}.{name}.{made}.parquet")
    making = folder / f".{population}.making"
    making.write_text(json.dumps({"made": made, "prints": kept.prints}), encoding="utf-8")
    making.replace(folder / f"{population}.json")
    for old in folder.glob(f"{population}.*.parquet"):
        if old.name.split(".")[-2] != made:
            old.unlink()
