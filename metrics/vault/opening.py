"""How the vault's file is opened: alone to write, together to read, always locked down, and let go of afterwards."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from metrics import engine, locking
from metrics.vault import schema

BUSY = "Valvet används just nu av någon annan (en annan sida eller ett schemalagt jobb). Försök igen om en stund."
WAITING = "Valvet används av någon annan. Väntar tills det är ledigt …"
GONE = (
    "Valvets fil togs bort eller byttes ut medan den användes. Allt som låg i den, också det som nyss sparades, finns "
    "i {rescued}. Lägg tillbaka rätt fil eller kör samsyn restore {rescued}."
)
LOST = (
    "Valvets mapp togs bort medan valvet användes. Det som skulle sparas är inte sparat. Återställ en säkerhetskopia."
)
LOG_WITHOUT_FILE = (
    "Valvets fil saknas men dess logg (.wal) finns kvar. Inget har ändrats. Lägg tillbaka filen, eller flytta undan "
    "loggen och kör samsyn restore."
)
ONLY_BACKUPS = (
    "Valvets fil saknas, men det finns säkerhetskopior. Inget har ändrats. Lägg tillbaka filen eller kör samsyn "
    "restore; flytta undan mappen backups bara om ni vill börja om från början."
)
UNTIDY = (
    "Valvet är stängt, men filen kunde inte städas: disken är full eller skrivskyddad. Det som är sparat finns kvar."
)

log = logging.getLogger("samsyn")


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the vault's file lies, its key, and how long to wait for it."""

    path: Path
    key: str
    wait_seconds: float

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    @property
    def counted(self) -> Path:
        """Every period's counts as last counted, so that only what has changed is counted again; gone at an erasure."""
        return self.folder / "counted"

    @property
    def write_ahead(self) -> Path:
        """DuckDB's log beside the file: there only while the file is open, or after a kill."""
        return self.path.with_name(f"{self.path.name}.wal")


@contextmanager
def held(place: Place, *, shared: bool = False) -> Iterator[None]:
    """The vault's lock: no other process or thread writes, nor reads unless `shared`; VaultBusyError otherwise."""
    with engine.explained_files():
        place.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = place.path.with_name(f"{place.path.name}.lock")
    with ExitStack() as stack:
        try:
            with engine.explained_files():
                stack.enter_context(locking.held(path, shared=shared, wait_seconds=place.wait_seconds, waiting=WAITING))
        except locking.LockBusyError:
            raise engine.VaultBusyError(BUSY) from None
        yield


@contextmanager
def alone(place: Place) -> Iterator[None]:
    """The vault's folder for oneself, without leftovers of an operation that was killed."""
    with held(place):
        with engine.explained_files():
            for leftover in [*place.folder.glob(".*.making*"), *place.backups.glob(".*.making*")]:
                leftover.unlink(missing_ok=True)
        yield


@contextmanager
def writing(place: Place, connection: engine.Connection) -> Iterator[engine.Connection]:
    """The vault attached as `vault` to `connection`, alone, created when it is not there.

    What was committed stays, also when the file cannot be tidied afterwards. The connection stays locked down.
    """
    with alone(place):
        if not place.path.exists():
            create(place)
        attach(place, connection)
        identity = _identity(place.path)
        try:
            engine.lock(connection, place.folder)
            with engine.explained():
                yield connection
        finally:
            try:
                if _identity(place.path) != identity:
                    _rescue(place, connection)
            finally:
                detach(connection)


def create(place: Place) -> None:
    """A new vault, made beside its place and moved there whole, so that a kill never leaves half a file."""
    _require_never_there(place)
    making = making_path(place.path)
    connection = engine.memory()
    try:
        engine.attach(connection, making, key=place.key)
        engine.lock(connection, place.folder)
        with engine.explained():
            schema.create(connection)
            connection.execute("DETACH vault")
    finally:
        connection.close()
    with engine.explained_files():
        put_in_place(making, place.path)


def _require_never_there(place: Place) -> None:
    """Refuse to start afresh where traces show that there was a vault: it has been moved or removed."""
    if place.write_ahead.exists():
        raise engine.VaultFileError(LOG_WITHOUT_FILE)
    if any(place.backups.glob(f"*{place.path.suffix}")):
        raise engine.VaultFileError(ONLY_BACKUPS)


def making_path(path: Path) -> Path:
    """Where a file is made before it is moved to `path`; `alone` removes such files after a kill."""
    return path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.making")


