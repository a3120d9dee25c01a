"""What models are expected to change: a plan that is changed is another plan, and a nonsensical one is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from metrics import catalogue
from metrics.declare import DeclarationError, ExpectedResult, ModelType

RESULT = ExpectedResult(
    indicator="eligibility_vocational",
    direction="increase",
    smallest_size=3.0,
    earliest_year=1,
    declared=date(2026, 11, 23),
)


@pytest.mark.parametrize(
    "changed",
    [
        {"direction": "decrease"},
        {"smallest_size": 2.0},
        {"earliest_year": 0},
        {"stage": "7-9"},
        {"intended": False},
        {"declared": date(2026, 11, 24)},
    ],
)
def test_a_changed_plan_has_another_hash(changed: dict[str, object]) -> None:
    assert replace(RESULT, **changed).content_hash("a") != RESULT.content_hash("a")  # type: ignore[arg-type]


def test_the_same_plan_has_the_same_hash_for_one_model_only() -> None:
    assert replace(RESULT).content_hash("a") == RESULT.content_hash("a")
    assert RESULT.content_hash("a") != RESULT.content_hash("b")


@pytest.mark.parametrize(
    "wrong", [{"smallest_size": 0.0}, {"earliest_year": -1}, {"stage": "9"}, {"direction": "better"}]
)
def test_nonsense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(DeclarationError):
        replace(RESULT, **wrong)  # type: ignore[arg-type]


def test_a_result_stands_once_in_its_model() -> None:
    with pytest.raises(DeclarationError, match="once per indicator"):
        ModelType(name="a", title="A", description="A.", expected_results=(RESULT, replace(RESULT, smallest_size=1.0)))


def test_every_model_but_the_comparison_says_what_it_should_and_should_not_lead_to() -> None:
    for model in catalogue.default().model_types.values():
        assert bool([each for each in model.expected_results if each.intended]) != model.comparison
