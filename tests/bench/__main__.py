"""`make bench`: runs every tests/bench/bench_*.py, prints a table and writes build/bench.json.

A module has one function, `measures(scale)`, that gives its Measure rows; `make bench SCALE=small` asks for those that
end within minutes. `python tests/bench --only absence` runs the modules whose name has that word. A module that fails is
a row that says so, the others go on; each module's rows are written when it ends. With --only, what an
earlier run measured of other modules stays.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from measuring import BUILD, Measure, cpu_seconds, written

HERE = Path(__file__).resolve().parent
HEADING = f"{'mått':<72} {'mätt':>10} {'högst':>8} enhet"
FAILED = "gick inte att mäta till slut"


def main() -> int:
    """Measure, print and write; 0 also where a limit is not met, since a slow machine is no fault, 1 where a module fails."""
    chosen = _arguments()
    modules = [path.stem for path in sorted(chosen.modules.glob("bench_*.py")) if chosen.only in path.stem]
    sys.path.insert(0, str(chosen.modules))
    if not chosen.only:
        chosen.to.unlink(missing_ok=True)
    print(HEADING, flush=True)
    failed = [name for name in modules if not _module(name, chosen.scale, chosen.to)]
    if failed:
        print(f"{FAILED}: {', '.join(failed)}", file=sys.stderr, flush=True)
    return 1 if failed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--scale", choices=("small", "full"), default="full")
    parser.add_argument("--only", default="")
    parser.add_argument("--modules", type=Path, default=HERE, help="the folder of bench_*.py")
    parser.add_argument("--to", type=Path, default=BUILD / "bench.json")
    return parser.parse_args()


def _module(name: str, scale: str, to: Path) -> bool:
    """Print a module's rows as they come, and keep them; whether it came to its end."""
    began, used, found, whole = time.monotonic(), cpu_seconds(), [], True
    print(f"  {name} ...", file=sys.stderr, flush=True)
    try:
        for each in importlib.import_module(name).measures(scale):
            print(_line(each), flush=True)
            found.append(each)
    except (Exception, SystemExit) as error:  # a full disk is said with SystemExit
        traceback.print_exc()
        said = f"{type(error).__name__}: {error}".splitlines()[0]
        found.append(Measure(name=f"{name} {FAILED}", ratio=None, unit="s", limit=0, repeats=0, note=said))
        print(_line(found[-1]), flush=True)
        whole = False
    wall, cpu = time.monotonic() - began, cpu_seconds() - used
    print(f"  {name}: {wall:.0f} s, {cpu:.0f} s of processor time", file=sys.stderr, flush=True)
    _keep(to, [{**row, "module": name, "scale": scale} for row in written(iter(found))])
    return whole


def _line(each: Measure) -> str:
    figure = "–" if each.ratio is None else f"{each.ratio:.3g}".replace(".", ",")
    limit = f"{each.limit:g}".replace(".", ",")
    mark = "" if each.met else "  ÖVER" if each.ratio is not None else "  inte mätt"
    return f"{each.name:<72} {figure:>10} {limit:>8} {each.unit}{mark}" + (f"  ({each.note})" if each.note else "")


def _keep(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Put a module's rows in place of what an earlier run said of it at the same scale."""
    names, those = {row["name"] for row in rows}, {(row["module"], row["scale"]) for row in rows}
    stands = [row for row in _earlier(path) if (row.get("module"), row.get("scale")) not in those]
    kept = [*(row for row in stands if row["name"] not in names), *rows]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _earlier(path: Path) -> Iterable[dict[str, Any]]:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


if __name__ == "__main__":
    sys.exit(main())
