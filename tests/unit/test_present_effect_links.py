"""Ways from a model or an indicator to its evaluation, and from a model to the municipalities that have it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from metrics.models import evidence
from metrics.models.expected import EXPECTED_RESULTS
from metrics.present import effect, effect_links, effect_undecided, html
from metrics.present.figures import Figures
from metrics.release.read import load
from tests.pages.fixture import cached_release


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures(load(cached_release("families")))


def test_each_result_of_a_model_leads_to_its_evaluation_with_its_verdict(figures: Figures) -> None:
    found = effect.findings(figures, "school_social_team")
    said = effect_links.of_model(figures, "school_social_team", html.address)
    for each in found:
        address = html.address("effekt", modell="school_social_team", resultat=effect.code_of(each))
        assert html.link(each.title, address) + f": {each.words}" in said
    assert said.count("<li>") == len(found) > 1
    assert effect_links.of_model(figures, "family_centre", html.address) == ""


def test_an_indicator_leads_to_every_model_that_was_tried_on_it(figures: Figures) -> None:
    said = effect_links.of_outcome(figures, "eligibility_vocational", html.address)
    tried = {each.model for each in effect.findings(figures) if each.definition.name == "eligibility_vocational"}
    assert {model for model in effect.MODELS if f"modell={model}&amp;" in said} == tried
    assert "Närvaroteam, årskurs 7–9</a>" in effect_links.of_outcome(figures, "absence_20", html.address)
    assert effect_links.NO_EVALUATION in effect_links.of_outcome(figures, "merit_17", html.address)


def test_a_model_leads_to_the_municipalities_that_have_it_and_to_no_other(figures: Figures) -> None:
    said = effect_links.places(figures, "school_social_team", html.address)
    assert html.link("Ale", "effekt?modell=school_social_team&kommun=Ale") in said
    assert said.count("<a ") == len(effect.members(figures, "school_social_team"))
    assert effect_links.places(figures, "family_centre", html.address) == ""


def test_what_others_found_stands_with_its_source_where_nothing_can_be_decided(figures: Figures) -> None:
    finding = effect.findings(figures, "sspf")[0]
    line, other, not_compared = effect_undecided.elsewhere("sspf")
    assert line.startswith("Från andra håll: ")
    assert "Källa: FoU i Väst/GR, rapport 2:2015" in line
    assert "en annan än SSPF" in other
    assert "ingen utvärdering med jämförelsegrupp funnen (sökt 2026-11-26)" in not_compared
    assert line in effect_undecided.still(figures, finding)
    assert line not in effect_undecided.still(figures, replace(finding, model="school_social_team"))


def test_every_model_type_that_is_evaluated_says_what_others_found_and_whether_anyone_compared() -> None:
    for model, found in evidence.EVIDENCE.items():
        said = evidence.lines(model)
        assert all(each.source for each in found)
        assert (said[-1] == evidence.NOT_COMPARED) == (not any(each.compared for each in found))
    assert set(evidence.EVIDENCE) == set(EXPECTED_RESULTS)
    assert evidence.lines("pupil_health_only") == []
