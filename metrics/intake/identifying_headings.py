"""Headings that identify by their name alone, and those of columns that mark protected identity."""

from __future__ import annotations

from metrics.intake.identifiers import plain

_PROTECTED_HEADINGS = (
    "securitymarking",
    "sekretess",
    "sekretessmarkering",
    "skyddad",
    "skyddadidentitet",
    "skyddadepersonuppgifter",
)
_UNMARKED = ("", "ingen", "nej", "n", "0", "false", "none", "no")
_NAME_HEADINGS = frozenset(
    [
        "förnamn",
        "efternamn",
        "tilltalsnamn",
        "elevnamn",
        "elevensnamn",
        "namn",
        "barnetsnamn",
        "fullständigtnamn",
        "firstname",
        "lastname",
        "givenname",
        "familyname",
        "surname",
        "displayname",
        "studentname",
        "mellannamn",
        "vårdnadshavare",
        "handläggare",
        "mentor",
    ]
)
_NUMBER_HEADINGS = frozenset(
    [
        "personnummer",
        "personnr",
        "persnr",
        "pnr",
        "civicno",
        "ssn",
        "samordningsnummer",
        "födelsenummer",
        "tfnummer",
        "personid10",
        "personid12",
    ]
)
_CONTACT_HEADINGS = frozenset(
    [
        "epost",
        "epostadress",
        "mail",
        "mejl",
        "email",
        "telefon",
        "telefonnummer",
        "mobil",
        "mobilnummer",
        "adress",
        "gatuadress",
        "postadress",
        "phone",
    ]
)
_TEXT_HEADINGS = frozenset(
    [
        "fritext",
        "anteckning",
        "anteckningar",
        "kommentar",
        "kommentarer",
        "notering",
        "beskrivningavärendet",
        "orsakfritext",
    ]
)
_BIRTH_HEADINGS = frozenset(["födelsedatum", "födelsedag", "födelsetid", "birthdate", "dateofbirth"])

HEADING_FORMS: tuple[tuple[frozenset[str], str], ...] = (
    (_NUMBER_HEADINGS, "personal_number_heading"),
    (_NAME_HEADINGS, "person_name_heading"),
    (_CONTACT_HEADINGS, "contact_heading"),
    (_TEXT_HEADINGS, "free_text_heading"),
    (_BIRTH_HEADINGS, "birth_date_heading"),
)
"""Normalised headings that identify by their name alone, and the check each breaks."""


def heading_form(normal: str) -> str:
    """The check that a heading of a column nobody declared breaks by its name alone, or ""."""
    return next((code for headings, code in HEADING_FORMS if normal in headings), "")


def marks_protection(normal_heading: str) -> bool:
    """True for the heading of a column that marks protected identity."""
    return normal_heading in _PROTECTED_HEADINGS


def is_marked(cell: str) -> bool:
    """True when a cell under such a heading says that the person is protected."""
    return plain(cell).casefold() not in _UNMARKED
