"""What follows of a place from rows that cross each other: a member's total less the region's row of a model that is there only.

The groups of a layout are what is told, and some of what they imply. Rows of different tables can leave other groups over:
of a member with two sets of models, one of which no other member has, the region's row gives that set and the member's
total the other. So the smallest places that tables tell apart (member, provider, stage and set of models) are looked at when
the tables have been protected: where few of a sensitive class follow in one, it is protected too and all is solved again.
"""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.auditing import intervals, widths_seen
from metrics.protect.problem import (
    LIGHT,
    Flags,
    Floats,
    Problem,
    Rows,
    chosen_rows,
    classes_of,
    only_primary,
    primary_of,
    stacked,
    with_rows,
)
from metrics.protect.tables import Known, tables

TOLERANCE = 1e-3
APART = {"model", "provider"}
"""What tells places of a member and stage apart: of an indicator that is cut by neither only whole members are told."""
Solved = tuple[Flags, sp.csr_array]
"""The hidden records, and tables that show how far protected counts can vary (as changes of inner cells)."""


def open_in_places(
    problem: Problem, solve: Callable[[Problem], Solved], known: Known, limit: int
) -> tuple[Problem, Flags, sp.csr_array]:
    """The solved problem, with what would follow of places among its protected rows; `known`: all that anyone has.

    A place keeps `limit` open also where it is one school: it is never told, it must only not follow.
    """
    asked = _few_in_places(problem, float(limit))
    while True:
        hidden, found = solve(problem)
        narrow = _narrow(problem, asked, hidden, known, found)
        if not narrow.any():
            return problem, hidden, found
        problem = with_rows(problem, [chosen_rows(asked, narrow)])
        asked = chosen_rows(asked, ~narrow)


def _few_in_places(problem: Problem, limit: float) -> Rows:
    """The sensitive classes of few, or of everyone, in a smallest place."""
    places = problem.places
    kept = np.flatnonzero(places >= 0)
    size = int(places.max(initial=-1)) + 1
    member = sp.csr_array((np.ones(len(kept)), (places[kept], kept)), shape=(size, len(places)))
    parts = []
    for outcome in problem.joint.outcomes:
        if outcome.magnitude or outcome.indicator.sensitive == "none" or not APART & set(outcome.indicator.dimensions):
            continue
        matrices = [sp.csr_array(member.multiply(part.astype(float))) for part in classes_of(problem.joint, outcome)]
        numbers = [matrix @ problem.joint.contributors for matrix in matrices]
        primaries = primary_of(outcome, np.full(size, limit), *numbers)
        parts += [only_primary(_unseen(*each, limit)) for each in zip(matrices, primaries, strict=True)]
    none = np.zeros(0, bool)
    return stacked([*parts, _unseen(sp.csr_array((0, len(places)), dtype=float), none, limit)])


def _unseen(matrix: sp.csr_array, primary: Flags, limit: float) -> Rows:
    size = matrix.shape[0]
    return Rows(
        matrix=matrix,
        record=np.zeros(size, dtype=np.int64),
        total=np.zeros(size, bool),
        visible=np.zeros(size, bool),
        primary=primary,
        protection=np.full(size, limit),
        weight=np.full(size, LIGHT),
    )


def _narrow(problem: Problem, asked: Rows, hidden: Flags, known: Known, found: sp.csr_array) -> Flags:
    """Which of these rows are less open than they must be, and than known bounds alone leave them."""
    rows = problem.rows
    told = rows.matrix[rows.visible & ~hidden[rows.record]]
    joint = tables(sp.vstack([told, asked.matrix]), problem.joint.contributors, known, problem.links)
    behind = np.arange(joint.matrix.shape[0]) >= told.shape[0]
    targets = np.flatnonzero(behind)
    narrow = widths_seen(joint, behind, targets, found) < asked.protection - TOLERANCE

    def widths(hiding: Flags, chosen: NDArray[np.int64]) -> Floats:
        ends = intervals(joint, hiding, targets[chosen], asked.protection[chosen])
        return np.asarray(ends[:, 1] - ends[:, 0])

    left = np.flatnonzero(narrow)
    now = widths(behind, left)
    left, now = left[now < asked.protection[left] - TOLERANCE], now[now < asked.protection[left] - TOLERANCE]
    alone = widths(np.ones(len(behind), bool), left)
    narrow[:] = False
    narrow[left[now < np.minimum(asked.protection[left], alone) - TOLERANCE]] = True
    return narrow
