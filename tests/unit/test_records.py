"""What the desk keeps of a release, read back: the same counts are the same whatever the order they were added in."""

import numpy as np
import pandas as pd

from metrics import engine
from metrics.family_query import _summed
from metrics.release import records
from metrics.values import DIMENSION_COLUMNS, Counts, Published

PERIOD = "HT 2024"


def counted(contributors=(7, 12, 30), minutes=(0.1, 0.2, 0.3)):
    rows = [
        {
            "period": PERIOD,
            **dict.fromkeys(DIMENSION_COLUMNS, ""),
            "sex": sex,
            "contributors": number,
            "school_first": "1",
            "school_last": "2",
            "absence__denominator": 1,
            "absence__sum": amount,
        }
        for sex, number, amount in zip(("boys", "girls", "unknown"), contributors, minutes, strict=True)
    ]
    return Counts(population="attendance", period_kind="term", inner=pd.DataFrame(rows))


def kept(tmp_path, counts):
    values = pd.DataFrame(columns=list(Published.columns()))
    records.keep(tmp_path, "2026-11-26-1", [counts], Published(values=values))
    return tmp_path


def test_the_same_counts_in_another_order_and_type_hold_nothing(tmp_path):
    again = counted(minutes=(0.1, 0.1 + 0.1, 0.1 + 0.1 + 0.1))
    shuffled = again.inner.iloc[::-1].astype({"contributors": "int32", "absence__denominator": "int8"})
    again = Counts(population="attendance", period_kind="term", inner=shuffled.reset_index(drop=True))
    assert records.earlier(kept(tmp_path, counted()), again, {"absence"})[1].held == ()


def test_one_pupil_or_one_minute_more_is_a_change(tmp_path):
    folder = kept(tmp_path, counted())
    for changed in (counted(contributors=(7, 12, 31)), counted(minutes=(0.1, 0.2, 1.3))):
        assert records.earlier(folder, changed, {"absence"})[1].held == (PERIOD,)


def test_parts_of_minutes_add_up_to_the_same_in_any_order():
    sums = set()
    for order in (1, -1):
        amounts = pd.DataFrame({"amount": np.arange(1, 2000)[::order] * 0.1})
        connection = engine.memory()
        with engine.registered(connection, "given", amounts):
            sums |= set(engine.rows(connection, f"SELECT {_summed('amount')} FROM given"))
    assert sums == {(199900.0,)}
