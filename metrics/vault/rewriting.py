"""A vault file is changed as a whole by copying it to a new one without what must go: only so are bytes gone from it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metrics import engine
from metrics.vault import opening, schema, storing
from metrics.vault.batches import floor
from metrics.vault.erasure import Erasure, find_doomed

NOT_WHOLE = "Kopian av valvet blev inte hel. Inget har ändrats. Kontrollera disken och försök igen."
NOT_WHOLE_BACKUP = "Säkerhetskopian {name} är inte hel: innehållet stämmer inte med det som sparades."


@dataclass(frozen=True, kw_only=True)
class Removed:
    """What a copy left out."""

    rows: int = 0
    slices: int = 0
    pupils: int = 0


Finish = Callable[[engine.Connection, Removed], None]


def _nothing_more(_connection: engine.Connection, _removed: Removed) -> None:
    """The finish that adds nothing."""


def rewrite(
    source: Path,
    to: Path,
    *,
    key: str,
    new_key: str,
    erasure: Erasure | None = None,
    pepper: bytes | None = None,
    seal: bool = False,
    finish: Finish = _nothing_more,
) -> Removed:
    """Copy the vault file `source` to `to` (replacing it in one step); the caller holds the vault's lock.

    The copy lacks what `erasure` names; with `pepper` its pupils are keyed once more; `seal` stores its fingerprint,
    for backups. `finish` may write to the copy (attached as `vault`, the original as `old`) before it is committed.
    """
    making = opening.making_path(to)
    connection = engine.memory()
    try:
        engine.attach(connection, source, name="old", key=key)
        engine.attach(connection, making, key=new_key)
        engine.lock(connection, source.parent, to.parent)
        with engine.explained():
            removed = _copy(connection, erasure, pepper, seal, finish)
            connection.execute("DETACH vault")
            connection.execute("DETACH old")
    except BaseException:
        connection.close()
        for each in making.parent.glob(f"{making.name}*"):
            each.unlink()
        raise
    connection.close()
    with engine.explained_files():
        opening.put_in_place(making, to)
    return removed


def _copy(
    connection: engine.Connection,
    erasure: Erasure | None,
    pepper: bytes | None,
    seal: bool,
    finish: Finish,
) -> Removed:
    find_doomed(connection, erasure)
    with engine.transaction(connection):
        connection.execute(schema.TABLES)
        _copy_rows(connection)
        for table in schema.BASE_TABLES:
            if table != "pupils":
                names = ", ".join(schema.table_columns(connection, "old")[table])
                connection.execute(f"INSERT INTO vault.{table} ({names}) SELECT {names} FROM old.{table}")
        if erasure is not None:
            _mark_erased(connection, erasure)
        _copy_pupils(connection, pepper, everyone=erasure is None)
        removed = _removed(connection)
        finish(connection, removed)
    _require_whole(connection, removed, same=erasure is None)
    if seal:
        _seal(connection)
    return removed


def _copy_rows(connection: engine.Connection) -> None:
    """Every extract's rows in the order they lay, without the doomed ones."""
    for table, columns in schema.row_tables(connection, "old").items():
        connection.execute(f"CREATE TABLE vault.{table} ({', '.join(f'{n} {kind}' for n, kind in columns.items())})")
        names = ", ".join(columns)
        connection.execute(
            f"INSERT INTO vault.{table} ({names}) SELECT {names} FROM old.{table} WHERE NOT {_doomed(columns)}"
        )


def _doomed(columns: Mapping[str, str]) -> str:
    """SQL: whether a row of an extract's table goes, by the TEMP tables of `erasure.find_doomed`."""
    everybody = "(SELECT everybody FROM doomed_scope)"
    named = [f"coalesce({name} IN (SELECT pupil FROM doomed_pupils), FALSE)" for name in schema.pupil_columns(columns)]
    return f"(slice IN (SELECT slice FROM doomed_slices) AND ({' OR '.join([everybody, *named])}))"


def _copy_pupils(connection: engine.Connection, pepper: bytes | None, *, everyone: bool) -> None:
    """The pupils (after an erasure only those somebody refers to), keyed once more when there is a new pepper.

    Written once, so that nothing of a pupil who goes, nor an old keyed form, is ever in the new file.
    """
    referring = [
        f"SELECT {name} FROM vault.{table} WHERE {name} IS NOT NULL"
        for table, columns in schema.row_tables(connection, "vault").items()
        for name in schema.pupil_columns(columns)
    ]
    kept = "" if everyone or not referring else f" WHERE pupil IN ({' UNION '.join(referring)})"
    keyed = storing.KEYED if pepper else "keyed"
    pads = list(storing.pads(pepper)) if pepper else []
    connection.execute(f"INSERT INTO vault.pupils SELECT pupil, space, {keyed} FROM old.pupils{kept}", pads)
    if pepper:
        number = len(storing.peppers(connection)) + 1
        connection.execute("INSERT INTO vault.meta VALUES (?, ?)", [f"pepper_{number}", pepper])


