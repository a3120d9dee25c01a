"""A large file's cells to typed columns of `bulk`, each distinct text read once, and `bulk` shown as `staged`.

Whole blocks are checked as sets; rows are looked up only for texts that tell something.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from metrics import engine
from metrics.declare import Column
from metrics.engine import Connection
from metrics.intake import decode
from metrics.intake.blocks import Block, Cells, Parser, UnusualError, way_of
from metrics.intake.cells import Value, Wrong, read_cell
from metrics.intake.findings import FIRST_ROWS
from metrics.intake.notes import Notes
from metrics.intake.staging import ARROW_TYPES, MOST_REMEMBERED, Filler, drop_staged, is_total
from metrics.intake.tables import BrokenTextError, Table, split, split_lines
from metrics.intake.wholes import Known, one_value_code

LONGEST_CELL = 2**16
FIRST = 2048

Rows = NDArray[np.intp]
_Columns = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Texts:
    """Distinct texts of a column of one block that must be looked at; `rows` gives the block's rows that have one."""

    cells: Sequence[str]
    rows: Callable[[int], Rows]


class _RowReader(Filler):
    """Keeps what it reads instead of storing it."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.made: list[_Columns] = []

    def _keep(self, columns: _Columns) -> None:
        self.made.append(columns)


class BlockFiller(Filler):
    """Fills `bulk` from a UTF-8 file on disk, and makes `staged` a view of it."""

    def __init__(self, path: Path, table: Table, connection: Connection, notes: Notes) -> None:
        super().__init__(table, connection, notes)
        self._path = path
        self._parser = Parser(table=table)
        self._digest = hashlib.sha256()
        self._telling: list[set[str]] = [set() for _ in table.match.columns]
        self._varied: set[str] = set()
        self._forgotten: set[int] = set()
        self._row_by_row = self._unusual = False
        self._filled: dict[str, int] = {}

    @property
    def sha256(self) -> str:
        """Of the whole file, once it is filled."""
        return self._digest.hexdigest()

    def read_all(self) -> None:
        """Read every block; UnusualError when the file must be read row by row instead."""
        delivered = self._delivered()
        kinds = [(f"c{at}", _arrow_type(column)) for at, column in enumerate(delivered)]
        schema = pa.schema([("row_number", pa.uint32()), *kinds])
        reader = pa.RecordBatchReader.from_batches(schema, self._batches(schema))
        drop_staged(self._connection)
        # A row's number stands in it, and keeping the blocks in order costs a third of making the table.
        self._connection.execute("SET preserve_insertion_order = false")
        try:
            with engine.registered(self._connection, "batches_of_rows", reader):
                self._connection.execute(self._create())
        except engine.OutOfMemoryError:
            raise
        except engine.DatabaseError:
            self._unusual = True
        finally:
            self._connection.execute("SET preserve_insertion_order = true")
        if self._unusual:
            raise UnusualError
        self._show()

    def _batches(self, schema: Any) -> Iterator[Any]:
        """Every block's rows, as DuckDB asks for them."""
        names = ["row_number", *(column.name for column in self._delivered())]
        try:
            for block, cells in self._parser.each(self._path, self._digest):
                made = (cells is not None and self._take(cells)) or self._read_rows(block)
                for columns in made:
                    arrays = [columns[name].cast(kind) for name, kind in zip(names, schema.types, strict=True)]
                    yield pa.record_batch(arrays, schema=schema)
        except UnusualError:
            self._unusual = True

    @property
    def known(self) -> Known:
        """What reading has told about the columns; nothing when some of it was read row by row."""
        if self._row_by_row:
            return Known()
        return Known(
            texts=self._distinct_units(),
            filled=self._filled,
            varied=frozenset(self._varied),
            keys="SELECT key_hash FROM bulk",
            keeps_rules=not engine.rows(self._connection, "SELECT bool_or(broken) FROM bulk")[0][0],
        )

    def _distinct_units(self) -> Mapping[str, Sequence[str]]:
        name = self._table.extract.unit_column
        columns = self._table.match.columns
        places = [place for place, column in enumerate(columns) if column is not None and column.name == name]
        if not places or places[0] in self._forgotten or way_of(columns[places[0]]) != "words":
            return {}
        found = (_right(value) for value in self._memory[places[0]].values())
        return {str(name): sorted({str(value) for value in found if value is not None})}

    def _delivered(self) -> list[Column]:
        return list({column.name: column for column in self._table.match.columns if column is not None}.values())

    def _create(self) -> str:
        """SQL that makes `bulk`: what is delivered, and while it is at hand the key's hash and whether a rule is broken."""
        extract, delivered = self._table.extract, self._delivered()
        place = {column.name: f"c{at}" for at, column in enumerate(delivered)}
        stored = ", ".join(
            f"CAST({place[each.name]} AS {_stored_type(each)}) AS {_quoted(each.name)}" for each in delivered
        )
        broken = [f"coalesce({rule.bad_when}, FALSE)" for rule in extract.rules if rule.bad_when]
        key = ", ".join(place.get(name, "NULL") for name in extract.key)
        return f"""CREATE TEMP TABLE bulk AS
            SELECT row_number, {stored}, hash({key or "row_number"}) AS key_hash, {" OR ".join(broken) or "FALSE"} AS broken
            FROM (SELECT *, {self._as_staged(place)} FROM batches_of_rows)"""

    def _as_staged(self, place: Mapping[str, str]) -> str:
        """SQL for every declared column in the type it is staged in; NULL for one that was not delivered."""
        return ", ".join(
            f"CAST({place.get(column.name, 'NULL')} AS {engine.SQL_TYPES[column.kind]}) AS {_quoted(column.name)}"
            for column in self._table.extract.columns
        )

    def _show(self) -> None:
        cells = self._as_staged({column.name: _quoted(column.name) for column in self._delivered()})
        sql = (
            f"CREATE OR REPLACE TEMP VIEW staged AS SELECT CAST(row_number AS BIGINT) AS row_number, {cells} FROM bulk"
        )
        self._connection.execute(sql)

    def _read_rows(self, block: Block) -> list[_Columns]:
        """One block in Python, line by line."""
        rows = split(block.data.decode(), self._table.delimiter)
        return self._rows((number + block.first - 1, cells) for number, cells in rows)

    def _rows(self, rows: Iterable[tuple[int, Sequence[str]]]) -> list[_Columns]:
        self._row_by_row = True
        reader = _RowReader(replace(self._table, rows=rows), self._connection, self._notes, self._scan)
        try:
            reader.read_all()
        except BrokenTextError:
            raise UnusualError from None
        self.row_count += reader.row_count
        return reader.made

    def _take(self, cells: Cells) -> list[_Columns]:
        """A block's cells, typed; nothing when its rows are not all data."""
        texts = [self._texts(place, cells) for place in range(self._width)]
        if self._may_be_no_data(cells, texts[0]):
            return []
        columns: dict[str, Any] = {"row_number": pa.array(cells.numbers)}
        for place, column in enumerate(self._table.match.columns):
            self._look(place, texts[place], cells)
            if column is not None and column.name not in columns:
                columns[column.name] = self._typed_column(place, column, cells, texts[place])
                self._remember(column, columns[column.name])
        self.row_count += len(cells.numbers)
        ragged = [(line, next(split_lines([text], self._table.delimiter))[1]) for line, text in cells.ragged]
        return [columns, *(self._rows(ragged) if ragged else ())]

    def _texts(self, place: int, cells: Cells) -> _Texts:
        """What must be looked at of a column: nothing of whole numbers, the odd pseudonyms, all other distinct texts."""
        array = cells.columns[place]
        if place in cells.odd:
            return _odd_texts(array, cells.odd[place])
        if pa.types.is_integer(array.type):
            return _Texts(cells=(), rows=lambda at: np.zeros(0, np.intp))
        indices = np.asarray(array.indices)
        if place not in cells.plain:
            return _Texts(cells=array.dictionary.to_pylist(), rows=lambda at: np.flatnonzero(indices == at))
        left = np.flatnonzero(~cells.plain[place][1])
        return _Texts(
            cells=array.dictionary.take(pa.array(left)).to_pylist(),
            rows=lambda at: np.flatnonzero(indices == left[at]),
        )

    def _may_be_no_data(self, cells: Cells, first: _Texts) -> bool:
        """Whether a row may be blank, a sum or the header again."""
        heading = self._table.match.headings[0]
        empty = pa.types.is_integer(cells.columns[0].type) and cells.columns[0].null_count
        return bool(empty) or any(not cell.strip() or is_total(cell) or cell.strip() == heading for cell in first.cells)

    def _learn(self, place: int, found: Sequence[str]) -> None:
        """Read each text that has not been met before as a cell, and see whether it identifies someone."""
        memory, column = self._memory[place], self._table.match.columns[place]
        if len(memory) > MOST_REMEMBERED:
            memory.clear()
            self._telling[place].clear()
            self._forgotten.add(place)
        for cell in found:
            if cell in memory:
                continue
            if len(cell) > LONGEST_CELL or "\ufffd" in cell or decode.is_suspicious(cell):
                raise UnusualError
            memory[cell] = cell if column is None else read_cell(column, cell, self._table.style)
            if self._scan.identifies(place, cell):
                self._telling[place].add(cell)

    def _look(self, place: int, texts: _Texts, cells: Cells) -> None:
        """Note what the column's texts tell, with the rows of those that tell something."""
        self._learn(place, texts.cells)
        self._note_protection(place, texts.cells)
        memory, telling = self._memory[place], self._telling[place]
        column, blank = self._table.match.columns[place], cells.columns[place].null_count
        groups, wrong = [], dict[Wrong, list[int]]()
        for at, cell in enumerate(texts.cells):
            value = memory[cell]
            if not cell.strip():
                blank += len(texts.rows(at))
            if cell in telling or isinstance(value, Wrong):
                lines = cells.numbers[texts.rows(at)].tolist()
                if cell in telling:
                    groups.append((cell, len(lines), lines[:FIRST_ROWS]))
                if isinstance(value, Wrong) and self._is_first(place, column):
                    wrong.setdefault(value, []).extend(lines)
        self._scan.see_counted(place, groups, len(cells.numbers) - blank)
        for problem, lines in wrong.items():
            words: dict[str, Any] = dict(problem.words)
            self._notes.add(problem.code, column=self._table.match.headings[place], rows=lines, **words)

    def _is_first(self, place: int, column: Column | None) -> bool:
        """Whether no earlier place holds the same column."""
        return self._table.match.columns.index(column) == place

    def _typed_column(self, place: int, column: Column, cells: Cells, texts: _Texts) -> Any:
        array, memory = cells.columns[place], self._memory[place]
        if pa.types.is_integer(array.type):
            return array
        if place in cells.odd:
            return self._pseudonyms(array, texts, memory)
        values: list[Any] = [_right(memory[cell]) for cell in texts.cells]
        if place in cells.plain:
            numbers, plain = cells.plain[place]
            whole = column.kind == "integer"
            looked_at = iter(values)
            values = [
                (int(number) if whole else number) if is_plain else next(looked_at)
                for number, is_plain in zip(numbers.tolist(), plain.tolist(), strict=True)
            ]
        return (
            pa.array(values, ARROW_TYPES[engine.SQL_TYPES[column.kind]]).cast(_arrow_type(column)).take(array.indices)
        )

    @staticmethod
    def _pseudonyms(array: Any, texts: _Texts, memory: Mapping[str, Value | Wrong]) -> Any:
        if all(memory[cell] == cell for cell in texts.cells):
            return array
        values = array.to_pylist()
        for at, cell in enumerate(texts.cells):
            for row in texts.rows(at).tolist():
                values[row] = _right(memory[cell])
        return pa.array(values, pa.string())

    def _remember(self, column: Column, typed: Any) -> None:
        self._filled[column.name] = self._filled.get(column.name, 0) + len(typed) - typed.null_count
        asked = one_value_code(column, self._table.extract) and column.name not in self._varied
        if asked and pc.count_distinct(typed.slice(0, FIRST)).as_py() > 1:
            self._varied.add(column.name)


def _odd_texts(array: Any, odd: Rows) -> _Texts:
    """The distinct ones of the rows' texts, each with its rows."""
    found: dict[str, list[int]] = {}
    for row, cell in zip(odd.tolist(), array.take(pa.array(odd)).to_pylist(), strict=True):
        found.setdefault(cell, []).append(row)
    places = list(found.values())
    return _Texts(cells=tuple(found), rows=lambda at: np.array(places[at], np.intp))


def _right(value: Value | Wrong) -> Value:
    return None if isinstance(value, Wrong) else value


def _quoted(name: str) -> str:
    return f'"{name}"'


def _arrow_type(column: Column) -> Any:
    return pa.int32() if column.kind == "school_unit" else ARROW_TYPES[engine.SQL_TYPES[column.kind]]


def _stored_type(column: Column) -> str:
    """The column's type in `bulk`: as staged, but codes and school units (eight digits) take less room."""
    if column.kind == "school_unit":
        return "INTEGER"
    if column.kind != "code":
        return engine.SQL_TYPES[column.kind]
    codes = dict.fromkeys(str(code) for code in (column.codes or {}).values())
    return "ENUM(" + ", ".join(f"'{engine.quote_text(code)}'" for code in codes) + ")"
