"""Ways between the pages: from a model or an indicator to what is said of its effect, and on to the municipalities."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from metrics.present import html, numbers
from metrics.present.effect import Finding, code_of, findings, members
from metrics.present.figures import Figures
from metrics.vocabulary import ALL, STAGES

Href = Callable[..., str]
"""(page, **parts of the address) -> an address inside Samsyn."""
NO_EVALUATION = "Ingen modell är prövad på det här måttet."


def of_model(figures: Figures, model: str, href: Href) -> str:
    """Each declared result of a model type with its verdict, leading to the evaluation; "" where there is none."""
    return _list([(each.title, each) for each in findings(figures, model)], href)


def of_outcome(figures: Figures, indicator: str, href: Href) -> str:
    """Each model type that was evaluated on an indicator with its verdict, or that none was."""
    found = [each for each in findings(figures) if each.definition.name == indicator]
    return _list([(_with_stage(each), each) for each in found], href) or html.paragraphs(NO_EVALUATION)


def _with_stage(finding: Finding) -> str:
    """The model type, and the stage where the result is of one only: Närvaroteam, årskurs 7–9."""
    stage = "" if finding.stage == ALL else f", {STAGES.get(finding.stage, finding.stage).lower()}"
    return f"{finding.model_title}{stage}"


def _list(named: Sequence[tuple[str, Finding]], href: Href) -> str:
    items = [
        f"<li>{html.link(name, href('effekt', modell=each.model, resultat=code_of(each), kommun=''))}: "
        f"{html.rich(each.words)}</li>"
        for name, each in named
    ]
    return f'<div class="sy-body"><ul>{"".join(items)}</ul></div>' if items else ""


def places(figures: Figures, model: str, href: Href) -> str:
    """The municipalities that have the model, each leading to what is said of it there; "" where none is known."""
    links = [html.link(each, href("effekt", modell=model, kommun=each)) for each in members(figures, model)]
    return f"<p>Vad som gäller i en kommun som har modellen: {numbers.listed(links)}.</p>" if links else ""
