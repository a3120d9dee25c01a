"""Official exports as tables: lines above the header, one or two header lines, data rows, and a footer of any length."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from metrics.declare import Problem, Reading, Sheet
from metrics.extracts.reading.rows import Rows
from metrics.extracts.reading.words import (
    PROVIDER_WORDS,
    SEX_WORDS,
    Printed,
    calendar_year_in,
    normal,
    printed,
    school_year_in,
    tidy,
)
from metrics.values import Status

HEADER_WITHIN = 60
PLACES = {
    "kommun": "name",
    "kommunkod": "code",
    "län": "",
    "länskod": "",
    "typavhuvudman": "provider",
    "huvudman": "provider",
    "huvudmannatyp": "provider",
    "kön": "sex",
    "uppgift": "item",
    "läsår": "year",
    "år": "year",
}
BREAKDOWNS = frozenset(
    [
        "ämne",
        "ämneskod",
        "årskurs",
        "program",
        "programkod",
        "skolform",
        "inriktning",
        "stadium",
        "delprov",
        "provbetyg",
        "betyg",
    ]
)
OTHER_LEVELS = frozenset(
    [
        "skola",
        "skolenhet",
        "skolenhetsnamn",
        "skolenhetskod",
        "huvudman",
        "organisationsnummer",
        "län",
        "region",
        "riket",
    ]
)
NATION = frozenset(("riket", "helariket", "totalt", "samtliga", "samtligakommuner"))


@dataclass(frozen=True, kw_only=True)
class Place:
    """What one column of figures is about: parts of its headings that are a year, a sex or a provider, and the rest."""

    index: int
    label: str
    year: str = ""
    sex: str = ""
    provider: str = ""
    calendar: bool = False


@dataclass(kw_only=True)
class _Head:
    """A sheet's header: where the known columns are, what the others hold, and what the lines above it say."""

    row: int
    width: int
    at: dict[str, int] = field(default_factory=dict)
    figures: tuple[Place, ...] = ()
    breakdowns: tuple[int, ...] = ()
    cells: Sequence[str] = ()
    title: str = ""
    year: str = ""
    calendar: bool = False
    provider: str = ""
    sex: str = ""
    same_headings: bool = False


def read_sheets(sheets: Sequence[Sheet]) -> Reading | None:
    """The rows of every sheet that is an official table; None when none of them is."""
    rows = Rows()
    for sheet in sheets:
        start = _header_place(sheet)
        if start is not None:
            _read_sheet(sheet, start, rows)
    if not rows.header_row:
        return _other_level(sheets)
    return rows.reading()


def _other_level(sheets: Sequence[Sheet]) -> Reading | None:
    """An official table about schools or counties is recognised, and refused with a reason."""
    for sheet in sheets:
        about = any("skolverket" in cell.casefold() or "Valt läsår" in cell for row in sheet.rows[:12] for cell in row)
        for number, row in zip(sheet.numbers, sheet.rows[:HEADER_WITHIN], strict=False):
            if about and len(row) > 3 and normal(row[0]) in OTHER_LEVELS:
                return Reading(columns={}, row_numbers=(), problems=(Problem(code="official_level", rows=(number,)),))
    return None


def _header_place(sheet: Sheet) -> int | None:
    """The first row that starts with Kommun and has a code column; the one below when that does too."""
    for place, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        if _is_header(row):
            below = sheet.rows[place + 1] if place + 1 < len(sheet.rows) else ()
            return place + 1 if _is_header(below) else place
    return None


def _is_header(row: Sequence[str]) -> bool:
    names = [normal(cell) for cell in row]
    known = {name for name in names if name in PLACES}
    return bool(names) and names[0] == "kommun" and "kommunkod" in names and len(known) >= 3


def _read_sheet(sheet: Sheet, start: int, rows: Rows) -> None:
    head = _head(sheet, start)
    rows.header_row = rows.header_row or head.row
    rows.saw_title(head.title)
    data = list(_data_rows(sheet, start, head, rows))
    head.breakdowns = _breakdowns(head, data)
    if head.same_headings:
        rows.problem("official_same_heading", head.row)
    if head.calendar or any(place.calendar for place in head.figures):
        rows.problem("official_calendar_year", head.row)
    if not head.provider and "provider" not in head.at and not any(place.provider for place in head.figures):
        rows.problem("official_no_provider", head.row)
    counts = _pupil_counts(head, data)
    for number, cells in data:
        _read_row(number, cells, head, counts, rows)


