"""Large files from disk: typed at once by DuckDB, checked as sets, and only the odd rows looked at one by one.

The answer is the same as for a small file: what DuckDB cannot type goes line by line through `cells`, and a file whose
shape is unusual is read row by row from its first. Memory stays bounded; what does not fit is spilled encrypted.
"""

from __future__ import annotations

import csv
import hashlib
import itertools
import re
import secrets
import shutil
import tempfile
import weakref
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from metrics import engine
from metrics.declare import Column, Extract
from metrics.engine import Connection
from metrics.intake import decode, identifiers
from metrics.intake.cells import FLAGS, LONGEST_PSEUDONYM, Wrong, bound_text, date_bounds, read_cell
from metrics.intake.container import LARGEST_FILE, open_bytes
from metrics.intake.findings import FIRST_ROWS, Source, Staged
from metrics.intake.notes import Notes
from metrics.intake.staging import Filler, candidates, create_table, drop_staged, finish, is_total, stage
from metrics.intake.tables import DELIMITER_TEXT, BrokenTextError, Table, recognise, split_lines
from metrics.vocabulary import Region, current_region

HEAD = 512 * 2**10
SHORT_HEAD = 64 * 2**10
LARGE_FILE = 24 * 2**20
LARGEST_PLAIN = 1e8
ONE_BYTE_LINES = ("UTF-8", "UTF-8 med BOM", "Windows-1252")
MOST_ODD_ROWS = 200_000
MOST_DISTINCT = 300_000
CHUNK = 4 * 2**20
STEP = 1000
TYPED = {"decimal": "DOUBLE", "integer": "DOUBLE", "date": "DATE"}
TAKEN_ONE_BY_ONE = ("UNQUOTED VALUE", "INVALID ENCODING", "LINE SIZE OVER MAXIMUM", "INVALID STATE")

MAYBE_NUMBER = (
    r"^[A-Za-z]{0,4}[-_:# ]?[0-9]{6,12}([.,]0+)?[A-Za-z]{0,2}[0-9]{0,3}$"
    r"|[0-9]{4}[-+./ ][0-9 A-Za-z]|[@ ,]|[^\x21-\x7e]|[0-9][Ee]\+|^[A-Za-z-]+$|^0*$|^[=/?#.]"
)
"""Every pseudonym that may identify someone matches; most keys made at random do not, and are never looked at singly."""


class UnusualError(Exception):
    """The file needs the row-by-row reading."""


def hash_of(path: Path) -> str:
    """The file's SHA-256, read in chunks; UnusualError when a number may have been written with E+."""
    digest, last = hashlib.sha256(), b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            if b"+" in chunk and re.search(rb"[Ee]\+", last + chunk):
                raise UnusualError
            last = chunk[-1:]
    return digest.hexdigest()


def lines_in(path: Path) -> int:
    """How many lines the file has, a last one without line break counted."""
    lines, last = 0, b"\n"
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            lines += chunk.count(b"\n")
            last = chunk
    return lines + (not last.endswith(b"\n"))


def memory() -> Connection:
    """A connection for large files: 600 MB, the rest encrypted in a folder that goes when the connection does."""
    connection = engine.memory(memory_limit="600MB")
    folder = Path(tempfile.gettempdir()) / f"samsyn-{secrets.token_hex(8)}"
    connection.execute(f"SET temp_directory = '{engine.quote_text(str(folder))}'")
    engine.load_encryption(connection)
    connection.execute("SET temp_file_encryption = true")
    weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    return connection


