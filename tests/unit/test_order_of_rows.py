"""A pupil with two pseudonyms can have as much under each: which row is written first decides nothing."""

import pytest

from metrics import catalogue, engine
from metrics.cohort_tables import build_cohorts
from tests.spec.example_database import database

UNITS = """
school_unit municipality provider  stages valid_from
1           1419         municipal 7-9,GY 2010-07-01
2           1440         municipal 7-9,GY 2010-07-01
"""
ALIAS = """
old_pupil pupil
a         b
"""
TIED = {
    "attendance_terms": (
        "attendance",
        """
pupil school_unit start_date end_date   stage measure offered reported attended valid_absence invalid_absence
a     1           2023-08-15 2023-12-20 7-9   minutes 1000    1000     900      100           0
b     1           2023-08-15 2023-12-20 4-6   minutes 1000    1000     500      0             500
""",
    ),
    "upper_secondary_years": (
        "upper_secondary_enrolment",
        """
pupil school_year school_unit programme study_year home_municipality
a     2023/24     1           NA        1          1419
b     2023/24     1           IMA       2          1440
""",
    ),
    "activity_responsibility_years": (
        "activity_responsibility",
        """
pupil school_year home_municipality registered deregistered reason
a     2023/24     1419              2023-09-01 2023-11-01   age_20
b     2023/24     1440              2023-09-01 2023-11-01   other
""",
    ),
    "year9_leavers": (
        "year9_grades",
        """
pupil school_year school_unit sex   home_municipality SV EN MA
a     2023/24     1           girls 1419              A  A  A
b     2023/24     1           boys  1440              E  E  E
""",
    ),
}


def made(cohort: str, extract: str, table: str, *, turned: bool) -> list[tuple[object, ...]]:
    """The cohort's rows; turned: with each row under the other pseudonym, and so in the other order."""
    heading, one, other = table.strip().splitlines()
    rows = ["a" + other[1:], "b" + one[1:]] if turned else [one, other]
    connection = database({"school_units": UNITS, "pupil_alias": ALIAS, extract: "\n".join([heading, *rows])})
    declared = catalogue.default()
    build_cohorts(connection, declared, [f"FROM {cohort}"])
    return engine.rows(connection, f"SELECT * FROM {cohort} ORDER BY ALL")


@pytest.mark.parametrize("cohort", TIED)
def test_the_order_of_rows_decides_nothing(cohort: str) -> None:
    extract, table = TIED[cohort]
    found = made(cohort, extract, table, turned=False)
    assert len(found) == 1
    assert found == made(cohort, extract, table, turned=True)
