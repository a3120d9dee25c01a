"""The invented region: the same bytes every time, and truth.json is what its own files say when counted by hand."""

import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from demo_files import accepted, normal, rows_of, spring, standing

from metrics import catalogue
from metrics.demo import generate, grades, plan, pupils, region, truth
from metrics.demo.release import region_of
from metrics.demo.writing import DIALECTS, heading
from metrics.evaluate.estimate import att_gt
from metrics.evaluate.inference import randomization_inference
from metrics.models.words import LISTS
from metrics.vocabulary import GR

SOCIETY, SCIENCE = ("GE", "HI", "RE", "SH"), ("BI", "FY", "KE")
CODES_AS_TEXT = {"stages", "programme", "population", "period", "stage", "models", "indicator", "pattern"}
CODES_AS_TEXT |= {"year_groups", "expected_indicators", *LISTS}
POINTS = {"A": 20, "B": 17.5, "C": 15, "D": 12.5, "E": 10}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("demo")
    generate(made, scale="small", seed=1)
    return made


@pytest.fixture(scope="module")
def facit(folder: Path) -> dict:
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def deliveries(folder: Path) -> list[dict]:
    return json.loads((folder / "deliveries.json").read_text(encoding="utf-8"))


def passes(row: dict[str, str], codes: tuple[str, ...]) -> int:
    return sum(row.get(f"grade_{code.lower()}", "").upper() in POINTS for code in codes)


def results(row: dict[str, str]) -> dict[str, tuple[float, int]]:
    """Every indicator of the family for one pupil, straight from the definitions."""
    written = {name[6:].upper(): row[name].upper() for name in row if name.startswith("grade_") and row[name]}
    swedish = max((POINTS.get(written[code], 0) for code in ("SV", "SVA") if code in written), default=None)
    points = {code: POINTS.get(grade, 0) for code, grade in written.items() if code not in ("SV", "SVA")}
    if swedish is not None:
        points["SV"] = swedish
    core = sum(points.get(code, 0) > 0 for code in ("SV", "EN", "MA")) == 3
    others = sum(value > 0 for code, value in points.items() if code not in ("SV", "EN", "MA"))
    passed = sum(value > 0 for value in points.values())
    best = sorted(points.values())[-16:]
    besides = sorted(value for code, value in points.items() if code != "M1")[-16:]
    return {
        "eligibility_vocational": (core and others >= 5, 1),
        "eligibility_arts": (core and others >= 9, 1),
        "eligibility_social_sciences": (core and others >= 9 and passes(row, SOCIETY) == 4, 1),
        "eligibility_science_technology": (core and others >= 9 and passes(row, SCIENCE) == 3, 1),
        "all_subjects_passed": (0 < passed == len(points), 1),
        "merit_value_16": (sum(best), passed > 0),
        "merit_value_17": (sum(besides) + points.get("M1", 0), passed > 0),
    }


def test_the_truth_is_what_the_files_say(folder: Path, deliveries: list[dict], facit: dict) -> None:
    units = {row["school_unit"]: row for row in standing(folder, deliveries, "school_units")}
    counted: dict[tuple, dict] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    everyone = standing(folder, deliveries, "year9_grades")
    for row in everyone:
        if row.get("grading_system", "").lower() in ("annat", "internationell", "anpassad"):
            continue
        unit = units[row["school_unit"]]
        provider = "municipal" if unit["provider"] == "kommunal" else "independent"
        sex = "girls" if row["sex"].lower() in ("flicka", "flickor", "f", "k", "girls") else "boys"
        values = results(row)
        for area in ("all", unit["municipality"]):
            for key in ((spring(row), area, p, s) for p in ("all", provider) for s in ("all", sex)):
                for name, (value, of) in values.items():
                    counted[key][name][0] += value * of
                    counted[key][name][1] += of
    stated = {
        (2000 + int(row["school_year"][-2:]), row["municipality"], row["provider"], row["sex"]): row["values"]
        for row in facit["year9_leavers"]
    }
    assert stated == {key: dict(values) for key, values in counted.items()}
    assert facit["distinct_pupils"]["year9_grades"] == len({row["pupil"] for row in everyone}) == len(everyone)


