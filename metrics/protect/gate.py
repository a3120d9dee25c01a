"""The gate: true counts go in, values that disclose no one come out, and nothing passes unaudited."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from metrics.declare import Indicator
from metrics.layout import Layout, together
from metrics.protect.auditing import intervals, widths_seen
from metrics.protect.beside import Bounds, tellable
from metrics.protect.between import hide_few_between
from metrics.protect.errors import DisclosureError, ProtectionError
from metrics.protect.follows import open_in_places
from metrics.protect.for_members import hidden_for_members
from metrics.protect.generations import PART, EarlierTable, History, weave
from metrics.protect.groups import Place, groups_of
from metrics.protect.insiders import narrowed_by_members, owned, with_own
from metrics.protect.known import KnownSum, bounded_rows
from metrics.protect.magnitudes import hide_sums
from metrics.protect.past import Past, Setting, nothing_earlier, past_of
from metrics.protect.past_sums import loses_a_total, moves_few_sums, told_sums
from metrics.protect.patterns import with_patterns
from metrics.protect.possible import only_possible
from metrics.protect.problem import (
    Flags,
    Problem,
    inner_of,
    last_to_go,
    membership,
    problem_of,
    with_limits,
    with_rows,
)
from metrics.protect.suppress import protect_with_tables
from metrics.protect.tables import Known, Tables, tables
from metrics.protect.thresholds import Thresholds
from metrics.protect.unfold import Unfolded, unfold
from metrics.protect.written import absent_rows, early_rows, pooled_rows, written
from metrics.values import DIMENSION_COLUMNS, LONG_COLUMNS, Counts, Published
from metrics.vocabulary import ALL, Region

TOLERANCE = 1e-3
SPARE = 1000.0
"""An outsider who thinks that at most so many times k more pupils exist than do is stronger than any real one."""
NEAR_ONE = 50.0
"""Denominators above this are not told that they are at least 1 while cells are chosen; the audit tells all."""

Report = dict[str, Any]
Solved = tuple[list[pd.DataFrame], Report]
Task = tuple[Counts, Sequence[EarlierTable]]
Stated = tuple[Sequence[KnownSum], Sequence[KnownSum]]
"""What an outsider has anyway, and what would be told beside the tables."""


def protect(
    counts: Counts,
    layout: Layout,
    *,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
    known: Sequence[KnownSum] = (),
    beside: Sequence[KnownSum] = (),
    history: History | None = None,
    workers: int = 1,
) -> tuple[Published, Report]:
    """Every value of the layout with its status, and what was audited (numbers of cells, no values).

    `beside`: what would be told of groups that are no cells; the report's `beside` says of which it may be.
    `history`: earlier tables of periods that were published before. Those that stand are not solved again; the others
    are solved as one more table about the same pupils, or held at their last table (`held` in the report) where a
    reader of both would learn too much. `workers`: processes that solve periods beside each other, with one result.

    DisclosureError when the audit finds a value that an outsider could narrow more than the thresholds allow.
    """
    present = [each for each in indicators if f"{each.name}__denominator" in counts.inner.columns]
    past = history or History()
    parts = [past.tables[period][-1].rows for period in sorted(past.stands)]
    stated = (tuple(known), tuple(beside))
    solve = partial(_one_period, layout=layout, indicators=present, region=region, thresholds=thresholds, stated=stated)
    new = [period for period in counts.periods if period not in past.stands]
    tasks = [(_only(counts, period), past.tables.get(period, ())) for period in new]
    reports, held, solved = [], [], {}
    for period, found in zip(new, _side_by_side(solve, tasks, workers), strict=True):
        if found is None:
            held.append(period)
            parts.append(past.tables[period][-1].rows)
            continue
        rows, report = found
        solved[period] = pd.concat(rows, ignore_index=True)
        parts.append(solved[period])
        reports.append(report)
    yearly = pd.concat(parts, ignore_index=True)
    counted = past.counts(counts, set(solved))
    whole = pd.concat([yearly, pooled_rows(yearly, counted, layout, present, region)], ignore_index=True)
    report = _summed(reports) | {"held": held, "solved": solved}
    return Published(values=whole.loc[:, list(LONG_COLUMNS)]), report


def _only(counts: Counts, period: str) -> Counts:
    """The counts of one period, with what is missing or too early in it."""
    inner = counts.inner[counts.inner["period"] == period].reset_index(drop=True)
    return replace(counts, inner=inner)


def _side_by_side(
    solve: Callable[[Task], Solved | None], tasks: Sequence[Task], workers: int
) -> Iterator[Solved | None]:
    """Solve each task, in several processes if asked; in their order."""
    if workers <= 1 or len(tasks) <= 1:
        yield from map(solve, tasks)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(solve, tasks)


def _one_period(
    task: Task,
    *,
    layout: Layout,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
    stated: Stated,
) -> Solved | None:
    """The rows of the only period in these counts, and its report; None when it is held at its last earlier table."""
    counts, earlier = task
    period = counts.periods[0]
    try:
        found = _period(counts, period, layout, indicators, region, thresholds, stated, earlier)
    except (ProtectionError, DisclosureError):
        if not earlier:
            raise
        return None
    if found is None:
        return None
    rows, report = found
    absent = absent_rows(counts, period, layout, indicators, region)
    return [rows, absent, early_rows(counts, period, indicators, region)], report


def _period(
    counts: Counts,
    period: str,
    layout: Layout,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
    known: Stated,
    earlier: Sequence[EarlierTable] = (),
) -> tuple[pd.DataFrame, Report] | None:
    problem, frame, past = joint_problem(counts, period, layout, indicators, region, thresholds, earlier)
    if past.held:
        return None
    official, contradictions = bounded_rows(problem.joint, [each for each in known[0] if each.period == period])
    stated = [*official, *past.known]
    problem = with_rows(problem, past.rows)
    anyway = [*stated, *absent_groups(problem)]
    members = layout.members or thresholds.members
    told = told_sums(problem, frame, earlier)

    def solve(asked: Problem) -> tuple[Flags, sp.csr_array]:
        hidden, found = _hidden(asked, layout, anyway, members)
        return without_member(asked, _with_sums(asked, frame, hidden, thresholds, told)), found

    known_of_all = [*anyway, *at_least_one(problem, np.inf)]
    problem, hidden, found = open_in_places(problem, solve, known_of_all, thresholds.pupils)
    narrow = _audited(problem, hidden, stated, found, members)
    if narrow:
        raise DisclosureError(f"every protected count of {counts.population} {period} stays open, got: {narrow} narrow")
    rows = written(problem, hidden, frame, counts, period, thresholds)
    if earlier and (
        loses_a_total(rows, earlier[-1], counts.main_provider)
        or narrow_changes(problem, hidden, stated, past, members=members)
    ):
        return None

    def narrows(more: Bounds) -> bool:
        told = [*stated, *more]
        narrow = _audited(problem, hidden, told, found, members)
        return bool(narrow or narrow_changes(problem, hidden, told, past, members=members))

    return rows, {
        "period": period,
        **_sizes(problem, hidden),
        "contradictions": contradictions,
        "narrow": narrow,
        "beside": tellable(problem.joint, [each for each in known[1] if each.period == period], narrows),
    }


def _sizes(problem: Problem, hidden: Flags) -> dict[str, int]:
    """How many cells there are, how many of them are protected, and how many published values are hidden."""
    return {
        "cells": int(problem.rows.visible.sum()),
        "protected": int(problem.rows.primary.sum()),
        "hidden": int((hidden & problem.records["published"].to_numpy()).sum()),
    }


def _hidden(problem: Problem, layout: Layout, anyway: Known, members: bool) -> tuple[Flags, sp.csr_array]:
    """The hidden records, and the tables that show how far each protected count can vary. `anyway`: what is known besides."""
    last = [last_to_go(problem, each, by_stage=layout.by_stage) for each in layout.last]
    hidden_rows, found = protect_with_tables(
        problem.rows.matrix,
        problem.joint.contributors,
        problem.rows.primary,
        problem.rows.protection,
        [*anyway, *at_least_one(problem, NEAR_ONE)],
        weights=problem.rows.weight,
        links=problem.links,
        labels=problem.labels,
        last=last,
    )
    hidden = hidden_records(problem, hidden_rows)
    if not members:
        return hidden, found
    return hidden_for_members(problem, hidden, [*anyway, *at_least_one(problem, np.inf)], found, last)


def joint_problem(
    counts: Counts,
    period: str,
    layout: Layout,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
    earlier: Sequence[EarlierTable] = (),
) -> tuple[Problem, pd.DataFrame, Past]:
    """The joint problem of one period, its inner rows as they were counted, and what earlier tables of it add."""
    frame = counts.inner[counts.inner["period"] == period].reset_index(drop=True)
    dimensions = list(DIMENSION_COLUMNS)
    frame = frame.assign(**frame[dimensions].fillna("").astype(str))
    perspectives = list(dict.fromkeys(each.perspective for each in indicators))
    places = {name: _place(counts, period, name, region) for name in perspectives}
    woven = weave([*(table.inner for table in earlier), frame]) if earlier else None
    cells, patterns = with_patterns(woven.frame if woven else frame, indicators)
    whose = [*perspectives, PART] if woven else perspectives
    providers = [counts.main_provider, *(table.main_provider for table in earlier)]
    unfolded = _unfolded(cells, patterns, [layout, *(table.layout for table in earlier)], indicators, whose, providers)
    joint = unfolded.inner.join(patterns, on="pattern")
    plain = inner_of(frame, indicators, {name: groups_of(frame, layout, place) for name, place in places.items()})
    whole = with_limits(plain, frame, thresholds)
    if woven is None:
        groups = {name: groups_of(joint, layout, place) for name, place in places.items()}
        return problem_of(whole, inner_of(joint, indicators, groups), unfolded), frame, nothing_earlier(len(joint))
    if moves_few_sums([table.inner for table in earlier], frame, indicators, layout, places, thresholds):
        raise ProtectionError("a changed sum changed for at least k pupils, got: fewer")
    setting = Setting(
        woven=replace(woven, frame=cells),
        rows=joint,
        inner=inner_of(joint, indicators, {}),
        region=region,
        thresholds=thresholds,
        main_provider=counts.main_provider,
    )
    groups = setting.groups(joint, len(earlier), layout, places)
    problem = problem_of(whole, inner_of(joint, indicators, groups), unfolded)
    newest = setting.woven.inside(joint, len(earlier))
    problem = replace(problem, places=np.where(newest, problem.places, -1))
    return problem, frame, past_of(setting, earlier, layout, places)


def _unfolded(
    cells: pd.DataFrame,
    patterns: pd.DataFrame,
    layouts: Sequence[Layout],
    indicators: Sequence[Indicator],
    places: Sequence[str],
    providers: Sequence[str],
) -> Unfolded:
    """The inner cells that every one of these layouts tells apart, without those that anyone can rule out."""
    found = unfold(
        cells,
        together(layouts),
        places=places,
        main_provider=next((each for each in providers if each != ALL), ALL),
        patterns=len(patterns),
    )
    return only_possible(found, cells, patterns, indicators, places)


def _place(counts: Counts, period: str, perspective: str, region: Region) -> Place:
    rows = counts.missing[counts.missing["period"] == period]
    missing = set(zip(rows["municipality"], rows["provider"], strict=True))
    return Place(region=region, column=perspective, main_provider=counts.main_provider, missing=missing)


def at_least_one(problem: Problem, most: float) -> Known:
    """A row that stands in a table, hidden or not, says that its denominator is at least 1."""
    rows = problem.rows
    few = rows.total & rows.visible & (rows.matrix @ problem.joint.contributors <= most)
    return [(rows.matrix[few], 1.0, np.inf)] if few.any() else []


def absent_groups(problem: Problem) -> Known:
    """A group with a row for one indicator and none for another says that no one is in the other's denominator."""
    found = []
    for outcome in problem.joint.outcomes:
        member = membership(problem.joint, outcome.indicator.perspective).multiply(outcome.denominator.astype(float))
        rows = sp.csr_array(member)
        rows.eliminate_zeros()
        empty = (rows @ problem.joint.contributors == 0) & (np.diff(rows.indptr) > 0)
        found += [(rows[empty], 0.0, 0.0)] if empty.any() else []
    return found


