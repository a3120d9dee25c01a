"""A row per school and indicator: what the school part would show, and what of it must be protected."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from metrics.protect.groups import Group
from metrics.protect.problem import LIGHT, Inner, Outcome, Rows, membership, only_primary, rows_of, stacked
from metrics.protect.school_cells import SCHOOL

NO_RECORD = -1
"""The record of a class that is never shown itself: of those between two outcomes, and of earlier tables."""


def rows_of_schools(
    inner: Inner, groups: Sequence[Group], names: Sequence[str], limit: float
) -> tuple[Rows, pd.DataFrame]:
    """Total, outcome and remainder of every school and indicator, and which school and indicator each record is."""
    parts: list[Rows] = []
    records: list[dict[str, object]] = []
    for outcome, with_schools in _outcomes(inner, groups, names, limit):
        parts += rows_of(with_schools, outcome, len(records)) + _between(with_schools, outcome, names)
        records += [
            {"indicator": outcome.indicator.name, SCHOOL: group.area, "member": min(group.codes), "stage": group.stage}
            for group in groups
        ]
    return stacked(parts), pd.DataFrame(records)


def protected_schools(inner: Inner, groups: Sequence[Group], names: Sequence[str], limit: float) -> list[Rows]:
    """What must be protected of these schools, as rows of no record that are never shown."""
    return [
        unrecorded(part)
        for outcome, with_schools in _outcomes(inner, groups, names, limit)
        for rows in (*rows_of(with_schools, outcome, 0), *_between(with_schools, outcome, names))
        for part in [only_primary(rows)]
    ]


def unrecorded(rows: Rows) -> Rows:
    """The rows as rows of no record."""
    return replace(rows, record=np.full(len(rows.record), NO_RECORD))


def _outcomes(
    inner: Inner, groups: Sequence[Group], names: Sequence[str], limit: float
) -> Iterator[tuple[Outcome, Inner]]:
    """The indicators that schools have values of, each with the schools as its groups."""
    limits = np.full(len(groups), limit)
    for outcome in (each for each in inner.outcomes if each.indicator.name in names):
        of_schools = {outcome.indicator.perspective: tuple(groups)}
        own = {outcome.indicator.name: limits}
        yield outcome, replace(inner, groups=of_schools, limits=own, insider={}, untold={})


def _between(inner: Inner, outcome: Outcome, names: Sequence[str]) -> list[Rows]:
    """The few between an outcome and each wider one that schools have values of too; of no record."""
    by_name = {each.indicator.name: each for each in inner.outcomes}
    perspective, limit = outcome.indicator.perspective, inner.limits[outcome.indicator.name]
    member, found = membership(inner, perspective), []
    wider = by_name.get(outcome.indicator.within)
    while wider is not None:
        between = outcome.denominator & wider.numerator & ~outcome.numerator
        matrix = sp.csr_array(member.multiply(between.astype(float)))
        number = matrix @ inner.contributors
        few = np.flatnonzero((number > 0) & (number < limit))
        none = np.zeros(len(few), bool)
        if wider.indicator.name in names and len(few):
            found.append(
                Rows(
                    matrix=matrix[few],
                    record=np.full(len(few), NO_RECORD),
                    total=none,
                    visible=none,
                    primary=~none,
                    protection=limit[few],
                    weight=np.full(len(few), LIGHT),
                )
            )
        wider = by_name.get(wider.indicator.within)
    return found
