"""What the durability tests run in processes of their own, to be killed there: one function per operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd

from metrics.release.read import TABLES
from metrics.release.write import TEXT_TABLES_WITH_NUMBERS, point_at, write_release
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import keeping, restoring
from tests.unit.deliveries import SENDER, many_staged, vault_at

ROWS = 400
VALUES = 3000


def load(folder: Path, key: str, number: int) -> None:
    """One more batch: a year of one school, replacing what was there."""
    made = many_staged(ROWS, year="2024/25", prefix=f"{number}-")
    vault_at(folder, key=key).store(made, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="replace")


def undo(folder: Path, key: str, number: int) -> None:
    vault_at(folder, key=key).undo(number, reason="prov", principal=LOCAL_PRINCIPAL)


def erase(folder: Path, key: str, number: int) -> None:
    """Everything of one year, also from the backups."""
    year = f"{2000 + number}/{(2001 + number) % 100:02d}"
    keeping.erase(vault_at(folder, key=key), principal=LOCAL_PRINCIPAL, reason="prov", period=year)


def publish(folder: Path, _key: str, number: int) -> None:
    """A release written and made the current one, as publishing does at its end."""
    releases = folder / "releases"
    name = f"2026-11-23-{number}"
    write_release(releases / name, manifest=manifest(number), tables={"values": values(number)}, definitions=[])
    point_at(releases, name)


def rekey(folder: Path, key: str, number: int) -> None:
    """Encrypt, or give another key, the vault and its backup."""
    keeping.change_key(vault_at(folder, key=key), new_key(number), principal=LOCAL_PRINCIPAL)


def new_key(number: int) -> str:
    return f"nyckel-nummer-{number}"


def restore(folder: Path, key: str, _number: int) -> None:
    """Put the oldest backup back."""
    vault = vault_at(folder, key=key)
    oldest = min(vault.place.backups.glob("*.duckdb"))
    restoring.restore(vault, oldest, principal=LOCAL_PRINCIPAL, reason="prov")


def manifest(number: int) -> dict[str, object]:
    return {"id": f"2026-11-23-{number}", "created": "2026-11-23T04:00:00", "number": number}


def values(number: int) -> pd.DataFrame:
    """A long table whose every number is the release's own, so that a mixture shows."""
    numbers = TEXT_TABLES_WITH_NUMBERS["values"]
    columns = {
        column: [float(number)] * VALUES if column in numbers else [f"{column}-{row}" for row in range(VALUES)]
        for column in TABLES["values"]
    }
    return pd.DataFrame({**columns, "status": "shown"})


OPERATIONS: Mapping[str, Callable[[Path, str, int], None]] = {
    "load": load,
    "undo": undo,
    "erase": erase,
    "publish": publish,
    "rekey": rekey,
    "restore": restore,
}


def run(operation: str, folder: Path, key: str, number: int, started: Connection) -> None:
    """Say that it begins, then do it."""
    started.send(True)
    OPERATIONS[operation](folder, key, number)


def loads(folder: Path, key: str, first: int, count: int) -> None:
    """Several batches of different years one after another, beside other loaders."""
    vault = vault_at(folder, key=key, wait_seconds=60.0)
    for number in range(first, first + count):
        year = f"{2000 + number}/{(2001 + number) % 100:02d}"
        vault.store(many_staged(50, year=year), sender=SENDER, principal=LOCAL_PRINCIPAL)


def scheduled(folder: Path, key: str, times: int) -> None:
    """A job that reads, backs up and purges beside the loaders."""
    vault = vault_at(folder, key=key, wait_seconds=60.0)
    for _ in range(times):
        vault.batches(LOCAL_PRINCIPAL)
        keeping.purge(vault, principal=LOCAL_PRINCIPAL)
    keeping.backup(vault, principal=LOCAL_PRINCIPAL)
