"""What follows between indicators: a shown number less another of the same pupils, where that leaves few."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from metrics.protect.magnitudes import magnitude_columns, seen_sums
from metrics.protect.problem import Flags, Floats, Outcome, Problem, membership


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """A number that a shown record tells: its inner amounts, and whose it is."""

    outcome: Outcome
    amounts: Floats


def hide_few_between(
    problem: Problem, frame: pd.DataFrame, hidden: Flags, hide: Callable[[Outcome, Flags, Flags], Flags]
) -> Flags:
    """`hidden` (by record) with more, until no number of events less another, or less their pupils, is of fewer than k.

    Numbers of sensitive events (reports of concern) are sums of their own, and each is protected by itself; where one
    always includes another, what is left is a class too. `hide` is told an outcome, what is hidden of it and which
    groups' sums must not be known, and returns what is hidden then.
    """
    quantities = list(_quantities(problem, frame))
    pairs = [
        (larger, smaller)
        for larger, smaller in permutations(quantities, 2)
        if (_events(larger.outcome) or _events(smaller.outcome)) and (larger.amounts >= smaller.amounts).all()
    ]
    names = problem.records["indicator"].to_numpy()
    found = True
    while found:
        found = False
        for larger, smaller in pairs:
            given_up = _given_up(larger.outcome, smaller.outcome)
            rows = [np.flatnonzero(names == each.outcome.indicator.name) for each in (larger, smaller)]
            told = _few(problem, larger, smaller) & ~hidden[rows[0]] & ~hidden[rows[1]]
            told &= seen_sums(problem, larger.outcome) & seen_sums(problem, smaller.outcome)
            if told.any():
                own = np.flatnonzero(names == given_up.indicator.name)
                hidden[own] = hide(given_up, hidden[own], told)
                found = True
    return hidden


def _events(outcome: Outcome) -> bool:
    """Whether its numbers are of sensitive events, several of which can be one pupil's."""
    indicator = outcome.indicator
    return outcome.magnitude and (indicator.counts_events or (indicator.ratio and indicator.sensitive != "none"))


def _given_up(larger: Outcome, smaller: Outcome) -> Outcome:
    """The one of the two that is hidden: numbers of events, and the later declared."""
    there = [each for each in (larger, smaller) if _events(each)]
    return max(there, key=lambda each: (each.indicator.order, each.indicator.name))


def _quantities(problem: Problem, frame: pd.DataFrame) -> Iterator[Quantity]:
    pupils = frame["contributors"].to_numpy(dtype=float)
    for outcome in problem.inner.outcomes:
        if outcome.indicator.sensitive == "none":
            continue
        if _events(outcome):
            for column in magnitude_columns(outcome, frame):
                yield Quantity(outcome=outcome, amounts=frame[column].fillna(0).to_numpy(dtype=float))
        if not outcome.magnitude or outcome.indicator.counts_events:
            yield Quantity(outcome=outcome, amounts=pupils * outcome.denominator[: len(frame)])


def _few(problem: Problem, larger: Quantity, smaller: Quantity) -> Flags:
    """Groups where the difference is more than nothing and less than k."""
    perspective = larger.outcome.indicator.perspective
    member = membership(problem.inner, perspective)[:, : len(larger.amounts)]
    left = member @ (larger.amounts - smaller.amounts)
    return np.asarray((left > 0.5) & (left < problem.inner.limits[perspective] - 0.5))
