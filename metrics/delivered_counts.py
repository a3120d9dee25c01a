"""Counts from members who send no rows: read into the inner rows of a family, and written from them at the member.

A file row is a group of pupils with one outcome pattern. A row that also names an indicator holds that indicator's sums
for the same group; one that names an indicator without a pattern stands for pupils of its own. Indicators that follow
a person over time, or need a join, are never taken from counts, but those that a member may have joined by itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import pandas as pd

from metrics import engine
from metrics.declare import Indicator
from metrics.extracts.aggregated_counts import EXTRACT
from metrics.family_query import is_magnitude
from metrics.values import DIMENSION_COLUMNS
from metrics.vocabulary import Period, parse_period

UNKNOWN = {
    "stage": "stage_unknown",
    "foreign_background": "foreign_background_unknown",
    "parents_education": "parents_education_unknown",
    "newly_arrived": "newly_arrived_unknown",
}
SUMS = ("sum", "sum_squares", "largest", "weight")
PLACED = ("school_unit", "school_municipality", "provider", "models")
OWN = tuple(name for name in (*(column.name for column in EXTRACT.columns), "school_year") if name not in PLACED)
NOT_COUNTED = "-"
ROWS_TAKE_OVER = 0.5
"""Rows for at least this share of a school's counted pupils in a period: the rows count and the counts do not."""


def countable(family: Iterable[Indicator]) -> tuple[Indicator, ...]:
    """The indicators of a family that can be counted without following a person, or that a member may join by itself."""
    return tuple(each for each in family if each.counts_own_join or not (each.censored or each.needs_join))


def periods_given(connection: engine.Connection, family: tuple[Indicator, ...]) -> dict[str, Period]:
    """The periods of this family that files of counts name, by the word they use for each."""
    labels = engine.rows(connection, f"SELECT DISTINCT period {_ABOUT}", _about(family))
    return {label: parse_period(label, family[0].period_kind) for (label,) in labels}


def delivered(
    connection: engine.Connection, family: tuple[Indicator, ...], periods: Mapping[str, Period]
) -> pd.DataFrame:
    """File rows of this family and these periods (some of `periods_given`) that count, with dimensions as rows about pupils
    get them; needs `units_by_year` and `school_models`, which say where a school lies, who runs it and which models it has."""
    columns = ", ".join(column.name for column in EXTRACT.columns)
    found = engine.frame(
        connection, f"SELECT {columns} {_ABOUT} AND list_contains(?, period)", [*_about(family), sorted(periods)]
    )
    found["school_year"] = found["period"].map({label: each.school_year for label, each in periods.items()})
    found["period"] = found["period"].map({label: each.label for label, each in periods.items()})
    return _placed(connection, found)


_ABOUT = "FROM aggregated_counts WHERE population = ? AND period_kind = ?"


def _about(family: tuple[Indicator, ...]) -> list[str]:
    return [family[0].population, family[0].period_kind]


def _placed(connection: engine.Connection, found: pd.DataFrame) -> pd.DataFrame:
    """Dimensions filled in: the registers' word where the school is known, the file's own otherwise."""
    with engine.registered(connection, "counted_rows", found):
        placed = engine.frame(
            connection,
            f"""
            SELECT
                {", ".join(f"counted_rows.{name}" for name in OWN)},
                coalesce(counted_rows.school_unit, '') AS school_unit,
                coalesce(units.municipality, counted_rows.school_municipality, '') AS school_municipality,
                coalesce(units.provider, counted_rows.provider, '') AS provider,
                CASE
                    WHEN counted_rows.school_unit IS NULL THEN coalesce(counted_rows.models, '')
                    ELSE coalesce(school_models.models, '')
                END AS models
            FROM counted_rows
            LEFT JOIN units_by_year AS units
                ON units.school_unit = counted_rows.school_unit
                AND units.school_year = counted_rows.school_year
            LEFT JOIN school_models
                ON school_models.school_unit = counted_rows.school_unit
                AND school_models.school_year = counted_rows.school_year
            """,
        )
    for name in DIMENSION_COLUMNS:
        placed[name] = placed[name].astype(object).where(placed[name].notna(), UNKNOWN.get(name, ""))
    return placed


def without_doubled(found: pd.DataFrame, units: pd.DataFrame, perspective: str) -> pd.DataFrame:
    """The file rows less those of schools and periods whose pupils have come as rows too.

    `units`: period, school_unit, the municipality (by its column `perspective`) and pupils of what has been delivered
    as rows. Families without schools are told apart by the municipality: another member's rows are not this one's.
    """
    keys = ["period", "school_unit", perspective]
    whole = found[found["indicator"].isna()].groupby(keys)["contributors"].sum()
    rows = units.set_index(keys)["pupils"].reindex(whole.index).fillna(0)
    doubled = whole.index[(rows >= ROWS_TAKE_OVER * whole) & (rows > 0)]
    return found[~pd.MultiIndex.from_frame(found[keys]).isin(doubled)]


