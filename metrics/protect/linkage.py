"""Linked indicators: the share that could be followed beside every value, and no comparison under 90 percent.

What is said is a function of shown values only. Where the share itself is hidden nothing is said of it; a value whose
cohort was lost to more than a tenth is then hidden too, unless the cohort is so small that hiding, or not hiding, would
tell of fewer than k pupils.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from metrics.declare import LINKAGE_AT_LEAST, Indicator
from metrics.values import NUMBER_COLUMNS, Counts, Published, Status
from metrics.vocabulary import ALL, Region, parse_period

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


def across(
    published: Published, counted: Iterable[Counts], indicators: Mapping[str, Indicator], *, region: Region, k: int
) -> Published:
    """The same with what another family's share decides: that of its newest period that had ended when the value's had.

    `counted`: the counts behind, for areas whose share is hidden. The share of a member decides its values, also those of
    the region without it, and the region's own share the region's.
    """
    values = published.values.copy()
    by_family = {each.population: each for each in counted}
    for each in indicators.values():
        if each.linkage is None or not each.linkage.decides:
            continue
        other = indicators[each.linkage.indicator]
        if other.population != each.population and other.population in by_family:
            _decide_across(values, each, other, by_family[other.population], region, k)
    silent = values["status"] != str(Status.SHOWN)
    values.loc[silent & (values["series"] == "own"), list(NUMBER_COLUMNS)] = np.nan
    return Published(values=values)


def _decide_across(
    values: pd.DataFrame, indicator: Indicator, other: Indicator, counts: Counts, region: Region, k: int
) -> None:
    open_or_hidden = values["status"].isin([Status.SHOWN, Status.HIDDEN])
    own = values[(values["indicator"] == indicator.name) & open_or_hidden]
    told = values[(values["indicator"] == other.name) & open_or_hidden & (values["provider"] == counts.main_provider)]
    told = told[(told[["stage", "model", "sex", "background"]] == ALL).all(axis=1)]
    periods = {
        period.end.isoformat(): period for period in (parse_period(each, counts.period_kind) for each in counts.periods)
    }
    for key, rows in own.groupby(["area_type", "area", "period_to"]):
        area_type, area, until = map(str, key)
        ended = max((end for end in periods if end <= until), default=None)
        if ended is None:
            continue
        period = periods[ended]
        said = told[(told["area_type"] == area_type) & (told["period_to"] == ended)]
        said = said[said["period_from"] == period.start.isoformat()]
        said = said if area_type == "region" else said[said["area"] == area]
        found, cohort = _followed(counts, other, period.label, _codes(region, area_type, area))
        if len(said) != 1 or not cohort:
            continue
        shown = np.full(len(rows), said["status"].iloc[0] == Status.SHOWN)
        values.loc[rows.index[shown], "mark"] = mark(found / cohort)
        _decide(values, rows.index, shown, np.full(len(rows), found / cohort), np.full(len(rows), cohort), k)


def _codes(region: Region, area_type: str, area: str) -> list[str]:
    if area_type == "region":
        return list(region.codes)
    named = [member.code for member in region.members if member.name == area]
    return named if area_type == "municipality" else [code for code in region.codes if code not in named]


def _followed(counts: Counts, other: Indicator, period: str, codes: list[str]) -> tuple[float, float]:
    """How many were found, and of how many."""
    inner = counts.inner
    rows = inner[(inner["period"] == period) & inner[other.perspective].isin(codes)]
    inside = rows["contributors"] * rows[f"{other.name}__denominator"]
    return float((inside * rows[f"{other.name}__numerator"]).sum()), float(inside.sum())


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
