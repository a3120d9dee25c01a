"""The school part's gate: values per school, with everything the open part shows of the same pupils as known.

First within a class (the schools of a member that open tables do not tell apart): pupils are moved between its schools
only, so that no sum of the open part changes, shown or hidden. That keeps a school's hidden cell open whatever else is
known. Where the hidden cells of a class do not suffice for that (a school that is alone in its class), and for every
protected count of the open part itself, the whole problem is asked (school_attack.py): what the open part shows, what
schools show, and what an outsider has anyway, against the counts that may not be narrowed. Where one is, more schools
are hidden.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from metrics.declare import Indicator
from metrics.protect.auditing import audit
from metrics.protect.errors import DisclosureError, ProtectionError
from metrics.protect.gate import TOLERANCE, Report
from metrics.protect.known import Bound, KnownSum, bounded_schools
from metrics.protect.problem import Flags, Floats
from metrics.protect.school_attack import Attack
from metrics.protect.school_cells import SCHOOL, Asked
from metrics.protect.school_past import EarlierSchools, inside_of
from metrics.protect.school_problem import SchoolProblem, open_shown, school_problem
from metrics.protect.school_rows import NO_RECORD
from metrics.protect.suppress import protect_tables
from metrics.protect.tables import Known
from metrics.protect.written import _about, _silenced, share_numbers
from metrics.values import LONG_COLUMNS, Counts, Published, Status
from metrics.vocabulary import ALL, parse_period

Indices = NDArray[np.int64]
LEAST_SHOWN = 0.05
"""Where less than this share could be shown, none is: a region of small schools is not worth the search."""
LEAST_KEPT = 0.5
"""A correction that leaves a smaller share of the values of schools that were shown is not worth it."""


@dataclass(frozen=True, kw_only=True)
class SchoolTask:
    """One period (and stage) of a family: counts, the same with schools told apart, and the open part's rows of it.

    `earlier`: every table of the period that was published before, oldest first.
    """

    counts: Counts
    units: pd.DataFrame
    open_rows: pd.DataFrame
    earlier: Sequence[EarlierSchools] = ()


@dataclass(frozen=True, kw_only=True)
class Rules(Asked):
    """What is the same for every period of a family, and what an outsider has anyway."""

    known: Sequence[KnownSum]


Solved = tuple[pd.DataFrame, Report]


def protect_schools(
    tasks: Sequence[SchoolTask], rules: Rules, workers: int = 1
) -> tuple[Published, list[Report], frozenset[str]]:
    """Values per school (`area` is its code) of every task, and what was checked of each period and stage.

    Also the periods that cannot be told anew, where somebody with every release would learn too much of few: their
    earlier values stand, and so must their open part.
    """
    solve = partial(_solved, rules=rules)
    if workers > 1 and len(tasks) > 1:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            solved = list(pool.map(solve, tasks))
    else:
        solved = [solve(task) for task in tasks]
    periods = [task.counts.periods[0] for task in tasks]
    waiting = frozenset(period for period, found in zip(periods, solved, strict=True) if found is None)
    told = [found for period, found in zip(periods, solved, strict=True) if found is not None and period not in waiting]
    rows = pd.concat([pd.DataFrame(columns=LONG_COLUMNS), *(rows for rows, _ in told)], ignore_index=True)
    return Published(values=rows.loc[:, list(LONG_COLUMNS)]), [report for _, report in told], waiting


def still_published(values: pd.DataFrame) -> Published:
    """Values that passed the gate for an earlier release or this one, as one table."""
    return Published(values=values)


def _solved(task: SchoolTask, rules: Rules) -> Solved | None:
    """A task's rows and report; None where its earlier tables stand."""
    try:
        problem, hidden, report = hidden_schools(task, rules)
    except (ProtectionError, DisclosureError):
        if task.earlier:
            return None
        raise
    if task.earlier and (~hidden).sum() < LEAST_KEPT * (task.earlier[-1].rows["status"] == Status.SHOWN).sum():
        return None
    named = {each.name: each for each in rules.indicators}
    counts, period = task.counts, task.counts.periods[0]
    parts = []
    for name, records in problem.records.assign(hidden=hidden).groupby("indicator", sort=False):
        indicator = named[str(name)]
        inside = task.units[task.units[f"{name}__denominator"] > 0]
        amounts = inside.assign(numerator=inside["contributors"] * inside[f"{name}__numerator"])
        sums = amounts.groupby(SCHOOL)[["numerator", "contributors"]].sum().reindex(records[SCHOOL]).fillna(0)
        numbers = share_numbers(indicator.unit, *(sums[each].to_numpy(dtype=float) for each in sums))
        rows = pd.concat([_keys(indicator, records.reset_index(drop=True), counts, period), numbers], axis=1)
        parts.append(rows[rows["denominator"] > 0].drop(columns="pupils"))
    return _silenced(pd.concat(parts, ignore_index=True)), report


def _keys(indicator: Indicator, records: pd.DataFrame, counts: Counts, period: str) -> pd.DataFrame:
    apart = counts.not_comparable
    apart = apart[(apart["period"] == period) & (apart["indicator"] == indicator.name)]
    early = ((counts.not_yet["period"] == period) & (counts.not_yet["indicator"] == indicator.name)).any()
    status = np.where(records["hidden"], str(Status.HIDDEN), str(Status.SHOWN))
    status = np.where(records["member"].isin(set(apart["municipality"])), str(Status.NOT_COMPARABLE), status)
    rows = pd.DataFrame({"area": records[SCHOOL], "stage": records["stage"], "status": status})
    rows = rows.assign(area_type=SCHOOL, **dict.fromkeys(("provider", "model", "sex", "background"), ALL))
    rows["status"] = str(Status.NOT_YET_OBSERVABLE) if early else rows["status"]
    return rows.assign(**_about(indicator, parse_period(period, counts.period_kind)))


