"""Groups that a flow is divided by: only those the release has, in words, and never a part that follows alone."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from metrics.present import parts, pathway, support_chain, where
from metrics.present.figures import Figure, Figures, Key
from metrics.present.indicator import REGION
from metrics.present.marks import LIGHT
from metrics.present.pathway import PathView
from metrics.present.support_chain import ChainView
from metrics.present.where import UNCUT, Cut, Where
from metrics.release.read import load
from metrics.values import Status
from tests.unit.present_release import Row, figures_of

ROOT = Path(__file__).resolve().parents[2]
H = "\u00a0"
K = 5
STATES = ("national", "choice", "vocational", "individual", "language", "adapted", "activity_responsibility", "moved")
STATES = (*STATES, "unknown")
GIRLS = {"sex": "girls"}


def states(*numbers: float | None, area: str = "GR", size: float = 100) -> list[Row]:
    """The states in the autumn after year 9; None is hidden."""
    return [
        (f"next_step_{state}", area, "2023/24", number, size, "shown" if number is not None else "hidden")
        for state, number in zip(STATES, numbers, strict=True)
    ]


TOTALS = [*states(170, 4, 6, 8, 2, 2, 4, 2, 2, size=200), *states(90, 0, 3, 2, 1, 1, 1, 1, 1, area="Ale")]
OF_GIRLS = states(88, None, 5, None, 0, 0, 3, 0, 0)


@pytest.fixture(scope="module")
def figures() -> Figures:
    models = [(row, {"model": "sspf"}) for row in states(20, 2, 2, 2, 0, 0, 2, 1, 1, size=30)]
    members = [(states(50, *[0] * 8, area="Ale", size=50)[0], GIRLS)]
    return figures_of(TOTALS, divided=[*((row, GIRLS) for row in OF_GIRLS), *models, *members])


def view(**chosen: object) -> PathView:
    return PathView(**({"cohort": "arskurs-9", "area": REGION, "period": "2023/24"} | chosen))  # type: ignore[arg-type]


def test_choices_are_the_cuts_that_the_release_has(figures: Figures) -> None:
    found = pathway.cuts(figures, "arskurs-9", REGION)
    assert where.models(found) == {"": "Alla skolor", "sspf": "Med SSPF"}
    assert where.groups(found, "") == {"": "Alla", "girls": "Flickor"}
    assert where.groups(found, "sspf") == {"": "Alla"}
    assert where.chosen(found, "girls", "") == Cut(sex="girls")
    assert where.chosen(found, "girls", "sspf") == UNCUT


@pytest.mark.parametrize(
    ("cut", "noun", "title"),
    [
        (UNCUT, "elever", ""),
        (Cut(sex="girls"), "flickor", "flickor"),
        (Cut(background="foreign"), "elever med utländsk bakgrund", "utländsk bakgrund"),
        (Cut(provider="municipal"), "elever i kommunala skolor", "kommunala skolor"),
        (Cut(model="school_social_team"), "elever vid skolor med skolsocialt team", "skolor med skolsocialt team"),
        (Cut(model="none"), "elever vid skolor utan samverkansmodell", "skolor utan samverkansmodell"),
        (Cut(model="without:sspf"), "elever vid skolor utan SSPF", "skolor utan SSPF"),
        (Cut(sex="boys", model="sspf"), "pojkar vid skolor med SSPF", "pojkar, skolor med SSPF"),
    ],
)
def test_a_cut_in_words(cut: Cut, noun: str, title: str) -> None:
    assert (where.noun(cut, "elever"), where.title(cut)) == (noun, title)


@pytest.mark.parametrize(
    ("chosen", "text"),
    [
        (
            {"cut": Cut(sex="girls")},
            f"Vanligast för de 100 flickor i GR som slutade årskurs 9 läsåret 2023/24 är **nationellt program, "
            f"88,0{H}%**. Därefter kommer IM, yrkesintroduktion (IMY), 5,0{H}%. Två delar är dolda för att skydda enskilda; "
            f"tillsammans är de 4,0{H}%.",
        ),
        (
            {"cut": Cut(sex="girls"), "area": "Ale"},
            f"För **100,0{H}%** av de 50 flickor i Ale som slutade årskurs 9 läsåret 2023/24 är det nationellt program. "
            "De andra delas inte upp så långt. Uppdelningen finns för hela GR.",
        ),
    ],
)
def test_the_answer_is_about_the_chosen_group(figures: Figures, chosen: dict[str, object], text: str) -> None:
    assert pathway.answer(figures, view(**chosen)) == text


def test_a_cohort_without_its_states_is_answered_by_its_curve() -> None:
    rows: list[Row] = [("diploma_within_3_years_all", "Ale", "2020/21", 60, 100, "shown")]
    figures = figures_of(rows)
    chosen = view(cohort="gymnasiestart", area="Ale", period="2020/21")
    assert f"har **60,0{H}%** av alla tagit gymnasieexamen." in pathway.answer(figures, chosen)
    assert "60,0" not in pathway.curve_lead(figures, chosen)


def test_an_export_holds_everyone_and_the_chosen_group(figures: Figures) -> None:
    keys = {key.sex for _, key, _ in pathway.rows_for_export(figures, view(cut=Cut(sex="girls")))}
    assert keys == {"all", "girls"}


@pytest.mark.parametrize("status", ["missing", "not_yet_observable"])
def test_what_is_said_of_everyone_stands_for_each_group(status: str) -> None:
    rows: list[Row] = [("next_step_national", "Ale", "2023/24", None, None, status)]
    other = (("next_step_national", "Ale", "2022/23", 40.0, 50.0, "shown"), GIRLS)
    figures = figures_of(rows, divided=[other])
    found = where.figure_of(figures, "next_step_national", Where(area="Ale", period="2023/24", cut=Cut(sex="girls")))
    assert found
    assert found.status == status


def test_the_chain_is_divided_by_sex_where_it_is_published() -> None:
    total: Row = ("reports_per_child", "Ale", "2023", 216, 209, "shown")
    girls: Row = ("reports_per_child", "Ale", "2023", 101, 98, "shown")
    figures = figures_of([total], divided=[(girls, GIRLS)])
    assert support_chain.sexes(figures, "Ale", "all") == {"all": "Alla barn", "girls": "Flickor"}
    assert support_chain.sexes(figures, "Ale", "7-9") == {"all": "Alla barn"}
    said = support_chain.answer(figures, ChainView(area="Ale", year="2023", sex="girls"))
    assert said.startswith("År 2023 kom **101 orosanmälningar om 98 flickor** i Ale.")
    assert support_chain.titled_place(figures, ChainView(area="Ale", year="2023", sex="girls")) == "Ale, flickor"


def wholes() -> list[tuple[str, Key, str, dict[str, Figure]]]:
    """Every whole of the example release: the flow's prefix, its key and period, and its parts."""
    figures = Figures(load(ROOT / "data" / "demo"))
    found: dict[tuple[str, Key, str], dict[str, Figure]] = defaultdict(dict)
    prefixes = ("next_step_", "after_four_years_", "two_years_after_", support_chain.TIMES, support_chain.KINDS)
    for prefix in prefixes:
        names = [n for n, each in figures.definitions.items() if each.unit == "flow" and n.startswith(prefix)]
        for name in names:
            for key, series in figures.all_series(name).items():
                for each in series:
                    found[(prefix, key, each.period_to)][name] = each
        for place in [each for each in found if each[0] == prefix and len(found[each]) < len(names)]:
            del found[place]  # a share of everyone, published where the states are not
    return [(*place, parts_) for place, parts_ in found.items()]


