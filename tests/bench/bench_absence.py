"""The absence core on pupil-days: against one scan of its columns, against Polars and pandas, its growth and its memory."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import BUILD, REPEATS, Measure, Scale, alone, cpu_ratio, interleaved, ratio

from metrics import catalogue, engine
from metrics.demo.bench import bench_attendance

LARGE = {"small": 3_000_000, "full": 196_000_000}
SCANNED = (
    "pupil",
    "school_unit",
    "stage",
    "sex",
    "home_municipality",
    "start_date",
    "end_date",
    "offered",
    "reported",
    "attended",
    "valid_absence",
    "invalid_absence",
)
MISSING = {"home_school_unit": "VARCHAR", "measure": "VARCHAR", "counting_rule": "VARCHAR"}


def measures(scale: Scale) -> Iterator[Measure]:
    """Rows for the day counts of this scale; the files are removed again."""
    large = LARGE[scale]
    with _days(large) as files, _days(large // 10) as few:
        yield from _against_a_scan(files, few, f"{large / 1e6:.0f} M elevdagar")
        yield from _memory(files, f"{large / 1e6:.0f} M elevdagar")
        yield from _against_others(few, f"{large / 1e7:.3g} M elevdagar")


@contextmanager
def _days(number: int) -> Iterator[list[Path]]:
    """Files of pupil-days on disk, one per school year, for as long as they are measured."""
    size = 12 * number
    BUILD.mkdir(exist_ok=True)
    if shutil.disk_usage(BUILD).free < 3 * size:
        raise SystemExit(f"Disken har inte plats för {number} elevdagar (ungefär {size // 1_000_000} MB).")
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        yield bench_attendance(Path(folder), pupil_days=number)


def _opened(files: list[Path], memory_limit: str | None = None) -> engine.Connection:
    """The files as the view `attendance` that the core reads."""
    connection = engine.memory(memory_limit=memory_limit)
    _show(connection, files)
    return connection


def _show(connection: engine.Connection, files: list[Path]) -> None:
    names = ", ".join(f"'{path}'" for path in files)
    absent = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in MISSING.items())
    connection.execute(
        f"CREATE OR REPLACE VIEW attendance AS SELECT {', '.join(SCANNED)}, {absent} FROM read_parquet([{names}])"
    )


def _core(connection: engine.Connection, files: list[Path]) -> int:
    """A school year at a time, as release/counted.py counts where rows are many; how many rows were made."""
    sql, made = catalogue.default().cohorts["attendance_by_unit"], 0
    for each in files:
        _show(connection, [each])
        connection.execute(f"CREATE OR REPLACE TEMP TABLE core AS {sql}")
        made += int(engine.rows(connection, "SELECT count(*) FROM core")[0][0])
    _show(connection, files)
    return made


def _scan(connection: engine.Connection) -> object:
    read = ", ".join(f"sum({name})" if name in SCANNED[7:] or name == "pupil" else f"max({name})" for name in SCANNED)
    return engine.rows(connection, f"SELECT {read} FROM attendance")


def _against_a_scan(files: list[Path], few: list[Path], said: str) -> Iterator[Measure]:
    large, small = _opened(files), _opened(few)
    contestants = {
        "core": lambda: _core(large, files),
        "scan": lambda: _scan(large),
        "small": lambda: _core(small, few),
    }
    found = interleaved(contestants)
    yield Measure(
        name=f"frånvarokärnan / en läsning av kolumnerna, {said}",
        ratio=ratio(found["core"], found["scan"]),
        unit="ratio",
        limit=2.5,
    )
    grown = math.log10(ratio(found["core"], found["small"]))
    yield Measure(
        name=f"frånvarokärnans tillväxt, tio gånger fler rader till {said}", ratio=grown, unit="exponent", limit=1.05
    )
    yield Measure(name=f"frånvarokärnan, {said}", ratio=found["core"].middle, unit="s", limit=60)
    large.close()
    small.close()


def run_core(files: list[str], memory_limit: str | None = None) -> int:
    """The core in a process of its own; how many rows it made."""
    connection = _opened([Path(name) for name in files], memory_limit)
    return _core(connection, [Path(name) for name in files])


def _memory(files: list[Path], said: str) -> Iterator[Measure]:
    names = [str(path) for path in files]
    runs = [alone("bench_absence:run_core", files=names) for _ in range(REPEATS)]
    peaks = [each.peak_mb for each in runs if each]
    yield Measure(name=f"frånvarokärnans minne, {said}", ratio=max(peaks) if peaks else None, unit="MB", limit=1000)
    tight = alone("bench_absence:run_core", files=names, memory_limit="300MB")
    yield Measure(
        name=f"frånvarokärnans minne med 300 MB som gräns, {said}",
        ratio=tight.peak_mb if tight else None,
        unit="MB",
        limit=1000,
        repeats=1,
        note="" if tight else "blev inte färdig",
    )


def _against_others(files: list[Path], said: str) -> Iterator[Measure]:
    """The same terms from the same files; CPU seconds, everything read anew."""

    def by_duckdb() -> object:
        connection = _opened(files)
        _core(connection, files)
        connection.close()

    contestants = {"core": by_duckdb, "polars": lambda: by_polars(files), "pandas": lambda: by_pandas(files)}
    found = interleaved(contestants)
    for name, limit in (("polars", 1.0), ("pandas", 1 / 8)):
        measured = cpu_ratio(found["core"], found[name])
        yield Measure(name=f"frånvarokärnan / {name}, CPU, {said}", ratio=measured, unit="ratio", limit=limit)


KEYS = ["pupil", "school_unit", "term", "row_length"]
SUMS = ["offered", "reported", "attended", "valid_absence", "invalid_absence"]


def by_polars(files: list[Path]) -> object:
    """The core as it is best written in Polars: lazy, only the columns that are read."""
    import polars as pl

    days = pl.scan_parquet(files).filter(pl.col("offered") > 0)
    length = (pl.col("end_date") - pl.col("start_date")).dt.total_days()
    start = pl.col("start_date")
    days = days.with_columns(
        (start.dt.year() * 2 + (start.dt.month() >= 7).cast(pl.Int32)).alias("term"),
        pl.when(length == 0)
        .then(1)
        .when(length < 8)
        .then(2)
        .when(length < 32)
        .then(3)
        .otherwise(4)
        .alias("row_length"),
    )
    return (
        days.group_by(KEYS)
        .agg(
            pl.first("stage", "sex", "home_municipality"),
            pl.min("start_date"),
            pl.max("end_date"),
            pl.sum(*SUMS),
        )
        .collect()
    )


def by_pandas(files: list[Path]) -> object:
    """The core in pandas."""
    import numpy as np
    import pandas as pd

    days = pd.concat([pd.read_parquet(path) for path in files], ignore_index=True)
    days = days[days["offered"] > 0]
    start, end = pd.to_datetime(days["start_date"]), pd.to_datetime(days["end_date"])
    length = (end - start).dt.days
    days["term"] = start.dt.year * 2 + (start.dt.month >= 7)
    days["row_length"] = np.select([length == 0, length < 8, length < 32], [1, 2, 3], 4)
    first = dict.fromkeys(("stage", "sex", "home_municipality"), "first")
    spans = {"start_date": "min", "end_date": "max"}
    return days.groupby(KEYS, sort=False).agg({**first, **spans, **dict.fromkeys(SUMS, "sum")}).reset_index()
