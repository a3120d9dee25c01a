"""A member that knows all its own pupils beside what is shown: which protected counts of others it can narrow too much."""

from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.auditing import intervals, possible
from metrics.protect.demand import reach
from metrics.protect.problem import Flags, Floats, Problem
from metrics.protect.tables import SLACK, Known, Tables, tables

TOLERANCE = 1e-3


def narrowed_by_members(problem: Problem, hidden: Flags, known: Known, found: sp.csr_array) -> int:
    """How many protected counts with others' pupils in them members can narrow too much, each with all its inner cells.

    hidden: records; known: what anyone has besides; found: tables that may be possible (tables x inner cells, less the
    true one), looked at before programs are solved. No more is asked than what a member's own cells leave open when
    nothing is shown.
    """
    if problem.joint.codes is None:
        return 0
    rows, counts = problem.rows, problem.joint.contributors
    hidden_rows, owners = concealed(problem, hidden), by_owner(problem.joint.codes)
    joint = tables(rows.matrix, counts, known, problem.links)
    changes = sp.csr_array(found[possible(joint, hidden_rows, found)])
    targets = np.flatnonzero(rows.primary)
    moves = (rows.matrix[targets] @ changes.T).toarray().T
    touched = touching(changes, owners)
    narrow = 0
    for number in range(owners.shape[1]):
        own = owners[:, [number]].toarray().ravel() > 0
        seen = reach(moves[~touched[:, number]]).sum(axis=1)
        few = (rows.matrix[targets] @ (counts * ~own) > 0) & (seen < rows.protection[targets] - TOLERANCE)
        if few.any():
            narrow += len(too_narrow(with_own(joint, own), hidden_rows, targets[few], rows.protection[targets[few]])[0])
    return narrow


def too_narrow(
    joint: Tables, hidden_rows: Flags, cells: NDArray[np.int64], needed: Floats
) -> tuple[NDArray[np.int64], Floats]:
    """Cells that are less open than they must be and than known bounds alone leave them; and those bounds (cells x 2)."""
    found = intervals(joint, hidden_rows, cells, needed)
    wide = found[:, 1] - found[:, 0]
    less = wide < needed - TOLERANCE
    cells, wide, needed = cells[less], wide[less], needed[less]
    if not len(cells):
        return cells, np.zeros((0, 2))
    alone = intervals(joint, np.ones(len(hidden_rows), bool), cells, needed)
    less = wide < np.minimum(needed, alone[:, 1] - alone[:, 0]) - TOLERANCE
    return cells[less], alone[less]


def concealed(problem: Problem, hidden: Flags) -> Flags:
    """Rows that are not shown, by record that is hidden."""
    return ~problem.rows.visible | hidden[problem.rows.record]


def by_owner(codes: NDArray[np.object_]) -> sp.csr_array:
    """Inner cells x members, in the order of their codes."""
    number = np.unique(codes.astype(str), return_inverse=True)[1]
    return sp.csr_array((np.ones(len(codes)), (np.arange(len(codes)), number)))


def owned(problem: Problem) -> list[Flags]:
    """The inner cells of each member; of none where members are seen from several places."""
    codes = problem.joint.codes
    return [] if codes is None else [np.asarray(codes == code, bool) for code in sorted(set(codes))]


def touching(changes: sp.csr_array, owners: sp.csr_array) -> Flags:
    """Tables x members: whether a table changes any of a member's inner cells."""
    return np.asarray((abs(changes) @ owners).toarray() > SLACK)


def with_own(joint: Tables, own: Flags) -> Tables:
    """The same for someone who knows these inner cells."""
    cells = np.flatnonzero(own)
    rows = sp.csr_array((np.ones(len(cells)), (np.arange(len(cells)), cells)), shape=(len(cells), len(own)))
    low, high = (np.concatenate([each, joint.counts[cells]]) for each in (joint.low, joint.high))
    return replace(joint, known=sp.csr_array(sp.vstack([joint.known, rows])), low=low, high=high)
