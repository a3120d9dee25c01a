"""A believable region: sizes as published, movers, gaps, dialects, and models that come to some schools and years first."""

import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from demo_files import decoded, spring, standing

from metrics.demo import generate, plan, region
from metrics.demo.outgoing import COUNTS_ONLY, WITHOUT_NEWEST
from metrics.vocabulary import REFERENCE_FOLDER


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("region")
    generate(made, scale="small", seed=4)
    return made


@pytest.fixture(scope="module")
def facit(folder: Path) -> dict:
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def deliveries(folder: Path) -> list[dict]:
    return json.loads((folder / "deliveries.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def gr() -> tuple[region.Region, tuple[plan.Instance, ...]]:
    place = region.build(region.scale_of("gr"), 1)
    return place, plan.instances(place)


def test_every_member_has_its_published_number_of_leavers_shared_over_its_schools(gr) -> None:
    place, _ = gr
    official = pd.read_csv(REFERENCE_FOLDER / "official_year9.csv", sep=";", dtype={"municipality": str})
    newest = official[(official["indicator"] == "eligibility_vocational") & (official["school_year"] == "2024/25")]
    published = newest.set_index("municipality")["pupils"]
    sites = place.sites.assign(pupils=place.leavers[:, -1])
    for member in place.scale.members:
        own = sites[sites["code"] == member.code]
        by_provider = own.groupby("provider")["pupils"].sum()
        assert by_provider["municipal"] == member.municipal
        assert by_provider.get("independent", 0) == member.independent
        assert own["pupils"].sum() == pytest.approx(published[member.code], rel=0.05), member.name
        assert len(own) == pytest.approx(member.municipal / 88 + member.independent / 55, abs=1.5)
    assert own["pupils"].min() > 0


def test_year_9_is_complete_also_where_attendance_is_not(folder: Path, deliveries: list[dict]) -> None:
    """Every leaver of every school and spring: also of those that send only counts of absence, or not yet its newest year."""
    made = region.build(region.scale_of("small"), 4)
    expected: Counter = Counter()
    for site, year in zip(*np.nonzero(made.leavers), strict=True):
        expected[int(made.springs[year]), str(made.unit[site, year])] += int(made.leavers[site, year])
    grades = standing(folder, deliveries, "year9_grades")
    assert Counter((spring(row), row["school_unit"]) for row in grades) == expected
    newest = {school for year, school in expected if year == made.springs[-1]}
    members = [made.municipal_sites(code) for code in (*COUNTS_ONLY, WITHOUT_NEWEST)]
    assert all(len(sites) and {str(made.unit[site, -1]) for site in sites} <= newest for sites in members)


def test_pupils_move_between_schools_and_between_members(folder: Path, deliveries: list[dict]) -> None:
    now = {row["old_pupil"]: row["pupil"] for row in standing(folder, deliveries, "pupil_alias")}
    units = {row["school_unit"]: row["municipality"] for row in standing(folder, deliveries, "school_units")}
    places: dict[str, list[str]] = defaultdict(list)
    for name in ("year6_grades", "year9_grades"):
        for row in standing(folder, deliveries, name):
            places[now.get(row["pupil"], row["pupil"])].append(units[row["school_unit"]])
    both = [codes for codes in places.values() if len(codes) > 1]
    assert len(both) > 500
    assert 0.005 < np.mean([len(set(codes)) > 1 for codes in both]) < 0.1
    assert len(now) > 3
    assert set(now) & {row["pupil"] for row in standing(folder, deliveries, "year6_grades")}


def test_cells_are_missing_here_and_there(folder: Path, deliveries: list[dict]) -> None:
    """Some of a column, never all of it and never so many that nothing can be counted."""
    for name, column, most in (
        ("support_chain", "sex", 0.1),
        ("support_chain", "stage", 0.1),
        ("model_participation", "signal_date", 0.2),
        ("resource_centre_placement", "planned_end", 0.2),
        ("school_survey", "feels_safe", 0.1),
    ):
        empty = [not row.get(column) for row in standing(folder, deliveries, name)]
        assert 0 < np.mean(empty) < most, (name, column)


def test_systems_write_in_their_own_way(folder: Path, deliveries: list[dict]) -> None:
    own = [each for each in deliveries if each["extract"] == "year9_grades"]
    first_lines = {decoded(folder / each["file"]).splitlines()[0] for each in own}
    starts = {(folder / each["file"]).read_bytes()[:2] for each in own}
    assert len({each["source_system"] for each in own}) == 5
    assert len(first_lines) >= 5
    assert {max(";,\t", key=line.count) for line in first_lines} == {";", ",", "\t"}
    assert {b"\xff\xfe", b"\xef\xbb"} < starts


def test_late_and_corrected_files_come_after_the_others(deliveries: list[dict]) -> None:
    replaced = [place for place, each in enumerate(deliveries) if each["overlap"] == "replace"]
    assert len(replaced) >= 2
    for place in replaced:
        before = [each["extract"] for each in deliveries[:place]]
        assert deliveries[place]["extract"] in before
    assert min(replaced) >= len(deliveries) - 6


def test_starts_are_staggered_over_years_and_kinds(gr) -> None:
    _, laid = gr
    teams = [each for each in laid if each.start.model == "school_social_team"]
    assert len({each.first for each in teams}) >= 3
    assert any(each.start.started.month == 1 for each in laid)
    assert any(each.start.precision == "gradual" for each in laid)
    sspf = [each.start.started.year for each in laid if each.start.model == "sspf"]
    others = [each.start.started.year for each in laid if each.evaluable and each.start.model != "sspf"]
    assert sspf
    assert np.median(sspf) + 5 < np.median(others)
    assert any(each.start.ended for each in laid)
    shared = Counter(site for each in laid for site in each.sites.tolist())
    assert max(shared.values()) >= 2


def test_schools_with_the_lowest_level_get_a_model_first_and_dip_before_it(gr) -> None:
    place, laid = gr
    level = place.sites["level"].to_numpy()
    some = [each for each in laid if each.start.decided_by == "school" and each.evaluable]
    assert some
    lower = 0
    for each in some:
        rest = np.setdiff1d(place.municipal_sites(each.start.code), each.sites)
        lower += bool(rest.size) and level[each.sites].mean() < level[rest].mean()
    assert lower >= 0.8 * len(some)
    effects = plan.built_in(place, laid)
    team = next(each for each in laid if each.start.model == "attendance_team" and each.evaluable)
    before = int(np.flatnonzero(place.springs == team.exposed - 1)[0])
    assert (effects.dip[team.sites, before] < 0).all()
    assert (effects.eligibility[team.sites] == 0).all() or len(
        {each for each in laid if set(each.sites) & set(team.sites)}
    ) > 1


def test_the_models_do_four_different_things(gr) -> None:
    effects = {each.start.model: each.effect for each in gr[1]}
    assert max(effects["school_social_team"].eligibility) > 0 > min(effects["school_social_team"].absence)
    assert not any(effects["attendance_team"].eligibility)
    assert not any(effects["attendance_team"].absence)
    assert min(effects["social_worker_in_school"].eligibility) < 0
    assert any(effects["early_coordination"].registration)
    assert not any(effects["early_coordination"].eligibility)


def test_the_truth_states_every_model_with_its_dates_and_effects(
    folder: Path, deliveries: list[dict], facit: dict
) -> None:
    stated = {each["instance"] for each in facit["models"]}
    assert stated == {row["instance"] for row in standing(folder, deliveries, "collaboration_register")}
    for each in facit["models"]:
        assert each["meaning"]
        assert each["school_units"]
        assert {"effect_on_eligibility_by_year", "effect_on_absence_by_year", "dip_before_start_points"} <= each.keys()


def test_plans_answers_and_support_are_what_the_truth_says(folder: Path, deliveries: list[dict], facit: dict) -> None:
    children: dict[tuple[str, str], set] = defaultdict(set)
    for row in standing(folder, deliveries, "coordinated_plan"):
        year = next(part for part in row["plan_date"].replace(".", "-").split("-") if len(part) >= 4)[:4]
        children[row["municipality"], year].add(row["child"])
    stated = {(row["municipality"], str(row["year"])): row["children"] for row in facit["coordinated_plans"]}
    assert stated == {key: len(found) for key, found in children.items()}
    reported = {row["child"] for row in standing(folder, deliveries, "support_chain")}
    assert set().union(*children.values()) <= reported
    answers = standing(folder, deliveries, "school_survey")
    asked = sum(row["values"]["feels_safe"][1] for row in facit["survey"])
    assert 0.9 * len(answers) < asked < len(answers)
    counts = [
        (row["period"], row["home_municipality"], int(row["numerator"]), int(row["denominator"]))
        for row in standing(folder, deliveries, "aggregated_counts")
        if row["population"] == "special_support_pupils"
    ]
    told = [
        (row["period"], f"{row['home_municipality']:04d}", row["numerator"], row["denominator"])
        for row in facit["special_support"]
    ]
    assert sorted(counts) == sorted(told)
