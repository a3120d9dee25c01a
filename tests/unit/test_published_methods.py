"""Published examples tried through the package's public names, each with the figures and their source here."""

import inspect

import numpy as np
import pandas as pd
import pytest

from metrics import evaluate, stats
from metrics.evaluate import smoothness_breakdown, smoothness_interval, sun_abraham, two_stage
from tests.unit.test_evaluate_estimate import NAMES, mpdta_means

# Benzarti & Carloni 2019, effect of a tax cut on profits: the event study in R HonestDiD's BCdata_EventStudy.
BEFORE = [0.0066963518, 0.0293450337, -0.0064729722, 0.0730149895]
AFTER = [0.1959611177, 0.3120639026, 0.2395415455, 0.1260425001]
COVARIANCE = [
    [8.42835812e-4, 4.76868678e-4, 2.61805108e-4, 2.35422034e-4, 1.67637147e-4, 1.12870766e-4, 1.99281621e-5, -1.36826537e-4],
    [4.76868678e-4, 6.42542029e-4, 3.98742501e-4, 2.43551520e-4, 2.20196031e-4, 1.80459116e-4, 3.84376508e-5, -2.96042199e-5],
    [2.61805108e-4, 3.98742501e-4, 5.22994960e-4, 2.11768609e-4, 1.84072225e-4, 1.45852784e-4, 7.00519740e-5, 5.95299498e-5],
    [2.35422034e-4, 2.43551520e-4, 2.11768609e-4, 3.08959541e-4, 1.19786608e-4, 1.33408132e-4, 1.01633501e-4, 1.07905173e-4],
    [1.67637147e-4, 2.20196031e-4, 1.84072225e-4, 1.19786608e-4, 3.59970436e-4, 2.47881864e-4, 1.74957924e-4, 1.65425692e-4],
    [1.12870766e-4, 1.80459116e-4, 1.45852784e-4, 1.33408132e-4, 2.47881864e-4, 4.26394981e-4, 2.17143781e-4, 2.89274787e-4],
    [1.99281621e-5, 3.84376508e-5, 7.00519740e-5, 1.01633501e-4, 1.74957924e-4, 2.17143781e-4, 4.88669786e-4, 3.80532205e-4],
    [-1.36826537e-4, -2.96042199e-5, 5.95299498e-5, 1.07905173e-4, 1.65425692e-4, 2.89274787e-4, 3.80532205e-4, 7.61739444e-4],
]  # fmt: skip
FIRST, MEAN = [1.0, 0, 0, 0], [0.25] * 4


@pytest.mark.parametrize(
    ("weights", "m", "published"),
    [
        (FIRST, 0.0, (0.1314113, 0.2161696)),
        (FIRST, 0.01, (0.1549653, 0.2703845)),
        (FIRST, 0.02, (0.1773011, 0.3159565)),
        (MEAN, 0.0, (0.1331934, 0.2303626)),
        (MEAN, 0.01, (0.1241383, 0.3680354)),
        (MEAN, 0.02, (0.1139019, 0.4767435)),
    ],
)
def test_smoothness_interval_of_a_published_event_study(weights, m, published):
    """R HonestDiD 0.2.8, createSensitivityResults(method = "FLCI"); its quantile is simulated and its search coarse."""
    given = {"weights": np.array(weights), "m": m}
    found = smoothness_interval(np.array(BEFORE), np.array(AFTER), np.array(COVARIANCE), **given)
    assert found == pytest.approx(published, abs=1e-3)


def test_breakdown_of_a_published_event_study_is_where_its_interval_reaches_0():
    """In the years' mean the published lower limit falls by 0.0102 from a bend of 0.01 to 0.02, and is still 0.114."""
    told = np.array(BEFORE), np.array(AFTER), np.array(COVARIANCE)
    found = smoothness_breakdown(*told, weights=np.array(MEAN))
    assert found > 0.02
    low, high = smoothness_interval(*told, weights=np.array(MEAN), m=found)
    assert low == pytest.approx(0, abs=1e-3)
    assert high > 0


@pytest.fixture(scope="module")
def counties() -> pd.DataFrame:
    """bcallaway11/did, mpdta: each county at the mean of its start, which leaves every point estimate as published."""
    means = mpdta_means()
    rows = means.loc[means.index.repeat(means.weight.astype(int))].copy()
    rows["unit"] = rows.unit.astype(str) + "-" + rows.groupby(["unit", "year"]).cumcount().astype(str)
    return rows


def test_sun_abraham_on_the_published_counties(counties):
    """With never-treated controls the effects after the start are Callaway and Sant'Anna's own, weighted alike."""
    found = sun_abraham(counties, **NAMES).events.set_index("event").att
    assert found.loc[0:].to_dict() == pytest.approx({0: -0.0199, 1: -0.0510, 2: -0.1373, 3: -0.1008}, abs=5e-5)


def test_two_stage_on_the_published_counties(counties):
    """The second stage by hand: fixed effects from the untreated rows, then the mean of what is left in the treated."""
    treated = (counties.start > 0) & (counties.year >= counties.start)
    kinds = mpdta_means()
    free = kinds[(kinds.start == 0) | (kinds.year < kinds.start)]
    design = pd.get_dummies(free.unit.astype(str)).join(pd.get_dummies(free.year)).to_numpy(float)
    root = np.sqrt(free.weight.to_numpy(float))
    solved = np.linalg.lstsq(design * root[:, None], free.y.to_numpy(float) * root, rcond=None)[0]
    effect = dict(zip([*sorted(free.unit.astype(str).unique()), *sorted(free.year.unique())], solved, strict=True))
    rest = counties.y - [
        effect[str(start)] + effect[year] for start, year in zip(counties.start, counties.year, strict=True)
    ]
    found = two_stage(counties, **NAMES)
    assert found.estimate == pytest.approx(float(rest[treated].mean()), abs=1e-9)


@pytest.mark.parametrize("module", [evaluate, stats])
def test_every_public_name_says_what_it_does(module):
    names = getattr(module, "__all__", None) or [
        name for name, each in vars(module).items()
        if not name.startswith("_") and getattr(each, "__module__", "") == module.__name__
    ]  # fmt: skip
    assert len(names) > 15
    silent = [name for name in names if not inspect.getdoc(getattr(module, name))]
    assert silent == []
