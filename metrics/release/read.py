"""Reads releases: the browse side's only source of numbers. Needs neither vault, key nor gate.

A release is a folder that never changes: manifest.json, open/*.parquet and open/definitions.json (and school/ where
the server may show school level). Withdrawing one adds withdrawn.json beside the manifest; its tables are then no
longer read.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from metrics.models.words import STAFF
from metrics.values import LONG_COLUMNS, Published

DEMO_FOLDER = Path(__file__).resolve().parent.parent.parent / "data" / "demo"

TABLES: Mapping[str, tuple[str, ...]] = {
    "values": LONG_COLUMNS,
    "verdicts": (
        "indicator",
        "area",
        "provider",
        "stage",
        "period_to",
        "school_year",
        "benchmark",
        "benchmark_value",
        "difference",
        "low",
        "high",
        "verdict",
    ),
    "trends": ("indicator", "area", "provider", "stage", "period_to", "school_year", "points", "trend", "slope"),
    "register": (
        "instance",
        "model_type",
        "municipality",
        "school_units",
        "started",
        "ended",
        "start_precision",
        "decided_by",
        "source",
        "planned_posts",
        "filled_posts",
        "school_form",
        "year_groups",
        "organisation",
        "steering_group",
        "target_groups",
        "ways_in",
        "consent",
        "support",
        "ways_of_working",
        "goals",
        "expected_indicators",
        *STAFF,
        "coordinator_share",
        "school_staff_trained",
        "social_staff_degree",
        "employed_six_months",
        "competences",
        "competences_needed",
        "funding",
        "yearly_cost",
        "grant_ends",
        "success_factors",
        "challenges",
        "note",
        "documentation",
        "secrecy",
        "contact_role",
        "entry_date",
    ),
    "register_units": (
        "instance",
        "model_type",
        "municipality",
        "school_unit",
        "started",
        "ended",
        "start_precision",
    ),
    "school_units": (
        "school_unit",
        "unit_name",
        "municipality",
        "provider",
        "stages",
        "valid_from",
        "valid_to",
        "successor",
    ),
    "school_models": ("school_unit", "municipality", "school_year", "models"),
    "register_changes": ("version", "instance", "what", "before", "after"),
    "mapping_rounds": ("school_year", "municipality", "side", "asked", "answered"),
    "mapping_answers": ("school_year", "side", "model_type", "question", "word", "respondents", "value", "status"),
    "coverage": ("extract", "municipality", "school_year", "state", "sender", "delivered"),
    "reconciliation": ("indicator", "area", "school_year", "own", "official", "difference", "flag"),
    "changes": ("indicator", "area", "school_year", "what", "before", "after"),
    "evaluations": ("model", "area", "indicator", "stage", "verdict", "reason", "document"),
    "reached_pupils": ("model", "area", "stage", "reached", "followed", "before", "during", "after", "status"),
    "comparisons": (
        "indicator",
        "kind",
        "model",
        "provider",
        "stage",
        "period",
        "value",
        "value_step",
        "expected",
        "expected_step",
        "dispersion",
        "adjusted_for",
        "pupils",
        "schools",
        "municipalities",
        "status",
    ),
}
"""The Parquet tables of the open part and their columns. What each holds:

