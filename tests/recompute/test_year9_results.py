"""Final grades in year 9 recomputed pupil by pupil from the regulations' wording, on random data."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue, engine
from tests.recompute.random_rows import models_of, on_the_limit, region_of_schools, rows_by_pupil, settled, stored
from tests.spec.example_database import database

POINTS = {"A": 20.0, "B": 17.5, "C": 15.0, "D": 12.5, "E": 10.0}
CORE = ("swedish", "en", "ma")
SUBJECTS = [
    "bl",
    "en",
    "hkk",
    "idh",
    "ma",
    "m1",
    "m2",
    "ml",
    "mu",
    "no",
    "bi",
    "fy",
    "ke",
    "so",
    "ge",
    "hi",
    "re",
    "sh",
    "sl",
    "sv",
    "sva",
    "tk",
    "da",
    "tn",
]
NESTED = (
    ("eligibility_social_sciences", "eligibility_arts"),
    ("eligibility_arts", "eligibility_vocational"),
    ("eligibility_science_technology", "eligibility_arts"),
)


def leavers(seed: int, schools: list[dict[str, object]], number: int = 400) -> list[dict[str, object]]:
    """Random grade rows in which every kind of result occurs: block grades, no grades, streck, two Swedish grades."""
    random = np.random.default_rng(seed)
    found = []
    for pupil in range(number):
        ability = random.choice([0.02, 0.5, 0.93, 0.995, 1.0])
        row = {
            "pupil": f"p{pupil}",
            "school_year": random.choice(["2022/23", "2023/24", "2024/25"]),
            "school_unit": random.choice([each["school_unit"] for each in schools]),
            "sex": random.choice(["girls", "boys"]),
            "home_municipality": random.choice(["1440", "1419", "1480", None]),
            "grading_system": random.choice(["goal_related", None, "other"], p=[0.6, 0.3, 0.1]),
            "foreign_background": random.choice([True, False, None]),
        }
        for subject in SUBJECTS:
            if random.random() < (0.25 if subject in ("no", "so", "sva", "da", "tn", "ml", "m2") else 0.96):
                passed = random.random() < ability
                row[f"grade_{subject}"] = random.choice(list(POINTS)) if passed else random.choice(["F", "-"])
        found.append(row | on_the_limit(random, SUBJECTS) if pupil % 4 == 0 else row)
    return found


def result(row: dict[str, object]) -> dict[str, tuple[float, int]]:
    """(numerator, denominator) per indicator for one pupil, straight from the definition."""
    grades = {name: row.get(f"grade_{name}") for name in SUBJECTS}
    written = {name: POINTS.get(grade, 0.0) for name, grade in grades.items() if grade is not None}
    swedish = [written.pop(name) for name in ("sv", "sva") if name in written]
    if swedish:
        written["swedish"] = max(swedish)
    passed = {name for name, points in written.items() if points > 0}
    core, others = passed.issuperset(CORE), len(passed - set(CORE))
    society, science = passed.issuperset(("ge", "hi", "re", "sh")), passed.issuperset(("bi", "fy", "ke"))
    best = sorted(written.values(), reverse=True)
    without_choice = sorted((points for name, points in written.items() if name != "m1"), reverse=True)
    return {
        "eligibility_vocational": (core and others >= 5, 1),
        "eligibility_arts": (core and others >= 9, 1),
        "eligibility_social_sciences": (core and society and others - 4 >= 5, 1),
        "eligibility_science_technology": (core and science and others - 3 >= 6, 1),
        "all_subjects_passed": (bool(written) and len(passed) == len(written), 1),
        "merit_value_16": (sum(best[:16]), int(bool(passed))),
        "merit_value_17": (sum(without_choice[:16]) + written.get("m1", 0.0), int(bool(passed))),
    }


World = tuple[engine.Connection, list[dict[str, object]]]


@pytest.fixture(scope="module", params=[11, 12])
def world(request: pytest.FixtureRequest) -> World:
    schools = region_of_schools(request.param)
    rows = leavers(request.param, schools)
    connection = database({})
    stored(connection, "school_units", schools)
    stored(connection, "collaboration_register", models_of(schools))
    stored(connection, "year9_grades", rows)
    return settled(connection), rows


@pytest.mark.parametrize("name", sorted(result({})))
def test_agrees_with_the_definition_pupil_by_pupil(world: World, name: str) -> None:
    connection, rows = world
    expected = {
        (row["pupil"], row["school_year"]): tuple(map(float, result(row)[name]))
        for row in rows
        if row["grading_system"] != "other"
    }
    assert len(set(expected.values())) > 1, "both outcomes occur"
    assert rows_by_pupil(connection, name) == expected


@pytest.mark.parametrize(("inner", "outer"), NESTED)
def test_a_narrower_eligibility_lies_within_the_wider(world: World, inner: str, outer: str) -> None:
    connection, _ = world
    narrow, wide = (rows_by_pupil(connection, name) for name in (inner, outer))
    assert sum(numerator for numerator, _ in narrow.values()) > 0
    assert all(narrow[key][0] <= wide[key][0] for key in narrow)


def test_totals_are_distinct_pupils_where_schools_have_two_models(world: World) -> None:
    connection, rows = world
    counted = engine.frame(connection, catalogue.default().indicators["eligibility_vocational"].sql)
    assert counted["models"].str.contains("|", regex=False).any(), "some school has two models"
    assert len(counted) == len({row["pupil"] for row in rows if row["grading_system"] != "other"})
    types = {model for models in counted["models"] for model in models.split("|")}
    by_model = sum(counted["models"].str.split("|").map(lambda models, m=m: m in models).sum() for m in types)
    assert by_model > len(counted), "adding up the models counts some pupils twice, the total does not"


def test_models_are_those_in_place_all_that_year() -> None:
    connection = database({})
    started = {"2024-09-30": "attendance_team", "2024-10-01": ""}
    schools = [
        {
            "school_unit": f"1000000{n}",
            "municipality": "1440",
            "provider": "municipal",
            "valid_from": pd.Timestamp("2010-07-01"),
        }
        for n in range(2)
    ]
    stored(connection, "school_units", schools)
    stored(
        connection,
        "collaboration_register",
        [
            {
                "instance": "I",
                "model_type": "attendance_team",
                "municipality": "1440",
                "school_unit": f"1000000{n}",
                "started": pd.Timestamp(day),
            }
            for n, day in enumerate(started)
        ],
    )
    pupils = [
        {"pupil": f"p{n}", "school_year": "2024/25", "school_unit": f"1000000{n}", "sex": "girls"} for n in range(2)
    ]
    stored(connection, "year9_grades", pupils)
    rows = engine.rows(connection, "SELECT models FROM year9_leavers ORDER BY contributors")
    assert list(itertools.chain(*rows)) == list(started.values())
