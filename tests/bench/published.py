"""The desks of the bench: an invented region handed in, and one that has published the committed example release.

Publishing the region's first release takes half an hour, and what is measured is the one after it. The counts are
counted from the vault, the rows are the release's own: what publishing writes down, without solving it again.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from measuring import SHARED, Scale

from metrics import engine
from metrics.compute import by_school
from metrics.demo import generate
from metrics.demo.release import desk_at, hand_in_all
from metrics.layout import SCHOOL_PARTS, layout_of
from metrics.release import records, school_records
from metrics.release.counted import refreshed
from metrics.release.desk import Desk
from metrics.release.elsewhere import Others, told_by
from metrics.release.prints import standing
from metrics.release.write import point_at
from metrics.values import LOCAL_PRINCIPAL, LONG_COLUMNS, Counts, Published
from metrics.vault import Vault
from metrics.vocabulary import parse_period

GENERATED = {"small": "small", "full": "gr"}
"""The invented region of each scale of the bench."""


@functools.cache
def handed_in(scale: Scale) -> Path:
    """The data folder of a desk where every kind of extract is handed in: made once, and gone when the bench ends."""
    shared = os.environ.get(SHARED)
    folder = Path(shared or tempfile.mkdtemp(prefix="samsyn-bench-"), scale)
    if not shared:
        atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    ready = folder / "ready"
    if not ready.exists():
        shutil.rmtree(folder, ignore_errors=True)
        generate(folder / "extracts", scale=GENERATED[scale], only_year9=False)
        hand_in_all(desk_at(folder / "data"), folder / "extracts")
        ready.touch()
    return folder / "data"


def release_with_record(desk: Desk, vault: Vault, release: Path) -> None:
    """Make `release` the desk's latest, as if it had been published of what `vault` holds."""
    shutil.copytree(release, desk.releases / "innan")
    point_at(desk.releases, "innan")
    values, schools = (
        pd.read_parquet(release / part / "values.parquet").astype({"definition_version": int})
        for part in ("open", "school")
    )
    families, told, tables = [], [], {}
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        stands = standing(connection)
        for population in desk.catalogue.populations:
            counts = refreshed(
                connection, desk.catalogue, population, region=desk.region, folder=vault.place.counted, stands=stands
            )
            if not counts.inner.empty:
                families.append(_family(desk, counts, values))
                rows, versions = _school_part(connection, desk, counts, schools)
                told.append(rows)
                tables[population] = versions
    records.keep(desk.records, "innan", families)
    school_records.keep(desk.records / "innan", pd.concat(told, ignore_index=True), tables)


def _family(desk: Desk, counts: Counts, values: pd.DataFrame) -> records.Family:
    family, layout = desk.catalogue.family(counts.population), layout_of(counts.population)
    names = [each.name for each in family]
    own = values[values["indicator"].isin(names) & (values["series"] == "own") & (values["period_kind"] != "pooled")]
    none = records.Family(population=counts.population, tables={}, declared={})
    declared = records.declaration(family, layout, desk.thresholds, told_by(desk.catalogue))
    solved = {period: rows[list(LONG_COLUMNS)].assign(release="") for period, rows in _by_period(counts, own)}
    made = records.with_solved(none, counts, layout, declared, solved)
    told = Others(
        catalogue=desk.catalogue,
        region=desk.region,
        thresholds=desk.thresholds,
        parts=[Published(values=values)],
        families=(),
    )
    return told.recorded(made, counts.period_kind)


def _by_period(counts: Counts, rows: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    for period in counts.periods:
        when = parse_period(period, counts.period_kind)
        own = rows[(rows["period_from"] == when.start.isoformat()) & (rows["period_to"] == when.end.isoformat())]
        if len(own):
            yield period, own.reset_index(drop=True)


def _school_part(
    connection: engine.Connection, desk: Desk, counts: Counts, schools: pd.DataFrame
) -> tuple[pd.DataFrame, school_records.Tables]:
    names = SCHOOL_PARTS.get(counts.population, ())
    found = dict(_by_period(counts, schools[schools["indicator"].isin(names)]))
    whole = [rows.assign(population=counts.population, period=period) for period, rows in found.items()]
    if not whole:
        return schools.iloc[:0].assign(population="", period=""), {}
    units = by_school(connection, desk.catalogue, counts.population, region=desk.region, periods=frozenset(found))
    told = {
        period: school_records.SchoolTable(
            units=units[units["period"] == period].reset_index(drop=True), rows=rows[list(school_records.ROWS)]
        )
        for period, rows in found.items()
    }
    return pd.concat(whole, ignore_index=True), {period: {0: each} for period, each in told.items()}
