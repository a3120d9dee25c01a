"""Releases: written whole, read back the same, damaged ones refused, withdrawn ones silent; the official series."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.protect.errors import ProtectionError
from metrics.protect.joined import publish_official
from metrics.protect.known import known_rows
from metrics.release import read, tables
from metrics.release.comparisons import NUMBERS as COMPARED_NUMBERS
from metrics.release.facts import batch_entry
from metrics.release.official import anyones_series, official_series
from metrics.release.write import definition, point_at, write_release, write_withdrawal
from metrics.values import DIMENSION_COLUMNS, Counts, Published
from metrics.vocabulary import GR, Region

INDICATORS = catalogue.default().indicators
PUBLISHED_NATION = {"2024/25": 84.1, "2023/24": 83.7, "2022/23": 85.2, "2015/16": 83.1}


@pytest.fixture
def official() -> pd.DataFrame:
    return tables.official_rows(official_series(None, GR, INDICATORS), INDICATORS, GR)


def written(
    parent: Path, official: pd.DataFrame, name: str = "2026-11-23-1", created: str = "2026-11-23T08:00:00"
) -> Path:
    manifest = {"id": name, "number": 1, "created": created, "note": "Prov", "example": True}
    parent.mkdir(parents=True, exist_ok=True)
    return write_release(
        parent / name,
        manifest=manifest,
        tables={"values": publish_official(official).values.assign(release=name)},
        definitions=[definition(each) for each in INDICATORS.values()],
    )


def test_the_region_is_the_weighted_sum_of_its_members(official: pd.DataFrame) -> None:
    rows = official[(official["indicator"] == "eligibility_vocational") & (official["school_year"] == "2024/25")]
    members = rows[rows["area_type"] == "municipality"]
    region = rows[rows["area_type"] == "region"].iloc[0]
    assert region["denominator"] == members["denominator"].sum() == 12881
    expected = (members["value"] * members["denominator"]).sum() / 12881
    assert region["value"] == pytest.approx(expected)
    assert round(region["value"], 1) == 84.2


def test_the_nation_is_the_published_value_until_the_country_is_loaded(official: pd.DataFrame) -> None:
    nation = official[(official["area_type"] == "nation") & (official["indicator"] == "eligibility_vocational")]
    values = dict(zip(nation["school_year"], nation["value"], strict=True))
    assert {year: values[year] for year in PUBLISHED_NATION} == PUBLISHED_NATION


def test_a_region_with_a_member_missing_has_no_official_total() -> None:
    larger = Region(
        name="GR+", title="GR+", members=(*GR.members, GR.members[0].__class__(code="0180", name="Stockholm"))
    )
    series = official_series(None, larger, INDICATORS)
    assert "GR+" not in set(series["municipality"])


def test_loaded_figures_of_providers_and_schools_are_known_to_the_gate_and_never_in_the_series() -> None:
    share = "Andel (%) elever behöriga till yrkesprog."
    places = [
        ("1440", None, "all", 81.6, None),
        ("1440", None, "municipal", 12.3, None),
        ("1440", "10000001", "municipal", None, "~100"),
        ("1440", "10000001", "independent", None, ".."),
    ]
    connection = engine.memory(threads=1)
    connection.execute(
        "CREATE TABLE official_statistics (measure VARCHAR, school_year VARCHAR, municipality VARCHAR,"
        " municipality_name VARCHAR, school_unit VARCHAR, provider VARCHAR, sex VARCHAR, pupils INTEGER, value DOUBLE,"
        " status VARCHAR, mark VARCHAR, breakdown VARCHAR, batch INTEGER)"
    )
    for code, unit, provider, value, mark in places:
        row = [share, "2024/25", code, "Ale", unit, provider, "all", 100, value, "hidden" if mark else "shown", mark]
        connection.execute(f"INSERT INTO official_statistics VALUES ({', '.join('?' * 11)}, NULL, 1)", row)
    series = official_series(connection, GR, INDICATORS)
    own = (series["municipality"] == "1440") & (series["school_year"] == "2024/25") & (series["value"] == 81.6)
    assert own.sum() == 1
    assert 12.3 not in set(series["value"])
    assert list(series.columns) == list(official_series(None, GR, INDICATORS).columns)
    inner = pd.DataFrame([{**dict.fromkeys(DIMENSION_COLUMNS, ""), "eligibility_vocational__numerator": 1}])
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=inner)
    figures = anyones_series(connection, INDICATORS, series[own])
    known = known_rows(counts, list(INDICATORS.values()), region=GR, official=figures)
    told = {(each.school or each.area, each.provider, each.part): (each.low, each.high) for each in known}
    assert told["Ale", "municipal", "numerator"] == pytest.approx((11.6375, 12.35))
    assert told["10000001", "all", "remainder"] == (1.0, 4.0)
    assert {each.part for each in known if each.school} == {"remainder", "denominator"}


def test_a_manifest_has_no_hash_of_a_file_that_can_be_guessed() -> None:
    """The form of the file is everyone's and nearly all its numbers are shown: its hash would confirm the hidden ones."""
    about = {"batch": 1, "sender": "Ale kommun", "file_name": "fil.csv", "sha256": "0" * 64}
    hashes = {
        name: batch_entry(SimpleNamespace(extract=name, **about))["sha256"] for name in catalogue.default().extracts
    }
    guessable = {name for name, sha256 in hashes.items() if not sha256}
    assert guessable == {"aggregated_counts", "mapping_answers"}


