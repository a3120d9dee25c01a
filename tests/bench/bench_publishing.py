"""Publishing: what evaluations take, and (at the region's size) publishing again after one delivered year."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from measuring import REPEATS, ROOT, Measure, Scale, alone
from published import GENERATED, handed_in, release_with_record

from metrics import engine
from metrics.demo.release import desk_at
from metrics.release import plans
from metrics.release.desk import Desk
from metrics.release.evaluations import Source, begun, evaluations
from metrics.release.publish import publish
from metrics.values import LOCAL_PRINCIPAL, Principal
from metrics.vault import Vault

DEMO = ROOT / "data" / "demo"
NEW = {
    "betyg": (("year9_grades", "2024/25"),),
    "närvaro": tuple(
        (extract, term) for extract in ("attendance", "aggregated_counts") for term in ("HT 2024", "VT 2025")
    ),
}
"""The slices (extract and period) of the school year that is handed in between two releases."""


def measures(scale: Scale) -> Iterator[Measure]:
    """Rows for an invented region of this scale; it is published at the full scale only, since that takes minutes."""
    data = handed_in(scale)
    for what in NEW if scale == "full" else ():
        with tempfile.TemporaryDirectory() as folder:
            yield from _published(desk_at(shutil.copytree(data, Path(folder) / "data")), what)
    yield from _evaluated(desk_at(data), GENERATED[scale])


@dataclass(frozen=True, kw_only=True)
class Earlier(Vault):
    """The vault as it was before these slices were handed in."""

    without: Sequence[tuple[str, str]]

    @contextmanager
    def reading(self, principal: Principal) -> Iterator[engine.Connection]:
        with super().reading(principal) as connection:
            for each in self.without:
                connection.execute("DELETE FROM active_slices WHERE extract = ? AND period = ?", list(each))
            yield connection


def _published(desk: Desk, what: str) -> Iterator[Measure]:
    """Seconds of publishing with every core, the gate and the values per school included, once a year more is there."""
    earlier = Earlier(path=desk.vault.path, catalogue=desk.catalogue, without=NEW[what])
    release_with_record(desk, earlier, DEMO)
    done = alone("bench_publishing:again", data=str(desk.data))
    note = f"CPU {done.cpu:.0f} s, minne {done.peak_mb:.0f} MB, {done.answer}" if done else ""
    name = f"utgåva efter ett lämnat läsår {what}, gr"
    yield Measure(name=name, ratio=done.wall if done else None, unit="s", limit=90, repeats=1, note=note)


def again(data: str) -> str:
    """Publish all that the vault holds; what came of it."""
    wide = replace(desk_at(Path(data)), workers=os.cpu_count() or 1, schools=True)
    made = publish(wide, principal=LOCAL_PRINCIPAL, note="Ett läsår till")
    return f"{made.shown} av {made.values} värden visas, {len(made.held)} perioder står kvar"


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
