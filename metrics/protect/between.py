"""What follows between indicators: a shown number less another of the same pupils, where that leaves few."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from metrics.protect.groups import Group
from metrics.protect.magnitudes import magnitude_columns, open_sums
from metrics.protect.problem import Flags, Floats, Outcome, Problem, membership
from metrics.vocabulary import ALL


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number told by the records of one or more indicators, which are then given up together.

    amounts: of every inner row. events: several can be one pupil's. order: of two, the later one is given up.
    """

    amounts: Floats
    carriers: tuple[str, ...]
    events: bool
    order: tuple[int, str]


def hide_few_between(problem: Problem, frame: pd.DataFrame, hidden: Flags, told: Flags) -> Flags:
    """`hidden` (by record) with more, until k pupils stand behind whatever one number of events less another leaves.

    A number of events that always includes another, or its pupils, tells a class by what is left: children reported
    again, reports not yet decided. The difference is protected as a sum of its own, over what is shown of both; where it
    must be hidden, one of the two is. `told`: records that an earlier release has shown as they still are.
    """
    hidden, most = hidden.copy(), _most(problem, frame)
    for perspective in problem.inner.groups:
        pairs = list(_nested(list(_quantities(problem, frame, perspective))))
        if not pairs:
            continue
        member = membership(problem.inner, perspective)[:, : len(frame)].toarray()
        of_family = [
            each.indicator.name for each in problem.inner.outcomes if each.indicator.perspective == perspective
        ]
        limits = np.max([problem.inner.limits[name] for name in of_family], axis=0)
        pinned = np.array([_last_to_go(group) for group in problem.inner.groups[perspective]])
        for larger, smaller in pairs:
            left = larger.amounts - smaller.amounts
            behind = member @ np.ceil(left / most)
            seen = _known(problem, ~hidden, larger) & _known(problem, ~hidden, smaller)
            before = _known(problem, told, larger) & _known(problem, told, smaller)
            few = (behind > 0) & (behind < limits) & ~before
            if few.any() and seen.any():
                found = open_sums(member, left, ~seen, seen, few, limits, before, pinned)
                for name in _given_up(larger, smaller).carriers:
                    hidden[_records(problem, name)] |= found & seen
    return hidden


def _last_to_go(group: Group) -> bool:
    """The region's total: what everyone comes for."""
    return group.area_type == "region" and all(
        getattr(group, name) == ALL for name in ("stage", "sex", "model", "background")
    )


def _nested(quantities: Sequence[Quantity]) -> Iterator[tuple[Quantity, Quantity]]:
    for larger, smaller in permutations(quantities, 2):
        if (larger.events or smaller.events) and (larger.amounts >= smaller.amounts).all():
            yield larger, smaller


def _records(problem: Problem, name: str) -> Flags:
    return np.asarray((problem.records["indicator"] == name).to_numpy())


def _known(problem: Problem, open_records: Flags, quantity: Quantity) -> Flags:
    """Groups where a record that tells the quantity is published and open."""
    there = problem.records["published"].to_numpy(dtype=bool) & open_records
    return np.logical_or.reduce([there[_records(problem, name)] for name in quantity.carriers])


def _given_up(larger: Quantity, smaller: Quantity) -> Quantity:
    """The one of the two that is hidden: a number of events, the one that fewest indicators tell."""
    there = [each for each in (larger, smaller) if each.events]
    return min(there, key=lambda each: (len(each.carriers), [-each.order[0], each.order[1]]))


def _quantities(problem: Problem, frame: pd.DataFrame, perspective: str) -> Iterator[Quantity]:
    """The different numbers that the family tells of its pupils and their events."""
    found: list[tuple[Floats, list[tuple[Outcome, bool]]]] = []
    for outcome, amounts, events in _amounts(problem, frame, perspective):
        same = next((told for each, told in found if np.array_equal(each, amounts)), None)
        if same is None:
            found.append((amounts, same := []))
        same.append((outcome, events))
    for amounts, told in ((amounts, told) for amounts, told in found if amounts.any()):
        yield Quantity(
            amounts=amounts,
            carriers=tuple(dict.fromkeys(outcome.indicator.name for outcome, _ in told)),
            events=any(events for _, events in told),
            order=max((outcome.indicator.order, outcome.indicator.name) for outcome, _ in told),
        )


def _amounts(problem: Problem, frame: pd.DataFrame, perspective: str) -> Iterator[tuple[Outcome, Floats, bool]]:
    """Each told number of sensitive events, the events outside it, and the pupils an indicator counts."""
    pupils = frame["contributors"].to_numpy(dtype=float)
    for outcome in problem.inner.outcomes:
        indicator = outcome.indicator
        if indicator.perspective != perspective or indicator.sensitive == "none":
            continue
        if outcome.magnitude and (indicator.counts_events or indicator.ratio):
            told = [frame[column].fillna(0).to_numpy(dtype=float) for column in magnitude_columns(outcome, frame)]
            rest = [told[1] - told[0]] if indicator.ratio and len(told) > 1 else []
            for amounts in (*told, *rest):
                yield outcome, amounts, True
        if not indicator.ratio:
            yield outcome, pupils * outcome.denominator[: len(frame)], False


def _most(problem: Problem, frame: pd.DataFrame) -> Floats:
    """The most events that one pupil of an inner row has, at least 1."""
    found = [np.ones(len(frame))]
    for outcome in problem.inner.outcomes:
        if outcome.magnitude and (outcome.indicator.counts_events or outcome.indicator.ratio):
            found.append(frame[f"{outcome.indicator.name}__largest"].fillna(0).to_numpy(dtype=float))
    return np.asarray(np.max(found, axis=0))
