"""Who hands in what, in which order: several systems in one municipality, history in one file, late and corrected files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from metrics.declare import Extract
from metrics.demo.region import Region
from metrics.demo.writing import DIALECTS, Dialect, write

Ints = npt.NDArray[np.int64]

Written = Callable[[int, int], None]
"""Hears how many senders of how many are done, each time SENDERS_A_STEP more are."""
SENDERS_A_STEP = 25
ASCII = str.maketrans("åäöÅÄÖ ", "aaoAAO-")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One file: `overlap` is the sender's answer where it meets earlier rows, `accept` warnings and why they are right."""

    file: str
    sender: str
    extract: str
    source_system: str
    overlap: str | None = None
    accept: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "sender": self.sender,
            "extract": self.extract,
            "source_system": self.source_system,
            "overlap": self.overlap,
            "accept": dict(self.accept),
        }


@dataclass(kw_only=True)
class Outbox:
    """The folder being filled, and what has been delivered so far, in order."""

    folder: Path
    pseudonyms: Mapping[str, pa.Array]
    delivered: list[Delivery] = field(default_factory=list)
    late: list[Delivery] = field(default_factory=list)

    def send(
        self,
        extract: Extract,
        table: pd.DataFrame,
        dialect: Dialect,
        *,
        sender: str,
        about: str,
        overlap: str | None = None,
        accept: Mapping[str, str] | None = None,
        late: bool = False,
    ) -> None:
        """Write one file and note its delivery; a late one comes after all that are on time. No rows, no file."""
        if table.empty:
            return
        name = f"exempeldata_{extract.name}_{about.lower().translate(ASCII)}.csv"
        write(self.folder / name, extract, table, dialect, self.pseudonyms)
        delivery = Delivery(
            file=name,
            sender=sender,
            extract=extract.name,
            source_system=dialect.system,
            overlap=overlap,
            accept=accept or {},
        )
        (self.late if late else self.delivered).append(delivery)

    def in_order(self) -> list[dict[str, Any]]:
        return [delivery.as_json() for delivery in (*self.delivered, *self.late)]


def by_sender(place: Region, site: Ints) -> Mapping[str, Ints]:
    """Each sender's positions among rows at these sites, in order; none for a sender without schools."""
    sender, names = pd.factorize(place.sites["organisation"])
    of = sender[site]
    ends = np.cumsum(np.bincount(of, minlength=len(names)))
    found = np.split(np.argsort(of, kind="stable"), ends[:-1])
    return defaultdict(lambda: np.zeros(0, dtype=np.int64), zip(names, found, strict=True))


def dialect_of(position: int) -> Dialect:
    """The dialect of a member or provider by its position."""
    return DIALECTS[position % len(DIALECTS)]
