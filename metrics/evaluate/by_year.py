"""Attendance per pupil and term made a school year at a time, so that evaluating does not take the memory of all its rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.cohort_tables import build_cohorts

MANY_ROWS = 200_000
"""Delivered rows below which all are read at once: that is quicker, and takes little."""
COHORT, DELIVERED, EXTRACT = "attendance_terms", "attendance_by_unit", "attendance"
"""What is made; what it adds up first, which no year shares with another; and what that reads."""


def build_by_year(connection: engine.Connection, catalogue: Catalogue, sql: str) -> Catalogue:
    """Make the cohort that `sql` reads, where that is attendance of many rows: the rows that build_cohorts makes.

    Returns the catalogue to read `sql` with: one for which the cohort needs nothing more. A row belongs to the term it
    starts in, and a term to one school year.
    """
    if COHORT not in catalogue.sources(sql):
        return catalogue
    made = _made(connection)
    if DELIVERED in made or not (COHORT in made or _are_many(connection)):
        return catalogue
    if COHORT not in made:
        _build(connection, catalogue)
    alone = f"-- One row per pupil and term, made before.\nSELECT * FROM temp.{COHORT}"
    return replace(catalogue, cohorts={**catalogue.cohorts, COHORT: alone})


def _build(connection: engine.Connection, catalogue: Catalogue) -> None:
    build_cohorts(
        connection, catalogue, [name for name in catalogue.sources(COHORT) if name not in (COHORT, DELIVERED)]
    )
    for place, spring in enumerate(_springs(connection)):
        connection.execute(_year_of_delivered(catalogue, spring))
        put = f"INSERT INTO temp.{COHORT}" if place else f"CREATE TEMP TABLE {COHORT} AS"
        connection.execute(f"{put} {catalogue.cohorts[COHORT]}")
    connection.execute(f"DROP TABLE temp.{DELIVERED}")


def _made(connection: engine.Connection) -> set[str]:
    """Which of the two are there already: a reading connection keeps a table for each cohort that was needed on it."""
    sql = "SELECT table_name FROM duckdb_tables() WHERE temporary AND table_name IN (?, ?)"
    return {name for (name,) in engine.rows(connection, sql, [COHORT, DELIVERED])}


def _are_many(connection: engine.Connection) -> bool:
    return bool(engine.rows(connection, f"SELECT count(*) FROM {EXTRACT}")[0][0] > MANY_ROWS)


def _springs(connection: engine.Connection) -> list[int]:
    """The springs of the school years that rows start in."""
    found = engine.rows(
        connection,
        f"""
        SELECT DISTINCT year(start_date) + CASE WHEN month(start_date) >= 7 THEN 1 ELSE 0 END AS spring
        FROM {EXTRACT}
        WHERE start_date IS NOT NULL
        ORDER BY spring
        """,
    )
    return [int(spring) for (spring,) in found]


def _year_of_delivered(catalogue: Catalogue, spring: int) -> str:
    """The statement that makes DELIVERED of the rows that start in one school year."""
    first, end = date(spring - 1, 7, 1), date(spring, 7, 1)
    year = f"SELECT * FROM temp.{EXTRACT} WHERE start_date >= DATE '{first}' AND start_date < DATE '{end}'"
    made = f"WITH {EXTRACT} AS ({year}) SELECT * FROM ({catalogue.cohorts[DELIVERED]}\n) AS made"
    return f"CREATE OR REPLACE TEMP TABLE {DELIVERED} AS {made}"
