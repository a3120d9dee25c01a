"""Verdicts of a release as columns: objects are made of the groups of members that somebody looks at.

A release of the whole country has a quarter of a million verdicts. As columns they take ten megabytes, as objects seventy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from metrics.present.series import coded, grouped

Group = tuple[str, str, str, str, str]
"""Indicator, provider, stage, the period's last day and benchmark."""
BY = ("indicator", "provider", "stage", "period_to", "benchmark")
NUMBERS = ("benchmark_value", "difference", "low", "high")
KEPT = 200
"""How many groups are kept as objects; of more, the one that was made first is let go."""
NOBODY: Mapping[str, Verdict] = {}


class Verdict(NamedTuple):
    """A member against a benchmark, as judged when the release was made; made with keywords."""

    word: str
    benchmark_value: float
    difference: float
    low: float
    high: float


class Judged:
    """The table `verdicts` by group, and in a group by area."""

    def __init__(self, table: pd.DataFrame) -> None:
        columns = {name: coded(table[name]) for name in (*BY, "area", "verdict")}
        codes = {name: found for name, (found, _) in columns.items()}
        words = {name: found for name, (_, found) in columns.items()}
        first, group = grouped([codes[name] for name in BY], [len(words[name]) for name in BY])
        order = np.argsort(group, kind="stable")
        ends = np.cumsum(np.bincount(group, minlength=len(first))).tolist()
        names = zip(*([words[name][each] for each in codes[name][first].tolist()] for name in BY), strict=True)
        self._parts = {name: slice(*part) for name, *part in zip(names, [0, *ends], ends, strict=False)}
        self._areas, self._kinds = codes["area"][order], codes["verdict"][order]
        self._places, self._words = words["area"], words["verdict"]
        self._code = {name: code for code, name in enumerate(self._places)}
        self._numbers = table[list(NUMBERS)].to_numpy(float)[order]
        self._made: dict[Group, Mapping[str, Verdict]] = {}

    def of(self, group: Group) -> Mapping[str, Verdict]:
        """Every member's verdict by area; none of a group that nobody is judged in."""
        if group not in self._parts:
            return NOBODY
        found = self._made.get(group)
        if found is None:
            self._made[group] = found = self._verdicts(self._parts[group])
            while len(self._made) > KEPT:
                self._made.pop(next(iter(self._made)), None)
        return found

    def one(self, group: Group, area: str) -> Verdict | None:
        """One member's verdict, without making the others'."""
        if group not in self._parts or area not in self._code:
            return None
        part = self._parts[group]
        rows = np.flatnonzero(self._areas[part] == self._code[area])
        if not len(rows):
            return None
        at = part.start + int(rows[-1])
        return next(iter(self._verdicts(slice(at, at + 1)).values()))

    def _verdicts(self, part: slice) -> Mapping[str, Verdict]:
        areas, kinds = self._areas[part].tolist(), self._kinds[part].tolist()
        return {
            self._places[area]: Verdict(self._words[kind], *numbers)
            for area, kind, numbers in zip(areas, kinds, self._numbers[part].tolist(), strict=True)
        }
