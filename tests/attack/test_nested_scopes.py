"""Outcomes that nobody in a region has: what an outsider thinks of must be a pupil who can be, in every scope at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from metrics import catalogue
from metrics.declare import Indicator
from metrics.layout import Layout, Table
from metrics.protect import gate
from metrics.protect.patterns import with_patterns
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from tests.attack.inner import inner_row, region_of

K = 5
REGION = region_of("ABC")
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region")))
SCOPES = ("national", "introductory")
KINDS = [(scope, three, four) for scope in SCOPES for three, four in ((0, 0), (0, 1), (1, 1))]
"""Pupils that can be: on which programme, and whether with a diploma within three and four years."""
CELLS = list(product(REGION.codes, KINDS))
FAMILY = tuple(
    replace(catalogue.default().indicators[f"diploma_within_{years}_years_{scope}"], rarely_reached=False, linkage=None)
    for years in (3, 4)
    for scope in ("all", *SCOPES)
)
Flags = NDArray[np.bool_]


def classes_of(indicator: Indicator) -> tuple[Flags, Flags]:
    """Cells in an indicator's denominator and in its numerator."""
    scope, place = indicator.name.split("_")[-1], 1 if "_3_" in indicator.name else 2
    counted = np.array([scope in ("all", kind[0]) for _, kind in CELLS])
    return counted, counted & np.array([kind[place] == 1 for _, kind in CELLS])


def frame_of(numbers: NDArray[np.int64]) -> pd.DataFrame:
    columns = {
        f"{each.name}__{part}": inside.astype(int)
        for each in FAMILY
        for part, inside in zip(("denominator", "numerator"), classes_of(each), strict=True)
    }
    return pd.DataFrame(
        [
            inner_row(int(number), home=code) | {name: told[place] for name, told in columns.items()}
            for place, ((code, _), number) in enumerate(zip(CELLS, numbers, strict=True))
            if number
        ]
    )


def published(numbers: NDArray[np.int64]) -> pd.DataFrame:
    counts = Counts(
        population="upper_secondary_starters", period_kind="school_year", inner=frame_of(numbers), main_provider="all"
    )
    return gate.protect(counts, LAYOUT, indicators=FAMILY, region=REGION, thresholds=Thresholds())[0].values


def area_of(row: pd.Series) -> Flags:
    named = {member.name: member.code for member in REGION.members}
    return np.array([row["area_type"] == "region" or code == named[row["area"]] for code, _ in CELLS])


def narrow(numbers: NDArray[np.int64], values: pd.DataFrame) -> int:
    """How many small classes, and groups where nobody has a diploma, are known within k from all that is shown."""
    by_name = {each.name: classes_of(each) for each in FAMILY}
    equal, least, targets = [], [], []
    for _, row in values.iterrows():
        inside = area_of(row)
        counted, top = (inside & part for part in by_name[row["indicator"]])
        (equal if row["status"] == "shown" else least).extend([counted, top] if row["status"] == "shown" else [counted])
        rest = counted & ~top
        targets += [part for part in (counted, rest) if 0 < numbers[part].sum() < K]
        targets += [top] if numbers[counted].sum() and not numbers[top].sum() else []
    told = np.array(equal, dtype=float).reshape(-1, len(CELLS))
    floor = np.array(least, dtype=float).reshape(-1, len(CELLS))
    limits = {"A_eq": told, "b_eq": told @ numbers, "A_ub": -floor, "b_ub": -np.ones(len(floor)), "method": "highs"}
    found = 0
    for target in targets:
        low, high = (linprog(sign * target.astype(float), **limits) for sign in (1, -1))
        found += high.status == 0 and -high.fun - low.fun < K - 1e-3
    return found


def regions() -> Iterator[NDArray[np.int64]]:
    """Random regions where nobody from an introductory programme has a diploma within three years."""
    for seed in range(5):
        rng = np.random.default_rng(seed)
        numbers = rng.integers(5, 40, len(CELLS))
        numbers[rng.random(len(CELLS)) < 0.15] = 3
        yield np.where([kind[:2] == ("introductory", 1) for _, kind in CELLS], 0, numbers)


def test_nobody_with_an_outcome_does_not_follow_from_scopes_and_times_around_it() -> None:
    assert sum(narrow(numbers, published(numbers)) for numbers in regions()) == 0


def test_the_attack_succeeds_where_an_invented_pupil_has_one_outcome_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate of before: the commonest pattern with the outcome in its own scope and in no other."""
    alone = tuple(replace(each, implies={}) for each in FAMILY)
    monkeypatch.setattr(gate, "with_patterns", lambda frame, indicators: with_patterns(frame, alone))
    assert any(narrow(numbers, published(numbers)) for numbers in regions())
