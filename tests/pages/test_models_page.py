"""The page modeller: every view, coverage that counts a school once, and what is not known said as such."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from metrics.present import html, model_card, model_coverage, models
from metrics.present.figures import Figures
from metrics.present.models import ModelsView
from metrics.release import read
from tests.pages.test_browse_pages import run, text

ReleaseOf = Callable[[str], Path]
ALE = ModelsView(area="Ale", model="all")


@pytest.fixture(autouse=True)
def browse_only(monkeypatch: pytest.MonkeyPatch, release_of: ReleaseOf) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(release_of("full")))


@pytest.fixture(scope="module")
def figures(release_of: ReleaseOf) -> Figures:
    return Figures(read.load(release_of("full")))


@pytest.mark.parametrize("shown", list(models.VIEWS))
@pytest.mark.parametrize("choice", [{}, {"kommun": "Ale"}, {"kommun": "Lerum"}, {"modell": "sspf"}])
def test_every_view_stands_for_every_choice(shown: str, choice: dict[str, str]) -> None:
    said = text(run("models", visa=shown, **choice))
    assert "Hur samverkar vi?" in said
    assert not re.search(r"\b(nan|None|inf)\b", said)


def test_a_school_with_two_models_stands_in_both_and_once_in_the_sum(figures: Figures) -> None:
    found = model_coverage.units(figures, ALE, "7-9")
    rows = dict(model_coverage.by_model(found, "2024/25"))
    assert rows == {
        "Skolsocialt team": "2",
        "SSPF": "1",
        "Ingen modell": "1",
        "Alla skolenheter, varje enhet en gång": "3",
    }
    assert model_coverage.by_combination(found, "2024/25") == [["Skolsoc. team + SSPF", "1"]]
    assert "**två av tre** skolenheter minst" in model_coverage.sentence(found, "2024/25")
    assert "skolenheter med årskurs 7–9 minst" in model_coverage.sentence(found, "2024/25", "7-9")


def test_an_instance_that_has_ended_is_not_running_and_covers_no_later_year(figures: Figures) -> None:
    tjorn = ModelsView(area="Tjörn", model="all")
    assert models.chosen(figures, tjorn, running=True) == []
    assert "pågår inget team" in models.answer(figures, tjorn)
    (unit,) = model_coverage.units(figures, tjorn, "7-9")
    assert [unit.models[year] for year in ("2022/23", "2023/24", "2024/25")] == [
        (),
        ("school_social_team",),
        ("school_social_team",),
    ]


def test_an_unknown_start_never_looks_exact(figures: Figures) -> None:
    rows = models.timeline_rows(models.chosen(figures, ALE))
    assert {row[0]: row[3] for row in rows} == {
        "SSPF Ale": "okänd start, tidigast känd 1 januari 2007",
        "Team Ale": "16 augusti 2021",
    }


def test_own_words_stand_beside_the_regional_ones(figures: Figures) -> None:
    rows = {row[0]: row[1] for row in models.word_table(models.chosen(figures, ALE), "target_groups")}
    assert rows["Gladare elever (eget ord)"] == "2"
    assert rows["Placerade barn"] == "inget"


def test_the_goal_tree_says_of_every_arrow_what_is_known(figures: Figures) -> None:
    said = model_card.goal_tree(figures, "school_social_team")
    assert said.count("sy-arrow") == 3
    assert said.count("inte utvärderat") + said.count("måttet finns inte i utgåvan") == 3


def test_feared_effects_are_always_shown(figures: Figures) -> None:
    assert "minskar" in model_card.unintended(figures, "school_social_team")
    assert "Inga oönskade effekter är angivna" in model_card.unintended(figures, "pupil_health_only")


@pytest.mark.parametrize(("step", "said"), [("for", "det syns inte."), ("against", "det syns.")])
def test_a_feared_effect_is_said_to_be_seen_or_not(
    figures: Figures, monkeypatch: pytest.MonkeyPatch, step: str, said: str
) -> None:
    feared = model_card.Told(step=step, words="talar för", value="", title="Ogiltig frånvaro", known=True)
    monkeypatch.setattr(model_card, "told", lambda *_: feared)
    lines = model_card.feared_lines(figures, "school_social_team")
    assert lines
    assert all(each.startswith("Ogiltig frånvaro ") and each.endswith(said) for each in lines)


def test_a_link_restores_the_instance() -> None:
    said = text(run("models", visa="kort", instans="SSPF Ale"))
    assert "SSPF Ale" in said
    assert "ingen uppgift" in said
    assert "rapport 2:2015" in said


def test_where_school_and_social_services_differ_is_said_and_a_small_group_is_hidden() -> None:
    said = text(run("models", visa="kartlaggning"))
    assert "Mest olika svarar de om ”Sekretess mellan verksamheterna”" in said
    assert "24 av 39" in said
    assert "Inget svar från minst en sida: Tjörn." in said
    assert "+40" in said
    hidden = text(run("models", visa="kartlaggning", modell="sspf"))
    assert "För få har svarat för att svaren ska få visas." in hidden
    assert "25" + chr(160) + "% (20)" not in hidden


def test_what_a_version_of_the_register_changed_is_told() -> None:
    said = text(run("models", visa="tid", kommun="Ale"))
    assert "Ändringar i registret (1)" in said
    assert "Tillsatta tjänster" in said


def test_factors_stand_beside_outcomes_without_claiming_a_cause(figures: Figures) -> None:
    (row, _) = model_card.factor_rows(figures, models.chosen(figures, ALE))
    assert row[:2] == ["Skolsocialt team", "Tillräcklig tid för samordnare (1)"]
    assert "inte utvärderat" in row[3] or "måttet finns inte" in row[3]
    assert "säger inte att det ena beror på det andra" in text(run("models", visa="personal"))


def test_a_verdict_stands_at_its_arrow_and_says_where_the_chain_breaks(figures: Figures) -> None:
    told = {"step": "against", "reason": "", "words": "talar emot", "stage": "all"}
    row = {"model": "school_social_team", "area": "GR", "indicator": "eligibility_vocational", "stage": "all"}
    row |= {"verdict": "against", "reason": "", "document": json.dumps(told)}
    member = {**row, "area": "Ale", "document": json.dumps({**told, "words": "talar för"}), "verdict": "for"}
    table = pd.DataFrame([row, member]).reindex(columns=list(read.TABLES["evaluations"]))
    release = dataclasses.replace(figures.release, tables={**figures.release.tables, "evaluations": table})
    judged = Figures(release)
    said = model_card.goal_tree(judged, "school_social_team")
    assert "Behörig till yrkesprogram: talar emot." in said
    assert "Här håller kedjan inte." in said
    assert "mellan delresultat och utfall" in model_card.chain_sentence(judged, "school_social_team")
    assert "talar för" not in said


def test_a_reason_stands_in_parentheses_after_the_verdict() -> None:
    assert model_card._inside("kan inte avgöras: oklar start") == "kan inte avgöras (oklar start)"
    assert model_card._inside("talar för") == "talar för"


@pytest.mark.parametrize("many", [18, 19, 40])
def test_every_row_of_a_long_table_is_there_once_and_nothing_scrolls_inside(many: int) -> None:
    made = html.listing("Skolor", ("Skola",), [[f"Skola {number}."] for number in range(many)])
    assert [made.count(f">Skola {number}.<") for number in range(many)] == [1] * many
    assert ("<details" in made) == (many > 18)
