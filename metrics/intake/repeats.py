"""Whether any two of many hashes are equal, in less time and memory than sorting them all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 18
FEWEST_BITS, MOST_BITS = 16, 24

Hashes = NDArray[np.uint64]


def has_equal(hashes: Hashes) -> bool:
    """True when two of these 64-bit hashes are equal; they may come in any order, at most 2^32 of them.

    Each row writes its number into the slot that the hash's first bits name; whoever finds another's number there has
    lost it. Of equal rows at most one keeps the slot, so every pair has a loser: it is compared with the row that kept
    its slot, and the losers, who are few, with each other by sorting. Two threads share the rows: it does not matter
    which row of a slot writes last, only that all have written before any looks.
    """
    bits = min(max((8 * len(hashes)).bit_length() - 1, FEWEST_BITS), MOST_BITS)
    kept = np.empty(1 << bits, np.uint32)
    shift = np.uint64(64 - bits)

    def write(start: int) -> None:
        part = hashes[start : start + CHUNK]
        kept[_slots(part, shift)] = _rows(start, part)

    def losers(start: int) -> tuple[bool, Hashes]:
        part = hashes[start : start + CHUNK]
        keeper = kept[_slots(part, shift)]
        lost = np.flatnonzero(keeper != _rows(start, part))
        return bool((hashes[keeper[lost]] == part[lost]).any()), part[lost]

    starts = range(0, len(hashes), CHUNK)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(write, starts))
        found = list(threads.map(losers, starts))
    if any(equal for equal, _ in found):
        return True
    left = np.sort(np.concatenate([lost for _, lost in found])) if found else hashes
    return bool((left[1:] == left[:-1]).any())


def _slots(part: Hashes, shift: np.uint64) -> NDArray[np.int64]:
    return (part >> shift).view(np.int64)


def _rows(start: int, part: Hashes) -> NDArray[np.uint32]:
    return np.arange(start, start + len(part), dtype=np.uint32)
