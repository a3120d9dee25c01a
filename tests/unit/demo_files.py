"""Reads the invented region's files with nothing but the csv module, as an outsider would."""

import csv
import re
from pathlib import Path

from metrics import catalogue
from metrics.declare import Column, Extract


def normal(heading: str) -> str:
    return "".join(each for each in heading.casefold() if each.isalnum())


def accepted(extract: Extract) -> dict[str, Column]:
    """Every heading the extract accepts; the first column to claim one has it."""
    found: dict[str, Column] = {}
    for column in extract.columns:
        for each in (column.name, column.title, *column.headings):
            found.setdefault(normal(each), column)
    return found


def decoded(path: Path) -> str:
    data = path.read_bytes()
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def rows_of(path: Path, extract: str) -> list[dict[str, str]]:
    """The file's rows under the extract's column names, codes in lower case, read with nothing but the csv module."""
    text = decoded(path)
    delimiter = max(";,\t", key=text.split("\n", 1)[0].count)
    table = list(csv.reader(text.splitlines(), delimiter=delimiter))
    known = accepted(catalogue.default().extracts[extract])
    names = [known[normal(each)].name for each in table[0]]
    assert len(set(names)) == len(names)
    return [dict(zip(names, row, strict=True)) for row in table[1:]]


def standing(folder: Path, deliveries: list[dict], extract: str) -> list[dict[str, str]]:
    """All rows of an extract that stand after the last delivery."""
    kept: list[tuple[str, dict[str, str]]] = []
    for delivery in deliveries:
        if delivery["extract"] != extract:
            continue
        rows = rows_of(folder / delivery["file"], extract)
        if delivery["overlap"] == "replace":
            gone = {(spring(row), row["school_unit"]) for row in rows}
            kept = [(s, r) for s, r in kept if s != delivery["sender"] or (spring(r), r["school_unit"]) not in gone]
        kept += [(delivery["sender"], row) for row in rows]
    return [row for _, row in kept]


def spring(row: dict[str, str]) -> int:
    return 2000 + int(re.search(r"(\d\d)$", row["school_year"])[1])
