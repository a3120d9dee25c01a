"""`make bench`: runs every tests/bench/bench_*.py, prints a table and writes build/bench.json.

A module has one function, `measures(scale)`, that gives its Measure rows; `make bench SCALE=small` asks for those that
end within minutes. `python tests/bench --only absence` runs the modules whose name has that word. Each module runs in a
process of its own. One that fails, or whose process dies, is a row that says so: what it measured before that is kept as it
was measured, and the others go on. With --only, what an earlier run measured of other modules stays.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from measuring import BUILD, SHARED, Measure, cpu_seconds, written

HERE = Path(__file__).resolve().parent
HEADING = f"{'mått':<72} {'mätt':>10} {'högst':>8} enhet"
FAILED = "gick inte att mäta till slut"
ENDED = (0, 1)
"""A module's process that has said itself how it went: to its end, or with a failure."""


def main() -> int:
    """Measure, print and write; 0 also where a limit is not met, since a slow machine is no fault, 1 where a module fails."""
    chosen = _arguments()
    if chosen.module:
        sys.path.insert(0, str(chosen.modules))
        return 0 if _measured(chosen.module, chosen.scale, chosen.to) else 1
    modules = [path.stem for path in sorted(chosen.modules.glob("bench_*.py")) if chosen.only in path.stem]
    if not chosen.only:
        chosen.to.unlink(missing_ok=True)
    print(HEADING, flush=True)
    with tempfile.TemporaryDirectory(prefix="samsyn-bench-") as shared:
        failed = [name for name in modules if not _ran(name, chosen, shared)]
    if failed:
        print(f"{FAILED}: {', '.join(failed)}", file=sys.stderr, flush=True)
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--scale", choices=("small", "full"), default="full")
    parser.add_argument("--only", default="")
    parser.add_argument("--module", default="", help="measure this one, in this process")
    parser.add_argument("--modules", type=Path, default=HERE, help="the folder of bench_*.py")
    parser.add_argument("--to", type=Path, default=BUILD / "bench.json")
    return parser.parse_args()


def _ran(name: str, chosen: argparse.Namespace, shared: str) -> bool:
    """Measure a module in a process of its own; whether it came to its end."""
    began, used = time.monotonic(), cpu_seconds()
    print(f"  {name} ...", file=sys.stderr, flush=True)
    options = ["--module", name, "--scale", chosen.scale, "--modules", str(chosen.modules), "--to", str(chosen.to)]
    command = [sys.executable, *(["-S"] if sys.flags.no_site else []), str(HERE), *options]
    done = subprocess.run(command, env={**os.environ, SHARED: shared})
    if done.returncode not in ENDED:
        _failed(name, chosen.scale, chosen.to, f"processen dog ({done.returncode})")
    wall, cpu = time.monotonic() - began, cpu_seconds() - used
    print(f"  {name}: {wall:.0f} s, {cpu:.0f} s of processor time", file=sys.stderr, flush=True)
    return done.returncode == 0


def _measured(name: str, scale: str, to: Path) -> bool:
    """Print a module's rows as they come, and keep each; whether it came to its end."""
    kept: list[Measure] = []
    try:
        _forget(to, name, scale)
        for each in importlib.import_module(name).measures(scale):
            print(_line(each), flush=True)
            kept.append(each)
            _keep(to, name, scale, kept)
    except (Exception, SystemExit) as error:  # a full disk is said with SystemExit
        traceback.print_exc()
        _failed(name, scale, to, f"{type(error).__name__}: {error}".splitlines()[0])
        return False
    return True


def _failed(name: str, scale: str, to: Path, said: str) -> None:
    """A row of the table that says why a module did not come to its end."""
    row = Measure(name=f"{name} {FAILED}", ratio=None, unit="s", limit=0, repeats=0, note=said)
    print(_line(row), flush=True)
    _keep(to, name, scale, [row])


def _line(each: Measure) -> str:
    figure = "–" if each.ratio is None else f"{each.ratio:.3g}".replace(".", ",")
    limit = f"{each.limit:g}".replace(".", ",")
    mark = "" if each.met else "  ÖVER" if each.ratio is not None else "  inte mätt"
    return f"{each.name:<72} {figure:>10} {limit:>8} {each.unit}{mark}" + (f"  ({each.note})" if each.note else "")


def _forget(path: Path, module: str, scale: str) -> None:
    """Let go of what an earlier run said of a module at this scale."""
    stands = [row for row in _earlier(path) if (row.get("module"), row.get("scale")) != (module, scale)]
    _write(path, stands)


def _keep(path: Path, module: str, scale: str, measures: Sequence[Measure]) -> None:
    """Put these rows among those that are kept, in place of any of the same name."""
    rows = [{**row, "module": module, "scale": scale} for row in written(iter(measures))]
    names = {row["name"] for row in rows}
    _write(path, [*(row for row in _earlier(path) if row["name"] not in names), *rows])


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(rows, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _earlier(path: Path) -> Iterable[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


if __name__ == "__main__":
    sys.exit(main())
