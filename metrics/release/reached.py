"""The pupils whom models met, in a release: what the gate lets through of their absence before, during and after."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.evaluate.reached import read_met
from metrics.protect.reached import protected_reached
from metrics.protect.thresholds import Thresholds
from metrics.release import read
from metrics.vocabulary import Region

TABLE = "reached_pupils"
POPULATION = "attendance"
"""The family whose pupils these are: where its changed counts are held, nothing new is told here either."""


def reached(
    connection: engine.Connection,
    catalogue: Catalogue,
    region: Region,
    thresholds: Thresholds,
    earlier: Sequence[pd.DataFrame] = (),
    *,
    held: bool = False,
) -> pd.DataFrame:
    """The release's table: one row per model type that met a pupil in years 7-9, over the region."""
    met = read_met(connection, catalogue, region)
    return protected_reached(met, earlier, area=region.name, thresholds=thresholds, held=held)


def released_before(releases: Path) -> list[pd.DataFrame]:
    """The table as every release showed it, newest first, withdrawn ones included: somebody kept the file."""
    folders = {path.parents[1] for path in releases.glob(f"[!.]*/open/{TABLE}.parquet")}
    return [read._table(folder, TABLE) for folder in sorted(folders, key=read._age, reverse=True)]
