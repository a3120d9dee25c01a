"""Outcome patterns that nobody has been seen with: nearest to those that have, and as declared in all else."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from metrics import catalogue
from metrics.declare import DeclarationError
from metrics.protect.patterns import with_patterns
from tests.attack.inner import classes, inner_row

DECLARED = catalogue.default().indicators
Held = dict[str, int]


def invented(names: list[str], *seen: tuple[int, Held]) -> list[Held]:
    """The outcomes of invented pupils, by indicator that counts them, where so many of each kind have been seen."""
    nowhere = {f"{name}__{part}": 0 for name in names for part in ("denominator", "numerator")}
    rows = [inner_row(number, school="0001", **(nowhere | classes(**held))) for number, held in seen]
    coded, patterns = with_patterns(pd.DataFrame(rows), [DECLARED[name] for name in names])
    new = patterns.iloc[coded["pattern"].nunique() :]
    return [
        {name: int(row[f"{name}__numerator"]) for name in names if row[f"{name}__denominator"]}
        for _, row in new.iterrows()
    ]


ELIGIBLE = [f"eligibility_{name}" for name in ("vocational", "arts", "science_technology")]
NEXT = [f"next_step_{name}" for name in ("national", "choice", "unknown")]


def held(names: list[str], *values: int) -> Held:
    return dict(zip(names, values, strict=True))


def test_who_is_eligible_for_science_is_eligible_for_all_that_asks_less() -> None:
    """Most are eligible for nothing, and nobody for science: the pupil that could be is one of those nearest to it."""
    seen = ((40, held(ELIGIBLE, 0, 0, 0)), (9, held(ELIGIBLE, 1, 0, 0)), (7, held(ELIGIBLE, 1, 1, 0)))
    assert invented(ELIGIBLE, *seen) == [held(ELIGIBLE, 1, 1, 1)]


def test_where_nobody_is_eligible_for_anything_each_has_what_it_asks_for() -> None:
    found = invented(ELIGIBLE, (40, held(ELIGIBLE, 0, 0, 0)))
    assert found == [held(ELIGIBLE, 1, 0, 0), held(ELIGIBLE, 1, 1, 0), held(ELIGIBLE, 1, 1, 1)]


def test_who_lacks_what_all_have_lacks_what_asks_more() -> None:
    assert invented(ELIGIBLE, (40, held(ELIGIBLE, 1, 1, 1)), (9, held(ELIGIBLE, 1, 0, 0))) == [held(ELIGIBLE, 0, 0, 0)]


def test_who_comes_into_a_state_leaves_the_other() -> None:
    assert invented(NEXT, (40, held(NEXT, 1, 0, 0)), (9, held(NEXT, 0, 1, 0))) == [held(NEXT, 0, 0, 1)]


def test_who_cannot_be_in_a_state_goes_to_another() -> None:
    """All are found on introductory programmes: who is not is in the unknown state, not in the one that she had."""
    names = ["after_four_years_left", "after_four_years_still_enrolled", "after_four_years_unknown"]
    found = "found_after_4_years_introductory"
    seen = [(30, held(names, 1, 0, 0) | {found: 1}), (20, held(names, 0, 1, 0) | {found: 1})]
    assert held(names, 0, 0, 1) | {found: 0} in invented([*names, found], *seen)


def test_who_is_unknown_is_not_counted_among_those_who_work_or_do_not() -> None:
    names = ["two_years_after_work", "two_years_after_unknown"]
    works = "work_or_study_after_2_years_with_diploma"
    assert {names[0]: 0, names[1]: 1} in invented([*names, works], (30, held(names, 1, 0) | {works: 1}))


def test_nobody_is_thought_of_with_what_is_rarely_reached() -> None:
    """That nobody has a diploma within three years makes one of a national programme, whose pupils are fewer."""
    names = [f"diploma_within_3_years_{scope}" for scope in ("all", "introductory", "national")]
    seen = ({names[0]: 0, names[1]: 0}, {names[0]: 0, names[2]: 0})
    assert invented(names, (50, seen[0]), (5, seen[1])) == [{names[0]: 1, names[2]: 1}] * 2


def test_what_is_implied_is_a_declared_indicator_of_the_family() -> None:
    indicator = replace(DECLARED[ELIGIBLE[0]], implies={"absence_20": "outcome"})
    with pytest.raises(DeclarationError, match="is of its family, got"):
        replace(catalogue.default(), indicators={**DECLARED, indicator.name: indicator})
