"""What is said about a delivered file: findings in Swedish, what was recognised, and the staged rows.

A finding says what is wrong, where and what to do. It never holds a cell's value.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from metrics.declare import Extract, Severity
from metrics.engine import Connection

SEVERITY_TEXT: Mapping[str, str] = {"error": "Fel", "warning": "Varning", "info": "Upplysning"}
"""An error refuses the file, a warning needs a written reason, a note only informs."""

FIRST_ROWS = 5


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing to know about the file: `rows` are its first five row numbers, `total` how many there are in all."""

    code: str
    severity: Severity
    sentence: str
    advice: str
    column: str = ""
    rows: tuple[int, ...] = ()
    total: int = 0

    @property
    def where(self) -> str:
        """The place in words: "kolumnen Läsår, rad 3, 7 och 9 (12 rader)"; empty when it is the whole file."""
        parts = [f"kolumnen {self.column}"] if self.column else []
        if self.rows:
            listed = [str(row) for row in self.rows]
            named = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} och {listed[-1]}"
            parts.append(f"rad {named}" + (f" ({self.total} rader)" if self.total > len(listed) else ""))
        return ", ".join(parts)


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """What the file was taken for; every part is shown to the sender and can be corrected."""

    extract: str | None = None
    encoding: str = ""
    delimiter: str = ""
    header_row: int | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    unknown_headings: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    row_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything found, errors first. `refused`: nothing may be stored."""

    items: tuple[Finding, ...] = ()
    recognised: Recognised = field(default_factory=Recognised)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    @property
    def refused(self) -> bool:
        return any(finding.severity == "error" for finding in self.items)

    @property
    def errors(self) -> tuple[Finding, ...]:
        return self.of("error")

    @property
    def acknowledgeable(self) -> tuple[Finding, ...]:
        """The warnings: each needs a written reason before the file can be handed in."""
        return self.of("warning")

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(finding.code for finding in self.items)

    def of(self, severity: Severity) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.items if finding.severity == severity)

    def to_csv(self) -> str:
        """The findings as a Swedish CSV text (semicolons), for download beside the file."""
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
        writer.writerow(("Allvar", "Kod", "Vad", "Kolumn", "Rader (de första)", "Antal rader", "Gör så här"))
        for each in self.items:
            rows = " ".join(str(row) for row in each.rows)
            cells = (SEVERITY_TEXT[each.severity], each.code, each.sentence, each.column, rows)
            writer.writerow([harmless(cell) for cell in (*cells, str(each.total or ""), each.advice)])
        return text.getvalue()


def harmless(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell


@dataclass(frozen=True, kw_only=True)
class Source:
    """The delivered file itself: what is kept about it with the batch."""

    file_name: str
    sha256: str
    size: int
    encoding: str = ""
    delimiter: str = ""


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What the file says it covers: period labels, unit codes, tables and providers, the system it came from, and the id of
    the key that its pseudonyms were made with."""

    periods: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    source_system: str = ""
    key_id: str = ""
    tables: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Staged:
    """A screened file, ready for the vault: `connection` holds the table `staged`, empty when the file is refused.

    `staged` has `row_number` BIGINT and every column of the extract in the type engine.SQL_TYPES gives its kind;
    columns that were not delivered are NULL. Without a recognised extract there is no table and `extract` is None.
    """

    extract: Extract | None
    connection: Connection
    source: Source
    findings: Findings
    coverage: Coverage
    row_count: int
