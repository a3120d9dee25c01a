"""Small programs first: other tables where only a few kinds of inner cells change and everything else is held still.

An inner cell's kind is the outcome pattern of its pupils. Two kinds that differ in one indicator make a program of a
few hundred cells where the whole has ten thousand; a table it finds is an alternative in the whole problem too.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.solver import Alternatives
from metrics.protect.tables import SLACK, Flags, Floats, Tables, row_classes

SIZES, SINGLES, MOST_KINDS = (1, 3), 1, 10
REWEIGHTED = 2
FAR = 1e12
KEPT = 400
"""Programs kept at a time: each holds a small model."""

Kinds = NDArray[np.int64]


class Narrow:
    """Alternative tables of one problem, found among a few kinds of inner cells at a time."""

    def __init__(self, problem: Tables, kinds: Kinds, places: Kinds):
        self.problem, self.kinds = problem, kinds
        of_kind, of_place = _one_hot(kinds), _one_hot(places)
        self.touched: Flags = (problem.matrix @ of_kind).toarray() > 0
        self.count: Floats = (problem.matrix @ of_kind.multiply(problem.counts[:, None])).toarray()
        self.some: Floats = np.bincount(kinds, weights=problem.counts, minlength=self.touched.shape[1]).astype(float)
        around = sp.csr_array((problem.matrix @ of_place > 0).astype(float))
        self.room: Floats = (around @ (of_place.T @ of_kind.multiply(problem.counts[:, None]))).toarray()
        """How many of every kind are in the places a cell is about, inside the cell or not."""
        self.most: Floats = self.count.max(axis=1, initial=0.0)
        """The largest part of one kind in every cell: a cell that goes down by no more needs one kind only."""
        self.programs: dict[tuple[int, ...], Few] = {}

    def find(self, cell: int, amount: float, price: Floats, fixed: Flags, whole: bool) -> Floats | None:
        """As `Alternatives.find`, the lightest of a few tries; `price` of every cell is 0 where it is hidden."""
        best, least = None, np.inf
        for chosen in self._chosen(cell, amount, price):
            for move in self._lighter(self._program(chosen), cell, amount, price, fixed, whole):
                cost = float(price[np.abs(move[0]) > SLACK].sum())
                if cost < least:
                    best, least = move, cost
            if least == 0.0:
                break
        return best

    def _lighter(
        self, program: "Few", cell: int, amount: float, price: Floats, fixed: Flags, whole: bool
    ) -> Iterator[Floats]:
        """A table, and others found after raising the prices of cells that hardly move in it, so that fewer cells do."""
        move = program.find(cell, amount, price, fixed, whole)
        for _ in range(REWEIGHTED):
            if move is None:
                return
            yield move
            if not price[np.abs(move[0]) > SLACK].any():
                return
            move = program.find(cell, amount, price / (np.abs(move[0]) + abs(amount) / 10), fixed, whole)
        if move is not None:
            yield move

    def _program(self, chosen: tuple[int, ...]) -> "Few":
        if chosen not in self.programs:
            if len(self.programs) >= KEPT:
                self.programs.pop(next(iter(self.programs)))
            self.programs[chosen] = Few(self.problem, np.flatnonzero(np.isin(self.kinds, chosen)))
        return self.programs[chosen]

    def _chosen(self, cell: int, amount: float, price: Floats) -> Iterator[tuple[int, ...]]:
        """A few kinds inside the cell and outside it that differ in little, fewest first; then kinds inside alone.

        The giving side has enough in the cell's own places for the whole amount, if anything has.
        """
        inside = np.flatnonzero(self.touched[cell] & (self.some > 0))
        outside = np.flatnonzero(~self.touched[cell] & (self.some > 0))
        if len(inside) and len(outside):
            apart = self._apart(inside, outside, price)
            near = (inside, apart.min(axis=1)), (outside, apart.min(axis=0))
            giving, taking = near if amount < 0 else near[::-1]
            for size in SIZES:
                yield tuple(sorted({*self._enough(cell, *giving, abs(amount), size), *_nearest(*taking, size)}))
        by_size = inside[np.argsort(-self.some[inside], kind="stable")]
        yield from ((int(kind),) for kind in by_size[:SINGLES])

    def _enough(self, cell: int, kinds: Kinds, distance: Floats, amount: float, size: int) -> list[int]:
        """The nearest kinds that together have the amount in the cell's places, and at least so many."""
        order = np.argsort(distance + FAR * (self.room[cell, kinds] <= 0), kind="stable")
        reached = np.cumsum(self.room[cell, kinds[order]])
        needed = int(np.searchsorted(reached, amount)) + 1
        return [int(kind) for kind in kinds[order[: min(max(size, needed), MOST_KINDS)]]]

    def _apart(self, inside: Kinds, outside: Kinds, price: Floats) -> Floats:
        """What the cells weigh that tell two kinds apart, for every pair; more where a kind is rare."""
        own, other = (self.touched[:, chosen].astype(float) for chosen in (inside, outside))
        weight = (price @ own)[:, None] + (price @ other)[None, :] - 2 * (own * price[:, None]).T @ other
        rare = 1 / np.log1p(np.maximum(self.some, 1.0))
        return np.asarray((1.0 + weight) * rare[inside][:, None] * rare[outside][None, :])


