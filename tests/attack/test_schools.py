"""Someone with the open part and the school part of a random region: no small class of a school, or of the open part,
may be narrowed by having both, whatever is combined."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics.protect.gate import protect
from metrics.protect.known import known_rows
from metrics.protect.school_attack import Attack
from metrics.protect.school_problem import open_shown, school_problem
from metrics.protect.schools import Rules, SchoolTask, protect_schools
from metrics.protect.thresholds import Thresholds
from tests.attack.school_region import (
    CELLS,
    LAYOUT,
    NAMES,
    PASSED,
    REGION,
    SCHOOL_K,
    UNITS,
    VOCATIONAL,
    K,
    counted,
    inside,
    outcome,
    region_with,
    small_classes,
    units_frame,
)


def publish(numbers, known=()):
    """The open part's and the school part's values of a region with these pupils."""
    units = units_frame(numbers)
    counts = counted(units)
    indicators = (VOCATIONAL, PASSED)
    stated = {"indicators": indicators, "region": REGION, "thresholds": Thresholds(), "known": known}
    opened, _ = protect(counts, LAYOUT, **stated)
    rules = Rules(layout=LAYOUT, names=NAMES, **stated)
    schools, _, _ = protect_schools([SchoolTask(counts=counts, units=units, open_rows=opened.values)], rules)
    return opened.values, schools.values


def system(*parts):
    """Every sum that the parts show, and every hidden row as at least one pupil."""
    equal, total, least = [], [], []
    for row in pd.concat(parts).itertuples(index=False):
        cells = inside(row)
        if row.status == "shown":
            equal += [cells, cells & outcome(row.indicator)]
            total += [row.denominator, row.numerator]
        else:
            least.append(cells)
    return np.array(equal, float), np.array(total), np.array(least, float)


def interval(parts, target, whole=False, official=()):
    """Least and greatest number of pupils in a class, for someone with these parts and these bounds beside them."""
    equal, total, least = system(*parts)
    rows = {"A_eq": equal, "b_eq": total} if len(equal) else {}
    over = [-each for each in least] + [sign * cells.astype(float) for cells, _, _ in official for sign in (-1, 1)]
    limits = [-1.0] * len(least) + [limit for _, low, high in official for limit in (-low, high)]
    rows |= {"A_ub": np.array(over), "b_ub": np.array(limits)} if over else {}
    ends = []
    for sign in (1, -1):
        found = linprog(sign * target.astype(float), method="highs", integrality=int(whole), **rows)
        ends.append(sign * found.fun if found.status == 0 else np.inf)
    return ends[0], ends[1]


def leaks(opened, schools, counts, official=()):
    """Classes that both parts together narrow to less than their protection, though the open part alone does not.

    official: what anyone has beside either. That a school has pupils is no secret: three schools of a member with ten are at
    most eight each, whatever is hidden.
    """
    silent = schools.assign(status="hidden")
    asked = [(part, SCHOOL_K) for part in small_classes(schools, counts, SCHOOL_K)]
    asked += [(part, K) for part in small_classes(opened, counts, K)]
    for part, k in asked:
        low, high = interval((opened, schools), part, official=official)
        if high - low >= k - 1e-6:
            continue
        alone = interval((opened, silent), part, official=official)
        if high - low < min(k, alone[1] - alone[0]) - 1e-6:
            yield part


FEW, MANY = (
    settings(max_examples=number, deadline=None, suppress_health_check=[HealthCheck.too_slow]) for number in (2, 60)
)
pupils = st.lists(st.one_of(st.integers(0, 4), st.integers(3, 60)), min_size=len(CELLS), max_size=len(CELLS))


@FEW
@given(pupils)
def test_both_parts_together_narrow_no_small_class(numbers):
    counts = np.array(numbers)
    assume(counts.sum() > 200)
    opened, schools = publish(numbers)
    assert not list(leaks(opened, schools, counts))


@FEW
@given(pupils)
def test_who_knows_that_pupils_are_whole_finds_no_hidden_school(numbers):
    counts = np.array(numbers)
    assume(counts.sum() > 200)
    opened, schools = publish(numbers)
    for part in small_classes(schools[schools["status"] == "hidden"], counts, SCHOOL_K):
        low, high = interval((opened, schools), part, whole=True)
        alone = interval((opened,), part, whole=True)
        assert high > low or alone[0] == alone[1]


def test_a_small_school_is_not_the_member_less_the_other_schools():
    numbers = region_with(2)
    opened, schools = publish(numbers)
    assert (opened["status"] == "shown").any()
    of_vocational = schools[schools["indicator"] == VOCATIONAL.name].set_index("area")["status"]
    assert of_vocational["11"] == "hidden"
    assert (of_vocational == "shown").sum() >= len(UNITS) - 3, "and no more is hidden than one that goes with it"
    assert not list(leaks(opened, schools, np.array(numbers)))


@pytest.mark.parametrize("few", [2, 3])
def test_a_planted_leak_is_found(few):
    numbers = region_with(few)
    counts = np.array(numbers)
    opened, schools = publish(numbers)
    hidden = schools.index[schools["status"] == "hidden"]
    assert len(hidden) >= 2
    for place in hidden:
        row = schools.loc[place]
        cells = inside(row)
        told = schools.copy()
        told.loc[place, ["status", "numerator", "denominator"]] = [
            "shown",
            float(counts[cells & outcome(row["indicator"])].sum()),
            float(counts[cells].sum()),
        ]
        assert list(leaks(opened, told, counts)), f"{row['area']} {row['indicator']} was hidden for nothing"


def official_of(numbers, units):
    """What official statistics say of these schools: as the gate is told it, and as an outsider has it."""
    counts, rows = np.array(numbers), []
    inside = {unit: np.array([cell[0][1] == unit for cell in CELLS]) for unit in units}
    for unit, cells in inside.items():
        total, eligible = counts[cells].sum(), counts[cells & outcome(VOCATIONAL.name)].sum()
        few = 0 < total - eligible < K
        told = {"value": np.nan if few else round(100 * eligible / max(total, 1), 1), "mark": "~100" if few else ""}
        row = {"school_unit": unit, "municipality": "", "provider": "municipal", "sex": "all", "pupils": total}
        rows += [{"indicator": VOCATIONAL.name, "school_year": "2024/25", **row, **told}] if total >= SCHOOL_K else []
    whole, asked = counted(units_frame(numbers)), (VOCATIONAL, PASSED)
    known = known_rows(whole, asked, region=REGION, official=pd.DataFrame(rows)) if rows else []
    parts = {"numerator": outcome(VOCATIONAL.name), "remainder": ~outcome(VOCATIONAL.name)}
    return known, [(inside[each.school] & parts.get(each.part, True), each.low, each.high) for each in known]


def test_an_official_figure_of_the_school_that_hides_with_a_small_one_makes_a_third_hide():
    numbers = region_with(2)
    counts = np.array(numbers)
    opened, schools = publish(numbers)
    of_vocational = schools[(schools["indicator"] == VOCATIONAL.name) & (schools["status"] == "hidden")]
    partners = set(of_vocational["area"]) - {"11"}
    assert partners
    known, bounds = official_of(numbers, partners)
    assert {each.part for each in known} == {"numerator", "denominator"}
    assert list(leaks(opened, schools, counts, bounds)), "or the official figure would tell nothing new"
    beside = publish(numbers, known)
    assert not list(leaks(*beside, counts, bounds))
    assert (beside[1]["status"] == "shown").any()


@FEW
@given(pupils, st.sets(st.sampled_from([unit for _, unit, _ in UNITS])))
def test_official_figures_of_some_schools_beside_both_parts_narrow_no_small_class(numbers, units):
    counts = np.array(numbers)
    assume(counts.sum() > 200)
    known, bounds = official_of(numbers, sorted(units))
    opened, schools = publish(numbers, known)
    assert not list(leaks(opened, schools, counts, bounds))


@pytest.mark.soak
@MANY
@given(pupils, st.sets(st.sampled_from([unit for _, unit, _ in UNITS])))
def test_many_regions_whose_schools_have_official_figures_or_none_leak_nothing(numbers, units):
    counts = np.array(numbers)
    assume(counts.sum() > 200)
    known, bounds = official_of(numbers, sorted(units))
    opened, schools = publish(numbers, known)
    assert not list(leaks(opened, schools, counts, bounds))


def test_a_count_that_is_cut_by_sex_is_looked_for_as_the_whole_that_schools_are_in():
    """Three girls of one school follow from their member's total, whatever is hidden beside them: so it must move."""
    numbers = region_with(3)
    units = units_frame(numbers)
    counts = counted(units)
    stated = {"indicators": (VOCATIONAL, PASSED), "region": REGION, "thresholds": Thresholds(), "known": ()}
    opened, _ = protect(counts, LAYOUT, **stated)
    rules = Rules(layout=LAYOUT, names=NAMES, **stated)
    problem = school_problem(counts, units, rules, open_rows=opened.values)
    attack = Attack.on(problem, open_shown(problem.open, opened.values), np.zeros(0, int), [], [])
    uncut = np.flatnonzero((problem.columns["class"] >= 0).to_numpy())
    rows = attack.joint.matrix[: len(problem.open.rows.primary)]
    cut = np.asarray(rows[:, uncut].sum(axis=1)).ravel() == 0
    assert cut.any()
    assert not cut.all()
    whole = attack._whole(rows, uncut)
    assert (np.asarray(whole[:, uncut].sum(axis=1)).ravel() > 0).all()
    both, own = (each @ attack.joint.counts for each in (whole, rows))
    assert (both[~cut] == own[~cut]).all()
    assert (both[cut] >= own[cut]).all()
    assert (both[cut] > own[cut]).any()
