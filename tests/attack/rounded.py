"""What an outsider works back from rounded numbers: shares times pupils, steps, and what is left of a group.

Comparisons, estimates and pupils whom models met are no sums of the tables' cells: they are rounded or counted by gates
of their own, and are read here as anyone has them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from tests.attack.outsider import ALL, Finding, K, own

TOLD = ("value", "expected", "dispersion")
SIZES = ("pupils", "schools", "municipalities")
"""How many schools have a model is in the register, which is told whole."""
FEWEST_SCHOOLS, FEWEST_EXPECTED, NEAREST = 3, 50, 10
PARTS = ("before", "during", "after")
LINKED = "gick att följa"
DECIMALS = 3


def comparison_findings(comparisons: pd.DataFrame) -> Iterator[Finding]:
    """Numbers of a hidden comparison, unrounded ones, and shares whose count is left less than 2 k pupils open."""
    for row in comparisons.itertuples():
        about = (row.indicator, row.kind, row.model, row.period, row.provider, row.stage)
        if row.status != "shown":
            sizes = SIZES[:1] if row.kind == "model" else SIZES
            if any(pd.notna(getattr(row, name)) for name in (*TOLD, *sizes)):
                yield Finding("comparisons", "a hidden comparison has a number", about)
            continue
        if _of_step(row.value, row.value_step) or _of_step(row.expected, row.expected_step) or _of_step(row.pupils, 10):
            yield Finding("comparisons", "a number is not at its step", about)
        if pd.notna(row.value) and _too_fine(row.value, row.value_step, row.pupils):
            yield Finding("comparisons", "a share times its pupils is a count of few", about)
        if row.schools < FEWEST_SCHOOLS or row.pupils < FEWEST_EXPECTED - NEAREST / 2:
            yield Finding("comparisons", "few schools or pupils", about)


def _of_step(number: float, step: float) -> bool:
    """Whether a number is finer than its step."""
    return bool(pd.notna(number) and not abs(number / step - round(number / step)) < 1e-6)


def _too_fine(value: float, step: float, pupils: float) -> bool:
    """Whether the count is left less than 2 k open, or surely fewer than k have or lack the outcome."""
    if pd.isna(pupils):
        return False
    most = pupils + NEAREST / 2
    tails = [(share + step / 2) / 100 * most for share in (value, 100 - value)]
    return bool(step / 100 * most < 2 * K or min(tails) < K)


def reached_findings(reached: pd.DataFrame) -> Iterator[Finding]:
    """Pupils whom a model met: few with or without high absence in a term, few who could not be followed."""
    for row in reached.itertuples():
        numbers = [getattr(row, name) for name in ("reached", "followed", *PARTS)]
        if row.status != "shown":
            if any(pd.notna(each) for each in numbers):
                yield Finding("reached_pupils", "a hidden model has a number", (row.model,))
            continue
        left = [row.reached - row.followed]
        tails = [each for name in PARTS for each in (getattr(row, name), row.followed - getattr(row, name))]
        if min(tails) < K or any(0 < each < K for each in left) or row.followed < K:
            yield Finding("reached_pupils", "few pupils with, without or outside", (row.model,))


def linkage_findings(values: pd.DataFrame, definitions: Mapping[str, Any]) -> Iterator[Finding]:
    """Shares that could be followed, said beside a value, where the value that tells it is not shown: of the same period,
    or of the newest that had ended where the share is another family's.
    """
    rows = own(values)
    keys = ["period_from", "period_to", "area_type", "area"]
    said = rows[rows["mark"].str.contains(LINKED, regex=False)]
    linked = {name: definitions[name]["linkage"]["indicator"] for name in said["indicator"].unique()}
    whole = rows[rows["indicator"].isin(set(linked.values()))]
    whole = whole[(whole[["stage", "model", "sex", "background"]] == ALL).all(axis=1)]
    for indicator, found in said.groupby("indicator"):
        told = whole[whole["indicator"] == linked[indicator]]
        same = definitions[linked[indicator]]["population"] == definitions[indicator]["population"]
        shown = set(told.loc[told["status"] == "shown", keys].itertuples(index=False, name=None))
        ends = {area: sorted(set(each["period_to"])) for area, each in told.groupby(["area_type", "area"])}
        for since, until, *area in set(found[keys].itertuples(index=False, name=None)):
            newest = max((end for end in ends.get(tuple(area), ()) if end <= until), default="")
            before = {key[1:] for key in shown}
            if not ((since, until, *area) in shown if same else (newest, *area) in before):
                yield Finding(
                    "values", "a hidden share of who could be followed is said", (indicator, since, until, *area)
                )


def estimate_findings(evaluations: pd.DataFrame) -> Iterator[Finding]:
    """Numbers of an evaluation that are finer than they are rounded, and levels whose count is left less than k open."""
    for row in evaluations.itertuples():
        said, about = json.loads(row.document), (row.model, row.indicator, row.stage)
        if any(round(each, DECIMALS) != each for each in _numbers(said)):
            yield Finding("evaluations", "a number is not rounded", about)
        for event in said.get("events", ()):
            pupils, level = event.get("contributors"), event.get("observed")
            if pupils is not None and pupils % NEAREST:
                yield Finding("evaluations", "a number of pupils is not to the nearest ten", about)
            if level is not None and pupils is not None and (pupils + NEAREST / 2) * _step(level) / 100 < K:
                yield Finding("evaluations", "a level times its pupils is a count of few", about)


def _step(level: float) -> float:
    """The coarsest rounding that a level can have had."""
    return next(step for step in (1.0, 0.5, 0.1, 0.01, 0.0) if not step or not _of_step(level, step))


def _numbers(said: Any) -> Iterator[float]:
    if isinstance(said, float):
        yield said
    elif isinstance(said, Mapping):
        for each in said.values():
            yield from _numbers(each)
    elif isinstance(said, list):
        for each in said:
            yield from _numbers(each)


def back_calculated(share: float, decimals: int, pupils: float) -> tuple[int, int]:
    """The least and the greatest count that a share with so many decimals can be of."""
    half = 0.5 * 10.0**-decimals
    return int(np.ceil((share - half) / 100 * pupils - 1e-9)), int(np.floor((share + half) / 100 * pupils + 1e-9))
