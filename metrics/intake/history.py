"""Checks of a delivery against the sender's own earlier ones: keys that no longer link, schools and rows that are gone.

Pure functions: what was delivered before comes in as numbers, and only the sender's own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from metrics.intake.across import Crossing
from metrics.intake.checks.across import ACROSS_CHECKS, ELSEWHERE
from metrics.intake.checks.history import HISTORY_CHECKS
from metrics.intake.findings import Finding, Findings

LEAST_LINKED = 0.2
ENOUGH_EXPECTED = 30
LARGE_CHANGE = 0.3
ENOUGH_ROWS = 20
MOST_LISTED = 8


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A delivery beside the sender's earlier ones of the same kind and source system.

    `rows`, `rows_before`: rows per school unit, now and in the period before (or the same one, delivered earlier).
    `expected`: pupils of earlier deliveries who could stand in this one too (who were in the grade below, say);
    `linked`: how many of them do. `other_key`: the file tells another key than the last one. `counting_rule_changed`: the source system counts in another way than last time.
    `strange_units`: units that the register does not have in the sender's municipality that year, with their rows.
    `delivered_elsewhere`, `delivered_by_others`: pupils that already stand for the same school year with the sender
    itself or with other organisations (then a multiple of five). `official`: pupils in the official series of the
    newest period, and `own` those of the file. `crossings`: what checks between deliveries found.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    rows_before: Mapping[str, int] = field(default_factory=dict)
    expected: int = 0
    linked: int = 0
    other_key: bool = False
    counting_rule_changed: bool = False
    strange_units: tuple[str, ...] = ()
    strange_rows: tuple[int, ...] = ()
    strange_total: int = 0
    delivered_elsewhere: int = 0
    delivered_by_others: int = 0
    own: int = 0
    official: int = 0
    crossings: tuple[Crossing, ...] = ()


def compare(compared: Compared) -> tuple[Finding, ...]:
    """What the comparison gives cause to ask about; every finding is a warning that a written reason answers."""
    return tuple(_findings(compared))


def with_history(findings: Findings, compared: Compared) -> Findings:
    """The findings with those of the comparison added before the notes."""
    added = compare(compared)
    notes = findings.of("info")
    return replace(findings, items=(*findings.of("error"), *findings.of("warning"), *added, *notes))


def _findings(compared: Compared) -> Iterator[Finding]:
    if compared.other_key:
        yield _finding("other_key", 0)
    elif compared.expected >= ENOUGH_EXPECTED and compared.linked < LEAST_LINKED * compared.expected:
        yield _finding("key_changed", 0)
    gone = [unit for unit, rows in compared.rows_before.items() if rows and not compared.rows.get(unit)]
    if gone:
        yield _finding("units_missing", len(gone))
    fewer = [unit for unit in compared.rows if _changed(compared, unit, compared.rows[unit])]
    if fewer:
        yield _finding("unit_size_changed", len(fewer))
    before, now = sum(compared.rows_before.values()), sum(compared.rows.values())
    if _differs(now, before):
        yield _finding("size_changed", 0)
    if compared.counting_rule_changed:
        yield _finding("counting_rule_changed", 0)
    yield from _about_others(compared)


def _about_others(compared: Compared) -> Iterator[Finding]:
    """Comparisons with the register of schools, official figures and other standing deliveries."""
    if compared.strange_units:
        listed = ", ".join(compared.strange_units[:MOST_LISTED])
        more = len(compared.strange_units) - MOST_LISTED
        named = listed + (f" och {more} till" if more > 0 else "")
        found = _finding("unit_not_there", compared.strange_total, units=named)
        yield replace(found, rows=compared.strange_rows)
    if compared.delivered_elsewhere:
        yield _finding("pupil_delivered_before", compared.delivered_elsewhere)
    if compared.delivered_by_others:
        yield _finding("pupil_with_another", compared.delivered_by_others)
    if _differs(compared.own, compared.official):
        yield _finding("official_size", 0)
    for crossing in compared.crossings:
        yield from _crossed(crossing)


def _crossed(crossing: Crossing) -> Iterator[Finding]:
    """One finding with rows for what the sender's own deliveries show, and one with a count for what others' show."""
    check = ACROSS_CHECKS[crossing.code]
    if crossing.total:
        yield Finding(
            code=check.code,
            severity="warning",
            sentence=check.sentence,
            advice=check.advice,
            rows=crossing.rows,
            total=crossing.total,
        )
    if crossing.others:
        yield Finding(
            code=f"{check.code}{ELSEWHERE}",
            severity="warning",
            sentence=check.elsewhere.format(count=crossing.others),
            advice=check.advice,
            total=crossing.others,
        )


def _changed(compared: Compared, unit: str, rows: int) -> bool:
    # Among many schools one in a hundred differs by 2.5 standard deviations in every ordinary year.
    return rows > 0 and _differs(rows, compared.rows_before.get(unit, 0), deviations=4.0)


def _differs(now: int, before: int, *, deviations: float = 2.5) -> bool:
    """More than 30 percent, and more than two numbers of this size differ by chance."""
    chance = deviations * math.sqrt(now + before)
    return before >= ENOUGH_ROWS and abs(now - before) > max(LARGE_CHANGE * before, chance)


def _finding(code: str, total: int, **words: str) -> Finding:
    check = HISTORY_CHECKS[code]
    sentence = check.sentence.format(count=total, **words)
    return Finding(code=code, severity="warning", sentence=sentence, advice=check.advice, total=total)
