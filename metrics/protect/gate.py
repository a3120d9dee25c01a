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
from metrics.layout import Layout
from metrics.protect.auditing import intervals
from metrics.protect.errors import DisclosureError
from metrics.protect.groups import Group, Place, groups_of
from metrics.protect.known import KnownSum, bounded_rows
from metrics.protect.magnitudes import hide_sums
from metrics.protect.problem import Flags, Problem, inner_of, membership, problem_of, with_limits, with_patterns
from metrics.protect.suppress import protect_tables
from metrics.protect.tables import Known, tables
from metrics.protect.thresholds import Thresholds
from metrics.protect.unfold import unfold
from metrics.protect.written import absent_rows, early_rows, pooled_rows, written
from metrics.values import DIMENSION_COLUMNS, LONG_COLUMNS, Counts, Published
from metrics.vocabulary import Region, parse_period

TOLERANCE = 1e-3
NEAR_ONE = 50.0
"""Denominators above this are not told that they are at least 1 while cells are chosen; the audit tells all."""

Report = dict[str, Any]
Solved = tuple[list[pd.DataFrame], Report]


def protect(
    counts: Counts,
    layout: Layout,
    *,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
    known: Sequence[KnownSum] = (),
    earlier: pd.DataFrame | None = None,
    workers: int = 1,
) -> tuple[Published, Report]:
    """Every value of the layout with its status, and what was audited (numbers of cells, no values).

    `earlier`: the yearly rows that were published before; their periods stand as they were and are not solved again.
    `workers`: processes that solve periods beside each other; the result is the same with any number.

    DisclosureError when the audit finds a value that an outsider could narrow more than the thresholds allow.
    """
    present = [each for each in indicators if f"{each.name}__denominator" in counts.inner.columns]
    parts, reports = [], []
    before = pd.DataFrame() if earlier is None else earlier
    stands = set(before["period_to"]) if len(before) else set()
    parts.append(before)
    new = [each for each in counts.periods if parse_period(each, counts.period_kind).end.isoformat() not in stands]
    solve = partial(
        _one_period, layout=layout, indicators=present, region=region, thresholds=thresholds, known=tuple(known)
    )
    for rows, report in _side_by_side(solve, [_only(counts, period) for period in new], workers):
        parts += rows
        reports.append(report)
    yearly = pd.concat(parts, ignore_index=True)
    whole = pd.concat([yearly, pooled_rows(yearly, counts, layout, present, region)], ignore_index=True)
    return Published(values=whole.loc[:, list(LONG_COLUMNS)]), _summed(reports)


def _only(counts: Counts, period: str) -> Counts:
    """The counts of one period, with what is missing or too early in it."""
    inner = counts.inner[counts.inner["period"] == period].reset_index(drop=True)
    return replace(counts, inner=inner)


def _side_by_side(solve: Callable[[Counts], Solved], counts: Sequence[Counts], workers: int) -> Iterator[Solved]:
    """Solve each of the counts, in several processes if asked; in their order."""
    if workers <= 1 or len(counts) <= 1:
        yield from map(solve, counts)
        return
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(solve, counts)


def _one_period(
    counts: Counts,
    *,
    layout: Layout,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
    known: Sequence[KnownSum],
) -> Solved:
    """The rows of the only period in these counts, and its report."""
    period = counts.periods[0]
    rows, report = _period(counts, period, layout, indicators, region, thresholds, known)
    absent = absent_rows(counts, period, layout, indicators, region)
    return [rows, absent, early_rows(counts, period, indicators, region)], report


