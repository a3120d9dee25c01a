"""Large files from disk: taken apart in blocks, checked as sets, and only texts that tell something looked up in rows.

The answer is the same as for a small file: every distinct text goes through `cells`, blocks that are not plain are read
line by line, and a file whose shape is unusual is read so from its first row. Memory stays bounded; what does not fit is
spilled encrypted.
"""

from __future__ import annotations

import codecs
import secrets
import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from metrics import engine
from metrics.declare import Extract
from metrics.engine import Connection
from metrics.intake import decode, identifiers
from metrics.intake.block_filler import BlockFiller
from metrics.intake.blocks import UnusualError
from metrics.intake.container import LARGEST_FILE, open_bytes
from metrics.intake.findings import Source, Staged
from metrics.intake.notes import Notes
from metrics.intake.staging import NOTHING_KNOWN, Filler, candidates, create_table, drop_staged, finish, stage
from metrics.intake.tables import DELIMITER_TEXT, BrokenTextError, Table, recognise, split_lines
from metrics.vocabulary import Region, current_region

HEAD = 512 * 2**10
SHORT_HEAD = 64 * 2**10
LARGE_FILE = 24 * 2**20
FITS_IN_MEMORY = 128 * 2**20
"""A smaller file's table nearly always fits; where it does not, the file is read again with a folder to spill to."""
MEMORY = "400MB"
ONE_BYTE_LINES = ("UTF-8", "UTF-8 med BOM", "Windows-1252")


def memory() -> Connection:
    """A connection for large files: MEMORY, the rest encrypted in a folder that goes when the connection does."""
    connection = engine.memory(memory_limit=MEMORY)
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
    marked, where = start.startswith(codecs.BOM_UTF8), region or current_region()
    if connection is None and path.stat().st_size < FITS_IN_MEMORY:
        try:
            unspilled = engine.memory(memory_limit=MEMORY)
            return _stage_large(path, table, name, notes.copy(), unspilled, where, marked)
        except engine.OutOfMemoryError:
            unspilled.close()
    return _stage_large(path, table, name, notes, connection or memory(), where, marked)


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


def _stage_large(
    path: Path, table: Table, name: str, notes: Notes, connection: Connection, region: Region, marked: bool
) -> Staged:
    if identifiers.in_text(name):
        notes.add("file_name_identifies")
        name = ""
    kept = notes.copy()
    filler: BlockFiller | Filler
    try:
        filler = blocks = BlockFiller(path, table, connection, notes)
        blocks.fill()
        sha256, known = blocks.sha256, blocks.known
        encoding = "utf-8-sig" if marked else "utf-8"
    except UnusualError:
        notes, known = kept, NOTHING_KNOWN
        sha256, encoding = decode.hash_and_encoding_of(path)
        filler = _fill_row_by_row(path, table, encoding, connection, notes)
    source = Source(
        file_name=name,
        sha256=sha256,
        size=path.stat().st_size,
        encoding=decode.ENCODING_TEXT[encoding],
        delimiter=DELIMITER_TEXT[table.delimiter],
    )
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
