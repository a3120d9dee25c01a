"""Bytes to a staged table with its findings: the one way into the vault. Nothing here touches a disk.

`screen` only looks; `stage` also keeps the typed rows on a connection of their own. Neither raises for any bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import pyarrow as pa

from metrics import catalogue, engine
from metrics.declare import Column, Extract
from metrics.engine import Connection
from metrics.intake import headings, identifiers, identifying_headings, wholes
from metrics.intake.cells import Value, Wrong, read_cell
from metrics.intake.container import open_bytes
from metrics.intake.findings import Coverage, Findings, Recognised, Source, Staged
from metrics.intake.identifier_scan import IdentifierScan
from metrics.intake.notes import Notes
from metrics.intake.tables import DELIMITER_TEXT, BrokenTextError, Table, recognise
from metrics.vocabulary import Region, current_region

BATCH_ROWS = 50_000
SMALL_FILE = 4 * 2**20
MOST_REMEMBERED = 200_000
NOTHING_KNOWN = wholes.Known()

ARROW_TYPES: Mapping[str, Any] = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "DATE": pa.date32(),
    "BOOLEAN": pa.bool_(),
}
_TOTALS = frozenset(("summa", "totalt", "total", "totalsumma", "summa totalt", "antal", "medel", "medelvärde"))


def screen(
    data: bytes,
    extract: str | Extract | None = None,
    *,
    name: str = "",
    connection: Connection | None = None,
    mapping: Mapping[str, str] | None = None,
    region: Region | None = None,
) -> Findings:
    """Everything there is to say about a file, without keeping it. Never raises, whatever the bytes."""
    return stage(data, extract, name=name, connection=connection, mapping=mapping, region=region).findings


def stage(
    data: bytes,
    extract: str | Extract | None = None,
    *,
    name: str = "",
    connection: Connection | None = None,
    mapping: Mapping[str, str] | None = None,
    region: Region | None = None,
) -> Staged:
    """The file's rows typed in the table `staged` on `connection`, with the findings; no rows when it is refused.

    `mapping` is what the sender matched by hand: heading -> column name, "" for a heading to leave out.
    """
    notes = Notes()
    connection = connection or engine.memory(threads=1 if len(data) < SMALL_FILE else None)
    extracts = candidates(extract)
    if identifiers.in_text(name):
        notes.add("file_name_identifies")
        name = ""
    opened = open_bytes(data, name, notes)
    table = recognise(opened, extracts, notes, mapping, name) if opened else None
    source = Source(
        file_name=name,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        encoding=opened.encoding if opened else "",
        delimiter=DELIMITER_TEXT.get(table.delimiter, "") if table else "",
    )
    if table is None:
        chosen = extracts[0] if len(extracts) == 1 else None
        return _nothing(chosen, connection, source, notes)
    return _staged(table, connection, source, notes, region or current_region())


def candidates(extract: str | Extract | None) -> list[Extract]:
    """The extracts a file may be: the one that is said, or all."""
    declared = catalogue.default().extracts
    if extract is None:
        return list(declared.values())
    return [extract if isinstance(extract, Extract) else declared[extract]]


def _nothing(extract: Extract | None, connection: Connection, source: Source, notes: Notes) -> Staged:
    if extract is not None:
        create_table(connection, extract)
    recognised = Recognised(extract=extract.name if extract else None, encoding=source.encoding)
    findings = Findings(items=notes.findings(), recognised=recognised)
    return Staged(
        extract=extract, connection=connection, source=source, findings=findings, coverage=Coverage(), row_count=0
    )


def _staged(table: Table, connection: Connection, source: Source, notes: Notes, region: Region) -> Staged:
    create_table(connection, table.extract)
    filler = Filler(table, connection, notes)
    try:
        filler.fill()
    except BrokenTextError as broken:
        notes.add("quotes_broken", rows=[broken.row])
    return finish(table, connection, source, notes, region, filler.row_count)


def finish(
    table: Table,
    connection: Connection,
    source: Source,
    notes: Notes,
    region: Region,
    row_count: int,
    known: wholes.Known = NOTHING_KNOWN,
) -> Staged:
    """Check the filled table as a whole, and empty it when the file is refused."""
    wholes.check(connection, table, notes, region, known)
    coverage = wholes.coverage(connection, table.extract, known)
    coverage = replace(coverage, key_id=table.match.key_id or headings.key_id((), source.file_name))
    if notes.refused:
        drop_staged(connection)
        create_table(connection, table.extract)
    return Staged(
        extract=table.extract,
        connection=connection,
        source=source,
        findings=Findings(items=notes.findings(), recognised=recognised(table, source, coverage, row_count)),
        coverage=coverage,
        row_count=0 if notes.refused else row_count,
    )


def recognised(table: Table, source: Source, coverage: Coverage, row_count: int) -> Recognised:
    """What the table was taken for, as shown to the sender."""
    return Recognised(
        extract=table.extract.name,
        encoding=source.encoding,
        delimiter=source.delimiter,
        header_row=table.header_row,
        mapping=table.match.mapping,
        unknown_headings=table.match.unknown,
        periods=coverage.periods,
        units=coverage.units,
        row_count=row_count,
    )


def create_table(connection: Connection, extract: Extract, name: str = "staged") -> None:
    """The empty table `staged` for an extract."""
    columns = ", ".join(f'"{column.name}" {engine.SQL_TYPES[column.kind]}' for column in extract.columns)
    drop_staged(connection, name)
    connection.execute(f"CREATE TEMP TABLE {name} (row_number BIGINT, {columns})")


def drop_staged(connection: Connection, name: str = "staged") -> None:
    """Remove `staged` and what lies under it, whether it is a table or a view."""
    sql = "SELECT count(*) FROM duckdb_views() WHERE view_name = ?"
    kind = "VIEW" if engine.rows(connection, sql, [name])[0][0] else "TABLE"
    connection.execute(f"DROP {kind} IF EXISTS {name}")
    if name == "staged":
        connection.execute("DROP TABLE IF EXISTS bulk")


class Filler:
    """Reads a table's rows batch by batch into `staged`: widths, identifiers, then every cell to its type."""

    def __init__(
        self,
        table: Table,
        connection: Connection,
        notes: Notes,
        scan: IdentifierScan | None = None,
    ) -> None:
        self._table = table
        self._connection = connection
        self._notes = notes
        self._width = len(table.match.columns)
        self._scan = scan or IdentifierScan(table.extract, table.match.headings, table.match.columns)
        self._memory: list[dict[str, Value | Wrong]] = [{} for _ in table.match.columns]
        self.row_count = 0

    def fill(self) -> None:
        """Read every row and conclude about identifiers; what is wrong is noted."""
        try:
            self.read_all()
        finally:
            self._scan.conclude(self._notes)

    def read_all(self) -> None:
        """Read every row, leaving the conclusion to whoever owns the scan."""
        rows = self._data_rows()
        while batch := list(islice(rows, BATCH_ROWS)):
            self._insert(batch)

    def _data_rows(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows that are data: blank ones are skipped, ragged ones and sums noted and left out."""
        for number, cells in self._table.rows:
            filled = any(cells) and any(cell.strip() for cell in cells)
            if filled and (row := self._fitted(number, cells)) is not None:
                yield number, row

    def _fitted(self, number: int, cells: Sequence[str]) -> Sequence[str] | None:
        if len(cells) > self._width and not any(cell.strip() for cell in cells[self._width :]):
            cells = cells[: self._width]
        if len(cells) == self._width:
            if not self._is_repeated_header(cells) and not _is_sum(cells):
                return cells
            self._notes.add("row_total" if _is_sum(cells) else "row_is_header", rows=[number])
        else:
            self._notes.add("row_too_long" if len(cells) > self._width else "row_too_short", rows=[number])
            self._see_ragged(number, cells)
        return None

    def _see_ragged(self, number: int, cells: Sequence[str]) -> None:
        for place, cell in enumerate(cells[: self._width]):
            self._scan.see(place, [cell], [number])
        if code := identifiers.in_text("\n".join(cells)):
            self._notes.add(code, rows=[number])

    def _is_repeated_header(self, cells: Sequence[str]) -> bool:
        return all(cell.strip() == heading for cell, heading in zip(cells, self._table.match.headings, strict=True))

    def _insert(self, batch: Sequence[tuple[int, Sequence[str]]]) -> None:
        numbers = [number for number, _ in batch]
        columns: dict[str, pa.Array] = {"row_number": pa.array(numbers, pa.int64())}
        places = zip(*(row for _, row in batch), strict=True)
        for place, (column, cells) in enumerate(zip(self._table.match.columns, places, strict=True)):
            self._scan.see(place, cells, numbers)
            self._note_protection(place, cells)
            if column is not None and column.name not in columns:
                kind = ARROW_TYPES[engine.SQL_TYPES[column.kind]]
                columns[column.name] = pa.array(self._typed(place, column, cells, numbers), kind)
        self.row_count += len(batch)
        self._keep(columns)

    def _keep(self, columns: Mapping[str, pa.Array]) -> None:
        with engine.registered(self._connection, "batch", pa.table(dict(columns))):
            names = ", ".join(f'"{name}"' for name in columns)
            self._connection.execute(f"INSERT INTO staged ({names}) SELECT {names} FROM batch")

    def _note_protection(self, place: int, cells: Sequence[str]) -> None:
        heading = self._table.match.headings[place]
        if identifying_headings.marks_protection(headings.normal(heading)) and any(
            map(identifying_headings.is_marked, set(cells))
        ):
            self._notes.add("protected_identity", total=0)

    def _typed(self, place: int, column: Column, cells: Sequence[str], numbers: Sequence[int]) -> list[Value]:
        memory = self._memory[place]
        if len(memory) > MOST_REMEMBERED:
            memory.clear()
        distinct = set(cells)
        for cell in distinct - memory.keys():
            memory[cell] = read_cell(column, cell, self._table.style)
        if wrong := {cell for cell in distinct if isinstance(memory[cell], Wrong)}:
            self._note_wrong(place, memory, wrong, cells, numbers)
            return [None if cell in wrong else memory[cell] for cell in cells]  # type: ignore[misc]
        return [memory[cell] for cell in cells]  # type: ignore[misc]

    def _note_wrong(
        self,
        place: int,
        memory: Mapping[str, Value | Wrong],
        wrong: set[str],
        cells: Sequence[str],
        numbers: Sequence[int],
    ) -> None:
        rows: dict[Wrong, list[int]] = {}
        for cell, number in zip(cells, numbers, strict=True):
            if cell in wrong and isinstance(problem := memory[cell], Wrong):
                rows.setdefault(problem, []).append(number)
        for problem, found in rows.items():
            heading = self._table.match.headings[place]
            words: dict[str, Any] = dict(problem.words)
            self._notes.add(problem.code, column=heading, rows=found, **words)


def _is_sum(cells: Sequence[str]) -> bool:
    return is_total(next((cell for cell in cells if cell.strip()), ""))


def is_total(cell: str) -> bool:
    """True for the first cell of a row of sums."""
    return cell.strip().rstrip(":").casefold() in _TOTALS
