"""metrics.stats against published figures, hand arithmetic and laws that hold for all inputs."""

from math import asin, sqrt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from statsmodels.duration.survfunc import CumIncidenceRight

from metrics import stats

CASES = Path(__file__).parents[3] / "shared" / "cases"
shares = st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))

# PHEindicatormethods, test fixture of phe_proportion: numerator, denominator, 95 % and 99.8 % Wilson limits.
WILSON = [
    (1, 100, 0.0017674320641406511, 0.054486196178705294, 0.000873065697299977, 0.1045544528370582),
    (5, 100, 0.02154367915436798, 0.11175046923191911, 0.013865320725997183, 0.16458852282596442),
    (20, 100, 0.1333669333310325, 0.28882916559315885, 0.10519162066711432, 0.3471109417008601),
    (65, 100, 0.5525444329688797, 0.7363575175690247, 0.4954946574070431, 0.7783540614089697),
    (222, 3215, 0.0607916903636366, 0.07833956681383633, 0.05647101964624248, 0.08418414185270134),
]


@pytest.mark.parametrize(("x", "n", "low95", "high95", "low998", "high998"), WILSON)
def test_wilson_equals_the_published_limits(x, n, low95, high95, low998, high998):
    assert stats.wilson_interval(x, n) == pytest.approx((low95, high95), abs=1e-10)
    assert stats.wilson_interval(x, n, 0.998) == pytest.approx((low998, high998), abs=1e-10)


@pytest.mark.skipif(not CASES.exists(), reason="reference cases not beside the checkout")
def test_wilson_equals_the_whole_published_fixture():
    rows = pd.read_csv(CASES / "proportions_wilson.csv")
    for confidence, name in ((0.95, "95_0cl"), (0.998, "99_8cl")):
        for limit, column in zip(
            stats.wilson_interval(rows.Numerator, rows.Denominator, confidence), ("lower", "upper"), strict=True
        ):
            np.testing.assert_allclose(limit, rows[column + name] / rows.multiplier, atol=1e-10)


def test_missing_stays_missing_and_empty_is_missing():
    low, high = stats.wilson_interval([None, 3, 1, 0], [10, None, 4, 0])
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, True, False, True]
    assert np.isnan(stats.wilson_interval(pd.NA, 5)[0])
    for interval in (stats.clopper_pearson_interval, stats.jeffreys_interval):
        assert np.isnan(interval([None, 0], [10, 0])).all()


@pytest.mark.parametrize(("x", "n"), [(-1, 10), (1, -10), (11, 10), (1, float("inf"))])
def test_impossible_counts_are_refused(x, n):
    for interval in (stats.wilson_interval, stats.clopper_pearson_interval, stats.jeffreys_interval):
        with pytest.raises(ValueError, match="got: "):
            interval(x, n)


def test_a_confidence_outside_0_1_is_refused():
    with pytest.raises(ValueError, match="confidence must lie between 0 and 1, got: 95"):
        stats.wilson_interval(1, 2, 95)


def test_exact_interval_equals_r_binom_test():
    assert stats.clopper_pearson_interval(65, 100) == pytest.approx((0.5481506382, 0.7427062215), abs=1e-10)
    assert stats.clopper_pearson_interval(0, 10) == pytest.approx((0, 0.3084971078), abs=1e-10)
    assert stats.clopper_pearson_interval(10, 10) == pytest.approx((1 - 0.3084971078, 1), abs=1e-10)


@given(shares)
def test_intervals_hold_the_share_and_mirror(share):
    x, n = share
    for interval in (stats.wilson_interval, stats.clopper_pearson_interval, stats.jeffreys_interval):
        low, high = interval(x, n)
        assert 0 <= low <= x / n <= high <= 1
        assert interval(n - x, n) == pytest.approx((1 - high, 1 - low), abs=1e-9)


def test_newcombe_equals_the_published_examples():
    # Newcombe 1998, Statistics in Medicine 17:873, table II, method 10.
    assert stats.newcombe_difference(56, 70, 48, 80) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert stats.newcombe_difference(9, 10, 3, 10) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert stats.newcombe_difference(10, 10, 0, 10) == pytest.approx((0.6075, 1.0000), abs=5e-5)


