"""Batches: what a delivery is, which deliveries there are, and what a new one would replace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from metrics import engine
from metrics.declare import Extract
from metrics.values import Principal
from metrics.vault import batch_keys

Slice = tuple[str, str]
"""A period label and a school unit code; "" where the extract has none or the cell is empty."""


class Staged(Protocol):
    """A screened file: its rows lie as table `staged` on `connection`; see metrics.intake.

    `source` has file_name, sha256, encoding and size; `coverage` has source_system and key_id.
    """

    @property
    def extract(self) -> Any: ...
    @property
    def connection(self) -> engine.Connection: ...
    @property
    def source(self) -> Any: ...
    @property
    def coverage(self) -> Any: ...
    @property
    def row_count(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Overlap:
    """Slices of an incoming batch that already stand: what `replace` would remove."""

    batch: int
    period: str
    unit: str
    row_count: int


class OverlapError(RuntimeError):
    """The batch covers what an earlier one already covers, and nothing was said about it. Message in Swedish."""

    def __init__(self, overlaps: Sequence[Overlap]) -> None:
        self.overlaps = tuple(overlaps)
        periods = sorted({each.period for each in overlaps if each.period})
        units = {each.unit for each in overlaps if each.unit}
        about = f" för {', '.join(periods)}" if periods else ""
        where = f" vid {len(units)} skolenheter" if len(units) > 1 else " vid en skolenhet" if units else ""
        super().__init__(
            f"Det finns redan {sum(each.row_count for each in overlaps)} rader inlämnade{about}{where}. "
            "Välj om den nya filen ska ersätta dem eller läggas till."
        )


@dataclass(frozen=True, kw_only=True)
class Batch:
    """One stored delivery, as the history shows it; `rows_left` is less than `row_count` after an erasure.

    `key_id`: the pseudonyms' key as far as the file told it; `key_before`: the one of the sender's file before.
    """

    batch: int
    extract: str
    sender: str
    source_system: str
    mode: str
    stored_at: datetime
    principal: str
    file_name: str
    sha256: str
    encoding: str
    size: int
    row_count: int
    findings: str
    reasons: Mapping[str, str]
    example: bool
    undone_at: datetime | None
    undone_by: str | None
    undone_reason: str | None
    periods: tuple[str, ...]
    units: int
    rows_left: int
    key_id: str = ""
    key_before: str = ""


def now() -> datetime:
    """The time in UTC, as the vault stores it."""
    return datetime.now(UTC).replace(tzinfo=None)


def next_number(connection: engine.Connection, table: str, column: str) -> int:
    """The next free number: after every one there is, and after every one there has been before an erasure."""
    highest = engine.rows(connection, f"SELECT coalesce(max({column}), 0) FROM vault.{table}")[0][0]
    return max(int(highest), floor(connection, column)) + 1


def floor(connection: engine.Connection, column: str) -> int:
    """The highest number ever given in this column, as kept when rows were erased; 0 before any erasure."""
    kept = engine.rows(connection, "SELECT content FROM vault.meta WHERE name = ?", [f"highest_{column}"])
    return int(bytes(kept[0][0])) if kept else 0


def write_log(connection: engine.Connection, principal: Principal, act: str, thing: str, detail: str) -> None:
    """One more line in the append-only log."""
    entry = next_number(connection, "log", "entry")
    connection.execute(
        "INSERT INTO vault.log VALUES (?, ?, ?, ?, ?, ?)", [entry, now(), principal.subject, act, thing, detail]
    )


_FIND = """
    SELECT
        batches.batch,
        extract,
        sender,
        source_system,
        mode,
        stored_at,
        principal,
        file_name,
        sha256,
        encoding,
        size,
        batches.row_count,
        findings,
        reasons,
        example,
        undone_at,
        undone_by,
        undone_reason,
        covered.periods,
        coalesce(covered.units, 0),
        coalesce(covered.row_count, 0)
    FROM vault.batches AS batches
    LEFT JOIN (
        SELECT
            batch,
            list(DISTINCT period ORDER BY period) FILTER (WHERE period <> '') AS periods,
            count(DISTINCT unit) FILTER (WHERE unit <> '') AS units,
            CAST(sum(row_count) AS BIGINT) AS row_count
        FROM vault.slices
        GROUP BY batch
    ) AS covered
        ON covered.batch = batches.batch
    WHERE ? IS NULL OR batches.batch = ?
    ORDER BY batches.batch DESC
