"""Whether any two of many hashes are equal: the answer that sorting them gives, for few and many, near and far apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from metrics.intake.repeats import CHUNK, has_equal

FEW = st.integers(0, 6) | st.integers(2**64 - 6, 2**64 - 1) | st.integers(0, 2**64 - 1)


@given(arrays(np.uint64, st.integers(0, 60), elements=FEW))
def test_it_answers_as_sorting_does(hashes: np.ndarray) -> None:
    assert has_equal(hashes) == (len(np.unique(hashes)) < len(hashes))


@pytest.mark.parametrize(("first", "second"), [(0, -1), (0, 1), (5, CHUNK + 3), (CHUNK - 1, CHUNK)])
def test_one_pair_among_a_million_is_found_wherever_it_stands(first: int, second: int) -> None:
    hashes = np.random.default_rng(7).integers(0, 2**64, CHUNK + 1000, dtype=np.uint64)
    assert not has_equal(hashes)
    hashes[second] = hashes[first]
    assert has_equal(hashes)


def test_three_of_a_kind_in_one_slot_are_found_though_none_of_them_keeps_it() -> None:
    slot = np.uint64(1) << np.uint64(60)
    assert has_equal(np.array([slot + 1, slot + 1, slot + 2], dtype=np.uint64))
    assert not has_equal(np.array([slot + 1, slot + 3, slot + 2], dtype=np.uint64))
