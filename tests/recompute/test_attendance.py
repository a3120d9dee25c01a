"""Attendance recomputed term by term from the delivered rows, on random deliveries of every length and measure."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest

from metrics import catalogue, engine
from metrics.indicators.attendance import THRESHOLDS, UNEXCUSED_THRESHOLDS
from tests.recompute.random_rows import models_of, region_of_schools, rows_by_pupil, settled, stored
from tests.spec.example_database import database

MINUTES = {"minutes": 1, "hours": 60, "lessons": 60, "days": 300}
TERMS = {"HT 2023": date(2023, 8, 14), "VT 2024": date(2024, 1, 8), "HT 2024": date(2024, 8, 12)}
TERM_DAYS = 120

Row = dict[str, object]
World = tuple[engine.Connection, list[Row], list[Row], dict[str, list[Row]]]


def spells(kind: str, start: date) -> list[tuple[date, date | None]]:
    """First and last day of the rows that a system of this kind sends for one term."""
    if kind == "term":
        return [(start, start + timedelta(days=TERM_DAYS))]
    if kind == "months":
        return [(start + timedelta(days=29 * n), start + timedelta(days=29 * n + 28)) for n in range(4)]
    if kind == "first month":
        return [(start, start + timedelta(days=28))]
    return [(start + timedelta(days=n), None if n % 2 else start + timedelta(days=n)) for n in range(0, 110, 11)]


def row(random: np.random.Generator, pupil: str, school: object, first: date, last: date | None, measure: str) -> Row:
    offered = float(random.integers(1, 40)) * 10
    size = 100.0 if measure == "percent" else offered
    reported = size * float(random.choice([1.0, 0.75, 0.5]))
    absent = reported * float(random.choice([0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.6]))
    unexcused = absent * float(random.choice([0, 0.5, 1]))
    return {
        "pupil": pupil,
        "school_unit": school,
        "stage": "7-9",
        "start_date": first,
        "end_date": last,
        "offered": offered,
        "reported": reported,
        "attended": None if random.random() < 0.2 else reported - absent,
        "valid_absence": absent - unexcused,
        "invalid_absence": unexcused,
        "measure": None if measure == "minutes" and random.random() < 0.5 else measure,
    }


def deliveries(seed: int, schools: list[Row]) -> list[Row]:
    """Pupils with one or two schools in a term; some sent both as months and as a whole term."""
    random = np.random.default_rng(seed)
    found = []
    for number in range(150):
        for start in TERMS.values():
            for school in random.choice(
                [each["school_unit"] for each in schools], random.choice([1, 2]), replace=False
            ):
                measure = str(random.choice([*MINUTES, "percent"]))
                kinds = {"term": 0.35, "months": 0.3, "days": 0.15, "both": 0.1, "change": 0.1}
                kind = str(random.choice(list(kinds), p=list(kinds.values())))
                sent = {"both": ["months", "term"], "change": ["first month"]}.get(kind, [kind])
                for part in sent:
                    rows = spells(part, start)
                    found += [row(random, f"p{number}", school, first, last, measure) for first, last in rows]
                if kind == "change":
                    later = start + timedelta(days=40)
                    found.append(row(random, f"p{number}", school, later, later + timedelta(days=60), "minutes"))
    return found


def term_of(day: date) -> str:
    return f"{'HT' if day.month >= 7 else 'VT'} {day.year}"


def in_minutes(delivered: Row) -> dict[str, float | None]:
    measure = delivered["measure"] or "minutes"
    parts = ("reported", "attended", "valid_absence", "invalid_absence")
    values = {name: delivered[name] for name in ("offered", *parts)}
    if measure == "percent":
        return values | {
            name: None if values[name] is None else values["offered"] * values[name] / 100 for name in parts
        }
    return {name: None if value is None else value * MINUTES[str(measure)] for name, value in values.items()}


def add(rows: list[dict[str, float | None]]) -> dict[str, float | None]:
    """Sums where a part that no row states stays unstated."""
    names = ("offered", "reported", "attended", "valid_absence", "invalid_absence")
    stated = {name: [each[name] for each in rows if each[name] is not None] for name in names}
    return {name: sum(values) if values else None for name, values in stated.items()}


def length(delivered: Row) -> int:
    days = ((delivered["end_date"] or delivered["start_date"]) - delivered["start_date"]).days
    return 1 if days == 0 else 2 if days < 8 else 3 if days < 32 else 4


def at_one_school(rows: list[Row]) -> dict[str, float | None]:
    """One pupil's time at a school in a term: the fullest delivery, and those that lie beside it in time."""
    sent: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for each in rows:
        sent[length(each), str(each["measure"] or "minutes")].append(each)
    summed = {key: add([in_minutes(each) for each in group]) for key, group in sent.items()}
    span = {
        key: (min(r["start_date"] for r in group), max(r["end_date"] or r["start_date"] for r in group))
        for key, group in sent.items()
    }
    fullest = max(summed, key=lambda key: (summed[key]["offered"], key[0]))
    beside = [key for key in summed if span[key][1] < span[fullest][0] or span[key][0] > span[fullest][1]]
    return add([summed[key] for key in (fullest, *beside)])


