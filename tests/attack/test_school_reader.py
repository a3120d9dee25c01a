"""The committed release for who has its school part, by itself and beside the open one; and every leak planted in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.attack import outsider, school_reader

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
PERIOD = ["indicator", "period_from", "period_to", "stage"]
Release = tuple[dict[str, pd.DataFrame], pd.DataFrame, dict[str, Any]]


@pytest.fixture(scope="module")
def release() -> Release:
    _, tables, definitions = outsider.read_folder(DEMO)
    return tables, school_reader.read_schools(DEMO), definitions


@pytest.fixture(scope="module")
def newest(release: Release) -> pd.DataFrame:
    """The schools' newest year of eligibility."""
    schools = release[1]
    own = schools[schools["indicator"] == "eligibility_vocational"]
    return own[own["period_to"] == own["period_to"].max()].reset_index(drop=True)


def test_the_school_part_alone_tells_of_no_few(release: Release) -> None:
    _, schools, definitions = release
    assert (schools["status"] == "hidden").sum() > 500
    assert list(school_reader.school_findings(schools, definitions)) == []


def test_both_parts_together_tell_of_no_few(release: Release, newest: pd.DataFrame) -> None:
    tables, _, definitions = release
    assert list(school_reader.both_findings(tables, newest, definitions)) == []


@pytest.mark.soak
def test_both_parts_of_the_whole_release_tell_of_no_few(release: Release) -> None:
    tables, schools, definitions = release
    assert list(school_reader.both_findings(tables, schools, definitions)) == []


@pytest.mark.parametrize("number", outsider.NUMBERS)
def test_a_number_left_in_any_hidden_school_is_found(number: str, release: Release) -> None:
    _, schools, definitions = release
    hidden = schools["status"] == "hidden"
    leaking = schools[hidden].assign(**{number: 97.0})
    assert len(list(school_reader.school_findings(leaking, definitions))) == hidden.sum()


@pytest.mark.parametrize("few", [4, 9])
def test_every_hidden_school_shown_with_few_is_found(few: int, release: Release) -> None:
    _, schools, definitions = release
    shown = schools[schools["status"] == "hidden"].assign(denominator=100.0, numerator=100.0 - few, status="shown")
    tail = shown["indicator"].map(lambda name: definitions[name]["sensitive"] == "outcome")
    shown.loc[tail, "numerator"] = float(few)
    assert len(list(school_reader.school_findings(shown, definitions))) == len(shown)


def left_for(target: outsider.Cell, parts: list[outsider.Cell], part: str) -> float:
    """The most that a school can have of a part when the row and all its other schools are shown and four are left."""
    numbers = {"denominator": 90.0, "numerator": 60.0, "rest": 30.0}
    left = numbers | {"denominator": 60.0 + 4.0, "numerator": 60.0, "rest": 4.0}
    left |= {} if part == "rest" else {"numerator": 4.0, "rest": 60.0}
    sums, others = outsider.Sums(), [each for each in parts if each != target]
    for name in numbers:
        sums.bounds |= {(each, name): [numbers[name]] * 2 for each in others} | {(target, name): [0.0, float("inf")]}
        sums.bounds["whole", name] = [numbers[name] * len(others) + left[name]] * 2
    sums.tie("whole", parts, True)
    sums.narrow()
    return float(sums.bounds[target, part][1])


@pytest.mark.parametrize("indicator", ["eligibility_vocational", pytest.param("", marks=pytest.mark.soak)])
def test_every_hidden_school_is_found_when_its_row_and_all_other_schools_are_shown(
    indicator: str, release: Release, newest: pd.DataFrame
) -> None:
    """The mutation operator over both parts: each hidden school is in some row of the open part, and follows from it."""
    tables, schools, definitions = release
    schools = newest if indicator else schools
    for keys, told in schools.groupby(PERIOD):
        of_open, of_school, ties = school_reader.system(tables, told)
        smallest: dict[outsider.Cell, list[outsider.Cell]] = {}
        for whole, parts, exact in ties:
            if exact and of_open[whole].area_type == "municipality":
                smallest |= {each: parts for each in parts if len(parts) < len(smallest.get(each, [each] * 999))}
        hidden = [each for each, row in of_school.items() if row.status == "hidden" and each in smallest]
        assert len(smallest) > 0.9 * len(of_school), "but for members that have no value of their own"
        part = next(each for each in outsider.sensitive_classes(definitions[keys[0]]) if each != "denominator")
        assert [left_for(each, smallest[each], part) for each in hidden] == [4.0] * len(hidden)


def test_a_member_less_its_shown_schools_is_found_by_the_whole_tool(release: Release, newest: pd.DataFrame) -> None:
    """Öckerö's total is shown: with one of its two schools shown too, few are left for the other."""
    tables, _, definitions = release
    values = outsider.own(tables["values"])
    first = newest.iloc[0]
    own = values[(values["indicator"] == first["indicator"]) & (values["period_to"] == first["period_to"])]
    whole = own[(own["area"] == "Ale") & (own[["sex", "model", "background", "provider"]] == "all").all(axis=1)].iloc[0]
    told = newest.copy()
    of_ale = told.index[told["municipality"] == "Ale"]
    rest = whole["denominator"] - whole["numerator"]
    each = (whole["denominator"] - 50) // (len(of_ale) - 1)
    out = (rest - 4) // (len(of_ale) - 1)
    told.loc[of_ale[1:], ["denominator", "numerator", "status"]] = [float(each), float(each - out), "shown"]
    told.loc[of_ale[0], ["denominator", "numerator", "value", "low", "high"]] = float("nan")
    told.loc[of_ale[0], "status"] = "hidden"
    found = list(school_reader.both_findings(tables, told, definitions))
    assert ("school", told.loc[of_ale[0], "school_unit"]) in {each.about for each in found}