def singles_out(sensitive: str, number: float, size: float) -> bool:
    """Whether a part of this size would have to be protected."""
    few = sensitive in ("outcome", "both") and (0 < number < K or number == size)
    return few or (sensitive in ("remainder", "both") and (0 < size - number < K or number == 0))


def test_the_parts_of_every_whole_add_up_and_no_small_part_is_the_whole_less_the_others() -> None:
    """In every cut that the pages offer."""
    figures = Figures(load(ROOT / "data" / "demo"))
    every, cut = wholes(), 0
    for _, key, _, found in every:
        shown = [each for each in found.values() if each.shown]
        hidden = [name for name, each in found.items() if each.status == Status.HIDDEN]
        sizes = {each.denominator for each in shown}
        total = sum(each.numerator or 0.0 for each in shown)
        assert len(sizes) <= 1
        if shown and len(shown) == len(found):
            assert {total} == sizes
        if shown:
            assert total <= next(iter(sizes))
        if len(hidden) == 1 and len(shown) == len(found) - 1:
            size = next(iter(sizes))
            assert not singles_out(figures.definitions[hidden[0]].sensitive, size - total, size)
        cut += key.sex != "all" or key.model != "all" or key.background != "all"
    assert len(every) > 1000
    assert cut > 150


@pytest.mark.parametrize("cut", [UNCUT, Cut(sex="girls"), Cut(model="sspf")])
def test_hidden_parts_are_drawn_together_or_not_at_all(figures: Figures, cut: Cut) -> None:
    found = parts.whole_of(figures, "next_step_", Where(area=REGION, period="2023/24", cut=cut))
    drawn = {row.name: row for row in parts.rows(found, LIGHT)}
    for each in found.hidden:
        assert drawn[each.words[:1].upper() + each.words[1:]].text == "dold"
    assert ("De dolda delarna tillsammans" in drawn) is (len(found.hidden) > 1)
