"""Groups that stand out: the rule finds what is there and little else, and what is hidden leaves no trace."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import numpy as np
import openpyxl
import pytest
import vl_convert

from metrics.export import signs as files
from metrics.export import table
from metrics.present import early_signs as say
from metrics.present import signs, signs_context, signs_levels, signs_reported
from metrics.present.early_signs import SignsView
from metrics.present.figures import Figures
from metrics.present.indicator import REGION
from metrics.present.marks import DARK, LIGHT
from tests.unit.present_release import Row, figures_of

H = "\u00a0"
MEMBERS = ("Ale", "Tjörn", "Lerum", "Partille")
YEARS = ("2021/22", "2022/23", "2023/24", "2024/25")
NAME = "year6_core_passed"


def year6(shares: Sequence[float], *, size: int = 400, years: Sequence[str] = YEARS, name: str = NAME) -> list[Row]:
    """Every member and the region with the same share each year; `shares` are the members'."""
    rows: list[Row] = []
    for year in years:
        passed = [round(size * share) for share in shares]
        rows += [(name, area, year, top, size, "shown") for area, top in zip(MEMBERS, passed, strict=True)]
        rows.append((name, "GR", year, sum(passed), size * len(MEMBERS), "shown"))
    return rows


def last_year(rows: list[Row], area: str, number: float | None, status: str = "shown") -> list[Row]:
    """The newest row of an area with another numerator; the region keeps its sum."""
    return [
        (name, at, year, number, size if number is not None else None, status)
        if (at, year) == (area, YEARS[-1])
        else (name, at, year, top, size, said)
        for name, at, year, top, size, said in rows
    ]


def test_expected_is_the_rest_of_the_region_and_changed_is_the_groups_own_years() -> None:
    found = signs.newest(signs.tested(figures_of(last_year(year6((0.9, 0.8, 0.8, 0.8)), "Ale", 300), MEMBERS)))
    by_test = {each.test: each for each in found if each.area == "Ale"}
    rest = 100 * (4 * 400 * 0.825 - 300) / (3 * 400)
    assert by_test["expected"].expected == pytest.approx(rest)
    assert by_test["expected"].difference == pytest.approx(75 - rest)
    assert by_test["changed"].expected == pytest.approx(90.0)
    assert by_test["changed"].difference == pytest.approx(75 - 90.0)
    assert by_test["changed"].earlier == 3
    assert by_test["changed"].asks


@pytest.mark.parametrize(
    ("shares", "asks", "better"),
    [
        ((0.8, 0.8, 0.8, 0.8), [], []),
        ((0.6, 0.8, 0.8, 0.8), ["Ale"], ["Lerum", "Partille", "Tjörn"]),
        ((0.8, 0.95, 0.8, 0.8), ["Ale", "Lerum", "Partille"], ["Tjörn"]),
    ],
)
def test_who_stands_out(shares: Sequence[float], asks: list[str], better: list[str]) -> None:
    found = signs.newest(signs.tested(figures_of(year6(shares), MEMBERS)))
    assert sorted(each.area for each in found if each.asks) == asks
    assert sorted(each.area for each in found if each.tells and not each.asks) == better


def test_where_nothing_differs_next_to_nothing_stands_out() -> None:
    random = np.random.default_rng(9)
    members = tuple(f"Kommun {number}" for number in range(12))
    years = [f"{spring - 1}/{spring % 100:02d}" for spring in range(2018, 2026)]
    told = tests = 0
    for _ in range(12):
        rows: list[Row] = []
        for year in years:
            level = 0.8 + random.normal(0, 0.015)
            passed = random.binomial(150, level, len(members))
            rows += [(NAME, area, year, float(top), 150.0, "shown") for area, top in zip(members, passed, strict=True)]
            rows.append((NAME, "GR", year, float(passed.sum()), 150.0 * len(members), "shown"))
        found = signs.newest(signs.tested(figures_of(rows, members)))
        told += sum(each.tells for each in found)
        tests += len(found)
    assert tests == 12 * (2 * len(members) + 1)
    assert told <= 0.01 * tests


def test_an_incomplete_region_is_expected_of_nobody() -> None:
    rows = [
        (name, "GR, 3 av 4" if (area, year) == ("GR", YEARS[-1]) else area, year, top, size, status)
        for name, area, year, top, size, status in year6((0.6, 0.8, 0.8, 0.8))
    ]
    found = signs.tested(figures_of(rows, MEMBERS))
    assert {each.label for each in found if each.test == "expected"} == set(YEARS[:-1])


