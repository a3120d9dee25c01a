"""The engine's rows are those of the hand-written statements in tests/bench/plain, on random rows of every extract."""

from __future__ import annotations

import pandas as pd
import pytest

from metrics import engine
from metrics.catalogue import default
from metrics.compute import compute
from metrics.vocabulary import GR
from tests.bench import plain_sql
from tests.recompute.random_extracts import random_extracts

CATALOGUE = default()
SEEDS = (8, 13)
MAGNITUDES = ("__sum", "__sum_squares", "__largest", "__weight")
ROUNDED = 1e-6
"""The engine adds each pupil's own amount as a decimal with six places."""


@pytest.fixture(scope="module")
def regions() -> list[engine.Connection]:
    made = [random_extracts(seed) for seed in SEEDS]
    for connection in made:
        plain_sql.prepared(connection)
    return made


def test_every_family_is_written_by_hand() -> None:
    assert plain_sql.families() == tuple(sorted(CATALOGUE.populations))


@pytest.mark.parametrize("population", CATALOGUE.populations)
def test_hand_written_rows_are_the_engines(regions: list[engine.Connection], population: str) -> None:
    counted = 0.0
    for connection in regions:
        theirs = compute(connection, CATALOGUE, population, region=GR).inner
        by_hand = plain_sql.rows(connection, population)
        assert sorted(by_hand.columns) == sorted(theirs.columns)
        exact = [name for name in theirs.columns if not name.endswith(MAGNITUDES)]
        pd.testing.assert_frame_equal(by_hand[exact], theirs[exact], check_dtype=False)
        allowed = ROUNDED * theirs["contributors"].to_numpy()
        for name in theirs.columns.difference(exact):
            apart = (by_hand[name] - theirs[name]).abs().to_numpy()
            assert (apart <= allowed + 1e-9 * theirs[name].abs()).all(), name
        counted = counted + theirs[[*theirs.columns[theirs.columns.str.contains("__")]]].sum()
    assert counted[counted == 0].index.tolist() == []