def _head(sheet: Sheet, start: int) -> _Head:
    cells = sheet.rows[start]
    width = max((place + 1 for place, cell in enumerate(cells) if cell.strip()), default=0)
    head = _Head(row=sheet.numbers[start], width=width, cells=cells)
    for place, cell in enumerate(cells[:width]):
        if meaning := PLACES.get(normal(cell)):
            head.at.setdefault(meaning, place)
    groups = _groups(sheet, start, width)
    head.figures = tuple(
        _place(place, groups.get(place, ""), cell)
        for place, cell in enumerate(cells[:width])
        if normal(cell) not in PLACES and (cell.strip() or groups.get(place))
    )
    head.figures, head.same_headings = _told_apart(head.figures)
    _read_preamble(sheet.rows[:start], sheet.name, head)
    return head


def _groups(sheet: Sheet, start: int, width: int) -> dict[int, str]:
    """The headings of the line above, place by place: repeated in a CSV, merged (once, then empty) in a workbook."""
    if start == 0:
        return {}
    above, adjacent = sheet.rows[start - 1], sheet.numbers[start] - sheet.numbers[start - 1] == 1
    figures = [place for place in range(width) if normal(sheet.rows[start][place]) not in PLACES]
    filled = [place for place in figures if place < len(above) and above[place].strip()]
    if not adjacent or not filled or (above[0].strip() and normal(above[0]) != "kommun"):
        return {}
    repeats = any(above[a].strip() == above[b].strip() for a, b in itertools.pairwise(filled))
    groups: dict[int, str] = {}
    current = ""
    for place in figures:
        cell = tidy(above[place]) if place < len(above) else ""
        current = cell or ("" if repeats else current)
        groups[place] = current
    return groups


def _place(index: int, group: str, heading: str) -> Place:
    year = sex = provider = ""
    calendar = False
    rest: list[str] = []
    for part in (tidy(group), tidy(heading)):
        if found := school_year_in(part):
            year = found
        elif found := calendar_year_in(part):
            year, calendar = found, True
        elif normal(part) in SEX_WORDS and SEX_WORDS[normal(part)] != "all":
            sex = SEX_WORDS[normal(part)]
        elif normal(part) in PROVIDER_WORDS and PROVIDER_WORDS[normal(part)] != "all":
            provider = PROVIDER_WORDS[normal(part)]
        elif part and part not in rest:
            rest.append(part)
    return Place(index=index, label=": ".join(rest), year=year, sex=sex, provider=provider, calendar=calendar)


def _told_apart(places: Sequence[Place]) -> tuple[tuple[Place, ...], bool]:
    """The places with "Samtliga" read as a total where its neighbours are sexes or providers, and equal ones numbered."""
    sexes, providers = any(place.sex for place in places), any(place.provider for place in places)
    seen: dict[tuple[str, ...], int] = {}
    told: list[Place] = []
    for place in places:
        label, sex, provider = place.label, place.sex, place.provider
        words = [part for part in label.split(": ") if normal(part) not in ("samtliga", "totalt")]
        if len(words) < len(label.split(": ")) and (sexes or providers):
            label, sex, provider = ": ".join(words), sex or "all" * sexes, provider or "all" * providers
        key = (label, place.year, sex, provider)
        same = seen[key] = seen.get(key, 0) + 1
        label = f"{label} ({same})" if same > 1 else label
        told.append(
            Place(
                index=place.index,
                label=label,
                year=place.year,
                sex=sex,
                provider=provider,
                calendar=place.calendar,
            )
        )
    return tuple(told), any(count > 1 for count in seen.values())


def _read_preamble(lines: Sequence[Sequence[str]], sheet_name: str, head: _Head) -> None:
    """Title, year, provider and sex from the lines above the header; the provider also from the sheet's name."""
    head.provider = PROVIDER_WORDS.get(normal(sheet_name), "")
    for line in lines:
        text = tidy(next((cell for cell in line if cell.strip()), ""))
        if found := re.match(r"(?i)val(?:t|da)\s+(?:läsår|år)\s*:?\s*(.+)", text):
            head.year = school_year_in(found[1])
            if not head.year and (year := calendar_year_in(found[1])):
                head.year, head.calendar = year, True
        elif found := re.match(r"(?i)(?:typ av )?huvudman(?:natyp)?\s*:\s*(.+)", text):
            head.provider = PROVIDER_WORDS.get(normal(found[1]), head.provider)
        elif found := re.match(r"(?i)kön\s*:\s*(.+)", text):
            head.sex = SEX_WORDS.get(normal(found[1]), "")
        elif text and not head.title and not re.match(r"(?i)statistik från|källa|https?:|skolverket", text):
            head.title = text


