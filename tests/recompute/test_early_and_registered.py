"""Year 6, the activity responsibility, and results of pupils known to social services, recomputed pupil by pupil."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import numpy as np
import pytest

from tests.recompute.random_rows import region_of_schools, rows_by_pupil, stored
from tests.spec.example_database import database

SUBJECTS = ("sv", "sva", "en", "ma", "bl", "bi", "fy", "ke", "ge", "hi", "m1", "no")
SEEDS = (61, 62)
Row = dict[str, object]


def graded(seed: int, year: str) -> list[Row]:
    random = np.random.default_rng(seed)
    schools = region_of_schools(seed)
    rows = []
    for pupil in range(300):
        ability = random.choice([0.3, 0.9, 1.0])
        row: Row = {
            "pupil": f"p{pupil}",
            "school_year": year,
            "school_unit": random.choice([each["school_unit"] for each in schools]),
            "sex": "girls",
        }
        for subject in SUBJECTS:
            if random.random() < (0.2 if subject in ("sva", "no") else 0.95):
                row[f"grade_{subject}"] = "C" if random.random() < ability else random.choice(["F", "-"])
        rows.append(row)
    return rows


def passed_and_failed(row: Row) -> tuple[set[str], set[str]]:
    """Subjects passed and not passed; Swedish and Swedish as a second language are one, and one pass is enough."""
    marks: dict[str, list[bool]] = defaultdict(list)
    for name, grade in row.items():
        if name.startswith("grade_") and name != "grade_system":
            subject = name.removeprefix("grade_")
            marks["swedish" if subject in ("sv", "sva") else subject].append(grade in ("A", "B", "C", "D", "E"))
    passed = {subject for subject, found in marks.items() if any(found)}
    return passed, marks.keys() - passed


@pytest.mark.parametrize("seed", SEEDS)
def test_year_6_agrees_with_the_definition(seed: int) -> None:
    rows = graded(seed, "2021/22")
    connection = database({}, reading="year6_pupils")
    stored(connection, "school_units", region_of_schools(seed))
    stored(connection, "year6_grades", rows)
    core, every = {}, {}
    for row in rows:
        passed, failed = passed_and_failed(row)
        core[row["pupil"], "2021/22"] = (float(passed >= {"swedish", "en", "ma"}), 1.0)
        every[row["pupil"], "2021/22"] = (float(bool(passed) and not failed), 1.0)
    assert len(set(core.values())) == len(set(every.values())) == 2
    assert rows_by_pupil(connection, "year6_core_passed") == core
    assert rows_by_pupil(connection, "year6_all_passed") == every


@pytest.mark.parametrize("seed", SEEDS)
def test_activity_responsibility_agrees_with_the_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows: list[Row] = []
    for person in range(300):
        for _ in range(1 + int(random.random() < 0.3)):
            registered = date(2023, 7, 1) + timedelta(days=int(random.integers(0, 200)))
            away = random.random() < 0.6
            rows.append(
                {
                    "pupil": f"k{person}",
                    "school_year": "2023/24",
                    "home_municipality": "1419",
                    "registered": registered,
                    "deregistered": registered + timedelta(days=int(random.integers(5, 150))) if away else None,
                    "reason": random.choice(["national_programme", "moved", "other"]) if away else None,
                    "took_part": random.choice([True, False, None]),
                }
            )
    connection = database({}, reading="activity_responsibility_years")
    stored(connection, "activity_responsibility", rows)
    found = {
        name: rows_by_pupil(connection, f"activity_{name}")
        for name in ("left_for_national_programme", "left_moved", "took_part")
    }
    for key in found["took_part"]:
        own = [row for row in rows if row["pupil"] == key[0]]
        gone = all(row["deregistered"] for row in own)
        last = max((row["deregistered"] for row in own), default=None) if gone else None
        reasons = {row["reason"] for row in own if row["deregistered"] == last} if gone else {None}
        if len(reasons) == 1:
            (reason,) = reasons
            assert found["left_for_national_programme"][key] == (float(reason == "national_programme"), 1.0)
            assert found["left_moved"][key] == (float(reason == "moved"), 1.0)
        known = [row["took_part"] for row in own if row["took_part"] is not None]
        assert found["took_part"][key] == (float(any(known)), float(bool(known)))
    assert len(found["took_part"]) == 300


@pytest.mark.parametrize("seed", SEEDS)
def test_known_pupils_are_those_reported_before_the_end_of_year_9(seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = graded(seed, "2023/24")
    first = {f"p{n}": date(2023, 1, 1) + timedelta(days=int(random.integers(0, 800))) for n in range(0, 300, 3)}
    connection = database({})
    stored(connection, "school_units", region_of_schools(seed))
    stored(connection, "year9_grades", rows)
    chain = [{"child": f"c-{pupil}", "municipality": "1419", "report_date": day} for pupil, day in first.items()]
    later = [row | {"report_date": row["report_date"] + timedelta(days=30)} for row in chain]
    stored(connection, "support_chain", chain + later)
    for pupil in first:
        connection.execute("INSERT INTO declared_join VALUES (?, ?)", [pupil, f"c-{pupil}"])
    known, others = {}, {}
    joined = {each["school_unit"] for each in region_of_schools(seed) if each["municipality"] == "1419"}
    for row in rows:
        key = (str(row["pupil"]), "2023/24")
        passed, _ = passed_and_failed(row)
        eligible = passed >= {"swedish", "en", "ma"} and len(passed - {"swedish", "en", "ma"}) >= 5
        inside = row["school_unit"] in joined
        reported = row["pupil"] in first and first[str(row["pupil"])] <= date(2024, 6, 30)
        known[key] = (float(eligible and reported), float(reported))
        others[key] = (float(inside and eligible and not reported), float(inside and not reported))
    assert len(set(known.values())) == len(set(others.values())) == 3
    assert rows_by_pupil(connection, "eligibility_known_to_social_services") == known
    assert rows_by_pupil(connection, "eligibility_not_known_to_social_services") == others


def test_without_a_join_nobody_is_counted_as_known_or_as_unknown() -> None:
    connection = database({})
    stored(connection, "school_units", region_of_schools(1))
    stored(connection, "year9_grades", graded(1, "2023/24"))
    for name in ("eligibility_known_to_social_services", "eligibility_not_known_to_social_services"):
        assert set(rows_by_pupil(connection, name).values()) == {(0.0, 0.0)}


def test_facts_delivered_apart_fill_what_the_results_lack() -> None:
    connection = database({}, reading="year9_leavers")
    stored(connection, "school_units", region_of_schools(1))
    base = {"school_year": "2023/24", "school_unit": "10000001"}
    stored(connection, "year9_grades", [base | {"pupil": "a", "foreign_background": True}, base | {"pupil": "b"}])
    facts = {"school_year": "2023/24", "foreign_background": False, "sex": "boys", "home_municipality": "1440"}
    stored(connection, "background", [facts | {"pupil": "a"}, facts | {"pupil": "b"}])
    found = connection.execute(
        "SELECT contributors, foreign_background, sex, home_municipality FROM year9_leavers ORDER BY contributors"
    ).fetchall()
    assert found == [("a", "foreign", "boys", "1440"), ("b", "swedish", "boys", "1440")]