def test_between_variance_widens_as_an_independent_error():
    low, high = stats.newcombe_difference(560, 700, 480, 800)
    wide_low, wide_high = stats.newcombe_difference(560, 700, 480, 800, between_variance=0.02**2)
    difference, z = 560 / 700 - 480 / 800, norm.ppf(0.975)
    assert (difference - wide_low) ** 2 == pytest.approx((difference - low) ** 2 + (z * 0.02) ** 2)
    assert (wide_high - difference) ** 2 == pytest.approx((high - difference) ** 2 + (z * 0.02) ** 2)


@pytest.mark.parametrize(
    ("x", "polarity", "expected"),
    [
        (850, "higher_is_better", "much_better"),
        (830, "higher_is_better", "better"),
        (800, "higher_is_better", "not_distinguishable"),
        (770, "higher_is_better", "worse"),
        (740, "higher_is_better", "much_worse"),
        (850, "lower_is_better", "much_worse"),
        (770, "lower_is_better", "better"),
        (850, "no_judgement", "much_higher"),
        (770, "no_judgement", "lower"),
    ],
)
def test_category_against_a_benchmark(x, polarity, expected):
    assert stats.compare_with_benchmark(x, 1000, 16000, 20000, polarity=polarity) == expected


def test_an_uncertain_benchmark_and_year_shocks_hold_back_the_verdict():
    assert stats.compare_with_benchmark(830, 1000, 160, 200) == stats.Category.NOT_DISTINGUISHABLE
    assert (
        stats.compare_with_benchmark(850, 1000, 16000, 20000, between_variance=0.03**2)
        == stats.Category.NOT_DISTINGUISHABLE
    )
    assert stats.compare_with_benchmark(0, 0, 16000, 20000) == stats.Category.NOT_COMPUTABLE
    with pytest.raises(ValueError, match="polarity must be one of"):
        stats.compare_with_benchmark(1, 2, 3, 4, polarity="up")
    with pytest.raises(ValueError, match="between_variance must be at least 0"):
        stats.compare_with_benchmark(1, 2, 3, 4, between_variance=-1)


@given(shares, shares, st.sampled_from([0.0, 0.0004]))
def test_p_value_and_interval_never_disagree(first, second, extra):
    p = stats.benchmark_p_value(*first, *second, between_variance=extra)
    for level in (0.95, 0.998):
        low, high = stats.newcombe_difference(*first, *second, level, between_variance=extra)
        if abs(p - (1 - level)) > 1e-9:
            assert (p < 1 - level) == (low > 0 or high < 0)


def test_false_discovery_control_on_the_published_example():
    # Benjamini & Hochberg 1995, section 3.2: of 15 p-values the four smallest are rejected at q = 0.05.
    p = [
        0.0001,
        0.0004,
        0.0019,
        0.0095,
        0.0201,
        0.0278,
        0.0298,
        0.0344,
        0.0459,
        0.324,
        0.4262,
        0.5719,
        0.6528,
        0.759,
        1,
    ]
    assert stats.benjamini_hochberg(p, 0.05).tolist() == [True] * 4 + [False] * 11
    assert stats.benjamini_hochberg([np.nan, 0.01], 0.05).tolist() == [False, True]
    assert stats.benjamini_hochberg([], 0.05).size == 0
    assert [
        str(c) for c in stats.benchmark_categories([0.0001, 0.03, 0.5, np.nan], [1, -1, 1, np.nan], "no_judgement")
    ] == [
        "much_higher",
        "lower",
        "not_distinguishable",
        "not_computable",
    ]


def test_between_year_variance_is_found_and_is_zero_without_shocks():
    rng = np.random.default_rng(1)
    n, level = np.full((40, 10), 800), rng.uniform(0.7, 0.9, (40, 1))
    benchmark = np.full(10, 16_000), np.full(10, 20_000)
    estimates = []
    for shock in (0.0, 0.03):
        p = np.clip(level + rng.normal(0, shock, n.shape), 0, 1)
        estimates.append(stats.between_year_variance(rng.binomial(n, p), n, *benchmark))
    assert estimates[0] < 0.0001
    assert estimates[1] == pytest.approx(0.03**2, rel=0.2)
    assert stats.between_year_variance([5], [10], [50], [100]) == 0
    assert stats.between_year_variance([[0, 0, None]], [[10, 10, 0]], [[5, 5, 5]], [[10, 10, 10]]) == 0


