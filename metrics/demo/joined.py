"""Invented joins of school and social services: two large members have declared one, the others have none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from metrics.demo.deliveries import Outbox, dialect_of
from metrics.demo.people import People, social_pseudonyms
from metrics.demo.region import LAST_SPRING, stream
from metrics.extracts import pupil_child_pairs

JOINED = ("1480", "1481")
"""Göteborg and Mölndal, at the scale of the real region only."""
SCALE = "gr"
FOUND = 0.96
"""Share of the reported children that the pairs reach."""


def declarations(people: People) -> list[dict[str, str]]:
    """What is declared before the pairs are handed in: the words of `samsyn join`, all of them invented."""
    if people.region.scale.name != SCALE:
        return []
    return [
        {
            "organisation": member.sender,
            "purpose": "Exempeldata: följa hur det går i skolan för grupper av barn som orosanmälts.",
            "ground": "Exempeldata: påhittad grund, uppföljning av egen verksamhet",
            "school_decision": f"Exempeldata: {member.board} i {member.name} 2026-08-20 § 71",
            "social_decision": f"Exempeldata: socialnämnden i {member.name} 2026-08-27 § 64",
            "starts": "2026-09-01",
            "ends": "2036-08-31",
        }
        for member in people.region.scale.members
        if member.code in JOINED
    ]


def pairs(outbox: Outbox, people: People, reports: pd.DataFrame) -> pd.DataFrame:
    """Hand in pupil and child of nearly everyone who was reported in a joined member; returns person and municipality."""
    found = []
    rng = stream(people.region.seed, "pairs")
    for position, member in enumerate(people.region.scale.members):
        if people.region.scale.name != SCALE or member.code not in JOINED:
            continue
        reported = np.unique(reports.loc[reports["municipality"] == int(member.code), "person"].to_numpy())
        person = reported[rng.random(reported.size) < FOUND]
        outbox.pseudonyms = {**outbox.pseudonyms, "social": social_pseudonyms(people, person)}
        table = pd.DataFrame({"pupil": people.pseudonym_at(person, LAST_SPRING), "child": np.arange(person.size)})
        dialect = replace(dialect_of(position), headings="title", variant=0)
        outbox.send(pupil_child_pairs.EXTRACT, table, dialect, sender=member.sender, about=member.code)
        found.append(pd.DataFrame({"person": person, "municipality": member.code}))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["person", "municipality"])