values: the long table (own and official series). verdicts: one row per shown yearly member total x benchmark
("rest_of_region" = other GR, "region" = GR; from the official series "nation" = Riket and "peers" = the member's
official peer group), verdict = a
metrics.stats.Category code after false-discovery control; difference, low and high in the indicator's unit
(percentage points for shares). trends: one row per shown newest series, trend = rising | falling | none | too_few |
stopped. register: the instances, one row per (instance, municipality): "school_units" and lists of words joined with
"|", "started"/"ended" ISO text, "" = running, "staff_..." full-time posts. register_units: from when to when at each
school. school_units: every unit and when its code is valid. school_models: the models a school has all of a school year.
register_changes: what each version of the register changed, one row per instance and field.
mapping_rounds: how many are asked and have answered. mapping_answers: what the mapping's gate lets through: per question
a word's count of respondents, or (word "") a scale's mean; model_type "all" is everyone on that side.
coverage: who has delivered what: state = delivered | missing | not_expected. reconciliation: own against official of
the same provider and perspective. changes: against the previous release. evaluations: one row per model type and
declared result (area = the region), and one per model type and member that has it (indicator and stage ""); verdict and
reason are codes of evaluate.verdict, `document` is JSON (written by release.evaluations). reached_pupils: one row per
model type over the region: pupils of the stage it met, those with material before, during and after the support, and
of them those with at least 20 % absence in each; status = shown | hidden.
comparisons: the region's groups of schools per indicator, stage and period (label): kind = model (its value stands in
values), combination (schools with exactly these models) or similar (schools without the model that resemble those with
it). value and expected in per cent, rounded to value_step and expected_step, pupils to the nearest ten; expected given
the background fields of adjusted_for (joined with "|"), dispersion = how much more than by chance schools differ from it.
"""


LARGE = ("values", "verdicts")
"""Tables that the whole country makes so large that their texts are kept once each."""
SCHOOL_COLUMNS: tuple[str, ...] = (*LONG_COLUMNS, "school_unit", "municipality")
"""The columns of school/values.parquet: the long table (`area` is a school's name and code), its code, its member."""


class ReleaseError(RuntimeError):
    """A release cannot be read; the message is Swedish and says why."""


@dataclass(frozen=True, kw_only=True)
class Definition:
    """An indicator as it was defined when the release was made; fields as in declare.Indicator."""

    name: str
    title: str
    short_title: str
    question: str
    why_it_matters: str
    numerator_label: str
    denominator_label: str
    unit: str
    polarity: str
    sensitive: str
    population: str
    theme: str
    perspective: str
    period_kind: str
    dimensions: tuple[str, ...]
    sql: str
    version: int
    decimals: int
    order: int
    examples: tuple[Mapping[str, Any], ...] = ()
    history: tuple[Mapping[str, Any], ...] = ()
    official: tuple[Mapping[str, Any], ...] = ()
    breaks: Mapping[str, str] = field(default_factory=dict)
    reviewed: str = ""
    next_review: str = ""
    effect_that_matters: float = 3.0
    linkage: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Withdrawal:
    """When and why a release was withdrawn."""

    day: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release in memory. `tables` has a DataFrame per name in TABLES (empty when withdrawn or absent)."""

    id: str
    manifest: Mapping[str, Any]
    values: Published
    tables: Mapping[str, pd.DataFrame]
    definitions: Mapping[str, Definition]
    withdrawn: Withdrawal | None = None
    schools: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(SCHOOL_COLUMNS)))
    """Values per school (SCHOOL_COLUMNS); empty where the folder has no school part or it is not to be shown."""

    @property
    def example(self) -> bool:
        """Whether the figures are example data ("Exempeldata")."""
        return bool(self.manifest.get("example", False))

    @property
    def created(self) -> str:
        return str(self.manifest.get("created", ""))

    @functools.cached_property
    def region(self) -> Mapping[str, Any]:
        """name, title and members (code, name) of the region the release is for."""
        return dict(self.manifest.get("region", {}))

    @functools.cached_property
    def member_names(self) -> list[str]:
        return [str(member["name"]) for member in self.region.get("members", [])]

    def select(self, **wanted: str) -> pd.DataFrame:
        """Rows of the long table where every named key column has the wanted value."""
        found = self.values.values
        for column, value in wanted.items():
            found = found[found[column] == value]
        return found


def load(folder: Path, environment: Mapping[str, str] = os.environ, *, compact: bool = False) -> Release:
    """The release in `folder`, whole in memory; ReleaseError in Swedish when it is not a readable release.

    `compact`: texts of the largest tables as categories, a fifth of the memory, to be looked up only; series lie together.
    Its school part is read where the folder has one, unless SAMSYN_SCHOOLS is "off".
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ReleaseError(
            f"Mappen {folder.name} innehåller ingen läsbar utgåva (manifest.json saknas eller är skadad)."
        ) from None
    withdrawn = withdrawal(folder)
    tables = {name: empty_table(name) for name in TABLES}
    if withdrawn is None:
        verify(folder, manifest)
        tables |= {
            name: _table(folder, name, compact=compact)
            for name in TABLES
            if (folder / "open" / f"{name}.parquet").exists()
        }
    schools = None
    if withdrawn is None and environment.get("SAMSYN_SCHOOLS") != "off":
        schools = _schools(folder, compact=compact)
    pa.default_memory_pool().release_unused()
    return Release(
        id=str(manifest["id"]),
        manifest=manifest,
        values=Published(values=tables["values"]),
        tables=tables,
        definitions=_definitions(folder),
        withdrawn=withdrawn,
        **({} if schools is None else {"schools": schools}),
    )


def _schools(folder: Path, *, compact: bool) -> pd.DataFrame | None:
    """The school part, checked as everything published is."""
    path = folder / "school" / "values.parquet"
    if not path.exists():
        return None
    found = _read(path, compact=compact)
    Published(values=found)
    return found


def verify(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Check every file of the release against the manifest's checksum; ReleaseError names the first that differs."""
    for name, expected in manifest.get("checksums", {}).items():
        path = folder / name
        if name.startswith("school/") and not path.exists():
            continue
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != expected:
            raise ReleaseError(f"Utgåvan {manifest.get('id')} är skadad: {name} stämmer inte med sin kontrollsumma.")


def withdrawal(folder: Path) -> Withdrawal | None:
    """The withdrawal of the release in `folder`, or None."""
    path = folder / "withdrawn.json"
    if not path.exists():
        return None
    said = json.loads(path.read_text(encoding="utf-8"))
    return Withdrawal(day=str(said["day"]), reason=str(said["reason"]))


def empty_table(name: str) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype="object") for column in TABLES[name]})