def _mark_erased(connection: engine.Connection, erasure: Erasure) -> None:
    """Give the doomed slices the row counts they have left, and keep the highest numbers ever given."""
    for table, column in (("slices", "slice"), ("pupils", "pupil")):
        highest = engine.rows(connection, f"SELECT coalesce(max({column}), 0) FROM old.{table}")[0][0]
        keep_floor(connection, column, int(highest))
    counts = [
        f"SELECT slice, count(*) AS row_count FROM vault.{table} GROUP BY slice"
        for table in schema.row_tables(connection, "vault")
    ]
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE rows_left AS {' UNION ALL '.join(counts) or 'SELECT 0 AS slice, 0 AS row_count'}"
    )
    connection.execute(
        """
        UPDATE vault.slices
        SET
            row_count = coalesce((SELECT row_count FROM rows_left WHERE rows_left.slice = slices.slice), 0),
            erased_at = CASE WHEN (SELECT everybody FROM doomed_scope) THEN ? ELSE erased_at END
        WHERE slice IN (SELECT slice FROM doomed_slices)
        """,
        [erasure.moment],
    )


def keep_floor(connection: engine.Connection, column: str, highest: int) -> None:
    """Remember the highest number ever given, so that a number never means two things, in this file or a backup."""
    value = str(max(highest, floor(connection, column))).encode()
    connection.execute("INSERT OR REPLACE INTO vault.meta VALUES (?, ?)", [f"highest_{column}", value])


def _removed(connection: engine.Connection) -> Removed:
    """What the doomed slices and the pupils have lost, counted from both files."""

    def lost(what: str, table: str) -> int:
        found = engine.rows(connection, f"SELECT (SELECT {what} FROM old.{table}) - (SELECT {what} FROM vault.{table})")
        return int(found[0][0])

    slices = int(engine.rows(connection, "SELECT count(*) FROM doomed_slices")[0][0])
    return Removed(rows=lost("coalesce(sum(row_count), 0)", "slices"), slices=slices, pupils=lost("count(*)", "pupils"))


def _stored_rows(connection: engine.Connection, database: str) -> int:
    counts = [f"(SELECT count(*) FROM {database}.{table})" for table in schema.row_tables(connection, database)]
    return int(engine.rows(connection, f"SELECT {' + '.join(counts) or '0'}")[0][0])


def _require_whole(connection: engine.Connection, removed: Removed, *, same: bool) -> None:
    """The copy has every row of the original but those removed; otherwise it is not put in place."""
    whole = _stored_rows(connection, "old") - removed.rows == _stored_rows(connection, "vault")
    if whole and same:
        before, after = (fingerprint(connection, database) for database in ("old", "vault"))
        whole = all(before[table] == after[table] for table in schema.row_tables(connection, "old"))
    if not whole:
        raise engine.VaultFileError(NOT_WHOLE)


def fingerprint(connection: engine.Connection, database: str) -> dict[str, Any]:
    """Per table the number of rows and an order-free hash of all its values: making it reads the whole file."""
    found = {}
    for table, columns in schema.table_columns(connection, database).items():
        if table != "meta":
            said = engine.rows(
                connection, f"SELECT count(*), bit_xor(hash({', '.join(columns)})) FROM {database}.{table}"
            )
            found[table] = [int(said[0][0]), str(said[0][1])]
    return found


def _seal(connection: engine.Connection) -> None:
    seal = {"engine": engine.version(), "tables": fingerprint(connection, "vault")}
    connection.execute("INSERT OR REPLACE INTO vault.meta VALUES ('seal', ?)", [json.dumps(seal).encode()])


def require_whole_backup(path: Path, key: str) -> dict[str, int]:
    """Open a backup and read all of it: rows per table; a VaultError when it does not open or is not as it was sealed."""
    connection = engine.memory()
    try:
        engine.attach(connection, path, key=key, read_only=True)
        engine.lock(connection, path.parent)
        with engine.explained():
            tables = schema.table_columns(connection, "vault")
            if not set(schema.BASE_TABLES) <= tables.keys():
                raise engine.VaultFileError(f"{path.name} är inget valv.")
            found = fingerprint(connection, "vault")
            sealed = engine.rows(connection, "SELECT content FROM vault.meta WHERE name = 'seal'")
    finally:
        connection.close()
    if sealed and not _matches(found, json.loads(bytes(sealed[0][0]))):
        raise engine.VaultFileError(NOT_WHOLE_BACKUP.format(name=path.name))
    return {table: count for table, (count, _) in found.items()}


def _matches(found: dict[str, Any], seal: dict[str, Any]) -> bool:
    """Hashes are compared within one version of the engine, row counts always."""
    if seal["engine"] == engine.version():
        return bool(found == seal["tables"])
    return {name: each[0] for name, each in found.items()} == {name: each[0] for name, each in seal["tables"].items()}
