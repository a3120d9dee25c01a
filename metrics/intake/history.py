"""Checks of a delivery against the sender's own earlier ones: keys that no longer link, schools and rows that are gone.

Pure functions: what was delivered before comes in as numbers, and only the sender's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from metrics.intake.checks.history import HISTORY_CHECKS
from metrics.intake.findings import Finding, Findings

LEAST_LINKED = 0.2
ENOUGH_EXPECTED = 30
LARGE_CHANGE = 0.3
ENOUGH_ROWS = 20


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A delivery beside the sender's earlier ones of the same kind and source system.

    `rows`, `rows_before`: rows per school unit, now and in the period before (or the same one, delivered earlier).
    `expected`: pupils of earlier deliveries who could stand in this one too (who were in the grade below, say);
    `linked`: how many of them do. `counting_rule_changed`: the source system counts in another way than last time.
    """

    rows: Mapping[str, int] = field(default_factory=dict)
    rows_before: Mapping[str, int] = field(default_factory=dict)
    expected: int = 0
    linked: int = 0
    counting_rule_changed: bool = False


def compare(compared: Compared) -> tuple[Finding, ...]:
    """What the comparison gives cause to ask about; every finding is a warning that a written reason answers."""
    return tuple(_findings(compared))


def with_history(findings: Findings, compared: Compared) -> Findings:
    """The findings with those of the comparison added before the notes."""
    added = compare(compared)
    notes = findings.of("info")
    return replace(findings, items=(*findings.of("error"), *findings.of("warning"), *added, *notes))


def _findings(compared: Compared) -> Iterator[Finding]:
    if compared.expected >= ENOUGH_EXPECTED and compared.linked < LEAST_LINKED * compared.expected:
        yield _finding("key_changed", 0)
    gone = [unit for unit, rows in compared.rows_before.items() if rows and not compared.rows.get(unit)]
    if gone:
        yield _finding("units_missing", len(gone))
    fewer = [unit for unit in compared.rows if _changed(compared, unit, compared.rows[unit])]
    if fewer:
        yield _finding("unit_size_changed", len(fewer))
    before, now = sum(compared.rows_before.values()), sum(compared.rows.values())
    if before >= ENOUGH_ROWS and abs(now - before) > LARGE_CHANGE * before:
        yield _finding("size_changed", 0)
    if compared.counting_rule_changed:
        yield _finding("counting_rule_changed", 0)


def _changed(compared: Compared, unit: str, rows: int) -> bool:
    before = compared.rows_before.get(unit, 0)
    return before >= ENOUGH_ROWS and rows > 0 and abs(rows - before) > LARGE_CHANGE * before


def _finding(code: str, total: int) -> Finding:
    check = HISTORY_CHECKS[code]
    return Finding(
        code=code, severity="warning", sentence=check.sentence.format(count=total), advice=check.advice, total=total
    )
