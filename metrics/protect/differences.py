"""Two releases of the same family and period side by side: what changed between them must single no one out.

Pure arrays. Inner cells are split so that each is about pupils in both releases, only the old or only the new one;
a register edit is another row over the same inner cells.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike, NDArray

from metrics.protect.auditing import cell_flags, intervals
from metrics.protect.errors import ProtectionError
from metrics.protect.solver import Extremes
from metrics.protect.suppress import protect_tables
from metrics.protect.tables import Flags, Floats, Known, Tables, tables

SPARE = 1000.0
"""An outsider who thinks that at most so many times k more pupils exist than do is stronger than any real one."""
TOLERANCE = 1e-3


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether the new table may be published beside the old one, with which cells hidden, and how many were narrow."""

    publishable: bool
    hidden: Flags
    narrow: int


@dataclass(frozen=True, kw_only=True)
class Pair:
    """Both releases' cells over the split inner cells; row i of each is the same cell. `primary` must be protected."""

    old: Tables
    new: Tables
    old_hidden: Flags
    new_hidden: Flags
    old_primary: Flags
    new_primary: Flags
    k: Floats


def decide(
    old_matrix: Any,
    new_matrix: Any,
    inner_counts: ArrayLike,
    *,
    old_hidden: ArrayLike,
    new_hidden: ArrayLike,
    old_primary: ArrayLike,
    new_primary: ArrayLike,
    k: ArrayLike,
    may_hide: ArrayLike | None = None,
    known: Known = (),
) -> Decision:
    """Publishable, if need be with more of the new cells hidden among those that `may_hide`; otherwise hold.

    Matrices: the same published cells (classes that are only protected among them, always hidden) x split inner
    cells; a cell that one release lacks is an empty row there, and shown. A cell that fewer than `k` pupils entered
    or left must not show by how much it changed, and every primary cell stays as open as the old release left it.
    """
    old, new = tables(old_matrix, inner_counts, known), tables(new_matrix, inner_counts, known)
    count = new.matrix.shape[0]
    if old.matrix.shape != new.matrix.shape:
        raise ProtectionError(f"both releases list the same cells, got: {old.matrix.shape[0]} and {count}")
    flags = {
        name: cell_flags(np.asarray(value), count, name)
        for name, value in (
            ("old_hidden", old_hidden),
            ("new_hidden", new_hidden),
            ("old_primary", old_primary),
            ("new_primary", new_primary),
        )
    }
    limit = np.broadcast_to(np.asarray(k, dtype=float), (count,))
    pair = Pair(old=old, new=new, k=limit, **flags)
    narrow = narrow_cells(pair)
    if not narrow.any():
        return Decision(publishable=True, hidden=pair.new_hidden, narrow=0)
    free = np.zeros(count, bool) if may_hide is None else cell_flags(np.asarray(may_hide), count, "may_hide")
    return _hidden_more(pair, narrow, free | pair.new_hidden)


def narrow_cells(pair: Pair) -> Flags:
    """Cells whose change, or whose protected number, an outsider with both releases can narrow too much."""
    return _narrow_changes(pair) | _narrow_primaries(pair)


def _narrow_changes(pair: Pair) -> Flags:
    change = sp.csr_array(pair.new.matrix - pair.old.matrix)
    change.eliminate_zeros()
    moved = abs(change) @ pair.new.counts
    few = (moved > 0) & (moved < pair.k)
    narrow = np.zeros(len(few), bool)
    if few.any():
        attacker = _attacker(pair)
        for cell in np.flatnonzero(few):
            row = change[[cell]]
            narrow[cell] = _width(attacker, row.indices, row.data) < pair.k[cell] - TOLERANCE
    return narrow


def _attacker(pair: Pair) -> Extremes:
    """Everything both releases show, with a generous limit on how many pupils there are."""
    shown = sp.vstack([pair.old.matrix[~pair.old_hidden], pair.new.matrix[~pair.new_hidden]])
    values, total = shown @ pair.new.counts, pair.new.counts.sum()
    everyone = sp.csr_array(np.ones((1, len(pair.new.counts))))
    rows = sp.csr_array(sp.vstack([shown, pair.new.known, everyone]))
    most = total + SPARE * float(pair.k.max(initial=1.0))
    low, high = [values, pair.new.low, np.zeros(1)], [values, pair.new.high, np.array([most])]
    return Extremes(rows, np.concatenate(low), np.concatenate(high))


def _width(attacker: Extremes, columns: NDArray[np.int32], signs: Floats) -> float:
    least, most = (attacker.least(columns, side * signs)[columns] @ signs for side in (1.0, -1.0))
    return float(most - least)


def _narrow_primaries(pair: Pair) -> Flags:
    """Protected cells of either release, given both, against what the old release alone leaves open."""
    count = len(pair.k)
    both = Tables(**(vars(pair.new) | {"matrix": sp.csr_array(sp.vstack([pair.old.matrix, pair.new.matrix]))}))
    hidden = np.concatenate([pair.old_hidden, pair.new_hidden])
    targets = np.flatnonzero(np.concatenate([pair.old_primary, pair.new_primary]))
    before = np.concatenate([pair.old_hidden, np.ones(count, bool)])
    found, alone = intervals(both, hidden, targets), intervals(both, before, targets)
    asked = np.minimum(pair.k[targets % count], alone[:, 1] - alone[:, 0])
    narrow = np.zeros(count, bool)
    narrow[targets[found[:, 1] - found[:, 0] < asked - TOLERANCE] % count] = True
    return narrow


def _hidden_more(pair: Pair, narrow: Flags, free: Flags) -> Decision:
    """The new table with its narrow cells hidden too, if that helps and only cells that may be hidden are."""
    held = Decision(publishable=False, hidden=pair.new_hidden, narrow=int(narrow.sum()))
    if (narrow & ~free).any():
        return held
    shown = pair.old.matrix[~pair.old_hidden]
    stated = [(shown, shown @ pair.old.counts, shown @ pair.old.counts)] if shown.shape[0] else []
    known = [*stated, (pair.new.known, pair.new.low, pair.new.high)] if pair.new.known.shape[0] else stated
    asked = pair.new_hidden | narrow
    width = np.where(narrow | pair.new_primary, pair.k, 0.0)
    try:
        hidden = protect_tables(pair.new.matrix, pair.new.counts, asked, width, known, always_shown=~free)
    except ProtectionError:
        return held
    left = narrow_cells(Pair(**(vars(pair) | {"new_hidden": hidden})))
    return held if left.any() else Decision(publishable=True, hidden=hidden, narrow=0)
