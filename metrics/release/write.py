"""Writes a release: a folder that appears whole or not at all, and never changes afterwards."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import date
from pathlib import Path
from tempfile import mkdtemp, mkstemp
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from metrics.declare import Indicator
from metrics.models.words import STAFF
from metrics.release.read import SCHOOL_COLUMNS, TABLES

LEFTOVER_SECONDS = 3600
"""A folder in the making that is older than this was left by a writer that was killed."""

TEXT_TABLES_WITH_NUMBERS: Mapping[str, tuple[str, ...]] = {
    "values": ("numerator", "denominator", "value", "low", "high"),
    "verdicts": ("benchmark_value", "difference", "low", "high"),
    "trends": ("points", "slope"),
    "reconciliation": ("own", "official", "difference"),
    "changes": ("before", "after"),
    "mapping_rounds": ("asked", "answered"),
    "mapping_answers": ("respondents", "value"),
    "reached_pupils": ("reached", "followed", "before", "during", "after"),
    "comparisons": (
        *("value", "value_step", "expected", "expected_step", "dispersion"),
        *("pupils", "schools", "municipalities"),
    ),
    "register": ("planned_posts", "filled_posts", *STAFF, "coordinator_share", "yearly_cost"),
}
"""The number columns of each table; all other columns are text."""

DERIVED_DECIMALS = 9
"""Numbers derived from shown values are kept with so many decimals: the last bits of a sum depend on the machine."""


def write_release(
    folder: Path,
    *,
    manifest: Mapping[str, Any],
    tables: Mapping[str, pd.DataFrame],
    definitions: list[dict[str, Any]],
    schools: pd.DataFrame | None = None,
) -> Path:
    """Write tables, definitions and manifest (with checksums) beside `folder`, then move them there in one step.

    `schools`: the school part (read.SCHOOL_COLUMNS), in a folder of its own; none where it has no row.
    """
    if folder.exists():
        raise FileExistsError(errno.EEXIST, "utgåvan finns redan", folder.name)
    with _making(folder) as making:
        (making / "open").mkdir()
        for name in TABLES:
            if name in tables:
                _write_table(making / "open" / f"{name}.parquet", name, tables[name])
        _write_json(making / "open" / "definitions.json", definitions)
        if schools is not None and len(schools):
            (making / "school").mkdir()
            _write_table(making / "school" / "values.parquet", "values", schools, SCHOOL_COLUMNS)
        _write_json(making / "manifest.json", {**manifest, "checksums": checksums(making)})
        _sync(*making.rglob("*"), making)
        try:
            making.rename(folder)
        except OSError as taken:
            raise FileExistsError(errno.EEXIST, "utgåvan finns redan", folder.name) from taken
    _sync(folder.parent)
    return folder


@contextmanager
def _making(folder: Path) -> Iterator[Path]:
    """A new folder to write in, two levels down where no reader looks; what a killed writer left is removed later."""
    parent = folder.parent / ".making"
    parent.mkdir(parents=True, exist_ok=True)
    for leftover in parent.iterdir():
        if leftover.stat().st_mtime < time.time() - LEFTOVER_SECONDS:
            shutil.rmtree(leftover, ignore_errors=True)
    making = Path(mkdtemp(prefix=f"{folder.name}-", dir=parent))
    making.chmod(0o755)
    try:
        yield making
    finally:
        shutil.rmtree(making, ignore_errors=True)
        with suppress(OSError):
            parent.rmdir()


def checksums(folder: Path) -> dict[str, str]:
    """SHA-256 of every file below the folder but the manifest and a withdrawal, by relative name."""
    left_out = {"manifest.json", "withdrawn.json"}
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in left_out)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def point_at(releases: Path, release_id: str) -> None:
    """Make this release the current one, in one step."""
    _put(releases / "current", release_id + "\n")


def _put(path: Path, text: str) -> None:
    """Write a small file whole or not at all, also when two do it at the same time or the power goes."""
    descriptor, making = mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(descriptor)
        Path(making).chmod(0o644)
        os.replace(making, path)  # noqa: PTH105 - atomic on every platform
    finally:
        Path(making).unlink(missing_ok=True)
    _sync(path.parent)


def _sync(*paths: Path) -> None:
    """Have the system write files and folders to the disk before anything points at them."""
    for path in paths:
        if path.is_dir() and os.name == "nt":
            continue
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_withdrawal(folder: Path, *, day: date, reason: str) -> None:
    """Mark a release as withdrawn: manifest, date and reason stay, its tables are no longer read."""
    _put(folder / "withdrawn.json", _json({"day": day.isoformat(), "reason": reason}))


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


def _write_table(path: Path, name: str, table: pd.DataFrame, columns: tuple[str, ...] = ()) -> None:
    """Parquet with fixed column order and types, without a trace of when or by what it was written."""
    columns = columns or TABLES[name]
    numbers = TEXT_TABLES_WITH_NUMBERS.get(name, ())
    undeclared = [each for each in columns if each not in numbers and _holds_numbers(table, each)]
    if undeclared:
        raise ValueError(f"{name} has numbers in text columns: {', '.join(undeclared)}")
    kept = table if name == "values" else table.round(dict.fromkeys(numbers, DERIVED_DECIMALS))
    arrays = [_column(kept, column, column in numbers) for column in columns]
    pq.write_table(pa.table(arrays, names=list(columns)), path, compression="zstd", use_dictionary=True, version="2.6")


def _holds_numbers(table: pd.DataFrame, column: str) -> bool:
    return column in table and pd.api.types.is_float_dtype(table[column]) and bool(table[column].notna().any())


def _column(table: pd.DataFrame, column: str, number: bool) -> pa.Array:
    if number:
        return pa.array(pd.to_numeric(table[column], errors="coerce").astype("float64"), from_pandas=True)
    values = [None if pd.isna(value) else str(value) for value in table[column].tolist()]
    return pa.array(values, type=pa.string())


def _write_json(path: Path, content: Any) -> None:
    path.write_text(_json(content), encoding="utf-8")


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
