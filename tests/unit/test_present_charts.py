"""Pictures: what is drawn, what is said where nothing can be drawn, and that the renderer accepts them."""

from __future__ import annotations

import itertools
import json
import re

import pytest
import vl_convert

from metrics.present import charts, comparisons, html, maps, shapes, swedish
from metrics.present.charts import Event, Line
from metrics.present.comparisons import Dot
from metrics.present.maps import Place
from metrics.present.marks import DARK, LIGHT, VERDICTS, Palette
from metrics.stats import Category
from metrics.vocabulary import GR
from tests.unit.test_present_sentences import definition, figure


def series(*values: float | None) -> list:  # type: ignore[type-arg]
    return [
        figure(
            value,
            "shown" if value is not None else "hidden",
            school_year=f"{2019 + place}/{20 + place}",
            label=f"{2019 + place}/{20 + place}",
        )
        for place, value in enumerate(values)
    ]


def svg(spec: charts.Spec) -> str:
    return vl_convert.vegalite_to_svg(spec | {"width": 600})


def trend(palette: Palette = LIGHT) -> charts.Spec:
    lines = [
        Line(name="Ale", figures=series(80, 81, None, 84, 85), colour=palette.accent, main=True),
        Line(name="GR", figures=series(82, 82, 82, 82, 82.1), colour=palette.grey),
        Line(name="Riket", figures=series(82, 82, 82, 82, 82.2), colour=palette.official, dashed=True),
    ]
    return charts.trend(lines, definition(), palette, [Event(school_year="2021/22", text="Start: SSPF")])


def test_a_hidden_year_breaks_the_line_and_is_said_in_a_word() -> None:
    spec = trend()
    drawn = svg(spec)
    assert ">dold<" in drawn
    main = spec["layer"][1]["data"]["values"]
    assert [row["value"] for row in main] == [80, 81, None, 84, 85]
    assert "Start: SSPF" in drawn


def test_the_name_of_a_line_that_ends_early_stands_where_no_other_line_runs() -> None:
    lines = [
        Line(name="Tjörn, vår", figures=series(70, 70, 85, 82, 70, 70, 70, 70, 70, 70), colour=LIGHT.accent, main=True),
        Line(name="Tjörn, höst", figures=series(76, 78, 80), colour=LIGHT.grey),
    ]
    names = charts.trend(lines, definition(), LIGHT, [])["layer"][-1]["data"]["values"]
    place = next(row for row in names if row["name"] == "Tjörn, höst")
    assert place["label"] == "2021/22"
    assert place["value"] != 80
    assert all(row["value"] in (85, 70) or row["name"] == "Tjörn, höst" for row in names)


def test_axis_and_labels_are_swedish() -> None:
    drawn = svg(trend())
    assert ">80\u00a0%<" in drawn
    assert not [said for said in re.findall(r'aria-[a-z]+="([^"]*)"', drawn) if "axis" in said.lower()]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_names_at_the_ends_do_not_overlap(palette: Palette) -> None:
    labels = trend(palette)["layer"][-2]["data"]["values"]
    places = sorted(row["value"] for row in labels)
    low, high = charts.span([f for s in (series(80, 85), series(82, 82.2)) for f in s], definition())
    room = (high - low) * 16 / charts.HEIGHT
    assert min(b - a for a, b in itertools.pairwise(places)) >= room - 0.05


def test_a_picture_of_nothing_shown_still_stands() -> None:
    spec = charts.trend([Line(name="Ale", figures=series(None, None), colour="#000", main=True)], definition(), LIGHT)
    assert svg(spec).count(">dold<") == 2


@pytest.mark.parametrize(
    ("values", "unit", "ends"),
    [
        ([], "share", (0.0, 100.0)),
        ([97.0], "share", (92.0, 100.0)),
        ([5.0], "share", (0.0, 5.0)),
        ([224.0, 230.0], "mean", (218.0, 235.0)),
    ],
)
def test_the_axis_starts_where_the_reader_expects(values: list[float], unit: str, ends: tuple[float, float]) -> None:
    low, high = charts.span(series(*values), definition(unit=unit))
    assert low <= ends[0] + 3
    assert high >= ends[1] - 3
    assert unit != "share" or (low >= 0 and high <= 100)


def test_comparison_shows_values_intervals_and_words() -> None:
    dots = [
        Dot(name="Ale", value=81.0, low=77.0, high=84.0, colour="#000", text="81,0 %"),
        Dot(name="Öckerö", value=None, low=None, high=None, colour="#000", text="dold"),
    ]
    drawn = svg(comparisons.comparison(dots, definition(), LIGHT, benchmark=84.2, name="GR"))
    assert all(word in drawn for word in (">Ale<", ">Öckerö<", ">dold<", "GR: 84,2"))
    assert svg(comparisons.gaps(dots, definition(), LIGHT))


def test_the_map_has_the_members_real_shapes() -> None:
    places = [Place(code=m.code, name=m.name, short="1,0", told="", fill="#EEE", ink="#111") for m in GR.members]
    assert set(GR.codes) <= set(shapes.shapes())
    drawn = svg(maps.region_map(places, LIGHT))
    assert all(f">{member.name}<" in drawn for member in GR.members)


def test_labels_on_the_map_are_moved_apart() -> None:
    (x1, _), (x2, _) = shapes.spread([(0.0, 0.0), (0.1, 0.0)], [1.0, 1.0], 1.0)
    assert x2 - x1 == pytest.approx(1.0)
    assert shapes.spread([(0.0, 0.0), (0.1, 5.0)], [1.0, 1.0], 1.0) == [(0.0, 0.0), (0.1, 5.0)]


def test_every_category_has_a_word_and_no_two_share_a_sign() -> None:
    judged = {str(each) for each in Category} - {"not_computable"}
    assert set(VERDICTS) == judged
    signs = [mark.sign for mark in VERDICTS.values() if mark.sign]
    assert len(set(signs)) == len(signs)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    line = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * line[0] + 0.7152 * line[1] + 0.0722 * line[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_marks_and_text_keep_their_contrast(palette: Palette) -> None:
    """WCAG 2.2: 4.5:1 for text (1.4.3), 3:1 for marks (1.4.11)."""
    for text in (palette.ink, palette.quiet, palette.accent, palette.official):
        assert contrast(text, palette.ground) >= 4.5
    for mark in (palette.better, palette.worse, palette.grey, palette.neutral):
        assert contrast(mark, palette.ground) >= 3


def test_what_comes_from_outside_is_escaped() -> None:
    assert html.rich("**<b>**") == "<strong>&lt;b&gt;</strong>"
    assert "<script>" not in html.table("<script>", ["<script>"], [["<script>"]])
    assert html.address("kommun", kommun="Tjörn", tomt="") == "kommun?kommun=Tj%C3%B6rn"


def test_the_script_carries_valid_words_and_addresses() -> None:
    said = swedish.head(("kommun", "indikator"))
    assert json.dumps(["kommun", "indikator"]) in said
    assert "__WORDS__" not in said
    assert '"Select all": "Välj alla"' in said
