"""What every cohort promises: its unit in the first line, one row per that unit, and SQL that stays fast and readable."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from metrics import catalogue, engine
from tests.spec.example_database import add, database

COHORTS = catalogue.default().cohorts
KEYS = {
    "absence_before_reports": ("child", "reported_year"),
    "absence_before_year9": ("pupil", "school_year"),
    "activity_responsibility_years": ("contributors", "period"),
    "attendance_by_unit": ("pupil", "school_unit", "term", "row_length", "measure"),
    "attendance_places": ("school_unit", "term"),
    "attendance_methods": ("school_municipality", "term"),
    "attendance_terms": ("contributors", "period"),
    "attendance_in_parts": ("pupil", "term"),
    "attendance_whole": ("pupil", "term"),
    "coordinated_plans": ("contributors", "period"),
    "enrolment_reach": ("home_municipality",),
    "joined_reach": ("municipality",),
    "known_to_social_services": ("pupil",),
    "model_participants": ("contributors", "period"),
    "model_staff": ("school_unit", "term"),
    "outcome_reach": ("municipality", "provider"),
    "pupil_background": ("pupil", "school_year"),
    "pupil_identity": ("old_pupil",),
    "reported_children": ("contributors", "period"),
    "resource_centre_placements": ("contributors", "period"),
    "school_models": ("school_unit", "school_year"),
    "special_support_pupils": ("contributors", "period"),
    "survey_answers": ("contributors", "period"),
    "unit_lineage": ("school_unit",),
    "units_by_year": ("school_unit", "school_year"),
    "upper_secondary_leavers": ("contributors", "period"),
    "upper_secondary_starters": ("contributors",),
    "upper_secondary_years": ("pupil", "school_year"),
    "year6_pupils": ("contributors", "period"),
    "year9_leavers": ("contributors", "period"),
    "year9_next_step": ("contributors", "period"),
}
"""The columns that a cohort has one row for; a cohort with a row per delivered record has none."""


BACKGROUND = """
pupil school_year sex   foreign_background
p1    2024/25     girls yes
p1    2024/25     girls .
p2    2024/25     boys  no
"""


@pytest.fixture(scope="module")
def connection() -> engine.Connection:
    """All examples' rows in one database: the same pupils again and again, in every role, with gaps and repeats."""
    joined = "\npupil child\np1 a\np2 b\np3 c\np1 c1\np2 c2\np3 c3\n"
    filled = database({"declared_join": joined, "background": BACKGROUND})
    examples = [each.examples[0].tables for each in catalogue.default().indicators.values()]
    tables = {(name, text) for example in examples for name, text in example.items() if name != "declared_join"}
    for name, text in sorted(tables):
        add(filled, name, text)
    return filled


@pytest.mark.parametrize("name", COHORTS)
def test_a_cohort_has_one_row_per_stated_unit(connection: engine.Connection, name: str) -> None:
    assert COHORTS[name].startswith("-- One row per ")
    if name in KEYS:
        key = ", ".join(KEYS[name])
        found = engine.rows(connection, f"SELECT count(*), count(DISTINCT ({key})) FROM {name}")
        assert found[0][0] == found[0][1] > 0


@pytest.mark.parametrize("name", COHORTS)
def test_a_cohorts_sql_names_its_columns_and_groups(name: str) -> None:
    sql = re.sub(r"--[^\n]*", "", COHORTS[name])
    assert not re.search(r"SELECT\s+\*|GROUP BY ALL|quantile_cont", sql, re.IGNORECASE)


def test_cohorts_are_built_after_what_they_read() -> None:
    order = catalogue.default().cohorts_in_order
    for name in order:
        for source in catalogue.default().sources(COHORTS[name]):
            assert source == name or order.index(source) < order.index(name)


def test_cohorts_are_built_in_one_order_in_every_process() -> None:
    """What the desk keeps of its counts is known by that order: another one in the next process counts all again."""
    script = "from metrics import catalogue; print(catalogue.default().cohorts_in_order)"
    orders = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "3", "4")
    }
    assert orders == {f"{catalogue.default().cohorts_in_order}\n"}


@pytest.mark.parametrize("name", ["counting_rule", "stage", "sex"])
def test_attendance_knows_every_declared_code(name: str) -> None:
    declared = {each.name: each.codes for each in catalogue.default().extracts["attendance"].columns}
    codes = sorted(set(declared[name].values()))
    said = re.search(rf"max\(CAST\((ascii\()?{name}\b.*? AS {name}\b", COHORTS["attendance_by_unit"], re.S)
    assert said
    assert sorted(set(re.findall(r"'(.*?)'", said[0]))) == codes
    assert not said[1] or len({code[0] for code in codes}) == len(codes)


CHANGED = """
pupil school_unit stage start_date end_date   offered reported attended valid_absence invalid_absence counting_rule sex   home_municipality
p1    10000001    4-6   2024-10-01 2024-10-01 360     360      360      0             0               whole_days     boys  1419
p1    10000001    7-9   2024-10-02 2024-10-02 360     360      360      0             0               unknown        girls 1480
p1    10000001    4-6   2024-10-03 2024-10-03 360     360      360      0             0               .              .     .
"""


@pytest.mark.parametrize("order", [1, -1])
def test_what_changes_within_a_term_does_not_depend_on_the_order_of_rows(order: int) -> None:
    head, *rows = CHANGED.strip().splitlines()
    filled = database({"attendance": "\n".join([head, *rows[::order]])})
    found = engine.rows(filled, "SELECT counting_rule, stage, sex, home_municipality FROM attendance_by_unit")
    assert found == [("whole_days", "7-9", "girls", "1480")]
