"""Resource centres and the models' work recomputed, and their shares beside the cumulative incidence."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from metrics import catalogue, engine, stats
from metrics.indicators.model_work import CONTACT_DAYS, SUPPORT_DAYS
from metrics.indicators.resource_centre import TERMS
from tests.recompute.random_rows import models_of, region_of_schools, rows_by_pupil, stored
from tests.spec.example_database import database

SEEN_TO = date(2025, 6, 30)
Row = dict[str, object]
World = tuple[engine.Connection, list[Row], list[Row]]


def label(day: date) -> str:
    spring = day.year + (day.month >= 7)
    return f"{spring - 1}/{spring % 100:02d}"


def placements(random: np.random.Generator, schools: list[Row]) -> list[Row]:
    rows = []
    for pupil in range(300):
        for place in range(1 + int(random.random() < 0.2)):
            started = date(2020, 8, 10) + timedelta(days=int(random.integers(0, 1700)))
            ended = started + timedelta(days=int(random.choice([90, 182, 183, 365, 366, 600, 730, 800])))
            over = ended <= SEEN_TO and random.random() < 0.8
            rows.append(
                {
                    "pupil": f"p{pupil}",
                    "centre": f"centre {place}",
                    "kind": random.choice([None, "resource_centre", "special_teaching_group"]),
                    "home_school_unit": random.choice([each["school_unit"] for each in schools]),
                    "stage": "7-9",
                    "started": started,
                    "planned_end": started + timedelta(days=200) if random.random() < 0.8 else None,
                    "ended": ended if over else None,
                    "end_reason": random.choice(["returned", "returned", "moved", "other", None]) if over else None,
                    "observed_to": SEEN_TO,
                }
            )
    return rows


def cases(random: np.random.Generator, schools: list[Row]) -> list[Row]:
    rows = []
    for pupil in range(300):
        started = date(2022, 8, 10) + timedelta(days=int(random.integers(0, 1000)))
        signal = started - timedelta(days=int(random.choice([0, 5, 20])))
        contact = signal + timedelta(days=int(random.choice([0, 14, 15, 30, 60, 90, 120])))
        ended = started + timedelta(days=int(random.choice([125, 182, 300, 365, 500])))
        met, over = contact <= SEEN_TO and random.random() < 0.8, ended <= SEEN_TO and random.random() < 0.8
        rows.append(
            {
                "pupil": f"p{pupil}",
                "instance": "I",
                "model_type": "attendance_team",
                "home_school_unit": random.choice([each["school_unit"] for each in schools]),
                "stage": "7-9",
                "started": started,
                "signal_date": signal if random.random() < 0.8 else None,
                "first_contact": contact if met else None,
                "ended": ended if over else None,
                "end_reason": random.choice(["completed", "completed", "declined", "moved"]) if over else None,
                "observed_to": SEEN_TO,
            }
        )
    return rows


@pytest.fixture(scope="module", params=[51, 52])
def world(request: pytest.FixtureRequest) -> World:
    random = np.random.default_rng(request.param)
    schools = region_of_schools(request.param)
    placed, met = placements(random, schools), cases(random, schools)
    connection = database({})
    stored(connection, "school_units", schools)
    stored(connection, "collaboration_register", models_of(schools))
    stored(connection, "resource_centre_placement", placed)
    stored(connection, "model_participation", met)
    return connection, placed, met


def first_of_the_year(rows: list[Row], name: str) -> dict[tuple[str, str], Row]:
    found: dict[tuple[str, str], Row] = {}
    for row in sorted(rows, key=lambda each: (each["started"], str(each[name]))):
        found.setdefault((str(row["pupil"]), label(row["started"])), row)
    return found


def is_centre(row: Row) -> bool:
    return row["kind"] in (None, "resource_centre")


def seen_days(row: Row) -> int:
    return (SEEN_TO - row["started"]).days


def ended_within(row: Row, days: int) -> bool:
    return row["ended"] is not None and (row["ended"] - row["started"]).days <= days


@pytest.mark.parametrize("terms", TERMS)
def test_returns_agree_with_the_definition(world: World, terms: int) -> None:
    days, expected, still = TERMS[terms], {}, {}
    for key, row in first_of_the_year(world[1], "centre").items():
        inside = is_centre(row) and seen_days(row) >= days
        returned = inside and ended_within(row, days) and row["end_reason"] == "returned"
        expected[key] = (float(returned), float(inside))
        still[key] = (float(inside and not ended_within(row, days)), float(inside))
    assert len(set(expected.values())) == len(set(still.values())) == 3
    assert rows_by_pupil(world[0], f"resource_centre_returned_within_{terms}_terms") == expected
    assert rows_by_pupil(world[0], f"resource_centre_still_there_after_{terms}_terms") == still


def test_returns_as_planned_and_from_other_groups_agree_with_the_definition(world: World) -> None:
    planned, group = {}, {}
    for key, row in first_of_the_year(world[1], "centre").items():
        back = row["ended"] is not None and row["end_reason"] == "returned"
        due = is_centre(row) and row["planned_end"] is not None and row["planned_end"] <= SEEN_TO
        planned[key] = (float(due and back and row["ended"] <= row["planned_end"]), float(due))
        inside = not is_centre(row) and seen_days(row) >= TERMS[2]
        group[key] = (float(inside and back and ended_within(row, TERMS[2])), float(inside))
    assert rows_by_pupil(world[0], "resource_centre_returned_as_planned") == planned
    assert rows_by_pupil(world[0], "special_group_returned_within_2_terms") == group


@pytest.mark.parametrize("terms", TERMS)
def test_how_many_could_be_followed_agrees_with_the_definition(world: World, terms: int) -> None:
    """One municipality's file was made a year earlier: those who began there are followed less far than others."""
    connection, placed, _ = world
    connection.execute("BEGIN")
    early = date(2024, 6, 30)
    connection.execute(
        "UPDATE resource_centre_placement SET observed_to = ? WHERE home_school_unit = '10000001' AND started < ?",
        [early, early],
    )
    expected = {}
    for key, row in first_of_the_year(placed, "centre").items():
        cut = row["home_school_unit"] == "10000001" and row["started"] < early
        possible = is_centre(row) and seen_days(row) >= TERMS[terms]
        followed = possible and ((early if cut else SEEN_TO) - row["started"]).days >= TERMS[terms]
        expected[key] = (float(followed), float(possible))
    found = rows_by_pupil(connection, f"resource_centre_followed_{terms}_terms")
    connection.execute("ROLLBACK")
    assert len(set(expected.values())) == 3
    assert found == expected


