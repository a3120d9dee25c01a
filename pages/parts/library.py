"""Releases in memory, one per folder, shared by every session of the process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from metrics.present.changes import Shown
from metrics.present.figures import Figure, Figures
from metrics.release import read
from pages.parts.kept import releases

Stamp = tuple[int, bool]
LOOK_AGAIN = 1.0
"""Seconds that a server of one release trusts what it saw of its folder: a withdrawal is seen within them."""
_SEEN: dict[Path, tuple[float, Stamp]] = {}


@dataclass(frozen=True, kw_only=True)
class Opened:
    """The release a page shows, the current one's id, and what there is to say about the choice."""

    figures: Figures
    current: str
    problem: str = ""

    @property
    def is_current(self) -> bool:
        return self.figures.release.id == self.current


def open_release(wanted: str = "") -> Opened:
    """The wanted release, or the current one with a Swedish word about why; ReleaseError if none can be read."""
    current = figures_in(read.current_folder())
    if not wanted or wanted == current.release.id:
        return Opened(figures=current, current=current.release.id)
    folder = read.folder_of(wanted)
    if folder is None:
        problem = f"Länken gäller utgåvan ”{wanted}”, som inte finns här. Du ser den nuvarande i stället."
        return Opened(figures=current, current=current.release.id, problem=problem)
    return Opened(figures=figures_in(folder), current=current.release.id)


def beside_current(opened: Opened, of: Callable[[Figures], Mapping[str, Figure | None]]) -> list[Shown]:
    """The figures of a view beside those of the same view in the current release; none where it is the current one."""
    if opened.is_current:
        return []
    newest = of(figures_in(read.current_folder()))
    return [(name, here, newest.get(name)) for name, here in of(opened.figures).items()]


def figures_in(folder: Path) -> Figures:
    return releases((str(folder), *_stamp(folder)), lambda: Figures(read.load(folder, compact=True)))


def _stamp(folder: Path) -> Stamp:
    """What tells a folder's states apart: a release never changes, but it can be withdrawn."""
    looked, seen = _SEEN.get(folder, (0.0, None))
    if seen is not None and os.environ.get("SAMSYN_RELEASE") and time.monotonic() - looked < LOOK_AGAIN:
        return seen
    found = _looked_at(folder)
    _SEEN[folder] = (time.monotonic(), found)
    return found


def _looked_at(folder: Path) -> Stamp:
    try:
        written = (folder / "manifest.json").stat().st_mtime_ns
    except OSError:
        written = 0
    return written, (folder / "withdrawn.json").exists()
