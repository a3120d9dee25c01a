"""What else the material says about an effect: other methods, other starts, one municipality less, doses, trends."""

import warnings
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from diff_diff import SunAbraham, TwoStageDiD

from metrics.evaluate.estimate import effects, frame, overall
from metrics.evaluate.inference import two_way_fit
from metrics.evaluate.panel import Design, Floats, Panel

PLACEBO_SHIFT = 3
PLACEBO_BASE = (-2, -1)


@dataclass(frozen=True, kw_only=True)
class SecondOpinion:
    """The overall effect by another method, and its rows by years from start (event, att, se, low, high)."""

    estimate: float
    se: float
    low: float
    high: float
    events: pd.DataFrame


def two_stage(
    panel: pd.DataFrame, *, unit: str, period: str, outcome: str, first_treated: str, anticipation: int = 0,
    cluster: str | None = None,
) -> SecondOpinion:  # fmt: skip
    """Gardner's two-stage estimate (2022, arXiv:2207.05943), by diff-diff."""
    fit = TwoStageDiD(anticipation=anticipation, cluster=cluster)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = fit.fit(_plain(panel, first_treated, period, anticipation), outcome, unit, period, first_treated)
        events = result.aggregate("event_study").to_dataframe()
    rows = events.loc[~events.is_reference.astype(bool)]
    low, high = result.overall_conf_int
    return SecondOpinion(
        estimate=float(result.overall_att), se=float(result.overall_se), low=float(low), high=float(high),
        events=_events(rows.event_time, rows.att, rows.se, rows.conf_int_lower, rows.conf_int_upper),
    )  # fmt: skip


def sun_abraham(
    panel: pd.DataFrame, *, unit: str, period: str, outcome: str, first_treated: str, anticipation: int = 0,
    control: str = "never_treated", cluster: str | None = None,
) -> SecondOpinion:  # fmt: skip
    """Interaction-weighted event study (Sun & Abraham 2021, J. Econometrics 225:175), by diff-diff.

    Where every unit starts, the last to start are the controls, in the periods before they do.
    """
    fit = SunAbraham(control_group=control, anticipation=anticipation, cluster=cluster)
    plain = _with_controls(_plain(panel, first_treated, period, anticipation), period, first_treated, anticipation)
    rows, step = _in_steps(plain, period, first_treated)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = fit.fit(rows, outcome, unit, period, first_treated)
    rows = result.to_dataframe()
    rows["relative_period"] = rows.relative_period * step
    low, high = result.conf_int
    return SecondOpinion(
        estimate=float(result.att), se=float(result.se), low=float(low), high=float(high),
        events=_events(rows.relative_period, rows.effect, rows.se, rows.conf_int_lower, rows.conf_int_upper),
    )  # fmt: skip


def _plain(panel: pd.DataFrame, first_treated: str, period: str, anticipation: int) -> pd.DataFrame:
    """The panel with never-treated units, and those whose start shows in no period, at 0."""
    starts = panel[first_treated].astype(float).fillna(0)
    return panel.assign(**{first_treated: starts.where(starts <= panel[period].max() + anticipation, 0)})


def _with_controls(panel: pd.DataFrame, period: str, first_treated: str, anticipation: int) -> pd.DataFrame:
    """Without any never-treated unit, the last to start stand for them and the panel ends before their start."""
    starts = panel[first_treated]
    if (starts == 0).any() or starts.nunique() < 2:
        return panel
    last = starts.max()
    before = panel[panel[period] < last - anticipation]
    return before.assign(**{first_treated: before[first_treated].where(starts < last, 0)})


def _in_steps(panel: pd.DataFrame, period: str, first_treated: str) -> tuple[pd.DataFrame, float]:
    """Periods numbered 1, 2, ... where years are skipped, so that every start has a period just before it.

    Also what one step is where all are as long; otherwise years from start are counted in measured periods.
    """
    known = np.unique(panel[period])
    steps = np.unique(np.diff(known))
    if (steps == 1).all():
        return panel, 1.0
    starts = panel[first_treated].to_numpy(float)
    placed = np.where(starts > 0, np.searchsorted(known, starts) + 1, 0)
    numbered = panel.assign(**{period: np.searchsorted(known, panel[period]) + 1, first_treated: placed})
    return numbered, float(steps[0]) if steps.size == 1 else 1.0


