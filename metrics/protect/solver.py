"""Linear programs about tables, restarted warm: only bounds and objectives change between two solves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.errors import ProtectionError
from metrics.protect.tables import SLACK, Flags, Floats, Tables, is_whole

INFINITY = float(highspy.kHighsInf)
DUAL, PRIMAL = 1, 4
FEASIBLE = 2
INNER_PRICE = 0.01
FARTHEST = 1e6
LARGEST_MULTIPLE, TRIES, DEEPEST = 6, 3, 40
STEPS = 400
"""Simplex steps after which a table that may only cost so much is given up."""
EVERY_STEP = 2**31 - 1
FEW, SEVERAL = 100, 500
NODES, GAP = 200, 0.2


class Program:
    """One linear program held by HiGHS, on one thread."""

    def __init__(self, cost: Floats, low: Floats, high: Floats, rows: sp.csr_array, row_low: Floats, row_high: Floats):
        self.width = len(cost)
        self.highs = highspy.Highs()
        self.highs.setOptionValue("output_flag", False)
        self.highs.setOptionValue("threads", 1)
        self.highs.setOptionValue("solver", "simplex")
        self.highs.setOptionValue("presolve", "off")
        self.highs.setOptionValue("mip_max_nodes", NODES)
        self.highs.setOptionValue("mip_rel_gap", GAP)
        self.highs.passModel(_model(cost, low, high, rows, row_low, row_high))

    def strategy(self, number: int) -> None:
        """Dual simplex suits changed bounds, primal simplex a changed objective."""
        self.highs.setOptionValue("simplex_strategy", number)

    def restart(self) -> None:
        """Forget the last basis: with prices of at least 0 and nothing moved, the first one suits the dual simplex."""
        self.highs.clearSolver()

    def limit(self, steps: int) -> None:
        """After so many simplex steps there is no point (None)."""
        self.highs.setOptionValue("simplex_iteration_limit", steps)

    def bound(self, columns: Any, low: Any, high: Any) -> None:
        """Change the bounds of some columns."""
        columns, low, high = np.broadcast_arrays(np.asarray(columns, np.int32), low, high)
        self.highs.changeColsBounds(len(columns), columns.copy(), low.astype(float), high.astype(float))

    def bound_rows(self, rows: Any, low: Any, high: Any) -> None:
        """Change the bounds of some rows."""
        for row, *bounds in zip(*(each.tolist() for each in np.broadcast_arrays(rows, low, high)), strict=True):
            self.highs.changeRowBounds(row, *bounds)

    def price(self, columns: Any, cost: Any) -> None:
        """Change the objective of some columns."""
        columns, cost = np.broadcast_arrays(np.asarray(columns, np.int32), cost)
        self.highs.changeColsCost(len(columns), columns.copy(), cost.astype(float))

    def solve(self) -> Floats | None:
        """The cheapest point, or None when there is no point at all."""
        status = self._run()
        if status == highspy.HighsModelStatus.kIterationLimit:
            return None
        if status not in (highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kInfeasible):
            self.highs.clearSolver()
            status = self._run()
        if status == highspy.HighsModelStatus.kOptimal:
            return np.array(self.highs.getSolution().col_value)
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        raise ProtectionError(f"a linear program about tables ends optimal or infeasible, got: {status.name}")

    def solve_whole(self, columns: NDArray[np.int64]) -> Floats | None:
        """A cheap point where these columns are whole numbers, or None when none is found within the limits."""
        self._whole(columns, highspy.HighsVarType.kInteger)
        self._run()
        found = self.highs.getInfo().primal_solution_status == FEASIBLE
        point = np.array(self.highs.getSolution().col_value) if found else None
        self._whole(columns, highspy.HighsVarType.kContinuous)
        self.highs.clearSolver()
        return point

    def _whole(self, columns: NDArray[np.int64], kind: highspy.HighsVarType) -> None:
        kinds = np.full(len(columns), int(kind), np.uint8)
        self.highs.changeColsIntegrality(len(columns), columns.astype(np.int32), kinds)

    def _run(self) -> highspy.HighsModelStatus:
        self.highs.run()
        return self.highs.getModelStatus()


@dataclass(frozen=True, kw_only=True)
class Move:
    """Alternative tables as changes of every cell (tables x cells) and of every inner cell (tables x inner cells)."""

    cells: Floats
    inner: Floats


class Alternatives:
    """Finds other tables an outsider could not tell from the true one, moving as few weighty cells as it can.

    Columns: the part up and the part down of the change of every inner cell, then of every cell. Inner cells have a
    price too, so that few of them move; such changes are nearly always whole numbers, and where counts are whole and
    a change is not, an integer program finds one that is. Heuristic of Fischetti & Salazar-Gonzalez (1999): a cell
    that must move must be hidden.
    """

    def __init__(self, problem: Tables, ceiling: Floats | None = None, *, loosely: bool = False):
        """`ceiling`: how much every inner cell can go up at the most; without it nothing stops them.

        loosely: of cells that may move for nothing no account is kept. Large programs take fewer steps then.
        """
        cells, inner = problem.matrix.shape
        self.problem, self.cells, self.inner = problem, cells, inner
        self.whole = is_whole(problem.counts)
        self.ceiling = np.full(inner, INFINITY) if ceiling is None else ceiling
        self._most = np.concatenate([self.ceiling, problem.counts])
        self._still, self.loosely = np.zeros(inner, bool), loosely
        self._loose = np.zeros(cells, bool)
        self._set: tuple[Floats, Flags] | None = None
        self._asked: tuple[int, float] | None = None
        self._last: Floats | None = None
        self.program = _alternatives_program(problem, self._most)
        self.program.strategy(DUAL)

    def hold(self, still: Flags) -> None:
        """Inner cells that may not change, instead of those that were held before."""
        if (still == self._still).all():
            return
        self._still, self._asked = still, None
        self._most = np.where(np.tile(still, 2), 0.0, np.concatenate([self.ceiling, self.problem.counts]))
        self.program.bound(np.arange(2 * self.inner), 0.0, self._most)

    def find(self, cell: int, amount: float, whole: bool = True, thorough: bool = True) -> Move | None:
        """Changes in tables where `cell` differs by `amount` at the least price; None if there is none.

        thorough: however long it takes. The first table reaches at least `amount`; further ones come from going the same way further, or back.
        """
        if self._asked == (cell, amount) and not whole:
            return None if self._last is None else self._reach(self._last)
        up, down = self._part(cell, amount > 0), self._part(cell, amount < 0)
        self.program.bound([up, down], [abs(amount), 0.0], [INFINITY, 0.0])
        if self._loose[cell]:
            self.program.bound_rows([cell], 0.0, 0.0)
        self.program.limit(EVERY_STEP if thorough else STEPS)
        change = self._change(whole and self.whole)
        self.program.bound([up, down], 0.0, INFINITY)
        if self._loose[cell]:
            self.program.bound_rows([cell], -INFINITY, INFINITY)
        self._asked = (cell, amount) if thorough else None
        return None if change is None else self._reach(change)

    @property
    def divided(self) -> bool:
        """Whether there were tables when last asked, but none found in whole numbers."""
        return self._last is not None

    def set_all(self, prices: Floats, fixed: Flags) -> None:
        """What moving each cell costs (0 = hidden already), and which cells may not move.

        A cell that costs nothing and may move says nothing: its sum is not kept track of.
        """
        if self._set is not None and all(map(np.array_equal, self._set, (prices, fixed))):
            return
        self._set, self._asked = (prices.copy(), fixed.copy()), None
        loose = (prices == 0.0) & ~fixed & self.loosely
        changed = np.flatnonzero(loose ^ self._loose)
        self.program.bound_rows(changed, *np.where(loose[changed], [[-INFINITY], [INFINITY]], 0.0))
        self._loose = loose
        every = self._parts(np.arange(self.cells))
        self.program.price(every, np.tile(prices, 2))
        self.program.bound(every, 0.0, np.tile(np.where(fixed, 0.0, INFINITY), 2))

    def _change(self, whole: bool) -> Floats | None:
        self.program.restart()
        point = self.program.solve()
        self._last = None if point is None else self._inner_change(point)
        if self._last is None:
            return None
        change = self._last
        if not whole:
            return change
        return next((found for found in self._whole_changes(change) if found is not None), None)

    def _whole_changes(self, change: Floats) -> Iterator[Floats | None]:
        """Ways to a change in whole numbers, the quick ones first."""
        yield self._multiplied(change)
        inner = np.arange(2 * self.inner)
        for seed in range(TRIES if self.inner <= SEVERAL else 1):
            self.program.price(inner, INNER_PRICE * np.random.default_rng(seed).uniform(0.5, 1.5, len(inner)))
            other = self.program.solve()
            self.program.price(inner, INNER_PRICE)
            yield None if other is None else self._multiplied(self._inner_change(other))
        if self.inner > SEVERAL:
            return
        yield self._dive()
        last = self.program.solve_whole(inner) if self.inner <= FEW else None
        yield None if last is None else np.round(self._inner_change(last))

    def _dive(self) -> Floats | None:
        """Round one change after another and let the rest follow."""
        held: list[int] = []
        point = self.program.solve()
        while point is not None and len(held) < DEEPEST:
            change = self._multiplied(self._inner_change(point))
            if change is not None:
                break
            column = self._nearly_whole(point[: 2 * self.inner])
            held.append(column)
            point = self._held(column, point[column])
        self.program.bound(held, 0.0, self._most[held])
        return None if point is None or len(held) == DEEPEST else change

    def _held(self, column: int, value: float) -> Floats | None:
        """The cheapest point with one change held at the whole number nearest to what it was, or else at the next."""
        for number in sorted((np.floor(value), np.ceil(value)), key=lambda tried: abs(tried - value)):
            self.program.bound([column], number, number)
            point = self.program.solve()
            if point is not None:
                return point
        return None

    def _nearly_whole(self, parts: Floats) -> int:
        """The column that is not whole and closest to it."""
        off = np.abs(parts - np.round(parts))
        return int(np.argmin(np.where(off > SLACK, off, np.inf)))

    def _multiplied(self, change: Floats) -> Floats | None:
        """The change as often as makes it whole, if counts and known bounds allow that."""
        farthest = self._steps(change, self.problem.known @ change)
        times = range(1, 1 + min(LARGEST_MULTIPLE, int(farthest + SLACK)))
        return next((np.round(number * change) for number in times if is_whole(number * change)), None)

    def _inner_change(self, point: Floats) -> Floats:
        return point[: self.inner] - point[self.inner : 2 * self.inner]

    def _reach(self, change: Floats) -> Move:
        """The same change taken as far forward and as far back as tables go, in whole steps if it is whole."""
        moves, sums = self.problem.matrix @ change, self.problem.known @ change
        steps = [self._steps(sign * change, sign * sums) for sign in (1.0, -1.0)]
        if self.whole and is_whole(change):
            steps = [float(np.floor(step + SLACK)) for step in steps]
        times = np.array([[max(1.0, steps[0])], [-steps[1]]])
        return Move(cells=times * moves, inner=times * change)

    def _steps(self, change: Floats, sums: Floats) -> float:
        """How many times the change can be made before a count or a known bound stops it."""
        truth = self.problem.known @ self.problem.counts
        room = np.where(sums > 0, self.problem.high - truth, truth - self.problem.low)
        moving, falling, rising = np.abs(sums) > SLACK, change < -SLACK, change > SLACK
        down, up = self.problem.counts[falling] / -change[falling], self.ceiling[rising] / change[rising]
        limits = np.concatenate([down, up, room[moving] / np.abs(sums[moving])])
        return float(np.clip(limits.min(initial=FARTHEST), 0.0, FARTHEST))

    def _part(self, cell: int, up: bool) -> int:
        return 2 * self.inner + cell + (0 if up else self.cells)

    def _parts(self, chosen: Any) -> Any:
        chosen = np.atleast_1d(np.asarray(chosen))
        return np.concatenate([2 * self.inner + chosen, 2 * self.inner + self.cells + chosen])


class Extremes:
    """The least and the greatest value of sums over all tables that agree with rows of fixed value."""

    def __init__(self, rows: sp.csr_array, low: Floats, high: Floats):
        width = rows.shape[1]
        self.program = Program(np.zeros(width), np.zeros(width), np.full(width, INFINITY), rows, low, high)
        self.program.solve()
        self.program.strategy(PRIMAL)
        self.priced = np.zeros(0, np.int64)

    def least(self, columns: Any, sign: float | Floats = 1.0) -> Floats:
        """The inner cells where the sum over `columns` is least (greatest with sign -1; or one sign per column)."""
        self.program.price(self.priced, 0.0)
        self.program.price(columns, sign)
        self.priced = columns
        point = self.program.solve()
        if point is None:
            raise ProtectionError("shown cells and known bounds allow the true table, got: no table at all")
        return point


def _alternatives_program(problem: Tables, farthest: Floats) -> Program:
    cells, inner = problem.matrix.shape
    rows = _with_ends(problem.matrix, sp.csr_array(sp.vstack([problem.known, problem.links])))
    truth = problem.known @ problem.counts
    tied = np.zeros(problem.links.shape[0])
    low = np.concatenate([np.zeros(cells), np.minimum(problem.low - truth, 0.0), tied])
    high = np.concatenate([np.zeros(cells), np.maximum(problem.high - truth, 0.0), tied])
    cost = np.concatenate([np.full(2 * inner, INNER_PRICE), np.zeros(2 * cells)])
    most = np.concatenate([farthest, np.full(2 * cells, INFINITY)])
    return Program(cost, np.zeros(len(cost)), most, rows, low, high)


def _with_ends(matrix: sp.csr_array, stated: sp.csr_array) -> sp.csr_array:
    """Rows over the part up and the part down of every inner cell, and of every cell (none of them in what is stated)."""
    (cells, inner), entries, others = matrix.shape, matrix.tocoo(), stated.tocoo()
    each, ones = np.arange(cells), np.ones(cells)
    data = [entries.data, -entries.data, -ones, ones, others.data, -others.data]
    row = [entries.row, entries.row, each, each, cells + others.row, cells + others.row]
    column = [
        entries.col,
        inner + entries.col,
        2 * inner + each,
        2 * inner + cells + each,
        others.col,
        inner + others.col,
    ]
    shape = cells + stated.shape[0], 2 * (inner + cells)
    return sp.csr_array((np.concatenate(data), (np.concatenate(row), np.concatenate(column))), shape=shape)


def _model(
    cost: Floats, low: Floats, high: Floats, rows: sp.csr_array, row_low: Floats, row_high: Floats
) -> highspy.HighsLp:
    model = highspy.HighsLp()
    model.num_row_, model.num_col_ = rows.shape
    model.col_cost_, model.col_lower_, model.col_upper_ = cost, low, high
    model.row_lower_, model.row_upper_ = row_low, row_high
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_, model.a_matrix_.index_, model.a_matrix_.value_ = rows.indptr, rows.indices, rows.data
    return model
