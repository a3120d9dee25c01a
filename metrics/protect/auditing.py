"""The attacker: what an outsider can work out about hidden cells from everything that is shown or known."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from metrics.protect.errors import ProtectionError
from metrics.protect.parts import parts_of
from metrics.protect.solver import Extremes
from metrics.protect.tables import SLACK, Flags, Floats, Known, Tables, column_classes, row_classes, tables

DIGITS = 6


def audit(matrix: Any, inner_counts: ArrayLike, hidden: ArrayLike, targets: ArrayLike, known: Known = ()) -> Floats:
    """Least and greatest possible value of each target cell, as float[len(targets), 2].

    The outsider knows the matrix, every cell that is not hidden, the known bounds, and that inner counts are at
    least 0. A target that nothing bounds from above gets infinity. That counts are whole numbers is not used.
    """
    problem = tables(matrix, inner_counts, known)
    flags = cell_flags(hidden, problem.matrix.shape[0], "hidden")
    chosen = np.asarray(targets, dtype=np.int64).reshape(-1)
    if ((chosen < 0) | (chosen >= len(flags))).any():
        raise ProtectionError(f"targets are cell numbers below {len(flags)}, got: another number")
    return intervals(problem, flags, chosen)


def cell_flags(flags: ArrayLike, count: int, name: str) -> Flags:
    """One true or false per cell, or ProtectionError."""
    array = np.asarray(flags)
    if array.dtype != bool or array.shape != (count,):
        raise ProtectionError(f"{name} is bool[{count}], got: {array.dtype}{list(array.shape)}")
    return array


def intervals(problem: Tables, hidden: Flags, targets: NDArray[np.int64], enough: Floats | None = None) -> Floats:
    """What `audit` returns, for a problem already checked.

    enough: a width per target; a target for which tables so far apart have been seen is not taken further.
    """
    wanted = problem.matrix[targets]
    classes = row_classes(wanted)
    system, settled = _eliminate(stated_rows(problem, hidden), wanted, problem.counts)
    asked = np.full(len(targets), np.inf) if enough is None else enough
    widest = np.full(classes.max(initial=-1) + 1, -np.inf)
    np.maximum.at(widest, classes, asked)
    found = np.zeros((len(widest), 2))
    first = np.unique(classes, return_index=True)[1]
    for chosen, part in _apart(system, first):
        attacker = Attacker(part)
        for place, kind in enumerate(chosen):
            found[kind] = attacker.interval(place, widest[kind])
    return np.round(found[classes] + settled[:, None], DIGITS)


def _apart(system: "System", chosen: NDArray[np.int64]) -> Iterator[tuple[NDArray[np.int64], "System"]]:
    """The chosen wanted sums (their numbers) by the parts that no stated and no chosen sum ties together, and each part."""
    wanted = system.wanted[chosen]
    rows, columns = parts_of(sp.csr_array(sp.vstack([system.rows, wanted])))
    stated, asked = rows[: system.rows.shape[0]], rows[system.rows.shape[0] :]
    for label in np.unique(asked):
        inside, own, some = columns == label, stated == label, np.flatnonzero(asked == label)
        part = replace(
            system,
            rows=sp.csr_array(system.rows[own][:, inside]),
            low=system.low[own],
            high=system.high[own],
            wanted=sp.csr_array(wanted[some][:, inside]),
            endless=system.endless[chosen[some]],
            truth=system.truth[inside],
        )
        yield some, part


def widths_seen(problem: Tables, hidden: Flags, targets: NDArray[np.int64], changes: sp.csr_array) -> Floats:
    """How far apart each target's values are in tables that an outsider cannot tell from the true one.

    changes: tables x inner cells, what each table differs by from the true one. Nothing is taken on trust: a table counts
    when no inner cell is below 0, every shown cell and every link stays as it is and every known bound holds. Widths
    are never more than those of `intervals`, and need no program.
    """
    moves = (changes @ problem.matrix[targets].T).toarray()[possible(problem, hidden, changes)]
    return np.asarray(moves.max(axis=0, initial=0.0) - moves.min(axis=0, initial=0.0))


def possible(problem: Tables, hidden: Flags, changes: sp.csr_array) -> Flags:
    """Whether an outsider cannot tell each table from the true one; tables x inner cells, less the true one."""
    stated = stated_rows(problem, hidden)
    points = changes.toarray() + problem.counts
    sums = stated.known @ points.T
    inside = (sums >= stated.low[:, None] - SLACK) & (sums <= stated.high[:, None] + SLACK)
    return np.asarray(inside.all(axis=0) & (points >= -SLACK).all(axis=1))


@dataclass(frozen=True, kw_only=True)
class System:
    """Sums with bounds over cells of at least 0, the sums to work out, and one point that fits."""

    rows: sp.csr_array
    low: Floats
    high: Floats
    wanted: sp.csr_array
    endless: Flags
    """Wanted sums with a cell that nothing bounds from above."""
    truth: Floats

    @cached_property
    def plain(self) -> Flags:
        """Rows that are sums, not links."""
        return _is_plain(self.rows)


class Attacker:
    """Works out intervals one target at a time, skipping a program when a point already seen reaches the bound."""

    def __init__(self, system: System):
        self.system = system
        self.points = [system.truth]
        self.extremes: Extremes | None = None

    def interval(self, target: int, enough: float = np.inf) -> tuple[float, float]:
        """Least and greatest value of one wanted sum, or two values at least `enough` apart."""
        row = self.system.wanted[[target]]
        columns = row.indices
        if not len(columns):
            return 0.0, 0.0
        if row.data.min() < 0:
            return self._signed(columns, row.data)
        seen = [point[columns].sum() for point in self.points]
        low, high = min(seen), max(seen)
        if high - low >= enough:
            return float(low), float(high)
        if low > SLACK:
            low = min(low, self._solve(columns, 1.0))
        if self.system.endless[target]:
            return float(low), np.inf
        if high < self._ceiling(columns) - SLACK:
            high = max(high, self._solve(columns, -1.0))
        return float(low), float(high)

    def _signed(self, columns: NDArray[np.int32], signs: Floats) -> tuple[float, float]:
        """Least and greatest value of a difference, over cells that stated sums bound from above."""
        if self.extremes is None:
            self.extremes = Extremes(self.system.rows, self.system.low, self.system.high)
        least, most = (self.extremes.least(columns, side * signs)[columns] @ signs for side in (1.0, -1.0))
        return float(least), float(most)

    def _ceiling(self, columns: NDArray[np.int32]) -> float:
        """The least stated sum that contains the whole target."""
        inside = np.zeros(self.system.rows.shape[1])
        inside[columns] = 1.0
        covering = self.system.plain & (self.system.rows @ inside > len(columns) - 0.5)
        return float(np.min(self.system.high[covering], initial=np.inf))

    def _solve(self, columns: NDArray[np.int32], sign: float) -> float:
        if self.extremes is None:
            self.extremes = Extremes(self.system.rows, self.system.low, self.system.high)
        point = self.extremes.least(columns, sign)
        self.points.append(point)
        return float(point[columns].sum())


def stated_rows(problem: Tables, hidden: Flags) -> Tables:
    """The rows an outsider has, shown cells first as rows of one value, then known bounds; none of them a cell."""
    shown = problem.matrix[~hidden]
    values, tied = shown @ problem.counts, np.zeros(problem.links.shape[0])
    rows = sp.csr_array(sp.vstack([shown, problem.known, problem.links]))
    low, high = np.concatenate([values, problem.low, tied]), np.concatenate([values, problem.high, tied])
    return replace(problem, matrix=problem.matrix[:0], known=rows, low=low, high=high)


def _eliminate(stated: Tables, wanted: sp.csr_array, truth: Floats) -> tuple[System, Floats]:
    """Take away what needs no program: cells whose value follows directly. Also the settled part of every sum."""
    rows, low, high = stated.known, stated.low, stated.high
    value, settled = settled_by(rows, low, high)
    rest = ~settled
    endless = _endless(rows, high)
    part = wanted @ np.where(settled, value, 0.0)
    left = _compact(rows[:, rest], low - rows @ value, high - rows @ value, wanted[:, rest], truth[rest])
    return replace(left, endless=wanted @ endless.astype(float) > 0), part


def _endless(rows: sp.csr_array, high: Floats) -> Flags:
    """Cells that no sum bounds from above, directly or through a link to cells that are bounded."""
    plain = _is_plain(rows)
    bounded = np.asarray(rows[plain & np.isfinite(high)].sum(axis=0) > 0)
    links = rows[~plain]
    sides = [sp.csr_array((sign * links > 0).astype(float)) for sign in (1, -1)]
    while True:
        reached = bounded.copy()
        for side, other in (sides, sides[::-1]):
            whole = side @ (~bounded).astype(float) == 0
            reached |= other.T @ whole.astype(float) > 0
        if (reached == bounded).all():
            return ~bounded
        bounded = reached


def _is_plain(rows: sp.csr_array) -> Flags:
    """Rows without a minus sign."""
    plain = np.ones(rows.shape[0], bool)
    plain[np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))[rows.data < 0]] = False
    return plain


def settled_by(rows: sp.csr_array, low: Floats, high: Floats) -> tuple[Floats, Flags]:
    """Values that follow row by row: a sum of 0 empties its cells, a sum with one cell left gives that cell."""
    value, settled = np.zeros(rows.shape[1]), np.zeros(rows.shape[1], bool)
    plain = _is_plain(rows)
    rows, low, high = rows[plain], low[plain], high[plain]
    columns = rows.tocsc()
    while True:
        left = rows @ (~settled).astype(float)
        rest = high - rows @ value
        empty = (left > 0) & (rest < SLACK)
        single = (left == 1) & ~empty & (high - low < SLACK)
        emptied = (columns.T @ empty.astype(float) > 0) & ~settled
        given = (columns.T @ single.astype(float) > 0) & ~settled & ~emptied
        if not emptied.any() and not given.any():
            return value, settled
        value[given] = _given(rows[single], rest[single], settled)[given]
        settled |= emptied | given


def _given(rows: sp.csr_array, rest: Floats, settled: Flags) -> Floats:
    """The value each cell gets from a row where it is the only one left."""
    entries = rows.tocoo()
    last = ~settled[entries.col]
    value = np.zeros(rows.shape[1])
    value[entries.col[last]] = rest[entries.row[last]]
    return value


def _compact(rows: sp.csr_array, low: Floats, high: Floats, wanted: sp.csr_array, truth: Floats) -> System:
    """Add up cells no row tells apart, keep each sum once with its narrowest bounds."""
    columns = column_classes(sp.vstack([rows, wanted]))
    first = np.unique(columns, return_index=True)[1]
    rows, wanted = sp.csr_array(rows[:, first]), sp.csr_array(wanted[:, first])
    classes = row_classes(rows)
    once = np.unique(classes, return_index=True)[1]
    narrow_low, narrow_high = np.full(len(once), -np.inf), np.full(len(once), np.inf)
    np.maximum.at(narrow_low, classes, low)
    np.minimum.at(narrow_high, classes, high)
    used = np.diff(rows[once].indptr) > 0
    total = np.bincount(columns, weights=truth, minlength=len(first)).astype(float)
    none = np.zeros(wanted.shape[0], bool)
    return System(
        rows=rows[once][used], low=narrow_low[used], high=narrow_high[used], wanted=wanted, endless=none, truth=total
    )
