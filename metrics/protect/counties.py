"""The gate for a region of many members: county by county, with what the region shows of each county held still.

The region's own rows are solved first, by themselves. Then every county is a joint problem of its own members, in which
each shown row of the region keeps its part of the county: tables that are possible there are possible in the whole
region, whatever other counties show. A hidden row of the region is kept open in the county that has most of its pupils.
A county that cannot keep something open by itself (it has a single member, or only one has the model) is solved
together with its neighbour.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.layout import Layout
from metrics.protect.auditing import intervals, widths_seen
from metrics.protect.errors import DisclosureError, ProtectionError
from metrics.protect.gate import (
    NEAR_ONE,
    TOLERANCE,
    Report,
    _summed,
    _with_sums,
    absent_groups,
    at_least_one,
    hidden_records,
    joint_problem,
)
from metrics.protect.generations import History
from metrics.protect.groups import Group
from metrics.protect.known import KnownSum, bounded_rows
from metrics.protect.problem import LIGHT, Flags, Floats, Inner, Problem, Rows, applies, problem_of, with_rows
from metrics.protect.suppress import protect_with_tables
from metrics.protect.tables import Known, Tables, tables
from metrics.protect.thresholds import Thresholds
from metrics.protect.written import absent_rows, early_rows, pooled_rows, written
from metrics.values import LONG_COLUMNS, Counts, Published
from metrics.vocabulary import Region

MOST_TOGETHER = 40
"""A region of more members than this is solved county by county: the time of one problem grows with their square."""
COUNTY_DIGITS = 2
REGION_CUTS = frozenset({"provider", "stage", "sex"})
"""What the region is cut by. By model or background a county has so few of some cut that its part could not be held still."""
CUT = ("provider", "stage", "model", "sex", "background")
Key = tuple[str, ...]
Cells = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What is the same for every county."""

    layout: Layout
    indicators: Sequence[Indicator]
    region: Region
    thresholds: Thresholds
    known: Sequence[KnownSum]


@dataclass(frozen=True, kw_only=True)
class Linked:
    """The region's hidden rows (indicator and cut), and the protected classes of them: how open, and who keeps them so."""

    hidden: frozenset[Key]
    classes: dict[Key, float]
    keeper: dict[Key, str]
    """The county with most pupils of the class's group."""


@dataclass(frozen=True, kw_only=True)
class Solved:
    """A county's rows of the long table, and its audit."""

    rows: pd.DataFrame
    report: Report


def protect_by_county(
    counts: Counts,
    layout: Layout,
    *,
    indicators: Sequence[Indicator],
    region: Region,
    thresholds: Thresholds,
    known: Sequence[KnownSum] = (),
    history: History | None = None,
    workers: int = 1,
) -> tuple[Published, Report]:
    """As `gate.protect`, for a family that is seen from one place.

    The region has rows in total and by REGION_CUTS; the region without a member has none.

    A period that was published before and has changed is held at its last table.
    """
    present = [each for each in indicators if f"{each.name}__denominator" in counts.inner.columns]
    if len({each.perspective for each in present}) != 1:
        raise ProtectionError("a family solved by county is seen from one place, got: several")
    kept = _linked_tables(layout)
    if any(each.area == region.name for each in known):
        raise ProtectionError("what is known beside a region solved by county is of its members, got: of the region")
    setting = Setting(layout=kept, indicators=present, region=region, thresholds=thresholds, known=tuple(known))
    past = history or History()
    earlier = [period for period in counts.periods if period in past.tables]
    solved, reports = {}, []
    for period in (each for each in counts.periods if each not in past.tables):
        solved[period], report = _period(counts, period, setting, workers)
        reports.append(report)
    yearly = pd.concat([*(past.tables[each][-1].rows for each in earlier), *solved.values()], ignore_index=True)
    whole = pd.concat([yearly, pooled_rows(yearly, counts, kept, present, region)], ignore_index=True)
    held = [each for each in earlier if each not in past.stands]
    return Published(values=whole.loc[:, list(LONG_COLUMNS)]), _summed(reports) | {"held": held, "solved": solved}