def _one_hot(labels: Kinds) -> sp.csr_array:
    size = int(labels.max(initial=-1)) + 1
    return sp.csr_array((np.ones(len(labels)), (np.arange(len(labels)), labels)), shape=(len(labels), size))


def _nearest(kinds: Kinds, distance: Floats, size: int) -> list[int]:
    return [int(kind) for kind in kinds[np.argsort(distance, kind="stable")[:size]]]


class Few:
    """One small program: the cells that its inner cells touch, equal ones taken together."""

    def __init__(self, problem: Tables, columns: NDArray[np.int64]):
        part = sp.csr_array(problem.matrix[:, columns])
        self.cells = np.flatnonzero(np.diff(part.indptr) > 0)
        classes = row_classes(part[self.cells])
        self.classes = classes
        first = np.unique(classes, return_index=True)[1]
        self.place = dict(zip(self.cells.tolist(), classes.tolist(), strict=True))
        self.width = problem.matrix.shape[0]
        self.alternatives = Alternatives(_held(problem, columns, sp.csr_array(part[self.cells[first]])))

    def find(self, cell: int, amount: float, price: Floats, fixed: Flags, whole: bool) -> Floats | None:
        """Changes of every cell of the whole problem, or None."""
        count = self.alternatives.cells
        still = np.bincount(self.classes, weights=fixed[self.cells], minlength=count) > 0
        if cell not in self.place or still[self.place[cell]]:
            return None
        prices = np.bincount(self.classes, weights=price[self.cells], minlength=count).astype(float)
        self.alternatives.set_all(prices, still)
        found = self.alternatives.find(self.place[cell], amount, whole)
        if found is None:
            return None
        moves = np.zeros((len(found), self.width))
        moves[:, self.cells] = found[:, self.classes]
        return moves


def _held(problem: Tables, columns: NDArray[np.int64], matrix: sp.csr_array) -> Tables:
    """The problem over some inner cells with all others at their true value."""
    outside = np.ones(len(problem.counts), bool)
    outside[columns] = False
    rest = problem.known[:, outside] @ problem.counts[outside]
    known, links = sp.csr_array(problem.known[:, columns]), sp.csr_array(problem.links[:, columns])
    stated, tied = np.diff(known.indptr) > 0, np.diff(links.indptr) > 0
    return replace(
        problem,
        matrix=matrix,
        counts=problem.counts[columns],
        known=sp.csr_array(known[stated]),
        low=(problem.low - rest)[stated],
        high=(problem.high - rest)[stated],
        links=sp.csr_array(links[tied]),
    )
