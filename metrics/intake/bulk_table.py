"""A large file as the table `bulk`: read and typed at once by DuckDB, its odd lines apart, and shown as `staged`.

DuckDB's row numbers become the file's line numbers here. What DuckDB cannot read as it should is UnusualError: the file
is then read row by row.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from metrics import engine
from metrics.declare import Column
from metrics.engine import Connection
from metrics.intake.cells import FLAGS, Wrong, read_cell
from metrics.intake.findings import FIRST_ROWS
from metrics.intake.identifier_scan import IdentifierScan
from metrics.intake.notes import Notes
from metrics.intake.staging import Filler, create_table
from metrics.intake.tables import Table
from metrics.intake.wholes import one_value_code

MOST_ODD_ROWS = 200_000
MOST_DISTINCT = 300_000
CHUNK = 256 * 2**10
STEP = 1000
FIRST = 2048
TYPED = {"decimal": "DOUBLE", "integer": "DOUBLE", "date": "DATE"}
KEPT_AS_WRITTEN = ("pseudonym", "school_unit", "municipality", "school_year", "text", "date", "integer", "decimal")
"""Kinds of column whose cells are equal in the file exactly when they are equal as stored."""
TAKEN_ONE_BY_ONE = ("UNQUOTED VALUE", "INVALID ENCODING", "LINE SIZE OVER MAXIMUM", "INVALID STATE")


class UnusualError(Exception):
    """The file needs the row-by-row reading."""


def hash_of(path: Path) -> str:
    """The file's SHA-256, read in chunks; UnusualError when a number may have been written with E+."""
    digest, last, buffer = hashlib.sha256(), b"", bytearray(CHUNK)
    view = memoryview(buffer)
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(view):
            digest.update(view[:size])
            if buffer.find(b"+", 0, size) >= 0 and re.search(rb"[Ee]\+", last + buffer[:size]):
                raise UnusualError
            last = bytes(buffer[size - 1 : size])
    return digest.hexdigest()


def lines_in(path: Path) -> int:
    """How many lines the file has, a last one without line break counted."""
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            lines += chunk.count(b"\n")
            last = chunk
    return lines + (not last.endswith(b"\n"))


