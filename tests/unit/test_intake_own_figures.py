"""What a delivery changes in the sender's own published figures: own rows only, shown values only, never a few pupils."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from metrics import catalogue
from metrics.intake.own_figures import Figure, OwnFigures, own_figures
from metrics.release.read import Release, empty_table
from metrics.values import LOCAL_PRINCIPAL, LONG_COLUMNS, NUMBER_COLUMNS, NotAllowedError, Principal, Published, Role
from metrics.vault import Vault
from metrics.vocabulary import GR
from tests.unit.deliveries import SENDER, Staged, staged_rows, vault_at

OTHER = "Ale kommun, utbildningsnämnden"
ALL_PASSED = catalogue.default().indicators["all_subjects_passed"]
CORE = ("grade_en", "grade_ma", "grade_sv")


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    """The register of schools, forty of the sender's own pupils, and the same pupils with Ale's own school."""
    made = vault_at(tmp_path_factory.mktemp("figures"))
    schools = [("10000001", "Tjörnskolan", "1419"), ("10000002", "Aleskolan", "1440")]
    units = staged_rows(
        "school_units",
        ("school_unit", "unit_name", "municipality", "provider", "stages", "valid_from"),
        [(*each, "municipal", "7-9", "2010-08-01") for each in schools],
    )
    for staged, sender in ((units, "Skolverket"), (year9(30, 10), SENDER), (year9(0, 45, unit="10000002"), OTHER)):
        made.store(staged, sender=sender, principal=LOCAL_PRINCIPAL)
    return made


def year9(passed: int, failed: int, *, unit: str = "10000001", sender: str = "p") -> Staged:
    """So many pupils with a pass in every subject and so many without one in mathematics."""
    columns = ("pupil", "school_year", "school_unit", "grading_system", *CORE)
    rows = [
        (f"{sender}{number}", "2024/25", unit, "goal_related", "C", "A" if number < passed else "F", "E")
        for number in range(passed + failed)
    ]
    return staged_rows("year9_grades", columns, [*rows])


def replace_year(staged: Staged) -> Staged:
    """The same file for the year before, which nothing is published of."""
    staged.connection.execute("UPDATE staged SET school_year = '2023/24'")
    return staged


def release(
    passed: int,
    pupils: int,
    *,
    status: str = "shown",
    senders: tuple[str, ...] = (SENDER,),
    provider: str = "municipal",
) -> Release:
    """One published value: those with a pass in every subject in Tjörn's own schools, or in all its schools."""
    row = dict.fromkeys(LONG_COLUMNS, "all") | {
        "indicator": ALL_PASSED.name,
        "series": "own",
        "area": "Tjörn",
        "provider": provider,
        "period_from": "2024-07-01",
        "period_to": "2025-06-30",
        "school_year": "2024/25",
        "status": status,
    }
    shown = {"numerator": passed, "denominator": pupils, "value": 100.0 * passed / pupils, "low": 0.0, "high": 100.0}
    row |= shown if status == "shown" else dict.fromkeys(NUMBER_COLUMNS)
    values = pd.DataFrame([row])
    values[list(NUMBER_COLUMNS)] = values[list(NUMBER_COLUMNS)].astype(float)
    batches = [{"extract": "year9_grades", "sender": each} for each in senders]
    return Release(
        id="1",
        manifest={"batches": batches},
        values=Published(values=pd.concat([empty_table("values"), values])),
        tables={},
        definitions={},
    )


def asked(
    vault: Vault, staged: Staged, published: Release | None, *, sender: str = SENDER, who: Principal = LOCAL_PRINCIPAL
) -> OwnFigures:
    return own_figures(vault, staged, sender=sender, principal=who, region=GR, release=published)  # type: ignore[arg-type]


def only(found: OwnFigures) -> Figure:
    (figure,) = found.figures
    return figure


def test_the_own_value_with_the_file_in_stands_beside_the_published_one(vault: Vault) -> None:
    figure = only(asked(vault, year9(40, 15), release(30, 40)))
    assert (figure.period, figure.published, figure.published_pupils) == ("2024/25", 75.0, 40)
    assert (figure.value, figure.pupils) == (100 * 40 / 55, 55)


