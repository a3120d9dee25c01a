"""metrics.protect.protect_tables and audit against published patterns and small tables worked by hand."""

import doctest

import numpy as np
import pytest
import scipy.sparse as sp

import metrics.protect
from metrics.protect import ProtectionError, audit, protect_tables

# sdcTools/sdcTable, tests: a pattern with two hidden cells in every line that still gives one cell away.
ADVERSARIAL = np.array([[30, 47, 64, 89], [90, 124, 5, 31], [92, 100, 59, 85], [800, 991, 651, 685]])
GIVEN_AWAY = np.array([[1, 1, 1, 0], [1, 0, 1, 0], [0, 1, 0, 1], [0, 1, 0, 1]], dtype=bool)
# sdcTools/sdcTable, microdata1: pupils by region (A-D) and sex (male, female); only A, female is small.
MICRODATA1 = np.array([[18, 2], [14, 19], [12, 10], [11, 14]])


def two_way(table):
    """Cells, row totals, column totals and the total of a two-way table, and its inner counts."""
    rows, columns = table.shape
    inner = np.eye(rows * columns)
    by_row = np.kron(np.eye(rows), np.ones(columns))
    by_column = np.kron(np.ones(rows), np.eye(columns))
    return np.vstack([inner, by_row, by_column, np.ones((1, rows * columns))]), table.ravel().astype(float)


def flags(matrix, *chosen):
    hidden = np.zeros(len(matrix), dtype=bool)
    hidden[list(chosen)] = True
    return hidden


def test_audit_sees_through_two_hidden_in_every_line():
    matrix, counts = two_way(ADVERSARIAL)
    hidden = np.concatenate([GIVEN_AWAY.ravel(), np.zeros(9, dtype=bool)])
    assert audit(matrix, counts, hidden, [1]).tolist() == [[47.0, 47.0]]


def test_one_more_hidden_cell_opens_the_pattern():
    matrix, counts = two_way(ADVERSARIAL)
    primary = np.concatenate([GIVEN_AWAY.ravel(), np.zeros(9, dtype=bool)])
    hidden = protect_tables(matrix, counts, primary, 5)
    assert (hidden & ~primary).sum() == 1
    assert audit(matrix, counts, hidden, [1]).tolist() == [[0.0, 78.0]]


@pytest.mark.parametrize("protection", [1, 3, 5, 10])
def test_three_complementary_cells_suffice_for_microdata1(protection):
    matrix, counts = two_way(MICRODATA1)
    primary = flags(matrix, 1)
    hidden = protect_tables(matrix, counts, primary, protection)
    assert (hidden & ~primary).sum() == 3
    assert audit(matrix, counts, hidden, [1]).tolist() == [[0.0, 2.0 + 10.0]]


def test_sparse_and_dense_matrices_give_the_same():
    matrix, counts = two_way(MICRODATA1)
    sparse = sp.csr_matrix(matrix)
    hidden = protect_tables(matrix, counts, flags(matrix, 1), 5)
    assert (protect_tables(sparse, counts, flags(matrix, 1), 5) == hidden).all()
    assert (audit(sparse, counts, hidden, [0, 1]) == audit(matrix, counts, hidden, [0, 1])).all()


def test_nothing_primary_hides_nothing():
    matrix, counts = two_way(MICRODATA1)
    assert not protect_tables(matrix, counts, flags(matrix), 5).any()


def test_a_primary_zero_is_kept_open_upwards():
    matrix, counts = two_way(np.array([[0, 30], [40, 50]]))
    hidden = protect_tables(matrix, counts, flags(matrix, 0), 5)
    low, high = audit(matrix, counts, hidden, [0])[0]
    assert low == 0
    assert high >= 5


def test_the_same_sum_twice_is_hidden_twice():
    matrix, counts = two_way(MICRODATA1)
    matrix = np.vstack([matrix, matrix[1]])
    hidden = protect_tables(matrix, counts, flags(matrix, 1), 5)
    assert hidden[-1]


def test_a_sum_nothing_bounds_has_no_upper_limit():
    assert audit(np.array([[1.0, 1.0]]), [3.0, 4.0], [True], [0]).tolist() == [[0.0, np.inf]]


