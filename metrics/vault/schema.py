"""What lies in the vault's file, and the views that say which rows count."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from metrics import engine
from metrics.declare import Extract

TABLES = """
CREATE TABLE IF NOT EXISTS vault.meta (name VARCHAR PRIMARY KEY, content BLOB);
CREATE TABLE IF NOT EXISTS vault.batches (
    batch INTEGER PRIMARY KEY,
    extract VARCHAR NOT NULL,
    sender VARCHAR NOT NULL,
    source_system VARCHAR NOT NULL,
    mode VARCHAR NOT NULL,
    stored_at TIMESTAMP NOT NULL,
    principal VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    encoding VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    findings VARCHAR NOT NULL,
    reasons VARCHAR NOT NULL,
    example BOOLEAN NOT NULL,
    undone_at TIMESTAMP,
    undone_by VARCHAR,
    undone_reason VARCHAR
);
CREATE TABLE IF NOT EXISTS vault.slices (
    slice INTEGER PRIMARY KEY,
    batch INTEGER NOT NULL,
    period VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    row_count BIGINT NOT NULL,
    erased_at TIMESTAMP
);
CREATE TABLE IF NOT EXISTS vault.pupils (pupil INTEGER PRIMARY KEY, space VARCHAR NOT NULL, keyed VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS vault.log (
    entry INTEGER PRIMARY KEY,
    moment TIMESTAMP NOT NULL,
    subject VARCHAR NOT NULL,
    act VARCHAR NOT NULL,
    object VARCHAR NOT NULL,
    detail VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS vault.mappings (
    sender VARCHAR NOT NULL,
    extract VARCHAR NOT NULL,
    heading VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    PRIMARY KEY (sender, extract, heading)
);
"""
BASE_TABLES = ("meta", "batches", "slices", "pupils", "log", "mappings")

VIEWS = """
CREATE OR REPLACE TEMP VIEW standing AS
SELECT
    slices.slice,
    slices.batch,
    slices.period,
    slices.unit,
    slices.row_count,
    batches.extract,
    batches.sender,
    batches.source_system,
    batches.mode,
    batches.stored_at
FROM vault.slices AS slices
JOIN vault.batches AS batches
    ON batches.batch = slices.batch
WHERE batches.undone_at IS NULL AND slices.erased_at IS NULL;
CREATE OR REPLACE TEMP VIEW active AS
WITH newest AS (
    SELECT
        extract,
        sender,
        source_system,
        period,
        unit,
        max(batch) AS batch
    FROM standing
    WHERE mode = 'replace'
    GROUP BY
        extract,
        sender,
        source_system,
        period,
        unit
)
SELECT
    standing.slice,
    standing.batch,
    standing.period,
    standing.unit,
    standing.row_count,
    standing.extract,
    standing.sender,
    standing.source_system
FROM standing
LEFT JOIN newest
    ON newest.extract = standing.extract
    AND newest.sender = standing.sender
    AND newest.source_system = standing.source_system
    AND newest.period = standing.period
    AND newest.unit = standing.unit
WHERE newest.batch IS NULL OR standing.batch >= newest.batch;
"""
"""Views of the connection, not of the file. standing: every slice of a batch that is not undone. active: the newest
standing replacement of each (extract, sender, source system, period, unit) and what was added after it."""

NO_JOIN = """
CREATE TEMP TABLE declared_join (pupil INTEGER, child INTEGER);
CREATE TEMP TABLE joined_members (municipality VARCHAR);
"""
"""Pairs of a school pupil and a child in social services, and the members (codes) they are declared for: empty until a
join is declared and in force (vault.joins)."""


def create(connection: engine.Connection) -> None:
    """The tables and the first pepper, in one transaction; nothing happens where they already are."""
    with engine.transaction(connection):
        connection.execute(TABLES)
        connection.execute(
            "INSERT INTO vault.meta SELECT 'pepper_1', ?"
            " WHERE NOT EXISTS (SELECT name FROM vault.meta WHERE name = 'pepper_1')",
            [secrets.token_bytes(32)],
        )


def create_rows(connection: engine.Connection, extracts: Iterable[Extract]) -> None:
    """A table per extract, and a column per declared column; only what is missing is written."""
    tables = table_columns(connection, "vault")
    missing = [sql for extract in extracts for sql in _missing(extract, tables.get(f"rows_{extract.name}", {}))]
    if missing:
        with engine.transaction(connection):
            connection.execute(";\n".join(missing))


def _missing(extract: Extract, there: Mapping[str, str]) -> list[str]:
    columns = [f"{name} {kind}" for name, kind in declared_columns(extract) if name not in there]
    if not there:
        named = ", ".join(["slice INTEGER", "row_number BIGINT", *columns])
        return [f"CREATE TABLE vault.rows_{extract.name} ({named})"]
    return [f"ALTER TABLE vault.rows_{extract.name} ADD COLUMN {column}" for column in columns]


def declared_columns(extract: Extract) -> list[tuple[str, str]]:
    """Name and stored type of each column: a pseudonym is an INTEGER here."""
    return [
        (column.name, "INTEGER" if column.kind == "pseudonym" else engine.SQL_TYPES[column.kind])
        for column in extract.columns
    ]


def pseudonyms(extract: Extract) -> list[str]:
    """The columns of the extract that hold pseudonyms."""
    return [column.name for column in extract.columns if column.kind == "pseudonym"]


def spaces(extract: Extract) -> dict[str, list[str]]:
    """Per pseudonym space, the columns of the extract whose pseudonyms lie in it."""
    found: dict[str, list[str]] = {}
    for name in pseudonyms(extract):
        found.setdefault(extract.column(name).space or str(extract.space), []).append(name)
    return found


def table_columns(connection: engine.Connection, database: str) -> dict[str, dict[str, str]]:
    """Every table of an attached database: its columns and their types, in order."""
    found = engine.rows(
        connection,
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = ? AND NOT internal"
        " AND table_name IN (SELECT table_name FROM duckdb_tables() WHERE database_name = ?)"
        " ORDER BY table_name, column_index",
        [database, database],
    )
    tables: dict[str, dict[str, str]] = {}
    for table, column, kind in found:
        tables.setdefault(table, {})[column] = kind
    return tables


def row_tables(connection: engine.Connection, database: str) -> dict[str, dict[str, str]]:
    """The tables of extracts in an attached database, also of extracts that are no longer declared."""
    found = table_columns(connection, database)
    return {table: columns for table, columns in found.items() if table not in BASE_TABLES}


def pupil_columns(columns: Mapping[str, str]) -> list[str]:
    """The columns of an extract's stored table that hold pupils: its only INTEGER columns beside the slice."""
    return [name for name, kind in columns.items() if kind == "INTEGER" and name != "slice"]


def create_views(connection: engine.Connection, extracts: Iterable[Extract]) -> None:
    """What compute reads: a view per extract with the rows that count, beside an empty `declared_join`."""
    connection.execute(VIEWS)
    connection.execute(
        "CREATE TEMP TABLE active_slices AS SELECT slice, batch, sender, extract, period, row_count FROM active"
    )
    tables = table_columns(connection, "vault")
    for extract in extracts:
        connection.execute(_extract_view(extract, tables.get(f"rows_{extract.name}", {})))
    connection.execute(NO_JOIN)


def _extract_view(extract: Extract, stored: Mapping[str, str]) -> str:
    columns = declared_columns(extract)
    if not stored:
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns)
        return f"CREATE TEMP VIEW {extract.name} AS SELECT {empty}, '' AS sender, 0 AS batch WHERE FALSE"
    named = ", ".join(
        f"stored.{name}" if name in stored else f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns
    )
    return f"""
        CREATE TEMP VIEW {extract.name} AS
        SELECT {named}, active_slices.sender, active_slices.batch
        FROM vault.rows_{extract.name} AS stored
        JOIN active_slices
            ON active_slices.slice = stored.slice
        WHERE active_slices.extract = '{extract.name}'
    """
