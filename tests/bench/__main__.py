"""`make bench`: runs every tests/bench/bench_*.py, prints a table and writes build/bench.json.

A module has one function, `measures(scale)`, that gives its Measure rows; `make bench SCALE=small` asks for those that
end within minutes. `python tests/bench --only absence` runs the modules whose name has that word; the other rows of
an earlier build/bench.json stay.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
import time
from pathlib import Path

from measuring import BUILD, Measure, cpu_seconds, written

HERE = Path(__file__).resolve().parent
HEADING = f"{'mått':<72} {'mätt':>10} {'högst':>8} enhet"


def main() -> int:
    """Measure, print and write; 0 also where a limit is not met, since a slow machine is no fault in the code."""
    chosen = _arguments()
    found: list[Measure] = []
    print(HEADING, flush=True)
    for path in sorted(HERE.glob("bench_*.py")):
        if chosen.only in path.stem:
            found += _module(path, chosen.scale)
    BUILD.mkdir(exist_ok=True)
    rows = list(written(iter(found)))
    kept = _earlier({row["name"] for row in rows}) if chosen.only else []
    text = json.dumps(kept + rows, ensure_ascii=False, indent=1)
    (BUILD / "bench.json").write_text(text + "\n", encoding="utf-8")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--scale", choices=("small", "full"), default="full")
    parser.add_argument("--only", default="")
    return parser.parse_args()


def _module(path: Path, scale: str) -> list[Measure]:
    began, used = time.monotonic(), cpu_seconds()
    print(f"  {path.stem} ...", file=sys.stderr, flush=True)
    found = []
    for each in importlib.import_module(path.stem).measures(scale):
        print(_line(each), flush=True)
        found.append(each)
    taken = f"{time.monotonic() - began:.0f} s, {cpu_seconds() - used:.0f} s of processor time"
    print(f"  {path.stem}: {taken}", file=sys.stderr, flush=True)
    return found


def _line(each: Measure) -> str:
    figure = "–" if each.ratio is None else f"{each.ratio:.3g}".replace(".", ",")
    limit = f"{each.limit:g}".replace(".", ",")
    mark = "" if each.met else "  ÖVER" if each.ratio is not None else "  inte mätt"
    return f"{each.name:<72} {figure:>10} {limit:>8} {each.unit}{mark}" + (f"  ({each.note})" if each.note else "")


def _earlier(new: set[str]) -> list[dict[str, object]]:
    path = BUILD / "bench.json"
    rows = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    return [row for row in rows if row["name"] not in new]


if __name__ == "__main__":
    sys.exit(main())