def test_a_hidden_group_leaves_no_trace() -> None:
    """Whatever is behind a hidden value: the same page, and nothing about the group but that it is hidden."""
    rows = year6((0.6, 0.8, 0.8, 0.7))
    kept = figures_of(last_year(rows, "Ale", None, "hidden"), MEMBERS)
    gone = figures_of([row for row in rows if row[1:3] != ("Ale", YEARS[-1])], MEMBERS)
    with_hidden, without = (say.find(each).newest for each in (kept, gone))
    assert with_hidden == without
    assert not [each for each in with_hidden if each.area == "Ale"]
    assert say.find(kept).hidden == 1
    said = say.answer(kept, say.find(kept), SignsView())
    assert "Ale" not in said
    assert "En grupp kan inte bedömas: värdena är dolda för att skydda enskilda." in said
    assert say.answer(kept, say.find(kept), SignsView(area="Ale")).startswith(
        "Ingen grupp kan bedömas i det här urvalet"
    )


def test_a_choice_never_changes_what_a_test_says() -> None:
    figures = figures_of(year6((0.6, 0.8, 0.78, 0.8)) + year6((0.5, 0.7, 0.7, 0.68), name="year6_all_passed"), MEMBERS)
    found = say.find(figures)
    whole = {(each.area, each.indicator, each.test): each.word for each in found.newest}
    for area in MEMBERS:
        part = say.seen(found, SignsView(area=area, topic=signs.YEAR6, stage="4-6"))
        assert part
        assert all(whole[(each.area, each.indicator, each.test)] == each.word for each in part)
    assert not say.seen(found, SignsView(topic=signs.ABSENCE))


def test_a_group_is_counted_once_per_topic() -> None:
    figures = figures_of(year6((0.6, 0.8, 0.8, 0.8)) + year6((0.5, 0.7, 0.7, 0.7), name="year6_all_passed"), MEMBERS)
    made = say.entries(say.find(figures), SignsView())
    assert [(each.sign.area, len(each.more)) for each in made] == [("Ale", 1)]


def children(*numbers: float, area: str = "Ale") -> list[Row]:
    """Children reported a year from 2021 on, one report each."""
    return [
        ("reports_per_child", area, str(2021 + place), number, number, "shown") for place, number in enumerate(numbers)
    ]


@pytest.mark.parametrize(
    ("rows", "differences", "asks"),
    [
        (children(100, 100, 100, 180), [80.0], True),
        (children(100, 100, 100, 104), [4.0], False),
        (children(100, 100, 100, 40), [-60.0], True),
        (children(100, 100), [], False),
    ],
)
def test_the_number_of_children_is_compared_with_earlier_years(
    rows: list[Row], differences: list[float], asks: bool
) -> None:
    found = signs.newest(signs.tested(figures_of([*rows, *children(90, 110, 100, 100, area="Tjörn")])))
    own = [each for each in found if each.area == "Ale" and each.test == signs.COUNTED]
    assert [round(each.difference, 6) for each in own] == differences
    assert any(each.asks for each in own) is asks


def test_a_year_that_may_be_delivered_in_part_is_not_compared() -> None:
    late: Row = ("led_to_intervention_all", "Ale", "2024", None, None, "not_yet_observable")
    found = signs.tested(figures_of([*children(100, 100, 100, 40), late]))
    assert "2024" not in {each.label for each in found}


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            year6((0.6, 0.8, 0.8, 0.8)),
            "**En av fem grupper** som kan bedömas sticker ut. Tydligast: Ale, åk 6: godkänt i kärnämnen.",
        ),
        (
            year6((0.8, 0.8, 0.8, 0.8)),
            "Ingen av de fem grupper som kan bedömas skiljer sig säkert från det väntade eller från egna tidigare år.",
        ),
        (
            [(NAME, area, "2024/25", None, None, "hidden") for area in (*MEMBERS, "GR")],
            "Ingen grupp kan bedömas i den här utgåvan: värdena är **dolda för att skydda enskilda**.",
        ),
        (
            year6((0.8, 0.8, 0.8, 0.8), years=YEARS[-1:])[:1],
            "Ingen grupp kan bedömas i den här utgåvan: det finns inget att jämföra med ännu.",
        ),
    ],
)
def test_the_answer(rows: list[Row], text: str) -> None:
    figures = figures_of(rows, MEMBERS)
    assert say.answer(figures, say.find(figures), SignsView()) == text


