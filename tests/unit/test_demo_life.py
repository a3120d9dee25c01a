"""The invented life courses: what truth.json says of attendance, the way on and support is what the files say."""

import itertools
import json
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pyarrow.parquet as parquet
import pytest
from demo_files import rows_of, standing

from metrics import catalogue
from metrics.compute import compute
from metrics.demo import absence, bench_attendance, build, counts, generate, joined, people
from metrics.demo.outgoing import COUNTS_ONLY, WITHOUT_NEWEST
from metrics.demo.release import CREATED, desk_at, hand_in_all
from metrics.intake import stage
from metrics.values import LOCAL_PRINCIPAL
from metrics.vocabulary import GR

KINDS = sorted(set(catalogue.default().extracts) - {"official_statistics", "pupil_child_pairs"})
MINUTES = {"timmar": 60, "tim": 60, "hours": 60, "minuter": 1, "min": 1, "minutes": 1}
STAGES = {
    "F-3": ("f", "fsk", "förskoleklass", "0", "1", "2", "3", "lågstadiet", "f-3"),
    "4-6": ("4", "5", "6", "mellanstadiet", "4-6"),
    "7-9": ("7", "8", "9", "högstadiet", "7-9"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("life")
    generate(made, scale="small", seed=3)
    return made


@pytest.fixture(scope="module")
def facit(folder: Path) -> dict:
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def deliveries(folder: Path) -> list[dict]:
    return json.loads((folder / "deliveries.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def units(folder: Path, deliveries: list[dict]) -> dict[str, dict]:
    return {row["school_unit"]: row for row in standing(folder, deliveries, "school_units")}


def day(text: str) -> str:
    """2024-08-18 for 18.08.2024, 20240818 and itself."""
    if "." in text:
        return "-".join(reversed(text.split(".")))
    return text if "-" in text else f"{text[:4]}-{text[4:6]}-{text[6:]}"


def term(text: str) -> str:
    year, month = day(text)[:4], day(text)[5:7]
    return f"{'HT' if month >= '07' else 'VT'} {year}"


def number(text: str) -> float:
    return float(text.replace(",", "."))


def minutes(row: dict, name: str) -> float:
    return number(row[name]) * MINUTES[row["measure"].lower()]


def stage_of(written: str) -> str:
    return next(stage for stage, words in STAGES.items() if written.lower() in words)


def present_rows(folder: Path, deliveries: list[dict]) -> list[dict]:
    """Attendance rows that stand: a correction replaces the school's term."""
    kept: list[tuple[str, dict]] = []
    for delivery in (each for each in deliveries if each["extract"] == "attendance"):
        rows = rows_of(folder / delivery["file"], "attendance")
        if delivery["overlap"] == "replace":
            gone = {(row["school_unit"], term(row["start_date"])) for row in rows}
            kept = [
                (sender, row)
                for sender, row in kept
                if sender != delivery["sender"] or (row["school_unit"], term(row["start_date"])) not in gone
            ]
        kept += [(delivery["sender"], row) for row in rows]
    return [row for _, row in kept]


def present_pupils(folder: Path, deliveries: list[dict]) -> dict[tuple[str, str], list[dict]]:
    """Rows by pupil and term; who has got a new pseudonym goes under it."""
    now = {row["old_pupil"]: row["pupil"] for row in standing(folder, deliveries, "pupil_alias")}
    found: dict[tuple[str, str], list[dict]] = defaultdict(list)
    for row in present_rows(folder, deliveries):
        found[now.get(row["pupil"], row["pupil"]), term(row["start_date"])].append(row)
    return found


def test_attendance_is_what_the_truth_says(folder: Path, deliveries: list[dict], facit: dict, units: dict) -> None:
    counted: dict[tuple, Counter] = defaultdict(Counter)
    for (_, when), rows in present_pupils(folder, deliveries).items():
        times = Counter()
        for row in rows:
            for name in ("offered", "valid_absence", "invalid_absence"):
                times[name] += minutes(row, name)
        main = max(rows, key=lambda row: (minutes(row, "offered"), row["school_unit"]))
        unit = units[main["school_unit"]]
        provider = "municipal" if unit["provider"] == "kommunal" else "independent"
        key = (when, unit["municipality"], provider, stage_of(main["stage"]))
        away = times["valid_absence"] + times["invalid_absence"]
        counted[key] += Counter({"pupils": 1, "absence": away, "offered": times["offered"]})
        for percent in (10, 15, 20, 30, 50):
            counted[key][f"absence_{percent}"] += 100 * away >= percent * times["offered"]
    stated = {
        (row["period"], row["municipality"], row["provider"], row["stage"]): row["values"]
        for row in facit["attendance"]
        if row["municipality"] != "all" and row["provider"] != "all"
    }
    by_rows = {key: value for key, value in stated.items() if not (key[1] in COUNTS_ONLY and key[2] == "municipal")}
    assert by_rows.keys() == counted.keys()
    for key, values in by_rows.items():
        assert values["absence_time"] == [counted[key]["absence"], counted[key]["offered"]], key
        for percent in (10, 15, 20, 30, 50):
            assert values[f"absence_{percent}"] == [counted[key][f"absence_{percent}"], counted[key]["pupils"]], key


def test_two_members_send_counts_that_say_the_same(folder: Path, deliveries: list[dict], facit: dict) -> None:
    found: dict[tuple, Counter] = defaultdict(Counter)
    for row in standing(folder, deliveries, "aggregated_counts"):
        if row["pattern"]:
            key = (row["period"], row["school_municipality"], row["stage"])
            for name, has in (part.split("=") for part in row["pattern"].split(";")):
                found[key][name] += int(has) * int(row["contributors"])
            found[key]["pupils"] += int(row["contributors"])
    stated = {
        (row["period"], row["municipality"], row["stage"]): row["values"]
        for row in facit["attendance"]
        if row["municipality"] in COUNTS_ONLY and row["provider"] == "municipal"
    }
    assert stated.keys() == found.keys()
    for key, values in stated.items():
        for name in counts.THRESHOLDS:
            assert values[name] == [found[key][name], found[key]["pupils"]]


def test_one_member_has_not_delivered_the_newest_year(folder: Path, deliveries: list[dict]) -> None:
    own = [each for each in deliveries if each["extract"] == "attendance" and f"_{WITHOUT_NEWEST}" in each["file"]]
    terms = {term(row["start_date"]) for each in own for row in rows_of(folder / each["file"], "attendance")}
    assert terms == {f"{word} {year}" for year in (2022, 2023) for word in ("HT", "VT")} | {"HT 2021", "VT 2024"}
    grades = [each for each in deliveries if f"year9_grades_{WITHOUT_NEWEST}" in each["file"]]
    assert grades[-1] in deliveries[-5:]


def test_placements_and_investigations_of_one_person_follow_each_other(folder: Path, deliveries: list[dict]) -> None:
    """Otherwise the files could not be handed in without reasons for what does not go together."""
    for name, person, start, end in (
        ("resource_centre_placement", "pupil", "started", "ended"),
        ("support_chain", "child", "investigation_start", "investigation_end"),
    ):
        spans: dict[str, list] = defaultdict(list)
        for row in standing(folder, deliveries, name):
            if row[start]:
                spans[row[person]].append((day(row[start]), day(row[end]) if row[end] else "9999-12-31"))
        several = [sorted(found) for found in spans.values() if len(found) > 1]
        assert several
        assert all(last <= first for found in several for (_, last), (first, _) in itertools.pairwise(found))


def test_school_and_social_services_share_no_pseudonym(folder: Path, deliveries: list[dict]) -> None:
    social = {row["child"] for row in standing(folder, deliveries, "support_chain")}
    school = {row["pupil"] for row in standing(folder, deliveries, "year6_grades")}
    school |= {row["pupil"] for row in standing(folder, deliveries, "year9_grades")}
    assert len(social) > 100
    assert not social & school


def test_the_same_pupil_is_found_in_year_6_and_year_9(folder: Path, deliveries: list[dict]) -> None:
    """Those who left in the last spring were in year 6 in the first; a few under an earlier pseudonym, some elsewhere."""
    now = {row["old_pupil"]: row["pupil"] for row in standing(folder, deliveries, "pupil_alias")}
    before = {
        now.get(row["pupil"], row["pupil"]): row["school_unit"] for row in standing(folder, deliveries, "year6_grades")
    }
    left = {
        row["pupil"]: row["school_unit"]
        for row in standing(folder, deliveries, "year9_grades")
        if row["school_year"].endswith("25")
    }
    linked = left.keys() & before.keys()
    assert len(linked) > 0.98 * len(left)
    assert now.keys().isdisjoint(left)


def test_reports_of_concern_are_what_the_truth_says(folder: Path, deliveries: list[dict], facit: dict) -> None:
    reports: Counter = Counter()
    children: dict[tuple, set] = defaultdict(set)
    for row in standing(folder, deliveries, "support_chain"):
        key = (row["municipality"], int(day(row["report_date"])[:4]))
        reports[key] += 1
        children[key].add(row["child"])
    stated = {(row["municipality"], row["year"]): (row["reports"], row["children"]) for row in facit["support_chain"]}
    assert stated == {key: (reports[key], len(children[key])) for key in reports}


def test_completion_is_what_the_files_say(folder: Path, deliveries: list[dict], facit: dict) -> None:
    started: dict[str, dict] = {}
    for row in sorted(standing(folder, deliveries, "upper_secondary_enrolment"), key=lambda row: row["school_year"]):
        if row["study_year"] == "1":
            started.setdefault(row["pupil"], row)
    diplomas = {
        row["pupil"]: int(day(row["outcome_date"])[:4])
        for row in standing(folder, deliveries, "upper_secondary_outcome")
        if "examen" in row["outcome"]
    }
    first = [
        pupil
        for pupil, row in started.items()
        if row["school_year"] == "2022/23" and row["has_personal_number"] == "ja" and row["school_form"] != "gyan"
    ]
    within = sum(diplomas.get(pupil, 9999) <= 2025 for pupil in first)
    [stated] = [row for row in facit["completion"] if row["started"] == "2022/23" and row["group"] == "all"]
    assert (stated["starters"], stated["diploma_within"]) == (len(first), {"3": within})


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_are_accepted_with_the_answers_given(folder: Path, deliveries: list[dict], kind: str) -> None:
    own = [each for each in deliveries if each["extract"] == kind]
    chosen = {each["source_system"]: each for each in own} | {each["file"]: each for each in own if each["accept"]}
    assert chosen
    for delivery in list(chosen.values())[:3]:
        staged = stage((folder / delivery["file"]).read_bytes(), kind, name=delivery["file"])
        assert not staged.findings.errors
        assert {finding.code for finding in staged.findings.acknowledgeable} == set(delivery["accept"])
        staged.connection.close()


@pytest.fixture(scope="module")
def reported() -> tuple:
    """Attendance of a whole region: share absent and share reported in years 7-9 per site and spring, and the plan."""
    world = build("gr", 1)
    rows = absence.rows(people.everyone(world.leavers), world.effects, world.laid)
    upper = rows[rows["stage"] == 2]
    minutes = [
        "offered",
        "reported",
        "valid_absence",
        "invalid_absence",
    ]  # kept as 32 bits: too few for a hundredfold sum
    sums = upper.astype(dict.fromkeys(minutes, "int64")).groupby(["site", "spring"])[minutes].sum()
    away = 100 * (sums["valid_absence"] + sums["invalid_absence"]) / sums["offered"]
    return world, away.unstack(), (100 * sums["reported"] / sums["offered"]).unstack()


def changes(world, table, model: str) -> float:
    """The mean change from four early years to the whole years with the model, less that of sites without any model."""
    other = table.drop(
        index=np.unique(np.concatenate([each.sites for each in world.laid if each.start.model != "sspf"]))
    )
    found = []
    for each in (e for e in world.laid if e.start.model == model and e.start.ended is None):
        base, during = range(each.exposed - 5, each.exposed - 1), range(each.first + 1, 2026)
        own = table.loc[each.sites]
        gone = own[list(during)].to_numpy().mean() - own[[y for y in base if y in own]].to_numpy().mean()
        usual = other[list(during)].to_numpy()[~np.isnan(other[list(during)].to_numpy())].mean()
        before = np.nanmean(other[[y for y in base if y in other]].to_numpy())
        found.append(gone - (usual - before))
    return float(np.mean(found))


def test_the_effective_model_lowers_absence_and_the_one_that_registers_raises_what_is_seen(reported) -> None:
    world, away, seen = reported
    assert changes(world, away, "school_social_team") < -1.5
    assert abs(changes(world, away, "attendance_team")) < 0.7
    assert changes(world, away, "early_coordination") > 0.5
    assert changes(world, seen, "early_coordination") == pytest.approx(8, abs=1)
    assert abs(changes(world, seen, "school_social_team")) < 1


def test_absence_is_higher_in_spring_and_in_later_years(reported) -> None:
    world, _, _ = reported
    rows = absence.rows(people.everyone(world.leavers), world.effects, world.laid)
    share = (rows["valid_absence"] + rows["invalid_absence"]) / rows["offered"]
    assert share[rows["term"] == 1].mean() > share[rows["term"] == 0].mean()
    by_stage = share.groupby(rows["stage"]).mean()
    assert by_stage[0] < by_stage[1] < by_stage[2]


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_pupil_days_for_the_benchmarks(tmp_path: Path, file_format: str) -> None:
    files = bench_attendance(tmp_path, pupil_days=40_000, file_format=file_format)
    declared = {column.name for column in catalogue.default().extracts["attendance"].columns}
    if file_format == "csv":
        rows = [row for path in files for row in rows_of(path, "attendance")]
        assert len(rows) >= 40_000
        return
    tables = [parquet.read_table(path).to_pandas() for path in files]
    assert sum(len(table) for table in tables) >= 40_000
    for table in tables:
        assert set(table.columns) <= declared
        assert (table["valid_absence"] + table["invalid_absence"] <= table["offered"]).all()
        assert not table.duplicated(["pupil", "start_date"]).any()


def test_the_spread_over_schools_is_in_one_place_per_term(folder: Path, deliveries: list[dict]) -> None:
    """Nearly everyone has one school a term, those who moved in spring two."""
    places = Counter(len({row["school_unit"] for row in rows}) for rows in present_pupils(folder, deliveries).values())
    assert places.keys() == {1, 2}
    assert places[2] < 0.01 * places[1]


def test_a_joined_member_hands_in_pairs_and_the_truth_is_what_they_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the scale of the real region alone; made here of a small one. Pupils of counts alone are in nobody's pairs."""
    assert not (tmp_path / "joins.json").exists()
    monkeypatch.setattr(joined, "SCALE", "small")
    monkeypatch.setattr(joined, "JOINED", ("1480",))
    generate(tmp_path, scale="small", seed=3)
    said = json.loads((tmp_path / "joins.json").read_text(encoding="utf-8"))
    assert [each["organisation"] for each in said] == ["Göteborgs kommun, grundskolenämnden"]
    assert all("Exempeldata" in said[0][name] for name in ("purpose", "ground", "school_decision", "social_decision"))
    desk = desk_at(tmp_path / "data")
    deliveries = json.loads((tmp_path / "deliveries.json").read_text(encoding="utf-8"))
    wanted = ("school_units", "pupil_alias", "attendance", "pupil_child_pairs")
    kept = [each for each in deliveries if each["extract"] in wanted or each["file"].endswith("support_chain_1480.csv")]
    (tmp_path / "deliveries.json").write_text(json.dumps(kept), encoding="utf-8")
    hand_in_all(desk, tmp_path)
    made = desk.vault.joins(LOCAL_PRINCIPAL)[0]
    assert (made.declared, made.municipality) == (CREATED.date(), "1480")
    facit = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))["reported_within_a_year"]
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        inner = compute(connection, catalogue.default(), "joined_pupils", region=GR).inner
    own = inner[inner["school_municipality"] == "1480"]
    found = []
    for each in facit:
        rows = own[(own["period"] == each["period"]) & (own["stage"] == each["stage"])]
        name = f"reported_after_absence_{each['absence']}"
        inside = rows[rows[f"{name}__denominator"] > 0]
        counted = inside["contributors"].sum(), (inside["contributors"] * inside[f"{name}__numerator"]).sum()
        found.append([int(counted[1]), int(counted[0])])
    assert found == [each["reported"] for each in facit]
    assert len(found) > 20
    assert all(low <= high for low, high in found)
    assert sum(low for low, _ in found) > 10
