"""What readers come for is hidden last, and a member's only school of a provider is never told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from metrics.catalogue import default
from metrics.layout import LAYOUTS, Layout, Table
from metrics.protect import audit
from metrics.protect.gate import joint_problem
from metrics.protect.suppress import protect_with_tables
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from tests.attack.test_gate import CELLS, REGION, VOCATIONAL, inner_frame, protect
from tests.unit.test_protect_narrow import PLACES, problem

SEEDS = range(12)
BY_PROVIDER = (Table(areas="members"), Table(areas="region"), Table(areas="region", by=("provider",)))


def hidden_with(seed: int, *, last: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Hidden cells, the places' totals, and which of those can stay beside every primary cell."""
    matrix, counts, kinds, places = problem(seed)
    cells = matrix @ counts
    primary = (cells > 0) & (cells < 5)
    totals = np.zeros(len(cells), bool)
    totals[len(counts) : len(counts) + PLACES] = True
    tiers = [totals] if last else []
    weights = np.where(totals, 0.6, np.log1p(cells) + 0.5)
    hidden, _ = protect_with_tables(matrix, counts, primary, 5.0, weights=weights, labels=(kinds, places), last=tiers)
    targets = np.flatnonzero(primary)
    found = audit(matrix, counts, hidden, targets)
    beside = audit(matrix, counts, ~totals, targets)
    assert (found[:, 1] - found[:, 0] >= 5).all()
    return hidden, totals, beside[:, 1] - beside[:, 0] >= 5


@pytest.mark.parametrize("seed", SEEDS)
def test_what_goes_last_is_shown_where_other_cells_can_be_hidden_instead(seed: int) -> None:
    hidden, totals, possible = hidden_with(seed, last=True)
    assert not (hidden & totals).any() or not possible.all()


def test_the_same_cells_are_hidden_where_they_are_cheap_and_not_said_to_go_last() -> None:
    assert any((hidden & totals).any() for hidden, totals, _ in (hidden_with(seed, last=False) for seed in SEEDS))


@pytest.mark.parametrize("even", [False, True])
def test_totals_of_large_members_weigh_more_unless_all_weigh_alike(even: bool) -> None:
    """What is cut by model weighs as it counts in any case: many such rows are of few."""
    tables = (Table(areas="members"), Table(areas="members", by=("sex",)), Table(areas="members", by=("model",)))
    numbers = np.array([20 if cell[0] == "0001" else 200 for cell in CELLS])
    counts = Counts(
        population="year9_leavers", period_kind="school_year", inner=inner_frame(numbers), main_provider="municipal"
    )
    asked = (counts, "2024/25", Layout(tables=tables, even=even), [VOCATIONAL], REGION, Thresholds())
    found = joint_problem(*asked)[0]
    groups = [found.joint.groups[VOCATIONAL.perspective][record] for record in found.rows.record]
    chosen = found.rows.visible & found.rows.total
    different = {
        cut: {
            round(float(weight), 6)
            for weight, group, own in zip(found.rows.weight, groups, chosen, strict=True)
            if own and {"sex": group.sex != "all", "model": group.model == "sspf"}.get(cut, group.sex == group.model)
        }
        for cut in ("", "sex", "model")
    }
    assert {cut: len(weights) for cut, weights in different.items()} == {"": 2 - even, "sex": 2 - even, "model": 2}


ROW_TABLES = (Table(areas="members"), Table(areas="region"), Table(areas="members", by=("sex",)))


def test_totals_weigh_more_by_their_share_of_the_pupils() -> None:
    """Member A has a tenth of the pupils, B and C 45 percent each; what is cut weighs as it did."""
    numbers = np.array([20 if cell[0] == "0001" else 90 for cell in CELLS])
    counts = Counts(
        population="year9_leavers", period_kind="school_year", inner=inner_frame(numbers), main_provider="municipal"
    )
    weights = {}
    for by_share in (0.0, 20.0):
        asked = (Layout(tables=ROW_TABLES, even=True, by_share=by_share), [VOCATIONAL], REGION, Thresholds())
        found = joint_problem(counts, "2024/25", *asked)[0]
        groups = [found.joint.groups[VOCATIONAL.perspective][record] for record in found.rows.record]
        weights[by_share] = {
            (group.area, group.sex): weight for group, weight in zip(groups, found.rows.weight, strict=True)
        }
    times = {key: weights[20.0][key] / weights[0.0][key] for key in weights[0.0]}
    whole = next(key for key in times if key[0] not in "ABC")
    assert [times[key] for key in (("A", "all"), ("B", "all"), whole)] == pytest.approx([3.0, 10.0, 21.0])
    assert {times[key] for key in times if key[1] != "all"} == {1.0}


