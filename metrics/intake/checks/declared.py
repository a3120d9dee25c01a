"""What a check is: a code, its stage, a Swedish sentence with advice, and a file it lets through and one it stops."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from metrics import catalogue
from metrics.declare import Extract, Severity, require

STAGES = ("file", "identifiers", "columns", "cells", "rows", "coverage", "history")


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A small file made from an extract's example rows and the changes a check is about.

    `cells` changes one row (number `at`, the first is 0), `every` all of them; `extra` adds headings, `drop` removes
    columns, `rename` changes headings. `raw`, if given, is the whole file instead. `unlike` is a further row's
    changes, appended after the others.
    """

    extract: str = "year9_grades"
    rows: int = 25
    cells: Mapping[str, str] = field(default_factory=dict)
    every: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str | Callable[[int], str]] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    unlike: Mapping[str, str] | None = None
    at: int = 3
    delimiter: str = ";"
    encoding: str = "utf-8"
    name: str = "fil.csv"
    finish: Callable[[str], str] | None = None
    raw: Callable[[], bytes] | None = None

    def data(self) -> bytes:
        """The file's bytes."""
        if self.raw is not None:
            return self.raw()
        text = self._text()
        return (self.finish(text) if self.finish else text).encode(self.encoding)

    def _text(self) -> str:
        extract = catalogue.default().extracts[self.extract]
        columns = [column for column in extract.columns if column.name not in self.drop]
        text = io.StringIO()
        writer = csv.writer(text, delimiter=self.delimiter, lineterminator="\n")
        writer.writerow([*(self.rename.get(each.name, each.title) for each in columns), *self.extra])
        for number, row in enumerate(self._rows(extract)):
            added = [cell if isinstance(cell, str) else cell(number) for cell in self.extra.values()]
            writer.writerow([*(row.get(each.name, "") for each in columns), *added])
        return text.getvalue()

    def _rows(self, extract: Extract) -> list[dict[str, str]]:
        rows = [{**distinct_row(extract, number), **self.every} for number in range(self.rows)]
        if self.cells:
            rows[self.at % len(rows)] |= self.cells
        if self.unlike is not None:
            rows.append({**rows[self.at % len(rows)], **self.unlike})
        return rows


def distinct_row(extract: Extract, number: int) -> dict[str, str]:
    """An accepted row of the extract, different in its key from the rows with other numbers."""
    examples = extract.example_rows
    row = dict(examples[number % len(examples)])
    for column in extract.columns:
        if column.kind == "pseudonym":
            row[column.name] = f"{row[column.name]}{number:05d}"
        elif column.name == "sex" and column.codes:
            row[column.name] = ("flicka", "pojke")[number % 2]
        elif column.name == extract.key[0] and column.kind == "school_unit":
            row[column.name] = str(int(row[column.name]) + number)
        elif column.name == extract.key[0] and column.kind == "text":
            row[column.name] = f"{row[column.name]} {number}"
    return row


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check. `sentence` and `advice` may hold {words} that the check's function fills in; never a cell's value."""

    code: str
    stage: str
    severity: Severity
    sentence: str
    advice: str
    good: Sample = field(default_factory=Sample)
    bad: Sample

    def __post_init__(self) -> None:
        require(self.stage in STAGES, f"a check's stage is one of {STAGES}", self.stage)
        require(self.severity in ("error", "warning", "info"), "severity is error, warning or info", self.severity)
        require(self.sentence.endswith("."), "a check's sentence ends with a full stop", self.code)
        require(self.advice.endswith("."), "a check's advice ends with a full stop", self.code)
