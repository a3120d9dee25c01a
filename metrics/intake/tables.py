"""A document to a table: which extract it is, its delimiter, its header row, and its rows one by one."""

from __future__ import annotations

import csv
import io
import re
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from metrics.declare import Column, Document, Extract, Reading, Sheet
from metrics.intake import headings, identifiers
from metrics.intake.cells import SWEDISH, Style
from metrics.intake.container import Opened, cell_text
from metrics.intake.notes import Notes
from metrics.vocabulary import spring_of

DELIMITERS = (";", "\t", ",", "|")
DELIMITER_TEXT: Mapping[str, str] = {";": "semikolon", "\t": "tabb", ",": "komma", "|": "lodstreck"}
HEADER_WITHIN = 40
NEARLY_AS_GOOD = 300
"""How much less of its headings (in thousandths, required ones counted twice) another extract may match and be meant."""
AGE_MARGIN = 1.4
Rows = Iterable[tuple[int, Sequence[str]]]


class BrokenTextError(ValueError):
    """The text's quotes do not add up; `row` is the line where reading stopped."""

    def __init__(self, row: int) -> None:
        super().__init__(f"quotes open and close, got: text that does not, at line {row}")
        self.row = row


@dataclass(frozen=True, kw_only=True)
class Table:
    """A recognised table: its extract, what each place holds, and the rows below the header."""

    extract: Extract
    match: headings.Match
    rows: Rows
    header_row: int | None
    delimiter: str = ""
    style: Style = SWEDISH


@dataclass(frozen=True, kw_only=True)
class _Header:
    extract: Extract
    cells: Sequence[str]
    row: int
    place: int
    score: tuple[int, int]
    uncertain: tuple[str, ...] = ()


def recognise(
    opened: Opened,
    extracts: Sequence[Extract],
    notes: Notes,
    by_hand: Mapping[str, str] | None = None,
    name: str = "",
) -> Table | None:
    """The table in an opened file, as one of these extracts; None when that was noted as an error.

    The file's name is looked at only where extracts have the same headings.
    """
    if opened.text is not None:
        return _from_text(opened.text, extracts, notes, by_hand, name)
    document = opened.document or Document()
    if found := _from_readers(document, extracts, notes):
        return found
    sheets = document.sheets or _sheets_of(document.tree, notes)
    return _from_sheets(sheets, extracts, notes, by_hand, name)


def _from_readers(document: Document, extracts: Sequence[Extract], notes: Notes, delimiter: str = "") -> Table | None:
    for extract in extracts:
        if extract.reader is not None and (reading := extract.reader(document)) is not None:
            for problem in reading.problems:
                notes.add(problem.code, column=problem.column, rows=problem.rows)
            return _table_of(extract, reading, delimiter)
    return None


def _table_of(extract: Extract, reading: Reading, delimiter: str) -> Table:
    columns: list[Column] = [extract.column(name) for name in reading.columns]
    names = {name: printed for printed, name in reading.headings.items()}
    match = headings.Match(
        columns=tuple(columns), headings=tuple(names.get(column.name, column.title) for column in columns)
    )
    rows = zip(reading.row_numbers, zip(*reading.columns.values(), strict=True), strict=True)
    return Table(extract=extract, match=match, rows=rows, header_row=reading.header_row, delimiter=delimiter)


def _from_text(
    text: str, extracts: Sequence[Extract], notes: Notes, by_hand: Mapping[str, str] | None, name: str
) -> Table | None:
    starts = {delimiter: _start(text, delimiter) for delimiter in DELIMITERS}
    with_reader = [extract for extract in extracts if extract.reader is not None]
    guessed = max(DELIMITERS, key=lambda each: _width_of_official(starts[each]))
    official = _width_of_official(starts[guessed]) >= 3 and _read_official(text, guessed, with_reader, notes)
    if official:
        return official
    headers = {each: header for each, start in starts.items() if (header := _header(start, extracts, by_hand, name))}
    if not headers:
        notes.add("header_missing", known=_titles(extracts))
        return None
    delimiter = max(headers, key=lambda each: headers[each].score)
    header = headers[delimiter]
    if code := identifiers.in_text("\n".join(cell for _, row in starts[delimiter][: header.place] for cell in row)):
        notes.add(code, rows=[1])
    rows = _after(split(text, delimiter), header.row)
    point = Style(decimal_point=delimiter == ",")
    return _generic(header, rows, notes, by_hand, delimiter, point)


