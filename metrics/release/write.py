"""Writes a release: a folder that appears whole or not at all, and never changes afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from metrics.declare import Indicator
from metrics.release.read import TABLES

TEXT_TABLES_WITH_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "values": ("numerator", "denominator", "value", "low", "high"),
    "verdicts": ("benchmark_value", "difference", "low", "high"),
    "trends": ("points", "slope"),
    "reconciliation": ("own", "official", "difference"),
    "changes": ("before", "after"),
}
"""The number columns of each table; all other columns are text."""


def write_release(
    folder: Path, *, manifest: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], definitions: list[dict[str, Any]]
) -> Path:
    """Write tables, definitions and manifest (with checksums) beside `folder`, then move them there in one step."""
    if folder.exists():
        raise FileExistsError(f"a release folder is written once, got: {folder.name}")
    making = folder.with_name(f".{folder.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    (making / "open").mkdir(parents=True)
    for name in TABLES:
        if name in tables:
            _write_table(making / "open" / f"{name}.parquet", name, tables[name])
    _write_json(making / "open" / "definitions.json", definitions)
    whole = {**manifest, "checksums": checksums(making)}
    _write_json(making / "manifest.json", whole)
    making.rename(folder)
    return folder


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below the folder but the manifest and a withdrawal, by relative name."""
    left_out = {"manifest.json", "withdrawn.json"}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in left_out)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def point_at(releases: Path, release_id: str) -> None:
    """Make this release the current one, in one step."""
    making = releases / ".current.making"
    making.write_text(release_id + "\n", encoding="utf-8")
    os.replace(making, releases / "current")  # noqa: PTH105 - atomic on every platform


def write_withdrawal(folder: Path, *, day: date, reason: str) -> None:
    """Mark a release as withdrawn: manifest, date and reason stay, its tables are no longer read."""
    making = folder / ".withdrawn.making"
    _write_json(making, {"day": day.isoformat(), "reason": reason})
    making.rename(folder / "withdrawn.json")


def definition(indicator: Indicator) -> dict[str, Any]:
    """The indicator as plain data, for definitions.json; fields as in release.read.Definition."""
    found = asdict(indicator)
    for name in ("extracts",):
        del found[name]
    return {
        name: _plain(value) for name, value in {**found, "version": indicator.version}.items() if name in _defined()
    }


def _defined() -> set[str]:
    from metrics.release.read import Definition

    return set(Definition.__dataclass_fields__)


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    return value


def _write_table(path: Path, name: str, table: pd.DataFrame) -> None:
    """Parquet with fixed column order and types, without a trace of when or by what it was written."""
    numbers = TEXT_TABLES_WITH_NUMBERS.get(name, ())
    arrays = [_column(table, column, column in numbers) for column in TABLES[name]]
    pq.write_table(
        pa.table(arrays, names=list(TABLES[name])), path, compression="zstd", use_dictionary=True, version="2.6"
    )


def _column(table: pd.DataFrame, column: str, number: bool) -> pa.Array:
    if number:
        return pa.array(pd.to_numeric(table[column], errors="coerce").astype("float64"), from_pandas=True)
    values = [None if pd.isna(value) else str(value) for value in table[column].tolist()]
    return pa.array(values, type=pa.string())


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
