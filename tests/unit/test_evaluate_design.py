"""Each timing rule on a small hand-made region."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from metrics.evaluate.design import Timing, last_full, period_of, start_of, timetable

PERIODS = tuple(range(2015, 2025))


def one(started: str | None, **entry: object) -> pd.Series:
    starts = pd.DataFrame([{"unit": "a", "started": started, **entry}])
    return timetable(pd.Index(["a"]), starts, PERIODS).loc["a"]


def test_a_school_year_is_named_by_its_spring():
    assert period_of(date(2023, 7, 1), "school_year") == period_of(date(2024, 6, 30), "school_year") == 2024
    assert period_of(date(2023, 12, 31), "calendar_year") == 2023
    with pytest.raises(ValueError, match="period_kind must be one of school_year, calendar_year, got: term"):
        period_of(date(2023, 7, 1), "term")


@pytest.mark.parametrize(
    ("started", "exposed", "first"),
    [
        ("2019-07-01", 2020, 2020),
        ("2019-08-15", 2020, 2020),
        ("2019-09-30", 2020, 2020),
        ("2019-10-01", 2020, 2021),
        ("2020-01-07", 2020, 2021),
        ("2020-06-30", 2020, 2021),
    ],
)
def test_year_0_is_the_first_whole_year_and_a_late_start_splits_the_year_before(started, exposed, first):
    row = one(started)
    assert (row.exposed, row["first"], row.timing) == (exposed, first, Timing.TREATED)


@pytest.mark.parametrize(
    ("started", "precision", "exposed", "first"),
    [
        ("2020-01-15", "school_year", 2020, 2020),
        ("2019-10-15", "term", 2020, 2020),
        ("2020-01-15", "term", 2020, 2021),
    ],
)
def test_a_start_known_by_term_or_year_counts_from_its_beginning(started, precision, exposed, first):
    row = one(started, start_precision=precision)
    assert (row.exposed, row["first"]) == (exposed, first)


def test_calendar_years_give_the_same_three_months():
    assert start_of(date(2020, 3, 31), period_kind="calendar_year").first == 2020
    late = start_of(date(2020, 4, 1), period_kind="calendar_year")
    assert (late.exposed, late.first) == (2020, 2021)


@pytest.mark.parametrize("precision", ["gradual", "unknown"])
def test_a_gradual_or_unknown_start_is_unclear_but_can_be_shown_moved(precision):
    assert one("2019-08-15", start_precision=precision).timing == Timing.UNCLEAR
    starts = pd.DataFrame([{"unit": "a", "started": "2019-08-15", "start_precision": precision}])
    moved = [timetable(pd.Index(["a"]), starts, PERIODS, shift=years).loc["a"] for years in (-1, 1)]
    assert [row["first"] for row in moved] == [2019, 2021]
    assert one(None).timing == Timing.UNCLEAR


def test_running_before_the_panel_is_always_and_too_few_base_years_is_short():
    assert one("2007-08-15").timing == Timing.ALWAYS
    assert one("2014-08-15").timing == Timing.ALWAYS
    assert one("2016-08-15").timing == Timing.SHORT_BASE  # exposed 2017: of 2012-2015 only 2015 lies in the panel
    assert one("2017-08-15").timing == Timing.TREATED  # exposed 2018: 2015 and 2016


def test_a_start_after_the_panel_is_not_yet():
    assert one("2023-10-15").timing == Timing.NOT_YET
    assert one("2023-09-15").timing == Timing.TREATED


def test_ended_counts_to_the_last_full_year_and_under_a_year_is_brief():
    assert last_full(date(2022, 6, 14)) == 2022
    assert last_full(date(2022, 5, 31)) == 2021
    assert last_full(date(2022, 12, 20), "calendar_year") == 2022
    assert one("2019-08-15", ended="2022-01-31")["last"] == 2021
    assert one("2019-08-15", ended="2020-03-31").timing == Timing.BRIEF
    assert np.isnan(one("2019-08-15")["last"])


def test_under_half_the_planned_posts_is_not_started():
    assert one("2019-08-15", planned_posts=4, filled_posts=1.9).timing == Timing.NOT_STAFFED
    filled = one("2019-08-15", planned_posts=4, filled_posts=2)
    assert (filled.timing, filled.dose) == (Timing.TREATED, 0.5)
    assert one("2019-08-15", planned_posts=None, filled_posts=2).timing == Timing.TREATED
    assert one("2019-08-15", planned_posts=0, filled_posts=0).timing == Timing.TREATED


def test_units_without_a_start_are_never_and_the_earliest_of_several_counts():
    starts = pd.DataFrame({"unit": ["a", "a", "z"], "started": ["2021-08-15", "2019-08-15", "2019-08-15"]})
    table = timetable(pd.Index(["a", "b"]), starts, PERIODS)
    assert table.timing.tolist() == [Timing.TREATED, Timing.NEVER]
    assert table["first"].tolist() == [2020, 0]
    with pytest.raises(ValueError, match="starts must have unit and started, missing: started"):
        timetable(pd.Index(["a"]), starts[["unit"]], PERIODS)
