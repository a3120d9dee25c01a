"""States of a flow: a pupil is in exactly one, so a state that is hidden alone is the whole less the others."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.protect.gate import joint_problem, protect
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from tests.attack.inner import classes, inner_row, region_of

REGION = region_of("ABC")
FLOW = [each for each in catalogue.default().family("reported_children") if each.part_of == "investigation_time"]
STATES = [each.name for each in FLOW]
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region"), Table(areas="region", by=("sex",))))
KEYS = ["area_type", "area", "sex"]


def counts(numbers: dict[tuple[str, str], tuple[int, ...]]) -> Counts:
    """Children by home municipality, sex and state, in the order of STATES."""
    rows = [
        inner_row(number, home=code, period="2023", sex=sex, **classes(**{name: int(name == state) for name in STATES}))
        for (code, sex), held in numbers.items()
        for state, number in zip(STATES, held, strict=True)
        if number
    ]
    return Counts(population="reported_children", period_kind="calendar_year", inner=pd.DataFrame(rows))


def published(found: Counts) -> pd.DataFrame:
    values, report = protect(found, LAYOUT, indicators=FLOW, region=REGION, thresholds=Thresholds())
    assert report["narrow"] == 0
    return values.values


NOBODY_OPEN = {
    ("0001", "girls"): (40, 20, 12, 0),
    ("0001", "boys"): (50, 22, 11, 0),
    ("0002", "girls"): (60, 9, 8, 0),
    ("0002", "boys"): (44, 12, 3, 0),
    ("0003", "girls"): (70, 30, 9, 0),
    ("0003", "boys"): (61, 20, 14, 0),
}


def random_numbers(seed: int) -> dict[tuple[str, str], tuple[int, ...]]:
    random = np.random.default_rng(seed)
    return {place: tuple(random.poisson((40, 12, 3, 2 * (seed % 2))).tolist()) for place in NOBODY_OPEN}


@pytest.mark.parametrize("numbers", [NOBODY_OPEN, *map(random_numbers, range(6))])
def test_no_state_is_the_whole_less_the_others(numbers: dict[tuple[str, str], tuple[int, ...]]) -> None:
    for _, group in published(counts(numbers)).groupby(KEYS):
        hidden = int((group["status"] == "hidden").sum())
        assert len(group) == len(STATES)
        assert hidden != 1
        assert hidden or group["numerator"].sum() == group["denominator"].iloc[0]


def test_a_state_that_nobody_is_in_is_shown_where_no_other_is_small() -> None:
    found = published(counts(NOBODY_OPEN))
    region = found[(found["area_type"] == "region") & (found["sex"] == "all")].set_index("indicator")
    assert region.loc["investigation_still_open", "numerator"] == 0


def test_every_pattern_that_an_outsider_may_think_of_is_one_state() -> None:
    found = counts(NOBODY_OPEN)
    problem, _, _ = joint_problem(found, "2023", LAYOUT, FLOW, REGION, Thresholds())
    held = np.array([each.numerator for each in problem.joint.outcomes])
    inside = np.array([each.denominator for each in problem.joint.outcomes])
    assert (held.sum(axis=0) == inside.max(axis=0)).all()


def test_without_the_flow_the_attack_would_be_thought_weaker() -> None:
    """The same states as shares of their own: the gate may then think that a pupil is in two of them."""
    alone = [replace(each, unit="share", part_of="") for each in FLOW]
    problem, _, _ = joint_problem(counts(NOBODY_OPEN), "2023", LAYOUT, alone, REGION, Thresholds())
    held = np.array([each.numerator for each in problem.joint.outcomes])
    assert held.sum(axis=0).max() > 1
