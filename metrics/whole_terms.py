"""Attendance per pupil and term made without adding up what is delivered whole: nearly every pupil then has one row a term.

The cohort's own statement is the definition, and reads every row added up by unit. Adding up rows that stand alone is most
of the work where whole terms are delivered; here they are read as they are, and only the others are added up.
"""

from __future__ import annotations

from metrics import engine
from metrics.catalogue import Catalogue

COHORT, DELIVERED, EXTRACT = "attendance_terms", "attendance_by_unit", "attendance"
"""What is made; what it reads, delivered time by unit; and what that reads."""
ALONE, PARTS = "attendance_whole", "attendance_in_parts"
"""Rows that stand alone in a term, and the terms that have several."""
STATEMENTS = (ALONE, PARTS)
"""The cohorts read here that the cohort's own statement does not name."""


def are_whole(connection: engine.Connection) -> bool:
    """Whether most rows are of more than a month: then few pupils have several in a term."""
    found = engine.rows(
        connection, f"SELECT 2 * count(*) FILTER (WHERE end_date - start_date >= 32) > count(*) FROM {EXTRACT}"
    )
    return bool(found[0][0])


def build(connection: engine.Connection, catalogue: Catalogue) -> None:
    """Create the cohort's table, where those that it reads apart from DELIVERED are there: the rows of its statement."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {PARTS} AS {catalogue.cohorts[PARTS]}")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE rows_in_parts AS
        SELECT given.*
        FROM {EXTRACT} AS given
        SEMI JOIN {PARTS} AS parts
            ON parts.pupil = given.pupil
            AND parts.term = year(given.start_date) * 2 + CASE WHEN month(given.start_date) >= 7 THEN 1 ELSE 0 END
    """)
    rows = f"WITH {EXTRACT} AS (SELECT * FROM rows_in_parts)"
    added_up = f"{rows} SELECT * FROM ({catalogue.cohorts[DELIVERED]}\n) AS made"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE parts_added_up AS {added_up}")
    delivered = f"SELECT * FROM ({catalogue.cohorts[ALONE]}\n) AS alone UNION ALL SELECT * FROM parts_added_up"
    made = f"WITH {DELIVERED} AS ({delivered}) SELECT * FROM ({catalogue.cohorts[COHORT]}\n) AS made"
    connection.execute(f"CREATE TEMP TABLE {COHORT} AS {made}")
    for name in (PARTS, "rows_in_parts", "parts_added_up"):
        connection.execute(f"DROP TABLE temp.{name}")
