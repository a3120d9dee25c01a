"""Expected values, combinations and similar schools: recomputed from pupil rows, rounded so that no one follows from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from metrics import catalogue
from metrics.compared.background import FIELDS, dispersion, fit
from metrics.compared.schools import similar
from metrics.layout import DEFAULT_LAYOUT, REGION_BY_MODEL, Layout, Table
from metrics.present import adjusted
from metrics.protect import comparisons as gate
from metrics.protect.beside import Bounds, tellable
from metrics.protect.gate import joint_problem, protect
from metrics.protect.known import KnownSum, bounded_rows
from metrics.protect.thresholds import Thresholds
from metrics.release.comparisons import Prepared, Source, compared, joined, told
from metrics.release.read import empty_table
from metrics.stats import wilson_interval
from metrics.values import DIMENSION_COLUMNS, LONG_COLUMNS, Counts, Published
from metrics.vocabulary import Municipality, Region

NAMES = ("eligibility_vocational", "all_subjects_passed")
INDICATORS = [catalogue.default().indicators[name] for name in NAMES]
REGION = Region(
    name="R",
    title="Regionen",
    members=tuple(Municipality(code=f"100{place}", name=f"Kommun {place}") for place in range(4)),
)
SETS = ("", "", "sspf", "school_social_team|sspf", "school_social_team")
STRICT = Thresholds()
PERIOD = "2024/25"


def pupils(schools: int = 60, size: int = 60, seed: int = 3) -> pd.DataFrame:
    """One row per pupil: background decides, and so does her school a little."""
    random = np.random.default_rng(seed)
    n = schools * size
    school = np.repeat(np.arange(schools), size)
    mix = random.uniform(0.1, 0.6, schools)[school]
    found = pd.DataFrame(
        {
            "school_unit": [f"{10000000 + each}" for each in school],
            "school_municipality": [f"100{each % 4}" for each in school],
            "models": [SETS[each // 4 % len(SETS)] for each in school],
            "sex": np.where(random.random(n) < 0.5, "girls", "boys"),
            "foreign_background": np.where(random.random(n) < mix, "foreign", "swedish"),
            "parents_education": random.choice(
                ["compulsory", "upper_secondary", "post_secondary"], n, p=[0.2, 0.4, 0.4]
            ),
            "newly_arrived": np.where(random.random(n) < 0.08, "newly_arrived", "not_newly_arrived"),
        }
    )
    for place, name in enumerate(NAMES):
        logit = (
            1.5
            - place
            - 1.1 * (found.foreign_background == "foreign")
            - 0.8 * (found.parents_education == "compulsory")
        )
        logit += random.normal(0, 0.3, schools)[school]
        found[name] = (random.random(n) < 1 / (1 + np.exp(-logit))).astype(float)
    return found.assign(home_municipality="", provider="municipal", stage="7-9", period=PERIOD)


def counted(rows: pd.DataFrame) -> Counts:
    patterns = {f"{name}__numerator": rows[name].astype(int) for name in NAMES}
    coded = rows.assign(**patterns, **{f"{name}__denominator": 1 for name in NAMES})
    keys = [
        "period",
        *DIMENSION_COLUMNS,
        *(f"{name}__{part}" for name in NAMES for part in ("denominator", "numerator")),
    ]
    inner = coded.groupby(keys, as_index=False).agg(
        contributors=("school_unit", "size"), school_first=("school_unit", "min"), school_last=("school_unit", "max")
    )
    return Counts(population="year9_leavers", period_kind="school_year", inner=inner, main_provider="municipal")


def by_school(rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["period", "school_unit", "school_municipality", "provider", "stage", "models", *FIELDS]
    parts = [
        rows.groupby(keys, as_index=False)
        .agg(numerator=(name, "sum"), denominator=(name, "size"))
        .assign(indicator=name)
        for name in NAMES
    ]
    return pd.concat(parts, ignore_index=True).rename(columns={"school_municipality": "municipality"})


def source(earlier: pd.DataFrame | None = None) -> Source:
    return Source(region=REGION, thresholds=STRICT, earlier=empty_table("comparisons") if earlier is None else earlier)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return pupils()


@pytest.fixture(scope="module")
def prepared(rows: pd.DataFrame) -> Prepared:
    return compared(source(), counted(rows), INDICATORS, DEFAULT_LAYOUT, by_school(rows))


@pytest.fixture(scope="module")
def made(prepared: Prepared) -> pd.DataFrame:
    return joined([pd.DataFrame(prepared.rows)])


def in_statsmodels(rows: pd.DataFrame, name: str) -> np.ndarray:
    """The same model over pupil rows, by an independent program."""
    design = pd.get_dummies(rows[list(FIELDS)], drop_first=True).astype(float)
    return np.asarray(sm.GLM(rows[name], sm.add_constant(design), family=sm.families.Binomial()).fit().fittedvalues)


def test_the_model_is_the_one_statsmodels_fits(rows: pd.DataFrame) -> None:
    found = fit(rows[list(FIELDS)].assign(numerator=rows[NAMES[0]], denominator=1.0))
    assert found is not None
    assert found.probability(rows) == pytest.approx(in_statsmodels(rows, NAMES[0]), abs=1e-8)
    assert found.probability(rows).sum() == pytest.approx(rows[NAMES[0]].sum())


def test_without_known_background_there_is_no_model(rows: pd.DataFrame) -> None:
    unknown = rows.assign(**{name: f"{name}_unknown" for name in FIELDS if name != "sex"})
    assert fit(unknown[list(FIELDS)].assign(numerator=rows[NAMES[0]], denominator=1.0)) is None


def test_an_outcome_that_is_not_known_of_anyone_yet_is_compared_with_nothing(rows: pd.DataFrame) -> None:
    assert fit(rows[list(FIELDS)].assign(numerator=0.0, denominator=0.0)) is None
    counts = counted(rows)
    none = {f"{NAMES[1]}__{part}": 0 for part in ("numerator", "denominator")}
    early = replace(counts, inner=counts.inner.assign(**none))
    schools = by_school(rows)
    made = compared(source(), early, INDICATORS, DEFAULT_LAYOUT, schools[schools.indicator != NAMES[1]])
    told_of = {row["indicator"] for row in made.rows if row["expected"] is not None or row["value"] is not None}
    assert told_of == {NAMES[0]}


def test_a_kind_of_few_pupils_is_taken_with_the_usual_one(rows: pd.DataFrame) -> None:
    few = rows.assign(newly_arrived=np.where(np.arange(len(rows)) < 30, "newly_arrived", "not_newly_arrived"))
    found = fit(few[list(FIELDS)].assign(numerator=few[NAMES[0]], denominator=1.0))
    assert found is not None
    assert "newly_arrived" not in found.fields


@pytest.mark.parametrize("name", NAMES)
def test_expected_of_a_model_is_the_mean_of_its_pupils_probabilities(
    name: str, rows: pd.DataFrame, made: pd.DataFrame
) -> None:
    chance = in_statsmodels(rows, name)
    for model in ("sspf", "school_social_team"):
        (row,) = made[(made.kind == "model") & (made.model == model) & (made.indicator == name)].to_dict("records")
        own = np.array([model in each.split("|") for each in rows.models])
        assert row["expected"] == pytest.approx(100 * chance[own].mean(), abs=row["expected_step"] / 2 + 1e-6)
        assert row["schools"] == rows[own].school_unit.nunique()


def test_a_combination_is_the_share_at_schools_with_exactly_those_models(
    rows: pd.DataFrame, made: pd.DataFrame
) -> None:
    (row,) = made[(made.kind == "combination") & (made.indicator == NAMES[0])].to_dict("records")
    own = rows[rows.models == row["model"]]
    assert row["value"] == pytest.approx(100 * own[NAMES[0]].mean(), abs=row["value_step"] / 2)
    assert row["pupils"] == round(len(own) / 10) * 10
    assert row["value_step"] / 100 * len(own) >= 2 * STRICT.pupils


def test_similar_schools_are_the_nearest_without_the_model(rows: pd.DataFrame, made: pd.DataFrame) -> None:
    rows = rows.assign(expected=in_statsmodels(rows, NAMES[0]))
    schools = rows.groupby(["school_unit", "school_municipality", "models"], as_index=False).agg(
        pupils=("sex", "size"), expected=("expected", "mean")
    )
    schools = schools.rename(columns={"school_municipality": "municipality"})
    chosen = similar(schools, "sspf")
    assert not [each for each in schools[schools.school_unit.isin(chosen)].models if "sspf" in each]
    without = schools[~schools.models.str.contains("sspf")]
    for own in schools[schools.models.str.contains("sspf")].itertuples():
        nearest = without.loc[(without.expected - own.expected).abs().idxmin()]
        assert nearest.school_unit in chosen
    (row,) = made[(made.kind == "similar") & (made.model == "sspf") & (made.indicator == NAMES[0])].to_dict("records")
    own = rows[rows.school_unit.isin(chosen)]
    assert row["value"] == pytest.approx(100 * own[NAMES[0]].mean(), abs=row["value_step"] / 2)
    assert row["expected"] == pytest.approx(100 * own.expected.mean(), abs=row["expected_step"] / 2 + 1e-6)
    assert (row["schools"], row["municipalities"]) == (len(chosen), own.school_municipality.nunique())


def test_schools_of_two_municipalities_are_no_comparison(rows: pd.DataFrame) -> None:
    schools = rows.groupby(["school_unit", "models"], as_index=False).agg(
        pupils=("sex", "size"), expected=(NAMES[0], "mean")
    )
    assert not similar(schools.assign(municipality=np.where(schools.index % 2, "1000", "1001")), "sspf")


def test_an_expected_value_is_not_told_beside_a_hidden_one(prepared: Prepared) -> None:
    blank = dict.fromkeys(LONG_COLUMNS, "all") | {"status": "shown", "area_type": "region", "series": "own"}
    where = {"provider": "municipal", "period_kind": "school_year", "period_to": "2025-06-30", "indicator": NAMES[0]}
    numbers = dict.fromkeys(("numerator", "denominator", "value", "low", "high"))
    shown = [blank | where | numbers | {"model": model} for model in ("all", "sspf")]
    values = Published(values=pd.DataFrame(shown, columns=list(LONG_COLUMNS)))
    kept = told(source(), prepared, values, {"solved": [PERIOD], "beside": []})
    kept = kept[kept.kind == "model"]
    said = kept[kept.expected.notna()]
    assert list(zip(said.indicator, said.model, strict=True)) == [(NAMES[0], "sspf")]
    assert set(kept[kept.expected.isna()].status) == {"hidden"}


def test_nothing_is_told_where_the_regions_own_value_is_not(prepared: Prepared) -> None:
    blank = Published(values=pd.DataFrame(columns=list(LONG_COLUMNS)))
    beside = [(PERIOD, "all", "set:school_social_team|sspf")]
    found = told(source(), prepared, blank, {"solved": [PERIOD], "beside": beside})
    assert len(found) == len(prepared.rows)
    assert found[["value", "expected", "pupils", "dispersion"]].isna().to_numpy().all()
    assert set(found.status) == {"hidden"}


def test_a_period_that_was_not_solved_says_what_it_said(prepared: Prepared, made: pd.DataFrame) -> None:
    blank = Published(values=pd.DataFrame(columns=list(LONG_COLUMNS)))
    pd.testing.assert_frame_equal(told(source(made), prepared, blank, {"solved": [], "beside": []}), made)


def test_a_value_that_moves_less_than_its_rounding_stays() -> None:
    assert gate.at_step(74.96, 0.5) == 75.0
    assert gate.at_step(75.3, 0.5, 75.0) == 75.0
    assert gate.at_step(75.6, 0.5, 75.0) == 75.5


def test_the_gate_of_the_tables_is_asked_of_what_a_combination_tells(rows: pd.DataFrame, prepared: Prepared) -> None:
    problem = joint_problem(counted(rows), PERIOD, DEFAULT_LAYOUT, INDICATORS, REGION, STRICT)[0]
    bounds, contradictions = bounded_rows(problem.joint, prepared.known)
    assert len(bounds) == len(prepared.known) == 4
    assert contradictions == 0
    own = rows[rows.models == "school_social_team|sspf"]
    sums = [float((row @ problem.joint.contributors)[0]) for row, _, _ in bounds]
    assert sums == [len(own), own[NAMES[0]].sum(), len(own), own[NAMES[1]].sum()]
    assert all(high - low >= 2 * STRICT.pupils for _, low, high in bounds)
    seen: list[int] = []

    def narrows(more: Bounds) -> bool:
        seen.append(len(more))
        return True

    assert tellable(problem.joint, prepared.known, lambda more: False) == [
        (PERIOD, "all", "set:school_social_team|sspf")
    ]
    assert tellable(problem.joint, prepared.known, narrows) == []
    assert seen == [4]


@pytest.mark.parametrize(("with_outcome", "told"), [(4, False), (5, True), (116, False)])
def test_a_share_with_few_in_or_outside_the_outcome_is_not_told(with_outcome: int, told: bool) -> None:
    assert gate.many_enough(with_outcome, 120, STRICT) is told


def test_a_group_that_leaves_few_of_a_shown_sum_is_not_told() -> None:
    numerator, denominator = np.array([50.0, 40.0, 3.0]), np.array([100.0, 90.0, 20.0])
    group, whole = np.array([True, True, False]), np.array([True, True, True])
    assert not gate.apart_from(group, [whole], numerator, denominator, STRICT)
    assert gate.apart_from(group, [group], numerator, denominator, STRICT)
    assert gate.apart_from(~group, [group], numerator, denominator, STRICT)
    assert gate.apart_from(group, [whole], numerator + 5, denominator + 5, STRICT)


@pytest.mark.parametrize("seed", range(6))
def test_whoever_knows_the_model_and_nearly_every_pupil_is_left_with_k_of_any_two_kinds(seed: int) -> None:
    """The outsider tries every number of pupils that could be of another kind, against every told value at once."""
    random = np.random.default_rng(seed)
    chances = np.vstack([random.uniform(0.3, 0.95, 14), random.uniform(0.2, 0.9, 14), random.uniform(0.4, 0.99, 14)])
    kinds = random.integers(5, 160, 14).astype(float)
    pupils, truth = kinds.sum(), (chances * kinds).sum(axis=1) / kinds.sum()
    made = gate.expected_values(list(truth), chances, pupils, STRICT, [None] * 3)
    assert made is not None
    assert fewest_left(made, truth, chances, pupils) >= STRICT.pupils
    finest = [(round(100 * value, 1), 0.1) for value in truth]
    assert fewest_left(finest, truth, chances, pupils) < STRICT.pupils


def fewest_left(made: list[tuple[float, float]], truth: np.ndarray, chances: np.ndarray, pupils: float) -> float:
    moved = np.arange(-400, 400.01, 0.05)
    fewest = np.inf
    for one in range(chances.shape[1]):
        for other in range(one):
            fits = np.ones(len(moved), bool)
            for (said, step), true, chance in zip(made, truth, chances, strict=True):
                possible = 100 * (true + moved * (chance[one] - chance[other]) / pupils)
                fits &= np.abs(possible - said) <= step / 2 + 1e-9
            fewest = min(fewest, float(np.ptp(moved[fits])) + 0.1)
    return fewest


def test_a_period_known_from_delivered_counts_alone_is_compared_with_nothing(rows: pd.DataFrame) -> None:
    found = compared(source(), counted(rows), INDICATORS, DEFAULT_LAYOUT, by_school(rows).iloc[:0])
    assert {each["schools"] for each in found.rows if each["kind"] == "model"} == {0}
    assert {each["status"] for each in found.rows} == {"hidden"}


def test_a_small_group_has_no_expected_value() -> None:
    chances = np.array([[0.2, 0.9]])
    assert gate.expected_values([0.5], chances, 49, STRICT, [None]) is None
    assert gate.expected_values([0.5], chances, 90, STRICT, [None]) is None


def test_dispersion_is_one_where_schools_differ_by_chance_alone() -> None:
    random = np.random.default_rng(5)
    chance = random.uniform(0.5, 0.9, 400)
    schools = pd.DataFrame({"pupils": 80.0, "expected": 80 * chance, "variance": 80 * chance * (1 - chance)})
    assert dispersion(schools.assign(observed=random.binomial(80, chance)), 5) == pytest.approx(1.0, abs=0.2)
    apart = random.binomial(80, np.clip(chance + random.normal(0, 0.08, 400), 0, 1))
    found = dispersion(schools.assign(observed=apart), 5)
    assert found is not None
    assert found > 2
    assert dispersion(schools.head(10).assign(observed=10.0), 5) is None


def test_what_would_tell_few_by_the_tables_is_not_told_beside_them() -> None:
    """Three lack the outcome at schools with two of the models: the others' share, told narrowly, would tell them."""
    sizes = {
        "": 30,
        "sspf": 30,
        "attendance_team": 30,
        "school_social_team|sspf": 30,
        "attendance_team|school_social_team": 0,
    }
    rows = pd.DataFrame(
        [
            (f"1000{code}{school}", f"100{code}", models, place >= missing)
            for code in range(4)
            for school, (models, missing) in enumerate(sizes.items())
            for place in range(100)
        ],
        columns=["school_unit", "school_municipality", "models", NAMES[0]],
    )
    rows.loc[rows.index[rows.models == "attendance_team|school_social_team"][:3], NAMES[0]] = False
    rows = rows.assign(
        **dict.fromkeys(FIELDS, ""), home_municipality="", provider="municipal", stage="7-9", period=PERIOD
    )
    counts = counted(rows.assign(**{NAMES[1]: rows[NAMES[0]]}))
    layout = Layout(tables=(Table(areas="region"), REGION_BY_MODEL))
    own = rows[rows.models == "school_social_team|sspf"]
    about = {"period": PERIOD, "indicator": NAMES[0], "area": "R", "sex": "all", "provider": "municipal"}

    def told_with(width: float) -> list[tuple[str, str, str]]:
        truth = float(own[NAMES[0]].sum())
        known = [
            KnownSum(**about, model="set:school_social_team|sspf", part=part, low=value - width, high=value + width)
            for part, value in (("denominator", float(len(own))), ("numerator", truth))
        ]
        asked = {"indicators": INDICATORS, "region": REGION, "thresholds": STRICT, "beside": known}
        return list(protect(counts, layout, **asked)[1]["beside"])

    assert told_with(0.0) == []
    assert told_with(40.0) == [(PERIOD, "all", "set:school_social_team|sspf")]


def test_the_interval_of_a_rounded_share_holds_that_of_every_share_it_may_stand_for() -> None:
    low, high = adjusted.rounded_interval(28.0, 0.5, 200)
    for share in (27.5, 28.0, 28.5):
        narrow = wilson_interval(share / 100 * 200, 200)
        assert low <= 100 * narrow[0] + 1e-9
        assert high >= 100 * narrow[1] - 1e-9
    assert (low, high) == (pytest.approx(21.780, abs=0.001), pytest.approx(35.115, abs=0.001))
    assert adjusted.rounded_interval(100.0, 2.0, 60)[1] == pytest.approx(100.0)
