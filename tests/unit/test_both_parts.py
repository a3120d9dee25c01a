"""Releases one after another with values per school: corrections are told in both parts, or in neither."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from metrics import catalogue
from metrics.protect.thresholds import Thresholds
from metrics.release import records, schools
from metrics.release.both_parts import Parts, both_parts, told_before
from metrics.values import Counts
from tests.attack.school_region import CELLS, LAYOUT, REGION, UNITS, counted, region_with, units_frame

PERIOD, FAMILY = "2024/25", "year9_leavers"
KEYS = ["indicator", "area", "model", "sex", "status", "numerator", "denominator"]


@pytest.fixture
def source(tmp_path: Path) -> schools.Source:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE school_units (school_unit VARCHAR, unit_name VARCHAR, municipality VARCHAR)")
    named = [(unit, f"Skolan {unit}", code) for code, unit, _ in UNITS]
    connection.executemany("INSERT INTO school_units VALUES (?, ?, ?)", named)
    return schools.Source(
        connection=connection,
        catalogue=catalogue.default(),
        region=REGION,
        thresholds=Thresholds(),
        records=tmp_path,
    )


def solved(source: schools.Source, counts: Counts) -> Parts:
    return both_parts(source, counts, LAYOUT, told_before(source, counts, LAYOUT), known=())


def released(source: schools.Source, number: int, numbers: list[int], monkeypatch: pytest.MonkeyPatch) -> Parts:
    """A release of these pupils, kept at the desk."""
    units = units_frame(numbers)
    monkeypatch.setattr(schools, "by_school", lambda *_, **__: units)
    parts = solved(source, counted(units))
    schools.keep(source.records, str(number), parts.schools)
    records.keep(source.records, str(number), [parts.family])
    return parts


def more(numbers: list[int], patterns: dict[tuple[int, int], int], units: tuple[str, ...]) -> list[int]:
    """So many more boys and as many girls of each pattern in these schools."""
    return [
        number + (patterns.get(cell[2], 0) if cell[0][1] in units else 0)
        for cell, number in zip(CELLS, numbers, strict=True)
    ]


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pair = [each[KEYS].astype(str).sort_values(KEYS).reset_index(drop=True) for each in (one, other)]
    pd.testing.assert_frame_equal(*pair)


def test_corrections_of_many_are_told_in_both_parts_and_others_in_neither(
    source: schools.Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_numbers = region_with(20)
    first = released(source, 1, first_numbers, monkeypatch)
    assert len(first.schools.values) == 2 * len(UNITS)
    many = more(first_numbers, {(0, 0): -12, (1, 1): 12}, ("11",))
    second = released(source, 2, many, monkeypatch)
    assert (second.held, second.schools.held) == ((), ())
    of_school = second.schools.values.set_index(["indicator", "school_unit"])["numerator"]
    assert of_school["eligibility_vocational", "11"] == 120 + 24
    assert len(second.schools.tables[FAMILY][PERIOD]) == 2, "the desk keeps every version"
    assert len(json.loads((source.records / "2" / f"{FAMILY}.json").read_text())[PERIOD]["tables"]) == 2
    one = [number + (1, -1, 0)[place % 3] * (place < 3) for place, number in enumerate(many)]
    third = released(source, 3, one, monkeypatch)
    assert third.held == third.schools.held == (f"{FAMILY} {PERIOD}",)
    same(third.published.values, second.published.values)
    same(third.schools.values, second.schools.values)


def test_a_period_whose_schools_cannot_be_told_anew_waits_in_the_open_part_too(
    source: schools.Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = region_with(20)
    first = released(source, 1, numbers, monkeypatch)
    units = tuple(unit for _, unit, _ in UNITS)
    few_everywhere = more(numbers, {(0, 0): 4, (1, 1): 4}, units)
    second = released(source, 2, few_everywhere, monkeypatch)
    assert second.schools.waiting == {PERIOD}
    assert second.held == second.schools.held == (f"{FAMILY} {PERIOD}",)
    assert second.report["solved"] == {}
    assert second.report["periods"] == []
    same(second.published.values, first.published.values)
    same(second.schools.values, first.schools.values)
    without = solved(replace(source, records=source.records / "none"), counted(units_frame(few_everywhere)))
    assert without.held == (), "it is the schools that were told before"
