"""A group and its parts: they add up, or it is said why not; nothing is computed of one that is hidden alone."""

from __future__ import annotations

import re

import pytest
import vl_convert

from metrics.present import curves, parts, pathway, pathway_counted
from metrics.present.indicator import REGION
from metrics.present.marks import DARK, LIGHT
from metrics.present.parts import Whole
from metrics.present.pathway import PathView
from metrics.present.where import Cut, Where
from tests.unit.present_release import Row, figures_of

H = "\u00a0"
STATES = ("work", "study", "work_and_study", "neither", "unknown")


def rows(*numbers: float | None, size: float = 100, area: str = "Ale", status: str = "hidden") -> list[Row]:
    """The five states two years after upper secondary school; None is not shown."""
    return [
        (f"two_years_after_{state}", area, "2021/22", number, size, "shown" if number is not None else status)
        for state, number in zip(STATES, numbers, strict=True)
    ]


def whole(*numbers: float | None, size: float = 100, status: str = "hidden") -> Whole:
    found = figures_of(rows(*numbers, size=size, status=status))
    return parts.whole_of(found, "two_years_after_", Where(area="Ale", period="2021/22"))


@pytest.mark.parametrize(
    ("numbers", "together", "adds_up"),
    [
        ((50, 20, 10, 15, 5), None, True),
        ((100, 0, 0, 0, 0), None, True),
        ((50, 20, 10, None, None), 20, True),
        ((50, 20, None, None, None), 30, True),
        ((0, None, None, None, None), 100, True),
        ((50, 20, 10, 15, None), None, False),
        ((50, 40, 10, None, None), None, True),
        ((None, None, None, None, None), None, False),
        ((50, 20, 10, 15, 6), None, False),
    ],
)
def test_the_parts_are_the_whole_or_are_not_put_together(
    numbers: tuple[float | None, ...], together: float | None, adds_up: bool
) -> None:
    found = whole(*numbers)
    assert (found.together, found.adds_up) == (together, adds_up)


@pytest.mark.parametrize("status", ["not_yet_observable", "missing", "not_comparable"])
def test_parts_that_are_unknown_in_another_way_are_never_taken_from_the_rest(status: str) -> None:
    found = whole(50, 20, 10, None, None, status=status)
    assert (found.together, found.adds_up) == (None, False)
    assert "Alla" not in [row.name for row in parts.rows(found, LIGHT)]


def test_parts_with_different_wholes_are_not_put_together() -> None:
    mixed = [*rows(50, 20, 10, 15, 5)[:4], ("two_years_after_unknown", "Ale", "2021/22", 5.0, 99.0, "shown")]
    found = parts.whole_of(figures_of(mixed), "two_years_after_", Where(area="Ale", period="2021/22"))
    assert (found.size, found.together, found.adds_up) == (None, None, False)


@pytest.mark.parametrize(("number", "text"), [(60.0, "För **75,0\u00a0%** av de 80 unga är det"), (None, "")])
def test_a_single_state_that_is_divided_stands_against_all_others(number: float | None, text: str) -> None:
    status = "shown" if number else "hidden"
    at_schools: Row = ("two_years_after_work", "GR", "2021/22", number, 80.0 if number else None, status)
    figures = figures_of(rows(50, 20, 10, 15, 5, area="GR"), divided=[(at_schools, {"model": "sspf"})])
    found = parts.whole_of(figures, "two_years_after_", Where(area=REGION, period="2021/22", cut=Cut(model="sspf")))
    assert [each.rest for each in found.parts] == [False, True]
    assert [each.number for each in found.parts] == ([60.0, 20.0] if number else [0.0, 0.0])
    assert found.adds_up is (number is not None)
    assert parts.lead_sentence(found, "unga").startswith(text)
    assert not any(each.rest for each in parts.whole_of(figures, "two_years_after_", ALL_OF_GR).parts)


ALL_OF_GR = Where(area=REGION, period="2021/22")


def test_the_ribbon_is_as_long_as_the_whole() -> None:
    for numbers in ((50, 20, 10, 15, 5), (50, 20, 10, None, None)):
        ribbon = parts.rows(whole(*numbers), LIGHT)[0]
        assert ribbon.name == "Alla"
        assert ribbon.bars[0][0] == 0.0
        assert all(one[1] == other[0] for one, other in zip(ribbon.bars, ribbon.bars[1:], strict=False))
        assert ribbon.bars[-1][1] == pytest.approx(100.0)


def test_a_part_that_is_hidden_alone_is_nowhere_to_be_found() -> None:
    found = whole(51, 21, 11, 10, None)
    drawn = parts.rows(found, LIGHT)
    assert [row.name for row in drawn] == [
        "Arbete",
        "Studier",
        "Arbete och studier",
        "Varken arbete eller studier",
        "Okänt eller utflyttad",
    ]
    assert (drawn[-1].text, drawn[-1].bars) == ("dold", ())
    said = parts.twin(found, "Prov") + parts.lead_sentence(found, "unga") + parts.reading_sentence(found)
    said += vl_convert.vegalite_to_svg(parts.picture(found, LIGHT) | {"width": 600})
    assert f"7,0{H}%" not in said
    assert "(7)" not in said
    assert "tillsammans" not in said
    assert "dold för att skydda enskilda" in said


