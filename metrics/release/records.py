"""The desk's own record of each release: what was counted and what was shown, never pupils, never served.

A family-period whose counts and declarations are the same as last time stands as it was and is not solved again. One
that differs is solved as one more table about the same pupils, with every earlier table known; the gate holds it at its
last table where a reader of both would learn too much (metrics/protect/past.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.layout import COMPARED, Layout, Table, layout_of
from metrics.protect.generations import EarlierTable, History
from metrics.protect.known import KnownSum
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from metrics.vocabulary import parse_period

LATEST, TABLE = "latest", "table"
SUMS = ("__sum", "__sum_squares", "__largest", "__weight")
ROUNDING = 1e-9
"""Sums of the same amounts added in another order agree this far, as a share of the sum."""


@dataclass(frozen=True, kw_only=True)
class Family:
    """What was published of a family: its tables by period, and what each newest table was declared as."""

    population: str
    tables: Mapping[str, Sequence[EarlierTable]]
    declared: Mapping[str, str]
    elsewhere: Mapping[str, Sequence[KnownSum]] = field(default_factory=dict)
    """By period: what other families have told of these pupils, in any release."""


def declaration(
    family: Iterable[Indicator], layout: Layout, thresholds: Thresholds, told_by: Collection[str] = ()
) -> str:
    """A hash of everything declared that decides what is counted, laid out and protected.

    told_by: those of the family's indicators that other families tell of (`elsewhere`).
    """
    indicators = [
        [each.name, " ".join(each.sql.split()), each.sensitive, each.unit, each.ratio, sorted(each.dimensions)]
        + [name for name in ("members_whole", "counts_events", "rarely_reached") if getattr(each, name)]
        + ([each.within] if each.within else [])
        + ([sorted(each.implies.items())] if each.implies else [])
        + ([{"at_models": each.at_models}] if each.at_models else [])
        + ([asdict(each.linkage)] if each.linkage else [])
        + (["compared"] if each.name in COMPARED else [])
        + (["told by another"] if each.name in told_by else [])
        for each in family
    ]
    text = json.dumps([indicators, asdict(layout), asdict(thresholds)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def history(records: Path, counts: Counts, declared: str) -> tuple[History, Family]:
    """What was published of the family of these counts, and which of its periods would be solved the same now."""
    kept = _family(records, counts)
    stands = {
        period
        for period, tables in kept.tables.items()
        if period not in counts.periods or (kept.declared.get(period) == declared and _same(tables[-1], counts, period))
    }
    return History(tables=kept.tables, stands=frozenset(stands)), kept


def with_solved(
    before: Family,
    counts: Counts,
    layout: Layout,
    declared: str,
    solved: Mapping[str, pd.DataFrame],
    told: Sequence[KnownSum] = (),
) -> Family:
    """The family with a new table for every period that was solved; `told`: what was told beside these tables."""
    tables = {period: list(each) for period, each in before.tables.items()}
    for period, rows in solved.items():
        parts = [frame[frame["period"] == period].reset_index(drop=True) for frame in (counts.inner, counts.missing)]
        made = EarlierTable(
            inner=parts[0],
            missing=parts[1],
            main_provider=counts.main_provider,
            layout=layout,
            rows=rows,
            told=[each for each in told if each.period == period],
        )
        tables.setdefault(period, []).append(made)
    return replace(before, tables=tables, declared={**before.declared, **dict.fromkeys(solved, declared)})


def keep(records: Path, release_id: str, families: Iterable[Family]) -> None:
    """Keep the tables of a release with all earlier ones, and point at it as the latest."""
    folder = records / release_id
    folder.mkdir(parents=True, exist_ok=True)
    for family in families:
        about = {}
        parts: dict[str, list[pd.DataFrame]] = {"inner": [], "missing": [], "rows": []}
        for period, tables in sorted(family.tables.items()):
            about[period] = {
                "declared": family.declared.get(period, ""),
                "tables": [_about(each) for each in tables],
                "elsewhere": [asdict(each) for each in family.elsewhere.get(period, ())],
            }
            for number, each in enumerate(tables):
                for name, found in parts.items():
                    found.append(getattr(each, name).assign(**{TABLE: number, "of_period": period}))
        for name, found in parts.items():
            if found:
                pd.concat(found, ignore_index=True).to_parquet(folder / f"{family.population}.{name}.parquet")
        (folder / f"{family.population}.json").write_text(json.dumps(about, ensure_ascii=False), encoding="utf-8")
    making = records / ".latest.making"
    making.write_text(release_id + "\n", encoding="utf-8")
    making.replace(records / LATEST)


def _about(table: EarlierTable) -> dict[str, Any]:
    told = {"told": [asdict(each) for each in table.told]} if table.told else {}
    return {"main_provider": table.main_provider, "layout": asdict(table.layout), **told}


def _family(records: Path, counts: Counts) -> Family:
    folder = _latest(records)
    path = folder / f"{counts.population}.json" if folder else None
    if folder is None or path is None:
        return Family(population=counts.population, tables={}, declared={})
    if not path.exists():
        return _of_older_kind(folder, counts)
    about = json.loads(path.read_text(encoding="utf-8"))
    if not about:
        return Family(population=counts.population, tables={}, declared={})
    frames = {
        name: pd.read_parquet(folder / f"{counts.population}.{name}.parquet") for name in ("inner", "missing", "rows")
    }
    tables = {
        period: [_table(frames, period, number, said) for number, said in enumerate(each["tables"])]
        for period, each in about.items()
    }
    declared = {period: each["declared"] for period, each in about.items()}
    told = {period: [KnownSum(**row) for row in each.get("elsewhere", ())] for period, each in about.items()}
    return Family(population=counts.population, tables=tables, declared=declared, elsewhere=told)


def _table(frames: Mapping[str, pd.DataFrame], period: str, number: int, said: Mapping[str, Any]) -> EarlierTable:
    def part(name: str) -> pd.DataFrame:
        frame = frames[name]
        own = frame[(frame["of_period"] == period) & (frame[TABLE] == number)]
        return own.drop(columns=["of_period", TABLE]).reset_index(drop=True)

    layout = said["layout"]
    rows = [Table(**{name: _fixed(value) for name, value in each.items()}) for each in layout["tables"]]
    return EarlierTable(
        inner=part("inner"),
        missing=part("missing"),
        main_provider=said["main_provider"],
        layout=Layout(tables=tuple(rows), by_stage=layout["by_stage"]),
        rows=part("rows"),
        told=[KnownSum(**each) for each in said.get("told", ())],
    )


def _fixed(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _of_older_kind(folder: Path, counts: Counts) -> Family:
    """From a record that kept one table per period and no declarations: its periods are solved again, with it known."""
    path = folder / f"{counts.population}.inner.parquet"
    if not path.exists():
        return Family(population=counts.population, tables={}, declared={})
    inner, missing = (pd.read_parquet(folder / f"{counts.population}.{name}.parquet") for name in ("inner", "missing"))
    names = {str(name).rsplit("__", 1)[0] for name in inner.columns if "__" in str(name)}
    values = pd.read_parquet(folder / "values.parquet")
    values = values[values["indicator"].isin(names) & (values["period_kind"] != "pooled")]
    tables = {}
    for period in sorted(inner["period"].unique()):
        end = parse_period(period, counts.period_kind).end.isoformat()
        made = EarlierTable(
            inner=inner[inner["period"] == period].reset_index(drop=True),
            missing=missing[missing["period"] == period].reset_index(drop=True),
            main_provider=counts.main_provider,
            layout=layout_of(counts.population),
            rows=values[values["period_to"] == end].reset_index(drop=True),
        )
        tables[str(period)] = [made]
    return Family(population=counts.population, tables=tables, declared={})


def _latest(records: Path) -> Path | None:
    pointer = records / LATEST
    return records / pointer.read_text(encoding="utf-8").strip() if pointer.exists() else None


def _same(table: EarlierTable, counts: Counts, period: str) -> bool:
    """Whether one period's counts agree in the columns both have, whatever the order of rows and of additions."""
    now = (frame[frame["period"] == period] for frame in (counts.inner, counts.missing))
    return all(_agree(*pair) for pair in zip((table.inner, table.missing), now, strict=True))


