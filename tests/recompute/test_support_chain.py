"""The support chain recomputed report by report, child by child, on random reports."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from tests.recompute.random_rows import rows_by_pupil, settled, stored
from tests.spec.example_database import database

SEEN_TO = date(2024, 12, 15)
KINDS = ("none", "open_support", "structured_programme", "contact_person", "placement", "other")
REPORTERS = ("school", "police", "family", "unknown", None)

Row = dict[str, object]
Numbers = tuple[float, ...]


def reports(seed: int) -> list[Row]:
    """Children with one to five reports over four years; some not decided, some open, some without a birth year."""
    random = np.random.default_rng(seed)
    rows = []
    for child in range(250):
        born = None if random.random() < 0.1 else int(random.integers(2005, 2018))
        days = sorted({int(day) for day in random.integers(0, 1460, int(random.integers(1, 6)))})
        for day in days:
            reported = date(2021, 1, 1) + timedelta(days=day)
            for number in range(1, 3 if random.random() < 0.1 else 2):
                rows.append(report(random, child, reported, number, born))
    edges = [SEEN_TO - timedelta(days=days) for days in (13, 14, 15)]
    edges += [plus_months(SEEN_TO, -months) + timedelta(days=days) for months in (6, 12) for days in (-1, 0, 1)]
    return rows + [report(random, 900 + place, day, 1, 2010) for place, day in enumerate(edges)]


def report(random: np.random.Generator, child: int, reported: date, number: int, born: int | None) -> Row:
    row: Row = {
        "child": f"c{child}",
        "municipality": "1419" if child % 3 else "1440",
        "report_date": reported,
        "report_number": number,
        "reporter": random.choice(REPORTERS),
        "birth_year": born,
        "observed_to": SEEN_TO,
    }
    decided = reported + timedelta(days=int(random.choice([3, 14, 15, 40])))
    if random.random() < 0.9 and decided <= SEEN_TO:
        row |= {"decision_date": decided, "opened": bool(random.random() < 0.5)}
        row["feedback_given"] = random.choice([True, False, None])
        row["intervention"] = random.choice([*KINDS, None])
    if row.get("opened"):
        row["investigation_start"] = None if random.random() < 0.2 else decided + timedelta(days=2)
        ended = decided + timedelta(days=int(random.integers(20, 250)))
        row["investigation_end"] = ended if ended <= SEEN_TO and random.random() < 0.85 else None
        row["extended"] = random.choice([True, False, None])
    return row


def plus_months(day: date, months: int) -> date:
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def children(rows: list[Row]) -> dict[tuple[str, str], list[Row]]:
    """(child, year) -> that year's reports in the order they came."""
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda each: (each["report_date"], each["report_number"])):
        found[str(row["child"]), str(row["report_date"].year)].append(row)
    return found


def by_school(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["reporter"] == "school"]


def due(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["report_date"] + timedelta(days=14) <= SEEN_TO]


def in_time(rows: list[Row]) -> int:
    days = [(row["decision_date"] - row["report_date"]).days for row in due(rows) if row.get("decision_date")]
    return sum(each <= 14 for each in days)


def decided(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.get("decision_date")]


def opened(rows: list[Row]) -> int:
    return sum(bool(row["opened"]) for row in decided(rows))


def noted(rows: list[Row]) -> list[Row]:
    return [row for row in decided(by_school(rows)) if row["feedback_given"] is not None]


RATIOS = {
    "reported_by_school": (lambda rows: len(by_school(rows)), len),
    "reporter_unknown": (lambda rows: sum(row["reporter"] in ("unknown", None) for row in rows), len),
    "decision_within_14_days_all": (in_time, lambda rows: len(due(rows))),
    "decision_within_14_days_school": (lambda rows: in_time(by_school(rows)), lambda rows: len(due(by_school(rows)))),
    "investigation_opened_all": (opened, lambda rows: len(decided(rows))),
    "investigation_opened_school": (lambda r: opened(by_school(r)), lambda r: len(decided(by_school(r)))),
    "feedback_to_school": (lambda r: sum(row["feedback_given"] for row in noted(r)), lambda r: len(noted(r))),
}
"""Per indicator: the number of a child's reports above the line, and below it."""

World = tuple[object, list[Row]]


@pytest.fixture(scope="module", params=[41, 42])
def world(request: pytest.FixtureRequest) -> World:
    rows = reports(request.param)
    connection = database({})
    stored(connection, "support_chain", rows)
    return settled(connection), rows


