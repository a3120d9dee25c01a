"""Attendance by the day, as much as wanted and fast: what the benchmarks count. Nobody in it exists."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from metrics.demo.region import FIRST_UNIT, GR_MEMBERS, LAST_SPRING

PUPILS = 110_000
DAYS_A_YEAR = 178
DAY_MINUTES = np.array([240, 290, 320], dtype=np.int32)
STAGES = pa.array(["F-3", "4-6", "7-9"])


def bench_attendance(
    folder: Path, *, pupil_days: int, file_format: Literal["parquet", "csv"] = "parquet", seed: int = 1
) -> list[Path]:
    """Write at least `pupil_days` rows of the attendance extract's columns, one file per school year; returns the files.

    In Parquet `pupil` is a whole number and dates are dates; in CSV all is text with the extract's own column names.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pupils = min(PUPILS, max(1, pupil_days // DAYS_A_YEAR))
    days = -(-pupil_days // pupils)
    years = -(-days // DAYS_A_YEAR)
    fixed = _fixed(pupils, seed)
    return [
        _write_year(folder, fixed, LAST_SPRING - back, min(DAYS_A_YEAR, days - back * DAYS_A_YEAR), file_format, seed)
        for back in range(years)
    ]


def _fixed(pupils: int, seed: int) -> dict[str, np.ndarray]:
    """What a pupil keeps from day to day: school, stage, sex, home and how often she is away."""
    rng = np.random.default_rng([seed, pupils])
    unit = rng.integers(0, 350, pupils)
    codes = np.array([member.code for member in GR_MEMBERS])
    return {
        "unit": unit,
        "stage": rng.integers(0, 3, pupils),
        "girl": rng.random(pupils) < 0.49,
        "code": codes[unit % len(codes)],
        "away": (0.02 + rng.beta(0.7, 9, pupils)).astype(np.float32),
    }


def _write_year(
    folder: Path, fixed: dict[str, np.ndarray], spring: int, days: int, file_format: str, seed: int
) -> Path:
    path = folder / f"exempeldata_attendance_{spring}.{file_format}"
    rng = np.random.default_rng([seed, spring])
    steady = _steady(fixed)
    schema = pa.schema([*((name, steady[name].type) for name in steady), *CHANGING])
    writer = (
        parquet.ParquetWriter(path, schema, compression="snappy")
        if file_format == "parquet"
        else csv.CSVWriter(path, schema)
    )
    with writer:
        for day in _school_days(spring)[:days]:
            writer.write_table(pa.table({**steady, **_day(fixed, rng, day)}, schema=schema))
    return path


CHANGING = (
    ("start_date", pa.date32()),
    ("end_date", pa.date32()),
    ("offered", pa.int32()),
    ("reported", pa.int32()),
    ("attended", pa.int32()),
    ("valid_absence", pa.int32()),
    ("invalid_absence", pa.int32()),
)


def _steady(fixed: dict[str, np.ndarray]) -> dict[str, pa.Array]:
    """Columns that are the same every day."""
    units = pa.array([str(FIRST_UNIT + number) for number in range(350)])
    return {
        "pupil": pa.array(np.arange(1, fixed["unit"].size + 1, dtype=np.int64)),
        "school_unit": units.take(pa.array(fixed["unit"])),
        "stage": STAGES.take(pa.array(fixed["stage"])),
        "sex": pa.array(["boys", "girls"]).take(pa.array(fixed["girl"].astype(np.int8))),
        "home_municipality": pa.array(fixed["code"], type=pa.string()),
    }


def _day(fixed: dict[str, np.ndarray], rng: np.random.Generator, day: date) -> dict[str, pa.Array]:
    """One day's minutes: most are there, some are away all day, some for a lesson."""
    draw = rng.random(fixed["unit"].size, dtype=np.float32)
    offered = DAY_MINUTES[fixed["stage"]]
    absent = np.where(draw < fixed["away"], offered, np.where(draw > 0.985, 60, 0)).astype(np.int32)
    invalid = np.where(draw < fixed["away"] * 0.2, absent, 0).astype(np.int32)
    reported = np.where(draw > 0.965, np.maximum(absent, offered - 40), offered).astype(np.int32)
    same = pa.array(np.full(draw.size, np.datetime64(day)), type=pa.date32())
    return {
        "start_date": same,
        "end_date": same,
        "offered": pa.array(offered),
        "reported": pa.array(reported),
        "attended": pa.array(reported - absent),
        "valid_absence": pa.array(absent - invalid),
        "invalid_absence": pa.array(invalid),
    }


def _school_days(spring: int) -> list[date]:
    """Weekdays of the two terms."""
    spans = ((date(spring - 1, 8, 18), date(spring - 1, 12, 19)), (date(spring, 1, 9), date(spring, 6, 12)))
    return [
        day
        for first, last in spans
        for day in (first + timedelta(days=number) for number in range((last - first).days + 1))
        if day.weekday() < 5
    ][:DAYS_A_YEAR]
