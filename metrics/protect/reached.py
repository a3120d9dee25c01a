"""The gate of the pupils whom models met: how many had high absence before, during and after, or nothing at all.

A model type is told whole or not. Told, it needs `k` pupils followed, and in each part `k` with high absence and `k`
without (the higher `k` where one school is the whole group), `k` or nobody who could not be followed, and the same of the
pupils around them whom the release tells about: what is left when the followed are taken away. Where model types met the
same pupils, an outsider who knows how many they share works out the rest: that is audited. And a row changes from one
release to the next only when the pupils who came (or left) would pass by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from metrics.evaluate.reached import PARTS, STAGE, Met
from metrics.protect.auditing import audit
from metrics.protect.thresholds import Thresholds

COLUMNS = ("model", "area", "stage", "reached", "followed", *PARTS, "status")
NUMBERS = ("reached", "followed", *PARTS)
SHOWN, HIDDEN = "shown", "hidden"
Row = dict[str, Any]


def protected_reached(
    met: Sequence[Met], earlier: Sequence[pd.DataFrame] = (), *, area: str, thresholds: Thresholds, held: bool = False
) -> pd.DataFrame:
    """The rows a release may carry, as COLUMNS: one per model type, with its numbers or status "hidden".

    `earlier`: the rows as every earlier release showed them, the newest first. `held`: the absence of this release is
    that of the one before, so nothing new is told of it.
    """
    shown = {each.model for each in met if _shown_before(each.model, earlier)}
    told = _apart(met, shown, thresholds)
    rows = {each.model: _row(each, area, each in told) for each in met}
    for together in _sharing(met):
        new = {each.model: rows[each.model] for each in together}
        before = {model: _shown_before(model, earlier) for model in new}
        if held or not all(_may_follow(row, before[model], thresholds) for model, row in new.items()):
            rows |= {model: _as_before(row, before[model]) for model, row in new.items()}
    return pd.DataFrame(list(rows.values()), columns=list(COLUMNS))


def enough(met: Met, thresholds: Thresholds) -> bool:
    """Whether the numbers of one model type may be read, when nothing else were told of the pupils it shares."""
    k = thresholds.school_pupils if met.one_school else thresholds.pupils
    followed = len(met.pupils)
    high = met.pupils[list(PARTS)].sum()
    sides = [*high, *(followed - high)]
    around = [(each.high, each.low) for each in met.others]
    lost = met.reached - followed
    return min([followed, *sides]) >= k and (lost == 0 or lost >= k) and all(_nobody_or(pair, k) for pair in around)


def _nobody_or(counts: tuple[int, int], k: int) -> bool:
    return not any(counts) or min(counts) >= k


def _row(met: Met, area: str, shown: bool) -> Row:
    about: Row = {"model": met.model, "area": area, "stage": STAGE}
    if not shown:
        return about | dict.fromkeys(NUMBERS) | {"status": HIDDEN}
    high = {part: float(met.pupils[part].sum()) for part in PARTS}
    counted = {"reached": float(met.reached), "followed": float(len(met.pupils))}
    return about | counted | high | {"status": SHOWN}


def _apart(met: Sequence[Met], shown: set[str], thresholds: Thresholds) -> list[Met]:
    """The model types that can be told beside each other, and beside those that any release has shown.

    Of those tied to a narrow group the smallest one never shown goes; where all have been shown none is told anew.
    """
    k = thresholds.pupils
    old = [each for each in met if each.model in shown]
    new = [each for each in met if each.model not in shown and enough(each, thresholds)]
    new = [each for each in new if all(_well_apart(each, other, 2 * k) for other in old)]
    while True:
        both = [*old, *new]
        narrow = next((shared for part in PARTS for shared in _narrow(both, part, k)), None)
        if narrow is None:
            return [each for each in both if enough(each, thresholds)]
        tied = next(group for group in _sharing(both) if any(each.model in narrow for each in group))
        unseen = sorted(
            (each for each in tied if any(each is one for one in new)), key=lambda each: (len(each.pupils), each.model)
        )
        gone = unseen[:1] or tied
        old, new = ([each for each in side if not any(each is one for one in gone)] for side in (old, new))


def _well_apart(one: Met, other: Met, least: int) -> bool:
    """Whether the two share no pupil, or each has so many of its own that few who moved since make no difference."""
    common = len(one.pupils.index.intersection(other.pupils.index))
    return common == 0 or min(len(one.pupils), len(other.pupils)) - common >= least


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Pupils of one set of model types and one outcome of theirs: how many, and how many with high absence.

    models: those whose part is this very outcome, pupil by pupil. shared: all that followed the pupils.
    """

    models: frozenset[str]
    shared: frozenset[str]
    pupils: int
    high: int


