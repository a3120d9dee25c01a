"""Attendance per pupil and term as it is defined, and the counts that a member sends instead of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from metrics.demo.people import STAGES, People

THRESHOLDS = {f"absence_{percent}": ("absence", percent) for percent in (10, 15, 20, 30, 50)} | {
    f"unexcused_absence_{percent}": ("unexcused", percent) for percent in (5, 10, 20)
}
KEYS = ("person", "spring", "term")
PLACE = ("unit", "site", "stage")
MINUTES = ("offered", "reported", "attended", "valid_absence", "invalid_absence")
TIMES = {"absence_time": "absence", "attendance_time": "attended", "reporting_rate": "reported"}


def per_pupil(people: People, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per pupil and term, at the unit where most time was offered, with the outcomes of the thresholds."""
    columns = {name: rows[name].to_numpy(dtype=np.int64) for name in (*KEYS, *PLACE, *MINUTES)}
    order = np.lexsort(tuple(columns[name] for name in ("unit", "offered", "term", "spring", "person")))
    ordered = {name: values[order] for name, values in columns.items()}
    new = np.any([np.diff(ordered[name], prepend=-1) != 0 for name in KEYS], axis=0)
    first = np.flatnonzero(new)
    last = np.append(first[1:], order.size) - 1
    added = {name: np.add.reduceat(ordered[name], first) if first.size else ordered[name] for name in MINUTES}
    table = pd.DataFrame({name: ordered[name][last] for name in (*KEYS, *PLACE)})
    table["offered"], table["reported"], table["attended"] = (
        added[name] for name in ("offered", "reported", "attended")
    )
    table["absence"] = added["valid_absence"] + added["invalid_absence"]
    table["unexcused"] = added["invalid_absence"]
    for name, (part, percent) in THRESHOLDS.items():
        table[name] = 100 * table[part] >= percent * table["offered"]
    return table


def period_label(spring: int, term: int) -> str:
    """HT 2024 for the autumn of the school year that ends in spring 2025."""
    return f"VT {spring}" if term else f"HT {spring - 1}"


def attendance_counts(people: People, rows: pd.DataFrame, models: Callable[[pd.DataFrame], Any]) -> pd.DataFrame:
    """The aggregated_counts extract of a member's attendance: outcome patterns, and sums of time.

    `models` gives the set of models, joined with "|", at the site and year of each row.
    """
    table = per_pupil(people, rows).assign(models="")
    person = table["person"].to_numpy()
    table["sex"] = np.where(people.sex[person] == 1, "girls", "boys")
    table["home"] = people.home[person]
    table["models"] = models(table)
    patterns = table.groupby([*GROUP, *THRESHOLDS], sort=True).size().rename("contributors").reset_index()
    flags = [name + "=" + patterns[name].astype(int).astype(str) for name in THRESHOLDS]
    patterns["pattern"] = pd.concat(flags, axis=1).agg(";".join, axis=1)
    sums = [_sums(table, name, part) for name, part in TIMES.items()]
    stacked = pd.concat([patterns.drop(columns=list(THRESHOLDS)), *sums], ignore_index=True)
    sites = people.region.sites
    terms = zip(stacked["spring"].tolist(), stacked["term"].tolist(), strict=True)
    return stacked.assign(
        population="attendance",
        period=[period_label(spring, term) for spring, term in terms],
        period_kind="term",
        perspective="school_municipality",
        school_unit=stacked["unit"],
        school_municipality=sites["code"].to_numpy(dtype=np.int64)[stacked["site"]],
        home_municipality=stacked["home"],
        provider=sites["provider"].to_numpy()[stacked["site"]],
        stage=np.array(STAGES)[stacked["stage"]],
    )


GROUP = ["spring", "term", "unit", "site", "stage", "models", "sex", "home"]


def _sums(table: pd.DataFrame, name: str, part: str) -> pd.DataFrame:
    grouped = table.assign(square=table[part] ** 2).groupby(GROUP, sort=True)
    sums = grouped.agg(
        contributors=(part, "size"),
        sum=(part, "sum"),
        sum_squares=("square", "sum"),
        largest=(part, "max"),
        weight=("offered", "sum"),
    )
    return sums.reset_index().assign(indicator=name, denominator=sums["contributors"].to_numpy())
