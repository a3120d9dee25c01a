"""What an outsider has already: official figures about the same pupils, as bounds on counts."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.protect.groups import Group
from metrics.protect.problem import Inner, Outcome
from metrics.protect.stated import KnownSum as KnownSum
from metrics.protect.stated import Part
from metrics.values import Counts, Published, Status
from metrics.vocabulary import ALL, Region

Flags = NDArray[np.bool_]
Bound = tuple[sp.csr_array, float, float]
"""A row over the inner cells, and the least and the greatest it sums to."""

ROUNDING = 0.05
"""An official percentage has one decimal: the true one lies within half of its last digit."""
OTHER_SYSTEMS = 0.05
"""The source's number of pupils also counts other grading systems; at most this share is taken to."""
NEARLY_ALL = "~100"


def known_rows(
    counts: Counts, indicators: Sequence[Indicator], *, region: Region, official: pd.DataFrame | None
) -> list[KnownSum]:
    """Official figures (rows of release.official.COLUMNS) as bounds; None = example data, made from their own truth.

    Of single providers and schools too, where rows say `provider` and `school_unit` (release.official.desk_series).
    Only shares are bounded: a published mean of many pupils says little of any of them, and its sum is protected by
    its own rule.
    """
    shares = [each for each in indicators if f"{each.name}__numerator" in counts.inner.columns and each.official]
    if official is None:
        return list(_from_truth(counts, shares, region))
    names = {each.name for each in shares}
    stated = official[official["indicator"].isin(names) & (pd.to_numeric(official["pupils"], errors="coerce") > 0)]
    return [known for row in stated.itertuples(index=False) for known in _from_official(row, region)]


def told_elsewhere(
    counts: Counts, indicators: Sequence[Indicator], told: Sequence[Published], *, region: Region
) -> list[KnownSum]:
    """What another family's shown values (`told`) say of an outcome of this one: no more than so many, the year before.

    A year-9 leaver who has moved is among those who moved out of the activity responsibility, so that state hides no
    other. Where the two numbers are equal, as they are found to be wherever both are shown, the outsider has the number.
    """
    found: list[KnownSum] = []
    for each in (one for one in indicators if one.elsewhere and f"{one.name}__denominator" in counts.inner.columns):
        counted = outcomes(counts, each, region)
        for values in (part.values for part in told):
            own = (values["indicator"] == each.elsewhere) & (values["status"] == Status.SHOWN)
            own &= (values["period_kind"] == "school_year") & values["area_type"].isin(["municipality", "region"])
            own &= (values[["stage", "model", "background"]] == ALL).all(axis=1)
            found += [known for row in values[own].itertuples() for known in _from_elsewhere(each, row, counted)]
    return found


def outcomes(counts: Counts, indicator: Indicator, region: Region) -> Mapping[tuple[str, ...], float]:
    """Pupils with the outcome by period, member ("" for the region) and sex (also all)."""
    rows, names = counts.inner, {each.code: each.name for each in region.members}
    inside = rows[f"{indicator.name}__denominator"] * rows[f"{indicator.name}__numerator"] > 0
    found = rows.loc[inside, ["period", "sex", "contributors"]].assign(area=rows[indicator.perspective].map(names))
    found = found.dropna(subset="area")
    found = pd.concat([found, found.assign(area="")])
    found = pd.concat([found, found.assign(sex=ALL)])
    sums = found.groupby(["period", "area", "sex"], as_index=False)["contributors"].sum()
    return {tuple(key): float(pupils) for *key, pupils in sums.itertuples(index=False, name=None)}


def _from_elsewhere(indicator: Indicator, row: Any, counted: Mapping[tuple[str, ...], float]) -> Iterator[KnownSum]:
    spring, number = int(str(row.school_year)[:4]), float(row.numerator)
    period, area = f"{spring - 1}/{spring % 100:02d}", "" if row.area_type == "region" else str(row.area)
    truth = counted.get((period, area, row.sex), 0.0)
    if truth <= number:
        keys = {"period": period, "indicator": indicator.name, "area": row.area}
        keys |= {"sex": row.sex, "provider": row.provider}
        yield KnownSum(**keys, part="numerator", low=number if truth == number else 0.0, high=number)


