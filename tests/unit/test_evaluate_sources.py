"""What an evaluation reads of the register and of measured years, each rule with a small hand-made region."""

from __future__ import annotations

import pandas as pd
import pytest

from metrics import catalogue
from metrics.evaluate.sources import Outcome, Register, _quoted, _same_method, _without, _yearly, starts_of

COLUMNS = ["instance", "unit", "municipality", "started", "ended", "start_precision", "decided_by", "planned_posts"]


def register(*rows: tuple[object, ...]) -> Register:
    table = pd.DataFrame(rows, columns=COLUMNS).assign(filled_posts=1.0)
    return Register(model="m", rows=table, others=pd.DataFrame(), providers=("municipal",))


def outcome(name: str) -> Outcome:
    return Outcome(indicator=catalogue.default().indicators[name])


def test_a_school_under_two_codes_is_one_unbroken_spell() -> None:
    found = starts_of(
        register(
            ("A", "1", "1419", "2019-08-15", "2021-06-30", "date", "school", 2.0),
            ("A", "1", "1419", "2021-07-01", None, "date", "school", 2.0),
        ),
        by_school=True,
    )
    assert found.started.tolist() == [pd.Timestamp("2019-08-15")]
    assert found.ended.isna().all()
    assert found.planned_posts.tolist() == [2.0]


def test_a_later_spell_is_left_out() -> None:
    found = starts_of(
        register(
            ("A", "1", "1419", "2017-08-15", "2019-06-15", "date", "school", 2.0),
            ("B", "1", "1419", "2022-08-15", None, "date", "school", 1.0),
        ),
        by_school=True,
    )
    assert found.ended.tolist() == [pd.Timestamp("2019-06-15")]


def test_seen_from_the_home_municipality_a_start_is_clear_only_where_the_municipality_decided() -> None:
    rows = register(
        ("A", "1", "1419", "2019-08-15", None, "date", "municipality", 2.0),
        ("A", "2", "1419", "2019-08-15", None, "date", "municipality", 2.0),
        ("B", "3", "1440", "2019-08-15", None, "date", "school", 2.0),
    )
    found = starts_of(rows, by_school=False).set_index("unit")
    assert found.start_precision.to_dict() == {"1419": "date", "1440": "unknown"}


def test_a_school_year_with_one_term_missing_falls_away() -> None:
    found = pd.DataFrame(
        [
            ("1", "1419", "HT 2019", 10, 100, 100),
            ("1", "1419", "VT 2020", 20, 100, 100),
            ("1", "1419", "HT 2020", 10, 100, 100),
        ],
        columns=["unit", "cluster", "period", "numerator", "denominator", "contributors"],
    )
    rows = _yearly(found, outcome("absence_20"))
    assert rows[["period", "numerator", "denominator"]].values.tolist() == [[2020, (10 + 20) / 2, (100 + 100) / 2]]


def test_years_measured_in_another_way_than_the_newest_are_a_break() -> None:
    rows = pd.DataFrame({"unit": ["1", "1", "2"], "period": [2020, 2021, 2020], "numerator": [1, 2, 3]})
    methods = pd.DataFrame(
        {
            "unit": ["1", "1", "2"],
            "school_year": ["2019/20", "2020/21", "2019/20"],
            "method": ["percent/day", "minutes/lesson", "percent/day"],
        }
    )
    assert _same_method(rows, methods).numerator.tolist() == [2, 3]


def test_other_models_are_the_set_without_the_one_asked_about() -> None:
    assert [_without(each, "m") for each in ("", "m", "b|m", "m|b|a")] == ["", "", "b", "a|b"]


def test_years_are_springs_or_calendar_years() -> None:
    assert outcome("absence_20").year("HT 2019") == outcome("absence_20").year("VT 2020") == 2020
    assert outcome("eligibility_vocational").year("2019/20") == 2020
    assert outcome("reports_per_child").year("2020") == 2020


def test_a_code_is_never_more_than_a_code() -> None:
    assert _quoted("7-9") == "'7-9'"
    with pytest.raises(ValueError, match="letters, figures"):
        _quoted("7-9' OR TRUE")
