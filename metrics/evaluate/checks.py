"""What stands beside every estimate: each check's code, whether it passed, whether it turns the sign, its figures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from metrics.evaluate.design import Timing
from metrics.evaluate.events import heaviest
from metrics.evaluate.inference import Draws, draw, event_means, permuted_pretrend
from metrics.evaluate.material import Material, prepare
from metrics.evaluate.panel import Design, Panel
from metrics.evaluate.robustness import (
    PLACEBO_BASE,
    dose_slope,
    headline,
    imputed_effect,
    leave_one_out,
    placebo_panel,
)
from metrics.evaluate.smoothness import smoothness_breakdown

LEVEL = 0.05
FOLLOWED = 0.9
SIDE_SAMPLE = 499


@dataclass(frozen=True, kw_only=True)
class Check:
    """passed is None where there is nothing to pass, or nothing to test it with."""

    code: str
    passed: bool | None
    reverses: bool = False
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the checks read: the rows and starts as given, and the estimate's own material and draws."""

    rows: pd.DataFrame
    starts: pd.DataFrame
    period_kind: str
    material: Material
    design: Design
    draws: Draws
    estimate: float
    sign: int

    @property
    def panel(self) -> Panel:
        """The panel the estimate stands on."""
        return self.material.panel


def run_checks(context: Context) -> tuple[Check, ...]:
    """Every check that the material allows, in the order a page shows them."""
    return (
        Check(code="pretrend", **_of_p(permuted_pretrend(context.draws))),
        _smoothness(context),
        _leave_one_out(context),
        _second_opinion(context),
        _placebo_start(context),
        _dip(context),
        *_other_outcomes(context),
        *_followed(context),
        _dose(context),
        _controls(context),
        *_moved_start(context),
    )


def _of_p(p: float, **figures: Any) -> dict[str, Any]:
    return {"passed": None if np.isnan(p) else p > LEVEL, "figures": {"p": p, **figures}}


def _reverses(context: Context, *others: float) -> bool:
    """Whether any other estimate points the other way."""
    return any(np.sign(other) == -np.sign(context.estimate) for other in others if np.isfinite(other))


def _smoothness(context: Context) -> Check:
    """The yearly bend in the trend that would erase the effect, with the permutations' own covariance.

    Event years are taken against year -2; year -1 is known but weighs nothing.
    """
    draws, seen = context.draws, {c.event for c in context.draws.cells.cells if c.counted}
    before = _run(seen, -3, -1)[::-1]
    after = [-1, *_run(seen, 0, 1)]
    spans = [(e, e) for e in (*before, -2, *after)]
    means = event_means(draws.cells, draws.assignments, draws.att, spans)
    noise = means - context.estimate * event_means(draws.cells, draws.assignments, draws.shift, spans)
    reference = len(before)
    noise = np.delete(noise - noise[:, [reference]], reference, 1)
    if not before or len(after) < 2 or len(noise) < 20:
        return Check(code="smoothness", passed=None, figures={"breakdown": np.nan})
    level = np.delete(means[0] - means[0, reference], reference)
    spread = np.cov(noise.T) + 1e-12 * np.eye(noise.shape[1])
    weights = np.array([0.0] + [1 / (len(after) - 1)] * (len(after) - 1))
    breakdown = smoothness_breakdown(level[: len(before)], level[len(before) :], spread, weights=weights)
    return Check(code="smoothness", passed=breakdown > 0, figures={"breakdown": breakdown})


def _run(seen: set[int], start: int, step: int) -> list[int]:
    """Consecutive event years from start, at most five."""
    found: list[int] = []
    while start in seen and len(found) < 5:
        found.append(start)
        start += step
    return found


def _leave_one_out(context: Context) -> Check:
    """Whether one municipality is the whole effect; told as a word with the smallest and the largest result."""
    table = leave_one_out(context.panel, context.design)
    known = table[np.isfinite(table.estimate)]
    if known.empty:
        return Check(code="leave_one_out", passed=None)
    moved = (known.estimate - context.estimate).abs()
    turned = _reverses(context, *known.estimate)
    largest = known.loc[moved.idxmax()]
    left, weight = _left_without_one(context)
    figures = {
        "smallest": known.estimate.min(),
        "largest": known.estimate.max(),
        "most_moved_by": largest.cluster,
        "fewest_left": left,
        "heaviest_left": weight,
    }
    return Check(code="leave_one_out", passed=not turned, reverses=turned, figures=figures)


