"""Inner cells that are just fine enough: each cut of a layout sees its own margins, tied together by links.

Pupils by sex and pupils by background are never crossed in a table, so their cross need not be either. Any margins
that agree on the pupils behind them come from some full cross (take sex and background independent within each
of the smallest groups both know; whole numbers by filling such a cross from its margins), so nothing an outsider
could rule out is lost, and every empty combination an outsider cannot rule out is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.layout import Layout
from metrics.protect.errors import ProtectionError
from metrics.protect.generations import KNOWS_MODELS, PART
from metrics.values import DIMENSION_COLUMNS
from metrics.vocabulary import ALL, BACKGROUND_FIELDS

ATTRIBUTES = ("sex", *BACKGROUND_FIELDS)
FAMILY = "family"


@dataclass(frozen=True, kw_only=True)
class Unfolded:
    """Inner cells as a frame (`family` is the attribute they are cut by, "" for none) and the links between them."""

    inner: pd.DataFrame
    links: sp.csr_array

    @property
    def labels(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pattern and the place (every dimension but the pattern) of each inner cell, as numbers."""
        places = [name for name in self.inner.columns if name in (FAMILY, PART, *DIMENSION_COLUMNS)]
        number = self.inner.groupby(places, sort=False).ngroup()
        return np.asarray(self.inner["pattern"], dtype=np.int64), np.asarray(number, dtype=np.int64)

    @property
    def places(self) -> NDArray[np.int64]:
        """The smallest place of each inner cell, whichever table its pupils are in: all that its margin tells apart but the
        outcome. -1 of margins with an attribute where no table crosses it with models."""
        keys = [name for name in self.inner.columns if name in (FAMILY, *DIMENSION_COLUMNS)]
        number = self.inner.groupby(keys, sort=False).ngroup().to_numpy(dtype=np.int64)
        return np.where((self.inner[FAMILY] == "") | self.inner[KNOWS_MODELS], number, -1)


def family_of(by: Sequence[str]) -> str:
    """The attribute a table is cut by, "" for none."""
    cut = [name for name in by if name in ATTRIBUTES]
    if len(cut) > 1:
        raise ProtectionError(f"a table is cut by at most one of {ATTRIBUTES}, got: {cut}")
    return cut[0] if cut else ""


def unfold(
    frame: pd.DataFrame,
    layout: Layout,
    *,
    places: Sequence[str],
    main_provider: str,
    patterns: int,
    amount: str = "contributors",
    uncut: Sequence[str] = (),
) -> Unfolded:
    """The inner rows of one period (`pattern` numbers what is told apart within a group) by the margins tables need.

    Every pattern stands in every combination that has a pupil, as zero where no pupil has it.
    `uncut`: further columns that margins without an attribute tell apart (schools); the links add over them.
    """
    every = np.arange(patterns)
    names = ["", *sorted({family_of(table.by) for table in layout.tables} - {""})]
    keys = {name: [*places, *_dimensions(layout, name, main_provider)] for name in names}
    finer = {name: [*keys[name], *(() if name else uncut)] for name in names}
    inner = pd.concat([_margins(frame, finer[name], name, amount, every) for name in names], ignore_index=True)
    links = [_links(inner, name, keys[name]) for name in names[1:]]
    empty = sp.csr_array((0, len(inner)), dtype=float)
    return Unfolded(inner=inner, links=sp.csr_array(sp.vstack([empty, *links])))


def _dimensions(layout: Layout, family: str, main_provider: str) -> list[str]:
    """What tables of a family (those without one: all tables) tell apart besides area and attribute."""
    tables = [table for table in layout.tables if family in ("", family_of(table.by))]
    stage = ["stage"] if layout.by_stage or any("stage" in table.by for table in tables) else []
    provider = ["provider"] if main_provider != ALL or any("provider" in table.by for table in tables) else []
    return [*stage, *provider, *(["models"] if any("model" in table.by for table in tables) else [])]


def _margins(
    frame: pd.DataFrame, dimensions: list[str], family: str, amount: str, patterns: NDArray[np.int64]
) -> pd.DataFrame:
    """Sums by dimensions, attribute and pattern."""
    keys = [*dimensions, *([family] if family else [])]
    grid = frame[keys].drop_duplicates().merge(pd.DataFrame({"pattern": patterns}), how="cross")
    sums = frame.groupby([*keys, "pattern"], as_index=False)[[amount]].sum()
    found = grid.merge(sums, on=[*keys, "pattern"], how="left")
    rest = [name for name in ("stage", "provider", "models", *ATTRIBUTES) if name not in keys]
    found[[FAMILY, *rest]] = [family, *("" for _ in rest)]
    found[KNOWS_MODELS] = "models" in keys
    return found.fillna({amount: 0.0})


def _links(inner: pd.DataFrame, family: str, dimensions: list[str]) -> sp.csr_array:
    """One row per combination and pattern: the attribute's margins less the uncut ones."""
    keys = [*dimensions, "pattern"]
    own = (inner[FAMILY] == family).to_numpy()
    side = np.where(own, 1.0, np.where(inner[FAMILY] == "", -1.0, 0.0))
    row = inner.groupby(keys, sort=False).ngroup().to_numpy()
    tied = side != 0
    found = sp.csr_array((side[tied], (row[tied], np.flatnonzero(tied))), shape=(row.max() + 1, len(inner)))
    return sp.csr_array(found[np.isin(np.arange(row.max() + 1), row[own])])
