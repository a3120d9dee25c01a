"""The committed example release is what its seed gives, byte for byte, and says what it is."""

from __future__ import annotations

import itertools
import json
import os
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from metrics.demo import generate
from metrics.demo.release import build_release, desk_at, hand_in_all
from metrics.present import parts, where
from metrics.present.figures import Figures
from metrics.present.indicator import REGION
from metrics.present.pathway import COHORTS
from metrics.present.support_chain import KINDS, TIMES
from metrics.present.where import Where
from metrics.protect import gate
from metrics.release import read
from metrics.release.desk import Desk
from metrics.release.publish import publish
from metrics.values import LOCAL_PRINCIPAL
from metrics.vocabulary import ALL, GR, Region
from tests.bench.shown import table
from tests.whole.processes import watched

ROOT = Path(__file__).resolve().parents[2]
SAME_TOOLS = os.name == "posix"
"""Parquet's bytes follow the pinned library; another platform's build of it may pack them differently."""


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.soak
@pytest.mark.skipif(not SAME_TOOLS, reason="bytes are compared on the platform that the release was made on")
def test_the_example_release_rebuilds_byte_for_byte(tmp_path: Path) -> None:
    made, committed = contents(build_release(tmp_path / "demo", workers=2)), contents(ROOT / "data" / "demo")
    assert sorted(made) == sorted(committed)
    assert [name for name in made if made[name] != committed[name]] == []


def test_one_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name in ("first", "again"):
        generate(tmp_path / name, scale="small", seed=3, only_year9=True)
    assert contents(tmp_path / "first") == contents(tmp_path / "again")


@pytest.mark.soak
def test_any_number_of_processes_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One member is enough: its ten years go through the gate in turn, and then beside each other in two processes."""
    numbers = tmp_path / "processes"
    numbers.mkdir()
    monkeypatch.setattr(gate, "ProcessPoolExecutor", watched(numbers))
    generate(tmp_path / "extracts", scale="small", seed=3, only_year9=True)
    desk = desk_at(tmp_path / "data")
    hand_in_all(desk, tmp_path / "extracts")
    desk = replace(desk, region=Region(name="G", title="G", members=(GR.member("1480"),)))
    made = [_published(desk, tmp_path / str(workers), workers) for workers in (1, 2)]
    assert made[0] == made[1]
    assert "open/values.parquet" in made[0]
    solving = {path.name for path in numbers.iterdir()}
    assert len(solving) >= 2
    assert str(os.getpid()) not in solving


def test_a_period_with_values_per_school_stands_when_its_counts_change(tmp_path: Path) -> None:
    """Otherwise the new open part, beside the schools that are shown, would tell of those that are hidden."""
    told: list[tuple[str, float]] = []
    generate(tmp_path / "extracts", scale="small", seed=3, only_year9=True)
    desk = desk_at(tmp_path / "data")
    _only_newest_of(tmp_path / "extracts", "1480")
    hand_in_all(desk, tmp_path / "extracts")
    own = Region(name="G", title="G", members=(GR.member("1480"),))
    desk = replace(desk, region=own, catalogue=replace(desk.catalogue, model_types={}))  # no results to evaluate
    first = replace(desk, schools=True)
    publish(first, principal=LOCAL_PRINCIPAL, note="Prov", progress=lambda *each: told.append(each))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert (shares[0] <= 0.1, shares[-1]) == (True, 1.0)
    assert {f"Räknar och skyddar {each}" for each in desk.catalogue.populations} <= {what for what, _ in told}
    own = [each for each in desk.vault.batches(LOCAL_PRINCIPAL) if each.sender.startswith("Göteborg")]
    newest = max((each for each in own if each.extract == "year9_grades"), key=lambda each: each.batch)
    desk.vault.undo(newest.batch, reason="Prov", principal=LOCAL_PRINCIPAL)
    again = publish(desk, principal=LOCAL_PRINCIPAL, note="Prov")
    before, after = (read.load(each) for each in sorted(desk.releases.glob("20*")))
    waiting = [each.split(" ") for each in again.held]
    held = {period for family, period in waiting if family == "year9_leavers"}
    assert held
    assert held <= set(before.schools["school_year"])
    assert {period for family, period in waiting if family != "year9_leavers"} <= held, (
        "what divides them waits with them"
    )
    pd.testing.assert_frame_equal(_of_years(before, held), _of_years(after, held))
    pd.testing.assert_frame_equal(
        before.schools.drop(columns="release").reset_index(drop=True),
        after.schools.drop(columns="release").reset_index(drop=True),
    )


def _only_newest_of(extracts: Path, member: str) -> None:
    """Leave the three newest years of one member to be handed in, and what is the whole region's."""
    listed = extracts / "deliveries.json"
    said = json.loads(listed.read_text(encoding="utf-8"))
    own = [each for each in said if "regionen" in each["file"] or member in each["file"]]
    listed.write_text(json.dumps(own), encoding="utf-8")
    for path in extracts.glob(f"*{member}*historik*"):
        encoding = "utf-16" if path.read_bytes().startswith(b"\xff\xfe") else "utf-8"
        head, *rows = path.read_text(encoding=encoding).splitlines(keepends=True)
        kept = [row for row in rows if "2022/23" in row or "2023/24" in row]
        path.write_text(head + "".join(kept), encoding=encoding)


