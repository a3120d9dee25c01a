"""The school part of a release: a folder of its own, left out where it is not to be shown, published once per period."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from metrics import catalogue
from metrics.layout import layout_of
from metrics.protect.generations import EarlierTable, History
from metrics.protect.thresholds import Thresholds
from metrics.release import read, schools
from metrics.release.write import definition, write_release, write_withdrawal
from metrics.values import LONG_COLUMNS, Counts
from metrics.vocabulary import GR

VOCATIONAL = catalogue.default().indicators["eligibility_vocational"]


def rows(value: float | None = 80.0) -> pd.DataFrame:
    """One school's value, or a hidden one."""
    row = dict.fromkeys(LONG_COLUMNS, "all") | {
        "indicator": VOCATIONAL.name,
        "series": "own",
        "area_type": "school_unit",
        "area": "Exempelskolan (10000001)",
        "perspective": "school_municipality",
        "period_kind": "school_year",
        "period_from": "2024-07-01",
        "period_to": "2025-06-30",
        "school_year": "2024/25",
        "mark": "",
        "definition_version": "1",
        "release": "x",
        "status": "hidden" if value is None else "shown",
        "school_unit": "10000001",
        "municipality": "Ale",
    }
    numbers = (None,) * 5 if value is None else (80.0, 100.0, value, 70.0, 88.0)
    return pd.DataFrame([row | dict(zip(("numerator", "denominator", "value", "low", "high"), numbers, strict=True))])


def written(parent: Path) -> Path:
    manifest = {"id": "2026-11-26-1", "number": 1, "created": "2026-11-26T08:00:00", "note": "Prov", "example": True}
    opened = rows().loc[:, list(LONG_COLUMNS)].assign(area_type="municipality", area="Ale")
    return write_release(
        parent / "2026-11-26-1",
        manifest=manifest,
        tables={"values": opened},
        definitions=[definition(VOCATIONAL)],
        schools=rows(),
    )


def test_the_school_part_lies_in_its_own_folder_with_its_own_checksum(tmp_path: Path) -> None:
    folder = written(tmp_path)
    release = read.load(folder, {})
    assert release.schools["value"].tolist() == [80.0]
    assert "school/values.parquet" in json.loads((folder / "manifest.json").read_text())["checksums"]
    assert set(release.values.values["area_type"]) == {"municipality"}, "no school stands in the open part"


def test_a_server_without_the_folder_works_as_before(tmp_path: Path) -> None:
    folder = written(tmp_path)
    whole = read.load(folder, {})
    shutil.rmtree(folder / "school")
    bare = read.load(folder, {})
    assert bare.schools.empty
    pd.testing.assert_frame_equal(bare.values.values, whole.values.values)


def test_a_setting_hides_the_school_part(tmp_path: Path) -> None:
    assert read.load(written(tmp_path), {"SAMSYN_SCHOOLS": "off"}).schools.empty


def test_a_withdrawn_release_has_no_schools_either(tmp_path: Path) -> None:
    folder = written(tmp_path)
    write_withdrawal(folder, day=pd.Timestamp("2026-11-27").date(), reason="fel")
    assert read.load(folder, {}).schools.empty


def test_a_school_part_that_was_changed_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path)
    rows(99.0).to_parquet(folder / "school" / "values.parquet")
    with pytest.raises(read.ReleaseError, match="school/values"):
        read.load(folder, {})


def test_a_period_stands_as_it_was_first_published_when_its_open_part_gets_another_version(tmp_path: Path) -> None:
    before = rows(None).assign(population="year9_leavers", period="2024/25")
    schools.keep(tmp_path, "a", schools.SchoolPart(values=before))
    (tmp_path / "latest").write_text("a\n")
    inner = pd.DataFrame({"period": ["2024/25"], "contributors": [1], f"{VOCATIONAL.name}__denominator": [1]})
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=inner)
    layout = layout_of("year9_leavers")
    table = EarlierTable(inner=inner, missing=inner, main_provider="all", layout=layout, rows=rows())
    source = schools.Source(
        connection=None,  # type: ignore[arg-type]
        catalogue=catalogue.default(),
        region=GR,
        thresholds=Thresholds(),
        records=tmp_path,
    )
    report = {"solved": {"2024/25": rows()}, "held": []}
    changed = History(tables={"2024/25": [table], "2023/24": [table]})
    assert schools.settled(tmp_path, "year9_leavers", changed) == {"2024/25"}
    assert schools.settled(tmp_path, "attendance", changed) == set()
    unchanged = History(tables=changed.tables, stands=frozenset({"2024/25"}))
    assert schools.settled(tmp_path, "year9_leavers", unchanged) == set()
    history = History(tables={"2024/25": [table]})
    again = schools.school_part(source, counts, layout, history=history, report=report, known=())
    assert again.held == ("year9_leavers 2024/25",)
    assert again.values["status"].tolist() == ["hidden"], "what was hidden once stays hidden"
    new = schools.school_part(
        source.__class__(**{**vars(source), "records": tmp_path / "none"}),
        counts,
        layout,
        history=history,
        report=report,
        known=(),
    )
    assert new.values.empty, "and a period with two open versions never gets a first school part"
