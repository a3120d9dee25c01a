"""Folders of the machine that the tests run on: none of them may stand in what is handed out or logged."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = tuple(dict.fromkeys(f"{each}/" for each in (ROOT, Path.home(), tempfile.gettempdir())))
ANY = "|".join(map(re.escape, FOLDERS))
"""A pattern that finds any of them."""
