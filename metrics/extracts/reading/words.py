"""The words and marks of official exports: years, providers, sexes, numbers, and what stands instead of a number."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from metrics.values import Status
from metrics.vocabulary import school_year_label, spring_of

STATUSES: tuple[str, ...] = tuple(str(status) for status in Status)
MARKS: Mapping[str, Status] = {
    "..": Status.HIDDEN,
    ".": Status.MISSING,
    "*": Status.NOT_APPLICABLE,
    "-": Status.NOT_APPLICABLE,
    "": Status.MISSING,
}
NEARLY_ALL = "~100"
FEW_NOT_ELIGIBLE = (1, 4)
"""`~100` stands for one to four pupils who are not eligible."""

PROVIDER_WORDS: Mapping[str, str] = {
    "samtliga": "all",
    "samtligahuvudmän": "all",
    "alla": "all",
    "allahuvudmän": "all",
    "kommunal": "municipal",
    "kommunala": "municipal",
    "kommun": "municipal",
    "kommunalhuvudman": "municipal",
    "enskild": "independent",
    "enskilda": "independent",
    "enskildhuvudman": "independent",
    "fristående": "independent",
}
SEX_WORDS: Mapping[str, str] = {
    "samtliga": "all",
    "alla": "all",
    "totalt": "all",
    "flickorochpojkar": "all",
    "flickor": "girls",
    "flicka": "girls",
    "kvinnor": "girls",
    "pojkar": "boys",
    "pojke": "boys",
    "män": "boys",
}

_NUMBER = re.compile(r"[-−]?(\d{1,3}( \d{3})+|\d+)([.,]\d+)?")
_AMBIGUOUS = re.compile(r"[-−]?[1-9]\d{0,2}\.\d{3}")
_YEAR = re.compile(r"(?i)(?:läsår(?:et)?|lå|år|våren|vt)?\s*((?:19|20)\d{2}|\d{2})(?:\s*[/–-]\s*(\d{4}|\d{2}))?")
_AUTUMN = re.compile(r"(?i)(?:hösten|ht)\s*((?:19|20)\d{2})")


@functools.lru_cache(maxsize=4096)
def normal(text: str) -> str:
    """The text in lower case with only its letters and digits."""
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())


def tidy(text: str) -> str:
    """The text with every run of blanks as one space."""
    return re.sub(r"\s+", " ", text).strip()


def school_year_in(text: str) -> str:
    """The school year a text is: a läsår, a spring or an autumn; "" for anything else, a lone year included."""
    text = tidy(text)
    if found := _AUTUMN.fullmatch(text):
        return school_year_label(int(found[1]) + 1)
    found = _YEAR.fullmatch(text)
    if not found:
        return ""
    if found[2] is None:
        return school_year_label(int(found[1])) if re.match(r"(?i)våren|vt", text) else ""
    try:
        return school_year_label(spring_of(f"{found[1]}/{found[2]}"))
    except ValueError:
        return ""


def calendar_year_in(text: str) -> str:
    """The school year that ends in a lone year's spring; "" when the text is no lone year."""
    found = re.fullmatch(r"(?i)(?:år(?:et)?\s*)?((?:19|20)\d{2})", tidy(text))
    return school_year_label(int(found[1])) if found else ""


@dataclass(frozen=True, kw_only=True)
class Printed:
    """One printed cell: value as text with a decimal comma ("" = none), status, and the mark as printed."""

    value: str = ""
    status: Status = Status.SHOWN
    mark: str = ""

    @property
    def nearly_all(self) -> bool:
        return self.mark == NEARLY_ALL


@functools.lru_cache(maxsize=65536)
def printed(cell: str) -> Printed | None:
    """What a printed cell says; None when it is neither a number nor a known mark."""
    text = tidy(cell).replace("–", "-")
    if text in MARKS:
        return Printed(status=MARKS[text], mark=text)
    if text.replace(" ", "") == NEARLY_ALL:
        return Printed(mark=NEARLY_ALL)
    if found := re.fullmatch(r"(?i)cirka (\d+)", text):
        return Printed(value=found[1], mark=text)
    if not _NUMBER.fullmatch(text) or _AMBIGUOUS.fullmatch(text):
        return None
    return Printed(value=text.replace(" ", "").replace("−", "-").replace(".", ","))


def bounds(pupils: int | None) -> tuple[str, str]:
    """Lowest and highest share in percent that `~100` can stand for among so many pupils; empty when not known."""
    if not pupils:
        return "", ""
    fewest, most = FEW_NOT_ELIGIBLE
    shares = (100 * max(pupils - most, 0) / pupils, 100 * max(pupils - fewest, 0) / pupils)
    low, high = (f"{share:.10g}".replace(".", ",") for share in shares)
    return low, high
