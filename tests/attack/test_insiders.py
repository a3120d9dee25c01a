"""A member with all its own pupils beside the published table: two members' hidden cells hid each other from all but these."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.layout import ONLY_OUTSIDERS, Layout, Table, layout_of
from metrics.protect import gate
from metrics.protect.errors import DisclosureError
from metrics.protect.thresholds import Thresholds
from tests.attack.test_gate import CELLS, REGION, VOCATIONAL, K, attack, inner_frame, members_of, outcomes, publish

LAYOUT = Layout(
    tables=tuple(Table(areas=areas, by=by) for areas in ("members", "region") for by in ((), ("sex",), ("model",)))
)
SEEDS = 1, 2, 3
Bound = tuple[np.ndarray, float, float]


def region(seed: int) -> np.ndarray:
    """Ordinary members, two of which have a few girls (or boys) not eligible: their hidden cells hide each other."""
    rng = np.random.default_rng(seed)
    numbers = rng.integers(12, 60, len(CELLS))
    sex = rng.choice(["boys", "girls"])
    for code in rng.permutation(REGION.codes)[:2]:
        for models, background in product(("", "sspf"), ("foreign", "swedish")):
            numbers[CELLS.index((code, models, sex, background, (0, 0)))] = 0
        numbers[CELLS.index((code, "", sex, "swedish", (0, 0)))] = rng.integers(2, 5)
    return numbers


@cache
def values_of(seed: int, *, members: bool) -> pd.DataFrame:
    layout = replace(LAYOUT, members=members)
    return publish(inner_frame(region(seed)), indicators=(VOCATIONAL,), layout=layout)[0].values


def narrowed(values: pd.DataFrame, numbers: np.ndarray, code: str) -> list[tuple[str, str, str]]:
    """Few not eligible in another member's row, whom this member narrows to less than k with its own pupils known."""
    own = [place for place, cell in enumerate(CELLS) if cell[0] == code]
    known: list[Bound] = [(np.arange(len(CELLS)) == place, numbers[place], numbers[place]) for place in own]
    found = []
    for row in values[(values["area_type"] == "municipality") & (values["status"] == "hidden")].itertuples(index=False):
        target = members_of(row) & ~outcomes(row.indicator)
        if row.area != REGION.member(code).name and 0 < numbers[target].sum() < K:
            low, high = attack(values, target, known)
            found += [(row.area, row.model, row.sex)] if high - low < K - 1e-3 else []
    return found


def everyone(values: pd.DataFrame, numbers: np.ndarray) -> list[tuple[str, str, str]]:
    return [each for code in REGION.codes for each in narrowed(values, numbers, code)]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_member_narrows_another_members_few(seed: int) -> None:
    numbers = region(seed)
    values = values_of(seed, members=True)
    assert (values["status"] == "hidden").any()
    assert everyone(values, numbers) == []


def test_the_attack_finds_what_two_members_hide_for_each_other_only() -> None:
    for seed in SEEDS:
        assert len(everyone(values_of(seed, members=False), region(seed))) == 2


def test_no_more_is_hidden_than_what_a_third_member_needs() -> None:
    hidden = [(values_of(SEEDS[0], members=each)["status"] == "hidden").sum() for each in (False, True)]
    assert hidden[0] < hidden[1] <= 2 * hidden[0]


def test_the_setting_asks_for_it_in_every_family() -> None:
    numbers = region(SEEDS[1])
    asked = publish(inner_frame(numbers), indicators=(VOCATIONAL,), layout=LAYOUT, thresholds=Thresholds(members=True))[
        0
    ].values
    assert everyone(asked, numbers) == []
    assert asked["status"].tolist() == values_of(SEEDS[1], members=True)["status"].tolist()


def test_a_table_that_a_member_sees_through_is_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "hidden_for_members", lambda problem, hidden, known, found, last: (hidden, found))
    with pytest.raises(DisclosureError, match="2 narrow"):
        values_of.__wrapped__(SEEDS[0], members=True)


def test_the_families_that_are_kept_open_to_members_without_being_asked() -> None:
    kept = {name for name in catalogue.default().populations if layout_of(name).members}
    assert len(kept) == 10
    assert kept.isdisjoint(ONLY_OUTSIDERS)
