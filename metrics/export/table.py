"""Tables as files: CSV that Excel opens right, and XLSX with a sheet that says what the numbers are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import xlsxwriter

from metrics.models.types import MODEL_TYPES
from metrics.present import numbers
from metrics.present.figures import Figure, Figures, Key
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import AREA_TYPES, BACKGROUNDS, NO_MODEL, PERSPECTIVES, PROVIDERS, SEXES, STAGES

MODEL_TITLES = {each.name: each.title for each in MODEL_TYPES}
Row = tuple[Definition, Key, Figure]

HEADINGS = (
    "Mått",
    "Serie",
    "Område",
    "Typ av område",
    "Perspektiv",
    "Huvudman",
    "Stadium",
    "Samverkansmodell",
    "Kön",
    "Bakgrund",
    "Period",
    "Täljare",
    "Nämnare",
    "Värde",
    "Undre gräns (95 %)",
    "Övre gräns (95 %)",
    "Enhet",
    "Visas",
    "Märkning i källan",
    "Definition",
    "Utgåva",
)
UNITS = {"share": "procent", "incidence": "procent", "flow": "procent", "per_1000": "per 1 000", "mean": "medelvärde"}
PROTECTION = (
    "Värden som skulle kunna röja enskilda är dolda. Varför just ett visst värde är dolt sägs inte, eftersom skälet "
    "i sig kan avslöja. Ett dolt värde är inte noll."
)


def cells(row: Row, figures: Figures) -> list[str | float | None]:
    """One row of the table, in the order of HEADINGS, numbers unrounded."""
    definition, key, figure = row
    return [
        definition.title,
        "Officiell statistik" if key.series == "official" else "Egna uppgifter",
        figure.area,
        AREA_TYPES.get(key.area_type, key.area_type),
        PERSPECTIVES.get(definition.perspective, ""),
        PROVIDERS.get(key.provider, key.provider),
        STAGES.get(key.stage, key.stage),
        model_name(key.model),
        SEXES.get(key.sex, key.sex),
        BACKGROUNDS.get(key.background, key.background),
        figure.label,
        figure.numerator,
        figure.denominator,
        figure.value,
        figure.low,
        figure.high,
        UNITS.get(definition.unit, definition.unit),
        "visas" if figure.shown else STATUS_TEXT.get(Status(figure.status), "") or "känt inom gränser",
        figure.mark,
        f"version {definition.version}",
        figures.release.id,
    ]


def model_name(code: str) -> str:
    """The model dimension in words."""
    if code == "all":
        return "Alla skolor"
    if code == NO_MODEL:
        return "Skolor utan samverkansmodell"
    if code.startswith("without:"):
        return f"Skolor utan {MODEL_TITLES.get(code[8:], code[8:])}"
    return MODEL_TITLES.get(code, code)


def csv_bytes(rows: Iterable[Row], figures: Figures) -> bytes:
    """Semicolon, decimal comma, UTF-8 with BOM."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADINGS)
    writer.writerows([_text(cell) for cell in cells(row, figures)] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _text(cell: str | float | None) -> str:
    if cell is None:
        return ""
    return str(cell) if isinstance(cell, str) else repr(float(cell)).removesuffix(".0").replace(".", ",")


def about(rows: Sequence[Row], figures: Figures, title: str) -> list[tuple[str, str]]:
    """What the second sheet, and the foot of a picture, say: definitions, source, release and protection."""
    release = figures.release
    said = [
        ("Titel", title),
        ("Utgåva", f"{release.id}, nr {release.manifest.get('number', '')}, {numbers.day(release.created)}"),
        ("Anmärkning", str(release.manifest.get("note", ""))),
    ]
    if release.example:
        said.append(
            ("Exempeldata", "Siffrorna är påhittade och säger inget om verkliga barn. Officiella värden är riktiga.")
        )
    said += [("Skydd", PROTECTION), ("Källa för officiella värden", figures.official_source)]
    for definition in dict.fromkeys(row[0].name for row in rows):
        found = figures.definitions[definition]
        words = f"Täljare: {found.numerator_label}. Nämnare: {found.denominator_label}. Version {found.version}."
        said.append((found.title, words))
    return [pair for pair in said if pair[1]]


def xlsx_bytes(rows: Sequence[Row], figures: Figures, title: str) -> bytes:
    """A workbook with the values and a sheet "Om tabellen"."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"title": title, "author": "Samsyn", "comments": figures.release.id})
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        _values_sheet(book, head, rows, figures)
        sheet = book.add_worksheet("Om tabellen")
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, 0, 34, wrap)
        sheet.set_column(1, 1, 100, wrap)
        for place, pair in enumerate(about(rows, figures, title)):
            sheet.write_row(place, 0, pair)
    return target.getvalue()


def _values_sheet(book: Any, head: Any, rows: Sequence[Row], figures: Figures) -> None:
    sheet = book.add_worksheet("Värden")
    formats = {11: book.add_format({"num_format": "#,##0"}), 13: book.add_format({"num_format": "0.0"})}
    formats |= {12: formats[11], 14: formats[13], 15: formats[13]}
    sheet.write_row(0, 0, HEADINGS, head)
    for place, row in enumerate(rows, start=1):
        for column, cell in enumerate(cells(row, figures)):
            if cell is not None and cell != "":
                sheet.write(place, column, cell, formats.get(column))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(HEADINGS) - 1)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(HEADINGS) - 1, 16)


def foot(figures: Figures) -> list[str]:
    """The lines under an exported picture: example data, release, source, protection."""
    release = figures.release
    first = "Exempeldata: påhittade elever. " if release.example else ""
    return [
        f"{first}Utgåva {release.id} (nr {release.manifest.get('number', '')}, {numbers.day(release.created)}). "
        f"Officiella värden: {figures.official_source}.",
        PROTECTION,
    ]
