"""A reader who knows which schools have which models takes every row by model together: no set of models has few for certain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from metrics import catalogue
from metrics.declare import Indicator
from metrics.protect import gate
from tests.attack.test_crossed_rows import PLAN_IN_A, REGION, published

K = 5
ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo" / "open"
DECLARED = catalogue.default().indicators
UNCUT = ["sex", "background"]
Cell = tuple[str, str]
"""Member and set of models."""


def sets_of(schools: pd.DataFrame, members: Sequence[str], year: str) -> list[Cell]:
    """Where pupils can be that school year: every member's sets of models, and schools without any."""
    own = schools[schools["school_year"] == year]
    told = own[["municipality", "models"]].drop_duplicates().itertuples(index=False, name=None)
    return sorted({(area, models) for area, models in told if area in members} | {(area, "") for area in members})


def rows_of(cells: Sequence[Cell], row: pd.Series) -> np.ndarray:
    """The cells of a row of the long table, read off its keys."""
    name, lacking = row["model"].removeprefix("without:"), row["model"].startswith("without:")
    held = [
        name == "all" or (not models if name == "none" else (name in models.split("|")) != lacking)
        for _, models in cells
    ]
    there = [row["area_type"] == "region" or area == row["area"] for area, _ in cells]
    return np.logical_and(held, there)


def certain(values: pd.DataFrame, cells: Sequence[Cell], indicator: Indicator) -> Iterator[str]:
    """Sensitive classes of a member's set, or of a set, that have one to four for certain; values: of one period."""
    width, told, truth, least = len(cells), [], [], []
    for _, row in values.iterrows():
        inside = rows_of(cells, row).astype(float)
        if row["status"] == "shown":
            told += [np.concatenate([inside, 0 * inside]), np.concatenate([0 * inside, inside])]
            truth += [row["numerator"], row["denominator"] - row["numerator"]]
        elif row["status"] == "hidden":
            least.append(np.concatenate([inside, inside]))
    if not told:
        return
    stated = {"A_eq": np.array(told), "b_eq": np.array(truth), "method": "highs"}
    if least:
        stated |= {"A_ub": -np.array(least), "b_ub": -np.ones(len(least))}
    for name, inside in _groups(cells):
        for part, place in (("outcome", 0), ("remainder", 1)):
            if indicator.sensitive not in (part, "both"):
                continue
            asked = np.zeros(2 * width)
            asked[place * width : (place + 1) * width] = inside
            low = linprog(asked, **stated)
            assert low.status == 0, "what a reader takes together agrees"
            if 0.5 < low.fun < K - 0.5:
                high = linprog(-asked, **stated)
                if high.status == 0 and -high.fun - low.fun < K - 1e-3:
                    yield f"{indicator.name} {part} {name}: {low.fun:.1f} to {-high.fun:.1f}"


def _groups(cells: Sequence[Cell]) -> Iterator[tuple[str, np.ndarray]]:
    for place, (area, models) in enumerate(cells):
        if models:
            yield f"{area} {models}", np.eye(len(cells))[place]
    for models in {models for _, models in cells if models}:
        yield models, np.array([models == each for _, each in cells], float)


def periods(values: pd.DataFrame, indicator: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each period and stage of an indicator, uncut but by model, of the provider that its totals have."""
    own = values[(values["series"] == "own") & (values["indicator"] == indicator) & (values["period_kind"] != "pooled")]
    own = own[(own[UNCUT] == "all").all(axis=1) & own["area_type"].isin(["municipality", "region"])]
    if (own["model"] != "all").any():
        for (year, _, _), rows in own.groupby(["school_year", "period_to", "stage"]):
            yield str(year), rows[rows["provider"] == rows["provider"].mode()[0]]


def findings(tables: Mapping[str, pd.DataFrame], names: Sequence[str]) -> list[str]:
    members = sorted(set(tables["school_units"]["municipality"]))
    return [
        f"{year} {found}"
        for name in names
        for year, rows in periods(tables["values"], name)
        for found in certain(rows, sets_of(tables["school_models"], members, year), DECLARED[name])
    ]


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {name: pd.read_parquet(DEMO / f"{name}.parquet") for name in ("values", "school_models", "school_units")}


def test_no_set_of_models_has_few_eligible_or_not_for_certain(tables: dict[str, pd.DataFrame]) -> None:
    years = tables["values"]["school_year"].isin(["2023/24", "2024/25"])
    assert findings(tables | {"values": tables["values"][years]}, ["eligibility_vocational"]) == []


@pytest.mark.soak
def test_no_set_of_models_has_few_for_certain_in_any_indicator(tables: dict[str, pd.DataFrame]) -> None:
    asked = [
        each.name
        for each in DECLARED.values()
        if each.sensitive != "none" and each.unit in ("share", "incidence", "flow")
    ]
    assert findings(tables, asked) == []


def test_where_rows_cross_the_reader_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: the gate without its look at places; A's four beside the region's plan, which only A has."""
    cells = [*PLAN_IN_A, *((member.name, "") for member in REGION.members if (member.name, "") not in PLAN_IN_A)]
    name = DECLARED["eligibility_vocational"]
    assert list(certain(published(PLAN_IN_A), cells, name)) == []
    monkeypatch.setattr(gate, "open_in_places", lambda problem, solve, *_: (problem, *solve(problem)))
    nowhere = [("A", "team"), ("A", "plan|team"), ("B", "team"), ("C", ""), ("D", "team")]
    assert list(certain(published(PLAN_IN_A), nowhere, name)) == ["eligibility_vocational remainder A team: 4.0 to 4.0"]
