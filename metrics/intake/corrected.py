"""A file read as its sender says: another encoding, delimiter or header row than was recognised, in memory only."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

ENCODINGS = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "utf-16": "UTF-16"}
DELIMITERS = {";": "semikolon", ",": "komma", "\t": "tabb", "|": "lodstreck"}
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What the sender says about the file; empty parts are left to recognition."""

    encoding: str = ""
    delimiter: str = ""
    header_row: int = 0

    @property
    def empty(self) -> bool:
        return not (self.encoding or self.delimiter or self.header_row)


class CorrectionError(ValueError):
    """The bytes cannot be read as the sender says; the message is Swedish."""


def apply(data: bytes, correction: Correction) -> bytes:
    """The bytes rewritten so that recognition reads them as the sender says; row numbers are kept.

    Rows above the header are emptied, not removed. Archives and spreadsheets say themselves how they are written and
    are returned as they are.
    """
    if correction.empty or data.startswith(b"PK"):
        return data
    text = _decoded(data, correction.encoding)
    if correction.header_row > 1:
        above = correction.header_row - 1
        text = "\n".join([""] * above + _LINE_END.split(text)[above:])
    if correction.delimiter and correction.delimiter != ";":
        text = _with_semicolons(text, correction.delimiter)
    return text.encode("utf-8-sig")


def _decoded(data: bytes, encoding: str) -> str:
    named = encoding or ("utf-8-sig" if _is_utf8(data) else "cp1252")
    try:
        return data.decode("utf-8-sig" if named == "utf-8" else named)
    except (UnicodeDecodeError, UnicodeError):
        raise CorrectionError(
            f"Filen går inte att läsa som {ENCODINGS.get(named, 'UTF-8')}. Välj en annan teckenkodning."
        ) from None


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


def _with_semicolons(text: str, delimiter: str) -> str:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=";", lineterminator="\n")
    try:
        writer.writerows(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise CorrectionError(
            f"Filen går inte att dela upp med {DELIMITERS[delimiter]}. Välj en annan avgränsare."
        ) from None
    return written.getvalue()