def _left_without_one(context: Context) -> tuple[int, float]:
    """The fewest adopting units left without a municipality, and the heaviest share one of those left can have."""
    panel, adopters = context.panel, context.material.adopters
    left = [adopters & (panel.cluster != code) for code in context.material.adopting]
    fewest = min((int(each.sum()) for each in left), default=0)
    return fewest, max((heaviest(panel.weight[each]) for each in left if each.any()), default=np.nan)


def _second_opinion(context: Context) -> Check:
    other = imputed_effect(context.panel, context.design.anticipation)
    turned = _reverses(context, other)
    return Check(code="second_opinion", passed=not turned, reverses=turned, figures={"two_stage": other})


def _placebo_start(context: Context) -> Check:
    """An effect of a start three years early, seen only in years before the dip."""
    panel = placebo_panel(context.panel)
    return _test(panel, Design(base=PLACEBO_BASE), "placebo_start")


def _test(panel: Panel, design: Design, code: str) -> Check:
    """A permutation test where no effect should be."""
    if not np.isfinite(headline(panel, design)):
        return Check(code=code, passed=None)
    test = draw(panel, design, sample=SIDE_SAMPLE).test()
    return Check(code=code, **_of_p(test.p if test.attainable_p <= LEVEL else np.nan, estimate=test.estimate))


def _dip(context: Context) -> Check:
    """Whether adopters had an unusually bad last year before the start, as those who seek help often have."""
    draws = context.draws
    means = event_means(draws.cells, draws.assignments, draws.att, [(-1, -1)])[:, 0]
    worse = context.sign * means
    p = float(np.mean(worse <= worse[0])) if np.ptp(means) > 0 else np.nan
    return Check(code="dip", **_of_p(p, estimate=float(means[0])))


def _other_outcomes(context: Context) -> Iterator[Check]:
    """An outcome the model should leave alone, and how much is registered at all; tested as the outcome itself is.

    With the same controls too: a school left out for its other models must not come back in here.
    """
    for code in ("placebo", "registration"):
        if code in context.rows.columns:
            sizes = context.rows["denominator" if "denominator" in context.rows.columns else "weight"]
            kept = [name for name in ("unit", "cluster", "period", "other_models") if name in context.rows.columns]
            rows = context.rows[kept].assign(value=context.rows[code], weight=sizes)
            other = prepare(rows, context.starts, period_kind=context.period_kind)
            yield _test(other.panel, context.design, code)


def _followed(context: Context) -> Iterator[Check]:
    if "followed" in context.rows.columns:
        share = context.rows.followed.dropna()
        lowest = float(share.min()) if len(share) else np.nan
        yield Check(
            code="followed", passed=None if np.isnan(lowest) else lowest >= FOLLOWED, figures={"lowest": lowest}
        )


def _dose(context: Context) -> Check:
    known = context.material.dose[context.material.adopters]
    known = known[np.isfinite(known)]
    slope = dose_slope(context.panel, context.material.dose, context.design.anticipation)
    mean = float(known.mean()) if known.size else np.nan
    return Check(code="dose", passed=None, figures={"mean": mean, "lowest": known.min(initial=np.inf), "slope": slope})


def _controls(context: Context) -> Check:
    controls = context.material.controls
    return Check(
        code="controls", passed=None,
        figures={"units": int(controls.sum()), "clusters": int(np.unique(context.panel.cluster[controls]).size),
                 "left_out_other_models": context.material.other_models},
    )  # fmt: skip


def _moved_start(context: Context) -> Iterator[Check]:
    """The estimate with unclear starts let in, a year early and a year late."""
    if not context.material.timings.get(str(Timing.UNCLEAR)):
        return
    moved = {}
    for years in (-1, 1):
        other = prepare(context.rows, context.starts, period_kind=context.period_kind, shift=years)
        moved["earlier" if years < 0 else "later"] = headline(other.panel, context.design)
    turned = _reverses(context, *moved.values())
    yield Check(code="moved_start", passed=not turned, reverses=turned, figures=moved)
