"""The cohort read once gives, row by row, what every indicator's own SQL gives."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.compute import compute
from metrics.family_query import family_sql, joined_sql, readings, repeated_sql
from metrics.values import DIMENSION_COLUMNS
from metrics.vocabulary import GR
from tests.spec.example_database import add, database

POPULATIONS = catalogue.default().populations


@pytest.fixture(scope="module")
def connection() -> engine.Connection:
    """The rows of all worked examples in one database."""
    filled = database({"declared_join": "\npupil child\np1 c1\np2 c2\np3 c3\n"})
    examples = [each.examples[0].tables for each in catalogue.default().indicators.values()]
    for name, text in sorted({part for example in examples for part in example.items()}):
        if name != "declared_join":
            add(filled, name, text)
    return filled


@pytest.mark.parametrize("population", POPULATIONS)
def test_reading_the_cohort_once_gives_the_rows_of_each_sql_by_itself(
    connection: engine.Connection, population: str
) -> None:
    family = catalogue.default().family(population)
    read = readings(family)
    assert read is not None
    once = engine.frame(connection, joined_sql(family, read))
    stacked = engine.frame(connection, family_sql(family))
    assert len(once) > 0
    assert engine.rows(connection, repeated_sql(read[0].cohort)) == [(once["contributors"].sum(), 0)]
    pd.testing.assert_frame_equal(once, stacked, check_dtype=False)


def test_a_pupil_who_stands_twice_is_still_counted_once() -> None:
    pupils = "\npupil school_year school_unit sex SV EN MA\np1 2023/24 1 girls A A A\n"
    units = "\nschool_unit municipality provider valid_from\n1 1419 municipal 2010-07-01\n"
    filled = database({"year9_grades": pupils, "school_units": units})
    filled.execute("CREATE TEMP TABLE once AS SELECT * FROM year9_leavers")
    filled.execute("CREATE TEMP TABLE year9_leavers AS SELECT * FROM once UNION ALL SELECT * FROM once")
    read = readings(catalogue.default().family("year9_leavers"))
    assert read is not None
    assert engine.rows(filled, repeated_sql("year9_leavers")) == [(2, 1)]
    found = compute(filled, catalogue.default(), "year9_leavers", region=GR).inner
    assert found["contributors"].sum() == 1


def test_a_number_that_is_a_column_of_the_cohort_is_read_as_its_sql_stands() -> None:
    family = catalogue.default().family("year9_leavers")[:1]
    bare = replace(family[0], sql=family[0].sql.replace(" AS denominator", " AS other"))
    assert readings(family) is not None
    assert readings((bare,)) is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "found"),
    [
        ("CASE WHEN (a) AND (b) THEN 1 ELSE 0 END", "CASE WHEN a THEN 1 ELSE 0 END", {"numerator", "denominator"}),
        ("CASE WHEN b THEN 1 ELSE 0 END", "1", {"numerator", "denominator"}),
        ("CASE WHEN CASE WHEN b THEN 1 END = 1 THEN 1 ELSE 0 END", "1", {"numerator", "denominator"}),
        ("CASE WHEN b THEN 1 ELSE 0 END", "CASE WHEN a THEN 1 ELSE 0 END", {"denominator"}),
        ("CASE WHEN a THEN 1 ELSE 0 END + CASE WHEN b THEN 1 ELSE 0 END", "1", {"denominator"}),
        ("CASE WHEN b THEN 1 ELSE 0 END", "pupils", set()),
    ],
)
def test_what_is_one_or_zero_in_every_row_is_known(numerator: str, denominator: str, found: set[str]) -> None:
    columns = ",\n    ".join(["contributors", "period", "school_unit", *DIMENSION_COLUMNS])
    sql = f"SELECT\n    {columns},\n    {numerator} AS numerator,\n    {denominator} AS denominator\nFROM year9_leavers"
    read = readings((replace(catalogue.default().family("year9_leavers")[0], sql=sql),))
    assert read is not None
    assert read[0].flags == {f"{name}_0" for name in found}


ABSURD = "\npupil school_unit stage start_date end_date offered valid_absence invalid_absence measure\n"


@pytest.mark.parametrize(("offered", "square"), [(20000, 2000.0**2), (4e10, 4e9**2)])
def test_amounts_above_all_numbers_of_minutes_are_added_up_too(offered: float, square: float) -> None:
    rows = f"p1 10000001 7-9 2024-08-15 2024-12-20 {offered:.0f} {offered / 10:.0f} 0 minutes\n"
    units = "\nschool_unit municipality provider valid_from\n10000001 1419 municipal 2010-07-01\n"
    filled = database({"attendance": ABSURD + rows, "school_units": units})
    found = compute(filled, catalogue.default(), "attendance", region=GR).inner
    assert found[["absence_time__weight", "absence_time__sum_squares"]].to_numpy().tolist() == [[offered, square]]
    assert found["absence_10__numerator"].tolist() == [1]
