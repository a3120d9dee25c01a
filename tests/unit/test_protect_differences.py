"""Two releases side by side: a correction of one pupil is held, a large late delivery is not."""

import numpy as np
import pytest

from metrics.protect import ProtectionError
from metrics.protect.differences import decide

K = 5
# Inner cells: municipality A and B x not eligible and eligible, each once for pupils in both releases, only in the
# old one and only in the new one.
OUTCOMES = ["A out", "A in", "B out", "B in"]
BOTH, OLD, NEW = (np.repeat([[part == which for part in range(3)]], 4, axis=0).T.ravel() for which in range(3))


def cells(*inside):
    """Published and protected sums: total, eligible and not eligible of A, B and both, without regard to release."""
    groups = [("A",), ("B",), ("A", "B")]
    kinds = [("out", "in"), ("in",), ("out",)]
    wanted = [[f"{area} {kind}" for area in areas for kind in part] for areas in groups for part in kinds]
    names = np.tile(OUTCOMES, 3)
    return np.array([np.isin(names, row) for row in wanted], dtype=float)


TOTAL, ELIGIBLE, REST = (slice(part, None, 3) for part in range(3))
NEVER_SHOWN = np.arange(9) % 3 == 2


def compare(both, old, new, *, old_hidden=NEVER_SHOWN, new_hidden=NEVER_SHOWN, primary=None, may_hide=None):
    none = np.zeros(9, dtype=bool)
    return decide(
        cells() * (BOTH | OLD),
        cells() * (BOTH | NEW),
        np.concatenate([both, old, new]),
        old_hidden=old_hidden,
        new_hidden=new_hidden,
        old_primary=none if primary is None else primary,
        new_primary=none if primary is None else primary,
        k=K,
        may_hide=may_hide,
    )


def test_nothing_changed_is_publishable():
    assert compare([20, 80, 30, 90], [0] * 4, [0] * 4).publishable


@pytest.mark.parametrize("change", [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 4]])
def test_a_late_pupil_is_held(change):
    decision = compare([20, 80, 30, 90], [0] * 4, change)
    assert not decision.publishable
    assert decision.narrow > 0


def test_one_pupils_corrected_grade_is_held():
    assert not compare([20, 80, 30, 90], [1, 0, 0, 0], [0, 1, 0, 0]).publishable


def test_a_large_late_delivery_is_publishable():
    assert compare([20, 80, 30, 90], [0] * 4, [7, 40, 0, 0]).publishable


def test_a_large_delivery_with_one_pupil_of_a_kind_is_held():
    assert not compare([20, 80, 30, 90], [0] * 4, [1, 40, 0, 0]).publishable


def test_a_register_edit_is_other_rows_over_the_same_pupils():
    """A model's row gains a school: of 60 pupils, and then of 60 where three are not eligible."""

    def edit(out):
        counts = np.array([20.0, 80.0, out, 60.0 - out])
        old = np.array(
            [[1, 1, 1, 1], [0, 1, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]], dtype=float
        )
        new = old.copy()
        new[3:] = old[:3]
        hidden, none = np.arange(6) % 3 == 2, np.zeros(6, dtype=bool)
        return decide(
            old,
            new,
            counts,
            old_hidden=hidden,
            new_hidden=hidden,
            old_primary=none,
            new_primary=none,
            k=K,
        )

    assert edit(12.0).publishable
    assert not edit(3.0).publishable


def test_what_the_old_release_hid_is_not_shown_by_the_new_one():
    hidden = NEVER_SHOWN.copy()
    hidden[[1, 4]] = True
    primary = np.arange(9) == 2
    both = [3, 80, 30, 90]
    assert compare(both, [0] * 4, [0] * 4, old_hidden=hidden, new_hidden=hidden, primary=primary).publishable
    assert not compare(both, [0] * 4, [0] * 4, old_hidden=hidden, primary=primary).publishable


def test_hiding_more_in_the_new_release_can_help_where_it_is_allowed():
    change = [1, 0, 0, 0]
    everything = np.ones(9, dtype=bool)
    decision = compare([20, 80, 30, 90], [0] * 4, change, may_hide=everything)
    assert decision.publishable
    assert (decision.hidden & ~NEVER_SHOWN).any()
    only_eligible = np.arange(9) % 3 == 1
    assert not compare([20, 80, 30, 90], [0] * 4, change, may_hide=only_eligible).publishable


def test_both_releases_list_the_same_cells():
    with pytest.raises(ProtectionError, match="same cells"):
        decide(
            np.ones((2, 1)),
            np.ones((1, 1)),
            [3],
            old_hidden=[False],
            new_hidden=[False],
            old_primary=[False],
            new_primary=[False],
            k=K,
        )
