"""What the notice of an older release lists: values that differ, before and now, hidden ones as a word."""

from __future__ import annotations

import pytest

from metrics.present import changes
from metrics.present.figures import Figure, Figures
from tests.unit.present_release import figures_of

H = "\u00a0"
NAME = "year6_core_passed"


@pytest.fixture(scope="module")
def figures() -> Figures:
    return figures_of([(NAME, "Ale", "2024/25", 80, 100, "shown")])


def figure(numerator: float | None, denominator: float = 100, status: str = "shown") -> Figure | None:
    found = figures_of([(NAME, "Ale", "2024/25", numerator, denominator, status)])
    return next(iter(found.all_series(NAME).values()))[0]


@pytest.mark.parametrize(
    ("here", "there", "line"),
    [
        ((80.0,), (80.0,), None),
        ((80.0,), (81.0,), f"80,0{H}% här, 81,0{H}% i den nyaste"),
        ((80.0,), (None, 100, "hidden"), f"80,0{H}% här, dold i den nyaste"),
        ((None, 100, "missing"), (81.0,), f"saknas här, 81,0{H}% i den nyaste"),
        ((80.0,), (160.0, 200), f"80,0{H}%, men med ett annat underlag"),
        ((None, 100, "hidden"), (None, 100, "hidden"), None),
        ((80.0,), None, f"80,0{H}% här, inget värde i den nyaste"),
    ],
)
def test_a_line_per_changed_value(
    figures: Figures, here: tuple[float], there: tuple[float] | None, line: str | None
) -> None:
    found = changes.changed([(NAME, figure(*here), figure(*there) if there else None)])
    title = figures.definitions[NAME].title
    assert changes.lines(figures, found) == ([f"{title}: {line}"] if line else [])


def test_many_changes_are_listed_in_part(figures: Figures) -> None:
    found = changes.changed([(NAME, figure(80), figure(81))] * 11)
    said = changes.lines(figures, found)
    assert len(said) == changes.LISTED_AT_MOST + 1
    assert said[-1] == "och tre värden till"
