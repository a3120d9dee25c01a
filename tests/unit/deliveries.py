"""Small staged files for the vault's tests: what intake would hand over, without intake."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from metrics import catalogue, engine
from metrics.declare import Extract
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Batch, Vault

SENDER = "Tjörns kommun, barn- och utbildningsnämnden"


@dataclass(frozen=True, kw_only=True)
class Source:
    file_name: str = "betyg.csv"
    sha256: str = "0" * 64
    encoding: str = "utf-8"
    size: int = 1


@dataclass(frozen=True, kw_only=True)
class Coverage:
    source_system: str = ""
    key_id: str = ""


@dataclass(frozen=True, kw_only=True)
class Staged:
    extract: Extract
    connection: engine.Connection
    row_count: int
    source: Source = Source()
    coverage: Coverage = Coverage()


def staged_rows(name: str, columns: tuple[str, ...], rows: list[tuple[object, ...]], *, system: str = "") -> Staged:
    """Rows of any extract on a connection of their own; columns not named are NULL."""
    extract = catalogue.default().extracts[name]
    connection = engine.memory(threads=1)
    declared = ", ".join(f"{column.name} {engine.SQL_TYPES[column.kind]}" for column in extract.columns)
    connection.execute(f"CREATE TABLE staged (row_number BIGINT, {declared})")
    if rows:
        places = ", ".join("?" * (len(columns) + 1))
        numbered = [[number, *row] for number, row in enumerate(rows, start=2)]
        connection.executemany(f"INSERT INTO staged (row_number, {', '.join(columns)}) VALUES ({places})", numbered)
    return Staged(extract=extract, connection=connection, row_count=len(rows), coverage=Coverage(source_system=system))


def staged(rows: list[tuple[str, str, str]], *, system: str = "") -> Staged:
    """Year-9 rows of (pseudonym, school year, school unit)."""
    return staged_rows("year9_grades", ("pupil", "school_year", "school_unit"), [*rows], system=system)


def many_staged(count: int, *, year: str, unit: str = "10000001", prefix: str = "p") -> Staged:
    """So many year-9 pupils of one school and year."""
    made = staged([])
    made.connection.execute(
        "INSERT INTO staged (row_number, pupil, school_year, school_unit)"
        " SELECT range + 2, ? || range, ?, ? FROM range(?)",
        [prefix, year, unit, count],
    )
    return Staged(extract=made.extract, connection=made.connection, row_count=count)


def vault_at(folder: Path, *, key: str = "", wait_seconds: float = 20.0) -> Vault:
    path = folder / "vault" / "samsyn.duckdb"
    return Vault(path=path, catalogue=catalogue.default(), key=key, wait_seconds=wait_seconds)


def deliver(vault: Vault, rows: list[tuple[str, str, str]], *, sender: str = SENDER) -> Batch:
    """Store these year-9 rows, replacing what they cover."""
    return vault.store(staged(rows), sender=sender, principal=LOCAL_PRINCIPAL, overlap="replace")


def counted(vault: Vault) -> list[tuple[str, str, int]]:
    """School year, school unit and number of distinct pupils that count."""
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        return engine.rows(
            connection,
            "SELECT school_year, school_unit, count(DISTINCT pupil) FROM year9_grades"
            " GROUP BY school_year, school_unit ORDER BY school_year, school_unit",
        )
