"""The staged rows into the vault: slices numbered, pseudonyms keyed again and replaced by integers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from metrics import engine
from metrics.declare import Extract
from metrics.values import Principal
from metrics.vault.batches import Slice, Staged, next_number, now, slice_columns
from metrics.vault.schema import declared_columns, pseudonyms, spaces

SORTED_AT_ONCE = 500_000
"""Rows sorted in memory at a time: a large file is stored stretch by stretch, in the same transaction."""


def insert(
    connection: engine.Connection,
    staged: Staged,
    covered: Mapping[Slice, int],
    *,
    sender: str,
    mode: str,
    principal: Principal,
    about: Mapping[str, Any],
) -> int:
    """The whole batch, inside the caller's transaction; its number. `about`: findings, reasons, example."""
    batch = next_number(connection, "batches", "batch")
    connection.execute(
        "INSERT INTO vault.batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
        [
            batch,
            staged.extract.name,
            sender,
            staged.coverage.source_system,
            mode,
            now(),
            principal.subject,
            staged.source.file_name,
            staged.source.sha256,
            staged.source.encoding,
            staged.source.size,
            staged.row_count,
            about["findings"],
            json.dumps(dict(about["reasons"]), ensure_ascii=False),
            about["example"],
        ],
    )
    numbered = _insert_slices(connection, batch, covered)
    _insert_pupils(connection, staged.extract)
    for first, last in _stretches(numbered):
        _insert_rows(connection, staged.extract, batch, first, last)
    connection.execute("DROP TABLE IF EXISTS pupil_of")
    return batch


def _insert_slices(connection: engine.Connection, batch: int, covered: Mapping[Slice, int]) -> dict[int, int]:
    """Numbered in order of period and unit, the order the rows will lie in; slice -> row count."""
    first = next_number(connection, "slices", "slice")
    numbered = {first + place: covered_slice for place, covered_slice in enumerate(sorted(covered))}
    rows = [[number, batch, *each, covered[each]] for number, each in numbered.items()]
    if rows:
        connection.executemany("INSERT INTO vault.slices VALUES (?, ?, ?, ?, ?, NULL)", rows)
    return {number: covered[each] for number, each in numbered.items()}


def _stretches(numbered: Mapping[int, int]) -> list[tuple[int, int]]:
    """First and last slice of stretches of about SORTED_AT_ONCE rows."""
    found: list[tuple[int, int]] = []
    rows = SORTED_AT_ONCE
    for number, count in sorted(numbered.items()):
        if rows >= SORTED_AT_ONCE:
            found.append((number, number))
            rows = 0
        found[-1] = (found[-1][0], number)
        rows += count
    return found


def _insert_pupils(connection: engine.Connection, extract: Extract) -> None:
    """Give every new pseudonym an integer, in `pupil_of`; only its keyed form is kept in the vault."""
    connection.execute("CREATE OR REPLACE TEMP TABLE pupil_of (space VARCHAR, pseudonym VARCHAR, pupil INTEGER)")
    for space, names in spaces(extract).items():
        _insert_pupils_of(connection, space, names)


def _insert_pupils_of(connection: engine.Connection, space: str, names: list[str]) -> None:
    each = " UNION ".join(f"SELECT DISTINCT {name} AS pseudonym FROM staged WHERE {name} IS NOT NULL" for name in names)
    key_pseudonyms(connection, f"SELECT pseudonym FROM ({each}) AS found", space)
    first = next_number(connection, "pupils", "pupil")
    connection.execute(
        """
        INSERT INTO vault.pupils
        SELECT
            ? - 1 + row_number() OVER (ORDER BY keyed.keyed),
            ?,
            keyed.keyed
        FROM keyed
        ANTI JOIN vault.pupils AS known
            ON known.space = ?
            AND known.keyed = keyed.keyed
        """,
        [first, space, space],
    )
    connection.execute(
        """
        INSERT INTO pupil_of
        SELECT
            known.space,
            keyed.pseudonym,
            known.pupil
        FROM keyed
        JOIN vault.pupils AS known
            ON known.space = ?
            AND known.keyed = keyed.keyed
        """,
        [space],
    )
    connection.execute("DROP TABLE keyed")


def key_pseudonyms(connection: engine.Connection, select: str, space: str) -> None:
    """TEMP table `keyed` (pseudonym, keyed) for the pseudonyms that `select` gives, by every pepper of the vault."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE keyed AS SELECT pseudonym, ? || ':' || pseudonym AS keyed FROM ({select})",
        [space],
    )
    for pepper in peppers(connection):
        connection.execute(f"UPDATE keyed SET keyed = {KEYED}", pads(pepper))


KEYED = "sha256(? || unhex(sha256(? || encode(keyed))))"
"""HMAC-SHA256 of the column `keyed` in SQL; its parameters are the two pads of the key."""


def peppers(connection: engine.Connection) -> list[bytes]:
    """The vault's own keys, oldest first: a pseudonym is keyed with the first, the result with the second, and so on."""
    found = engine.rows(connection, "SELECT name, content FROM vault.meta WHERE name LIKE 'pepper_%'")
    return [bytes(content) for _, content in sorted(found, key=lambda row: int(row[0].split("_")[1]))]


def pads(key: bytes) -> tuple[bytes, bytes]:
    """The outer and inner padded keys of HMAC-SHA256 (RFC 2104), so that the keyed hash can be computed in SQL."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return bytes(byte ^ 0x5C for byte in block), bytes(byte ^ 0x36 for byte in block)


def _insert_rows(connection: engine.Connection, extract: Extract, batch: int, first: int, last: int) -> None:
    """The staged rows of these slices, clustered by slice, so that a question about one year reads that year only."""
    period, unit = slice_columns(extract)
    hidden = pseudonyms(extract)
    names = [name for name, _ in declared_columns(extract)]
    columns = [f"pupil_{name}.pupil" if name in hidden else f"staged.{name}" for name in names]
    joins = [
        f"LEFT JOIN pupil_of AS pupil_{name} ON pupil_{name}.pseudonym = staged.{name} AND pupil_{name}.space = '{space}'"
        for space, named in spaces(extract).items()
        for name in named
    ]
    connection.execute(
        f"""
        INSERT INTO vault.rows_{extract.name} (slice, row_number, {", ".join(names)})
        SELECT
            slices.slice,
            staged.row_number,
            {", ".join(columns)}
        FROM staged
        JOIN vault.slices AS slices
            ON slices.batch = ?
            AND slices.slice BETWEEN ? AND ?
            AND slices.period = {period}
            AND slices.unit = {unit}
        {" ".join(joins)}
        ORDER BY
            slices.slice,
            staged.row_number
        """,
        [batch, first, last],
    )
