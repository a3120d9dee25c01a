"""Runs the checks between deliveries on a connection to the vault: the sender's own rows, and counts of others'.

What the sender's own rows show is told with row numbers of the file. What only others' rows show is a number of pupils
in whole fives, and nothing below five.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.declare import Extract
from metrics.engine import Connection
from metrics.intake.checks.across import ACROSS_CHECKS, AcrossCheck
from metrics.intake.findings import FIRST_ROWS, Staged
from metrics.vault.batches import Slice, slice_columns
from metrics.vault.storing import key_pseudonyms

FEWEST_FROM_OTHERS = 5
"""Counts that depend on another organisation's rows are told in steps of this size, and not at all below it."""

MOST_ROWS = 2_000_000
"""A larger file is not compared row by row."""


@dataclass(frozen=True, kw_only=True)
class Crossing:
    """What one check found: rows of the file that the sender's own rows show, and pupils that only others' show."""

    code: str
    rows: tuple[int, ...] = ()
    total: int = 0
    others: int = 0


def in_fives(count: int) -> int:
    """The count rounded down so that no single pupil shows in it."""
    return count - count % FEWEST_FROM_OTHERS


def crossings(
    connection: Connection, staged: Staged, catalogue: Catalogue, *, sender: str, covered: Iterable[Slice]
) -> tuple[Crossing, ...]:
    """What the checks of the file's kind find; `connection` is the vault's, with a view per extract.

    What the file would replace (`covered`: its periods and units, of the same source system) is left out.
    """
    extract = staged.extract
    checks = [check for check in ACROSS_CHECKS.values() if extract is not None and check.delivered == extract.name]
    if extract is None or not checks or not arrive(connection, staged, extract, _needed(checks, extract)):
        return ()
    cover(connection, covered)
    found = []
    for check in checks:
        _stand(connection, check, catalogue, sender, staged.coverage.source_system)
        if (crossing := _found(connection, check)) is not None:
            found.append(crossing)
    return tuple(found)


def person_column(extract: Extract) -> str:
    """The column with the extract's pseudonym."""
    return next(column.name for column in extract.columns if column.kind == "pseudonym")


def _needed(checks: Iterable[AcrossCheck], extract: Extract) -> list[str]:
    """The columns of the file that the checks look at, and those that its own rows need to stand among the others."""
    own = [each for check in checks if extract.name in check.reads for each in check.standing_columns]
    return list(dict.fromkeys([*(name for check in checks for name in check.columns), *own]))


def arrive(connection: Connection, staged: Staged, extract: Extract, names: Sequence[str]) -> bool:
    """TEMP table `arrivals`: row_number, pupil and these columns of the file; False when the file is too large.

    The pupil is the vault's number for it, below zero for one that it does not know.
    """
    person = person_column(extract)
    sql = (
        f"SELECT row_number, {person}, {', '.join(names)} FROM staged WHERE {person} IS NOT NULL LIMIT {MOST_ROWS + 1}"
    )
    rows = engine.frame(staged.connection, sql)
    if len(rows) > MOST_ROWS:
        return False
    typed = ", ".join(f"CAST({name} AS {engine.SQL_TYPES[extract.column(name).kind]}) AS {name}" for name in names)
    with engine.registered(connection, "delivered_now", rows):
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE delivered AS
            SELECT row_number, CAST({person} AS VARCHAR) AS pseudonym, {typed} FROM delivered_now"""
        )
    key_pseudonyms(connection, "SELECT DISTINCT pseudonym FROM delivered", str(extract.space))
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE arrivals AS
        WITH people AS (
            SELECT
                keyed.pseudonym,
                coalesce(known.pupil, -row_number() OVER ()) AS {person}
            FROM keyed
            LEFT JOIN vault.pupils AS known
                ON known.space = ?
                AND known.keyed = keyed.keyed
        )
        SELECT
            delivered.row_number,
            people.{person},
            {", ".join(f"delivered.{name}" for name in names)}
        FROM delivered
        JOIN people
            ON people.pseudonym = delivered.pseudonym
        """,
        [extract.space],
    )
    return True


def cover(connection: Connection, covered: Iterable[Slice]) -> None:
    """TEMP table `replaced`: the periods and units that the file takes the place of."""
    connection.execute("CREATE OR REPLACE TEMP TABLE replaced (period VARCHAR, unit VARCHAR)")
    if rows := [list(each) for each in covered]:
        connection.executemany("INSERT INTO replaced VALUES (?, ?)", rows)


def is_replaced(extract: Extract) -> str:
    """SQL: whether a row `stored` of `batches` goes when the file comes; its parameters are sender and source system."""
    period, unit = slice_columns(extract, "stored")
    return f"""(
            stored.sender = ?
            AND batches.source_system = ?
            AND ({period}, {unit}) IN (SELECT (period, unit) FROM replaced)
        )"""


def _stand(connection: Connection, check: AcrossCheck, catalogue: Catalogue, sender: str, system: str) -> None:
    """TEMP table `stands_all` of what stands of the file's pupils in the kinds the check reads; `stands_own` is the sender's."""
    person = person_column(catalogue.extracts[check.delivered])
    parts = [_standing(catalogue.extracts[name], check, person) for name in check.reads]
    if check.delivered in check.reads:
        parts.append(f"SELECT {person}, TRUE AS own, {', '.join(check.standing_columns)} FROM arrivals")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE stands_all AS {' UNION ALL '.join(parts)}",
        [value for name in check.reads for value in _values(name, check, sender, system)],
    )
    connection.execute("CREATE OR REPLACE TEMP VIEW stands_own AS SELECT * EXCLUDE (own) FROM stands_all WHERE own")


def _values(name: str, check: AcrossCheck, sender: str, system: str) -> list[str]:
    return [sender, sender, system] if name == check.delivered else [sender]


def _standing(extract: Extract, check: AcrossCheck, person: str) -> str:
    """The standing rows of the file's pupils, without those that the file would replace."""
    columns = ", ".join(f"stored.{name}" for name in check.standing_columns)
    select = f"""SELECT stored.{person_column(extract)} AS {person}, stored.sender = ? AS own, {columns}
        FROM {extract.name} AS stored
        SEMI JOIN arrivals
            ON arrivals.{person} = stored.{person_column(extract)}"""
    if extract.name != check.delivered:
        return select
    return f"""{select}
        JOIN vault.batches AS batches
            ON batches.batch = stored.batch
        WHERE NOT {is_replaced(extract)}"""


def _found(connection: Connection, check: AcrossCheck) -> Crossing | None:
    own, everything = (check.sql.format(new="arrivals", old=name) for name in ("stands_own", "stands_all"))
    sql = f"SELECT count(DISTINCT row_number), min(row_number, {FIRST_ROWS}) FROM ({own})"
    [(total, first)] = engine.rows(connection, sql)
    sql = f"SELECT count(DISTINCT pupil) FROM ({everything}) WHERE pupil NOT IN (SELECT pupil FROM ({own}))"
    [(others,)] = engine.rows(connection, sql)
    if not total and not in_fives(others):
        return None
    return Crossing(code=check.code, rows=tuple(first or ()), total=total, others=in_fives(others))
