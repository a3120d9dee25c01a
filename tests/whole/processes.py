"""Which processes solve a release: the gate's pool, where every process that solves something leaves its number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any


class Noting:
    """Solves a task, and leaves the number of the process that did."""

    def __init__(self, solve: Callable[[Any], Any], folder: Path) -> None:
        self.solve, self.folder = solve, folder

    def __call__(self, task: Any) -> Any:
        (self.folder / str(os.getpid())).touch()
        return self.solve(task)


def watched(folder: Path) -> type[ProcessPoolExecutor]:
    """The pool, with numbers left in a folder."""

    class Watched(ProcessPoolExecutor):
        def map(self, fn: Callable[[Any], Any], *tasks: Iterable[Any], **given: Any) -> Iterator[Any]:
            return super().map(Noting(fn, folder), *tasks, **given)

    return Watched
