"""Bytes to a document: archives, spreadsheets, JSON and text are told apart by content and opened within limits."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from metrics.declare import Document, Sheet
from metrics.intake.decode import decode
from metrics.intake.notes import Notes
from metrics.intake.workbook_links import refers_elsewhere

LARGEST_FILE = 200 * 2**20
LARGEST_UNPACKED = 400 * 2**20
LARGEST_RATIO = 200
MOST_CELLS = 20_000_000
TABLE_ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".json", ".jsonl", ".ndjson")
WORKBOOK_ENDINGS = (".xlsx", ".xlsm", ".xls")

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "en PDF"),
    (b"\x89PNG", "en bild"),
    (b"\xff\xd8\xff", "en bild"),
    (b"GIF8", "en bild"),
    (b"PAR1", "en Parquet-fil"),
    (b"\x1f\x8b", "en gzip-fil"),
    (b"7z\xbc\xaf", "en 7z-fil"),
    (b"Rar!", "en rar-fil"),
    (b"SQLite format 3", "en databas"),
    (b"\x7fELF", "ett program"),
    (b"MZ", "ett program"),
    (b"{\\rtf", "ett textdokument"),
)
_CELL = re.compile(rb"\br\s*=\s*[\"']([A-Za-z]{1,3})(\d{1,9})[\"']")


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A file's content: `text` when it is delimited text, otherwise `document`."""

    text: str | None = None
    document: Document | None = None
    encoding: str = ""


