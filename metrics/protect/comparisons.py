"""The gate of comparisons: values of groups of schools that are no cells of their own, and expected values, always rounded.

A share is rounded so far that its count keeps an interval of 2 k pupils by the rounding alone, whatever else is known.
It is shown where at least FEWEST_SCHOOLS stand behind, none weighs over HEAVIEST, at least k have the outcome and k lack
it, and the same holds of what is left when it is taken from a sum that is shown, or that sum from it.

An expected value is a sum of fitted probabilities. To someone who knew every one of those it would be an equation in how
many pupils there are of each background: it is rounded until such a person, who also knew all pupils but for how many
are of one kind instead of another, is left with k of them open, whichever the kinds and all indicators taken together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from metrics.protect.thresholds import Thresholds

Floats = NDArray[np.float64]
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0)
"""What a value may be rounded to, in percentage points."""
FEWEST_SCHOOLS = 3
HEAVIEST = 0.6
GROUP_AT_LEAST = 50
"""Fewer pupils have no expected value."""


def step_of(pupils: float, spread: float, thresholds: Thresholds) -> float | None:
    """The finest rounding that leaves 2 k pupils open where one of them weighs `spread` of a pupil; None without any."""
    open_at = 2.0 * thresholds.pupils * spread
    return next((step for step in STEPS if step / 100.0 * pupils >= open_at), None)


def at_step(value: float, step: float, earlier: float | None = None) -> float:
    """A share in per cent at the nearest multiple of the step; what was told earlier stays while it is within a step.

    Without that, a value that passes a limit between two releases would be told nearly exactly.
    """
    if earlier is not None and abs(value - earlier) <= step:
        return earlier
    return round(round(value / step) * step, 1) + 0.0


def many_enough(numerator: float, denominator: float, thresholds: Thresholds) -> bool:
    """Whether k pupils have the outcome and k lack it."""
    return min(numerator, denominator - numerator) >= thresholds.pupils


def spread_out(pupils_by_school: Sequence[float]) -> bool:
    """Whether enough schools stand behind and no one of them is most of the group."""
    pupils = np.asarray(pupils_by_school, float)
    return len(pupils) >= FEWEST_SCHOOLS and float(pupils.max()) <= HEAVIEST * float(pupils.sum())


def apart_from(
    group: NDArray[np.bool_],
    sums: Iterable[NDArray[np.bool_]],
    numerator: Floats,
    denominator: Floats,
    thresholds: Thresholds,
) -> bool:
    """Whether what tells the group from every sum keeps k pupils with the outcome and k without, or is nothing.

    `group` and `sums` say which of the rows (schools, or kinds of pupils) they add up.
    """
    for each in sums:
        if not (group & each).any():
            continue
        for left in (each & ~group, group & ~each):
            total = float(denominator[left].sum())
            if total > 0 and not many_enough(float(numerator[left].sum()), total, thresholds):
                return False
    return True


def expected_values(
    truth: Sequence[float],
    probabilities: Floats,
    pupils: float,
    thresholds: Thresholds,
    earlier: Sequence[float | None],
) -> list[tuple[float, float]] | None:
    """Per indicator of the same pupils the expected share in per cent as it may be read, and its rounding; None = hidden.

    truth: true expected shares, 0 to 1. probabilities: indicator x kind of pupil. earlier: what was told before.
    """
    if pupils < GROUP_AT_LEAST:
        return None
    spreads = probabilities.max(axis=1) - probabilities.min(axis=1)
    steps = [step_of(pupils, float(np.ceil(10 * spread)) / 10, thresholds) for spread in spreads]
    places = [STEPS.index(step) if step is not None else len(STEPS) for step in steps]
    while max(places) < len(STEPS):
        chosen = [STEPS[place] for place in places]
        told = [at_step(100 * value, step, old) for value, step, old in zip(truth, chosen, earlier, strict=True)]
        if kinds_left_open(truth, told, chosen, probabilities, pupils) >= thresholds.pupils:
            return list(zip(told, chosen, strict=True))
        places = [place + 1 for place in places]
    return None


def kinds_left_open(
    truth: Sequence[float], told: Sequence[float], steps: Sequence[float], probabilities: Floats, pupils: float
) -> float:
    """The fewest pupils that can be of another kind, for any two kinds, with every told value as it is.

    The outsider knows the probabilities and every pupil but how many are of the one kind and not of the other.
    """
    differences = probabilities[:, :, None] - probabilities[:, None, :]
    widths = np.full((2, *differences.shape[1:]), np.inf)
    for value, said, step, difference in zip(truth, told, steps, differences, strict=True):
        half = max(step / 2, abs(100 * value - said))
        low, high = ((said + sign * half) / 100 - value for sign in (-1, 1))
        size = np.maximum(np.abs(difference), 1e-12)
        more = np.where(difference >= 0, high, -low) * pupils / size
        fewer = np.where(difference >= 0, -low, high) * pupils / size
        widths = np.minimum(widths, np.stack([more, fewer]))
    return float(widths.sum(axis=0).min())