def _width_of_official(start: Sequence[tuple[int, Sequence[str]]]) -> int:
    """How many cells the widest row has that may be an official table's header; 0 when none may."""
    first = ("kommun", "huvudman", "län", "region", "riket", "skola", "skolenhet", "skolenhetskod", "skolenhetsnamn")
    return max((len(row) for _, row in start if row and headings.normal(row[0]) in first), default=0)


def _read_official(text: str, delimiter: str, extracts: Sequence[Extract], notes: Notes) -> Table | None:
    if not extracts:
        return None
    try:
        rows = list(split(text, delimiter))
    except BrokenTextError:
        lines = io.StringIO(text, newline="")
        rows = [(number, line.rstrip("\r\n").split(delimiter)) for number, line in enumerate(lines, start=1)]
    sheet = Sheet(rows=[cells for _, cells in rows], numbers=[number for number, _ in rows])
    return _from_readers(Document(sheets=(sheet,)), extracts, notes, delimiter)


def _titles(extracts: Sequence[Extract]) -> str:
    return ", ".join(extract.title for extract in extracts)


def _generic(
    header: _Header,
    rows: Rows,
    notes: Notes,
    by_hand: Mapping[str, str] | None,
    delimiter: str = "",
    style: Style = SWEDISH,
) -> Table:
    if header.uncertain:
        notes.add("extract_uncertain", titles=" eller ".join(header.uncertain), title=header.extract.title)
    return Table(
        extract=header.extract,
        match=headings.match(header.extract, header.cells, notes, by_hand),
        rows=rows,
        header_row=header.row,
        delimiter=delimiter,
        style=style,
    )


