"""Indicator x layout -> Counts: every pupil's outcome pattern, counted once. Reads the vault's views, never its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from metrics import delivered_counts, engine
from metrics.catalogue import Catalogue
from metrics.cohort_tables import build_cohorts, standing_once
from metrics.declare import Indicator
from metrics.family_query import family_sql, joined_sql, readings, seen_sql, without_join
from metrics.values import Counts
from metrics.vocabulary import Region, parse_period

Progress = Callable[[str, float], None]


def silent(_what: str, _share: float) -> None:
    """The progress listener that does nothing."""


def as_counted(connection: engine.Connection, family: tuple[Indicator, ...]) -> tuple[Indicator, ...]:
    """The family; what needs a join counts nobody, and reads nothing more, while none is in force."""
    if not any(each.needs_join for each in family) or _is_joined(connection):
        return family
    return tuple(map(without_join, family))


def _is_joined(connection: engine.Connection) -> bool:
    return bool(engine.rows(connection, "SELECT 1 FROM declared_join LIMIT 1"))


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What is counted of a family's periods, each period by itself: what `assembled` makes Counts of.

    `inner`: as in Counts, of the region's members. `seen`: period, indicator and 1 where anyone's outcome has been seen.
    `not_comparable`: as in Counts.
    """

    inner: pd.DataFrame
    seen: pd.DataFrame
    not_comparable: pd.DataFrame


def compute(
    connection: engine.Connection, catalogue: Catalogue, population: str, *, region: Region, progress: Progress = silent
) -> Counts:
    """The true counts of one population family, all periods, from the vault's views on `connection`."""
    progress(f"Räknar {population}", 0.0)
    parts = parts_of(connection, catalogue, catalogue.family(population), region=region)
    return assembled(connection, catalogue, population, parts, region=region)


def parts_of(
    connection: engine.Connection,
    catalogue: Catalogue,
    family: tuple[Indicator, ...],
    *,
    region: Region,
    periods: frozenset[str] | None = None,
) -> Parts:
    """Every period of a family counted from what `connection` shows, or only `periods`."""
    family = as_counted(connection, family)
    build_cohorts(connection, catalogue, [indicator.sql for indicator in family])
    inner, apart = _with_delivered(connection, catalogue, family, _inner(connection, family), periods)
    inner = inner[_in_region(inner, region, family[0].perspective)]
    unjoined = _unjoined(connection, family, inner)
    said = [apart[apart["municipality"].isin(region.codes)], _rows(unjoined, family), _uncounted(inner, family)]
    apart = pd.concat(said).sort_values("period", kind="stable", ignore_index=True)
    inner = delivered_counts.merged(_silenced(inner, unjoined, family)) if unjoined else inner
    parts = Parts(inner=inner, seen=_seen(connection, family), not_comparable=apart)
    return Parts(**{name: _of(frame, periods) for name, frame in vars(parts).items()})


def _of(frame: pd.DataFrame, periods: frozenset[str] | None) -> pd.DataFrame:
    kept = frame if periods is None else frame[frame["period"].isin(periods)]
    return kept.reset_index(drop=True)


def assembled(
    connection: engine.Connection, catalogue: Catalogue, population: str, parts: Parts, *, region: Region
) -> Counts:
    """The counts of a family from its periods: who is missing, and what nobody can have seen yet, is told from all."""
    family = catalogue.family(population)
    perspective, inner = family[0].perspective, parts.inner
    providers = set(inner["provider"].unique())
    return Counts(
        population=population,
        period_kind=family[0].period_kind,
        inner=inner,
        missing=_missing(connection, catalogue, inner, region=region, perspective=perspective),
        not_yet=_not_yet(parts.seen, family),
        not_comparable=parts.not_comparable,
        main_provider="all" if "independent" in providers or "municipal" not in providers else "municipal",
    )


def _in_region(inner: pd.DataFrame, region: Region, perspective: str) -> pd.Series:
    return inner[perspective].isin(region.codes)


