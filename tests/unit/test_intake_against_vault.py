"""A delivery beside the vault: what the sender is asked about, and that nothing of others' rows can be told from it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from metrics import catalogue
from metrics.intake import Staged, stage
from metrics.intake.checks import Sample
from metrics.intake.handing_in import hand_in, reason_key
from metrics.intake.screening import Delivery, add_comparisons, with_vault
from metrics.values import LOCAL_PRINCIPAL, NotAllowedError, Principal, Role
from metrics.vault import Vault

SENDER = "Tjörns kommun, barn- och utbildningsnämnden"
OTHER = "Ale kommun, utbildningsnämnden"
DELIVERER = Principal(subject="anna", roles=frozenset({Role.DELIVERER}), organisation=SENDER)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(path=tmp_path / "vault" / "samsyn.duckdb", catalogue=catalogue.default())


def pupils(prefix: str, first: int, count: int, **every: str) -> Staged:
    """Year-9 rows of so many pupils named by number."""
    rows = [{"pupil": f"{prefix}{first + row:05d}x", **every} for row in range(count)]
    extract = catalogue.default().extracts["year9_grades"]
    lines = [";".join(column.title for column in extract.columns)]
    example = extract.example_rows[0]
    lines += [";".join({**example, **row}.get(column.name, "") for column in extract.columns) for row in rows]
    return stage("\n".join(lines).encode(), "year9_grades", name="betyg.csv")


def deliver(vault: Vault, staged: Staged, sender: str = SENDER, *, system: str = "") -> None:
    staged = replace(staged, coverage=replace(staged.coverage, source_system=system))
    reasons = {reason_key(each): "x" for each in staged.findings.acknowledgeable}
    hand_in(vault, staged, sender=sender, principal=LOCAL_PRINCIPAL, reasons=reasons, overlap="replace")


def asked(vault: Vault, staged: Staged, *, system: str = "", principal: Principal = DELIVERER) -> dict[str, int]:
    """Codes and totals of what the comparison added."""
    delivery = Delivery(sender=SENDER, source_system=system)
    staged = replace(staged, coverage=replace(staged.coverage, source_system=system))
    found = add_comparisons(vault, staged, delivery, principal=principal)
    known = staged.findings.codes
    return {each.code: each.total for each in found.findings if each.code not in known}


def test_the_first_delivery_and_the_same_again_are_asked_nothing(vault: Vault) -> None:
    assert asked(vault, pupils("a", 0, 60)) == {}
    deliver(vault, pupils("a", 0, 60))
    assert asked(vault, pupils("a", 0, 60)) == {}


def test_another_key_is_noticed_and_another_year_is_not_another_key(vault: Vault) -> None:
    deliver(vault, pupils("a", 0, 60))

    assert asked(vault, pupils("b", 0, 60)) == {"key_changed": 0}
    assert asked(vault, pupils("b", 0, 60, school_year="2025/26")) == {}


def test_another_key_is_noticed_through_another_extract(vault: Vault) -> None:
    year6 = Sample(extract="year6_grades", rows=60, every={"school_year": "2021/22"})
    deliver(vault, stage(year6.data(), "year6_grades"))

    names = [line.split(";")[0] for line in year6.data().decode().splitlines()[1:]]
    same = pupils("a", 0, 60)
    for row, name in enumerate(names):
        same.connection.execute("UPDATE staged SET pupil = ? WHERE row_number = ?", [name, row + 2])

    assert asked(vault, same) == {}
    assert asked(vault, pupils("b", 0, 60)) == {"key_changed": 0}


def test_schools_and_sizes_that_changed_since_the_year_before(vault: Vault) -> None:
    deliver(vault, pupils("a", 0, 60, school_year="2023/24"))
    deliver(vault, pupils("b", 0, 60, school_year="2023/24", school_unit="10000002"))

    assert asked(vault, pupils("c", 0, 60)) == {"units_missing": 1, "size_changed": 0}
    # a correction of one school, for a year that stands, is no missing school
    assert asked(vault, pupils("a", 0, 58, school_year="2023/24")) == {}


def test_pupils_that_stand_in_the_senders_other_system_are_counted(vault: Vault) -> None:
    deliver(vault, pupils("a", 0, 40), system="Gamla")

    assert asked(vault, pupils("a", 37, 40), system="Nya") == {"pupil_delivered_before": 3}


@pytest.mark.parametrize(("shared", "told"), [(4, {}), (5, {"pupil_with_another": 5}), (9, {"pupil_with_another": 5})])
def test_pupils_with_another_organisation_are_told_in_fives_without_rows(
    vault: Vault, shared: int, told: dict[str, int]
) -> None:
    deliver(vault, pupils("a", 0, 40), OTHER)
    mine = pupils("a", 40 - shared, 40)

    assert asked(vault, mine) == told
    found = add_comparisons(vault, mine, Delivery(sender=SENDER), principal=DELIVERER)
    assert [each.rows for each in found.findings if each.code == "pupil_with_another"] == [()] * len(told)


def test_a_school_outside_the_municipality_that_year_is_asked_about_with_rows(vault: Vault) -> None:
    register = Sample(
        extract="school_units",
        rows=1,
        every={"school_unit": "10000001", "municipality": "1419", "valid_from": "2010-08-01", "valid_to": "2025-06-30"},
    )
    staged = stage(register.data(), "school_units")
    assert not staged.findings.refused
    deliver(vault, staged, "Göteborgsregionens kommunalförbund")

    assert asked(vault, pupils("a", 0, 30)) == {}
    assert asked(vault, pupils("a", 0, 30, school_unit="10000009")) == {"unit_not_there": 30}
    assert asked(vault, pupils("a", 0, 30, school_year="2025/26")) == {"unit_not_there": 30}
    found = add_comparisons(
        vault, pupils("a", 0, 30, school_unit="10000009"), Delivery(sender=SENDER), principal=DELIVERER
    )
    assert next(each.rows for each in found.findings if each.code == "unit_not_there") == (2, 3, 4, 5, 6)


def test_nobody_compares_for_another_organisation(vault: Vault) -> None:
    deliver(vault, pupils("a", 0, 40), OTHER)

    with pytest.raises(NotAllowedError):
        add_comparisons(vault, pupils("a", 0, 40), Delivery(sender=OTHER), principal=DELIVERER)


def test_remembered_headings_are_used_when_a_file_is_read(vault: Vault) -> None:
    vault.remember_mapping(SENDER, "year9_grades", {"Skolans nummer": "school_unit"})
    data = Sample(rename={"school_unit": "Skolans nummer"}).data()

    def read(mapping: object) -> Staged:
        return stage(data, "year9_grades", mapping=mapping)  # type: ignore[arg-type]

    assert with_vault(vault, read, Delivery(), principal=DELIVERER).findings.refused
    assert not with_vault(vault, read, Delivery(sender=SENDER), principal=DELIVERER).findings.refused
