"""What the desk keeps of a release, read back: the same counts are the same whatever the order they were added in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.family_query import _summed
from metrics.layout import DEFAULT_LAYOUT, Layout, Table
from metrics.protect.thresholds import Thresholds
from metrics.release import records
from metrics.values import DIMENSION_COLUMNS, Counts, Published

PERIOD = "HT 2024"
DECLARED = "as declared"


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
    before = records.history(tmp_path, counts, DECLARED)[1]
    rows = pd.DataFrame(columns=list(Published.columns()))
    family = records.with_solved(before, counts, DEFAULT_LAYOUT, DECLARED, {PERIOD: rows})
    records.keep(tmp_path, "2026-11-26-1", [family])
    return tmp_path


def stands(folder, counts, declared=DECLARED):
    return PERIOD in records.history(folder, counts, declared)[0].stands


def test_the_same_counts_in_another_order_and_type_hold_nothing(tmp_path):
    again = counted(minutes=(0.1, 0.1 + 0.1, 0.1 + 0.1 + 0.1))
    shuffled = again.inner.iloc[::-1].astype({"contributors": "int32", "absence__denominator": "int8"})
    again = Counts(population="attendance", period_kind="term", inner=shuffled.reset_index(drop=True))
    assert stands(kept(tmp_path, counted()), again)


def test_one_pupil_or_one_minute_more_is_a_change(tmp_path):
    folder = kept(tmp_path, counted())
    for changed in (counted(contributors=(7, 12, 31)), counted(minutes=(0.1, 0.2, 1.3))):
        assert not stands(folder, changed)


def test_a_table_reads_back_with_its_layout(tmp_path):
    found = records.history(kept(tmp_path, counted()), counted(), DECLARED)[0].tables[PERIOD]
    assert [each.layout for each in found] == [DEFAULT_LAYOUT]
    assert found[0].inner["contributors"].sum() == 49


def test_a_changed_declaration_is_solved_again(tmp_path):
    folder = kept(tmp_path, counted())
    assert not stands(folder, counted(), "declared otherwise")
    family = catalogue.default().family("year9_leavers")
    first, layout = family[0], Layout(tables=(Table(areas="members"),))
    changes = [
        ([replace(first, sensitive="both")], layout, Thresholds()),
        ([replace(first, sql=first.sql + " WHERE true")], layout, Thresholds()),
        ([first], Layout(tables=(Table(areas="region"),)), Thresholds()),
        ([first], layout, Thresholds(pupils=6)),
    ]
    as_it_is = records.declaration([first], layout, Thresholds())
    assert as_it_is == records.declaration([replace(first, sql=first.sql + "\n")], layout, Thresholds())
    assert len({as_it_is, *(records.declaration(*each) for each in changes)}) == 5


@pytest.mark.parametrize("wide", [False, True])
def test_parts_of_minutes_add_up_to_the_same_in_any_order(wide):
    sums = set()
    for order in (1, -1):
        amounts = pd.DataFrame({"amount": np.arange(1, 2000)[::order] * 0.1})
        connection = engine.memory()
        with engine.registered(connection, "given", amounts):
            sums |= set(engine.rows(connection, f"SELECT {_summed('amount', wide)} FROM given"))
    assert sums == {(199900.0,)}
