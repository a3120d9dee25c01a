"""Writes tables as the files school systems give: delimiters, encodings, headings, codes, dates and decimals differ."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from metrics.declare import Column, Extract


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one system writes its files.

    headings: "title", "name" (the standard's English name where there is one) or the position of another accepted one.
    variant: which of the accepted writings of a code. flags: true and false. days, years: how dates and school years
    are written.
    """

    system: str
    delimiter: str = ";"
    encoding: str = "utf-8"
    newline: str = "\n"
    quoted: bool = False
    headings: str | int = "title"
    variant: int = 0
    capitals: bool = False
    flags: tuple[str, str] = ("ja", "nej")
    days: str = "%Y-%m-%d"
    years: str = "{first}/{last:02d}"

    @property
    def decimal(self) -> str:
        return "." if self.delimiter == "," else ","


ROWS_AT_A_TIME = 100_000
"""Rows that are text at the same time: a country's register has millions."""
MARKS = {"utf-8-sig": b"\xef\xbb\xbf", "utf-16": b"\xff\xfe"}
"""What a file begins with, by its encoding."""

DIALECTS: tuple[Dialect, ...] = (
    Dialect(system="Skolsystem Aspen", encoding="utf-8-sig"),
    Dialect(
        system="Skolsystem Björken",
        encoding="cp1252",
        newline="\r\n",
        headings=0,
        variant=2,
        flags=("J", "N"),
        days="%d.%m.%Y",
        years="{first}/{second}",
        capitals=True,
    ),
    Dialect(
        system="Skolsystem Cedern",
        delimiter=",",
        quoted=True,
        headings="name",
        variant=-1,
        flags=("true", "false"),
        years="{first}-{second}",
    ),
    Dialect(
        system="Skolsystem Druvan",
        delimiter="\t",
        encoding="utf-16",
        newline="\r\n",
        headings=1,
        variant=3,
        flags=("1", "0"),
        days="%Y%m%d",
    ),
    Dialect(
        system="Skolsystem Eken",
        quoted=True,
        headings=2,
        variant=1,
        flags=("Ja", "Nej"),
        years="Läsår {first}/{last:02d}",
    ),
)


def heading(column: Column, dialect: Dialect) -> str:
    """The heading a system gives a column: always one that the extract accepts."""
    standard = [each for each in column.headings if each.isascii() and each[:1].islower() and not each.islower()]
    if dialect.headings == "name":
        return standard[0] if standard else column.name
    others = [each for each in column.headings if each not in standard]
    if dialect.headings == "title" or not others:
        return column.title
    chosen = others[int(dialect.headings) % len(others)]
    return chosen[:1].upper() + chosen[1:]


def _code(column: Column, dialect: Dialect) -> Callable[[Any], str]:
    def write(value: Any) -> str:
        writings = [written for written, stored in (column.codes or {}).items() if stored == value]
        if not writings:
            raise ValueError(f"a value of {column.name} is one of its codes, got another")
        written = writings[dialect.variant % len(writings)]
        return written.upper() if len(written) == 1 else written.capitalize() if dialect.capitals else written

    return write


def _school_year(spring: Any, dialect: Dialect) -> str:
    second = int(spring)
    return dialect.years.format(first=second - 1, second=second, last=second % 100)


def _decimal(value: Any, dialect: Dialect) -> str:
    """Whole numbers as such, but for large ones: ten digits alone could be taken for somebody's number."""
    number = float(value)
    if number.is_integer() and abs(number) < 100_000:
        return str(int(number))
    text = f"{number:.4f}".rstrip("0")
    return (text + "0" if text.endswith(".") else text).replace(".", dialect.decimal)


def _day(value: Any, dialect: Dialect) -> str:
    day: date = value if isinstance(value, date) else pd.Timestamp(value).date()
    return day.strftime(dialect.days)


