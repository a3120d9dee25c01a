"""Large files from disk: typed at once by DuckDB, checked as sets, and only the odd rows looked at one by one.

The answer is the same as for a small file: what DuckDB cannot type goes line by line through `cells`, and a file whose
shape is unusual is read row by row from its first. Memory stays bounded; what does not fit is spilled encrypted.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from metrics import engine
from metrics.declare import Extract
from metrics.engine import Connection
from metrics.intake import decode, identifiers
from metrics.intake.bulk_checks import BulkFiller
from metrics.intake.bulk_table import UnusualError, hash_of
from metrics.intake.container import LARGEST_FILE, open_bytes
from metrics.intake.findings import Source, Staged
from metrics.intake.notes import Notes
from metrics.intake.staging import NOTHING_KNOWN, Filler, candidates, create_table, drop_staged, finish, stage
from metrics.intake.tables import DELIMITER_TEXT, BrokenTextError, Table, recognise, split_lines
from metrics.vocabulary import Region, current_region

HEAD = 512 * 2**10
SHORT_HEAD = 64 * 2**10
LARGE_FILE = 24 * 2**20
ONE_BYTE_LINES = ("UTF-8", "UTF-8 med BOM", "Windows-1252")


def memory() -> Connection:
    """A connection for large files: 600 MB, the rest encrypted in a folder that goes when the connection does."""
    connection = engine.memory(memory_limit="600MB")
    folder = Path(tempfile.gettempdir()) / f"samsyn-{secrets.token_hex(8)}"
    connection.execute(f"SET temp_directory = '{engine.quote_text(str(folder))}'")
    engine.load_encryption(connection)
    connection.execute("SET temp_file_encryption = true")
    weakref.finalize(connection, shutil.rmtree, folder, ignore_errors=True)
    return connection


def stage_file(
    path: Path,
    extract: str | Extract | None = None,
    *,
    name: str = "",
    connection: Connection | None = None,
    mapping: Mapping[str, str] | None = None,
    region: Region | None = None,
) -> Staged:
    """As `stage`, for a file on disk of any size; raises OSError only when the file cannot be read."""
    name = name or path.name
    with path.open("rb") as file:
        start = file.read(HEAD)
    table, notes = _recognised(start[:SHORT_HEAD], name, candidates(extract), mapping)
    if table is None:
        table, notes = _recognised(start, name, candidates(extract), mapping)
    if path.stat().st_size < LARGE_FILE or table is None:
        return _stage_whole(path, extract, name, connection, mapping, region)
    return _stage_large(path, table, name, notes, connection or memory(), region or current_region())


def _stage_whole(
    path: Path,
    extract: str | Extract | None,
    name: str,
    connection: Connection | None,
    mapping: Mapping[str, str] | None,
    region: Region | None,
) -> Staged:
    with path.open("rb") as file:
        data = file.read(LARGEST_FILE + 1)
    return stage(data, extract, name=name, connection=connection, mapping=mapping, region=region)


def _recognised(
    start: bytes, name: str, extracts: Sequence[Extract], mapping: Mapping[str, str] | None
) -> tuple[Table | None, Notes]:
    """The table that the file's first part begins; None when it is anything but delimited text of a plain kind."""
    notes = Notes()
    opened = open_bytes(start[: start.rfind(b"\n") + 1], name, notes)
    if opened is None or opened.text is None or opened.encoding not in ONE_BYTE_LINES:
        return None, notes
    table = recognise(opened, extracts, notes, mapping, name)
    return (table, notes) if table is not None and table.extract.reader is None else (None, notes)


def _stage_large(path: Path, table: Table, name: str, notes: Notes, connection: Connection, region: Region) -> Staged:
    if identifiers.in_text(name):
        notes.add("file_name_identifies")
        name = ""
    kept, encoding = notes.copy(), ""
    try:
        with ThreadPoolExecutor(
            1
        ) as beside:  # hashing leaves the interpreter free, and DuckDB does not fill every core
            hashed = beside.submit(hash_of, path)
            filler: BulkFiller | Filler = BulkFiller(path, table, connection, notes)
            filler.fill()
        sha256 = hashed.result()
    except UnusualError:
        notes = kept
        sha256, encoding = decode.hash_and_encoding_of(path)
        filler = _fill_row_by_row(path, table, encoding, connection, notes)
    source = Source(
        file_name=name,
        sha256=sha256,
        size=path.stat().st_size,
        encoding=decode.ENCODING_TEXT[encoding or "utf-8"],
        delimiter=DELIMITER_TEXT[table.delimiter],
    )
    known = filler.known if isinstance(filler, BulkFiller) else NOTHING_KNOWN
    return finish(table, connection, source, notes, region, filler.row_count, known)


def _fill_row_by_row(path: Path, table: Table, encoding: str, connection: Connection, notes: Notes) -> Filler:
    """Read every row in Python; slower, the same answer, and memory as bounded."""
    with path.open(encoding=encoding, newline="") as lines:
        rows = decode.checked_lines(lines, notes)
        whole = replace(table, rows=_after_header(rows, table))
        drop_staged(connection)
        create_table(connection, table.extract)
        filler = Filler(whole, connection, notes)
        try:
            filler.fill()
        except BrokenTextError as broken:
            notes.add("quotes_broken", rows=[broken.row])
        except UnicodeDecodeError:
            notes.add("encoding_mixed")
    return filler


def _after_header(lines: Iterator[str], table: Table) -> Iterator[tuple[int, list[str]]]:
    return (row for row in split_lines(lines, table.delimiter) if row[0] > (table.header_row or 0))
