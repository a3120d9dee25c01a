"""A combination of models told in one release is known in the next, when the period has changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from metrics.layout import Layout, Table
from metrics.protect.gate import protect
from metrics.protect.generations import EarlierTable, History
from metrics.protect.known import KnownSum
from metrics.protect.thresholds import Thresholds
from metrics.release import records
from metrics.values import Counts, Published
from tests.attack.inner import classes, inner_row, region_of
from tests.attack.test_gate import VOCATIONAL

REGION = region_of("ABC")
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region"), Table(areas="region", by=("model",))))
PERIOD, BOTH = "2024/25", "sspf|team"
SETS = ("", "sspf", "team", BOTH)
Numbers = dict[tuple[str, str], tuple[int, int]]
"""By member and set of models: pupils with the outcome and without it."""
BEFORE: Numbers = {(member.name, models): (70, 25) for member in REGION.members for models in SETS}
AFTER = BEFORE | {("A", BOTH): (70 + 40, 25 + 3)}
"""Forty-three more of the schools with both, three of them not eligible."""


def counts_of(numbers: Numbers) -> Counts:
    codes = {member.name: member.code for member in REGION.members}
    rows = [
        inner_row(
            number, school=codes[area], where=f"{area}{models}", models=models, **classes(eligibility_vocational=has)
        )
        for (area, models), both in numbers.items()
        for has, number in zip((1, 0), both, strict=True)
    ]
    return Counts(
        population="year9_leavers", period_kind="school_year", inner=pd.DataFrame(rows), main_provider="municipal"
    )


def release(numbers: Numbers, *earlier: EarlierTable) -> tuple[Published, list[str]]:
    history = History(tables={PERIOD: earlier}) if earlier else None
    given = {"indicators": (VOCATIONAL,), "region": REGION, "thresholds": Thresholds(), "history": history}
    found, report = protect(counts_of(numbers), LAYOUT, **given)
    return found, report["held"]


def told(low: float, high: float) -> list[KnownSum]:
    """What an earlier release told of those of both models who are eligible, and how many they were."""
    about = {"period": PERIOD, "indicator": VOCATIONAL.name, "area": REGION.name, "sex": "all", "provider": "municipal"}
    numbers = {"denominator": (285.0, 285.0), "numerator": (low, high)}
    return [
        KnownSum(**about, model=f"set:{BOTH}", part=part, low=bounds[0], high=bounds[1])
        for part, bounds in numbers.items()
    ]


def kept(*stated: KnownSum) -> EarlierTable:
    """The first release with every row hidden but what it told of the combination."""
    counts = counts_of(BEFORE)
    rows = release(BEFORE)[0].values
    rows = rows.assign(status="hidden", numerator=float("nan"), denominator=float("nan"), value=float("nan"))
    return EarlierTable(
        inner=counts.inner, missing=counts.missing, main_provider="municipal", layout=LAYOUT, rows=rows, told=stated
    )


def hidden(*stated: KnownSum) -> set[str]:
    """The region's rows that are hidden in the second release."""
    found, held = release(AFTER, kept(*stated))
    assert held == []
    rows = found.values[found.values["area_type"] == "region"]
    return set(rows.loc[rows["status"] == "hidden", "model"])


def test_a_combination_told_exactly_hides_what_would_tell_of_the_few_who_came_since() -> None:
    """Those without any model, and without one of the two, would give the rest of the schools with both of them."""
    assert hidden(*told(210.0, 210.0)) == hidden() | {"none", "without:team"}


def test_what_was_told_within_its_rounding_costs_nothing() -> None:
    """Ten pupils open, as combinations are told: the same rows are shown as without."""
    without, wide = (release(AFTER, kept(*stated))[0].values for stated in ((), told(205.0, 215.0)))
    assert (without["status"] == wide["status"]).all()


def test_the_desk_keeps_what_was_told_beside_a_table(tmp_path: Path) -> None:
    counts = counts_of(BEFORE)
    none = records.Family(population=counts.population, tables={}, declared={})
    rows = release(BEFORE)[0].values
    stated = told(205.0, 215.0)
    other = [replace(each, period="2023/24") for each in stated]
    made = records.with_solved(none, counts, LAYOUT, "declared", {PERIOD: rows}, [*stated, *other])
    records.keep(tmp_path, "1", [made])
    history, _ = records.history(tmp_path, counts, "declared")
    assert [list(each.told) for each in history.tables[PERIOD]] == [stated]
