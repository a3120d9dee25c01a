"""Regions in which one rule of the gate alone decides: take the rule away and the attack it stands against succeeds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.protect.gate import protect
from metrics.protect.generations import EarlierTable, History
from metrics.protect.known import KnownSum
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from metrics.vocabulary import Municipality, Region
from tests.attack.inner import classes, inner_row
from tests.attack.test_gate import ARTS, MERIT, VOCATIONAL

K = 5
AREAS = "ABCD"
REGION = Region(
    name="Fyra",
    title="Fyra kommuner",
    members=tuple(Municipality(code=f"000{number}", name=name) for number, name in enumerate(AREAS)),
)
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region")))
POOLED = replace(LAYOUT, tables=(*LAYOUT.tables, Table(areas="members", pooled=3)))
PERIOD = "2024/25"
Pupils = dict[str, tuple[int, int]]
"""By member: pupils with the outcome and without it."""


def counted(pupils: Pupils, period: str = PERIOD, **columns: Any) -> pd.DataFrame:
    """Inner rows; columns: more of them, each a value per member and outcome."""
    rows = [
        {
            "period": period,
            "school_municipality": REGION.codes[AREAS.index(area)],
            "home_municipality": "",
            "provider": "municipal",
            "stage": "7-9",
            "models": "",
            "sex": "girls",
            "foreign_background": "swedish",
            "parents_education": "post_secondary",
            "newly_arrived": "not_newly_arrived",
            "contributors": number,
            "school_first": f"{area}1",
            "school_last": f"{area}2",
            f"{VOCATIONAL.name}__denominator": 1,
            f"{VOCATIONAL.name}__numerator": outcome,
            **{name: value(area, outcome) for name, value in columns.items()},
        }
        for area, both in pupils.items()
        for outcome, number in zip((1, 0), both, strict=True)
        if number
    ]
    return pd.DataFrame(rows)


def counts_of(inner: pd.DataFrame) -> Counts:
    return Counts(population="year9_leavers", period_kind="school_year", inner=inner, main_provider="municipal")


def published(inner: pd.DataFrame, **given: Any) -> pd.DataFrame:
    stated = {"indicators": (VOCATIONAL,), "region": REGION, "thresholds": Thresholds(), "layout": LAYOUT} | given
    return protect(counts_of(inner), stated.pop("layout"), **stated)[0].values


def hidden(values: pd.DataFrame, indicator: str = VOCATIONAL.name) -> set[str]:
    own = values[(values["indicator"] == indicator) & (values["period_kind"] == "school_year")]
    return set(own.loc[own["status"] == "hidden", "area"])


PLENTY: Pupils = {"A": (60, 20), "B": (90, 30), "C": (200, 70), "D": (400, 90)}


def test_a_member_where_nobody_has_the_outcome_or_everybody_lacks_it_is_hidden() -> None:
    assert hidden(published(counted(PLENTY))) == set()
    assert "A" in hidden(published(counted(PLENTY | {"A": (0, 40)})))


def test_a_member_without_anybody_in_a_denominator_hides_no_other_one() -> None:
    """Of C and D nobody is in the second denominator: A's three follow from the region less B unless B is hidden too."""
    of_arts = {
        f"{ARTS.name}__denominator": lambda area, _: int(area in "AB"),
        f"{ARTS.name}__numerator": lambda area, outcome: outcome * int(area in "AB"),
    }
    values = published(counted(PLENTY | {"A": (60, 3)}, **of_arts), indicators=(VOCATIONAL, ARTS))
    assert {"A", "B"} <= hidden(values, ARTS.name) or "Fyra" in hidden(values, ARTS.name)


def test_two_hidden_members_of_two_and_three_pupils_are_not_enough() -> None:
    """A row says that somebody is there: two that add up to five are one to four each, three apart."""
    found = hidden(published(counted({"A": (2, 0), "B": (3, 0), "C": (40, 30)})))
    assert {"A", "B"} < found


