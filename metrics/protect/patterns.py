"""Outcome patterns: what pupils have been seen in, and what an outsider cannot rule out although nobody has been seen in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.declare import Indicator

Flags = NDArray[np.bool_]


def with_patterns(frame: pd.DataFrame, indicators: Sequence[Indicator]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frame with the number of each row's outcome pattern, and the patterns.

    An outcome that no one in the region has, or everyone, gets a pattern of its own: an outsider cannot rule it out.
    """
    names = [f"{each.name}__{part}" for each in indicators for part in ("denominator", "numerator")]
    flags = [name for name in names if name in frame.columns]
    coded = frame.assign(pattern=frame.groupby(flags, sort=True).ngroup())
    patterns = coded.groupby("pattern")[flags].first()
    common = coded.groupby("pattern")["contributors"].sum().to_numpy(dtype=float)
    extra = [_unseen(patterns, common, each, indicators) for each in indicators if f"{each.name}__numerator" in flags]
    return coded, pd.concat([patterns, *extra], ignore_index=True)


def _unseen(
    patterns: pd.DataFrame, common: NDArray[np.float64], indicator: Indicator, indicators: Sequence[Indicator]
) -> pd.DataFrame:
    """The pattern with the outcome that none of an indicator's has and that is otherwise nearest to one that is there.

    Of those equally near it is the commonest. That nobody is outside a state of a flow is the same as that the others
    lack everyone. No pattern at all where no pupil that is declared possible can have the outcome.
    """
    top, inside = f"{indicator.name}__numerator", (patterns[f"{indicator.name}__denominator"] > 0).to_numpy()
    lacking = [value for value in (0, 1) if not (patterns.loc[inside, top] == value).any()]
    others = [each for each in indicators if each.part_of and each.part_of == indicator.part_of and each != indicator]
    if not inside.any() or not lacking or (others and lacking[0] == 0) or indicator.rarely_reached:
        return patterns.iloc[:0]
    pupils = Pupils(patterns[inside], common[inside], indicators)
    pupils.settle(top, lacking[0], np.ones(int(inside.sum()), bool))
    pupils.follow()
    return pupils.nearest()


class Pupils:
    """Invented pupils, one like each of some patterns: what is settled of them settles more by what is declared."""

    def __init__(self, patterns: pd.DataFrame, common: NDArray[np.float64], indicators: Sequence[Indicator]):
        """`common`: how many have each pattern."""
        self.before, self.common, self.indicators = patterns, common, indicators
        self.value = {str(name): patterns[name].to_numpy() > 0 for name in patterns.columns}
        self.settled = {name: np.zeros(len(patterns), bool) for name in self.value}
        self.possible = np.ones(len(patterns), bool)
        self.rules = list(_rules(indicators, self.value))
        self.flows = _flows(indicators, self.value)

    def settle(self, name: str, value: int | bool, where: Flags) -> bool:
        """Whether this told something new; a pupil for whom the opposite is settled already is not possible."""
        self.possible &= ~(where & self.settled[name] & (self.value[name] != bool(value)))
        new = where & ~self.settled[name]
        self.settled[name] |= new
        self.value[name] = np.where(new, bool(value), self.value[name])
        return bool(new.any())

    def follow(self) -> None:
        """Settle all that follows."""
        while any([*(self._ruled(*rule) for rule in self.rules), *(self._in_one(states) for states in self.flows)]):
            pass

    def _ruled(self, top: str, name: str, part: str, value: bool) -> bool:
        """Whoever has an outcome has this value in another indicator, where counted in it; and the other way round."""
        other, counting = f"{name}__{part}", f"{name}__denominator"
        counted = self.value[counting] if part == "numerator" else np.ones(len(self.possible), bool)
        had = self.value[top] & (self.settled[top] | self.settled[counting])
        told = self.settle(other, value, had & counted)
        if part == "denominator" and not value and f"{name}__numerator" in self.value:
            told |= self.settle(f"{name}__numerator", False, had)
        return told | self.settle(top, False, self._is(other, not value) & counted)

    def _is(self, name: str, value: bool) -> Flags:
        return np.asarray(self.settled[name] & (self.value[name] == value))

    def _in_one(self, states: Sequence[str]) -> bool:
        """Everyone counted in a flow is in one state: who comes into it leaves the others, and who leaves goes somewhere."""
        told = False
        for state in states:
            for other in states:
                told |= other != state and self.settle(other, False, self._is(state, True))
        had = np.logical_or.reduce([self.before[state] > 0 for state in states])
        nowhere = had & ~np.logical_or.reduce([self.value[state] for state in states])
        for state in sorted(states, key=lambda each: -float(self.common @ (self.before[each] > 0))):
            here = nowhere & ~self.settled[state]
            told |= self.settle(state, True, here)
            nowhere &= ~here
        self.possible &= ~nowhere
        return told

    def nearest(self) -> pd.DataFrame:
        """The possible pupil that differs in least from the pattern it is like; nobody comes into what is rarely reached."""
        made = pd.DataFrame(self.value, index=self.before.index).astype(self.before.dtypes)
        rare = [f"{each.name}__numerator" for each in self.indicators if each.rarely_reached]
        kept = self.possible & ~(made > self.before)[[name for name in rare if name in made]].any(axis=1).to_numpy()
        order = np.lexsort((-self.common, (made != self.before).sum(axis=1).to_numpy()))
        return made.iloc[order[kept[order]][:1]]


def _rules(indicators: Sequence[Indicator], told: dict[str, Flags]) -> Iterator[tuple[str, str, str, bool]]:
    """What is implied: by which outcome, of which indicator, of its numerator or denominator, and the value."""
    for each in indicators:
        wider = {each.within: "outcome"} if each.within else {}
        for name, implied in (wider | dict(each.implies)).items():
            part = "denominator" if "counted" in implied else "numerator"
            if {f"{each.name}__numerator", f"{name}__{part}"} <= told.keys():
                yield f"{each.name}__numerator", name, part, implied in ("outcome", "counted")


def _flows(indicators: Sequence[Indicator], told: dict[str, Flags]) -> list[list[str]]:
    """The states of every flow that is told of in more than one."""
    flows: dict[str, list[str]] = {}
    for each in indicators:
        if each.part_of and f"{each.name}__numerator" in told:
            flows.setdefault(each.part_of, []).append(f"{each.name}__numerator")
    return [states for states in flows.values() if len(states) > 1]