def _linked_tables(layout: Layout) -> Layout:
    """The members' tables, and the region's as far as counties can hold them still."""
    tables = (
        each
        for each in layout.tables
        if each.areas == "members" or (each.areas == "region" and set(each.by) <= REGION_CUTS)
    )
    return Layout(tables=tuple(tables), by_stage=layout.by_stage)


def _period(counts: Counts, period: str, setting: Setting, workers: int) -> tuple[pd.DataFrame, Report]:
    whole, linked = _region_rows(counts, period, setting)
    solved = _solved(counts, period, setting, linked, workers)
    absent = absent_rows(counts, period, setting.layout, setting.indicators, setting.region)
    early = early_rows(counts, period, setting.indicators, setting.region)
    parts = [whole, *solved]
    sums = {name: sum(each.report[name] for each in parts) for name in parts[0].report}
    rows = pd.concat([*(each.rows for each in parts), absent, early], ignore_index=True)
    return rows, sums | {"period": period, "beside": [], "narrow": 0, "counties": len(solved)}


def _solved(counts: Counts, period: str, setting: Setting, linked: Linked, workers: int) -> list[Solved]:
    """Every county, those that cannot keep everything open by themselves together with their neighbours."""
    solve = partial(_county, counts=counts, period=period, setting=setting, linked=linked)
    groups = _counties(counts, setting, period)
    if workers > 1 and len(groups) > 1:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            found = list(pool.map(solve, groups))
    else:
        found = [solve(each) for each in groups]
    while None in found:
        stuck = found.index(None)
        if len(found) == 1:
            raise DisclosureError(f"every protected count of {counts.population} {period} stays open, got: narrow ones")
        first = stuck if stuck + 1 < len(found) else stuck - 1
        groups[first : first + 2] = [groups[first] + groups[first + 1]]
        found[first : first + 2] = [solve(groups[first])]
    return [each for each in found if each is not None]


def _counties(counts: Counts, setting: Setting, period: str) -> list[tuple[str, ...]]:
    """The codes of every county's members with anyone in the period."""
    here = set(counts.inner.loc[counts.inner["period"] == period, setting.indicators[0].perspective])
    codes = sorted(here & set(setting.region.codes))
    names = dict.fromkeys(code[:COUNTY_DIGITS] for code in codes)
    return [tuple(code for code in codes if code.startswith(name)) for name in names]


def _region_rows(counts: Counts, period: str, setting: Setting) -> tuple[Solved, Linked]:
    """The region's rows, solved as if no member had any."""
    own = Layout(
        tables=tuple(each for each in setting.layout.tables if each.areas == "region"), by_stage=setting.layout.by_stage
    )
    asked = (counts, period, own, setting.indicators, setting.region, setting.thresholds)
    problem, frame, _ = joint_problem(*asked)
    hidden, report, _ = _protected(problem, setting, period, [])
    hidden = _with_sums(problem, frame, hidden, setting.thresholds, np.zeros(len(hidden), bool))
    rows = written(problem, hidden, frame, counts, period, setting.thresholds)
    place = setting.indicators[0].perspective
    groups = problem.joint.groups[place]
    keys = [_key(str(name), groups[int(at)]) for name, at in problem.records[["indicator", "group"]].to_numpy()]
    sums = sp.csr_array(problem.rows.matrix, copy=True)
    sums.eliminate_zeros()
    primary = {
        _named(sums[[row]].indices): float(problem.rows.protection[row]) for row in np.flatnonzero(problem.rows.primary)
    }
    classes, keeper = {}, {}
    for key, group, cells in _classes(problem.joint, groups):
        if _named(cells) in primary:
            classes[key] = primary.pop(_named(cells))
            keeper[key] = _keeper(frame, place, problem.inner, group)
    linked = Linked(
        hidden=frozenset(key for key, cut in zip(keys, hidden, strict=True) if cut), classes=classes, keeper=keeper
    )
    return Solved(rows=rows, report=report), linked


