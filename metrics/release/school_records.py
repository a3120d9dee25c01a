"""The desk's own record of the school part: counts with schools told apart, and what was told of every school.

Never pupils, never served. A period that was published several times has a table per version of its open part.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from metrics.protect.generations import History
from metrics.protect.school_past import EarlierSchools

VALUES, TABLE, PERIOD = "schools.parquet", "table", "of_period"
ROWS = ("indicator", "school_unit", "stage", "status")


@dataclass(frozen=True, kw_only=True)
class SchoolTable:
    """One version of a period: its inner rows with schools told apart, and which schools were told (columns ROWS)."""

    units: pd.DataFrame
    rows: pd.DataFrame


Tables = Mapping[str, Mapping[int, SchoolTable]]
"""By period and by the number of the open part's table."""


def values(records: Path) -> pd.DataFrame | None:
    """What the latest release's school part was; None where there was none."""
    folder = _latest(records)
    return pd.read_parquet(folder / VALUES) if folder is not None and (folder / VALUES).exists() else None


def tables(records: Path, population: str) -> Tables:
    """Every table of a family that has been told with its schools."""
    folder = _latest(records)
    if folder is None or not _path(folder, population, "units").exists():
        return {}
    units, rows = (pd.read_parquet(_path(folder, population, name)) for name in ("units", "rows"))
    found: dict[str, dict[int, SchoolTable]] = {}
    pairs = units[[PERIOD, TABLE]].drop_duplicates()
    for period, number in zip(pairs[PERIOD].astype(str), pairs[TABLE].astype(int), strict=True):
        inner, told = (
            frame[(frame[PERIOD] == period) & (frame[TABLE] == number)]
            .drop(columns=[PERIOD, TABLE])
            .reset_index(drop=True)
            for frame in (units, rows)
        )
        found.setdefault(period, {})[number] = SchoolTable(units=inner, rows=told)
    return found


def earlier(history: History, found: Tables, period: str, count: int) -> tuple[EarlierSchools, ...] | None:
    """The first `count` tables of a period with their schools; None where one was told without."""
    numbers = range(count)
    if not set(numbers) <= set(found.get(period, {})):
        return None
    pairs = ((history.tables[period][number], found[period][number]) for number in numbers)
    return tuple(EarlierSchools(table=replace(table, inner=each.units), rows=each.rows) for table, each in pairs)


def keep(folder: Path, told: pd.DataFrame, made: Mapping[str, Tables]) -> None:
    """Keep the school part of a release beside the desk's other records of it."""
    folder.mkdir(parents=True, exist_ok=True)
    told.to_parquet(folder / VALUES)
    for population, periods in made.items():
        versions = [(period, number, each) for period, found in periods.items() for number, each in found.items()]
        for name in ("units", "rows") if versions else ():
            whole = [getattr(each, name).assign(**{PERIOD: period, TABLE: number}) for period, number, each in versions]
            pd.concat(whole, ignore_index=True).to_parquet(_path(folder, population, name))


def _path(folder: Path, population: str, name: str) -> Path:
    return folder / f"{population}.school_{name}.parquet"


def _latest(records: Path) -> Path | None:
    pointer = records / "latest"
    return records / pointer.read_text(encoding="utf-8").strip() if pointer.exists() else None
