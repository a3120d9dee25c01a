"""The official reference series of a release: published figures beside our own, never mixed with them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from metrics import engine
from metrics.declare import Indicator
from metrics.extracts.official_statistics import PUPIL_COUNTS, indicator_names, indicator_of
from metrics.extracts.reading.words import normal
from metrics.values import Status
from metrics.vocabulary import ALL, REFERENCE_FOLDER, Region, school_year_label, spring_of

NATION_CODE = "0000"
NATION_MUNICIPALITIES = 280
"""A nation computed from municipalities needs at least this many of the 290 (a few are hidden every year)."""

COLUMNS = (
    "indicator",
    "school_year",
    "municipality",
    "name",
    "sex",
    "pupils",
    "value",
    "status",
    "mark",
    "low",
    "high",
)


def official_series(
    connection: engine.Connection | None, region: Region, indicators: Mapping[str, Indicator]
) -> pd.DataFrame:
    """Rows of COLUMNS, all providers only: what has been loaded, else the reference table; then computed totals.

    `value`, `low`, `high` are percent (or merit points). The nation and the region are added up from municipalities
    where every input is at hand; such a row's `mark` says so.
    """
    loaded = _loaded(connection, indicators) if connection is not None else _none()
    reference = _reference(region)
    key = ["indicator", "school_year", "municipality", "sex"]
    both = pd.concat([loaded, reference], ignore_index=True).drop_duplicates(key, keep="first")
    known = both[both["indicator"].isin(list(indicators))]
    shares = known[known["indicator"].map(lambda name: indicators[name].unit == "share").astype(bool)]
    computed = [_computed_nation(shares, region), _computed_region(shares, region)]
    return (
        pd.concat([*computed, known], ignore_index=True)
        .drop_duplicates(key, keep="first")
        .sort_values(key)
        .reset_index(drop=True)
    )


def _none() -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype="object") for column in COLUMNS})


def anyones_series(
    connection: engine.Connection, indicators: Mapping[str, Indicator], official: pd.DataFrame
) -> pd.DataFrame:
    """The release's official series and loaded figures of single providers and schools: COLUMNS, provider, school_unit.

    The latter never leave the desk. They are for the gate: anyone can fetch them where they were fetched.
    """
    found = _read(connection, indicators)
    return pd.concat([official.assign(provider=ALL, school_unit=""), found[~_released(found)]], ignore_index=True)


def _loaded(connection: engine.Connection, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Loaded official figures of municipalities, all providers: rows of COLUMNS."""
    found = _read(connection, indicators)
    return found.loc[_released(found), list(COLUMNS)].reset_index(drop=True)


def _released(found: pd.DataFrame) -> pd.Series:
    return (found["provider"] == ALL) & (found["school_unit"] == "") & (found["municipality"] != "")


