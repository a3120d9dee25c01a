"""The page jamfor: levels side by side, what stands behind them, overlaps, and no word that takes a level for an effect."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from metrics.present import adjusted, compare
from metrics.present.compare import CompareView
from metrics.present.figures import Figures
from metrics.present.indicator import REGION
from metrics.release import read
from tests.pages.test_browse_pages import run, text

ReleaseOf = Callable[[str], Path]
NAME = "eligibility_vocational"


@pytest.fixture(autouse=True)
def browse_only(monkeypatch: pytest.MonkeyPatch, release_of: ReleaseOf) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("full")))


@pytest.fixture(scope="module")
def figures(release_of: ReleaseOf) -> Figures:
    return Figures(read.load(release_of("full")))


def view(figures: Figures, area: str = REGION) -> CompareView:
    return CompareView(
        definition=figures.definitions[NAME],
        area=area,
        stage="all",
        period="2024/25",
        provider=compare.provider(figures, NAME),
    )


def test_every_value_by_model_is_the_releases_own(figures: Figures) -> None:
    rows = {row[0]: row for row in compare.rows(figures, view(figures))}
    values = figures.release.select(indicator=NAME, area_type="region", school_year="2024/25", sex="all", series="own")
    values = values[
        (values["background"] == "all") & (values["provider"] == "all") & (values["period_kind"] == "school_year")
    ]
    for title, model in (("Skolsocialt team", "school_social_team"), ("SSPF", "sspf"), ("Ingen modell", "none")):
        (value,) = values.loc[values["model"] == model, "denominator"]
        assert rows[title][4].replace("\u00a0", "") == str(int(value))


def test_a_school_with_two_models_stands_behind_both_and_once_in_the_whole(figures: Figures) -> None:
    schools = compare.placed(figures, view(figures, "Ale"))
    team, sspf = compare.behind(schools, "school_social_team"), compare.behind(schools, "sspf")
    assert (team.schools, team.members, team.overlapping) == (2, 1, 1)
    assert (sspf.schools, sspf.members, sspf.overlapping) == (1, 1, 1)
    assert len(schools) == 2
    rows = {row[0]: row for row in compare.rows(figures, view(figures))}
    counts = [int(rows[name][4].replace("\u00a0", "")) for name in ("Skolsocialt team", "SSPF", "Ingen modell")]
    assert sum(counts) > int(rows["Alla elever, varje elev en gång"][4].replace("\u00a0", ""))


def test_the_page_says_that_a_level_is_no_effect_and_is_not_adjusted() -> None:
    said = text(run("compare"))
    assert said.count("En skillnad i nivå är inte en effekt") >= 2
    assert "inte justerade för elevernas bakgrund" in said
    assert "följer elevens hemkommun" in said
    assert not re.search(r"\b(bättre|sämre|effekten)\b", said)


def test_hidden_values_are_hidden_everywhere(release_of: ReleaseOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("hidden")))
    said = text(run("compare"))
    assert "Inget värde per modell kan visas" in said
    assert "dold för att skydda enskilda" in said
    assert not re.search(r"\d,\d\s%", said)
    hidden = Figures(read.load(release_of("hidden")))
    assert not compare.drawable(hidden, view(hidden))


def test_what_is_expected_stands_beside_the_value_in_the_types_own_order(figures: Figures) -> None:
    rows = adjusted.table(figures, view(figures))
    assert [row[0] for row in rows] == ["Skolsocialt team", "SSPF"]
    assert [row[2] for row in rows] == ["ca 90\u00a0%", "ca 70\u00a0%"]
    assert [row[5] for row in rows] == [adjusted.LOWER, adjusted.HIGHER]
    assert not adjusted.there(figures, view(figures, "Ale"))


def test_the_difference_allows_for_rounding_chance_and_schools_that_differ() -> None:
    row = {"expected": 80.0, "expected_step": 1.0, "dispersion": 4.0}
    found = adjusted.against("", 85.0, 400, row, 2.0)
    assert found is not None
    half = 1.96 * 2 * (0.8 * 0.2 / 400) ** 0.5 * 100 + 0.5 + 1.0
    assert (found.low, found.high) == (pytest.approx(5 - half), pytest.approx(5 + half))
    assert found.words == adjusted.SAME
    assert adjusted.against("", 85.0, 400, {"expected": None, "expected_step": None}) is None


def test_expected_with_and_without_a_model_add_up_to_the_region(figures: Figures) -> None:
    whole, own, other = (compare.figure(figures, view(figures), each) for each in ("all", "sspf", "without:sspf"))
    assert whole is not None
    assert own is not None
    assert other is not None
    found = dict(adjusted.of_models(figures, view(figures)))["sspf"]
    rest = adjusted.without(figures, view(figures), "sspf", found)
    assert found is not None
    assert rest is not None
    together = found.expected * (own.denominator or 0) + rest.expected * (other.denominator or 0)
    assert together == pytest.approx(100 * (whole.numerator or 0))


def test_the_page_shows_combinations_and_similar_schools_with_what_stands_behind() -> None:
    said = re.sub(r"(<[^>]+>|\s)+", " ", text(run("compare", period="2024/25")))
    assert "ca 80 % 77–83 ca 70 % ca 1 200 12 4" in said
    assert "kön och svensk eller utländsk bakgrund" in said
    assert "En skillnad mot dem är inte en effekt" in said


def test_a_release_without_comparisons_says_so_and_so_does_an_unknown_background(figures: Figures) -> None:
    assert "inga väntade värden för måttet" in text(run("compare", period="2022/23"))
    unknown = figures.release.tables["comparisons"].assign(expected=None)
    bare = Figures(replace(figures.release, tables={**figures.release.tables, "comparisons": unknown}))
    assert adjusted.lacking(bare, view(bare)) == adjusted.UNKNOWN
    assert not adjusted.there(bare, view(bare))
    assert adjusted.lacking(figures, view(figures, "Ale")) == adjusted.WHOLE_ONLY


def test_a_picture_is_drawn_where_a_level_may_be_read(figures: Figures) -> None:
    assert compare.drawable(figures, view(figures))


def test_a_member_and_an_indicator_are_restored_by_a_link() -> None:
    said = text(run("compare", kommun="Ale", indikator="absence_10"))
    assert "”Frånvaro minst 10 %” i Ale" in said
    assert not re.search(r"\b(nan|None|inf)\b", said)


def test_the_sentence_says_which_models_are_not_as_expected_and_how_many_cannot_be_told(figures: Figures) -> None:
    assert adjusted.sentence(figures, view(figures)) == (
        "Skolor med skolsocialt team ligger **lägre än väntat** av elevernas bakgrund; "
        "skolor med SSPF ligger **högre än väntat** av elevernas bakgrund."
    )
