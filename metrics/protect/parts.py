"""Splits a problem into parts that share no cell: what ties them together is held still while one part is solved."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.tables import Tables


def split(problem: Tables) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Tables]]:
    """The cells and the inner cells of every part, and the part with everything outside it fixed at its true value."""
    cells = problem.matrix.shape[0]
    graph = sp.block_array([[None, problem.matrix], [problem.matrix.T, None]])
    labels = sp.csgraph.connected_components(graph, directed=False)[1]
    for label in np.unique(labels[:cells]):
        own, columns = labels[:cells] == label, labels[cells:] == label
        yield np.flatnonzero(own), np.flatnonzero(columns), _part(problem, own, columns)


def _part(problem: Tables, cells: NDArray[np.bool_], columns: NDArray[np.bool_]) -> Tables:
    counts = problem.counts[columns]
    known, links = problem.known[:, columns], abs(problem.links[:, columns])
    outside = problem.known[:, ~columns] @ problem.counts[~columns]
    inside, tied = np.diff(known.indptr) > 0, np.diff(links.indptr) > 0
    held = links[tied]
    return replace(
        problem,
        matrix=sp.csr_array(problem.matrix[cells][:, columns]),
        counts=counts,
        known=sp.csr_array(sp.vstack([known[inside], held])),
        low=np.concatenate([(problem.low - outside)[inside], held @ counts]),
        high=np.concatenate([(problem.high - outside)[inside], held @ counts]),
        links=sp.csr_array((0, len(counts)), dtype=float),
    )
