"""The page effekt: the verdict and its table twin, the undecidable case reason first, and a model in one municipality."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages.fixture import cached_release
from tests.pages.test_browse_pages import heading, run, text


@pytest.fixture(autouse=True)
def families(monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = cached_release("families")
    monkeypatch.setenv("SAMSYN_RELEASE", str(folder))
    return folder


def test_a_verdict_is_a_sentence_with_its_scale_its_picture_and_its_twin() -> None:
    app = run("effect", modell="school_social_team")
    said = text(app)
    assert heading(app) == "Ledde det till resultat?"
    assert '<p class="sy-answer"><strong>Det talar för det.</strong> ”Behörig' in said
    assert "Det gäller fem skolor i fem kommuner med modellen Skolsocialt team." in said
    assert '<li class="sy-reached" aria-current="true">talar för</li>' in said
    assert "anmäldes först när utfallet redan fanns" in said
    assert len([*app.get("vega_lite_chart"), *app.get("arrow_vega_lite_chart")]) == 2
    assert "Tabell: Skolsocialt team: Behörig till yrkesprogram" in said
    assert "året före starten, räknas inte" in said
    assert "Lika utveckling före starten" in said
    assert "Så här anges resultatet i en rapport" in said
    assert said.index("Skillnaden före och efter starten") < said.index("Vad vi prövat") < said.index("Planen som")


def test_what_cannot_be_decided_says_why_then_what_it_takes_then_what_can_be_said() -> None:
    app = run("effect", modell="sspf")
    said = text(app)
    assert (
        "<strong>Kan inte avgöras: fanns före första mätåret.</strong> Modellen fanns innan mätningarna börjar" in said
    )
    assert (
        said.index("Kan inte avgöras: fanns") < said.index("Vad som skulle krävas") < said.index("Vad som går att säga")
    )
    assert 'class="sy-reached"' not in said
    assert not [*app.get("vega_lite_chart"), *app.get("arrow_vega_lite_chart")]


def test_pupils_who_were_met_are_told_of_before_during_and_after_with_the_warning() -> None:
    said = text(run("effect", modell="sspf"))
    assert "Modellen har mött 130 elever i årskurs 7–9 i GR. 80 kan följas" in said
    assert (
        "<strong>40</strong> (50\u00a0%) minst 20 procents frånvaro terminen före stödet, <strong>32</strong>" in said
    )
    assert said.index("<strong>20</strong> (25\u00a0%) terminen efter") < said.index("regression mot medelvärdet")
    hidden = text(run("effect", modell="attendance_team", resultat="eligibility_vocational"))
    assert "som modellen mött, före, under och efter stödet, är dolt för att skydda enskilda" in hidden
    assert "Utgåvan följer inga elever" in text(run("effect", modell="school_social_team", kommun="Ale"))


def test_hidden_figures_are_called_hidden_and_none_is_drawn() -> None:
    said = text(run("effect", modell="attendance_team", resultat="eligibility_vocational"))
    assert "dolda för att skydda enskilda" in said
    assert "Vid två skolor" not in said
    assert "Lika utveckling före starten" not in said
    assert "Minst tre skolor med modellen" in said


def test_a_model_in_one_municipality_is_never_decided_but_is_told_of() -> None:
    app = run("effect", modell="school_social_team", kommun="Ale")
    said = text(app)
    assert "Kan inte avgöras: avgjordes av en kommun." in said
    assert "Bemannat som planerat: 2 av 2 planerade tjänster" in said
    assert "Vad detta inte räcker till att besluta" in said
    assert "Kostnad per år enligt registret: 1\u00a0800\u00a0000 kronor" in said
    assert "Ladda ner beslutsunderlag" in said


def test_the_pages_lead_to_each_other() -> None:
    assert '&amp;kommun=Ale">Ale</a> och <a class' in text(run("effect", modell="school_social_team"))
    own = text(run("effect", modell="school_social_team", kommun="Ale"))
    assert "Kommunens sida: Ale" in own
    assert 'href="modeller?' in own
    card = text(run("models", visa="kort", kommun="Ale"))
    assert "Behörig till yrkesprogram</a>: talar för" in card
