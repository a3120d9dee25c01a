"""What a sender downloads before the first delivery: an empty template and a data dictionary, from the declaration."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from metrics.declare import Column, Extract
from metrics.intake.cells import allowed_codes
from metrics.intake.findings import harmless

KIND_TEXT: Mapping[str, str] = {
    "text": "Text",
    "code": "Något av de tillåtna värdena",
    "integer": "Heltal",
    "decimal": "Tal med decimalkomma",
    "date": "Datum, 2025-06-12",
    "flag": "ja eller nej",
    "pseudonym": "Pseudonym, aldrig personnummer",
    "school_year": "Läsår, 2024/25",
    "municipality": "Kommunkod, fyra siffror",
    "school_unit": "Skolenhetskod, åtta siffror",
}
DICTIONARY_HEADINGS = (
    "Rubrik",
    "Andra rubriker som godtas",
    "Måste finnas",
    "Får vara tom",
    "Skrivs som",
    "Tillåtna värden",
    "Betyder",
    "Exempel",
)


def template(extract: Extract) -> bytes:
    """A CSV file that Excel opens right: the Swedish headings and one example row to write over."""
    example = extract.example_rows[0] if extract.example_rows else {}
    row = [example.get(column.name, "") for column in extract.columns]
    return table_bytes([column.title for column in extract.columns], [row])


def dictionary(extract: Extract) -> bytes:
    """The data dictionary: one row per column of the extract."""
    example = extract.example_rows[0] if extract.example_rows else {}
    return table_bytes(DICTIONARY_HEADINGS, [_described(column, example) for column in extract.columns])


def _described(column: Column, example: Mapping[str, str]) -> list[str]:
    return [
        column.title,
        ", ".join(column.headings),
        "ja" if column.required else "nej",
        "ja" if column.may_be_empty else "nej",
        KIND_TEXT[column.kind],
        _allowed(column),
        column.description,
        example.get(column.name, ""),
    ]


def _allowed(column: Column) -> str:
    if column.codes:
        return allowed_codes(column)
    if column.low is None and column.high is None:
        return ""
    if column.kind == "text":
        return f"högst {column.high} tecken"
    low, high = ("" if bound is None else f"{bound}".removesuffix(".0") for bound in (column.low, column.high))
    return f"{low}–{high}"


def table_bytes(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as semicolon-separated UTF-8 with a byte order mark, formulas neutralised."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _cell(cell: str) -> str:
    """A lone dash is a grade, not a formula."""
    return cell if cell == "-" else harmless(cell)
