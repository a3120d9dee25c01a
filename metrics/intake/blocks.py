"""A large file block by block: whole lines of some megabytes, their cells taken apart by Arrow.

A block whose lines are not plain (blank ones, cells over several lines, quotes inside cells) has no `cells`: it is read
row by row. What no block can tell by itself is UnusualError: the whole file is then read row by row.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv

from metrics.declare import Column
from metrics.intake.cells import LONGEST_PSEUDONYM
from metrics.intake.tables import Table

BLOCK = 4 * 2**20
AHEAD = 3
MOST_PLAIN = 999_999
"""The largest number that cannot be an identity number, a birth date or a phone number, however many zeros precede it."""

MAYBE_IDENTIFYING = (
    r"^[A-Za-z]{0,4}[-_:# ]?[0-9]{6,12}([.,]0+)?[A-Za-z]{0,2}[0-9]{0,3}$"
    r"|[0-9]{4}[-+./ ][0-9 A-Za-z]|[@ ,]|[^\x21-\x7e]|[0-9][Ee]\+|^[A-Za-z-]+$|^0*$|^[=/?#.]"
)
"""Every pseudonym that may identify someone, or is wrong, matches; most keys made at random do not, and are never looked
at singly."""

LONGEST_IDENTIFYING = 22
"""No longer text of letters and digits matches, but for one of letters or zeros alone."""
ZERO, LETTER_A, LOWER = np.uint8(ord("0")), np.uint8(ord("a")), np.uint8(ord("a") - ord("A"))

Plain = tuple[NDArray[np.float64], NDArray[np.bool_]]
Way = Literal["number", "pseudonym", "words"]


class UnusualError(Exception):
    """The file needs the row-by-row reading from its first row."""


@dataclass(frozen=True, kw_only=True)
class Block:
    """Whole lines of the file: their bytes, the line number of the first and how many they are."""

    data: bytearray
    first: int
    lines: int


@dataclass(frozen=True, kw_only=True)
class Cells:
    """A block taken apart: a column is an array of whole numbers, of texts, or of positions in its distinct texts.

    `odd`: of a column of pseudonyms, the rows whose cell must be looked at; `plain`: of a number column's distinct texts,
    those that were read at once. `ragged`: line number and text of lines with too few or too many cells, which are not
    among the rows.
    """

    columns: Sequence[Any]
    numbers: NDArray[np.uint32]
    odd: Mapping[int, NDArray[np.intp]]
    plain: Mapping[int, Plain]
    ragged: Sequence[tuple[int, str]] = ()


def blocks(path: Path, header_row: int, digest: Any) -> Iterator[Block]:
    """The file below its header; `digest` has seen every byte of it when the last block has been given."""
    line, skip, left = 1, header_row, bytearray()
    with path.open("rb", buffering=0) as file:
        while True:
            data = bytearray(len(left) + BLOCK)
            data[: len(left)] = left
            with memoryview(data)[len(left) :] as free:
                size = file.readinto(free)
                digest.update(free[:size])
            del data[len(left) + size :]
            cut = data.rfind(b"\n") + 1 if size else len(data)
            left = data[cut:]
            if len(left) > BLOCK:
                raise UnusualError
            del data[cut:]
            if skip and data:
                end = _end_of(data, skip)
                if data.count(b"\r", 0, end) != data.count(b"\r\n", 0, end):
                    raise UnusualError
                del data[:end]
                line, skip = line + skip, 0
            if data:
                lines = _count(data, b"\n") + (not size)
                yield Block(data=data, first=line, lines=lines)
                line += lines
            if not size:
                return


def _count(data: bytearray, byte: bytes) -> int:
    """How often a byte occurs, with the other threads at work meanwhile."""
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == byte[0]))


def _end_of(data: bytearray, lines: int) -> int:
    """Where so many lines end."""
    end = 0
    for _ in range(lines):
        end = data.find(b"\n", end) + 1
        if not end:
            raise UnusualError
    return end


def way_of(column: Column | None) -> Way:
    """How a column's cells are taken apart."""
    if column is None:
        return "words"
    return {"integer": "number", "decimal": "number", "pseudonym": "pseudonym"}.get(column.kind, "words")  # type: ignore[return-value]


