"""Restoring a backup: what it lacks since is made up for, and what stood here is kept aside, so that nothing is lost."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metrics import engine
from metrics.values import Principal, Role
from metrics.vault import batches, joins, opening
from metrics.vault.erasure import Erasure, find_doomed, remembered
from metrics.vault.rewriting import Removed, keep_floor, require_whole_backup, rewrite
from metrics.vault.vault import Vault

NUMBERED = (("batches", "batch"), ("slices", "slice"), ("pupils", "pupil"))
STEP = 10_000_000
"""How far numbers are moved on when the vault that gave them is gone: none may come to mean two things."""


@dataclass(frozen=True, kw_only=True)
class Restored:
    """The rows that came back, the erasures that were made again, and where what stood before now lies ("" = nothing)."""

    rows: int
    erased_again: int
    kept_aside: str


@dataclass(frozen=True, kw_only=True)
class Carried:
    """What is taken along from the vault that is replaced: its highest numbers, its log and its declared joins."""

    highest: dict[str, int]
    log: list[tuple[Any, ...]]
    joins: tuple[joins.Join, ...]


def restore(vault: Vault, source: Path, *, principal: Principal, reason: str) -> Restored:
    """Put the backup `source` in the vault's place. It is read whole first; a VaultError leaves everything as it was.

    Erasures made since are made again, the log is taken along, and the vault that stood there becomes a backup itself
    (or, when it is damaged, a file that ends in .damaged).
    """
    if Role.DATA_PROTECTION not in principal.roles:
        principal.require(Role.PUBLISHER)
    if not reason.strip():
        raise ValueError("Skriv varför säkerhetskopian återställs.")
    with opening.alone(vault.place):
        if not source.exists():
            raise engine.VaultFileError(f"Säkerhetskopian {source.name} finns inte. Inget har ändrats.")
        counts = require_whole_backup(source, vault.key)
        copy = opening.making_path(vault.path.with_name("restored"))
        try:
            with engine.explained_files():
                opening.copy_file(source, copy)
            again = _erase_again(vault, copy)
            aside, carried = _set_aside(vault)
            finish = _finish(principal, source, reason, carried)
            rewrite(copy, vault.path, key=vault.key, new_key=vault.key, finish=finish)
        finally:
            copy.unlink(missing_ok=True)
    rows = sum(count for table, count in counts.items() if table.startswith("rows_"))
    return Restored(rows=rows - again[1], erased_again=again[0], kept_aside=aside)


def _erase_again(vault: Vault, copy: Path) -> tuple[int, int]:
    """How many erasures of the list found something in the copy, and the rows they took."""
    taken = [
        rewrite(copy, copy, key=vault.key, new_key=vault.key, erasure=erasure).rows
        for erasure in remembered(vault.place)
        if _finds(vault, copy, erasure)
    ]
    return sum(1 for rows in taken if rows), sum(taken)


def _finds(vault: Vault, copy: Path, erasure: Erasure) -> bool:
    connection = engine.memory()
    try:
        engine.attach(connection, copy, name="old", key=vault.key, read_only=True)
        engine.lock(connection, copy.parent)
        find_doomed(connection, erasure)
        found = engine.rows(connection, "SELECT count(*) FROM doomed_slices")[0][0]
    finally:
        connection.close()
    return bool(found)


def _set_aside(vault: Vault) -> tuple[str, Carried | None]:
    """Keep what stands in the vault's place; its numbers and log when it can be read, None when it cannot."""
    place = vault.place
    if not vault.exists:
        return "", None
    with engine.explained_files():
        place.backups.mkdir(exist_ok=True)
    name = f"{vault.path.stem}-{batches.now():%Y-%m-%dT%H%M%S}-before-restore{vault.path.suffix}"
    aside = opening.free_path(place.backups / name)
    try:
        carried = _carried(vault)
        rewrite(vault.path, aside, key=vault.key, new_key=vault.key, seal=True)
    except engine.VaultFileError:
        aside = opening.free_path(aside.with_suffix(".damaged"))
        with engine.explained_files():
            if place.write_ahead.exists():
                os.replace(place.write_ahead, f"{aside}.wal")  # noqa: PTH105 - atomic on every platform
            os.replace(vault.path, aside)  # noqa: PTH105
        return aside.name, None
    return aside.name, carried


def _carried(vault: Vault) -> Carried:
    connection = engine.memory()
    try:
        engine.attach(connection, vault.path, key=vault.key)
        engine.lock(connection, vault.place.folder)
        with engine.explained():
            highest = {column: batches.next_number(connection, table, column) - 1 for table, column in NUMBERED}
            log = engine.rows(connection, "SELECT entry, moment, subject, act, object, detail FROM vault.log")
            declared = joins.find(connection)
            connection.execute("DETACH vault")
    finally:
        connection.close()
    return Carried(highest=highest, log=log, joins=declared)


def _finish(principal: Principal, source: Path, reason: str, carried: Carried | None) -> Any:
    def finish(connection: engine.Connection, _removed: Removed) -> None:
        connection.execute("DELETE FROM vault.meta WHERE name = 'seal'")
        for table, column in NUMBERED:
            here = batches.next_number(connection, table, column) - 1
            keep_floor(connection, column, carried.highest[column] if carried else here + STEP)
        _carry_log(connection, carried)
        if carried is None:
            joins.withdraw_all(connection, by=principal.subject, today=batches.now().date())
        elif carried.joins or joins.find(connection):
            joins.keep(connection, carried.joins)
        batches.write_log(connection, principal, "återställt", source.name, reason)

    return finish


def _carry_log(connection: engine.Connection, carried: Carried | None) -> None:
    last = engine.rows(connection, "SELECT coalesce(max(entry), 0) FROM vault.log")[0][0]
    later = [row for row in (carried.log if carried else []) if row[0] > last]
    if later:
        connection.executemany("INSERT INTO vault.log VALUES (?, ?, ?, ?, ?, ?)", later)
