"""From files to a published release and its exports, with the commands an officer's scheduled job would use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from metrics import catalogue, cli
from metrics.demo import generate
from metrics.evaluate.verdict import Reason
from metrics.protect import gate
from metrics.release import read

REGION = """
name = "Trion"
title = "Tre kommuner på prov"
members = [
    { code = "1480", name = "Göteborg" },
    { code = "1384", name = "Kungsbacka" },
    { code = "1481", name = "Mölndal" },
]
"""
SHARES = (
    "eligibility_vocational",
    "eligibility_arts",
    "eligibility_social_sciences",
    "eligibility_science_technology",
    "all_subjects_passed",
)


@pytest.fixture(scope="module")
def extracts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("extracts")
    generate(folder, scale="small", seed=2, only_year9=True)
    return folder


@pytest.fixture(scope="module")
def data(extracts: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder where everything has been handed in and published by command."""
    folder = tmp_path_factory.mktemp("data")
    region = folder / "region.toml"
    region.write_text(REGION, encoding="utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SAMSYN_DATA", str(folder))
        for delivery in json.loads((extracts / "deliveries.json").read_text(encoding="utf-8")):
            assert cli.main(load(extracts, delivery)) == 0, delivery["file"]
        environment.setenv("SAMSYN_REGION", str(region))
        assert cli.main(["publish", "--note", "Första utgåvan", "--json"]) == 0
        yield folder


def load(extracts: Path, delivery: dict[str, object]) -> list[str]:
    command = ["load", str(extracts / str(delivery["file"])), "--sender", str(delivery["sender"]), "--json"]
    command += ["--extract", str(delivery["extract"]), "--system", str(delivery["source_system"])]
    if delivery["overlap"]:
        command += ["--overlap", str(delivery["overlap"])]
    accepted = delivery["accept"]
    assert isinstance(accepted, dict)
    return command + [part for code, reason in accepted.items() for part in ("--accept", f"{code}={reason}")]


@pytest.fixture(scope="module")
def values(data: Path) -> pd.DataFrame:
    released = read.load(read.current_folder({"SAMSYN_DATA": str(data)}))
    found = released.values.values
    return found[(found["series"] == "own") & (found["model"] == "all") & (found["background"] == "all")]


def test_every_shown_count_is_the_truth(values: pd.DataFrame, extracts: Path) -> None:
    truth = json.loads((extracts / "truth.json").read_text(encoding="utf-8"))
    names = {"1480": "Göteborg", "1384": "Kungsbacka", "1481": "Mölndal"}
    expected = {
        (name, row["school_year"], names[row["municipality"]], row["provider"], row["sex"]): tuple(row["values"][name])
        for row in truth["year9_leavers"]
        if row["municipality"] in names
        for name in SHARES
    }
    members = values[(values["area_type"] == "municipality") & (values["period_kind"] == "school_year")]
    shown = members[(members["status"] == "shown") & members["indicator"].isin(SHARES)]
    columns = ["indicator", "school_year", "area", "provider", "sex", "numerator", "denominator"]
    compared = 0
    for *key, numerator, denominator in shown[columns].itertuples(index=False, name=None):
        if tuple(key) in expected:
            assert (numerator, denominator) == expected[tuple(key)], key
            compared += 1
    assert compared > len(SHARES) * 3


def test_nothing_small_is_shown(values: pd.DataFrame) -> None:
    shown = values[(values["status"] == "shown") & values["indicator"].isin(SHARES)]
    rest = shown["denominator"] - shown["numerator"]
    assert (shown["denominator"] >= 5).all()
    # Nobody at all outside the outcome singles out no child; one to four would.
    assert ((rest == 0) | (rest >= 5)).all()


def test_hidden_values_hold_no_number_and_say_one_word(values: pd.DataFrame) -> None:
    hidden = values[values["status"] == "hidden"]
    assert len(hidden) > 0
    assert hidden[["numerator", "denominator", "value", "low", "high"]].isna().all(axis=None)


def test_the_region_has_its_own_name_and_total(values: pd.DataFrame) -> None:
    region = values[(values["area_type"] == "region") & (values["period_kind"] == "school_year")]
    assert set(region["area"]) == {"Trion"}


