"""Tables where only hidden cells move: one exact program for many questions, restarted warm from member to member."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.auditing import settled_by, stated_rows
from metrics.protect.solver import DUAL, PRIMAL, Program
from metrics.protect.suppress import spread
from metrics.protect.tables import SLACK, Flags, Floats, Tables, column_classes, row_classes

MOST = 1000.0
"""How much an inner cell goes up at the most: so far that nothing asked for is missed, and no table is endless."""


class Among:
    """The farthest tables of some cells while shown cells stay as they are and some inner cells are held."""

    def __init__(self, problem: Tables, hidden: Flags, cells: NDArray[np.int64]):
        """`cells`: those that can be asked about. Inner cells that shown cells settle are taken away."""
        self.behind, self.shown = problem.counts, np.flatnonzero(~hidden)
        self.stated = _without_settled(problem, hidden)
        rows, self.free = self.stated.rows, self.stated.free
        wanted = sp.csr_array(problem.matrix[cells][:, self.free])
        self.merged = column_classes(sp.vstack([rows, wanted]))
        first = np.unique(self.merged, return_index=True)[1]
        self.first, wanted = np.flatnonzero(self.free)[first], sp.csr_array(wanted[:, first])
        self.counts = np.bincount(self.merged, weights=problem.counts[self.free]).astype(float)
        self.columns = {int(cell): wanted[[place]].indices for place, cell in enumerate(cells)}
        zero = np.zeros(len(first))
        self.program = Program(zero, zero, self.counts + MOST, sp.csr_array(rows[:, first]), *self.stated.bounds())
        self.held, self.priced = np.zeros(len(first), bool), np.zeros(0, np.int32)

    def hold(self, still: Flags) -> None:
        """Inner cells of the problem that may not change, instead of those before (none is merged with others).

        The last point is brought within the new bounds: without prices the dual simplex needs few steps.
        """
        held = still[self.first]
        changed = np.flatnonzero(held ^ self.held)
        low, high = np.where(held, self.counts, 0.0), np.where(held, self.counts, self.counts + MOST)
        self.program.bound(changed, low[changed], high[changed])
        self.program.price(self.priced, 0.0)
        self.program.strategy(DUAL)
        self.program.solve()
        self.program.strategy(PRIMAL)
        self.held, self.priced = held, np.zeros(0, np.int32)

    def hide(self, hidden: Flags) -> None:
        """Cells that are hidden by now: those that were shown at first are no known sums any more."""
        every = np.arange(self.stated.rows.shape[0])
        self.program.bound_rows(every, *self.stated.bounds(np.flatnonzero(hidden[self.shown])))

    def farthest(self, cell: int, side: int) -> Floats:
        """Changes of inner cells in a table (at most one x inner) where the cell is least (side 0) or greatest (1)."""
        self.program.price(self.priced, 0.0)
        self.priced = self.columns[cell]
        self.program.price(self.priced, (1.0, -1.0)[side])
        point = self.program.solve() if len(self.priced) else None
        if point is None:
            return np.zeros((0, len(self.free)))
        change = _tidy(point - self.counts)
        whole = np.zeros((1, len(self.free)))
        whole[:, self.free] = spread(sp.csr_array(change[None, :]), self.behind[self.free], self.merged).toarray()
        return whole


def _tidy(change: Floats) -> Floats:
    """Without what is off by rounding in the solver."""
    nearest = np.round(change)
    return np.where(np.abs(change - nearest) < SLACK, nearest, change)


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What is stated of the inner cells that can change, each sum once. `which`: the row of each thing stated."""

    rows: sp.csr_array
    low: Floats
    high: Floats
    which: NDArray[np.int64]
    free: Flags

    def bounds(self, without: NDArray[np.int64] | None = None) -> tuple[Floats, Floats]:
        """The narrowest bounds of every row, by all that is stated or without some of it."""
        low, high = self.low.copy(), self.high.copy()
        if without is not None:
            low[without], high[without] = -np.inf, np.inf
        lowest, highest = np.full(self.rows.shape[0], -np.inf), np.full(self.rows.shape[0], np.inf)
        np.maximum.at(lowest, self.which, low)
        np.minimum.at(highest, self.which, high)
        return lowest, highest


def _without_settled(problem: Tables, hidden: Flags) -> Stated:
    stated = stated_rows(problem, hidden)
    value, settled = settled_by(stated.known, stated.low, stated.high)
    rest = stated.known @ value
    rows = sp.csr_array(stated.known[:, ~settled])
    rows.eliminate_zeros()
    which = row_classes(rows)
    once = np.unique(which, return_index=True)[1]
    low, high = stated.low - rest, stated.high - rest
    return Stated(rows=sp.csr_array(rows[once]), low=low, high=high, which=which, free=~settled)
