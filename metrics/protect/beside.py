"""What is told beside the tables, of groups that are no cells of them: only where it narrows nothing that is protected."""

from collections.abc import Callable, Sequence

import scipy.sparse as sp

from metrics.protect.known import KnownSum, bounded_rows
from metrics.protect.problem import Inner

Bounds = Sequence[tuple[sp.csr_array, float, float]]
About = tuple[str, str, str]
"""Period, stage and model of a group."""


def about(known: KnownSum) -> About:
    return known.period, known.stage, known.model


def tellable(joint: Inner, beside: Sequence[KnownSum], narrows: Callable[[Bounds], bool]) -> list[About]:
    """The groups whose bounds may be told together: all of them, else the largest third, and so on.

    `narrows` says whether an outsider who is given these bounds too learns too much: an audit of the whole period, so
    groups are never tried one by one. The tables are never changed.
    """
    sizes = {about(each): each.high for each in beside if each.part == "denominator"}
    kept = sorted(sizes, key=lambda each: (-sizes[each], each))
    while kept:
        bounds, _ = bounded_rows(joint, [each for each in beside if about(each) in kept])
        if not narrows(bounds):
            return kept
        kept = kept[: len(kept) // 3]
    return []
