"""What README says exists, and what exists is said: commands, settings, places in the tree, make targets."""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path

from metrics import cli

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> set[str]:
    for action in cli._parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            return set(action.choices)
    return set()


def sources() -> list[Path]:
    return [*ROOT.glob("metrics/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "dashboard.py"]


def test_every_command_stands_in_readme() -> None:
    named = set(re.findall(r"samsyn ([a-z-]+)", README))
    assert commands() <= named
    assert named - commands() == set()


def test_every_setting_stands_in_readme() -> None:
    files = [path for path in [*sources(), *ROOT.glob("tests/**/*.py")] if path.exists()]
    used = {
        name for path in files for name in re.findall(r"SAMSYN_[A-Z]+(?:_[A-Z]+)*", path.read_text(encoding="utf-8"))
    }
    listed = set(re.findall(r"\| `(SAMSYN_[A-Z_]+)` \|", README))
    assert used <= listed | set(re.findall(r"SAMSYN_[A-Z_]+", README))


def test_every_place_in_the_map_exists() -> None:
    part = README.split("### Map of the tree")[1].split("###")[0]
    places = re.findall(r"`([a-z_./]+(?:/|\.py))`", part)
    folder = ""
    for place in places:
        known = [ROOT / place, ROOT / "metrics" / place, ROOT / folder / place, ROOT / "tests" / place]
        assert any(path.exists() for path in known), place
        folder = place if place.endswith("/") else folder


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        path.name for path in sources() if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert not silent


def test_every_public_function_of_metrics_has_a_docstring() -> None:
    missing = []
    for path in ROOT.glob("metrics/**/*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            public = isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_")
            if public and not ast.get_docstring(node) and len(node.body) > 4:
                missing.append(f"{path.name}: {node.name}")
    assert not missing


def test_make_targets_of_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"make ([a-z]+)", README)) - {"och", "inget"}:
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_lock_names_no_package_index() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert "--index" not in lock
    assert lock.count("--hash=sha256:") > 70
