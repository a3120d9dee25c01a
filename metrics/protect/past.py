"""What earlier tables of a period add to its joint problem: someone kept them, so they are known, and still protected.

A new table is one more set of sums over the same pupils. What earlier tables showed is known; what they protected stays
protected; and a cell that fewer than k pupils came to or left must not show by how much it changed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import scipy.sparse as sp

from metrics.layout import Layout
from metrics.protect.generations import EarlierTable, Woven, live
from metrics.protect.groups import Group, Place, groups_of
from metrics.protect.known import Bound, bounded_rows
from metrics.protect.problem import Flags, Floats, Inner, Outcome, Rows, inner_of, only_primary, rows_of, with_limits
from metrics.protect.tables import Known
from metrics.protect.thresholds import Thresholds
from metrics.values import Status
from metrics.vocabulary import ALL, Region

Key = tuple[str, ...]
Groups = Mapping[str, Sequence[Group]]
SELDOM = 50.0
"""A hidden row says that its denominator is at least 1: worth telling where it is at most this."""


@dataclass(frozen=True, kw_only=True)
class Past:
    """Known bounds and protected rows of earlier tables, and the changes that few pupils make.

    `changes`: rows of 1 and -1 over the inner cells, each to be kept open by `limits`; `held`: a total that was shown
    changes so little that the new table would have to hide it.
    """

    known: Known
    rows: tuple[Rows, ...]
    changes: sp.csr_array
    limits: Floats
    held: bool


def nothing_earlier(width: int) -> Past:
    """Of a period that was never published; `width`: inner cells."""
    return Past(known=[], rows=(), changes=sp.csr_array((0, width), dtype=float), limits=np.zeros(0), held=False)


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the tables of a period are about."""

    woven: Woven
    rows: pd.DataFrame
    """The unfolded inner cells, with outcomes."""
    inner: Inner
    """The same as arrays, without groups."""
    region: Region
    thresholds: Thresholds
    main_provider: str

    def groups(
        self, rows: pd.DataFrame, table: int, layout: Layout, places: Mapping[str, Place], *, every: bool = False
    ) -> dict[str, list[Group]]:
        """By perspective: the groups of a table among rows with parts; among those of all tables if `every`."""
        inside = np.ones(len(rows), bool) if every else self.woven.inside(rows, table)
        then = self.woven.as_then(rows[inside].reset_index(drop=True), table)
        found = {name: groups_of(then, layout, place) for name, place in places.items()}
        return {name: [replace(each, inner=_spread(each.inner, inside)) for each in found[name]] for name in found}


def _spread(mask: Flags, inside: Flags) -> Flags:
    whole = np.zeros(len(inside), bool)
    whole[inside] = mask
    return whole


def key_of(group: Group) -> Key:
    """What a row of the long table says of a group."""
    return (group.area_type, group.area, group.provider, group.stage, group.model, group.sex, group.background)


def past_of(
    setting: Setting,
    earlier: Sequence[EarlierTable],
    layout: Layout,
    places: Mapping[str, Place],
    passed: Collection[Key] = (),
) -> Past:
    """Everything the earlier tables say; `layout` and `places` are the new table's.

    passed: new rows (indicator and key) whose changes are known to single nobody out.
    """
    known: list[Bound | tuple[sp.csr_array, Floats, Floats]] = []
    rows: list[Rows] = []
    changes: list[tuple[sp.csr_array, float, Rows]] = []
    held = False
    for number, table in enumerate(earlier):
        before = _places(table, setting.region, tuple(places))
        inner = _inner_then(setting, number, table, before)
        known += [*_shown_then(inner, table), *bounded_rows(inner, table.told)[0]]
        rows += _protected_then(inner, table)
        found = list(_few_changes(setting, number, layout, places, live(table.inner)))
        statuses = _statuses(table)
        for outcome, group, signed, kept, limit in found:
            if _named(outcome, group) in passed:
                continue
            total = is_total(group.area_type, group.model, group.sex, group.background)
            main = total and group.provider == setting.main_provider
            held |= main and statuses.get(_named(outcome, group)) == Status.SHOWN
            changes.append((signed, limit, kept))
    signed = [each for each, _, _ in changes]
    empty = sp.csr_array((0, len(setting.inner.contributors)), dtype=float)
    return Past(
        known=known,
        rows=(*rows, *(kept for _, _, kept in changes)),
        changes=sp.csr_array(sp.vstack([empty, *signed])),
        limits=np.array([limit for _, limit, _ in changes]),
        held=held,
    )


