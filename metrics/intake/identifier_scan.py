"""Counts identifying forms while a file is read, column by column, and says what they amount to.

A form that is certain by itself refuses at one hit. A form that a random pseudonym can take by chance refuses a column
at 30 % hits; below that it needs a written reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from metrics.declare import Column, Extract
from metrics.intake.identifiers import ONE_HIT, form_of
from metrics.intake.notes import Notes

SHARE_THAT_REFUSES = 0.3
SIX_DIGIT_SHARE = 0.9

_MANY_HITS = {
    "number": "personal_number",
    "temporary": "temporary_number",
    "date_with_separator": "personal_number",
    "mangled": "mangled_number",
    "phone_digits": "phone_number",
    "birth_date": "birth_date",
    "name": "person_name",
}


@dataclass(kw_only=True)
class _Tally:
    filled: int = 0
    hits: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[int]] = field(default_factory=dict)


class IdentifierScan:
    """Counts identifying forms column by column while a file is read, and notes what they amount to at its end."""

    def __init__(self, extract: Extract, headings: Sequence[str], columns: Sequence[Column | None]) -> None:
        self._headings = headings
        self._kinds = [_kind(extract, column) for column in columns]
        self._tallies = [_Tally() for _ in headings]

    def see(self, place: int, cells: Sequence[str], numbers: Sequence[int]) -> None:
        """Count the forms in one column's cells of one batch of rows."""
        tally, kind = self._tallies[place], self._kinds[place]
        distinct = set(cells)
        if any(not cell.strip() for cell in distinct):
            tally.filled += sum(bool(cell.strip()) for cell in cells)
        else:
            tally.filled += len(cells)
        forms = {cell: form for cell in distinct if (form := self._form(cell, kind))}
        if forms:
            self._count(tally, forms, cells, numbers)

    def see_counted(self, place: int, groups: Iterable[tuple[str, int, list[int]]], filled: int) -> None:
        """Count the forms in one column's distinct cells, given as cell, rows and the first of them; `filled` in all."""
        tally, kind = self._tallies[place], self._kinds[place]
        tally.filled += filled
        for cell, count, numbers in groups:
            if form := self._form(cell, kind):
                tally.hits[form] = tally.hits.get(form, 0) + count
                tally.rows[form] = sorted([*tally.rows.get(form, ()), *numbers])[:5]

    def identifies(self, place: int, cell: str) -> bool:
        """Whether a cell of this column has an identifying form."""
        return bool(self._form(cell, self._kinds[place]))

    @staticmethod
    def _form(cell: str, kind: str) -> str:
        form = form_of(cell, "text" if kind == "free" else kind)
        return "" if kind == "free" and form in ("name", "free_text") else form

    def _count(self, tally: _Tally, forms: Mapping[str, str], cells: Sequence[str], numbers: Sequence[int]) -> None:
        found: dict[str, list[int]] = {}
        for cell, number in zip(cells, numbers, strict=True):
            if form := forms.get(cell):
                found.setdefault(form, []).append(number)
        for form, rows in found.items():
            tally.hits[form] = tally.hits.get(form, 0) + len(rows)
            tally.rows[form] = sorted([*tally.rows.get(form, ()), *rows])[:5]

    def conclude(self, notes: Notes) -> None:
        """Note every column that identifies someone."""
        for heading, kind, tally in zip(self._headings, self._kinds, self._tallies, strict=True):
            for form, code in ONE_HIT.items():
                if form in tally.hits:
                    self._note(notes, code, heading, tally, (form,))
            self._conclude_shares(notes, heading, kind, tally)

    def _conclude_shares(self, notes: Notes, heading: str, kind: str, tally: _Tally) -> None:
        for code in dict.fromkeys(_MANY_HITS.values()):
            forms = tuple(form for form, its in _MANY_HITS.items() if its == code and form in tally.hits)
            hits = sum(tally.hits[form] for form in forms)
            if hits and hits >= SHARE_THAT_REFUSES * tally.filled:
                self._note(notes, code, heading, tally, forms)
            elif "number" in forms or "temporary" in forms:
                self._note(notes, "personal_number_few", heading, tally, forms)
        short = tally.hits.get("birth_date_short", 0)
        if tally.filled >= 20 and short >= SIX_DIGIT_SHARE * tally.filled:
            self._note(notes, "birth_date", heading, tally, ("birth_date_short",))

    def _note(self, notes: Notes, code: str, heading: str, tally: _Tally, forms: Iterable[str]) -> None:
        if code == "protected_identity":
            notes.add(code, total=0)
            return
        rows = [row for form in forms for row in tally.rows[form]]
        notes.add(code, column=heading, rows=rows, total=sum(tally.hits[form] for form in forms))


def _kind(extract: Extract, column: Column | None) -> str:
    """The column's kind; "free" for text that may hold names of places and things, "" for an undeclared column."""
    if column is None:
        return ""
    return "free" if column.kind == "text" and not extract.personal else column.kind
