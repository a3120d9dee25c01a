"""What else is hidden because a member knows all its own pupils, one member at a time (the attack: insiders.py).

Two members' hidden cells can hide each other from everybody but these two. Each protected count with others' pupils in
it therefore needs tables where none of the member's inner cells changes. Most counts have such tables already, or get
them among what is hidden; only where neither small programs nor the exact one finds any is something more hidden. A
cell that is hidden besides narrows nothing for anyone else.
"""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from metrics.protect.among import Among
from metrics.protect.auditing import intervals
from metrics.protect.demand import Demand, reach
from metrics.protect.errors import ProtectionError
from metrics.protect.insiders import by_owner, concealed, touching, with_own
from metrics.protect.narrow import Narrow
from metrics.protect.problem import Flags, Floats, Problem
from metrics.protect.solver import Alternatives, Move
from metrics.protect.suppress import spread
from metrics.protect.tables import SLACK, Known, row_classes, tables
from metrics.protect.task import by_class, hardest_first

FEW, REWEIGHTED = 2, 2
"""A table that hides no more than so many is taken; others are compared with lighter ones, found with raised prices."""
LATE = 1000.0
"""How many times its weight a row costs that readers come for first."""


def hidden_for_members(
    problem: Problem, hidden: Flags, known: Known, found: sp.csr_array, last: Sequence[Flags] = ()
) -> tuple[Flags, sp.csr_array]:
    """Hidden records with those more that members would need, and the tables that keep counts open (tables x inner).

    hidden: records; known: what anyone has besides; found: tables that keep counts open to outsiders, as changes of
    inner cells; last: rows that are hidden only where nothing else can do, the first of these after the next.
    ProtectionError when a count cannot be kept open although everything may be hidden.
    """
    if problem.joint.codes is None:
        return hidden, found
    search = _Search(problem, hidden, known, found, last)
    for number in range(search.owners.shape[1]):
        search.open_to(number)
    search.show_again()
    return search.records, sp.csr_array(sp.vstack([found, search.found()]))