class BulkTable:
    """The file's rows as `bulk` (columns c0, c1 ... as in the file) on a connection, and where they stand in the file."""

    def __init__(self, path: Path, table: Table, connection: Connection) -> None:
        self.table, self.connection = table, connection
        self._path = path
        self._first_line = (table.header_row or 0) + 1
        self._odd_lines: list[int] = []
        self._shifts: list[int] = []
        self._hidden: dict[int, str] = {}

    def read(self) -> None:
        """Read the whole file; UnusualError when DuckDB cannot."""
        types = [self._read_type(column) for column in self.table.match.columns]
        columns = ", ".join(f"'c{place}': '{engine.quote_text(each)}'" for place, each in enumerate(types))
        self.connection.execute("DROP TABLE IF EXISTS bulk")
        for rejects in ("bulk_scans", "bulk_rejects"):
            self.connection.execute(f"DROP TABLE IF EXISTS {rejects}")
        try:
            self.connection.execute(
                f"""CREATE TEMP TABLE bulk AS SELECT *{self._hashed_keys()} FROM read_csv(
                '{engine.quote_text(str(self._path))}',
                auto_detect = false, header = false, skip = {self._first_line - 1}, columns = {{{columns}}},
                delim = '{self.table.delimiter}', quote = '"', escape = '"', nullstr = '', strict_mode = true,
                decimal_separator = '{"." if self.table.style.decimal_point else ","}', dateformat = '%Y-%m-%d',
                store_rejects = true, rejects_limit = {MOST_ODD_ROWS + 1}, rejects_scan = 'bulk_scans',
                rejects_table = 'bulk_rejects')"""
            )
        except engine.DatabaseError:
            raise UnusualError from None

    def _hashed_keys(self) -> str:
        """SQL for the key's hash as one more column, made while the cells are at hand; nothing where cells are translated."""
        delivered = {column.name: place for place, column in enumerate(self.table.match.columns) if column is not None}
        extract = self.table.extract
        kinds = {extract.column(name).kind for name in extract.key if name in delivered}
        if not kinds or not kinds <= set(KEPT_AS_WRITTEN):
            return ""
        return f", hash({', '.join(f'c{delivered[name]}' for name in extract.key if name in delivered)}) AS key_hash"

    @property
    def keys(self) -> str:
        """SQL for one hash per row, equal where the key is; empty when none was made."""
        return "SELECT key_hash FROM bulk" if self._hashed_keys() else ""

    def varied(self) -> frozenset[str]:
        """Of the columns that may not have one value only, those in which the first rows have more."""
        columns = enumerate(self.table.match.columns)
        named = [(place, column) for place, column in columns if column and one_value_code(column, self.table.extract)]
        if not named:
            return frozenset()
        counts = ", ".join(f"count(DISTINCT {_stored(column, place)})" for place, column in named)
        [found] = engine.rows(self.connection, f"SELECT {counts} FROM bulk WHERE rowid < {FIRST}")
        return frozenset(column.name for (_, column), count in zip(named, found, strict=True) if count > 1)

    @property
    def hides(self) -> bool:
        """Whether cells that are wrong are kept out of `staged`."""
        return bool(self._hidden)

    def _read_type(self, column: Column | None) -> str:
        if column is None:
            return "VARCHAR"
        forms = written(column)
        if forms:
            return "ENUM(" + ", ".join(f"'{engine.quote_text(each)}'" for each in forms) + ")"
        return TYPED.get(column.kind, "VARCHAR")

    def odd_rows(self, notes: Notes, scan: IdentifierScan) -> int:
        """The lines DuckDB could not type, read one by one into `bulk_odd`; how many of them are rows."""
        sql = "SELECT DISTINCT line, csv_line, error_type FROM bulk_rejects ORDER BY line"
        rejects = engine.rows(self.connection, sql)
        if len(rejects) > MOST_ODD_ROWS or any(kind in TAKEN_ONE_BY_ONE for _, _, kind in rejects):
            raise UnusualError
        lines = {int(line): text for line, text, _ in rejects}
        self._odd_lines = sorted(lines)
        self._shifts = [line - self._first_line - place for place, line in enumerate(self._odd_lines)]
        create_table(self.connection, self.table.extract, "bulk_odd")
        rows = [(line, _cells(lines[line], self.table.delimiter)) for line in self._odd_lines]
        filler = Filler(replace(self.table, rows=rows), self.connection, notes, "bulk_odd", scan)
        filler.read_all()
        return filler.row_count

    def has_one_line_per_row(self, total: int) -> bool:
        """False when blank lines or line breaks inside cells make the row numbers wrong."""
        return total + len(self._odd_lines) + self._first_line - 1 == lines_in(self._path)

    def summaries(self) -> tuple[int, list[tuple[int, Any, Any]]]:
        """Number of rows, and per column how many cells are filled, and the smallest and largest of numbers and dates.

        DuckDB keeps these while it reads; the cells are looked at again only where it does not say.
        """
        total = int(engine.rows(self.connection, "SELECT count(*) FROM bulk")[0][0])
        known = self._kept_statistics() if total else []
        if len(known) == len(self.table.match.columns):
            return total, [(total, low, high) for low, high in known]
        parts = []
        for place, column in enumerate(self.table.match.columns):
            ranged = column is not None and column.kind in TYPED
            parts += [f"count(c{place})", *(f"{end}(c{place})" if ranged else "NULL" for end in ("min", "max"))]
        [found] = engine.rows(self.connection, f"SELECT {', '.join(parts)} FROM bulk")
        return total, [(found[at], found[at + 1], found[at + 2]) for at in range(0, len(found), 3)]

    def _kept_statistics(self) -> list[tuple[Any, Any]]:
        """Smallest and largest per column as DuckDB knows them; shorter than the columns when one has empty cells."""
        names = ", ".join(f"stats(c{place})" for place in range(len(self.table.match.columns)))
        [said] = engine.rows(self.connection, f"SELECT {names} FROM bulk LIMIT 1")
        known: list[tuple[Any, Any]] = []
        for text, column in zip(said, self.table.match.columns, strict=True):
            ranged = column is not None and column.kind in TYPED
            bounds = _bounds(str(text), "date" if column is not None and column.kind == "date" else "number")
            if "[Has Null: false" not in str(text) or (ranged and bounds is None):
                break
            known.append(bounds if ranged and bounds is not None else (None, None))
        return known

    def _line(self, row: int) -> int:
        """The file's line number of a row in `bulk`, counting the odd lines that were taken out before it."""
        return row + self._first_line + bisect_right(self._shifts, row)

    def rows_where(self, condition: str) -> tuple[list[int], int]:
        """The file's first lines where the condition on `bulk` is true, and how many there are."""
        sql = f"SELECT count(*), min(rowid, {FIRST_ROWS}) FROM bulk WHERE {condition}"
        total, first = engine.rows(self.connection, sql)[0]
        return [self._line(row) for row in first or ()], total

    def groups(self, place: int, cells: Sequence[str]) -> list[tuple[str, int, list[int]]]:
        """Each of these texts with how many rows have it and the first of them."""
        name = f"c{place}"
        sql = f"""SELECT {name}, count(*), min(rowid, {FIRST_ROWS}) FROM bulk
            WHERE {name} IN (SELECT unnest(?)) GROUP BY {name}"""
        groups = engine.rows(self.connection, sql, [list(cells)])
        return [(cell, count, [self._line(row) for row in found]) for cell, count, found in groups]

    def hide(self, place: int, condition: str) -> None:
        """Keep cells that are wrong out of `staged`, as empty."""
        earlier = self._hidden.get(place)
        self._hidden[place] = f"{earlier} OR {condition}" if earlier else condition

    def make_view(self, odd: int) -> None:
        """`staged` as a view: codes as stored, whole numbers as such, columns that were not delivered as NULL."""
        delivered = {column.name: place for place, column in enumerate(self.table.match.columns) if column is not None}
        cells = [self._shown(column, delivered.get(column.name)) for column in self.table.extract.columns]
        rows = f"SELECT rowid + {self._first_line} AS row_number, {', '.join(cells)} FROM bulk"
        if odd or self._odd_lines:
            rows = self._with_odd(cells)
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {rows}")

    def _shown(self, column: Column, place: int | None) -> str:
        kind = engine.SQL_TYPES[column.kind]
        if place is None:
            return f'CAST(NULL AS {kind}) AS "{column.name}"'
        cell = _stored(column, place)
        if hidden := self._hidden.get(place):
            cell = f"CASE WHEN {hidden} THEN NULL ELSE {cell} END"
        return f'CAST({cell} AS {kind}) AS "{column.name}"'

    def _with_odd(self, cells: Sequence[str]) -> str:
        """The view's SQL when odd lines were taken out: later rows are that many lines further down.

        How many is looked up by thousands of rows, with the few places inside the thousand where it grows.
        """
        last = engine.rows(self.connection, "SELECT count(*) FROM bulk")[0][0]
        starts = range(0, last + STEP, STEP)
        ends = [bisect_left(self._shifts, start) for start in (*starts, starts[-1] + STEP)]
        steps = {
            "step": list(range(len(starts))),
            "lines": ends[:-1],
            "inside": [self._shifts[low:high] for low, high in itertools.pairwise(ends)],
        }
        schema = pa.schema([("step", pa.int64()), ("lines", pa.int64()), ("inside", pa.list_(pa.int64()))])
        with engine.registered(self.connection, "bulk_steps", pa.table(steps, schema=schema)):
            sql = "CREATE OR REPLACE TEMP TABLE bulk_shift AS SELECT step, lines, inside FROM bulk_steps"
            self.connection.execute(sql)
        inside = "len(list_filter(inside, LAMBDA place: place <= bulk.rowid))"
        return f"""SELECT bulk.rowid + {self._first_line} + lines + {inside} AS row_number, {", ".join(cells)}
            FROM bulk JOIN bulk_shift ON bulk.rowid // {STEP} = step
            UNION ALL BY NAME SELECT * FROM bulk_odd"""


