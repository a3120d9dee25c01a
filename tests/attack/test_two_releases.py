"""Somebody kept the last release: with it and the new one, no fewer than k pupils may be singled out by what changed."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.protect.gate import protect
from metrics.protect.generations import EarlierTable, History
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from tests.attack.inner import classes, inner_row, region_of

K = 5
PERIOD = "2024/25"
REGION = region_of("ABC")
FAMILY = catalogue.default().family("year9_leavers")
VOCATIONAL = next(each for each in FAMILY if each.name == "eligibility_vocational")
LAYOUT = Layout(
    tables=(
        Table(areas="members"),
        Table(areas="members", by=("sex",)),
        Table(areas="members", by=("model",)),
        Table(areas="region"),
        Table(areas="region", by=("sex",)),
        Table(areas="region", by=("model",)),
        Table(areas="rest_of_region"),
    )
)
SCHOOLS = tuple(f"{code}{number}" for code in REGION.codes for number in (1, 2, 3))
MODELS = {school: "sspf" if school.endswith("1") else "" for school in SCHOOLS}
CELLS = list(product(SCHOOLS, ("boys", "girls"), (0, 1)))
NAMES = {member.name: member.code for member in REGION.members}


@dataclass(frozen=True)
class Table_:
    """Pupils per cell, the models of every school, and what was published."""

    numbers: np.ndarray
    models: dict
    published: object
    held: bool


def frame(numbers, models):
    rows = [
        inner_row(
            number,
            school=school[:4],
            period=PERIOD,
            models=models[school],
            sex=sex,
            school_first=school,
            school_last=school,
            **classes(eligibility_vocational=eligible),
        )
        for (school, sex, eligible), number in zip(CELLS, numbers, strict=True)
        if number
    ]
    keys = [name for name in rows[0] if name not in ("contributors", "school_first", "school_last")]
    sums = {"contributors": "sum", "school_first": "min", "school_last": "max"}
    return pd.DataFrame(rows).groupby(keys, as_index=False).agg(sums)


def counted(numbers, models):
    return Counts(
        population="year9_leavers", period_kind="school_year", inner=frame(numbers, models), main_provider="municipal"
    )


def publish(numbers, models, *, after=None, layout=LAYOUT, indicator=VOCATIONAL):
    """A release of these counts, after an earlier one of the same period if there is one."""
    counts = counted(numbers, models)
    history = None
    if after is not None:
        before = counted(after.numbers, after.models)
        rows = after.published.values[after.published.values["period_kind"] == "school_year"]
        table = EarlierTable(
            inner=before.inner, missing=before.missing, main_provider="municipal", layout=LAYOUT, rows=rows
        )
        history = History(tables={PERIOD: [table]})
    published, report = protect(
        counts, layout, indicators=(indicator,), region=REGION, thresholds=Thresholds(), history=history
    )
    return Table_(np.asarray(numbers), models, published, bool(report["held"]))


def inside(row, models):
    """Which cells a row of the long table is about."""

    def held(cell):
        school, sex, _ = cell
        area = {"municipality": school[:4] == NAMES.get(row.area), "rest_of_region": school[:4] != NAMES.get(row.area)}
        has = {"all": True, "none": models[school] == ""}.get(
            row.model, (row.model.split(":")[-1] == models[school]) ^ (":" in row.model)
        )
        return area.get(row.area_type, True) and has and row.sex in ("all", sex)

    return np.array([held(cell) for cell in CELLS])


ELIGIBLE = np.array([cell[2] == 1 for cell in CELLS])


class Outsider:
    """Has both releases. Pupils of every cell are in both, only the old or only the new one: three numbers per cell.

    own: the code of a member, which then has all its own pupils too.
    """

    def __init__(self, old, new, own=""):
        self.size = len(CELLS)
        equal, total, least = [], [], []
        for side, table in ((0, old), (1, new)):
            values = table.published.values
            for row in values[values["period_kind"] == "school_year"].itertuples(index=False):
                mask = inside(row, table.models)
                if row.status == "shown":
                    equal += [self.sums(mask, side), self.sums(mask & ELIGIBLE, side)]
                    total += [row.denominator, row.numerator]
                else:
                    least.append(self.sums(mask, side))
        stay = np.minimum(old.numbers, new.numbers)
        for place in (place for place, cell in enumerate(CELLS) if own and cell[0].startswith(own)):
            for part, table in enumerate((stay, old.numbers - stay, new.numbers - stay)):
                equal.append(np.arange(3 * self.size) == part * self.size + place)
                total.append(table[place])
        self.given = {"A_eq": np.array(equal, float), "b_eq": np.array(total)}
        if least:
            self.given |= {"A_ub": -np.array(least), "b_ub": -np.ones(len(least))}

    def sums(self, mask, side):
        """Both and only old, or both and only new."""
        nothing, part = np.zeros(self.size), mask.astype(float)
        return np.concatenate([part, part if side == 0 else nothing, part if side == 1 else nothing])

    def width(self, wanted):
        ends = [linprog(sign * wanted, method="highs", **self.given) for sign in (1, -1)]
        assert all(end.status in (0, 3) for end in ends)
        return np.inf if any(end.status == 3 for end in ends) else -ends[1].fun - ends[0].fun


def narrowest(old, new, own=""):
    """The narrowest an outsider with both gets a small class of either, or a change that few pupils make.

    own: the code of a member with all its own pupils, of other members' classes.
    """
    outsider, widths = Outsider(old, new, own), [np.inf]
    rows = pd.concat([old.published.values, new.published.values])
    if own:
        rows = rows[(rows["area_type"] == "municipality") & (rows["area"].map(NAMES) != own)]
    rows = rows[rows["period_kind"] == "school_year"].drop_duplicates(["area_type", "area", "model", "sex"])
    for row in rows.itertuples(index=False):
        masks = [inside(row, table.models) for table in (old, new)]
        for part in (np.ones(len(CELLS), bool), ~ELIGIBLE):
            before, after = (mask & part for mask in masks)
            numbers = [table.numbers[mask].sum() for table, mask in ((old, before), (new, after))]
            for side, number in enumerate(numbers):
                if 0 < number < K:
                    widths.append(outsider.width(outsider.sums((before, after)[side], side)))
            came = moved(old, new, before, after)
            if 0 < came < K:
                widths.append(outsider.width(outsider.sums(after, 1) - outsider.sums(before, 0)))
    return min(widths)


def moved(old, new, before, after):
    """How many pupils came to or left a class."""
    stay = np.minimum(old.numbers, new.numbers)
    return stay[before ^ after].sum() + (old.numbers - stay)[before].sum() + (new.numbers - stay)[after].sum()


def ordinary():
    rng = np.random.default_rng(3)
    numbers = rng.integers(40, 90, len(CELLS))
    numbers[~ELIGIBLE] = rng.integers(12, 25, (~ELIGIBLE).sum())
    return numbers


def same_rows(old, new):
    keys = ["area_type", "area", "model", "sex", "status", "numerator", "denominator", "period_to"]
    pair = [each.published.values[keys].sort_values(keys).reset_index(drop=True) for each in (old, new)]
    pd.testing.assert_frame_equal(*pair)


def test_one_pupils_corrected_grade_is_held_at_the_earlier_table():
    old = publish(ordinary(), MODELS)
    corrected = ordinary() + np.where(np.arange(len(CELLS)) == 0, -1, np.where(np.arange(len(CELLS)) == 1, 1, 0))
    new = publish(corrected, MODELS, after=old)
    assert new.held
    same_rows(old, new)
    # Planted: the new table as if there had been no earlier one gives the corrected pupil away.
    assert narrowest(old, publish(corrected, MODELS)) < 1


def test_a_late_school_is_published_and_no_few_pupils_of_it_show():
    early = ordinary()
    late = np.array([cell[0] == SCHOOLS[-1] for cell in CELLS])
    few = CELLS.index((SCHOOLS[-1], "girls", 0))
    whole = early.copy()
    whole[few] = 2
    early[late] = 0
    old = publish(early, MODELS)
    new = publish(whole, MODELS, after=old)
    assert not new.held
    assert narrowest(old, new) >= K - 1e-3
    values = new.published.values
    total = values[(values["area"] == "C") & (values["sex"] == "all") & (values["model"] == "all")]
    assert set(total.loc[total["area_type"] == "municipality", "status"]) == {"shown"}
    assert narrowest(old, publish(whole, MODELS)) < K - 1e-3


def test_a_member_with_its_own_pupils_narrows_no_few_of_a_late_school_where_members_are_asked_for():
    whole = ordinary()
    whole[[CELLS.index((school, "girls", 0)) for school in SCHOOLS[:3] + SCHOOLS[-3:]]] = 0, 2, 1, 0, 2, 2
    early = whole.copy()
    early[[place for place, cell in enumerate(CELLS) if cell[0] == SCHOOLS[-1]]] = 0
    kept_open = replace(LAYOUT, members=True)
    old = publish(early, MODELS, layout=kept_open)
    new = publish(whole, MODELS, after=old, layout=kept_open)
    assert not new.held
    assert min(narrowest(old, new, code) for code in REGION.codes) >= K - 1e-3
    plain = publish(early, MODELS)
    assert min(narrowest(plain, publish(whole, MODELS, after=plain), code) for code in REGION.codes) < 1


@pytest.mark.parametrize("not_eligible", [15, 3])
def test_a_school_that_gets_a_model_does_not_show_its_few(not_eligible):
    numbers, school = ordinary(), SCHOOLS[4]
    for sex, part in (("boys", not_eligible - 1), ("girls", 1)):
        numbers[CELLS.index((school, sex, 0))] = part
    old = publish(numbers, MODELS)
    edited = MODELS | {school: "sspf"}
    new = publish(numbers, edited, after=old)
    if not new.held:
        assert narrowest(old, new) >= K - 1e-3
    if not_eligible < K:
        assert narrowest(old, publish(numbers, edited)) < K - 1e-3
    else:
        assert not new.held


def test_seven_of_one_school_that_gets_a_model_do_not_follow_from_the_two_releases():
    """Fewer than ten of a single school, though the gate is not told whose they are: its row less the last one."""
    numbers, school = ordinary(), SCHOOLS[4]
    for sex, part in (("boys", 4), ("girls", 3)):
        numbers[CELLS.index((school, sex, 0))] = part
    old, edited = publish(numbers, MODELS), MODELS | {school: "sspf"}
    assert width_of_change(old, publish(numbers, edited), school) < 10 - 1e-3
    new = publish(numbers, edited, after=old)
    assert new.held or width_of_change(old, new, school) >= 10 - 1e-3


def width_of_change(old, new, school):
    """How wide the interval is of what those with the model in a school's member changed by: its pupils not eligible."""
    model = np.array([cell[0][:4] == school[:4] for cell in CELLS]) & ~ELIGIBLE
    has = [np.array([table.models[cell[0]] == "sspf" for cell in CELLS]) & model for table in (old, new)]
    outsider = Outsider(old, new)
    return outsider.width(outsider.sums(has[1], 1) - outsider.sums(has[0], 0))