class BulkFiller:
    """Fills `staged` (here a view) from a UTF-8 file on disk."""

    def __init__(self, path: Path, table: Table, connection: Connection, notes: Notes) -> None:
        self._path, self._table, self._connection, self._notes = path, table, connection, notes
        self._first_line = (table.header_row or 0) + 1
        self._scan = identifiers.IdentifierScan(table.extract, table.match.headings, table.match.columns)
        self._odd_lines: list[int] = []
        self._shifts: list[int] = []
        self._hidden: dict[int, str] = {}
        self.row_count = 0

    def fill(self) -> None:
        """Read, type and check the cells; UnusualError when the file must be read row by row instead."""
        self._read()
        odd = self._odd_rows()
        total, summaries = self._summaries()
        for place, column in enumerate(self._table.match.columns):
            self._check(place, column, total, summaries[place])
        self._make_view(odd)
        self._scan.conclude(self._notes)
        self.row_count = total + odd
        if self._notes.has_rows and not self._has_one_line_per_row(total):
            raise UnusualError

    def _has_one_line_per_row(self, total: int) -> bool:
        """False when blank lines or line breaks inside cells make the row numbers wrong."""
        return total + len(self._odd_lines) + self._first_line - 1 == lines_in(self._path)

    def _summaries(self) -> tuple[int, list[tuple[int, Any, Any]]]:
        """Number of rows, and per column how many cells are filled, and the smallest and largest of numbers and dates.

        DuckDB keeps these while it reads; the cells are looked at again only where it does not say.
        """
        total = int(engine.rows(self._connection, "SELECT count(*) FROM bulk")[0][0])
        known = self._kept_statistics() if total else []
        if len(known) == len(self._table.match.columns):
            return total, [(total, low, high) for low, high in known]
        parts = []
        for place, column in enumerate(self._table.match.columns):
            ranged = column is not None and column.kind in TYPED
            parts += [f"count(c{place})", *(f"{end}(c{place})" if ranged else "NULL" for end in ("min", "max"))]
        [found] = engine.rows(self._connection, f"SELECT {', '.join(parts)} FROM bulk")
        return total, [(found[at], found[at + 1], found[at + 2]) for at in range(0, len(found), 3)]

    def _kept_statistics(self) -> list[tuple[Any, Any]]:
        """Smallest and largest per column as DuckDB knows them; shorter than the columns when one has empty cells."""
        names = ", ".join(f"stats(c{place})" for place in range(len(self._table.match.columns)))
        [said] = engine.rows(self._connection, f"SELECT {names} FROM bulk LIMIT 1")
        known: list[tuple[Any, Any]] = []
        for text, column in zip(said, self._table.match.columns, strict=True):
            ranged = column is not None and column.kind in TYPED
            bounds = _bounds(str(text), "date" if column is not None and column.kind == "date" else "number")
            if "[Has Null: false" not in str(text) or (ranged and bounds is None):
                break
            known.append(bounds if ranged and bounds is not None else (None, None))
        return known

    def _read(self) -> None:
        types = [self._read_type(column) for column in self._table.match.columns]
        columns = ", ".join(f"'c{place}': '{engine.quote_text(each)}'" for place, each in enumerate(types))
        self._connection.execute("DROP TABLE IF EXISTS bulk")
        for rejects in ("bulk_scans", "bulk_rejects"):
            self._connection.execute(f"DROP TABLE IF EXISTS {rejects}")
        try:
            self._connection.execute(
                f"""CREATE TEMP TABLE bulk AS SELECT * FROM read_csv(
                '{engine.quote_text(str(self._path))}',
                auto_detect = false, header = false, skip = {self._first_line - 1}, columns = {{{columns}}},
                delim = '{self._table.delimiter}', quote = '"', escape = '"', nullstr = '', strict_mode = true,
                decimal_separator = '{"." if self._table.style.decimal_point else ","}', dateformat = '%Y-%m-%d',
                store_rejects = true, rejects_limit = {MOST_ODD_ROWS + 1}, rejects_scan = 'bulk_scans',
                rejects_table = 'bulk_rejects')"""
            )
        except engine.DatabaseError:
            raise UnusualError from None

    def _read_type(self, column: Column | None) -> str:
        if column is None:
            return "VARCHAR"
        written = _written(column)
        if written:
            return "ENUM(" + ", ".join(f"'{engine.quote_text(each)}'" for each in written) + ")"
        return TYPED.get(column.kind, "VARCHAR")

    def _odd_rows(self) -> int:
        """The lines DuckDB could not type, read one by one into `bulk_odd`; how many of them are rows."""
        sql = "SELECT DISTINCT line, csv_line, error_type FROM bulk_rejects ORDER BY line"
        rejects = engine.rows(self._connection, sql)
        if len(rejects) > MOST_ODD_ROWS or any(kind in TAKEN_ONE_BY_ONE for _, _, kind in rejects):
            raise UnusualError
        lines = {int(line): text for line, text, _ in rejects}
        self._odd_lines = sorted(lines)
        self._shifts = [line - self._first_line - place for place, line in enumerate(self._odd_lines)]
        create_table(self._connection, self._table.extract, "bulk_odd")
        rows = [(line, _cells(lines[line], self._table.delimiter)) for line in self._odd_lines]
        filler = Filler(replace(self._table, rows=rows), self._connection, self._notes, "bulk_odd", self._scan)
        filler.read_all()
        return filler.row_count

    def _line(self, row: int) -> int:
        """The file's line number of a row in `bulk`, counting the odd lines that were taken out before it."""
        return row + self._first_line + bisect_right(self._shifts, row)

    def _rows_where(self, condition: str) -> tuple[list[int], int]:
        sql = f"SELECT count(*), min(rowid, {FIRST_ROWS}) FROM bulk WHERE {condition}"
        total, first = engine.rows(self._connection, sql)[0]
        return [self._line(row) for row in first or ()], total

    def _check(self, place: int, column: Column | None, total: int, summary: tuple[int, Any, Any]) -> None:
        filled, low, high = summary
        if column is not None and not column.may_be_empty and filled < total:
            self._note("cell_empty", place, f"c{place} IS NULL")
        if not filled:
            return
        if column is None:
            self._check_texts(place, None, "", filled)
        elif column.kind == "date":
            self._check_dates(place, column, low, high)
        elif column.kind in TYPED:
            self._check_range(place, column, low, high)
        elif column.kind == "pseudonym":
            odd = f"regexp_matches(cell, '{engine.quote_text(MAYBE_NUMBER)}') OR strlen(cell) > {LONGEST_PSEUDONYM}"
            self._check_texts(place, column, odd, filled)
        elif not _written(column):
            self._check_texts(place, column, "", filled)

    def _note(self, code: str, place: int, condition: str, **words: str) -> None:
        rows, total = self._rows_where(condition)
        if total:
            named: dict[str, Any] = dict(words)
            self._notes.add(code, column=self._table.match.headings[place], rows=rows, total=total, **named)
            self._hide(place, condition)

    def _hide(self, place: int, condition: str) -> None:
        """Keep cells that are wrong out of `staged`, as empty."""
        earlier = self._hidden.get(place)
        self._hidden[place] = f"{earlier} OR {condition}" if earlier else condition

    def _check_range(self, place: int, column: Column, low: float, high: float) -> None:
        name = f"c{place}"
        if not (abs(low) < LARGEST_PLAIN and abs(high) < LARGEST_PLAIN):
            raise UnusualError
        if column.kind == "integer":
            self._note("not_integer", place, f"{name} <> floor({name})")
        bounds = [bound if isinstance(bound, (int, float)) else None for bound in (column.low, column.high)]
        if (bounds[0] is not None and low < bounds[0]) or (bounds[1] is not None and high > bounds[1]):
            outside = [f"{name} {sign} {bound}" for sign, bound in zip("<>", bounds, strict=True) if bound is not None]
            words = {word: bound_text(bound) for word, bound in zip(("low", "high"), bounds, strict=True)}
            self._note("out_of_range", place, " OR ".join(outside), **words)

    def _check_dates(self, place: int, column: Column, low: date, high: date) -> None:
        first, last = date_bounds(column)
        if not first <= low.isoformat() <= high.isoformat() <= last:
            condition = f"c{place} NOT BETWEEN DATE '{first}' AND DATE '{last}'"
            self._note("date_out_of_range", place, condition, low=first, high=last)

    def _check_texts(self, place: int, column: Column | None, odd: str, filled: int) -> None:
        """Every distinct text (or those that are `odd`) is read as a cell and looked at for identifiers.

        Only what tells something is then looked for in the rows.
        """
        # As a table, or the optimiser would look at every row's text before it makes them distinct.
        distinct = f"SELECT DISTINCT c{place} AS cell FROM bulk WHERE c{place} IS NOT NULL"
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE bulk_distinct AS {distinct}")
        sql = f"SELECT cell FROM bulk_distinct WHERE {odd or 'TRUE'} LIMIT {MOST_DISTINCT + 1}"
        cells = [cell for (cell,) in engine.rows(self._connection, sql)]
        self._connection.execute("DROP TABLE bulk_distinct")
        if len(cells) > MOST_DISTINCT:
            raise UnusualError
        told = [cell for cell in cells if self._tells(place, column, cell)]
        groups = self._groups(place, told) if told else []
        self._read_texts(place, column, groups)
        self._scan.see_counted(place, groups, filled)

    def _tells(self, place: int, column: Column | None, cell: str) -> bool:
        """True for a text that identifies someone, is wrong, or is not written as it is stored."""
        value = cell if column is None else read_cell(column, cell, self._table.style)
        return value != cell or is_total(cell) or decode.is_suspicious(cell) or self._scan.identifies(place, cell)

    def _read_texts(self, place: int, column: Column | None, groups: Sequence[tuple[str, int, list[int]]]) -> None:
        wrong: list[str] = []
        for cell, count, lines in groups:
            if decode.is_suspicious(cell) or is_total(cell):
                raise UnusualError
            value = cell if column is None else read_cell(column, cell, self._table.style)
            if isinstance(value, Wrong):
                words: dict[str, Any] = dict(value.words)
                heading = self._table.match.headings[place]
                self._notes.add(value.code, column=heading, rows=lines, total=count, **words)
                wrong.append(cell)
            elif value != cell:
                raise UnusualError
        if wrong:
            listed = ", ".join(f"'{engine.quote_text(cell)}'" for cell in wrong)
            self._hide(place, f"c{place} IN ({listed})")

    def _groups(self, place: int, cells: Sequence[str]) -> list[tuple[str, int, list[int]]]:
        """Each of these texts with how many rows have it and the first of them."""
        name = f"c{place}"
        sql = f"""SELECT {name}, count(*), min(rowid, {FIRST_ROWS}) FROM bulk
            WHERE {name} IN (SELECT unnest(?)) GROUP BY {name}"""
        groups = engine.rows(self._connection, sql, [list(cells)])
        return [(cell, count, [self._line(row) for row in found]) for cell, count, found in groups]

    def _make_view(self, odd: int) -> None:
        """`staged` as a view: codes as stored, whole numbers as such, columns that were not delivered as NULL."""
        delivered = {column.name: place for place, column in enumerate(self._table.match.columns) if column is not None}
        cells = [self._shown(column, delivered.get(column.name)) for column in self._table.extract.columns]
        rows = f"SELECT rowid + {self._first_line} AS row_number, {', '.join(cells)} FROM bulk"
        if odd or self._odd_lines:
            rows = self._with_odd(cells)
        self._connection.execute(f"CREATE OR REPLACE TEMP VIEW staged AS {rows}")

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
        last = engine.rows(self._connection, "SELECT count(*) FROM bulk")[0][0]
        starts = range(0, last + STEP, STEP)
        ends = [bisect_left(self._shifts, start) for start in (*starts, starts[-1] + STEP)]
        steps = {
            "step": list(range(len(starts))),
            "lines": ends[:-1],
            "inside": [self._shifts[low:high] for low, high in itertools.pairwise(ends)],
        }
        schema = pa.schema([("step", pa.int64()), ("lines", pa.int64()), ("inside", pa.list_(pa.int64()))])
        with engine.registered(self._connection, "bulk_steps", pa.table(steps, schema=schema)):
            sql = "CREATE OR REPLACE TEMP TABLE bulk_shift AS SELECT step, lines, inside FROM bulk_steps"
            self._connection.execute(sql)
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


