"""What a command says while it works, on the error stream: each step, and how long it has gone on where no step comes."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, float], None]
QUIET = 2.0
"""Seconds that a command may work without a word; each time nothing new has come, twice as many."""


class Telling:
    """Says the steps of one command; `what` is what the command does, in Swedish."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._stepped = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def step(self, what: str, share: float) -> None:
        """The step that begins now, and how much of the whole is done (0 to 1)."""
        self._what = what
        print(f"{share:4.0%} {what}", file=sys.stderr, flush=True)
        self._stepped.set()

    def end(self) -> None:
        self._over.set()
        self._stepped.set()
        self._thread.join()

    def _wait(self) -> None:
        quiet = QUIET
        while not self._over.is_set():
            if self._stepped.wait(quiet):
                self._stepped.clear()  # set by a step, or by the end, which the loop sees
                quiet = QUIET
                continue
            quiet *= 2
            print(f"     {self._what}: {time.monotonic() - self._began:.0f} s hittills", file=sys.stderr, flush=True)


_NOW: list[Telling] = []


@contextmanager
def told(what: str) -> Iterator[None]:
    """The command that works now, and what it does."""
    telling = Telling(what)
    _NOW.append(telling)
    try:
        yield
    finally:
        _NOW.remove(telling)
        telling.end()


def step(what: str, share: float) -> None:
    """Say a step of the command that works now; nothing where nobody shall hear of it."""
    if _NOW:
        _NOW[-1].step(what, share)
