"""DuckDB connections: opened here and nowhere else, locked down, and only for the length of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

Connection = duckdb.DuckDBPyConnection
DatabaseError = duckdb.Error

SQL_TYPES = {
    "text": "VARCHAR",
    "code": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "date": "DATE",
    "flag": "BOOLEAN",
    "pseudonym": "VARCHAR",
    "school_year": "VARCHAR",
    "municipality": "VARCHAR",
    "school_unit": "VARCHAR",
}
"""The DuckDB type of each declared column kind while a file is staged; the vault stores a pseudonym as INTEGER."""


class VaultBusyError(RuntimeError):
    """Another process holds the vault; the message is Swedish and says what to do."""


class VaultKeyError(RuntimeError):
    """The vault's key is missing or wrong; the message is Swedish."""


def memory(*, threads: int | None = None, memory_limit: str | None = None) -> Connection:
    """An in-memory connection that spills nothing to disk; `lock` closes it to files and settings."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET temp_directory = ''")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET preserve_insertion_order = true")
    if threads:
        connection.execute(f"SET threads = {int(threads)}")
    if memory_limit:
        connection.execute(f"SET memory_limit = '{memory_limit}'")
    return connection


def lock(connection: Connection, *folders: Path) -> None:
    """Close the connection to every file outside `folders`, to the network and to further settings."""
    allowed = ", ".join(f"'{quote_text(str(folder.resolve()))}'" for folder in folders)
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def quote_text(text: str) -> str:
    """Text for a place where DuckDB takes no parameter (ATTACH, SET): single quotes doubled."""
    return text.replace("'", "''")


def load_encryption(connection: Connection) -> None:
    """Load the httpfs extension from its package: without it DuckDB cannot write encrypted files."""
    from duckdb_extensions import import_extension

    import_extension("httpfs", con=connection)
    connection.execute("LOAD httpfs")


def attach(connection: Connection, path: Path, *, name: str = "vault", key: str = "", read_only: bool = False) -> None:
    """Attach a database file under `name`; VaultBusyError when another process holds it, VaultKeyError for its key."""
    options = [f"ENCRYPTION_KEY '{quote_text(key)}'"] if key else []
    options += ["READ_ONLY"] if read_only else []
    if key:
        load_encryption(connection)
    settings = f" ({', '.join(options)})" if options else ""
    try:
        connection.execute(f"ATTACH '{quote_text(str(path))}' AS {name}{settings}")
    except duckdb.Error as error:
        raise _attach_error(error) from None


def _attach_error(error: duckdb.Error) -> Exception:
    text = str(error)
    if ("lock" in text.lower() and "Conflicting" in text) or "Could not set lock" in text:
        return VaultBusyError(
            "Valvet används just nu av någon annan (en annan sida eller ett schemalagt jobb). Försök igen om en stund."
        )
    if "encrypt" in text.lower() or "key" in text.lower():
        return VaultKeyError(
            "Valvet kunde inte öppnas med den angivna nyckeln. Kontrollera SAMSYN_VAULT_KEY; inget har ändrats."
        )
    return error


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """All or nothing: commit at the end, roll back on any exception."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def rows(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The result as a list of tuples."""
    return connection.execute(sql, list(parameters)).fetchall()


def frame(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
    """The result as a pandas DataFrame."""
    return connection.execute(sql, list(parameters)).df()


@contextmanager
def registered(connection: Connection, name: str, table: object) -> Iterator[None]:
    """`table` (pandas or Arrow) visible under `name`, explicitly and only inside the block."""
    connection.register(name, table)
    try:
        yield
    finally:
        connection.unregister(name)
