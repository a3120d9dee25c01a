"""Randomization inference, its interval, the wild bootstrap and the pre-trend test, by hand and by brute force."""

from itertools import permutations as orders
from itertools import product
from math import comb, factorial

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from metrics.evaluate import (
    aggregate,
    att_gt,
    event_study,
    minimum_detectable_effect,
    pretrend_test,
    randomization_inference,
    wild_cluster_bootstrap,
)
from metrics.evaluate.inference import draw, permutations, permuted_pretrend, two_way_fit, wald
from metrics.evaluate.panel import HEADLINE_BASE, Design

NAMES = {"unit": "unit", "period": "year", "outcome": "y", "first_treated": "start"}


def municipalities(starts: list[int], *, effect: float = 0.0, seed: int = 1, years: int = 10) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.normal(80, 5, (len(starts), 1)) + rng.normal(0, 1.5, years) + rng.normal(0, 2, (len(starts), years))
    long = [
        (unit, 2015 + t, y[unit, t] + effect * (0 < start <= 2015 + t), start)
        for unit, start in enumerate(starts)
        for t in range(years)
    ]
    return pd.DataFrame(long, columns=["unit", "year", "y", "start"])


def test_one_treated_of_thirteen_can_reach_one_in_thirteen():
    test = randomization_inference(municipalities([2020] + [0] * 12, effect=50), **NAMES)
    assert test.enumerated
    assert test.total == 13
    assert test.p == test.attainable_p == pytest.approx(1 / 13)
    assert test.interval() == (-np.inf, np.inf)
    assert np.isfinite(test.interval(0.9)).all()
    assert minimum_detectable_effect(test) == np.inf


def test_mirrored_assignments_are_counted_in_the_attainable_p():
    test = randomization_inference(municipalities([2020, 2020, 0, 0], effect=50), **NAMES)
    assert test.total == comb(4, 2)
    assert test.p == test.attainable_p == pytest.approx(2 / 6)


def test_enumeration_is_every_distinct_order_once():
    panel = att_gt(municipalities([2019, 2019, 2021, 0, 0]), **NAMES).panel
    assignments, enumerated, total = permutations(panel)
    assert enumerated
    assert total == len(assignments) == len({tuple(a) for a in assignments}) == factorial(5) // (2 * 2)
    assert assignments[0].tolist() == panel.assignment.tolist()


def test_estimates_equal_estimating_each_reassigned_panel():
    starts = [2019, 2021, 0, 0]
    panel = municipalities(starts, effect=2)
    test = randomization_inference(panel, **NAMES)
    by_hand = {
        order: aggregate(att_gt(panel.assign(start=panel.unit.map(dict(enumerate(order)))), **NAMES)).estimate
        for order in set(orders(starts))
    }
    assert sorted(test.estimates) == pytest.approx(sorted(by_hand.values()))
    assert test.estimate == pytest.approx(by_hand[tuple(starts)])


def test_many_assignments_are_sampled_the_same_way_each_time():
    panel = municipalities([2019, 2020, 2021, 2022, *[0] * 9])
    first, second = (randomization_inference(panel, **NAMES, sample=199) for _ in range(2))
    assert not first.enumerated
    assert first.total == 13 * 12 * 11 * 10
    assert first.estimates.size == 200
    assert (first.estimates == second.estimates).all()


def test_municipal_decisions_are_permuted_between_municipalities_only():
    panel = municipalities([2020, 2020, 0, 0, 0, 0])
    panel["area"] = panel.unit // 2
    assignments, _, total = permutations(att_gt(panel, **NAMES, cluster="area").panel)
    assert total == 3
    assert {tuple(a) for a in assignments} == {(0, 0, 1, 1, 1, 1), (1, 1, 0, 0, 1, 1), (1, 1, 1, 1, 0, 0)}


def test_schools_are_permuted_only_inside_municipalities_that_have_both_kinds():
    panel = municipalities([2020, 0, 0, 2021, 0, 0, 0, 2020, 2020])
    panel["area"] = panel.unit // 3
    assignments, _, total = permutations(att_gt(panel, **NAMES, cluster="area").panel)
    assert total == 3 * 3 * 3
    for assignment in assignments:
        assert sorted(assignment[:3]) == [0, 2, 2]
        assert sorted(assignment[3:6]) == [1, 2, 2]
        assert sorted(assignment[6:]) == [0, 0, 2]


def test_the_interval_holds_exactly_the_effects_not_rejected():
    test = randomization_inference(municipalities([2020, 2020, 2021, *[0] * 8], effect=3), **NAMES)
    for confidence in (0.9, 0.95, 0.99):
        low, high = test.interval(confidence)
        assert low < test.estimate < high
        step = 1e-6
        assert test.p_of(low + step) > 1 - confidence >= test.p_of(low - step)
        assert test.p_of(high - step) > 1 - confidence >= test.p_of(high + step)
        assert all(test.p_of(effect) <= 1 - confidence for effect in (low - 1, low - 5, high + 1, high + 5))