@pytest.mark.parametrize(
    ("rows", "area", "test", "text"),
    [
        (
            year6((0.6, 0.8, 0.8, 0.8)),
            "Ale",
            "expected",
            f"Ale, åk 6, godkänt i kärnämnen: **60,0{H}%** läsåret 2024/25 mot väntade 80,0{H}% (skillnad −20,0 "
            f"procentenheter; 95{H}% säkerhet: −25,3 till −14,8).",
        ),
        (
            children(100, 100, 100, 180),
            "Ale",
            "counted",
            f"Ale, antal anmälda barn: **180** år 2024 mot i snitt 100 de tre tidigare åren (+80{H}%; 95{H}% säkerhet: "
            "50–117).",
        ),
    ],
)
def test_one_sign_in_words(rows: list[Row], area: str, test: str, text: str) -> None:
    figures = figures_of(rows, MEMBERS)
    sign = next(each for each in say.find(figures).newest if (each.area, each.test) == (area, test))
    assert say.one_sentence(figures, sign) == text


def left_school(*shares: float, size: int = 200) -> list[Row]:
    """The members' leavers of one year, and how many were eligible."""
    return [
        ("eligibility_vocational", area, "2024/25", size * share, size, "shown")
        for area, share in zip(MEMBERS, shares, strict=True)
    ]


def test_what_came_of_such_groups_before_is_a_sum_over_shown_groups() -> None:
    rows = [*year6((0.6, 0.8, 0.8, 0.8)), *left_school(0.7, 0.9, 0.95, 0.85)]
    figures = figures_of(rows, MEMBERS)
    way = next(each for each in signs_context.WAYS if each.topic == signs.YEAR6)
    (marked,) = signs_context.marked_by(signs.tested(figures), [way])
    with_sign, without = signs_context.followed(figures, marked, way)
    assert with_sign
    assert without
    assert (with_sign.groups, with_sign.share) == (1, pytest.approx(30.0))
    assert (without.groups, without.share) == (3, pytest.approx(10.0))
    said = signs_context.outcome(figures, "")
    assert f"bland en grupp som stack ut var <strong>30,0{H}%</strong> inte behöriga" in said
    assert "ingen sådan koppling är deklarerad i utgåvan" in signs_context.reported_later(figures, "", REGION)


REPORTED_AFTER = {"Ale": 60, "Tjörn": 30, "Lerum": 36, "Partille": 24}
"""Children reported in 2025; each municipality has 3 x 100 pupils in the spring of 2024."""


@pytest.mark.parametrize("hidden", [None, "Ale"])
def test_children_reported_the_year_after_are_added_up_over_shown_municipalities(hidden: str | None) -> None:
    shown = {area: None if area == hidden else float(number) for area, number in REPORTED_AFTER.items()}
    reported: list[Row] = [
        ("reports_per_child", area, "2025", number, number, "hidden" if number is None else "shown")
        for area, number in shown.items()
    ]
    pupils = [
        (("absence_10", area, "VT 2024", 10.0, 100.0, "shown"), {"stage": stage})
        for area in REPORTED_AFTER
        for stage in ("F-3", "4-6", "7-9")
    ]
    marked = {(area, "2023/24"): area == "Ale" for area in REPORTED_AFTER}
    figures = figures_of(reported, MEMBERS, divided=pupils)  # type: ignore[arg-type]
    with_sign, without = (signs_reported.reported_after(figures, marked, wanted) for wanted in (True, False))
    assert without
    assert (without.groups, without.rate) == (3, pytest.approx(10.0))
    said = signs_reported.section(figures, [("Resultat i åk 6", marked)])
    if hidden:
        assert with_sign is None
        assert "barn per 100 elever" not in said
        assert "dolt för att skydda enskilda" in said
        return
    assert with_sign
    assert (with_sign.groups, with_sign.rate) == (1, pytest.approx(20.0))
    assert "<strong>20,0 barn per 100 elever</strong> i kommuner där gruppen stack ut (en gång)" in said
    assert "mot <strong>10,0</strong> där den inte gjorde det (tre gånger)" in said