def by_term(rows: list[Row]) -> dict[tuple[str, str], dict[str, object]]:
    places: dict[tuple[str, str], dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for each in rows:
        places[str(each["pupil"]), term_of(each["start_date"])][str(each["school_unit"])].append(each)
    found: dict[tuple[str, str], dict[str, object]] = {}
    for key, schools in places.items():
        at = {school: at_one_school(group) for school, group in schools.items()}
        main = max(at, key=lambda school: (at[school]["offered"], school))
        found[key] = {"school_unit": main, **add(list(at.values()))}
    return found


@pytest.fixture(scope="module", params=[21, 22])
def world(request: pytest.FixtureRequest) -> World:
    schools = region_of_schools(request.param)
    rows = deliveries(request.param, schools)
    random = np.random.default_rng(request.param)
    cases = [
        {
            "pupil": f"p{number}",
            "instance": "I",
            "model_type": "attendance_team",
            "started": date(2023, 9, 1) + timedelta(days=int(random.integers(0, 400))),
            "ended": None if random.random() < 0.3 else date(2024, 11, 1),
        }
        for number in range(0, 150, 2)
    ]
    reports = [
        {"child": f"c{n}", "municipality": "1419", "report_date": date(2023, 1, 1) + timedelta(days=9 * n)}
        for n in range(60)
    ]
    connection = database({})
    stored(connection, "school_units", schools)
    stored(connection, "collaboration_register", models_of(schools))
    stored(connection, "attendance", rows)
    stored(connection, "model_participation", cases)
    stored(connection, "support_chain", reports)
    for number in range(60):
        connection.execute("INSERT INTO declared_join VALUES (?, ?)", [f"p{number}", f"c{number}"])
    return settled(connection), schools, rows, {"cases": cases, "reports": reports}


def absence(each: dict[str, object]) -> float:
    return (each["valid_absence"] or 0) + (each["invalid_absence"] or 0)


def reaches(part: float, percent: int, offered: float) -> bool:
    """On the limit counts; the margin is for the last binary digit of a sum of fractions."""
    return part / offered * 100 >= percent - 1e-9


@pytest.mark.parametrize("percent", THRESHOLDS)
def test_total_absence_agrees_with_the_definition(world: World, percent: int) -> None:
    terms = by_term(world[2])
    expected = {key: (float(reaches(absence(each), percent, each["offered"])), 1.0) for key, each in terms.items()}
    found = rows_by_pupil(world[0], f"absence_{percent}")
    assert found == expected
    assert {numerator for numerator, _ in expected.values()} == {0.0, 1.0}


@pytest.mark.parametrize("percent", UNEXCUSED_THRESHOLDS)
def test_unexcused_absence_agrees_with_the_definition(world: World, percent: int) -> None:
    terms = by_term(world[2])
    expected = {
        key: (float(reaches(each["invalid_absence"] or 0, percent, each["offered"])), 1.0)
        for key, each in terms.items()
    }
    assert rows_by_pupil(world[0], f"unexcused_absence_{percent}") == expected


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("absence_time", absence),
        ("attendance_time", lambda e: e["attended"]),
        ("reporting_rate", lambda e: e["reported"]),
    ],
)
def test_minutes_agree_with_the_definition(world: World, name: str, part) -> None:
    expected = {
        key: (part(each), 1.0, each["offered"]) if part(each) is not None else (0.0, 0.0, 0.0)
        for key, each in by_term(world[2]).items()
    }
    found = rows_by_pupil(world[0], name, "numerator", "denominator", "weight")
    assert found.keys() == expected.keys()
    for key, numbers in expected.items():
        assert found[key] == pytest.approx(numbers), key


def test_thresholds_lie_within_each_other(world: World) -> None:
    counted = [rows_by_pupil(world[0], f"absence_{percent}") for percent in THRESHOLDS]
    for lower, higher in itertools.pairwise(counted):
        assert all(higher[key][0] <= lower[key][0] for key in lower)
        assert sum(n for n, _ in higher.values()) < sum(n for n, _ in lower.values())