def inner_rows(found: pd.DataFrame, family: tuple[Indicator, ...]) -> pd.DataFrame:
    """The file rows as inner rows of the family (columns of Counts.inner), not yet added to those of pupils."""
    written = found["pattern"].astype(object).where(found["pattern"].notna(), "").astype(str).tolist()
    read = {text: _outcomes(text) for text in set(written)}
    patterns = [read[text] for text in written]
    named = found["indicator"].astype(object).where(found["indicator"].notna(), "").to_numpy()
    alone = (named != "") & np.array([not each for each in patterns], dtype=bool)
    rows = found.loc[:, ["period", *DIMENSION_COLUMNS]].copy()
    pupils = found["contributors"].to_numpy(dtype="int64")
    rows["contributors"] = np.where((named == "") | alone, pupils, 0)
    rows["school_first"] = rows["school_last"] = found["school_unit"].to_numpy()
    for indicator in family:
        counted = indicator in countable(family)
        said = [each.get(indicator.name) if counted else None for each in patterns]
        own = (named == indicator.name) & counted
        rows[f"{indicator.name}__denominator"] = np.where([each is not None for each in said], 1, 0) | (own & alone)
        if not is_magnitude(indicator):
            rows[f"{indicator.name}__numerator"] = [int(each == 1) for each in said]
            continue
        for part in SUMS if indicator.ratio else SUMS[:3]:
            rows[f"{indicator.name}__{part}"] = np.where(own, found[part].fillna(0).to_numpy(dtype=float), 0.0)
    return _split_shares(rows, found, named, alone, family)


def _split_shares(
    rows: pd.DataFrame, found: pd.DataFrame, named: np.ndarray, alone: np.ndarray, family: tuple[Indicator, ...]
) -> pd.DataFrame:
    """A share given as numerator and denominator is two groups: those with the outcome and those without."""
    parts = [rows]
    for indicator in countable(family):
        here = np.flatnonzero(alone & (named == indicator.name))
        if is_magnitude(indicator) or not here.size:
            continue
        parts[0] = parts[0].assign(contributors=np.where(named == indicator.name, 0, parts[0]["contributors"]))
        outcome = found["numerator"].fillna(0).to_numpy(dtype=float)[here]
        whole = found["denominator"].fillna(0).to_numpy(dtype=float)[here]
        for value, number in ((1, outcome), (0, whole - outcome)):
            group = rows.iloc[here].assign(contributors=number.round().astype("int64"))
            group[f"{indicator.name}__numerator"] = value
            parts.append(group)
    return pd.concat(parts, ignore_index=True)


def _outcomes(text: str) -> dict[str, int | None]:
    """indicator -> 1 or 0, None where the pupils are not counted."""
    parts = (part.partition("=") for part in str(text).split(";") if "=" in part)
    return {name.strip(): {"1": 1, "0": 0}.get(value.strip()) for name, _, value in parts}


def added(inner: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    """Inner rows of pupils and of counts as one."""
    return merged(pd.concat([inner, counted[list(inner.columns)]], ignore_index=True)).astype(inner.dtypes)


def merged(inner: pd.DataFrame) -> pd.DataFrame:
    """Inner rows where equal groups with equal patterns have become one row."""
    largest = [name for name in inner.columns if name.endswith("__largest")]
    sums = [name for name in inner.columns if name.endswith(("__sum", "__sum_squares", "__weight"))]
    how = {"contributors": "sum", "school_first": "min", "school_last": "max"}
    how |= dict.fromkeys(sums, "sum") | dict.fromkeys(largest, "max")
    keys = [name for name in inner.columns if name not in how]
    whole = inner.groupby(keys, sort=True, as_index=False).agg(how)
    return whole.loc[whole["contributors"] > 0, list(inner.columns)].astype(inner.dtypes).reset_index(drop=True)


def not_covered(found: pd.DataFrame, family: tuple[Indicator, ...]) -> pd.DataFrame:
    """(period, municipality, indicator) that counts stand for and yet say nothing of: never compared, never left out."""
    columns = ["period", "municipality", "indicator"]
    rows: list[tuple[str, str, str]] = []
    for (period, code), part in found.groupby(["period", family[0].perspective]):
        said = {name for text in part["pattern"].dropna().unique() for name in _outcomes(text)}
        said |= set(part["indicator"].dropna())
        said &= {each.name for each in countable(family)}
        rows += [(str(period), str(code), each.name) for each in family if each.name not in said]
    return pd.DataFrame(rows, columns=columns)


def file_rows(inner: pd.DataFrame, family: tuple[Indicator, ...]) -> pd.DataFrame:
    """Inner rows, told apart by school unit, as rows of the aggregated_counts extract."""
    kept = countable(family)
    rows = inner.loc[:, ["period", *DIMENSION_COLUMNS, "contributors"]].copy()
    one = inner["school_first"] == inner["school_last"]
    rows["school_unit"] = inner["school_first"].where(one, "")
    rows["population"], rows["period_kind"] = family[0].population, family[0].period_kind
    rows["perspective"], rows["indicator"] = family[0].perspective, ""
    rows["pattern"] = [_pattern(row, kept) for row in inner.to_dict("records")]
    parts = [rows]
    for indicator in kept:
        if is_magnitude(indicator):
            parts.append(_sums(rows, inner, indicator))
    return pd.concat(parts, ignore_index=True)


def _pattern(row: Mapping[Hashable, object], kept: tuple[Indicator, ...]) -> str:
    return ";".join(f"{each.name}={_outcome(row, each)}" for each in kept)


def _outcome(row: Mapping[Hashable, object], indicator: Indicator) -> str:
    if not row[f"{indicator.name}__denominator"]:
        return NOT_COUNTED
    return "1" if is_magnitude(indicator) or row[f"{indicator.name}__numerator"] else "0"


def _sums(rows: pd.DataFrame, inner: pd.DataFrame, indicator: Indicator) -> pd.DataFrame:
    inside = inner[f"{indicator.name}__denominator"] > 0
    parts = {part: inner.loc[inside, f"{indicator.name}__{part}"] for part in (SUMS if indicator.ratio else SUMS[:3])}
    return rows[inside].assign(indicator=indicator.name, **parts)