def by_school(
    connection: engine.Connection, catalogue: Catalogue, population: str, *, region: Region, periods: frozenset[str]
) -> pd.DataFrame:
    """The family's inner rows of these periods with schools told apart: columns of Counts.inner, and `school_unit`.

    Rows of pupils first, then delivered counts, in the same order each time.

    school_unit: the code; "" where counts were delivered without one; two codes joined with "|" for a pupil in several.
    """
    family = as_counted(connection, catalogue.family(population))
    build_cohorts(connection, catalogue, [indicator.sql for indicator in family])
    inner = _inner(connection, family, by_unit=True)
    counted, _ = _delivered(connection, catalogue, family, periods)
    if counted is not None:
        some = counted.loc[counted["contributors"] > 0, list(inner.columns)]
        in_order = some.astype(inner.dtypes).sort_values(list(inner.columns))
        inner = pd.concat([inner, in_order], ignore_index=True)
    inner = _of(inner[_in_region(inner, region, family[0].perspective)], periods)
    inner = _silenced(inner, _unjoined(connection, family, inner), family)
    first, last = (inner[name].fillna("").astype(str) for name in ("school_first", "school_last"))
    return inner.assign(school_unit=first.where(first == last, first + "|" + last))


def _unjoined(
    connection: engine.Connection, family: tuple[Indicator, ...], inner: pd.DataFrame
) -> set[tuple[str, str]]:
    """(period, municipality) of which a declared join says nothing: other members', and before their first report.

    Empty where no indicator needs a join or none is in force.
    """
    if not any(map(_by_join, family)) or not _is_joined(connection):
        return set()
    since = dict(
        engine.rows(
            connection,
            """
            SELECT
                joined_members.municipality,
                min(chain.report_date)
            FROM joined_members
            JOIN support_chain AS chain
                ON chain.municipality = joined_members.municipality
            GROUP BY joined_members.municipality
            """,
        )
    )
    kind, found = family[0].period_kind, inner[["period", family[0].perspective]].drop_duplicates()
    return {
        (period, code)
        for period, code in found.itertuples(index=False, name=None)
        if code not in since or parse_period(period, kind).end < since[code]
    }


def _silenced(inner: pd.DataFrame, unjoined: set[tuple[str, str]], family: tuple[Indicator, ...]) -> pd.DataFrame:
    """The inner rows with nobody counted by indicators that need a join, where none says anything."""
    if not unjoined:
        return inner
    where = pd.MultiIndex.from_frame(inner[["period", family[0].perspective]]).isin(unjoined)
    linked = [each.name for each in family if _by_join(each)]
    names = [f"{name}__{part}" for name in linked for part in ("denominator", "numerator")]
    return inner.assign(**{name: inner[name].mask(where, 0).astype(inner[name].dtype) for name in names})


def _by_join(indicator: Indicator) -> bool:
    """Whether only a declared join can say anything of the indicator: a member's own counts cannot."""
    return indicator.needs_join and not indicator.counts_own_join


def _uncounted(inner: pd.DataFrame, family: tuple[Indicator, ...]) -> pd.DataFrame:
    """Where a member has neither a join nor counts of its own: as Counts.not_comparable, so that no sum is told without it."""
    rows: list[tuple[str, str, str]] = []
    for indicator in family:
        if indicator.counts_own_join:
            sizes = inner.groupby(["period", indicator.perspective])[f"{indicator.name}__denominator"].sum()
            rows += [(period, code, indicator.name) for period, code in sizes.index[sizes == 0]]
    return pd.DataFrame(rows, columns=["period", "municipality", "indicator"], dtype=object)


def _rows(unjoined: set[tuple[str, str]], family: tuple[Indicator, ...]) -> pd.DataFrame:
    """As Counts.not_comparable."""
    linked = [each.name for each in family if _by_join(each)]
    rows = [(*where, name) for where in sorted(unjoined) for name in linked]
    return pd.DataFrame(rows, columns=["period", "municipality", "indicator"], dtype=object)


