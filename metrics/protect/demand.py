"""How far the alternative tables of a primary cell must reach, and how much of that known bounds allow."""

import numpy as np
from numpy.typing import NDArray

from metrics.protect.auditing import intervals
from metrics.protect.errors import ProtectionError
from metrics.protect.tables import SLACK, Flags, Floats
from metrics.protect.task import Task


def reach(moves: Floats) -> Floats:
    """How far below and above the truth each cell is in some of the tables (cells x 2)."""
    return np.column_stack([-moves.min(axis=0, initial=0.0), moves.max(axis=0, initial=0.0)])


class Demand:
    """How far below and above the truth the tables kept must reach for every primary cell."""

    def __init__(self, task: Task, most: Floats):
        """`most`: how far down a cell is asked to go at the most, beyond the least of 1."""
        self.task = task
        self.width = np.where(task.primary, np.ceil(task.protection) if task.whole else task.protection, 0.0)
        least = np.where(task.primary, np.minimum(self.width, 1.0), 0.0)
        self.tail = np.column_stack([np.minimum(least, task.cells), least])
        down = np.minimum(np.ceil(self.width / 2), np.minimum(task.cells, most))
        self.share = np.maximum(np.column_stack([down, self.width - down]), self.tail)

    def missing(self, moves: Floats) -> Floats:
        """Distance below and above that each cell still needs; 0 where the tables kept suffice."""
        return self.lacking(reach(moves))

    def lacking(self, got: Floats) -> Floats:
        """The same of tables that reach so far below and above the truth (cells x 2)."""
        enough = (got.sum(axis=1) >= self.width - SLACK) & (got >= self.tail - SLACK).all(axis=1)
        down = np.maximum(self.tail[:, 0], np.minimum(self.share[:, 0], self.width - got[:, 1]))
        up = np.maximum(self.tail[:, 1], self.width - np.maximum(got[:, 0], down))
        need = np.column_stack([down, up])
        return np.where((got >= need - SLACK) | enough[:, None], 0.0, need)

    def only(self, cells: Flags) -> None:
        """Ask of these cells only, and only that they are wide enough."""
        self.width, self.tail = np.where(cells, self.width, 0.0), np.zeros_like(self.tail)
        self.share = np.where(cells[:, None], self.share, 0.0)

    def within(self, cells: NDArray[np.int64], room: Floats) -> None:
        """Ask no more of these cells than this room below and above the truth (cells x 2)."""
        room = np.maximum(room, 0.0)
        width, tail = np.minimum(self.width[cells], room.sum(axis=1)), np.minimum(self.tail[cells], room)
        down = np.maximum(np.minimum(self.share[cells, 0], room[:, 0]), width - room[:, 1])
        self.width[cells], self.tail[cells] = width, tail
        self.share[cells] = np.column_stack([down, np.maximum(width - down, tail[:, 1])])

    def forget(self, cell: int) -> None:
        """Ask nothing more of a cell."""
        self.width[cell], self.tail[cell], self.share[cell] = 0.0, 0.0, 0.0

    def limit(self, cell: int) -> None:
        """Ask no more of a cell than what known bounds alone leave; ProtectionError if shown cells leave less."""
        problem, truth = self.task.problem, self.task.cells[cell]
        only_known, with_shown = (
            intervals(problem, hidden, np.array([cell]))[0]
            for hidden in (np.ones_like(self.task.pinned), ~self.task.pinned)
        )
        room = np.maximum(np.array([truth - with_shown[0], with_shown[1] - truth]) - SLACK, 0.0)
        self.width[cell] = min(self.width[cell], only_known[1] - only_known[0])
        if room.sum() < self.width[cell] - 4 * SLACK:
            raise ProtectionError("cells always shown leave a primary cell its protection, got: too little for one")
        self.within(np.array([cell]), room[None, :])
