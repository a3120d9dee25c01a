"""Turns the small text tables of worked examples into a real in-memory DuckDB with every extract and cohort."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from metrics import catalogue, engine
from metrics.declare import Column, DeclarationError, Extract, require

JOIN_COLUMNS = {"pupil": "VARCHAR", "child": "VARCHAR"}
"""The columns of `declared_join`: the vault's table of pupils linked under a declared join, empty without one."""

FLAGS = {"true": True, "ja": True, "yes": True, "false": False, "nej": False, "no": False}


def read_table(text: str) -> list[dict[str, str | None]]:
    """Rows of a text table: headings first, cells between blanks or "|"; a lone full stop is an empty cell."""
    lines = [line for line in text.splitlines() if line.strip()]
    headings, *body = [_cells(line) for line in lines]
    for cells in body:
        require(len(cells) == len(headings), f"a row has one cell per heading {headings}", cells)
    return [dict(zip(headings, (None if cell == "." else cell for cell in cells), strict=True)) for cells in body]


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")] if "|" in line else line.split()


def database(tables: Mapping[str, str], *, reading: str | None = None) -> engine.Connection:
    """An in-memory database with a table per declared extract, filled from `tables`, and the cohorts as views.

    `reading`: only the cohorts behind this SQL; without it every cohort.
    """
    declared = catalogue.default()
    connection = engine.memory(threads=1)
    for extract in declared.extracts.values():
        _create(connection, extract, read_table(tables[extract.name]) if extract.name in tables else [])
    _create_join(connection, read_table(tables["declared_join"]) if "declared_join" in tables else [])
    unknown = tables.keys() - declared.extracts.keys() - {"declared_join"}
    require(not unknown, "an example fills declared extracts", sorted(unknown))
    for name in declared.cohorts_in_order if reading is None else declared.sources(reading):
        connection.execute(f"CREATE VIEW {name} AS {declared.cohorts[name]}")
    return connection


def fill(connection: engine.Connection, extract: Extract, rows: list[dict[str, object]]) -> None:
    """Insert typed rows into an extract's table; columns that a row lacks are NULL."""
    names = [column.name for column in extract.columns]
    table = pd.DataFrame([[row.get(name) for name in names] for row in rows], columns=names, dtype=object)
    casts = ", ".join(f"CAST({column.name} AS {engine.SQL_TYPES[column.kind]})" for column in extract.columns)
    with engine.registered(connection, "rows_to_fill", table):
        connection.execute(f"INSERT INTO {extract.name} SELECT {casts} FROM rows_to_fill")


def add(connection: engine.Connection, extract: str, table: str) -> None:
    """Insert the rows of one more text table."""
    declared = catalogue.default().extracts[extract]
    fill(connection, declared, [_typed(declared, row) for row in read_table(table)])


def _create(connection: engine.Connection, extract: Extract, rows: list[dict[str, str | None]]) -> None:
    columns = ", ".join(f"{column.name} {engine.SQL_TYPES[column.kind]}" for column in extract.columns)
    connection.execute(f"CREATE TABLE {extract.name} ({columns})")
    if rows:
        fill(connection, extract, [_typed(extract, row) for row in rows])


def _create_join(connection: engine.Connection, rows: list[dict[str, str | None]]) -> None:
    columns = ", ".join(f"{name} {kind}" for name, kind in JOIN_COLUMNS.items())
    connection.execute(f"CREATE TABLE declared_join ({columns})")
    connection.execute(
        "CREATE VIEW joined_members AS SELECT DISTINCT municipality FROM support_chain"
        " WHERE child IN (SELECT child FROM declared_join)"
    )
    for row in rows:
        connection.execute("INSERT INTO declared_join VALUES (?, ?)", [row["pupil"], row["child"]])


def _typed(extract: Extract, row: Mapping[str, str | None]) -> dict[str, object]:
    columns = [_column(extract, heading) for heading in row]
    return {column.name: _value(column, cell) for column, cell in zip(columns, row.values(), strict=True)}


def _column(extract: Extract, heading: str) -> Column:
    for column in extract.columns:
        if heading in (column.name, column.title):
            return column
    raise DeclarationError(f"a heading of {extract.name} is a column's name or title, got: {heading!r}")


def _value(column: Column, cell: str | None) -> object:
    if cell is None:
        return None
    if column.kind == "flag":
        return FLAGS[cell.lower()]
    if column.kind == "date":
        return date.fromisoformat(cell)
    if column.codes is not None and cell not in column.codes.values():
        return column.codes[cell.lower()]
    return cell