def _from_official(row: Any, region: Region) -> Iterator[KnownSum]:
    code, unit = str(row.municipality), str(getattr(row, "school_unit", ""))
    if not unit and code not in region.codes:
        return
    area = "" if unit else region.member(code).name
    keys = {"period": str(row.school_year), "indicator": str(row.indicator), "area": area, "sex": str(row.sex)}
    keys |= {"school": unit, "provider": ALL if unit else str(getattr(row, "provider", ALL))}
    pupils, percent = float(row.pupils), float("nan") if row.value is None else float(row.value)
    yield KnownSum(**keys, part="denominator", low=pupils * (1 - OTHER_SYSTEMS), high=pupils)
    if str(row.mark).startswith(NEARLY_ALL):
        yield KnownSum(**keys, part="remainder", low=1.0, high=4.0)
    elif percent == percent:
        low, high = _bounds(percent, pupils * (1 - OTHER_SYSTEMS), pupils)
        yield KnownSum(**keys, part="numerator", low=low, high=high)


def _bounds(percent: float, fewest: float, most: float) -> tuple[float, float]:
    return max(percent - ROUNDING, 0.0) / 100 * fewest, min(percent + ROUNDING, 100.0) / 100 * most


def _from_truth(counts: Counts, shares: Sequence[Indicator], region: Region) -> Iterator[KnownSum]:
    """What the official statistics would say of example pupils: one decimal, `~100` for one to four left over, and
    nothing where one to four have the outcome: what no source would print must not count as known."""
    if counts.main_provider != ALL:
        return
    for indicator in shares:
        inner = counts.inner.assign(
            total=counts.inner["contributors"] * counts.inner[f"{indicator.name}__denominator"],
            count=counts.inner["contributors"] * counts.inner[f"{indicator.name}__numerator"],
        )
        sums = inner.groupby(["period", indicator.perspective])[["total", "count"]].sum()
        for (period, code), total, count in sums.itertuples(name=None):
            if code in region.codes and total > 0 and not 1 <= count <= 4:
                yield _official_row(str(period), indicator.name, region.member(code).name, float(total), float(count))


def _official_row(period: str, indicator: str, area: str, total: float, count: float) -> KnownSum:
    part: Part = "numerator"
    low, high = _bounds(round(100 * count / total, 1), total, total)
    if 1 <= total - count <= 4:
        part, low, high = "remainder", 1.0, 4.0
    return KnownSum(period=period, indicator=indicator, area=area, sex=ALL, part=part, low=low, high=high)


def bounded_rows(inner: Inner, known: Sequence[KnownSum]) -> tuple[list[Bound], int]:
    """The bounds as rows over the inner cells, widened where own counts contradict them; also how many do."""
    rows, contradictions = [], 0
    for stated in known:
        for outcome, group in _about(inner, stated):
            row, low, high = bounded(inner, _row(outcome, group.inner, stated.part), stated)
            contradictions += (low, high) != (stated.low, stated.high)
            rows.append((row, low, high))
    return rows, contradictions


def bounded(inner: Inner, inside: Flags, stated: KnownSum) -> Bound:
    """The bounds as a row over these inner cells, widened where own counts contradict them."""
    columns = np.flatnonzero(inside)
    row = sp.csr_array((np.ones(len(columns)), columns, [0, len(columns)]), shape=(1, len(inside)))
    truth = float(inner.contributors[columns].sum())
    return row, min(stated.low, truth), max(stated.high, truth)


def bounded_schools(inner: Inner, units: NDArray[np.object_], known: Sequence[KnownSum]) -> list[Bound]:
    """The bounds of single schools as rows over inner cells that know their school (`units`, one per cell)."""
    found = [each for each in known if each.school and each.sex == ALL]
    inside = {unit: units == unit for unit in {each.school for each in found} & set(units)}
    return [
        bounded(inner, _row(outcome, inside[each.school], each.part), each)
        for each in found
        for outcome in inner.outcomes
        if outcome.indicator.name == each.indicator and each.school in inside
    ]


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
    place = place and not stated.school
    own = (group.area, group.sex, group.provider, group.stage, group.model)
    return place and own == (stated.area, stated.sex, stated.provider, stated.stage, stated.model)


def _row(outcome: Outcome, inside: Flags, part: str) -> Flags:
    chosen = {
        "denominator": outcome.denominator,
        "numerator": outcome.numerator,
        "remainder": outcome.denominator & ~outcome.numerator,
    }[part]
    return inside & chosen