def put_in_place(making: Path, path: Path) -> None:
    """Move a finished, closed file to `path` in one step that survives a power cut."""
    for each in (making, path):
        if each.with_name(f"{each.name}.wal").exists():
            raise engine.VaultFileError(
                "Valvets fil kunde inte avslutas helt. Inget har ändrats. Frigör plats på disken."
            )
    sync(making)
    os.replace(making, path)  # noqa: PTH105 - atomic on every platform
    sync(path.parent)


def sync(path: Path) -> None:
    """Have the system write a file (or a folder's list of files) to the disk."""
    if path.is_dir() and os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def attach(place: Place, connection: engine.Connection, *, read_only: bool = False) -> None:
    """Attach the file as `vault`; waits while a program without our lock (another tool) has it open."""
    until = time.monotonic() + place.wait_seconds
    while True:
        try:
            return engine.attach(connection, place.path, key=place.key, read_only=read_only)
        except engine.VaultBusyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def detach(connection: engine.Connection) -> None:
    """Let go of the file. A checkpoint that fails here loses nothing: the log beside the file has what was committed."""
    try:
        connection.execute("DETACH vault")
    except engine.DatabaseError:
        log.warning(UNTIDY)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at `path`: a file removed and made again is another one."""
    with suppress(OSError):
        found = path.stat()
        return found.st_dev, found.st_ino
    return None


def _rescue(place: Place, connection: engine.Connection) -> None:
    """The file was removed under us: what it held is still open, so write it to a file of its own and say so."""
    if not place.folder.is_dir():
        raise engine.VaultFileError(LOST)
    with engine.explained_files():
        place.backups.mkdir(exist_ok=True)
    rescued = free_path(place.backups / f"{place.path.stem}-raddat{place.path.suffix}")
    engine.attach(connection, rescued, name="rescued", key=place.key)
    with engine.explained():
        connection.execute("COPY FROM DATABASE vault TO rescued")
        connection.execute("DETACH rescued")
    raise engine.VaultFileError(GONE.format(rescued=rescued.name))


def free_path(path: Path) -> Path:
    """`path`, or the first of path-2, path-3 ... that is not taken."""
    number, found = 1, path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found


class _Readers:
    """The readers of this process share one DuckDB instance per file: it cannot open a file twice."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._open: dict[Path, tuple[str, engine.Connection, int]] = {}

    def enter(self, place: Place) -> engine.Connection:
        with self._guard:
            key, base, count = self._open.get(place.path.resolve(), (place.key, None, 0))
            if key != place.key:
                raise engine.VaultKeyError(
                    "Valvet kunde inte öppnas med den angivna nyckeln. Kontrollera SAMSYN_VAULT_KEY."
                )
            base = base or self._attached(place)
            self._open[place.path.resolve()] = (key, base, count + 1)
            return base.cursor()

    def _attached(self, place: Place) -> engine.Connection:
        connection = engine.memory()
        try:
            attach(place, connection, read_only=True)
            engine.lock(connection, place.folder)
        except BaseException:
            connection.close()
            raise
        return connection

    def leave(self, place: Place) -> None:
        with self._guard:
            key, base, count = self._open.pop(place.path.resolve())
            if count > 1:
                self._open[place.path.resolve()] = (key, base, count - 1)
                return
            detach(base)
            base.close()


_readers = _Readers()


@contextmanager
def reading(place: Place) -> Iterator[engine.Connection]:
    """A connection of its own with the vault attached read-only as `vault`; an empty one when there is no vault yet."""
    with ExitStack() as stack:
        if place.folder.is_dir():
            stack.enter_context(held(place, shared=True))
        if not place.path.exists():
            yield stack.enter_context(_nothing(place))
            return
        connection = _readers.enter(place)
        stack.callback(_readers.leave, place)
        stack.callback(connection.close)
        with engine.explained():
            yield connection


@contextmanager
def _nothing(place: Place) -> Iterator[engine.Connection]:
    """An empty vault in memory."""
    _require_never_there(place)
    connection = engine.memory()
    try:
        connection.execute("ATTACH ':memory:' AS vault")
        engine.lock(connection)
        schema.create(connection)
        yield connection
    finally:
        connection.close()


def copy_file(source: Path, to: Path) -> None:
    """Copy a closed file so that `to` appears whole or not at all."""
    making = making_path(to)
    try:
        shutil.copyfile(source, making)
        making.chmod(0o600)
        sync(making)
        os.replace(making, to)  # noqa: PTH105 - atomic on every platform
        sync(to.parent)
    finally:
        making.unlink(missing_ok=True)
