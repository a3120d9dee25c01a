"""The whole catalogue as plain DuckDB SQL, written by hand from the definitions: one SELECT per family in plain/*.sql.

Each statement reads the same extracts as the engine and shares nothing else with it. It returns a family's finest cut:
a row per period and dimensions, with every indicator's denominator, numerator and, for ratios, weight added up. Every
cut that is published is a sum of such rows. Rows about pupils only: counts instead of rows have tests of their own.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from metrics import engine
from metrics.declare import Indicator
from metrics.values import DIMENSION_COLUMNS

FOLDER = Path(__file__).resolve().parent / "plain"
KEYS = ["period", *DIMENSION_COLUMNS]
COMMON = "common"


def families() -> tuple[str, ...]:
    """The population families that are written here."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.sql") if path.stem != COMMON))


def prepared(connection: engine.Connection) -> None:
    """What several families read, as temporary tables; once per connection."""
    connection.execute((FOLDER / f"{COMMON}.sql").read_text(encoding="utf-8"))


def rows(connection: engine.Connection, population: str) -> pd.DataFrame:
    """The finest cut of one family: KEYS, contributors, and NAME__d, NAME__n (and NAME__w) of each indicator."""
    return engine.frame(connection, (FOLDER / f"{population}.sql").read_text(encoding="utf-8"))


def finest(inner: pd.DataFrame, family: tuple[Indicator, ...]) -> pd.DataFrame:
    """The same of the engine's inner rows, where pupils stand by outcome pattern."""
    pupils = inner["contributors"]
    parts = {"contributors": pupils}
    for each in family:
        inside = inner[f"{each.name}__denominator"]
        parts[f"{each.name}__d"] = pupils * inside
        magnitude = f"{each.name}__sum" in inner.columns
        parts[f"{each.name}__n"] = (
            inner[f"{each.name}__sum"] if magnitude else pupils * inner[f"{each.name}__numerator"]
        )
        if each.ratio:
            parts[f"{each.name}__w"] = inner[f"{each.name}__weight"]
    summed = pd.concat([inner[KEYS], pd.DataFrame(parts).astype(float)], axis=1)
    return summed.groupby(KEYS, as_index=False).sum().sort_values(KEYS, ignore_index=True)


def comparable(found: pd.DataFrame) -> pd.DataFrame:
    """Hand-written rows in the order and types of `finest`: nobody counted is 0."""
    numbers = [name for name in found.columns if name not in KEYS]
    return found.assign(**{name: found[name].fillna(0).astype(float) for name in numbers}).sort_values(
        KEYS, ignore_index=True
    )
