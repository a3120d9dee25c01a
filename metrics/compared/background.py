"""The value a group of pupils would have if background alone decided: a logistic model over the whole region.

Main effects of sex and background, fitted by iteratively reweighted least squares on one row per kind of pupil
(McCullagh and Nelder, Generalized Linear Models, 1989, section 4.4). The coefficients never leave the desk: with them
an expected value is an equation in how many pupils there are of each background.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.vocabulary import BACKGROUND_FIELDS

Floats = NDArray[np.float64]

FIELDS = ("sex", *BACKGROUND_FIELDS)
UNKNOWN = {"": "sex", **{f"{name}_unknown": name for name in BACKGROUND_FIELDS}}
"""The values that say that nothing is known, and the field each belongs to."""
KNOWN_AT_LEAST = 0.8
"""A field is adjusted for where it is known of so large a share of the pupils."""
PUPILS_AT_LEAST = 50
EACH_AT_LEAST = 10
"""A kind with fewer pupils, or fewer with or without the outcome, is taken together with the usual kind."""
STEPS, CLOSE = 50, 1e-10


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A fitted model: its intercept, and per field the effect of every kind that differs from the usual one."""

    intercept: float
    effects: Mapping[str, Mapping[str, float]]

    @property
    def fields(self) -> tuple[str, ...]:
        """What is adjusted for."""
        return tuple(self.effects)

    @property
    def parameters(self) -> int:
        return 1 + sum(len(each) for each in self.effects.values())

    def probability(self, pupils: pd.DataFrame) -> Floats:
        """The fitted probability of each row; a kind that was not fitted apart is as the usual one."""
        logit = np.full(len(pupils), self.intercept)
        for name, effects in self.effects.items():
            logit += pupils[name].map(effects).fillna(0.0).to_numpy(dtype=float)
        return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def fit(pupils: pd.DataFrame) -> Fitted | None:
    """The model of these rows (FIELDS, numerator, denominator); None where no background is known, or nothing converges.

    numerator and denominator are numbers of pupils. Sex alone is no background.
    """
    kinds = pupils.groupby(list(FIELDS), as_index=False)[["numerator", "denominator"]].sum()
    kinds = kinds[kinds["denominator"] > 0].reset_index(drop=True)
    if kinds.empty:
        return None
    terms = {name: found for name in FIELDS if (found := _terms(kinds, name))}
    if not set(terms) & set(BACKGROUND_FIELDS):
        return None
    columns = [(name, kind) for name, found in terms.items() for kind in found]
    shown = [(kinds[name] == kind).to_numpy(np.float64) for name, kind in columns]
    design = np.column_stack([np.ones(len(kinds), np.float64), *shown]).astype(np.float64)
    solved = _solve(design, kinds["numerator"].to_numpy(float), kinds["denominator"].to_numpy(float))
    if solved is None:
        return None
    effects: dict[str, dict[str, float]] = {name: {} for name in terms}
    for (name, kind), effect in zip(columns, solved[1:], strict=True):
        effects[name][kind] = float(effect)
    return Fitted(intercept=float(solved[0]), effects=effects)


def _terms(kinds: pd.DataFrame, name: str) -> list[str]:
    """The kinds of a field that get an effect of their own: large enough, and not the usual one."""
    sums = kinds.groupby(name)[["numerator", "denominator"]].sum()
    unknown = [kind for kind in sums.index if UNKNOWN.get(str(kind)) == name]
    if sums["denominator"].drop(unknown).sum() < KNOWN_AT_LEAST * sums["denominator"].sum():
        return []
    fewest = np.minimum(sums["numerator"], sums["denominator"] - sums["numerator"])
    large = sums[(sums["denominator"] >= PUPILS_AT_LEAST) & (fewest >= EACH_AT_LEAST)]
    usual = sums["denominator"].idxmax()
    return sorted(str(kind) for kind in large.index if kind != usual)


def _solve(design: Floats, numerator: Floats, denominator: Floats) -> Floats | None:
    """The coefficients of a binomial model; None where they do not settle."""
    share = (numerator.sum() + 0.5) / (denominator.sum() + 1.0)
    beta = np.zeros(design.shape[1])
    beta[0] = np.log(share / (1.0 - share))
    for _ in range(STEPS):
        mean = 1.0 / (1.0 + np.exp(-design @ beta))
        weight = denominator * mean * (1.0 - mean)
        information = design.T @ (design * weight[:, None])
        try:
            step = np.linalg.solve(information, design.T @ (numerator - denominator * mean))
        except np.linalg.LinAlgError:
            return None
        beta = beta + step
        if not np.all(np.isfinite(beta)) or np.abs(beta).max() > 30:
            return None
        if np.abs(step).max() < CLOSE:
            return beta
    return None


def dispersion(schools: pd.DataFrame, parameters: int) -> float | None:
    """How much more schools differ from what is expected than chance alone makes them; 1 = not more. None with few schools.

    Rows per school: pupils, observed and expected numbers, and the variance that chance gives. Pearson's statistic per
    degree of freedom (McCullagh and Nelder, section 4.5).
    """
    found = schools[(schools["pupils"] >= SCHOOL_PUPILS) & (schools["variance"] > 0)]
    if len(found) < SCHOOLS_AT_LEAST or len(found) <= parameters:
        return None
    squares: Any = (found["observed"] - found["expected"]) ** 2 / found["variance"]
    return max(1.0, float(squares.sum()) / (len(found) - parameters))


SCHOOL_PUPILS, SCHOOLS_AT_LEAST = 10, 20
"""Smaller schools are left out of the dispersion, and with fewer schools there is none."""
