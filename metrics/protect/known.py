"""What an outsider has already: official figures about the same pupils, as bounds on counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.protect.groups import Group
from metrics.protect.problem import Inner, Outcome
from metrics.values import Counts
from metrics.vocabulary import ALL, Region

Flags = NDArray[np.bool_]
Part = Literal["denominator", "numerator", "remainder"]

ROUNDING = 0.05
"""An official percentage has one decimal: the true one lies within half of its last digit."""
OTHER_SYSTEMS = 0.05
"""The source's number of pupils also counts other grading systems; at most this share is taken to."""
NEARLY_ALL = "~100"


@dataclass(frozen=True, kw_only=True)
class KnownSum:
    """Bounds on a count of pupils in one area: denominator, numerator or remainder of an indicator.

    `area` is as in the long table (a member's or the region's name), and so is `model`, or "set:" before a set of models.
    """

    period: str
    indicator: str
    area: str
    sex: str
    part: Part
    low: float
    high: float
    provider: str = ALL
    stage: str = ALL
    model: str = ALL


def known_rows(
    counts: Counts, indicators: Sequence[Indicator], *, region: Region, official: pd.DataFrame | None
) -> list[KnownSum]:
    """Official figures (rows of release.official.COLUMNS) as bounds; None = example data, made from their own truth.

    Only shares are bounded: a published mean of many pupils says little of any of them, and its sum is protected by
    its own rule.
    """
    shares = [each for each in indicators if f"{each.name}__numerator" in counts.inner.columns and each.official]
    if official is None:
        return list(_from_truth(counts, shares, region))
    names = {each.name for each in shares}
    stated = official[official["indicator"].isin(names) & (pd.to_numeric(official["pupils"], errors="coerce") > 0)]
    return [known for row in stated.itertuples(index=False) for known in _from_official(row, region)]


def _from_official(row: object, region: Region) -> Iterator[KnownSum]:
    code, pupils = str(row.municipality), float(row.pupils)  # type: ignore[attr-defined]
    if code not in region.codes:
        return
    keys = {"period": str(row.school_year), "indicator": str(row.indicator), "area": region.member(code).name}  # type: ignore[attr-defined]
    percent = float(row.value) if row.value is not None else float("nan")  # type: ignore[attr-defined]
    fewest = pupils * (1 - OTHER_SYSTEMS)
    if str(row.mark).startswith(NEARLY_ALL):  # type: ignore[attr-defined]
        yield KnownSum(**keys, sex=str(row.sex), part="remainder", low=1.0, high=4.0)  # type: ignore[attr-defined]
    elif percent == percent:
        low, high = _bounds(percent, fewest, pupils)
        yield KnownSum(**keys, sex=str(row.sex), part="numerator", low=low, high=high)  # type: ignore[attr-defined]


def _bounds(percent: float, fewest: float, most: float) -> tuple[float, float]:
    return max(percent - ROUNDING, 0.0) / 100 * fewest, min(percent + ROUNDING, 100.0) / 100 * most


def _from_truth(counts: Counts, shares: Sequence[Indicator], region: Region) -> Iterator[KnownSum]:
    """What the official statistics would say of example pupils: one decimal, and `~100` for one to four left over."""
    if counts.main_provider != ALL:
        return
    for indicator in shares:
        inner = counts.inner.assign(
            total=counts.inner["contributors"] * counts.inner[f"{indicator.name}__denominator"],
            count=counts.inner["contributors"] * counts.inner[f"{indicator.name}__numerator"],
        )
        sums = inner.groupby(["period", indicator.perspective])[["total", "count"]].sum()
        for (period, code), total, count in sums.itertuples(name=None):
            if code in region.codes and total > 0:
                yield _official_row(str(period), indicator.name, region.member(code).name, float(total), float(count))


def _official_row(period: str, indicator: str, area: str, total: float, count: float) -> KnownSum:
    part: Part = "numerator"
    low, high = _bounds(round(100 * count / total, 1), total, total)
    if 1 <= total - count <= 4:
        part, low, high = "remainder", 1.0, 4.0
    return KnownSum(period=period, indicator=indicator, area=area, sex=ALL, part=part, low=low, high=high)


def bounded_rows(inner: Inner, known: Sequence[KnownSum]) -> tuple[list[tuple[sp.csr_array, float, float]], int]:
    """The bounds as rows over the inner cells, widened where own counts contradict them; also how many do."""
    rows, contradictions = [], 0
    for stated in known:
        for outcome, group in _about(inner, stated):
            columns = np.flatnonzero(_row(outcome, group, stated.part))
            truth = float(inner.contributors[columns].sum())
            contradictions += not stated.low <= truth <= stated.high
            rows.append((_summed(columns, len(inner.contributors)), min(stated.low, truth), max(stated.high, truth)))
    return rows, contradictions


def _summed(columns: NDArray[np.int64], width: int) -> sp.csr_array:
    return sp.csr_array((np.ones(len(columns)), columns, [0, len(columns)]), shape=(1, width))


def _about(inner: Inner, stated: KnownSum) -> list[tuple[Outcome, Group]]:
    return [
        (outcome, group)
        for outcome in inner.outcomes
        if outcome.indicator.name == stated.indicator
        for group in inner.groups[outcome.indicator.perspective]
        if _is_about(group, stated)
    ]


def _is_about(group: Group, stated: KnownSum) -> bool:
    """A member or the region, cut by nothing but what the bounds are said to be of."""
    place = group.area_type in ("municipality", "region") and group.complete and group.background == ALL
    own = (group.area, group.sex, group.provider, group.stage, group.model)
    return place and own == (stated.area, stated.sex, stated.provider, stated.stage, stated.model)


def _row(outcome: Outcome, group: Group, part: str) -> Flags:
    chosen = {
        "denominator": outcome.denominator,
        "numerator": outcome.numerator,
        "remainder": outcome.denominator & ~outcome.numerator,
    }[part]
    return group.inner & chosen
