"""Sums of magnitudes (merit points, minutes): hidden together with their counts, and where one pupil dominates them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.protect.auditing import audit
from metrics.protect.errors import DisclosureError
from metrics.protect.problem import Flags, Floats, Outcome, Problem, membership
from metrics.protect.suppress import protect_tables
from metrics.protect.tables import SLACK
from metrics.protect.thresholds import Thresholds


def hide_sums(
    problem: Problem,
    outcome: Outcome,
    frame: pd.DataFrame,
    hidden: Flags,
    thresholds: Thresholds,
    told: Flags | None = None,
    also: Flags | None = None,
) -> Flags:
    """The groups whose mean is hidden: those already `hidden` because of counts, and what their sums need besides.

    `told`: groups whose sums an earlier release has shown, unchanged. `also`: groups whose sums must not be known.

    A sum of few pupils is kept open by k times its largest contribution, so that it says neither a pupil's magnitude
    nor how many they are; a dominated one by twice p % of its largest.
    """
    inner = problem.inner
    perspective = outcome.indicator.perspective
    member = membership(inner, perspective)[:, : len(frame)].toarray() * outcome.denominator[: len(frame)]
    number = member @ frame["contributors"].to_numpy(dtype=float)
    largest = _largest(member, outcome, frame)
    singled = _few_behind(member, outcome, frame, inner.limits[perspective])
    visible = seen_sums(problem, outcome)
    for place, column in enumerate(magnitude_columns(outcome, frame)):
        sums = member @ frame[column].to_numpy(dtype=float)
        of_few = singled & (place == 0) if also is None else singled & (place == 0) | also
        few = (number > 0) & ((number < inner.limits[perspective]) | of_few)
        dominated = (number > 0) & (sums - largest < thresholds.percent / 100 * largest)
        most = np.where(of_few, np.maximum(largest, 1.0), largest)
        width = np.where(few, inner.limits[perspective] * most, 2 * thresholds.percent / 100 * largest)
        hidden = _solve(member, frame[column].to_numpy(dtype=float), hidden, visible, few | dominated, width, told)
    return hidden


def magnitude_columns(outcome: Outcome, frame: pd.DataFrame) -> Sequence[str]:
    """The columns of the sum, and for a ratio of its denominator."""
    names = (f"{outcome.indicator.name}__sum", f"{outcome.indicator.name}__weight")
    return [name for name in names if name in frame.columns]


def _few_behind(member: Floats, outcome: Outcome, frame: pd.DataFrame, limits: Floats) -> Flags:
    """Groups of a ratio of numbers of events where a sensitive part, or what is left of the whole, may be of fewer than k.

    How many pupils stand behind a number of events is not counted. In every inner cell they are at least the number by
    the most that one pupil has. Nobody in a part is everyone in the other.
    """
    indicator = outcome.indicator
    names = magnitude_columns(outcome, frame)
    if indicator.counts_events:
        return _few_again(member, frame, names[0], limits)
    if not indicator.ratio or indicator.sensitive == "none" or len(names) < 2:
        return np.zeros(len(limits), bool)
    part, whole = (frame[name].fillna(0).to_numpy(dtype=float) for name in names)
    most = np.maximum(frame[f"{indicator.name}__largest"].fillna(0).to_numpy(dtype=float), 1.0)
    behind_part, behind_rest = member @ np.ceil(part / most), member @ np.ceil((whole - part) / most.max(initial=1.0))
    of_part, of_rest = indicator.sensitive in ("outcome", "both"), indicator.sensitive in ("remainder", "both")
    few_part, few_rest = ((each > 0) & (each < limits) for each in (behind_part, behind_rest))
    one_sided = (of_part & (behind_rest == 0)) | (of_rest & (behind_part == 0))
    return np.asarray((member @ whole > 0) & ((of_part & few_part) | (of_rest & few_rest) | one_sided))


def _few_again(member: Floats, frame: pd.DataFrame, name: str, limits: Floats) -> Flags:
    """Groups where so few pupils have more than one event that events less pupils would tell how many they are."""
    more = frame[name].fillna(0).to_numpy(dtype=float) - frame["contributors"].to_numpy(dtype=float)
    most = np.maximum(frame[name.replace("__sum", "__largest")].fillna(0).to_numpy(dtype=float) - 1, 1.0)
    behind = member @ np.ceil(np.maximum(more, 0.0) / most)
    return np.asarray((behind > 0) & (behind < limits))


def _largest(member: Floats, outcome: Outcome, frame: pd.DataFrame) -> Floats:
    single = frame[f"{outcome.indicator.name}__largest"].fillna(0).to_numpy(dtype=float)
    return np.asarray(np.max(member * single, axis=1, initial=0.0))


def seen_sums(problem: Problem, outcome: Outcome) -> Flags:
    """Groups whose sum is a row of its own: the region without a member follows from the two."""
    own = (problem.records["indicator"] == outcome.indicator.name).to_numpy()
    groups = problem.inner.groups[outcome.indicator.perspective]
    follows = np.array([group.area_type == "rest_of_region" for group in groups], bool)
    return np.asarray(problem.records["published"].to_numpy(dtype=bool)[own] & ~follows)


def _solve(
    member: Floats,
    magnitudes: Floats,
    hidden: Flags,
    visible: Flags,
    primary: Flags,
    width: Floats,
    told: Flags | None,
) -> Flags:
    magnitudes = np.nan_to_num(magnitudes)
    sums = member[:0] if told is None else member[told]
    known = [(sums, sums @ magnitudes, sums @ magnitudes)] if len(sums) else []
    kept = np.flatnonzero(visible | primary)
    rows, asked = member[kept], (hidden | primary | ~visible)[kept]
    protection = np.where(primary, width, 0.0)[kept]
    found = np.asarray(protect_tables(rows, magnitudes, asked, protection, known))
    targets = np.flatnonzero(primary[kept])
    widths = np.diff(audit(rows, magnitudes, found, targets, known), axis=1)[:, 0]
    narrow = widths < protection[targets] * (1 - SLACK) - SLACK
    if narrow.any():
        raise DisclosureError(f"every protected sum stays open by its protection, got: {int(narrow.sum())} that do not")
    result = hidden.copy()
    result[kept] |= found
    return result


def spread(number: Floats, total: Floats, squares: Floats) -> NDArray[np.float64]:
    """The standard error of a mean from its number, sum and sum of squares; NaN for fewer than two."""
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (squares - total**2 / number) / (number - 1)
        return np.where(number > 1, np.sqrt(np.maximum(variance, 0.0) / number), np.nan)
