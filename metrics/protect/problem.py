"""One period of a population family as one joint problem: every number a release would show, and what must not follow.

Rows of the problem are denominators and numerators of every indicator and group. Classes that are never published
themselves (pupils outside a numerator, pupils of a group that only follows from others) are rows too, but only where
they are so few that they must be protected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.layout import Table
from metrics.protect.errors import ProtectionError
from metrics.protect.groups import Group
from metrics.protect.thresholds import Thresholds
from metrics.protect.unfold import Unfolded
from metrics.vocabulary import ALL

LIGHT, EVEN_PRICE = 0.5, 4.5
"""What a row weighs that is never shown, and for its number one that weighs as much whatever it counts (about 50)."""
AREA_TYPES = {"members": "municipality", "region": "region"}
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One indicator over the inner rows: who is in its denominator and its numerator, and its magnitude if it has one."""

    indicator: Indicator
    denominator: Flags
    numerator: Flags
    magnitude: bool


@dataclass(frozen=True, kw_only=True)
class Inner:
    """The inner rows of one period: pupils in each, outcomes by indicator, and the smallest k of each group."""

    contributors: Floats
    outcomes: tuple[Outcome, ...]
    groups: Mapping[str, tuple[Group, ...]]
    """By perspective."""
    limits: Mapping[str, Floats]
    """k of every group, by indicator."""
    insider: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    """By indicator, classes x groups: whether few are left of a region's class for the member that has the others."""
    untold: Mapping[str, Flags] = field(default_factory=dict)
    """By perspective: groups that are hidden whatever they hold."""
    codes: NDArray[np.object_] | None = None
    """The member of every inner row, where all indicators see pupils from the same place."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Cells of one kind: their inner rows, the record each belongs to, and what the gate has to know about them."""

    matrix: sp.csr_array
    record: NDArray[np.int64]
    total: Flags
    visible: Flags
    primary: Flags
    protection: Floats
    weight: Floats


@dataclass(frozen=True, kw_only=True)
class Problem:
    """All rows together. A record is one indicator in one group: it is shown when none of its visible rows is hidden."""

    inner: Inner
    joint: Inner
    """The same pupils unfolded (see unfold.py): what the rows are sums of."""
    links: sp.csr_array
    labels: tuple[NDArray[np.int64], NDArray[np.int64]]
    """The outcome pattern of every inner cell, and its place: all else that tables tell apart."""
    records: pd.DataFrame
    rows: Rows
    places: NDArray[np.int64]
    """The smallest place of pupils (all that tables tell apart but sex, background and outcome) of each inner cell; -1 where it is cut finer."""


def inner_of(frame: pd.DataFrame, indicators: Sequence[Indicator], groups: Mapping[str, Sequence[Group]]) -> Inner:
    """The inner rows of one period as arrays. `limits` are filled in by `with_limits`."""
    outcomes = tuple(_outcome(frame, indicator) for indicator in indicators)
    contributors = frame["contributors"].to_numpy(dtype=float)
    fixed = {perspective: tuple(found) for perspective, found in groups.items()}
    places = {each.perspective for each in indicators}
    codes = frame[min(places)].to_numpy(dtype=object) if len(places) == 1 else None
    return Inner(contributors=contributors, outcomes=outcomes, groups=fixed, limits={}, codes=codes)


def with_limits(inner: Inner, frame: pd.DataFrame, thresholds: Thresholds) -> Inner:
    """The same with k of every indicator in every group: the higher one where a single school is the whole denominator.

    Where no row says its school (those reported, or in no school), no group is a school's.
    """
    some = inner.contributors > 0
    first, last = frame["school_first"].to_numpy(), frame["school_last"].to_numpy()
    limits, insider, named = {}, {}, bool((first != "").any())
    untold = {perspective: _untold(inner, perspective, frame) for perspective in inner.groups}
    for outcome in inner.outcomes:
        counted = some & outcome.denominator
        groups = inner.groups[outcome.indicator.perspective]
        one = [_one_school(first, last, group.inner & some, group.inner & counted) for group in groups]
        # What is never told is no cell of a school: it only must not follow.
        alone = named & np.array(one, bool) & ~untold[outcome.indicator.perspective]
        limits[outcome.indicator.name] = np.where(alone, thresholds.school_pupils, thresholds.pupils).astype(float)
        insider[outcome.indicator.name] = _few_left(inner, outcome, frame, thresholds.pupils)
    return replace(inner, limits=limits, insider=insider, untold=untold)


