"""A pupil's terms are the same rows whether what stands alone is taken as delivered or added up like everything else."""

from __future__ import annotations

import pytest

from metrics import engine, whole_terms
from metrics.catalogue import default
from metrics.cohort_tables import build_cohorts
from tests.recompute.random_extracts import random_extracts

CATALOGUE = default()
TERMS = "SELECT * FROM {} ORDER BY contributors, term"


@pytest.mark.parametrize("seed", [8, 21])
def test_terms_delivered_whole_are_the_cohorts_rows(seed: int) -> None:
    connection = random_extracts(seed)
    others = [name for name in CATALOGUE.sources(whole_terms.COHORT) if name != whole_terms.COHORT]
    build_cohorts(connection, CATALOGUE, [*others])
    whole_terms.build(connection, CATALOGUE)
    found = engine.rows(connection, TERMS.format("temp.attendance_terms"))
    assert found == engine.rows(connection, TERMS.format("main.attendance_terms"))
    several = engine.rows(connection, "SELECT count(*) FROM main.attendance_in_parts")[0][0]
    assert len(found) > several > 50


def test_rows_are_taken_as_they_are_where_most_are_whole_terms() -> None:
    connection = random_extracts(8)
    assert not whole_terms.are_whole(connection)
    connection.execute("DELETE FROM attendance WHERE end_date IS NULL OR end_date - start_date < 32")
    assert whole_terms.are_whole(connection)
    connection.execute("DELETE FROM attendance")
    assert not whole_terms.are_whole(connection)
