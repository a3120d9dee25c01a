"""DuckDB connections: opened here and nowhere else, locked down, and only for the length of an operation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

Connection = duckdb.DuckDBPyConnection
DatabaseError = duckdb.Error
OutOfMemoryError = duckdb.OutOfMemoryException
OutOfRangeError = duckdb.ConversionException

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


CHECKPOINT_SEPARATELY = "1TB"
"""A commit only writes the log; the file itself is rewritten when the vault is left. So a full disk is known before
the commit, and what fails after it loses nothing."""


class VaultError(RuntimeError):
    """The vault cannot do what was asked; the message is Swedish and says what to do."""


class VaultBusyError(VaultError):
    """Another process holds the vault."""


class VaultKeyError(VaultError):
    """The vault's key is missing or wrong."""


class VaultFileError(VaultError):
    """The vault's file or folder is damaged, gone, full or cannot be written."""


def version() -> str:
    """The version of DuckDB."""
    return duckdb.__version__


def memory(*, threads: int | None = None, memory_limit: str | None = None) -> Connection:
    """An in-memory connection that spills nothing to disk; `lock` closes it to files and settings."""
    connection = duckdb.connect(":memory:")
    connection.execute("SET temp_directory = ''")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET autoload_known_extensions = false")
    connection.execute("SET python_enable_replacements = false")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET preserve_insertion_order = true")
    connection.execute(f"SET wal_autocheckpoint = '{CHECKPOINT_SEPARATELY}'")
    if threads:
        connection.execute(f"SET threads = {int(threads)}")
    if memory_limit:
        connection.execute(f"SET memory_limit = '{memory_limit}'")
    return connection


