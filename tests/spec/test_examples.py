"""Every declared example is run: its tables become a database, and the indicator's SQL must count as it says."""

from __future__ import annotations

import functools

import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.declare import DeclarationError, Example, Indicator
from metrics.layout import LAYOUTS
from metrics.values import DIMENSION_COLUMNS
from metrics.vocabulary import BACKGROUND_FIELDS, PROVIDERS, SEXES, STAGES, parse_period
from tests.spec.example_database import database, read_table

CASES = [
    pytest.param(indicator, example, id=f"{indicator.name}-{number}")
    for indicator in catalogue.default().indicators.values()
    for number, example in enumerate(indicator.examples, start=1)
]
NUMBERS = ("numerator", "denominator", "weight", "time", "event", "observed")


def counted(indicator: Indicator, example: Example) -> pd.DataFrame:
    """What the indicator's SQL returns for the example's tables."""
    return _counted(indicator.name, indicator.examples.index(example))


@functools.cache
def _counted(name: str, number: int) -> pd.DataFrame:
    indicator = catalogue.default().indicators[name]
    connection = database(indicator.examples[number].tables, reading=indicator.sql)
    try:
        return engine.frame(connection, indicator.sql)
    finally:
        connection.close()


@pytest.mark.parametrize(("indicator", "example"), CASES)
def test_counts_as_the_example_says(indicator: Indicator, example: Example) -> None:
    expected = read_table(example.expected)
    keys = [name for name in expected[0] if name not in NUMBERS]
    numbers = [name for name in expected[0] if name in NUMBERS]
    rows = counted(indicator, example)
    found = rows.fillna(dict.fromkeys(numbers, 0)).groupby(keys)[numbers].sum()
    assert len(found) == len(expected), f"groups counted: {list(found.index)}"
    for row in expected:
        group = found.xs(tuple(row[key] or "" for key in keys), level=list(range(len(keys))))
        got = group.iloc[0].to_dict()
        assert got == pytest.approx({name: float(row[name] or 0) for name in numbers}), row


@pytest.mark.parametrize(("indicator", "example"), CASES)
def test_returns_the_columns_and_one_row_per_pupil_and_period(indicator: Indicator, example: Example) -> None:
    rows = counted(indicator, example)
    expected = {"contributors", "period", "school_unit", *DIMENSION_COLUMNS, "numerator", "denominator"}
    extra = {"weight"} if indicator.ratio else set()
    extra |= {"observed"} if indicator.censored else set()
    extra |= {"time", "event"} if indicator.unit == "incidence" else set()
    assert set(rows.columns) == expected | extra
    assert not rows.duplicated(["contributors", "period"]).any()
    assert not rows[["contributors", "period", *DIMENSION_COLUMNS]].isna().to_numpy().any()


@pytest.mark.parametrize(("indicator", "example"), CASES)
def test_dimension_values_are_known(indicator: Indicator, example: Example) -> None:
    rows = counted(indicator, example)
    for period in rows["period"].unique():
        assert parse_period(period, indicator.period_kind).label == period
    assert set(rows["sex"]) <= set(SEXES) | {""}
    assert set(rows["provider"]) <= set(PROVIDERS) | {""}
    assert set(rows["stage"]) <= set(STAGES)
    for name, values in BACKGROUND_FIELDS.items():
        assert set(rows[name]) <= set(values)


@pytest.mark.parametrize(("indicator", "example"), CASES)
def test_an_example_shows_both_outcomes(indicator: Indicator, example: Example) -> None:
    rows = counted(indicator, example)
    inside = rows[rows["denominator"] == 1]
    assert len(inside) >= 2, "an example has at least two counted"
    if indicator.unit in ("share", "flow", "incidence") and not indicator.ratio:
        assert set(inside["numerator"]) == {0, 1}, "an example has someone with and someone without the outcome"


@pytest.mark.parametrize("population", catalogue.default().populations)
def test_a_family_counts_the_same_pupils_in_the_same_groups(population: str) -> None:
    family = catalogue.default().family(population)
    columns = ["contributors", "period", "school_unit", *DIMENSION_COLUMNS]
    tables: dict[str, str] = {}
    for indicator in family:
        tables |= indicator.examples[0].tables
    connection = database(tables, reading=" ".join(indicator.sql for indicator in family))
    groups = {
        indicator.name: sorted(
            map(tuple, engine.frame(connection, indicator.sql)[columns].fillna("").to_numpy().tolist())
        )
        for indicator in family
    }
    connection.close()
    first = next(iter(groups.values()))
    assert len(first) > 1
    assert [name for name, group in groups.items() if group != first] == []


def test_a_table_with_an_unknown_heading_is_refused() -> None:
    with pytest.raises(DeclarationError, match="heading of school_units"):
        database({"school_units": "school_unit colour\n10000001 red\n"})


def test_a_row_with_too_few_cells_is_refused() -> None:
    with pytest.raises(DeclarationError, match="one cell per heading"):
        read_table("a b\n1 2\n1\n")


@pytest.mark.parametrize("population", catalogue.default().populations)
def test_every_population_states_its_tables(population: str) -> None:
    assert population in LAYOUTS
    staged = catalogue.default().family(population)[0].dimensions
    assert "stage" in staged or not LAYOUTS[population].by_stage
