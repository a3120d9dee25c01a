"""Cohorts as temporary tables of a connection: each built once, in the order they depend, and what is known of a table."""

from __future__ import annotations

from collections.abc import Iterable

from metrics import engine, whole_terms
from metrics.catalogue import Catalogue
from metrics.family_query import repeated_sql

PARTS = {whole_terms.COHORT: whole_terms.DELIVERED}
"""A large cohort, and the one that it alone reads: a table of that goes when it has been read. As a table DuckDB knows how
many rows it has, and looks a term's school up among the schools; within one statement it turned that join around."""


def build_cohorts(connection: engine.Connection, catalogue: Catalogue, wanted: Iterable[str]) -> None:
    """Create the cohorts that the SQL texts in `wanted` read, each once as a table, in the order they depend."""
    said = " ".join(wanted)
    passing = {name: part for name, part in PARTS.items() if part not in said}
    needed = [name for name in catalogue.sources(said) if name not in passing.values()]
    there = _tables(connection) if needed else set()
    for name in needed:
        if name in there:
            continue
        if name not in passing:
            connection.execute(f"CREATE TEMP TABLE {name} AS {catalogue.cohorts[name]}")
        elif whole_terms.are_whole(connection):
            whole_terms.build(connection, catalogue)
        else:
            _build_with(connection, catalogue, name, passing[name])


def _tables(connection: engine.Connection) -> set[str]:
    return {name for (name,) in engine.rows(connection, "SELECT table_name FROM duckdb_tables() WHERE temporary")}


def _build_with(connection: engine.Connection, catalogue: Catalogue, name: str, part: str) -> None:
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {part} AS {catalogue.cohorts[part]}")
    connection.execute(f"CREATE TEMP TABLE {name} AS {catalogue.cohorts[name]}")
    connection.execute(f"DROP TABLE temp.{part}")


def standing_once(connection: engine.Connection, cohort: str) -> int | None:
    """How many rows the cohort's table has; None where a pupil has several in a period. Found once per table: the table's
    own comment says it, and goes with the table."""
    told = engine.rows(
        connection,
        "SELECT comment FROM duckdb_tables() WHERE table_name = ? AND temporary AND comment IS NOT NULL",
        [cohort],
    )
    if told:
        number, repeated = map(int, told[0][0].split())
    else:
        number, repeated = engine.rows(connection, repeated_sql(cohort))[0]
        connection.execute(f"COMMENT ON TABLE temp.{cohort} IS '{number} {repeated}'")
    return None if repeated else number