@pytest.mark.parametrize("knows", [False, True])
def test_a_member_whose_figures_anybody_has_does_not_hide_another_one(knows: bool) -> None:
    inner = counted(PLENTY | {"A": (60, 2)})
    first = hidden(published(inner))
    assert first == {"A", "B"}
    top, below = PLENTY["B"]
    said = {"numerator": top, "denominator": top + below}
    about = {"period": PERIOD, "indicator": VOCATIONAL.name, "area": "B", "sex": "all", "provider": "municipal"}
    known = [KnownSum(part=part, low=number, high=number, **about) for part, number in said.items()]
    found = hidden(published(inner, known=known if knows else ()))
    assert (len(found - {"A", "B"}) > 0) == knows


def test_who_kept_the_last_release_does_not_get_the_few_from_another_choice_of_what_hides_them() -> None:
    """B hid A's few. B has grown since and C shrunk: were C hidden in its place, A would be the old sum less the new B."""
    before = counted(PLENTY | {"A": (60, 2)})
    first = published(before)
    assert hidden(first) == {"A", "B"}
    table = EarlierTable(
        inner=before, missing=counts_of(before).missing, main_provider="municipal", layout=LAYOUT, rows=first
    )
    after = counted(PLENTY | {"A": (60, 2), "C": (40, 15)})
    assert hidden(published(after)) == {"A", "C"}
    values = published(after, history=History(tables={PERIOD: [table]}))
    assert hidden(values) == {"A", "B"}
    told = values[values["indicator"] == VOCATIONAL.name].set_index("area")["denominator"]
    assert told["C"] == 55, "and what has changed is told"


def merits(area: str, outcome: int, *, one: float = 250.0) -> float:
    """The sum of merit values of those with the outcome, 60 of whom are in A; `one`: of one pupil there."""
    return outcome * (PLENTY[area][0] - 1) * 250.0 + outcome * (one if area == "A" else 250.0)


def with_merits(pupils: Pupils, largest: float = 340.0, **one: float) -> pd.DataFrame:
    name = MERIT.name
    return counted(
        pupils,
        **{
            f"{name}__denominator": lambda _, outcome: outcome,
            f"{name}__sum": lambda area, outcome: merits(area, outcome, **one),
            f"{name}__sum_squares": lambda area, outcome: merits(area, outcome, **one) * 250.0,
            f"{name}__largest": lambda area, outcome: outcome * (largest if area == "A" else 340.0),
        },
    )


def test_one_pupils_changed_merit_value_is_not_told_by_two_releases() -> None:
    before, after = with_merits(PLENTY), with_merits(PLENTY, one=310.0)
    asked = {"indicators": (VOCATIONAL, MERIT)}
    first = published(before, **asked)
    table = EarlierTable(
        inner=before, missing=counts_of(before).missing, main_provider="municipal", layout=LAYOUT, rows=first
    )
    history = History(tables={PERIOD: [table]})
    second = published(after, history=history, **asked)
    keys = ["indicator", "area", "status", "numerator"]
    pd.testing.assert_frame_equal(first[keys], second[keys])
    alone = published(after, **asked)
    assert not alone[keys].equals(first[keys]), "or there would be nothing to tell"


def test_a_sum_that_one_pupil_is_nearly_all_of_is_hidden() -> None:
    assert hidden(published(with_merits(PLENTY), indicators=(VOCATIONAL, MERIT)), MERIT.name) == set()
    heavy = with_merits(PLENTY, largest=14_900.0)
    assert "A" in hidden(published(heavy, indicators=(VOCATIONAL, MERIT)), MERIT.name)


def test_three_years_together_are_hidden_where_one_of_them_is() -> None:
    years = ("2022/23", "2023/24", PERIOD)
    numbers = [PLENTY | ({"A": (60, 2)} if year == years[1] else {}) for year in years]
    inner = pd.concat([counted(each, year) for each, year in zip(numbers, years, strict=True)], ignore_index=True)
    values = published(inner, layout=POOLED)
    pooled = values[values["period_kind"] == "pooled"].set_index("area")["status"]
    assert pooled.to_dict() == {"A": "hidden", "B": "hidden", "C": "shown", "D": "shown"}