def test_the_table_adds_up() -> None:
    table = parts.table(whole(50, 20, 10, None, None), "Prov")
    body = re.findall(r"<tr>(.*?)</tr>", table)[1:]
    cells = [[re.sub("<.*?>", "", each) for each in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in body]
    counts = [int(row[1]) for row in cells if row[1]]
    assert cells[3][:3] == ["Varken arbete eller studier", "", "dold för att skydda enskilda"]
    assert cells[-2][:3] == [parts.TOGETHER, "20", f"20,0{H}%"]
    assert cells[-1][:3] == ["Alla", "100", f"100,0{H}%"]
    assert sum(counts[:-1]) == counts[-1]


@pytest.mark.parametrize(
    ("numbers", "size", "text"),
    [
        (
            (50, 20, 10, 15, 5),
            100,
            f"Vanligast för de 100 unga är **arbete, 50,0{H}%**. Därefter kommer studier, 20,0{H}%.",
        ),
        ((100, 0, 0, 0, 0), 100, f"Vanligast för de 100 unga är **arbete, 100,0{H}%**."),
        (
            (60, 20, 10, None, None),
            100,
            f"Vanligast för de 100 unga är **arbete, 60,0{H}%**. Därefter kommer studier, 20,0{H}%. Två delar är dolda för att "
            f"skydda enskilda; tillsammans är de 10,0{H}%.",
        ),
        (
            (None, 20, 10, 15, None),
            100,
            f"Av de 100 unga finns **55,0{H}%** i två delar. Delarna är **dolda för att skydda enskilda**. Störst av de "
            f"andra är **studier, 20,0{H}%**.",
        ),
        (
            (None, 20, 10, 15, 5),
            100,
            f"Vanligast av de delar som visas för de 100 unga är **studier, 20,0{H}%**. Därefter kommer varken arbete eller "
            f"studier, 15,0{H}%. En del är dold för att skydda enskilda.",
        ),
        ((0, None, None, None, None), 100, "Alla finns i de fyra delar som är **dolda för att skydda enskilda**."),
        ((None, None, None, None, None), 100, ""),
    ],
)
def test_the_sentence_of_a_whole(numbers: tuple[float | None, ...], size: float, text: str) -> None:
    assert parts.lead_sentence(whole(*numbers, size=size), "unga") == text


def test_a_hatched_box_is_filled_and_never_left() -> None:
    box = {"x": 2.0, "x2": 5.0, "y": 0.0, "y2": 100.0}
    lines = parts.hatch(box, 1.0, 0.25)
    assert len(lines) == 15
    assert all(2.0 <= line["x"] < line["x2"] <= 5.0 for line in lines)
    assert all(-1e-9 <= line[end] <= 100.0 + 1e-9 for line in lines for end in ("y", "y2"))
    assert {line["x"] for line in lines} >= {2.0, 3.0, 4.0}


def started(*statuses: tuple[int, float | None, str], area: str = "Ale") -> list[Row]:
    return [
        (f"introductory_to_national_within_{years}_years", area, "2022/23", number, 40, status)
        for years, number, status in statuses
    ]


FOLLOWED = ((1, 10, "shown"), (2, 18, "shown"), (3, None, "not_yet_observable"), (4, None, "not_yet_observable"))


@pytest.mark.parametrize(
    ("statuses", "text"),
    [
        (
            FOLLOWED,
            f"Inom två år har **45,0{H}%** gått över till ett nationellt program. Hur det är efter tre och fyra år "
            "**kan inte observeras ännu**.",
        ),
        (
            ((1, 0, "shown"), (2, None, "hidden")),
            f"Inom ett år har **0,0{H}%** gått över till ett nationellt program.",
        ),
        (
            ((1, None, "hidden"), (2, None, "hidden")),
            "Värdet i Ale bland dem som började läsåret 2022/23 är **dolt för att skydda enskilda**.",
        ),
        (
            ((1, None, "not_yet_observable"),),
            "Värdet i Ale bland dem som började läsåret 2022/23 **kan inte observeras ännu**.",
        ),
        (((1, None, "missing"),), "Ale har **inte lämnat in** uppgifter för dem som började läsåret 2022/23."),
    ],
)
def test_the_sentence_of_a_curve(statuses: tuple[tuple[int, float | None, str], ...], text: str) -> None:
    found = figures_of(started(*statuses))
    assert pathway.curve_sentence(found, PathView(cohort="introduktionsprogram", area="Ale", period="2022/23")) == text


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_years_that_cannot_be_seen_yet_are_hatched_and_hidden_ones_are_words(palette: object) -> None:
    assert palette in (LIGHT, DARK)
    view = PathView(cohort="introduktionsprogram", area="Ale", period="2022/23")
    found = pathway.curves(figures_of(started((1, None, "hidden"), *FOLLOWED[1:])), view)
    assert curves.late(found) == [3, 4]
    spec = curves.picture(found, LIGHT if palette == LIGHT else DARK)
    boxes = spec["layer"][0]["data"]["values"]
    assert [(box["x"], box["x2"]) for box in boxes] == [(2.5, 3.5), (3.5, 4.5)]
    drawn = vl_convert.vegalite_to_svg(spec | {"width": 600})
    assert drawn.count(">ännu ej<") == 4
    assert ">dold<" in drawn
    assert f"Till nationellt program 45,0{H}%" in drawn


def test_the_region_cannot_be_seen_where_its_members_cannot() -> None:
    found = figures_of(started((1, None, "not_yet_observable")))
    view = PathView(cohort="introduktionsprogram", area=REGION, period="2022/23")
    assert (
        pathway.answer(found, view) == "Värdet i GR bland dem som började läsåret 2022/23 **kan inte observeras ännu**."
    )


def test_an_incomplete_region_is_named_with_its_members() -> None:
    found = figures_of(started((1, 10, "shown"), area="GR, 1 av 2"))
    view = PathView(cohort="introduktionsprogram", area=REGION, period="2022/23")
    assert pathway.answer(found, view) == (
        "Elever i GR (1 av 2 kommuner) som började på introduktionsprogram läsåret 2022/23: inom ett år har "
        f"**25,0{H}%** gått över till ett nationellt program."
    )


CENTRE = "resurscentrum"


def centre(returned: int | None, still: int | None, planned: int = 8, area: str = "Ale", size: float = 40) -> list[Row]:
    """Pupils of a resource centre after two terms, and how many were back when it was planned."""
    numbers = {"returned_within_2_terms": returned, "still_there_after_2_terms": still, "returned_as_planned": planned}
    return [
        (f"resource_centre_{name}", area, "2023/24", number, size, "shown" if number is not None else "hidden")
        for name, number in numbers.items()
    ]


@pytest.mark.parametrize(
    ("found", "ends"),
    [
        (centre(10, 20), f"Efter två terminer har <strong>25,0{H}%</strong> slutat på annat sätt"),
        (centre(10, 30), f"Efter två terminer har <strong>0,0{H}%</strong> slutat på annat sätt"),
        (centre(10, 27), ""),
        (centre(10, None), ""),
    ],
)
def test_planned_time_stands_beside_and_other_ends_are_never_of_a_few(found: list[Row], ends: str) -> None:
    figures = figures_of(found)
    said = pathway_counted.planned(figures, PathView(cohort=CENTRE, area="Ale", period="2023/24"))
    assert f"senast den dag som var planerad: <strong>20,0{H}%</strong> i Ale" in said
    assert ("slutat på annat sätt" in said) == bool(ends)
    assert ends in said
    assert pathway_counted.planned(figures, PathView(cohort="arskurs-9", area="Ale", period="2023/24")) == ""


def test_why_a_group_is_not_divided_is_said_where_the_choice_would_be() -> None:
    girls = (("resource_centre_returned_as_planned", "GR", "2023/24", 9.0, 20.0, "shown"), {"sex": "girls"})
    figures = figures_of(centre(10, 20), divided=[girls])
    assert pathway_counted.undivided(figures, CENTRE, "Ale") == (
        "Ingen uppdelning på modell: eleverna är så få att delarna hade dolt kommunernas egna värden. Ingen uppdelning på "
        "bakgrund och uppdelning på kön bara för hela GR: små delar skulle dölja varandra."
    )
    cut = {"model": "sspf"}, {"sex": "girls"}, {"background": "foreign"}
    year9 = [(("next_step_national", "GR", "2023/24", 9.0, 20.0, "shown"), each) for each in cut]
    assert pathway_counted.undivided(figures_of([], divided=year9), "arskurs-9", REGION) == ""


def test_groups_and_periods_are_those_that_the_release_has() -> None:
    found = figures_of([*rows(50, 20, 10, 15, 5), *started(*FOLLOWED)])
    assert list(pathway.cohorts(found)) == ["introduktionsprogram", "efter-gymnasiet"]
    assert list(pathway.periods(found, "efter-gymnasiet")) == ["2021/22"]
    assert pathway.newest(found, "introduktionsprogram") == "2022/23"
    view = PathView(cohort="efter-gymnasiet", area="Ale", period="2021/22")
    said = pathway_counted.counted(found, view, ["two_years_after_work"], curve=False)
    assert "räknas inte här" not in said
    assert "räknas inte här" in pathway_counted.counted(found, view, ["two_years_after_work"], curve=True)
    assert "Alla som lämnade gymnasieskolan, med eller utan examen, utom anpassad gymnasieskola." in said
    assert "elevens hemkommun" in said
