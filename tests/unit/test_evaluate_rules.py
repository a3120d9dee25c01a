"""Who counts, and which years, in a small region: whatever happens outside them must not move an estimate."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from metrics.evaluate.verdict import Reason, Step
from tests.unit.test_evaluate_evaluation import AUTUMN, region, register, run

ONE_MORE: dict[str, dict[str, Any]] = {
    "always": {"started": "2007-08-15"},
    "short_base": {"started": "2016-08-15"},
    "unclear": {"started": "2019-08-15", "start_precision": "gradual"},
    "not_staffed": {"started": "2019-08-15", "planned_posts": 4.0, "filled_posts": 1.0},
    "brief": {"started": "2019-08-15", "ended": "2020-03-31"},
}


def wild(rows: pd.DataFrame, units: str, years: range | None = None) -> pd.DataFrame:
    """Nearly nobody passes at these units in these years."""
    there = rows.unit.isin(list(units)) & (rows.period.isin(years) if years else True)
    return rows.assign(numerator=rows.numerator.where(~there, 1))


@pytest.mark.parametrize(("timing", "entry"), ONE_MORE.items())
def test_a_start_that_cannot_be_used_makes_neither_an_adopter_nor_a_control(timing: str, entry: dict[str, Any]) -> None:
    entries = pd.concat([register(AUTUMN), pd.DataFrame([{"unit": "e", **entry}])], ignore_index=True)
    rows = region(AUTUMN, effect=0.06)
    plain, wilder = (run({}, rows=each, entries=entries) for each in (rows, wild(rows, "e")))
    assert plain.timings[timing] == 1
    assert (plain.counts["treated_units"], plain.counts["control_units"]) == (4, 7)
    assert plain.estimate == pytest.approx(wilder.estimate, abs=1e-12)
    assert (plain.low95, plain.high95) == pytest.approx((wilder.low95, wilder.high95), abs=1e-9)


@pytest.mark.parametrize(
    ("year", "counts"), [(2015, True), (2016, True), (2017, True), (2018, True), (2019, False), (2020, False)]
)
def test_base_years_are_counted_past_a_split_year(year: int, counts: bool) -> None:
    """A start in January 2020: 2019/20 is split, 2018/19 the last whole year before, and four years before it the base."""
    starts = dict.fromkeys("abc", "2020-01-15")
    rows = region({})
    plain, wilder = (run(starts, rows=each).estimate for each in (rows, wild(rows, "abc", range(year, year + 1))))
    assert (abs(plain - wilder) > 1e-6) == counts


@pytest.mark.parametrize("year", [2022, 2023])
def test_neither_the_dip_nor_the_split_year_of_a_later_start_is_a_control(year: int) -> None:
    starts = {"a": "2018-08-15", "b": "2018-08-15", "c": "2023-01-15"}
    rows = region({})
    plain, wilder = (run(starts, rows=each).estimate for each in (rows, wild(rows, "c", range(year, year + 1))))
    assert plain == pytest.approx(wilder, abs=1e-12)


@pytest.mark.parametrize(
    ("starts", "columns", "reason"),
    [
        ({"a": "2019-08-15"}, {}, Reason.ONE_MUNICIPALITY),
        ({"a0": "2019-08-15", "a1": "2019-08-15", "a2": "2020-08-15"}, {}, Reason.ONE_MUNICIPALITY),
        (dict.fromkeys("abcd", "2007-08-15"), {}, Reason.EXISTED_BEFORE),
        (AUTUMN, {"start_precision": "gradual"}, Reason.UNCLEAR_START),
        (AUTUMN, {"start_precision": "unknown"}, Reason.UNCLEAR_START),
        (AUTUMN, {"planned_posts": 2.0, "filled_posts": 0.5}, Reason.UNCLEAR_START),
    ],
)
@pytest.mark.parametrize("effect", [0.15, -0.15])
def test_however_large_the_difference_the_gate_comes_first(
    starts: dict[str, str], columns: dict[str, Any], reason: Reason, effect: float
) -> None:
    schools = 3 if any(len(unit) > 1 for unit in starts) else 1
    found = run(starts, rows=region(starts, effect=effect, schools=schools), entries=register(starts, **columns))
    assert (found.verdict.step, found.verdict.reason) == (Step.UNDECIDABLE, reason)


def test_schools_of_several_municipalities_are_permuted_as_municipalities_decided() -> None:
    """Two municipalities of twelve, three schools each: 66 ways to choose them, not one per choice of six schools."""
    starts = {f"{place}{school}": "2019-08-15" for place in "ab" for school in range(3)}
    found = run(starts, rows=region(starts, schools=3, effect=0.06))
    assert (found.counts["treated_units"], found.counts["treated_clusters"], found.assignments) == (6, 2, 66)


def test_a_start_that_ended_counts_its_whole_years_only() -> None:
    """Two began in 2019 and have one whole year, 2019/20; two began in 2020 and have none."""
    found = run(AUTUMN, rows=region(AUTUMN, effect=0.06), entries=register(AUTUMN, ended="2020-12-31"))
    assert found.counts["treated_contributors"] == 400 * 2
    assert found.timings["brief"] == 2
