"""Schools on the pages: shown values only, in alphabetical order, with words for what is hidden and a page for the staff."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pypdf
import pytest

from metrics.export import staff_page as files
from metrics.present import school_page, schools
from metrics.present.figures import Figures
from metrics.present.marks import LIGHT
from metrics.present.schools import SchoolsView
from metrics.release.read import SCHOOL_COLUMNS
from tests.unit.present_release import figures_of

NAME = "eligibility_vocational"
MEMBERS = ("Ale", "Lerum")


def region(*, few: int = 14) -> Figures:
    """Shown schools with 80 of 100, one far below, and a hidden one in Ale."""
    bare = figures_of(
        [(NAME, "Ale", "2024/25", 80, 100, "shown"), (NAME, "Lerum", "2024/25", 80, 100, "shown")], MEMBERS
    )
    numbers = [80 + place % 3 for place in range(few)] + [30]
    rows = [_row(place, "Ale" if place % 2 else "Lerum", number) for place, number in enumerate(numbers)]
    table = pd.DataFrame([*rows, _row(99, "Ale", None)], columns=list(SCHOOL_COLUMNS))
    return Figures(replace(bare.release, schools=table))


def _row(place: int, member: str, number: int | None) -> dict[str, object]:
    code = f"100000{place:02d}"
    row: dict[str, object] = dict.fromkeys(SCHOOL_COLUMNS, "all")
    row |= {"indicator": NAME, "series": "own", "area_type": "school_unit", "area": f"Skola {place:02d} ({code})"}
    row |= {"school_year": "2024/25", "period_from": "2024-07-01", "period_to": "2025-06-30", "mark": ""}
    row |= {"school_unit": code, "municipality": member, "status": "hidden" if number is None else "shown"}
    known = (number, 100, number, 20.0, 90.0) if number is not None else (None,) * 5
    return row | dict(zip(("numerator", "denominator", "value", "low", "high"), known, strict=True))


def view(figures: Figures, area: str) -> SchoolsView:
    return SchoolsView(definition=figures.definitions[NAME], area=area, school_year="2024/25")


def test_schools_stand_by_name_and_hidden_ones_are_said_once() -> None:
    figures = region()
    assert [each.name for each in schools.schools(figures, view(figures, "Ale"))] == [
        *(f"Skola {place:02d}" for place in range(1, 14, 2)),
        "Skola 99",
    ]
    assert (
        "visas **sju**; en är dold för att skydda enskilda. Ingen av dem som visas ligger utanför"
        in schools.sentence(figures, view(figures, "Ale"))
    )
    twin = schools.twin(figures, view(figures, "Ale"))
    assert "dold för att skydda enskilda" in twin
    assert ">nan" not in twin.lower()


def test_limits_are_fitted_on_shown_schools_and_find_the_one_outside() -> None:
    figures = region()
    assert schools.limits(figures, view(figures, "Ale")) is not None
    assert "ligger utanför" in schools.sentence(figures, view(figures, "Lerum"))
    few = region(few=5)
    assert schools.limits(few, view(few, "Ale")) is None
    assert "för få" in schools.sentence(few, view(few, "Ale"))


def test_a_hidden_school_is_no_point_of_the_picture() -> None:
    figures = region()
    told = str(schools.picture(figures, view(figures, "Ale"), LIGHT))
    assert "Skola 01: 81" in told
    assert "Skola 99" not in told


@pytest.mark.parametrize("hidden", [False, True])
def test_the_axis_of_one_members_schools_holds_the_whole_regions_limits(hidden: bool) -> None:
    """Schools of Ale are of 100 pupils, those of Lerum of 60 and more: the limits are of all."""
    figures = region(few=30)
    table = figures.release.schools.copy()
    others = table["municipality"] == "Lerum"
    table.loc[others, "denominator"] = [60 + 20 * place for place in range(others.sum())]
    table.loc[others, "numerator"] = (0.8 * table.loc[others, "denominator"]).round()
    if hidden:
        table.loc[~others, "status"] = "hidden"
    made = schools.picture(Figures(replace(figures.release, schools=table)), view(figures, "Ale"), LIGHT)
    least, most = made["layer"][0]["encoding"]["x"]["scale"]["domain"]
    drawn = [row["size"] for layer in made["layer"][:4] for row in layer["data"]["values"]]
    assert least <= min(drawn) < max(drawn) <= most


def test_the_page_for_a_school_says_what_is_hidden_and_holds_three_questions() -> None:
    figures = region()
    hidden = school_page.contents(figures, "10000099")
    assert hidden["says"] == ["Inget av skolans värden kan visas: de är dolda för att skydda enskilda."]
    told = school_page.contents(figures, "10000014")
    names = {str(row[0]).rsplit(",", 1)[0] for row in told["rows"]}  # type: ignore[attr-defined]
    assert all(any(said.startswith(f"{name}: ") for name in names) for said in told["says"])  # type: ignore[attr-defined]
    for code in ("10000099", "10000014"):
        assert len(school_page.contents(figures, code)["questions"]) == 3  # type: ignore[arg-type]
        document = pypdf.PdfReader(io.BytesIO(files.school_pdf(figures, code)))
        assert len(document.pages) == 1
        assert document.trailer["/Root"]["/Lang"].startswith("sv")


@pytest.mark.parametrize(("there", "code", "text"), [(False, "10000001", schools.NOT_THERE), (True, "1", "koden 1")])
def test_there_is_no_page_without_a_school_part_or_the_school(there: bool, code: str, text: str) -> None:
    figures = region()
    figures = figures if there else Figures(replace(figures.release, schools=figures.release.schools.iloc[:0]))
    assert text in school_page.refusal(figures, code)
    assert not school_page.refusal(region(), "10000001")


def test_names_that_would_be_written_over_each_other_are_left_to_the_table() -> None:
    row = {"size": 20.0, "value": 100.0}
    assert schools._in_the_way(row, {"size": 30.0, "value": 99.0}, 160.0)
    assert not schools._in_the_way(row, {"size": 70.0, "value": 99.0}, 160.0)
    assert not schools._in_the_way(row, {"size": 30.0, "value": 60.0}, 160.0)
