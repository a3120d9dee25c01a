"""What an erasure takes away, which slices and pupils that is in a given file, and the list of erasures made.

The list is a file of its own beside the vault (numbers and names of organisations, never a pseudonym), so that an
erasure made after a backup is made again when that backup is restored.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.vault.opening import Place, sync
from metrics.vault.storing import key_pseudonyms
from metrics.vocabulary import PERIOD_KINDS, parse_period

KEPT_DAYS = 90
"""How long an undone batch, or what was replaced by another, is kept before `purge` erases it."""


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """What goes, of everything stored up to `moment`: rows that match every criterion given ("" and None = any).

    `pupils`: only the rows of these (None = of everybody). `slices`: only these slices, as `overdue` found them.
    """

    moment: datetime
    sender: str = ""
    extract: str = ""
    period: str = ""
    batch: int | None = None
    pupils: tuple[int, ...] | None = None
    slices: tuple[int, ...] | None = None


def find_doomed(connection: engine.Connection, erasure: Erasure | None) -> None:
    """TEMP tables doomed_slices, doomed_pupils and doomed_scope (everybody: whole slices go) for the file `old`."""
    connection.execute("CREATE OR REPLACE TEMP TABLE doomed_slices (slice INTEGER)")
    connection.execute("CREATE OR REPLACE TEMP TABLE doomed_pupils (pupil INTEGER)")
    everybody = erasure is not None and erasure.pupils is None
    connection.execute(f"CREATE OR REPLACE TEMP TABLE doomed_scope AS SELECT {everybody} AS everybody")
    if erasure is None:
        return
    connection.execute(
        """
        INSERT INTO doomed_slices
        SELECT slices.slice
        FROM old.slices AS slices
        JOIN old.batches AS batches
            ON batches.batch = slices.batch
        WHERE batches.stored_at <= ?
            AND slices.erased_at IS NULL
            AND (? = '' OR batches.sender = ?)
            AND (? = '' OR batches.extract = ?)
            AND (? = '' OR slices.period = ?)
            AND (? IS NULL OR batches.batch = ?)
            AND (? IS NULL OR list_contains(?, slices.slice))
        """,
        [
            erasure.moment,
            *(value for name in (erasure.sender, erasure.extract, erasure.period) for value in (name, name)),
            erasure.batch,
            erasure.batch,
            None if erasure.slices is None else len(erasure.slices),
            list(erasure.slices or ()),
        ],
    )
    connection.execute("INSERT INTO doomed_pupils SELECT unnest(?::INTEGER[])", [list(erasure.pupils or ())])


def overdue(connection: engine.Connection, catalogue: Catalogue, *, today: date) -> tuple[int, ...]:
    """The slices whose retention, as their extract declares it, is over: counted from the end of their period."""
    found = engine.rows(
        connection,
        "SELECT slices.slice, batches.extract, slices.period, batches.stored_at FROM vault.slices AS slices"
        " JOIN vault.batches AS batches ON batches.batch = slices.batch WHERE slices.erased_at IS NULL",
    )
    return tuple(
        slice_
        for slice_, extract, period, stored_at in found
        if extract in catalogue.extracts
        and _years_after(
            _ended(period, catalogue.extracts[extract].period_kind) or stored_at.date(),
            catalogue.extracts[extract].retention_years,
        )
        < (today.year, today.month, today.day)
    )


def _years_after(day: date, years: int) -> tuple[int, int, int]:
    return day.year + years, day.month, day.day


def _ended(label: str, kind: str) -> date | None:
    """The last day of the period with this label, of the extract's kind or else any kind; None when it is none."""
    for each in (kind, *PERIOD_KINDS):
        try:
            return parse_period(label, each).end
        except ValueError:
            continue
    return None


def out_of_time(connection: engine.Connection, *, before: datetime) -> tuple[int, ...]:
    """Slices of batches undone before that moment, and slices replaced before it by what still stands."""
    found = engine.rows(
        connection,
        """
        WITH undone AS (
            SELECT slices.slice
            FROM vault.slices AS slices
            JOIN vault.batches AS batches
                ON batches.batch = slices.batch
            WHERE batches.undone_at < ? AND slices.erased_at IS NULL
        ),
        replaced AS (
            SELECT earlier.slice
            FROM standing AS earlier
            JOIN standing AS later
                ON later.extract = earlier.extract
                AND later.sender = earlier.sender
                AND later.source_system = earlier.source_system
                AND later.period = earlier.period
                AND later.unit = earlier.unit
                AND later.batch > earlier.batch
                AND later.mode = 'replace'
                AND later.stored_at < ?
        )
        SELECT slice FROM undone
        UNION
        SELECT slice FROM replaced
        ORDER BY slice
        """,
        [before, before],
    )
    return tuple(row[0] for row in found)


def remember(place: Place, erasure: Erasure) -> None:
    """Add the erasure to the list beside the vault, on the disk before anything is erased."""
    line = "\n" + json.dumps(asdict(erasure), default=str, ensure_ascii=False) + "\n"
    with engine.explained_files():
        with list_path(place).open("a", encoding="utf-8") as lines:
            lines.write(line)
            lines.flush()
            os.fsync(lines.fileno())
        sync(place.folder)


def remembered(place: Place) -> list[Erasure]:
    """Every erasure made, oldest first; a line that a kill cut off is left out."""
    path = list_path(place)
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [erasure for erasure in map(_parsed, lines) if erasure is not None]


def _parsed(line: str) -> Erasure | None:
    try:
        read = json.loads(line)
    except ValueError:
        return None
    for name in ("pupils", "slices"):
        read[name] = None if read[name] is None else tuple(read[name])
    return Erasure(**{**read, "moment": datetime.fromisoformat(read["moment"])})


def list_path(place: Place) -> Path:
    return place.path.with_name(f"{place.path.stem}-erasures.jsonl")


def pupils_named(connection: engine.Connection, pseudonyms: Iterable[str]) -> tuple[int, ...]:
    """The pupils of these pseudonyms, in every pseudonym space of the vault attached as `vault`."""
    wanted = sorted(set(pseudonyms))
    found: set[int] = set()
    for (space,) in engine.rows(connection, "SELECT DISTINCT space FROM vault.pupils ORDER BY space"):
        connection.execute("CREATE OR REPLACE TEMP TABLE named AS SELECT unnest(?::VARCHAR[]) AS pseudonym", [wanted])
        key_pseudonyms(connection, "SELECT pseudonym FROM named", space)
        found |= {
            row[0]
            for row in engine.rows(
                connection,
                "SELECT known.pupil FROM vault.pupils AS known JOIN keyed ON keyed.keyed = known.keyed"
                " WHERE known.space = ?",
                [space],
            )
        }
    return tuple(sorted(found))
