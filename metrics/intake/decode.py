"""Bytes to text: UTF-8 with or without BOM, UTF-16 and Windows-1252, and nothing guessed in silence."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from metrics.intake.notes import Notes

ENCODING_TEXT = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 med BOM", "utf-16": "UTF-16", "cp1252": "Windows-1252"}
LONGEST_LINE = 2**20

_MULTIBYTE = re.compile(rb"\xc3[\x80-\xbf]")
_LONE_HIGH = re.compile(rb"(?<![\x80-\xff])[\xc0-\xff](?![\x80-\xbf])")
_MOJIBAKE = re.compile("Ã[¥¤¶…„–\u0085\u0084\u0096©¼]|Â[\u00a0°§]|ï»¿")
_FOREIGN = re.compile("[†„”Œ\u0152Š\u0161‘’“•–—˜™›\u0153ž\u0178Ž€‡ˆ‰‹ƒ]")
_SWEDISH = re.compile("[åäöÅÄÖéüÉ]")
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u2028\u2029\ud800-\udfff]")


def decode(data: bytes, notes: Notes) -> tuple[str, str] | None:
    """The text and its encoding's Swedish name, or None when that was noted as an error."""
    found = _decoded(data)
    if found is None:
        mixed = _MULTIBYTE.search(data) and _LONE_HIGH.search(data)
        notes.add("encoding_mixed" if mixed else "encoding_unknown")
        return None
    text, encoding = found
    return (text, ENCODING_TEXT[encoding]) if _sound(text, encoding, data, notes) else None


def _decoded(data: bytes) -> tuple[str, str] | None:
    if data.startswith(codecs.BOM_UTF8):
        return _strict(data, "utf-8-sig")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strict(data, "utf-16")
    if wide := _wide_without_mark(data):
        decoded = _strict(data, wide)
        return (decoded[0], "utf-16") if decoded else None
    return _strict(data, "utf-8") or _strict(data, "cp1252")


def _wide_without_mark(data: bytes) -> str:
    """UTF-16 without BOM shows as zeros in every second byte."""
    start = data[:2000]
    if len(start) < 8 or len(data) % 2:
        return ""
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    if odd > 0.7 * half and even == 0:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd == 0 else ""


def _strict(data: bytes, encoding: str) -> tuple[str, str] | None:
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError:
        return None


def _sound(text: str, encoding: str, data: bytes, notes: Notes) -> bool:
    """True unless the text shows that it was decoded wrongly, here or before it came here."""
    if "\x00" in text:
        notes.add("file_nul")
    elif "\ufffd" in text:
        notes.add("encoding_lost")
    elif encoding == "cp1252" and _MULTIBYTE.search(data):
        notes.add("encoding_mixed")
    elif encoding == "cp1252" and _FOREIGN.search(text) and not _SWEDISH.search(text):
        notes.add("encoding_unknown")
    elif _MOJIBAKE.search(text):
        notes.add("encoding_twice")
    elif _CONTROL.search(text):
        notes.add("file_control_characters")
    elif max(map(len, re.split(r"\r\n|\r|\n", text))) > LONGEST_LINE:
        notes.add("file_long_line")
    else:
        return True
    return False


def is_suspicious(text: str) -> bool:
    """True for a cell with control characters, or with letters that were decoded wrongly before it came here."""
    return bool(_CONTROL.search(text) or _MOJIBAKE.search(text))


def hash_and_encoding_of(path: Path) -> tuple[str, str]:
    """A large file's SHA-256 and encoding: UTF-8 when all of it is, otherwise Windows-1252."""
    digest, decoder, encoding = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")(), "utf-8"
    with path.open("rb") as file:
        while chunk := file.read(2**22):
            digest.update(chunk)
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                encoding = "cp1252"
                decoder.reset()
        file.seek(0)
        marked = file.read(3) == codecs.BOM_UTF8
    return digest.hexdigest(), "utf-8-sig" if marked else encoding


def checked_lines(lines: Iterable[str], notes: Notes) -> Iterator[str]:
    """The lines, until one shows that the file is damaged or was decoded wrongly; that is noted."""
    for line in lines:
        if not _sound(line, "", b"", notes):
            return
        yield line
