"""What an outsider works out of the pupils whom models met: from one release, from all of them, and from those around."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from metrics.evaluate.reached import PARTS, Met, Others
from metrics.protect.reached import protected_reached
from metrics.protect.thresholds import Thresholds

K = 5
WORLDS = 24


def world(random: np.random.Generator, pupils: int = 90) -> list[Met]:
    """Three model types that met some of the same pupils, with absence that is mostly the same in every model."""
    share = random.uniform(0.1, 0.6)
    absent = pd.DataFrame(random.random((pupils, len(PARTS))) < share, columns=list(PARTS))
    ends = [(0, int(random.integers(8, 60))), (int(random.integers(0, 30)), 75), (int(random.integers(60, 88)), pupils)]
    found = []
    for number, (low, high) in enumerate(ends):
        own = absent.iloc[low:high].copy()
        if random.random() < 0.3:
            own["after"] = random.random(len(own)) < share
        others = (Others(high=int(random.integers(3, 40)), low=40),)
        reached = len(own) + int(random.choice([0, 3, 20]))
        found.append(Met(model=f"m{number}", reached=reached, pupils=own, one_school=False, others=others))
    return found


def told(found: list[Met], earlier: list[pd.DataFrame]) -> pd.DataFrame:
    return protected_reached(found, earlier, area="GR", thresholds=Thresholds())


def shown(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    return {row["model"]: row for row in table[table["status"] == "shown"].to_dict("records")}


def groups(found: list[Met], rows: dict[str, dict[str, float]]) -> dict[tuple[str, ...], list[int]]:
    """The pupils by the set of shown model types that follow them."""
    own = {each.model: set(each.pupils.index) for each in found if each.model in rows}
    by_set: dict[tuple[str, ...], list[int]] = {}
    for pupil in sorted(set().union(*own.values()) if own else set()):
        by_set.setdefault(tuple(m for m in sorted(own) if pupil in own[m]), []).append(pupil)
    return by_set


def worked_out(found: list[Met], rows: dict[str, dict[str, float]], part: str) -> Iterator[tuple[int, int, float]]:
    """(pupils, with high absence, width of what an outsider is left with) of everyone in the same models.

    The outsider knows how many pupils every set of models shares and where the outcomes are the same ones.
    """
    frames = {each.model: each.pupils[part] for each in found if each.model in rows}
    sets = groups(found, rows)
    keys = [(models, model) for models in sets for model in models]
    place = {key: number for number, key in enumerate(keys)}
    equal, total = [], []
    for model, row in rows.items():
        equal.append([float(own == model) for _, own in keys])
        total.append(row[part])
    for models, pupils in sets.items():
        for one, other in itertools.combinations(models, 2):
            if (frames[one].loc[pupils] == frames[other].loc[pupils]).all():
                equal.append([float(key == (models, one)) - float(key == (models, other)) for key in keys])
                total.append(0.0)
    bounds = [(0, len(sets[models])) for models, _ in keys]
    for (models, model), number in place.items():
        goal = np.eye(len(keys))[number]
        ends = [sign * linprog(sign * goal, A_eq=equal, b_eq=total, bounds=bounds).fun for sign in (1, -1)]
        pupils = sets[models]
        yield len(pupils), int(frames[model].loc[pupils].sum()), ends[1] - ends[0]


@pytest.mark.parametrize("seed", range(4))
def test_nothing_about_fewer_than_five_follows_from_a_release(seed: int) -> None:
    random = np.random.default_rng(seed)
    told_of = 0
    for _ in range(WORLDS // 4):
        found = world(random)
        rows = shown(told(found, []))
        told_of += len(rows)
        for part in PARTS:
            for pupils, high, width in worked_out(found, rows, part):
                few = min(high, pupils - high) < K
                assert not few or width >= min(K, pupils) - 1e-6
    assert told_of > 3


def test_no_pattern_over_the_three_parts_follows_narrowly() -> None:
    """All eight patterns: what the four numbers of one model type leave open of each."""
    random = np.random.default_rng(9)
    patterns = list(itertools.product([0, 1], repeat=len(PARTS)))
    sums = np.array([[1] * 8, *([each[part] for each in patterns] for part in range(len(PARTS)))], dtype=float)
    tried = 0
    for _ in range(WORLDS // 2):
        for row in shown(told(world(random), [])).values():
            numbers = [row[name] for name in ("followed", *PARTS)]
            for goal in np.eye(8):
                low, high = (sign * linprog(sign * goal, A_eq=sums, b_eq=numbers).fun for sign in (1, -1))
                assert high - low >= K - 1e-6
                tried += 1
    assert tried > 100


def test_no_two_releases_tell_of_fewer_than_five_who_came_or_left() -> None:
    random = np.random.default_rng(4)
    changed = 0
    for _ in range(4):
        tables: list[pd.DataFrame] = []
        low, high = 0, 30
        absent = pd.DataFrame(random.random((400, len(PARTS))) < 0.4, columns=list(PARTS))
        for _ in range(8):
            others = (Others(high=40, low=40),)
            pupils = absent.iloc[low:high]
            own = Met(model="m", reached=high + 20, pupils=pupils, one_school=False, others=others)
            tables.insert(0, told([own], tables))
            high += int(random.choice([1, 3, 8, 30]))
            low += int(random.choice([0, 0, 2]))
        rows = [shown(each)["m"] for each in tables if shown(each)]
        for new, old in itertools.combinations(rows, 2):
            came = new["followed"] - old["followed"]
            moved = [new[part] - old[part] for part in PARTS]
            some = [came, *moved, *(came - each for each in moved)]
            changed += any(some)
            assert not any(some) or min(abs(each) for each in some) >= K
    assert changed > 5


def test_those_around_the_group_never_become_few() -> None:
    """A published class less the group: what is left has five with high absence and five without, or nobody at all."""
    random = np.random.default_rng(2)
    for _ in range(WORLDS):
        found = world(random)
        rows = shown(told(found, []))
        for each in found:
            if each.model in rows:
                assert all(min(left.high, left.low) >= K or left == Others(high=0, low=0) for left in each.others)
                assert each.reached - len(each.pupils) not in range(1, K)
