"""The whole catalogue counted from a region's vault: against its SQL run bare, again after a delivered year, and pages' data."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import REPEATS, Measure, Scale, cpu_ratio, interleaved, ratio

from metrics import engine
from metrics.compute import compute
from metrics.demo import generate
from metrics.demo.release import desk_at, hand_in_all
from metrics.family_query import family_sql, joined_sql, readings
from metrics.present import overview
from metrics.present.figures import Figures
from metrics.present.rug import RugView
from metrics.release import read
from metrics.release.counted import refreshed
from metrics.release.desk import Desk
from metrics.values import LOCAL_PRINCIPAL

GENERATED = {"small": "small", "full": "gr"}
READS = 50


def measures(scale: Scale) -> Iterator[Measure]:
    """Rows for an invented region of this scale, and for the release that SAMSYN_RELEASE names (else the example)."""
    yield from _pages()
    with _desk(GENERATED[scale]) as desk:
        yield from _rebuilt(desk, GENERATED[scale])
        yield from _refreshed(desk, GENERATED[scale])


@contextmanager
def _desk(scale: str) -> Iterator[Desk]:
    """A vault where every kind of extract of an invented region is handed in."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder) / "extracts", scale=scale, only_year9=False)
        desk = desk_at(Path(folder) / "data")
        hand_in_all(desk, Path(folder) / "extracts")
        yield desk


def _rebuilt(desk: Desk, scale: str) -> Iterator[Measure]:
    found = interleaved({"compute": lambda: rebuild(desk), "bare": lambda: bare(desk)})
    said = "hela katalogen räknad / samma satser körda för sig"
    note = "satserna är katalogens egna, inte skrivna för hand"
    yield Measure(
        name=f"{said}, {scale}", ratio=ratio(found["compute"], found["bare"]), unit="ratio", limit=1.1, note=note
    )
    cpu = cpu_ratio(found["compute"], found["bare"])
    yield Measure(name=f"{said}, CPU, {scale}", ratio=cpu, unit="ratio", limit=1.1, note=note)
    yield Measure(name=f"hela katalogen räknad, {scale}", ratio=found["compute"].middle, unit="s", limit=60)


DELIVERED = {
    "year9_grades": ("2024/25",),
    "attendance": ("HT 2024", "VT 2025"),
    "upper_secondary_enrolment": ("2024/25",),
}
"""One school year of an extract: whose cohorts end there, the largest, and the one that most cohorts follow."""


def _refreshed(desk: Desk, scale: str) -> Iterator[Measure]:
    """Counting again after one delivered year, as a share of counting everything; CPU, since the disk is shared."""
    for extract, periods in DELIVERED.items():
        with tempfile.TemporaryDirectory() as folder:
            before, after = Path(folder) / "before", Path(folder) / "after"
            _count(desk, before, extract, periods)
            wholes, agains = [], []
            for _ in range(REPEATS):
                shutil.rmtree(after, ignore_errors=True)
                wholes.append(_count(desk, after))
                shutil.rmtree(after)
                shutil.copytree(before, after)
                agains.append(_count(desk, after))
        measured = statistics.median(again / whole for again, whole in zip(agains, wholes, strict=True))
        name = f"räknat om efter ett lämnat läsår / allt räknat, {extract}, CPU, {scale}"
        yield Measure(name=name, ratio=measured, unit="ratio", limit=0.15)


def _count(desk: Desk, folder: Path, without: str = "", periods: tuple[str, ...] = ()) -> float:
    """CPU seconds to count every family with what `folder` keeps, as if these periods had not been delivered."""
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        connection.execute(
            "DELETE FROM active_slices WHERE extract = ? AND list_contains(?, period)", [without, list(periods)]
        )
        began = time.process_time()
        for population in desk.catalogue.populations:
            refreshed(connection, desk.catalogue, population, region=desk.region, folder=folder)
        return time.process_time() - began


def rebuild(desk: Desk) -> None:
    """Every family's counts."""
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        for population in desk.catalogue.populations:
            compute(connection, desk.catalogue, population, region=desk.region)


def bare(desk: Desk) -> None:
    """Cohorts and one statement per family, nothing asked and nothing added."""
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        for population in desk.catalogue.populations:
            family = desk.catalogue.family(population)
            for name in desk.catalogue.sources(" ".join(each.sql for each in family)):
                connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {name} AS {desk.catalogue.cohorts[name]}")
            read_once = readings(family)
            engine.frame(connection, joined_sql(family, read_once) if read_once else family_sql(family))


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
