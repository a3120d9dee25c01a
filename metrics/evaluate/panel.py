"""The panel an evaluation stands on: units x periods with one weight, one cluster and one start per unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Base = str | Sequence[int]

NEVER = np.inf
HEADLINE_BASE = (-5, -4, -3, -2)
CONTROLS = ("not_yet_treated", "never_treated")


@dataclass(frozen=True, kw_only=True)
class Design:
    """How starts are compared: who may be a control, which years are the base, how long before a start it shows."""

    control: str = "not_yet_treated"
    anticipation: int = 0
    base: Base = "varying"

    def __post_init__(self) -> None:
        if self.control not in CONTROLS:
            raise ValueError(f"control must be one of {', '.join(CONTROLS)}, got: {self.control}")
        if self.anticipation < 0:
            raise ValueError(f"anticipation must be at least 0, got: {self.anticipation}")
        if isinstance(self.base, str) and self.base not in ("varying", "universal"):
            raise ValueError(f"base must be varying, universal or event years, got: {self.base}")
        if not isinstance(self.base, str) and (not self.base or max(self.base) >= -self.anticipation):
            raise ValueError(f"base years must lie before -anticipation, got: {tuple(self.base)}")


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Outcomes as units x periods (NaN = not observed), one weight and one start per unit.

    first: year 0, inf = never. exposed: the first year the start touches, a year before first where that is split.
    """

    units: tuple[Any, ...]
    periods: Floats
    outcome: Floats
    weight: Floats
    first: Floats
    exposed: Floats
    cluster: Ints
    clusters: tuple[Any, ...]

    @cached_property
    def schedules(self) -> tuple[tuple[float, float], ...]:
        """Distinct (first, exposed) that can be estimated: base years exist before them; never treated last."""
        pairs = sorted({(f, x) for f, x in zip(self.first, self.exposed, strict=True) if np.isfinite(f)})
        return (*pairs, (NEVER, NEVER))

    @cached_property
    def assignment(self) -> Ints:
        """Which schedule each unit follows, as a position in schedules."""
        position = {pair: i for i, pair in enumerate(self.schedules)}
        return np.array([position[f, x] for f, x in zip(self.first, self.exposed, strict=True)], dtype=np.int64)

    @cached_property
    def treated(self) -> Floats:
        """1 where a unit runs the model all year, 0.5 in a split year, otherwise 0."""
        full = self.periods[None, :] >= self.first[:, None]
        split = (self.periods[None, :] >= self.exposed[:, None]) & ~full
        return full + 0.5 * split


def read_panel(
    panel: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    first_treated: str,
    weights: str | None = None,
    cluster: str | None = None,
    exposed: str | None = None,
) -> Panel:
    """Long rows as matrices; units without any observed outcome fall out."""
    names = [unit, period, outcome, first_treated, *(n for n in (weights, cluster, exposed) if n)]
    missing = sorted(set(names) - set(panel.columns))
    if missing:
        raise ValueError(f"the panel must have the columns named, missing: {', '.join(missing)}")
    rows = panel.loc[panel[outcome].notna()]
    if rows.duplicated([unit, period]).any():
        raise ValueError(f"one row per unit and period, got: {int(rows.duplicated([unit, period]).sum())} more")
    table = rows.pivot(index=unit, columns=period, values=outcome).sort_index(axis=1)
    by_unit = rows.groupby(unit)
    first = _per_unit(by_unit, first_treated).where(lambda v: v > 0, NEVER)
    codes, labels = pd.factorize(table.index if cluster is None else by_unit[cluster].first().reindex(table.index))
    return Panel(
        units=tuple(table.index),
        periods=table.columns.to_numpy(float),
        outcome=table.to_numpy(float),
        weight=np.ones(len(table)) if weights is None else _weights(by_unit[weights].mean()),
        first=first.to_numpy(float),
        exposed=first.to_numpy(float)
        if exposed is None
        else _per_unit(by_unit, exposed).where(lambda v: v > 0, NEVER).to_numpy(float),
        cluster=codes.astype(np.int64),
        clusters=tuple(labels),
    )


def _per_unit(by_unit: Any, column: str) -> pd.Series:
    if (by_unit[column].nunique(dropna=False) > 1).any():
        raise ValueError(f"{column} must be the same in all periods of a unit, got: several")
    return by_unit[column].first().astype(float).fillna(0)


def _weights(values: pd.Series) -> Floats:
    if not (values > 0).all():
        raise ValueError(f"weights must be above 0, got: {values.min()}")
    return values.to_numpy(float)
