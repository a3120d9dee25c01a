"""Group-time effects of a staggered start (Callaway & Sant'Anna 2021, J. Econometrics 225:200) on units x periods.

Everything is a weighted comparison of two means, so one matrix product estimates thousands of reassignments of the
starts at once: randomization inference uses the very code that makes the estimate.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm

from metrics.evaluate.panel import NEVER, Base, Design, Floats, Ints, Panel, read_panel


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One ATT(g, t): its schedule, its period, and the largest start that no longer is a control."""

    schedule: int
    period: int
    event: int
    counted: bool
    bar: float


@dataclass(frozen=True, kw_only=True)
class GroupTime:
    """Group-time effects with influence functions; `frame` is the table of them."""

    panel: Panel
    design: Design
    cells: tuple[Cell, ...]
    att: Floats
    influence: Floats
    mass: Floats
    mass_influence: Floats

    @property
    def group(self) -> Floats:
        """First treated period of each effect."""
        return np.array([self.panel.schedules[c.schedule][0] for c in self.cells])

    @property
    def time(self) -> Floats:
        """Period of each effect."""
        return np.array([self.panel.periods[c.period] for c in self.cells])

    @property
    def event(self) -> Ints:
        """Years from start of each effect, counted past a split year."""
        return np.array([c.event for c in self.cells], dtype=np.int64)

    @cached_property
    def covariance(self) -> Floats:
        """Clustered analytic covariance of the effects, no small-sample factor (as R `did` without bootstrap)."""
        return covariance(self.influence, self.panel)

    @property
    def se(self) -> Floats:
        """Analytic standard errors; too small with few clusters."""
        return np.sqrt(np.maximum(np.diag(self.covariance), 0))

    @cached_property
    def frame(self) -> pd.DataFrame:
        """group, period, event, att, se, low, high, counted (False in split years)."""
        table = pd.DataFrame({"group": self.group, "period": self.time, "event": self.event, "att": self.att})
        return with_interval(table, self.se).assign(counted=[c.counted for c in self.cells])


def att_gt(
    panel: pd.DataFrame,
    *,
    unit: str,
    period: str,
    outcome: str,
    first_treated: str,
    control: str = "not_yet_treated",
    anticipation: int = 0,
    base: Base = "varying",
    weights: str | None = None,
    cluster: str | None = None,
    exposed: str | None = None,
) -> GroupTime:
    """Group-time effects; first_treated 0, missing or after the last period (plus anticipation) = never treated.

    Starts without an earlier period are left out.

    base: "varying" (the period before), "universal" (the last before the start, less anticipation; its own effect is
    0) or event years whose mean is the base, such as (-5, -4, -3, -2). A unit enters an effect when it is observed in that period and in
    all its base periods (so a gap in the panel drops the unit from those effects only). weights: a column, averaged
    over the unit's periods. exposed: the first period the start touches, where that is before first_treated.
    """
    design = Design(control=control, anticipation=anticipation, base=base)
    matrices = read_panel(
        panel, unit=unit, period=period, outcome=outcome, first_treated=first_treated, weights=weights, cluster=cluster,
        exposed=exposed,
    )  # fmt: skip
    return estimate(_within(matrices, anticipation), design)


def _within(panel: Panel, anticipation: int) -> Panel:
    """The panel with starts that show in none of its periods as never (R `did` does the same)."""
    beyond = panel.exposed > panel.periods.max(initial=-np.inf) + anticipation
    first, exposed = (np.where(beyond, NEVER, starts) for starts in (panel.first, panel.exposed))
    return replace(panel, first=first, exposed=exposed)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """All cells a panel can have under a design, with each unit's change from base to period; starts not yet assigned."""

    panel: Panel
    design: Design
    cells: tuple[Cell, ...]
    change: Floats
    weight: Floats

    def with_outcome(self, outcome: Floats) -> "Frame":
        """The same cells over another outcome with the same gaps."""
        changes = [_change(outcome, c.period, _base(self.panel, self.design, *self.key(c))) for c in self.cells]
        return Frame(
            panel=self.panel, design=self.design, cells=self.cells, weight=self.weight,
            change=np.nan_to_num(np.array(changes).reshape(self.weight.shape)),
        )  # fmt: skip

    def key(self, cell: Cell) -> tuple[float, float, int]:
        """Start, exposure and period position of a cell."""
        return (*self.panel.schedules[cell.schedule], cell.period)


def frame(panel: Panel, design: Design) -> Frame:
    """The cells of a panel; a group-time without a base period is left out."""
    cells, changes = [], []
    for schedule, (first, exposed) in enumerate(panel.schedules[:-1]):
        for period in range(panel.periods.size):
            base = _base(panel, design, first, exposed, period)
            if base.size == 0:
                continue
            cells.append(_cell(panel, design, schedule, period, base))
            changes.append(_change(panel.outcome, period, base))
    change = np.array(changes).reshape(len(cells), len(panel.units))
    weight = np.where(np.isnan(change), 0.0, panel.weight)
    return Frame(panel=panel, design=design, cells=tuple(cells), change=np.nan_to_num(change), weight=weight)


def _base(panel: Panel, design: Design, first: float, exposed: float, period: int) -> Ints:
    """Positions of the base periods of one group-time effect; none when the panel starts too late."""
    periods = panel.periods
    if not isinstance(design.base, str):
        return np.flatnonzero(np.isin(periods, exposed + np.array(design.base)))
    late = design.base == "universal" or periods[period] >= exposed
    before = np.flatnonzero(periods < (exposed - design.anticipation if late else periods[period]))
    return before[-1:]


