"""The whole catalogue as plain DuckDB SQL, written by hand from the definitions: one SELECT per family in plain/*.sql.

Each statement reads the same extracts as the engine and shares nothing else with it. It returns what `Counts.inner`
holds of rows about pupils: a row per period, dimensions and outcome pattern, with the pupils, the first and last school
and each magnitude's sum, sum of squares, largest and weight, in order. Counts instead of rows have tests of their own.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from metrics import engine

FOLDER = Path(__file__).resolve().parent / "plain"
COMMON = "common"


def families() -> tuple[str, ...]:
    """The population families that are written here."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.sql") if path.stem != COMMON))


def prepared(connection: engine.Connection) -> None:
    """What several families read, as temporary tables; once per connection."""
    connection.execute((FOLDER / f"{COMMON}.sql").read_text(encoding="utf-8"))


def rows(connection: engine.Connection, population: str) -> pd.DataFrame:
    """One family's rows by hand: the columns of `Counts.inner`, in an order of their own."""
    return engine.frame(connection, (FOLDER / f"{population}.sql").read_text(encoding="utf-8"))
