"""What a delivery changes in the sender's own published figures: counted from its own rows alone, beside the release.

Nothing of another organisation can be told from it: only the sender's rows are counted, only shown values stand beside
them, and where a published value has others' rows in it no difference is said. A difference that fewer than five
pupils make is not said either.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.compute import compute
from metrics.declare import Extract, Indicator
from metrics.delivered_counts import countable
from metrics.engine import Connection
from metrics.family_query import is_magnitude
from metrics.intake.across import arrive, cover, is_replaced
from metrics.intake.findings import Staged
from metrics.intake.organisations import is_office, member_of
from metrics.layout import layout_of
from metrics.release.read import Release
from metrics.values import Counts, Principal, Role, Status
from metrics.vault import Vault
from metrics.vault.batches import incoming
from metrics.vault.schema import declared_columns
from metrics.vocabulary import ALL, Municipality, Region, parse_period

FEWEST = 5
MADE_BY_FEW = (
    "En skillnad som färre än fem elever gör visas inte, inte heller när nästan alla eller nästan inga har utfallet."
)
PROVIDER = "municipal"
"""What a municipality delivers is its own schools."""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One published value beside the same counted from the sender's own rows with the file in.

    Values are in the indicator's unit, `pupils` are those in the denominator. `value` is None when nothing may be said
    of the difference; `unchanged` when there is none.
    """

    indicator: str
    period: str
    stage: str
    published: float
    published_pupils: int
    value: float | None = None
    pupils: int | None = None
    unchanged: bool = False


@dataclass(frozen=True, kw_only=True)
class OwnFigures:
    """The figures of the file's periods, newest first; `shared`: others' rows are in the published values, so none is compared."""

    figures: tuple[Figure, ...] = ()
    shared: bool = False


def own_figures(
    vault: Vault,
    staged: Staged,
    *,
    sender: str,
    principal: Principal,
    region: Region,
    release: Release | None,
    adds: bool = False,
) -> OwnFigures:
    """The sender's own published figures beside what they would be; empty where there is nothing to compare with.

    For municipalities and the indicators that are counted on this kind of file alone. `adds`: the file is added to what
    stands and replaces nothing.
    """
    principal.require(Role.DELIVERER, sender)
    extract, member = staged.extract, member_of(sender, region)
    family = _counted_alone(vault.catalogue, extract) if extract is not None else ()
    if extract is None or member is None or release is None or not family or not vault.exists:
        return OwnFigures()
    published = _published(release, family, member)
    if published.empty:
        return OwnFigures()
    # The sender's own rows are read on its behalf, so a deliverer needs no other role for it.
    reader = replace(principal, roles=principal.roles | {Role.READER})
    with vault.reading(reader) as connection:
        if _is_shared(connection, release, extract, sender, member, region):
            return OwnFigures(shared=True)
        if _others_at_schools(connection, extract, sender, member, region, ALL):
            published = published[published["provider"] == PROVIDER]
        if published.empty:
            return OwnFigures()
        arriving = incoming(staged.connection, extract)
        cover(connection, () if adds else arriving)
        if not arrive(connection, staged, extract, [each.name for each in extract.columns if each.kind != "pseudonym"]):
            return OwnFigures()
        _leave_only_own(connection, vault.catalogue, extract, sender, staged.coverage.source_system)
        found = [
            figure
            for population in dict.fromkeys(each.population for each in family)
            for figure in _figures(
                compute(connection, vault.catalogue, population, region=region), family, published, member
            )
        ]
    touched = {period for period, _ in arriving}
    shown = [each for each in found if each.period in touched]
    return OwnFigures(figures=tuple(sorted(shown, key=lambda each: each.period, reverse=True)))


def _counted_alone(catalogue: Catalogue, extract: Extract) -> tuple[Indicator, ...]:
    """The shares and means that are counted on this extract's pupils at their schools, and on nobody else's."""

    def personal(indicator: Indicator) -> set[str]:
        return {name for name in indicator.extracts if catalogue.extracts[name].personal}

    return tuple(
        each
        for each in countable(catalogue.indicators.values())
        if personal(each) == {extract.name}
        and each.perspective == "school_municipality"
        and each.unit in ("share", "mean")
        and not each.ratio
    )


def _published(release: Release, family: tuple[Indicator, ...], member: Municipality) -> pd.DataFrame:
    """The member's shown values of these indicators in total: for its own schools, and for all schools where it has both."""
    found = release.select(series="own", area=member.name, model=ALL, sex=ALL, background=ALL, status=Status.SHOWN)
    found = found[found["indicator"].isin([each.name for each in family]) & found["provider"].isin([ALL, PROVIDER])]
    return found.sort_values("provider")


def _is_shared(
    connection: Connection, release: Release, extract: Extract, sender: str, member: Municipality, region: Region
) -> bool:
    """Whether others have delivered the kind for the municipality's own schools, now or in what was published."""
    kinds = (extract.name, "aggregated_counts")
    published = {each["sender"] for each in release.manifest.get("batches", ()) if each["extract"] in kinds}
    sql = "SELECT DISTINCT sender FROM active WHERE extract IN (?, ?)"
    others = ({name for (name,) in engine.rows(connection, sql, kinds)} | published) - {sender}
    if any(is_office(each, region) or member_of(each, region) == member for each in others):
        return True
    return _others_at_schools(connection, extract, sender, member, region, PROVIDER)


