"""One period and stage of a family as comparisons read it: kinds of pupils, pupils by school, groups by model, fitted models."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.compared.background import FIELDS, Fitted, dispersion, fit
from metrics.compared.schools import has
from metrics.declare import Indicator
from metrics.layout import REGION_BY_MODEL, Layout, Table
from metrics.protect.groups import Group, Place, groups_of
from metrics.values import DIMENSION_COLUMNS, Counts
from metrics.vocabulary import ALL, NO_MODEL, Region

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

SET, WITHOUT = "set:", "without:"


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The pupils of one period and stage.

    inner: kinds of pupils, as counted. groups: the region's by model. tables: per indicator one row per school, as
    `_by_school` makes them. models, chances: per indicator its fitted model and the probability of every row of `inner`,
    where background is known.
    """

    period: str
    stage: str
    inner: pd.DataFrame
    groups: Mapping[str, Group]
    indicators: Sequence[Indicator]
    models: Mapping[str, Fitted]
    chances: Mapping[str, Floats]
    tables: Mapping[str, pd.DataFrame]
    dispersions: Mapping[str, float | None]

    @property
    def whole(self) -> Group:
        return self.groups[ALL]

    @property
    def types(self) -> list[str]:
        """The model types that any school has."""
        return [name for name in self.groups if name not in (ALL, NO_MODEL) and not name.startswith((SET, WITHOUT))]

    @property
    def combinations(self) -> list[str]:
        """The sets of several models that any school has, joined with "|"."""
        return [name.removeprefix(SET) for name in self.groups if name.startswith(SET)]

    def of(self, indicator: str) -> tuple[Floats, Floats]:
        """Numerator and denominator of every row of `inner`."""
        return numbers_of(self.inner, indicator)

    def kinds(self, indicators: Sequence[str]) -> Floats:
        """The probability of every kind of pupil in the region: indicator x kind."""
        found = np.vstack([self.chances[name] for name in indicators])
        return np.unique(found[:, self.whole.inner], axis=1)

    def behind(self, chosen: Callable[[str], bool]) -> pd.DataFrame:
        """The schools whose set of models is chosen: school_unit, municipality and pupils (the most any indicator counts)."""
        parts = [
            table[table["models"].map(lambda models: chosen(str(models))).astype(bool)]
            for table in self.tables.values()
        ]
        schools = pd.concat(parts, ignore_index=True)
        return schools.groupby(["school_unit", "municipality"], as_index=False).agg(pupils=("pupils", "max"))

    def sums(self) -> list[Flags]:
        """Every sum over rows of `inner` that a table may show by area and model: the region's and each member's."""
        codes = self.inner[self.indicators[0].perspective].to_numpy()
        members = [codes == code for code in sorted(self.whole.codes)]
        whole = [group.inner for name, group in self.groups.items() if not name.startswith(SET)]
        return [*whole, *(group & member for group in whole for member in members)]

    def school_sums(self, models: pd.Series) -> list[Flags]:
        """The region's sums by model over schools with these sets: all, none, each type and the schools without it."""
        with_type = [np.array([has(str(found), name) for found in models], bool) for name in self.types]
        none = np.array([not found for found in models], bool)
        return [np.ones(len(models), bool), none, *with_type, *(~each for each in with_type)]


def slices(
    counts: Counts, indicators: Sequence[Indicator], layout: Layout, region: Region, schools: pd.DataFrame
) -> Iterator[Slice]:
    """Every period and stage of the counts, with the models of these indicators fitted."""
    plain = Layout(tables=(Table(areas="region"), REGION_BY_MODEL), by_stage=layout.by_stage)
    for period in counts.periods:
        frame = counts.inner[counts.inner["period"] == period].reset_index(drop=True)
        frame = frame.assign(**frame[list(DIMENSION_COLUMNS)].fillna("").astype(str))
        lacking = counts.missing[counts.missing["period"] == period]
        place = Place(
            region=region,
            column=indicators[0].perspective,
            main_provider=counts.main_provider,
            missing=set(zip(lacking["municipality"], lacking["provider"], strict=True)),
        )
        found = groups_of(frame, plain, place)
        of_period = schools[schools["period"] == period]
        for stage in sorted({each.stage for each in found}):
            groups = {each.model: each for each in found if each.stage == stage}
            own = _own_schools(of_period, stage, groups[ALL])
            yield _slice(period, stage, frame, groups, indicators, own)


def _slice(
    period: str,
    stage: str,
    inner: pd.DataFrame,
    groups: Mapping[str, Group],
    indicators: Sequence[Indicator],
    schools: pd.DataFrame,
) -> Slice:
    models = {}
    for each in indicators:
        numerator, denominator = numbers_of(inner, each.name)
        pupils = inner[list(FIELDS)].assign(numerator=numerator, denominator=denominator)
        found = fit(pupils[groups[ALL].inner])
        if found is not None:
            models[each.name] = found
    tables = {each.name: _by_school(schools, each.name, models.get(each.name)) for each in indicators}
    return Slice(
        period=period,
        stage=stage,
        inner=inner,
        groups=groups,
        indicators=indicators,
        models=models,
        chances={name: found.probability(inner) for name, found in models.items()},
        tables=tables,
        dispersions={name: _dispersion(tables[name], found) for name, found in models.items()},
    )


def numbers_of(inner: pd.DataFrame, indicator: str) -> tuple[Floats, Floats]:
    """Numerator and denominator of every kind of pupils."""
    pupils = inner["contributors"].to_numpy(float)
    inside = pupils * (inner[f"{indicator}__denominator"].to_numpy() > 0)
    return inside * (inner[f"{indicator}__numerator"].to_numpy() > 0), inside


def _by_school(schools: pd.DataFrame, indicator: str, found: Fitted | None) -> pd.DataFrame:
    """Per school with pupils in the indicator: school_unit, municipality, models, pupils, observed, expected, variance.

    observed and expected are numbers of pupils; expected and variance are missing without a fitted model.
    """
    rows = schools[schools["indicator"] == indicator]
    chance = found.probability(rows) if found else np.full(len(rows), np.nan)
    pupils = rows["denominator"]
    rows = rows.assign(
        pupils=pupils, observed=rows["numerator"], expected=pupils * chance, variance=pupils * chance * (1 - chance)
    )
    numbers = ["pupils", "observed", "expected", "variance"]
    return rows.groupby(["school_unit", "municipality", "models"], as_index=False)[numbers].sum(min_count=1)


def _dispersion(schools: pd.DataFrame, found: Fitted) -> float | None:
    """To one decimal, how much schools differ from what is expected; None where it cannot be said."""
    value = dispersion(schools, found.parameters)
    return None if value is None else round(value, 1)


def _own_schools(schools: pd.DataFrame, stage: str, whole: Group) -> pd.DataFrame:
    chosen = schools["municipality"].isin(whole.codes)
    chosen &= (schools["stage"] == stage) | (stage == ALL)
    chosen &= (schools["provider"] == whole.provider) | (whole.provider == ALL)
    return schools[chosen]
