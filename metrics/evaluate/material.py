"""From panel rows and a register of starts to what an estimate may use: who counts, until when, with which weight."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from metrics.evaluate.design import USED, Timing, timetable
from metrics.evaluate.inference import two_way_fit
from metrics.evaluate.panel import HEADLINE_BASE, NEVER, Flags, Floats, Ints, Panel
from metrics.evaluate.verdict import Reason

SHARE_COLUMNS = ("numerator", "denominator")
VALUE_COLUMNS = ("value", "weight")
STOPPED_BY = {
    Timing.ALWAYS: Reason.EXISTED_BEFORE,
    Timing.SHORT_BASE: Reason.EXISTED_BEFORE,
    Timing.UNCLEAR: Reason.UNCLEAR_START,
    Timing.NOT_STAFFED: Reason.UNCLEAR_START,
    Timing.BRIEF: Reason.TOO_EARLY,
    Timing.NOT_YET: Reason.TOO_EARLY,
}


@dataclass(frozen=True, kw_only=True)
class Material:
    """A panel ready to estimate, with contributors [units, periods], each unit's dose, and what was left out."""

    panel: Panel
    contributors: Floats
    dose: Floats
    timings: dict[str, int]
    other_models: int
    stopped: Reason | None

    @property
    def adopting(self) -> Ints:
        """Cluster codes with at least one whole observed year of the model."""
        return np.unique(self.panel.cluster[self.adopters])

    @property
    def adopters(self) -> Flags:
        """Units with at least one whole observed year of the model, and every base year the panel has."""
        panel = self.panel
        running = (panel.treated == 1) & np.isfinite(panel.outcome)
        base = np.isin(panel.periods[None, :] - panel.exposed[:, None], HEADLINE_BASE)
        return np.asarray(running.any(axis=1) & (~base | np.isfinite(panel.outcome)).all(axis=1))

    @property
    def controls(self) -> Flags:
        """Units that never start within the panel."""
        return np.asarray(self.panel.exposed > self.panel.periods.max())


def prepare(rows: pd.DataFrame, starts: pd.DataFrame, *, period_kind: str = "school_year", shift: int = 0) -> Material:
    """Rows unit, cluster, period and numerator, denominator (or value, weight) with a register of starts.

    Units running the model before the panel, with an unclear start, under half staffed or for less than a year are
    neither treated nor controls. Outcomes after the last full year fall away. Where rows tell other_models, only
    controls whose set some adopter has are kept.
    """
    table = _outcomes(rows)
    units = pd.Index(sorted(table.unit.unique()), name="unit")
    periods = tuple(sorted(int(p) for p in table.period.unique()))
    timing = timetable(units, starts, periods, period_kind=period_kind, shift=shift)
    used = timing.timing.isin(USED) & _same_models(table, timing)
    panel, contributors = _matrices(table, timing[used], periods)
    started = timing.timing[timing.timing != Timing.NEVER]
    if started.empty:
        raise ValueError(f"some unit of the panel must have a start, got: none of {len(units)}")
    return Material(
        panel=panel,
        contributors=contributors,
        dose=timing.dose[used].to_numpy(float),
        timings={str(k): int(n) for k, n in timing.timing.value_counts().items()},
        other_models=int((timing.timing.isin(USED) & ~used).sum()),
        stopped=None if Timing.TREATED in set(started) else STOPPED_BY[Timing(started.mode().iloc[0])],
    )


