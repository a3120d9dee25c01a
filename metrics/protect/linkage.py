"""Linked indicators: the share that could be followed beside every value, and no comparison under 90 percent.

What is said is a function of shown values only. Where the share itself is hidden nothing is said of it; a value whose
cohort was lost to more than a tenth is then hidden too, unless the cohort is so small that hiding, or not hiding, would
tell of fewer than k pupils.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from metrics.declare import LINKAGE_AT_LEAST, Indicator
from metrics.values import Status
from metrics.vocabulary import ALL

AREA = ["area_type", "area"]
WORDS = "gick att följa"
ROUNDING = 1e-9


def with_linkage(rows: pd.DataFrame, indicators: Sequence[Indicator], main_provider: str, k: int) -> pd.DataFrame:
    """The rows of one period (numbers not yet silenced) with the status and the mark that their linkage gives."""
    whole = (rows[["stage", "model", "sex", "background"]] == ALL).all(axis=1) & (rows["provider"] == main_provider)
    found = rows.copy()
    for each in indicators:
        if each.linkage is None:
            continue
        told = rows[whole & (rows["indicator"] == each.linkage.indicator)].set_index(AREA)
        own = found.index[(found["indicator"] == each.name) & found["status"].isin([Status.SHOWN, Status.HIDDEN])]
        told = told.reindex(pd.MultiIndex.from_frame(found.loc[own, AREA]))
        shown = (told["status"] == Status.SHOWN).to_numpy()
        share = told["numerator"].to_numpy(dtype=float) / told["denominator"].to_numpy(dtype=float)
        share = share if each.linkage.counts_found else 1 - share
        found.loc[own[shown], "mark"] = [mark(float(one)) for one in share[shown]]
        if each.linkage.decides:
            _decide(found, own, shown, share, told["denominator"].to_numpy(dtype=float), k)
    return found


def _decide(
    found: pd.DataFrame, own: pd.Index, shown: np.ndarray, share: np.ndarray, cohort: np.ndarray, k: int
) -> None:
    lost = share < LINKAGE_AT_LEAST - ROUNDING
    large = cohort * (1 - LINKAGE_AT_LEAST) >= k - ROUNDING
    found.loc[own[shown & lost], "status"] = str(Status.NOT_COMPARABLE)
    found.loc[own[~shown & lost & large], "status"] = str(Status.HIDDEN)


def mark(share: float) -> str:
    """A share in words, as rows of the long table carry it: "95,3 % gick att följa"."""
    return f"{100 * share:.1f}".replace(".", ",") + f" % {WORDS}"