def _narrow(told: Sequence[Met], part: str, k: int) -> Iterator[frozenset[str]]:
    """Sets of model types whose common pupils' absence follows too closely from what is told of all."""
    cells = _cells(told, part)
    if all(len(cell.shared) == 1 for cell in cells):
        return
    # Columns: high and low absence of each cell. Told: each model's high. Known to an outsider: the size of each cell.
    size = len(cells)
    highs, both = np.eye(2 * size)[:size], np.hstack([np.eye(size), np.eye(size)])
    shown = [[each.model in cell.models for cell in cells] + [False] * size for each in told]
    counts = [*(cell.high for cell in cells), *(cell.pupils - cell.high for cell in cells)]
    hidden = np.array([False] * len(told) + [True] * size)
    targets = np.arange(len(told), len(told) + size)
    sizes = [cell.pupils for cell in cells]
    found = audit(np.vstack([shown, highs]), counts, hidden, targets, known=[(both, sizes, sizes)])
    for cell, (low, high) in zip(cells, found, strict=True):
        few = min(cell.high, cell.pupils - cell.high) < k
        if few and high - low < min(k, cell.pupils):
            yield cell.shared


def _cells(told: Sequence[Met], part: str) -> list[Cell]:
    high = pd.DataFrame({each.model: each.pupils[part].astype("boolean") for each in told})
    if high.empty:
        return []
    by_set: dict[frozenset[str], list[int]] = {}
    for place, there in enumerate(high.notna().to_numpy()):
        by_set.setdefault(frozenset(high.columns[there]), []).append(place)
    cells = []
    for models, places in by_set.items():
        pupils = high.iloc[places]
        alike: dict[tuple[bool, ...], set[str]] = {}
        for model in models:
            alike.setdefault(tuple(bool(each) for each in pupils[model]), set()).add(model)
        cells += [
            Cell(models=frozenset(same), shared=models, pupils=len(pupils), high=sum(outcome))
            for outcome, same in alike.items()
        ]
    return sorted(cells, key=lambda cell: (sorted(cell.shared), sorted(cell.models)))


def _sharing(met: Sequence[Met]) -> list[list[Met]]:
    """Model types that share a pupil, directly or through others, together."""
    groups: list[list[Met]] = []
    for each in met:
        near = [group for group in groups if any(len(each.pupils.index.intersection(g.pupils.index)) for g in group)]
        groups = [group for group in groups if group not in near] + [[*(m for group in near for m in group), each]]
    return groups


def _shown_before(model: str, earlier: Sequence[pd.DataFrame]) -> list[Row]:
    """The model's rows as they were told, the newest first."""
    found = [each[(each["model"] == model) & (each["status"] == SHOWN)].to_dict("records") for each in earlier]
    return [{name: row[name] for name in COLUMNS} for rows in found for row in rows]


def _may_follow(row: Row, before: Sequence[Row], thresholds: Thresholds) -> bool:
    """Whether the row is one that was shown, or differs from each by pupils who would pass by themselves."""
    return row["status"] != SHOWN or all(_same_or_apart(old, row, thresholds.pupils) for old in before)


def _same_or_apart(old: Row, new: Row, k: int) -> bool:
    change = {name: float(new[name]) - float(old[name]) for name in NUMBERS}
    if not any(change.values()):
        return True
    way = 1 if change["followed"] > 0 else -1
    high = [way * change[part] for part in PARTS]
    sides = [*high, *(way * change["followed"] - each for each in high)]
    beside = (abs(change["reached"]), abs(change["reached"] - change["followed"]))
    return min(sides) >= k and all(each == 0 or each >= k for each in beside)


def _as_before(row: Row, before: Sequence[Row]) -> Row:
    """The row as it was last shown; hidden where it never was."""
    hidden = {name: row[name] for name in ("model", "area", "stage")} | dict.fromkeys(NUMBERS) | {"status": HIDDEN}
    return next(iter(before), hidden)