@dataclass(kw_only=True)
class Parser:
    """Takes blocks apart, some at a time in threads beside the one that asks."""

    table: Table
    decimals: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._ways = [way_of(column) for column in self.table.match.columns]
        self._names = [f"c{place}" for place in range(len(self._ways))]
        first = self.table.match.headings[0].encode()
        self._headers = (b"\n" + first, b'\n"' + first) if first else ()

    def each(self, path: Path, digest: Any) -> Iterator[tuple[Block, Cells | None]]:
        """Every block in order, with its cells where they are plain."""
        source = blocks(path, self.table.header_row or 0, digest)
        with ThreadPoolExecutor(2) as beside:
            waiting: list[tuple[Block, Future[Cells | None]]] = []
            for block in itertools.chain(source, [None] * AHEAD):
                if block is not None:
                    waiting.append((block, beside.submit(self.cells, block)))
                if waiting and (block is None or len(waiting) > AHEAD):
                    found, made = waiting.pop(0)
                    yield found, made.result()

    def cells(self, block: Block) -> Cells | None:
        """The block's cells, or None when they are not plain; UnusualError for what is no text in UTF-8."""
        data = block.data
        if b"\0" in data or (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
            raise UnusualError
        if not (data.isascii() or _is_utf8(data)):
            raise UnusualError
        if b'"' in data and not _plainly_quoted(data, self.table.delimiter.encode()):
            return None
        whole = frozenset(place for place, way in enumerate(self._ways) if way == "number") - self.decimals
        if _may_be_hexadecimal(data, self.table.delimiter.encode()):
            whole = frozenset()
        made = self._parsed(block, whole)
        if made is not None and not self._has_bounds(made, whole):
            made = self._parsed(block, frozenset())
        return None if made is None or self._may_repeat_header(made, data) else made

    def _may_repeat_header(self, made: Cells, data: bytearray) -> bool:
        """Whether the header may stand among the rows; where a column holds whole numbers it does not."""
        all_text = not any(pa.types.is_integer(array.type) for array in made.columns)
        return all_text and any(header in data for header in self._headers)

    def _parsed(self, block: Block, whole: frozenset[int]) -> Cells | None:
        ragged: list[tuple[int, str]] = []

        def keep(row: Any) -> str:
            ragged.append((block.first + row.number - 1, row.text))
            return "skip"

        types = {name: self._type(place, place in whole) for place, name in enumerate(self._names)}
        try:
            read = csv.read_csv(
                pa.BufferReader(block.data),
                csv.ReadOptions(use_threads=False, column_names=self._names, block_size=len(block.data) + 1),
                csv.ParseOptions(delimiter=self.table.delimiter, invalid_row_handler=keep),
                csv.ConvertOptions(column_types=types, strings_can_be_null=False, null_values=[""]),
            )
        except pa.ArrowInvalid:
            return self._parsed(block, frozenset()) if whole else None
        if read.num_rows + len(ragged) != block.lines:
            return None
        numbers = np.arange(block.first, block.first + block.lines, dtype=np.uint32)
        if ragged:
            numbers = np.delete(numbers, [line - block.first for line, _ in ragged])
        columns = [_one_chunk(read.column(place)) for place in range(len(self._names))]
        return Cells(
            columns=columns,
            numbers=numbers,
            odd={place: odd(columns[place]) for place, way in enumerate(self._ways) if way == "pseudonym"},
            plain={
                place: plain_numbers(column, columns[place].dictionary, self.table.style.decimal_point)
                for place, column in enumerate(self.table.match.columns)
                if column is not None and self._ways[place] == "number" and place not in whole
            },
            ragged=tuple(ragged),
        )

    def _type(self, place: int, whole: bool) -> Any:
        if whole:
            return pa.int64()
        return pa.string() if self._ways[place] == "pseudonym" else pa.dictionary(pa.int32(), pa.string())

    def _has_bounds(self, made: Cells, whole: frozenset[int]) -> bool:
        """Whether the whole numbers are such as need no look at how they were written."""
        plain = True
        for place in whole:
            column, array = self.table.match.columns[place], made.columns[place]
            if not pa.types.is_integer(array.type):
                if not pc.all(pc.match_substring_regex(array.dictionary, "^-?[0-9]*$")).as_py():
                    self.decimals.add(place)
            elif column is not None and not _within(column, array):
                plain = False
        return plain


def _within(column: Column, array: Any) -> bool:
    if array.null_count and not column.may_be_empty:
        return False
    low, high = bounds(column)
    found = pc.min_max(array)
    smallest, largest = found["min"].as_py(), found["max"].as_py()
    return smallest is None or (low <= smallest and largest <= high)


def bounds(column: Column) -> tuple[float, float]:
    """Smallest and largest number of a column that is taken as it is."""
    low = column.low if isinstance(column.low, (int, float)) else -MOST_PLAIN
    high = column.high if isinstance(column.high, (int, float)) else MOST_PLAIN
    return max(low, -MOST_PLAIN), min(high, MOST_PLAIN)


def plain_numbers(column: Column, texts: Any, point: bool) -> Plain:
    """Of distinct texts, their numbers and which of them are plain: digits, a sign, one mark, within the bounds."""
    mark = "[.]" if point else ","
    fraction = f"({mark}[0-9]{{1,9}})?" if column.kind == "decimal" else ""
    plain = np.asarray(pc.match_substring_regex(texts, f"^-?[0-9]{{1,6}}{fraction}$"))
    values = np.full(len(texts), np.nan)
    written = pc.replace_substring(texts.filter(pa.array(plain)), mark.strip("[]"), ".")
    values[plain] = np.asarray(pc.cast(written, pa.float64()))
    low, high = bounds(column)
    with np.errstate(invalid="ignore"):
        plain &= (values >= low) & (values <= high)
    return values, plain


def odd(texts: Any) -> NDArray[np.intp]:
    """The rows of a column of pseudonyms whose cell may identify someone or be wrong."""
    length = np.asarray(pc.binary_length(texts))
    if not _are_long_keys(texts, length):
        return np.flatnonzero(_may_identify(texts) | (length > LONGEST_PSEUDONYM))
    of_one_kind = np.asarray(pc.ascii_is_alpha(texts)) | np.asarray(pc.ascii_is_decimal(texts))
    rows = np.flatnonzero(of_one_kind | (length > LONGEST_PSEUDONYM))
    return rows[_may_identify(texts.take(pa.array(rows))) | (length[rows] > LONGEST_PSEUDONYM)]


def _may_identify(texts: Any) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(texts, MAYBE_IDENTIFYING))