def _table(folder: Path, name: str, *, compact: bool = False) -> pd.DataFrame:
    found = _read(folder / "open" / f"{name}.parquet", compact=compact and name in LARGE)
    for column in TABLES[name]:
        if column not in found:
            found[column] = None
    return _in_time_order(found) if compact and name == "values" and len(found) else found


def _read(path: Path, *, compact: bool) -> pd.DataFrame:
    """A table; compact: its texts as categories, whose words are in order."""
    texts = [each.name for each in pq.read_schema(path) if compact and str(each.type).endswith("string")]
    found = pq.read_table(path, read_dictionary=texts).to_pandas(split_blocks=True, self_destruct=True)
    for name in texts:
        column = found[name].astype("category")
        found[name] = column.cat.reorder_categories(sorted(column.cat.categories))
    return found


def _in_time_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of each indicator together and the oldest first: series are read from them as they lie."""
    keys = [rows[name].cat.codes.to_numpy() for name in ("period_to", "indicator")]
    return rows.iloc[np.lexsort(keys)].reset_index(drop=True)


def _definitions(folder: Path) -> dict[str, Definition]:
    path = folder / "open" / "definitions.json"
    if not path.exists():
        return {}
    found = json.loads(path.read_text(encoding="utf-8"))
    definitions = [Definition(**{**each, "dimensions": tuple(each["dimensions"])}) for each in found]
    return {each.name: each for each in sorted(definitions, key=lambda each: (each.order, each.name))}


def data_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """SAMSYN_DATA, or the project's data folder."""
    return Path(environment.get("SAMSYN_DATA") or DEMO_FOLDER.parent)


def releases_folder(environment: Mapping[str, str] = os.environ) -> Path:
    return data_folder(environment) / "releases"


def release_folders(environment: Mapping[str, str] = os.environ) -> list[Path]:
    """Folders of every release a process may show, newest first.

    SAMSYN_RELEASE names one release folder and nothing else is shown; otherwise the releases of SAMSYN_DATA; while
    there are none, the example release.
    """
    if environment.get("SAMSYN_RELEASE"):
        return [Path(environment["SAMSYN_RELEASE"])]
    folder = releases_folder(environment)
    own = [path.parent for path in folder.glob("[!.]*/manifest.json")] if folder.exists() else []
    return sorted(own, key=_age, reverse=True) or [DEMO_FOLDER]


def _age(folder: Path) -> tuple[str, int]:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return str(manifest.get("created", "")), int(manifest.get("number", 0))


def current_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the current release: what the pointer names, else the newest that is not withdrawn."""
    folders = release_folders(environment)
    if environment.get("SAMSYN_RELEASE"):
        return folders[0]
    pointer = releases_folder(environment) / "current"
    if pointer.exists():
        named = releases_folder(environment) / pointer.read_text(encoding="utf-8").strip()
        if (named / "manifest.json").exists() and withdrawal(named) is None:
            return named
    standing = [folder for folder in folders if withdrawal(folder) is None]
    return standing[0] if standing else folders[0]


def folder_of(release_id: str, environment: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of the release with this id, or None."""
    for folder in release_folders(environment):
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest.get("id") == release_id:
            return folder
    return None