def _agree(old: pd.DataFrame, new: pd.DataFrame) -> bool:
    """Equal rows but for their order; sums may differ by what adding in another order does to a float."""
    columns = sorted(name for name in new.columns if name in old.columns)
    sums = [name for name in columns if name.endswith(SUMS)]
    exact = [name for name in columns if name not in sums]
    if len(old) != len(new):
        return False
    if all(_identical(old[name], new[name]) for name in columns):
        return True
    tables = [[_plain(table[name]) for name in exact] for table in (old, new)]
    orders = [_order(table) for table in tables]
    if not all((then[orders[0]] == now[orders[1]]).all() for then, now in zip(*tables, strict=True)):
        return False
    then, now = (table[sums].to_numpy(dtype=float)[order] for table, order in zip((old, new), orders, strict=True))
    return bool(np.allclose(then, now, rtol=ROUNDING, atol=ROUNDING, equal_nan=True))


def _identical(old: pd.Series, new: pd.Series) -> bool:
    """Whether two columns hold the same in the same order: what was counted once and kept, which is most of it."""
    return bool(old.dtype == new.dtype and old.array.equals(new.array))


def _order(columns: list[NDArray[Any]]) -> NDArray[np.int64]:
    """The rows in an order that depends on what stands in them alone: by a hash of each."""
    whole = np.zeros(len(columns[0]) if columns else 0, np.uint64)
    for column in columns:
        whole = whole * np.uint64(31) + pd.util.hash_array(column)
    return np.argsort(whole, kind="stable")


def _plain(column: pd.Series) -> NDArray[Any]:
    """A column as it is compared: a number reads the same as an integer and as a float, and missing as nothing."""
    if "__" in str(column.name):
        return pd.to_numeric(column, errors="coerce").fillna(0).to_numpy(dtype="int64")
    return column.astype(object).where(column.notna(), "").astype(str).to_numpy(dtype=object)