def _others_at_schools(
    connection: Connection, extract: Extract, sender: str, member: Municipality, region: Region, provider: str
) -> bool:
    """Whether others have ever delivered the kind for schools of this provider (or all) in the municipality.

    What has been undone or erased since may still be in the published value. Counts without a school, sent by somebody
    who is no member, may be of any school and are taken to be.
    """
    sql = """
        SELECT DISTINCT
            batches.sender,
            school_units.municipality
        FROM vault.slices AS slices
        JOIN vault.batches AS batches
            ON batches.batch = slices.batch
        LEFT JOIN school_units
            ON school_units.school_unit = slices.unit
        WHERE batches.sender <> ?
            AND (batches.extract = ? OR batches.extract = 'aggregated_counts')
            AND (school_units.municipality = ? OR (slices.unit = '' AND batches.extract = 'aggregated_counts'))
            AND (? = 'all' OR coalesce(school_units.provider, ?) = ?)
    """
    found = engine.rows(connection, sql, [sender, extract.name, member.code, provider, provider, provider])
    return any(placed is not None or member_of(other, region) is None for other, placed in found)


def _leave_only_own(connection: Connection, catalogue: Catalogue, extract: Extract, sender: str, system: str) -> None:
    """Every view of pupils is emptied but the file's kind: that holds the file and the sender's own rows beside it."""
    columns = ", ".join(column.name for column in extract.columns)
    stored = ", ".join(f"stored.{column.name}" for column in extract.columns)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE own_after AS
        SELECT {stored}, stored.sender, stored.batch
        FROM {extract.name} AS stored
        JOIN vault.batches AS batches
            ON batches.batch = stored.batch
        WHERE stored.sender = ?
            AND NOT {is_replaced(extract)}
        UNION ALL BY NAME
        SELECT {columns}, ? AS sender, 0 AS batch
        FROM arrivals
        """,
        [sender, sender, system, sender],
    )
    for each in catalogue.extracts.values():
        if each.personal and each.name != extract.name:
            connection.execute(f"CREATE OR REPLACE TEMP VIEW {each.name} AS {_nothing(each)}")
    sql = f"CREATE OR REPLACE TEMP VIEW {extract.name} AS SELECT {columns}, sender, batch FROM own_after"
    connection.execute(sql)


def _nothing(extract: Extract) -> str:
    """SQL for the extract's columns without a row."""
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in declared_columns(extract))
    return f"SELECT {columns}, '' AS sender, 0 AS batch WHERE FALSE"


def _figures(
    counted: Counts, family: tuple[Indicator, ...], published: pd.DataFrame, member: Municipality
) -> Iterator[Figure]:
    inner = counted.inner
    at_home = inner[inner["school_municipality"] == member.code]
    by_stage = layout_of(counted.population).by_stage
    # Sorted by provider: the own schools' row takes the place of the one for all schools.
    shown = {
        (row["indicator"], row["period_from"], row["period_to"], row["stage"]): row
        for row in published.to_dict("records")
    }
    stages = at_home["stage"] if by_stage else pd.Series(ALL, index=at_home.index)
    for (period, stage), rows in at_home.groupby(["period", stages]):
        when = parse_period(str(period), counted.period_kind)
        for indicator in [each for each in family if each.population == counted.population]:
            row = shown.get((indicator.name, when.start.isoformat(), when.end.isoformat(), str(stage)))
            if row is not None:
                own = rows if row["provider"] == ALL else rows[rows["provider"] == PROVIDER]
                before = Figure(
                    indicator=indicator.name,
                    period=str(period),
                    stage=str(stage),
                    published=float(row["value"]),
                    published_pupils=round(float(row["denominator"])),
                )
                yield _beside(before, float(row["numerator"]), indicator, own)


def _beside(before: Figure, numerator: float, indicator: Indicator, rows: pd.DataFrame) -> Figure:
    """The figure with the own value, where what differs is made by nobody or by at least five pupils."""
    counts = rows["contributors"] * rows[f"{indicator.name}__denominator"]
    pupils = int(counts.sum())
    if is_magnitude(indicator):
        own = float(rows[f"{indicator.name}__sum"].fillna(0).sum())
        parts = [pupils - before.published_pupils]
        said = pupils >= 2 * FEWEST
    else:
        own = float((rows["contributors"] * rows[f"{indicator.name}__numerator"].fillna(0)).sum())
        passed, rest = own - numerator, (pupils - own) - (before.published_pupils - numerator)
        parts = [pupils - before.published_pupils, round(passed), round(rest)]
        said = min(own, pupils - own) >= FEWEST
    if abs(own - numerator) < 1e-6 and pupils == before.published_pupils:
        return replace(before, unchanged=True)
    enough = all(part == 0 or abs(part) >= FEWEST for part in parts) and any(parts)
    if not (said and enough):
        return before
    scale = 100.0 if indicator.unit == "share" else 1.0
    return replace(before, value=scale * own / pupils, pupils=pupils)