def test_official_rows_of_single_providers_never_leave_the_desk(official: pd.DataFrame) -> None:
    leaking = pd.concat([official, official.head(1).assign(provider="independent")])
    with pytest.raises(ProtectionError, match="all providers together"):
        publish_official(leaking)


def test_a_release_reads_back_as_written(tmp_path: Path, official: pd.DataFrame) -> None:
    release = read.load(written(tmp_path, official))
    pd.testing.assert_frame_equal(
        release.values.values[["area", "value", "status"]].reset_index(drop=True),
        official[["area", "value", "status"]].reset_index(drop=True),
        check_dtype=False,
    )
    assert list(release.definitions) == list(INDICATORS)
    assert release.definitions["merit_value_16"].unit == "mean"


def test_numbers_are_written_as_numbers_or_refused(tmp_path: Path) -> None:
    row = {**dict.fromkeys(read.TABLES["comparisons"], "a"), **dict.fromkeys(COMPARED_NUMBERS, 2.5)}
    made = pd.DataFrame([row])
    folder = write_release(tmp_path / "one", manifest={}, tables={"comparisons": made}, definitions=[])
    back = pd.read_parquet(folder / "open" / "comparisons.parquet")
    assert back[list(COMPARED_NUMBERS)].to_numpy().tolist() == [[2.5] * len(COMPARED_NUMBERS)]
    with pytest.raises(ValueError, match="numbers in text columns: kind"):
        write_release(tmp_path / "two", manifest={}, tables={"comparisons": made.assign(kind=1.5)}, definitions=[])


def test_the_same_content_gives_the_same_bytes(tmp_path: Path, official: pd.DataFrame) -> None:
    first, second = written(tmp_path / "a", official), written(tmp_path / "b", official)
    for path in first.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (second / path.relative_to(first)).read_bytes()


def test_a_release_is_written_once(tmp_path: Path, official: pd.DataFrame) -> None:
    written(tmp_path, official)
    with pytest.raises(FileExistsError):
        written(tmp_path, official)


def test_a_changed_file_is_refused(tmp_path: Path, official: pd.DataFrame) -> None:
    folder = written(tmp_path, official)
    path = folder / "open" / "values.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(read.ReleaseError, match="skadad"):
        read.load(folder)


def test_a_withdrawn_release_has_no_numbers_but_its_reason(tmp_path: Path, official: pd.DataFrame) -> None:
    folder = written(tmp_path, official)
    write_withdrawal(folder, day=date(2026, 11, 24), reason="fel fil")
    release = read.load(folder)
    assert release.values.values.empty
    assert release.withdrawn == read.Withdrawal(day="2026-11-24", reason="fel fil")


def test_the_current_release_is_the_one_pointed_at_and_never_a_withdrawn_one(
    tmp_path: Path, official: pd.DataFrame
) -> None:
    releases = tmp_path / "releases"
    older = written(releases, official, "2026-11-22-1", "2026-11-22T08:00:00")
    newer = written(releases, official, "2026-11-23-1")
    environment = {"SAMSYN_DATA": str(tmp_path)}
    point_at(releases, older.name)
    assert read.current_folder(environment) == older
    write_withdrawal(older, day=date(2026, 11, 24), reason="fel")
    assert read.current_folder(environment) == newer
    assert [folder.name for folder in read.release_folders(environment)] == [newer.name, older.name]
    assert read.folder_of(older.name, environment) == older


def test_a_browse_process_sees_only_its_own_release(tmp_path: Path, official: pd.DataFrame) -> None:
    folder = written(tmp_path / "elsewhere", official)
    environment = {"SAMSYN_RELEASE": str(folder), "SAMSYN_DATA": str(tmp_path)}
    assert read.release_folders(environment) == [folder]
    assert read.current_folder(environment) == folder


def test_a_hidden_value_with_a_number_cannot_be_published(official: pd.DataFrame) -> None:
    leaking = official.copy()
    leaking.loc[leaking.index[0], "status"] = "hidden"
    with pytest.raises(ValueError, match="holds no number"):
        Published(values=leaking)


def test_changes_between_releases(official: pd.DataFrame) -> None:
    own = official[official["area_type"] != "nation"].assign(series="own")
    after = own.copy()
    after.loc[after.index[0], "value"] = own.loc[own.index[0], "value"] + 1
    after.loc[after.index[1], ["value", "denominator"]] = np.nan
    after.loc[after.index[1], "status"] = "hidden"
    found = tables.changes(own, after.drop(index=after.index[2]))
    assert sorted(found["what"]) == ["gone", "status", "value"]
    moved = found[found["what"] == "value"].iloc[0]
    assert moved["after"] - moved["before"] == pytest.approx(1)