def _few_left(inner: Inner, outcome: Outcome, frame: pd.DataFrame, limit: int) -> Flags:
    """Classes x groups: whether some member who knows its own pupils, real or invented, is left with few of the region's."""
    groups = inner.groups[outcome.indicator.perspective]
    found = np.zeros((3, len(groups)), bool)
    member = pd.factorize(frame[outcome.indicator.perspective])[0]
    for number, group in enumerate(groups):
        if group.area_type == "region":
            for place, part in enumerate(classes_of(inner, outcome)):
                cells = group.inner & part
                own = np.bincount(member[cells], weights=inner.contributors[cells])
                left = own.sum() - own[own > 0]
                found[place, number] = ((left > 0) & (left < limit)).any()
    return found


def _untold(inner: Inner, perspective: str, frame: pd.DataFrame) -> Flags:
    """Groups cut by provider in an area where some provider has too few schools to be told of."""
    found = np.zeros(len(inner.groups[perspective]), bool)
    for number, group in enumerate(inner.groups[perspective]):
        if group.schools > 1:
            inside = frame[perspective].isin(group.codes) & (inner.contributors > 0)
            inside &= (group.stage == ALL) | (frame["stage"] == group.stage)
            found[number] = _few_schools(frame[inside], group.schools)
    return found


def _few_schools(rows: pd.DataFrame, schools: int) -> bool:
    """Whether there are several providers here, one of them with fewer school units than this."""
    units = rows.melt("provider", ["school_first", "school_last"]).groupby("provider")["value"].nunique()
    return len(units) > 1 and bool((units < schools).any())


def _one_school(first: NDArray[np.object_], last: NDArray[np.object_], *sets: Flags) -> bool:
    """Whether some of these sets of inner rows is of one school."""
    return any(len(set(first[rows]) | set(last[rows])) == 1 for rows in sets)


def _outcome(frame: pd.DataFrame, indicator: Indicator) -> Outcome:
    denominator = frame[f"{indicator.name}__denominator"].to_numpy() > 0
    magnitude = f"{indicator.name}__numerator" not in frame.columns
    numerator = denominator if magnitude else denominator & (frame[f"{indicator.name}__numerator"].to_numpy() > 0)
    return Outcome(indicator=indicator, denominator=denominator, numerator=numerator, magnitude=magnitude)


def problem_of(inner: Inner, joint: Inner, unfolded: "Unfolded | Problem") -> Problem:
    """The joint problem of one period; both have the same groups in the same order. `unfolded`: whose links stand."""
    if {name: len(found) for name, found in inner.groups.items()} != {n: len(g) for n, g in joint.groups.items()}:
        raise ProtectionError("the layout has the same groups unfolded, got: others")
    joint = replace(joint, limits=inner.limits, insider=inner.insider, untold=inner.untold)
    parts, records, start = [], [], 0
    for outcome in joint.outcomes:
        groups = joint.groups[outcome.indicator.perspective]
        parts += rows_of(joint, outcome, start)
        records += [_record(outcome.indicator, number, group) for number, group in enumerate(groups)]
        start += len(groups)
    kept = stacked([*parts, *(rows for outcome in joint.outcomes for rows in rows_between(joint, outcome))])
    found = pd.DataFrame.from_records(records)
    tied = {"links": unfolded.links, "labels": unfolded.labels, "places": unfolded.places}
    return Problem(inner=inner, joint=joint, records=found, rows=kept, **tied)