def _bounds(statistics: str, kind: str) -> tuple[Any, Any] | None:
    """Smallest and largest out of DuckDB's statistics of a column, "[Min: 3, Max: 5]..."; None when it does not tell."""
    found = re.match(r"\[Min: (\S+), Max: ([^\s\]]+)\]", statistics)
    if found is None:
        return None
    try:
        low, high = (date.fromisoformat(each) if kind == "date" else float(each) for each in found.groups())
    except ValueError:
        return None
    return low, high


def _cells(line: str, delimiter: str) -> list[str]:
    """The cells of one line that DuckDB took out; UnusualError when it is not a line by itself."""
    try:
        rows = list(csv.reader([line.rstrip("\r\n")], delimiter=delimiter, strict=True))
    except csv.Error:
        raise UnusualError from None
    if len(rows) != 1:
        raise UnusualError
    return rows[0]


def written(column: Column) -> list[str]:
    """Every writing of a code or flag that is read at once; others are read one by one."""
    codes: Mapping[str, object] = FLAGS if column.kind == "flag" else column.codes or {}
    if column.kind not in ("code", "flag"):
        return []
    plain = [*codes, *(str(code) for code in codes.values() if isinstance(code, str))]
    variants = (form for each in plain for form in (each, each.capitalize(), each.upper()))
    return [form for form in dict.fromkeys(variants) if not isinstance(read_cell(column, form), Wrong)]


def _stored(column: Column, place: int) -> str:
    """SQL for a cell as it is stored: codes and flags translated, others as they are."""
    forms = written(column)
    if not forms:
        return f"c{place}"
    cases = " ".join(f"WHEN '{engine.quote_text(each)}' THEN {_literal(read_cell(column, each))}" for each in forms)
    return f"CASE c{place} {cases} END"


def _literal(value: object) -> str:
    return str(value) if isinstance(value, bool) else f"'{engine.quote_text(str(value))}'"
