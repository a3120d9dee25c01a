"""Every official counterpart that an indicator names: well-formed ids, and titles that fit what is counted."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from metrics import catalogue
from metrics.declare import Indicator, Official

LIST = Path(__file__).resolve().parents[3] / "shared" / "data" / "kolada" / "kolada_kpi_relevant.csv"
KOLADA = [
    pytest.param(indicator, official, id=f"{indicator.name}-{official.table}")
    for indicator in catalogue.default().indicators.values()
    for official in indicator.official
    if official.source == "kolada"
]


@pytest.mark.parametrize(("indicator", "official"), KOLADA)
def test_a_kolada_series_has_an_id_and_the_indicators_perspective(indicator: Indicator, official: Official) -> None:
    assert re.fullmatch(r"[NU]\d{5}", official.table)
    other = "hemkommun" if indicator.perspective == "school_municipality" else "lägeskommun"
    assert other not in official.column


@pytest.mark.parametrize(("indicator", "official"), KOLADA)
def test_a_kolada_series_follows_as_long_as_the_indicator(indicator: Indicator, official: Official) -> None:
    years = re.search(r"inom (\d) år|(\d) år efter", official.column)
    if years and official.same_definition:
        followed = int(years[1] or years[2])
        assert indicator.followed_years == followed
        assert official.years_later == (followed - 1 if years[1] else followed)


@pytest.mark.skipif(not LIST.exists(), reason="the list of official series is not at hand")
@pytest.mark.parametrize(("indicator", "official"), KOLADA)
def test_a_kolada_title_is_the_official_one(indicator: Indicator, official: Official) -> None:
    with LIST.open(encoding="utf-8-sig") as file:
        titles = {row["id"]: " ".join(row["title"].split()) for row in csv.DictReader(file)}
    assert titles[official.table] == official.column


def test_one_official_series_belongs_to_one_indicator() -> None:
    named = [
        (each.source, each.table, each.column) for i in catalogue.default().indicators.values() for each in i.official
    ]
    assert len(set(named)) == len(named)
