"""The tables of a release beside the values: official rows, coverage, reconciliation, changes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from metrics.declare import Indicator
from metrics.values import KEY_COLUMNS, LONG_COLUMNS, Counts, Status
from metrics.vocabulary import Region, school_year

RECONCILED_WITHIN = 0.1
"""Percentage points (or merit points) by which own and published values may differ without a flag."""


def official_rows(series: pd.DataFrame, indicators: Mapping[str, Indicator], region: Region) -> pd.DataFrame:
    """The official series in the long table's columns (without `release`)."""
    rows = pd.DataFrame(index=series.index)
    rows["indicator"], rows["series"] = series["indicator"], "official"
    is_nation, is_region = series["municipality"] == "0000", series["municipality"] == region.name
    rows["area_type"] = np.select([is_nation, is_region], ["nation", "region"], default="municipality")
    rows["area"] = series["name"]
    rows["perspective"] = [indicators[name].perspective for name in series["indicator"]]
    rows["provider"], rows["stage"], rows["model"], rows["background"] = "all", "all", "all", "all"
    rows["sex"] = series["sex"]
    periods = [school_year(label) for label in series["school_year"]]
    rows["period_kind"] = "school_year"
    rows["period_from"] = [period.start.isoformat() for period in periods]
    rows["period_to"] = [period.end.isoformat() for period in periods]
    rows["school_year"] = [period.label for period in periods]
    shown = (series["status"] == Status.SHOWN).to_numpy()
    rows["numerator"] = np.nan
    for column, source in (("denominator", "pupils"), ("value", "value"), ("low", "low"), ("high", "high")):
        rows[column] = np.where(shown, pd.to_numeric(series[source], errors="coerce"), np.nan)
    rows["status"], rows["mark"] = series["status"], series["mark"].fillna("")
    rows["definition_version"] = [str(indicators[name].version) for name in series["indicator"]]
    rows["release"] = ""
    return rows.loc[:, list(LONG_COLUMNS)]


def coverage(counted: list[tuple[Counts, str]], region: Region) -> pd.DataFrame:
    """Who is in and who is missing, per extract, member and period label."""
    names = {member.code: member.name for member in region.members}
    rows = []
    for counts, extract in counted:
        lacking = {(row.period, row.municipality) for row in counts.missing.itertuples()}
        for period in counts.periods:
            rows += [
                (extract, names[code], period, "missing" if (period, code) in lacking else "delivered", "", "")
                for code in region.codes
            ]
    columns = ["extract", "municipality", "school_year", "state", "sender", "delivered"]
    return pd.DataFrame(rows, columns=columns).drop_duplicates(["extract", "municipality", "school_year"])


def reconciliation(values: pd.DataFrame, indicators: Mapping[str, Indicator]) -> pd.DataFrame:
    """Own totals against the official series of the same definition, provider and perspective: difference and flag."""
    values = values[values["indicator"].isin(_reconciled(indicators))]
    total = (values["model"] == "all") & (values["sex"] == "all") & (values["background"] == "all")
    total &= (values["status"] == Status.SHOWN) & values["value"].notna() & (values["provider"] == "all")
    keys = [name for name in KEY_COLUMNS if name not in ("series", "stage")]
    own = values[total & (values["series"] == "own")]
    official = values[total & (values["series"] == "official")]
    both = own.merge(official, on=keys, suffixes=("_own", "_official"))
    difference = both["value_own"] - both["value_official"]
    flag = np.where(difference.abs() <= RECONCILED_WITHIN, "agrees", "differs")
    return pd.DataFrame(
        {
            "indicator": both["indicator"],
            "area": both["area"],
            "school_year": both["school_year"],
            "own": both["value_own"],
            "official": both["value_official"],
            "difference": difference,
            "flag": flag,
        }
    )


def _reconciled(indicators: Mapping[str, Indicator]) -> set[str]:
    """The indicators that have an official counterpart of the same definition; a series beside is never compared."""
    return {
        name for name, each in indicators.items() if each.official and all(one.same_definition for one in each.official)
    }


def changes(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """What differs between two releases' own yearly member and region totals, as shown in both."""
    old, new = _totals(before), _totals(after)
    both = old.merge(new, on=list(KEY_COLUMNS), how="outer", suffixes=("_before", "_after"))
    before_value, after_value = both["value_before"], both["value_after"]
    same = (before_value == after_value) | (before_value.isna() & after_value.isna())
    moved = ~(same & (both["status_before"] == both["status_after"]))
    what = np.select(
        [both["status_before"].isna(), both["status_after"].isna(), both["status_before"] != both["status_after"]],
        ["new", "gone", "status"],
        default="value",
    )
    found = pd.DataFrame(
        {
            "indicator": both["indicator"],
            "area": both["area"],
            "school_year": both["school_year"],
            "what": what,
            "before": before_value,
            "after": after_value,
        }
    )
    return found[moved].reset_index(drop=True)


def _totals(values: pd.DataFrame) -> pd.DataFrame:
    wanted = (values["series"] == "own") & (values["model"] == "all") & (values["sex"] == "all")
    wanted &= (values["background"] == "all") & values["area_type"].isin(["municipality", "region"])
    wanted &= values["period_kind"] != "pooled"
    return values.loc[wanted, [*KEY_COLUMNS, "value", "status"]]
