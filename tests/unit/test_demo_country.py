"""The invented country: all its municipalities are its own region's, and its files are handed in, counted and true."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from metrics.compute import compute
from metrics.demo import generate, pupils, year9
from metrics.demo.region import INDEPENDENT_PROVIDERS, scale_of
from metrics.demo.release import desk_at, hand_in_all, region_of
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