def test_trend_equals_r_prop_trend_test():
    statistic, p = stats.trend_test([83, 90, 129, 70], [86, 93, 136, 82])
    assert statistic == pytest.approx(8.2249223, abs=5e-8)
    assert p == pytest.approx(0.004131897, abs=5e-10)
    assert stats.trend_test([0, 0, 0], [5, 5, 5]) == (0.0, 1.0)
    assert stats.trend_test([3, 0, 4], [5, 0, 5]) == stats.trend_test([3, 0, 4], [5, 0, 5])
    with pytest.raises(ValueError, match="a trend needs at least 2 points, got: 1"):
        stats.trend_test([1], [2])
    with pytest.raises(ValueError, match="a trend needs known counts"):
        stats.trend_test([1, None], [2, 2])


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ([700, 720, 740, 760, 780], "rising"),
        ([780, 760, 740, 720, 700], "falling"),
        ([700, 701, 702, 703, 704], "none"),
        ([700, 720, 740, 760], "too_few"),
        ([100, 700, 720, 740, 760, 780], "rising"),
        ([900, 100, 700, 700, 700, 700, 700], "none"),
    ],
)
def test_trend_rule_needs_five_points_and_looks_at_the_newest(top, expected):
    assert stats.tested_trend(top, [1000] * len(top)) == expected


def test_trend_carried_by_one_point_is_none():
    top = [690, 685, 680, 675, 850]
    assert stats.trend_test(top, [1000] * 5)[1] < 0.002
    assert stats.tested_trend(top, [1000] * 5) == stats.Trend.NONE


@pytest.mark.skipif(not CASES.exists(), reason="reference cases not beside the checkout")
def test_funnel_equals_the_published_hospitals():
    # FunnelPlotR vignette on COUNT::medpar: 25 and 9 outliers at 99.8 %.
    published = pd.read_csv(CASES / "funnel_medpar_SR_SHMI.csv")
    funnel = stats.funnel_limits(published.numerator, published.denominator, kind="ratio", trim="truncate")
    assert (funnel.phi, funnel.tau2) == pytest.approx((8.532851, 0.0284102), abs=5e-7)
    assert (funnel.outliers(adjusted=False).sum(), funnel.outliers().sum()) == (25, 9)
    np.testing.assert_allclose(funnel.z, published.Uzscore, rtol=1e-12)
    np.testing.assert_allclose(funnel.limits, published[["LCL95", "UCL95", "LCL99", "UCL99"]], rtol=1e-13)
    np.testing.assert_allclose(
        funnel.adjusted_limits, published[["OD95LCL", "OD95UCL", "OD99LCL", "OD99UCL"]], rtol=5e-7
    )


@pytest.mark.skipif(not CASES.exists(), reason="reference cases not beside the checkout")
def test_funnel_from_the_rows_themselves():
    rows = pd.read_csv(CASES / "medpar.csv")
    assert stats.pearson_dispersion(rows.los, rows.prds, 6) == pytest.approx(6.24, abs=0.005)
    groups = rows.groupby("provnum")[["los", "prds"]].sum()
    phi, tau2, *_ = stats.funnel_limits(groups.los, groups.prds, kind="ratio", trim="truncate")
    assert (phi, tau2) == pytest.approx((8.532851, 0.0284102), abs=5e-7)


# Twelve hospitals of the medpar funnel (observed, expected), one of each published rank group.
HOSPITALS = [406, 642, 46, 764, 82, 201, 193, 569, 404, 134, 614, 300]
EXPECTED = [523.7, 612.98, 53.79, 763.72, 120.94, 250.19, 155.49, 484.71, 362.22, 188.93, 554.38, 150.0]


def test_ratio_funnel_by_hand():
    funnel = stats.funnel_limits(HOSPITALS, EXPECTED, kind="ratio", trim="truncate")
    assert funnel.z[0] == pytest.approx(-5.82561011154998)  # FunnelPlotR, hospital 30001
    assert funnel.limits.iloc[0].tolist() == pytest.approx([0.916176729, 1.089431168, 0.870385907, 1.142533012])
    z = sorted(funnel.z)[1:-1]  # rank groups floor(10 r / 13) 1-8 keep ranks 2-11 of 12
    assert funnel.phi == pytest.approx(sum(value**2 for value in z) / len(z))


def test_proportion_funnel_by_hand():
    top, n = [50, 80, 30, 99], [100, 100, 100, 100]
    funnel = stats.funnel_limits(top, n, share=0)
    s, target = 1 / (2 * 10), asin(sqrt(259 / 400))
    z = [(asin(sqrt(x / 100)) - target) / s for x in top]
    assert funnel.z.tolist() == pytest.approx(z)
    assert funnel.phi == pytest.approx(sum(v**2 for v in z) / 4)
    weight = 1 / s**2
    assert funnel.tau2 == pytest.approx((sum(v**2 for v in z) - 3) / (4 * weight - weight))
    assert funnel.outliers(adjusted=False).tolist() == [abs(v) > norm.ppf(0.999) for v in z]
    assert not funnel.outliers().any()


