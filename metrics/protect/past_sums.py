"""Earlier tables and sums of magnitudes: which are known already, and whether a change of one may be seen."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from metrics.declare import Indicator
from metrics.layout import Layout
from metrics.protect.generations import SCHOOLS, EarlierTable
from metrics.protect.groups import Place, groups_of
from metrics.protect.past import Key, is_total, key_of
from metrics.protect.problem import Flags, Problem, applies
from metrics.protect.thresholds import Thresholds
from metrics.protect.written import numbers_of
from metrics.values import DIMENSION_COLUMNS, Status

NAMES = ("indicator", "area_type", "area", "provider", "stage", "model", "sex", "background")
SUMS = ("__sum", "__weight")
ROUNDING = 1e-9


def told_sums(problem: Problem, frame: pd.DataFrame, earlier: Sequence[EarlierTable]) -> Flags:
    """Records of means whose sum an earlier table has shown as it still is."""
    told = np.zeros(len(problem.records), bool)
    shown = [_shown(table) for table in earlier]
    start = 0
    for outcome in problem.inner.outcomes:
        groups = problem.inner.groups[outcome.indicator.perspective]
        if outcome.magnitude and earlier:
            numbers = numbers_of(problem, outcome, frame)[["numerator", "denominator"]].to_numpy(dtype=float)
            for place, group in enumerate(groups):
                before = [found.get((outcome.indicator.name, *key_of(group))) for found in shown]
                told[start + place] = any(
                    each is not None and np.allclose(each, numbers[place], rtol=ROUNDING) for each in before
                )
        start += len(groups)
    return told


def _shown(table: EarlierTable) -> dict[Key, tuple[float, float]]:
    rows = table.rows[table.rows["status"] == Status.SHOWN]
    found = rows[[*NAMES, "numerator", "denominator"]].itertuples(index=False, name=None)
    return {row[:-2]: (row[-2], row[-1]) for row in found}


def loses_a_total(rows: pd.DataFrame, before: EarlierTable, main_provider: str) -> bool:
    """Whether a total that the last table showed would be hidden: then that table is worth more than the new one."""
    keys = [list(NAMES)]
    statuses = [found.set_index(*keys)["status"] for found in (before.rows, rows)]
    hidden = statuses[1][statuses[1] == Status.HIDDEN].index
    lost = statuses[0].reindex(hidden) == Status.SHOWN
    names = list(NAMES)
    return any(
        is_total(*(key[names.index(name)] for name in ("area_type", "model", "sex", "background")))
        and key[names.index("provider")] == main_provider
        for key in hidden[lost.to_numpy()]
    )


def moves_few_sums(
    earlier: Sequence[pd.DataFrame],
    frame: pd.DataFrame,
    indicators: Sequence[Indicator],
    layout: Layout,
    places: Mapping[str, Place],
    thresholds: Thresholds,
) -> bool:
    """Whether some group's sum of a magnitude has changed, and perhaps for fewer than k pupils.

    Every inner row that changed stands for at least one pupil; of a sum that changed no more is known. A group that
    one of the tables lacks is protected there by itself.
    """
    for indicator in indicators:
        columns = [f"{indicator.name}{ending}" for ending in SUMS if f"{indicator.name}{ending}" in frame.columns]
        for before in earlier:
            if not columns or columns[0] not in before.columns or not before[f"{indicator.name}__denominator"].any():
                continue
            both = _compared(before, frame, indicator.name, columns)
            for group in groups_of(both, layout, places[indicator.perspective]):
                then, now, moved = (both.loc[group.inner, name].sum() for name in ("then", "now", "fewest"))
                if applies(indicator, group) and then and now and 0 < moved < thresholds.pupils:
                    return True
    return False


def _compared(before: pd.DataFrame, after: pd.DataFrame, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Dimension values with the pupils of both tables, and the fewest that can be behind what changed."""
    keys = list(DIMENSION_COLUMNS)
    sides = []
    for frame in (before, after):
        inside = frame[frame[f"{name}__denominator"] > 0]
        texts = inside.assign(**inside[keys].fillna("").astype(str))
        sides.append(texts.groupby(keys)[["contributors", *columns]].sum())
    then, now = (side.reindex(sides[0].index.union(sides[1].index), fill_value=0.0) for side in sides)
    people = [side["contributors"].to_numpy(dtype=float) for side in (then, now)]
    moved = np.abs(people[1] - people[0])
    same = np.isclose(now[list(columns)], then[list(columns)], rtol=ROUNDING, atol=ROUNDING).all(axis=1)
    found = now.reset_index()[keys].assign(then=people[0], now=people[1], contributors=people[0] + people[1])
    return found.assign(fewest=np.where(same, moved, np.maximum(moved, 1)), **dict.fromkeys(SCHOOLS, ""))
