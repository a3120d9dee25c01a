"""Collects what the checks find, keyed by check and column: first five rows and a total, never a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from metrics.declare import Rule, Severity
from metrics.intake.checks import CHECKS
from metrics.intake.findings import FIRST_ROWS, Finding

_ORDER = {"error": 0, "warning": 1, "info": 2}


@dataclass(kw_only=True)
class _Hit:
    severity: Severity
    sentence: str
    advice: str
    rows: list[int] = field(default_factory=list)
    total: int = 0


class Notes:
    """The findings of one file while it is read."""

    def __init__(self) -> None:
        self._hits: dict[tuple[str, str, str], _Hit] = {}

    def add(
        self, code: str, *, column: str = "", rows: Iterable[int] = (), total: int | None = None, **words: object
    ) -> None:
        """Note a declared check's hit; `words` fill its sentence and advice."""
        check = CHECKS[code]
        sentence, advice = check.sentence.format(**words), check.advice.format(**words)
        self._add(code, column, check.severity, sentence, advice, rows, total)

    def add_rule(self, rule: Rule, *, column: str, rows: Iterable[int], total: int) -> None:
        """Note an extract's own rule."""
        self._add(rule.code, column, rule.severity, rule.sentence, rule.advice, rows, total)

    def _add(
        self,
        code: str,
        column: str,
        severity: Severity,
        sentence: str,
        advice: str,
        rows: Iterable[int],
        total: int | None,
    ) -> None:
        hit = self._hits.setdefault((code, column, sentence), _Hit(severity=severity, sentence=sentence, advice=advice))
        found = list(rows)
        hit.total += len(found) if total is None else total
        hit.rows = sorted({*hit.rows, *found})[:FIRST_ROWS]

    @property
    def refused(self) -> bool:
        return any(hit.severity == "error" for hit in self._hits.values())

    @property
    def has_rows(self) -> bool:
        """True when something noted points at rows."""
        return any(hit.rows for hit in self._hits.values())

    @property
    def wrong_columns(self) -> frozenset[str]:
        """The columns with an error in some cell: they are not empty, whatever could be kept of them."""
        return frozenset(
            column for (_, column, _), hit in self._hits.items() if hit.severity == "error" and hit.rows and column
        )

    def copy(self) -> Notes:
        """The same notes, kept apart from what is found from now on."""
        twin = Notes()
        twin._hits = {key: replace(hit, rows=list(hit.rows)) for key, hit in self._hits.items()}
        return twin

    def findings(self) -> tuple[Finding, ...]:
        """All findings, errors first, then in the order they were found."""
        ordered = sorted(self._hits.items(), key=lambda item: _ORDER[item[1].severity])
        return tuple(
            Finding(
                code=code,
                severity=hit.severity,
                sentence=hit.sentence,
                advice=hit.advice,
                column=column,
                rows=tuple(hit.rows),
                total=hit.total,
            )
            for (code, column, _), hit in ordered
        )
