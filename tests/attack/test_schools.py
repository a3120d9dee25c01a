"""Someone with the open part and the school part of a random region: no small class of a school, or of the open part,
may be narrowed by having both, whatever is combined."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.protect.gate import protect
from metrics.protect.known import known_rows
from metrics.protect.schools import Rules, SchoolTask, protect_schools
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from metrics.vocabulary import Municipality, Region

K, SCHOOL_K = 5, 10
REGION = Region(
    name="Tre",
    title="Tre kommuner",
    members=tuple(Municipality(code=code, name=name) for code, name in (("0001", "A"), ("0002", "B"), ("0003", "C"))),
)
FAMILY = catalogue.default().family("year9_leavers")
VOCATIONAL, PASSED = (
    next(each for each in FAMILY if each.name == name) for name in ("eligibility_vocational", "all_subjects_passed")
)
NAMES = (VOCATIONAL.name, PASSED.name)
PATTERNS = ((0, 0), (1, 0), (1, 1))
UNITS = (
    ("0001", "11", ""),
    ("0001", "12", ""),
    ("0001", "13", "sspf"),
    ("0002", "21", ""),
    ("0002", "22", "sspf"),
    ("0002", "23", "sspf"),
    ("0003", "31", ""),
    ("0003", "32", ""),
    ("0003", "33", ""),
)
CELLS = list(product(UNITS, ("boys", "girls"), PATTERNS))
LAYOUT = Layout(
    tables=tuple(Table(areas=areas, by=by) for areas in ("members", "region") for by in ((), ("sex",), ("model",)))
)


def units_frame(numbers):
    rows = [
        {
            "period": "2024/25",
            "school_municipality": code,
            "home_municipality": "",
            "provider": "municipal",
            "stage": "7-9",
            "models": models,
            "sex": sex,
            "foreign_background": "swedish",
            "parents_education": "post_secondary",
            "newly_arrived": "not_newly_arrived",
            "contributors": number,
            "school_first": unit,
            "school_last": unit,
            "school_unit": unit,
            f"{VOCATIONAL.name}__denominator": 1,
            f"{VOCATIONAL.name}__numerator": first,
            f"{PASSED.name}__denominator": 1,
            f"{PASSED.name}__numerator": second,
        }
        for ((code, unit, models), sex, (first, second)), number in zip(CELLS, numbers, strict=True)
        if number
    ]
    return pd.DataFrame(rows)


def counted(units):
    """The counts of a region, its schools told apart in `units`."""
    how = {"contributors": "sum", "school_first": "min", "school_last": "max"}
    keys = [name for name in units.columns if name not in (*how, "school_unit")]
    inner = units.groupby(keys, as_index=False).agg(how)
    return Counts(population="year9_leavers", period_kind="school_year", inner=inner, main_provider="municipal")


def publish(numbers, known=()):
    """The open part's and the school part's values of a region with these pupils."""
    units = units_frame(numbers)
    counts = counted(units)
    indicators = (VOCATIONAL, PASSED)
    stated = {"indicators": indicators, "region": REGION, "thresholds": Thresholds(), "known": known}
    opened, _ = protect(counts, LAYOUT, **stated)
    rules = Rules(layout=LAYOUT, names=NAMES, **stated)
    schools, _ = protect_schools([SchoolTask(counts=counts, units=units, open_rows=opened.values)], rules)
    return opened.values, schools.values


def inside(row):
    """The cells a row of either part is about, read off its keys alone."""
    members = {member.name: member.code for member in REGION.members}

    def held(cell):
        (code, unit, models), sex, _ = cell
        place = {"municipality": code == members.get(row.area), "school_unit": unit == row.area}
        model = {"all": True, "none": models == ""}.get(row.model, (models == "sspf") ^ row.model.startswith("without"))
        return place.get(row.area_type, True) and model and row.sex in ("all", sex)

    return np.array([held(cell) for cell in CELLS])


def outcome(name):
    return np.array([cell[-1][NAMES.index(name)] == 1 for cell in CELLS])


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


def small_classes(values, counts, k):
    """Totals and remainders of these rows that are too few, and groups where nobody has the outcome."""
    for row in values.itertuples(index=False):
        cells, top = inside(row), outcome(row.indicator)
        for part in (cells, cells & ~top):
            if 0 < counts[part].sum() < k:
                yield part
        if counts[cells].sum() and not counts[cells & top].sum():
            yield cells & top


def leaks(opened, schools, counts, official=()):
    """Classes that both parts together narrow to less than their protection, though the open part alone does not.

    official: what anyone has beside either.
    """
    asked = [(part, SCHOOL_K) for part in small_classes(schools, counts, SCHOOL_K)]
    asked += [(part, K) for part in small_classes(opened, counts, K)]
    for part, k in asked:
        low, high = interval((opened, schools), part, official=official)
        if high - low >= k - 1e-6:
            continue
        alone = interval((opened,), part, official=official)
        if high - low < min(k, alone[1] - alone[0]) - 1e-6:
            yield part


FEW, MANY = (
    settings(max_examples=number, deadline=None, suppress_health_check=[HealthCheck.too_slow]) for number in (3, 60)
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


def region_with(few):
    """Ordinary schools, with `few` pupils not eligible in the first one."""
    numbers = [20 if pattern == (0, 0) else 30 for _, _, pattern in CELLS]
    for place, (unit, _, pattern) in enumerate(CELLS):
        if unit[1] == "11" and pattern == (0, 0):
            numbers[place] = few
    return numbers


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
