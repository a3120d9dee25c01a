"""Values that divide others further, beside those they divide: no few follow, and every leak planted in them is found."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from tests.attack import crossing, outsider

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
Release = tuple[pd.DataFrame, dict[str, Any]]
LEFT = 4.0
TOLD = [number for number in range(len(crossing.SETS)) if "year6_absence_found" not in crossing.parts(number)]
"""The sets that the committed release has values of."""


@pytest.fixture(scope="module")
def release() -> Release:
    _, tables, definitions = outsider.read_folder(DEMO)
    return tables["values"], definitions


def test_nothing_follows_from_what_is_divided_and_what_divides_it(release: Release) -> None:
    assert list(crossing.divided_findings(*release)) == []


def told(values: pd.DataFrame, number: int) -> list[dict[str, Any]]:
    """The groups of a set where every value is shown, as rows that can be changed."""
    names = crossing.wholes(number) | set(crossing.parts(number))
    found = [rows for _, rows in crossing.groups(values, number)]
    shown = [rows for rows in found if names <= set(rows) and all(row.status == "shown" for row in rows.values())]
    return [{name: SimpleNamespace(**row._asdict()) for name, row in rows.items()} for rows in shown]


def leaks(number: int, rows: dict[str, Any], definitions: dict[str, Any]) -> set[tuple[str, str]]:
    found = crossing._of_group(crossing.SETS[number], rows, (), definitions, "values")
    return {(each.how, each.about[0]) for each in found}


@pytest.mark.parametrize("number", TOLD)
def test_every_part_that_is_hidden_alone_is_found_with_few_left_for_it(number: int, release: Release) -> None:
    values, definitions = release
    groups = told(values, number)
    assert len(groups) >= 8
    for rows in groups:
        assert leaks(number, rows, definitions) == set()
        for stated in crossing.SETS[number]:
            (whole, part), of = stated
            for name, own in of:
                if own not in outsider.sensitive_classes(definitions[name]):
                    continue
                hidden = rows | {name: SimpleNamespace(status="hidden")}
                others = sum(getattr(rows[each], same) for each, same in of if each != name)
                hidden[whole] = SimpleNamespace(**vars(rows[whole]) | {part: others + LEFT})
                found = set(crossing._of_group([stated], hidden, (), definitions, "values"))
                wanted = f"few pupils in the {own} follow from what divides it", name
                assert wanted in {(each.how, each.about[0]) for each in found}


@pytest.mark.parametrize("number", TOLD)
def test_a_whole_that_stands_beside_parts_with_one_pupil_more_is_found(number: int, release: Release) -> None:
    values, definitions = release
    for rows in told(values, number):
        for (whole, part), _ in crossing.SETS[number]:
            earlier = SimpleNamespace(**vars(rows[whole]) | {part: getattr(rows[whole], part) - 1})
            found = leaks(number, rows | {whole: earlier}, definitions)
            assert ("parts and whole differ by few", whole) in found