def test_every_declared_result_has_its_row_and_its_plan(data: Path) -> None:
    release = read.load(read.current_folder({"SAMSYN_DATA": str(data)}))
    models = catalogue.default().model_types.values()
    declared = {(model.name, each.indicator, each.stage) for model in models for each in model.expected_results}
    rows = release.tables["evaluations"]
    of_type = rows[rows["indicator"] != ""]
    assert set(of_type[["model", "indicator", "stage"]].itertuples(index=False, name=None)) == declared
    assert set(of_type["area"]) == {"Trion"}
    assert {(each["model"], each["indicator"], each["stage"]) for each in release.manifest["plans"]} == declared
    assert set(rows.loc[rows["verdict"] == "undecidable", "reason"]) <= set(Reason)


def test_batches_undo_releases_and_withdraw(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["batches", "--json"]) == 0
    batches = json.loads(capsys.readouterr().out)["batches"]
    assert {each["extract"] for each in batches} == {"school_units", "collaboration_register", "year9_grades"}
    assert cli.main(["releases", "--json"]) == 0
    releases = json.loads(capsys.readouterr().out)["releases"]
    assert [each["current"] for each in releases] == [True]
    assert releases[0]["example"] is True


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".parquet"])
def test_exports_hold_the_release(data: Path, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"values{suffix}"
    assert cli.main(["export", "--official", "--to", str(path)]) == 0
    released = read.load(read.current_folder({"SAMSYN_DATA": str(data)})).values.values
    reader = {
        ".csv": lambda: pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig"),
        ".xlsx": lambda: pd.read_excel(path, sheet_name="values", engine="calamine"),
        ".parquet": lambda: pd.read_parquet(path),
    }[suffix]
    found = reader()
    assert len(found) == len(released)
    assert found["value"].sum() == pytest.approx(released["value"].sum())
    assert "series" in found.columns


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["export", "--to", "values.pdf"], 2),
        (["export", "--release", "finns-inte", "--to", "values.csv"], 2),
        (["load", "saknas.csv", "--sender", "X"], 2),
        (["undo", "999", "--reason", "fel"], 1),
        (["withdraw", "finns-inte", "--reason", "fel"], 1),
        (["publish"], 2),
        (["okänt"], 2),
    ],
)
def test_refusals_have_their_exit_codes(data: Path, command: list[str], code: int) -> None:
    assert cli.main(command) == code


def test_publishing_again_without_a_change_solves_and_holds_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gate, "joint_problem", None)
    assert cli.main(["publish", "--note", "Samma en gång till", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert said["held"] == []
    assert said["changed"] == 0


def test_a_held_period_keeps_its_earlier_table(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = read.load(read.current_folder({"SAMSYN_DATA": str(data)}))
    assert cli.main(["batches", "--json"]) == 0
    batches = json.loads(capsys.readouterr().out)["batches"]
    grades = max(each["batch"] for each in batches if each["extract"] == "year9_grades" and "Mölndal" in each["sender"])
    assert cli.main(["undo", str(grades), "--reason", "prov"]) == 0
    assert cli.main(["publish", "--note", "Efter en rättelse", "--json"]) == 0
    said = json.loads(capsys.readouterr().out.splitlines()[-1])
    held = {each.removeprefix("year9_leavers ") for each in said["held"]}
    assert held
    second = read.load(read.current_folder({"SAMSYN_DATA": str(data)}))
    assert second.id != first.id
    key = [
        "indicator",
        "area_type",
        "area",
        "provider",
        "model",
        "sex",
        "background",
        "period_kind",
        "period_to",
        "series",
    ]
    tables = [each.values.values for each in (first, second)]
    before, after = (
        each[each["school_year"].isin(held) & (each["period_kind"] == "school_year")].sort_values(key)
        for each in tables
    )
    before, after = (each[[*key, "status", "value"]] for each in (before, after))
    pd.testing.assert_frame_equal(before.reset_index(drop=True), after.reset_index(drop=True))
    assert cli.main(["withdraw", second.id, "--reason", "prov"]) == 0
    assert read.current_folder({"SAMSYN_DATA": str(data)}).name == first.id
