"""Whole evaluations of small regions: who counts, what is left out, what is said, and what is written down."""

import json

import numpy as np
import pandas as pd
import pytest

from metrics.evaluate import Question, evaluate
from metrics.evaluate.material import precision_weights, prepare
from metrics.evaluate.verdict import Reason, Step

YEARS = range(2015, 2025)


def region(
    starts: dict[str, str], *, units: int = 12, effect: float = 0.0, seed: int = 1, schools: int = 1
) -> pd.DataFrame:
    """Municipalities a, b, c ... with 400 leavers a year per school; effect from the school year named by each start."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(units):
        name = chr(ord("a") + number)
        for school in range(schools):
            unit = name if schools == 1 else f"{name}{school}"
            first = pd.Timestamp(starts[unit]).year + 1 if unit in starts else 9999
            for year in YEARS:
                share = 0.8 + 0.01 * (number % 5) + 0.005 * (year % 3) + effect * (year >= first) + rng.normal(0, 0.01)
                rows.append((unit, name, year, rng.binomial(400, min(share, 1)), 400))
    return pd.DataFrame(rows, columns=["unit", "cluster", "period", "numerator", "denominator"])


def register(starts: dict[str, str], **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"unit": list(starts), "started": list(starts.values()), **columns})


AUTUMN = {"a": "2019-08-15", "b": "2019-08-15", "c": "2020-08-15", "d": "2020-08-15"}


def run(
    starts: dict[str, str], *, rows: pd.DataFrame | None = None, entries: pd.DataFrame | None = None, **question: object
):
    rows = region(starts) if rows is None else rows
    settings = {"outcome": "x", "matters": 0.05, "sample": 299, "declared_before": True, **question}
    return evaluate(rows, register(starts) if entries is None else entries, Question(**settings))


def check(evaluation, code: str):
    return next(c for c in evaluation.checks if c.code == code)


def test_an_effect_is_found_in_the_direction_it_has():
    rows = region(AUTUMN, effect=0.06)
    found = run(AUTUMN, rows=rows)
    assert found.verdict.step in (Step.STRONGLY_FOR, Step.FOR)
    assert found.low95 < 0.06 < found.high95
    harmful = run(AUTUMN, rows=rows, polarity="lower_is_better")
    assert harmful.verdict.step == Step.AGAINST
    assert (harmful.estimate, harmful.low95) == (found.estimate, found.low95)
    assert harmful.evidence.estimate == -found.estimate
    assert run(AUTUMN, rows=rows, declared_before=False).verdict.step == Step.FOR


def test_no_effect_is_no_difference_and_tells_what_could_have_been_shown():
    nothing = run(AUTUMN)
    assert nothing.verdict.step == Step.NO_DIFFERENCE
    assert nothing.smallest < 0.05
    strict = run(AUTUMN, matters=nothing.smallest * 0.8)
    assert strict.verdict.reason == Reason.TOO_LITTLE
    assert strict.required["years"] > 0


def test_counts_name_every_side():
    found = run(AUTUMN)
    assert found.counts["treated_units"] == found.counts["treated_clusters"] == 4
    assert found.counts["control_units"] == 8
    assert found.counts["treated_contributors"] == 400 * (2 * 5 + 2 * 4)
    assert found.counts["control_contributors"] == 400 * 8 * 10
    assert found.timings == {"treated": 4, "never": 8}
    assert found.largest_weight == pytest.approx(1 / 4, abs=0.01)


@pytest.mark.parametrize(
    ("starts", "reason"),
    [
        ({"a": "2007-08-15", "b": "2007-08-15"}, Reason.EXISTED_BEFORE),
        ({"a": "2019-08-15"}, Reason.ONE_MUNICIPALITY),
        ({"a": "2024-02-01", "b": "2024-02-01"}, Reason.TOO_EARLY),
    ],
)
def test_what_cannot_be_decided_is_not(starts, reason):
    evaluation = run(starts, rows=region({}))
    assert (evaluation.verdict.step, evaluation.verdict.reason) == (Step.UNDECIDABLE, reason)


def test_an_unclear_start_is_not_decided_and_is_shown_moved_when_others_are_clear():
    entries = register({"a": "2019-08-15", "b": "2019-08-15"}, start_precision="gradual")
    assert run({}, rows=region({}), entries=entries).verdict.reason == Reason.UNCLEAR_START
    some = register(AUTUMN, start_precision=["gradual", "date", "date", "date"])
    moved = check(run(AUTUMN, rows=region(AUTUMN, effect=0.06), entries=some), "moved_start")
    assert moved.passed
    assert moved.figures["earlier"] != moved.figures["later"]


def test_half_staffed_is_not_started():
    entries = register(AUTUMN, planned_posts=4.0, filled_posts=1.0)
    assert run(AUTUMN, entries=entries).verdict.reason == Reason.UNCLEAR_START


def test_results_expected_later_are_not_judged_now():
    assert run(AUTUMN, earliest_period=2026).verdict.reason == Reason.TOO_EARLY
    assert run(AUTUMN, earliest_period=2024).verdict.reason is None


def test_many_schools_of_one_municipality_are_one_decision():
    starts = {f"a{school}": "2019-08-15" for school in range(3)}
    evaluation = run(starts, rows=region(starts, schools=3, effect=0.06))
    assert evaluation.verdict.reason == Reason.ONE_MUNICIPALITY
    assert evaluation.counts["treated_units"] == 3
    assert evaluation.assignments == 12


def test_always_treated_are_never_controls():
    starts = {**AUTUMN, "e": "2007-08-15"}
    rows = region(AUTUMN)
    wild = rows.assign(numerator=rows.numerator.where(rows.unit != "e", 1))
    plain, wilder = (run(starts, rows=r) for r in (rows, wild))
    assert plain.counts["control_units"] == 7
    assert plain.estimate == wilder.estimate
    assert plain.timings["always"] == 1


def test_years_after_the_last_full_year_fall_away():
    ended = register(AUTUMN, ended=["2022-06-15", None, None, None])
    rows = region(AUTUMN)
    wild = rows.assign(numerator=rows.numerator.where((rows.unit != "a") | (rows.period <= 2022), 1))
    assert run(AUTUMN, rows=rows, entries=ended).estimate == run(AUTUMN, rows=wild, entries=ended).estimate
    assert run(AUTUMN, entries=ended).counts["treated_contributors"] == 400 * (3 + 5 + 2 * 4)


def test_a_january_start_gives_a_split_year_in_neither_base_nor_effect():
    starts = dict.fromkeys("abc", "2020-01-15")
    rows = region({})
    wild = rows.assign(numerator=rows.numerator.where(~rows.unit.isin(list("abc")) | (rows.period != 2020), 1))
    plain, wilder = (run(starts, rows=r, entries=register(starts)) for r in (rows, wild))
    assert plain.estimate == wilder.estimate
    assert [e.role for e in plain.events if e.role != "base"] == ["dip", "split", *["effect"] * 4]
    assert next(e for e in wilder.events if e.role == "split").observed == pytest.approx(1 / 400)


def test_the_dip_year_is_in_neither_base_nor_effect_but_is_told():
    rows = region(AUTUMN)
    first = {name: pd.Timestamp(day).year + 1 for name, day in AUTUMN.items()}
    dip = rows.period == rows.unit.map(first) - 1
    dipped = run(AUTUMN, rows=rows.assign(numerator=rows.numerator - 40 * dip))
    assert dipped.estimate == pytest.approx(run(AUTUMN, rows=rows).estimate, abs=0.01)
    assert check(dipped, "dip").passed is False
    assert check(dipped, "dip").figures["estimate"] == pytest.approx(-0.1, abs=0.03)
    assert check(run(AUTUMN, rows=rows), "dip").passed
    assert dipped.naive.low > 0


def test_controls_have_the_same_other_models():
    rows = region(AUTUMN).assign(other_models="")
    rows.loc[rows.unit.isin(["e", "f"]), "other_models"] = "sspf"
    evaluation = run(AUTUMN, rows=rows)
    assert evaluation.counts["control_units"] == 6
    assert check(evaluation, "controls").figures["left_out_other_models"] == 2
    rows.loc[rows.unit == "a", "other_models"] = "sspf"
    assert run(AUTUMN, rows=rows).counts["control_units"] == 8


def test_more_registration_because_of_the_team_is_not_an_effect():
    rows = region(AUTUMN, effect=0.06).assign(registration=0.5, placebo=0.5, followed=0.95)
    noise = np.random.default_rng(2).normal(0, 0.01, (2, len(rows)))
    first = rows.unit.map({name: pd.Timestamp(day).year + 1 for name, day in AUTUMN.items()}).fillna(9999)
    steady = rows.assign(registration=0.5 + noise[0], placebo=0.5 + noise[1])
    assert run(AUTUMN, rows=steady).verdict.reason is None
    assert check(run(AUTUMN, rows=steady), "placebo").passed
    assert check(run(AUTUMN, rows=steady), "followed").passed
    changed = steady.assign(registration=steady.registration + 0.1 * (rows.period >= first))
    assert run(AUTUMN, rows=changed).verdict.reason == Reason.CHANGED_REGISTRATION


def test_what_another_model_does_to_registration_is_not_held_against_this_one():
    rows = region(AUTUMN, effect=0.06).assign(other_models="")
    rows.loc[rows.unit.isin(["e", "f", "g", "h"]), "other_models"] = "early_coordination"
    noise = np.random.default_rng(2).normal(0, 0.01, len(rows))
    others = (rows.other_models != "") & (rows.period >= 2020)
    moved = rows.assign(registration=0.5 + noise + 0.2 * others)
    same, any_control = run(AUTUMN, rows=moved), run(AUTUMN, rows=moved.drop(columns="other_models"))
    assert check(same, "registration").passed
    assert check(same, "registration").figures["estimate"] == pytest.approx(0, abs=0.02)
    assert check(any_control, "registration").figures["estimate"] == pytest.approx(-0.2 * 4 / 8, abs=0.02)


def test_a_lost_cohort_is_told():
    rows = region(AUTUMN).assign(followed=0.95)
    rows.loc[3, "followed"] = 0.7
    assert check(run(AUTUMN, rows=rows), "followed").passed is False


def test_the_effect_of_one_municipality_alone_is_seen_and_held_against_it():
    rows = region({}, units=12)
    lone = (rows.unit == "a") & (rows.period >= 2020)
    rows["numerator"] = np.where(lone, 0, rows.numerator)
    rows.loc[rows.unit.isin(["b", "c", "d"]) & (rows.period >= 2020), "numerator"] += 12
    found = check(run(AUTUMN, rows=rows.assign(numerator=rows.numerator.clip(upper=400))), "leave_one_out")
    assert found.reverses
    assert found.figures["most_moved_by"] == "a"


def test_event_rows_pool_the_thin_ends_and_add_up():
    rows = region(AUTUMN, effect=0.06)
    events = run(AUTUMN, rows=rows).events
    assert [e.units >= 3 for e in events] == [True] * len(events)
    assert all(e.observed - e.estimate == pytest.approx(e.counterfactual) for e in events)
    assert [(e.first, e.last) for e in events if e.role == "effect"] == [(0, 0), (1, 1), (2, 2), (3, 4)]
    assert sum(e.contributors for e in events if e.role == "effect") == 400 * (2 * 5 + 2 * 4)
    assert all(e.low < 0.06 < e.high for e in events if e.role == "effect")
    assert events[0].first == -5


def test_a_mean_is_evaluated_like_a_share():
    shares = region(AUTUMN, effect=0.06)
    means = shares.assign(value=250 * shares.numerator / 400, weight=400)[
        ["unit", "cluster", "period", "value", "weight"]
    ]
    found = run(AUTUMN, rows=means, matters=12.0)
    assert found.estimate == pytest.approx(250 * run(AUTUMN, rows=shares).estimate, rel=0.1)
    assert found.verdict.step in (Step.STRONGLY_FOR, Step.FOR)
    assert np.isnan(found.naive.low)


def test_what_is_written_down_is_plain_and_the_same_each_time():
    first, second = (run(AUTUMN).to_json() for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first, allow_nan=False)) == first
    assert first["words"] == "ingen skillnad av betydelse"
    single = run({"a": "2019-08-15"}, rows=region({})).to_json()
    assert (single["low95"], single["high95"], single["smallest"]) == (None, None, None)
    assert single["attainable_p"] == pytest.approx(1 / 12)


def test_wrong_use_is_refused():
    rows = region(AUTUMN)
    with pytest.raises(ValueError, match="polarity must be one of"):
        Question(outcome="x", polarity="no_judgement")
    with pytest.raises(ValueError, match="missing: cluster"):
        run(AUTUMN, rows=rows.drop(columns="cluster"))
    with pytest.raises(ValueError, match="one row per unit and period"):
        run(AUTUMN, rows=pd.concat([rows, rows]))
    with pytest.raises(ValueError, match="some unit of the panel must have a start, got: none of 12"):
        run({"z": "2019-08-15"}, rows=rows)


def test_weights_follow_precision_not_size_alone():
    rng = np.random.default_rng(4)
    size = np.repeat([6000.0, 600.0, 150.0], 4)[:, None] * np.ones((12, 60))
    shocked = rng.binomial(size.astype(int), np.clip(0.8 + rng.normal(0, 0.03, size.shape), 0, 1)) / size
    weight = precision_weights(shocked, size, binomial=True)
    expected = 1 / (0.03**2 + 0.8 * 0.2 / size[:, 0])
    assert weight / weight[0] == pytest.approx(expected / expected[0], rel=0.1)
    calm = rng.binomial(size.astype(int), 0.8) / size
    assert precision_weights(calm, size, binomial=True)[0] > 3 * precision_weights(calm, size, binomial=True)[4]


def test_rows_without_pupils_fall_away():
    rows = region(AUTUMN)
    rows.loc[(rows.unit == "e") & (rows.period == 2018), ["numerator", "denominator"]] = 0
    material = prepare(rows, register(AUTUMN))
    assert np.isnan(material.panel.outcome[4, 3])
    assert np.isfinite(run(AUTUMN, rows=rows).estimate)


def test_an_adopter_without_a_base_year_stands_behind_nothing():
    rows = region(AUTUMN)
    gap = rows[~((rows.unit == "a") & (rows.period == 2016))]
    evaluation = run(AUTUMN, rows=gap)
    assert evaluation.counts["treated_units"] == 3
    assert evaluation.counts["treated_contributors"] == 400 * (5 + 2 * 4)


def test_nothing_varies_and_nothing_breaks():
    for passed in (0, 320, 400):
        evaluation = run(AUTUMN, rows=region(AUTUMN).assign(numerator=passed))
        assert (evaluation.estimate, evaluation.verdict.step) == (0, Step.NO_DIFFERENCE)
        json.dumps(evaluation.to_json(), allow_nan=False)


def test_everyone_starting_at_once_leaves_nobody_to_compare_with():
    everyone = {chr(ord("a") + i): "2019-08-15" for i in range(12)}
    assert run(everyone, rows=region({})).verdict.reason == Reason.TOO_LITTLE