def test_an_added_effect_moves_the_interval_and_nothing_else():
    plain = randomization_inference(municipalities([2020, 2021, 2021, *[0] * 8]), **NAMES)
    moved = randomization_inference(municipalities([2020, 2021, 2021, *[0] * 8], effect=3), **NAMES)
    assert np.array(moved.interval()) - 3 == pytest.approx(np.array(plain.interval()))
    assert minimum_detectable_effect(moved) == pytest.approx(minimum_detectable_effect(plain), rel=1e-6)


def test_the_smallest_detectable_effect_is_found_with_the_power_promised():
    starts = [2020, 2020, 2021, 2021, *[0] * 7]
    needed = np.mean(
        [minimum_detectable_effect(municipalities(starts, seed=seed), **NAMES, sample=399) for seed in range(100, 130)]
    )
    found = [
        randomization_inference(municipalities(starts, effect=needed, seed=seed), **NAMES, sample=399).p <= 0.05
        for seed in range(80)
    ]
    assert 0.8 - 2 * 0.045 <= np.mean(found) <= 0.95  # 80 draws of a probability of 0.8 err by 0.045
    quiet = municipalities(starts).assign(y=lambda d: d.y / 10)
    needed = minimum_detectable_effect(municipalities(starts), **NAMES, sample=399)
    assert minimum_detectable_effect(quiet, **NAMES, sample=399) == pytest.approx(needed / 10, rel=1e-6)


def test_wild_bootstrap_equals_flipping_residuals_one_pattern_at_a_time():
    panel = municipalities([2020, 2021, 0, 0, 0], effect=2)
    result = att_gt(panel, **NAMES)
    boot = wild_cluster_bootstrap(result)
    assert boot.enumerated
    assert boot.draws == 2**5
    assert boot.estimate == pytest.approx(aggregate(result).estimate)
    wide = panel.pivot(index="unit", columns="year", values="y")
    fitted = wide * 0 + np.add.outer(wide.mean(axis=1).to_numpy(), (wide.mean() - wide.mean().mean()).to_numpy())
    t = []
    for signs in product([1, -1], repeat=5):
        outcome = fitted + (wide - fitted).mul(np.array(signs), axis=0)
        flipped = panel.assign(y=outcome.stack().to_numpy())
        t.append(_fixed_size_t(flipped))
    assert boot.t == pytest.approx(t[0])
    assert boot.p == pytest.approx(np.mean(np.abs(t) >= abs(t[0]) * (1 - 1e-9)))


def _fixed_size_t(panel: pd.DataFrame) -> float:
    """Group aggregate over its clustered error, the groups' sizes taken as fixed: two groups of one unit each."""
    result = att_gt(panel, **NAMES)
    late = [np.flatnonzero((result.group == g) & (result.event >= 0)) for g in (2020, 2021)]
    effect = np.mean([result.att[cells].mean() for cells in late])
    influence = np.mean([result.influence[cells].mean(axis=0) for cells in late], axis=0)
    return effect / np.sqrt((influence**2).sum())


def test_wild_bootstrap_of_many_clusters_is_sampled():
    boot = wild_cluster_bootstrap(municipalities([2020] * 5 + [0] * 15, effect=6), **NAMES, sample=499)
    assert (boot.draws, boot.enumerated) == (500, False)
    assert boot.p < 0.05


def test_unit_and_period_effects_fit_an_unbalanced_weighted_table():
    table = np.add.outer([1.0, 5.0, 9.0], [0.0, 2.0, 3.0, 7.0])
    weight = np.array([[1.0, 2, 0, 1], [1, 1, 1, 1], [0, 3, 1, 0]])
    np.testing.assert_allclose(two_way_fit(np.where(weight > 0, table, np.nan), weight), table, atol=1e-9)


def test_joint_test_by_hand():
    test = wald(np.array([1.0, 2.0]), np.diag([1.0, 4.0]))
    assert (test.statistic, test.degrees) == (pytest.approx(1 / 1 + 4 / 4), 2)
    assert test.p == pytest.approx(chi2.sf(2, 2))
    doubled = wald(np.array([1.0, 1.0]), np.ones((2, 2)))
    assert (doubled.statistic, doubled.degrees) == (pytest.approx(1), 1)
    assert np.isnan(wald(np.zeros(0), np.zeros((0, 0))).p)


def test_a_difference_before_the_start_is_seen():
    flat = municipalities([2021, 2021, 2022, 2022, *[0] * 16])
    rising = flat.assign(y=flat.y + 2.5 * (flat.year - 2015) * (flat.start > 0))
    headline = Design(anticipation=1, base=HEADLINE_BASE)
    p_rising, p_flat = (permuted_pretrend(draw(att_gt(p, **NAMES).panel, headline, sample=499)) for p in (rising, flat))
    assert p_rising < 0.05 < p_flat
    assert pretrend_test(rising, **NAMES).p < 0.05


@pytest.mark.parametrize("starts", [[0, 0, 0], [2019, 2019, 2019], [2015, 0, 0]])
def test_nothing_to_compare_rejects_nothing(starts):
    panel = municipalities(starts)
    test = randomization_inference(panel, **NAMES)
    assert np.isnan([test.estimate, test.p, test.attainable_p]).all()
    assert test.interval() == (-np.inf, np.inf)
    assert minimum_detectable_effect(test) == np.inf
    assert np.isnan(wild_cluster_bootstrap(panel, **NAMES).p)
    assert event_study(panel, **NAMES, balance=1).empty
