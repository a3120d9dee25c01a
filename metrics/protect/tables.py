"""The joint problem in arrays: which cells are sums of which inner cells, and what an outsider has already."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from metrics.protect.errors import ProtectionError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Known = Sequence[tuple[Any, ArrayLike, ArrayLike]]

SLACK = 1e-6


@dataclass(frozen=True, kw_only=True)
class Tables:
    """Published cells (rows) as sums of inner cells (columns), and bounds on sums that an outsider already has."""

    matrix: sp.csr_array
    counts: Floats
    known: sp.csr_array
    low: Floats
    high: Floats
    links: sp.csr_array
    """Sums with signs that are 0 in every table: the same pupils counted in two ways."""

    @property
    def cells(self) -> Floats:
        """True value of every published cell."""
        return self.matrix @ self.counts

    def rows(self, chosen: Flags | NDArray[np.int64]) -> "Tables":
        """The same problem with only the chosen cells."""
        return replace(self, matrix=self.matrix[chosen])


def tables(matrix: Any, inner_counts: ArrayLike, known: Known = (), links: Any = None) -> Tables:
    """Check and gather the arrays; ProtectionError when they do not fit together."""
    rows = _zero_one(matrix, "matrix")
    counts = np.asarray(inner_counts, dtype=float)
    if counts.shape != (rows.shape[1],):
        raise ProtectionError(f"inner_counts has one number per column of matrix, got: {counts.shape} for {rows.shape}")
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise ProtectionError("inner_counts are finite and at least 0, got: other values")
    sums, low, high = _known_rows(known, rows.shape[1])
    truth = sums @ counts
    if (truth < low - SLACK).any() or (truth > high + SLACK).any():
        wrong = int(np.argmax((truth < low - SLACK) | (truth > high + SLACK)))
        raise ProtectionError(f"known bounds include the true table, got: row {wrong} of known that does not")
    tied = sp.csr_array((0, len(counts)), dtype=float) if links is None else sp.csr_array(links, dtype=float)
    if tied.shape[1] != len(counts) or (np.abs(tied @ counts) > SLACK).any():
        raise ProtectionError("links are sums over the inner cells that are 0, got: others")
    return Tables(matrix=rows, counts=counts, known=sums, low=low, high=high, links=tied)


def merge_columns(problem: Tables) -> tuple[Tables, NDArray[np.int64], NDArray[np.int64]]:
    """Add up inner cells that no row tells apart; also the first inner cell of each sum, and the sum of each inner cell.

    Exact for real-valued and integer attackers alike: only the sum of such cells ever appears.
    """
    labels = column_classes(sp.vstack([problem.matrix, problem.known, problem.links]))
    first = np.unique(labels, return_index=True)[1]
    counts = np.bincount(labels, weights=problem.counts, minlength=len(first)).astype(float)
    parts = {name: sp.csr_array(getattr(problem, name)[:, first]) for name in ("matrix", "known", "links")}
    return replace(problem, counts=counts, **parts), first, labels


def row_classes(matrix: sp.csr_array) -> NDArray[np.int64]:
    """The number of the class of each row: equal rows share one, first come first."""
    matrix.sort_indices()
    indices, data, size = matrix.indices.tobytes(), matrix.data.tobytes(), matrix.indices.itemsize
    ends, width = matrix.indptr.tolist(), matrix.data.itemsize
    keys = (indices[size * start : size * end] + data[width * start : width * end] for start, end in pairwise(ends))
    seen: dict[bytes, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], dtype=np.int64)


def column_classes(matrix: sp.csr_array) -> NDArray[np.int64]:
    """The same for columns."""
    return row_classes(sp.csr_array(matrix.T))


def is_whole(numbers: Floats) -> bool:
    """Whether all are whole numbers, but for rounding in a solver."""
    return bool((np.abs(numbers - np.round(numbers)) < SLACK).all())


def _zero_one(matrix: Any, name: str) -> sp.csr_array:
    rows = sp.csr_array(matrix, dtype=float, copy=True)
    if rows.ndim != 2:
        raise ProtectionError(f"{name} has two dimensions, got: {rows.ndim}")
    rows.sum_duplicates()
    rows.eliminate_zeros()
    if not np.isin(rows.data, (0.0, 1.0)).all():
        raise ProtectionError(f"{name} holds only 0 and 1, got: other numbers")
    return rows


def _known_rows(known: Known, width: int) -> tuple[sp.csr_array, Floats, Floats]:
    parts, lows, highs = [], [], []
    for rows, low, high in known:
        part = _zero_one(np.atleast_2d(rows) if not sp.issparse(rows) else rows, "known")
        if part.shape[1] != width:
            raise ProtectionError(f"known rows span the inner cells ({width}), got: {part.shape[1]}")
        parts.append(part)
        lows.append(np.broadcast_to(np.asarray(low, dtype=float), part.shape[:1]))
        highs.append(np.broadcast_to(np.asarray(high, dtype=float), part.shape[:1]))
    if not parts:
        return sp.csr_array((0, width), dtype=float), np.zeros(0), np.zeros(0)
    return sp.csr_array(sp.vstack(parts)), np.concatenate(lows), np.concatenate(highs)