def split(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row; BrokenTextError where quotes do not add up."""
    return split_lines(io.StringIO(text, newline=""), delimiter)


def split_lines(lines: Iterable[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """As `split`, for lines one by one."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error:
        raise BrokenTextError(reader.line_num) from None


def _start(text: str, delimiter: str) -> list[tuple[int, Sequence[str]]]:
    """The first rows, as far as they can be read with this delimiter."""
    rows: list[tuple[int, Sequence[str]]] = []
    try:
        for row in split(text[:500_000], delimiter):
            rows.append(row)
            if len(rows) == HEADER_WITHIN:
                break
    except BrokenTextError:
        pass
    return rows


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    """An extract a header row may belong to, and the headings it accepts, those matched by hand included."""

    extract: Extract
    known: Mapping[str, str]
    required: frozenset[str]


def _candidates(extracts: Sequence[Extract], by_hand: Mapping[str, str] | None) -> list[_Candidate]:
    own = {headings.normal(heading): name for heading, name in (by_hand or {}).items() if name}
    return [
        _Candidate(
            extract=extract,
            known={heading: column.name for heading, column in headings.accepted(extract).items()} | own,
            required=frozenset(column.name for column in extract.columns if column.required),
        )
        for extract in extracts
        if extract.reader is None
    ]


def _header(
    rows: Sequence[tuple[int, Sequence[str]]],
    extracts: Sequence[Extract],
    by_hand: Mapping[str, str] | None,
    name: str,
) -> _Header | None:
    """The row that best serves as a header: it has most of some extract's required columns, and little else."""
    candidates = _candidates(extracts, by_hand)
    found: list[_Header] = []
    for place, (number, cells) in enumerate(rows):
        written = [headings.normal(cell) for cell in cells if cell.strip()]
        for each in candidates:
            score = _score(each, written, alone=len(candidates) == 1)
            if score is not None:
                found.append(_Header(extract=each.extract, cells=cells, row=number, place=place, score=score))
    if not found:
        return None
    best = max(found, key=lambda each: each.score)
    alike = [each for each in found if each.row == best.row and each.score[0] >= best.score[0] - NEARLY_AS_GOOD]
    return _told_apart(best, alike, rows[best.place + 1 :], candidates, name)


def _told_apart(
    best: _Header,
    alike: Sequence[_Header],
    rows: Sequence[tuple[int, Sequence[str]]],
    candidates: Sequence[_Candidate],
    name: str,
) -> _Header:
    """Of extracts with nearly the same headings: by the pupils' age, the file's name, or who knows more headings."""
    aged = [each for each in alike if each.extract.usual_age is not None]
    if best not in aged or len(aged) == 1:
        return best
    known = next(each.known for each in candidates if each.extract is best.extract)
    age = _age(best, rows, known)
    most = max(each.score[1] for each in aged)
    for left in (
        [each for each in aged if age is not None and abs(age - (each.extract.usual_age or 0)) <= AGE_MARGIN],
        [each for each in aged if _is_named(each.extract, name)],
        [each for each in aged if each.score[1] == most],
    ):
        if len(left) == 1:
            return left[0]
    return replace(best, uncertain=tuple(each.extract.title for each in aged))


def _is_named(extract: Extract, name: str) -> bool:
    """Whether a file's name says the extract: by its name or title, or as åk9 and the like."""
    grade = (extract.usual_age or 0) - 7
    words = (extract.name, extract.title, f"åk{grade}", f"ak{grade}", f"årskurs{grade}")
    return any(headings.normal(word) in headings.normal(name) for word in words)


def _age(header: _Header, rows: Sequence[tuple[int, Sequence[str]]], known: Mapping[str, str]) -> float | None:
    """The age that most pupils of the first rows turn in the spring year; None when the file does not say."""
    names = [known.get(headings.normal(cell), "") for cell in header.cells]
    if "birth_year" not in names or "school_year" not in names:
        return None
    born, year = names.index("birth_year"), names.index("school_year")
    ages = [
        spring_of(cells[year]) - int(cells[born])
        for _, cells in rows
        if len(cells) == len(names) and re.fullmatch(r"\s*[0-9]{4}\s*", cells[born]) and _is_school_year(cells[year])
    ]
    return statistics.median(ages) if ages else None


def _is_school_year(cell: str) -> bool:
    try:
        spring_of(cell)
    except ValueError:
        return False
    return True


def _score(candidate: _Candidate, written: Sequence[str], *, alone: bool) -> tuple[int, int] | None:
    """How well a row serves as the candidate's header; None when it does not."""
    names = {candidate.known[heading] for heading in written if heading in candidate.known}
    required = len(names & candidate.required)
    if len(names) < 2 or (2 * required < len(candidate.required) and not alone):
        return None
    return 1000 * required // len(candidate.required) + 1000 * len(names) // len(written), len(names)


def _after(rows: Iterator[tuple[int, list[str]]], header_row: int) -> Iterator[tuple[int, list[str]]]:
    return (row for row in rows if row[0] > header_row)


def _from_sheets(
    sheets: Sequence[Sheet], extracts: Sequence[Extract], notes: Notes, by_hand: Mapping[str, str] | None, file: str
) -> Table | None:
    numbered = {sheet.name: list(zip(sheet.numbers, sheet.rows, strict=True)) for sheet in sheets}
    found = {
        name: header
        for name, rows in numbered.items()
        if (header := _header(rows[:HEADER_WITHIN], extracts, by_hand, file))
    }
    if not found:
        if not notes.refused:
            notes.add("header_missing", known=_titles(extracts))
        return None
    if len(found) > 1:
        notes.add("workbook_many_tables", count=len(found))
        return None
    [(name, header)] = found.items()
    above = "\n".join(cell for _, row in numbered[name][: header.place] for cell in row)
    if code := identifiers.in_text(above):
        notes.add(code, rows=[1])
    return _generic(header, [row for row in numbered[name] if row[0] > header.row], notes, by_hand)


def _sheets_of(tree: object, notes: Notes) -> tuple[Sheet, ...]:
    """A JSON list of objects, or one alone, as a sheet; the list may be wrapped in one object ({"data": [...]})."""
    records = _records(tree)
    if records is None:
        notes.add("json_shape")
        return ()
    names = list(dict.fromkeys(name for record in records for name in record))
    if any(isinstance(cell, (dict, list)) for record in records for cell in record.values()):
        notes.add("json_nested")
        return ()
    rows = [names, *([cell_text(record.get(name)) for name in names] for record in records)]
    return (Sheet(rows=rows, numbers=range(len(rows))),)


def _records(tree: object) -> list[dict[str, object]] | None:
    if isinstance(tree, dict):
        lists = [value for value in tree.values() if isinstance(value, list)]
        alone = tree and not any(isinstance(value, (dict, list)) for value in tree.values())
        tree = [tree] if alone else lists[0] if len(lists) == 1 else None
    if isinstance(tree, list) and tree and all(isinstance(record, dict) for record in tree):
        return tree
    return None
