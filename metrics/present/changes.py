"""Which values of a view have changed in a newer release, one line each."""

from __future__ import annotations

from collections.abc import Iterable

from metrics.present import numbers
from metrics.present.figures import Figure, Figures
from metrics.present.marks import STATUSES

Shown = tuple[str, Figure | None, Figure | None]
"""An indicator's name, its figure in the release that is read, and in the newest one."""
LISTED_AT_MOST = 8


def changed(shown: Iterable[Shown]) -> list[Shown]:
    """Those whose value, interval or status differs."""
    return [each for each in shown if not _same(each[1], each[2])]


def lines(figures: Figures, found: list[Shown]) -> list[str]:
    """What each changed value was and is, the first ones in full and the rest as a number."""
    said = [_line(figures, *each) for each in found[:LISTED_AT_MOST]]
    left = len(found) - LISTED_AT_MOST
    return said + ([f"och {numbers.counted(left, 'värde', 'värden', neuter=True)} till"] if left > 0 else [])


def _line(figures: Figures, name: str, here: Figure | None, there: Figure | None) -> str:
    definition = figures.definitions.get(name)
    unit, decimals = (definition.unit, definition.decimals) if definition else ("", 1)
    before, after = (_value(each, unit, decimals) for each in (here, there))
    if before == after:
        return f"{_title(figures, name)}: {before}, men med ett annat underlag"
    return f"{_title(figures, name)}: {before} här, {after} i den nyaste"


def _title(figures: Figures, name: str) -> str:
    return figures.definitions[name].title if name in figures.definitions else name


def _value(found: Figure | None, unit: str, decimals: int) -> str:
    if found is None:
        return "inget värde"
    if found.shown and found.value is not None:
        return numbers.in_unit(found.value, unit, decimals)
    return STATUSES[found.status].word if found.status in STATUSES else found.mark


def _same(here: Figure | None, there: Figure | None) -> bool:
    if here is None or there is None:
        return here is there
    names = ("value", "low", "high", "numerator", "denominator")
    return here.status == there.status and all(_close(getattr(here, each), getattr(there, each)) for each in names)


def _close(first: float | None, second: float | None) -> bool:
    return first == second if first is None or second is None else abs(first - second) < 1e-9
