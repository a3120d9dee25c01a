"""Indicator x layout -> Counts: every pupil's outcome pattern, counted once. Reads the vault's views, never its file."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.declare import Indicator
from metrics.values import DIMENSION_COLUMNS, Counts
from metrics.vocabulary import Region

Progress = Callable[[str, float], None]


def silent(_what: str, _share: float) -> None:
    """The progress listener that does nothing."""


def build_cohorts(connection: engine.Connection, catalogue: Catalogue, wanted: Iterable[str]) -> None:
    """Create the cohorts that the SQL texts in `wanted` read, each once as a table, in the order they depend."""
    for name in catalogue.sources(" ".join(wanted)):
        connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} AS {catalogue.cohorts[name]}")


def compute(
    connection: engine.Connection, catalogue: Catalogue, population: str, *, region: Region, progress: Progress = silent
) -> Counts:
    """The true counts of one population family, all periods, from the vault's views on `connection`."""
    family = catalogue.family(population)
    progress(f"Räknar {population}", 0.0)
    build_cohorts(connection, catalogue, [indicator.sql for indicator in family])
    inner = engine.frame(connection, family_sql(family))
    inner = inner[_in_region(inner, region, family[0].perspective)].reset_index(drop=True)
    missing = _missing(connection, catalogue, inner, region=region, perspective=family[0].perspective)
    providers = set(inner["provider"].unique())
    return Counts(
        population=population,
        period_kind=family[0].period_kind,
        inner=inner,
        missing=missing,
        not_yet=_not_yet(connection, family),
        main_provider="all" if "independent" in providers or "municipal" not in providers else "municipal",
    )


def _in_region(inner: pd.DataFrame, region: Region, perspective: str) -> pd.Series:
    return inner[perspective].isin(region.codes)


def family_sql(family: tuple[Indicator, ...]) -> str:
    """One SELECT: rows per period x dimensions x outcome pattern over all indicators of the family.

    Each pupil (and period and dimension values) becomes one row with every indicator's numerator and denominator
    beside each other; equal rows are then counted. Magnitudes of means are summed, not part of the pattern.
    """
    return f"""
        WITH written AS (
            {" UNION ALL ".join(_tagged(number, indicator) for number, indicator in enumerate(family))}
        ),
        pupils AS (
            SELECT
                period,
                contributors,
                {", ".join(DIMENSION_COLUMNS)},
                min(school_unit) AS school_first,
                max(school_unit) AS school_last,
                {", ".join(part for number, indicator in enumerate(family) for part in _pivot(number, indicator))}
            FROM written
            GROUP BY
                period,
                contributors,
                {", ".join(DIMENSION_COLUMNS)}
        )
        SELECT
            period,
            {", ".join(DIMENSION_COLUMNS)},
            CAST(count(DISTINCT contributors) AS BIGINT) AS contributors,
            min(school_first) AS school_first,
            max(school_last) AS school_last,
            {", ".join(part for indicator in family for part in _measures(indicator))}
        FROM pupils
        GROUP BY
            period,
            {", ".join(DIMENSION_COLUMNS)},
            {", ".join(part for indicator in family for part in _pattern(indicator))}
        ORDER BY
            period,
            {", ".join(DIMENSION_COLUMNS)},
            {", ".join(part for indicator in family for part in _pattern(indicator))}
    """


def _tagged(number: int, indicator: Indicator) -> str:
    return f"""
        SELECT
            {number} AS indicator,
            period,
            contributors,
            school_unit,
            {", ".join(DIMENSION_COLUMNS)},
            CAST(numerator AS DOUBLE) AS numerator,
            CAST({"weight" if indicator.ratio else "NULL"} AS DOUBLE) AS weight,
            coalesce(denominator, 0) AS denominator
        FROM ({indicator.sql}) AS found
    """


def _is_magnitude(indicator: Indicator) -> bool:
    return indicator.unit == "mean" or indicator.ratio


def _pivot(number: int, indicator: Indicator) -> list[str]:
    """Per pupil: whether in the denominator, and its numerator (and weight) only when it is."""
    name, own = indicator.name, f"FILTER (WHERE indicator = {number} AND denominator > 0)"
    inside = f"coalesce(max(denominator) FILTER (WHERE indicator = {number}), 0)"
    parts = [
        f"CAST({inside} AS TINYINT) AS {name}__denominator",
        f"coalesce(max(numerator) {own}, 0) AS {name}__numerator",
    ]
    return [*parts, f"coalesce(max(weight) {own}, 0) AS {name}__weight"] if indicator.ratio else parts