def _period(
    counts: Counts,
    period: str,
    layout: Layout,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
    known: Sequence[KnownSum],
) -> tuple[pd.DataFrame, Report]:
    problem, frame = joint_problem(counts, period, layout, indicators, region, thresholds)
    stated, contradictions = bounded_rows(problem.joint, [each for each in known if each.period == period])
    hidden_rows = protect_tables(
        problem.rows.matrix,
        problem.joint.contributors,
        problem.rows.primary,
        problem.rows.protection,
        [*stated, *absent_groups(problem), *at_least_one(problem, NEAR_ONE)],
        weights=problem.rows.weight,
        links=problem.links,
        labels=problem.labels,
    )
    hidden = hidden_records(problem, hidden_rows)
    hidden = without_member(problem, _with_sums(problem, frame, hidden, thresholds))
    narrow = audit_release(problem, hidden, stated)
    if narrow:
        raise DisclosureError(f"every protected count of {counts.population} {period} stays open, got: {narrow} narrow")
    report = {
        "period": period,
        "cells": int(problem.rows.visible.sum()),
        "protected": int(problem.rows.primary.sum()),
        "hidden": int((hidden & problem.records["published"].to_numpy()).sum()),
        "contradictions": contradictions,
        "narrow": narrow,
    }
    return written(problem, hidden, frame, counts, period), report


def joint_problem(
    counts: Counts,
    period: str,
    layout: Layout,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
) -> tuple[Problem, pd.DataFrame]:
    """The joint problem of one period, and its inner rows as they were counted."""
    frame = counts.inner[counts.inner["period"] == period].reset_index(drop=True)
    dimensions = list(DIMENSION_COLUMNS)
    frame, patterns = with_patterns(frame.assign(**frame[dimensions].fillna("").astype(str)), indicators)
    perspectives = list(dict.fromkeys(each.perspective for each in indicators))
    unfolded = unfold(frame, layout, places=perspectives, main_provider=counts.main_provider, patterns=len(patterns))
    joint = unfolded.inner.join(patterns, on="pattern")
    found = []
    for rows in (frame, joint):
        groups = {name: _groups(rows, counts, period, layout, name, region) for name in perspectives}
        found.append(inner_of(rows, indicators, groups))
    return problem_of(with_limits(found[0], frame, thresholds), found[1], unfolded), frame


def _groups(
    frame: pd.DataFrame, counts: Counts, period: str, layout: Layout, perspective: str, region: Region
) -> list[Group]:
    rows = counts.missing[counts.missing["period"] == period]
    missing = set(zip(rows["municipality"], rows["provider"], strict=True))
    place = Place(region=region, column=perspective, main_provider=counts.main_provider, missing=missing)
    return groups_of(frame, layout, place)


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


def _with_sums(problem: Problem, frame: pd.DataFrame, hidden: Flags, thresholds: Thresholds) -> Flags:
    hidden = hidden.copy()
    for outcome in problem.inner.outcomes:
        if outcome.magnitude:
            own = (problem.records["indicator"] == outcome.indicator.name).to_numpy()
            hidden[own] = hide_sums(problem, outcome, frame, hidden[own], thresholds)
    return hidden


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


def audit_release(problem: Problem, hidden: Flags, stated: Known) -> int:
    """How many protected counts an outsider can narrow too much, given every number of the shown records."""
    rows = problem.rows
    shown = rows.visible & ~hidden[rows.record]
    targets = np.flatnonzero(rows.primary)
    known = [*stated, *absent_groups(problem), *at_least_one(problem, np.inf)]
    joint = tables(rows.matrix, problem.joint.contributors, known, problem.links)
    found = intervals(joint, ~shown, targets, rows.protection[targets])
    wide = found[:, 1] - found[:, 0]
    narrow = targets[wide < rows.protection[targets] - TOLERANCE]
    if not len(narrow):
        return 0
    alone = intervals(joint, np.ones(len(shown), bool), narrow)
    asked = np.minimum(rows.protection[narrow], alone[:, 1] - alone[:, 0])
    left = intervals(joint, ~shown, narrow)
    return int((left[:, 1] - left[:, 0] < asked - TOLERANCE).sum())


def _summed(reports: Sequence[Report]) -> Report:
    """The audit of every period, and their sums."""
    sums = {
        name: sum(report[name] for report in reports) for name in ("cells", "protected", "hidden", "contradictions")
    }
    return {**sums, "narrow": 0, "periods": list(reports)}
