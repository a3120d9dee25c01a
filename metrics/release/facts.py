"""What a manifest says of what a release was made of: batches, region, and how much was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metrics import engine
from metrics.vault import Batch
from metrics.vocabulary import Region

GUESSABLE = ("aggregated_counts", "mapping_answers")
"""Files of a form anyone can write, with little in them that is not shown: whoever guesses the rest knows by the hash."""


def batch_entry(batch: Batch) -> dict[str, Any]:
    """What a manifest says of a batch: never how many rows it held, nor the hash of a file that can be guessed."""
    return {
        "batch": batch.batch,
        "extract": batch.extract,
        "sender": batch.sender,
        "file": batch.file_name,
        "sha256": "" if batch.extract in GUESSABLE else batch.sha256,
    }


def is_example(connection: engine.Connection) -> bool:
    """Whether the vault holds example data: their schools say so in their names."""
    found = engine.rows(connection, "SELECT count(*) FROM school_units WHERE unit_name ILIKE '%exempel%'")
    return int(found[0][0]) > 0


def outward_schools(audited: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """What a reader may know of the audit of the school part, by period and stage: never how many counts were small."""
    told = ("period", "stage", "cells", "hidden", "narrow")
    return {name: [{key: each[key] for key in told} for each in reports] for name, reports in audited.items()}


def plain_region(region: Region) -> dict[str, Any]:
    members = [{"code": member.code, "name": member.name} for member in region.members]
    return {"name": region.name, "title": region.title, "nation": region.nation, "members": members}
