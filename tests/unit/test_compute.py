"""Counting: every pupil once, whatever models its school has, and only the region's members."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.compute import compute, unit_panel
from metrics.values import Counts
from metrics.vocabulary import GR, Region
from tests.spec.example_database import database

UNITS = """
school_unit municipality provider    stages valid_from
1           1419         municipal   7-9    2010-07-01
2           1419         independent 7-9    2010-07-01
3           1440         municipal   7-9    2010-07-01
9           0180         municipal   7-9    2010-07-01
"""
REGISTER = """
instance model_type         municipality school_unit started    ended
a        school_social_team 1419         1           2020-08-15 .
b        sspf               1419         1           2021-08-15 .
c        sspf               1419         2           2021-08-15 2024-02-01
"""
PUPILS = """
pupil school_year school_unit sex   SV EN MA BL
p1    2023/24     1           girls A  A  A  A
p2    2023/24     1           boys  F  F  F  F
p3    2023/24     2           boys  -  -  -  -
p4    2023/24     3           girls E  E  E  E
p5    2023/24     9           girls E  E  E  E
"""


@pytest.fixture
def connection() -> engine.Connection:
    return database({"school_units": UNITS, "collaboration_register": REGISTER, "year9_grades": PUPILS})


def counted(connection: engine.Connection, region: Region = GR) -> Counts:
    return compute(connection, catalogue.default(), "year9_leavers", region=region)


def test_a_school_with_two_models_is_counted_once(connection: engine.Connection) -> None:
    inner = counted(connection).inner
    assert inner["contributors"].sum() == 4
    assert sorted(inner["models"].unique()) == ["", "school_social_team|sspf"]


def test_a_model_that_ended_during_the_year_is_not_in_place(connection: engine.Connection) -> None:
    inner = counted(connection).inner
    assert list(inner.loc[inner["provider"] == "independent", "models"]) == [""]


def test_only_members_are_counted(connection: engine.Connection) -> None:
    assert set(counted(connection).inner["school_municipality"]) == {"1419", "1440"}


def test_a_region_of_one_municipality(connection: engine.Connection) -> None:
    alone = Region(name="Tjörn", title="Tjörn", members=(GR.member("1419"),))
    counts = counted(connection, alone)
    assert counts.inner["contributors"].sum() == 3
    assert counts.missing.empty


def test_members_that_have_not_delivered_are_missing(connection: engine.Connection) -> None:
    missing = counted(connection).missing
    assert len(missing) == len(GR.members) - 2
    assert set(missing["provider"]) == {"municipal"}


def test_magnitudes_are_sums_over_the_pupils_with_a_pass(connection: engine.Connection) -> None:
    inner = counted(connection).inner
    passed = inner[inner["merit_value_16__denominator"] == 1]
    assert passed["merit_value_16__sum"].sum() == 3 * 20 + 20 + 4 * 10
    assert passed["contributors"].sum() == 2
    assert inner.loc[inner["merit_value_16__denominator"] == 0, "merit_value_16__sum"].sum() == 0


def test_the_pattern_keeps_indicators_of_one_pupil_together(connection: engine.Connection) -> None:
    inner = counted(connection).inner
    names = [each.name for each in catalogue.default().family("year9_leavers") if each.unit == "share"]
    columns = [f"{name}__{part}" for name in names for part in ("numerator", "denominator")]
    assert inner[columns].isin([0, 1]).to_numpy().all()
    nested = ["eligibility_social_sciences", "eligibility_arts", "eligibility_vocational"]
    for narrow, wide in pairwise(nested):
        assert (inner[f"{narrow}__numerator"] <= inner[f"{wide}__numerator"]).all()


def test_one_school_is_recognised(connection: engine.Connection) -> None:
    inner = counted(connection).inner
    ale = inner[inner["school_municipality"] == "1440"]
    assert ale["school_first"].min() == ale["school_last"].max() == "3"
    assert isinstance(inner, pd.DataFrame)


def test_a_merged_school_is_followed_under_its_successor() -> None:
    units = """
    school_unit municipality provider  stages valid_from valid_to   successor
    1           1419         municipal 7-9    2010-07-01 2023-06-30 2
    2           1419         municipal 7-9    2010-07-01 .          .
    """
    pupils = """
    pupil school_year school_unit sex   SV EN MA
    p1    2022/23     1           girls A  A  A
    p2    2022/23     2           girls F  F  F
    p3    2023/24     2           girls F  F  F
    """
    connection = database({"school_units": units, "year9_grades": pupils})
    indicator = catalogue.default().indicators["all_subjects_passed"]
    panel = unit_panel(connection, catalogue.default(), indicator)
    found = panel[["unit", "cluster", "period", "numerator", "denominator"]].to_numpy().tolist()
    assert found == [["2", "1419", "2022/23", 1, 2], ["2", "1419", "2023/24", 0, 1]]
