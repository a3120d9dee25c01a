"""Attendance made a school year at a time for an evaluation is, row for row, what is made of all years at once."""

from datetime import date
from pathlib import Path

import pytest

from metrics import catalogue, engine
from metrics.catalogue import Catalogue
from metrics.evaluate import by_year
from metrics.evaluate.sources import Outcome, Panels, Register, panel_rows, read_register
from metrics.values import LOCAL_PRINCIPAL
from metrics.vocabulary import GR
from tests.unit.deliveries import SENDER, staged_rows, vault_at

DECLARED = catalogue.default()
COLUMNS = ("pupil", "school_unit", "start_date", "end_date", "stage", "offered", "reported", "valid_absence")
SCHOOLS = ("10000001", "10000002")


def attendance() -> list[tuple[object, ...]]:
    """Three school years: a term in one row, months of it besides, pupils who move in it, and years that meet in July."""
    rows: list[tuple[object, ...]] = []
    for spring in (2022, 2023, 2024):
        terms = ((date(spring - 1, 7, 1), date(spring - 1, 12, 19)), (date(spring, 1, 9), date(spring, 6, 30)))
        for first, last in terms:
            for number in range(12):
                school = SCHOOLS[number % 2]
                rows.append((f"p{number}", school, first, last, "7-9", 900.0 + spring, 900.0, 20.0 * number))
                if number < 3:
                    rows.append((f"p{number}", SCHOOLS[0], first, first.replace(day=28), "4-6", 950.0, 900.0, 50.0))
    return rows


def found(folder: Path, *, wanted: str) -> tuple[list[tuple], list[tuple], list[str]]:
    """The cohort's rows, the panel's, and the tables that are left."""
    vault = vault_at(folder)
    if not vault.path.exists():
        units = [(each, "Skola", "1419", "municipal", "7-9", date(2010, 7, 1)) for each in SCHOOLS]
        names = ("school_unit", "unit_name", "municipality", "provider", "stages", "valid_from")
        alias = [("p11", "p20"), ("p10", "p21")]
        for made in (
            staged_rows("school_units", names, units),
            staged_rows("pupil_alias", ("old_pupil", "pupil"), alias),
            staged_rows("attendance", COLUMNS, attendance()),
        ):
            vault.store(made, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="replace")
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        panels = Panels(connection=connection, catalogue=DECLARED)
        register: Register = read_register(connection, DECLARED, "sspf")
        rows = panel_rows(panels, Outcome(indicator=DECLARED.indicators["absence_10"], stage="7-9"), register, GR)
        cohort = engine.rows(connection, "SELECT * FROM attendance_terms ORDER BY ALL")
        left = engine.rows(connection, "SELECT table_name FROM duckdb_tables() WHERE table_name = ?", [wanted])
    return cohort, rows.sort_values(["unit", "period"]).to_numpy().tolist(), [name for (name,) in left]


def test_a_year_at_a_time_gives_the_rows_that_all_years_give(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    springs: list[int] = []
    real = by_year._year_of_delivered

    def noted(catalogue: Catalogue, spring: int) -> str:
        springs.append(spring)
        return real(catalogue, spring)

    monkeypatch.setattr(by_year, "_year_of_delivered", noted)
    whole, panel, left = found(tmp_path, wanted=by_year.DELIVERED)
    assert left == []
    assert springs == []
    monkeypatch.setattr(by_year, "MANY_ROWS", 0)
    parts, again, left = found(tmp_path, wanted=by_year.DELIVERED)
    assert left == []
    assert len(springs) == 3
    assert parts == whole
    assert len(parts) == 3 * 2 * 12
    assert again == panel
    assert len(panel) == 3 * len(SCHOOLS)
