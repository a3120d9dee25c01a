"""One cell's text to its typed value: numbers, dates, codes and school years as Swedes write them, or what is wrong.

Every kind of column is read here and nowhere else; the fast path sends what it cannot read at once back to here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.declare import Column
from metrics.intake.municipalities import CODES, NAMES
from metrics.vocabulary import school_year_label, spring_of

LONGEST_TEXT = 200
LONGEST_PSEUDONYM = 128
OLDEST_SPRING = 1990

_SPACES = re.compile(r"\s+")
_INTEGER = re.compile(r"[-−+]?(\d+|\d{1,3}( \d{3})+)([.,]0+)?")
_DECIMAL = re.compile(r"[-−+]?(\d+|\d{1,3}( \d{3})+)?([.,]\d+)?")
_DOTTED_THOUSANDS = re.compile(r"[-−]?[1-9]\d{0,2}(\.\d{3})+")
_COMMA_THOUSANDS = re.compile(r"[-−]?[1-9]\d{0,2}(,\d{3})+")
_SCIENTIFIC = re.compile(r"-?\d+([.,]\d+)?[Ee][+-]?\d+")
_MANGLED = re.compile(r"\d([.,]\d+)?[Ee]\+\d{1,3}")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SWEDISH = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHED = re.compile(r"\d{1,4}/\d{1,2}/\d{1,4}|\d{1,2}-\d{1,2}-\d{2,4}|\d{1,2}\.\d{1,2}\.\d{2}")
_EXCEL_ERROR = re.compile(
    r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SAKNAS!|VÄRDEFEL!|REFERENS!|DIVISION/0!|NAMN\?|OGILTIGT!|SKÄRNING!)|#+"
)
_GRADE_WORD = re.compile(r"^(åk|årskurs|klass)\.? ?(?=[\df])")
_FORMULA = re.compile(r"[=@]|[+-][^\W\d]")
_PLACEHOLDERS = frozenset(
    ("null", "none", "nan", "n/a", "na", "saknas", "uppgift saknas", "okänt", "okänd", "#", "?", "-", "–", ".")
)

FLAGS: Mapping[str, bool] = dict.fromkeys(("ja", "j", "1", "true", "sant", "yes"), True) | dict.fromkeys(
    ("nej", "n", "0", "false", "falskt", "no"), False
)


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a cell: the code of a declared check, and words for its sentence."""

    code: str
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Style:
    """How the file writes numbers: with a decimal point where the delimiter is a comma, otherwise as Swedes do."""

    decimal_point: bool = False


SWEDISH = Style()

Value = str | int | float | bool | date | None


def read_cell(column: Column, cell: str, style: Style = SWEDISH) -> Value | Wrong:
    """The typed value, None for an empty cell that may be empty, or what is wrong."""
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", cell)).strip() if cell else ""
    if not text:
        return None if column.may_be_empty else Wrong("cell_empty")
    if _EXCEL_ERROR.fullmatch(text):
        return Wrong("cell_spreadsheet_error")
    if _FORMULA.match(text) and column.kind != "pseudonym":
        return Wrong("cell_formula")
    value = _READERS[column.kind](column, text, style)
    if isinstance(value, Wrong) and column.kind != "pseudonym" and text.casefold() in _PLACEHOLDERS:
        return Wrong("cell_placeholder")
    return value


def _text(column: Column, text: str, style: Style) -> Value | Wrong:
    longest = int(column.high) if isinstance(column.high, (int, float)) else LONGEST_TEXT
    return text if len(text) <= longest else Wrong("text_too_long", (("longest", str(longest)),))


def _pseudonym(column: Column, text: str, style: Style) -> Value | Wrong:
    if text.casefold() in _PLACEHOLDERS or set(text) <= set("0"):
        return Wrong("pseudonym_missing")
    if len(text) > LONGEST_PSEUDONYM or text[0] in "=@" or not text.isprintable():
        return Wrong("pseudonym_shape")
    return Wrong("pseudonym_mangled") if _MANGLED.fullmatch(text) else text


def _code(column: Column, text: str, style: Style) -> Value | Wrong:
    codes = column.codes or {}
    folded = text.casefold()
    found = codes.get(folded) or codes.get(_GRADE_WORD.sub("", folded))
    if found is not None:
        return found
    stored = next((code for code in codes.values() if code.casefold() == text.casefold()), None)
    return stored if stored is not None else Wrong("code_unknown", (("allowed", allowed_codes(column)),))


def allowed_codes(column: Column) -> str:
    """The accepted writings of a code column, one per stored code."""
    first: dict[str, str] = {}
    for written, code in (column.codes or {}).items():
        first.setdefault(code, written)
    return ", ".join(first.values())