def hidden_records(problem: Problem, hidden_rows: Flags) -> Flags:
    """A record is hidden when its denominator or its numerator is."""
    hidden = np.zeros(len(problem.records), bool)
    rows = problem.rows
    hidden[rows.record[rows.visible & hidden_rows]] = True
    return hidden


def _audited(problem: Problem, hidden: Flags, stated: Known, found: sp.csr_array, members: bool) -> int:
    """How many protected counts an outsider, or a member with all its own pupils, can narrow too much."""
    narrow = audit_release(problem, hidden, stated, found)
    if narrow or not members:
        return narrow
    known = [*stated, *absent_groups(problem), *at_least_one(problem, np.inf)]
    return narrowed_by_members(problem, hidden, known, found)


def _with_sums(problem: Problem, frame: pd.DataFrame, hidden: Flags, thresholds: Thresholds, told: Flags) -> Flags:
    hidden = hidden.copy()
    for outcome in problem.inner.outcomes:
        if outcome.magnitude:
            own = (problem.records["indicator"] == outcome.indicator.name).to_numpy()
            hidden[own] = hide_sums(problem, outcome, frame, hidden[own], thresholds, told[own])
    return hide_few_between(problem, frame, hidden, told)


def without_member(problem: Problem, hidden: Flags) -> Flags:
    """The region without a member is the region less the member: hidden unless both are shown."""
    hidden, cut = hidden.copy(), ("provider", "stage", "model", "sex", "background")
    seen: dict[tuple[str, ...], bool] = {}
    rest: list[tuple[int, tuple[str, ...], str]] = []
    for number, (indicator, perspective, place) in enumerate(
        zip(*(problem.records[name] for name in ("indicator", "perspective", "group")), strict=True)
    ):
        group = problem.inner.groups[str(perspective)][int(place)]
        key = (str(indicator), *(str(getattr(group, name)) for name in cut))
        if group.area_type == "rest_of_region":
            rest.append((number, key, group.area))
        else:
            seen[(group.area_type, "" if group.area_type == "region" else group.area, *key)] = bool(hidden[number])
    for number, key, area in rest:
        hidden[number] = seen.get(("municipality", area, *key), True) or seen.get(("region", "", *key), True)
    return hidden


