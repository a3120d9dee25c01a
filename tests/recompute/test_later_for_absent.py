"""What came of pupils with little and with much absence, recomputed from the definitions: eligible later, and reported later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import numpy as np
import pytest

from metrics import engine
from metrics.indicators.later_eligible import GROUPS
from metrics.indicators.later_reported import LEVELS
from metrics.indicators.reported_absence import THRESHOLDS
from tests.recompute.random_rows import rows_by_pupil, stored
from tests.spec.example_database import database

UNITS = [
    {"school_unit": unit, "municipality": code, "provider": "municipal", "valid_from": date(2010, 7, 1)}
    for unit, code in (("10000001", "1419"), ("10000002", "1440"))
]
TERM_ENDS = {"HT 2023": date(2023, 12, 31), "VT 2024": date(2024, 6, 30)}
SEEN_TO = date(2025, 2, 1)
NUMBER = 240


def a_year_later(day: date) -> date:
    return date(day.year + 1, day.month, day.day)


def level_of(percent: float) -> str:
    return "under_10" if percent < 10 else "10_to_20" if percent < 20 else "20"


@pytest.fixture(scope="module", params=[31, 32])
def world(request: pytest.FixtureRequest) -> tuple[engine.Connection, dict, dict]:
    """Two terms of pupils in Tjörn (joined) and Ale (not), with reports around every limit; returns absence and reports."""
    random = np.random.default_rng(request.param)
    absence, reports, rows = {}, {}, []
    days = [
        limit + timedelta(days=off) for limit in (*TERM_ENDS.values(), date(2024, 12, 31)) for off in (-1, 0, 1, 40)
    ]
    for number in range(NUMBER):
        unit = UNITS[number % 3 // 2]["school_unit"]
        for term, start in (("HT 2023", date(2023, 8, 20)), ("VT 2024", date(2024, 1, 10))):
            share = int(random.choice([0, 5, 10, 12, 20, 45]))
            absence[f"p{number}", term] = share
            rows.append(
                {
                    "pupil": f"p{number}",
                    "school_unit": unit,
                    "stage": "7-9",
                    "start_date": start,
                    "end_date": start + timedelta(days=100),
                    "offered": 1000.0,
                    "valid_absence": 10.0 * share,
                }
            )
        reports[f"p{number}"] = [days[each] for each in random.choice(len(days), int(random.integers(0, 3)))]
    connection = database({})
    stored(connection, "school_units", UNITS)
    stored(connection, "attendance", rows)
    chain = [
        {
            "child": f"c-{pupil}",
            "municipality": "1419",
            "report_date": day,
            "observed_to": SEEN_TO,
            "reporter": "school",
        }
        for pupil, given in reports.items()
        for day in sorted(set(given))
    ]
    early = {"child": "c0", "municipality": "1419", "report_date": date(2022, 1, 1), "observed_to": SEEN_TO}
    stored(connection, "support_chain", [*chain, early])
    for pupil in reports:
        connection.execute("INSERT INTO declared_join VALUES (?, ?)", [pupil, f"c-{pupil}"])
    return connection, absence, reports


@pytest.mark.parametrize("level", [each[0] for each in LEVELS])
def test_reported_within_a_year_of_the_term_by_level(world: tuple, level: str) -> None:
    """In Tjörn alone, and of the terms a whole year before the deliveries end; the levels are all pupils together."""
    connection, absence, reports = world
    expected = {}
    for (pupil, term), share in absence.items():
        ends = TERM_ENDS[term]
        joined = int(pupil[1:]) % 3 < 2 and a_year_later(ends) <= SEEN_TO
        inside = joined and level_of(share) == level
        later = any(ends < day <= a_year_later(ends) for day in reports[pupil])
        expected[pupil, term] = (float(inside and later), float(inside))
    found = rows_by_pupil(connection, f"reported_after_absence_{level}")
    assert found == expected
    assert set(found.values()) == {(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)}
    assert sum(inside for (_, term), (_, inside) in found.items() if term == "VT 2024") == 0


BEFORE = {date(2024, 1, 1): "HT 2023", date(2024, 7, 1): "VT 2024"}
"""The term before a report, by the first day of the half-year of the report."""


def first_reports(absence: dict, reports: dict) -> Iterator[tuple[tuple[str, str], date, int | None]]:
    """Of each child and year: the key, the first report's day, and the per cent of absence in the term before (None: not found)."""
    for pupil, given in reports.items():
        for year in {day.year for day in given}:
            first = min(day for day in given if day.year == year)
            term = BEFORE.get(date(year, 1 if first.month < 7 else 7, 1), "")
            yield (f"c-{pupil}", str(year)), first, absence.get((pupil, term))


