"""Tables as files: CSV that Excel opens right, and XLSX with a sheet that says what the numbers are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
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
Cell = str | float | None

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
    "Märkning",
    "Definition",
    "Utgåva",
)
OWN_COLUMNS = (
    "Täljare enligt definitionen",
    "Nämnare enligt definitionen",
    "Källa",
    "Avrundning",
    "Skydd",
    "Exempeldata",
)
"""What a CSV file says in every row, since it has no second sheet to say it on."""
OWN_SOURCE = "Samsyn, medlemmarnas uppgifter"
HIDDEN_NOTE = "Värden som skulle kunna röja enskilda visas inte. Ett sådant värde är inte noll."
DECIMALS = 3
"""Of every number in a file: two more than on the pages, so that a reader can count on, and no more than the data can bear."""
ROUNDING = "Talen har högst tre decimaler, på sidorna en. De är avrundade från det oavrundade värdet."
UNITS = {"share": "procent", "incidence": "procent", "flow": "procent", "per_1000": "per 1 000", "mean": "medelvärde"}
PROTECTION = (
    "Värden som skulle kunna röja enskilda är dolda. Varför just ett visst värde är dolt sägs inte, eftersom skälet "
    "i sig kan avslöja. Ett dolt värde är inte noll."
)


def cells(row: Row, figures: Figures) -> list[Cell]:
    """One row of the table, in the order of HEADINGS; whoever writes it rounds its numbers."""
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
        *_numbers(figure),
        UNITS.get(definition.unit, definition.unit),
        "visas" if figure.shown else STATUS_TEXT.get(Status(figure.status), "") or "känt inom gränser",
        figure.mark,
        f"version {definition.version}",
        figures.release.id,
    ]


def _numbers(figure: Figure) -> list[Cell]:
    """Numerator, denominator, value and limits; none beside a hidden status, whatever the release holds."""
    if figure.status == Status.HIDDEN:
        return [None] * 5
    return [figure.numerator, figure.denominator, figure.value, figure.low, figure.high]


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
    """The values as CSV; definition, source and protection stand in the last columns."""
    return written_csv((*HEADINGS, *OWN_COLUMNS), [[*cells(row, figures), *_about_row(row, figures)] for row in rows])


def _about_row(row: Row, figures: Figures) -> list[Cell]:
    """The cells under OWN_COLUMNS; official values are real also beside example data."""
    definition, key, _ = row
    official = key.series == "official"
    return [
        definition.numerator_label,
        definition.denominator_label,
        figures.official_source if official else OWN_SOURCE,
        ROUNDING,
        HIDDEN_NOTE,
        "Exempeldata" if figures.release.example and not official else "",
    ]


def written_csv(headings: Sequence[str], lines: Iterable[Sequence[Cell]]) -> bytes:
    """Semicolon, decimal comma, at most DECIMALS of them, UTF-8 with BOM."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([_text(cell) for cell in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _text(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    return f"{numbers.rounded(cell, DECIMALS):.{DECIMALS}f}".rstrip("0").removesuffix(".").replace(".", ",")


def about(rows: Sequence[Row], figures: Figures, title: str) -> list[tuple[str, str]]:
    """What the second sheet says: definitions, source, release and protection."""
    return [*about_release(figures, title), *about_definitions([row[0].name for row in rows], figures)]


def about_release(figures: Figures, title: str) -> list[tuple[str, str]]:
    """Title, release, note, protection and source as label and text."""
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
    said += [("Avrundning", ROUNDING), ("Skydd", PROTECTION), ("Källa för officiella värden", figures.official_source)]
    return [pair for pair in said if pair[1]]


def about_definitions(names: Iterable[str], figures: Figures) -> list[tuple[str, str]]:
    """Each indicator once: its title, and what is counted."""
    found = [figures.definitions[name] for name in dict.fromkeys(names)]
    return [
        (
            each.title,
            f"Täljare: {each.numerator_label}. Nämnare: {each.denominator_label}. Version {each.version}.",
        )
        for each in found
    ]


NUMBER_FORMATS = {11: "#,##0", 12: "#,##0"} | dict.fromkeys((13, 14, 15), "0.0")
"""How the columns of HEADINGS that are numbers are shown."""


def xlsx_bytes(rows: Sequence[Row], figures: Figures, title: str) -> bytes:
    """A workbook with the values and a sheet "Om tabellen"."""
    lines = [cells(row, figures) for row in rows]
    return written_book(HEADINGS, lines, about(rows, figures, title), title, figures, NUMBER_FORMATS)


def written_book(
    headings: Sequence[str],
    lines: Sequence[Sequence[Cell]],
    said: Sequence[tuple[str, str]],
    title: str,
    figures: Figures,
    number_formats: Mapping[int, str],
) -> bytes:
    """A workbook of `lines` under `headings` (`number_formats`: column -> Excel's format) and what is `said` of them."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"title": title, "author": "Samsyn", "comments": figures.release.id})
        _values_sheet(book, headings, lines, number_formats)
        sheet = book.add_worksheet("Om tabellen")
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.set_column(0, 0, 34, wrap)
        sheet.set_column(1, 1, 100, wrap)
        for place, pair in enumerate(said):
            sheet.write_row(place, 0, pair)
    return target.getvalue()


def _values_sheet(
    book: Any, headings: Sequence[str], lines: Sequence[Sequence[Cell]], number_formats: Mapping[int, str]
) -> None:
    sheet = book.add_worksheet("Värden")
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    made = {each: book.add_format({"num_format": each}) for each in set(number_formats.values())}
    sheet.write_row(0, 0, headings, head)
    for place, line in enumerate(lines, start=1):
        for column, cell in enumerate(line):
            if cell is not None and cell != "":
                written = cell if isinstance(cell, str) else numbers.rounded(cell, DECIMALS)
                sheet.write(place, column, written, made.get(number_formats.get(column, "")))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(lines), 1), len(headings) - 1)
    sheet.set_column(0, 0, 44)
    sheet.set_column(1, len(headings) - 1, 16)


def foot(figures: Figures) -> list[str]:
    """The lines under an exported picture: example data, release, source, protection."""
    release = figures.release
    first = "Exempeldata: påhittade elever. " if release.example else ""
    return [
        f"{first}Utgåva {release.id} (nr {release.manifest.get('number', '')}, {numbers.day(release.created)}). "
        f"Officiella värden: {figures.official_source}.",
        PROTECTION,
    ]
