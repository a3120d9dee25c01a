"""Periods that wait at their earlier table until so many changes have come that they single no one out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metrics.release.read import Definition

WHY = (
    "Rättelser har kommit sedan dess, men så få att den som jämför utgåvorna kunde se vilka elever de gäller. "
    "Perioden väntar på fler ändringar."
)


def is_waiting(held: Iterable[str], definition: Definition, period: str) -> bool:
    """Whether a period (its label) of an indicator is held; `held`: "family period", as in the manifest."""
    return f"{definition.population} {period}" in set(held)


def listed(held: Iterable[str], definitions: Mapping[str, Definition]) -> list[str]:
    """Held periods as a reader knows them: the theme of the family's first indicator and the period."""
    themes: dict[str, str] = {}
    for each in sorted(definitions.values(), key=lambda found: found.order):
        themes.setdefault(each.population, each.theme)
    pairs = (each.partition(" ") for each in held)
    return list(dict.fromkeys(f"{themes.get(population, 'Övrigt')} {period}" for population, _, period in pairs))


def sentence(period: str) -> str:
    """What stands with a figure of a held period."""
    return f"{period} visas som i en tidigare utgåva. {WHY}"
