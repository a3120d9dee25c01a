"""Search finds measures, members and words however they are typed."""

from __future__ import annotations

import pytest

from metrics.models.types import MODEL_TYPES
from metrics.present.search import DESK_PLACES, PLACES, Entry, entries, find

AMONG = (
    Entry(title="Behöriga till yrkesprogram", kind="mått", page="indikator", words="årskurs 9 gymnasiet"),
    Entry(title="Godkänt i alla ämnen", kind="mått", page="indikator", words="årskurs 9"),
    Entry(title="Tjörn", kind="kommun", page="kommun"),
    Entry(title="behörighet", kind="ord", page="metod", words="betyg som krävs för gymnasiet"),
)


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ("tjörn", ["Tjörn"]),
        ("TJORN", ["Tjörn"]),
        ("behor", ["Behöriga till yrkesprogram", "behörighet"]),
        ("gymnasiet", ["Behöriga till yrkesprogram", "behörighet"]),
        ("årskurs godkänt", ["Godkänt i alla ämnen"]),
        ("yrkes", ["Behöriga till yrkesprogram"]),
        ("finns inte", []),
    ],
)
def test_find(asked: str, titles: list[str]) -> None:
    assert [entry.title for entry in find(asked, AMONG)] == titles


ABSENCE = (
    Entry(title="Elever med minst 20 procents ogiltig frånvaro", kind="mått", page="indikator"),
    Entry(title="Elever med minst 50 procents frånvaro", kind="mått", page="indikator"),
    Entry(title="Insats: placering", kind="mått", page="indikator"),
)


@pytest.mark.parametrize(
    ("asked", "title"),
    [("skolk", ABSENCE[0].title), ("hemmasitt", ABSENCE[1].title), ("LVU", ABSENCE[2].title)],
)
def test_words_of_the_professions_find_what_the_indicator_calls_otherwise(asked: str, title: str) -> None:
    assert [entry.title for entry in find(asked, ABSENCE)] == [title]
    assert find("skol", ABSENCE[1:]) == []


EVERYTHING = entries((), ("Tjörn",), (), MODEL_TYPES, ("sspf",), (*PLACES, *DESK_PLACES))


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("jämför", ("jamfor", {})),
        ("elevens", ("elevens-vag", {})),
        ("orosanmälan", ("stodkedjan", {})),
        ("sticker ut", ("tidiga-tecken", {})),
        ("sst", ("modeller", {"visa": "kort", "modell": "school_social_team"})),
        ("skolsociala team", ("modeller", {"visa": "kort", "modell": "school_social_team"})),
        ("sspf resultat", ("effekt", {"modell": "sspf"})),
        ("lämna in", ("lamna-in", {})),
        ("stödkedjan tjörn", ("stodkedjan", {"kommun": "Tjörn"})),
        ("Tjörn sspf resultat", ("effekt", {"modell": "sspf", "kommun": "Tjörn"})),
        ("tjorn", ("kommun", {"kommun": "Tjörn"})),
        ("tjorn 2021/22", ("kommun", {"kommun": "Tjörn", "lasar": "2021/22"})),
        ("tjorn kommunala mot riket", ("kommun", {"kommun": "Tjörn", "huvudman": "municipal", "jamfor": "nation"})),
        ("2021/22 åk 7–9", ("./", {"lasar": "2021/22", "stadium": "7-9"})),
        ("fristående", ("./", {"huvudman": "independent"})),
        ("stödkedjan Tjörn 2023", ("stodkedjan", {"kommun": "Tjörn", "period": "2023"})),
        ("stödkedjan 2021/22", ("stodkedjan", {})),
        ("tidiga tecken årskurs 4-6", ("tidiga-tecken", {"stadium": "4-6"})),
    ],
)
def test_pages_and_models_are_found(asked: str, first: tuple[str, dict[str, str]]) -> None:
    found = find(asked, EVERYTHING)[0]
    assert (found.page, dict(found.view)) == first


MEASURES = (
    Entry(title="Frånvaro minst 10 %", kind="mått", page="indikator", view={"indikator": "absence_10"}, periods="term"),
    Entry(title="Behörig till yrkesprogram", kind="mått", page="indikator", view={"indikator": "eligible"}),
    Entry(title="Tjörn", kind="kommun", page="kommun", view={"kommun": "Tjörn"}),
)


@pytest.mark.parametrize(
    ("asked", "title", "view"),
    [
        (
            "frånvaro tjörn VT 2024 åk 7-9",
            "Frånvaro minst 10 %, Tjörn, VT 2024, åk 7–9",
            {"indikator": "absence_10", "kommun": "Tjörn", "period": "VT 2024", "stadium": "7-9"},
        ),
        (
            "behörig 2021/22 riket",
            "Behörig till yrkesprogram, 2021/22, mot riket",
            {"indikator": "eligible", "period": "2021/22", "jamfor": "nation"},
        ),
        (
            "behörig fristående skolor tjörn",
            "Behörig till yrkesprogram, Tjörn, fristående",
            {"indikator": "eligible", "kommun": "Tjörn", "huvudman": "independent"},
        ),
    ],
)
def test_choices_among_the_words_lead_to_that_very_view(asked: str, title: str, view: dict[str, str]) -> None:
    found = find(asked, MEASURES)[0]
    assert (found.title, dict(found.view)) == (title, view)


def test_a_period_of_another_kind_is_no_view_of_a_measure() -> None:
    assert [dict(each.view) for each in find("frånvaro 2021/22", MEASURES)] == [{"indikator": "absence_10"}]
    assert [dict(each.view) for each in find("behörig vt 2024", MEASURES)] == [{"indikator": "eligible"}]


def test_only_models_that_are_evaluated_lead_to_an_effect() -> None:
    assert {each.view["modell"] for each in EVERYTHING if each.page == "effekt" and each.view} == {"sspf"}
