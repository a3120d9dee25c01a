"""Small programs of a few kinds give tables of the whole problem; with and without them the audit is content."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp

from metrics.protect import audit, protect_tables
from metrics.protect.auditing import widths_seen
from metrics.protect.solver import INNER_PRICE, Alternatives
from metrics.protect.suppress import protect_with_tables
from metrics.protect.tables import tables

KINDS, PLACES = 3, 6


def problem(seed: int) -> tuple[sp.csr_array, np.ndarray, np.ndarray, np.ndarray]:
    """Pupils of three kinds in six places: every kind in every place, every place, every kind and everyone is a cell."""
    random = np.random.default_rng(seed)
    kinds, places = np.tile(np.arange(KINDS), PLACES), np.repeat(np.arange(PLACES), KINDS)
    counts = random.integers(1, 30, KINDS * PLACES).astype(float)
    counts[random.integers(0, len(counts), 2)] = 2
    rows = [*np.eye(len(counts))]
    rows += [places == place for place in range(PLACES)]
    rows += [kinds == kind for kind in range(KINDS)]
    return sp.csr_array(np.array([*rows, np.ones(len(counts))], dtype=float)), counts, kinds, places


def test_every_primary_cell_stays_open_and_nothing_else_is_asked_of_the_labels() -> None:
    for seed in range(12):
        matrix, counts, kinds, places = problem(seed)
        cells = matrix @ counts
        primary = (cells > 0) & (cells < 5)
        hidden = protect_tables(matrix, counts, primary, 5.0, labels=(kinds, places))
        targets = np.flatnonzero(primary)
        found = audit(matrix, counts, hidden, targets)
        assert (hidden >= primary).all()
        assert (found[:, 1] - found[:, 0] >= 5).all()


def test_few_kinds_hide_about_as_much_as_the_whole_search() -> None:
    with_labels, without = 0, 0
    for seed in range(12):
        matrix, counts, kinds, places = problem(seed)
        cells = matrix @ counts
        primary = (cells > 0) & (cells < 5)
        with_labels += protect_tables(matrix, counts, primary, 5.0, labels=(kinds, places)).sum()
        without += protect_tables(matrix, counts, primary, 5.0).sum()
    assert with_labels <= 1.5 * without


# sdcTools/sdcTable, tests (as in test_protect_tables.py): the table, what is hidden from the start, and how many cells more
# the published pattern hides.
REFERENCES = (
    ([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]], (0, 1, 2, 4, 6, 9, 11, 13, 15), 1),
    ([[18, 2], [14, 19], [12, 10], [11, 14]], (1,), 3),
)


@pytest.mark.parametrize(("table", "chosen", "reference"), REFERENCES)
def test_the_published_patterns_cost_at_most_half_as_much_again(
    table: list[list[int]], chosen: tuple[int, ...], reference: int
) -> None:
    counts = np.array(table, dtype=float)
    places, kinds = np.divmod(np.arange(counts.size), counts.shape[1])
    lines = [*(places == place for place in set(places)), *(kinds == kind for kind in set(kinds))]
    matrix = sp.csr_array(np.array([*np.eye(counts.size), *lines, np.ones(counts.size)], dtype=float))
    primary = np.isin(np.arange(matrix.shape[0]), chosen)
    hidden = protect_tables(matrix, counts.ravel(), primary, 5.0, labels=(kinds, places))
    found = audit(matrix, counts.ravel(), hidden, np.flatnonzero(primary))
    assert (found[:, 1] - found[:, 0] >= 5).all()
    assert (hidden & ~primary).sum() <= 1.5 * reference
    again = protect_tables(matrix, counts.ravel(), primary, 5.0, labels=(kinds, places))
    assert (again == hidden).all()


def test_the_tables_found_prove_the_widths_and_a_false_one_proves_nothing() -> None:
    matrix, counts, kinds, places = problem(3)
    cells = matrix @ counts
    primary = (cells > 0) & (cells < 5)
    hidden, changes = protect_with_tables(matrix, counts, primary, 5.0, labels=(kinds, places))
    targets = np.flatnonzero(primary)
    asked = tables(matrix, counts)
    seen = widths_seen(asked, hidden, targets, changes)
    found = audit(matrix, counts, hidden, targets)
    assert (seen >= 5).all()
    assert (seen <= found[:, 1] - found[:, 0] + 1e-6).all()
    nothing = np.zeros_like(hidden)
    below = sp.csr_array(-10 * np.ones((1, len(counts))))
    assert not widths_seen(asked, nothing, targets, changes).any()
    assert not widths_seen(asked, np.ones_like(hidden), targets, below).any()


def test_a_program_that_keeps_no_account_of_hidden_cells_finds_tables_as_cheap() -> None:
    for seed in range(6):
        matrix, counts, _, _ = problem(seed)
        asked = tables(matrix, counts)
        hidden = np.random.default_rng(seed).random(matrix.shape[0]) < 0.5
        price, cell = np.where(hidden, 0.0, 1.0 + np.log1p(asked.cells)), int(np.argmin(asked.cells))
        cost = []
        for loosely in (False, True):
            search = Alternatives(asked, loosely=loosely)
            search.set_all(price, np.zeros(len(price), bool))
            for amount in (2.0, 3.0):
                move = search.find(cell, amount, whole=False)
                assert move is not None
                assert move.cells[0, cell] >= amount - 1e-6
                whole = price @ np.abs(move.cells[0]) + INNER_PRICE * np.abs(move.inner[0]).sum()
                cost.append(float(whole / move.cells[0, cell]))
        assert cost[:2] == pytest.approx(cost[2:])