def last_to_go(problem: Problem, tables: Sequence[Table], *, by_stage: bool) -> Flags:
    """Rows that readers come for first: shares in the groups of these tables, and flows where all are the region's."""
    wanted = {(AREA_TYPES[table.areas], frozenset(table.by)) for table in tables}
    kinds = ("share", "incidence", *(["flow"] if {each.areas for each in tables} == {"region"} else []))
    units = {each.indicator.name: each.indicator.unit for each in problem.joint.outcomes}
    dimensions, asked = ("model", "sex", "background", *(() if by_stage else ("stage",))), []
    for indicator, perspective, place in zip(
        *(problem.records[name] for name in ("indicator", "perspective", "group")), strict=True
    ):
        group, unit = problem.joint.groups[str(perspective)][int(place)], units[str(indicator)]
        cut = frozenset(name for name in dimensions if getattr(group, name) != ALL)
        asked.append(unit in kinds and group.of_main_provider and (group.area_type, cut) in wanted)
    return problem.rows.visible & np.array(asked, bool)[problem.rows.record]


def _record(indicator: Indicator, number: int, group: Group) -> dict[str, object]:
    return {
        "indicator": indicator.name,
        "perspective": indicator.perspective,
        "group": number,
        "published": group.published and applies(indicator, group),
    }


def applies(indicator: Indicator, group: Group) -> bool:
    """Whether an indicator is published for a group: declared for what it is cut by, and small states uncut by member.

    The states of a flow are many and small: cut by member too, they would hide each other and the rest. An indicator
    that is not declared for "area" is published for the region only; one that is not declared for "provider" is cut by
    provider for the region only.
    """
    cut = {name for name in ("sex", "model", "background", "stage") if getattr(group, name) != "all"}
    cut |= set() if group.of_main_provider else {"provider"}
    declared = set(indicator.dimensions)
    if group.area_type == "region":
        return cut - {"stage", "provider"} <= declared
    if cut and (indicator.members_whole or (indicator.unit == "flow" and indicator.sensitive != "remainder")):
        return False
    return "area" in declared and cut - {"stage"} <= declared


def classes_of(inner: Inner, outcome: Outcome) -> tuple[Flags, Flags, Flags]:
    """Inner rows of the total, the outcome and the remainder of an indicator."""
    if not outcome.magnitude:
        return outcome.denominator, outcome.numerator, outcome.denominator & ~outcome.numerator
    same = [each for each in inner.outcomes if each.indicator.perspective == outcome.indicator.perspective]
    family = np.logical_or.reduce([each.denominator for each in same])
    return outcome.denominator, outcome.denominator, family & ~outcome.denominator


def membership(inner: Inner, perspective: str) -> sp.csr_array:
    """Groups x inner rows, 0/1."""
    inside = [np.flatnonzero(group.inner) for group in inner.groups[perspective]]
    starts = np.concatenate([[0], np.cumsum([len(each) for each in inside])])
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *inside])
    return sp.csr_array((np.ones(len(columns)), columns, starts), shape=(len(inside), len(inner.contributors)))


def rows_of(inner: Inner, outcome: Outcome, start: int) -> list[Rows]:
    """Total, outcome and remainder rows of one indicator, with the primary ones marked."""
    perspective = outcome.indicator.perspective
    groups, limit = inner.groups[perspective], inner.limits[outcome.indicator.name]
    member = membership(inner, perspective)
    matrices = [sp.csr_array(member.multiply(part.astype(float))) for part in classes_of(inner, outcome)]
    total, count, rest = (matrix @ inner.contributors for matrix in matrices)
    wanted = np.array([applies(outcome.indicator, group) for group in groups])
    # The region without a member follows from the two: it is shown where both are, and says nothing of its own.
    own = np.array([group.published and group.area_type != "rest_of_region" for group in groups])
    shown = wanted & own & (total > 0)
    weight, even = np.array([group.weight for group in groups]), np.array([group.even for group in groups], bool)
    record = start + np.arange(len(groups))
    primaries = primary_of(outcome, limit, total, count, rest, inner.insider.get(outcome.indicator.name))
    visible = (shown, shown & (not outcome.magnitude), np.zeros(len(groups), bool))
    untold = inner.untold.get(perspective, np.zeros(len(groups), bool))
    return [
        _kept(
            Rows(
                matrix=matrix,
                record=record,
                total=np.full(len(groups), number is total),
                visible=seen,
                primary=few_or_one_sided & wanted | seen & untold,
                protection=np.where(untold & ~few_or_one_sided, 0.0, limit),
                weight=weight * np.where(even, EVEN_PRICE, _price(number)),
            )
        )
        for matrix, seen, few_or_one_sided, number in zip(
            matrices, visible, primaries, (total, count, rest), strict=True
        )
    ]


