"""A member's counts in place of its rows: the same inner rows, so the same published values and statuses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.cli import main
from metrics.compute import compute
from metrics.delivered_counts import countable, file_rows
from metrics.family_query import family_sql
from metrics.intake import stage
from metrics.layout import layout_of
from metrics.protect.gate import protect
from metrics.protect.thresholds import Thresholds
from metrics.values import KEY_COLUMNS
from metrics.vocabulary import GR, Region
from tests.recompute.random_rows import models_of, region_of_schools, stored
from tests.spec.example_database import database

SCHOOLS = region_of_schools(7)
THREE = Region(name="Tre", title="Tre", members=tuple(GR.member(code) for code in ("1419", "1440", "1480")))
GRADES = ("A", "C", "E", "F", None)
SUBJECTS = ("SV", "EN", "MA", "BL", "HKK", "IDH", "MU", "SL", "BI")


def year9(random: np.random.Generator) -> list[dict[str, object]]:
    return [
        {
            "pupil": f"n{number}",
            "school_year": str(random.choice(["2022/23", "2023/24"])),
            "school_unit": SCHOOLS[number % 12]["school_unit"],
            "sex": str(random.choice(["girls", "boys"])),
            "home_municipality": str(random.choice(["1440", "1419", "1480"])),
            **{subject: random.choice(GRADES) for subject in SUBJECTS},
        }
        for number in range(400)
    ]


def attendance(random: np.random.Generator) -> list[dict[str, object]]:
    return [
        {
            "pupil": f"a{number}",
            "school_unit": SCHOOLS[number % 12]["school_unit"],
            "stage": str(random.choice(["F-3", "4-6", "7-9"])),
            "sex": str(random.choice(["girls", "boys"])),
            "start_date": date(2024, 8, 15),
            "end_date": date(2024, 12, 20),
            "offered": 20000.0,
            "reported": float(random.integers(15000, 20000)),
            "attended": float(random.integers(9000, 15000)) if number % 4 else None,
            "valid_absence": float(random.integers(0, 6000)),
            "invalid_absence": float(random.integers(0, 3000)),
        }
        for number in range(400)
    ]


def year6(random: np.random.Generator) -> list[dict[str, object]]:
    names = ("SV", "EN", "MA", "BL")
    rows = [{name: row[name] for name in row if name not in SUBJECTS or name in names} for row in year9(random)]
    return rows


def responsibility(random: np.random.Generator) -> list[dict[str, object]]:
    return [
        {
            "pupil": f"k{number}",
            "school_year": str(random.choice(["2022/23", "2023/24"])),
            "home_municipality": str(random.choice(["1440", "1419", "1480"])),
            "registered": date(2022, 9, 1),
            "deregistered": date(2023, 2, 1) if number % 3 else None,
            "reason": str(random.choice(["national_programme", "moved", "other"])) if number % 3 else None,
            "took_part": bool(random.random() < 0.5),
            "sex": str(random.choice(["girls", "boys"])),
        }
        for number in range(300)
    ]


def reports(random: np.random.Generator) -> list[dict[str, object]]:
    return [
        {
            "child": f"c{number % 200}",
            "municipality": ("1440", "1419", "1480")[number % 200 % 3],
            "report_date": date(2023, 1 + number % 12, 1 + number // 100),
            "reporter": str(random.choice(["school", "police", "unknown"])),
            "birth_year": 2010,
            "stage": "7-9",
            "sex": str(random.choice(["girls", "boys"])),
            "decision_date": date(2024, 1, 10),
            "opened": bool(random.random() < 0.5),
        }
        for number in range(260)
    ]


def answers(random: np.random.Generator) -> list[dict[str, object]]:
    said = ["agree_fully", "agree_mostly", "disagree_mostly", "unknown", None]
    return [
        {
            "school_unit": SCHOOLS[number % 12]["school_unit"],
            "school_year": "2023/24",
            "answer": number,
            "stage": str(random.choice(["4-6", "7-9"])),
            "sex": str(random.choice(["girls", "boys"])),
            "feels_safe": random.choice(said),
            "study_peace": random.choice(said),
        }
        for number in range(1, 1201)
    ]


def plans(random: np.random.Generator) -> list[dict[str, object]]:
    return [
        {
            "child": f"c{number}",
            "municipality": ("1440", "1419", "1480")[number % 3],
            "plan_date": date(2023, 1 + number % 12, 10),
            "initiator": str(random.choice(["school", "health_care"])),
            "school_took_part": bool(random.random() < 0.7),
            "child_took_part": bool(random.random() < 0.5),
            "sex": str(random.choice(["girls", "boys"])),
        }
        for number in range(300)
    ]


TIMES = ("start_date", "end_date", "offered", "reported", "attended", "valid_absence", "invalid_absence")
ROWS = {
    "year9_leavers": ("year9_grades", year9, "school_unit"),
    "attendance": ("attendance", attendance, "school_unit"),
    "year6_pupils": ("year6_grades", year6, "school_unit"),
    "activity_responsibility": ("activity_responsibility", responsibility, "home_municipality"),
    "reported_children": ("support_chain", reports, "municipality"),
    "survey_answers": ("school_survey", answers, "school_unit"),
    "coordinated_plans": ("coordinated_plan", plans, "municipality"),
}
"""Extract, rows, and the column that says whose they are."""


def declared(population: str) -> catalogue.Catalogue:
    """The catalogue with only the indicators of this family that need nobody followed."""
    whole = catalogue.default()
    kept = {each.name: each for each in countable(whole.family(population))}
    return replace(whole, indicators=kept, model_types={})


def filled(rows: dict[str, list[dict[str, object]]]) -> engine.Connection:
    connection = database({})
    stored(connection, "school_units", SCHOOLS)
    stored(connection, "collaboration_register", models_of(SCHOOLS))
    for extract, those in rows.items():
        stored(connection, extract, those)
    return connection


def counts_of(connection: engine.Connection, population: str) -> list[dict[str, object]]:
    """What the member's own `samsyn aggregate` writes, as typed rows."""
    family = catalogue.default().family(population)
    rows = file_rows(engine.frame(connection, family_sql(family, by_unit=True, wide=True)), family).astype(object)
    rows = rows.where(rows.notna() & (rows != ""), None)
    return rows.to_dict("records")


