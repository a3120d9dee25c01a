"""Official figures by KPI id: in the indicator's own years, and compared only where the definition is the same."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.intake import stage
from metrics.intake.handing_in import hand_in
from metrics.release import tables
from metrics.release.official import official_series
from metrics.values import LOCAL_PRINCIPAL, LONG_COLUMNS
from metrics.vault import Vault
from metrics.vocabulary import GR

INDICATORS = catalogue.default().indicators
CREATED = datetime(2026, 11, 25)


def record(kpi: str, code: str, period: int, *values: tuple[str, float | None]) -> dict[str, object]:
    figures = [
        {"gender": sex, "count": 1, "status": "" if value is not None else "Missing", "value": value}
        for sex, value in values
    ]
    return {"kpi": kpi, "municipality": code, "period": period, "values": figures}


PAGES = (
    {
        "count": 2,
        "next_url": "https://api.kolada.se/v3/data/kpi/N17461?page=2&per_page=2",
        "previous_url": None,
        "values": [
            record("N17461", "1441", 2025, ("T", 77.34567), ("K", 80.1), ("M", None)),
            record("N17461", "1440", 2025, ("T", None), ("K", None), ("M", None)),
        ],
    },
    {
        "count": 1,
        "next_url": None,
        "previous_url": "https://api.kolada.se/v3/data/kpi/N17461?page=1&per_page=2",
        "values": [record("N17461", "1481", 2025, ("T", 71.5), ("K", 73.0), ("M", 70.25))],
    },
)


@pytest.fixture
def series(tmp_path: Path) -> pd.DataFrame:
    """Two pages of an answer handed in one after the other, and read as a release reads them."""
    vault = Vault(path=tmp_path / "samsyn.duckdb", catalogue=catalogue.default())
    for number, page in enumerate(PAGES):
        staged = stage(json.dumps(page).encode(), "official_statistics", name=f"kolada_{number}.json")
        given = {finding.code: "prov" for finding in staged.findings.acknowledgeable}
        overlap = "add" if number else None
        hand_in(vault, staged, sender="Kolada", principal=LOCAL_PRINCIPAL, reasons=given, overlap=overlap)
        staged.connection.close()
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        assert engine.rows(connection, "SELECT count(*) FROM official_statistics") == [(9,)]
        return official_series(connection, GR, INDICATORS)


def test_every_page_is_in_by_kpi_id_and_in_the_cohorts_own_year(series: pd.DataFrame) -> None:
    found = series[(series["indicator"] == "diploma_within_4_years_all") & (series["sex"] == "all")]
    rows = found.set_index("municipality")[["school_year", "value", "status"]].to_dict("index")
    assert rows["1441"] == {"school_year": "2021/22", "value": 77.34567, "status": "shown"}
    assert rows["1481"]["value"] == 71.5
    assert rows["1440"]["status"] == "missing"


def long_row(series: str, indicator: str, value: float) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(LONG_COLUMNS, "all")
    numbers = {"numerator": 1.0, "denominator": 2.0, "value": value, "low": 0.0, "high": 100.0}
    return row | numbers | {"series": series, "indicator": indicator, "status": "shown", "period_kind": "school_year"}


def test_a_series_of_another_definition_is_never_compared() -> None:
    beside = next(name for name, each in INDICATORS.items() if any(not one.same_definition for one in each.official))
    same = "diploma_within_4_years_all"
    rows = [
        long_row(series, name, value)
        for name in (beside, same)
        for series, value in (("own", 75.0), ("official", 77.0))
    ]
    found = tables.reconciliation(pd.DataFrame(rows), INDICATORS)
    assert found[["indicator", "difference", "flag"]].to_numpy().tolist() == [[same, -2.0, "differs"]]
