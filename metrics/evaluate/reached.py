"""Pupils whom a model met: their absence in the term before, while the support ran, and in the term after.

A description of those who were met and nothing else: they are sought out when it is at its worst, and then it goes better
on average without help too (regression to the mean). True counts of pupils, desk side only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.cohort_tables import build_cohorts
from metrics.vocabulary import Region

STAGE = "7-9"
HIGH_ABSENCE = 20
"""Per cent of the offered time: the same limit as the target group that the models are meant to reach."""
PARTS = ("before", "during", "after")
HIGH = f"100 * absence >= {HIGH_ABSENCE} * offered - 0.0001"


@dataclass(frozen=True, kw_only=True)
class Others:
    """Pupils that the release tells about together with the followed ones, less these: with high absence, and without.

    They are counted in the term that has the most of them, so that many are different pupils.
    """

    high: int
    low: int


@dataclass(frozen=True, kw_only=True)
class Met:
    """One model type: how many pupils in years 7-9 it met, and those with material in all three parts.

    pupils: index pupil, a bool per part (high absence). one_school: a part where all of them went to one school.
    others: per part and published class of pupils that the followed ones belong to.
    """

    model: str
    reached: int
    pupils: pd.DataFrame
    one_school: bool
    others: tuple[Others, ...]


def read_met(connection: engine.Connection, catalogue: Catalogue, region: Region) -> list[Met]:
    """Every model type with a case of a pupil in years 7-9, in order of its code."""
    build_cohorts(connection, catalogue, ["met_pupil_terms attendance_terms"])
    rows = engine.frame(connection, f"SELECT *, {HIGH} AS high FROM met_pupil_terms ORDER BY model_type, pupil, term")
    counted = _counted(connection, region)
    return [_met(str(model), own, counted, region) for model, own in rows.groupby("model_type", sort=True)]


def _counted(connection: engine.Connection, region: Region) -> pd.DataFrame:
    """What the attendance family is published of, per term: pupils by place, provider, models, contact and absence."""
    codes = ", ".join(f"'{code}'" for code in region.codes)
    return engine.frame(
        connection,
        f"""
        SELECT
            term,
            school_municipality,
            provider,
            models,
            participates,
            {HIGH} AS high,
            count(*) AS pupils
        FROM attendance_terms
        WHERE stage = '{STAGE}'
            AND school_municipality IN ({codes})
        GROUP BY
            ALL
        """,
    )


def _met(model: str, rows: pd.DataFrame, counted: pd.DataFrame, region: Region) -> Met:
    inside = (rows["stage"] == STAGE) & rows["school_municipality"].isin(region.codes)
    outside = set(rows.loc[rows["part"].notna() & ~inside, "pupil"])
    by_pupil = rows[inside].groupby("pupil").agg(parts=("part", "nunique"), methods=("method", "nunique"))
    whole = set(by_pupil[(by_pupil["parts"] == len(PARTS)) & (by_pupil["methods"] == 1)].index) - outside
    followed = rows[rows["pupil"].isin(whole)]
    parts = [followed[followed["part"] == part] for part in PARTS]
    return Met(
        model=model,
        reached=int(rows["pupil"].nunique()),
        pupils=_patterns(followed),
        one_school=any(part["school_unit"].nunique() == 1 for part in parts),
        others=tuple(each for part in parts if len(part) for each in _others(model, part, counted)),
    )


def _patterns(followed: pd.DataFrame) -> pd.DataFrame:
    """High absence per pupil and part, the terms of a part added up."""
    sums = followed.groupby(["pupil", "part"])[["absence", "offered"]].sum()
    high = 100 * sums["absence"] >= HIGH_ABSENCE * sums["offered"] - 0.0001
    return high.unstack("part").reindex(columns=list(PARTS)).astype(bool)


def _others(model: str, part: pd.DataFrame, counted: pd.DataFrame) -> Iterator[Others]:
    """Left of all pupils in the group's municipalities, providers and terms; of schools with the model; of those met."""
    keys = ["term", "school_municipality", "provider"]
    places = pd.MultiIndex.from_frame(part[keys[1:]].drop_duplicates())
    near = counted["term"].isin(part["term"]) & pd.MultiIndex.from_frame(counted[keys[1:]]).isin(places)
    both = (counted[near], part)
    yield _left(*both)
    yield _left(*(each[_has(each["models"], model)] for each in both))
    yield _left(*(each[each["participates"].astype(bool) & (each["models"] != "")] for each in both))


def _has(models: pd.Series, model: str) -> pd.Series:
    return models.map(lambda joined: model in str(joined).split("|")).astype(bool)


def _left(published: pd.DataFrame, part: pd.DataFrame) -> Others:
    left = []
    for high in (True, False):
        everyone = published[published["high"] == high].groupby("term")["pupils"].sum()
        own = part[part["high"] == high].groupby("term").size().reindex(everyone.index, fill_value=0)
        left.append(int((everyone - own).max()) if len(everyone) else 0)
    return Others(high=left[0], low=left[1])
