"""The event picture: effect, observed and counterfactual by years from start, with the few units at the ends pooled."""

from dataclasses import dataclass, replace

import numpy as np

from metrics.evaluate.estimate import Cell
from metrics.evaluate.inference import Draws, event_means
from metrics.evaluate.material import Material
from metrics.evaluate.panel import Flags, Floats

SPAN = (-5, 5)
FEWEST_UNITS = 3
HEAVIEST = 0.6
"""The largest share of an estimate that one unit may be."""


@dataclass(frozen=True, kw_only=True)
class EventRow:
    """One span of event years: effect with 95 % limits, the adopters' observed outcome and what would have been.

    role: base, dip (the last year before the start), split (drawn hollow) or effect. heaviest: the heaviest unit's
    share. pupils: the smallest year's contributors. cases, others: that year's with the outcome and without, of a
    share. grain: how many pupils of one school stand for the whole of the mean, at the school where it is fewest. These
    five are for protection only.
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
    heaviest: float = np.nan
    pupils: float = 0.0
    cases: float = np.nan
    others: float = np.nan
    grain: float = 0.0


def event_rows(material: Material, draws: Draws) -> tuple[EventRow, ...]:
    """Rows in time order within SPAN; years with fewer than FEWEST_UNITS, or with too heavy a unit, are pooled."""
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
    """Event years from SPAN[0] to SPAN[1], joined outwards from the start until enough stands behind each span.

    What is left over at an end is joined inwards. The last year before the start stands alone: it is no base year.
    """
    seen = {c.event for c in _cells(draws, SPAN) if _members(draws, [c]).any()}
    late = _join(sorted(e for e in seen if e >= 0), draws)
    base = _join(sorted((e for e in seen if e < -1), reverse=True), draws)
    return sorted([*base, *([(-1, -1)] if -1 in seen else []), *late])


def _join(events: list[int], draws: Draws) -> list[tuple[int, int]]:
    """Event years counted outwards from the start as spans (low, high), each with enough behind it where that can be."""
    spans: list[tuple[int, int]] = []
    run: list[int] = []
    for event in events:
        run.append(event)
        if _enough(draws, (min(run), max(run))):
            spans.append((min(run), max(run)))
            run = []
    if run and spans:
        low, high = spans.pop()
        run += [low, high]
    return [*spans, (min(run), max(run))] if run else spans


def _enough(draws: Draws, span: tuple[int, int]) -> bool:
    """Whether at least FEWEST_UNITS stand behind a span and none of them weighs over HEAVIEST."""
    units = _members(draws, _cells(draws, span))
    return int(units.sum()) >= FEWEST_UNITS and heaviest(draws.cells.panel.weight[units]) <= HEAVIEST


def heaviest(weight: Floats) -> float:
    """The largest share of a sum of weights; NaN of nothing."""
    return float(weight.max() / weight.sum()) if weight.size else np.nan


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
    counted = np.where(grid, material.contributors, 0.0)
    pupils = counted.sum(axis=0)
    cases = np.nansum(counted * panel.outcome, axis=0)
    years = grid.any(axis=0)
    return EventRow(
        first=span[0], last=span[1], role=_role(span), estimate=estimate, low=estimate - half, high=estimate + half,
        observed=observed, counterfactual=observed - estimate, units=int(units.sum()),
        clusters=int(np.unique(panel.cluster[units]).size), contributors=int(material.contributors[grid].sum()),
        heaviest=heaviest(panel.weight[units]), pupils=float(pupils[years].min()), cases=float(cases[years].min()),
        others=float((pupils - cases)[years].min()), grain=grain(counted, panel.weight, grid),
    )  # fmt: skip


def grain(counted: Floats, weight: Floats, grid: Flags) -> float:
    """Contributors over weight share, the smallest over unit-periods: so many pupils move the mean from 0 to 1."""
    share = np.where(grid, weight[:, None], 0.0)
    share = share / share.sum()
    return float((counted[grid] / share[grid]).min())


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
