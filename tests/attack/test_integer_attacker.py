"""An attacker who knows that counts are whole, on random tables: nothing primary may be exact or narrow."""

import highspy
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from metrics.protect import audit, protect_tables

K = 5


def extreme(matrix, counts, hidden, target, sign, whole):
    """The least (sign 1) or greatest (sign -1) value of a cell over tables of at least 0 that agree with the shown."""
    model, width = highspy.HighsLp(), matrix.shape[1]
    shown = matrix[~hidden]
    model.num_col_, model.num_row_ = width, len(shown)
    model.col_cost_, model.col_lower_ = sign * matrix[target], np.zeros(width)
    model.col_upper_ = np.full(width, counts.sum() + 1000)
    model.row_lower_ = model.row_upper_ = shown @ counts
    model.integrality_ = [highspy.HighsVarType.kInteger if whole else highspy.HighsVarType.kContinuous] * width
    rows, columns = np.nonzero(shown)
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.searchsorted(rows, np.arange(len(shown) + 1))
    model.a_matrix_.index_, model.a_matrix_.value_ = columns, np.ones(len(columns))
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(model)
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return sign * solver.getInfo().objective_function_value


@st.composite
def random_sums(draw):
    """Any 0/1 matrix over few, mostly small inner counts."""
    cells, inner = draw(st.integers(1, 18)), draw(st.integers(1, 14))
    bits = draw(st.lists(st.booleans(), min_size=cells * inner, max_size=cells * inner))
    counts = draw(st.lists(st.integers(0, 12), min_size=inner, max_size=inner))
    return np.array(bits, dtype=float).reshape(cells, inner), np.array(counts, dtype=float)


@st.composite
def hierarchies(draw):
    """Members in regions x sex x outcome with overlapping model sets and every total, as a release has them."""
    members, sets = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    shape = (members, sets, 2, 2)
    size = int(np.prod(shape))
    counts = draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))
    index = np.indices(shape).reshape(4, -1)
    area, model, sex, outcome = index
    areas = [area == code for code in range(members)] + [area >= 0, area != 0]
    models = [model >= 0] + [model == code for code in range(sets)] + [model > 0]
    people = [a & s for a in areas for s in (sex >= 0, sex == 0, sex == 1)] + [a & m for a in areas for m in models]
    rows = [group & part for group in people for part in (outcome >= 0, outcome == 1)]
    return np.unique(np.array(rows, dtype=float), axis=0), np.array(counts, dtype=float)


def small(matrix, counts):
    cells = matrix @ counts
    return (cells > 0) & (cells < K)


def check(matrix, counts, primary):
    hidden = protect_tables(matrix, counts, primary, K)
    targets, cells = np.flatnonzero(primary), matrix @ counts
    found = audit(matrix, counts, hidden, targets)
    assert (hidden >= primary).all()
    for target, (low, high) in zip(targets, found, strict=True):
        assert high - low >= K
        assert low <= max(cells[target] - 1, 0)
        assert high >= cells[target] + 1
        whole_low = extreme(matrix, counts, hidden, target, 1, whole=True)
        whole_high = extreme(matrix, counts, hidden, target, -1, whole=True)
        assert whole_high - whole_low >= K - 1e-6


@settings(max_examples=25, deadline=None)
@given(random_sums())
def test_whole_number_attacker_on_random_sums(problem):
    matrix, counts = problem
    matrix = matrix[matrix.any(axis=1)]
    check(matrix, counts, small(matrix, counts))


@settings(max_examples=16, deadline=None)
@given(hierarchies())
def test_whole_number_attacker_on_hierarchies(problem):
    matrix, counts = problem
    check(matrix, counts, small(matrix, counts))


@settings(max_examples=16, deadline=None)
@given(random_sums(), st.integers(0, 2**18 - 1))
def test_any_cell_can_be_primary(problem, chosen):
    matrix, counts = problem
    matrix = matrix[matrix.any(axis=1)]
    check(matrix, counts, np.array([chosen >> bit & 1 for bit in range(len(matrix))], dtype=bool))


@settings(max_examples=25, deadline=None)
@given(random_sums(), st.integers(0, 2**18 - 1))
def test_the_audit_equals_a_plain_program(problem, chosen):
    matrix, counts = problem
    hidden = np.array([chosen >> bit & 1 for bit in range(len(matrix))], dtype=bool)
    found = audit(matrix, counts, hidden, np.arange(len(matrix)))
    shown = matrix[~hidden]
    for target, (low, high) in enumerate(found):
        rows = {"A_eq": shown, "b_eq": shown @ counts} if len(shown) else {}
        least, most = (linprog(sign * matrix[target], method="highs", **rows) for sign in (1, -1))
        assert abs(low - least.fun) < 1e-5
        assert (not np.isfinite(high) and most.status == 3) or abs(high + most.fun) < 1e-5


@settings(max_examples=30, deadline=None)
@given(random_sums(), st.integers(0, 2**18 - 1), st.lists(st.tuples(st.integers(0, 17), st.booleans()), max_size=5))
def test_the_audit_with_known_bounds_equals_a_plain_program(problem, chosen, sums):
    matrix, counts = problem
    hidden = np.array([chosen >> bit & 1 for bit in range(len(matrix))], dtype=bool)
    chosen_rows = [(row % len(matrix), bounded) for row, bounded in sums]
    truth = matrix @ counts
    known = [(matrix[[row]], min(1.0, truth[row]), truth[row] + 3 if above else np.inf) for row, above in chosen_rows]
    found = audit(matrix, counts, hidden, np.arange(len(matrix)), known)
    stated = {"A_eq": matrix[~hidden], "b_eq": matrix[~hidden] @ counts} if not hidden.all() else {}
    over = np.array([-matrix[row] for row, _ in chosen_rows] + [matrix[row] for row, above in chosen_rows if above])
    limits = [-min(1.0, truth[row]) for row, _ in chosen_rows] + [truth[row] + 3 for row, above in chosen_rows if above]
    bounds = {"A_ub": over, "b_ub": limits} if len(over) else {}
    for target, (low, high) in enumerate(found):
        least, most = (linprog(sign * matrix[target], method="highs", **stated, **bounds) for sign in (1, -1))
        assert abs(low - least.fun) < 1e-5
        assert (not np.isfinite(high) and most.status == 3) or abs(high + most.fun) < 1e-5


@settings(max_examples=25, deadline=None)
@given(random_sums(), st.data())
def test_known_bounds_are_never_narrowed_further(problem, data):
    matrix, counts = problem
    matrix = matrix[matrix.any(axis=1)]
    sums = data.draw(st.lists(st.integers(0, max(len(matrix) - 1, 0)), max_size=4)) if len(matrix) else []
    below, above = (data.draw(st.floats(0, 4)) for _ in range(2))
    known = [(matrix[[row]], matrix[row] @ counts - below, matrix[row] @ counts + above) for row in sums]
    primary = small(matrix, counts)
    targets, everything = np.flatnonzero(primary), np.ones(len(matrix), dtype=bool)
    alone = audit(matrix, counts, everything, targets, known)
    hidden = protect_tables(matrix, counts, primary, K, known)
    found = audit(matrix, counts, hidden, targets, known)
    assert (found[:, 1] - found[:, 0] >= np.minimum(K, alone[:, 1] - alone[:, 0]) - 1e-4).all()
