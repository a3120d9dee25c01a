"""The committed example release is what its seed gives, byte for byte, and says what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from metrics.demo.release import build_release
from metrics.release import read

ROOT = Path(__file__).resolve().parents[2]
SAME_TOOLS = os.name == "posix"
"""Parquet's bytes follow the pinned library; another platform's build of it may pack them differently."""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.skipif(not SAME_TOOLS, reason="bytes are compared on the platform that the release was made on")
def test_the_example_release_rebuilds_byte_for_byte(tmp_path: Path) -> None:
    made, committed = contents(build_release(tmp_path / "demo")), contents(ROOT / "data" / "demo")
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


def test_the_example_release_says_that_it_is_one() -> None:
    release = read.load(ROOT / "data" / "demo")
    assert release.example
    assert "Exempeldata" in release.manifest["note"]
    assert release.region["name"] == "GR"


def test_the_example_release_carries_real_official_figures_of_ten_years() -> None:
    values = read.load(ROOT / "data" / "demo").values.values
    official = values[(values["series"] == "official") & (values["indicator"] == "eligibility_vocational")]
    newest = official[official["school_year"] == "2024/25"].set_index("area")["value"]
    assert newest["Ale"] == 81.6
    assert newest["Riket"] == 84.1
    assert official.loc[official["area_type"] == "municipality", "school_year"].nunique() == 10
    assert set(official["provider"]) == {"all"}


def test_every_member_total_of_the_newest_year_is_shown() -> None:
    values = read.load(ROOT / "data" / "demo").values.values
    total = (values["series"] == "own") & (values["area_type"] == "municipality") & (values["provider"] == "all")
    total &= (values["sex"] == "all") & (values["model"] == "all") & (values["background"] == "all")
    newest = values[total & (values["school_year"] == "2024/25") & (values["period_kind"] == "school_year")]
    for name in (
        "eligibility_vocational",
        "eligibility_arts",
        "eligibility_social_sciences",
        "eligibility_science_technology",
    ):
        assert (newest.loc[newest["indicator"] == name, "status"] == "shown").sum() == 13


def test_the_manifest_tells_no_count_of_pupils() -> None:
    manifest = read.load(ROOT / "data" / "demo").manifest
    assert manifest["batches"]
    assert all(set(each) == {"batch", "extract", "sender", "file", "sha256"} for each in manifest["batches"])
    audits = [each for reports in manifest["protection"].values() for each in reports]
    assert audits
    assert all(set(each) == {"period", "cells", "hidden", "narrow"} for each in audits)