"""


def find(connection: engine.Connection, batch: int | None = None) -> list[Batch]:
    """All batches, newest first; or the one with this number."""
    found = engine.rows(connection, _FIND, [batch, batch])
    keys, before = batch_keys.find(connection), batch_keys.before(connection)
    return [
        replace(each, key_id=keys.get(each.batch, ""), key_before=before.get(each.batch, ""))
        for each in map(_batch, found)
    ]


def _batch(row: tuple[Any, ...]) -> Batch:
    values = dict(zip(Batch.__dataclass_fields__, row, strict=False))
    values["reasons"] = json.loads(values["reasons"])
    values["periods"] = tuple(values["periods"] or ())
    return Batch(**values)


def incoming(connection: engine.Connection, extract: Extract, confirmed: Iterable[Slice] = ()) -> dict[Slice, int]:
    """The slices that the staged rows cover with their row counts, and those confirmed to be covered without rows."""
    period, unit = slice_columns(extract)
    found = engine.rows(connection, f"SELECT {period}, {unit}, count(*) FROM staged GROUP BY {period}, {unit}")
    return {**dict.fromkeys(confirmed, 0), **{(row[0], row[1]): row[2] for row in found}}


def overlaps(connection: engine.Connection, staged: Staged, sender: str, covered: Iterable[Slice]) -> list[Overlap]:
    """Slices that count today, have rows, and that a batch covering `covered` would replace."""
    found = engine.rows(
        connection,
        "SELECT batch, period, unit, row_count FROM active WHERE extract = ? AND sender = ? AND source_system = ?"
        " AND row_count > 0 ORDER BY batch, period, unit",
        [staged.extract.name, sender, staged.coverage.source_system],
    )
    wanted = set(covered)
    return [
        Overlap(batch=row[0], period=row[1], unit=row[2], row_count=row[3])
        for row in found
        if (row[1], row[2]) in wanted
    ]


def slice_columns(extract: Extract, table: str = "staged") -> Slice:
    """SQL for a row's period label and unit code; '' where the extract has none or the cell is empty."""
    unit = f"coalesce(CAST({table}.{extract.unit_column} AS VARCHAR), '')" if extract.unit_column else "''"
    if extract.period_column is None:
        return "''", unit
    column = f"{table}.{extract.period_column}"
    if extract.column(extract.period_column).kind == "date":
        return f"coalesce({_PERIOD_OF_DATE[extract.period_kind].format(day=column)}, '')", unit
    return f"coalesce(CAST({column} AS VARCHAR), '')", unit


_SPRING = "(year({day}) + CAST(month({day}) >= 7 AS INTEGER))"
_PERIOD_OF_DATE: Mapping[str, str] = {
    "school_year": f"({_SPRING} - 1) || '/' || lpad(CAST({_SPRING} % 100 AS VARCHAR), 2, '0')",
    "term": "CASE WHEN month({day}) >= 7 THEN 'HT ' ELSE 'VT ' END || year({day})",
    "half_year": "year({day}) || CASE WHEN month({day}) >= 7 THEN ':2' ELSE ':1' END",
    "calendar_year": "CAST(year({day}) AS VARCHAR)",
}
"""The label (as vocabulary.Period.label) of the period that a date falls in, by kind of period."""


def replaced_and_erased(connection: engine.Connection, batch: int) -> bool:
    """Whether the batch is what stands in place of slices that were replaced, kept for their time and then erased."""
    found = engine.rows(
        connection,
        """
        SELECT count(*)
        FROM vault.slices AS mine
        JOIN vault.batches AS replacing
            ON replacing.batch = mine.batch
        JOIN vault.slices AS gone
            ON gone.period = mine.period
            AND gone.unit = mine.unit
            AND gone.batch < mine.batch
            AND gone.erased_at > replacing.stored_at
        JOIN vault.batches AS earlier
            ON earlier.batch = gone.batch
            AND earlier.extract = replacing.extract
            AND earlier.sender = replacing.sender
            AND earlier.source_system = replacing.source_system
            AND earlier.undone_at IS NULL
        WHERE mine.batch = ?
            AND replacing.mode = 'replace'
            AND mine.erased_at IS NULL
        """,
        [batch],
    )
    return bool(found[0][0])
