"""Makes pseudonyms where the identifiers live: keyed HMAC-SHA256, a key file with safe rights, files of any size.

Whoever holds the key can recompute every pseudonym, since personal identity numbers are few. The key therefore stays
with the sender; it never goes into a delivered file, a log or a message.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TextIO

from metrics.intake import identifiers, identifying_headings
from metrics.intake.headings import normal
from metrics.intake.tables import DELIMITERS, BrokenTextError, split_lines

KEY_BYTES = 32
KEY_HEADER = "samsyn-nyckel-1"
PSEUDONYM_CHARACTERS = 26
NUMBER_HEADINGS = ("personnummer", "personnr", "pnr", "elevid", "elev", "civicno", "personid", "pseudonym", "studentid")
PSEUDONYM_HEADING = "Pseudonym"
OWN_NAME = re.compile(r".pseudonym$")
"""A heading that says whose pseudonym it is ("Barnets pseudonym") stays: a file can have two, each with its own key."""


class UnsafeKeyError(ValueError):
    """The key file cannot be used; the message is Swedish and says why."""


class PseudonymiseError(ValueError):
    """The file cannot be pseudonymised; the message is Swedish, names rows and never a value."""


@dataclass(frozen=True, kw_only=True)
class Key:
    """A sender's secret key; `id` is carried along with the pseudonyms and says nothing about the secret."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES or len(set(self.secret)) < 16:
            raise UnsafeKeyError(
                "Nyckeln är för svag. Skapa en ny med samsyn pseudonymise --new-key; skriv aldrig en själv."
            )

    @property
    def id(self) -> str:
        return hmac.new(self.secret, b"samsyn key id", hashlib.sha256).hexdigest()[:8]

    def pseudonym(self, identity: str) -> str:
        """26 characters for a normalised identity: the same for the same person and key, always."""
        digest = hmac.new(self.secret, identity.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest).decode().lower()[:PSEUDONYM_CHARACTERS]


def new_key(path: Path) -> Key:
    """Write a new random key to a file only its owner can read; UnsafeKeyError when the file is already there."""
    key = Key(secret=secrets.token_bytes(KEY_BYTES))
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise UnsafeKeyError("Det finns redan en fil där. En nyckel skrivs aldrig över; välj ett annat namn.") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{KEY_HEADER} {key.id} {key.secret.hex()}\n")
    return key


def read_key(path: Path) -> Key:
    """The key in a file; UnsafeKeyError when others can read it, or it is damaged or weak."""
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnsafeKeyError(
            "Nyckelfilen kan läsas av andra på datorn. Ändra rättigheterna (chmod 600) och försök igen."
        )
    found = re.fullmatch(rf"{KEY_HEADER} ([0-9a-f]{{8}}) ([0-9a-f]{{64}})\s*", _text_of(path))
    if not found:
        raise UnsafeKeyError("Filen är inte en nyckel, eller så är den skadad.")
    key = Key(secret=bytes.fromhex(found[2]))
    if not hmac.compare_digest(key.id, found[1]):
        raise UnsafeKeyError("Nyckelfilen är skadad: nyckelns kontrolltal stämmer inte.")
    return key


def _text_of(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(1000).decode("ascii", "replace")


def identity_of(cell: str) -> str:
    """One writing per person: a personal identity number as 12 digits, anything else without blanks in lower case.

    Ten digits get their century from the sign: "+" is a hundred years or more, otherwise the latest year that has been.
    """
    text = identifiers.plain(cell)
    found = re.fullmatch(r"([0-9]{2})?([0-9]{6})\s?([-+]?)\s?([0-9]{4}|[A-Za-z]{1,2}[0-9]{2,3})", text)
    if found is None:
        # Upper and then lower case folds as the browser's twin of this function can: it has no casefold.
        return re.sub(r"\s", "", text).upper().lower()
    century, born, sign, last = found.groups()
    return f"{century or _century(born, sign)}{born}{last.upper()}"


def _century(born: str, sign: str, this_year: int | None = None) -> str:
    """The century of a ten-digit number, as the sign and the year of today tell it."""
    today = date.today().year if this_year is None else this_year
    century = today // 100 - (int(born[:2]) > today % 100) - (sign == "+")
    return f"{century:02d}"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was done: rows written, the columns replaced and those left out, and the key's id."""

    rows: int
    replaced: tuple[str, ...]
    dropped: tuple[str, ...]
    key_id: str


def pseudonymise(
    source: Path, target: Path, key: Key, *, columns: Sequence[str] = (), drop: Sequence[str] = ()
) -> Report:
    """Write `target`, where identity columns hold pseudonyms and name columns are gone; streams files of any size.

    `columns` are the headings that hold identities; without them they are found by heading. `drop` are headings to
    leave out beside those that are left out by name. The target appears only when all of it is written.
    PseudonymiseError and OSError leave nothing behind.
    """
    making = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as written,
            source.open(encoding=encoding_of(source), newline="") as lines,
        ):
            report = pseudonymise_lines(lines, written, key, columns=columns, drop=drop)
        making.replace(target)
    except UnicodeDecodeError:
        raise PseudonymiseError("Filens teckenkodning känns inte igen. Spara om den som CSV UTF-8.") from None
    finally:
        making.unlink(missing_ok=True)
    return report