def _with_delivered(
    connection: engine.Connection,
    catalogue: Catalogue,
    family: tuple[Indicator, ...],
    inner: pd.DataFrame,
    periods: frozenset[str] | None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The inner rows with the counts of members who send no rows, and what those counts say nothing of."""
    counted, unsaid = _delivered(connection, catalogue, family, periods)
    if counted is None:
        return inner, unsaid
    mixed = inner["period"].isin(counted["period"].unique())
    whole = pd.concat([inner[~mixed], delivered_counts.added(inner[mixed], counted)], ignore_index=True)
    return whole.sort_values("period", kind="stable"), unsaid


def _delivered(
    connection: engine.Connection,
    catalogue: Catalogue,
    family: tuple[Indicator, ...],
    periods: frozenset[str] | None = None,
) -> tuple[pd.DataFrame | None, pd.DataFrame]:
    """Delivered counts as inner rows (None where there are none), and what they say nothing of."""
    given = delivered_counts.periods_given(connection, family)
    wanted = {label: each for label, each in given.items() if periods is None or each.label in periods}
    if not wanted:
        return None, pd.DataFrame(columns=["period", "municipality", "indicator"])
    build_cohorts(connection, catalogue, ["units_by_year school_models"])
    found = delivered_counts.delivered(connection, family, wanted)
    place = family[0].perspective
    with engine.registered(connection, "counted_units", found[["period", "school_unit"]].drop_duplicates()):
        units = engine.frame(
            connection,
            f"""
            SELECT
                found.period,
                found.school_unit,
                found.{place},
                count(DISTINCT found.contributors) AS pupils
            FROM ({family[0].sql}) AS found
            JOIN counted_units
                ON counted_units.period = found.period
                AND counted_units.school_unit = found.school_unit
            GROUP BY
                found.period,
                found.school_unit,
                found.{place}
            """,
        )
    found = delivered_counts.without_doubled(found, units, place)
    return delivered_counts.inner_rows(found, family), delivered_counts.not_covered(found, family)


def _inner(connection: engine.Connection, family: tuple[Indicator, ...], *, by_unit: bool = False) -> pd.DataFrame:
    """The family's inner rows; amounts that are too large to be added up as whole numbers are added up as decimals."""
    try:
        return _rows_of(connection, family, by_unit=by_unit, wide=False)
    except engine.OutOfRangeError:
        return _rows_of(connection, family, by_unit=by_unit, wide=True)


def _rows_of(
    connection: engine.Connection, family: tuple[Indicator, ...], *, by_unit: bool, wide: bool
) -> pd.DataFrame:
    """The family's cohort read once where every pupil stands there once, otherwise each SQL by itself."""
    read = readings(family)
    pupils = standing_once(connection, read[0].cohort) if read else None
    if read and pupils is not None:
        found = engine.frame(connection, joined_sql(family, read, by_unit=by_unit, wide=wide))
        if found["contributors"].sum() == pupils:
            return found
    return engine.frame(connection, family_sql(family, by_unit=by_unit, wide=wide))


def _seen(connection: engine.Connection, family: tuple[Indicator, ...]) -> pd.DataFrame:
    """Per period and censored indicator, 1 where anyone's outcome can have been seen.

    Without those that need a join: for a member without one the time will never come.
    """
    censored = tuple(each for each in family if each.censored and not each.needs_join)
    if not censored:
        return pd.DataFrame(columns=["period", "indicator", "seen"])
    return engine.frame(connection, seen_sql(censored))


def _not_yet(seen: pd.DataFrame, family: tuple[Indicator, ...]) -> pd.DataFrame:
    """(period, indicator) where no one's outcome can have been seen yet, though it has been in other periods."""
    ever = set(seen.loc[seen["seen"] > 0, "indicator"])
    late = seen[(seen["seen"] == 0) & seen["indicator"].isin(ever)]
    place = {each.name: number for number, each in enumerate(family)}
    ordered = late.assign(place=late["indicator"].map(place)).sort_values(["place", "period"])
    return ordered[["period", "indicator"]].reset_index(drop=True)


def _missing(
    connection: engine.Connection, catalogue: Catalogue, inner: pd.DataFrame, *, region: Region, perspective: str
) -> pd.DataFrame:
    """(period, municipality, provider) that should be in and are not, for periods in which anyone is."""
    delivered = set(inner[["period", perspective, "provider"]].drop_duplicates().itertuples(index=False, name=None))
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
