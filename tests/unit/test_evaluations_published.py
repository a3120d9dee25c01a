"""What a release says of an evaluation: the built-in truth of a small region comes out, and no school or few pupils do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.evaluate.events import EventRow, grain
from metrics.evaluate.planned import Answer, known_from
from metrics.evaluate.sources import Outcome
from metrics.evaluate.verdict import Reason, Step
from metrics.protect.evaluations import enough, figures, level_step, to_step
from metrics.protect.thresholds import Thresholds
from metrics.release import plans
from metrics.release.evaluations import judge_together, previous, standing
from tests.unit import evaluated_region
from tests.unit.evaluated_region import CODES, FEARED, LATE, answered, rows, starts, told


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield str(name)
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    else:
        yield str(value)


@pytest.fixture(scope="module")
def effective() -> Answer:
    return answered(rows(5, effect=0.08), starts(5))


def test_what_a_model_does_is_said_in_points(effective: Answer) -> None:
    said = told(effective)
    assert said["step"] in (Step.FOR, Step.STRONGLY_FOR)
    assert said["low95"] < 8.0 < said["high95"]
    assert said["matters"] == 3.0
    assert said["smallest"] < 3.0
    assert said["estimate"] == round(said["estimate"], 1)


def test_a_plan_from_after_the_outcome_is_held_down() -> None:
    late = told(answered(rows(5, effect=0.08), starts(5), counts_from=LATE))
    assert not late["plan"]["before"]
    assert (late["step"], late["capped"]) == (Step.FOR, True)


def test_a_feared_result_that_came_speaks_against() -> None:
    came = told(answered(rows(5, effect=-0.08, pupils=1500), starts(5), FEARED))
    assert came["step"] == Step.AGAINST
    assert came["estimate"] < 0


def test_no_school_and_no_municipality_stands_in_the_document(effective: Answer) -> None:
    words = " ".join(texts(json.loads(json.dumps(told(effective)))))
    assert not [code for code in CODES if code in words]
    for name in ("most_moved_by", "lowest", "heaviest", "cases", "others", "fewest_left", "largest_weight"):
        assert name not in words
    counts = told(effective)["counts"]
    assert all(number % 10 == 0 for name, number in counts.items() if name.endswith("contributors"))


@pytest.mark.parametrize("adopters", [2, 10])
def test_too_few_schools_on_either_side_are_never_told(adopters: int) -> None:
    found = answered(rows(adopters, effect=0.2), starts(adopters))
    assert found.evaluation is not None
    assert np.isfinite(found.evaluation.estimate)
    said = told(found)
    assert (said["step"], said["reason"]) == (Step.UNDECIDABLE, Reason.TOO_LITTLE)
    assert said["hidden"]
    assert not {"estimate", "events", "checks", "counts", "naive"} & set(said)


def test_a_school_that_weighs_too_much_is_never_told() -> None:
    found = answered(rows(3, pupils=12, large=4000), starts(3))
    assert found.evaluation is not None
    assert found.evaluation.largest_weight > 0.6
    assert told(found)["hidden"]


def test_fewer_pupils_than_the_threshold_in_any_year_are_never_told(effective: Answer) -> None:
    evaluation = effective.evaluation
    assert evaluation is not None
    thin = tuple(replace(each, pupils=4.0) if each.first == 0 else each for each in evaluation.events)
    assert enough(evaluation, Thresholds())
    assert not enough(replace(evaluation, events=thin), Thresholds())


def test_a_level_of_few_pupils_without_the_outcome_is_hidden_but_not_the_effect() -> None:
    said = told(answered(rows(5, pupils=40, level=0.99), starts(5)))
    assert {each["observed"] for each in said["events"]} == {None}
    assert {each["counterfactual"] for each in said["events"]} == {None}
    assert all(each["estimate"] is not None for each in said["events"])


def test_leaving_one_out_is_told_from_four_schools_on() -> None:
    three, four = (told(answered(rows(n, effect=0.08), starts(n))) for n in (3, 4))
    named = [next(each for each in said["checks"] if each["code"] == "leave_one_out") for said in (three, four)]
    assert named[0]["figures"] == {}
    assert named[0]["passed"] is None
    assert set(named[1]["figures"]) == {"smallest", "largest"}


def test_what_the_register_alone_tells_is_told_of_a_single_school() -> None:
    before = told(answered(rows(1), starts(1, "2007-08-15")))
    alone = told(answered(rows(1), starts(1)))
    assert (before["reason"], alone["reason"]) == (Reason.EXISTED_BEFORE, Reason.ONE_MUNICIPALITY)
    assert "estimate" not in before | alone


def test_nothing_to_ask_is_a_row_with_what_is_lacking() -> None:
    nowhere = told(answered(rows(3), pd.DataFrame({"unit": ["99"], "started": ["2019-08-15"]})))
    empty = told(answered(pd.DataFrame(), starts(3)))
    assert (nowhere["lacking"], empty["lacking"]) == ("no_start", "no_outcome")
    assert nowhere["reason"] == empty["reason"] == Reason.TOO_LITTLE


def test_several_results_of_a_model_are_judged_together(effective: Answer) -> None:
    evaluation = effective.evaluation
    assert evaluation is not None
    weak = replace(evaluation, evidence=replace(evaluation.evidence, p=0.04))
    alone = judge_together([replace(effective, evaluation=weak)], Thresholds())
    none = replace(weak, evidence=replace(weak.evidence, p=0.9, low95=-0.1, high95=0.1))
    beside = [replace(effective, evaluation=each) for each in (weak, none, none)]
    assert alone[0].step == Step.FOR
    assert judge_together(beside, Thresholds())[0].step == Step.UNDECIDABLE


def test_all_that_is_written_is_chosen(effective: Answer) -> None:
    said = figures(effective, Thresholds())
    assert set(said["events"][0]) == {
        "first", "last", "role", "hidden", "estimate", "low", "high", "observed", "counterfactual", "units", "clusters",
        "contributors",
    }  # fmt: skip
    assert json.dumps(said, allow_nan=False)


def test_an_outcome_is_known_when_its_first_period_is_over() -> None:
    indicators = catalogue.default().indicators
    assert known_from(Outcome(indicator=indicators["eligibility_vocational"]), 2020) == date(2020, 6, 30)
    assert known_from(Outcome(indicator=indicators["absence_20"]), 2020) == date(2019, 12, 31)


def test_a_plan_counts_from_the_first_release_that_carried_it(tmp_path: Path) -> None:
    models = list(catalogue.default().model_types.values())
    first = plans.current(models, [], date(2027, 1, 1))
    assert {plan.counts_from for plan in first} == {date(2027, 1, 1)}
    (tmp_path / "a").mkdir()
    manifest = {"plans": plans.carried(first, [])}
    (tmp_path / "a" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    before = plans.remembered(tmp_path)
    assert plans.current(models, before, date(2028, 1, 1)) == first
    changed = replace(first[0], expected=replace(first[0].expected, smallest_size=1.0))
    assert plans.replaced(changed, before) == [{"hash": first[0].hash, "from": "2027-01-01"}]
    assert plans.replaced(first[0], before) == []
    assert len(plans.carried([changed], before)) == len(first) + 1


def test_what_is_asked_outside_publishing_is_counted(tmp_path: Path) -> None:
    assert plans.asked(tmp_path / "records") == {}
    for model in ("sspf", "sspf", "resource_centre"):
        plans.note_asked(tmp_path / "records", model, "absence_20", "7-9")
    assert plans.asked(tmp_path / "records") == {"sspf": 2, "resource_centre": 1}


@pytest.mark.parametrize(("pupils", "step"), [(499.0, None), (500.0, 1.0), (1000.0, 0.5), (4999.0, 0.5), (5000.0, 0.1)])
def test_a_level_is_rounded_until_five_pupils_are_left_open(pupils: float, step: float | None) -> None:
    assert level_step(pupils, Thresholds()) == step


def test_whoever_knows_every_other_school_still_has_five_pupils_to_choose_between(effective: Answer) -> None:
    """The level is a weighted mean; with all else known, the school with the fewest pupils per weight is what is left."""
    evaluation = effective.evaluation
    assert evaluation is not None
    for row, told_row in zip(evaluation.events, told(effective)["events"], strict=True):
        step = level_step(row.grain, Thresholds())
        assert step is not None
        assert step / 100 * row.grain >= 5
        assert told_row["observed"] == pytest.approx(to_step(100 * row.observed, step))
        assert told_row["counterfactual"] == pytest.approx(told_row["observed"] - told_row["estimate"])


def test_a_level_of_small_schools_is_hidden_though_the_effect_is_told() -> None:
    said = told(answered(rows(5, pupils=60, level=0.7), starts(5)))
    assert {each["observed"] for each in said["events"]} == {None}
    assert said["naive"] is None
    assert said["estimate"] is not None


def test_before_and_after_has_no_interval_since_that_tells_the_counts(effective: Answer) -> None:
    assert set(told(effective)["naive"]) == {"estimate"}


def test_the_grain_is_counted_from_the_school_where_a_pupil_weighs_most() -> None:
    counted = np.array([[10.0, 0.0], [40.0, 40.0]])
    grid = np.array([[True, False], [True, True]])
    assert grain(counted, np.array([1.0, 2.0]), grid) == pytest.approx(10.0 / (1 / 5))


def test_an_evaluation_of_a_held_population_stands_as_it_was(tmp_path: Path) -> None:
    for name, created in (("a", "2027-01-01"), ("b", "2028-01-01")):
        (tmp_path / name / "open").mkdir(parents=True)
        (tmp_path / name / "manifest.json").write_text(json.dumps({"created": created, "number": 1}), encoding="utf-8")
        frame = evaluated_region.table().assign(verdict=name)
        frame.to_parquet(tmp_path / name / "open" / "evaluations.parquet")
    assert set(previous(tmp_path)["verdict"]) == {"b"}
    assert previous(tmp_path / "nowhere").empty
    populations = {name: each.population for name, each in catalogue.default().indicators.items()}
    held = standing(previous(tmp_path), populations, {"attendance"})
    assert [each["stage"] for each in held.values()] == ["7-9"]
    assert standing(previous(tmp_path), populations, set()) == {}
    assert standing(previous(tmp_path / "nowhere"), populations, {"attendance"}) == {}


SPAN = EventRow(
    first=0, last=2, role="effect", estimate=0.05, low=0.01, high=0.09, observed=0.3, counterfactual=0.25, units=8,
    clusters=4, contributors=900, heaviest=0.2, pupils=250.0, cases=60.0, others=190.0, grain=900.0,
)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, {"estimate", "observed"}),
        ({"units": 2}, set()),
        ({"heaviest": 0.9}, set()),
        ({"cases": 4.0}, {"estimate"}),
        ({"others": 3.0}, {"estimate"}),
        ({"grain": 4.0}, {"estimate"}),
    ],
    ids=["plenty", "two schools", "one heavy", "few with it", "few without", "one school's pupils"],
)
def test_a_span_of_few_schools_is_hidden_and_a_level_of_few_pupils_is_not_told(
    change: dict[str, Any], told: set[str], effective: Answer
) -> None:
    evaluation = effective.evaluation
    assert evaluation is not None
    answer = replace(
        effective, evaluation=replace(evaluation, events=(replace(SPAN, **change), *evaluation.events[1:]))
    )
    said = figures(answer, Thresholds())["events"][0]
    assert {name for name in ("estimate", "observed") if said.get(name) is not None} == told
    assert said["hidden"] == (told == set())
