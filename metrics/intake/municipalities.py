"""The municipalities of Sweden by code and name (SCB), to tell a real code from a mistyped one."""

from __future__ import annotations

import csv
from collections.abc import Mapping

from metrics.vocabulary import REFERENCE_FOLDER


def _read() -> dict[str, str]:
    with (REFERENCE_FOLDER / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row["name"] for row in csv.DictReader(file, delimiter=";")}


CODES: Mapping[str, str] = _read()
"""Code -> name."""

NAMES: Mapping[str, str] = {name.casefold(): code for code, name in CODES.items()}
"""Name in lower case -> code."""
