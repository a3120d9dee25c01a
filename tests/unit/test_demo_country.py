"""The invented country: all its municipalities are its own region's, and its files are handed in, counted and true."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics.compute import compute
from metrics.demo import generate, pupils, release, writing, year9
from metrics.demo.region import INDEPENDENT_PROVIDERS, scale_of
from metrics.demo.release import desk_at, hand_in_all, region_of
from metrics.extracts import school_units
from metrics.intake import bulk, container, stage
from metrics.intake.organisations import is_office, member_of
from metrics.values import LOCAL_PRINCIPAL

ELIGIBLE = "eligibility_vocational"


def test_every_sender_of_the_country_is_known_by_its_name() -> None:
    scale, whose = scale_of("sweden"), region_of("sweden")
    assert is_office(scale.office, whose)
    for member, known in zip(scale.members, whose.members, strict=True):
        assert member_of(member.sender, whose) == known
    assert not any(member_of(provider, whose) for provider in INDEPENDENT_PROVIDERS)


def test_a_countrys_files_are_handed_in_and_counted_as_the_truth_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of its municipalities, one year, no models: nothing asks whether they are GR's, and the counts are exact."""
    monkeypatch.setattr(year9, "SENDERS_A_STEP", 1)
    whole = scale_of("sweden")
    told: list[str] = []
    few = replace(whole, members=whole.members[-2:], years=1)
    generate(tmp_path, scale=few, progress=lambda what, share: told.append(what))
    assert "Skriver uttag om årskurs 9: 1 av 7 avsändare" in told
    desk = desk_at(tmp_path / "data", region_of("sweden"))
    hand_in_all(desk, tmp_path)
    said = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    handed_in = {each.extract for each in desk.vault.batches(LOCAL_PRINCIPAL)}
    assert {"school_units", "year9_grades"} <= handed_in
    own = few.members[0].code
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        inner = compute(connection, desk.catalogue, "year9_leavers", region=desk.region).inner
    inner = inner[inner["school_municipality"] == own]
    counted = {}
    for period, rows in inner.groupby("period"):
        inside = rows[f"{ELIGIBLE}__denominator"] * rows["contributors"]
        counted[period] = [int((inside * rows[f"{ELIGIBLE}__numerator"]).sum()), int(inside.sum())]
    area = [each for each in said["year9_leavers"] if each["municipality"] == own]
    whole_area = [each for each in area if (each["provider"], each["sex"]) == ("all", "all")]
    assert counted == {each["school_year"]: each["values"][ELIGIBLE] for each in whole_area}
    assert len(counted) == 1
    assert all(of > 5 for _, of in counted.values())


def test_pseudonyms_made_in_parts_are_the_same_as_together(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.arange(10)
    together = pupils.pseudonyms(numbers, seed=1, space="school")
    monkeypatch.setattr(pupils, "AT_A_TIME", 3)
    assert pupils.pseudonyms(numbers, seed=1, space="school").tolist() == together.tolist()
    assert len(set(together.tolist())) == 10


def test_files_written_in_parts_are_the_same_as_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Byte for byte in every dialect: the mark and the headings once, line ends and letters as before."""
    table = pd.DataFrame(
        {
            "school_unit": [10_000_001 + number for number in range(7)],
            "unit_name": [f"Exempelskolan Å{number}" for number in range(7)],
            "municipality": ["1480"] * 7,
            "provider": pd.Categorical(["municipal", "independent", "municipal"] + ["municipal"] * 4),
            "stages": "7-9",
            "valid_from": [date(2010, 7, 1)] * 6 + [None],
        }
    )
    for position, dialect in enumerate(writing.DIALECTS):
        whole, parts = tmp_path / f"whole_{position}", tmp_path / f"parts_{position}"
        writing.write(whole, school_units.EXTRACT, table, dialect)
        with monkeypatch.context() as patched:
            patched.setattr(writing, "ROWS_AT_A_TIME", 2)
            writing.write(parts, school_units.EXTRACT, table, dialect)
        assert parts.read_bytes() == whole.read_bytes()
        said = whole.read_bytes().decode(dialect.encoding)
        assert said.count("Exempelskolan Å") == 7
        assert len(said.splitlines()) == 8


def test_every_kind_of_extract_is_made_of_any_municipalities(tmp_path: Path) -> None:
    """Also where none of those that GR's example gives gaps of their own is among them."""
    whole = scale_of("sweden")
    largest = sorted(whole.members, key=lambda each: -each.municipal)[:2]  # those that have upper secondary schools
    few = replace(whole, members=tuple(largest), years=3, share=0.02)
    generate(tmp_path, scale=few, only_year9=False)
    deliveries = json.loads((tmp_path / "deliveries.json").read_text(encoding="utf-8"))
    handed_in = {each["extract"] for each in deliveries}
    assert {"attendance", "year6_grades", "upper_secondary_enrolment", "support_chain", "school_survey"} <= handed_in
    said = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    terms = [each for each in said["attendance"] if (each["municipality"], each["provider"]) == ("all", "all")]
    pupils_of = {each["period"]: each["values"]["absence_20"][1] for each in terms if each["stage"] == "7-9"}
    assert list(pupils_of) == ["HT 2022", "VT 2023", "HT 2023", "VT 2024", "HT 2024", "VT 2025"]
    assert min(pupils_of.values()) > 0


def test_a_file_too_large_to_be_read_whole_is_read_from_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    units = {"school_unit": range(10_000_001, 10_000_041), "unit_name": "A", "municipality": "1480", "stages": "7-9"}
    path = tmp_path / "enheter.csv"
    writing.write(
        path,
        school_units.EXTRACT,
        pd.DataFrame(units).assign(provider="municipal", valid_from=date(2010, 7, 1)),
        writing.DIALECTS[0],
    )
    for module, name in ((container, "LARGEST_FILE"), (release, "LARGEST_FILE"), (bulk, "LARGE_FILE")):
        monkeypatch.setattr(module, name, 600)
    monkeypatch.setattr(bulk, "SHORT_HEAD", 400)
    monkeypatch.setattr(bulk, "HEAD", 500)
    assert "file_too_large" in stage(path.read_bytes(), "school_units").findings.codes
    staged = release._staged(path, "school_units", region_of("gr"))
    assert not staged.findings.errors
    assert staged.findings.recognised.row_count == 40
    staged.connection.close()