def test_target_group_agrees_with_the_definition(world: World) -> None:
    connection, schools, rows, given = world
    active: set[tuple[str, str]] = set()
    for case in given["cases"]:
        for term, start in TERMS.items():
            term_end = date(start.year, 12, 31) if start.month > 6 else date(start.year, 6, 30)
            term_start = date(start.year, 7, 1) if start.month > 6 else date(start.year, 1, 1)
            if case["started"] <= term_end and (case["ended"] or date(2100, 1, 1)) >= term_start:
                active.add((str(case["pupil"]), term))
    with_models = {each["school_unit"] for each in models_of(schools)}
    found = rows_by_pupil(connection, "target_group_reached")
    terms = by_term(rows)
    for key, each in terms.items():
        inside = each["school_unit"] in with_models and reaches(absence(each), 20, each["offered"])
        assert found[key] == (float(inside and key in active), float(inside)), key
    assert set(found.values()) == {(0.0, 0.0), (0.0, 1.0), (1.0, 1.0)}


def test_known_and_others_are_told_apart_by_the_first_report(world: World) -> None:
    connection, schools, rows, given = world
    joined = {each["school_unit"] for each in schools if each["municipality"] == "1419"}
    first = {f"p{n}": each["report_date"] for n, each in enumerate(given["reports"])}
    terms = by_term(rows)
    known = rows_by_pupil(connection, "absence_20_known_to_social_services")
    others = rows_by_pupil(connection, "absence_20_not_known_to_social_services")
    for (pupil, term), numbers in known.items():
        start = TERMS[term]
        term_end = date(start.year, 12, 31) if start.month > 6 else date(start.year, 6, 30)
        is_known = pupil in first and first[pupil] <= term_end
        inside = terms[pupil, term]["school_unit"] in joined
        assert (numbers[1], others[pupil, term][1]) == (float(is_known), float(inside and not is_known))
    assert terms.keys() == known.keys()


def test_totals_are_distinct_pupils_and_posts_are_not_multiplied(world: World) -> None:
    connection, schools, rows, _ = world
    sql = catalogue.default().indicators["staff_per_1000"].sql
    counted = engine.frame(connection, sql)
    assert counted["models"].str.contains("|", regex=False).any()
    for term, group in counted.groupby("period"):
        pupils = {each["pupil"] for each in rows if term_of(each["start_date"]) == term}
        assert len(group) == group["contributors"].nunique() == len(pupils)
        present = set(group["school_unit"])
        instances = {each["instance"] for each in models_of(schools) if each["school_unit"] in present}
        assert group["numerator"].sum() == pytest.approx(1.5 * len(instances))


def test_months_and_a_term_for_the_same_pupil_are_never_both_counted() -> None:
    connection = database({})
    base = {"pupil": "p", "school_unit": "10000001", "stage": "7-9", "valid_absence": 0.0, "invalid_absence": 0.0}
    term = base | {"start_date": date(2024, 8, 12), "end_date": date(2024, 12, 20), "offered": 1000.0}
    month = base | {"start_date": date(2024, 9, 1), "end_date": date(2024, 9, 30), "offered": 300.0}
    stored(connection, "attendance", [term, month])
    assert engine.rows(connection, "SELECT offered FROM attendance_terms") == [(1000.0,)]


def test_a_pupil_at_a_resource_centre_counts_at_the_home_school() -> None:
    connection = database({})
    row = {
        "pupil": "p",
        "school_unit": "10000009",
        "home_school_unit": "10000001",
        "stage": "7-9",
        "start_date": date(2024, 8, 12),
        "offered": 300.0,
        "valid_absence": 0.0,
        "invalid_absence": 0.0,
    }
    stored(connection, "attendance", [row])
    assert engine.rows(connection, "SELECT school_unit FROM attendance_terms") == [("10000001",)]


def test_a_changed_pseudonym_is_the_same_pupil() -> None:
    connection = database({})
    rows = [
        {
            "pupil": pupil,
            "school_unit": "10000001",
            "stage": "7-9",
            "start_date": day,
            "offered": 300.0,
            "valid_absence": 30.0,
            "invalid_absence": 0.0,
        }
        for pupil, day in (("first", date(2024, 9, 1)), ("second", date(2024, 10, 1)), ("third", date(2024, 11, 1)))
    ]
    stored(connection, "attendance", rows)
    stored(
        connection,
        "pupil_alias",
        [{"old_pupil": "first", "pupil": "second"}, {"old_pupil": "second", "pupil": "third"}],
    )
    found = engine.rows(connection, "SELECT contributors, absence FROM attendance_terms")
    assert found == [("third", 90.0)]
