"""Names of files: Swedish words that every file system takes."""

from __future__ import annotations

import re


def word(text: str) -> str:
    """A text as part of a file's name: Frånvaro minst 10 %, åk 7–9 -> frånvaro-minst-10-procent-åk-7-9."""
    return re.sub(r"[^\w]+", "-", text.lower().replace("%", " procent")).strip("-")