def rows_between(inner: Inner, outcome: Outcome) -> list[Rows]:
    """The class between an outcome and each wider one it lies within, where that is of few: never shown, but it follows."""
    groups, limit = inner.groups[outcome.indicator.perspective], inner.limits[outcome.indicator.name]
    by_name = {each.indicator.name: each for each in inner.outcomes}
    member, found = membership(inner, outcome.indicator.perspective), []
    wider = by_name.get(outcome.indicator.within)
    while wider is not None:
        between = outcome.denominator & wider.numerator & ~outcome.numerator
        matrix = sp.csr_array(member.multiply(between.astype(float)))
        number = matrix @ inner.contributors
        told = np.array([applies(outcome.indicator, each) and applies(wider.indicator, each) for each in groups], bool)
        found.append(only_primary(_few(matrix, told & (number > 0) & (number < limit), limit)))
        wider = by_name.get(wider.indicator.within)
    return found


def _few(matrix: sp.csr_array, primary: Flags, limit: Floats) -> Rows:
    none = np.zeros(len(limit), bool)
    return Rows(
        matrix=matrix,
        record=np.zeros(len(limit), dtype=np.int64),
        total=none,
        visible=none,
        primary=primary,
        protection=limit,
        weight=np.full(len(limit), LIGHT),
    )


def primary_of(
    outcome: Outcome, limit: Floats, total: Floats, count: Floats, rest: Floats, insider: Flags | None = None
) -> tuple[Flags, Flags, Flags]:
    """Too few in all, in the sensitive outcome or remainder, or in what is left of one for a member that has the others;
    or everyone in a group in the sensitive class (unless almost nobody can be outside it yet)."""
    few = np.array([(number > 0) & (number < limit) for number in (total, count, rest)])
    few_total, few_count, few_rest = few if insider is None else few | insider
    sensitive, counted = outcome.indicator.sensitive, not outcome.magnitude
    of_outcome, of_rest = counted and sensitive in ("outcome", "both"), sensitive in ("remainder", "both")
    all_out = (count == 0) & (total > 0) & (of_rest and counted and not outcome.indicator.rarely_reached)
    all_in = (rest == 0) & (total > 0) & of_outcome
    return few_total, few_count & of_outcome | all_out, few_rest & of_rest | all_in


def _price(number: Floats) -> Floats:
    return np.asarray(np.log1p(number) + 0.5)


def _kept(rows: Rows) -> Rows:
    """Only rows that are published or must be protected."""
    return chosen_rows(rows, rows.visible | rows.primary)


def only_primary(rows: Rows) -> Rows:
    """The rows that must be protected, as rows that are never shown themselves."""
    kept = chosen_rows(rows, rows.primary)
    none = np.zeros(len(kept.record), bool)
    return replace(kept, record=np.zeros(len(none), dtype=np.int64), total=none, visible=none)


def with_rows(problem: Problem, more: Sequence[Rows]) -> Problem:
    """The problem with further rows."""
    return replace(problem, rows=stacked([problem.rows, *more]))


def chosen_rows(rows: Rows, chosen: Flags) -> Rows:
    """Some of the rows."""
    return Rows(**{name: getattr(rows, name)[chosen] for name in Rows.__dataclass_fields__})


def stacked(parts: Sequence[Rows]) -> Rows:
    """The rows of every part, one after another."""
    arrays = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in Rows.__dataclass_fields__
        if name != "matrix"
    }
    return Rows(matrix=sp.csr_array(sp.vstack([part.matrix for part in parts])), **arrays)