def test_winsorising_pulls_in_the_tails():
    top, n = [50] * 18 + [5, 95], [100] * 20
    phi, tau2, limits, adjusted = stats.funnel_limits(top, n)
    assert phi == pytest.approx(0, abs=1e-12)
    assert tau2 == 0
    pd.testing.assert_frame_equal(limits, adjusted)


@pytest.mark.parametrize("arguments", [{"kind": "mean"}, {"trim": "cut"}, {"share": 0.5}])
def test_funnel_refuses_unknown_forms(arguments):
    with pytest.raises(ValueError, match="got: "):
        stats.funnel_limits([1, 2], [3, 4], **arguments)


@pytest.mark.parametrize(("top", "n"), [([1, 2], [0, 4]), ([-1, 2], [3, 4]), ([5, 2], [3, 4]), ([None, 2], [3, 4])])
def test_funnel_refuses_impossible_counts(top, n):
    with pytest.raises(ValueError, match="got: "):
        stats.funnel_limits(top, n)


def test_funnel_survives_one_unit_and_no_spread():
    assert stats.funnel_limits([5], [10]).tau2 == 0
    assert stats.funnel_limits([0, 0], [10, 20]).phi == 0


def test_chart_limits_by_hand():
    chart = stats.control_chart([10, 12, 11, 13, 12, 14])
    ranges = [2, 1, 2, 1, 2]
    assert chart.centre == pytest.approx(72 / 6)
    assert chart.limits == pytest.approx((12 - 2.66 * sum(ranges) / 5, 12 + 2.66 * sum(ranges) / 5))
    assert chart.rules == (None,) * 6
    centre, limits, rules = chart
    assert (centre, limits, rules) == (chart.centre, chart.limits, chart.rules)


def test_chart_screens_one_wild_range():
    values = [10, 11] * 6 + [40]
    assert stats.control_chart(values).limits[1] == pytest.approx(sum(values) / 13 + 2.66 * 1)
    assert stats.control_chart(values, screen=False).limits[1] == pytest.approx(
        sum(values) / 13 + 2.66 * (11 + 29) / 12
    )
    assert stats.control_chart(values).rules[-1] == "outside_limits"


def test_chart_marks_shift_trend_and_two_of_three():
    base = [12, 10] * 5
    assert stats.control_chart([*base, *[11.5] * 7], baseline=10).rules[10:] == ("shift",) * 7
    assert stats.control_chart([*base, *[11.5] * 6], baseline=10).rules[-6:-1] == (None,) * 5
    rising = [9.4, 9.8, 10.2, 10.6, 11.2, 11.6, 12.4]
    assert stats.control_chart([*base, *rising], baseline=10).rules[10:] == ("trend",) * 7
    # Limits 11 +- 5.32, two thirds of the way 3.547: two of three beyond it on one side are marked, the third is not.
    assert stats.control_chart([*base, 15, 11.5, 15.5, 10], baseline=10).rules[10:] == (
        "two_of_three",
        None,
        "two_of_three",
        None,
    )
    assert stats.control_chart([*base, 15, 10.5, 15.5], baseline=10).rules[10:] == (None, None, None)


def test_chart_without_variation_marks_nothing_and_refuses_nothing_to_chart():
    assert stats.control_chart([0.1] * 12).rules == (None,) * 12
    assert stats.control_chart([0.1] * 12 + [0.2], baseline=12).rules[-1] == "outside_limits"
    for values in ([1.0], [1.0, None, 2.0]):
        with pytest.raises(ValueError, match="a chart needs at least 2 known values"):
            stats.control_chart(values)


AML = [9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0]


