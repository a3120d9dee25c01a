"""How a bench measures: contestants take turns in one run, wall and CPU time, peak memory in a process of its own."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
REPEATS = 5
SHARED = "BENCH_SHARED"
"""The folder where the modules of one run keep what several of them need; it goes when the run ends."""
Scale = Literal["small", "full"]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One row of build/bench.json. `ratio` is the measured figure whatever its unit; None = could not be measured."""

    name: str
    ratio: float | None
    unit: Literal["ratio", "ms", "s", "MB", "exponent"]
    limit: float
    repeats: int = REPEATS
    note: str = ""

    @property
    def met(self) -> bool:
        return self.ratio is not None and self.ratio <= self.limit


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds of every repeat, in order."""

    wall: tuple[float, ...]
    cpu: tuple[float, ...]

    @property
    def middle(self) -> float:
        return statistics.median(self.wall)

    @property
    def middle_cpu(self) -> float:
        return statistics.median(self.cpu)


def interleaved(contestants: Mapping[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, Timing]:
    """Each contestant once untimed, then in turn `repeats` times, every second round in the opposite order."""
    walls: dict[str, list[float]] = {name: [] for name in contestants}
    cpus: dict[str, list[float]] = {name: [] for name in contestants}
    for run in contestants.values():
        run()
    for turn in range(repeats):
        for name in list(contestants)[:: -1 if turn % 2 else 1]:
            wall, cpu = time.perf_counter(), time.process_time()
            contestants[name]()
            walls[name].append(time.perf_counter() - wall)
            cpus[name].append(time.process_time() - cpu)
    return {name: Timing(wall=tuple(walls[name]), cpu=tuple(cpus[name])) for name in contestants}


def cpu_seconds() -> float:
    """Processor seconds of this process and of those it has started and waited for."""
    return sum(os.times()[:4])


def ratio(over: Timing, under: Timing) -> float:
    """The median of the paired ratios: what disturbs the machine disturbs both of a round."""
    return statistics.median(a / b for a, b in zip(over.wall, under.wall, strict=True))


def cpu_ratio(over: Timing, under: Timing) -> float:
    """As `ratio`, of CPU time."""
    return statistics.median(a / b for a, b in zip(over.cpu, under.cpu, strict=True))


@dataclass(frozen=True, kw_only=True)
class Alone:
    """What a run in a process of its own took: seconds of the work itself, and the most memory the process had.

    `cpu`: with the processes that it started.
    """

    wall: float
    cpu: float
    peak_mb: float
    answer: Any = None


def alone(task: str, **given: Any) -> Alone | None:
    """Run `module:function` of tests/bench with these arguments in a new process; None when it did not finish."""
    command = [sys.executable, str(Path(__file__)), task, json.dumps(given)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as started:
        assert started.stdout is not None
        said = started.stdout.read()
    if started.returncode:
        return None
    return Alone(**json.loads(said.splitlines()[-1]))


def _work(task: str, given: str) -> None:
    module, name = task.split(":")
    run = getattr(__import__(module), name)
    wall, cpu = time.perf_counter(), cpu_seconds()
    answer = run(**json.loads(given))
    told = {"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu, "peak_mb": _peak_mb(), "answer": answer}
    print(json.dumps(told))


def written(measures: Iterator[Measure]) -> Iterator[dict[str, Any]]:
    """The rows of build/bench.json."""
    for each in measures:
        yield {
            "name": each.name,
            "ratio": each.ratio,
            "unit": each.unit,
            "limit": each.limit,
            "repeats": each.repeats,
        } | ({"note": each.note} if each.note else {})


def _peak_mb() -> float:
    """The most memory this process has had. Not what the kernel tells who waits for it: that counts the starter's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


if __name__ == "__main__":
    _work(sys.argv[1], sys.argv[2])
