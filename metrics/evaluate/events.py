"""The event picture: effect, observed and counterfactual by years from start, with the few units at the ends pooled."""

from dataclasses import dataclass, replace

import numpy as np

from metrics.evaluate.estimate import Cell
from metrics.evaluate.inference import Draws, event_means
from metrics.evaluate.material import Material
from metrics.evaluate.panel import Flags, Floats

SPAN = (-5, 5)
FEWEST_UNITS = 3


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """One span of event years: effect with 95 % limits, the adopters' observed outcome and what would have been.

    role: base, dip (the last year before the start), split (drawn hollow) or effect.
    """

    first: int
    last: int
    role: str
    estimate: float
    low: float
    high: float
    observed: float
    counterfactual: float
    units: int
    clusters: int
    contributors: int


def event_rows(material: Material, draws: Draws) -> tuple[EventRow, ...]:
    """Rows in time order within SPAN; years with fewer than FEWEST_UNITS at either end are pooled."""
    spans = pooled_spans(draws)
    means = event_means(draws.cells, draws.assignments, draws.att, spans)
    noise = means - draws.test().estimate * event_means(draws.cells, draws.assignments, draws.shift, spans)
    half = half_widths(noise)
    rows = [
        _row(material, draws, _cells(draws, span), span, float(means[0, i]), float(half[i]))
        for i, span in enumerate(spans)
    ]
    split = [c for c in draws.cells.cells if not c.counted]
    if split and _members(draws, split).any():
        rows.append(_split_row(material, draws, split))
    return tuple(sorted(rows, key=lambda r: (r.first, r.role != "split")))


def half_widths(noise: Floats) -> Floats:
    """95 % half width per column of null draws; infinite where there are too few draws to say."""
    if len(noise) < 20:
        return np.full(noise.shape[1], np.inf)
    return np.quantile(np.abs(noise), 0.95, axis=0)


def pooled_spans(draws: Draws) -> list[tuple[int, int]]:
    """Event years from SPAN[0] to SPAN[1], the outermost joined inwards until FEWEST_UNITS stand behind them."""
    inside = _cells(draws, SPAN)
    seen = {c.event for c in inside if _members(draws, [c]).any()}
    late = _join([(e, e) for e in sorted(e for e in seen if e >= 0)], draws)
    early = [
        (-b, -a) for a, b in _join([(-e, -e) for e in sorted((e for e in seen if e < 0), reverse=True)], draws, -1)
    ]
    return sorted(early) + late


def _join(spans: list[tuple[int, int]], draws: Draws, sign: int = 1) -> list[tuple[int, int]]:
    """Spans counted outwards from the start; the last are joined while they hold too few units."""
    spans = spans.copy()
    while len(spans) > 1 and _units(draws, spans[-1], sign) < FEWEST_UNITS:
        tail = spans.pop()
        spans[-1] = (spans[-1][0], tail[1])
    return spans


def _units(draws: Draws, span: tuple[int, int], sign: int) -> int:
    low, high = sorted((span[0] * sign, span[1] * sign))
    return int(_members(draws, _cells(draws, (low, high))).sum())


def _cells(draws: Draws, span: tuple[int, int]) -> list[Cell]:
    return [c for c in draws.cells.cells if c.counted and span[0] <= c.event <= span[1]]


def _members(draws: Draws, cells: list[Cell]) -> Flags:
    """Units that stand behind any of the cells, as the starts were."""
    return np.asarray(_grid(draws, cells).any(axis=1))


def _grid(draws: Draws, cells: list[Cell]) -> Flags:
    """Which unit-periods [units, periods] the treated side of the cells is made of."""
    panel = draws.cells.panel
    grid = np.zeros(panel.outcome.shape, dtype=bool)
    position = {(c.schedule, c.period): i for i, c in enumerate(draws.cells.cells)}
    for cell in cells:
        weight = draws.cells.weight[position[cell.schedule, cell.period]]
        grid[:, cell.period] |= (panel.assignment == cell.schedule) & (weight > 0)
    return grid


def _row(
    material: Material, draws: Draws, cells: list[Cell], span: tuple[int, int], estimate: float, half: float
) -> EventRow:
    grid, panel = _grid(draws, cells), draws.cells.panel
    observed = float(np.average(panel.outcome[grid], weights=np.broadcast_to(panel.weight[:, None], grid.shape)[grid]))
    units = grid.any(axis=1)
    return EventRow(
        first=span[0], last=span[1], role=_role(span), estimate=estimate, low=estimate - half, high=estimate + half,
        observed=observed, counterfactual=observed - estimate, units=int(units.sum()),
        clusters=int(np.unique(panel.cluster[units]).size), contributors=int(material.contributors[grid].sum()),
    )  # fmt: skip


def _role(span: tuple[int, int]) -> str:
    if span[0] >= 0:
        return "effect"
    return "dip" if span == (-1, -1) else "base"


def _split_row(material: Material, draws: Draws, cells: list[Cell]) -> EventRow:
    position = [i for i, c in enumerate(draws.cells.cells) if not c.counted and np.isfinite(draws.att[0, i])]
    size = [(draws.assignments[0] == draws.cells.cells[i].schedule) @ draws.cells.panel.weight for i in position]
    estimate = float(np.average(draws.att[0, position], weights=size)) if position else np.nan
    built = _row(material, draws, cells, (0, 0), estimate, np.nan)
    return replace(built, role="split")
