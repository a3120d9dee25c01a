"""Checks between deliveries: each with a standing row, a good and a bad row of a new file, by the sender and by others."""

from __future__ import annotations

from pathlib import Path

import pytest

from metrics import catalogue
from metrics.declare import Extract
from metrics.intake import Findings, Staged, against_vault
from metrics.intake.across import person_column
from metrics.intake.checks import CHECKS
from metrics.intake.checks.across import ACROSS_CHECKS, ELSEWHERE, AcrossCheck, Row
from metrics.intake.checks.history import HISTORY_CHECKS
from metrics.intake.findings import Finding
from metrics.intake.history import compare
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Vault
from metrics.vocabulary import GR
from tests.unit.deliveries import SENDER, staged_rows, vault_at

OTHER = "Ale kommun, utbildningsnämnden"
DECLARED = catalogue.default().extracts
BY_CODE = pytest.mark.parametrize("check", ACROSS_CHECKS.values(), ids=ACROSS_CHECKS)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return vault_at(tmp_path)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """A vault with every check's standing row: one of the sender's own pupils, and nine of another organisation's."""
    made = vault_at(tmp_path_factory.mktemp("across"))
    for check in ACROSS_CHECKS.values():
        stand(made, check, SENDER, prefix=f"own-{check.code}-")
        stand(made, check, OTHER, 9, prefix=f"other-{check.code}-")
    return made


def rows_of(extract: Extract, row: Row, count: int = 1, prefix: str = "p") -> Staged:
    """The same row for so many pupils: one per pupil."""
    rows = [(f"{prefix}{number}", *row.values()) for number in range(count)]
    return staged_rows(extract.name, (person_column(extract), *row), rows)  # type: ignore[return-value,arg-type]


def stand(vault: Vault, check: AcrossCheck, sender: str, count: int = 1, prefix: str = "p") -> None:
    staged = rows_of(DECLARED[check.reads[0]], check.stands, count, prefix)
    vault.store(staged, sender=sender, principal=LOCAL_PRINCIPAL, overlap="add")


def found(vault: Vault, check: AcrossCheck, row: Row, count: int = 1, prefix: str = "p") -> list[Finding]:
    """What is found of these checks' kind in a file of the row for so many pupils."""
    staged = rows_of(DECLARED[check.delivered], row, count, prefix)
    said = against_vault.compared(vault, staged, sender=SENDER, principal=LOCAL_PRINCIPAL, region=GR)
    return [each for each in compare(said) if each.code.removesuffix(ELSEWHERE) in ACROSS_CHECKS]


@BY_CODE
def test_a_check_stops_its_bad_row_and_only_that_with_its_row_number(standing: Vault, check: AcrossCheck) -> None:
    prefix = f"own-{check.code}-"
    assert found(standing, check, check.good, prefix=prefix) == []
    (bad,) = found(standing, check, check.bad, prefix=prefix)
    assert (bad.code, bad.sentence, bad.rows, bad.total) == (check.code, check.sentence, (2,), 1)


@BY_CODE
def test_what_others_rows_show_is_a_count_in_fives_without_rows(standing: Vault, check: AcrossCheck) -> None:
    prefix = f"other-{check.code}-"
    assert found(standing, check, check.bad, 4, prefix) == []
    (bad,) = found(standing, check, check.bad, 9, prefix)
    assert (bad.code, bad.rows, bad.total) == (f"{check.code}{ELSEWHERE}", (), 5)
    assert "Minst 5 " in bad.sentence
    assert "visas inte" in bad.sentence


def test_what_the_sender_can_see_itself_does_not_depend_on_others(vault: Vault) -> None:
    """A later enrolment of one's own is told although another's earlier one would explain it."""
    check = ACROSS_CHECKS["diploma_before_enrolment"]
    stand(vault, check, SENDER)
    alone = found(vault, check, check.bad)
    earlier = rows_of(DECLARED["upper_secondary_enrolment"], {"school_year": "2020/21"})
    vault.store(earlier, sender=OTHER, principal=LOCAL_PRINCIPAL)
    assert found(vault, check, check.bad) == alone != []


def test_what_the_file_replaces_is_not_held_against_it(vault: Vault) -> None:
    check = ACROSS_CHECKS["placement_before_return"]
    row = {**check.stands, "home_school_unit": "10000001"}
    vault.store(rows_of(DECLARED[check.delivered], row), sender=SENDER, principal=LOCAL_PRINCIPAL)
    assert found(vault, check, {**row, "started": "2024-03-05"}) == []
    assert len(found(vault, check, {**row, "started": "2024-03-05", "home_school_unit": "10000002"})) == 1


def test_a_pupil_who_moves_is_not_in_two_schools_and_one_with_double_time_is(vault: Vault) -> None:
    """Also between rows of the file itself, for pupils that the vault has not seen."""
    october, columns = (
        ("2024-10-01", "2024-10-31"),
        ("pupil", "school_unit", "home_school_unit", "start_date", "end_date"),
    )
    elsewhere = staged_rows("attendance", columns, [("x", "10000009", None, *october)])
    vault.store(elsewhere, sender=OTHER, principal=LOCAL_PRINCIPAL)
    rows = [
        ("twice", "10000001", None, *october, 6000),
        ("twice", "10000002", None, *october, 6000),
        ("centre", "10000001", None, *october, 6000),
        ("centre", "10000003", "10000001", *october, 6000),
        ("moved", "10000001", None, *october, 2500),
        ("moved", "10000002", None, *october, 3500),
    ]
    staged = staged_rows("attendance", (*columns, "offered"), rows)
    said = against_vault.compared(vault, staged, sender=SENDER, principal=LOCAL_PRINCIPAL, region=GR)  # type: ignore[arg-type]
    assert [(each.code, each.rows, each.total) for each in said.crossings] == [("two_schools_same_day", (2, 3), 2)]


def test_a_code_is_said_once_among_all_checks() -> None:
    assert not ACROSS_CHECKS.keys() & (CHECKS.keys() | HISTORY_CHECKS.keys())
    assert all(each.columns and set(each.reads) <= DECLARED.keys() for each in ACROSS_CHECKS.values())


def test_no_finding_holds_a_pseudonym(standing: Vault) -> None:
    check = ACROSS_CHECKS["two_schools_same_day"]
    prefix = f"own-{check.code}-"
    text = Findings(items=tuple(found(standing, check, check.bad, prefix=prefix))).to_csv()
    assert "två skolor" in text
    assert prefix not in text


def test_children_of_a_year_that_stands_can_be_delivered_again(vault: Vault) -> None:
    row = {"report_date": "2024-09-10", "municipality": "1419"}
    vault.store(rows_of(DECLARED["support_chain"], row, 40), sender=SENDER, principal=LOCAL_PRINCIPAL)
    again = rows_of(DECLARED["support_chain"], row, 40)
    said = against_vault.compared(vault, again, sender=SENDER, principal=LOCAL_PRINCIPAL, region=GR)
    assert (said.expected, said.linked) == (40, 40)
