"""Splits a problem into parts that share no cell: what ties them together is held still while one part is solved.

Parts that nothing ties together at all, like the stages of a term, are problems of their own.
"""

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


def apart(problem: Tables) -> list[tuple[NDArray[np.int64], NDArray[np.int64], Tables]]:
    """The same of the parts with a cell in them that no cell, known bound or link ties together: nothing is held still."""
    stated = [problem.matrix, problem.known, problem.links]
    rows, columns = parts_of(sp.csr_array(sp.vstack(stated)))
    of_cells, of_known, of_links = np.split(rows, np.cumsum([each.shape[0] for each in stated])[:-1])
    labels = np.unique(of_cells)
    if len(labels) == 1 and (columns == labels[0]).all():
        return [(np.arange(len(of_cells)), np.arange(len(columns)), problem)]
    found = []
    for label in labels:
        inside = columns == label
        known, links = of_known == label, of_links == label
        part = replace(
            problem,
            matrix=sp.csr_array(problem.matrix[of_cells == label][:, inside]),
            counts=problem.counts[inside],
            known=sp.csr_array(problem.known[known][:, inside]),
            low=problem.low[known],
            high=problem.high[known],
            links=sp.csr_array(problem.links[links][:, inside]),
        )
        found.append((np.flatnonzero(of_cells == label), np.flatnonzero(inside), part))
    return found


def parts_of(rows: sp.csr_array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The number of the part that each row and each column is in: the columns of a row are in the row's."""
    graph = sp.block_array([[None, rows], [rows.T, None]])
    labels = sp.csgraph.connected_components(graph, directed=False)[1]
    return labels[: rows.shape[0]], labels[rows.shape[0] :]


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