def hidden_schools(task: SchoolTask, rules: Rules) -> tuple[SchoolProblem, Flags, Report]:
    """The problem, its hidden records (school x indicator), and how much was checked."""
    problem = school_problem(task.counts, task.units, rules, open_rows=task.open_rows, earlier=task.earlier)
    hidden, asked = _hidden(problem, task, rules)
    report = {
        "period": task.counts.periods[0],
        "stage": str(problem.records["stage"].iloc[0]) if len(problem.records) else ALL,
        "cells": len(problem.records),
        "hidden": int(hidden.sum()),
        "asked": asked,
        "narrow": 0,
    }
    return problem, hidden, report


def _hidden(problem: SchoolProblem, task: SchoolTask, rules: Rules) -> tuple[Flags, int]:
    """Hidden records, and how many counts were asked about; all are hidden where the gate cannot say that fewer suffice.

    Of a period that was published before even all may be too few to hide: DisclosureError.
    """
    try:
        return _fewest(problem, task, rules)
    except (ProtectionError, DisclosureError):
        if task.earlier:
            raise
        return np.ones(len(problem.records), bool), 0


def _fewest(problem: SchoolProblem, task: SchoolTask, rules: Rules) -> tuple[Flags, int]:
    stated = [each for each in rules.known if each.period == task.counts.periods[0]]
    units = problem.columns[SCHOOL].where(problem.columns["now"], "").to_numpy()
    own = bounded_schools(problem.open.joint, units, stated)
    hidden, stuck = within_classes(problem, own)
    if (~hidden).sum() < LEAST_SHOWN * len(hidden):
        hidden = np.ones(len(hidden), bool)
        if not task.earlier:
            return hidden, 0
    attack = Attack.on(problem, open_shown(problem.open, task.open_rows), stuck, stated, own)
    return attack.hide(hidden), len(attack.targets)


def within_classes(problem: SchoolProblem, own: Sequence[Bound] = ()) -> tuple[Flags, Indices]:
    """Hidden records, and the protected rows that moving pupils within their classes does not keep open.

    own: what an outsider knows of single schools anyway.
    """
    rows = problem.rows
    hidden_rows, stuck = rows.primary.copy(), np.zeros(len(rows.primary), bool)
    for inside, cells in _components(problem):
        primary = rows.primary[inside]
        if not primary.any():
            continue
        matrix, counts = rows.matrix[inside][:, cells], problem.open.joint.contributors[cells]
        known: Known = [_class_sums(problem, cells, counts), *inside_of([*own, *problem.past.schools], cells)]
        width = rows.protection[inside]
        found = protect_tables(matrix, counts, primary, width, known, weights=rows.weight[inside])
        found = _whole_records(rows.record[inside], found)
        targets = np.flatnonzero(primary)
        left = np.diff(audit(matrix, counts, found, targets, known), axis=1)[:, 0]
        hidden_rows[inside] |= found
        stuck[inside[targets]] = left < width[targets] - TOLERANCE
    hidden = np.zeros(len(problem.records), bool)
    hidden[rows.record[hidden_rows & (rows.record != NO_RECORD)]] = True
    return hidden, np.flatnonzero(stuck)


def _whole_records(record: Indices, found: Flags) -> Flags:
    """A record is hidden when one of its rows is; then so are its other rows."""
    return found | np.isin(record, record[found & (record != NO_RECORD)])


def _components(problem: SchoolProblem) -> list[tuple[Indices, Indices]]:
    """Rows and inner cells of every group of classes that schools tie together (usually one class)."""
    columns = problem.columns
    told = np.flatnonzero((columns["class"] >= 0).to_numpy() & (columns[SCHOOL] != "").to_numpy())
    pairs = columns.iloc[told].groupby([SCHOOL, "class"], sort=True).ngroup().to_numpy()
    units, classes = (pd.factorize(columns.iloc[told][name], sort=True)[0] for name in (SCHOOL, "class"))
    size = int(units.max(initial=-1)) + 1
    first = np.unique(pairs, return_index=True)[1]
    ends = (units[first], size + classes[first])
    graph = sp.csr_array((np.ones(len(first)), ends), shape=(size + classes.max(initial=-1) + 1,) * 2)
    label = connected_components(graph, directed=False)[1]
    of_cell = np.full(len(columns), -1)
    of_cell[told] = label[units]
    rows = problem.rows.matrix
    of_row = np.full(rows.shape[0], -1)
    some = np.diff(rows.indptr) > 0
    of_row[some] = of_cell[rows.indices[rows.indptr[:-1][some]]]
    numbers = np.unique(of_row[some])
    whole = [(np.flatnonzero(of_row == number), np.flatnonzero(of_cell == number)) for number in numbers]
    return [(inside, cells) for inside, cells in whole if len(inside)]


def _class_sums(problem: SchoolProblem, cells: Indices, counts: Floats) -> tuple[sp.csr_array, Floats, Floats]:
    """How many pupils of each kind a class has: held still, whatever the open part shows of it."""
    keys = pd.DataFrame({"class": problem.columns["class"].to_numpy()[cells], "kind": problem.kinds[cells]})
    number = keys.groupby(["class", "kind"], sort=True).ngroup().to_numpy()
    sums = sp.csr_array((np.ones(len(cells)), (number, np.arange(len(cells)))))
    truth = sums @ counts
    return sums, truth, truth
