"""A process that has nothing but a copy of a release folder: every page but the desk's works, and it touches nothing else."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
SOME = ("indicator",)
ALL = (
    *SOME, "overview", "municipality", "models", "compare", "effect", "pathway", "support_chain", "early_signs", "method",
    "accessibility",
)  # fmt: skip
NEVER = (
    "duckdb", "metrics.engine", "metrics.vault", "metrics.intake", "metrics.compute", "metrics.protect", "metrics.evaluate",
    "metrics.compared", "metrics.release.publish", "metrics.release.making", "metrics.release.records",
)  # fmt: skip
"""What knows the vault, the gate or how counts are made."""
PROBE = re.compile(re.escape(tempfile.gettempdir()) + r"/\w{8}|.*/\.streamlit/.*")
"""A file by which Python finds out whether it may write somewhere, and Streamlit's own settings."""


def served(folder: Path, pages: tuple[str, ...]) -> dict[str, Any]:
    """What a process loaded and opened that served these pages of a release that lies alone in a folder."""
    release = folder / "utgåva"
    shutil.copytree(DEMO, release)
    decoy = folder / "data"
    (decoy / "vault").mkdir(parents=True)
    (decoy / "vault" / "vault.duckdb").write_bytes(b"")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAMSYN_")}
    environment = kept | {"SAMSYN_RELEASE": str(release), "SAMSYN_DATA": str(decoy), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.attack.browse_worker", *pages]
    done = subprocess.run(
        command, env=environment, cwd=folder, capture_output=True, text=True, timeout=400, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1]) | {"release": str(release), "decoy": str(decoy), "log": done.stderr}


def check(found: dict[str, Any], pages: tuple[str, ...]) -> None:
    assert set(found["pages"]) == set(pages)
    for page, said in found["pages"].items():
        assert said["length"] > 500, page
        assert not said["broken"], page
        assert not said["desk"], page
    loaded = [name for name in found["modules"] if any(name == each or name.startswith(f"{each}.") for each in NEVER)]
    assert loaded == []
    assert {"metrics.release.read", "metrics.present.figures"} <= set(found["modules"])
    places = (found["release"], str(ROOT), sys.prefix, sys.base_prefix, "/usr", "/etc", "/proc", "/sys", "/dev")
    opened = {path for event in ("open", "os.listdir", "os.scandir") for path in found.get(event, ()) if "/" in path}
    assert any(path.startswith(found["release"]) for path in opened)
    elsewhere = {path for path in opened - set(found["path"]) if not path.startswith(places)}
    assert {path for path in elsewhere if not PROBE.fullmatch(path)} == set()
    own = {path for path in opened if path.startswith(str(ROOT / "data"))}
    assert all(path.startswith(str(ROOT / "data" / "reference")) for path in own), sorted(own)
    for event in ("socket.connect", "subprocess.Popen", "os.system", "sqlite3.connect"):
        assert found.get(event, []) == [], event


def test_a_process_with_a_release_only_serves_it_and_opens_nothing_else(tmp_path: Path) -> None:
    check(served(tmp_path, SOME), SOME)


@pytest.mark.soak
def test_every_page_but_the_desks_is_served_without_a_vault(tmp_path: Path) -> None:
    check(served(tmp_path, ALL), ALL)


@pytest.mark.soak
def test_a_server_that_was_not_given_the_school_part_has_none(tmp_path: Path) -> None:
    """The same pages work from a copy without school/, and no file of that name is opened."""
    pages = ("indicator", "early_signs")
    folder = tmp_path / "utan"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("school"))
    environment = os.environ | {"SAMSYN_RELEASE": str(folder), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.attack.browse_worker", *pages]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout.splitlines()[-1])
    assert not any(said["broken"] for said in found["pages"].values())
    assert not any("school/" in path for path in found["open"] if path.startswith(str(tmp_path)))
