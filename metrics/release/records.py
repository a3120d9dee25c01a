"""The desk's own record of each release: what was counted and what was shown, never pupils, never served.

A family-period that has been published once is not solved again. If its counts are the same, its earlier table stands.
If they have changed, its earlier table is held: until differences between releases are protected too, a changed table
beside the earlier one could single out the pupils that changed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from metrics.values import Counts, Published

LATEST = "latest"


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
    same = [name for name in counts.inner.columns if name in old.inner.columns]
    held = tuple(each for each in old.periods if _fingerprint(old, each, same) != _fingerprint(counts, each, same))
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


def _fingerprint(counts: Counts, period: str, columns: list[str]) -> str:
    """A hash of one period's counts in these columns that does not depend on the order of rows or columns."""
    digest = hashlib.sha256()
    for table, names in ((counts.inner, columns), (counts.missing, list(counts.missing.columns))):
        part = table[table["period"] == period]
        lines = part[sorted(names)].astype(str).agg(";".join, axis=1) if len(part) else pd.Series(dtype=str)
        digest.update("\n".join(sorted(lines)).encode())
    return digest.hexdigest()