def test_the_correction_changes_what_the_first_delivery_said(folder: Path, deliveries: list[dict]) -> None:
    files = [each["file"] for each in deliveries if "year9_grades_1441" in each["file"]]
    first, corrected = (rows_of(folder / f, "year9_grades") for f in files[-2:])
    unit = corrected[0]["school_unit"]
    before = [row for row in first if row["school_unit"] == unit]
    assert len(before) == len(corrected) - 3
    assert {row["grade_ma"].upper() for row in before} == {"F"}
    assert {row["school_unit"] for row in corrected} == {unit}
    assert len({row["grade_ma"] for row in corrected}) > 1


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, scale="small", seed=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(p.name for p in folder.iterdir())
    for path in folder.iterdir():
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


def test_another_seed_gives_other_pupils(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, scale="small", seed=2)
    name = "exempeldata_year9_grades_1440.csv"
    assert (tmp_path / name).read_bytes() != (folder / name).read_bytes()


@pytest.mark.parametrize("extract", sorted(catalogue.default().extracts))
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.system)
def test_every_heading_is_accepted_for_its_own_column(extract: str, dialect) -> None:
    declared = catalogue.default().extracts[extract]
    known = accepted(declared)
    for column in declared.columns:
        assert known[normal(heading(column, dialect))] is column


def test_every_file_says_that_it_is_an_example(folder: Path, deliveries: list[dict]) -> None:
    for delivery in deliveries:
        assert delivery["file"].startswith("exempeldata_")
        extract = catalogue.default().extracts[delivery["extract"]]
        texts = {column.name for column in extract.columns if column.kind == "text"} - CODES_AS_TEXT
        for row in rows_of(folder / delivery["file"], delivery["extract"]):
            assert all("Exempel" in row[name] for name in texts & row.keys() if row[name])


def test_no_cell_looks_like_a_person(folder: Path, deliveries: list[dict]) -> None:
    for delivery in deliveries:
        columns = {each.name: each.kind for each in catalogue.default().extracts[delivery["extract"]].columns}
        for row in rows_of(folder / delivery["file"], delivery["extract"]):
            for name, cell in row.items():
                if columns[name] == "decimal":
                    continue
                assert not re.search(r"\d{6,8}[-+ ]?\d{4}|@", cell), name
                assert name not in ("pupil", "old_pupil", "child") or re.fullmatch("[a-z2-7]{16}", cell)


@pytest.fixture(scope="module")
def gr() -> tuple[region.Region, tuple[plan.Instance, ...], pupils.Pupils, np.ndarray]:
    place = region.build(region.scale_of("gr"), 1)
    laid = plan.instances(place)
    everyone = pupils.make(place, plan.built_in(place, laid))
    return place, laid, everyone, grades.make(everyone)


def test_the_region_has_the_public_size(gr) -> None:
    # Skolverket, behörighet 2024/25: 12,881 leavers in the thirteen municipalities, 10,052 of them in municipal schools.
    place, _, everyone, _ = gr
    municipal = (place.sites["provider"] == "municipal").to_numpy()
    assert place.leavers[:, -1].sum() == 12_881
    assert place.leavers[municipal, -1].sum() == 10_052
    assert everyone.number / len(place.springs) == pytest.approx(12_881, rel=0.02)
    assert np.percentile(place.leavers[municipal], [5, 95]) == pytest.approx([50, 145], abs=15)


def test_the_levels_are_near_the_public_ones(gr) -> None:
    # Weighted over the members 2024/25: 84.2 vocational, 83.4 arts, 81.9 social sciences, 79.9 science, 74.5 all passed.
    *_, everyone, marks = gr
    newest = everyone.year == everyone.year.max()
    family = truth.indicators(marks[newest])
    shares = {name: 100 * value.mean() for name, (value, _) in family.items() if "merit" not in name}
    expected = (84.2, 83.4, 81.9, 79.9, 74.5)
    assert list(shares.values()) == pytest.approx(expected, abs=1.7)
    value, of = family["merit_value_17"]
    assert value[of].mean() == pytest.approx(232, abs=6)