def test_a_year_that_may_be_delivered_in_part_is_no_year_after() -> None:
    rows: list[Row] = [
        ("reports_per_child", "Ale", "2025", 60.0, 60.0, "shown"),
        ("led_to_intervention_all", "Ale", "2025", None, None, "not_yet_observable"),
    ]
    pupils = [
        (("absence_10", "Ale", "VT 2024", 10.0, 100.0, "shown"), {"stage": each}) for each in ("F-3", "4-6", "7-9")
    ]
    figures = figures_of(rows, MEMBERS, divided=pupils)  # type: ignore[arg-type]
    assert signs_reported.reported_after(figures, {("Ale", "2023/24"): True}, True) is None


def test_a_hidden_outcome_is_in_no_sum() -> None:
    hidden: Row = ("eligibility_vocational", "Ale", "2024/25", None, None, "hidden")
    figures = figures_of([*year6((0.6, 0.8, 0.8, 0.8)), hidden, *left_school(0.7, 0.9, 0.95, 0.85)[1:]], MEMBERS)
    way = next(each for each in signs_context.WAYS if each.topic == signs.YEAR6)
    (marked,) = signs_context.marked_by(signs.tested(figures), [way])
    with_sign, without = signs_context.followed(figures, marked, way)
    assert with_sign is None
    assert without
    assert without.groups == 3


@pytest.mark.parametrize(
    ("started", "ended", "text"),
    [
        ("2020-08-17", "", "Skolsocialt team (två skolor)"),
        ("2020-08-17", "2024-06-30", ""),
        ("2026-08-17", "", ""),
    ],
)
def test_models_that_run_where_a_group_stands_out(started: str, ended: str, text: str) -> None:
    register = [
        {
            "municipality": "Ale",
            "model_type": "school_social_team",
            "school_units": "1|2",
            "started": started,
            "ended": ended,
        }
    ]
    figures = figures_of(year6((0.6, 0.8, 0.8, 0.8)), MEMBERS, register=register)
    assert signs_context.running(figures, "Ale") == text
    said = signs_context.models(figures, say.find(figures), SignsView())
    assert (text or "ingen i registret") in said


@pytest.fixture(scope="module")
def figures() -> Figures:
    rows = [*year6((0.6, 0.8, 0.8, 0.8)), *children(100, 100, 100, 180), *children(90, 110, 100, 100, area="Lerum")]
    return figures_of(last_year(rows, "Tjörn", 200), MEMBERS)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("test", list(say.TESTS))
def test_every_picture_is_drawn_and_has_its_table(figures: Figures, test: str, palette: object) -> None:
    found, view = say.find(figures), SignsView(better=True)
    drawn = vl_convert.vegalite_to_svg(say.picture(figures, found, view, test, palette) | {"width": 700})  # type: ignore[operator, arg-type]
    twin = say.twin(figures, found, view, test)
    assert "…" not in drawn
    for each in say.entries(found, view, test):
        assert say.group_name(each.sign) in drawn
        assert say.group_name(each.sign) in twin
    assert "indikator?indikator=" in twin


def test_files_say_what_they_are(figures: Figures) -> None:
    made = say.entries(say.find(figures), SignsView())
    read = list(csv.DictReader(io.StringIO(files.csv_bytes(made, figures).decode("utf-8-sig")), delimiter=";"))
    assert [row["Område"] for row in read].count("Ale") == 1
    assert all(row["Utgåva"] == "prov-1" and row["Skydd"] and row["Nämnare enligt definitionen"] for row in read)
    book = openpyxl.load_workbook(io.BytesIO(files.xlsx_bytes(made, figures)))
    about = {row[0]: row[1] for row in book["Om tabellen"].iter_rows(values_only=True)}
    assert "grupper, aldrig elever" in str(about["Vad det är"])
    assert book["Värden"].max_row == len(read) + 1


@pytest.mark.parametrize(("found", "text"), [(10, ""), (11, "Bilden visar de tio tydligaste av elva, tabellen alla.")])
def test_a_picture_of_some_signs_says_so(
    monkeypatch: pytest.MonkeyPatch, figures: Figures, found: int, text: str
) -> None:
    some = say.entries(say.find(figures), SignsView(), "expected")[:1]
    monkeypatch.setattr(say, "entries", lambda *_: some * found)
    said = say.test_sentence(figures, say.find(figures), SignsView(), "expected")
    assert ("Bilden visar" in said) == bool(text)
    assert said.endswith(text)


