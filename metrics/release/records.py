"""The desk's own record of each release: what was counted and what was shown, never pupils, never served.

A family-period that has been published once is not solved again. If its counts are the same, its earlier table stands.
If they have changed, its earlier table is held: until differences between releases are protected too, a changed table
beside the earlier one could single out the pupils that changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from metrics.values import Counts, Published

LATEST = "latest"
SUMS = ("__sum", "__sum_squares", "__largest", "__weight")
ROUNDING = 1e-9
"""Sums of the same amounts added in another order agree this far, as a share of the sum."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What stands from earlier releases for one population: yearly rows of the long table, and the held periods."""

    rows: pd.DataFrame
    held: tuple[str, ...] = ()


def keep(records: Path, release_id: str, counted: list[Counts], published: Published) -> None:
    """Keep the counts and the published values of a release, and point at it as the latest."""
    folder = records / release_id
    folder.mkdir(parents=True, exist_ok=True)
    for counts in counted:
        counts.inner.to_parquet(folder / f"{counts.population}.inner.parquet", index=False)
        counts.missing.to_parquet(folder / f"{counts.population}.missing.parquet", index=False)
    own = published.values[published.values["series"] == "own"]
    own.to_parquet(folder / "values.parquet", index=False)
    making = records / ".latest.making"
    making.write_text(release_id + "\n", encoding="utf-8")
    making.replace(records / LATEST)


def earlier(records: Path, counts: Counts, indicators: set[str]) -> tuple[Counts, Earlier]:
    """The counts with every published period as it was then, and the rows that stand for those periods."""
    folder = _latest(records)
    kept = folder / f"{counts.population}.inner.parquet" if folder else None
    if folder is None or kept is None or not kept.exists():
        return counts, Earlier(rows=pd.DataFrame())
    old = replace(
        counts, inner=pd.read_parquet(kept), missing=pd.read_parquet(folder / f"{counts.population}.missing.parquet")
    )
    rows = pd.read_parquet(folder / "values.parquet")
    rows = rows[rows["indicator"].isin(indicators) & (rows["period_kind"] != "pooled")]
    known = set(old.periods)
    held = tuple(each for each in old.periods if not _same(old, counts, each))
    inner = [old.inner, counts.inner[~counts.inner["period"].isin(known)]]
    missing = [old.missing, counts.missing[~counts.missing["period"].isin(known)]]
    standing = replace(
        counts,
        inner=pd.concat(inner, ignore_index=True).fillna(_zeros(counts)),
        missing=pd.concat(missing, ignore_index=True),
    )
    return standing, Earlier(rows=rows, held=held)


def _zeros(counts: Counts) -> dict[str, float]:
    """An indicator that came after a period was published counts nobody in it."""
    return {name: 0 for name in counts.inner.columns if "__" in name}


def _latest(records: Path) -> Path | None:
    pointer = records / LATEST
    return records / pointer.read_text(encoding="utf-8").strip() if pointer.exists() else None


def _same(old: Counts, new: Counts, period: str) -> bool:
    """Whether one period's counts agree in the columns both have, whatever the order of rows and of additions."""
    pairs = ((old.inner, new.inner), (old.missing, new.missing))
    return all(_agree(*(table[table["period"] == period] for table in pair)) for pair in pairs)


def _agree(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Equal rows but for their order; sums may differ by what adding in another order does to a float."""
    columns = [name for name in new.columns if name in old.columns]
    sums = [name for name in columns if name.endswith(SUMS)]
    exact = [name for name in columns if name not in sums]
    if len(old) != len(new):
        return False
    texts = [_written(table, exact) for table in (old, new)]
    orders = [text.argsort(kind="stable") for text in texts]
    if (texts[0].to_numpy()[orders[0]] != texts[1].to_numpy()[orders[1]]).any():
        return False
    amounts = [table[sums].to_numpy(dtype=float)[order] for table, order in zip((old, new), orders, strict=True)]
    before, after = amounts
    return bool(np.allclose(before, after, rtol=ROUNDING, atol=ROUNDING, equal_nan=True))


def _written(table: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Each row as one text; a number reads the same as an integer and as a float."""
    parts = [_plain(table[name]) for name in sorted(columns)]
    return pd.concat(parts, axis=1).agg(";".join, axis=1) if len(table) else pd.Series(dtype=str)


def _plain(column: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(column, errors="coerce") if "__" in str(column.name) else column
    return (numbers.fillna(0).astype("int64") if "__" in str(column.name) else column.fillna("")).astype(str)
