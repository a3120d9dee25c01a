"""A member's total less the region's row of a model that no other member has: what is left is a group that no row is about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from metrics.layout import Layout, Table
from metrics.protect import gate
from metrics.protect.generations import EarlierTable, History
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from tests.attack.inner import classes, inner_row, region_of
from tests.attack.test_gate import VOCATIONAL

K = 5
REGION = region_of("ABCD")
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region"), Table(areas="region", by=("model",))))
Numbers = dict[tuple[str, str], tuple[int, int]]
"""By member and set of models: pupils with the outcome and without it."""
PLAN_IN_A: Numbers = {
    ("A", "team"): (60, 4),
    ("A", "plan|team"): (80, 20),
    ("B", "team"): (90, 30),
    ("C", ""): (70, 25),
    ("D", "team"): (200, 60),
}
"""Only A has the plan; of those with the team alone there four are not eligible."""
TWO_SETS: Numbers = PLAN_IN_A | {("B", "team"): (90, 30), ("B", "plan"): (55, 3), ("A", "team"): (60, 40)}
"""B's schools with the plan alone have three: the region's plan less A's would give them, if anything gave A's."""
ONE_SET: Numbers = PLAN_IN_A | {("A", "team"): (60, 40)}


def counts_of(numbers: Numbers) -> Counts:
    codes = {member.name: member.code for member in REGION.members}
    rows = [
        inner_row(
            number, school=codes[area], where=f"{area}{models}", models=models, **classes(eligibility_vocational=has)
        )
        for (area, models), both in numbers.items()
        for has, number in zip((1, 0), both, strict=True)
    ]
    frame = pd.DataFrame(rows)
    return Counts(population="year9_leavers", period_kind="school_year", inner=frame, main_provider="municipal")


def published(numbers: Numbers, *earlier: EarlierTable) -> pd.DataFrame:
    history = History(tables={"2024/25": earlier}) if earlier else None
    given = {"indicators": (VOCATIONAL,), "region": REGION, "thresholds": Thresholds(), "history": history}
    return gate.protect(counts_of(numbers), LAYOUT, **given)[0].values


def narrowest(numbers: Numbers, values: pd.DataFrame) -> float:
    """The least that is left open of the few who are not eligible in a member's schools with one set of models."""
    cells, width = list(numbers), len(numbers)
    told, truth = [], []
    for row in values[values["status"] == "shown"].itertuples():
        areas = {area for area, _ in cells} if row.area == REGION.name else {row.area}
        name, sign = row.model.removeprefix("without:"), "without:" in row.model
        held = [
            name == "all" or (models == "" if name == "none" else (name in models.split("|")) ^ sign)
            for _, models in cells
        ]
        inside = np.array([area in areas and has for (area, _), has in zip(cells, held, strict=True)], float)
        told += [np.concatenate([inside, 0 * inside]), np.concatenate([0 * inside, inside])]
        truth += [row.numerator, row.denominator - row.numerator]
    stated = {"A_eq": np.array(told), "b_eq": truth, "method": "highs"}
    found = []
    for place, (_, without) in enumerate(numbers.values()):
        if 0 < without < K:
            asked = np.eye(2 * width)[width + place]
            low, high = (linprog(sign * asked, **stated) for sign in (1, -1))
            found.append(np.inf if high.status == 3 else -high.fun - low.fun)
    return min(found)


@pytest.mark.parametrize("numbers", [PLAN_IN_A, TWO_SETS], ids=["plan in A", "two sets"])
def test_few_of_a_set_of_models_do_not_follow_from_rows_that_cross(numbers: Numbers) -> None:
    values = published(numbers)
    assert narrowest(numbers, values) >= K - 1e-3
    assert (values["status"] == "shown").any()


def test_the_gate_of_before_let_them_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody looks at the places that no row is about."""
    monkeypatch.setattr(gate, "open_in_places", lambda problem, solve, *_: (problem, *solve(problem)))
    assert narrowest(PLAN_IN_A, published(PLAN_IN_A)) == 0


def test_few_of_a_set_who_are_so_since_a_release_do_not_follow_either() -> None:
    """What the first release showed stays known: the second is held, or hides what would give them."""
    before, first = counts_of(ONE_SET), published(ONE_SET)
    table = EarlierTable(
        inner=before.inner, missing=before.missing, main_provider="municipal", layout=LAYOUT, rows=first
    )
    values = published(PLAN_IN_A, table)
    columns = ["area", "model", "status", "numerator"]
    held = values[columns].equals(first[columns])
    assert held or narrowest(PLAN_IN_A, values) >= K - 1e-3


BY_SEX = Layout(
    tables=(*LAYOUT.tables, Table(areas="members", by=("sex",)), Table(areas="region", by=("model", "sex")))
)
BOYS: Numbers = dict.fromkeys(PLAN_IN_A, (150, 45))


def girls(layout: Layout) -> pd.DataFrame:
    """The rows about girls, where the girls are as in PLAN_IN_A and there are boys enough everywhere."""
    parts = [counts_of(PLAN_IN_A).inner, counts_of(BOYS).inner.assign(sex="boys")]
    counts = replace(counts_of(BOYS), inner=pd.concat(parts, ignore_index=True))
    values = gate.protect(counts, layout, indicators=(VOCATIONAL,), region=REGION, thresholds=Thresholds())[0].values
    return values[values["sex"] == "girls"]


def test_few_girls_of_a_set_do_not_follow_from_rows_by_sex_that_cross(monkeypatch: pytest.MonkeyPatch) -> None:
    assert narrowest(PLAN_IN_A, girls(BY_SEX)) >= K - 1e-3
    monkeypatch.setattr(gate, "open_in_places", lambda problem, solve, *_: (problem, *solve(problem)))
    assert narrowest(PLAN_IN_A, girls(BY_SEX)) == 0


def test_where_no_set_has_few_nothing_more_is_hidden() -> None:
    assert set(published(ONE_SET)["status"]) == {"shown"}
