"""The structure holds: imports go one way, each heavy library has one owner, and only the gate makes Published."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAYERS = (
    ("metrics.vocabulary",),
    ("metrics.values",),
    ("metrics.declare", "metrics.stats"),
    (
        "metrics.layout",
        "metrics.extracts",
        "metrics.indicators",
        "metrics.models",
        "metrics.cohorts",
        "metrics.family_query",
    ),
    ("metrics.catalogue",),
    ("metrics.engine", "metrics.locking"),
    ("metrics.release.read", "metrics.judgement"),
    ("metrics.present",),
    ("metrics.export",),
    ("metrics.vault",),
    ("metrics.delivered_counts", "metrics.whole_terms"),
    ("metrics.cohort_tables",),
    ("metrics.intake", "metrics.compute"),
    ("metrics.evaluate", "metrics.compared"),
    ("metrics.protect",),
    ("metrics.release",),
    ("metrics.demo",),
    (
        "metrics.cli",
        "metrics.cli_counts",
        "metrics.cli_evaluate",
        "metrics.cli_intake",
        "metrics.cli_joins",
        "metrics.cli_pages",
        "metrics.cli_plan",
        "metrics.cli_progress",
        "metrics.cli_register",
        "metrics.cli_review",
        "metrics.cli_vault",
    ),
)
OWNERS = {
    "duckdb": ("metrics/engine.py",),
    "streamlit": ("dashboard.py", "pages/"),
    "altair": ("metrics/present/",),
}
BROWSE_SIDE = ("metrics.release.read", "metrics.present", "metrics.export", "metrics.judgement")
DESK_SIDE = (
    "metrics.vault",
    "metrics.intake",
    "metrics.compute",
    "metrics.cohort_tables",
    "metrics.whole_terms",
    "metrics.protect",
    "metrics.evaluate",
    "metrics.compared",
)


def files() -> list[Path]:
    found = [*ROOT.glob("metrics/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "dashboard.py"]
    return [path for path in found if path.exists()]


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def parsed(path: Path) -> ast.Module:
    """The file's tree. CPython 3.11 can fail once when a collection runs in the middle of it (gh-106905)."""
    text = path.read_text(encoding="utf-8")
    try:
        return ast.parse(text)
    except SystemError:
        return ast.parse(text)


@functools.cache
def imports(path: Path) -> set[str]:
    tree = parsed(path)
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer_of(module: str) -> int | None:
    """The layer of the longest declared name that `module` is or lies in."""
    best: tuple[int, int] | None = None
    for number, names in enumerate(LAYERS):
        for name in names:
            if (module == name or module.startswith(name + ".")) and (best is None or len(name) > best[0]):
                best = (len(name), number)
    return None if best is None else best[1]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_go_one_way(path: Path) -> None:
    own = layer_of(module_of(path))
    if own is None:
        return
    upward = sorted(name for name in imports(path) if (layer_of(name) or 0) > own)
    assert not upward, f"{module_of(path)} imports from a later layer: {upward}"


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_each_heavy_library_has_one_owner(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    used = {each.split(".")[0] for each in imports(path)}
    for library, owners in OWNERS.items():
        if library in used:
            assert name.startswith(owners), f"{name} imports {library}, which belongs to {owners}"


@pytest.mark.parametrize("path", files(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_only_the_gate_and_the_reader_make_published_values(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    makes = re.search(r"(?<![\w.])Published\(", path.read_text(encoding="utf-8")) is not None
    allowed = name.startswith("metrics/protect/") or name in ("metrics/release/read.py", "metrics/values.py")
    assert allowed or not makes, f"{name} constructs Published"


def test_the_browse_side_imports_nothing_of_the_desk() -> None:
    paths = {module_of(path): path for path in files()}
    seen: set[str] = set()
    waiting = [name for name in paths if name.startswith(BROWSE_SIDE)]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += sorted(imports(paths[name]) & set(paths))
    assert len(seen) > len(BROWSE_SIDE)
    assert not [name for name in seen if name.startswith(DESK_SIDE)]


def test_identifiers_are_english() -> None:
    forbidden = re.compile(r"\b\w*(?:kommun|elev(?!en\b|at|ant)|[åäö])\w*\b", re.IGNORECASE)
    found = []
    for path in files():
        tree = parsed(path)
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword):  # parameters of an address are Swedish: the reader sees them
                continue
            name = getattr(node, "name", None) or getattr(node, "id", None) or getattr(node, "arg", None)
            if isinstance(name, str) and forbidden.search(name):
                found.append(f"{path.name}: {name}")
        if re.search(r"[åäöÅÄÖ]", path.name):
            found.append(path.name)
    assert not found


def test_the_layer_check_can_fail() -> None:
    assert (layer_of("metrics.protect.gate") or 0) > (layer_of("metrics.present.sentences") or 0)
    assert layer_of("metrics.release.read") != layer_of("metrics.release.write")