def _data_rows(sheet: Sheet, start: int, head: _Head, rows: Rows) -> Iterator[tuple[int, Sequence[str]]]:
    """The rows with the header's width and a four-digit code. What only looks like one is a problem, the rest footer."""
    code_at = head.at["code"]
    for number, row in zip(sheet.numbers[start + 1 :], sheet.rows[start + 1 :], strict=True):
        filled = len(row) - next((place for place, cell in enumerate(reversed(row)) if cell.strip()), len(row))
        code = row[code_at].strip() if code_at < len(row) else ""
        complete = filled <= head.width and len(row) >= head.width
        if complete and re.fullmatch(r"\d{3,4}", code):
            yield number, row
        elif complete and normal(row[0]) in NATION:
            rows.problem("official_nation", number)
        elif re.fullmatch(r"\d{3,4}", code) or (complete and _figures_in(row, head) >= 2):
            rows.problem("official_row_broken", number)
        else:
            rows.skipped += 1


def _figures_in(row: Sequence[str], head: _Head) -> int:
    """How many of the row's columns of figures hold a number or a mark."""
    return sum(bool(row[place.index].strip()) and printed(row[place.index]) is not None for place in head.figures)


def _breakdowns(head: _Head, data: Sequence[tuple[int, Sequence[str]]]) -> tuple[int, ...]:
    """Columns that divide the rows further (subject, programme): known by heading, or by holding words."""
    found = []
    for place in head.figures:
        cells = [row[place.index] for _, row in data[:500] if row[place.index].strip()]
        words = sum(printed(cell) is None for cell in cells)
        if normal(head.cells[place.index]) in BREAKDOWNS or 2 * words > len(cells) > 0:
            found.append(place.index)
    return tuple(found)


@dataclass(frozen=True, kw_only=True)
class _Row:
    """What holds for all figures of one row."""

    code: str
    name: str
    provider: str
    sex: str
    year: str
    item: str
    breakdown: str


def _row(cells: Sequence[str], head: _Head) -> _Row:
    def cell(meaning: str) -> str:
        return tidy(cells[head.at[meaning]]) if meaning in head.at else ""

    written = cell("year")
    return _Row(
        code=cell("code").zfill(4),
        name=cell("name"),
        provider=PROVIDER_WORDS.get(normal(cell("provider")), "?") if cell("provider") else head.provider or "all",
        sex=SEX_WORDS.get(normal(cell("sex")), "?") if cell("sex") else head.sex or "all",
        year=school_year_in(written) or calendar_year_in(written) or head.year,
        item=cell("item"),
        breakdown="; ".join(
            f"{tidy(head.cells[place])}: {tidy(cells[place])}" for place in head.breakdowns if cells[place].strip()
        ),
    )


def _is_pupil_count(label: str) -> bool:
    return re.match(r"(?i)(totalt )?antal elever( totalt| årskurs 9| i årskurs 9)?$", label) is not None


Counts = Mapping[tuple[str, ...], int]


def _pupil_counts(head: _Head, data: Sequence[tuple[int, Sequence[str]]]) -> Counts:
    """Number of pupils per municipality, provider, sex, year and breakdown, where the table itself gives it."""
    counts: dict[tuple[str, ...], int] = {}
    for _, cells in data:
        row = _row(cells, head)
        for place in head.figures:
            said = printed(cells[place.index]) if place.index not in head.breakdowns else None
            if said and said.value.isdigit() and _is_pupil_count(row.item or place.label):
                counts.setdefault(_count_key(row, place), int(said.value))
    return counts


def _count_key(row: _Row, place: Place) -> tuple[str, ...]:
    return (row.code, place.provider or row.provider, place.sex or row.sex, place.year or row.year, row.breakdown)


def _read_row(number: int, cells: Sequence[str], head: _Head, counts: Counts, rows: Rows) -> None:
    row = _row(cells, head)
    if row.provider == "?":
        rows.problem("official_other_provider", number)
        return
    if row.sex == "?":
        rows.problem("official_row_broken", number)
        return
    for place in head.figures:
        if place.index not in head.breakdowns:
            _read_figure(number, cells[place.index], row, place, head, counts, rows)


def _read_figure(number: int, cell: str, row: _Row, place: Place, head: _Head, counts: Counts, rows: Rows) -> None:
    said = printed(cell)
    if said is None:
        rows.problem("official_mark_unknown", number)
        said = Printed(status=Status.MISSING, mark=tidy(cell)[:20])
    year = place.year or row.year
    if not year:
        rows.problem("official_no_year", number)
        return
    rows.add(
        number,
        said,
        counts.get(_count_key(row, place)),
        table_title=head.title,
        municipality=row.code,
        municipality_name=row.name,
        provider=place.provider or row.provider,
        sex=place.sex or row.sex,
        school_year=year,
        measure=": ".join(filter(None, (row.item, place.label))) or head.title,
        breakdown=row.breakdown,
    )