def _named(cells: Cells) -> bytes:
    return np.sort(cells).astype(np.int64).tobytes()


def _keeper(frame: pd.DataFrame, place: str, inner: Inner, group: Group) -> str:
    """The county with most pupils of a group of the region."""
    same = next(each for each in inner.groups[place] if _key("", each) == _key("", group))
    own = frame[same.inner[: len(frame)]]
    return str(own.groupby(own[place].str[:COUNTY_DIGITS])["contributors"].sum().idxmax())


def _key(indicator: str, group: Group) -> Key:
    return indicator, *(str(getattr(group, name)) for name in CUT)


def _classes(inner: Inner, groups: Sequence[Group]) -> Iterator[tuple[Key, Group, Cells]]:
    """Every class that may have to be protected of every group, by indicator, cut and name; and its inner cells."""
    by_name = {each.indicator.name: each for each in inner.outcomes}
    for outcome in inner.outcomes:
        parts = {"total": outcome.denominator, "count": outcome.numerator}
        parts["rest"] = outcome.denominator & ~outcome.numerator
        wider = by_name.get(outcome.indicator.within)
        while wider is not None:
            parts[wider.indicator.name] = outcome.denominator & wider.numerator & ~outcome.numerator
            wider = by_name.get(wider.indicator.within)
        for group in groups:
            for name, part in parts.items():
                yield (*_key(outcome.indicator.name, group), name), group, np.flatnonzero(group.inner & part)


def _of(problem: Problem, area_type: str) -> Problem:
    """The problem with the groups of one kind of area only."""
    chosen = {
        place: np.array([each.area_type == area_type for each in groups], bool)
        for place, groups in problem.joint.groups.items()
    }

    def kept(inner: Inner) -> Inner:
        groups = {
            place: tuple(each for each, own in zip(found, chosen[place], strict=True) if own)
            for place, found in inner.groups.items()
        }
        return replace(inner, groups=groups)

    own = {each.indicator.name: chosen[each.indicator.perspective] for each in problem.inner.outcomes}
    limits = {name: found[own[name]] for name, found in problem.inner.limits.items()}
    insider = {name: found[:, own[name]] for name, found in problem.inner.insider.items()}
    untold = {place: found[chosen[place]] for place, found in problem.inner.untold.items()}
    whole = replace(kept(problem.inner), limits=limits, insider=insider, untold=untold)
    return problem_of(whole, kept(problem.joint), problem)


def _county(codes: tuple[str, ...], *, counts: Counts, period: str, setting: Setting, linked: Linked) -> Solved | None:
    """A county solved with the region's shown rows held still; None when it cannot keep everything open by itself."""
    place = setting.indicators[0].perspective
    inner = counts.inner[counts.inner[place].isin(codes)].reset_index(drop=True)
    members = tuple(setting.region.member(code) for code in codes)
    here = replace(setting.region, name="|".join(codes), members=members)
    own = replace(counts, inner=inner, missing=counts.missing[counts.missing["municipality"].isin(codes)])
    both, frame, _ = joint_problem(own, period, setting.layout, setting.indicators, here, setting.thresholds)
    groups = both.joint.groups[place]
    whole = [each for each in groups if each.area_type == "region"]
    problem = with_rows(_of(both, "municipality"), [_kept_open(both.joint, whole, codes, linked)])
    of_members = np.array([groups[int(at)].area_type == "municipality" for at in both.records["group"]], bool)
    every = np.zeros(len(both.records), bool)
    try:
        every[of_members], report, narrow = _protected(problem, setting, period, _held(both.joint, whole, linked))
        hidden = _with_sums(both, frame, every, setting.thresholds, ~of_members)[of_members]
    except (ProtectionError, DisclosureError):
        return None
    if narrow:
        return None
    report["hidden"] = int((hidden & problem.records["published"].to_numpy()).sum())
    return Solved(rows=written(problem, hidden, frame, own, period, setting.thresholds), report=report)


