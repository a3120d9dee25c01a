"""The joint problem of a period with its schools told apart: the open part's rows, and a row per school and indicator."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.layout import Layout
from metrics.protect.groups import Group, Place, groups_of
from metrics.protect.problem import (
    LIGHT,
    Flags,
    Inner,
    Outcome,
    Problem,
    Rows,
    inner_of,
    membership,
    problem_of,
    rows_of,
    stacked,
    with_limits,
    with_patterns,
)
from metrics.protect.thresholds import Thresholds
from metrics.protect.unfold import FAMILY, Unfolded, unfold
from metrics.values import DIMENSION_COLUMNS, Counts, Status
from metrics.vocabulary import ALL, Region

SCHOOL = "school_unit"
NO_RECORD = -1
"""The record of a class that is never shown: of those between two outcomes."""
CLASS = ("provider", "stage", "models")
"""What open tables tell apart within a member, sex and background aside."""


@dataclass(frozen=True, kw_only=True)
class SchoolProblem:
    """The open part's joint problem over columns that know schools, and the rows of schools beside it.

    `columns`: one row per inner cell: member code, number of its class (the schools of a member that open tables do not
    tell apart; -1 for cells that are cut by sex or background), number of its kind (provider, stage and models, whatever
    the member), school unit ("" where the cell does not know it).
    `rows`: total, outcome and remainder of every school and indicator; `records`: which school and indicator each is.
    """

    open: Problem
    columns: pd.DataFrame
    rows: Rows
    records: pd.DataFrame
    kinds: NDArray[np.int64]
    """Of every inner cell: its outcomes in the indicators that schools have values of."""


def school_problem(
    counts: Counts,
    units: pd.DataFrame,
    layout: Layout,
    *,
    indicators: Sequence[Indicator],
    names: Sequence[str],
    region: Region,
    thresholds: Thresholds,
) -> SchoolProblem:
    """The problem of the only period of these counts. `units`: its inner rows with schools told apart (school_unit)."""
    period = counts.periods[0]
    texts = {name: units[name].fillna("").astype(str) for name in (*DIMENSION_COLUMNS, SCHOOL)}
    frame = units.assign(**texts).reset_index(drop=True)
    perspective = indicators[0].perspective
    missing = counts.missing[counts.missing["period"] == period]
    absent = set(zip(missing["municipality"], missing["provider"], strict=True))
    place = Place(region=region, column=perspective, main_provider=counts.main_provider, missing=absent)
    cells, patterns = with_patterns(frame, indicators)
    provider, number = counts.main_provider, len(patterns)
    whole_grid = unfold(cells, layout, places=[perspective], main_provider=provider, patterns=number, uncut=(SCHOOL,))
    unfolded = _without_new_patterns(whole_grid, perspective)
    joint = unfolded.inner.join(patterns, on="pattern")
    whole = with_limits(inner_of(frame, indicators, {perspective: groups_of(frame, layout, place)}), frame, thresholds)
    problem = problem_of(whole, inner_of(joint, indicators, {perspective: groups_of(joint, layout, place)}), unfolded)
    columns = _columns(joint, perspective)
    rows, records = _school_rows(problem.joint, joint, columns, names, thresholds)
    own = [each for each in problem.joint.outcomes if each.indicator.name in names]
    told = np.column_stack([part for each in own for part in (each.denominator, each.numerator)])
    kinds = np.unique(told, axis=0, return_inverse=True)[1].reshape(-1)
    return SchoolProblem(open=problem, columns=columns, rows=rows, records=records, kinds=kinds)


def _without_new_patterns(unfolded: Unfolded, perspective: str) -> Unfolded:
    """Only cells of outcome patterns that some pupil of the member has.

    An outsider who knows as much as that can narrow more than a real one, never less; and the problem is half as large.
    """
    inner = unfolded.inner
    keys = [perspective, "stage", "pattern"] if (inner["stage"] != "").any() else [perspective, "pattern"]
    uncut = inner[inner[FAMILY] == ""]
    there = uncut.loc[uncut["contributors"] > 0, keys].drop_duplicates()
    kept = pd.MultiIndex.from_frame(inner[keys]).isin(pd.MultiIndex.from_frame(there))
    links = sp.csr_array(unfolded.links[:, kept])
    return Unfolded(inner=inner[kept].reset_index(drop=True), links=links[np.diff(links.indptr) > 0])


def _columns(joint: pd.DataFrame, perspective: str) -> pd.DataFrame:
    uncut = (joint[FAMILY] == "").to_numpy()
    number = joint.groupby([perspective, *CLASS], sort=True).ngroup().to_numpy()
    return pd.DataFrame(
        {
            "member": joint[perspective].to_numpy(dtype=object),
            "stage": joint["stage"].to_numpy(dtype=object),
            "provider": joint["provider"].to_numpy(dtype=object),
            "class": np.where(uncut, number, -1),
            "kind": np.where(uncut, joint.groupby(list(CLASS), sort=True).ngroup().to_numpy(), -1),
            SCHOOL: joint[SCHOOL].fillna("").to_numpy(dtype=object),
        }
    )


def _school_rows(
    inner: Inner, joint: pd.DataFrame, columns: pd.DataFrame, names: Sequence[str], thresholds: Thresholds
) -> tuple[Rows, pd.DataFrame]:
    groups = _schools(joint, columns)
    limit = np.full(len(groups), float(thresholds.school_pupils))
    parts: list[Rows] = []
    records: list[dict[str, object]] = []
    for outcome in (each for each in inner.outcomes if each.indicator.name in names):
        perspective = outcome.indicator.perspective
        with_schools = replace(inner, groups={perspective: groups}, limits={outcome.indicator.name: limit}, insider={})
        parts += rows_of(with_schools, outcome, len(records)) + _between(with_schools, outcome, names)
        records += [
            {"indicator": outcome.indicator.name, SCHOOL: group.area, "member": min(group.codes), "stage": group.stage}
            for group in groups
        ]
    return stacked(parts), pd.DataFrame(records)


def _between(inner: Inner, outcome: Outcome, names: Sequence[str]) -> list[Rows]:
    """The few between an outcome and each wider one that schools have values of too; of no record."""
    by_name = {each.indicator.name: each for each in inner.outcomes}
    perspective, limit = outcome.indicator.perspective, inner.limits[outcome.indicator.name]
    member, found = membership(inner, perspective), []
    wider = by_name.get(outcome.indicator.within)
    while wider is not None:
        between = outcome.denominator & wider.numerator & ~outcome.numerator
        matrix = sp.csr_array(member.multiply(between.astype(float)))
        number = matrix @ inner.contributors
        few = np.flatnonzero((number > 0) & (number < limit))
        none = np.zeros(len(few), bool)
        if wider.indicator.name in names and len(few):
            found.append(
                Rows(
                    matrix=matrix[few],
                    record=np.full(len(few), NO_RECORD),
                    total=none,
                    visible=none,
                    primary=~none,
                    protection=limit[few],
                    weight=np.full(len(few), LIGHT),
                )
            )
        wider = by_name.get(wider.indicator.within)
    return found


def _schools(joint: pd.DataFrame, columns: pd.DataFrame) -> tuple[Group, ...]:
    """A group per school; a pupil who stands in two schools of a period is in neither."""
    some = joint["contributors"].to_numpy() > 0
    found: list[Group] = []
    keys = [SCHOOL, "member", "stage"]
    for (unit, member, stage), rows in columns[columns[SCHOOL] != ""].groupby(keys, sort=True):
        inside = np.zeros(len(columns), bool)
        inside[rows.index.to_numpy()] = True
        if (inside & some).any() and "|" not in str(unit):
            found.append(_group(str(unit), str(member), str(stage), inside))
    return tuple(found)


def _group(unit: str, member: str, stage: str, inside: Flags) -> Group:
    return Group(
        area_type=SCHOOL,
        area=unit,
        codes=frozenset([member]),
        provider=ALL,
        stage=stage or ALL,
        model=ALL,
        sex=ALL,
        background=ALL,
        inner=inside,
        published=True,
        complete=True,
        weight=1.0,
        of_main_provider=True,
    )


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


def support(matrix: sp.csr_array, row: int) -> NDArray[np.int64]:
    """The inner cells that a row sums."""
    return np.asarray(matrix[[row]].indices, dtype=np.int64)
