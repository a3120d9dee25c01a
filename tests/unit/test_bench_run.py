"""A bench module that fails is a row of the table: what it measured before, and all other modules', is kept."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE = """
from measuring import Measure

def measures(scale):
    yield Measure(name=f"{name} mätt, {{scale}}", ratio={ratio}, unit="s", limit=1.0)
    {then}
"""


def run(folder: Path, *more: str) -> tuple[subprocess.CompletedProcess[str], dict[str, dict]]:
    to = folder / "kept" / "bench.json"
    command = [sys.executable, "-S", str(ROOT / "tests" / "bench"), "--modules", str(folder), "--to", str(to), *more]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    return done, {row["name"]: row for row in json.loads(to.read_text(encoding="utf-8"))}


def test_a_module_that_fails_loses_nobodys_rows(tmp_path: Path) -> None:
    parts = {
        "first": "raise SystemExit('Disken är full')",
        "second": "raise ValueError(1)",
        "third": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "unhurt": "",
    }
    for name, then in parts.items():
        (tmp_path / f"bench_{name}.py").write_text(MODULE.format(name=name, ratio=0.5, then=then), encoding="utf-8")
    done, rows = run(tmp_path, "--scale", "full")
    assert done.returncode == 1
    assert [rows[f"{name} mätt, full"]["ratio"] for name in parts] == [0.5] * 4
    failed = {name: row["note"] for name, row in rows.items() if row["ratio"] is None}
    assert sorted(failed.values()) == ["SystemExit: Disken är full", "ValueError: 1", "processen dog (-9)"]
    assert all(f"{name} " in done.stdout for name in failed)
    (tmp_path / "bench_second.py").write_text(MODULE.format(name="second", ratio=2, then=""), encoding="utf-8")
    done, rows = run(tmp_path, "--only", "second", "--scale", "full")
    assert done.returncode == 0
    assert rows["second mätt, full"]["ratio"] == 2
    assert rows["first mätt, full"]["ratio"] == 0.5
    left = {row["note"] for row in rows.values() if row["ratio"] is None}
    assert left == {"SystemExit: Disken är full", "processen dog (-9)"}