def _held(joint: Inner, whole: Sequence[Group], linked: Linked) -> Known:
    """What every shown row of the region sums in this county: as it is, whatever is possible."""
    found = [
        np.flatnonzero(group.inner & part)
        for outcome in joint.outcomes
        for group in whole
        if applies(outcome.indicator, group) and _key(outcome.indicator.name, group) not in linked.hidden
        for part in (outcome.denominator, outcome.numerator)
    ]
    rows = _stacked(found, len(joint.contributors))
    truth = rows @ joint.contributors
    return [(rows, truth, truth)] if len(found) else []


def _stacked(found: Sequence[Cells], width: int) -> sp.csr_array:
    starts = np.concatenate([[0], np.cumsum([len(each) for each in found], dtype=np.int64)])
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *found])
    return sp.csr_array((np.ones(len(columns)), columns, starts), shape=(len(found), width))


def _kept_open(joint: Inner, whole: Sequence[Group], codes: Sequence[str], linked: Linked) -> Rows:
    """The region's protected classes that this county keeps open, as rows that are never shown themselves."""
    here = {code[:COUNTY_DIGITS] for code in codes}
    found = [
        (cells, linked.classes[key]) for key, _, cells in _classes(joint, whole) if linked.keeper.get(key, "") in here
    ]
    every = np.ones(len(found), bool)
    return Rows(
        matrix=_stacked([cells for cells, _ in found], len(joint.contributors)),
        record=np.zeros(len(found), dtype=np.int64),
        total=~every,
        visible=~every,
        primary=every,
        protection=np.array([width for _, width in found], dtype=float),
        weight=np.full(len(found), LIGHT),
    )


def _protected(problem: Problem, setting: Setting, period: str, still: Known) -> tuple[Flags, Report, int]:
    """Hidden records, how much was checked, and how many protected counts someone who knows `still` too can narrow."""
    rows, counts = problem.rows, problem.joint.contributors
    official, contradictions = bounded_rows(problem.joint, [each for each in setting.known if each.period == period])
    told = [*official, *absent_groups(problem)]
    hidden_rows, found = protect_with_tables(
        rows.matrix,
        counts,
        rows.primary,
        rows.protection,
        [*told, *still, *at_least_one(problem, NEAR_ONE)],
        weights=rows.weight,
        links=problem.links,
        labels=problem.labels,
    )
    hidden = hidden_records(problem, hidden_rows)
    shown, some = rows.visible & ~hidden[rows.record], at_least_one(problem, np.inf)
    joint = tables(rows.matrix, counts, [*told, *still, *some], problem.links)
    left = np.flatnonzero(rows.primary)
    left = left[widths_seen(joint, ~shown, left, found) < rows.protection[left] - TOLERANCE]
    left = left[_wide(joint, ~shown, left) < rows.protection[left] - TOLERANCE]
    if len(left):
        alone = _wide(tables(rows.matrix, counts, [*told, *some], problem.links), np.ones(len(shown), bool), left)
        asked = np.minimum(rows.protection[left], alone)
        left = left[_wide(joint, ~shown, left) < asked - TOLERANCE]
    report = {
        "cells": int(rows.visible.sum()),
        "protected": int(rows.primary.sum()),
        "hidden": int((hidden & problem.records["published"].to_numpy()).sum()),
        "contradictions": contradictions,
    }
    return hidden, report, len(left)


def _wide(joint: Tables, hidden: Flags, targets: Cells) -> Floats:
    found = intervals(joint, hidden, targets)
    return np.asarray(found[:, 1] - found[:, 0])
