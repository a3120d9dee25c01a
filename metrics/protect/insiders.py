"""A member that knows all its own pupils: what else is hidden for its sake, one member at a time.

Two members' hidden cells can hide each other from everybody but these two. For every member in turn its own inner cells
are known; the protected counts with others' pupils in them that are then too narrow get tables where none of its cells
changes, and what moves in those is hidden too. A cell that is hidden besides narrows nothing for anyone else.
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.auditing import intervals, widths_seen
from metrics.protect.problem import Flags, Floats, Problem
from metrics.protect.suppress import protect_with_tables
from metrics.protect.tables import Known, Tables, tables

TOLERANCE = 1e-3
FREE = 1e-3
"""What a row weighs that is hidden already."""


def hidden_for_members(
    problem: Problem, hidden: Flags, known: Known, found: sp.csr_array
) -> tuple[Flags, sp.csr_array]:
    """Hidden rows with those more that members would need, and the tables that keep counts open, as changes of inner cells.

    hidden: rows (a shown row has neither itself nor its record hidden); known: what anyone has besides.
    """
    codes = problem.joint.codes
    if codes is None:
        return hidden, found
    for code in sorted(set(codes)):
        own = _fixed(problem, codes == code)
        narrow, needed = _narrow(problem, hidden, [*known, own], found, codes != code)
        if narrow.any():
            hidden, more = _more(problem, hidden, [*known, own], narrow, needed)
            found = sp.csr_array(sp.vstack([found, more]))
    return hidden, found


def _fixed(problem: Problem, own: Flags) -> tuple[sp.csr_array, Floats, Floats]:
    """A member's inner cells as they are."""
    cells = np.flatnonzero(own)
    rows = sp.csr_array((np.ones(len(cells)), (np.arange(len(cells)), cells)), shape=(len(cells), len(own)))
    truth = problem.joint.contributors[cells]
    return rows, truth, truth


def _narrow(problem: Problem, hidden: Flags, known: Known, found: sp.csr_array, others: Flags) -> tuple[Flags, Floats]:
    """Protected rows with others' pupils that are less open than they must be, and how open every row must be.

    No more is asked than what the member's own cells leave open when nothing is shown.
    """
    rows, counts = problem.rows, problem.joint.contributors
    narrow, needed = np.zeros(len(hidden), bool), rows.protection.copy()
    joint = tables(rows.matrix, counts, known, problem.links)
    left = np.flatnonzero(rows.primary & (rows.matrix @ (counts * others) > 0))
    left = left[widths_seen(joint, hidden, left, found) < needed[left] - TOLERANCE]
    left = left[_wide(joint, hidden, left, needed[left]) < needed[left] - TOLERANCE]
    if len(left):
        needed[left] = np.minimum(needed[left], _wide(joint, np.ones(len(hidden), bool), left, needed[left]))
        narrow[left[_wide(joint, hidden, left, needed[left]) < needed[left] - TOLERANCE]] = True
    return narrow, needed


def _wide(joint: Tables, hidden: Flags, targets: NDArray[np.int64], enough: Floats) -> Floats:
    found = intervals(joint, hidden, targets, enough)
    return np.asarray(found[:, 1] - found[:, 0])


def _more(problem: Problem, hidden: Flags, known: Known, narrow: Flags, needed: Floats) -> tuple[Flags, sp.csr_array]:
    rows = problem.rows
    more, found = protect_with_tables(
        rows.matrix,
        problem.joint.contributors,
        narrow,
        needed,
        known,
        weights=np.where(hidden, FREE, rows.weight),
        links=problem.links,
        labels=problem.labels,
    )
    return hidden | more, found
