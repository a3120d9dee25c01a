"""The vault: pseudonymised rows in one DuckDB file. The only module that opens it, each time for one operation.

A batch covers stated slices (period x school unit, within sender, extract and source system). Which slices count is
never stored but derived: the newest standing replacement of a slice and what was added after it. So undoing a batch
brings the earlier one back by itself, and nothing is ever half replaced.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.declare import Extract
from metrics.values import Principal, Role

WAIT_SECONDS = 30.0
UNDO_DAYS = 90
SCHEMA = """
CREATE TABLE IF NOT EXISTS vault.meta (name VARCHAR PRIMARY KEY, content BLOB);
CREATE TABLE IF NOT EXISTS vault.batches (
    batch INTEGER PRIMARY KEY,
    extract VARCHAR NOT NULL,
    sender VARCHAR NOT NULL,
    source_system VARCHAR NOT NULL,
    mode VARCHAR NOT NULL,
    stored_at TIMESTAMP NOT NULL,
    principal VARCHAR NOT NULL,
    file_name VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    encoding VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    row_count BIGINT NOT NULL,
    findings VARCHAR NOT NULL,
    reasons VARCHAR NOT NULL,
    example BOOLEAN NOT NULL,
    undone_at TIMESTAMP,
    undone_by VARCHAR,
    undone_reason VARCHAR
);
CREATE TABLE IF NOT EXISTS vault.slices (
    slice INTEGER PRIMARY KEY,
    batch INTEGER NOT NULL,
    period VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    row_count BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS vault.pupils (pupil INTEGER PRIMARY KEY, space VARCHAR NOT NULL, keyed VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS vault.log (
    entry INTEGER PRIMARY KEY,
    moment TIMESTAMP NOT NULL,
    subject VARCHAR NOT NULL,
    act VARCHAR NOT NULL,
    object VARCHAR NOT NULL,
    detail VARCHAR NOT NULL
);
CREATE TABLE IF NOT EXISTS vault.mappings (
    sender VARCHAR NOT NULL,
    extract VARCHAR NOT NULL,
    heading VARCHAR NOT NULL,
    column_name VARCHAR NOT NULL,
    PRIMARY KEY (sender, extract, heading)
);
CREATE OR REPLACE VIEW vault.standing AS
SELECT
    slices.slice,
    slices.batch,
    slices.period,
    slices.unit,
    slices.row_count,
    batches.extract,
    batches.sender,
    batches.source_system,
    batches.mode
FROM vault.slices AS slices
JOIN vault.batches AS batches
    ON batches.batch = slices.batch
WHERE batches.undone_at IS NULL;
CREATE OR REPLACE VIEW vault.active AS
WITH newest AS (
    SELECT
        extract,
        sender,
        source_system,
        period,
        unit,
        max(batch) AS batch
    FROM vault.standing AS standing
    WHERE mode = 'replace'
    GROUP BY
        extract,
        sender,
        source_system,
        period,
        unit
)
SELECT
    standing.slice,
    standing.batch,
    standing.period,
    standing.unit,
    standing.row_count,
    standing.extract,
    standing.sender,
    standing.source_system
FROM vault.standing AS standing
LEFT JOIN newest
    ON newest.extract = standing.extract
    AND newest.sender = standing.sender
    AND newest.source_system = standing.source_system
    AND newest.period = standing.period
    AND newest.unit = standing.unit
WHERE newest.batch IS NULL OR standing.batch >= newest.batch;
"""

NO_JOIN = "CREATE TEMP TABLE declared_join (pupil INTEGER, child INTEGER)"
"""Pairs of a school pupil and a child in social services: empty until a join is declared."""

_process_locks: dict[str, threading.RLock] = {}
_locks_guard = threading.Lock()


class Coverage(Protocol):
    """What a staged file covers; see metrics.intake."""

    @property
    def source_system(self) -> str: ...


class Source(Protocol):
    """The file behind a staged batch; see metrics.intake."""

    @property
    def file_name(self) -> str: ...
    @property
    def sha256(self) -> str: ...
    @property
    def encoding(self) -> str: ...
    @property
    def size(self) -> int: ...


class Staged(Protocol):
    """A screened file: its rows lie as table `staged` on `connection`."""

    @property
    def extract(self) -> Extract: ...
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
    """One stored delivery, as the history shows it."""

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


@dataclass(frozen=True, kw_only=True)
class Vault:
    """A vault file, its key ("" = plain file) and the declarations its tables follow."""

    path: Path
    catalogue: Catalogue
    key: str = ""
    wait_seconds: float = WAIT_SECONDS

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @contextmanager
    def _opened(self, connection: engine.Connection, *, read_only: bool = False) -> Iterator[engine.Connection]:
        """The vault attached as `vault`; waits while somebody else holds it, then says so."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with _process_lock(self.path):
            self._attach(connection, read_only=read_only)
            try:
                if not read_only:
                    self._ensure_schema(connection)
                yield connection
            finally:
                connection.execute("DETACH vault")

    def _attach(self, connection: engine.Connection, *, read_only: bool) -> None:
        until = time.monotonic() + self.wait_seconds
        while True:
            try:
                return engine.attach(connection, self.path, key=self.key, read_only=read_only)
            except engine.VaultBusyError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _ensure_schema(self, connection: engine.Connection) -> None:
        connection.execute(SCHEMA)
        connection.execute(
            "INSERT INTO vault.meta SELECT 'pepper', ? WHERE NOT EXISTS (FROM vault.meta WHERE name = 'pepper')",
            [secrets.token_bytes(32)],
        )
        for extract in self.catalogue.extracts.values():
            connection.execute(_rows_table(extract))
            for name, kind in _stored_columns(extract):
                connection.execute(f"ALTER TABLE vault.rows_{extract.name} ADD COLUMN IF NOT EXISTS {name} {kind}")

    def store(
        self,
        staged: Staged,
        *,
        sender: str,
        principal: Principal,
        overlap: Literal["replace", "add"] | None = None,
        reasons: Mapping[str, str] | None = None,
        findings: str = "[]",
        example: bool = False,
    ) -> Batch:
        """Store a screened file as one batch, in one transaction; OverlapError when nothing was said about overlap."""
        principal.require(Role.DELIVERER, sender)
        connection = staged.connection
        with self._opened(connection), engine.transaction(connection):
            found = self._overlaps(connection, staged, sender)
            if found and overlap is None:
                raise OverlapError(found)
            batch = _next(connection, "batches", "batch")
            connection.execute(
                "INSERT INTO vault.batches VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
                [
                    batch,
                    staged.extract.name,
                    sender,
                    staged.coverage.source_system,
                    overlap or "replace",
                    _now(),
                    principal.subject,
                    staged.source.file_name,
                    staged.source.sha256,
                    staged.source.encoding,
                    staged.source.size,
                    staged.row_count,
                    findings,
                    json.dumps(dict(reasons or {}), ensure_ascii=False),
                    example,
                ],
            )
            self._insert_slices(connection, staged.extract, batch)
            self._insert_pupils(connection, staged.extract)
            _insert_rows(connection, staged.extract, batch)
            _log(
                connection,
                principal,
                "lämnat in",
                f"leverans {batch}",
                f"{staged.extract.name}, {staged.row_count} rader",
            )
            return self._batches(connection, batch)[0]

    def overlaps(self, staged: Staged, *, sender: str, principal: Principal) -> list[Overlap]:
        """What storing this file with `replace` would remove."""
        principal.require(Role.DELIVERER, sender)
        if not self.exists:
            return []
        with self._opened(staged.connection):
            return self._overlaps(staged.connection, staged, sender)

    def _overlaps(self, connection: engine.Connection, staged: Staged, sender: str) -> list[Overlap]:
        period, unit = _slice_columns(staged.extract)
        found = engine.rows(
            connection,
            f"""
            SELECT DISTINCT
                active.batch,
                active.period,
                active.unit,
                active.row_count
            FROM vault.active AS active
            JOIN (SELECT DISTINCT {period} AS period, {unit} AS unit FROM staged) AS incoming
                ON incoming.period = active.period
                AND incoming.unit = active.unit
            WHERE active.extract = ? AND active.sender = ? AND active.source_system = ?
            ORDER BY active.batch, active.period, active.unit
            """,
            [staged.extract.name, sender, staged.coverage.source_system],
        )
        return [Overlap(batch=row[0], period=row[1], unit=row[2], row_count=row[3]) for row in found]

    def _insert_slices(self, connection: engine.Connection, extract: Extract, batch: int) -> None:
        period, unit = _slice_columns(extract)
        first = _next(connection, "slices", "slice")
        connection.execute(
            f"""
            INSERT INTO vault.slices
            SELECT
                ? - 1 + row_number() OVER (ORDER BY period, unit),
                ?,
                period,
                unit,
                row_count
            FROM (
                SELECT {period} AS period, {unit} AS unit, count(*) AS row_count
                FROM staged
                GROUP BY {period}, {unit}
            ) AS found
            """,
            [first, batch],
        )

    def _insert_pupils(self, connection: engine.Connection, extract: Extract) -> None:
        """Give every new pseudonym an integer; only its keyed form is kept."""
        names = _pseudonyms(extract)
        if not names:
            return
        pepper = engine.rows(connection, "SELECT content FROM vault.meta WHERE name = 'pepper'")[0][0]
        inner, outer = _pads(bytes(pepper))
        each = " UNION ".join(
            f"SELECT DISTINCT {name} AS pseudonym FROM staged WHERE {name} IS NOT NULL" for name in names
        )
        connection.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE keyed AS
            SELECT
                pseudonym,
                sha256(? || unhex(sha256(? || encode(? || ':' || pseudonym)))) AS keyed
            FROM ({each}) AS found
            """,
            [outer, inner, extract.space],
        )
        first = _next(connection, "pupils", "pupil")
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
            [first, extract.space, extract.space],
        )
        connection.execute(
            """
            CREATE OR REPLACE TEMP TABLE pupil_of AS
            SELECT
                keyed.pseudonym,
                known.pupil
            FROM keyed
            JOIN vault.pupils AS known
                ON known.space = ?
                AND known.keyed = keyed.keyed
            """,
            [extract.space],
        )

    def batches(self, principal: Principal) -> list[Batch]:
        """Every batch the principal may see, newest first: all for the publisher, else its own organisation's."""
        if not self.exists:
            return []
        with self.reading(principal) as connection:
            found = self._batches(connection)
        mine = principal.organisation
        sees_all = mine == "*" or bool(principal.roles & {Role.PUBLISHER, Role.DATA_PROTECTION})
        return [each for each in found if sees_all or each.sender == mine]

    def _batches(self, connection: engine.Connection, batch: int | None = None) -> list[Batch]:
        found = engine.rows(
            connection,
            """
            SELECT
                batches.batch, extract, sender, source_system, mode, stored_at, principal, file_name, sha256, encoding,
                size, batches.row_count, findings, reasons, example, undone_at, undone_by, undone_reason,
                list(DISTINCT slices.period ORDER BY slices.period) FILTER (WHERE slices.period <> ''),
                count(DISTINCT slices.unit) FILTER (WHERE slices.unit <> '')
            FROM vault.batches AS batches
            LEFT JOIN vault.slices AS slices
                ON slices.batch = batches.batch
            WHERE ? IS NULL OR batches.batch = ?
            GROUP BY
                batches.batch, extract, sender, source_system, mode, stored_at, principal, file_name, sha256, encoding,
                size, batches.row_count, findings, reasons, example, undone_at, undone_by, undone_reason
            ORDER BY batches.batch DESC
            """,
            [batch, batch],
        )
        return [_batch(row) for row in found]

    def undo(self, batch: int, *, reason: str, principal: Principal) -> Batch:
        """Take a batch out of what counts; what it replaced counts again. ValueError (Swedish) when it cannot."""
        if not reason.strip():
            raise ValueError("Skriv varför leveransen ångras.")
        with self._opened(engine.memory()) as connection, engine.transaction(connection):
            found = self._batches(connection, batch)
            if not found:
                raise ValueError(f"Det finns ingen leverans med nummer {batch}.")
            principal.require(Role.DELIVERER, found[0].sender)
            if found[0].undone_at is not None:
                raise ValueError(f"Leverans {batch} är redan ångrad.")
            connection.execute(
                "UPDATE vault.batches SET undone_at = ?, undone_by = ?, undone_reason = ? WHERE batch = ?",
                [_now(), principal.subject, reason, batch],
            )
            _log(connection, principal, "ångrat", f"leverans {batch}", reason)
            return self._batches(connection, batch)[0]

    @contextmanager
    def reading(self, principal: Principal) -> Iterator[engine.Connection]:
        """A connection where every extract is a view of the rows that count; nothing can be written.

        Views have the extract's columns (pseudonyms as integers) and `sender`, `batch`. The principal is not used to
        filter rows: only compute and publishing call this, and they publish aggregates.
        """
        principal.require(Role.READER)
        connection = engine.memory()
        with self._opened(connection, read_only=True):
            stored = {
                row[0]
                for row in engine.rows(
                    connection, "SELECT table_name FROM duckdb_tables() WHERE database_name = 'vault'"
                )
            }
            for extract in self.catalogue.extracts.values():
                connection.execute(_extract_view(extract, f"rows_{extract.name}" in stored))
            connection.execute(NO_JOIN)
            yield connection

    def log(self, principal: Principal) -> pd.DataFrame:
        """The append-only log: entry, moment, subject, act, object, detail."""
        principal.require(Role.READER)
        if not self.exists:
            return pd.DataFrame(columns=["entry", "moment", "subject", "act", "object", "detail"])
        with self.reading(principal) as connection:
            return engine.frame(
                connection, "SELECT entry, moment, subject, act, object, detail FROM vault.log ORDER BY entry DESC"
            )

    def write_log(self, principal: Principal, act: str, thing: str, detail: str = "") -> None:
        """Add one line to the log (publishing, withdrawing, previews)."""
        with self._opened(engine.memory()) as connection:
            _log(connection, principal, act, thing, detail)

    def remember_mapping(self, sender: str, extract: str, mapping: Mapping[str, str]) -> None:
        """Remember which column a sender's heading stands for."""
        with self._opened(engine.memory()) as connection, engine.transaction(connection):
            for heading, column in mapping.items():
                connection.execute(
                    "INSERT OR REPLACE INTO vault.mappings VALUES (?, ?, ?, ?)", [sender, extract, heading, column]
                )

    def mapping(self, sender: str, extract: str) -> dict[str, str]:
        """The remembered headings of a sender."""
        if not self.exists:
            return {}
        with self._opened(engine.memory()) as connection:
            found = engine.rows(
                connection,
                "SELECT heading, column_name FROM vault.mappings WHERE sender = ? AND extract = ?",
                [sender, extract],
            )
        return dict(found)


def _process_lock(path: Path) -> threading.RLock:
    """One lock per file inside this process: DuckDB's file lock only keeps other processes out."""
    with _locks_guard:
        return _process_locks.setdefault(str(path.resolve()), threading.RLock())


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _next(connection: engine.Connection, table: str, column: str) -> int:
    return int(engine.rows(connection, f"SELECT coalesce(max({column}), 0) + 1 FROM vault.{table}")[0][0])


def _log(connection: engine.Connection, principal: Principal, act: str, thing: str, detail: str) -> None:
    entry = _next(connection, "log", "entry")
    connection.execute(
        "INSERT INTO vault.log VALUES (?, ?, ?, ?, ?, ?)", [entry, _now(), principal.subject, act, thing, detail]
    )


def _pseudonyms(extract: Extract) -> list[str]:
    return [column.name for column in extract.columns if column.kind == "pseudonym"]


def _stored_columns(extract: Extract) -> list[tuple[str, str]]:
    return [
        (column.name, "INTEGER" if column.kind == "pseudonym" else engine.SQL_TYPES[column.kind])
        for column in extract.columns
    ]


def _rows_table(extract: Extract) -> str:
    columns = ", ".join(f"{name} {kind}" for name, kind in _stored_columns(extract))
    return f"CREATE TABLE IF NOT EXISTS vault.rows_{extract.name} (slice INTEGER, row_number BIGINT, {columns})"


def _slice_columns(extract: Extract) -> tuple[str, str]:
    """SQL for a staged row's period and unit; '' where the extract has none or the cell is empty."""
    named = (extract.period_column, extract.unit_column)
    period, unit = (f"coalesce(CAST({name} AS VARCHAR), '')" if name else "''" for name in named)
    return period, unit


def _insert_rows(connection: engine.Connection, extract: Extract, batch: int) -> None:
    """The staged rows into the vault, clustered by slice, pseudonyms replaced by integers."""
    period, unit = _slice_columns(extract)
    hidden = set(_pseudonyms(extract))
    columns = [f"pupil_{name}.pupil" if name in hidden else f"staged.{name}" for name, _ in _stored_columns(extract)]
    joins = [f"LEFT JOIN pupil_of AS pupil_{name} ON pupil_{name}.pseudonym = staged.{name}" for name in hidden]
    names = ", ".join(name for name, _ in _stored_columns(extract))
    connection.execute(
        f"""
        INSERT INTO vault.rows_{extract.name} (slice, row_number, {names})
        SELECT
            slices.slice,
            staged.row_number,
            {", ".join(columns)}
        FROM staged
        JOIN vault.slices AS slices
            ON slices.batch = ?
            AND slices.period = {period.replace("CAST(", "CAST(staged.")}
            AND slices.unit = {unit.replace("CAST(", "CAST(staged.")}
        {" ".join(joins)}
        ORDER BY
            slices.slice,
            staged.row_number
        """,
        [batch],
    )


def _extract_view(extract: Extract, stored: bool) -> str:
    columns = _stored_columns(extract)
    if not stored:
        empty = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns)
        return f"CREATE TEMP VIEW {extract.name} AS SELECT {empty}, '' AS sender, 0 AS batch WHERE FALSE"
    named = ", ".join(f"stored.{name}" for name, _ in columns)
    return f"""
        CREATE TEMP VIEW {extract.name} AS
        SELECT {named}, active.sender, active.batch
        FROM vault.rows_{extract.name} AS stored
        JOIN vault.active AS active
            ON active.slice = stored.slice
        WHERE active.extract = '{extract.name}'
    """


def _pads(key: bytes) -> tuple[bytes, bytes]:
    """The inner and outer padded keys of HMAC-SHA256 (RFC 2104), so that the keyed hash can be computed in SQL."""
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return bytes(byte ^ 0x36 for byte in block), bytes(byte ^ 0x5C for byte in block)


def _batch(row: tuple[Any, ...]) -> Batch:
    names = [
        "batch",
        "extract",
        "sender",
        "source_system",
        "mode",
        "stored_at",
        "principal",
        "file_name",
        "sha256",
        "encoding",
        "size",
        "row_count",
        "findings",
        "reasons",
        "example",
        "undone_at",
        "undone_by",
        "undone_reason",
        "periods",
        "units",
    ]
    values = dict(zip(names, row, strict=True))
    values["reasons"] = json.loads(values["reasons"])
    values["periods"] = tuple(values["periods"] or ())
    return Batch(**values)
