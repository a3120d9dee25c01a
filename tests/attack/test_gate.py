"""An outsider with the long table of a random region: no small class may be exact or nearly so, whatever is combined."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics import catalogue
from metrics.layout import DEFAULT_LAYOUT, Layout, Table
from metrics.protect.gate import audit_release, joint_problem, protect
from metrics.protect.known import KnownSum, known_rows
from metrics.protect.thresholds import Thresholds, from_settings
from metrics.values import NUMBER_COLUMNS, Counts, Published
from tests.attack.inner import classes, inner_row, region_of

K, SCHOOL_K = 5, 10
REGION = region_of("ABC")
FAMILY = catalogue.default().family("year9_leavers")
VOCATIONAL, ARTS = (next(each for each in FAMILY if each.name == f"eligibility_{n}") for n in ("vocational", "arts"))
MERIT = replace(next(each for each in FAMILY if each.name == "merit_value_16"), dimensions=("area", "sex"))
PATTERNS = ((0, 0), (1, 0), (1, 1))
MODELS, SEXES, BACKGROUNDS = ("", "sspf"), ("boys", "girls"), ("foreign", "swedish")
CELLS = list(product(REGION.codes, MODELS, SEXES, BACKGROUNDS, PATTERNS))
KEYS = ("area_type", "area", "provider", "model", "sex", "background")


def inner_frame(numbers, period="2024/25"):
    rows = [
        inner_row(
            number,
            school=code,
            where=f"{code}{models}",
            period=period,
            models=models,
            sex=sex,
            foreign_background=background,
            **classes(eligibility_vocational=first, eligibility_arts=second),
        )
        for (code, models, sex, background, (first, second)), number in zip(CELLS, numbers, strict=True)
        if number
    ]
    return pd.DataFrame(rows)


def publish(frame, *, known=(), indicators=(VOCATIONAL, ARTS), layout=DEFAULT_LAYOUT, thresholds=None, missing=None):
    extra = {} if missing is None else {"missing": missing}
    counts = Counts(
        population="year9_leavers", period_kind="school_year", inner=frame, main_provider="municipal", **extra
    )
    return protect(
        counts, layout, indicators=indicators, region=REGION, thresholds=thresholds or Thresholds(), known=known
    )


def members_of(row):
    """The cells (of the full cross) that a row of the long table is about, read off its keys alone."""
    names = {member.name: member.code for member in REGION.members}

    def inside(cell):
        code, models, sex, background, _ = cell
        area = {"municipality": code == names.get(row.area), "rest_of_region": code != names.get(row.area)}
        held = {"all": True, "none": models == ""}.get(
            row.model, (row.model.split(":")[-1] == models) ^ (":" in row.model)
        )
        return all(
            (
                area.get(row.area_type, True),
                held,
                row.sex in ("all", sex),
                row.background in ("all", "post_secondary", background),
            )
        )

    return np.array([inside(cell) for cell in CELLS])


def outcomes(name):
    position = ("eligibility_vocational", "eligibility_arts").index(name)
    return np.array([cell[-1][position] == 1 for cell in CELLS])


def system(values):
    """Every sum the long table states, as equations, and every hidden denominator as at least one pupil."""
    equal, total, least = [], [], []
    for row in values.itertuples(index=False):
        inside = members_of(row)
        if row.status == "shown":
            equal += [inside, inside & outcomes(row.indicator)]
            total += [row.denominator, row.numerator]
        else:
            least.append(inside)
    return np.array(equal, dtype=float), np.array(total), np.array(least, dtype=float)


def attack(values, target, official=()):
    """The least and greatest number of pupils in a class, as a plain program over the full cross of all cuts."""
    equal, total, least = system(values)
    rows = {"A_eq": equal, "b_eq": total} if len(equal) else {}
    over = [-row for row in least] + [sign * row.astype(float) for row, _, _ in official for sign in (-1, 1)]
    limits = [-1.0 for _ in least] + [limit for _, low, high in official for limit in (-low, high)]
    if over:
        rows |= {"A_ub": np.array(over), "b_ub": np.array(limits)}
    found = [linprog(sign * target.astype(float), method="highs", **rows) for sign in (1, -1)]
    return found[0].fun, -found[1].fun if found[1].status == 0 else np.inf


def small_targets(values, counts):
    """Totals and remainders of every row that are too few, and rows where no one is eligible."""
    for row in values.itertuples(index=False):
        inside, top = members_of(row), outcomes(row.indicator)
        for part in (inside, inside & ~top):
            if 0 < counts[part].sum() < K:
                yield part
        if counts[inside].sum() and not counts[inside & top].sum():
            yield inside & top


PUPILS = st.lists(st.one_of(st.integers(0, 3), st.integers(0, 25)), min_size=len(CELLS), max_size=len(CELLS))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PUPILS)
def test_an_outsider_with_the_whole_table_learns_no_small_class(numbers):
    learns_nothing(numbers)


@pytest.mark.soak
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PUPILS)
def test_an_outsider_with_the_whole_table_of_many_regions_learns_no_small_class(numbers):
    learns_nothing(numbers)


def learns_nothing(numbers):
    counts = np.array(numbers)
    frame = inner_frame(numbers)
    if frame.empty:
        return
    values = publish(frame)[0].values
    for target in small_targets(values, counts):
        low, high = attack(values, target)
        assert high - low >= K - 1e-3


def test_a_hidden_member_is_not_the_region_less_the_region_without_it():
    """Three pupils of A are not eligible: its total is hidden with B's, the region's is shown."""
    numbers = ordinary()
    few = [place for place, cell in enumerate(CELLS) if cell[0] == "0001" and cell[-1] == (0, 0)]
    numbers[few] = [1, 1, 1, *(0 for _ in few[3:])]
    values = publish(inner_frame(numbers))[0].values
    uncut = (values[["model", "sex", "background"]] == "all").all(axis=1)
    told = values[uncut & (values["indicator"] == VOCATIONAL.name)].set_index(["area_type", "area"])["status"]
    assert told["region", "Tre"] == "shown"
    for member in ("A", "B", "C"):
        assert told["rest_of_region", member] == told["municipality", member]
    assert told["municipality", "A"] == "hidden"
    learns_nothing(numbers)


def test_the_attack_finds_a_leak_when_one_is_planted():
    numbers = ordinary()
    values = publish(inner_frame(numbers))[0].values
    hidden = values[values["status"] == "hidden"]
    assert len(hidden)
    for index in hidden.index:
        row = values.loc[index]
        inside = members_of(row)
        values.loc[index, ["numerator", "denominator", "status"]] = [
            numbers[inside & outcomes(row["indicator"])].sum(),
            numbers[inside].sum(),
            "shown",
        ]
    widths = [np.subtract(*attack(values, target)[::-1]) for target in small_targets(values, numbers)]
    assert min(widths) < 1


def ordinary():
    """Three members where only a few classes are small."""
    rng = np.random.default_rng(7)
    numbers = rng.integers(12, 60, len(CELLS))
    for models, sex in product(MODELS, SEXES):
        numbers[CELLS.index(("0002", models, sex, "foreign", (0, 0)))] = 2 if (models, sex) == ("", "boys") else 0
    return numbers


def test_ordinary_tables_are_mostly_shown_and_never_say_why_not():
    published, report = publish(inner_frame(ordinary()))
    values = published.values
    assert set(values["status"]) <= {"shown", "hidden"}
    assert (values["status"] == "shown").mean() > 0.75
    assert report["narrow"] == 0
    assert values.loc[values["status"] == "hidden", list(NUMBER_COLUMNS)].isna().all(axis=None)


def test_shown_shares_are_percent_of_true_counts():
    numbers = ordinary()
    values = publish(inner_frame(numbers))[0].values
    row = values[(values["area_type"] == "region") & (values["indicator"] == "eligibility_arts")]
    row = row[(row["sex"] == "all") & (row["model"] == "all") & (row["background"] == "all")].iloc[0]
    eligible, everyone = numbers[outcomes("eligibility_arts")].sum(), numbers.sum()
    assert (row["numerator"], row["denominator"]) == (eligible, everyone)
    assert row["value"] == pytest.approx(100 * eligible / everyone)
    assert row["low"] < row["value"] < row["high"]


def test_one_school_alone_is_protected_up_to_ten():
    numbers = ordinary()
    cell = CELLS.index(("0003", "sspf", "girls", "swedish", (0, 0)))
    for models in MODELS:
        for sex, background, pattern in product(SEXES, BACKGROUNDS, PATTERNS[:1]):
            numbers[CELLS.index(("0003", models, sex, background, pattern))] = 0 if models else 30
    numbers[cell] = 7
    frame = inner_frame(numbers)
    alone = (frame["school_municipality"] == "0003") & (frame["models"] == "sspf")
    several = publish(frame)[0].values
    frame.loc[alone, ["school_first", "school_last"]] = "00039999"
    one = publish(frame)[0].values

    def status(values):
        row = values[(values["area"] == "C") & (values["model"] == "sspf") & (values["sex"] == "all")]
        return set(row.loc[row["indicator"] == "eligibility_vocational", "status"])

    assert status(several) == {"shown"}
    assert status(one) == {"hidden"}


def test_a_group_where_no_one_is_eligible_is_hidden():
    numbers = ordinary()
    for pattern in PATTERNS[1:]:
        for models in MODELS:
            for sex in SEXES:
                numbers[CELLS.index(("0001", models, sex, "foreign", pattern))] = 0
    values = publish(inner_frame(numbers))[0].values
    row = values[
        (values["area"] == "A") & (values["background"] == "foreign") & (values["area_type"] == "municipality")
    ]
    assert set(row["status"]) == {"hidden"}


def test_official_figures_beside_ours_open_nothing():
    numbers = ordinary()
    inside = np.array([cell[0] == "0002" for cell in CELLS])
    everyone, eligible = numbers[inside].sum(), numbers[inside & outcomes("eligibility_vocational")].sum()
    percent = round(100 * eligible / everyone, 1)
    low, high = (everyone * (percent + off) / 100 for off in (-0.05, 0.05))
    known = [
        KnownSum(
            period="2024/25",
            indicator="eligibility_vocational",
            area="B",
            sex="all",
            part="numerator",
            low=low,
            high=high,
        )
    ]
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=inner_frame(numbers))
    values, report = protect(
        counts, DEFAULT_LAYOUT, indicators=(VOCATIONAL, ARTS), region=REGION, thresholds=Thresholds(), known=known
    )
    assert report["contradictions"] == 0
    official = (inside & outcomes("eligibility_vocational"), low, high)
    for target in small_targets(values.values, numbers):
        least, most = attack(values.values, target, [official])
        assert most - least >= K - 1e-3


def test_contradicting_official_figures_are_widened_and_counted():
    frame = inner_frame(ordinary())
    wrong = KnownSum(
        period="2024/25", indicator="eligibility_arts", area="Tre", sex="all", part="numerator", low=0.0, high=1.0
    )
    layout = Layout(tables=(Table(areas="members"), Table(areas="region")))
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=frame)
    report = protect(counts, layout, indicators=(ARTS,), region=REGION, thresholds=Thresholds(), known=[wrong])[1]
    assert report["contradictions"] == 1


def test_example_data_have_official_figures_of_their_own_truth():
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=inner_frame(ordinary()))
    found = known_rows(counts, (VOCATIONAL, ARTS), region=REGION, official=None)
    truth = {
        (name, member.name): ordinary()[(np.array([cell[0] for cell in CELLS]) == member.code) & outcomes(name)].sum()
        for name in ("eligibility_vocational", "eligibility_arts")
        for member in REGION.members
    }
    assert len(found) == len(truth)
    assert all(each.low <= truth[each.indicator, each.area] <= each.high for each in found)


@pytest.mark.parametrize(("few", "said"), [(0, True), (1, False), (4, False), (5, True)])
def test_no_official_figure_is_invented_where_few_have_the_outcome(few, said):
    frame = inner_frame(ordinary())
    frame = frame[frame["school_municipality"] == "0002"].drop(columns=["eligibility_arts__numerator"])
    frame = frame.drop_duplicates("eligibility_vocational__numerator").assign(contributors=40)
    frame.loc[frame["eligibility_vocational__numerator"] == 1, "contributors"] = few
    frame = frame[frame["contributors"] > 0]
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=frame)
    found = known_rows(counts, (VOCATIONAL,), region=REGION, official=None)
    assert [each.part for each in found] == (["numerator"] if said else [])


def test_means_are_hidden_where_their_pupils_are_few_and_sums_do_not_give_them_back():
    frame = inner_frame(ordinary())
    girls = (frame["school_municipality"] == "0002") & (frame["sex"] == "girls")
    frame = frame[~girls | ((frame["models"] == "") & (frame["foreign_background"] == "swedish"))]
    passing = frame["eligibility_vocational__numerator"]
    frame = frame.assign(
        merit_value_16__denominator=passing,
        merit_value_16__sum=frame["contributors"] * passing * 200.0,
        merit_value_16__sum_squares=frame["contributors"] * passing * 200.0**2,
        merit_value_16__largest=passing * 320.0,
    )
    frame.loc[(frame["school_municipality"] == "0002") & (frame["sex"] == "girls"), "contributors"] = 1
    values = publish(frame, indicators=(VOCATIONAL, MERIT))[0].values
    merit = values[values["indicator"] == "merit_value_16"]
    shown = merit[merit["status"] == "shown"]
    assert (shown["denominator"] >= K).all()
    assert {"shown", "hidden"} <= set(merit["status"])


def test_pooled_years_add_only_what_is_shown():
    years = ("2022/23", "2023/24", "2024/25")
    frame = pd.concat([inner_frame(ordinary() + step, year) for step, year in enumerate(years)], ignore_index=True)
    values = publish(frame)[0].values
    pooled = values[(values["period_kind"] == "pooled") & (values["status"] == "shown")]
    row = pooled[(pooled["area"] == "A") & (pooled["indicator"] == "eligibility_vocational")].iloc[0]
    inside = np.array([cell[0] == "0001" for cell in CELLS])
    assert row["denominator"] == sum((ordinary() + step)[inside].sum() for step in range(3))
    yearly = values[(values["period_kind"] == "school_year") & (values["status"] == "hidden")]
    totals = yearly[(yearly[["sex", "model", "background"]] == "all").all(axis=1)]
    assert not set(totals["area"]) & set(pooled["area"]) - {"Tre"}


def test_members_that_delivered_nothing_are_missing_and_the_region_says_how_many_are_in():
    frame = inner_frame(ordinary())
    frame = frame[frame["school_municipality"] != "0003"]
    missing = pd.DataFrame({"period": ["2024/25"], "municipality": ["0003"], "provider": ["municipal"]})
    values = publish(frame, missing=missing)[0].values
    assert set(values.loc[values["area"] == "C", "status"]) == {"missing"}
    assert "Tre, 2 av 3" in set(values["area"])
    assert "Tre" not in set(values["area"])
    assert set(values.loc[values["area_type"] == "rest_of_region", "status"]) == {"missing"}


def test_the_audit_sees_a_release_where_nothing_is_hidden():
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=inner_frame(ordinary()))
    problem = joint_problem(counts, "2024/25", DEFAULT_LAYOUT, (VOCATIONAL, ARTS), REGION, Thresholds())[0]
    nothing, everything = np.zeros(len(problem.records), dtype=bool), np.ones(len(problem.records), dtype=bool)
    assert audit_release(problem, nothing, []) == problem.rows.primary.sum()
    assert audit_release(problem, everything, []) == 0


def test_thresholds_can_only_be_raised():
    with pytest.raises(ValueError, match="at least 5"):
        Thresholds(pupils=4)
    with pytest.raises(ValueError, match="at least 12"):
        Thresholds(pupils=12, school_pupils=10)
    for name, least in (("SAMSYN_LEAST_PUPILS", 5), ("SAMSYN_LEAST_SCHOOL_PUPILS", 10)):
        for said in (str(least - 1), f"-{least}", f"{least},5"):
            with pytest.raises(ValueError, match="kan bara höjas"):
                from_settings({name: said})
    assert from_settings({}) == Thresholds()
    assert from_settings({"SAMSYN_LEAST_PUPILS": "12"}) == Thresholds(pupils=12, school_pupils=12)
    strict = publish(inner_frame(ordinary()), thresholds=Thresholds(pupils=150, school_pupils=150))[0].values
    default = publish(inner_frame(ordinary()))[0].values
    assert (strict["status"] == "shown").sum() < (default["status"] == "shown").sum()


def test_the_same_counts_give_the_same_release():
    first, second = (publish(inner_frame(ordinary()))[0] for _ in range(2))
    assert isinstance(first, Published)
    pd.testing.assert_frame_equal(first.values, second.values)


def test_ten_pupils_where_one_school_is_the_whole_denominator_though_not_the_whole_group():
    """Girls of the only school of A whose pupils are counted: seven of 60 are not eligible, too few of one school."""
    frame = inner_frame([40] * len(CELLS))
    girls = (frame["school_municipality"] == "0001") & (frame["sex"] == "girls")
    alone = girls & (frame["models"] == "sspf")
    name = VOCATIONAL.name
    frame.loc[alone, ["school_first", "school_last"]] = "skola"
    frame.loc[girls & ~alone, [f"{name}__denominator", f"{name}__numerator"]] = 0
    frame.loc[alone & (frame[f"{name}__numerator"] == 0), "contributors"] = 3
    frame.loc[
        alone & (frame[f"{name}__numerator"] == 0) & (frame["foreign_background"] == "foreign"), "contributors"
    ] = 4
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=frame, main_provider="municipal")
    problem = joint_problem(counts, "2024/25", DEFAULT_LAYOUT, (VOCATIONAL, ARTS), REGION, Thresholds())[0]
    groups = problem.inner.groups["school_municipality"]
    cut = next(n for n, each in enumerate(groups) if (each.area, each.sex, each.model) == ("A", "girls", "all"))
    assert problem.inner.limits[name][cut] == SCHOOL_K
    assert problem.inner.limits[ARTS.name][cut] == K
    values = publish(frame)[0].values
    row = values[(values["indicator"] == name) & (values["area"] == "A") & (values["sex"] == "girls")]
    assert set(row.loc[row["area_type"] == "municipality", "status"]) == {"hidden"}


def test_the_class_between_two_nested_outcomes_is_kept_open_where_it_is_declared_so():
    """Three girls of A with the wider outcome and not the narrower: both numbers shown would tell them by subtraction."""
    wide = replace(VOCATIONAL, sensitive="outcome")
    narrow = replace(ARTS, sensitive="outcome", within=VOCATIONAL.name)
    numbers = [1 if cell[0] == "0001" and cell[2] == "girls" and cell[-1] == (1, 0) else 30 for cell in CELLS]
    numbers[next(n for n, number in enumerate(numbers) if number == 1)] = 0
    between = np.array([number == 1 for number in numbers])
    assert np.array(numbers)[between].sum() == 3
    kept, open_to_all = (publish(inner_frame(numbers), indicators=(wide, each))[0].values for each in (narrow, ARTS))
    low, high = attack(kept, between)
    assert high - low >= K - 1e-3
    low, high = attack(open_to_all, between)
    assert high - low < K
