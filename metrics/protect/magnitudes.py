"""Sums of magnitudes (merit points, minutes): hidden together with their counts, and where one pupil dominates them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.protect.auditing import audit
from metrics.protect.errors import DisclosureError, ProtectionError
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
) -> Flags:
    """The groups whose mean is hidden: those already `hidden` because of counts, and what their sums need besides.

    `told`: groups whose sums an earlier release has shown, unchanged.

    A sum of few pupils is kept open by k times its largest contribution, so that it says neither a pupil's magnitude
    nor how many they are; a dominated one by twice p % of its largest.
    """
    inner = problem.inner
    perspective = outcome.indicator.perspective
    limits = inner.limits[outcome.indicator.name]
    member = membership(inner, perspective)[:, : len(frame)].toarray() * outcome.denominator[: len(frame)]
    number = member @ frame["contributors"].to_numpy(dtype=float)
    largest = _largest(member, outcome, frame)
    singled = _few_behind(member, outcome, frame, limits)
    visible = _seen_sums(problem, outcome)
    for place, column in enumerate(magnitude_columns(outcome, frame)):
        sums = member @ frame[column].to_numpy(dtype=float)
        of_few = singled & (place == 0)
        few = (number > 0) & ((number < limits) | of_few)
        dominated = (number > 0) & (sums - largest < thresholds.percent / 100 * largest)
        most = np.where(of_few, np.maximum(largest, 1.0), largest)
        width = np.where(few, limits * most, 2 * thresholds.percent / 100 * largest)
        hidden = open_sums(member, frame[column].to_numpy(dtype=float), hidden, visible, few | dominated, width, told)
    return hidden


def magnitude_columns(outcome: Outcome, frame: pd.DataFrame) -> Sequence[str]:
    """The columns of the sum, and for a ratio of its denominator."""
    names = (f"{outcome.indicator.name}__sum", f"{outcome.indicator.name}__weight")
    return [name for name in names if name in frame.columns]


def _few_behind(member: Floats, outcome: Outcome, frame: pd.DataFrame, limits: Floats) -> Flags:
    """Groups of a ratio of numbers of events where a sensitive part may be of fewer than k, or one part has everyone.

    How many pupils stand behind a number of events is not counted. In every inner cell they are at least the number by
    the most that one pupil has. What is left of the whole is a difference of two numbers (between.py).
    """
    indicator = outcome.indicator
    names = magnitude_columns(outcome, frame)
    if not indicator.ratio or indicator.sensitive == "none" or len(names) < 2:
        return np.zeros(len(limits), bool)
    part, whole = (frame[name].fillna(0).to_numpy(dtype=float) for name in names)
    most = np.maximum(frame[f"{indicator.name}__largest"].fillna(0).to_numpy(dtype=float), 1.0)
    behind, total, number = member @ np.ceil(part / most), member @ whole, member @ part
    of_part, of_rest = indicator.sensitive in ("outcome", "both"), indicator.sensitive in ("remainder", "both")
    few = of_part & (behind > 0) & (behind < limits)
    one_sided = (of_part & (number >= total)) | (of_rest & (number == 0))
    return np.asarray((total > 0) & (few | one_sided))


def _largest(member: Floats, outcome: Outcome, frame: pd.DataFrame) -> Floats:
    single = frame[f"{outcome.indicator.name}__largest"].fillna(0).to_numpy(dtype=float)
    return np.asarray(np.max(member * single, axis=1, initial=0.0))


def _seen_sums(problem: Problem, outcome: Outcome) -> Flags:
    """Groups whose sum is a row of its own: the region without a member follows from the two."""
    own = (problem.records["indicator"] == outcome.indicator.name).to_numpy()
    groups = problem.inner.groups[outcome.indicator.perspective]
    follows = np.array([group.area_type == "rest_of_region" for group in groups], bool)
    return np.asarray(problem.records["published"].to_numpy(dtype=bool)[own] & ~follows)


def open_sums(
    member: Floats,
    magnitudes: Floats,
    hidden: Flags,
    visible: Flags,
    primary: Flags,
    width: Floats,
    told: Flags | None,
    pinned: Flags | None = None,
) -> Flags:
    """`hidden` with the groups that must be hidden too, for the sums of the `primary` ones to stay open by `width`.

    All by group but magnitudes, which are by inner row: member is groups x inner rows. `visible`: groups whose sum is
    told where it is not hidden; `pinned`: those that stay so. DisclosureError when the audit finds a primary sum that is not open.
    """
    magnitudes = np.nan_to_num(magnitudes)
    sums = member[:0] if told is None else member[told]
    known = [(sums, sums @ magnitudes, sums @ magnitudes)] if len(sums) else []
    kept = np.flatnonzero(visible | primary)
    rows, asked = member[kept], (hidden | primary | ~visible)[kept]
    protection = np.where(primary, width, 0.0)[kept]
    stays = np.zeros(len(kept), bool) if pinned is None else pinned[kept] & ~asked
    try:
        found = np.asarray(protect_tables(rows, magnitudes, asked, protection, known, always_shown=stays))
    except ProtectionError:
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
