"""Two pages to decide from about a model in one municipality, as tagged PDF/UA in the page's own sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import typst
import vl_convert

from metrics.export.table import PROTECTION
from metrics.models import words
from metrics.present import effect_charts, effect_checks, effect_undecided, numbers, sentences
from metrics.present import effect_instance as instance
from metrics.present.effect import REASONS, Finding, findings, members
from metrics.present.figures import Figures
from metrics.present.marks import LIGHT

TEMPLATE = Path(__file__).resolve().parent / "decision.typ"
RESULT = "Resultat för modellen i flera kommuner"
SECOND_PAGE = "Vad som inte kan sägas"
NO_GOALS = "Registret säger inte vilka mål arbetet har."


class NoInstanceError(LookupError):
    """The release has no such model in that municipality; the message is Swedish."""


def pdf(figures: Figures, model: str, member: str) -> bytes:
    """The paper as PDF/UA-1; NoInstanceError when the municipality does not have the model."""
    content = json.dumps(contents(figures, model, member), ensure_ascii=False)
    made = typst.compile(TEMPLATE, format="pdf", pdf_standards=["ua-1"], sys_inputs={"content": content})
    return bytes(made)


def contents(figures: Figures, model: str, member: str) -> dict[str, object]:
    """What the paper says, as plain data: title and sections of sentences in the order they are printed."""
    found = findings(figures, model)
    if not found or member not in members(figures, model):
        raise NoInstanceError(f"Utgåvan har inget underlag om {model} i {member}.")
    release = figures.release
    rows = effect_undecided.instances(figures, model, member)
    said = [
        ("Frågan", _question(figures, rows, member)),
        ("Genomförs det som planerat?", instance.delivered(rows)),
        ("Når det eleverna?", instance.reached(figures, model, member)),
        (RESULT, instance.results([each for each in found if each.intended])),
        (SECOND_PAGE, _not_said(found)),
        (f"Eleverna som modellen mött i {figures.region_name}", effect_undecided.met(figures, model)),
        ("Oavsedda följder", _unintended(found)),
        ("Så har resultatet prövats", _tried(found)),
        ("Kostnad", instance.cost(figures, rows, model, member)),
        (f"Andra modeller i {figures.region_name}, samma resultat", instance.alternatives(figures, model, found[0])),
        ("Vad detta inte räcker till att besluta", list(instance.NOT_ENOUGH)),
    ]
    return {
        "title": f"Beslutsunderlag: {instance.title(model, member)}",
        "subtitle": f"Ur Samsyn, utgåva {release.id} den {numbers.day(release.created)}",
        "example": release.example,
        "answer": sentences.plain(instance.answer(figures, found[0])),
        "sections": [_section(title, lines, found) for title, lines in said if lines],
        "foot": [f"Utgåva {release.id} (nr {release.manifest.get('number', '')}).", PROTECTION],
    }


def _section(title: str, lines: list[str], found: list[Finding]) -> dict[str, object]:
    """A section as data; under the result the picture of the first expected one that may be drawn."""
    made: dict[str, object] = {"title": title, "lines": [sentences.plain(each) for each in lines]}
    drawn = _drawn(found)
    if title == RESULT and drawn:
        spec = effect_charts.event_picture(drawn, LIGHT) | {"width": 640, "height": 300}
        words = f"{effect_charts.picture_title(drawn)}. {effect_charts.READING}"
        made |= {"picture": vl_convert.vegalite_to_svg(spec), "alternative": words}
    return made | {"new_page": title == SECOND_PAGE}


def _question(figures: Figures, rows: pd.DataFrame, member: str) -> list[str]:
    goals = [
        words.GOALS.get(code, code)
        for cell in rows["goals"].dropna()
        for code in str(cell).split(words.SEPARATOR)
        if code
    ]
    ends = sorted({str(day) for day in rows["grant_ends"].dropna() if day})
    return [
        f"Ska arbetet {sentences.place(member)} fortsätta som i dag, ändras eller avslutas?",
        "Dag för beslut: fylls i av den som beslutar. "
        + (f"Statsbidraget upphör {numbers.day(ends[0])}." if ends else "Registret har inget slutdatum för bidrag."),
        f"Mål enligt registret: {numbers.listed(list(dict.fromkeys(goals))).lower()}." if goals else NO_GOALS,
    ]


def _not_said(found: list[Finding]) -> list[str]:
    """What this municipality alone cannot tell, and what would decide each undecided result of the model."""
    open_ = [each for each in found if not each.decided]
    wanted = [
        f"{each.title}. För att avgöra krävs: {need[:1].lower()}{need[1:]}"
        for each in open_
        for need in effect_undecided.needed(each)
    ]
    return [REASONS["one_municipality"], *wanted]


def _tried(found: list[Finding]) -> list[str]:
    """The checks of the first expected result that has a picture, in words."""
    drawn = _drawn(found)
    told = drawn.told["checks"] if drawn else []
    return [
        f"{effect_checks.CHECKS[each['code']].title}: {effect_checks.word_of(each, drawn)}" for each in told if drawn
    ]


def _drawn(found: list[Finding]) -> Finding | None:
    return next((each for each in found if each.intended and effect_charts.shown(each)), None)


def _unintended(found: list[Finding]) -> list[str]:
    feared = [each for each in found if not each.intended]
    return instance.results(feared) or ["Inga oavsedda följder är anmälda för modellen. Då har inga prövats."]