def test_a_member_that_was_told_is_not_hidden_by_a_change_but_stands() -> None:
    before, after = counted(PLENTY), counted(PLENTY | {"A": (60, 3)})
    first = published(before)
    table = EarlierTable(
        inner=before, missing=counts_of(before).missing, main_provider="municipal", layout=LAYOUT, rows=first
    )
    assert "A" in hidden(published(after))
    second = published(after, history=History(tables={PERIOD: [table]}))
    pd.testing.assert_frame_equal(first, second)


ABSENT = [catalogue.default().indicators[f"absence_{percent}"] for percent in (10, 15, 20)]
OF_ABSENCE = [each.name for each in ABSENT]


def test_a_class_between_two_thresholds_is_of_few_where_the_one_between_them_is_not_told() -> None:
    """By sex only 10 and 20 percent are told: three girls in A lie between them, one under 15 and two over it."""
    girls = ((100, 1, 2, 30), (90, 20, 15, 25), (80, 18, 17, 22), (95, 25, 12, 20))
    rows = [
        inner_row(
            number, school=code, sex=sex, period="HT 2024", **classes(**dict(zip(OF_ABSENCE, reached, strict=True)))
        )
        for sex in ("girls", "boys")
        for code, numbers in zip(REGION.codes, girls if sex == "girls" else girls[1:] * 2, strict=False)
        for number, reached in zip(numbers, ((0, 0, 0), (1, 0, 0), (1, 1, 0), (1, 1, 1)), strict=True)
    ]
    counts = Counts(population="attendance", period_kind="term", inner=pd.DataFrame(rows))
    tables = (*LAYOUT.tables, Table(areas="members", by=("sex",)))
    layout = Layout(tables=tables, by_stage=True)
    values = protect(counts, layout, indicators=ABSENT, region=REGION, thresholds=Thresholds())[0].values
    of_girls = values[(values["area"] == "A") & (values["sex"] == "girls")].set_index("indicator")["status"]
    assert set(of_girls.index) == {OF_ABSENCE[0], OF_ABSENCE[2]}
    assert (of_girls == "hidden").any()
    assert (values["status"] == "shown").mean() > 0.5


def test_few_of_a_provider_that_is_never_told_do_not_follow_from_the_regions_providers() -> None:
    """A's only independent school has three outside the outcome: the region's independent less B's and D's tells them."""
    sizes = {"A": (40, 3), "B": (60, 20), "C": (0, 0), "D": (70, 25)}
    rows = [
        counted({area: numbers}).assign(provider=provider, school_first=first, school_last=last)
        for area, independent in sizes.items()
        for provider, numbers, first, last in (
            ("municipal", (200, 60), f"{area}1", f"{area}2"),
            ("independent", independent, f"{area}8", f"{area}8" if area == "A" else f"{area}9"),
        )
        if any(numbers)
    ]
    counts = replace(counts_of(pd.concat(rows, ignore_index=True)), main_provider="all")
    by_provider = (Table(areas="members", by=("provider",), schools=2), Table(areas="region", by=("provider",)))
    layout = Layout(tables=(*LAYOUT.tables, *by_provider))
    found = protect(counts, layout, indicators=(VOCATIONAL,), region=REGION, thresholds=Thresholds())[0].values
    of_provider = found[found["provider"] == "independent"].set_index("area")["status"]
    assert of_provider["A"] == "hidden"
    assert (of_provider.drop("A") == "hidden").any()


def test_a_sum_of_few_stays_open_where_those_who_hide_their_number_have_nothing() -> None:
    """A's three are hidden among B's twenty, who have 0 points: A's sum is at most what the two have together, 600."""
    points = {"A": (3, 600.0, 200.0), "B": (20, 0.0, 0.0), "C": (280, 60_000.0, 320.0), "D": (490, 99_000.0, 320.0)}
    rows = [
        counted({area: (number, 0)}).assign(
            **{
                f"{MERIT.name}__denominator": 1,
                f"{MERIT.name}__sum": total,
                f"{MERIT.name}__sum_squares": total * largest,
                f"{MERIT.name}__largest": largest,
            }
        )
        for area, (number, total, largest) in points.items()
    ]
    found = hidden(published(pd.concat(rows, ignore_index=True), indicators=(MERIT,)), MERIT.name)
    possible = sum(points[area][1] for area in found if area in points)
    assert "A" in found
    assert "Fyra" in found or possible >= K * points["A"][2]