def _written(column: Column) -> list[str]:
    """Every writing of a code or flag that is read at once; others are read one by one."""
    codes: Mapping[str, object] = FLAGS if column.kind == "flag" else column.codes or {}
    if column.kind not in ("code", "flag"):
        return []
    plain = [*codes, *(str(code) for code in codes.values() if isinstance(code, str))]
    variants = (form for each in plain for form in (each, each.capitalize(), each.upper()))
    return [form for form in dict.fromkeys(variants) if not isinstance(read_cell(column, form), Wrong)]


def _stored(column: Column, place: int) -> str:
    """SQL for a cell as it is stored: codes and flags translated, others as they are."""
    written = _written(column)
    if not written:
        return f"c{place}"
    cases = " ".join(f"WHEN '{engine.quote_text(each)}' THEN {_literal(read_cell(column, each))}" for each in written)
    return f"CASE c{place} {cases} END"


def _literal(value: object) -> str:
    return str(value) if isinstance(value, bool) else f"'{engine.quote_text(str(value))}'"


def stage_file(
    path: Path,
    extract: str | Extract | None = None,
    *,
    name: str = "",
    connection: Connection | None = None,
    mapping: Mapping[str, str] | None = None,
    region: Region | None = None,
) -> Staged:
    """As `stage`, for a file on disk of any size; raises OSError only when the file cannot be read."""
    name = name or path.name
    with path.open("rb") as file:
        start = file.read(HEAD)
    table, notes = _recognised(start[:SHORT_HEAD], name, candidates(extract), mapping)
    if table is None:
        table, notes = _recognised(start, name, candidates(extract), mapping)
    if path.stat().st_size < LARGE_FILE or table is None:
        return _stage_whole(path, extract, name, connection, mapping, region)
    return _stage_large(path, table, name, notes, connection or memory(), region or current_region())