def test_a_class_that_became_sensitive_is_solved_with_the_earlier_table_known():
    numbers = ordinary()
    numbers[[CELLS.index((school, sex, 1)) for school in SCHOOLS[:1] for sex in ("boys", "girls")]] = 1
    old = publish(numbers, MODELS)
    new = publish(numbers, MODELS, after=old, indicator=replace(VOCATIONAL, sensitive="both"))
    assert not new.held
    shown = [set(zip(*_shown(each), strict=True)) for each in (old, new)]
    assert shown[1] < shown[0]
    assert ("municipality", "A", "sspf", "all") in shown[0] - shown[1]


def _shown(table):
    values = table.published.values
    values = values[values["status"] == "shown"]
    return (values[name] for name in ("area_type", "area", "model", "sex"))


def test_a_new_table_of_the_layout_is_added_beside_the_earlier_ones():
    old = publish(ordinary(), MODELS)
    more = Layout(tables=(*LAYOUT.tables, Table(areas="region", by=("model", "sex"))))
    new = publish(ordinary(), MODELS, after=old, layout=more)
    assert not new.held
    assert len(new.published.values) > len(old.published.values)
    assert set(zip(*_shown(old), strict=True)) <= set(zip(*_shown(new), strict=True))


CHANGES = st.lists(st.tuples(st.integers(0, len(CELLS) - 1), st.integers(-4, 30)), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(CHANGES, st.sampled_from([None, *SCHOOLS]))
def test_whatever_changes_an_outsider_with_both_singles_no_few_out(changes, edited):
    numbers = ordinary()
    old = publish(numbers, MODELS)
    for cell, change in changes:
        numbers[cell] = max(numbers[cell] + change, 0)
    models = MODELS if edited is None else MODELS | {edited: "" if MODELS[edited] else "sspf"}
    new = publish(numbers, models, after=old)
    if new.held:
        same_rows(old, new)
    else:
        assert narrowest(old, new) >= K - 1e-3
