"""Evaluations in sentences: every verdict, every reason, both kinds of declared result, and what may never be said."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdf
import pytest
import typst

from metrics.evaluate.verdict import WORDS, Reason, Step
from metrics.export import decision
from metrics.export import effect as export
from metrics.present import effect as say
from metrics.present import effect_charts as charts
from metrics.present import effect_checks as checks
from metrics.present import effect_instance as instance
from metrics.present import effect_method as method
from metrics.present import effect_reached
from metrics.present import effect_undecided as undecided
from metrics.present.effect import Finding
from metrics.present.figures import Figures
from metrics.present.marks import LIGHT
from metrics.release.read import load
from tests.pages.fixture import cached_release
from tests.unit import pdf_ua

H = "\u00a0"


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures(load(cached_release("families")))


@pytest.fixture(scope="module")
def good(figures: Figures) -> Finding:
    return say.findings(figures, "school_social_team")[0]


@pytest.fixture(scope="module")
def feared(figures: Figures) -> Finding:
    return say.findings(figures, "school_social_team")[1]


def changed(finding: Finding, **told: Any) -> Finding:
    return replace(finding, told={**finding.told, **told})


def test_every_word_of_the_scale_and_the_gate_is_the_evaluations_own() -> None:
    assert {step: say.STEPS[step] for step in say.STEPS} == {step: WORDS[Step(step)] for step in say.STEPS}
    assert {*say.STEPS, say.UNDECIDABLE} == set(Step)
    assert set(say.REASONS) == set(Reason)


@pytest.mark.parametrize(
    ("step", "said", "feared_said"),
    [
        ("strongly_for", "**Det talar starkt för det.**", "**Inget tyder på det som befarades: det talar starkt för"),
        ("for", "**Det talar för det.**", "**Inget tyder på det som befarades: det talar för modellen.**"),
        ("no_difference", "**Ingen skillnad av betydelse.**", "**Inget tyder på det som befarades: ingen skillnad av"),
        ("against", "**Det talar emot det.**", "**Det som befarades syns: det talar emot modellen.**"),
    ],
)
def test_each_step_is_a_sentence(good: Finding, feared: Finding, step: str, said: str, feared_said: str) -> None:
    assert say.answer(changed(good, step=step)).startswith(said)
    assert say.answer(changed(feared, step=step)).startswith(feared_said)


@pytest.mark.parametrize(("step", "said"), [("for", "syns inte"), ("no_difference", "syns inte"), ("against", "syns")])
def test_beside_others_what_was_feared_is_seen_or_not(good: Finding, feared: Finding, step: str, said: str) -> None:
    (line,) = say.beside([good, changed(feared, step=step)], good)
    assert f"**det som befarades {said}**" in line
    assert "talar" not in line


def test_the_estimate_says_where_how_much_and_how_sure(good: Finding) -> None:
    found = changed(good, estimate=-5.5, low95=-6.2, high95=-4.5)
    assert say.estimate_sentence(found) == (
        "”Behörig till yrkesprogram” är **5,5 procentenheter lägre** än det annars hade varit enligt jämförelsen "
        f"(95{H}% säkerhet: −6,2 till −4,5). Det gäller fem skolor i fem kommuner med modellen Skolsocialt team."
    )
    assert "lika stor som" in say.estimate_sentence(changed(good, estimate=0.0))


def test_the_stage_never_stands_beside_the_size(good: Finding) -> None:
    said = say.estimate_sentence(replace(changed(good, estimate=-5.5), stage="7-9"))
    assert "**5,5 procentenheter lägre** i årskurs 7–9 än det annars hade varit" in said


@pytest.mark.parametrize(
    ("step", "estimate", "small"),
    [("against", -1.6, True), ("for", 1.6, True), ("for", 5.5, False), ("no_difference", 0.1, False)],
)
def test_a_sure_difference_below_the_one_that_matters_is_called_small(
    good: Finding, step: str, estimate: float, small: bool
) -> None:
    said = say.power_sentence(changed(good, step=step, estimate=estimate, matters=3.0, smallest=1.2))
    assert ("inte att den är stor" in said) == small


def test_in_a_municipality_a_result_says_which_way_it_was_to_go(good: Finding, feared: Finding) -> None:
    hoped, not_hoped = instance.results([good, feared])
    assert hoped.startswith(f"{good.title} (väntas öka): ")
    assert not_hoped.startswith(f"{feared.title} (befaras ")


def test_a_start_that_is_not_sure_to_the_day_says_so(figures: Figures) -> None:
    rows = undecided.instances(figures, "school_social_team", "Ale")
    for precision, said in (("date", ""), ("school_year", "(läsåret är känt, inte dagen)"), ("gradual", "gradvis")):
        first = instance.delivered(rows.assign(start_precision=precision))[0]
        assert said in first
        assert ("(läsåret" in first) == (precision == "school_year")


def test_where_municipalities_are_compared_no_school_is_named(good: Finding) -> None:
    found = changed(good, by_school=False)
    assert say.estimate_sentence(found).endswith("Det gäller fem kommuner med modellen Skolsocialt team.")
    assert say.data_sentence(found).startswith("Fem kommuner med modellen, omkring")
    assert "skol" not in checks.check_word(
        {"code": "controls", "passed": None, "figures": {"units": 6, "clusters": 6, "left_out_other_models": 0}},
        by_school=False,
    )


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (-1.2, 3.4, "−1,2 till +3,4"),
        (None, None, "ingen gräns går att ange"),
        (0.5, None, "minst +0,5"),
        (None, -0.5, "högst −0,5"),
    ],
)
def test_an_interval_says_an_end_that_is_missing(good: Finding, low: float, high: float, said: str) -> None:
    assert say.limits(low, high, good) == said


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_comes_first_and_says_what_it_would_take(figures: Figures, good: Finding, reason: Reason) -> None:
    words = f"kan inte avgöras: {WORDS[reason]}"
    found = changed(good, step="undecidable", reason=str(reason), words=words)
    assert say.answer(found) == f"**{words.capitalize()}.** {say.REASONS[reason]}"
    assert undecided.needed(found)
    said = undecided.undecided(figures, found)
    assert said.index("Vad som skulle krävas") < said.index("Vad som går att säga ändå")
    assert "Det avgör inget." in said
    assert effect_reached.REGRESSION in said
    assert "sy-reached" not in checks.scale(found)
    assert undecided.undecided(figures, good) == ""


@pytest.mark.parametrize(
    ("required", "said"),
    [
        (
            {"adopters": 2, "years": None},
            "Att ungefär två kommuner till börjar med modellen, för att en skillnad på 3,0",
        ),
        ({"adopters": None, "years": 1}, "Uppgifter för ungefär ett år till efter starten, för att"),
        (
            {"adopters": 1, "years": 3},
            "Att ungefär en kommun till börjar med modellen eller uppgifter för ungefär tre år till",
        ),
        ({"adopters": None, "years": None}, "Fler kommuner med modellen och fler år: inget rimligt antal"),
    ],
)
def test_what_it_would_take_is_counted(good: Finding, required: dict[str, Any], said: str) -> None:
    found = changed(good, step="undecidable", reason="too_little", required=required)
    assert undecided.needed(found)[0].startswith(said)


def test_the_smallest_effect_stands_against_the_one_that_matters(good: Finding) -> None:
    said = say.power_sentence(changed(good, smallest=1.2))
    assert said.startswith(
        "Underlaget hade kunnat visa en skillnad på 1,2 procentenheter eller mer. Den som betyder något"
    )
    close = changed(good, smallest=3.0, reason="too_little")
    assert "något mer än 3,0 procentenheter" in say.power_sentence(close)
    assert "ingen skillnad hade kunnat visas" in say.power_sentence(changed(good, smallest=None))


def test_a_small_difference_is_called_small_wherever_the_verdict_stands_alone(good: Finding, figures: Figures) -> None:
    small, large = changed(good, step="for", words="talar för", estimate=1.6), changed(good, step="for", estimate=5.5)
    for line in (small.words, *instance.results([small]), instance.type_sentence(small, figures)):
        assert "men skillnaden är mindre än den som betyder något" in line
    assert "mindre än den som" not in large.words
    assert say.BUT_SMALL not in say.findings(figures, "sspf")[0].words


def test_what_is_hidden_has_no_figure_in_any_text(figures: Figures) -> None:
    hidden = next(each for each in say.findings(figures) if each.told["hidden"])
    assert say.reason_sentence(hidden) == say.HIDDEN
    assert charts.shown(hidden) == []
    assert not charts.has_levels(hidden)
    assert checks.checks(hidden) == ""
    assert say.estimate_sentence(hidden) == ""
    cells = [cell for row in method.rows(hidden, figures)[:1] for cell in row]
    assert not [cell for cell in cells if isinstance(cell, float)]


def test_a_hidden_year_is_called_hidden_and_not_drawn(good: Finding) -> None:
    rows = list(good.told["events"])
    rows[0] = {"first": rows[0]["first"], "last": rows[0]["last"], "role": "base", "hidden": True}
    found = changed(good, events=rows)
    assert charts.twin(found, "x").count(">dold<") == len(charts.HEADINGS) - 2
    drawn = json.dumps(charts.event_picture(found, LIGHT), ensure_ascii=False)
    assert '"label": "−5", "value"' not in drawn


def test_a_line_breaks_at_a_year_that_may_not_be_read(good: Finding) -> None:
    rows = [
        {**each, "observed": None, "counterfactual": None} if each["first"] == -3 else each
        for each in good.told["events"]
    ]
    drawn = charts.level_picture(changed(good, events=rows), LIGHT)
    line = drawn["layer"][0]["data"]["values"]
    assert [each["value"] for each in line if each["label"] == "−3"] == [None]
    assert '"text": "dold"' in json.dumps(drawn, ensure_ascii=False)
    assert "dolda för att skydda enskilda" in charts.level_sentence(changed(good, events=rows))


def test_a_held_evaluation_says_that_it_is_the_one_before(good: Finding) -> None:
    assert say.held_sentence(good) == ""
    assert "Resultatet är det som gällde då." in say.held_sentence(changed(good, held=True))


def test_pooled_years_and_split_years_are_named() -> None:
    assert charts.label({"first": 3, "last": 5, "role": "effect"}) == "3 till 5"
    assert charts.label({"first": -1, "last": -1, "role": "dip"}) == "−1"
    assert charts.label({"first": 0, "last": 0, "role": "split"}) == "delat år"


def test_every_check_has_words_both_ways_and_its_figures_below(good: Finding) -> None:
    for each in good.told["checks"]:
        assert checks.check_word(each)
    dip = {"code": "dip", "passed": False, "reverses": False, "figures": {"estimate": 4.2, "p": 0.001}}
    assert checks.check_word(dip).startswith("Ja, året före var ovanligt dåligt.")
    assert checks.check_figures(dip, good) == "+4,2, p 0,001"
    assert checks.check_word({"code": "leave_one_out", "passed": None, "figures": {}}).startswith("Visas inte")
    assert (
        checks.check_word({"code": "dose", "passed": None, "figures": {"mean": 0.85}})
        == f"85{H}% av tjänsterna tillsatta."
    )


def test_the_highest_step_says_which_demand_was_not_met(good: Finding) -> None:
    asked = dict(checks.requirements(good))
    assert asked["resultatet anmäldes innan utfallet var känt"] is False
    assert sum(asked.values()) == 4


def test_the_plan_has_its_day_its_hash_what_it_replaced_and_the_number_of_evaluations(
    figures: Figures, good: Finding
) -> None:
    plan = {**good.told["plan"], "replaced": [{"hash": "a" * 64, "from": "2025-01-01"}]}
    said = dict(undecided.plan_lines(changed(good, plan=plan), figures))
    assert said["Kontrollsumma"] == good.told["plan"]["hash"]
    assert said["Tidigare lydelser"] == f"{'a' * 12} (gällde från 1 januari 2025)"
    assert "när utfallet redan fanns" in said["Gäller från"]
    assert said["Utvärderingar"].endswith("1 gjorda vid sidan av planen")
    assert said["Väntat resultat"].startswith("Behörig till yrkesprogram ska öka med minst 3,0 procentenheter")


def test_a_citation_names_release_plan_and_example(figures: Figures, good: Finding) -> None:
    said = method.citation(good, figures)
    assert figures.release.id in said
    assert good.told["plan"]["hash"][:12] in said
    assert said.endswith("Exempeldata.")


def test_staff_and_cost_are_said_or_said_to_be_missing(figures: Figures) -> None:
    whole = undecided.instances(figures, "school_social_team", "Ale")
    short = undecided.instances(figures, "school_social_team", "Alingsås")
    assert undecided.staff_sentence(whole) == "Bemannat som planerat: 2 av 2 planerade tjänster är tillsatta."
    assert undecided.staff_sentence(short) == "Bemannat mindre än planerat: 1,5 av 3 planerade tjänster är tillsatta."
    assert instance.cost(figures, whole, "school_social_team", "Ale")[1].startswith(
        "Kostnad per nådd elev kan inte räknas"
    )
    assert instance.cost(figures, short, "school_social_team", "Alingsås")[0].startswith("Registret har ingen uppgift")


def test_cost_per_reached_pupil_lies_between_one_term_and_both(
    figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "pupils", lambda *_: (20.0, 35.0))
    rows = undecided.instances(figures, "school_social_team", "Ale")
    said = instance.cost(figures, rows, "school_social_team", "Ale")[1]
    assert said.startswith(f"Kostnad per nådd elev: mellan 51{H}400 och 90{H}000 kronor.")


def test_files_hold_the_years_the_checks_the_plan_and_the_method(figures: Figures, good: Finding) -> None:
    text = export.csv_bytes(good, figures).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].split(";") == list(method.HEADINGS)
    assert {line.count(";") for line in lines if '"' not in line} == {len(method.HEADINGS) - 1}
    assert "talar för" in lines[1]
    assert "Callaway och Sant'Anna" in text
    assert good.told["plan"]["hash"] in text
    book = zipfile.ZipFile(io.BytesIO(export.xlsx_bytes(good, figures)))
    assert "xl/worksheets/sheet2.xml" in book.namelist()


def test_the_paper_is_two_pages_of_tagged_pdf_with_every_part(figures: Figures) -> None:
    made = decision.pdf(figures, "school_social_team", "Ale")
    assert pdf_ua.findings(pypdf.PdfReader(io.BytesIO(made))) == []
    said = decision.contents(figures, "school_social_team", "Ale")
    drawn = typst.compile(decision.TEMPLATE, format="png", ppi=10, sys_inputs={"content": json.dumps(said)})
    assert len(drawn) == 2
    titles = [part["title"] for part in said["sections"]]  # type: ignore[attr-defined]
    assert titles[0] == "Frågan"
    assert titles[-1] == "Vad detta inte räcker till att besluta"
    assert {"Så har resultatet prövats", "Oavsedda följder", "Kostnad", "Vad som inte kan sägas"} <= set(titles)
    assert said["example"]
    text = json.dumps(said, ensure_ascii=False)
    assert "Statsbidraget upphör 31 december 2027." in text
    assert "Mål enligt registret: högre närvaro." in text
    with pytest.raises(decision.NoInstanceError, match="inget underlag"):
        decision.contents(figures, "school_social_team", "Tjörn")


def test_the_template_is_beside_the_code() -> None:
    assert Path(decision.TEMPLATE).exists()


@pytest.mark.parametrize(("there", "said"), [(5, " (omdömet bygger på tre kommuner)"), (3, "")])
def test_a_verdict_that_rests_on_fewer_municipalities_than_have_the_model_says_so(
    good: Finding, there: int, said: str
) -> None:
    found = changed(good, estimate=1.0, counts={**good.told["counts"], "treated_clusters": 3})
    assert instance._basis(found, there) == said