@pytest.mark.parametrize("population", ROWS)
@pytest.mark.parametrize("seed", [1, 2])
def test_counts_in_place_of_a_members_rows_change_nothing(population: str, seed: int) -> None:
    extract, make, whose = ROWS[population]
    rows = make(np.random.default_rng(seed))
    mine = {school["school_unit"] for school in SCHOOLS if school["municipality"] == "1419"} | {"1419"}
    own = [row for row in rows if row[whose] in mine]
    others = [row for row in rows if row[whose] not in mine]
    sent = counts_of(filled({extract: own}), population)
    by_rows = compute(filled({extract: rows}), declared(population), population, region=GR)
    mixed = compute(filled({extract: others, "aggregated_counts": sent}), declared(population), population, region=GR)
    assert own
    assert others
    pd.testing.assert_frame_equal(_sorted(mixed.inner), _sorted(by_rows.inner), check_dtype=False, rtol=1e-12)
    pd.testing.assert_frame_equal(mixed.missing, by_rows.missing, check_dtype=False)
    assert mixed.main_provider == by_rows.main_provider
    pd.testing.assert_frame_equal(mixed.not_comparable, by_rows.not_comparable, check_dtype=False)
    assert mixed.not_comparable.empty


@pytest.mark.parametrize("population", ["survey_answers", "coordinated_plans"])
def test_counts_in_place_of_a_members_rows_change_no_published_value_or_status(population: str) -> None:
    extract, make, whose = ROWS[population]
    rows = make(np.random.default_rng(3))
    mine = {school["school_unit"] for school in SCHOOLS if school["municipality"] == "1419"} | {"1419"}
    sent = counts_of(filled({extract: [row for row in rows if row[whose] in mine]}), population)
    others = [row for row in rows if row[whose] not in mine]
    told = []
    for delivered in ({extract: rows}, {extract: others, "aggregated_counts": sent}):
        known = declared(population)
        counts = compute(filled(delivered), known, population, region=THREE)
        family, layout = known.family(population), layout_of(population)
        told.append(protect(counts, layout, indicators=family, region=THREE, thresholds=Thresholds())[0].values)
    first, second = (each.sort_values(list(KEY_COLUMNS)).reset_index(drop=True) for each in told)
    pd.testing.assert_frame_equal(first, second)
    assert {"shown"} <= set(first["status"])


def _sorted(inner: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in inner.columns if not name.endswith(("__sum", "__sum_squares", "__largest", "__weight"))]
    return inner.sort_values(keys).reset_index(drop=True)


def test_counts_beside_the_same_rows_are_not_counted_again() -> None:
    rows = year9(np.random.default_rng(3))
    sent = counts_of(filled({"year9_grades": rows}), "year9_leavers")
    twice = filled({"year9_grades": rows, "aggregated_counts": sent})
    found = compute(twice, declared("year9_leavers"), "year9_leavers", region=GR).inner
    assert found["contributors"].sum() == len(rows)


def test_what_counts_cannot_say_is_not_compared() -> None:
    rows = year9(np.random.default_rng(4))
    sent = counts_of(filled({"year9_grades": rows}), "year9_leavers")
    apart = compute(filled({"aggregated_counts": sent}), catalogue.default(), "year9_leavers", region=GR).not_comparable
    family = catalogue.default().family("year9_leavers")
    followed = {each.name for each in family if each.censored or each.needs_join}
    assert set(apart["indicator"]) == followed
    assert set(apart["municipality"]) == {"1440", "1419", "1480"}