def test_sums_that_follow_directly_need_no_program():
    matrix = np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    assert audit(matrix, [4, 0, 9], [False, False, False, True], [3]).tolist() == [[9.0, 9.0]]


def test_known_bounds_narrow_the_audit():
    matrix, counts = two_way(MICRODATA1)
    hidden = flags(matrix, 0, 1, 4, 5)
    known = [(matrix[[1]], [1.0], [4.0])]
    assert audit(matrix, counts, hidden, [1, 5], known).tolist() == [[1.0, 4.0], [12 - 4.0, 12 - 1.0]]


def test_known_bounds_limit_what_can_be_asked():
    matrix, counts = two_way(MICRODATA1)
    known = [(matrix[[1]], 1.5, 4.0)]
    hidden = protect_tables(matrix, counts, flags(matrix, 1), 5, known)
    assert audit(matrix, counts, hidden, [1], known) == pytest.approx(np.array([[1.5, 4.0]]), abs=1e-4)


def test_a_cell_known_exactly_is_not_an_error():
    matrix, counts = two_way(MICRODATA1)
    known = [(matrix[[1]], 2.0, 2.0)]
    assert protect_tables(matrix, counts, flags(matrix, 1), 5, known)[1]


def test_known_rows_make_other_cells_necessary():
    matrix, counts = two_way(MICRODATA1)
    known = [(matrix[[5]], 10.0, 10.0)]
    hidden = protect_tables(matrix, counts, flags(matrix, 1), 5, known)
    low, high = audit(matrix, counts, hidden, [1], known)[0]
    assert high - low >= 5
    assert (hidden[[3, 7]]).any()


def test_cells_always_shown_can_make_protection_impossible():
    matrix, counts = two_way(MICRODATA1)
    shown = ~flags(matrix, 1)
    with pytest.raises(ProtectionError, match="always shown"):
        protect_tables(matrix, counts, flags(matrix, 1), 5, always_shown=shown)


def test_weights_decide_which_cells_go():
    matrix, counts = two_way(MICRODATA1)
    weights = np.ones(len(matrix))
    weights[[4, 5]] = 50.0
    hidden = protect_tables(matrix, counts, flags(matrix, 1), 5, weights=weights)
    assert not hidden[[4, 5]].any()


def test_fractions_are_protected_too():
    matrix, counts = two_way(np.array([[2.5, 30.25], [40.0, 50.75]]))
    hidden = protect_tables(matrix, counts, flags(matrix, 0), 1.25)
    low, high = audit(matrix, counts, hidden, [0])[0]
    assert high - low >= 1.25


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"matrix": [[2, 1]]}, "only 0 and 1"),
        ({"inner_counts": [1, -1]}, "at least 0"),
        ({"inner_counts": [1, 2, 3]}, "one number per column"),
        ({"primary": [1]}, "primary is bool"),
        ({"protection": -1}, "protection is finite"),
        ({"known": [([[1, 1]], 5, 9)]}, "include the true table"),
        ({"known": [([[1, 1, 1]], 0, 9)]}, "span the inner cells"),
    ],
)
def test_wrong_arguments_are_refused_with_the_rule(change, message):
    arguments = {"matrix": [[1, 1]], "inner_counts": [1, 2], "primary": [True], "protection": 5, "known": ()} | change
    with pytest.raises(ProtectionError, match=message):
        protect_tables(**arguments)


def test_errors_never_hold_a_cells_value():
    with pytest.raises(ProtectionError) as caught:
        protect_tables([[1, 1]], [1234, 4321], [True], 5, [([[1, 0]], 77777, 88888)])
    assert not any(number in str(caught.value) for number in ("1234", "4321", "77777", "88888"))


def test_targets_outside_the_cells_are_refused():
    with pytest.raises(ProtectionError, match="targets"):
        audit([[1, 1]], [1, 2], [True], [1])


def test_the_example_for_whoever_uses_the_gate_alone_is_true():
    found = doctest.testmod(metrics.protect)
    assert found.attempted >= 7
    assert found.failed == 0
