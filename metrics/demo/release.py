"""The example release: synthetic extracts handed in, counted, protected and published like real ones."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from metrics import catalogue
from metrics.compute import Progress, silent
from metrics.intake import stage, stage_file
from metrics.intake.container import LARGEST_FILE
from metrics.intake.findings import Staged
from metrics.intake.handing_in import hand_in
from metrics.intake.joining import declaration
from metrics.release.desk import Desk
from metrics.release.publish import publish
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Vault
from metrics.vocabulary import GR, Municipality, Region

CREATED = datetime(2026, 11, 23, 8, 0)
NOTE = "Exempeldata: påhittade elever i påhittade skolor. De officiella serierna bredvid är verkliga."


def build_release(
    folder: Path,
    *,
    scale: Literal["small", "gr", "sweden"] = "gr",
    seed: int = 1,
    only_year9: bool = False,
    workers: int = 1,
    progress: Progress = silent,
) -> Path:
    """Build the example release of this scale and seed in `folder`; the same bytes every time."""
    from metrics.demo import generate

    with tempfile.TemporaryDirectory() as made:
        extracts, data = Path(made) / "extracts", Path(made) / "data"
        generate(extracts, scale=scale, seed=seed, only_year9=only_year9)
        desk = replace(desk_at(data, region_of(scale)), workers=workers, schools=True)
        hand_in_all(desk, extracts, progress=progress)
        stamp = (f"exempel-{seed}", CREATED)
        published = publish(desk, principal=LOCAL_PRINCIPAL, note=NOTE, stamp=stamp, progress=progress)
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(published.folder, folder)
    return folder


def region_of(scale: str) -> Region:
    """Whose release it is: GR, or all the municipalities of the invented country, under names nobody has."""
    from metrics.demo.region import COUNTRY, scale_of

    if scale != "sweden":
        return GR
    members = tuple(Municipality(code=each.code, name=each.name) for each in scale_of(scale).members)
    return Region(name=COUNTRY, title=COUNTRY, members=members)


def desk_at(data: Path, region: Region = GR) -> Desk:
    """A desk with a plain vault in `data`."""
    declared = catalogue.default()
    vault = Vault(path=data / "vault" / "samsyn.duckdb", catalogue=declared)
    return Desk(vault=vault, data=data, catalogue=declared, region=region)


def hand_in_all(desk: Desk, extracts: Path, *, progress: Progress = silent) -> None:
    """Declare the joins of joins.json, and hand in every file of deliveries.json in its order with the senders' answers."""
    _declare(desk, extracts / "joins.json")
    deliveries = json.loads((extracts / "deliveries.json").read_text(encoding="utf-8"))
    for number, delivery in enumerate(deliveries):
        progress(f"Lämnar in {delivery['file']}", number / len(deliveries))
        staged = _staged(extracts / delivery["file"], delivery["extract"], desk.region)
        coverage = replace(staged.coverage, source_system=delivery["source_system"])
        hand_in(
            desk.vault,
            replace(staged, coverage=coverage),
            sender=delivery["sender"],
            principal=LOCAL_PRINCIPAL,
            reasons=delivery["accept"],
            overlap=delivery["overlap"],
        )
        staged.connection.close()


def _staged(path: Path, extract: str, region: Region) -> Staged:
    """A file as it is checked when it is handed in; one too large to be read whole (a country's enrolment) from the disk."""
    if path.stat().st_size > LARGEST_FILE:
        return stage_file(path, extract, region=region)
    return stage(path.read_bytes(), extract, name=path.name, region=region)


def _declare(desk: Desk, said: Path) -> None:
    """The invented joins, declared on the day of the example release so that it is the same every time."""
    for join in json.loads(said.read_text(encoding="utf-8")) if said.exists() else ():
        days = {name: date.fromisoformat(join[name]) for name in ("starts", "ends")}
        desk.vault.declare_join(
            declaration(desk.region, **{**join, **days}), principal=LOCAL_PRINCIPAL, day=CREATED.date()
        )