def _outcomes(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with value and size, whichever pair they came as; rows without an outcome fall away."""
    pair = SHARE_COLUMNS if set(SHARE_COLUMNS) <= set(rows.columns) else VALUE_COLUMNS
    missing = {"unit", "cluster", "period", *pair} - set(rows.columns)
    if missing:
        raise ValueError(f"panel rows must have the columns named, missing: {', '.join(sorted(missing))}")
    shares = pair == SHARE_COLUMNS
    size = rows[pair[1]].astype(float)
    value = (rows.numerator / size.where(size > 0)) if shares else rows.value
    table = rows.assign(value=value.astype(float), size=size, binomial=shares)
    return table[table.value.notna() & (table["size"] > 0)]


def _same_models(table: pd.DataFrame, timing: pd.DataFrame) -> pd.Series:
    """Which units have a set of other models that some adopter has; all of them where rows do not tell."""
    if "other_models" not in table.columns:
        return pd.Series(True, index=timing.index)
    models = table.groupby("unit").other_models.agg(lambda sets: "|".join(sorted(set(sets.fillna("")))))
    adopters = set(models[timing.timing == Timing.TREATED])
    return (timing.timing != Timing.NEVER) | models.isin(adopters)


def _matrices(table: pd.DataFrame, timing: pd.DataFrame, periods: tuple[int, ...]) -> tuple[Panel, Floats]:
    wide = {name: _wide(table, name, timing.index, periods) for name in ("value", "size")}
    gone = np.array(periods)[None, :] > timing["last"].fillna(np.inf).to_numpy(float)[:, None]
    outcome = np.where(gone, np.nan, wide["value"])
    first, exposed = _starts(timing["first"]), _starts(timing.exposed)
    codes, names = pd.factorize(table.groupby("unit").cluster.first().reindex(timing.index), sort=True)
    untreated = np.array(periods)[None, :] < exposed[:, None]
    binomial = bool(table.binomial.iloc[0])
    panel = Panel(
        units=tuple(timing.index), periods=np.array(periods, dtype=float), outcome=outcome, first=first, exposed=exposed,
        cluster=codes.astype(np.int64), clusters=tuple(names),
        weight=precision_weights(np.where(untreated, outcome, np.nan), wide["size"], binomial=binomial),
    )  # fmt: skip
    return panel, np.where(np.isnan(outcome), 0.0, np.nan_to_num(wide["size"]))


def _starts(column: pd.Series) -> Floats:
    """Start periods with never as infinity."""
    return np.array([start if start > 0 else NEVER for start in column], dtype=float)


def _wide(table: pd.DataFrame, name: str, units: pd.Index, periods: tuple[int, ...]) -> Floats:
    if table.duplicated(["unit", "period"]).any():
        raise ValueError(f"one row per unit and period, got: {int(table.duplicated(['unit', 'period']).sum())} more")
    wide = table.pivot(index="unit", columns="period", values=name)
    return wide.reindex(index=units, columns=list(periods)).to_numpy(float)


def precision_weights(outcome: Floats, size: Floats, *, binomial: bool) -> Floats:
    """Weight per unit: 1 over the variance of one of its years, sampling error plus the years' own shocks.

    Counting pupils instead would let one large municipality be the answer; counting units alike, the smallest one.
    Only untreated years are read, so an effect cannot move the weights.
    """
    known = np.isfinite(outcome)
    mean_size = np.nanmean(np.where(size > 0, size, np.nan), axis=1)
    fitted = two_way_fit(outcome, known.astype(float))
    inflated = known.sum() / max(known.sum() - sum(outcome.shape) + 1, 1)
    squared, inverse = ((outcome - fitted)[known]) ** 2 * inflated, 1 / size[known]
    level = float(np.average(outcome[known], weights=size[known])) if known.any() else 0.5
    sampling = level * (1 - level) if binomial else _per_person(squared, inverse)
    shocks = max(0.0, float(np.mean(squared - sampling * inverse))) if known.any() else 0.0
    weight = 1 / (shocks + max(sampling, 1e-12) / mean_size)
    return weight / weight.sum()


def _per_person(squared: Floats, inverse: Floats) -> float:
    """Variance of one person's value: the slope of the squared residuals against one over the size, not below 0."""
    if squared.size < 3 or np.ptp(inverse) == 0:
        return float(np.mean(squared) / np.mean(inverse)) if squared.size else 1.0
    return max(0.0, float(np.polyfit(inverse, squared, 1)[0]))
