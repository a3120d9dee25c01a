"""Parts that nothing ties together, like the stages of a term, are hidden and audited as the problems of their own they are."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from metrics.protect import audit
from metrics.protect.auditing import settled_by, widths_seen
from metrics.protect.parts import apart
from metrics.protect.suppress import protect_with_tables
from metrics.protect.tables import tables
from tests.unit.test_protect_narrow import problem

SEEDS = 0, 1


def side_by_side() -> tuple[sp.csr_array, np.ndarray, tuple[np.ndarray, np.ndarray]]:
    """Two problems whose cells take turns in one matrix; the kinds are the same in both, the places are not."""
    (first, counts, kinds, places), (second, more, *_) = (problem(seed) for seed in SEEDS)
    matrix = sp.block_diag([first, second], format="csr")
    rows = np.arange(matrix.shape[0]).reshape(2, -1).T.ravel()
    both = np.concatenate([places, places + places.max() + 1])
    return sp.csr_array(matrix[rows]), np.concatenate([counts, more]), (np.tile(kinds, 2), both)


def primary_of(matrix: sp.csr_array, counts: np.ndarray) -> np.ndarray:
    cells = matrix @ counts
    return (cells > 0) & (cells < 5)


@pytest.mark.parametrize("labelled", [False, True])
def test_each_part_is_hidden_as_if_it_were_alone(labelled: bool) -> None:
    matrix, counts, labels = side_by_side()
    primary = primary_of(matrix, counts)
    hidden, changes = protect_with_tables(matrix, counts, primary, 5.0, labels=labels if labelled else None)
    for place, seed in enumerate(SEEDS):
        alone, own, kinds, places = problem(seed)
        asked = primary_of(alone, own)
        expected, _ = protect_with_tables(alone, own, asked, 5.0, labels=(kinds, places) if labelled else None)
        assert asked.any()
        assert hidden[place::2].tolist() == expected.tolist()
        assert audit(
            matrix, counts, hidden, np.flatnonzero(primary)[np.flatnonzero(primary) % 2 == place]
        ).tolist() == (audit(alone, own, expected, np.flatnonzero(asked)).tolist())
    assert (widths_seen(tables(matrix, counts), hidden, np.flatnonzero(primary), changes) >= 5).all()
    halves = (abs(changes) @ np.repeat(np.eye(2), len(counts) // 2, axis=0)) > 0
    assert (halves.sum(axis=1) == 1).all()


def test_a_known_sum_or_a_link_across_two_parts_makes_them_one() -> None:
    matrix, counts, _ = side_by_side()
    both = np.zeros((1, len(counts)))
    both[0, [0, -1]] = 1.0
    balance = both.copy()
    balance[0, -1] = -1.0
    level = np.where(both[0] > 0, 7.0, counts)
    assert [len(cells) for cells, *_ in apart(tables(matrix, counts))] == [matrix.shape[0] // 2] * 2
    assert len(apart(tables(matrix, counts, [(both, 0.0, np.inf)]))) == 1
    assert len(apart(tables(matrix, level, links=balance))) == 1


def test_an_interval_across_parts_sees_both() -> None:
    matrix = np.array([[1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]])
    found = audit(matrix, [3, 4, 5, 6], np.array([False, False, True, True, True]), [2, 3, 4])
    assert found.tolist() == [[0, 18], [0, 7], [0, 11]]


def test_a_part_of_which_nothing_is_stated_settles_nothing() -> None:
    none = np.zeros(0)
    value, settled = settled_by(sp.csr_array((0, 0)), none, none)
    assert (len(value), len(settled)) == (0, 0)
