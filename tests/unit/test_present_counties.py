"""A region of many members is seen by county: sums that add up, and a county's members on their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from metrics.judgement import judge
from metrics.present import counties, overview, profile, rug
from metrics.present import indicator_members as beside
from metrics.present.figures import Figures
from metrics.present.indicator import REGION, IndicatorView
from metrics.present.indicator_map import map_picture
from metrics.present.marks import LIGHT
from metrics.present.profile import ProfileView
from metrics.present.rug import RugView
from metrics.values import Published
from metrics.vocabulary import GR
from tests.unit.present_release import Row, figures_of

NAME = "year6_core_passed"
YEAR = "2024/25"
SIZE = 400
NAMES = [f"Kommun {number}" for number in range(50)]
LOW, HIGH = NAMES[:3], NAMES[40:42]
"""Members that stand out; the first thirty lie in Skåne, the rest in Norrbotten."""


def codes(names: Sequence[str]) -> list[dict[str, str]]:
    return [{"code": f"{12 if place < 30 else 25}{place:02d}", "name": name} for place, name in enumerate(names)]


@pytest.fixture(scope="module")
def figures() -> Figures:
    """Fifty members and the region in one year, judged without rows of the rest of the region."""
    passed = {name: 250 if name in LOW else 390 if name in HIGH else 340 for name in NAMES}
    rows: list[Row] = [(NAME, name, YEAR, top, SIZE, "shown") for name, top in passed.items()]
    rows.append((NAME, "GR", YEAR, sum(passed.values()), SIZE * len(NAMES), "shown"))
    found = figures_of(rows, NAMES).release
    values = found.values.values.assign(low=lambda each: each["value"] - 3, high=lambda each: each["value"] + 3)
    verdicts, trends = judge(Published(values=values), found.definitions)
    region = {"name": "Sverige", "members": codes(NAMES)}
    tables = {**found.tables, "verdicts": verdicts, "trends": trends, "changes": found.tables["reconciliation"]}
    release = replace(
        found, manifest={**found.manifest, "region": region}, tables=tables, values=Published(values=values)
    )
    return Figures(release)


def test_a_county_has_the_members_of_its_code(figures: Figures) -> None:
    assert counties.large(figures)
    assert {code: len(names) for code, names in counties.members(figures).items()} == {"25": 20, "12": 30}
    assert counties.among(figures, "25")[0] == "Kommun 30"
    assert len(counties.among(figures, "")) == 50
    assert counties.name("25") == "Norrbotten"
    assert counties.SOFT in counties.heading("25")


def test_every_municipality_of_gr_lies_in_a_county_that_has_a_name() -> None:
    assert {each.code[:2] for each in GR.members} <= set(counties.NAMES)


def test_counties_stand_where_so_many_members_would_and_say_how_many_stand_out(figures: Figures) -> None:
    view = RugView(benchmark="rest_of_region")
    woven = rug.rug(figures, overview.rows(figures, view), view)
    assert "Kommun 1" not in woven
    assert 'title="Godkänt i kärnämnen åk 6, Skåne: tre kommuner sämre och 27 kommuner går inte att skilja"' in woven
    assert "två kommuner bättre och 18 kommuner går inte att skilja" in woven
    assert "lan=12" in woven
    assert rug.official_rug(figures, list(figures.definitions.values()), view, "källa") == ""


def test_a_chosen_county_shows_its_members_only(figures: Figures) -> None:
    view = RugView(benchmark="rest_of_region", county="25")
    woven = rug.rug(figures, overview.rows(figures, view), view)
    assert ">Kommun 30<" in woven
    assert "Kommun 29" not in woven
    assert woven.count("<td") == 21, "twenty members and the region"


def test_the_page_of_one_member_says_what_it_is_compared_with(figures: Figures) -> None:
    (row,) = profile.rows(figures, ProfileView(area=LOW[0], benchmark="rest_of_region"))
    assert row.verdict
    assert row.verdict.word in ("worse", "much_worse")
    assert row.benchmark
    rest = 100 * (2 * 250 + 2 * 390 + 45 * 340) / (49 * SIZE)
    assert row.benchmark.value == pytest.approx(rest)


def test_one_indicator_has_a_dot_a_member_on_its_countys_row(figures: Figures) -> None:
    view = IndicatorView(
        definition=figures.definitions[NAME], area=REGION, school_year=YEAR, benchmark="rest_of_region"
    )
    dots = beside.comparison_picture(figures, view, LIGHT)["layer"][-1]["data"]["values"]
    assert len(dots) == 50
    assert {each["row"] for each in dots} == {"Skåne", "Norrbotten"}
    assert sum(each["colour"] == LIGHT.worse for each in dots) == len(LOW)
    assert len(map_picture(figures, view, LIGHT)["layer"]) == 1, "no names on a map of many"
    one = replace(view, area="Kommun 40", county="25")
    assert [name for name, *_ in beside.members(figures, one)] == list(counties.among(figures, "25"))
    assert "av 50" in beside.rank(figures, one), "the place is still among all"