def _writer(column: Column, dialect: Dialect) -> Callable[[Any], str]:
    """Value -> text for this kind of column."""
    if column.kind == "code":
        return _code(column, dialect)
    writers: Mapping[str, Callable[[Any], str]] = {
        "flag": lambda value: dialect.flags[0 if value else 1],
        "school_year": lambda value: _school_year(value, dialect),
        "municipality": lambda value: f"{int(value):04d}",
        "integer": lambda value: str(int(value)),
        "decimal": lambda value: _decimal(value, dialect),
        "date": lambda value: _day(value, dialect),
    }
    return writers.get(column.kind, str)


def _missing(column: Column, value: Any) -> bool:
    """Whether a value is empty: none at all, or 0 where a code or a year cannot be 0."""
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NaT or value == "":
        return True
    zero_is_none = column.kind in ("municipality", "school_unit", "school_year") or column.name == "birth_year"
    return zero_is_none and str(value) == "0"


def texts(column: Column, values: pd.Series, dialect: Dialect, pseudonyms: pa.Array | None) -> pa.Array:
    """A column as text; pseudonym columns hold positions in `pseudonyms`, -1 = empty."""
    if column.kind == "pseudonym":
        if pseudonyms is None:
            raise ValueError(f"{column.name} needs its space's pseudonyms, got: none")
        positions = values.to_numpy(dtype=np.int64)
        return pseudonyms.take(pa.array(positions, mask=positions < 0)).fill_null("")
    if isinstance(values.dtype, pd.CategoricalDtype):
        positions, uniques = values.cat.codes.to_numpy(), list(values.cat.categories)
    else:
        positions, uniques = _distinct(values)
    write = _writer(column, dialect)
    words = pa.array(["", *("" if _missing(column, value) else write(value) for value in uniques)], type=pa.string())
    return words.take(pa.array(positions.astype(np.int64) + 1))


def _distinct(values: pd.Series) -> tuple[npt.NDArray[np.int64], list[Any]]:
    """Each value's position among the distinct ones; dates as dates."""
    if values.dtype.kind == "M":
        found, positions = np.unique(values.to_numpy().astype("datetime64[D]"), return_inverse=True)
        return positions, found.tolist()
    positions, uniques = pd.factorize(values, use_na_sentinel=True)
    return positions, list(uniques)


def pseudonym_array(made: npt.NDArray[np.bytes_]) -> pa.Array:
    """Pseudonyms as an array to take from."""
    return pa.array(made, type=pa.binary()).cast(pa.string())


def write(
    path: Path,
    extract: Extract,
    table: pd.DataFrame,
    dialect: Dialect,
    pseudonyms: Mapping[str, pa.Array] | None = None,
) -> None:
    """Write the columns that the table has, in the extract's order; `pseudonyms` of each space."""
    columns = [column for column in extract.columns if column.name in table.columns]
    known = pseudonyms or {}
    spaces = {column.name: known.get(column.space or extract.space or "") for column in columns}
    style = "all_valid" if dialect.quoted else "none"
    options = arrow_csv.WriteOptions(include_header=False, delimiter=dialect.delimiter, quoting_style=style)
    with path.open("wb") as file:
        file.write(MARKS.get(dialect.encoding, b"") + _encoded(_header(columns, dialect).encode(), dialect))
        for start in range(0, len(table), ROWS_AT_A_TIME):
            part, body = table.iloc[start : start + ROWS_AT_A_TIME], io.BytesIO()
            arrays = [texts(column, part[column.name], dialect, spaces[column.name]) for column in columns]
            arrow_csv.write_csv(pa.Table.from_arrays(arrays, names=list(spaces)), body, options)
            file.write(_encoded(body.getvalue(), dialect))


def _header(columns: list[Column], dialect: Dialect) -> str:
    text = io.StringIO()
    quoting: Literal[0, 1] = csv.QUOTE_ALL if dialect.quoted else csv.QUOTE_MINIMAL
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator="\n", quoting=quoting)
    writer.writerow([heading(column, dialect) for column in columns])
    return text.getvalue()


def _encoded(written: bytes, dialect: Dialect) -> bytes:
    """Lines as the dialect writes them, without the mark at the start of its files."""
    ended = written.replace(b"\n", dialect.newline.encode()) if dialect.newline != "\n" else written
    without = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(dialect.encoding, dialect.encoding)
    return ended if without == "utf-8" else ended.decode().encode(without)
