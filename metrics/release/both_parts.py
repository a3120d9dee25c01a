"""A family through the gate: the open part and the school part of it, beside everything that earlier releases told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from metrics.layout import Layout
from metrics.protect.beside import about
from metrics.protect.counties import MOST_TOGETHER, protect_by_county
from metrics.protect.gate import protect
from metrics.protect.generations import History
from metrics.protect.known import KnownSum
from metrics.release import records, schools
from metrics.release.elsewhere import told_by
from metrics.values import Counts, Published

SUMMED = ("cells", "protected", "hidden", "contradictions")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What may be told of a family. `counted`: the counts behind it; `held`: periods that stand though they changed.

    `report`: the gate's of the open part; `family`: the desk's record of it.
    """

    published: Published
    report: Mapping[str, Any]
    schools: schools.SchoolPart
    counted: Counts
    family: records.Family
    held: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Before:
    """What earlier releases told of a family.

    `settled`: changed periods that stand all the same, for their schools or since they divide values that stand.
    """

    declared: str
    history: History
    family: records.Family
    settled: frozenset[str]

    def changed(self, counts: Counts) -> set[str]:
        """The periods that are solved now."""
        return set(counts.periods) - self.history.stands


def told_before(
    source: schools.Source, counts: Counts, layout: Layout, waiting: frozenset[str] = frozenset()
) -> Before:
    """What the desk has kept of the family of these counts; waiting: periods that are not told anew (protect.splits)."""
    family = source.catalogue.family(counts.population)
    declared = records.declaration(family, layout, source.thresholds, told_by(source.catalogue))
    history, kept = records.history(source.records, counts, declared)
    settled = schools.settled(source.records, counts.population, history)
    settled |= (waiting & set(history.tables)) - history.stands
    stands = replace(history, stands=history.stands | settled)
    return Before(declared=declared, history=stands, family=kept, settled=settled)


def both_parts(
    source: schools.Source,
    counts: Counts,
    layout: Layout,
    before: Before,
    *,
    known: Sequence[KnownSum],
    beside: Sequence[KnownSum] = (),
) -> Parts:
    """Both parts of a family. `known`: what an outsider has anyway; `beside`: what would be told of no cells.

    A period whose schools cannot be told anew is not told anew in the open part either. DisclosureError when the audit
    finds a value that would not be protected.
    """
    history, settled = before.history, before.settled
    large = len(source.region.members) > MOST_TOGETHER
    asked = partial(
        protect_by_county if large else partial(protect, beside=beside),
        counts,
        layout,
        indicators=source.catalogue.family(counts.population),
        region=source.region,
        thresholds=source.thresholds,
        known=known,
        workers=source.workers,
    )
    published, report = asked(history=history)
    part = schools.school_part(
        source, counts, layout, history=history, report=report, known=[*known, *beside], settled=settled
    )
    if part.waiting:
        report = _without(report, part.waiting)
        told = records.with_solved(before.family, counts, layout, before.declared, report["solved"])
        published, _ = asked(history=History(tables=told.tables, stands=frozenset(told.tables)))
    tellable = set(report["beside"])
    told_beside = [each for each in beside if about(each) in tellable]
    return Parts(
        published=published,
        report=report,
        schools=part,
        counted=history.counts(counts, set(report["solved"])),
        family=records.with_solved(before.family, counts, layout, before.declared, report["solved"], told_beside),
        held=tuple(f"{counts.population} {period}" for period in sorted({*report["held"], *settled})),
    )


def _without(report: Mapping[str, Any], waiting: frozenset[str]) -> dict[str, Any]:
    """The gate's report as if these periods had been held."""
    periods = [each for each in report["periods"] if each["period"] not in waiting]
    return {
        **report,
        **{name: sum(each[name] for each in periods) for name in SUMMED},
        "periods": periods,
        "beside": [each for each in report["beside"] if each[0] not in waiting],
        "solved": {period: rows for period, rows in report["solved"].items() if period not in waiting},
        "held": sorted({*report["held"], *waiting}),
    }
