"""Swedish numbers, dates and lists: decimal comma, hard space as thousands separator, a real minus sign."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from datetime import date

HARD = "\u00a0"
MINUS = "\u2212"
MONTHS = (
    "januari",
    "februari",
    "mars",
    "april",
    "maj",
    "juni",
    "juli",
    "augusti",
    "september",
    "oktober",
    "november",
    "december",
)
SMALL_NUMBERS = ("ingen", "en", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv")
SHARES = ("share", "incidence", "flow")


def rounded(value: float, decimals: int) -> float:
    """84.25 -> 84.3: half away from zero, as a reader would round."""
    size = math.floor(abs(value) * 10**decimals + 0.5 + 1e-9) / 10**decimals
    return -size if value < 0 and size else size


@functools.lru_cache(maxsize=50_000)
def number(value: float, decimals: int = 1) -> str:
    """84.25 -> 84,3, 12881.0 with no decimals -> 12 881.

    Kept: a page writes thousands of them, and the same ones in cells, hints and sentences.
    """
    size = abs(rounded(value, decimals))
    whole, _, rest = f"{size:,.{decimals}f}".partition(".")
    text = whole.replace(",", HARD) + ("," + rest if rest else "")
    return (MINUS if value < 0 and size else "") + text


def count(value: float) -> str:
    return number(value, 0)


def signed(value: float, decimals: int = 1) -> str:
    """+2,6, −3,1 or 0,0."""
    text = number(value, decimals)
    return text if text.startswith(MINUS) or not any(digit in "123456789" for digit in text) else f"+{text}"


def in_unit(value: float, unit: str, decimals: int = 1) -> str:
    """The value with its unit: 84,2 %, 224,5, 12,3 per 1 000."""
    text = number(value, decimals)
    if unit in SHARES:
        return f"{text}{HARD}%"
    return f"{text} per 1{HARD}000" if unit == "per_1000" else text


def difference(size: float, unit: str, decimals: int = 1) -> str:
    """The size of a difference in words: 1 procentenhet, 2,6 procentenheter."""
    text = number(abs(size), decimals)
    if unit not in SHARES:
        return text
    return f"{text} {'procentenhet' if text in ('1', '1,0') else 'procentenheter'}"


def interval(low: float, high: float, decimals: int = 1) -> str:
    """77,7–84,9; with a negative end "−1,2 till 6,1", since a dash and a minus sign look alike."""
    ends = number(low, decimals), number(high, decimals)
    joint = " till " if MINUS in "".join(ends) else "–"
    return joint.join(ends)


def listed(words: Sequence[str], joint: str = "och") -> str:
    """a; a och b; a, b och c."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joint} {words[-1]}"


def counted(number_of: int, one: str, several: str, *, neuter: bool = False) -> str:
    """en kommun, två kommuner, 13 kommuner; neuter: ett värde."""
    if number_of == 1:
        return f"{'ett' if neuter else 'en'} {one}"
    if number_of == 0:
        return f"{'inget' if neuter else 'ingen'} {one}"
    return f"{SMALL_NUMBERS[number_of] if number_of <= 12 else count(number_of)} {several}"


def word(number_of: int) -> str:
    """ingen, en, tolv, 13: a number of things that are en, alone in a sentence."""
    return SMALL_NUMBERS[number_of] if number_of <= 12 else count(number_of)


def out_of(some: int, whole: int) -> str:
    """en av åtta, elva av tolv, 8 av 97: words where both are small, otherwise figures; about things that are en."""
    if max(some, whole) > 12:
        return f"{count(some)} av {count(whole)}"
    return f"{SMALL_NUMBERS[some]} av {SMALL_NUMBERS[whole]}"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """A title inside a sentence: frånvaro minst 10 %, skolsocialt team; abbreviations keep their capitals."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def day(text: str) -> str:
    """2026-11-22 (also with a time behind it) -> 22 november 2026; anything else unchanged."""
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return text
    return f"{found.day} {MONTHS[found.month - 1]} {found.year}"


ALPHABET = "abcdefghijklmnopqrstuvwxyzåäö"


@functools.lru_cache(maxsize=20_000)
def order(text: str) -> tuple[int, ...]:
    """Sort key for Swedish names: å, ä, ö last, é as e, capitals as small letters."""
    plain = text.casefold().replace("é", "e").replace("ü", "y")
    return tuple(ALPHABET.find(letter) + 1 if letter in ALPHABET else 0 for letter in plain)
