"""Ranks, shrunken values, verdicts and trends are functions of what is shown: a hidden number moves none of them.

The attack puts numbers back beside hidden statuses, as a leaking release would have them, and looks for a difference.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from metrics import stats
from metrics.judgement import judge
from metrics.present import indicator_members
from metrics.present.figures import Figures
from metrics.present.indicator import IndicatorView
from metrics.release import read
from metrics.values import Published

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
SOME = ("all_subjects_passed", "absence_20", "not_in_school")
NUMBERS = ["numerator", "denominator", "value", "low", "high"]


@pytest.fixture(scope="module")
def release() -> read.Release:
    return read.load(DEMO)


def some(release: read.Release) -> pd.DataFrame:
    values = release.values.values
    return values[values["indicator"].isin(SOME)].reset_index(drop=True)


def with_numbers(values: pd.DataFrame, share: float) -> pd.DataFrame:
    """The same rows with made-up numbers beside every hidden status."""
    leaking = values.copy()
    hidden = leaking["status"] == "hidden"
    assert hidden.sum() > 100
    leaking.loc[hidden, NUMBERS] = [share * 100, 100.0, 100 * share, 100 * share - 5, 100 * share + 5]
    return leaking


def unchecked(values: pd.DataFrame) -> Any:
    """The values as a release holds them, but for the check that none of them is hidden and has a number."""
    return SimpleNamespace(values=values)


def test_values_that_are_hidden_and_have_numbers_are_never_published(release: read.Release) -> None:
    with pytest.raises(ValueError, match="holds no number"):
        Published(values=with_numbers(some(release), 0.5))


def judged(values: pd.DataFrame, release: read.Release) -> list[pd.DataFrame]:
    return [
        each.sort_values(list(each.columns[:6])).reset_index(drop=True)
        for each in judge(unchecked(values), release.definitions)
    ]


@pytest.mark.parametrize("share", [0.02, 0.97])
def test_no_verdict_or_trend_moves_with_a_hidden_number(share: float, release: read.Release) -> None:
    values = some(release)
    before, after = judged(values, release), judged(with_numbers(values, share), release)
    assert len(before[0]) > 100
    for left, right in zip(before, after, strict=True):
        pd.testing.assert_frame_equal(left, right)


def test_a_hidden_number_that_is_taken_for_shown_moves_verdicts(release: read.Release) -> None:
    values = some(release)
    leaking = with_numbers(values, 0.02)
    leaking["status"] = leaking["status"].replace("hidden", "shown")
    assert not judged(values, release)[0].equals(judged(leaking, release)[0])


def ranks(release: read.Release, values: pd.DataFrame) -> dict[tuple[str, str], str]:
    """What is said of every member's place in every year of the indicators."""
    figures = Figures(replace(release, values=unchecked(values)))
    definition = release.definitions["all_subjects_passed"]
    years = sorted(values.loc[values["indicator"] == definition.name, "school_year"].unique())[-4:]
    names = [each["name"] for each in release.manifest["region"]["members"]]
    return {
        (name, year): indicator_members.rank(
            figures,
            IndicatorView(
                definition=definition, area=name, school_year=year, benchmark="region", provider="all", stage="all"
            ),
        )
        for name in names
        for year in years
    }


def test_no_rank_moves_with_a_hidden_number_and_one_that_is_shown_does(release: read.Release) -> None:
    values = some(release)
    own = values[values["indicator"] == "all_subjects_passed"].reset_index(drop=True)
    chosen = own.index[(own["area_type"] == "municipality") & (own["status"] == "shown")][::7]
    own.loc[chosen, "status"] = "hidden"
    silent = own.copy()
    silent.loc[silent["status"] == "hidden", NUMBERS] = np.nan
    told = ranks(release, silent)
    assert len({each for each in told.values() if each}) > 5
    assert ranks(release, own) == told
    assert ranks(release, own.assign(status="shown")) != told


def test_a_shrunken_value_is_fitted_on_shown_ones_only() -> None:
    tops, bottoms = np.array([80.0, 95.0, 300.0, np.nan]), np.array([100.0, 120.0, 410.0, np.nan])
    shown = stats.shrink_shares(tops[:3], bottoms[:3])
    beside = stats.shrink_shares(tops, bottoms)
    assert np.isnan(beside[3])
    np.testing.assert_allclose(beside[:3], shown)
    assert not np.allclose(stats.shrink_shares([80, 95, 300, 3], [100, 120, 410, 5])[:3], shown)