@pytest.mark.parametrize("name", RATIOS)
def test_numbers_of_reports_agree_with_the_definition(world: World, name: str) -> None:
    above, below = RATIOS[name]
    expected = {}
    for key, rows in children(world[1]).items():
        expected[key] = (float(above(rows)), float(below(rows) > 0), float(below(rows)))
    assert len(set(expected.values())) > 2
    assert rows_by_pupil(world[0], name, "numerator", "denominator", "weight") == expected


def test_reports_and_children_are_both_counted(world: World) -> None:
    found = rows_by_pupil(world[0], "reports_per_child")
    assert sum(reports for reports, _ in found.values()) == len(world[1])
    assert len(found) == len({(row["child"], row["report_date"].year) for row in world[1]}) < len(world[1])


def investigation(row: Row) -> str | None:
    """The state of an investigation four calendar months after it began; None when that cannot be seen yet."""
    begun = row.get("investigation_start") or row.get("decision_date")
    if not row.get("opened") or plus_months(begun, 4) > SEEN_TO:
        return None
    ended = row.get("investigation_end")
    if ended and ended <= plus_months(begun, 4):
        return "closed_in_time"
    if row.get("extended"):
        return "extended"
    return "closed_late" if ended else "still_open"


@pytest.mark.parametrize("state", ["closed_in_time", "extended", "closed_late", "still_open"])
def test_the_time_of_an_investigation_agrees_with_the_definition(world: World, state: str) -> None:
    expected = {}
    for key, rows in children(world[1]).items():
        found = investigation(rows[0])
        expected[key] = (float(found == state), float(found is not None))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(world[0], f"investigation_{state}") == expected


def followed(rows: list[Row], months: int) -> bool:
    return bool(rows) and plus_months(rows[0]["report_date"], months) <= SEEN_TO


@pytest.mark.parametrize("scope", ["all", "school"])
def test_interventions_agree_with_the_definition(world: World, scope: str) -> None:
    expected = {}
    for key, rows in children(world[1]).items():
        counted = by_school(rows) if scope == "school" else rows
        inside = followed(counted, 6)
        got = inside and counted[0].get("intervention") not in (None, "none")
        expected[key] = (float(got), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(world[0], f"led_to_intervention_{scope}") == expected


@pytest.mark.parametrize("scope", ["all", "school"])
def test_a_new_report_within_twelve_months_agrees_with_the_definition(world: World, scope: str) -> None:
    days: dict[str, list[date]] = defaultdict(list)
    for row in world[1]:
        days[str(row["child"])].append(row["report_date"])
    expected = {}
    for key, rows in children(world[1]).items():
        counted = by_school(rows) if scope == "school" else rows
        inside = followed(counted, 12)
        first = counted[0]["report_date"] if counted else None
        again = inside and any(first < day <= plus_months(first, 12) for day in days[key[0]])
        expected[key] = (float(again), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(world[0], f"reported_again_within_12_months_{scope}") == expected


@pytest.mark.parametrize("flow", ["investigation_time", "intervention_after_report"])
def test_the_parts_of_a_flow_add_up_to_its_whole(world: World, flow: str) -> None:
    parts = [each.name for each in catalogue.default().indicators.values() if each.part_of == flow]
    counted = [rows_by_pupil(world[0], name) for name in parts]
    for key, (_, whole) in counted[0].items():
        assert sum(part[key][0] for part in counted) == whole
        assert {part[key][1] for part in counted} == {whole}


def test_age_at_first_report_agrees_with_the_definition(world: World) -> None:
    begins: dict[object, date] = {}
    first: dict[object, Row] = {}
    for row in sorted(world[1], key=lambda each: (each["report_date"], each["report_number"])):
        begins.setdefault(row["municipality"], row["report_date"])
        first.setdefault(row["child"], row)
    expected: dict[tuple[str, str], Numbers] = dict.fromkeys(children(world[1]), (0.0, 0.0))
    for child, row in first.items():
        year, born = row["report_date"].year, row["birth_year"]
        if born is not None and year - begins[row["municipality"]].year >= 2:
            expected[str(child), str(year)] = (float(year - born), 1.0)
    assert len(set(expected.values())) > 2
    assert rows_by_pupil(world[0], "age_at_first_report") == expected
