"""Second opinions, placebo starts, leave-one-out, trend deviations and what more would be required."""

import warnings

import numpy as np
import pandas as pd
import pytest
from diff_diff import HonestDiD, MultiPeriodDiDResults, PeriodEffect
from scipy.stats import foldnorm

from metrics.evaluate import att_gt, event_study, smoothness_breakdown, smoothness_interval, sun_abraham, two_stage
from metrics.evaluate.panel import HEADLINE_BASE, Design
from metrics.evaluate.robustness import (
    dose_slope,
    headline,
    imputed_effect,
    leave_one_out,
    placebo_panel,
    required,
)

NAMES = {"unit": "unit", "period": "year", "outcome": "y", "first_treated": "start"}
HEADLINE = Design(anticipation=1, base=HEADLINE_BASE)


def region(starts: list[int], *, effect: float = 0.0, noise: float = 0.0, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [
        (unit, year, 10.0 * unit + (year % 3) + effect * (0 < start <= year) + rng.normal(0, noise), start)
        for unit, start in enumerate(starts)
        for year in range(2015, 2025)
    ]
    return pd.DataFrame(rows, columns=["unit", "year", "y", "start"])


def test_second_opinions_find_an_exact_effect():
    panel = region([2020, 2021, 0, 0, 0], effect=4.0, noise=1e-6)
    assert two_stage(panel, **NAMES).estimate == pytest.approx(4, abs=1e-4)
    assert sun_abraham(panel, **NAMES).estimate == pytest.approx(4, abs=1e-4)
    assert imputed_effect(att_gt(panel, **NAMES).panel) == pytest.approx(4, abs=1e-4)


def test_two_stage_by_least_squares_of_its_own():
    panel = region([2020, 2021, 0, 0, 0, 0], effect=1.0, noise=1.0)
    untreated = panel[(panel.start == 0) | (panel.year < panel.start)]
    dummies = pd.get_dummies(untreated[["unit", "year"]].astype(str)).astype(float)
    beta = pd.Series(np.linalg.lstsq(dummies, untreated.y, rcond=None)[0], index=dummies.columns)
    treated = panel[(panel.start > 0) & (panel.year >= panel.start)]
    fitted = beta["unit_" + treated.unit.astype(str)].to_numpy() + beta["year_" + treated.year.astype(str)].to_numpy()
    effect = treated.y - fitted
    assert two_stage(panel, **NAMES).estimate == pytest.approx(effect.mean(), abs=1e-9)
    by_unit = effect.groupby(treated.unit).mean()
    assert imputed_effect(att_gt(panel, **NAMES).panel, anticipation=0) == pytest.approx(by_unit.mean(), abs=1e-9)


def test_sun_abraham_with_one_start_is_the_universal_base_event_study():
    panel = region([2020, 2020, 0, 0, 0, 0], effect=1.0, noise=1.0)
    ours = event_study(panel, **NAMES, control="never_treated", base="universal").set_index("event").att
    theirs = sun_abraham(panel, **NAMES).events.set_index("event").att
    assert theirs.to_dict() == pytest.approx(ours.drop(-1).to_dict(), abs=1e-9)


@pytest.mark.parametrize(
    ("years", "step"), [([2015, 2017, 2019, 2021, 2023], 2), ([2015, 2016, 2018, 2019, 2021, 2023], 1)]
)
def test_sun_abraham_stands_skipped_years(years, step):
    panel = region([2019, 2021, 2019, 0, 0], effect=4.0, noise=1e-6)
    found = sun_abraham(panel[panel.year.isin(years)], **NAMES)
    assert found.estimate == pytest.approx(4, abs=1e-4)
    assert set(np.diff(found.events.event)) <= {step, 2 * step}


def test_sun_abraham_compares_with_the_last_to_start_where_everyone_starts():
    panel = region([2018, 2020, 2022, 2022], effect=4.0, noise=1e-6)
    found = sun_abraham(panel, **NAMES)
    assert found.estimate == pytest.approx(4, abs=1e-4)
    assert found.events.event.max() == 3


def test_leave_one_out_shows_who_carries_the_effect():
    panel = region([2020, 2020, 0, 0, 0], effect=0.0)
    panel.loc[(panel.unit == 0) & (panel.year >= 2020), "y"] += 10
    table = leave_one_out(att_gt(panel, **NAMES).panel, HEADLINE).set_index("cluster")
    assert table.treated.tolist() == [True, True, False, False, False]
    assert table.estimate.to_dict() == pytest.approx({0: 0, 1: 10, 2: 5, 3: 5, 4: 5})


def test_a_placebo_start_sees_only_years_before_the_dip():
    panel = region([2022, 2022, 0, 0, 0], effect=9.0)
    panel.loc[(panel.unit < 2) & (panel.year == 2021), "y"] -= 50
    design = Design(base=(-2, -1))
    moved = placebo_panel(att_gt(panel, **NAMES).panel)
    assert headline(moved, design) == pytest.approx(0, abs=1e-9)
    panel.loc[(panel.unit < 2) & panel.year.between(2019, 2020), "y"] += 3
    assert headline(placebo_panel(att_gt(panel, **NAMES).panel), design) == pytest.approx(3)


def test_dose_slope_by_hand():
    panel = region([2020, 2020, 2020, 0, 0, 0])
    doses = np.array([0.5, 0.75, 1.0, np.nan, np.nan, np.nan])
    panel["y"] += np.where(panel.year >= 2020, panel.unit.map(dict(enumerate(np.nan_to_num(8 * doses)))), 0)
    assert dose_slope(att_gt(panel, **NAMES).panel, doses) == pytest.approx(8)
    assert np.isnan(dose_slope(att_gt(panel, **NAMES).panel, np.full(6, 1.0)))


def test_one_year_each_side_is_a_line_drawn_on_and_a_bend_at_the_start():
    before, after, spread = np.array([-1.0]), np.array([5.0]), np.diag([0.3, 0.5])
    error = np.sqrt(0.3 + 0.5)
    low, high = smoothness_interval(before, after, spread, m=0)
    assert (low + high) / 2 == pytest.approx(5 + -1)  # the line through -1 at year -1 reaches +1 at year 1
    assert high - low == pytest.approx(2 * 1.959963985 * error)
    low, high = smoothness_interval(before, after, spread, m=1.5)
    assert (high - low) / 2 == pytest.approx(error * foldnorm.ppf(0.95, 1.5 / error), rel=1e-6)
    breakdown = smoothness_breakdown(before, after, spread)
    assert error * foldnorm.ppf(0.95, breakdown / error) == pytest.approx(4, rel=1e-3)


@pytest.mark.parametrize("m", [0.0, 0.01, 0.1])
@pytest.mark.parametrize("weights", [[1.0, 0, 0, 0], [0.25] * 4])
def test_smoothness_interval_equals_diff_diff(m, weights):
    before, after = np.array([0.0067, 0.0293, -0.0065, 0.0730]), np.array([0.1960, 0.3121, 0.2395, 0.1260])
    draws = np.random.default_rng(0).normal(size=(8, 8))
    spread = draws @ draws.T * 1e-4 + np.eye(8) * 1e-3
    error, years = np.sqrt(np.diag(spread)), [*range(-4, 0), *range(1, 5)]
    effects = {
        y: PeriodEffect(y, b, s, b / s, 0.5, (b - 2 * s, b + 2 * s))
        for y, b, s in zip(years, [*before, *after], error, strict=True)
    }
    container = MultiPeriodDiDResults(
        effects, 0, 1, 0, 1, (0, 1), 100, 5, 5, years[:4], years[4:], vcov=spread, reference_period=0,
        interaction_indices={y: i for i, y in enumerate(years)},
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = HonestDiD(method="smoothness", M=m, l_vec=np.array(weights)).fit(container)
    ours = smoothness_interval(before, after, spread, m=m, weights=np.array(weights))
    assert ours == pytest.approx((reference.ci_lb, reference.ci_ub), abs=1e-4)


def test_breakdown_is_0_without_an_effect_and_never_negative_bends():
    spread = np.eye(4) * 0.01
    assert smoothness_breakdown(np.zeros(2), np.zeros(2), spread) == 0
    with pytest.raises(ValueError, match="m must be at least 0, got: -1"):
        smoothness_interval(np.zeros(2), np.zeros(2), spread, m=-1)
    with pytest.raises(ValueError, match="there must be estimates before and after"):
        smoothness_interval(np.zeros(0), np.zeros(2), spread, m=0)


def test_what_more_would_be_required():
    enough = required(0.03, 0.04, adopters=4, clusters=13, years=3, base_years=4)
    assert enough == {"adopters": 0, "years": 0}
    little = required(0.05, 0.04, adopters=2, clusters=13, years=3, base_years=4)
    now, ratio = 1 / 2 + 1 / 11, (0.04 / 0.05) ** 2
    assert 1 / 4 + 1 / 9 <= ratio * now < 1 / 3 + 1 / 10
    assert little["adopters"] == 2
    assert ratio * (1 / 3 + 1 / 4) >= 1 / 30 + 1 / 4
    assert 1 / (3 + little["years"]) + 1 / 4 <= ratio * (1 / 3 + 1 / 4) < 1 / (2 + little["years"]) + 1 / 4
    assert required(np.inf, 0.04, adopters=1, clusters=13, years=3, base_years=4) == {"adopters": None, "years": None}
    assert required(0.4, 0.04, adopters=2, clusters=13, years=3, base_years=4) == {"adopters": None, "years": None}