def audit_release(problem: Problem, hidden: Flags, stated: Known, changes: sp.csr_array | None = None) -> int:
    """How many protected counts an outsider can narrow too much, given every number of the shown records.

    changes: tables that may be possible (tables x inner cells, less the true one). They are checked against everything
    that is told; only for counts that they do not leave open enough are others looked for.
    """
    rows = problem.rows
    shown = rows.visible & ~hidden[rows.record]
    targets = np.flatnonzero(rows.primary)
    known = [*stated, *absent_groups(problem), *at_least_one(problem, np.inf)]
    joint = tables(rows.matrix, problem.joint.contributors, known, problem.links)
    if changes is not None:
        seen = widths_seen(joint, ~shown, targets, changes)
        targets = targets[seen < rows.protection[targets] - TOLERANCE]
    found = intervals(joint, ~shown, targets, rows.protection[targets])
    wide = found[:, 1] - found[:, 0]
    narrow = targets[wide < rows.protection[targets] - TOLERANCE]
    if not len(narrow):
        return 0
    alone = intervals(joint, np.ones(len(shown), bool), narrow)
    asked = np.minimum(rows.protection[narrow], alone[:, 1] - alone[:, 0])
    left = intervals(joint, ~shown, narrow)
    return int((left[:, 1] - left[:, 0] < asked - TOLERANCE).sum())


