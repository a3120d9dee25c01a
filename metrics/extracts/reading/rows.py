"""Collects the long rows of an official reading, one per printed figure, with the problems met on the way."""

from __future__ import annotations

from dataclasses import dataclass, field

from metrics.declare import Problem, Reading
from metrics.extracts.reading.words import Printed, bounds

TEXT_COLUMNS = (
    "table_title",
    "municipality",
    "municipality_name",
    "school_unit",
    "provider",
    "sex",
    "school_year",
    "measure",
    "breakdown",
)
COLUMNS = (*TEXT_COLUMNS, "value", "status", "mark", "low", "high", "pupils")


@dataclass(kw_only=True)
class Rows:
    """Rows under construction."""

    columns: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in COLUMNS})
    numbers: list[int] = field(default_factory=list)
    problems: dict[str, list[int]] = field(default_factory=dict)
    header_row: int = 0
    skipped: int = 0

    def saw_title(self, title: str) -> None:
        """Note a table without a title; its rows cannot be told from another table's."""
        if not title:
            self.problem("official_no_title", self.header_row)

    def problem(self, code: str, row: int) -> None:
        self.problems.setdefault(code, []).append(row)

    def add(self, number: int, said: Printed, pupils: int | None, **texts: str) -> None:
        """One printed figure; `texts` are cells of TEXT_COLUMNS, those not given are empty."""
        low, high = bounds(pupils) if said.nearly_all else ("", "")
        figures = {
            "value": said.value,
            "status": str(said.status),
            "mark": said.mark,
            "low": low,
            "high": high,
            "pupils": "" if pupils is None else str(pupils),
        }
        for name in TEXT_COLUMNS:
            self.columns[name].append(texts.get(name, ""))
        for name, cell in figures.items():
            self.columns[name].append(cell)
        self.numbers.append(number)

    def reading(self) -> Reading:
        return Reading(
            columns=self.columns,
            row_numbers=self.numbers,
            header_row=self.header_row,
            problems=tuple(Problem(code=code, rows=tuple(rows)) for code, rows in self.problems.items()),
            skipped=self.skipped,
        )
