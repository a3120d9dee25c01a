"""Under a join: a member where too few of the reported children are found in school has no value of the joined indicators."""

from __future__ import annotations

import pandas as pd
import pytest

from metrics import catalogue
from metrics.present import linkage as say
from metrics.protect.linkage import across
from metrics.values import Counts, Published
from metrics.vocabulary import GR, Region
from tests.unit.present_release import figures_of

DECLARED = catalogue.default().indicators
KNOWN, FOUND = "eligibility_known_to_social_services", "reported_children_found_in_school"
TWO = Region(name="GR", title="GR", members=tuple(GR.member(code) for code in ("1440", "1419")))


def counted(found: int, whole: int, code: str = "1440", year: str = "2024") -> list[dict[str, object]]:
    row = {"period": year, "home_municipality": code, f"{FOUND}__denominator": 1}
    numbers = ((found, 1), (whole - found, 0))
    return [row | {"contributors": number, f"{FOUND}__numerator": outcome} for number, outcome in numbers]


def after(
    rows: list[tuple[str, str, str, float | None, float | None, str]], pupils: list[dict[str, object]]
) -> pd.DataFrame:
    """Area, period, status, mark and value of the joined indicator."""
    counts = Counts(population="reported_children", period_kind="calendar_year", inner=pd.DataFrame(pupils))
    published = figures_of(rows).release.values
    values = across(published, [counts], DECLARED, region=TWO, k=5).values
    assert isinstance(published, Published)
    return values[values["indicator"] == KNOWN].set_index("area")[["status", "mark", "value", "numerator"]]


@pytest.mark.parametrize(("found", "status"), [(90, "shown"), (89, "not_comparable")])
def test_a_shown_share_under_ninety_percent_takes_the_value_away(found: int, status: str) -> None:
    rows = [(KNOWN, "Ale", "2024/25", 30.0, 60.0, "shown"), (FOUND, "Ale", "2024", float(found), 100.0, "shown")]
    told = after([*rows, (KNOWN, "Tjörn", "2024/25", 30.0, 60.0, "shown")], counted(found, 100)).T.to_dict()
    assert told["Ale"]["status"] == status
    assert told["Ale"]["mark"] == f"{found},0 % gick att följa"
    assert pd.isna(told["Ale"]["value"]) == pd.isna(told["Ale"]["numerator"]) == (status != "shown")
    assert told["Tjörn"]["status"] == "shown"


@pytest.mark.parametrize(("found", "whole", "status"), [(80, 100, "hidden"), (95, 100, "shown"), (40, 49, "shown")])
def test_a_hidden_share_says_nothing_and_hides_only_where_many_are_lost(found: int, whole: int, status: str) -> None:
    rows = [(KNOWN, "Ale", "2024/25", 30.0, 60.0, "shown"), (FOUND, "Ale", "2024", None, None, "hidden")]
    told = after(rows, counted(found, whole)).loc["Ale"]
    assert told["status"] == status
    assert told["mark"] == ""
    assert pd.isna(told["value"]) == (status == "hidden")


def test_the_share_is_that_of_the_newest_year_that_had_ended() -> None:
    rows = [
        (KNOWN, "Ale", "2023/24", 30.0, 60.0, "shown"),
        (FOUND, "Ale", "2023", 95.0, 100.0, "shown"),
        (FOUND, "Ale", "2024", 50.0, 100.0, "shown"),
    ]
    pupils = [*counted(95, 100, year="2023"), *counted(50, 100)]
    assert after(rows, pupils).loc["Ale", "status"] == "shown"


def test_the_regions_own_share_decides_the_regions_value() -> None:
    rows = [(KNOWN, "GR", "2024/25", 60.0, 120.0, "shown"), (FOUND, "GR, 2 av 2", "2024", 170.0, 200.0, "shown")]
    pupils = [*counted(95, 100), *counted(75, 100, "1419")]
    assert after(rows, pupils).loc["GR", ["status", "mark"]].tolist() == ["not_comparable", "85,0 % gick att följa"]


def test_nothing_changes_where_nobody_is_joined() -> None:
    rows = [(KNOWN, "Ale", "2024/25", 30.0, 60.0, "shown")]
    assert after(rows, counted(0, 0)).loc["Ale", "status"] == "shown"


def test_the_page_says_why_there_is_no_value() -> None:
    figures = figures_of(
        [(KNOWN, "Ale", "2024/25", None, None, "not_comparable"), (FOUND, "Ale", "2024", 80.0, 100.0, "shown")]
    )
    said = say.sentence(figures, figures.definitions[KNOWN], "Ale", "2024/25")
    assert said.endswith("Under 90\u00a0% visas inget värde, för det skulle inte gå att jämföra.")
