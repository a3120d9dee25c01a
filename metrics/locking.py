"""Locks between processes and threads, on a file that stays: the system lets go of them by itself after a kill."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SAY_AFTER_SECONDS = 1.0
PAUSE_SECONDS = 0.02

log = logging.getLogger("samsyn")


class LockBusyError(RuntimeError):
    """Somebody else held the lock for as long as we waited."""


@contextmanager
def held(path: Path, *, shared: bool = False, wait_seconds: float = 30.0, waiting: str = "") -> Iterator[None]:
    """Hold the lock file `path` (created empty), shared with others or alone; LockBusyError after `wait_seconds`.

    Who waits to be alone goes before those who come later, so that steady readers cannot keep a writer out. `waiting`
    is said once (to the log, which a command line shows) when the wait is longer than a second. Not re-entrant: a
    thread that takes it twice waits for itself.
    """
    until = time.monotonic() + wait_seconds
    with _descriptor(path.with_name(f"{path.name}.turn")) as turn, _descriptor(path) as lock:
        said = _acquire(turn, shared=False, until=until, waiting=waiting)
        try:
            _acquire(lock, shared=shared, until=until, waiting="" if said else waiting)
        finally:
            _release(turn)
        try:
            yield
        finally:
            _release(lock)


@contextmanager
def _descriptor(path: Path) -> Iterator[int]:
    found = os.open(path, os.O_RDWR | os.O_CREAT, 0o660)
    try:
        yield found
    finally:
        os.close(found)


def _acquire(descriptor: int, *, shared: bool, until: float, waiting: str) -> bool:
    """Take the lock; True when it had to say that it waits."""
    say_at, said = time.monotonic() + SAY_AFTER_SECONDS, False
    while not _try(descriptor, shared=shared):
        now = time.monotonic()
        if now > until:
            raise LockBusyError("the lock is free within the time waited, got: held by somebody else")
        if waiting and not said and now > say_at:
            log.warning(waiting)
            said = True
        time.sleep(PAUSE_SECONDS)
    return said


if sys.platform == "win32":
    import msvcrt

    def _try(descriptor: int, *, shared: bool) -> bool:
        """Windows has no shared lock here: readers take turns."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _release(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try(descriptor: int, *, shared: bool) -> bool:
        """flock, not POSIX record locks: those vanish when the same process opens and closes the file elsewhere."""
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _release(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