def _places(table: EarlierTable, region: Region, perspectives: Sequence[str]) -> dict[str, Place]:
    missing = set(zip(table.missing["municipality"], table.missing["provider"], strict=True))
    return {
        name: Place(region=region, column=name, main_provider=table.main_provider, missing=missing)
        for name in perspectives
    }


def _inner_then(setting: Setting, number: int, table: EarlierTable, places: Mapping[str, Place]) -> Inner:
    """The inner cells grouped as an earlier table was, with the limits of its groups."""
    groups = setting.groups(setting.rows, number, table.layout, places)
    frame = setting.woven.frame
    plain = setting.groups(frame, number, table.layout, places)
    kept = [each for each in setting.inner.outcomes if each.indicator.name in live(table.inner)]
    counted = inner_of(frame, [each.indicator for each in kept], plain)
    counted = with_limits(counted, frame, setting.thresholds)
    of = {each.indicator.name: each.indicator.perspective for each in kept}
    at = {name: {key_of(group): number for number, group in enumerate(plain[name])} for name in plain}
    order = {name: [at[name][key_of(group)] for group in groups[name]] for name in plain}
    return Inner(
        contributors=setting.inner.contributors,
        outcomes=tuple(kept),
        groups=_fixed(groups),
        limits={name: counted.limits[name][order[of[name]]] for name in of},
        untold={name: counted.untold[name][order[name]] for name in plain},
    )


def _fixed(groups: Groups) -> dict[str, tuple[Group, ...]]:
    return {name: tuple(found) for name, found in groups.items()}


def _statuses(table: EarlierTable) -> dict[Key, str]:
    names = ["indicator", "area_type", "area", "provider", "stage", "model", "sex", "background", "status"]
    return {row[:-1]: row[-1] for row in table.rows[names].itertuples(index=False, name=None)}


def _named(outcome: Outcome, group: Group) -> Key:
    return (outcome.indicator.name, *key_of(group))


def _shown_then(inner: Inner, table: EarlierTable) -> Iterator[tuple[sp.csr_array, Floats, Floats]]:
    """Shown counts as they are, hidden denominators as at least 1, and groups without a row as nobody."""
    statuses = _statuses(table)
    for outcome in inner.outcomes:
        exact, some, none = [], [], []
        for group in inner.groups[outcome.indicator.perspective]:
            inside = group.inner & outcome.denominator
            status, total = statuses.get(_named(outcome, group)), inside @ inner.contributors
            if total == 0:
                none.append(inside)
            elif status == Status.SHOWN:
                exact += [inside] if outcome.magnitude else [inside, group.inner & outcome.numerator]
            elif status is not None and total <= SELDOM:
                some.append(inside)
        for masks, bounds in ((exact, None), (some, (1.0, np.inf)), (none, (0.0, 0.0))):
            if masks:
                matrix = sp.csr_array(np.array(masks, dtype=float))
                truth = matrix @ inner.contributors
                low, high = (truth, truth) if bounds is None else (np.full(len(truth), end) for end in bounds)
                yield matrix, low, high


def _protected_then(inner: Inner, table: EarlierTable) -> list[Rows]:
    """What the earlier table protected, whether or not the new one has such a row."""
    return [only_primary(rows) for outcome in inner.outcomes for rows in rows_of(inner, outcome, 0)]


