"""Matches headings to the columns of an extract, without regard to case, spacing and punctuation."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metrics.declare import Column, Extract
from metrics.intake import identifiers, identifying_headings
from metrics.intake.notes import Notes

_KEYED = re.compile(r"(.+)nyckel([0-9a-f]{8})")
_KEYED_NAME = re.compile(r"pseudonym-([0-9a-f]{8})(?![0-9a-f])")


@functools.lru_cache(maxsize=4096)
def normal(heading: str) -> str:
    """The heading in lower case with only its letters and digits, without the id of the key its pseudonyms were made with."""
    found = _KEYED.fullmatch(written := _letters(heading))
    return found[1] if found else written


def _letters(heading: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", heading).casefold() if each.isalnum())


def key_id(headings: Sequence[str], file_name: str = "") -> str:
    """The id of the key that a file was pseudonymised with, as a heading says it, or else its name; empty when neither does."""
    found = (_KEYED.fullmatch(_letters(heading)) for heading in headings)
    named = _KEYED_NAME.search(file_name)
    return next((each[2] for each in found if each), named[1] if named else "")


def accepted(extract: Extract) -> dict[str, Column]:
    """Every normalised heading the extract accepts; the first column to claim one has it."""
    found: dict[str, Column] = {}
    for column in extract.columns:
        for heading in (column.name, column.title, *column.headings):
            found.setdefault(normal(heading), column)
    return found


def shown(heading: str, place: int) -> str:
    """A heading as it can be repeated in a finding: its place instead, when it might be a cell's value."""
    text = re.sub(r"\s+", " ", heading).strip()
    if _KEYED.fullmatch(_letters(text)):
        text = re.sub(r"(?i)\W*nyckel\W*[0-9a-f]{8}\W*$", "", text)
    risky = len(text) > 80 or re.search(r"\d{5}|@", text) or not text or not text.isprintable()
    return f"nummer {place + 1}" if risky or identifiers.form_of(text, "text") else text


@dataclass(frozen=True, kw_only=True)
class Match:
    """Which declared column each place in the header is (None = not stored), and the headings as shown."""

    columns: tuple[Column | None, ...]
    headings: tuple[str, ...]
    key_id: str = ""

    @property
    def mapping(self) -> dict[str, str]:
        pairs = zip(self.headings, self.columns, strict=True)
        return {heading: column.name for heading, column in pairs if column is not None}

    @property
    def unknown(self) -> tuple[str, ...]:
        pairs = zip(self.headings, self.columns, strict=True)
        return tuple(heading for heading, column in pairs if column is None)


def match(extract: Extract, cells: Sequence[str], notes: Notes, by_hand: Mapping[str, str] | None = None) -> Match:
    """Match a header row to the extract's columns; what is missing, double or unknown is noted."""
    known = accepted(extract)
    for heading, name in (by_hand or {}).items():
        if name:
            known[normal(heading)] = extract.column(name)
        else:
            known.pop(normal(heading), None)
    matched = Match(
        columns=tuple(known.get(normal(cell)) for cell in cells),
        headings=tuple(shown(cell, place) for place, cell in enumerate(cells)),
        key_id=key_id(cells),
    )
    _note_double(matched, notes)
    _note_missing(extract, matched, notes)
    _note_unknown(extract, cells, matched, notes)
    return matched


def _note_double(matched: Match, notes: Notes) -> None:
    names = [column.name for column in matched.columns if column is not None]
    for name in dict.fromkeys(names):
        places = [place for place, each in enumerate(matched.columns) if each is not None and each.name == name]
        if len(places) > 1:
            numbered = " och ".join(str(place + 1) for place in places)
            notes.add("column_twice", column=matched.headings[places[0]], places=numbered)


def _note_missing(extract: Extract, matched: Match, notes: Notes) -> None:
    found = {column.name for column in matched.columns if column is not None}
    for column in extract.columns:
        if column.required and column.name not in found:
            headings = ", ".join(dict.fromkeys((column.title, *column.headings[:3])))
            notes.add("column_missing", column=column.title, title=column.title, headings=headings)


def _note_unknown(extract: Extract, cells: Sequence[str], matched: Match, notes: Notes) -> None:
    missing = {column.title for column in extract.columns} - {
        each.title for each in matched.columns if each is not None
    }
    for cell, heading, column in zip(cells, matched.headings, matched.columns, strict=True):
        if column is not None:
            continue
        if not cell.strip():
            notes.add("column_without_heading", column=heading)
        elif code := identifying_headings.heading_form(normal(cell)):
            notes.add(code, column=heading)
        elif close := difflib.get_close_matches(heading.casefold(), [title.casefold() for title in missing], 1, 0.8):
            title = next(title for title in missing if title.casefold() == close[0])
            notes.add("column_nearly", column=heading, title=title)
        else:
            notes.add("column_unknown", column=heading)
