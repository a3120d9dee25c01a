"""What divides open values further: shown only beside every open value it divides, and all its parts or none."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.layout import layout_of
from metrics.protect.splits import with_their_wholes
from metrics.values import LONG_COLUMNS, NUMBER_COLUMNS, Published

DECLARED = catalogue.default()
SPLITS = [each for each in DECLARED.indicators.values() if each.splits]
LEVELS = ("reported_after_absence_under_10", "reported_after_absence_10_to_20", "reported_after_absence_20")
WHOLES = ("absence_10", "absence_20")


def release(statuses: dict[str, str], **other: str) -> Published:
    """One row per indicator in one group, with numbers where it is shown."""
    fixed = {"series": "own", "area_type": "municipality", "area": "Tjörn", "perspective": "school_municipality"}
    fixed |= {"provider": "all", "stage": "7-9", "model": "all", "sex": "all", "background": "all", "mark": "97 %"}
    fixed |= {"period_kind": "term", "period_from": "2024-07-01", "period_to": "2024-12-31", "school_year": "2024/25"}
    rows = []
    for name, status in statuses.items():
        numbers = dict.fromkeys(NUMBER_COLUMNS, 10.0 if status == "shown" else np.nan)
        rows.append(
            {**fixed, **numbers, **other, "indicator": name, "status": status, "definition_version": 1, "release": ""}
        )
    return Published(values=pd.DataFrame(rows, columns=list(LONG_COLUMNS)))


def after(statuses: dict[str, str]) -> dict[str, str]:
    rows = with_their_wholes(release(statuses), DECLARED.indicators).values
    assert rows.loc[rows["status"] != "shown", list(NUMBER_COLUMNS)].isna().all(axis=None)
    return dict(zip(rows["indicator"], rows["status"], strict=True))


@pytest.mark.parametrize("lacking", [*LEVELS, *WHOLES])
@pytest.mark.parametrize("status", ["hidden", "missing", "not_comparable"])
def test_a_part_or_a_whole_that_is_not_shown_hides_every_part_and_no_whole(lacking: str, status: str) -> None:
    everything = dict.fromkeys((*LEVELS, *WHOLES), "shown")
    assert after(everything) == everything
    found = after(everything | {lacking: status})
    assert found[lacking] == status
    assert {name: found[name] for name in LEVELS if name != lacking} == {n: "hidden" for n in LEVELS if n != lacking}
    assert {name: found[name] for name in WHOLES if name != lacking} == {n: "shown" for n in WHOLES if n != lacking}


def test_a_part_without_its_row_hides_the_others_and_another_group_is_left_alone() -> None:
    some = dict.fromkeys((*LEVELS[1:], *WHOLES), "shown")
    assert {after(some)[name] for name in LEVELS} == {"hidden"}, "a row that lacks would say that nobody is there"
    whole = release(dict.fromkeys((*LEVELS, *WHOLES), "shown"))
    girls = release(dict.fromkeys(LEVELS, "shown"), sex="girls")
    both = Published(values=pd.concat([whole.values, girls.values], ignore_index=True))
    rows = with_their_wholes(both, DECLARED.indicators).values
    assert set(rows.loc[rows["sex"] == "all", "status"]) == {"shown"}
    assert set(rows.loc[rows["sex"] == "girls", "status"]) == {"hidden"}


def test_a_total_is_divided_only_where_each_of_its_cuts_is_and_the_region_where_each_member_is() -> None:
    """Of girls the open values tell how many they are in every class: boys would be the total less few."""
    whole, girls = release(dict.fromkeys((*LEVELS, *WHOLES), "shown")), dict.fromkeys((*LEVELS, *WHOLES), "shown")
    hidden = release(girls | {LEVELS[1]: "hidden"}, sex="girls")
    region = release(dict.fromkeys((*LEVELS, *WHOLES), "shown"), area_type="region", area="GR")
    other = release(dict.fromkeys((*LEVELS, *WHOLES), "shown"), area="Ale")

    def statuses(*parts: Published) -> dict[tuple[str, str], str]:
        rows = with_their_wholes(
            Published(values=pd.concat([each.values for each in parts])), DECLARED.indicators
        ).values
        rows = rows[rows["indicator"] == LEVELS[0]]
        return {(row.area, row.sex): row.status for row in rows.itertuples()}

    told = statuses(whole, hidden, region, other)
    assert told == {
        ("Tjörn", "all"): "hidden",
        ("Tjörn", "girls"): "hidden",
        ("GR", "all"): "hidden",
        ("Ale", "all"): "shown",
    }
    silent = release(girls | {LEVELS[1]: "hidden", WHOLES[0]: "hidden"}, sex="girls")
    assert set(statuses(whole, silent, region).values()) == {"shown", "hidden"}
    assert statuses(whole, silent, region)["Tjörn", "all"] == "shown", "how many girls there are is not told"


@pytest.mark.parametrize("indicator", SPLITS, ids=lambda each: each.name)
def test_a_split_is_of_another_family_with_the_same_periods_and_cuts_in_one_line(indicator) -> None:
    """Each cut lies within the one before: members in the region, girls and boys in a member; nothing crosses."""
    for name in indicator.splits:
        whole = DECLARED.indicators[name]
        assert whole.population != indicator.population
        assert not whole.splits
        assert (whole.period_kind, whole.perspective) == (indicator.period_kind, indicator.perspective)
    tables = [(each.areas, each.by) for each in layout_of(indicator.population).tables]
    lines = (
        [("region", ()), ("members", ()), ("members", ("sex",))],
        [("region", ()), ("region", ("foreign_background",))],
    )
    assert any(set(tables) <= set(line) for line in lines)
    assert indicator.sensitive in ("both", "outcome", "remainder")


def test_any_open_table_that_was_possible_still_is_when_a_split_of_its_shown_totals_is_told() -> None:
    """Every table of 12 pupils by sex and outcome with the told totals can be dealt to the parts in the told numbers."""
    outcome, parts = (7, 5), ((4, 3), (2, 3))
    for girls in product(range(8), range(6)):
        cells = [(girls[0], outcome[0] - girls[0]), (girls[1], outcome[1] - girls[1])]
        for (own, others), told in zip(cells, parts, strict=True):
            dealt = [
                (first, told[0] - first)
                for first in range(min(own, told[0]) + 1)
                if told[0] - first <= others and own - first <= told[1] and others - (told[0] - first) <= told[1]
            ]
            assert dealt