def open_bytes(data: bytes, name: str, notes: Notes) -> Opened | None:
    """What the bytes hold, or None when that was noted as an error."""
    if not data.strip(b"\x00\t\r\n \xef\xbb\xbf"):
        notes.add("file_empty")
    elif len(data) > LARGEST_FILE:
        notes.add("file_too_large", limit=LARGEST_FILE // 2**20)
    elif data.startswith(b"PK"):
        return _open_archive(data, name, notes)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        notes.add("file_old_excel")
    elif kind := next((kind for start, kind in _SIGNATURES if data.startswith(start)), None):
        notes.add("file_not_a_table", kind=kind)
    else:
        return _open_text(data, name, notes)
    return None


def _open_text(data: bytes, name: str, notes: Notes) -> Opened | None:
    if name.lower().endswith(WORKBOOK_ENDINGS):
        notes.add("file_not_what_it_says", ending=name.lower()[name.rindex(".") :])
    decoded = decode(data, notes)
    if decoded is None:
        return None
    text, encoding = decoded
    start = text.lstrip()[:200].lower()
    if start.startswith(("<!doctype", "<html", "<?xml", "<table", "<script")):
        notes.add("file_is_web_page")
        return None
    if start.startswith(("{", "[")):
        return _open_json(text, encoding, notes)
    return Opened(text=text, encoding=encoding)


def _open_json(text: str, encoding: str, notes: Notes) -> Opened | None:
    tree = _json(text)
    if tree is None:
        tree, broken = _json_lines(text)
        if broken:
            notes.add("json_broken", rows=[broken] if tree else ())
            return None
    return Opened(document=Document(tree=tree), encoding=encoding)


def _json(text: str) -> Any:
    """The value that the text is, or None."""
    try:
        return json.loads(text, object_pairs_hook=_unique_names)
    except (ValueError, RecursionError):
        return None


def _json_lines(text: str) -> tuple[list[Any], int]:
    """The objects of a text with one object a line (JSON Lines), and the first line that is none, or 0."""
    found: list[Any] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            record = _json(line) if line.lstrip().startswith("{") else None
            if record is None:
                return found, number
            found.append(record)
    return found, 0


def _unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands once in a JSON object")
    return names


@dataclass(frozen=True, kw_only=True)
class Member:
    """One table file inside an archive, or the delivered file itself."""

    name: str
    data: bytes


def unpack(data: bytes, name: str = "") -> tuple[Member, ...]:
    """The table files of a zip archive, or the file itself; an archive that cannot be opened safely is itself."""
    alone = (Member(name=name, data=data),)
    if not data.startswith(b"PK"):
        return alone
    notes = Notes()
    unpacked = _read_archive(data, notes)
    if unpacked is None or _is_workbook(unpacked):
        return alone
    tables = [Member(name=each.rsplit("/", 1)[-1], data=content) for each, content in _tables(unpacked).items()]
    return tuple(tables) or alone


def _open_archive(data: bytes, name: str, notes: Notes) -> Opened | None:
    unpacked = _read_archive(data, notes)
    if unpacked is None:
        return None
    if _is_workbook(unpacked):
        return _open_workbook(data, unpacked, name, notes)
    tables = _tables(unpacked)
    if len(tables) != 1:
        notes.add("zip_without_table" if not tables else "zip_with_many", count=len(tables))
        return None
    [(inner, content)] = tables.items()
    if content.startswith(b"PK") and not _is_workbook(_read_archive(content, Notes()) or {}):
        notes.add("zip_in_zip")
        return None
    return open_bytes(content, inner, notes)


def _is_workbook(unpacked: dict[str, bytes]) -> bool:
    return any(name.lower() in ("xl/workbook.xml", "xl/workbook.bin") for name in unpacked)


def _tables(unpacked: dict[str, bytes]) -> dict[str, bytes]:
    """The members that are table files; folders and what macOS adds are left out."""
    return {
        name: content
        for name, content in unpacked.items()
        if name.lower().endswith((*TABLE_ENDINGS, ".zip")) and not name.startswith("__MACOSX/")
    }


def _read_archive(data: bytes, notes: Notes) -> dict[str, bytes] | None:
    """Every member's bytes, read within the limits: the sizes an archive claims are checked, not believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            total = sum(info.file_size for info in members)
            if total > LARGEST_UNPACKED or total > LARGEST_RATIO * len(data) + 2**20 or len(members) > 2000:
                notes.add("zip_bomb")
                return None
            if any(info.flag_bits & 1 for info in members):
                notes.add("zip_locked")
                return None
            return {info.filename: archive.read(info) for info in members}
    except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError, EOFError, RuntimeError, IndexError, KeyError):
        notes.add("zip_broken")
    except Exception:  # zlib, lzma and struct each raise errors of their own for damaged bytes
        notes.add("zip_broken")
    return None


def _open_workbook(data: bytes, unpacked: dict[str, bytes], name: str, notes: Notes) -> Opened | None:
    names = {each.lower() for each in unpacked}
    if name.lower().endswith((".csv", ".tsv", ".txt")):
        notes.add("file_not_what_it_says", ending=name.lower()[-4:])
    if any(each.endswith("vbaproject.bin") for each in names):
        notes.add("workbook_macros")
        return None
    if refers_elsewhere(unpacked):
        notes.add("workbook_external_links")
    if not _reasonable_size(unpacked):
        notes.add("workbook_too_wide")
        return None
    return _read_workbook(data, notes)


def _reasonable_size(unpacked: dict[str, bytes]) -> bool:
    """False when some sheet claims more cells than fit: one cell in the far corner makes a reader reserve them all."""
    for name, content in unpacked.items():
        if "worksheets/" in name.lower():
            rows = columns = 0
            for letters, digits in _CELL.findall(content):
                rows, columns = max(rows, int(digits)), max(columns, _column_number(letters))
            if rows * columns > MOST_CELLS or b"\x00" in content[:4000]:
                return False
    return True


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _read_workbook(data: bytes, notes: Notes) -> Opened | None:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        hidden = [each.name for each in book.sheets_metadata if each.visible != SheetVisibleEnum.Visible]
        sheets = tuple(_sheet(book, name) for name in book.sheet_names if name not in hidden)
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException:  # a damaged workbook can make the reader panic, which is no Exception
        notes.add("workbook_broken")
        return None
    if hidden:
        notes.add("workbook_hidden_sheets", count=len(hidden))
    if not any(sheet.rows for sheet in sheets):
        notes.add("file_empty")
        return None
    return Opened(document=Document(sheets=sheets), encoding="Excel (xlsx)")


def _sheet(book: Any, name: str) -> Sheet:
    rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    kept = [(number, [cell_text(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
    kept = [(number, row) for number, row in kept if any(cell.strip() for cell in row)]
    return Sheet(name=name, rows=[row for _, row in kept], numbers=[number for number, _ in kept])


def cell_text(cell: object) -> str:
    """A typed cell as text: whole numbers without decimals, others with a decimal comma, dates as ISO."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "ja" if cell else "nej"
    if isinstance(cell, float):
        whole = cell.is_integer() and abs(cell) < 2**53
        return str(int(cell)) if whole else repr(cell).replace(".", ",")
    if isinstance(cell, datetime):
        return cell.date().isoformat() if (cell.hour, cell.minute, cell.second) == (0, 0, 0) else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)
