"""One problem of suppression with every different sum once, and inner cells that no sum tells apart added up."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metrics.protect.errors import ProtectionError
from metrics.protect.narrow import Kinds
from metrics.protect.tables import Flags, Floats, Tables, is_whole, merge_columns


@dataclass(frozen=True, kw_only=True)
class Task:
    """One problem with every different sum once."""

    problem: Tables
    primary: Flags
    pinned: Flags
    protection: Floats
    weights: Floats
    cells: Floats
    merged: NDArray[np.int64]
    """The inner cell that stands for each one of the problem as it was given."""
    held: Flags
    """Cells that are shown unless a primary cell cannot be protected in whole numbers beside them."""
    labels: Sequence[Kinds] | None = None

    def only(self, chosen: NDArray[np.int64], problem: Tables) -> "Task":
        """The part of the task about some of its cells."""
        names = ("primary", "pinned", "held", "protection", "weights", "cells")
        return replace(self, problem=problem, labels=None, **{name: getattr(self, name)[chosen] for name in names})

    @property
    def whole(self) -> bool:
        """Whether counts are whole numbers: then tables an outsider cannot rule out are whole too."""
        return is_whole(self.problem.counts)


def by_class(
    problem: Tables,
    classes: NDArray[np.int64],
    primary: Flags,
    pinned: Flags,
    protection: Floats,
    weights: Floats,
    labels: tuple[Any, Any] | None,
) -> Task:
    """Cells that sum the same inner cells are hidden together or not at all."""
    first = np.unique(classes, return_index=True)[1]
    small, columns, merged = merge_columns(problem.rows(first))
    asked, shown = np.zeros(len(first), bool), np.zeros(len(first), bool)
    np.logical_or.at(asked, classes, primary)
    np.logical_or.at(shown, classes, pinned)
    widest, weight = np.zeros(len(first)), np.bincount(classes, weights=weights).astype(float)
    np.maximum.at(widest, classes, np.where(primary, protection, 0.0))
    if (asked & shown).any():
        raise ProtectionError("a primary cell may be hidden, got: one that equals a cell that is always shown")
    return Task(
        problem=small,
        primary=asked,
        pinned=shown,
        protection=widest,
        weights=weight,
        cells=small.cells,
        merged=merged,
        held=np.zeros(len(first), bool),
        labels=None if labels is None else [np.asarray(each, dtype=np.int64)[columns] for each in labels],
    )


def hardest_first(task: Task) -> NDArray[np.int64]:
    """The primary cells, the largest counts first."""
    order = np.flatnonzero(task.primary)
    return np.asarray(order[np.argsort(task.cells[order], kind="stable")][::-1])