def narrow_changes(problem: Problem, hidden: Flags, stated: Known, past: Past, *, members: bool = False) -> int:
    """How many changes since earlier tables, made by few pupils, someone with all of them can narrow too much.

    members: also each member with all its own pupils, among changes that others' pupils have a part in.
    """
    if not past.changes.shape[0]:
        return 0
    rows, counts = problem.rows, problem.joint.contributors
    everyone = sp.csr_array(np.ones((1, len(counts))))
    most = counts.sum() + SPARE * float(past.limits.max())
    known = [*stated, *absent_groups(problem), *at_least_one(problem, np.inf), (everyone, 0.0, most)]
    joint = tables(rows.matrix, counts, known, problem.links)
    shown = rows.visible & ~hidden[rows.record]
    joint = replace(joint, matrix=sp.csr_array(sp.vstack([rows.matrix, past.changes])))
    behind = np.concatenate([~shown, np.ones(len(past.limits), bool)])
    several = owned(problem) if members else []
    return sum(_few_seen(joint, behind, past, own) for own in (np.zeros(len(counts), bool), *several))


def _few_seen(joint: Tables, hidden: Flags, past: Past, own: Flags) -> int:
    """The changes with others' part in them that are too narrow for someone who knows its own inner cells."""
    asked = np.flatnonzero(abs(past.changes) @ (joint.counts * ~own) > 0 if own.any() else past.limits > 0)
    found = intervals(with_own(joint, own), hidden, len(hidden) - len(past.limits) + asked)
    return int((found[:, 1] - found[:, 0] < past.limits[asked] - TOLERANCE).sum())


def _summed(reports: Sequence[Report]) -> Report:
    """The audit of every period, and their sums."""
    sums = {
        name: sum(report[name] for report in reports) for name in ("cells", "protected", "hidden", "contradictions")
    }
    beside = [each for report in reports for each in report["beside"]]
    return {**sums, "narrow": 0, "periods": list(reports), "beside": beside}
