"""The whole catalogue counted from a region's vault: against plain SQL written by hand, again after a delivered year, and pages' data."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import plain_sql
from measuring import REPEATS, Measure, Scale, alone, cpu_ratio, interleaved, ratio
from published import GENERATED, handed_in

from metrics import engine
from metrics.compute import compute
from metrics.demo.release import desk_at
from metrics.present import overview
from metrics.present.figures import Figures
from metrics.present.rug import RugView
from metrics.release import read
from metrics.release.counted import refreshed
from metrics.release.desk import Desk
from metrics.release.prints import standing
from metrics.values import LOCAL_PRINCIPAL

READS = 50


def measures(scale: Scale) -> Iterator[Measure]:
    """Rows for an invented region of this scale, and for the release that SAMSYN_RELEASE names (else the example)."""
    yield from _pages()
    desk = desk_at(handed_in(scale))
    yield from _rebuilt(desk, GENERATED[scale])
    yield from _refreshed(desk, GENERATED[scale])


def _rebuilt(desk: Desk, scale: str) -> Iterator[Measure]:
    """Both from closed vault to every family's finest rows, of members who send rows."""
    found = interleaved({"engine": lambda: rebuild(desk), "plain": lambda: by_hand(desk)})
    said = "hela katalogen räknad / samma handskriven i ren SQL"
    wall, cpu = ratio(found["engine"], found["plain"]), cpu_ratio(found["engine"], found["plain"])
    yield Measure(name=f"{said}, {scale}", ratio=wall, unit="ratio", limit=1.1)
    yield Measure(name=f"{said}, CPU, {scale}", ratio=cpu, unit="ratio", limit=1.1)
    yield Measure(name=f"hela katalogen räknad, {scale}", ratio=found["engine"].middle, unit="s", limit=60)
    for task, words in (("engine_alone", "hela katalogen räknad"), ("plain_alone", "handskriven")):
        measured = alone(f"bench_catalogue:{task}", data=str(desk.data))
        peak = measured.peak_mb if measured else None
        yield Measure(name=f"mest minne, {words}, {scale}", ratio=peak, unit="MB", limit=1000, repeats=1)


DELIVERED = {
    "year9_grades": ("2024/25",),
    "attendance": ("HT 2024", "VT 2025"),
    "upper_secondary_enrolment": ("2024/25",),
}
"""One school year of an extract: whose cohorts end there, the largest, and the one that most cohorts follow."""


def _refreshed(desk: Desk, scale: str) -> Iterator[Measure]:
    """Counting again after one delivered year, as a share of counting everything; CPU, since the disk is shared."""
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before", Path(folder) / "after"
        for extract, periods in DELIVERED.items():
            _count(desk, before / extract, extract, periods)
        shares: dict[str, list[float]] = {extract: [] for extract in DELIVERED}
        for _ in range(REPEATS):
            shutil.rmtree(after, ignore_errors=True)
            whole = _count(desk, after)
            for extract, found in shares.items():
                shutil.rmtree(after)
                shutil.copytree(before / extract, after)
                found.append(_count(desk, after) / whole)
    for extract, found in shares.items():
        name = f"räknat om efter ett lämnat läsår / allt räknat, {extract}, CPU, {scale}"
        yield Measure(name=name, ratio=statistics.median(found), unit="ratio", limit=0.15)


def _count(desk: Desk, folder: Path, without: str = "", periods: tuple[str, ...] = ()) -> float:
    """CPU seconds to count every family with what `folder` keeps, as if these periods had not been delivered."""
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        connection.execute(
            "DELETE FROM active_slices WHERE extract = ? AND list_contains(?, period)", [without, list(periods)]
        )
        began = time.process_time()
        stands = standing(connection)
        for population in desk.catalogue.populations:
            refreshed(connection, desk.catalogue, population, region=desk.region, folder=folder, stands=stands)
        return time.process_time() - began


@contextmanager
def _rows_only(desk: Desk) -> Iterator[engine.Connection]:
    """The vault as if nobody had sent counts instead of rows: the hand-written statements read rows."""
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        connection.execute("DELETE FROM active_slices WHERE extract = 'aggregated_counts'")
        yield connection


def rebuild(desk: Desk) -> None:
    """Every family's counts, as publishing takes them."""
    with _rows_only(desk) as connection:
        for population in desk.catalogue.populations:
            compute(connection, desk.catalogue, population, region=desk.region)


def by_hand(desk: Desk) -> None:
    """Every family's hand-written statement."""
    with _rows_only(desk) as connection:
        plain_sql.prepared(connection)
        for population in desk.catalogue.populations:
            plain_sql.rows(connection, population)


def engine_alone(data: str) -> None:
    """`rebuild` in a process of its own."""
    rebuild(desk_at(Path(data)))


def plain_alone(data: str) -> None:
    """`by_hand` in a process of its own."""
    by_hand(desk_at(Path(data)))


def _pages() -> Iterator[Measure]:
    """The overview's rows: every indicator and member of one year, in memory; the page that reads the most."""
    release = read.load(read.current_folder(os.environ))
    figures = Figures(release)
    year = figures.school_years()[0]
    taken = []
    for _ in range(READS):
        began = time.perf_counter()
        overview.rows(figures, RugView(school_year=year, benchmark="region", provider="all", release=release.id))
        taken.append(1000 * (time.perf_counter() - began))
    name = f"översiktens siffror ur utgåva {release.id} ({len(release.values.values)} värden)"
    yield Measure(name=name, ratio=statistics.median(taken), unit="ms", limit=10, repeats=max(READS, REPEATS))