def _pattern(indicator: Indicator) -> list[str]:
    name = indicator.name
    return [f"{name}__denominator"] if _is_magnitude(indicator) else [f"{name}__denominator", f"{name}__numerator"]


def _measures(indicator: Indicator) -> list[str]:
    name = indicator.name
    if not _is_magnitude(indicator):
        return [f"{name}__denominator", f"CAST({name}__numerator AS TINYINT) AS {name}__numerator"]
    magnitude = f"{name}__numerator"
    sums = [
        f"{name}__denominator",
        f"sum({magnitude}) AS {name}__sum",
        f"sum({magnitude} * {magnitude}) AS {name}__sum_squares",
        f"max({magnitude}) AS {name}__largest",
    ]
    return [*sums, f"sum({name}__weight) AS {name}__weight"] if indicator.ratio else sums


def _not_yet(connection: engine.Connection, family: tuple[Indicator, ...]) -> pd.DataFrame:
    """(period, indicator) where no one's outcome can have been seen yet, though it has been in other periods."""
    rows: list[tuple[str, str]] = []
    for indicator in family:
        if indicator.censored:
            sql = f"SELECT period, coalesce(max(observed), 0) FROM ({indicator.sql}) AS found GROUP BY period ORDER BY period"
            seen = engine.rows(connection, sql)
            rows += [
                (str(period), indicator.name) for period, some in seen if not some and any(each for _, each in seen)
            ]
    return pd.DataFrame(rows, columns=["period", "indicator"])


def _missing(
    connection: engine.Connection, catalogue: Catalogue, inner: pd.DataFrame, *, region: Region, perspective: str
) -> pd.DataFrame:
    """(period, municipality, provider) that should be in and are not, for periods in which anyone is."""
    delivered = set(inner[["period", perspective, "provider"]].itertuples(index=False, name=None))
    expected = (
        _expected_by_school(connection, catalogue, inner, region)
        if perspective == "school_municipality"
        else {(period, code, "all") for period in inner["period"].unique() for code in region.codes}
    )
    if perspective != "school_municipality":
        delivered = {(period, area, "all") for period, area, _ in delivered}
    rows = sorted(expected - delivered)
    return pd.DataFrame(rows, columns=["period", "municipality", "provider"])


def _expected_by_school(
    connection: engine.Connection, catalogue: Catalogue, inner: pd.DataFrame, region: Region
) -> set[tuple[str, str, str]]:
    """Every member's municipal schools, and independent ones where the register of schools has any with the stage."""
    periods = list(inner["period"].unique())
    expected = {(period, code, "municipal") for period in periods for code in region.codes}
    if "independent" not in set(inner["provider"].unique()):
        return expected
    build_cohorts(connection, catalogue, ["units_by_year"])
    found = engine.rows(
        connection,
        """
        SELECT DISTINCT
            units_by_year.school_year,
            units_by_year.municipality,
            units_by_year.provider
        FROM units_by_year
        JOIN school_units
            ON school_units.school_unit = units_by_year.school_unit
        WHERE units_by_year.provider = 'independent'
            AND list_has_any(string_split(coalesce(school_units.stages, ''), '|'), ?)
        """,
        [sorted(inner["stage"].unique())],
    )
    return expected | {row for row in found if row[0] in periods and row[1] in region.codes}


def unit_panel(connection: engine.Connection, catalogue: Catalogue, indicator: Indicator) -> pd.DataFrame:
    """One indicator per school (through mergers), municipality and period, for evaluation: true sums, desk side only.

    Columns: unit (lineage code), cluster (municipality code), period (label), numerator, denominator, contributors.
    """
    build_cohorts(connection, catalogue, [indicator.sql, "unit_lineage"])
    return engine.frame(
        connection,
        f"""
        SELECT
            coalesce(unit_lineage.lineage, found.school_unit) AS unit,
            found.{indicator.perspective} AS cluster,
            found.period,
            sum(found.numerator) FILTER (WHERE found.denominator > 0) AS numerator,
            sum(found.denominator) AS denominator,
            count(DISTINCT found.contributors) AS contributors
        FROM ({indicator.sql}) AS found
        LEFT JOIN unit_lineage
            ON unit_lineage.school_unit = found.school_unit
        GROUP BY
            coalesce(unit_lineage.lineage, found.school_unit),
            found.{indicator.perspective},
            found.period
        ORDER BY
            unit,
            cluster,
            period
        """,
    )
