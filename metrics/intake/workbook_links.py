"""Whether an Excel workbook takes values from, or points to, other files: by its parts, its formulas and its links."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PARTS = ("xl/externallinks/", "xl/connections", "xl/querytables/")
_FORMULA = re.compile(rb"<(?:\w+:)?f(?:\s[^<>]*)?>([^<]+)</")
_OTHER_BOOK = re.compile(rb"\[[^\[\]]+\](?:[^\[\]!'+*/(),;:=&<>\s-]*|[^\[\]!']*')!")
_FETCHING = re.compile(rb"\b(?:WEBSERVICE|RTD|SQL\.REQUEST)\s*\(|^\s*=?\s*[\w.]+\|", re.IGNORECASE)
_OUTSIDE = re.compile(rb"<Relationship\b[^<>]*\bTargetMode\s*=\s*[\"']External[\"'][^<>]*>", re.IGNORECASE)
_TO_A_BOOK = re.compile(
    rb"Target\s*=\s*[\"'](?:file:[^\"']*|[^\"']*\.(?:xls[xmb]?|ods|csv)(?:#[^\"']*)?)[\"']", re.IGNORECASE
)


def refers_elsewhere(unpacked: Mapping[str, bytes]) -> bool:
    """Whether anything in the workbook, given as its parts by name, comes from or points to another file.

    Formulas: a reference to another workbook ([1]Blad1!A1, '[Bok.xlsx]Blad 1'!A1), a DDE link (program|topic!item) or
    a function that fetches. A formula's own tables (Tabell[Kolumn]) are no other file.
    """
    for name, content in unpacked.items():
        low = name.lower()
        if low.startswith(_PARTS):
            return True
        if "worksheets/_rels/" in low and any(map(_TO_A_BOOK.search, _OUTSIDE.findall(content))):
            return True
        if "worksheets/" in low and any(map(_fetches, set(_FORMULA.findall(content)))):
            return True
    return False


def _fetches(formula: bytes) -> bool:
    formula = formula.replace(b"&apos;", b"'")
    return bool(_OTHER_BOOK.search(formula) or _FETCHING.search(formula))