def _stage_whole(
    path: Path,
    extract: str | Extract | None,
    name: str,
    connection: Connection | None,
    mapping: Mapping[str, str] | None,
    region: Region | None,
) -> Staged:
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    return stage(data, extract, name=name, connection=connection, mapping=mapping, region=region)


def _recognised(
    start: bytes, name: str, extracts: Sequence[Extract], mapping: Mapping[str, str] | None
) -> tuple[Table | None, Notes]:
    """The table that the file's first part begins; None when it is anything but delimited text of a plain kind."""
    notes = Notes()
    opened = open_bytes(start[: start.rfind(b"\n") + 1], name, notes)
    if opened is None or opened.text is None or opened.encoding not in ONE_BYTE_LINES:
        return None, notes
    table = recognise(opened, extracts, notes, mapping, name)
    return (table, notes) if table is not None and table.extract.reader is None else (None, notes)


def _stage_large(path: Path, table: Table, name: str, notes: Notes, connection: Connection, region: Region) -> Staged:
    if identifiers.in_text(name):
        notes.add("file_name_identifies")
        name = ""
    kept, encoding = notes.copy(), ""
    try:
        with ThreadPoolExecutor(
            1
        ) as beside:  # hashing leaves the interpreter free, and DuckDB does not fill every core
            hashed = beside.submit(hash_of, path)
            filler: BulkFiller | Filler = BulkFiller(path, table, connection, notes)
            filler.fill()
        sha256 = hashed.result()
    except UnusualError:
        notes = kept
        sha256, encoding = decode.hash_and_encoding_of(path)
        filler = _fill_row_by_row(path, table, encoding, connection, notes)
    source = Source(
        file_name=name,
        sha256=sha256,
        size=path.stat().st_size,
        encoding=decode.ENCODING_TEXT[encoding or "utf-8"],
        delimiter=DELIMITER_TEXT[table.delimiter],
    )
    return finish(table, connection, source, notes, region, filler.row_count)


def _fill_row_by_row(path: Path, table: Table, encoding: str, connection: Connection, notes: Notes) -> Filler:
    """Read every row in Python; slower, the same answer, and memory as bounded."""
    with path.open(encoding=encoding, newline="") as lines:
        rows = decode.checked_lines(lines, notes)
        whole = replace(table, rows=_after_header(rows, table))
        drop_staged(connection)
        create_table(connection, table.extract)
        filler = Filler(whole, connection, notes)
        try:
            filler.fill()
        except BrokenTextError as broken:
            notes.add("quotes_broken", rows=[broken.row])
        except UnicodeDecodeError:
            notes.add("encoding_mixed")
    return filler


def _after_header(lines: Iterator[str], table: Table) -> Iterator[tuple[int, list[str]]]:
    return (row for row in split_lines(lines, table.delimiter) if row[0] > (table.header_row or 0))
