"""Numbers of the same pupils that two families tell, also where one of them changes while the other stands.

A state of one family is told by another (`elsewhere` in the declaration): year-9 leavers who have moved are those who moved
out of the activity responsibility the year after. The family that tells it takes the number as known to everybody, so
nothing it protects ever rests on it. The other takes what is shown (known.told_elsewhere). Where its table of a period
stands and the number comes, or changes, in a later release, the standing table is audited against it: what was told
cannot be taken back, so a number that would narrow it is not told.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from metrics.declare import Indicator
from metrics.protect.auditing import intervals
from metrics.protect.gate import TOLERANCE, absent_groups, at_least_one, joint_problem, narrow_changes
from metrics.protect.generations import EarlierTable, live
from metrics.protect.known import KnownSum, bounded_rows, outcomes
from metrics.protect.past import key_of
from metrics.protect.problem import Flags, Floats, Problem, with_rows
from metrics.protect.tables import Known, tables
from metrics.protect.thresholds import Thresholds
from metrics.values import NUMBER_COLUMNS, Counts, Published, Status
from metrics.vocabulary import ALL, SEXES, Region


def known_elsewhere(
    counts: Counts, indicators: Sequence[Indicator], told_by: Collection[str], *, region: Region
) -> list[KnownSum]:
    """What others tell of outcomes of this family (`told_by`: names of its indicators): how many have them, exactly."""
    return [known for each in indicators if each.name in told_by for known in _exactly(counts, each, region)]


def _exactly(counts: Counts, indicator: Indicator, region: Region) -> Iterator[KnownSum]:
    if f"{indicator.name}__denominator" not in counts.inner.columns:
        return
    found, areas = (
        outcomes(counts, indicator, region),
        {"": region.name} | {each.name: each.name for each in region.members},
    )
    for period in counts.periods:
        for area, name in areas.items():
            for sex in (ALL, *SEXES):
                number = found.get((period, area, sex), 0.0)
                about = {"period": period, "indicator": indicator.name, "area": name, "sex": sex}
                yield KnownSum(**about, provider=counts.main_provider, part="numerator", low=number, high=number)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The tables of a period that were published, the newest last, and what an outsider had when they were."""

    population: str
    period_kind: str
    period: str
    tables: Sequence[EarlierTable]
    known: Sequence[KnownSum]

    @property
    def counts(self) -> Counts:
        """What the newest table was made of."""
        last = self.tables[-1]
        return Counts(
            population=self.population,
            period_kind=self.period_kind,
            inner=last.inner,
            missing=last.missing,
            main_provider=last.main_provider,
        )


def narrows(
    standing: Standing,
    told: Sequence[KnownSum],
    indicators: Sequence[Indicator],
    *,
    region: Region,
    thresholds: Thresholds,
) -> bool:
    """Whether someone with every table of a period, who now gets these numbers too, could narrow what they protect."""
    last, earlier = standing.tables[-1], standing.tables[:-1]
    present = [each for each in indicators if each.name in live(last.inner)]
    problem, _, past = joint_problem(
        standing.counts, standing.period, last.layout, present, region, thresholds, earlier
    )
    problem = with_rows(problem, past.rows)
    hidden = _hidden_then(problem, last)
    before = [*bounded_rows(problem.joint, standing.known)[0], *past.known]
    after = [*before, *bounded_rows(problem.joint, told)[0]]
    if narrow_changes(problem, hidden, after, past) > narrow_changes(problem, hidden, before, past):
        return True
    return _narrowed(problem, hidden, before, after)


def _narrowed(problem: Problem, hidden: Flags, before: Known, after: Known) -> bool:
    """Whether any protected count is narrower than it must be, and than it was before."""
    rows = problem.rows
    behind = ~(rows.visible & ~hidden[rows.record])
    anyway = [*absent_groups(problem), *at_least_one(problem, np.inf)]

    def widths(stated: Known, targets: NDArray[np.int64]) -> Floats:
        joint = tables(rows.matrix, problem.joint.contributors, [*stated, *anyway], problem.links)
        found = intervals(joint, behind, targets, rows.protection[targets])
        return np.asarray(found[:, 1] - found[:, 0])

    targets = np.flatnonzero(rows.primary)
    now = widths(after, targets)
    few = now < rows.protection[targets] - TOLERANCE
    targets, now = targets[few], now[few]
    return bool(
        len(targets) and (now < np.minimum(rows.protection[targets], widths(before, targets)) - TOLERANCE).any()
    )


def _hidden_then(problem: Problem, table: EarlierTable) -> Flags:
    """The records that a table did not show."""
    names = ["indicator", "area_type", "area", "provider", "stage", "model", "sex", "background"]
    shown = set(table.rows.loc[table.rows["status"] == Status.SHOWN, names].itertuples(index=False, name=None))
    records = problem.records[["indicator", "perspective", "group"]].itertuples(index=False, name=None)
    told = [(name, *key_of(problem.joint.groups[place][number])) in shown for name, place, number in records]
    return ~np.array(told, bool)


def without(published: Published, indicator: str, school_year: str) -> Published:
    """The values without what an indicator tells of a school year, nor of several years with that one in them."""
    rows, spring = published.values, int(school_year[:4]) + 1
    starts, ends = (pd.to_numeric(rows[name].str[:4]) for name in ("period_from", "period_to"))
    chosen = (rows["indicator"] == indicator) & (starts < spring) & (ends >= spring)
    return Published(values=_hide(rows, chosen.to_numpy()))


def hidden_in(table: EarlierTable, indicator: str) -> EarlierTable:
    """A table as it is where an indicator of it is not told after all."""
    return replace(table, rows=_hide(table.rows, (table.rows["indicator"] == indicator).to_numpy()))


def _hide(rows: pd.DataFrame, chosen: Flags) -> pd.DataFrame:
    chosen = chosen & (rows["status"] == Status.SHOWN).to_numpy()
    made = rows.copy()
    made.loc[chosen, list(NUMBER_COLUMNS)] = np.nan
    made.loc[chosen, "mark"] = ""
    made.loc[chosen, "status"] = str(Status.HIDDEN)
    return made
