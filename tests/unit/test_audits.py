"""A manifest lists the audit of every period, also of those whose tables stand from an earlier release."""

from __future__ import annotations

import json
from pathlib import Path

from metrics.release import audits


def entry(period: str, hidden: int) -> dict[str, object]:
    return {"period": period, "cells": 10, "hidden": hidden, "narrow": 0}


def test_a_period_that_stands_keeps_its_entry_and_a_solved_one_has_a_new(tmp_path: Path) -> None:
    before = {"year9": [entry("2022/23", 1), entry("2023/24", 2)], "gone": [entry("2022/23", 3)]}
    (tmp_path / "r-1").mkdir()
    (tmp_path / "r-1" / "manifest.json").write_text(json.dumps({"protection": before}), encoding="utf-8")
    (tmp_path / "current").write_text("r-1", encoding="utf-8")
    report = {"periods": [{**entry("2023/24", 7), "protected": 4}, entry("2024/25", 8)]}
    listed = audits.outward({"year9": report}, audits.earlier(tmp_path))
    assert listed == {"year9": [entry("2022/23", 1), entry("2023/24", 7), entry("2024/25", 8)]}


def test_a_first_release_lists_its_own(tmp_path: Path) -> None:
    assert audits.earlier(tmp_path) == {}
    assert audits.outward({"year9": {"periods": []}}, {}) == {"year9": []}