def test_a_share_given_as_two_numbers_counts_its_pupils() -> None:
    row: dict[str, object] = {
        "population": "year9_leavers",
        "period": "2023/24",
        "period_kind": "school_year",
        "perspective": "school_municipality",
        "school_municipality": "1419",
        "provider": "municipal",
        "stage": "7-9",
        "indicator": "eligibility_vocational",
        "contributors": 50,
        "numerator": 41.0,
        "denominator": 50.0,
    }
    inner = compute(filled({"aggregated_counts": [row]}), catalogue.default(), "year9_leavers", region=GR).inner
    inside = inner[inner["eligibility_vocational__denominator"] > 0]
    with_outcome = inside["eligibility_vocational__numerator"] > 0
    assert inside["contributors"].sum() == 50
    assert inside.loc[with_outcome, "contributors"].sum() == 41


def test_the_command_writes_a_file_that_is_accepted_and_counts_the_same(tmp_path: Path) -> None:
    columns = ("pupil", "school_unit", "stage", "sex", *TIMES)
    rows = pd.DataFrame(attendance(np.random.default_rng(5)))[[*columns]]
    files = {"rows.csv": rows, "units.csv": pd.DataFrame(SCHOOLS)}
    for name, table in files.items():
        (tmp_path / name).write_text(table.to_csv(sep=";", index=False), encoding="utf-8")
    to = tmp_path / "counts.csv"
    accepted = [part for code in ("period_partly_covered",) for part in ("--accept", f"{code}=prov")]
    assert main(["aggregate", *(str(tmp_path / name) for name in files), "--to", str(to), "--json", *accepted]) == 0
    staged = stage(to.read_bytes(), "aggregated_counts", name="counts.csv")
    assert not staged.findings.refused
    found = engine.rows(staged.connection, "SELECT sum(contributors) FROM staged WHERE indicator IS NULL")
    assert found == [(len(rows),)]


def chain_and_pairs(number: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every other pupil reported in Ale, half of them in the year after the term; the report reaches far enough."""
    reports = [
        {
            "child": f"c{each}",
            "municipality": "1440",
            "report_date": date(2025, 3, 1) if each % 4 else date(2024, 3, 1),
            "reporter": "school",
            "observed_to": date(2026, 1, 31),
        }
        for each in range(0, number, 2)
    ]
    pairs = [{"Elevens pseudonym": f"a{each}", "Barnets pseudonym": f"c{each}"} for each in range(0, number, 2)]
    return pd.DataFrame(reports), pd.DataFrame(pairs)


def test_a_member_that_has_joined_by_itself_sends_how_many_were_reported_later_in_patterns(tmp_path: Path) -> None:
    """The command's file says the same as a declared join would."""
    own = {each["school_unit"] for each in SCHOOLS if each["municipality"] == "1440"}
    made = pd.DataFrame(attendance(np.random.default_rng(5)))
    rows = made[made["school_unit"].isin(own)][["pupil", "school_unit", "stage", "sex", *TIMES]]
    chain, pairs = chain_and_pairs(len(made))
    files = {"rows.csv": rows, "units.csv": pd.DataFrame(SCHOOLS), "chain.csv": chain, "pairs.csv": pairs}
    for name, table in files.items():
        (tmp_path / name).write_text(table.to_csv(sep=";", index=False), encoding="utf-8")
    to, given = tmp_path / "counts.csv", [str(tmp_path / name) for name in files]
    codes = ("period_partly_covered",)
    accepted = [part for code in codes for part in ("--accept", f"{code}=prov")]
    assert main(["aggregate", *given, "--to", str(to), "--own-join", "1440", "--json", *accepted]) == 0
    staged = stage(to.read_bytes(), "aggregated_counts", name="counts.csv")
    sent = engine.frame(staged.connection, "SELECT * FROM staged").to_dict("records")
    names = [f"reported_after_absence_{level}" for level in ("under_10", "10_to_20", "20")]
    joined = filled({"attendance": rows.to_dict("records"), "support_chain": chain.to_dict("records")})
    for pair in pairs.itertuples(index=False):
        joined.execute("INSERT INTO declared_join VALUES (?, ?)", list(pair))
    counted = compute(filled({"aggregated_counts": sent}), catalogue.default(), "joined_pupils", region=GR)
    wanted = compute(joined, catalogue.default(), "joined_pupils", region=GR)
    for name in names:
        sums = []
        for found in (counted.inner, wanted.inner):
            inside = found[found[f"{name}__denominator"] > 0]
            with_outcome = inside[f"{name}__numerator"] > 0
            sums.append((inside["contributors"].sum(), inside.loc[with_outcome, "contributors"].sum()))
        assert sums[0] == sums[1]
        assert sums[0][0] > sums[0][1] > 0