def _change(outcome: Floats, period: int, base: Ints) -> Floats:
    return outcome[:, period] - outcome[:, base].mean(axis=1)


def _cell(panel: Panel, design: Design, schedule: int, period: int, base: Ints) -> Cell:
    first, exposed = panel.schedules[schedule]
    t = panel.periods[period]
    latest = max(t, panel.periods[base].max()) + design.anticipation
    return Cell(
        schedule=schedule,
        period=period,
        event=int(t - first if t >= first else t - exposed),
        counted=not exposed <= t < first,
        bar=latest if design.control == "not_yet_treated" else np.finfo(float).max,
    )


def effects(cells: Frame, assignments: Ints) -> Floats:
    """ATT of every cell [assignments, cells] under each assignment of schedules to units; NaN where none compare."""
    exposed = np.array([pair[1] for pair in cells.panel.schedules])[assignments]
    bars = np.array([c.bar for c in cells.cells])
    owner = np.array([c.schedule for c in cells.cells])
    result = np.full((len(assignments), len(cells.cells)), np.nan)
    weighted = cells.weight * cells.change
    for schedule in np.unique(owner):
        member = (assignments == schedule).astype(float)
        own = owner == schedule
        treated = _ratio(member @ weighted[own].T, member @ cells.weight[own].T)
        for bar in np.unique(bars[own]):
            pick = np.flatnonzero(own & (bars == bar))
            free = ((exposed > bar) & (assignments != schedule)).astype(float)
            result[:, pick] = treated[:, bars[own] == bar] - _ratio(
                free @ weighted[pick].T, free @ cells.weight[pick].T
            )
    return result


def _ratio(top: Floats, bottom: Floats) -> Floats:
    return np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0)


def overall(cells: Frame, assignments: Ints, att: Floats, *, last: int | None = None) -> Floats:
    """The headline per assignment: each group's mean over its counted years from 0, weighted by the group's units."""
    owner = np.array([c.schedule for c in cells.cells])
    late = np.array([c.counted and c.event >= 0 and (last is None or c.event <= last) for c in cells.cells], dtype=bool)
    total, mass = np.zeros(len(assignments)), np.zeros(len(assignments))
    for schedule in np.unique(owner[late]):
        part = att[:, late & (owner == schedule)]
        known = np.isfinite(part)
        size = np.where(known.any(axis=1), (assignments == schedule) @ cells.panel.weight, 0.0)
        total += size * np.nan_to_num(_ratio(np.nansum(part, axis=1), known.sum(axis=1).astype(float)))
        mass += size
    return _ratio(total, mass)


def estimate(panel: Panel, design: Design) -> GroupTime:
    """Effects of the starts as they were, with the influence of every unit on each; cells that nobody can show drop."""
    whole = frame(panel, design)
    att = effects(whole, panel.assignment[None, :])[0] if whole.cells else np.zeros(0)
    shown = [int(i) for i in np.flatnonzero(np.isfinite(att))]
    kept = tuple(whole.cells[i] for i in shown)
    parts = [_influence(whole, i) for i in shown]
    mass, mass_influence = _mass(panel)
    return GroupTime(
        panel=panel,
        design=design,
        cells=kept,
        att=att[shown],
        influence=np.array(parts).reshape(len(kept), len(panel.units)),
        mass=mass,
        mass_influence=mass_influence,
    )


def _influence(cells: Frame, position: int) -> Floats:
    """What each unit adds to one effect's error: its weighted distance from its side's mean."""
    cell, panel = cells.cells[position], cells.panel
    treated = panel.assignment == cell.schedule
    free = (panel.exposed > cell.bar) & ~treated
    return _side(cells, position, treated) - _side(cells, position, free)


def _side(cells: Frame, position: int, members: npt.NDArray[np.bool_]) -> Floats:
    weight = cells.weight[position] * members
    change = cells.change[position]
    return weight * (change - (weight @ change) / weight.sum()) / weight.sum()


def _mass(panel: Panel) -> tuple[Floats, Floats]:
    """Share of the weight in each schedule, and the units' influence on it."""
    member = (panel.assignment[None, :] == np.arange(len(panel.schedules))[:, None]).astype(float)
    share = panel.weight / panel.weight.sum()
    mass = member @ share
    return mass, (member - mass[:, None]) * share


def covariance(influence: Floats, panel: Panel) -> Floats:
    """Sum over clusters of the outer product of their influence."""
    summed = np.zeros((influence.shape[0], len(panel.clusters)))
    np.add.at(summed.T, panel.cluster, influence.T)
    return summed @ summed.T


def with_interval(table: pd.DataFrame, se: Floats, confidence: float = 0.95) -> pd.DataFrame:
    """A table of att with se and normal limits."""
    half = norm.ppf((1 + confidence) / 2) * se
    return table.assign(se=se, low=table.att - half, high=table.att + half)


def resolve(source: GroupTime | pd.DataFrame, keywords: dict[str, Any]) -> GroupTime:
    """A result as it is, or att_gt of a panel with its keywords."""
    if isinstance(source, GroupTime):
        if keywords:
            raise ValueError(f"a result takes no keywords of att_gt, got: {', '.join(sorted(keywords))}")
        return source
    return att_gt(source, **keywords)