def _integer(column: Column, text: str, style: Style) -> Value | Wrong:
    if _SCIENTIFIC.fullmatch(text):
        return Wrong("number_scientific")
    if not _INTEGER.fullmatch(text):
        return Wrong("not_integer")
    digits = re.sub(r"[.,]0+$", "", text) if not _thousands(text, style) else ""
    if not digits:
        return Wrong("number_ambiguous")
    if len(digits) > 18:
        return Wrong("number_too_large")
    return _within(column, int(_ascii_number(digits)))


def _decimal(column: Column, text: str, style: Style) -> Value | Wrong:
    if _SCIENTIFIC.fullmatch(text):
        return Wrong("number_scientific")
    if not _DECIMAL.fullmatch(text) or not any(each.isdigit() for each in text):
        return Wrong("not_decimal")
    if _thousands(text, style):
        return Wrong("number_ambiguous")
    if len(text) > 24:
        return Wrong("number_too_large")
    return _within(column, float(_ascii_number(text).replace(",", ".")))


def _thousands(text: str, style: Style) -> bool:
    """True when a point or comma may stand for thousands: 1.234 in a Swedish file, 1,234 in one with decimal points."""
    pattern = _COMMA_THOUSANDS if style.decimal_point else _DOTTED_THOUSANDS
    return pattern.fullmatch(text) is not None


def _ascii_number(text: str) -> str:
    return text.replace("−", "-").replace(" ", "")


def _within(column: Column, number: int | float) -> Value | Wrong:
    low = column.low if isinstance(column.low, (int, float)) else None
    high = column.high if isinstance(column.high, (int, float)) else None
    if (low is not None and number < low) or (high is not None and number > high):
        return Wrong("out_of_range", (("low", bound_text(low)), ("high", bound_text(high))))
    return number


def bound_text(bound: float | None) -> str:
    """A bound as it stands in a sentence."""
    return "…" if bound is None else f"{bound:g}".replace(".", ",")


def _date(column: Column, text: str, style: Style) -> Value | Wrong:
    found = _ISO.fullmatch(text) or _COMPACT.fullmatch(text)
    if found:
        parts = found[1], found[2], found[3]
    elif found := _SWEDISH.fullmatch(text):
        parts = found[3], found[2], found[1]
    else:
        return _not_a_date(text)
    try:
        day = date(*(int(part) for part in parts))
    except ValueError:
        return Wrong("date_impossible")
    return _within_dates(column, day)


def _not_a_date(text: str) -> Wrong:
    if _SLASHED.fullmatch(text):
        return Wrong("date_ambiguous")
    return Wrong("date_serial") if re.fullmatch(r"[2-6]\d{4}([.,]\d+)?", text) else Wrong("not_date")


def _within_dates(column: Column, day: date) -> Value | Wrong:
    low, high = date_bounds(column)
    return day if low <= day.isoformat() <= high else Wrong("date_out_of_range", (("low", low), ("high", high)))


def date_bounds(column: Column) -> tuple[str, str]:
    """Earliest and latest date that a column takes, as ISO text."""
    latest = (date.today() + timedelta(days=3 * 366)).isoformat()
    return (
        column.low if isinstance(column.low, str) else "1900-01-01",
        column.high if isinstance(column.high, str) else latest,
    )


def _flag(column: Column, text: str, style: Style) -> Value | Wrong:
    found = FLAGS.get(text.casefold())
    return Wrong("not_flag") if found is None else found


def _school_year(column: Column, text: str, style: Style) -> Value | Wrong:
    written = re.sub(r"(?i)^(läsår(et)?|lå)\s*", "", text).replace(" ", "")
    if re.fullmatch(r"\d{4}([.,]0)?|(?i:[vh]t).*", written):
        return Wrong("school_year_alone")
    try:
        spring = spring_of(written)
    except ValueError:
        return Wrong("not_school_year")
    today = date.today()
    newest = today.year + (1 if today.month >= 7 else 0)
    return school_year_label(spring) if OLDEST_SPRING <= spring <= newest else Wrong("school_year_impossible")


def _municipality(column: Column, text: str, style: Style) -> Value | Wrong:
    if found := re.fullmatch(r"(\d{3,4})(?:[ ,–-]+[^\W\d_][^\d]*)?", text):
        code = found[1].zfill(4)
        return code if code in CODES else Wrong("municipality_unknown")
    name = re.sub(r"(?i)( kommun| stad)$", "", text).casefold()
    return NAMES.get(name) or NAMES.get(name.removesuffix("s")) or Wrong("not_municipality")


def _school_unit(column: Column, text: str, style: Style) -> Value | Wrong:
    return text if re.fullmatch(r"[1-9]\d{7}", text) else Wrong("not_school_unit")


_READERS: Mapping[str, Callable[[Column, str, Style], Value | Wrong]] = {
    "text": _text,
    "pseudonym": _pseudonym,
    "code": _code,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "flag": _flag,
    "school_year": _school_year,
    "municipality": _municipality,
    "school_unit": _school_unit,
}