def found_of_reported(connection: engine.Connection, name: str) -> dict:
    """What the indicator counts, without the child whose early report says from when reports were delivered."""
    return {key: value for key, value in rows_by_pupil(connection, name).items() if key[0] != "c0"}


@pytest.mark.parametrize("percent", THRESHOLDS)
def test_absence_in_the_term_before_the_years_first_report(world: tuple, percent: int) -> None:
    connection, absence, reports = world
    expected = {
        key: (float(share is not None and share >= percent), float(share is not None))
        for key, _, share in first_reports(absence, reports)
    }
    assert found_of_reported(connection, f"absence_{percent}_before_report") == expected
    assert (1.0, 1.0) in expected.values()


@pytest.mark.parametrize("group", ["20", "under_20"])
def test_repeats_within_a_year_by_absence_in_the_term_before(world: tuple, group: str) -> None:
    connection, absence, reports = world
    expected = {}
    for key, first, share in first_reports(absence, reports):
        followed = share is not None and a_year_later(first) <= SEEN_TO
        inside = followed and (share >= 20) == (group == "20")
        again = any(first < day <= a_year_later(first) for day in reports[key[0].removeprefix("c-")])
        expected[key] = (float(inside and again), float(inside))
    assert found_of_reported(connection, f"reported_again_after_absence_{group}") == expected
    assert {(0.0, 1.0), (1.0, 1.0)} <= set(expected.values())


@pytest.mark.parametrize("seed", [41, 42])
def test_eligible_after_the_absence_of_year_8_and_6(seed: int) -> None:
    """Every leaver is in one group of each year; unknown absence is with the lowest."""
    random = np.random.default_rng(seed)
    connection = database({}, reading="year9_leavers absence_before_year9")
    stored(connection, "school_units", UNITS)
    shares: dict[tuple[int, str], float] = {}
    leavers, rows = [], []
    for number in range(NUMBER):
        pupil, unit = f"p{number}", UNITS[number % 2]["school_unit"]
        passes = bool(random.random() < 0.7)
        marks = dict.fromkeys(("grade_sv", "grade_en", "grade_ma", "grade_bl", "grade_mu", "grade_sl", "grade_tk"), "E")
        last = "E" if passes else "F"
        leavers.append({"pupil": pupil, "school_year": "2024/25", "school_unit": unit, **marks, "grade_hkk": last})
        for grade, year, stage in ((8, 2023, "7-9"), (6, 2021, "4-6")):
            if random.random() < (0.8 if number % 2 == 0 or grade == 8 else 0.3):
                share = int(random.choice([0, 9, 10, 15, 20, 40]))
                shares[grade, pupil] = share
                rows.append(
                    {
                        "pupil": pupil,
                        "school_unit": unit,
                        "stage": stage,
                        "start_date": date(year, 8, 20),
                        "end_date": date(year, 12, 20),
                        "offered": 2000.0,
                        "valid_absence": 20.0 * share,
                    }
                )
    stored(connection, "year9_grades", leavers)
    stored(connection, "attendance", rows)
    passed = {each["pupil"]: each["grade_hkk"] == "E" for each in leavers}
    for grade in (8, 6):
        expected = {(pupil, "2024/25"): (float((grade, pupil) in shares), 1.0) for pupil in passed}
        assert rows_by_pupil(connection, f"year{grade}_absence_found") == expected
    for grade, lower, upper, _ in GROUPS:
        said = f"{lower}_to_{upper}" if lower and upper else str(lower) if lower else f"under_{upper}"
        found = rows_by_pupil(connection, f"eligible_after_year{grade}_absence_{said}")
        for pupil in passed:
            inside = lower <= shares.get((grade, pupil), 0) < (upper or 101)
            assert found[pupil, "2024/25"] == (float(inside and passed[pupil]), float(inside)), (grade, lower, pupil)
        assert set(found.values()) == {(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)}
