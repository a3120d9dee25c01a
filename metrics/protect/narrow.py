"""Small programs first: other tables where only a few kinds of inner cells change and everything else is held still.

An inner cell's kind is the outcome pattern of its pupils. Pupils who go from one kind to another in the place where they
are make a program of a few hundred columns where the whole has ten thousand; a table it finds is an alternative in the
whole problem too.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.solver import INFINITY, Alternatives, Move
from metrics.protect.tables import SLACK, Flags, Floats, Tables, row_classes

PAIRS, SIZES, SINGLES, MOST_KINDS = 4, (1, 2, 4), 1, 10
REWEIGHTED = 2
HEAVY = 300.0
"""A table that hides so much (about a member's total) makes it worth looking among kinds that move freely too."""
FAR = 1e12
KEPT = 600
"""Programs kept at a time: each holds a small model."""

Kinds = NDArray[np.int64]
Chosen = tuple[bool, tuple[int, ...]]
"""Whether pupils go from the first kind to the second in their places, or move freely among these kinds; and the kinds."""


class Narrow:
    """Alternative tables of one problem, found among a few kinds of inner cells at a time."""

    def __init__(self, problem: Tables, kinds: Kinds, places: Kinds):
        self.problem, self.kinds = problem, kinds
        of_kind, of_place = _one_hot(kinds), _one_hot(places)
        self.touched: Flags = (problem.matrix @ of_kind).toarray() > 0
        self.count: Floats = (problem.matrix @ of_kind.multiply(problem.counts[:, None])).toarray()
        self.some: Floats = np.bincount(kinds, weights=problem.counts, minlength=self.touched.shape[1]).astype(float)
        self.around = sp.csr_array((problem.matrix @ of_place > 0).astype(float))
        self.of_kind, self.of_place = of_kind, of_place
        self.still: Flags | None = None
        self.room = self._room(problem.counts)
        """How many of every kind that may change are in the places a cell is about, inside the cell or not."""
        self.most: Floats = self.count.max(axis=1, initial=0.0)
        """The largest part of one kind in every cell: a cell that goes down by no more needs one kind only."""
        self.at = np.full((self.touched.shape[1], of_place.shape[1]), -1)
        self.at[kinds, places] = np.arange(len(kinds))
        self.rows = sp.csc_array(sp.vstack([problem.matrix, problem.known, problem.links]))
        self.programs: dict[Chosen, Few] = {}

    def _room(self, counts: Floats) -> Floats:
        return np.asarray((self.around @ (self.of_place.T @ self.of_kind.multiply(counts[:, None]))).toarray())

    def hold(self, still: Flags) -> None:
        """Inner cells that may not change from now on, instead of those that were held before."""
        self.still, self.room = still, self._room(self.problem.counts * ~still)

    def find(
        self, cell: int, amount: float, price: Floats, fixed: Flags, whole: bool, most: float = np.inf
    ) -> Move | None:
        """As `Alternatives.find`, the lightest of a few tries; `price` of every cell is 0 where it is hidden.

        most: it has to cost less.
        """
        best, least = None, most
        for chosen in self._chosen(cell, amount, price):
            if not chosen[0] and best is not None and (least < HEAVY or most < np.inf):
                break
            program = self._program(chosen)

            def table(prices: Floats, program: Few = program) -> Move | None:
                return program.find(cell, amount, prices, fixed, whole, most == np.inf)

            for move in _lighter(table, price, abs(amount) / 10):
                cost = float(price[_moved(move)].sum())
                if cost < least:
                    best, least = move, cost
            if least == 0.0:
                break
        return best

    def _program(self, chosen: Chosen) -> "Few":
        if chosen not in self.programs:
            if len(self.programs) >= KEPT:
                self.programs.pop(next(iter(self.programs)))
            self.programs[chosen] = self._swap(*chosen[1]) if chosen[0] else self._free(chosen[1])
        if self.still is not None:
            self.programs[chosen].hold(self.still)
        return self.programs[chosen]

    def _free(self, kinds: tuple[int, ...]) -> "Few":
        columns = np.flatnonzero(np.isin(self.kinds, kinds))
        basis = sp.csr_array(
            (np.ones(len(columns)), (columns, np.arange(len(columns)))), (len(self.kinds), len(columns))
        )
        counts = self.problem.counts[columns]
        return Few(self.problem, basis, self.rows[:, columns], counts, np.full(len(columns), INFINITY))

    def _swap(self, kind: int, other: int) -> "Few":
        both = (self.at[kind] >= 0) & (self.at[other] >= 0)
        leave, enter = self.at[kind, both], self.at[other, both]
        count, counts = len(leave), self.problem.counts
        signs = np.concatenate([np.ones(count), -np.ones(count)])
        basis = sp.csr_array(
            (signs, (np.concatenate([enter, leave]), np.tile(np.arange(count), 2))), (len(counts), count)
        )
        return Few(self.problem, basis, self.rows[:, enter] - self.rows[:, leave], counts[enter], counts[leave])

    def _chosen(self, cell: int, amount: float, price: Floats) -> Iterator[Chosen]:
        """Pairs of kinds inside the cell and outside it that differ in little; then several kinds; then one inside alone.

        The giving side has enough in the cell's own places for the whole amount, if anything has.
        """
        inside = np.flatnonzero(self.touched[cell] & (self.some > 0))
        outside = np.flatnonzero(~self.touched[cell] & (self.some > 0))
        if len(inside) and len(outside):
            apart = self._apart(inside, outside, price)
            for own, other in self._pairs(cell, inside, outside, apart, amount):
                yield True, (int(inside[own]), int(outside[other]))
            near = (inside, apart.min(axis=1)), (outside, apart.min(axis=0))
            giving, taking = near if amount < 0 else near[::-1]
            for size in SIZES:
                kinds = {*self._enough(cell, *giving, abs(amount), size), *_nearest(*taking, size)}
                yield False, tuple(sorted(kinds))
        by_size = inside[np.argsort(-self.some[inside], kind="stable")]
        yield from ((False, (int(kind),)) for kind in by_size[:SINGLES])

    def _pairs(
        self, cell: int, inside: Kinds, outside: Kinds, apart: Floats, amount: float
    ) -> Iterator[tuple[int, int]]:
        """The nearest pairs whose giving kind has the whole amount in the cell's places."""
        giving = self.room[cell, inside][:, None] if amount < 0 else self.room[cell, outside][None, :]
        far = np.where(giving + SLACK >= abs(amount), apart, np.inf).ravel()
        for place in _least(far, PAIRS):
            if np.isfinite(far[place]):
                yield divmod(int(place), len(outside))

    def _enough(self, cell: int, kinds: Kinds, distance: Floats, amount: float, size: int) -> list[int]:
        """The nearest kinds that together have the amount in the cell's places, and at least so many."""
        order = np.argsort(distance + FAR * (self.room[cell, kinds] <= 0), kind="stable")
        reached = np.cumsum(self.room[cell, kinds[order]])
        needed = int(np.searchsorted(reached, amount)) + 1
        return [int(kind) for kind in kinds[order[: min(max(size, needed), MOST_KINDS)]]]

    def _apart(self, inside: Kinds, outside: Kinds, price: Floats) -> Floats:
        """What the cells weigh that tell two kinds apart, for every pair; more where a kind is rare."""
        dear = np.flatnonzero(price)
        own, other = (self.touched[np.ix_(dear, chosen)].astype(float) for chosen in (inside, outside))
        price = price[dear]
        weight = (price @ own)[:, None] + (price @ other)[None, :] - 2 * (own * price[:, None]).T @ other
        rare = 1 / np.log1p(np.maximum(self.some, 1.0))
        return np.asarray((1.0 + weight) * rare[inside][:, None] * rare[outside][None, :])


def _one_hot(labels: Kinds) -> sp.csr_array:
    size = int(labels.max(initial=-1)) + 1
    return sp.csr_array((np.ones(len(labels)), (np.arange(len(labels)), labels)), shape=(len(labels), size))


def _least(numbers: Floats, size: int) -> Kinds:
    """The places of the smallest numbers in order, equal ones as they come."""
    if len(numbers) <= size:
        return np.argsort(numbers, kind="stable")
    near = np.flatnonzero(numbers <= np.partition(numbers, size - 1)[size - 1])
    return near[np.argsort(numbers[near], kind="stable")[:size]]


def _moved(move: Move) -> Flags:
    return np.asarray(np.abs(move.cells[0]) > SLACK)


def _lighter(table: Callable[[Floats], Move | None], price: Floats, least: float) -> Iterator[Move]:
    """A table, and others found after raising the prices of cells that hardly move in it, as long as other cells move then."""
    move = table(price)
    for _ in range(REWEIGHTED):
        if move is None:
            return
        yield move
        if not price[_moved(move)].any():
            return
        other = table(price / (np.abs(move.cells[0]) + least))
        if other is None or (_moved(other) == _moved(move)).all():
            return
        move = other
    if move is not None:
        yield move


def _nearest(kinds: Kinds, distance: Floats, size: int) -> list[int]:
    return [int(kind) for kind in kinds[np.argsort(distance, kind="stable")[:size]]]


class Few:
    """One small program: the cells that its changes touch, those that always move alike taken together."""

    def __init__(self, problem: Tables, basis: sp.csr_array, rows: sp.csc_array, floor: Floats, ceiling: Floats):
        """`basis`: what a change is of the inner cells; `rows`: what it is of the problem's; how far down and up each goes."""
        self.basis, self.width = basis, problem.matrix.shape[0]
        self.moved = sp.csr_array(abs(basis).T)
        changed, signs, which = _signed(rows)
        ends = np.searchsorted(which, np.cumsum([self.width, problem.known.shape[0]]))
        self.cells, stated, _ = np.split(which, ends)
        cells, known, links = changed[: ends[0]], changed[ends[0] : ends[1]], changed[ends[1] :]
        self.signs, self.classes = signs[: ends[0]], row_classes(cells)
        self.place = {int(cell): place for place, cell in enumerate(self.cells)}
        known = sp.csr_array(known.multiply(signs[ends[0] : ends[1], None]))
        stated = stated - self.width
        moved = known @ floor - problem.known[stated] @ problem.counts
        held = replace(
            problem,
            matrix=_once(cells, self.classes),
            counts=floor,
            known=known,
            low=problem.low[stated] + moved,
            high=problem.high[stated] + moved,
            links=_once(links, row_classes(links)),
        )
        self.alternatives = Alternatives(held, ceiling)

    def hold(self, still: Flags) -> None:
        """Inner cells of the whole problem that may not change."""
        self.alternatives.hold(np.asarray(self.moved @ still.astype(float) > 0))

    def find(self, cell: int, amount: float, price: Floats, fixed: Flags, whole: bool, thorough: bool) -> Move | None:
        """Changes of every cell of the whole problem, or None."""
        count, place = self.alternatives.cells, self.place.get(cell)
        still = np.bincount(self.classes, weights=fixed[self.cells], minlength=count) > 0
        if place is None or still[self.classes[place]]:
            return None
        prices = np.bincount(self.classes, weights=price[self.cells], minlength=count).astype(float)
        self.alternatives.set_all(prices, still)
        found = self.alternatives.find(int(self.classes[place]), amount * self.signs[place], whole, thorough)
        if found is None:
            return None
        moves = np.zeros((len(found.cells), self.width))
        moves[:, self.cells] = found.cells[:, self.classes] * self.signs
        return Move(cells=moves, inner=(self.basis @ found.inner.T).T)


def _once(rows: sp.csr_array, classes: Kinds) -> sp.csr_array:
    return sp.csr_array(rows[np.unique(classes, return_index=True)[1]])


def _signed(rows: sp.csc_array) -> tuple[sp.csr_array, Floats, Kinds]:
    """The rows with something in them, with a first entry above 0; the sign each had, and which they are."""
    found = sp.csr_array(rows)
    found.eliminate_zeros()
    which = np.flatnonzero(np.diff(found.indptr))
    found = sp.csr_array(found[which])
    found.sort_indices()
    signs = np.sign(found.data[found.indptr[:-1]])
    found.data = found.data * np.repeat(signs, np.diff(found.indptr))
    return found, signs, which
