"""The same pupils in two families: year-9 leavers who moved are those who moved out of the activity responsibility."""

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.protect.gate import protect
from metrics.protect.known import told_elsewhere
from metrics.protect.splits import wholes_first
from metrics.protect.thresholds import Thresholds
from metrics.release import read
from metrics.values import Counts, Published
from tests.attack.inner import classes, inner_row, region_of

K = 5
ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = catalogue.default()
STATES = ("national", "individual", "moved", "unknown")
STEPS = [replace(CATALOGUE.indicators[f"next_step_{state}"], linkage=None) for state in STATES]
MOVED = CATALOGUE.indicators["activity_left_moved"]
REGION = region_of("ABCD")
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region")))
LEAVERS = {"A": (200, 12, 8, 3), "B": (300, 20, 9, 20), "C": (250, 25, 7, 15), "D": (260, 30, 6, 18)}
"""By member, how many are in each of the states."""


def counts(family: str, rows: list[dict[str, object]]) -> Counts:
    return Counts(population=family, period_kind="school_year", inner=pd.DataFrame(rows))


def activity(moved: dict[str, int]) -> Published:
    """The activity responsibility the year after, with so many who moved and 40 others in each member."""
    rows = [
        inner_row(number, home=member.code, period="2025/26", stage="all", **{f"{MOVED.name}__denominator": 1})
        | {f"{MOVED.name}__numerator": int(has)}
        for member in REGION.members
        for number, has in ((moved[member.name], True), (40, False))
        if number
    ]
    told = counts("activity_responsibility", rows)
    return protect(told, LAYOUT, indicators=[MOVED], region=REGION, thresholds=Thresholds())[0]


def steps(elsewhere: list[Published]) -> pd.DataFrame:
    """The states as published beside what another family has told, by area and state."""
    rows = [
        inner_row(number, school=member.code, **classes(**{each.name: int(each is state) for each in STEPS}))
        for member in REGION.members
        for state, number in zip(STEPS, LEAVERS[member.name], strict=True)
    ]
    leavers = counts("year9_leavers", rows)
    known = told_elsewhere(leavers, STEPS, elsewhere, region=REGION)
    found, _ = protect(leavers, LAYOUT, indicators=STEPS, region=REGION, thresholds=Thresholds(), known=known)
    return found.values.set_index(["area", "indicator"])


def follows(values: pd.DataFrame, told: Published) -> dict[str, float]:
    """By member, a hidden number of unknown that is what all other states leave, with the moved from the other family."""
    moved = told.values[told.values["status"] == "shown"].set_index("area")["numerator"]
    found = {}
    for member in (each.name for each in REGION.members):
        states = values.loc[member]
        states = states.assign(
            numerator=states["numerator"].where(states.index != "next_step_moved", moved.get(member))
        )
        others = states.drop(index="next_step_unknown")["numerator"]
        if states.loc["next_step_unknown", "status"] == "hidden" and others.notna().all():
            found[member] = float(states["denominator"].max() - others.sum())
    return found


SAME = {"A": 8, "B": 9, "C": 7, "D": 6}


def test_who_moved_hides_nobody_where_another_family_tells_how_many() -> None:
    told = activity(SAME)
    values = steps([told])
    assert follows(values, told) == {}
    assert (values.xs("next_step_moved", level="indicator")["status"] == "shown").all()
    assert values.loc[("A", "next_step_unknown"), "status"] == "hidden"


def test_without_what_the_other_family_tells_the_hidden_number_follows() -> None:
    """Planted: the leavers protected by themselves, as they were in a release before."""
    assert follows(steps([]), activity(SAME))["A"] == LEAVERS["A"][-1] < K


@pytest.mark.parametrize(("moved", "low"), [(8, 8.0), (11, 0.0)])
def test_the_other_family_bounds_the_number_and_gives_it_where_they_agree(moved: int, low: float) -> None:
    rows = [inner_row(8, school="0001", **classes(next_step_moved=1))]
    known = told_elsewhere(counts("year9_leavers", rows), STEPS, [activity(SAME | {"A": moved})], region=REGION)
    own = [each for each in known if each.area == "A"]
    assert [(each.period, each.part, each.low, each.high) for each in own] == [("2024/25", "numerator", low, moved)]


def single_states(values: pd.DataFrame) -> pd.DataFrame:
    """Hidden states of a member and year that all the others leave, with the moved from the year after's other family."""
    own = values[(values["series"] == "own") & (values["area_type"] == "municipality")]
    own = own[(own["period_kind"] == "school_year") & (own[["model", "sex", "background"]] == "all").all(axis=1)]
    steps = own[own["indicator"].str.startswith("next_step_")].assign(spring=lambda rows: rows["period_to"].str[:4])
    moved = own[(own["indicator"] == MOVED.name) & (own["status"] == "shown")]
    known = {(row.area, str(int(row.period_to[:4]) - 1)): float(row.numerator) for row in moved.itertuples()}
    told = [known.get((row.area, row.spring)) for row in steps.itertuples()]
    is_moved = (steps["indicator"] == "next_step_moved") & steps["numerator"].isna()
    steps = steps.assign(numerator=steps["numerator"].where(~is_moved, told))
    keys = ["area", "spring"]
    sums = steps.groupby(keys).agg(
        whole=("denominator", "max"), states=("numerator", "sum"), lacking=("status", "size")
    )
    sums["lacking"] -= steps.groupby(keys)["numerator"].count()
    alone = steps[steps["numerator"].isna()].join(sums[sums["lacking"] == 1], on=keys, how="inner")
    return alone.assign(left=alone["whole"] - alone["states"])


def test_no_state_of_few_follows_in_the_example_release() -> None:
    values = read.load(ROOT / "data" / "demo").values.values
    found = single_states(values)
    few = found[found["left"].between(1, K - 1)]
    assert few.empty, f"{len(few)} follow: {few['indicator'].unique()}"


def test_a_family_that_tells_of_another_goes_through_the_gate_first() -> None:
    order = wholes_first(CATALOGUE.populations, CATALOGUE.indicators)
    assert sorted(order) == sorted(CATALOGUE.populations)
    for each in CATALOGUE.indicators.values():
        if each.elsewhere:
            assert order.index(CATALOGUE.indicators[each.elsewhere].population) < order.index(each.population)
    assert [each.name for each in CATALOGUE.indicators.values() if each.elsewhere] == ["next_step_moved"]