def _are_long_keys(texts: Any, length: NDArray[np.int32]) -> bool:
    """Whether every text is of letters and digits only and longer than what may identify someone."""
    if texts.null_count or not len(texts) or length.min() <= LONGEST_IDENTIFYING:
        return False
    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    signs = np.frombuffer(texts.buffers()[2], np.uint8)[ends[0] : ends[-1]]
    return bool(((signs - ZERO < 10) | ((signs | LOWER) - LETTER_A < 26)).all())


def _one_chunk(column: Any) -> Any:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _is_utf8(data: bytearray) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _may_be_hexadecimal(data: bytearray, delimiter: bytes) -> bool:
    """Whether a cell may be written as 0x1F, which Arrow takes for a number."""
    before = (delimiter, b"\n", b'"', b" ", b"\t", b"-")
    forms = [b"0" + letter for letter in (b"x", b"X") if letter in data]
    return any(form in data and any(each + form in data for each in before) for form in forms)


def _plainly_quoted(data: bytearray, delimiter: bytes) -> bool:
    """Whether every quote begins or ends a cell."""
    opening = data.count(b'\n"') + data.count(delimiter + b'"') + data.startswith(b'"')
    closing = data.count(b'"' + delimiter) + data.count(b'"\n') + data.count(b'"\r\n') + data.endswith(b'"')
    return opening == closing and opening + closing == data.count(b'"')
