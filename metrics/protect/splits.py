"""Indicators that divide the classes of open values further: shown only where those are, and all of them or none.

They are families of their own, so that open values need not be hidden for them. An open indicator's outcome and remainder
in a group are classes of pupils. A split counts parts of those classes. Where both classes are open, and every part of them
is told, each part protected in its own family, a reader learns how the classes divide and nothing else: any table of open
values that was possible before still is, since its pupils can be dealt to the parts in the same numbers. That holds as long
as no two cuts of the splitting family cross each other: their layouts have one line of cuts, each within the one before.

It holds of one and the same pupils. Where an open period waits at its earlier table, parts counted today would add up to
what the open values have become, so what divides it waits too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from metrics.declare import Indicator
from metrics.values import KEY_COLUMNS, NUMBER_COLUMNS, Counts, Published, Status

GROUP = [name for name in KEY_COLUMNS if name not in ("indicator", "perspective", "school_year")]


def with_their_wholes(published: Published, indicators: Mapping[str, Indicator]) -> Published:
    """The values with splits hidden where an open value they divide, or another part of the same, is not shown."""
    rows = published.values
    kept = rows["status"].to_numpy() == Status.SHOWN
    for parts, wholes in _families(indicators):
        own = rows["indicator"].isin(parts).to_numpy()
        told = rows[kept & (rows["indicator"].isin([*parts, *wholes]).to_numpy())]
        there = told.groupby(GROUP)["indicator"].nunique().rename("there")
        complete = pd.MultiIndex.from_frame(rows.loc[own, GROUP]).map(there).to_numpy(dtype=float)
        lacking = ~(complete == len(parts) + len(wholes))
        kept[np.flatnonzero(own)[lacking]] = False
    hidden = (rows["status"].to_numpy() == Status.SHOWN) & ~kept
    if not hidden.any():
        return published
    made = rows.copy()
    made.loc[hidden, list(NUMBER_COLUMNS)] = np.nan
    made.loc[hidden, "mark"] = ""
    made.loc[hidden, "status"] = str(Status.HIDDEN)
    return Published(values=made)


def waiting(population: str, indicators: Mapping[str, Indicator], held: Iterable[str]) -> frozenset[str]:
    """The periods of a family whose open values, which it divides, stand at an earlier table; held: "family period"."""
    divided = {
        indicators[name].population
        for each in indicators.values()
        if each.population == population
        for name in each.splits
    }
    pairs = (each.partition(" ") for each in held)
    return frozenset(period for family, _, period in pairs if family in divided)


def wholes_first(populations: Iterable[str], indicators: Mapping[str, Indicator]) -> list[str]:
    """The families in their order, but those that divide others' values after all that divide none."""
    dividing = {each.population for each in indicators.values() if each.splits}
    return sorted(populations, key=lambda each: each in dividing)


def without(counts: Counts, periods: frozenset[str]) -> Counts:
    """The counts without these periods."""
    kept = [frame[~frame["period"].isin(periods)].reset_index(drop=True) for frame in (counts.inner, counts.missing)]
    return replace(counts, inner=kept[0], missing=kept[1])


def _families(indicators: Mapping[str, Indicator]) -> Sequence[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Each set of indicators that divide the same together, and what they divide: one family's, followed in the same way."""
    found: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for each in indicators.values():
        if each.splits:
            followed = each.linkage.indicator if each.linkage else each.name
            found.setdefault((each.population, followed, each.splits), []).append(each.name)
    return [(tuple(parts), wholes) for (_, _, wholes), parts in found.items()]
