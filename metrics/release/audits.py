"""What a manifest says of the audit: of every period when it was last solved, also where its table stands from before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TOLD = ("period", "cells", "hidden", "narrow")
"""How much was checked and hidden, never how many counts were small."""
Listed = dict[str, list[dict[str, Any]]]


def outward(audited: Mapping[str, Any], earlier: Mapping[str, list[dict[str, Any]]]) -> Listed:
    """By family, the audit of each of its periods: of this release, or the entry of the release where it was solved.

    `audited`: reports of the gate by family; `earlier`: the same part of the last manifest.
    """
    listed: Listed = {}
    for family, report in audited.items():
        entries = {each["period"]: each for each in earlier.get(family, ())}
        entries |= {each["period"]: {key: each[key] for key in TOLD} for each in report["periods"]}
        listed[family] = [entries[period] for period in sorted(entries)]
    return listed


def earlier(releases: Path) -> Listed:
    """What the current release's manifest lists; nothing where there is none."""
    pointer = releases / "current"
    if not pointer.exists():
        return {}
    manifest = releases / pointer.read_text(encoding="utf-8").strip() / "manifest.json"
    found: Listed = json.loads(manifest.read_text(encoding="utf-8")).get("protection", {})
    return found
