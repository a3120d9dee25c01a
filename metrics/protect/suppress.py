"""Which cells to hide so that no primary cell can be worked out, hiding as little as it can."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from metrics.protect.auditing import cell_flags, intervals
from metrics.protect.demand import Demand
from metrics.protect.errors import ProtectionError
from metrics.protect.narrow import Narrow
from metrics.protect.parts import apart, split
from metrics.protect.solver import Alternatives, Move
from metrics.protect.tables import SLACK, Flags, Floats, Known, Tables, is_whole, row_classes, tables
from metrics.protect.task import Task, by_class, hardest_first

FEW_CELLS = 200
LIGHTEST = 0.5
FREE = 1e-3
"""What a cell weighs that may be hidden while others are held shown."""
REWEIGHTED = 2
EFFORT = 60, 160
"""Tables looked for to show cells again in a large problem, without and with labels; the weightiest cells come first."""


def protect_tables(
    matrix: Any,
    inner_counts: ArrayLike,
    primary: ArrayLike,
    protection: ArrayLike,
    known: Known = (),
    *,
    weights: ArrayLike | None = None,
    always_shown: ArrayLike | None = None,
    links: Any = None,
    labels: tuple[Any, Any] | None = None,
) -> Flags:
    """The cells to hide, the primary ones among them.

    Afterwards the interval of a primary cell, as `audit` finds it, is at least `protection` wide and reaches at least
    1 to either side of the truth where counts of at least 0 and the known bounds allow it. Where the known bounds
    alone leave less, an outsider has that already: then the whole of what they leave is kept open, and no error.
    Whole counts are kept open to an outsider who knows that they are whole, except where known bounds leave too little.
    weights: what it costs to hide a cell (log(1 + n) unless said); always_shown: cells that may not be hidden;
    links: rows of 1 and -1 over the inner cells whose sum is 0, where the same pupils are counted in several ways.
    labels: the kind and the place of every inner cell as numbers; tables where only a few kinds change are then tried
    first, which is quick in a large problem (see narrow.py).
    ProtectionError when a cell cannot be protected because of cells that are always shown.
    """
    said = {"weights": weights, "always_shown": always_shown, "links": links, "labels": labels}
    return protect_with_tables(matrix, inner_counts, primary, protection, known, **said)[0]


def protect_with_tables(
    matrix: Any,
    inner_counts: ArrayLike,
    primary: ArrayLike,
    protection: ArrayLike,
    known: Known = (),
    *,
    weights: ArrayLike | None = None,
    always_shown: ArrayLike | None = None,
    links: Any = None,
    labels: tuple[Any, Any] | None = None,
    last: Sequence[Flags] = (),
) -> tuple[Flags, sp.csr_array]:
    """As `protect_tables`, and the tables that keep the primary cells open, as changes of inner cells (tables x inner).

    An audit can check them instead of looking for tables of its own. `last`: cells that are shown as far as all the
    primary ones can be protected beside them, whatever else is hidden; the first of these before the next.
    """
    problem = tables(matrix, inner_counts, known, links)
    count = problem.matrix.shape[0]
    asked = cell_flags(primary, count, "primary")
    pinned = cell_flags(np.zeros(count, bool) if always_shown is None else always_shown, count, "always_shown")
    width = np.broadcast_to(np.asarray(protection, dtype=float), (count,))
    price = np.log1p(problem.cells) + LIGHTEST if weights is None else np.asarray(weights, dtype=float)
    _check(asked, pinned, width, price)
    hidden, found = asked.copy(), [sp.csr_array((0, len(problem.counts)), dtype=float)]
    for cells, columns, part in apart(problem):
        if not asked[cells].any():
            continue
        classes = row_classes(part.matrix)
        kinds = None if labels is None else (np.asarray(labels[0])[columns], np.asarray(labels[1])[columns])
        task = by_class(part, classes, asked[cells], pinned[cells], width[cells], price[cells], kinds)
        pattern = _lightest(_held_shown(task, [_any_of(classes, each[cells]) for each in last]) if last else task)
        hidden[cells] |= pattern.hidden[classes]
        changes = spread(pattern.kept(), part.counts, task.merged)
        found.append(_placed(changes, columns, len(problem.counts)))
    return hidden, sp.csr_array(sp.vstack(found))


def _placed(changes: sp.csr_array, columns: NDArray[np.int64], width: int) -> sp.csr_array:
    """Changes of some inner cells as changes of all."""
    return sp.csr_array((changes.data, columns[changes.indices], changes.indptr), (changes.shape[0], width))


def _any_of(classes: NDArray[np.int64], chosen: Flags) -> Flags:
    """By class: whether one of its cells is chosen."""
    return np.asarray(np.bincount(classes, weights=chosen) > 0)


def _held_shown(task: Task, tiers: Sequence[Flags]) -> Task:
    """The task with as many of these cells held shown as leave every primary cell a table: found by exact programs.

    What is open beside all of the tiers is open beside some of them: the rest alone is asked again, tier by tier.
    """
    doubtful = _narrow(task, _with(task, tiers), task.primary)
    for wanted in tiers:
        held = _with(task, [wanted])
        narrow = _narrow(task, held, doubtful)
        if narrow.any():
            own = replace(task, primary=narrow, weights=np.where(held, task.weights, FREE), labels=None)
            held &= ~Suppression(own).roughly(hardest_first(own)).hidden
        task = replace(task, held=held)
    return task


def _with(task: Task, wanted: Sequence[Flags]) -> Flags:
    """What is held shown already, and these cells where they may be either."""
    return np.logical_or.reduce([task.held, *(each & ~task.primary & ~task.pinned for each in wanted)])


def _narrow(task: Task, held: Flags, among: Flags) -> Flags:
    """Those of these primary cells that vary less beside shown cells than they must, or than known bounds alone leave them."""

    def wide(hidden: Flags, cells: NDArray[np.int64]) -> Floats:
        found = intervals(task.problem, hidden, cells, task.protection[cells])
        return np.asarray(found[:, 1] - found[:, 0])

    asked, narrow = np.flatnonzero(among), np.zeros(len(among), bool)
    if len(asked):
        found = wide(~(task.pinned | held), asked)
        few = found < task.protection[asked] - SLACK
        asked, found = asked[few], found[few]
    if len(asked):
        alone = wide(np.ones_like(narrow), asked)
        narrow[asked[found < np.minimum(alone, task.protection[asked]) - SLACK]] = True
    return narrow


def _many_cells(problem: Tables) -> bool:
    """Whether keeping account of cells is much of a program: there are more than half as many as inner cells."""
    cells, inner = problem.matrix.shape
    return 2 * cells > inner


def spread(changes: sp.csr_array, counts: Floats, merged: NDArray[np.int64]) -> sp.csr_array:
    """Changes of merged inner cells as changes of the inner cells behind them: what goes down is taken where there is some.

    counts: of the inner cells behind; merged: the merged one that each is in.
    """
    order = np.argsort(merged, kind="stable")
    counts, owner = counts[order], merged[order]
    starts = np.searchsorted(owner, np.arange(changes.shape[1]))
    before = np.cumsum(counts) - counts
    before -= before[starts][owner]
    moves = changes.toarray()
    down = -np.minimum(moves, 0.0)[:, owner]
    spread = -np.clip(down - before, 0.0, counts)
    spread[:, starts] += np.maximum(moves, 0.0)
    whole = np.zeros_like(spread)
    whole[:, order] = spread
    return sp.csr_array(whole)


def _check(primary: Flags, pinned: Flags, protection: Floats, weights: Floats) -> None:
    if (primary & pinned).any():
        raise ProtectionError("a primary cell may be hidden, got: one that is always shown")
    if not np.isfinite(protection).all() or (protection < 0).any():
        raise ProtectionError("protection is finite and at least 0, got: another number")
    if weights.shape != protection.shape or not (weights > 0).all():
        raise ProtectionError("weights are one positive number per cell, got: something else")


def _lightest(task: Task) -> "Suppression":
    """The lightest pattern found; small problems are tried in several orders."""
    if task.labels is not None:
        return Suppression(task).run(hardest_first(task))
    if task.problem.links.shape[0]:
        return _in_parts(task)
    order = np.flatnonzero(task.primary)
    by_size = order[np.argsort(task.cells[order], kind="stable")]
    orders = [by_size[::-1], by_size, order] if len(task.cells) <= FEW_CELLS else [by_size[::-1]]
    patterns = [Suppression(task).run(tried) for tried in orders]
    return min(patterns, key=lambda found: task.weights[found.hidden].sum())


def _in_parts(task: Task) -> "Suppression":
    """Each part that only links tie to the rest is protected with the rest held still; then all of it together.

    Tables found in a part leave every other part as it is, so they stand in the whole problem too.
    """
    joint = Suppression(task)
    for cells, columns, problem in split(task.problem):
        part = task.only(cells, problem)
        alone = Suppression(part)
        alone.run(hardest_first(part), strict=False)
        moves = np.zeros((len(alone.moves), len(task.cells)))
        moves[:, cells] = alone.moves
        inner = np.zeros((len(alone.moves), len(task.problem.counts)))
        inner[:, columns] = alone.kept().toarray()
        joint.begin(Move(cells=moves, inner=inner))
    return joint.run(hardest_first(task))


class Suppression:
    """One run: alternative tables for each primary cell, then showing again what turned out not to be needed."""

    def __init__(self, task: Task):
        self.task = task
        self.hidden = task.primary.copy()
        self.fixed, self.free = task.pinned | task.held, self.hidden
        self.alternatives: Alternatives | None = None
        self.narrow = None if task.labels is None else Narrow(task.problem, *task.labels)
        self.demand = Demand(task, self.narrow.most if self.narrow else task.cells)
        self.moves = np.zeros((0, len(task.cells)))
        self.inner: list[sp.csr_array] = []
        self.whole = np.ones(len(task.cells), bool)
        self.left, self.only_narrow, self.rough = 0, False, False

    def begin(self, move: Move) -> None:
        """Start from tables found already, and from what must be hidden for them."""
        self._keep(move)
        self.hidden |= (np.abs(move.cells) > SLACK).any(axis=0)

    def _keep(self, move: Move) -> None:
        self.moves = np.vstack([self.moves, move.cells])
        self.inner += [sp.csr_array(each[None, :]) for each in move.inner]

    def kept(self) -> sp.csr_array:
        """The tables kept, as changes of inner cells."""
        return sp.csr_array(sp.vstack([sp.csr_array((0, len(self.task.problem.counts))), *self.inner]))

    def run(self, order: NDArray[np.int64], strict: bool = True) -> "Suppression":
        """Itself, when cells are hidden. Unless strict, a primary cell without tables is left to others."""
        for cell in order:
            self._hide_for(int(cell), strict)
        if self.task.whole and self.task.held.any():
            for cell in order[~self.whole[order]]:
                self._made_whole(int(cell))
        self._show_again()
        return self

    def roughly(self, order: NDArray[np.int64]) -> "Suppression":
        """Itself, when cells are hidden: the first table of each, in whole numbers or not, and nothing shown again."""
        self.rough, self.whole[:] = True, False
        for cell in order:
            self._hide_for(int(cell), strict=True)
        return self

    def _hide_for(self, cell: int, strict: bool) -> None:
        """Find the tables this cell needs, and hide every cell that moves in them.

        Below first, then above; below once more where there was too little room above.
        """
        for side in (0, 1, 0):
            if self.demand.missing(self.moves)[cell, side] <= 0:
                continue
            move = self._cheapest(cell, side)
            if move is None:
                self.whole[cell] = False
                move = self._cheapest(cell, side)
            if move is None and not strict:
                self.demand.forget(cell)
                return
            if move is None:
                self.demand.limit(cell)
                move = self._cheapest(cell, side) or self._beside_pinned(cell, side)
            if move is not None:
                self._keep(move)
                self.hidden |= np.abs(move.cells[0]) > SLACK
        if self.demand.missing(self.moves)[cell].any():
            raise ProtectionError("a primary cell can vary once every other cell is hidden, got: one that cannot")

    def _beside_pinned(self, cell: int, side: int) -> Move | None:
        """The lightest table where what is held shown may be hidden too."""
        before, self.fixed = self.fixed, self.task.pinned
        move = self._cheapest(cell, side) if self.task.held.any() else None
        self.fixed = before
        return move

    def _made_whole(self, cell: int) -> None:
        """Whole tables for a cell that has others: among what is hidden by now, or where cells that are held may be too."""
        before = self.fixed
        for side in (0, 1):
            is_one = np.array([is_whole(each.data) for each in self.inner], bool)
            amount = (-1.0, 1.0)[side] * self.demand.missing(self.moves[is_one])[cell, side]
            for fixed in (~self.hidden, self.task.pinned) if amount else ():
                self.fixed = fixed
                move = self._find(cell, amount, self.task.weights, whole=True)
                if move is not None:
                    self._keep(move)
                    self.hidden |= np.abs(move.cells[0]) > SLACK
                    break
                # Where tables in parts hide nothing more, they are the cheapest among all cells too.
                self.only_narrow = self.alternatives is not None and self.alternatives.divided
            self.only_narrow = False
        self.fixed = before

    def _cheapest(self, cell: int, side: int) -> Move | None:
        """The lightest of a few tables: the weights of cells that hardly move are raised, so that fewer cells do."""
        amount = (-1.0, 1.0)[side] * self.demand.missing(self.moves)[cell, side]
        best = self._find(cell, amount, self.task.weights) if amount else None
        if best is None or self.rough or self.narrow is not None or self._added(best).sum() <= 2:
            return best
        weights, move = self.task.weights, best
        for _ in range(REWEIGHTED):
            other = self._find(cell, amount, weights / (np.abs(move.cells[0]) + abs(amount) / 10))
            if other is None:
                break
            move = other
            best = min(best, move, key=lambda tried: weights[self._added(tried)].sum())
        return best

    def _find(
        self, cell: int, amount: float, weights: Floats, most: float = np.inf, *, whole: bool | None = None
    ) -> Move | None:
        """A table where the cell differs by the amount: among a few kinds of pupils if there is one, else among all."""
        price, whole = np.where(self.free, 0.0, weights), bool(self.whole[cell]) if whole is None else whole
        found = None if self.narrow is None else self.narrow.find(cell, amount, price, self.fixed, whole, most)
        if found is not None or (self.narrow is not None and self.only_narrow):
            return found
        self.alternatives = self.alternatives or Alternatives(self.task.problem, loosely=_many_cells(self.task.problem))
        self.alternatives.set_all(price, self.fixed)
        return self.alternatives.find(cell, amount, whole)

    def _added(self, move: Move) -> Flags:
        return (np.abs(move.cells[0]) > SLACK) & ~self.hidden

    def _show_again(self) -> None:
        """Show hidden cells again, the weightiest first, where other tables that hide less can take the place of theirs."""
        few = len(self.task.cells) <= FEW_CELLS
        self.only_narrow, self.left = True, FEW_CELLS**2 if few else EFFORT[self.narrow is not None]
        better = True
        while better and self.left > 0:
            better = False
            self._forget_unused()
            extra = np.flatnonzero(self.hidden & ~self.task.primary)
            for cell in extra[np.argsort(-self.task.weights[extra], kind="stable")]:
                if self.left > 0 and self.hidden[cell]:
                    better |= self._shown_again(int(cell))

    def _forget_unused(self) -> None:
        """Let tables go that no primary cell needs, those with the weightiest changes first."""
        moved = np.abs(self.moves) > SLACK
        keep = np.ones(len(moved), bool)
        for place in np.argsort(-(moved @ (self.task.weights * ~self.task.primary)), kind="stable"):
            keep[place] = False
            keep[place] = bool(self.demand.missing(self.moves[keep]).any())
        self._only(keep)

    def _only(self, keep: Flags) -> None:
        self.moves, self.inner = self.moves[keep], [each for each, kept in zip(self.inner, keep, strict=True) if kept]
        self.hidden = self._needed(self.moves)

    def _needed(self, moves: Floats) -> Flags:
        return np.asarray(self.task.primary | (np.abs(moves) > SLACK).any(axis=0))

    def _shown_again(self, cell: int) -> bool:
        """Whether the cell is shown now, or something else that weighs more than what is hidden instead."""
        weights, before = self.task.weights, float(self.task.weights[self.hidden].sum())
        still = np.abs(self.moves[:, cell]) <= SLACK
        moves, found = self.moves[still], []
        self.fixed = self.task.pinned | self.task.held
        self.fixed[cell] = True
        for side in (0, 1):
            while (lacking := np.flatnonzero(self.demand.missing(moves)[:, side] > 0)).size:
                amount = (-1.0, 1.0)[side] * self.demand.missing(moves)[lacking[0], side]
                self.free, self.left = self._needed(moves), self.left - 1
                gain = before - float(weights[self.free].sum())
                move = self._find(int(lacking[0]), amount, weights, gain) if gain > 0 else None
                if move is None or weights[self._needed(np.vstack([moves, move.cells]))].sum() >= before - SLACK:
                    return False
                moves = np.vstack([moves, move.cells])
                found.append(move)
        self._only(still)
        for move in found:
            self._keep(move)
        self.hidden = self._needed(self.moves)
        return True
