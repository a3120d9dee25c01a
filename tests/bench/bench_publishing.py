"""Publishing: what evaluations take, and (at the region's size) publishing again after one delivered year of grades."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from measuring import REPEATS, Measure, Scale, alone

from metrics import engine
from metrics.demo import generate
from metrics.demo.release import desk_at, hand_in_all
from metrics.release import plans
from metrics.release.desk import Desk
from metrics.release.evaluations import Source, begun, evaluations
from metrics.release.publish import publish
from metrics.values import LOCAL_PRINCIPAL, Principal
from metrics.vault import Vault

GENERATED = {"small": "small", "full": "gr"}
LAST = ["year9_grades", "2024/25"]
"""The extract and the year that are handed in between two releases."""


def measures(scale: Scale) -> Iterator[Measure]:
    """Rows for an invented region of this scale; it is published at the full scale only, since that takes half an hour."""
    with tempfile.TemporaryDirectory() as folder:
        desk = desk_at(Path(folder) / "data")
        generate(Path(folder) / "extracts", scale=GENERATED[scale], only_year9=False)
        hand_in_all(desk, Path(folder) / "extracts")
        if scale == "full":
            yield from _published(desk)
        yield from _evaluated(desk, GENERATED[scale])


class _Earlier(Vault):
    """The vault as it was before the last year of grades was handed in."""

    @contextmanager
    def reading(self, principal: Principal) -> Iterator[engine.Connection]:
        with super().reading(principal) as connection:
            connection.execute("DELETE FROM active_slices WHERE extract = ? AND period = ?", LAST)
            yield connection


def _published(desk: Desk) -> Iterator[Measure]:
    """Seconds of publishing with every core, the gate included, once a year more has been handed in."""
    wide = replace(desk, workers=os.cpu_count() or 1)
    earlier = _Earlier(path=desk.vault.path, catalogue=desk.catalogue)
    publish(replace(wide, vault=earlier), principal=LOCAL_PRINCIPAL, note="Innan")
    began = time.perf_counter()
    publish(wide, principal=LOCAL_PRINCIPAL, note="Ett läsår till")
    taken = time.perf_counter() - began
    yield Measure(name="utgåva efter ett lämnat läsår betyg, gr", ratio=taken, unit="s", limit=90, repeats=1)


def _evaluated(desk: Desk, scale: str) -> Iterator[Measure]:
    runs = [alone("bench_publishing:evaluate", data=str(desk.data)) for _ in range(REPEATS)]
    done = [each for each in runs if each]
    peak = max((each.peak_mb for each in done), default=None)
    yield Measure(name=f"alla utvärderingars minne, {scale}", ratio=peak, unit="MB", limit=1000)
    cpu = sorted(each.cpu for each in done)[len(done) // 2] if done else None
    yield Measure(name=f"alla utvärderingar, CPU, {scale}", ratio=cpu, unit="s", limit=60)


def evaluate(data: str) -> int:
    """Every declared result evaluated as publishing does, in one process; how many rows came of it."""
    desk = desk_at(Path(data))
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        current = plans.current(desk.catalogue.model_types.values(), [], date(2026, 11, 23))
        source = Source(connection=connection, catalogue=desk.catalogue, region=desk.region)
        with begun(source, current) as answers:
            return len(evaluations(source, current, answers()))
