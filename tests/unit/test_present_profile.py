"""What a municipality's page derives from published values: a function of shown ones, or nothing."""

from __future__ import annotations

import pytest

from metrics import stats
from metrics.present import gaps
from metrics.present.figures import Figure
from metrics.present.gaps import rest_of
from metrics.present.profile import ProfileView
from tests.unit.present_release import Row, figures_of


def figure(numerator: float | None, denominator: float | None, status: str = "shown") -> Figure:
    value = 100 * numerator / denominator if numerator is not None and denominator else None
    return Figure(
        area="Ale",
        area_type="municipality",
        school_year="2024/25",
        label="2024/25",
        value=value,
        low=None,
        high=None,
        numerator=numerator,
        denominator=denominator,
        status=status,
        mark="",
    )


def test_the_rest_is_the_whole_without_the_group() -> None:
    found = rest_of(figure(80, 100), figure(15, 25))
    assert found is not None
    assert (found.numerator, found.denominator, found.value) == (65, 75, 100 * 65 / 75)
    assert found.low == pytest.approx(100 * float(stats.wilson_interval(65, 75)[0]))


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        (figure(None, None, "hidden"), figure(15, 25)),
        (figure(80, 100), figure(None, None, "hidden")),
        (figure(80, 100), figure(80, 100)),
        (figure(80, 100), figure(81, 90)),
        (figure(80, 100), figure(10, 95)),
    ],
)
def test_the_rest_is_hidden_where_a_side_is_or_nobody_is_left_or_the_counts_disagree(
    whole: Figure, part: Figure
) -> None:
    found = rest_of(whole, part)
    assert found is not None
    assert (found.status, found.value, found.numerator, found.denominator) == ("hidden", None, None, None)


def test_there_is_no_rest_without_both() -> None:
    assert rest_of(None, figure(1, 2)) is None
    assert rest_of(figure(1, 2), None) is None


def test_a_gap_nobody_may_read_is_named_and_not_drawn() -> None:
    rows: list[Row] = [("eligibility_vocational", "Ale", "2024/25", 80, 100, "shown")]
    figures, view = figures_of(rows, ("Ale",)), ProfileView(area="Ale")
    assert not gaps.any_told(figures, view, "kon")
    assert gaps.sentence(figures, view, "kon").startswith("Flickor och pojkar: skillnaderna kan inte sägas")
