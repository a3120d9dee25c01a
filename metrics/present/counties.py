"""The counties by which the members of a large region are seen: nobody reads 290 columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metrics.present import numbers
from metrics.present.figures import Figures, once

MANY = 40
"""A region of more members than this is shown by county; as many as the gate solves together (protect.counties)."""
SOFT = "\u00ad"
NAMES: Mapping[str, str] = {
    "01": f"Stock{SOFT}holm",
    "03": "Uppsala",
    "04": f"Söder{SOFT}man{SOFT}land",
    "05": f"Öster{SOFT}götland",
    "06": f"Jön{SOFT}köping",
    "07": f"Krono{SOFT}berg",
    "08": "Kalmar",
    "09": "Gotland",
    "10": "Blekinge",
    "12": "Skåne",
    "13": "Halland",
    "14": "Västra Götaland",
    "17": f"Värm{SOFT}land",
    "18": "Örebro",
    "19": f"Västman{SOFT}land",
    "20": "Dalarna",
    "21": f"Gävle{SOFT}borg",
    "22": f"Väster{SOFT}norrland",
    "23": "Jämtland",
    "24": f"Väster{SOFT}botten",
    "25": f"Norr{SOFT}botten",
}
"""The counties by the first two figures of their municipalities' codes (SCB)."""


def large(figures: Figures) -> bool:
    """Whether the region has so many members that they are seen by county."""
    return len(figures.release.member_names) > MANY


@once
def members(figures: Figures) -> dict[str, tuple[str, ...]]:
    """The members of each county by its code, counties and members in Swedish order."""
    found: dict[str, list[str]] = {}
    for each in figures.release.region.get("members", []):
        found.setdefault(str(each["code"])[:2], []).append(str(each["name"]))
    names = sorted(found, key=lambda code: numbers.order(name(code)))
    return {code: tuple(sorted(found[code], key=numbers.order)) for code in names}


@once
def places(figures: Figures) -> dict[str, str]:
    """The county of every member, by the member's name."""
    return {area: code for code, names in members(figures).items() for area in names}


def name(code: str) -> str:
    return heading(code).replace(SOFT, "")


def heading(code: str) -> str:
    """The name with soft hyphens, for a narrow column."""
    return NAMES.get(code, code)


def among(figures: Figures, county: str) -> Sequence[str]:
    """The members of a county, or all members where none is chosen or the region is not large."""
    return members(figures).get(county, ()) or figures.release.member_names