def _events(*columns: pd.Series) -> pd.DataFrame:
    names = ("event", "att", "se", "low", "high")
    return pd.DataFrame({name: column.to_numpy() for name, column in zip(names, columns, strict=True)})


def imputed_effect(panel: Panel, anticipation: int = 1) -> float:
    """Two-stage point estimate: outcomes less what untreated years predict, units weighted, each unit's years alike."""
    mean = _imputed(panel, anticipation)
    known = np.isfinite(mean)
    return float(np.average(mean[known], weights=panel.weight[known])) if known.any() else np.nan


def _imputed(panel: Panel, anticipation: int) -> Floats:
    """Each unit's mean distance from what untreated years predict, over its years with the model; NaN without any."""
    weight = np.where(np.isnan(panel.outcome), 0.0, panel.weight[:, None])
    untreated = panel.periods[None, :] < panel.exposed[:, None] - anticipation
    effect = panel.outcome - two_way_fit(panel.outcome, np.where(untreated, weight, 0.0))
    counted = (panel.treated == 1) & (weight > 0) & np.asarray(untreated.any(axis=1))[:, None]
    years = counted.sum(axis=1)
    total = np.where(counted, effect, 0).sum(axis=1)
    return np.divide(total, years, out=np.full(years.shape, np.nan), where=years > 0)


def headline(panel: Panel, design: Design) -> float:
    """The group-aggregated effect of a panel, nothing else."""
    cells = frame(panel, design)
    if not cells.cells:
        return np.nan
    assignment = panel.assignment[None, :]
    return float(overall(cells, assignment, effects(cells, assignment))[0])


def subset(panel: Panel, kept: npt.NDArray[np.bool_]) -> Panel:
    """The panel with some of its units; clusters keep their codes."""
    return replace(
        panel, units=tuple(np.array(panel.units, dtype=object)[kept]), outcome=panel.outcome[kept],
        weight=panel.weight[kept], first=panel.first[kept], exposed=panel.exposed[kept], cluster=panel.cluster[kept],
    )  # fmt: skip


def leave_one_out(panel: Panel, design: Design) -> pd.DataFrame:
    """The estimate without each cluster in turn: cluster, treated (it has adopters), estimate."""
    rows = []
    for code, name in enumerate(panel.clusters):
        out = np.asarray(panel.cluster == code)
        rows.append((name, bool(np.isfinite(panel.first[out]).any()), headline(subset(panel, ~out), design)))
    return pd.DataFrame(rows, columns=["cluster", "treated", "estimate"])


def placebo_panel(panel: Panel) -> Panel:
    """Only years before the dip, with every start moved three years back: an effect there cannot be the model's."""
    before = panel.periods[None, :] < panel.exposed[:, None] - 1
    moved = panel.exposed - PLACEBO_SHIFT
    return replace(panel, outcome=np.where(before, panel.outcome, np.nan), first=moved, exposed=moved)


def dose_slope(panel: Panel, dose: Floats, anticipation: int = 1) -> float:
    """Change of a unit's own effect per full dose (filled over planned posts), by weighted least squares."""
    mean = _imputed(panel, anticipation)
    known = np.isfinite(mean) & np.isfinite(dose)
    if known.sum() < 3 or np.ptp(dose[known]) == 0:
        return np.nan
    return float(np.polyfit(dose[known], mean[known], 1, w=np.sqrt(panel.weight[known]))[0])


def required(
    smallest: float, matters: float, *, adopters: int, clusters: int, years: float, base_years: float
) -> dict[str, Any]:
    """How many more adopting municipalities, or more years after the start, would bring the smallest effect down.

    The error falls as 1/adopters + 1/others, and as 1/years after + 1/years before; None where no number is enough.
    """
    if not np.isfinite(smallest) or smallest <= 0:
        return {"adopters": None, "years": None}
    ratio = (matters / smallest) ** 2
    now = 1 / adopters + 1 / max(clusters - adopters, 1)
    more = [k for k in range(adopters, clusters) if 1 / k + 1 / (clusters - k) <= ratio * now]
    spell = 1 / max(years, 1) + 1 / base_years
    later = [k for k in range(21) if 1 / (max(years, 1) + k) + 1 / base_years <= ratio * spell]
    return {"adopters": more[0] - adopters if more else None, "years": later[0] if later else None}
