"""Every check and every rule of an extract lets its good example through and stops its bad one."""

from __future__ import annotations

import functools

import pytest

from metrics import catalogue
from metrics.declare import Extract, Rule
from metrics.intake import Findings, screen
from metrics.intake.checks import CHECKS, Check, Sample
from metrics.intake.findings import SEVERITY_TEXT

RULES = [(extract, rule) for extract in catalogue.default().extracts.values() for rule in extract.rules]
TRIED = [(extract, rule) for extract, rule in RULES if extract.reader is None and rule.bad and not rule.reads]
"""Rules with a row of their own; those of official exports are tried in test_extracts_official.py."""


@functools.lru_cache(maxsize=256)
def _screened_file(data: bytes, name: str) -> Findings:
    return screen(data, name=name)


def screened(sample: Sample) -> Findings:
    """What is found in a sample; many checks share a good file, and it is read once."""
    return _screened_file(sample.data(), sample.name)


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_check_stops_its_bad_file_and_only_that(check: Check) -> None:
    bad = screened(check.bad)
    good = screened(check.good)

    assert check.code in bad.codes
    assert bad.refused or check.severity != "error"
    assert check.code not in good.codes
    assert not good.refused


@pytest.mark.parametrize("name", [name for name, each in catalogue.default().extracts.items() if each.reader is None])
def test_an_extracts_own_example_rows_are_accepted_and_recognised(name: str) -> None:
    found = screen(Sample(extract=name).data())

    assert found.recognised.extract == name
    assert found.recognised.row_count == 25
    assert [finding.code for finding in found if finding.severity != "info"] == []


@pytest.mark.parametrize(("extract", "rule"), TRIED, ids=[f"{extract.name}-{rule.code}" for extract, rule in TRIED])
def test_a_rule_stops_its_bad_row_and_only_that(extract: Extract, rule: Rule) -> None:
    assert rule.code in _screened(extract, dict(rule.bad)).codes
    assert rule.code not in _screened(extract, dict(rule.good)).codes


def _screened(extract: Extract, cells: dict[str, str]) -> Findings:
    return screen(Sample(extract=extract.name, cells=cells).data(), extract)


def test_there_are_at_least_sixty_checks_and_each_is_said_once() -> None:
    sentences = [check.sentence for check in CHECKS.values()]

    assert len(CHECKS) + len(RULES) >= 60
    assert len(set(sentences)) == len(sentences)
    assert not set(CHECKS) & {rule.code for _, rule in RULES}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_a_finding_is_whole_sentences_in_swedish_without_gaps(check: Check) -> None:
    bad = screened(check.bad)
    finding = next(finding for finding in bad if finding.code == check.code)

    assert "{" not in finding.sentence + finding.advice
    assert finding.sentence[0].isupper()
    assert finding.sentence.endswith(".")
    assert finding.severity in SEVERITY_TEXT
    assert len(finding.rows) <= 5
    assert finding.total >= len(finding.rows)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("year9_grades", {}),
        ("year9_grades", {"drop": ("home_municipality",)}),
        ("year9_grades", {"drop": ("foreign_background", "newly_arrived"), "extra": {"Klass": "9A"}}),
        ("year6_grades", {}),
        ("year6_grades", {"rename": {"pupil": "Elev-id"}}),
    ],
)
def test_extracts_with_the_same_headings_are_told_apart_by_the_pupils_age(name: str, changes: dict) -> None:
    other = {"year9_grades": "year6_grades", "year6_grades": "year9_grades"}[name]
    shared = {column.name for column in catalogue.default().extracts[other].columns}
    own = tuple(column.name for column in catalogue.default().extracts[name].columns if column.name not in shared)
    sample = Sample(extract=name, **{**changes, "drop": (*changes.get("drop", ()), *own)})

    found = screen(sample.data())

    assert found.recognised.extract == name
    assert "extract_uncertain" not in found.codes


@pytest.mark.parametrize(
    ("name", "meant"), [("betyg åk 9.csv", "year9_grades"), ("Betyg i årskurs 6.csv", "year6_grades")]
)
def test_without_birth_years_the_files_name_tells_or_the_sender_is_asked(name: str, meant: str) -> None:
    data = Sample(drop=("birth_year", "grading_system", "grade_m2", "grade_da")).data()

    assert screen(data, name=name).recognised.extract == meant
    assert "extract_uncertain" in screen(data, name="export.csv").codes
    assert "extract_uncertain" not in screen(data, "year9_grades", name="export.csv").codes
