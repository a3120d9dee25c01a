"""The organisations that hand in: their names as suggested to a sender, and which member a name stands for."""

from __future__ import annotations

import re
from collections.abc import Iterable

from metrics.vocabulary import Municipality, Region

AUTHORITIES = ("Skolverket", "Kolada")
"""Senders of official statistics: the source itself, loaded by the region's office."""


def genitive(name: str) -> str:
    """Tjörn -> Tjörns, Ale -> Ale: names that end in a vowel, s, x or z are unchanged."""
    return name if name[-1].lower() in "aeiouyåäösxz" else f"{name}s"


def member_of(organisation: str, region: Region) -> Municipality | None:
    """The member whose name the organisation's begins with: "Tjörns kommun, socialnämnden" -> Tjörn."""
    for member in sorted(region.members, key=lambda each: -len(each.name)):
        if re.match(rf"{re.escape(member.name)}s?(?:$|,| kommun\b| stad\b)", organisation, re.IGNORECASE):
            return member
    return None


def is_office(organisation: str, region: Region) -> bool:
    """Whether the organisation is the region's own office (Göteborgsregionens kommunalförbund) or an authority."""
    return organisation in AUTHORITIES or (len(region.members) > 1 and organisation.startswith(region.title))


def suggested(region: Region, known: Iterable[str] = ()) -> list[str]:
    """Names to choose among: those that have delivered, then members that have not, the region and the authorities."""
    senders = sorted(set(known) - set(AUTHORITIES))
    office = [] if any(is_office(sender, region) for sender in senders) else [region.title]
    covered = {member.code for sender in senders if (member := member_of(sender, region))}
    others = [f"{genitive(member.name)} kommun" for member in region.members if member.code not in covered]
    return [*senders, *others, *office, *AUTHORITIES]