def _read(connection: engine.Connection, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Loaded official files: for each cell the newest table wins."""
    found = engine.frame(
        connection,
        """
        SELECT
            measure,
            school_year,
            coalesce(municipality, '') AS municipality,
            municipality_name AS name,
            provider,
            coalesce(school_unit, '') AS school_unit,
            sex,
            pupils,
            value,
            status,
            coalesce(mark, '') AS mark
        FROM official_statistics
        WHERE coalesce(breakdown, '') = ''
        ORDER BY batch DESC
        """,
    )
    key = ["municipality", "provider", "school_unit", "sex", "school_year"]
    counts = found[found["measure"].isin(PUPIL_COUNTS) & found["value"].notna()].drop_duplicates(key)
    found["pupils"] = found["pupils"].astype("float64")
    sizes = found[key].merge(counts[[*key, "value"]], on=key, how="left")["value"].to_numpy(dtype=float)
    found["pupils"] = found["pupils"].where(found["pupils"].notna(), sizes)
    names = indicator_names(indicators.values())
    found["indicator"] = [indicator_of(str(measure), names) for measure in found["measure"]]
    found = found[found["indicator"].notna()].copy()
    found["school_year"] = _own_years(found, indicators)
    found = found.drop_duplicates(["indicator", *key]).copy()
    found.loc[(found["status"] != Status.SHOWN) | (found["mark"] == "~100"), "value"] = np.nan
    return _bounded(found)


def _own_years(found: pd.DataFrame, indicators: Mapping[str, Indicator]) -> list[str]:
    """The indicator's own school year of each row: a cohort's series is named after the year it was followed to."""
    later = {
        (name, normal(word)): each.years_later
        for name, indicator in indicators.items()
        for each in indicator.official
        for word in (each.table, each.column)
    }
    named = zip(found["indicator"], found["measure"], found["school_year"], strict=True)
    return [
        school_year_label(spring_of(year) - later.get((name, normal(str(measure))), 0)) for name, measure, year in named
    ]


def _bounded(found: pd.DataFrame) -> pd.DataFrame:
    """`~100` means that one to four pupils are not eligible: bounds instead of a value."""
    nearly = found["mark"] == "~100"
    pupils = pd.to_numeric(found["pupils"], errors="coerce")
    found["low"] = np.where(nearly & (pupils > 0), 100 * (pupils - 4).clip(lower=0) / pupils, np.nan)
    found["high"] = np.where(nearly & (pupils > 0), 100 * (pupils - 1) / pupils, np.nan)
    return found


def _reference(region: Region) -> pd.DataFrame:
    found = pd.read_csv(REFERENCE_FOLDER / "official_year9.csv", sep=";", dtype={"municipality": str})
    found = found[found["municipality"].isin([*region.codes, NATION_CODE])].copy()
    found["sex"], found["status"], found["mark"] = "all", str(Status.SHOWN), ""
    return _bounded(found).loc[:, list(COLUMNS)]


def peer_series(region: Region, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Rows of COLUMNS per member: the weighted mean of its official peer group; `mark` says which municipalities."""
    found = pd.read_csv(REFERENCE_FOLDER / "official_peers_year9.csv", sep=";", dtype={"municipality": str})
    found = found[found["municipality"].isin(region.codes) & found["indicator"].isin(list(indicators))].copy()
    found["sex"], found["status"] = "all", str(Status.SHOWN)
    found["mark"] = found["mark"] + ": " + found["peers"]
    return _bounded(found).loc[:, list(COLUMNS)]


def _estimates(shares: pd.DataFrame) -> pd.DataFrame:
    """Each municipality's share with pupils as weight; `~100` counted as two pupils short; hidden ones left out."""
    pupils = pd.to_numeric(shares["pupils"], errors="coerce").to_numpy(dtype=float)
    value = pd.to_numeric(shares["value"], errors="coerce").to_numpy(dtype=float)
    nearly = (shares["mark"] == "~100").to_numpy()
    value = np.where(nearly, 100 * (pupils - 2) / np.where(pupils > 0, pupils, np.nan), value)
    found = shares.assign(weight=pupils, estimate=value, nearly=nearly)
    found["used"] = found["estimate"].notna() & (found["weight"] > 0)
    return found


def _weighted(found: pd.DataFrame) -> pd.DataFrame:
    keys = ["indicator", "school_year", "sex"]
    used = found[found["used"]].assign(total=lambda rows: rows["estimate"] * rows["weight"])
    sums = used.groupby(keys, as_index=False).agg(
        total=("total", "sum"), pupils=("weight", "sum"), used=("used", "sum")
    )
    all_rows = found.groupby(keys, as_index=False).agg(rows=("used", "size"), nearly=("nearly", "sum"))
    sums = sums.merge(all_rows, on=keys)
    sums["value"] = sums["total"] / sums["pupils"]
    return sums


def _as_rows(sums: pd.DataFrame, *, code: str, name: str) -> pd.DataFrame:
    missing, nearly = sums["rows"] - sums["used"], sums["nearly"]
    marks = [
        f"beräknat; {near} med ~100 räknade som n-2; {left} utelämnade" if near or left else "beräknat"
        for near, left in zip(nearly, missing, strict=True)
    ]
    return sums.assign(municipality=code, name=name, status=str(Status.SHOWN), mark=marks, low=np.nan, high=np.nan).loc[
        :, list(COLUMNS)
    ]


def _computed_nation(shares: pd.DataFrame, region: Region) -> pd.DataFrame:
    sums = _weighted(_estimates(shares[shares["municipality"] != NATION_CODE]))
    return _as_rows(sums[sums["used"] >= NATION_MUNICIPALITIES], code=NATION_CODE, name=region.nation)


def _computed_region(shares: pd.DataFrame, region: Region) -> pd.DataFrame:
    """The region's own total, only where every member is in."""
    sums = _weighted(_estimates(shares[shares["municipality"].isin(region.codes)]))
    return _as_rows(sums[sums["used"] == len(region.codes)], code=region.name, name=region.name)
