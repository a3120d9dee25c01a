"""Checks a large file's columns as sets: summaries first, distinct texts next, and rows only where a check fails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from metrics import engine
from metrics.declare import Column
from metrics.engine import Connection
from metrics.intake import decode
from metrics.intake.bulk_table import MOST_DISTINCT, TYPED, BulkTable, UnusualError, written
from metrics.intake.cells import LONGEST_PSEUDONYM, Wrong, bound_text, date_bounds, read_cell
from metrics.intake.identifier_scan import IdentifierScan
from metrics.intake.notes import Notes
from metrics.intake.staging import is_total
from metrics.intake.tables import Table
from metrics.intake.wholes import Known

LARGEST_PLAIN = 1e8

MAYBE_NUMBER = (
    r"^[A-Za-z]{0,4}[-_:# ]?[0-9]{6,12}([.,]0+)?[A-Za-z]{0,2}[0-9]{0,3}$"
    r"|[0-9]{4}[-+./ ][0-9 A-Za-z]|[@ ,]|[^\x21-\x7e]|[0-9][Ee]\+|^[A-Za-z-]+$|^0*$|^[=/?#.]"
)
"""Every pseudonym that may identify someone matches; most keys made at random do not, and are never looked at singly."""


class BulkFiller:
    """Fills `staged` (here a view) from a UTF-8 file on disk."""

    def __init__(self, path: Path, table: Table, connection: Connection, notes: Notes) -> None:
        self._bulk = BulkTable(path, table, connection)
        self._table, self._connection, self._notes = table, connection, notes
        self._scan = IdentifierScan(table.extract, table.match.headings, table.match.columns)
        self.row_count = 0
        self.known = Known()
        self._texts: dict[str, tuple[str, ...]] = {}

    def fill(self) -> None:
        """Read, type and check the cells; UnusualError when the file must be read row by row instead."""
        self._bulk.read()
        odd = self._bulk.odd_rows(self._notes, self._scan)
        total, summaries = self._bulk.summaries()
        for place, column in enumerate(self._table.match.columns):
            self._check(place, column, total, summaries[place])
        self._bulk.make_view(odd)
        self._scan.conclude(self._notes)
        self.row_count = total + odd
        if not odd and not self._bulk.hides:
            self.known = self._known([filled for filled, _, _ in summaries])
        if self._notes.has_rows and not self._bulk.has_one_line_per_row(total):
            raise UnusualError

    def _known(self, filled: Sequence[int]) -> Known:
        columns = zip(self._table.match.columns, filled, strict=True)
        counts = {column.name: count for column, count in columns if column is not None}
        return Known(texts=self._texts, filled=counts, varied=self._bulk.varied(), keys=self._bulk.keys)

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
        elif not written(column):
            self._check_texts(place, column, "", filled)

    def _note(self, code: str, place: int, condition: str, **words: str) -> None:
        rows, total = self._bulk.rows_where(condition)
        if total:
            named: dict[str, Any] = dict(words)
            self._notes.add(code, column=self._table.match.headings[place], rows=rows, total=total, **named)
            self._bulk.hide(place, condition)

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
        if column is not None and not odd and not told:
            self._texts[column.name] = tuple(cells)
        groups = self._bulk.groups(place, told) if told else []
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
            self._bulk.hide(place, f"c{place} IN ({listed})")