class _Search:
    """What is hidden so far, and the tables that keep protected cells open; inner cells of two members are kept apart."""

    def __init__(self, problem: Problem, hidden: Flags, known: Known, found: sp.csr_array, last: Sequence[Flags]):
        rows, owners = problem.rows, by_owner(np.asarray(problem.joint.codes))
        says_nothing = (sp.csr_array(owners.T), 0.0, np.inf)
        self.problem = problem
        self.plain = tables(rows.matrix, problem.joint.contributors, [*known, says_nothing], problem.links)
        self.classes = row_classes(self.plain.matrix)
        late = [LATE * (len(last) - place) * each for place, each in enumerate(last)]
        weight = rows.weight * np.maximum(1.0, np.sum([np.zeros(len(rows.weight)), *late], axis=0))
        none = np.zeros(len(weight), bool)
        self.task = by_class(self.plain, self.classes, rows.primary, none, rows.protection, weight, problem.labels)
        self.owners = sp.csr_array(owners[np.unique(self.task.merged, return_index=True)[1]])
        self.narrow = Narrow(self.task.problem, *(self.task.labels or ()))
        self.full: Alternatives | None = None
        self.order = hardest_first(self.task)
        self.records, self.hidden = hidden, self._hidden(hidden)
        width = len(self.task.merged)
        merging = sp.csr_array((np.ones(width), (np.arange(width), self.task.merged)))
        before = sp.csr_array(found @ merging)
        self.moves = (before @ self.task.problem.matrix.T).toarray()
        self.touched = touching(before, self.owners)
        self.inner: list[sp.csr_array] = []
        self.before, self.first = len(self.moves), hidden
        self.asked: list[Demand] = []
        self.among: Among | None = None
        self.room = self._left_to_outsiders()

    def found(self) -> sp.csr_array:
        """The tables found here, as changes of inner cells."""
        none = sp.csr_array((0, len(self.task.problem.counts)))
        return spread(sp.csr_array(sp.vstack([none, *self.inner])), self.plain.counts, self.task.merged)

    def _left_to_outsiders(self) -> Floats:
        """How far below and above the truth known bounds let a cell go, where that is less than it must; no bound elsewhere."""
        got = reach(self.moves)
        least = got.sum(axis=1) < self.task.protection - SLACK
        return np.where(least[:, None], got, np.inf)

    def open_to(self, number: int) -> None:
        """Tables for every protected cell with others' pupils in it, where this member's inner cells stay as they are."""
        own = self.owners[:, [number]].toarray().ravel() > 0
        others = self.task.problem.matrix @ (self.task.problem.counts * ~own) > 0
        demand = Demand(self.task, self.narrow.most)
        demand.only(self.task.primary & others)
        demand.within(self.order, self.room[self.order])
        self.asked.append(demand)
        got = reach(self.moves[~self.touched[:, number]])
        self.narrow.hold(own)
        got = self._exactly(own, demand, self._among_hidden(demand, got))
        left = np.flatnonzero(demand.lacking(got).any(axis=1))
        if not len(left):
            return
        alone = intervals(with_own(self.task.problem, own), np.ones(len(self.hidden), bool), left, demand.width[left])
        truth = self.task.cells[left]
        demand.within(left, np.column_stack([truth - alone[:, 0], alone[:, 1] - truth]) - SLACK)
        self.narrow.hold(own)
        for cell in self.order[np.isin(self.order, left)]:
            got = self._hide_for(int(cell), demand, got)

    def show_again(self) -> None:
        """Let tables go for which something more is hidden and that no member needs beside the others, weightiest first."""
        more = (np.abs(self.moves) > SLACK) & ~self._hidden(self.first)
        weight = more @ self.task.weights
        kept = np.ones(len(self.moves), bool)
        for table in np.argsort(-weight, kind="stable")[: int((weight > 0).sum())]:
            kept[table] = False
            kept[table] = not self._enough(kept)
        self.inner = [sp.csr_array(sp.vstack(self.inner))[kept[self.before :]]] if self.inner else []
        moved = more[kept].any(axis=0)
        self.records = self.first.copy()
        self._hide(moved)

    def _enough(self, kept: Flags) -> bool:
        """Whether these tables are all that every member's demand needs."""
        for number, demand in enumerate(self.asked):
            if demand.lacking(reach(self.moves[kept & ~self.touched[:, number]])).any():
                return False
        return True

    def _among_hidden(self, demand: Demand, got: Floats) -> Floats:
        """How far cells reach with tables where only hidden cells move."""
        price = np.where(self.hidden, 0.0, self.task.weights)
        for cell in self.order:
            for side in (0, 1, 0):
                lacking = demand.lacking(got)[cell, side]
                if lacking > 0:
                    move = self.narrow.find(
                        int(cell), (-1.0, 1.0)[side] * lacking, price, ~self.hidden, self.task.whole
                    )
                    if move is not None:
                        got = self._kept(move.inner, got)
        return got

    def _exactly(self, own: Flags, demand: Demand, got: Floats) -> Floats:
        """The same with the farthest tables of those that still lack something, among what was hidden at first."""
        left = self.order[demand.lacking(got)[self.order].any(axis=1)]
        if len(left):
            self.among = self.among or Among(self.task.problem, self.hidden, self.order)
            self.among.hold(own)
        for cell in left:
            for side in (1, 0):
                if self.among is not None and demand.lacking(got)[cell].any():
                    got = self._kept(self.among.farthest(int(cell), side), got)
        return got

    def _hide_for(self, cell: int, demand: Demand, got: Floats) -> Floats:
        for side in (0, 1, 0):
            lacking = demand.lacking(got)[cell, side]
            if lacking > 0:
                move = self._cheapest(cell, (-1.0, 1.0)[side] * lacking)
                if move is not None:
                    got = self._kept(move.inner, got)
        if demand.lacking(got)[cell].any():
            raise ProtectionError("a primary cell can vary for a member once all is hidden, got: one that cannot")
        return got

    def _cheapest(self, cell: int, amount: float) -> Move | None:
        """The lightest of some tables: one among a few kinds of pupils, and where that hides much, some among all."""
        price, none = np.where(self.hidden, 0.0, self.task.weights), np.zeros(len(self.hidden), bool)
        best = self.narrow.find(cell, amount, price, none, self.task.whole)
        if best is not None and self._added(best).sum() <= FEW:
            return best
        self.full = self.full or Alternatives(self.task.problem)
        self.full.hold(np.asarray(self.narrow.still, bool))
        raised = price
        for _ in range(1 + REWEIGHTED):
            self.full.set_all(raised, none)
            move = self.full.find(cell, amount, whole=False)
            if move is None:
                break
            best = move if best is None else min(best, move, key=lambda each: price[self._added(each)].sum())
            raised = price / (np.abs(move.cells[0]) + abs(amount) / 10)
        return best

    def _added(self, move: Move) -> Flags:
        return (np.abs(move.cells) > SLACK).any(axis=0) & ~self.hidden

    def _kept(self, changes: Floats, got: Floats) -> Floats:
        """How far cells reach with these tables too; whatever moves in them is hidden."""
        inner = sp.csr_array(changes)
        moves = (inner @ self.task.problem.matrix.T).toarray()
        self.inner.append(inner)
        self.moves = np.vstack([self.moves, moves])
        self.touched = np.vstack([self.touched, touching(inner, self.owners)])
        moved = (np.abs(moves) > SLACK).any(axis=0)
        if (moved & ~self.hidden).any():
            self._hide(moved)
            if self.among is not None:
                self.among.hide(self.hidden)
        return np.maximum(got, reach(moves))

    def _hide(self, moved: Flags) -> None:
        rows = self.problem.rows
        self.records = self.records.copy()
        self.records[rows.record[rows.visible & moved[self.classes]]] = True
        self.hidden = self._hidden(self.records)

    def _hidden(self, records: Flags) -> Flags:
        """By class: whether none of its rows is shown."""
        shown = ~concealed(self.problem, records)
        return np.asarray(np.bincount(self.classes, weights=shown) == 0)