def _few_changes(
    setting: Setting, number: int, layout: Layout, places: Mapping[str, Place], indicators: set[str]
) -> Iterator[tuple[Outcome, Group, sp.csr_array, Rows, float]]:
    """Cells that some pupils, but fewer than k, came to or left since an earlier table: change, new cell and k.

    k is that of a single school unless those who came or left are certainly of several: inner rows say between which
    schools' codes their pupils are, not whose those few were.
    """
    frame, newest = setting.woven.frame, max(part.last for part in setting.woven.parts)
    wide = _sides(setting, setting.rows, number, newest, layout, places)
    plain = _sides(setting, frame, number, newest, layout, places)
    same = inner_of(frame, [each.indicator for each in setting.inner.outcomes], {}).outcomes
    counts = frame["contributors"].to_numpy(dtype=float)
    schools = frame["school_first"].to_numpy(), frame["school_last"].to_numpy()
    for outcome, simple in zip(setting.inner.outcomes, same, strict=True):
        if outcome.indicator.name not in indicators:
            continue
        for key, (now, then, _) in plain[outcome.indicator.perspective].items():
            for part, simple_part in zip(protected_classes(outcome), protected_classes(simple), strict=True):
                changed = (now ^ then) & simple_part
                moved = float(changed @ counts)
                if not 0 < moved < setting.thresholds.school_pupils:
                    continue
                some = changed & (counts > 0)
                one = max(schools[0][some]) <= min(schools[1][some])
                limit = float(setting.thresholds.school_pupils if one else setting.thresholds.pupils)
                if moved < limit:
                    after, before, group = wide[outcome.indicator.perspective][key]
                    signed = (after & part).astype(float) - (before & part).astype(float)
                    cell = sp.csr_array((after & part).astype(float)[None, :])
                    yield outcome, group, sp.csr_array(signed[None, :]), protected_by(cell, limit), limit


Side = tuple[Flags, Flags, Group]


def _sides(
    setting: Setting, rows: pd.DataFrame, number: int, newest: int, layout: Layout, places: Mapping[str, Place]
) -> dict[str, dict[Key, Side]]:
    """By perspective and key: who is in the group in the newest and in the earlier table."""
    now = setting.groups(rows, newest, layout, places, every=True)
    then = setting.groups(rows, number, layout, places, every=True)
    inside = setting.woven.inside(rows, newest), setting.woven.inside(rows, number)
    nobody = np.zeros(len(rows), bool)
    found: dict[str, dict[Key, Side]] = {name: {} for name in now}
    for name in now:
        for group in then[name]:
            found[name][key_of(group)] = (nobody, group.inner & inside[1], group)
        for group in now[name]:
            before = found[name].get(key_of(group), (nobody, nobody, group))[1]
            found[name][key_of(group)] = (group.inner & inside[0], before, group)
    return found


def protected_classes(outcome: Outcome) -> tuple[Flags, ...]:
    """Those whose change singles someone out: the total, and the sensitive classes of a count."""
    if outcome.magnitude:
        return (outcome.denominator,)
    sensitive = outcome.indicator.sensitive
    count = (outcome.numerator,) if sensitive in ("outcome", "both") else ()
    rest = (outcome.denominator & ~outcome.numerator,) if sensitive in ("remainder", "both") else ()
    return (outcome.denominator, *count, *rest)


def protected_by(matrix: sp.csr_array, limit: float) -> Rows:
    """Sums that are never shown and must stay open by a limit."""
    one = np.ones(matrix.shape[0])
    return Rows(
        matrix=matrix,
        record=np.zeros(len(one), dtype=np.int64),
        total=np.zeros(len(one), bool),
        visible=np.zeros(len(one), bool),
        primary=np.ones(len(one), bool),
        protection=limit * one,
        weight=one / 1000,
    )


def is_total(area_type: str, model: str, sex: str, background: str) -> bool:
    """A member's or the region's total, by stage at the most: the last thing to hide."""
    return area_type in ("municipality", "region") and (model, sex, background) == (ALL, ALL, ALL)
