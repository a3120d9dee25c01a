"""The print of a family says when its kept counts are those of other statements."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metrics import whole_terms
from metrics.catalogue import default
from metrics.release.prints import Standing, read_by
from metrics.vocabulary import GR

NOTHING = Standing(slices={}, counted={}, joined=0, joins="", code="")


@pytest.mark.parametrize("cohort", [*whole_terms.STATEMENTS, "attendance_terms", "attendance_by_unit"])
def test_a_family_is_counted_anew_when_a_statement_behind_its_cohort_changes(cohort: str) -> None:
    catalogue = default()
    other = replace(catalogue, cohorts={**catalogue.cohorts, cohort: catalogue.cohorts[cohort] + " "})
    prints = [read_by(NOTHING, each, "attendance", GR).whole for each in (catalogue, other)]
    assert prints[0] != prints[1]
    kept = [read_by(NOTHING, each, "year6_pupils", GR).whole for each in (catalogue, other)]
    assert kept[0] == kept[1]
