"""Recognises what must never get in: personal identity numbers in every form, birth dates, names, addresses, free text.

Nothing here keeps, logs or returns a value.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from datetime import date

from metrics.intake.names import COMMON_NAMES

FREE_TEXT_LENGTH = 60
FREE_TEXT_WORDS = 8
LONGEST_LOOK = 1000

ONE_HIT = {
    "number_with_separator": "personal_number",
    "temporary_with_separator": "temporary_number",
    "email": "email_address",
    "phone": "phone_number",
    "free_text": "free_text",
    "protected": "protected_identity",
}
_MAYBE = re.compile(r"\d{4}|@|[^\W\d_]{2}|\d[Ee]\+\d|\d[\s-]\d")
_SEPARATED = re.compile(
    r"(?<![\w-])(\d{8}|\d{6}|\d{4}([-./ ])\d{2}\2\d{2}|\d{2}([-./ ])\d{2}\3\d{2})(\s?[-+/.]\s?|\s)"
    r"(\d{4}|[A-Za-z]{1,2}\d{2,3})(?![\w-])"
)
_DIGITS = re.compile(r"[A-Za-z]{0,4}[-_:# ]?(\d{12}|\d{10})[A-Za-z]{0,2}")
_TEMPORARY = re.compile(r"(\d{8}|\d{6})([A-Za-z]\d{3}|[A-Za-z]{2}\d{2})")
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?[Ee]\+0?(9|10|11)")
_DECIMAL_TAIL = re.compile(r"(\d{6,12})[.,]0+")
_BIRTH = re.compile(r"(\d{4})([-./ ]?)(\d{2})\2(\d{2})(?:[ T]\d\d:\d\d(?::\d\d)?)?")
_BIRTH_SWEDISH = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})")
_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+\.[A-Za-z]{2,}")
_PHONE = re.compile(
    r"(?<![\w.,+-])(?:(?:\+46[\s-]?|0046[\s-])\(?0?\)?[\s-]?\d{1,3}|0\d{1,3}\s?[-/]|07[02369]\s?[- ])\s?\d{2,3}(?:[\s-]?\d{2,3}){1,3}(?![\w.,-])"
)
_PHONE_DIGITS = re.compile(r"(?:\+46|0046)?0?7[02369]\d{7}")
_WORDS = re.compile(r"[^\W\d_]+")
_FULL_NAME = re.compile(
    r"[A-ZÅÄÖÉÜ][a-zåäöéüáèíóøæ]+(?:,? [A-ZÅÄÖÉÜ](?:[a-zåäöéüáèíóøæ]+|\.)|-[A-ZÅÄÖÉÜ][a-zåäöéü]+){1,4}"
)

_PROTECTED = (
    "sekretessmarkering",
    "sekretessmarkerad",
    "skyddad folkbokföring",
    "skyddad identitet",
    "skyddade personuppgifter",
    "kvarskrivning",
    "fingerade personuppgifter",
    "skyddad",
)


def plain(cell: str) -> str:
    """The cell with look-alike digits, dashes and invisible characters made ordinary."""
    if cell.isascii():
        return cell.strip()
    ordinary = unicodedata.normalize("NFKC", cell)
    kept = "".join(each for each in ordinary if unicodedata.category(each) != "Cf")
    return re.sub("[‐‑‒–—−]", "-", kept).strip()


def _valid_date(year: int, month: int, day: int) -> bool:
    if not 1 <= month <= 12:
        return False
    return 1 <= day <= calendar.monthrange(year, month)[1]


def _date_in(digits: str) -> bool:
    """Six or eight digits that are a date, also with 60 added to the day (samordningsnummer)."""
    year = int(digits[:-4])
    year = year if len(digits) == 8 else 2000 + year
    month, day = int(digits[-4:-2]), int(digits[-2:])
    known = len(digits) == 6 or 1890 <= year <= date.today().year
    return known and _valid_date(year, month, day - 60 if day > 60 else day)


def check_digit(nine: str) -> int:
    """The modulus-10 digit that follows YYMMDDNNN."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine))
    return -sum(value // 10 + value % 10 for value in doubled) % 10


def is_personal_number(digits: str) -> bool:
    """10 or 12 digits with a date (day + 60 allowed) and the right check digit."""
    return _date_in(digits[:-4]) and check_digit(digits[-10:-1]) == int(digits[-1])


def form_of(cell: str, kind: str = "") -> str:
    """The identifying form a cell has, or "". `kind` is the declared kind of its column, "" for an unknown one."""
    if len(cell) > LONGEST_LOOK:
        return _form_of_long(cell, kind)
    text = plain(cell)
    if not _MAYBE.search(text):
        return ""
    return _number_form(text, kind) or _contact_form(text, kind) or _words_form(text, kind)


def _form_of_long(cell: str, kind: str) -> str:
    """As `form_of`, piece by piece, so that no pattern has to search a whole megabyte."""
    if kind in ("", "pseudonym", "text") and len(cell[:LONGEST_LOOK].split()) >= FREE_TEXT_WORDS:
        return "free_text"
    pieces = (cell[start : start + LONGEST_LOOK] for start in range(0, len(cell), LONGEST_LOOK // 2))
    return next((form for piece in pieces if (form := form_of(piece, kind)) in ONE_HIT), "")


def _number_form(text: str, kind: str) -> str:
    if kind != "date":
        for each in _SEPARATED.finditer(text):
            born, last = re.sub(r"\D", "", each[1]), each[5]
            if _date_in(born) and not last.isdigit():
                return "temporary_with_separator"
            if _date_in(born):
                return "number_with_separator" if is_personal_number(born + last) else "date_with_separator"
    joined = text.replace(" ", "") if re.fullmatch(r"[\d ]+", text) else text
    if (found := _DIGITS.fullmatch(joined)) and is_personal_number(found[1]):
        return "number"
    if (found := _TEMPORARY.fullmatch(joined)) and _date_in(found[1]):
        return "temporary"
    return _mangled_form(joined, kind) or _birth_form(text, kind)


def _mangled_form(text: str, kind: str) -> str:
    """A number that a spreadsheet has turned into 1.98112E+11, 8112189876.0 or 501011234 (the leading zero gone)."""
    if found := _SCIENTIFIC.fullmatch(text):
        digits = found[1] + (found[2] or "")
        return "mangled" if _starts_as_date(digits, int(found[3]) + 1) else ""
    if found := _DECIMAL_TAIL.fullmatch(text):
        whole = found[1].zfill(10)
        return "mangled" if len(whole) != 11 and is_personal_number(whole) else ""
    if kind in ("", "pseudonym", "text") and re.fullmatch(r"\d{8,9}", text) and is_personal_number(text.zfill(10)):
        return "mangled"
    return ""


def _starts_as_date(digits: str, length: int) -> bool:
    """True when the digits that are left of a mangled number can begin a 10- or 12-digit identity number."""
    if length == 12:
        year, month = digits[:4].ljust(4, "0"), digits[4:6]
        return 1890 <= int(year) <= date.today().year and (len(month) < 2 or 1 <= int(month) <= 12)
    padded = digits.rjust(len(digits) + 10 - length, "0")
    return len(padded) < 4 or 1 <= int(padded[2:4]) <= 12


def _birth_form(text: str, kind: str) -> str:
    if kind in ("date", "school_unit", "municipality", "school_year", "code", "flag"):
        return ""
    if found := _BIRTH.fullmatch(text):
        year, month, day = int(found[1]), int(found[3]), int(found[4])
    elif found := _BIRTH_SWEDISH.fullmatch(text):
        year, month, day = int(found[3]), int(found[2]), int(found[1])
    elif kind in ("", "pseudonym") and re.fullmatch(r"\d{6}", text):
        return "birth_date_short" if _date_in(text) and not text.endswith("00") else ""
    else:
        return ""
    newest = date.today().year - (4 if kind == "" else 0)
    return "birth_date" if 1900 <= year <= newest and _valid_date(year, month, day) else ""


def _contact_form(text: str, kind: str) -> str:
    if _EMAIL.search(text):
        return "email"
    if kind in ("date", "school_year"):
        return ""
    if _PHONE.search(text) and not _BIRTH.fullmatch(text):
        return "phone"
    return "phone_digits" if kind in ("", "text", "pseudonym") and _PHONE_DIGITS.fullmatch(text) else ""


def _words_form(text: str, kind: str) -> str:
    folded = text.casefold()
    if folded in _PROTECTED:
        return "protected"
    if kind not in ("", "pseudonym", "text"):
        return ""
    words = _WORDS.findall(folded)
    if any(len(part) > FREE_TEXT_LENGTH and len(part.split()) >= FREE_TEXT_WORDS for part in _listed(text, kind)):
        return "free_text"
    if (
        len(words) <= 5
        and not re.search(r"[\d_]", text)
        and any(word in COMMON_NAMES or word.endswith("sson") for word in words)
    ):
        return "name"
    return "name" if kind == "pseudonym" and _FULL_NAME.fullmatch(text) else ""


def _listed(text: str, kind: str) -> list[str]:
    """The parts of a declared text that may hold several words with upright lines between, otherwise the whole."""
    return text.split("|") if kind == "text" else [text]


def in_text(text: str) -> str:
    """The check that text outside the table (file name, lines above the header) breaks, or ""."""
    for part in re.split(r"[;\t\n|]", text):
        form = form_of(part.strip().strip('"'), "text")
        if form in ("number_with_separator", "temporary_with_separator", "email", "number"):
            return {"email": "email_address"}.get(form, "personal_number")
    return "personal_number" if _number_in_words(text) else ""


def _number_in_words(text: str) -> bool:
    """A 10- or 12-digit identity number between other characters, as in a file name."""
    found = re.findall(r"(?<!\d)(\d{8}|\d{6})[-+_ ]?(\d{4})(?!\d)", plain(text))
    return any(is_personal_number(born + last) for born, last in found)
