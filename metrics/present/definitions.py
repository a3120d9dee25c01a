"""Definitions as pages show them: facts, worked example, history and the query, generated from the release."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from metrics.present import html, numbers
from metrics.release.read import Definition
from metrics.vocabulary import PERIOD_KINDS, PERSPECTIVES

POLARITY = {
    "higher_is_better": "Högre är bättre",
    "lower_is_better": "Lägre är bättre",
    "no_judgement": "Ingen värdering: högre är varken bättre eller sämre",
}
UNIT = {
    "share": "Andel i procent",
    "mean": "Medelvärde",
    "per_1000": "Antal per 1 000",
    "incidence": "Andel som nått dit vid en viss tid, i procent",
    "flow": "Andel som går vidare till varje väg, i procent",
}
SENSITIVE = {
    "outcome": "De som räknas i täljaren får inte kunna pekas ut",
    "remainder": "De som inte räknas i täljaren får inte kunna pekas ut",
    "both": "Varken de som räknas i täljaren eller de andra får kunna pekas ut",
    "none": "Måttet rör inget känsligt, men små grupper döljs ändå",
}


def facts(definition: Definition) -> str:
    """The whole definition as HTML."""
    pairs = [
        ("Varför det spelar roll", definition.why_it_matters),
        ("Täljare", definition.numerator_label),
        ("Nämnare", definition.denominator_label),
        ("Enhet", UNIT.get(definition.unit, definition.unit)),
        ("Riktning", POLARITY[definition.polarity]),
        ("Perspektiv", PERSPECTIVES.get(definition.perspective, definition.perspective)),
        ("Period", PERIOD_KINDS.get(definition.period_kind, definition.period_kind)),
        ("Skydd", SENSITIVE.get(definition.sensitive, "")),
        ("Skillnad som spelar roll", numbers.difference(definition.effect_that_matters, definition.unit, 0)),
        (
            "Version",
            f"{definition.version}, granskad {numbers.day(definition.reviewed)}, granskas igen {numbers.day(definition.next_review)}",
        ),
        *[(_use(each), _official(each)) for each in definition.official],
    ]
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in pairs if text)
    return f'<dl class="sy-facts">{items}</dl>{_breaks(definition)}{_examples(definition)}{_history(definition)}{_query(definition)}'


def _use(official: Mapping[str, Any]) -> str:
    """What an official series is for: to be reconciled with, or only to be seen beside."""
    return "Stäms av mot" if official.get("same_definition", True) else "Visas bredvid, annan definition"


def _official(official: Mapping[str, Any]) -> str:
    source = {"skolverket": "Skolverket", "kolada": "Kolada"}.get(str(official["source"]), str(official["source"]))
    return f"{source}, {official['table']}: {official['column']}"


def _breaks(definition: Definition) -> str:
    if not definition.breaks:
        return ""
    rows = [[year, text] for year, text in sorted(definition.breaks.items())]
    return html.table("Brott i serien", ["Från läsår", "Vad som ändrades"], rows, text_columns=2, caption_shown=True)


def _examples(definition: Definition) -> str:
    parts = []
    for example in definition.examples:
        given = "".join(plain_table(str(text), f"Uppgifter: {name}") for name, text in dict(example["tables"]).items())
        expected = plain_table(str(example.get("expected", "")), "Resultat")
        parts.append(f"{given}{expected}<p>{escape(str(example.get('explanation', '')))}</p>")
    return html.details("Räkneexempel", f'<div class="sy-body">{"".join(parts)}</div>') if parts else ""


def plain_table(text: str, caption: str) -> str:
    """A small text table (blanks or | between cells) as a table."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if not lines:
        return ""
    split = [[cell.strip() for cell in line.split("|")] if "|" in line else line.split() for line in lines]
    return html.table(caption, split[0], split[1:], text_columns=len(split[0]), caption_shown=True)


def _history(definition: Definition) -> str:
    rows = [[str(each["version"]), numbers.day(str(each["day"])), str(each["what"])] for each in definition.history]
    return html.table("Historik", ["Version", "Datum", "Ändring"], rows, text_columns=3, caption_shown=True)


def _query(definition: Definition) -> str:
    code = f'<pre class="sy-code" tabindex="0" lang="en"><code>{escape(definition.sql)}</code></pre>'
    return html.details("Frågan som räknar, för statistiker", code)
