"""Time to an event: cumulative incidence with competing events, its error, and Kaplan-Meier."""

from typing import Any

import numpy as np
import numpy.typing as npt

from metrics.stats.shares import Floats, numbers, require_that


def cumulative_incidence(time: Any, event: Any, at: Any) -> Floats:
    """Share with each cause by each time, array[at, causes], under right censoring (Aalen & Johansen 1978).

    event 0 = censored, 1.. = causes; whoever is censored at a time counts as at risk at it. Without censoring this is
    the plain share of a fixed cohort.
    """
    times, events, points = _durations(time, event, at)
    distinct, at_risk, happened = _risk_table(times, events)
    return _step(distinct, _incidence(at_risk, happened)[1], points, 0.0)


def _incidence(at_risk: Floats, happened: Floats) -> tuple[Floats, Floats]:
    """Share without any event just before each time, and incidence [times, causes] after it."""
    surviving = np.cumprod(1 - happened.sum(axis=1) / at_risk)
    before = np.concatenate([[1.0], surviving[:-1]])
    return before, np.cumsum((before / at_risk)[:, None] * happened, axis=0)


def cumulative_incidence_error(time: Any, event: Any, at: Any) -> Floats:
    """Standard errors beside cumulative_incidence, array[at, causes] (Marubini & Valsecchi 1995, ch. 10)."""
    times, events, points = _durations(time, event, at)
    distinct, at_risk, happened = _risk_table(times, events)
    before, incidence = _incidence(at_risk, happened)
    any_cause = happened.sum(axis=1)
    left = np.where(at_risk > any_cause, at_risk - any_cause, np.inf)
    hazard = any_cause / (at_risk * left)
    variance = np.column_stack(
        [_incidence_variance(before, at_risk, hazard, incidence[:, k], new) for k, new in enumerate(happened.T)]
    )
    return _step(distinct, np.sqrt(np.maximum(variance, 0)), points, 0.0)


def _incidence_variance(before: Floats, at_risk: Floats, hazard: Floats, incidence: Floats, new: Floats) -> Floats:
    """Variance of one cause's incidence after each time, its sums over earlier times written out."""
    shared = before * new / at_risk**2
    squares = np.cumsum(incidence**2 * hazard + before**2 * new * (at_risk - new) / at_risk**3 + 2 * incidence * shared)
    return np.asarray(
        incidence**2 * np.cumsum(hazard) - 2 * incidence * np.cumsum(incidence * hazard + shared) + squares
    )


def kaplan_meier(time: Any, event: Any, at: Any) -> tuple[Floats, Floats]:
    """Share still without any event, with Greenwood's standard error (Kaplan & Meier 1958, JASA 53:457)."""
    times, events, points = _durations(time, event, at)
    distinct, at_risk, happened = _risk_table(times, events)
    deaths = happened.sum(axis=1)
    surviving = np.cumprod(1 - deaths / at_risk)
    left = np.maximum(at_risk - deaths, 1e-300)
    error = np.where(
        surviving > 0, surviving * np.sqrt(np.cumsum(np.where(at_risk > deaths, deaths / (at_risk * left), 0))), 0
    )
    return _step(distinct, surviving[:, None], points, 1.0)[:, 0], _step(distinct, error[:, None], points, 0.0)[:, 0]


def _durations(time: Any, event: Any, at: Any) -> tuple[Floats, npt.NDArray[np.int64], Floats]:
    times, codes, points = np.atleast_1d(numbers(time)), np.atleast_1d(numbers(event)), np.atleast_1d(numbers(at))
    require_that(
        times.size > 0 and times.shape == codes.shape, "time and event must be as many and at least 1", times.size
    )
    require_that(bool((times >= 0).all()), "time must be known and at least 0", times)
    require_that(bool(((codes >= 0) & (codes == np.floor(codes))).all()), "event must be a whole number from 0", codes)
    return times, codes.astype(np.int64), points


def _risk_table(times: Floats, events: npt.NDArray[np.int64]) -> tuple[Floats, Floats, Floats]:
    """Distinct times, how many were at risk just before each, and events [times, causes]."""
    distinct, position = np.unique(times, return_inverse=True)
    happened = np.zeros((distinct.size, max(int(events.max()), 1)))
    np.add.at(happened, (position[events > 0], events[events > 0] - 1), 1)
    leaving = np.bincount(position, minlength=distinct.size)
    return distinct, np.cumsum(leaving[::-1])[::-1].astype(float), happened


def _step(times: Floats, curve: Floats, points: Floats, start: float) -> Floats:
    """A right-continuous step function read at the points."""
    padded = np.vstack([np.full(curve.shape[1], start), curve])
    return padded[np.searchsorted(times, points, side="right")]
