"""Which schools resemble those with a model: by expected value and size, among schools without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.cohort_tables import build_cohorts
from metrics.compared.background import FIELDS
from metrics.declare import Indicator

NEAREST = 2
"""Schools without the model that every school with it brings along."""
SIMILAR_SCHOOLS, SIMILAR_MEMBERS = 5, 3
"""Fewer schools, or municipalities, are no comparison."""


def pupils_by_school(
    connection: engine.Connection, catalogue: Catalogue, indicators: Sequence[Indicator], periods: Iterable[str]
) -> pd.DataFrame:
    """Numbers of pupils per indicator, period (of these), school and kind of pupil: true sums, desk side only.

    Columns: indicator, period, school_unit, municipality, provider, stage, models, FIELDS, numerator, denominator.
    """
    build_cohorts(connection, catalogue, [each.sql for each in indicators])
    wanted = [sorted(periods)]
    parts = [engine.frame(connection, _sql(each), wanted).assign(indicator=each.name) for each in indicators]
    return pd.concat(parts, ignore_index=True)


def _sql(indicator: Indicator) -> str:
    kinds = ", ".join(f"coalesce({name}, '') AS {name}" for name in FIELDS)
    return f"""
        SELECT
            period,
            school_unit,
            {indicator.perspective} AS municipality,
            provider,
            stage,
            coalesce(models, '') AS models,
            {kinds},
            CAST(sum(numerator) AS DOUBLE) AS numerator,
            CAST(count(*) AS DOUBLE) AS denominator
        FROM ({indicator.sql}) AS found
        WHERE denominator > 0
            AND list_contains(?, period)
        GROUP BY ALL
        ORDER BY ALL
    """


def has(models: str, model: str) -> bool:
    """Whether a set of models, joined with "|", contains the model."""
    return model in models.split("|")


def similar(schools: pd.DataFrame, model: str) -> list[str]:
    """The schools without the model that resemble those with it the most; none where they are too few for a comparison.

    Rows per school: school_unit, municipality, models, pupils and expected (a share). Distance is Euclidean in expected
    value and log size, each in standard deviations over all schools.
    """
    with_it = np.array([has(models, model) for models in schools["models"]], bool)
    if not with_it.any() or with_it.all():
        return []
    places = np.column_stack(
        [_scaled(schools["expected"].to_numpy(float)), _scaled(np.log(schools["pupils"].to_numpy(float)))]
    )
    others = schools[~with_it].reset_index(drop=True)
    distances = ((places[with_it][:, None, :] - places[~with_it][None, :, :]) ** 2).sum(axis=2)
    nearest = np.argsort(distances, axis=1, kind="stable")[:, :NEAREST]
    chosen = others.loc[np.unique(nearest)]
    if len(chosen) < SIMILAR_SCHOOLS or chosen["municipality"].nunique() < SIMILAR_MEMBERS:
        return []
    return sorted(chosen["school_unit"].astype(str))


def _scaled(values: np.ndarray) -> np.ndarray:
    spread = float(values.std())
    return np.asarray((values - values.mean()) / spread) if spread > 0 else np.zeros(len(values))