def test_survival_equals_r_on_aml():
    # R survival: survfit(Surv(time, status) ~ x, aml), Maintained; std.err is on the log scale.
    expected = [0.909090909090909, 0.818181818181818, 0.715909090909091, 0.613636363636364, 0.613636363636364]
    log_errors = [0.0953462589245592, 0.14213381090374, 0.195087577921207, 0.248734169081545, 0.248734169081545]
    survival, error = stats.kaplan_meier(*AML, [9, 13, 18, 23, 28])
    np.testing.assert_allclose(survival, expected, rtol=1e-12)
    np.testing.assert_allclose(error, np.array(expected) * log_errors, rtol=1e-12)
    assert stats.kaplan_meier(*AML, [0, 161])[0].tolist() == pytest.approx([1, 0.184090909090909])


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=40))
def test_incidence_and_survival_add_to_one(rows):
    time, event = zip(*rows, strict=True)
    incidence = stats.cumulative_incidence(time, event, range(8))
    survival, _ = stats.kaplan_meier(time, event, range(8))
    np.testing.assert_allclose(incidence.sum(axis=1) + survival, 1, atol=1e-12)
    assert (np.diff(incidence, axis=0) >= 0).all()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 3)), min_size=1, max_size=40))
def test_incidence_without_censoring_is_the_share_of_the_cohort(rows):
    time, event = map(np.array, zip(*rows, strict=True))
    incidence = stats.cumulative_incidence(time, event, range(8))
    for cause in range(1, event.max() + 1):
        share = [((time <= at) & (event == cause)).mean() for at in range(8)]
        np.testing.assert_allclose(incidence[:, cause - 1], share, atol=1e-12)


def test_incidence_and_its_error_equal_statsmodels():
    rng = np.random.default_rng(3)
    time, event = rng.integers(1, 12, 200), rng.integers(0, 3, 200)
    time, event = np.append(time, 13), np.append(event, 0)
    reference = CumIncidenceRight(time, event)
    np.testing.assert_allclose(
        stats.cumulative_incidence(time, event, reference.times), np.column_stack(reference.cinc), atol=1e-12
    )
    np.testing.assert_allclose(
        stats.cumulative_incidence_error(time, event, reference.times), np.column_stack(reference.cinc_se), atol=1e-12
    )


def test_incidence_error_without_censoring_is_binomial():
    time, event = [1, 1, 2, 3, 4, 4, 4, 5], [1, 2, 1, 1, 2, 1, 2, 1]
    p = 3 / 8
    assert stats.cumulative_incidence_error(time, event, [3])[0, 0] == pytest.approx(sqrt(p * (1 - p) / 8))
    assert np.isfinite(stats.cumulative_incidence_error(time, event, [0, 5, 9])).all()


def test_everyone_censored_has_no_incidence():
    assert stats.cumulative_incidence([1, 2], [0, 0], [0, 5]).tolist() == [[0.0], [0.0]]
    assert stats.cumulative_incidence_error([1, 2], [0, 0], [5]).tolist() == [[0.0]]


@pytest.mark.parametrize(("time", "event"), [([], []), ([1], [1, 2]), ([-1], [1]), ([1], [0.5]), ([None], [1])])
def test_impossible_durations_are_refused(time, event):
    with pytest.raises(ValueError, match="got: "):
        stats.cumulative_incidence(time, event, [1])


def test_ranks_are_intervals():
    low, high = stats.rank_interval([0.9, 0.8, 0.79, 0.6], [0.01, 0.02, 0.02, 0.01])
    assert (low.tolist(), high.tolist()) == ([1, 2, 2, 4], [1, 3, 3, 4])
    low, high = stats.rank_interval([0.9, 0.6], [0.01, 0.01], higher_is_better=False)
    assert (low.tolist(), high.tolist()) == ([2, 1], [2, 1])
    low, high = stats.rank_interval([0.9, 0.6], [0.5, 0.5])
    assert (low.tolist(), high.tolist()) == ([1, 1], [2, 2])


def test_pooled_years():
    value, low, high = stats.pooled_share([1, 2, 3, None], [10, 20, 20, 10])
    assert np.isnan(value).tolist() == [True, True, False, True]
    assert value[2] == pytest.approx(6 / 50)
    assert (low[2], high[2]) == pytest.approx(stats.wilson_interval(6, 50))


def test_shrinkage_pulls_small_units_most_and_all_when_they_do_not_differ():
    top, n = np.array([8, 800, 300, 20]), np.array([10, 1000, 1000, 50])
    shrunk, pooled = stats.shrink_shares(top, n), top.sum() / n.sum()
    pull = (shrunk - pooled) / (top / n - pooled)
    assert ((pull > 0) & (pull < 1)).all()
    assert pull[0] < pull[3] < pull[1]
    np.testing.assert_allclose(stats.shrink_shares([5, 50], [10, 100]), [0.5, 0.5])
    assert np.isnan(stats.shrink_shares([0, 5], [0, 10])).tolist() == [True, False]
