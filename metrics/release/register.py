"""The register of collaboration models as a release carries it: instances, their schools, and which school has what when.

No pupil is counted here: these tables say what the register and the list of school units say.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.cohort_tables import build_cohorts
from metrics.extracts.collaboration_register import EXTRACT
from metrics.intake import register_file
from metrics.models import words
from metrics.release.read import TABLES
from metrics.vocabulary import Region

FROM_ALL_ROWS = (
    "instance",
    "model_type",
    "municipality",
    "school_units",
    "started",
    "ended",
    "start_precision",
    "decided_by",
    "source",
)
"""Columns of the register table that are made from all rows of an instance; every other one is said once for it."""


def register(connection: engine.Connection, region: Region) -> pd.DataFrame:
    """One row per instance and municipality: start of the first school, end of the last, the worst start precision.

    Lists hold the regional codes, own words as written. A column about the whole instance has what its newest entry
    says, an empty cell nothing.
    """
    ranks = " ".join(f"WHEN '{code}' THEN {place}" for place, code in enumerate(words.PRECISIONS))
    said = [name for name in TABLES["register"] if name not in FROM_ALL_ROWS]
    newest = ", ".join(
        f"first({name} ORDER BY entry_date DESC NULLS LAST, school_unit) FILTER (WHERE {name} IS NOT NULL) AS {name}"
        for name in said
    )
    found = engine.frame(
        connection,
        f"""
        SELECT
            instance,
            min(model_type) AS model_type,
            municipality,
            string_agg(DISTINCT school_unit, '|' ORDER BY school_unit) AS school_units,
            CAST(min(started) AS VARCHAR) AS started,
            CASE WHEN bool_or(ended IS NULL) THEN '' ELSE CAST(max(ended) AS VARCHAR) END AS ended,
            max(CASE coalesce(start_precision, 'unknown') {ranks} END) AS start_precision,
            CASE WHEN count(DISTINCT decided_by) > 1 THEN 'mixed' ELSE coalesce(min(decided_by), '') END AS decided_by,
            coalesce(string_agg(DISTINCT source, '; ' ORDER BY source), '') AS source,
            {newest}
        FROM collaboration_register
        GROUP BY
            instance,
            municipality
        """,
    )
    found["start_precision"] = [list(words.PRECISIONS)[int(place)] for place in found["start_precision"]]
    for name, known in words.LISTS.items():
        found[name] = [words.codes(cell, known) for cell in found[name].fillna("")]
    for name in ("grant_ends", "entry_date"):
        found[name] = ["" if pd.isna(day) else str(day)[:10] for day in found[name]]
    found = _in_region(found, region)
    order = ["model_type", "municipality", "instance"]
    return found.sort_values(order)[list(TABLES["register"])].reset_index(drop=True)


def units(connection: engine.Connection, region: Region) -> pd.DataFrame:
    """Every school unit of the region and the time its code is valid."""
    found = engine.frame(
        connection,
        """
        SELECT
            school_unit,
            unit_name,
            municipality,
            provider,
            coalesce(stages, '') AS stages,
            CAST(min(valid_from) AS VARCHAR) AS valid_from,
            CASE WHEN bool_or(valid_to IS NULL) THEN '' ELSE CAST(max(valid_to) AS VARCHAR) END AS valid_to,
            coalesce(max(successor), '') AS successor
        FROM school_units
        GROUP BY
            school_unit,
            unit_name,
            municipality,
            provider,
            stages
        """,
    )
    found = _in_region(found, region)
    return found.sort_values(["municipality", "unit_name", "school_unit", "valid_from"]).reset_index(drop=True)


def spells(connection: engine.Connection, region: Region) -> pd.DataFrame:
    """From when to when each instance has been at each of its schools."""
    found = engine.frame(
        connection,
        """
        SELECT DISTINCT
            instance,
            model_type,
            municipality,
            school_unit,
            CAST(started AS VARCHAR) AS started,
            coalesce(CAST(ended AS VARCHAR), '') AS ended,
            coalesce(start_precision, 'unknown') AS start_precision
        FROM collaboration_register
        """,
    )
    found = _in_region(found, region)
    return found.sort_values(["municipality", "instance", "school_unit", "started"]).reset_index(drop=True)


def models_by_year(
    connection: engine.Connection, catalogue: Catalogue, region: Region, school_years: list[str]
) -> pd.DataFrame:
    """The models a school has all of a school year, by the same rule as every indicator: only schools that have one."""
    build_cohorts(connection, catalogue, ["school_models"])
    found = engine.frame(
        connection,
        """
        SELECT DISTINCT
            school_models.school_unit,
            register.municipality,
            school_models.school_year,
            school_models.models
        FROM school_models
        JOIN collaboration_register AS register
            ON register.school_unit = school_models.school_unit
        """,
    )
    found = _in_region(found[found["school_year"].isin(school_years)], region)
    return found.sort_values(["municipality", "school_unit", "school_year"]).reset_index(drop=True)


def version(connection: engine.Connection) -> dict[str, Any]:
    """Which version of the register counts: how many deliveries of it there have been, and the ones that stand."""
    delivered = engine.rows(
        connection,
        "SELECT batch, sender, row_count FROM vault.batches WHERE extract = 'collaboration_register' ORDER BY batch",
    )
    standing = {batch for (batch,) in engine.rows(connection, "SELECT DISTINCT batch FROM collaboration_register")}
    used = [
        {"batch": batch, "sender": sender, "rows": rows, "version": place}
        for place, (batch, sender, rows) in enumerate(delivered, start=1)
        if batch in standing
    ]
    return {"version": max((each["version"] for each in used), default=0), "deliveries": used}


def history(connection: engine.Connection, region: Region) -> pd.DataFrame:
    """What each version of the register changed against the version of the same sender before it, newest first."""
    delivered = engine.rows(
        connection,
        "SELECT batch, sender, source_system, mode, undone_at IS NULL FROM vault.batches"
        " WHERE extract = 'collaboration_register' ORDER BY batch",
    )
    standing: dict[tuple[str, str], pd.DataFrame] = {}
    rows: list[tuple[str, ...]] = []
    for place, (batch, sender, system, mode, counts) in enumerate(delivered, start=1):
        if not counts:
            continue
        before, new = standing.get((sender, system)), _as_delivered(connection, int(batch), region)
        after = pd.concat([before, new], ignore_index=True) if mode == "add" and before is not None else new
        if before is not None and len(before):
            rows += [(str(place), *each) for each in register_file.changed(before, after)]
        standing[sender, system] = after
    found = pd.DataFrame(rows, columns=list(TABLES["register_changes"]))
    return found.sort_values("version", key=lambda each: -each.astype(int), kind="stable").reset_index(drop=True)


def _as_delivered(connection: engine.Connection, batch: int, region: Region) -> pd.DataFrame:
    """The rows of one delivery as texts, whether it counts today or has been replaced."""
    stored = engine.rows(
        connection,
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'vault'"
        " AND table_name = 'rows_collaboration_register'",
    )
    there = {name for (name,) in stored}
    named = ", ".join(f"stored.{each.name}" for each in EXTRACT.columns if each.name in there)
    found = engine.frame(
        connection,
        f"""
        SELECT {named}
        FROM vault.rows_collaboration_register AS stored
        JOIN vault.slices AS slices
            ON slices.slice = stored.slice
        WHERE slices.batch = ? AND slices.erased_at IS NULL
        ORDER BY stored.row_number
        """,
        [batch],
    )
    found = found.reindex(columns=[each.name for each in EXTRACT.columns]).astype(object)
    return register_file.as_texts(found[found["municipality"].isin(region.codes)])


def _in_region(found: pd.DataFrame, region: Region) -> pd.DataFrame:
    """The region's own rows, its members by name."""
    names = {member.code: member.name for member in region.members}
    kept = found[found["municipality"].isin(region.codes)].copy()
    kept["municipality"] = kept["municipality"].map(names)
    return kept