def test_returned_within_fewer_terms_lies_within_more(world: World) -> None:
    found = [rows_by_pupil(world[0], f"resource_centre_returned_within_{terms}_terms") for terms in TERMS]
    for key, (_, followed) in found[-1].items():
        if followed:
            assert found[0][key][0] <= found[1][key][0] <= found[2][key][0]


@pytest.mark.parametrize("days", CONTACT_DAYS)
def test_time_to_contact_agrees_with_the_definition(world: World, days: int) -> None:
    expected = {}
    for key, row in first_of_the_year(world[2], "instance").items():
        signal, contact, ended = row["signal_date"], row["first_contact"], row["ended"]
        inside = signal is not None and (SEEN_TO - signal).days >= days
        met = inside and contact is not None and (ended is None or contact <= ended) and (contact - signal).days <= days
        expected[key] = (float(met), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(world[0], f"first_contact_within_{days}_days") == expected


@pytest.mark.parametrize("days", SUPPORT_DAYS)
def test_completed_support_agrees_with_the_definition(world: World, days: int) -> None:
    expected = {}
    for key, row in first_of_the_year(world[2], "instance").items():
        contact, ended = row["first_contact"], row["ended"]
        inside = contact is not None and (ended is None or contact <= ended) and (SEEN_TO - contact).days >= days
        done = inside and ended is not None and row["end_reason"] == "completed" and (ended - contact).days <= days
        expected[key] = (float(done), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(world[0], f"support_completed_within_{days}_days") == expected


INCIDENCES = [
    each.name
    for each in catalogue.default().indicators.values()
    if each.unit == "incidence" and each.population in ("resource_centre_placements", "model_participants")
]


@pytest.mark.parametrize("name", INCIDENCES)
def test_the_share_equals_the_cumulative_incidence_where_nothing_is_censored(world: World, name: str) -> None:
    indicator = catalogue.default().indicators[name]
    rows = engine.frame(world[0], indicator.sql)
    inside = rows[rows["denominator"] == 1]
    horizon = indicator.horizon_days
    assert ((inside["event"] > 0) | (inside["time"] >= horizon)).all(), "everyone counted is followed to the horizon"
    curve = stats.cumulative_incidence(
        inside["time"].to_numpy(dtype=float), inside["event"].to_numpy(dtype=int), np.array([float(horizon)])
    )
    assert curve[0, 0] == pytest.approx(inside["numerator"].mean(), abs=1e-12)
    assert 0 < inside["numerator"].mean() < 1
