"""Rounded numbers of the committed release give no few back, and a leak of every row of every such table is found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.attack import outsider, rounded

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
Release = tuple[dict[str, pd.DataFrame], dict[str, Any]]


@pytest.fixture(scope="module")
def release() -> Release:
    _, tables, definitions = outsider.read_folder(DEMO)
    return tables, definitions


def test_no_rounded_number_gives_few_back(release: Release) -> None:
    tables, definitions = release
    assert list(rounded.comparison_findings(tables["comparisons"])) == []
    assert list(rounded.reached_findings(tables["reached_pupils"])) == []
    assert list(rounded.estimate_findings(tables["evaluations"])) == []
    assert list(rounded.linkage_findings(tables["values"], definitions)) == []


@pytest.mark.parametrize("name", [*rounded.TOLD, *rounded.SIZES[:1]])
def test_a_number_of_every_hidden_comparison_is_found(name: str, release: Release) -> None:
    comparisons = release[0]["comparisons"]
    hidden = comparisons[comparisons["status"] == "hidden"].assign(**{name: 20.0})
    assert len(hidden) > 500
    assert len(list(rounded.comparison_findings(hidden))) == len(hidden)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("value", lambda rows: rows["value"] + rows["value_step"] / 3),
        ("expected", lambda rows: rows["expected"] + rows["expected_step"] / 3),
        ("value_step", lambda rows: 100 * 9 / (rows["pupils"] + 5)),
        ("pupils", lambda rows: rows["pupils"] + 1),
        ("schools", lambda _: 2.0),
    ],
    ids=["value", "expected", "fine", "pupils", "schools"],
)
def test_every_shown_comparison_that_says_too_much_is_found(name: str, change: Any, release: Release) -> None:
    comparisons = release[0]["comparisons"]
    told = {"value_step": "value"}.get(name, name)
    shown = comparisons[(comparisons["status"] == "shown") & comparisons[told].notna() & comparisons["pupils"].notna()]
    shown = comparisons[(comparisons["status"] == "shown") & comparisons[told].notna()] if name == "expected" else shown
    assert len(shown) > 50
    leaking = shown.assign(**{name: change(shown)})
    assert {each.about for each in rounded.comparison_findings(leaking)} == {
        (row.indicator, row.kind, row.model, row.period, row.provider, row.stage) for row in shown.itertuples()
    }


def test_few_whom_a_model_met_are_found_in_every_row_and_term(release: Release) -> None:
    reached = release[0]["reached_pupils"]
    for part in rounded.PARTS:
        for few in (3.0, reached["followed"] - 3, 0.0, reached["followed"]):
            assert len(list(rounded.reached_findings(reached.assign(**{part: few})))) == len(reached)
    assert len(list(rounded.reached_findings(reached.assign(reached=reached["followed"] + 2)))) == len(reached)
    assert len(list(rounded.reached_findings(reached.assign(status="hidden")))) == len(reached)


def test_a_share_that_could_be_followed_is_found_wherever_its_own_value_is_hidden(release: Release) -> None:
    tables, definitions = release
    values = tables["values"]
    telling = {each["linkage"]["indicator"] for each in definitions.values() if each.get("linkage")}
    hidden = values.assign(status=values["status"].mask(values["indicator"].isin(telling), "hidden"))
    said = outsider.own(values)
    said = said[said["mark"].str.contains(rounded.LINKED, regex=False)]
    keys = ["indicator", "period_from", "period_to", "area_type", "area"]
    found = {each.about for each in rounded.linkage_findings(hidden, definitions)}
    assert found == set(said[keys].itertuples(index=False, name=None))


def test_an_unrounded_number_is_found_in_every_evaluation_that_has_any(release: Release) -> None:
    evaluations = release[0]["evaluations"]
    documents = [json.loads(each) for each in evaluations["document"]]
    some = [each for each in documents if any(event.get("observed") is not None for event in each.get("events", ()))]
    assert len(some) > 5
    for key, value, how in (
        ("observed", 6.12345, "a number is not rounded"),
        ("contributors", 8901, "a number of pupils is not to the nearest ten"),
        ("contributors", 40, "a level times its pupils is a count of few"),
    ):
        for said in some:
            leaking = json.loads(json.dumps(said))
            next(event for event in leaking["events"] if event.get("observed") is not None)[key] = value
            table = evaluations.head(1).assign(document=json.dumps(leaking))
            assert how in {each.how for each in rounded.estimate_findings(table)}


def test_a_share_of_few_decimals_times_its_pupils_is_a_shown_count_and_never_another(release: Release) -> None:
    """Pages write whole per cents or one decimal, tables all of them: each gives the same count or more than one."""
    values = outsider.own(release[0]["values"])
    shares = values[(values["status"] == "shown") & (values["denominator"] > 0) & values["value"].notna()]
    shares = shares[shares["indicator"].map(lambda name: release[1][name]["unit"] == "share")]
    exact = np.abs(shares["value"] * shares["denominator"] / 100 - shares["numerator"])
    assert exact.max() < 1e-6
    for row in shares.sample(500, random_state=1).itertuples():
        for decimals in (0, 1):
            low, high = rounded.back_calculated(round(row.value, decimals), decimals, row.denominator)
            assert low <= row.numerator <= high
