"""The joint problem of a period with its schools told apart: the open part's rows, and a row per school and indicator."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.protect.groups import Place, groups_of
from metrics.protect.problem import Flags, Problem, Rows, inner_of, problem_of, stacked, with_limits, with_rows
from metrics.protect.school_cells import Asked, Cells, cells_of
from metrics.protect.school_past import EarlierSchools, SchoolPast, nothing_told, school_past
from metrics.protect.school_rows import rows_of_schools
from metrics.values import Counts, Status


@dataclass(frozen=True, kw_only=True)
class SchoolProblem:
    """The open part's joint problem over columns that know schools, and the rows of schools beside it.

    `columns`: as of school_cells.Cells, with `now`: whether a cell's pupils are in the newest table.
    `rows`: total, outcome and remainder of every school and indicator; `records`: which school and indicator each is.
    """

    open: Problem
    columns: pd.DataFrame
    rows: Rows
    records: pd.DataFrame
    kinds: NDArray[np.int64]
    """Of every inner cell: its outcomes in the indicators that schools have values of."""
    past: SchoolPast


def school_problem(
    counts: Counts,
    units: pd.DataFrame,
    asked: Asked,
    *,
    open_rows: pd.DataFrame,
    earlier: Sequence[EarlierSchools] = (),
) -> SchoolProblem:
    """The problem of the only period of these counts. `units`: its inner rows with schools told apart (school_unit).

    `open_rows`: the new open part's rows; `earlier`: every earlier table of the period, oldest first.
    ProtectionError where the tables of the period cannot be matched.
    """
    cells = cells_of(units, counts.main_provider, asked, [each.table for each in earlier])
    place = _place(counts, asked)
    problem = _open_problem(cells, place)
    limit = float(asked.thresholds.school_pupils)
    rows, records = rows_of_schools(problem.joint, cells.schools(len(earlier)), asked.names, limit)
    past = nothing_told(len(cells.joint))
    if earlier:
        past = school_past(cells, problem.joint, place, earlier, open_rows)
        problem, rows = with_rows(problem, past.open_rows), stacked([rows, *past.school_rows])
    own = [each for each in problem.joint.outcomes if each.indicator.name in asked.names]
    told = np.column_stack([part for each in own for part in (each.denominator, each.numerator)])
    return SchoolProblem(
        open=problem,
        columns=cells.columns.assign(now=cells.inside(len(earlier))),
        rows=rows,
        records=records,
        kinds=np.unique(told, axis=0, return_inverse=True)[1].reshape(-1),
        past=past,
    )


def _place(counts: Counts, asked: Asked) -> Place:
    missing = counts.missing[counts.missing["period"] == counts.periods[0]]
    absent = set(zip(missing["municipality"], missing["provider"], strict=True))
    return Place(region=asked.region, column=asked.perspective, main_provider=counts.main_provider, missing=absent)


def _open_problem(cells: Cells, place: Place) -> Problem:
    """The newest open table over cells that know their school."""
    asked, name = cells.asked, place.column
    plain = inner_of(cells.frame, asked.indicators, {name: groups_of(cells.frame, asked.layout, place)})
    groups = cells.groups(cells.tables - 1, asked.layout, place)
    joint = inner_of(cells.joint, asked.indicators, {name: groups})
    return problem_of(with_limits(plain, cells.frame, asked.thresholds), joint, cells.unfolded)


def open_shown(problem: Problem, rows: pd.DataFrame) -> Flags:
    """Which rows of the open part's problem its published rows of the period show."""
    names = ["indicator", "area_type", "area", "provider", "stage", "model", "sex", "background"]
    seen = rows[(rows["status"] == Status.SHOWN) & (rows["series"] == "own")]
    shown = set(seen[names].itertuples(index=False, name=None))
    open_records = []
    for indicator, perspective, number in problem.records[["indicator", "perspective", "group"]].itertuples(
        index=False, name=None
    ):
        group = problem.inner.groups[perspective][number]
        open_records.append((indicator, *(getattr(group, name) for name in names[1:])) in shown)
    return np.asarray(problem.rows.visible & np.array(open_records, bool)[problem.rows.record])
