"""The mutation operator over the whole table of values: every hidden cell, out of every sum it stands in.

A leak is planted by showing all of a sum but one hidden cell, with four pupils left for it; the outsider's own sums must
find it. They are those that the committed release is attacked with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from tests.attack import outsider
from tests.attack.outsider import Cell

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
LEFT = 4.0
SOME = ("eligibility_vocational", "found_after_1_years_introductory")
PLACES = ("period", "area_type", "area", "provider", "stage", "model", "sex", "background")
KINDS = {"period", "area", "area_type", "provider", "stage", "model", "sex", "background"}
HIDDEN = SimpleNamespace(status="hidden")


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    rows = outsider.own(pd.read_parquet(DEMO / "open" / "values.parquet"))
    return rows[rows["status"].isin(["shown", "hidden"])].reset_index(drop=True)


def planted(cells: dict[Cell, Any]) -> Iterator[tuple[Cell, Cell, list[Cell]]]:
    """(hidden cell, sum, its parts there are) for every sum that a hidden cell is a part of."""
    for whole, parts, _ in outsider._ties(cells):
        there = [each for each in parts if each in cells]
        yield from ((each, whole, there) for each in there if cells[each].status == "hidden")


def most_left(target: Cell, whole: Cell, parts: list[Cell], part: str) -> float:
    """The most that the target can have of a part, by the outsider's sums, when all the others are shown."""
    numbers = {"denominator": 90.0, "numerator": 60.0, "rest": 30.0}
    left = {"rest": {"denominator": 64.0, "numerator": 60.0, "rest": LEFT}}.get(
        part, {"denominator": 64.0, "numerator": LEFT, "rest": 60.0}
    )
    left = left if part != "denominator" else {"denominator": LEFT, "numerator": 2.0, "rest": 2.0}
    sums = outsider.Sums()
    sums.add(target, HIDDEN)
    for name, each in numbers.items():
        sums.bounds |= {(other, name): [each, each] for other in parts if other != target}
        sums.bounds[whole, name] = [each * (len(parts) - 1) + left[name]] * 2
    sums.tie(whole, parts, exact=False)
    sums.narrow()
    return float(sums.bounds[target, part][1])


def kind(whole: Cell, part: Cell) -> str:
    """What divides a sum into its parts; the area type first where both it and the area differ."""
    return next(name for place, name in enumerate(PLACES) if whole[place] != part[place])


def attacked(rows: pd.DataFrame) -> tuple[set[Cell], set[Cell], Counter[str]]:
    """(every hidden cell, those that are part of some sum, how many leaks were planted by kind of sum)."""
    every: set[Cell] = set()
    reached: set[Cell] = set()
    kinds: Counter[str] = Counter()
    for _, own in rows.groupby(rows["indicator"].map(outsider._flow_of)):
        cells = {outsider._cell(row): row for row in own.itertuples()}
        every |= {each for each, row in cells.items() if row.status == "hidden"}
        for target, whole, parts in planted(cells):
            reached.add(target)
            kinds[kind(whole, target)] += 1
            assert {most_left(target, whole, parts, part) for part in ("denominator", "numerator", "rest")} == {LEFT}
    return every, reached, kinds


def shown_kinds(cells: Iterable[str]) -> str:
    return ", ".join(sorted(cells))


def test_every_hidden_cell_of_some_indicators_is_found_out_of_every_sum(values: pd.DataFrame) -> None:
    every, reached, kinds = attacked(values[values["indicator"].isin(SOME)])
    assert len(every) > 100
    assert {"period", "area_type", "sex", "background", "provider"} <= set(kinds), shown_kinds(kinds)
    assert len(reached) > 0.9 * len(every)


@pytest.mark.soak
def test_every_hidden_cell_of_the_release_is_found_out_of_every_sum(values: pd.DataFrame) -> None:
    every, reached, kinds = attacked(values)
    print(f"hidden cells: {len(every)}, in some sum: {len(reached)}, planted: {dict(kinds)}")
    assert len(every) > 5000
    assert set(kinds) >= KINDS - {"area"}, shown_kinds(kinds)
    assert len(reached) > 0.9 * len(every)
