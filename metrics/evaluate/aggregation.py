"""Group-time effects summed up: by years from start, by start, by calendar year, and as one figure."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from metrics.evaluate.estimate import GroupTime, covariance, resolve, with_interval
from metrics.evaluate.panel import Floats, Ints

KINDS = ("simple", "group", "dynamic", "calendar")


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """An overall effect and the rows (levels) it is an average of."""

    kind: str
    estimate: float
    se: float
    low: float
    high: float
    rows: pd.DataFrame
    influence: Floats = field(repr=False)


def event_study(
    source: GroupTime | pd.DataFrame,
    *,
    balance: int | None = None,
    span: tuple[int, int] | None = None,
    **keywords: Any,
) -> pd.DataFrame:
    """Effects by years from start: event, att, se, low, high, groups, units. Takes att_gt's result or its keywords.

    balance: only groups seen that many years after their start, and only years they all have. span: first and last
    event year. Split years are left out.
    """
    result = resolve(source, keywords)
    rows = aggregate(result, "dynamic", balance=balance).rows
    if span:
        rows = rows[rows.event.between(*span)]
    return rows.reset_index(drop=True)


def aggregate(
    source: GroupTime | pd.DataFrame, kind: str = "group", *, balance: int | None = None, **keywords: Any
) -> Aggregate:
    """One figure from the group-time effects, weighted by the groups' size: "simple", "group", "dynamic", "calendar"."""
    result = resolve(source, keywords)
    if kind not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}, got: {kind}")
    counted = np.array([c.counted for c in result.cells], dtype=bool)
    late = counted & (result.event >= 0)
    if kind == "simple":
        return _simple(result, late)
    if kind == "dynamic":
        return _dynamic(result, counted & _balanced(result, balance))
    return _by_start(result, late) if kind == "group" else _by_year(result, late)


def _simple(result: GroupTime, late: npt.NDArray[np.bool_]) -> Aggregate:
    att, influence = _weighted(result, np.flatnonzero(late))
    return _aggregate(result, "simple", att, influence, [], [])


def _dynamic(result: GroupTime, chosen: npt.NDArray[np.bool_]) -> Aggregate:
    levels = np.unique(result.event[chosen])
    parts = [_weighted(result, np.flatnonzero(chosen & (result.event == level))) for level in levels]
    late = [part for level, part in zip(levels, parts, strict=True) if level >= 0]
    att, influence = _mean(late, len(result.panel.units))
    built = _aggregate(result, "dynamic", att, influence, levels, parts)
    return replace(built, rows=_counts(result, built.rows, chosen))


def _by_year(result: GroupTime, late: npt.NDArray[np.bool_]) -> Aggregate:
    """By calendar year, starts weighted by size; overall a plain mean of the years."""
    levels = np.unique(result.time[late])
    parts = [_weighted(result, np.flatnonzero(late & (result.time == level))) for level in levels]
    return _aggregate(result, "calendar", *_mean(parts, len(result.panel.units)), levels, parts)


def _by_start(result: GroupTime, late: npt.NDArray[np.bool_]) -> Aggregate:
    """By start, a plain mean over its years; overall weighted by size. A split first year is a start of its own."""
    owner = np.array([c.schedule for c in result.cells], dtype=np.int64)
    schedules = np.unique(owner[late])
    chosen = [np.flatnonzero(late & (owner == schedule)) for schedule in schedules]
    parts = [(float(result.att[cells].mean()), result.influence[cells].mean(axis=0)) for cells in chosen]
    figure = _combine(parts, result.mass[schedules], result.mass_influence[schedules])
    return _aggregate(result, "group", *figure, [result.panel.schedules[s][0] for s in schedules], parts)


def _weighted(result: GroupTime, cells: Ints) -> tuple[float, Floats]:
    """Mean of effects weighted by their groups' size, with the error of those sizes."""
    owner = [result.cells[i].schedule for i in cells]
    parts = [(float(result.att[i]), result.influence[i]) for i in cells]
    return _combine(parts, result.mass[owner], result.mass_influence[owner])


def _combine(parts: list[tuple[float, Floats]], mass: Floats, moved: Floats) -> tuple[float, Floats]:
    if not parts:
        return np.nan, np.zeros(moved.shape[-1])
    att, influence = np.array([a for a, _ in parts]), np.array([i for _, i in parts])
    share = mass / mass.sum()
    mean = float(share @ att)
    return mean, share @ influence + (att - mean) @ moved / mass.sum()


def _mean(parts: list[tuple[float, Floats]], units: int) -> tuple[float, Floats]:
    if not parts:
        return np.nan, np.zeros(units)
    return float(np.mean([a for a, _ in parts])), np.mean([i for _, i in parts], axis=0)


def _aggregate(
    result: GroupTime, kind: str, att: float, influence: Floats, levels: Any, parts: list[tuple[float, Floats]]
) -> Aggregate:
    stacked = np.array([influence, *(i for _, i in parts)])
    se = np.sqrt(np.maximum(np.diag(covariance(stacked, result.panel)), 0))
    name = {"dynamic": "event", "group": "group", "calendar": "period", "simple": "level"}[kind]
    rows = pd.DataFrame({name: levels, "att": np.array([a for a, _ in parts], dtype=float)})
    half = float(norm.ppf(0.975) * se[0])
    return Aggregate(
        kind=kind, estimate=att, se=float(se[0]), low=att - half, high=att + half, rows=with_interval(rows, se[1:]),
        influence=stacked,
    )  # fmt: skip


def _balanced(result: GroupTime, balance: int | None) -> npt.NDArray[np.bool_]:
    """Cells of groups seen `balance` years after start, in the event years before that which all of them have."""
    if balance is None:
        return np.ones(len(result.cells), dtype=bool)
    last = result.panel.periods.max(initial=-np.inf)
    kept = result.group + balance <= last
    earliest = last - balance - result.panel.periods.min(initial=np.inf)
    shared = (result.event <= balance) & (result.event >= balance - earliest)
    return kept & shared


def _counts(result: GroupTime, rows: pd.DataFrame, chosen: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """How many starts and units stand behind each event year."""
    groups, units = [], []
    for event in rows.event:
        owner = {result.cells[i].schedule for i in np.flatnonzero(chosen & (result.event == event))}
        groups.append(len(owner))
        units.append(int(np.isin(result.panel.assignment, list(owner)).sum()))
    return rows.assign(groups=groups, units=units)
