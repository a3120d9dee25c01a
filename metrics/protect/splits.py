"""Indicators that divide the classes of open values further: shown only where those are, and all of them or none.

They are families of their own, so that open values need not be hidden for them. An open indicator's outcome and remainder
in a group are classes of pupils. A split counts parts of those classes. Where both classes are open, and every part of them
is told, each part protected in its own family, a reader learns how the classes divide and nothing else: any table of open
values that was possible before still is, since its pupils can be dealt to the parts in the same numbers. That holds as long
as no two cuts of the splitting family cross each other: their layouts have one line of cuts, each within the one before.

Open values tell how many girls and boys a class has, also where its parts by sex are hidden: the parts of all would then be
those of a few girls and some boys. So a total is divided only where each of its cuts is, and the region where each member is.

It holds of one and the same pupils. Where an open period waits at its earlier table, parts counted today would add up to
what the open values have become, so what divides it waits too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.values import KEY_COLUMNS, NUMBER_COLUMNS, Counts, Published, Status
from metrics.vocabulary import ALL

Flags = NDArray[np.bool_]
AREA, CUTS = ["area_type", "area"], ["sex", "background"]
GROUP = [name for name in KEY_COLUMNS if name not in ("indicator", "perspective", "school_year")]


def with_their_wholes(published: Published, indicators: Mapping[str, Indicator]) -> Published:
    """The values with splits hidden where an open value they divide, another part of the same, or a cut of them is not shown."""
    rows = published.values
    kept = rows["status"].to_numpy() == Status.SHOWN
    for parts, wholes in _families(indicators):
        own = rows["indicator"].isin(parts).to_numpy()
        divided = rows.loc[own, GROUP]
        whole = _there(rows, kept, wholes, divided)
        complete = whole & _there(rows, kept, parts, divided)
        lacking = ~complete | _of_a_cut(divided, whole & ~complete)
        kept[np.flatnonzero(own)[lacking]] = False
    hidden = (rows["status"].to_numpy() == Status.SHOWN) & ~kept
    made = rows.copy()
    made.loc[hidden, list(NUMBER_COLUMNS)] = np.nan
    made.loc[hidden, "mark"] = ""
    made.loc[hidden, "status"] = str(Status.HIDDEN)
    silent = _silent(made, indicators)
    return Published(values=pd.concat([made, silent], ignore_index=True) if len(silent) else made)


def _silent(rows: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Hidden rows for parts that have none beside others that do: that a part has nobody would say so of an open class."""
    found: list[dict[Hashable, Any]] = []
    for parts, _ in _families(indicators):
        own = rows[rows["indicator"].isin(parts)]
        fewer = own.groupby(GROUP)["indicator"].transform("nunique") < len(parts)
        counted = own["status"].isin([Status.SHOWN, Status.HIDDEN])
        for _, told in own[fewer & counted].groupby(GROUP):
            row = told.iloc[0].to_dict()
            there = set(told["indicator"])
            found += [
                row | {"indicator": name, "definition_version": indicators[name].version, "mark": ""}
                for name in parts
                if name not in there
            ]
    return pd.DataFrame(found, columns=list(rows.columns)).astype(dict(rows.dtypes)) if found else rows.head(0)


def _there(rows: pd.DataFrame, kept: Flags, names: Sequence[str], groups: pd.DataFrame) -> Flags:
    """Which of the groups have all of these indicators shown."""
    told = rows[kept & rows["indicator"].isin(names).to_numpy()]
    there = told.groupby(GROUP)["indicator"].nunique()
    return np.asarray(there.reindex(pd.MultiIndex.from_frame(groups)).to_numpy(dtype=float) == len(names))


def _of_a_cut(groups: pd.DataFrame, undivided: Flags) -> Flags:
    """Totals of an area with a cut that is told and not divided, and the region's where a member has one."""
    uncut = (groups[CUTS] == ALL).all(axis=1).to_numpy()
    same = [name for name in GROUP if name not in CUTS]
    here, times = (pd.MultiIndex.from_frame(groups[names]) for names in (same, [n for n in same if n not in AREA]))
    some = undivided & ~uncut
    region = (groups["area_type"] == "region").to_numpy()
    return np.asarray(uncut & (here.isin(here[some]) | (region & times.isin(times[some]))))


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
    """The families in their order, but those that divide others' values after all that divide none, and first those that
    tell what others hold (`elsewhere`)."""
    dividing = {each.population for each in indicators.values() if each.splits}
    telling = {indicators[each.elsewhere].population for each in indicators.values() if each.elsewhere}
    return sorted(populations, key=lambda each: (each in dividing, each not in telling))


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