def by_level(prefix: str, area: str, label: str, numbers: Sequence[tuple[float | None, float | None]]) -> list[Row]:
    names = [f"{prefix}_{level}" for level in ("under_10", "10_to_20", "20")]
    return [
        (name, area, label, top, below, "hidden" if top is None else "shown")
        for name, (top, below) in zip(names, numbers, strict=True)
    ]


def test_later_reported_is_told_of_joined_members_and_the_reason_of_the_others() -> None:
    rows = by_level("reported_after_absence", "Ale", "VT 2024", [(20, 800), (10, 100), (8, 40)])
    figures = figures_of(rows, MEMBERS, stage="7-9")
    here = signs_levels.reported(figures, "Ale", joined=True)
    assert f"<strong>20,0{H}%</strong> inom ett år, mot <strong>2,5{H}%</strong>" in here
    assert "Flickor" in here
    assert signs_levels._with_n((f"2,5{H}%", "800", "")) == f"2,5{H}% (n{H}800)"
    assert signs_levels._with_n(("dold", "", "")) == "dold"
    assert "ingen koppling är deklarerad för Lerum" in signs_levels.reported(figures, "Lerum", joined=True)
    more = by_level("reported_after_absence", "Lerum", "VT 2024", [(20, 800), (10, 100), (8, 40)])
    two = signs_levels.reported(figures_of([*rows, *more], MEMBERS, stage="7-9"), REGION, joined=True)
    assert "<details" not in here
    assert all(
        f"<summary>Tabell: Orosanmälda inom ett år efter frånvaro, {each}</summary>" in two for each in ("Ale", "Lerum")
    )
    hidden = figures_of(by_level("reported_after_absence", "Ale", "VT 2024", [(None, None)] * 3), MEMBERS, stage="7-9")
    assert "någon av dem är dold för att skydda enskilda." in signs_levels.reported(hidden, "Ale", joined=True)
    nothing = figures_of(year6((0.8,) * 4), MEMBERS)
    for joined, why in ((False, signs_levels.NOT_DECLARED), (True, signs_levels.NOT_YET)):
        assert why in signs_levels.reported(nothing, "Ale", joined=joined)


def test_files_of_levels_have_every_group_with_what_it_is_and_no_hidden_number() -> None:
    rows = by_level("reported_after_absence", "Ale", "VT 2024", [(20, 800), (10, 100), (None, None)])
    figures = figures_of(rows, MEMBERS, stage="7-9")
    assert signs_context.has_levels(figures, "")
    assert not signs_context.has_levels(figures, signs.REPORTS)
    assert not signs_context.has_levels(figures_of(year6((0.8,) * 4), MEMBERS), "")
    made = signs_levels.rows_for_export(figures)
    read = list(csv.DictReader(io.StringIO(table.csv_bytes(made, figures).decode("utf-8-sig")), delimiter=";"))
    assert [(row["Område"], row["Täljare"], row["Nämnare"]) for row in read] == [
        ("Ale", "20", "800"),
        ("Ale", "10", "100"),
        ("Ale", "", ""),
    ]
    assert all(row["Skydd"] and row["Källa"] and row["Nämnare enligt definitionen"] for row in read)
    book = openpyxl.load_workbook(io.BytesIO(table.xlsx_bytes(made, figures, signs_levels.FILE_TITLE)))
    about = [row[0] for row in book["Om tabellen"].iter_rows(values_only=True)]
    assert {"Skydd", *(row["Mått"] for row in read)} <= set(about)
    assert book["Värden"].max_row == len(read) + 1


def test_not_eligible_after_absence_is_told_of_the_region_and_not_where_it_is_hidden() -> None:
    rows = by_level("eligible_after_year8_absence", "GR", "2024/25", [(900, 1000), (65, 100), (35, 100)])
    said = signs_levels.eligible(figures_of(rows, MEMBERS))
    assert f"<strong>65,0{H}%</strong> inte behöriga" in said
    assert f"Bland dem med under 10{H}% eller okänd frånvaro var det <strong>10,0{H}%</strong>." in said
    hidden = by_level("eligible_after_year8_absence", "GR", "2024/25", [(None, None)] * 3)
    assert signs_levels.eligible(figures_of(hidden, MEMBERS)) == ""