def _of_years(release: read.Release, years: set[str]) -> pd.DataFrame:
    values = release.values.values
    own = values["school_year"].isin(years) & (values["series"] == "own") & (values["period_kind"] == "school_year")
    return values[own].drop(columns="release").reset_index(drop=True)


def _published(desk: Desk, data: Path, workers: int) -> dict[str, bytes]:
    stamp = ("prov-1", datetime(2026, 11, 23, 8, 0))
    at = replace(desk, data=data, workers=workers)
    return contents(publish(at, principal=LOCAL_PRINCIPAL, note="Prov", stamp=stamp).folder)


def test_the_example_release_says_that_it_is_one() -> None:
    release = read.load(ROOT / "data" / "demo")
    assert release.example
    assert "Exempeldata" in release.manifest["note"]
    assert release.region["name"] == "GR"


def test_the_example_release_carries_real_official_figures_of_ten_years() -> None:
    values = read.load(ROOT / "data" / "demo").values.values
    official = values[(values["series"] == "official") & (values["indicator"] == "eligibility_vocational")]
    newest = official[(official["school_year"] == "2024/25") & (official["area_type"] != "peer_group")]
    newest = newest.set_index("area")["value"]
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


def test_what_a_reader_comes_for_is_shown_in_the_eligibility_family() -> None:
    """The frozen list of default cells: totals of members and GR, GR without a member, and both by sex."""
    values = read.load(ROOT / "data" / "demo").values.values
    family = [f"eligibility_{name}" for name in ("vocational", "arts", "social_sciences", "science_technology")]
    own = values[(values["series"] == "own") & values["indicator"].isin(family) & (values["provider"] == "all")]
    cells = own[(own["model"] == "all") & (own["background"] == "all") & (own["school_year"] == "2024/25")]
    assert len(cells) > 250
    assert (cells["status"] == "shown").mean() >= 0.88


def test_every_flow_of_the_example_release_adds_up_and_none_is_hidden_alone() -> None:
    """Of every area, stage, group and period: the shown states and the hidden ones together are everyone."""
    figures = Figures(read.load(ROOT / "data" / "demo"))
    flows = [name for name, each in figures.definitions.items() if each.unit == "flow"]
    whole = alone = 0
    for prefix in (*{each.prefix for each in COHORTS.values() if each.prefix}, TIMES, KINDS):
        names = [name for name in flows if name.startswith(prefix)]
        periods = [each.label for each in figures.periods(names[0])]
        stages = {ALL, *figures.options("stage", indicator=names[0])}
        for area, stage in itertools.product((REGION, *figures.release.member_names), stages):
            for cut, period in itertools.product(where.cuts(figures, names, area, stage), periods):
                found = parts.whole_of(figures, prefix, Where(area=area, period=period, stage=stage, cut=cut))
                if not found.shown or len(found.shown) + len(found.hidden) < len(found.parts):
                    continue
                whole, alone = whole + 1, alone + (len(found.hidden) == 1)
                assert found.adds_up, (prefix, area, stage, cut, period)
    assert whole > 400
    assert alone == 0


def test_every_family_is_published() -> None:
    values = read.load(ROOT / "data" / "demo").values.values
    shown = set(values.loc[(values["series"] == "own") & (values["status"] == "shown"), "indicator"])
    for name in ("absence_20", "diploma_within_4_years_all", "next_step_national", "led_to_intervention_all"):
        assert name in shown


def test_readme_says_how_much_of_each_family_is_shown() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "\n".join(table(read.load(ROOT / "data" / "demo"))) in readme
