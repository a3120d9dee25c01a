"""A held period is named on the method page, and its figure says that it waits."""

from dataclasses import replace

from metrics.present import indicator, method, waiting
from metrics.present.figures import Figures
from metrics.present.indicator import IndicatorView
from tests.unit.present_release import figures_of

NAME = "eligibility_vocational"


def opened(held: tuple[str, ...]) -> Figures:
    figures = figures_of([(NAME, "Ale", "2023/24", 240, 300, "shown"), (NAME, "Ale", "2024/25", 250, 300, "shown")])
    return Figures(replace(figures.release, manifest={**figures.release.manifest, "held": list(held)}))


def answer(figures: Figures, year: str) -> str:
    view = IndicatorView(definition=figures.definitions[NAME], area="Ale", school_year=year, benchmark="region")
    return indicator.answer(figures, view)


def test_a_held_period_says_so_where_it_stands() -> None:
    figures = opened(("year9_leavers 2023/24",))
    assert waiting.WHY in answer(figures, "2023/24")
    assert waiting.WHY not in answer(figures, "2024/25")
    theme = figures.definitions[NAME].theme
    assert f"{theme} 2023/24. Rättelser har kommit" in method.release_facts(figures)


def test_nothing_is_said_where_nothing_waits() -> None:
    assert "Väntar" not in method.release_facts(opened(()))