def test_the_grades_are_what_the_margin_says(gr) -> None:
    *_, everyone, marks = gr
    eligible = truth.indicators(marks)["eligibility_vocational"][0] == 1
    assert (eligible == (everyone.margin > 0)).all()


def test_the_models_have_the_effect_that_was_built_in(gr) -> None:
    _, laid, everyone, _ = gr
    for model, points in (("school_social_team", 4.5), ("social_worker_in_school", -4)):
        mine = [each for each in truth.models(everyone, laid) if each["model"] == model]
        assert np.mean([each["realised_effect_on_eligibility"] for each in mine]) == pytest.approx(points, abs=0.8)
    teams = [each for each in laid if each.start.model == "school_social_team"]
    assert len({each.start.code for each in teams}) >= 6
    assert min(each.exposed for each in teams) >= place_year(gr[0], 6)


def place_year(place: region.Region, number: int) -> int:
    return int(place.springs[number - 1])


def interval_of(gr, model: str) -> tuple[float, float]:
    """The effect on eligibility at municipal schools by the rules for evaluations: base years -2 to -5, exact test."""
    place, laid, everyone, _ = gr
    first, exposed = (np.zeros(len(place.sites)) for _ in range(2))
    for each in laid:
        if each.start.model == model and each.start.ended is None:
            first[each.sites], exposed[each.sites] = each.first, each.exposed
    sites, years = np.nonzero(place.leavers)
    counted = np.zeros(place.leavers.shape)
    np.add.at(counted, (everyone.site, everyone.year), everyone.draw < everyone.probability)
    panel = pd.DataFrame(
        {
            "site": sites,
            "spring": place.springs[years],
            "share": 100 * counted[sites, years] / place.leavers[sites, years],
            "first": first[sites],
            "exposed": exposed[sites],
            "municipality": place.sites["code"].to_numpy()[sites],
        }
    )[place.sites["provider"].to_numpy()[sites] == "municipal"]
    effects = att_gt(
        panel, unit="site", period="spring", outcome="share", first_treated="first", exposed="exposed",
        cluster="municipality", base=(-5, -4, -3, -2), anticipation=1,
    )  # fmt: skip
    return randomization_inference(effects, sample=499).interval(0.95)


def test_an_honest_evaluation_can_find_what_was_built_in(gr) -> None:
    assert interval_of(gr, "school_social_team")[0] > 0
    assert interval_of(gr, "social_worker_in_school")[1] < 0
    low, high = interval_of(gr, "attendance_team")
    assert low < 0 < high


def test_a_naive_before_and_after_is_wrong(gr) -> None:
    """Adopters start after a bad year, so the model that does nothing seems to help."""
    _, laid, everyone, _ = gr
    eligible = everyone.draw < everyone.probability
    changes = []
    for each in (e for e in laid if e.start.model == "attendance_team" and e.start.ended is None):
        here = np.isin(everyone.site, each.sites)
        before = eligible[here & (everyone.spring == each.exposed - 1)].mean()
        changes.append(100 * (eligible[here & (everyone.spring >= each.first)].mean() - before))
    assert np.mean(changes) > 1.5


def test_schools_that_merge_or_change_code_have_a_successor(gr) -> None:
    place, *_ = gr
    units = plan.units_table(place).set_index("school_unit")
    followed = units["successor"].dropna()
    assert sorted(followed.value_counts().tolist()) == [1, 2]
    assert set(followed) <= set(units.index)
    assert units.loc[followed.index, "valid_to"].notna().all()


def test_a_country_has_290_municipalities() -> None:
    place = region.build(region.scale_of("sweden"), 1)
    whose = region_of("sweden")
    assert [(each.code, each.name) for each in whose.members] == [(m.code, m.name) for m in place.scale.members]
    assert region_of("gr") is region_of("small") is GR
    assert len(place.scale.members) == 290
    assert len({member.name for member in place.scale.members}) == 290
    assert place.leavers[:, -1].sum() == pytest.approx(115_000, rel=0.05)


def test_only_the_gradual_start_is_under_half_staffed(gr) -> None:
    """A model under half staffed does not count as started: that must not be why one cannot be evaluated."""
    _, laid, *_ = gr
    short = {each.start.model for each in laid if each.start.filled < each.start.planned / 2}
    assert short == {"family_centre"}