def encoding_of(path: Path) -> str:
    """UTF-8 (with or without BOM), UTF-16 by its BOM, otherwise Windows-1252."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    with path.open(encoding="utf-8-sig") as lines:
        try:
            for _ in lines:
                pass
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def pseudonymise_lines(
    lines: Iterable[str], written: TextIO, key: Key, *, columns: Sequence[str] = (), drop: Sequence[str] = ()
) -> Report:
    """As `pseudonymise`, from lines to an open text; the first line is the header."""
    stream = iter(lines)
    header = next(stream, "")
    delimiter = max(DELIMITERS, key=header.count)
    headings = next((cells for _, cells in split_lines([header], delimiter)), [])
    plan = _plan(headings, columns, drop)
    writer = csv.writer(written, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(plan.header(headings, key))
    rows = 0
    try:
        for number, cells in split_lines(stream, delimiter):
            if any(cell.strip() for cell in cells):
                writer.writerow(plan.row(number + 1, cells, key))
                rows += 1
    except BrokenTextError as broken:
        raise PseudonymiseError(f"Ett citattecken öppnas utan att stängas vid rad {broken.row + 1}.") from None
    named = [headings[place].strip() for place in plan.identities]
    dropped = [headings[place].strip() for place in plan.dropped]
    return Report(rows=rows, replaced=tuple(named), dropped=tuple(dropped), key_id=key.id)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """Which places hold identities, and which are left out."""

    width: int
    identities: tuple[int, ...]
    dropped: frozenset[int]

    def header(self, headings: Sequence[str], key: Key) -> list[str]:
        """The headings of the new file; those of pseudonyms say which key made them."""
        only = len(self.identities) == 1
        named = [
            f"{PSEUDONYM_HEADING if only and not OWN_NAME.search(normal(heading)) else heading.strip()} nyckel {key.id}"
            if place in self.identities
            else heading
            for place, heading in enumerate(headings)
        ]
        return list(self._kept(named))

    def row(self, number: int, cells: Sequence[str], key: Key) -> list[str]:
        if len(cells) != self.width:
            raise PseudonymiseError(f"Rad {number} har {len(cells)} celler men rubrikraden {self.width}.")
        replaced = list(cells)
        for place in self.identities:
            if not cells[place].strip():
                raise PseudonymiseError(f"Rad {number} saknar identitet. Fyll i den eller ta bort raden.")
            replaced[place] = key.pseudonym(identity_of(cells[place]))
        return list(self._kept(replaced))

    def _kept(self, cells: Sequence[str]) -> Iterator[str]:
        return (cell for place, cell in enumerate(cells) if place not in self.dropped)


def _plan(headings: Sequence[str], columns: Sequence[str], drop: Sequence[str]) -> _Plan:
    wanted = {normal(column) for column in columns} or set(NUMBER_HEADINGS)
    identities = tuple(place for place, heading in enumerate(headings) if normal(heading) in wanted)
    if not identities:
        raise PseudonymiseError("Ingen kolumn med personnummer eller elev-id hittades. Ange kolumnens rubrik.")
    others = [place for place in range(len(headings)) if place not in identities]
    unwanted = {normal(heading) for heading in drop}
    named = {place: normal(headings[place]) for place in others}
    dropped = frozenset(
        place for place, name in named.items() if name in unwanted or identifying_headings.heading_form(name)
    )
    return _Plan(width=len(headings), identities=identities, dropped=dropped)
