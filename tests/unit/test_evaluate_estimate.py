"""Group-time effects against the published example, diff-diff, and panels small enough to do by hand."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from diff_diff import CallawaySantAnna

from metrics.evaluate import aggregate, att_gt, event_study, pretrend_test, sun_abraham, two_stage
from metrics.evaluate.estimate import effects, frame, overall
from metrics.evaluate.panel import HEADLINE_BASE, Design

CASES = Path(__file__).parents[3] / "shared" / "cases"
NAMES = {"unit": "unit", "period": "year", "outcome": "y", "first_treated": "start"}

# bcallaway11/did, mpdta: mean log employment of the counties of each start, 2003-2007, and how many counties.
MPDTA = {
    0: (309, [5.654630, 5.592000, 5.604808, 5.638896, 5.661133]),
    2004: (20, [6.179697, 6.106564, 6.059452, 6.026704, 6.085388]),
    2006: (40, [6.573994, 6.517884, 6.527941, 6.557435, 6.543041]),
    2007: (131, [5.842906, 5.810783, 5.820866, 5.823866, 5.820048]),
}
# Its published ATT(g, t): never-treated controls, varying base, no anticipation.
ATT = {
    (2004, 2004): -0.0105, (2004, 2005): -0.0704, (2004, 2006): -0.1373, (2004, 2007): -0.1008,
    (2006, 2004): 0.0065, (2006, 2005): -0.0028, (2006, 2006): -0.0046, (2006, 2007): -0.0412,
    (2007, 2004): 0.0305, (2007, 2005): -0.0027, (2007, 2006): -0.0311, (2007, 2007): -0.0261,
}  # fmt: skip


def mpdta_means() -> pd.DataFrame:
    """One unit per start, weighted by its counties: the means are all the point estimates need."""
    rows = [
        (start, 2003 + i, mean, start, counties)
        for start, (counties, means) in MPDTA.items()
        for i, mean in enumerate(means)
    ]
    return pd.DataFrame(rows, columns=["unit", "year", "y", "start", "weight"])


def region(rows: dict[str, tuple[int, list[float | None]]], first_year: int = 2015) -> pd.DataFrame:
    """A hand-made region: unit -> (start, outcomes from first_year)."""
    long = [(u, first_year + i, y, start) for u, (start, values) in rows.items() for i, y in enumerate(values)]
    return pd.DataFrame(long, columns=["unit", "year", "y", "start"])


def test_published_effects_from_the_published_means():
    result = att_gt(mpdta_means(), **NAMES, weights="weight", control="never_treated")
    found = {(g, t): att for g, t, att in zip(result.group, result.time, result.att, strict=True)}
    assert found == pytest.approx(ATT, abs=5e-5)
    dynamic = event_study(result).set_index("event").att
    published = {-3: 0.0305, -2: -0.0006, -1: -0.0245, 0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008}
    assert dynamic.to_dict() == pytest.approx(published, abs=5e-5)
    assert aggregate(result, "dynamic").estimate == pytest.approx(-0.0772, abs=5e-5)
    group = aggregate(result, "group")
    assert group.rows.set_index("group").att.to_dict() == pytest.approx(
        {2004: -0.0797, 2006: -0.0229, 2007: -0.0261}, abs=5e-5
    )
    assert group.estimate == pytest.approx(-0.0310, abs=5e-5)
    balanced = event_study(result, balance=1).set_index("event").att
    assert balanced.to_dict() == pytest.approx({-2: 0.0065, -1: -0.0028, 0: -0.0066, 1: -0.0510}, abs=5e-5)
    assert aggregate(result, "dynamic", balance=1).estimate == pytest.approx(-0.0288, abs=5e-5)


@pytest.mark.skipif(not CASES.exists(), reason="reference cases not beside the checkout")
def test_published_case_whole():
    panel = pd.read_csv(CASES / "mpdta.csv")
    names = {"unit": "countyreal", "period": "year", "outcome": "lemp", "first_treated": "first.treat"}
    result = att_gt(panel, **names, control="never_treated")
    expected = pd.read_csv(CASES / "mpdta_attgt_expected.csv")
    np.testing.assert_allclose(result.att, expected.att, atol=5e-5)
    np.testing.assert_allclose(result.se, expected.se_bootstrap, rtol=0.12)  # published ones are one bootstrap draw
    assert pretrend_test(result).p == pytest.approx(0.16812, abs=5e-6)
    assert pretrend_test(panel, **names, control="never_treated") == pretrend_test(result)


def random_panel(seed: int, units: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    starts = rng.choice([0, 2018, 2019, 2021], units)
    y = rng.normal(0, 1, (units, 1)) + rng.normal(0, 1, (units, 8))
    return region({i: (int(starts[i]), list(y[i])) for i in range(units)})


@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
@pytest.mark.parametrize("base", ["varying", "universal"])
@pytest.mark.parametrize("anticipation", [0, 1])
def test_effects_and_errors_equal_diff_diff(control, base, anticipation):
    panel = random_panel(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = CallawaySantAnna(control_group=control, base_period=base, anticipation=anticipation).fit(
            panel, outcome="y", unit="unit", time="year", first_treat="start"
        )
    result = att_gt(panel, **NAMES, control=control, base=base, anticipation=anticipation)
    theirs = {(g, t): (v["effect"], v["se"]) for (g, t), v in reference.group_time_effects.items() if v["se"] > 0}
    ours = {
        (g, t): (a, s) for g, t, a, s in zip(result.group, result.time, result.att, result.se, strict=True) if s > 0
    }
    assert ours.keys() == theirs.keys()
    assert len(ours) > 15
    for key, value in ours.items():
        assert value == pytest.approx(theirs[key], abs=1e-12)
    if anticipation == 0:
        simple = aggregate(result, "simple")
        assert (simple.estimate, simple.se) == pytest.approx((reference.overall_att, reference.overall_se), abs=1e-12)


TWO_BY_TWO = {"a": (2017, [10.0, 12.0, 19.0]), "b": (0, [20.0, 21.0, 23.0]), "c": (0, [30.0, 32.0, 34.0])}


def test_two_by_two_by_hand():
    result = att_gt(region(TWO_BY_TWO), **NAMES)
    last = result.frame.set_index("period").loc[2017]
    assert last.att == pytest.approx((19 - 12) - ((23 - 21) + (34 - 32)) / 2)
    assert result.frame.set_index("period").loc[2016].att == pytest.approx((12 - 10) - ((21 - 20) + (32 - 30)) / 2)


def test_weights_and_clusters_by_hand():
    panel = region(TWO_BY_TWO)
    panel["w"] = panel.unit.map({"a": 5, "b": 1, "c": 3})
    panel["area"] = panel.unit.map({"a": "x", "b": "y", "c": "y"})
    result = att_gt(panel, **NAMES, weights="w", cluster="area", base="universal")
    first = result.frame.set_index("period").loc[2015]
    assert first.att == pytest.approx((10 - 12) - (1 * (20 - 21) + 3 * (30 - 32)) / 4)
    assert result.frame.se.tolist() == pytest.approx([0, 0, 0], abs=1e-12)  # b and c err in opposite ways: one cluster
    assert att_gt(panel, **NAMES, weights="w").frame.se.iloc[0] > 0.1


def test_the_mean_of_earlier_years_is_the_base_and_minus_one_is_not_in_it():
    treated, never = [1.0, 2, 3, 4, -50, 20, 21], [0.0, 0, 0, 0, 0, 0, 0]
    result = att_gt(region({"a": (2020, treated), "b": (0, never)}), **NAMES, anticipation=1, base=HEADLINE_BASE)
    att = result.frame.set_index("event").att
    assert att[0] == pytest.approx(20 - (1 + 2 + 3 + 4) / 4)
    assert att[-1] == pytest.approx(-50 - (1 + 2 + 3 + 4) / 4)
    assert aggregate(result).estimate == pytest.approx((20 + 21) / 2 - (1 + 2 + 3 + 4) / 4)


def test_a_split_year_is_shown_but_counts_for_nothing():
    panel = region({"a": (2020, [1.0, 2, 3, 4, 99, 20, 21]), "b": (0, [0.0] * 7)})
    panel["touched"] = panel.start.where(panel.start == 0, panel.start - 1)
    result = att_gt(panel, **NAMES, exposed="touched", anticipation=1, base=HEADLINE_BASE)
    table = result.frame.set_index("period")
    assert table.event.to_dict() == {2015: -4, 2016: -3, 2017: -2, 2018: -1, 2019: 0, 2020: 0, 2021: 1}
    assert table.counted.to_dict() == {2019: False} | dict.fromkeys([2015, 2016, 2017, 2018, 2020, 2021], True)
    assert table.att[2019] == pytest.approx(99 - (1 + 2 + 3) / 3)
    assert event_study(result).set_index("event").att[0] == pytest.approx(20 - (1 + 2 + 3) / 3)
    assert aggregate(result).estimate == pytest.approx((20 + 21) / 2 - (1 + 2 + 3) / 3)


def test_later_starters_are_controls_only_until_their_start_shows():
    rows = {"a": (2017, [0.0, 0, 10, 10]), "b": (2018, [0.0, 0, 1, 50]), "c": (0, [0.0, 0, 3, 3])}
    free = att_gt(region(rows), **NAMES).frame.set_index(["group", "period"]).att
    assert free[2017, 2017] == pytest.approx(10 - (1 + 3) / 2)
    assert free[2017, 2018] == pytest.approx(10 - 3)
    never = att_gt(region(rows), **NAMES, control="never_treated").frame.set_index(["group", "period"]).att
    assert never[2017, 2017] == pytest.approx(10 - 3)
    early = att_gt(region(rows), **NAMES, anticipation=1).frame.set_index(["group", "period"]).att
    assert early[2017, 2017] == pytest.approx(10 - 3)


def test_started_before_the_panel_has_no_effect_and_is_no_control():
    rows = {"old": (2015, [0.0, 5, 50]), "a": (2017, [0.0, 0, 10]), "c": (0, [0.0, 0, 3])}
    result = att_gt(region(rows), **NAMES)
    assert set(result.group) == {2017}
    assert result.frame.set_index("period").att[2017] == pytest.approx(10 - 3)


def test_a_gap_drops_the_unit_from_the_effects_it_touches_only():
    rows = {"a": (2017, [0.0, 0, 10, 10]), "b": (0, [0.0, 0, None, 4]), "c": (0, [0.0, 0, 2, 2])}
    att = att_gt(region(rows), **NAMES).frame.set_index("period").att
    assert att[2017] == pytest.approx(10 - 2)
    assert att[2018] == pytest.approx(10 - (4 + 2) / 2)
    assert 2016 in att.index


@pytest.mark.parametrize("never", [0, np.nan, np.inf, 10000])
@pytest.mark.parametrize("control", ["never_treated", "not_yet_treated"])
def test_never_treated_may_be_written_in_every_way(never, control):
    panel = region(
        {"a": (2017, [1, 2, 5, 7]), "b": (2018, [0, 1, 3, 9]), "c": (0, [4, 4, 5, 6]), "d": (0, [1, 2, 2, 4])}
    )
    written = panel.assign(start=panel.start.astype(float).replace(0, never))
    plain, other = (att_gt(each, **NAMES, control=control) for each in (panel, written))
    pd.testing.assert_frame_equal(plain.frame, other.frame)
    assert sun_abraham(written, **NAMES).estimate == pytest.approx(sun_abraham(panel, **NAMES).estimate)
    assert two_stage(written, **NAMES).estimate == pytest.approx(two_stage(panel, **NAMES).estimate)


def test_a_start_just_after_the_panel_shows_in_it_while_it_is_anticipated():
    panel = region({"a": (2017, [1, 2, 5, 7]), "b": (2019, [0, 1, 3, 9]), "c": (0, [4, 4, 5, 6])})
    at_once, ahead = (att_gt(panel, **NAMES, control="never_treated", anticipation=n) for n in (0, 1))
    effect = {(g, t): att for g, t, att in at_once.frame[["group", "period", "att"]].itertuples(index=False)}
    assert effect[2017, 2018] == pytest.approx((7 - 2) - ((9 - 1) + (6 - 4)) / 2)
    later = ahead.frame.set_index(["group", "period"]).att
    assert later[2017, 2018] == pytest.approx((7 - 1) - (6 - 4))


def test_nothing_to_compare_gives_nothing():
    alone = att_gt(region({"a": (2017, [0.0, 0, 10])}), **NAMES)
    assert alone.frame.empty
    assert np.isnan(aggregate(alone).estimate)
    assert event_study(alone).empty
    nobody = att_gt(region({"b": (0, [0.0, 0, 10])}), **NAMES)
    assert nobody.att.size == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"control": "all"}, "control must be one of"),
        ({"base": "first"}, "base must be varying, universal or event years, got: first"),
        ({"base": (-3, -1), "anticipation": 1}, "base years must lie before -anticipation"),
        ({"anticipation": -1}, "anticipation must be at least 0, got: -1"),
        ({"weights": "w"}, "missing: w"),
    ],
)
def test_wrong_use_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        att_gt(region(TWO_BY_TWO), **NAMES, **arguments)


def test_wrong_panels_are_refused():
    panel = region(TWO_BY_TWO)
    with pytest.raises(ValueError, match="one row per unit and period, got: 9 more"):
        att_gt(pd.concat([panel, panel]), **NAMES)
    with pytest.raises(ValueError, match="start must be the same in all periods of a unit"):
        att_gt(panel.assign(start=[2016, 2017, 2017, 0, 0, 0, 0, 0, 0]), **NAMES)
    with pytest.raises(ValueError, match="weights must be above 0, got: 0"):
        att_gt(panel.assign(w=0), **NAMES, weights="w")
    with pytest.raises(ValueError, match="kind must be one of"):
        aggregate(panel, "mean", **NAMES)


def test_the_batch_gives_what_one_at_a_time_gives():
    result = att_gt(random_panel(5), **NAMES, anticipation=1, base=(-3, -2))
    whole = frame(result.panel, Design(anticipation=1, base=(-3, -2)))
    rng = np.random.default_rng(0)
    assignments = np.array([rng.permutation(result.panel.assignment) for _ in range(20)])
    starts = np.array([first for first, _ in result.panel.schedules])
    batch = overall(whole, assignments, effects(whole, assignments))
    for row, assignment in zip(batch, assignments, strict=True):
        moved = dict(zip(result.panel.units, np.where(np.isinf(starts), 0, starts)[assignment], strict=True))
        panel = random_panel(5).assign(start=lambda d, moved=moved: d.unit.map(moved))
        assert row == pytest.approx(
            aggregate(att_gt(panel, **NAMES, anticipation=1, base=(-3, -2))).estimate, abs=1e-12
        )


def test_unit_and_period_effects_never_matter():
    panel = random_panel(7)
    shifted = panel.assign(y=panel.y + panel.unit * 3.0 + panel.year.map(lambda t: t % 5))
    np.testing.assert_allclose(att_gt(shifted, **NAMES).att, att_gt(panel, **NAMES).att, atol=1e-10)