def lock(connection: Connection, *folders: Path) -> None:
    """Close the connection to every file outside `folders`, to the network and to further settings; once is enough."""
    if is_locked(connection):
        return
    allowed = ", ".join(f"'{quote_text(str(folder.resolve()))}'" for folder in folders)
    connection.execute(f"SET allowed_directories = [{allowed}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def is_locked(connection: Connection) -> bool:
    """Whether `lock` has closed the connection."""
    return bool(rows(connection, "SELECT current_setting('lock_configuration')")[0][0])


def quote_text(text: str) -> str:
    """Text for a place where DuckDB takes no parameter (ATTACH, SET): single quotes doubled."""
    return text.replace("'", "''")


def load_encryption(connection: Connection) -> None:
    """Load the httpfs extension from its installed package: without it DuckDB cannot write encrypted files.

    A connection that is locked down has loaded it before; it can load nothing any more.
    """
    if is_locked(connection):
        return
    try:
        folder = Path(str(files("duckdb_extension_httpfs"))) / "extensions" / f"v{duckdb.__version__}"
        connection.execute(f"LOAD '{quote_text(str(folder / 'httpfs.duckdb_extension'))}'")
    except (ModuleNotFoundError, duckdb.Error):
        raise VaultKeyError(
            "Ett krypterat valv kräver paketet duckdb-extension-httpfs i samma version som duckdb "
            f"({duckdb.__version__}). Installera det; inget har ändrats."
        ) from None


def check_key(key: str) -> None:
    """VaultKeyError unless the key is made of printable ASCII characters (or is empty: a plain file)."""
    if not key.isascii() or not (key.isprintable() and key == key.strip()):
        raise VaultKeyError(
            "Valvets nyckel får bara ha tecknen a–z, A–Z, 0–9 och vanliga skiljetecken, utan blanksteg först eller "
            "sist (inte å, ä eller ö). Kontrollera SAMSYN_VAULT_KEY; inget har ändrats."
        )


def attach(connection: Connection, path: Path, *, name: str = "vault", key: str = "", read_only: bool = False) -> None:
    """Attach a database file under `name`; a VaultError in Swedish when it cannot be opened."""
    check_key(key)
    options = [f"ENCRYPTION_KEY '{quote_text(key)}'"] if key else []
    options += ["READ_ONLY"] if read_only else []
    if key:
        load_encryption(connection)
    settings = f" ({', '.join(options)})" if options else ""
    try:
        connection.execute(f"ATTACH '{quote_text(str(path))}' AS {name}{settings}")
    except duckdb.Error as error:
        raise explanation(error) or error from None


_OUTER = (
    duckdb.IOException,
    duckdb.FatalException,
    duckdb.SerializationException,
    duckdb.TransactionException,
    duckdb.OutOfMemoryException,
)
"""What the disk, the system or memory may refuse; other errors of DuckDB are faults in a statement."""


@contextmanager
def explained() -> Iterator[None]:
    """Inside, what the database or the disk refuses becomes a VaultError in Swedish; other errors pass unchanged."""
    try:
        yield
    except _OUTER as error:
        told = explanation(error)
        if told is None:
            raise
        raise told from None


@contextmanager
def explained_files() -> Iterator[None]:
    """Inside, what the operating system refuses becomes a VaultError in Swedish; for the vault's own file handling."""
    try:
        yield
    except OSError as error:
        raise explanation(error) or error from None


def explanation(error: Exception) -> VaultError | None:
    """What the officer is told about a refusal by DuckDB or the operating system; None when it is another error."""
    text = str(error)
    if isinstance(error, duckdb.OutOfMemoryException):
        return VaultError(
            "Minnet räcker inte. Inget har ändrats. Dela upp filen per läsår eller använd en större dator."
        )
    for kind, signs, message in _REFUSALS:
        if any(sign in text for sign in signs):
            return kind(message)
    if isinstance(error, (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException, OSError)):
        return VaultFileError(
            "Valvet kunde inte läsas eller skrivas. Inget har ändrats. Kontrollera disken och försök igen."
        )
    return None


_REFUSALS: tuple[tuple[type[VaultError], tuple[str, ...], str], ...] = (
    (
        VaultBusyError,
        ("Could not set lock", "Conflicting lock", "Unique file handle conflict"),
        "Valvet används just nu av någon annan (en annan sida eller ett schemalagt jobb). Försök igen om en stund.",
    ),
    (
        VaultKeyError,
        ("without a key",),
        "Valvet är krypterat. Ange dess nyckel i SAMSYN_VAULT_KEY; inget har ändrats.",
    ),
    (
        VaultKeyError,
        ("A key is explicitly specified",),
        "Valvet är inte krypterat, men SAMSYN_VAULT_KEY är satt. Kör samsyn encrypt, eller ta bort nyckeln.",
    ),
    (
        VaultKeyError,
        ("encryption key",),
        "Valvet kunde inte öppnas med den angivna nyckeln. Kontrollera SAMSYN_VAULT_KEY; inget har ändrats.",
    ),
    (
        VaultFileError,
        ("No space left", "File too large", "Could not write file", "Disk quota exceeded"),
        "Det finns inte plats på disken där valvet ligger. Inget har ändrats. Frigör plats och försök igen.",
    ),
    (
        VaultFileError,
        ("Permission denied", "Read-only file system", "Operation not permitted"),
        "Valvets fil eller mapp får inte skrivas. Inget har ändrats. Ge programmet skrivrätt till mappen.",
    ),
    (
        VaultFileError,
        (
            "not a valid DuckDB database file",
            "Could not read enough bytes",
            "Corrupt",
            "corrupt",
            "checksum",
            "Failed to deserialize",
            "older version of the database",
            "newer version",
        ),
        "Valvets fil är skadad eller är inget valv. Inget har ändrats. Återställ en säkerhetskopia med samsyn restore.",
    ),
    (
        VaultFileError,
        ("No such file or directory", "database does not exist", "Is a directory", "Not a directory"),
        "Valvets fil finns inte där den ska. Inget har ändrats. Kontrollera mappen som SAMSYN_DATA anger.",
    ),
)


@contextmanager
def transaction(connection: Connection) -> Iterator[Connection]:
    """All or nothing: commit at the end, roll back on any exception."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise


def rows(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """The result as a list of tuples."""
    return connection.execute(sql, list(parameters)).fetchall()


def frame(connection: Connection, sql: str, parameters: Sequence[Any] = ()) -> pd.DataFrame:
    """The result as a pandas DataFrame."""
    return connection.execute(sql, list(parameters)).df()


def hashes(connection: Connection, sql: str, count: int) -> Any:
    """The only column of the result, `count` 64-bit hashes, as a NumPy array."""
    found, start = np.empty(count, np.uint64), 0
    for batch in connection.execute(sql).to_arrow_reader(1_000_000):
        found[start : start + len(batch)] = batch.column(0).to_numpy()
        start += len(batch)
    return found[:start]


@contextmanager
def registered(connection: Connection, name: str, table: object) -> Iterator[None]:
    """`table` (pandas or Arrow) visible under `name`, explicitly and only inside the block."""
    connection.register(name, table)
    try:
        yield
    finally:
        connection.unregister(name)
