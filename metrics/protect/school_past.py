"""What earlier releases told of a period's schools: someone kept it, so it is known, and what it protected still is.

The open part's earlier tables are known as in past.py, over cells that know their school. A school that fewer than
k = 10 pupils came to or left must not show by how much it changed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.protect.generations import EarlierTable
from metrics.protect.groups import Group, Place
from metrics.protect.past import SELDOM, Key, past_of, protected_by, protected_classes
from metrics.protect.problem import Flags, Floats, Inner, Outcome, Rows
from metrics.protect.school_cells import Cells
from metrics.protect.school_rows import protected_schools, unrecorded
from metrics.protect.tables import Known
from metrics.values import Status

KEYS = ["indicator", "area_type", "area", "provider", "stage", "model", "sex", "background"]


@dataclass(frozen=True, kw_only=True)
class EarlierSchools:
    """One published table of a period with its schools told apart.

    `table`: the open part's, but that its `inner` tells schools apart (`school_unit`); `rows`: the rows of the school
    part beside it (indicator, school_unit, stage, status), none where that release had no schools of the period.
    """

    table: EarlierTable
    rows: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class SchoolPast:
    """What earlier open parts (`opened`) and school parts (`schools`) told, as bounds, and what must stay open for it.

    `open_rows`, `school_rows`: sums that are protected, of the open part and of schools. `changes`: rows of 1 and -1 over
    the inner cells, each to be kept open by `limits`.
    """

    opened: Known
    schools: Known
    open_rows: tuple[Rows, ...]
    school_rows: tuple[Rows, ...]
    changes: sp.csr_array
    limits: Floats


def nothing_told(width: int) -> SchoolPast:
    """Of a period that was never published; `width`: inner cells."""
    empty = sp.csr_array((0, width), dtype=float)
    return SchoolPast(opened=[], schools=[], open_rows=(), school_rows=(), changes=empty, limits=np.zeros(0))


def school_past(
    cells: Cells, inner: Inner, place: Place, earlier: Sequence[EarlierSchools], open_rows: pd.DataFrame
) -> SchoolPast:
    """Everything the earlier releases say. `inner`: of the joint problem; `open_rows`: the new open part's rows.

    An open value that is shown now has passed the gate: few pupils changed it only if none of its members did.
    """
    asked, tables = cells.asked, [each.table for each in earlier]
    seen = open_rows[open_rows["status"] == Status.SHOWN]
    passed = set(seen[KEYS].itertuples(index=False, name=None))
    opened = past_of(cells.setting(), tables, asked.layout, {place.column: place}, passed)
    now, limit = cells.schools(len(earlier)), float(asked.thresholds.school_pupils)
    known: list[Known] = []
    rows: list[Rows] = []
    signed = [opened.changes]
    for number, each in enumerate(earlier):
        then = cells.schools(number)
        known.append(told_then(inner, asked.names, then, each.rows))
        rows += protected_schools(inner, then, asked.names, limit)
        for change, kept in few_changes(inner, asked.names, then, now, limit):
            signed.append(change)
            rows += [] if kept is None else [kept]
    changes = sp.csr_array(sp.vstack(signed))
    return SchoolPast(
        opened=opened.known,
        schools=[bound for each in known for bound in each],
        open_rows=opened.rows,
        school_rows=tuple(rows),
        changes=changes,
        limits=np.concatenate([opened.limits, np.full(changes.shape[0] - len(opened.limits), limit)]),
    )


def told_then(inner: Inner, names: Sequence[str], groups: Sequence[Group], rows: pd.DataFrame) -> Known:
    """What an earlier school part says: shown counts as they are, hidden schools as somebody."""
    wanted = ["indicator", "school_unit", "stage", "status"]
    statuses = {key[:-1]: key[-1] for key in rows[wanted].itertuples(index=False, name=None)} if len(rows) else {}
    exact, some = [], []
    for outcome in (each for each in inner.outcomes if each.indicator.name in names):
        for (unit, stage), inside in _by_school(groups, outcome).items():
            status = statuses.get((outcome.indicator.name, unit, stage))
            if status == Status.SHOWN:
                exact += [inside, inside & outcome.numerator]
            elif status == Status.HIDDEN and 0 < inside @ inner.contributors <= SELDOM:
                some.append(inside)
    known: list[tuple[sp.csr_array, Floats | float, Floats | float]] = []
    if exact:
        matrix = sp.csr_array(np.array(exact, dtype=float))
        known.append((matrix, matrix @ inner.contributors, matrix @ inner.contributors))
    if some:
        known.append((sp.csr_array(np.array(some, dtype=float)), 1.0, np.inf))
    return known


def _by_school(groups: Sequence[Group], outcome: Outcome) -> Mapping[tuple[str, str], Flags]:
    """Who is counted in each school and stage; a row of the school part is about all its pupils, whatever the member."""
    found: dict[tuple[str, str], Flags] = {}
    for group in groups:
        inside, key = group.inner & outcome.denominator, (group.area, group.stage)
        found[key] = found[key] | inside if key in found else inside
    return found


def _named(group: Group) -> Key:
    return group.area, min(group.codes), group.stage


def few_changes(
    inner: Inner, names: Sequence[str], then: Sequence[Group], now: Sequence[Group], limit: float
) -> Iterator[tuple[sp.csr_array, Rows | None]]:
    """Schools that some pupils, but fewer than `limit`, came to or left: the change, and the new cell if it has any."""
    nobody = np.zeros(len(inner.contributors), bool)
    pairs = {_named(each): (each.inner, nobody) for each in then}
    for group in now:
        pairs[_named(group)] = (pairs.get(_named(group), (nobody,))[0], group.inner)
    for outcome in (each for each in inner.outcomes if each.indicator.name in names):
        for before, after in pairs.values():
            for part in protected_classes(outcome):
                moved = float(((before ^ after) & part) @ inner.contributors)
                if 0 < moved < limit:
                    signed = (after & part).astype(float) - (before & part).astype(float)
                    cell = sp.csr_array((after & part).astype(float)[None, :])
                    kept = unrecorded(protected_by(cell, limit)) if cell.nnz else None
                    yield sp.csr_array(signed[None, :]), kept


def inside_of(known: Known, cells: NDArray[np.int64]) -> Known:
    """Those of the known rows that are over these inner cells alone, as rows over them."""
    found = []
    for rows, low, high in known:
        part = rows[:, cells]
        whole = (np.diff(part.indptr) > 0) & (np.diff(part.indptr) == np.diff(rows.indptr))
        if whole.any():
            ends = (np.broadcast_to(np.asarray(end, dtype=float), len(whole))[whole] for end in (low, high))
            found.append((sp.csr_array(part[whole]), *ends))
    return found