@pytest.mark.parametrize("largest", ["B", "C"])
def test_the_largest_member_and_the_region_are_shown_beside_a_small_class(largest: str) -> None:
    """Three are not eligible in member A: the smaller of the others is hidden with it."""
    inner = inner_frame(np.full(len(CELLS), 8))
    code = {"A": "0001", "B": "0002", "C": "0003"}
    inner.loc[inner["school_municipality"] == code[largest], "contributors"] = 40
    out = (inner["school_municipality"] == "0001") & (inner["eligibility_vocational__numerator"] == 0)
    inner = inner[~out | ~inner.duplicated(["school_municipality", "eligibility_vocational__numerator"])]
    inner.loc[out[inner.index], "contributors"] = 3
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=inner, main_provider="municipal")
    layout = Layout(tables=(Table(areas="members"), Table(areas="region")), even=True, by_share=20.0)
    values = protect(counts, layout, indicators=(VOCATIONAL,), region=REGION, thresholds=Thresholds())[0].values
    assert set(values.loc[values["status"] == "hidden", "area"]) == {"A", *({"B", "C"} - {largest})}


def values_of(schools: int) -> pd.DataFrame:
    """Member A has one independent school, B two, C none; nobody is few anywhere."""
    units = {"0001": ("i1",), "0002": ("i2", "i3"), "0003": ()}
    frames = []
    for code, own in units.items():
        inner = inner_frame(np.full(len(CELLS), 40))
        here = inner[inner["school_municipality"] == code]
        for provider, unit in [
            *(("municipal", f"m{code}{number}") for number in (1, 2)),
            *(("independent", u) for u in own),
        ]:
            frames.append(here.assign(provider=provider, school_first=unit, school_last=unit))
    counts = Counts(
        population="year9_leavers",
        period_kind="school_year",
        inner=pd.concat(frames, ignore_index=True),
        main_provider="all",
    )
    layout = Layout(tables=(*BY_PROVIDER, Table(areas="members", by=("provider",), schools=schools)))
    family = (VOCATIONAL,)
    return protect(counts, layout, indicators=family, region=REGION, thresholds=Thresholds())[0].values


def test_a_member_is_cut_by_provider_where_each_of_its_providers_has_two_schools() -> None:
    members = values_of(2).query("area_type == 'municipality'")
    told = members.groupby(["area", "provider"])["status"].first().to_dict()
    assert {key: told[key] for key in told if key[0] == "A"} == {
        ("A", "all"): "shown",
        ("A", "independent"): "hidden",
        ("A", "municipal"): "hidden",
    }
    assert set(members.loc[members["area"] != "A", "status"]) == {"shown"}


def test_a_table_that_asks_for_no_schools_tells_of_all_providers() -> None:
    assert set(values_of(1)["status"]) == {"shown"}


def test_year_9_asks_for_two_schools() -> None:
    by_provider = [
        each for each in LAYOUTS["year9_leavers"].tables if each.areas == "members" and "provider" in each.by
    ]
    assert [each.schools for each in by_provider] == [2]


def test_what_is_kept_first_is_kept_before_the_next() -> None:
    """A table of 2 x 2 with one protected cell: a row's total or the whole's can be shown beside it, not both."""
    matrix = np.array([[1, 0], [0, 1], [1, 1]])
    for first, second in ((2, 1), (1, 2)):
        tiers = [np.arange(3) == each for each in (first, second)]
        hidden, _ = protect_with_tables(matrix, np.array([3.0, 40.0]), np.arange(3) == 0, 5.0, last=tiers)
        assert hidden.tolist() == [True, first == 2, first == 1]


@pytest.mark.parametrize(("unit", "told"), [("", "shown"), ("a1", "hidden")])
def test_where_no_school_is_named_no_group_is_a_schools(unit: str, told: str) -> None:
    """Seven are not eligible in member A: enough for a municipality, not for a single school."""
    inner = inner_frame(np.full(len(CELLS), 40))
    out = (inner["school_municipality"] == "0001") & (inner["eligibility_vocational__numerator"] == 0)
    inner = inner[~out | ~inner.duplicated(["school_municipality", "eligibility_vocational__numerator"])]
    inner.loc[out[inner.index], "contributors"] = 7
    a = inner["school_municipality"] == "0001"
    inner = inner.assign(
        school_first=np.where(a, unit, "" if not unit else "b1"),
        school_last=np.where(a, unit, "" if not unit else "b2"),
    )
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=inner, main_provider="municipal")
    layout = Layout(tables=(Table(areas="members"), Table(areas="region")))
    values = protect(counts, layout, indicators=(VOCATIONAL,), region=REGION, thresholds=Thresholds())[0].values
    assert values.loc[values["area"] == "A", "status"].tolist() == [told]


def test_how_soon_pupils_are_met_has_two_tails_and_classes_between() -> None:
    family = default().family("model_participants")
    assert {each.sensitive for each in family} == {"both"}
    assert {each.name: each.within for each in family if each.within} == {
        "first_contact_within_14_days": "first_contact_within_30_days",
        "first_contact_within_30_days": "first_contact_within_90_days",
        "support_completed_within_182_days": "support_completed_within_365_days",
    }
