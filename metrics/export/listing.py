"""Any table of texts as a file, with what it is, the release it is from and the word Exempeldata where it belongs."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import xlsxwriter

from metrics.export.long_table import harmless
from metrics.export.table import HIDDEN_NOTE
from metrics.present import numbers
from metrics.present.figures import Figures


def about(figures: Figures, title: str, source: str) -> list[tuple[str, str]]:
    """Title, release, source, protection and, for example data, that nothing in it is real."""
    release = figures.release
    said = [
        ("Titel", title),
        ("Utgåva", f"{release.id}, nr {release.manifest.get('number', '')}, {numbers.day(release.created)}"),
        ("Källa", source),
        ("Skydd", HIDDEN_NOTE),
    ]
    return [*said, ("Exempeldata", "Uppgifterna är påhittade.")] if release.example else said


def csv_bytes(
    headings: Sequence[str], rows: Sequence[Sequence[str]], figures: Figures, title: str, source: str
) -> bytes:
    """Semicolon-separated UTF-8 with a byte order mark; where the table is from stands in its last columns."""
    said = about(figures, title, source)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([*headings, *(name for name, _ in said)])
    writer.writerows([*(harmless(cell) for cell in row), *(value for _, value in said)] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def xlsx_bytes(
    headings: Sequence[str], rows: Sequence[Sequence[str]], figures: Figures, title: str, source: str
) -> bytes:
    """A workbook with the table and a sheet "Om tabellen"."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": title, "author": "Samsyn", "comments": figures.release.id})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        sheet = book.add_worksheet("Tabell")
        sheet.write_row(0, 0, headings, head)
        for place, row in enumerate(rows, start=1):
            sheet.write_row(place, 0, row)
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, max(len(headings) - 1, 0), 24)
        other = book.add_worksheet("Om tabellen")
        for place, pair in enumerate(about(figures, title, source)):
            other.write_row(place, 0, pair)
    return target.getvalue()