def test_what_is_the_same_is_said_to_be_and_the_rest_of_the_year_is_counted_too(vault: Vault) -> None:
    assert only(asked(vault, year9(30, 10), release(30, 40))).unchanged
    # a file for another school is added to the rows that stand
    elsewhere = replace_year(year9(5, 5, unit="10000003", sender="nu"))
    assert asked(vault, elsewhere, release(30, 40)) == OwnFigures()
    other = only(asked(vault, year9(5, 5, unit="10000003", sender="ny"), release(30, 40)))
    assert other.published_pupils == 40


@pytest.mark.parametrize(("passed", "failed"), [(31, 9), (31, 10), (34, 6), (30, 14), (40, 11), (50, 3)])
def test_a_difference_of_a_few_pupils_is_not_said(vault: Vault, passed: int, failed: int) -> None:
    figure = only(asked(vault, year9(passed, failed), release(30, 40)))
    assert (figure.value, figure.pupils, figure.unchanged) == (None, None, False)


def test_a_hidden_value_is_not_there_at_all(vault: Vault) -> None:
    assert asked(vault, year9(40, 15), release(30, 40, status="hidden")) == OwnFigures()
    assert asked(vault, year9(40, 15), None) == OwnFigures()
    assert asked(vault, year9(40, 15), release(30, 40), sender="Friskolan AB") == OwnFigures()


def test_nothing_is_said_where_others_are_in_the_published_value(vault: Vault) -> None:
    board = "Tjörns kommun, socialnämnden"
    assert asked(vault, year9(40, 15), release(30, 40, senders=(SENDER, board))) == OwnFigures(shared=True)
    assert asked(vault, year9(40, 15), release(30, 40), sender=board) == OwnFigures(shared=True)
    assert asked(vault, year9(40, 15), release(30, 40, senders=(SENDER, OTHER))).figures


def test_others_rows_change_nothing(vault: Vault, tmp_path: Path) -> None:
    """Ale's rows about the very same pupils are in the vault; without them the answer is the same."""
    alone = vault_at(tmp_path)
    units = staged_rows(
        "school_units",
        ("school_unit", "unit_name", "municipality", "provider", "stages", "valid_from"),
        [("10000001", "Tjörnskolan", "1419", "municipal", "7-9", "2010-08-01")],
    )
    alone.store(units, sender="Skolverket", principal=LOCAL_PRINCIPAL)
    with_others = asked(vault, year9(40, 15), release(30, 40))
    assert asked(alone, year9(40, 15), release(30, 40)) == with_others
    assert only(with_others).value is not None


def test_nobody_looks_for_another_organisation(vault: Vault) -> None:
    deliverer = Principal(subject="anna", roles=frozenset({Role.DELIVERER}), organisation=SENDER)
    assert asked(vault, year9(40, 15), release(30, 40), who=deliverer).figures
    with pytest.raises(NotAllowedError):
        asked(vault, year9(40, 15), release(30, 40), who=replace(deliverer, organisation=OTHER))


def test_a_value_of_all_schools_is_compared_only_where_nobody_else_has_delivered_for_one(tmp_path: Path) -> None:
    vault = vault_at(tmp_path)
    columns = ("school_unit", "unit_name", "municipality", "provider", "stages", "valid_from")
    schools = [("10000001", "municipal"), ("10000005", "independent")]
    units = [(unit, "En skola", "1419", provider, "7-9", "2010-08-01") for unit, provider in schools]
    vault.store(staged_rows("school_units", columns, units), sender="Skolverket", principal=LOCAL_PRINCIPAL)
    everybody = release(30, 40, provider="all")
    figure = only(asked(vault, year9(40, 15), everybody))
    assert (figure.value, figure.pupils) == (100 * 40 / 55, 55)

    batch = vault.store(year9(9, 9, unit="10000005"), sender="Friskolan AB", principal=LOCAL_PRINCIPAL)
    assert asked(vault, year9(40, 15), everybody) == OwnFigures()
    assert asked(vault, year9(40, 15), release(30, 40)).figures
    # what is published may still hold a file that was undone afterwards
    vault.undo(batch.batch, reason="Fel fil", principal=LOCAL_PRINCIPAL)
    assert asked(vault, year9(40, 15), everybody) == OwnFigures()
