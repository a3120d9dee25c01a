"""The model card: everything a release says about one instance, its goal tree with what is known of each arrow."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from metrics.models import evidence as others
from metrics.models import words
from metrics.models.expected import EXPECTED_RESULTS
from metrics.models.goal_trees import GOAL_TREES, STEP_NAMES, Arrow
from metrics.present import html, numbers
from metrics.present.effect import BUT_SMALL, sure_but_small
from metrics.present.figures import Figure, Figures, Key
from metrics.present.models import TITLES, Instance, start_words
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import STAGES

BREAKS = ("against", "no_difference")
FEARED_STEPS = {
    "against": "det syns",
    "no_difference": "det syns inte",
    "for": "det syns inte",
    "strongly_for": "det syns inte",
}
"""What a verdict says of something feared. That the figures speak for the model must never read as for the harm."""
NO_INDICATOR = "måttet finns inte i utgåvan"
NOT_EVALUATED = "inte utvärderat"


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a release says about one result of a model type: the verdict's step and words, and the newest value."""

    step: str
    words: str
    value: str
    title: str
    known: bool

    @property
    def breaks(self) -> bool:
        return self.step in BREAKS


def told(figures: Figures, model: str, indicator: str, stage: str = "all") -> Told:
    """The verdict on an indicator for a model type, or why there is none, and its newest value at the type's schools."""
    definition = figures.definitions.get(indicator)
    if definition is None or not figures.has(indicator):
        title = definition.short_title if definition else indicator
        return Told(step="", words=NO_INDICATOR, value="", title=title if definition else "Måttet", known=False)
    title = definition.short_title + (f", {STAGES[stage].lower()}" if stage != "all" else "")
    found = verdicts(figures, model).get((indicator, stage)) or verdicts(figures, model).get((indicator, ""))
    said = found or {"step": "", "words": NOT_EVALUATED}
    return Told(
        step=str(said.get("step", "")),
        words=_inside(str(said.get("words", ""))) + (BUT_SMALL if sure_but_small(said) else ""),
        value=_value(figures, model, indicator, stage),
        title=title,
        known=True,
    )


def _inside(verdict: str) -> str:
    """A verdict as it stands after a colon: its reason in parentheses."""
    word, _, reason = verdict.partition(": ")
    return f"{word} ({reason})" if reason else word


def verdicts(figures: Figures, model: str) -> dict[tuple[str, str], Mapping[str, Any]]:
    """(indicator, stage) -> the verdict's document, for a model type over the region."""
    members = set(figures.release.member_names)
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in figures.records("evaluations").get("", []):
        if str(row["model"]) == model and str(row["area"]) not in members:
            document = _document(row.get("document"))
            stage = row.get("stage") or document.get("stage") or ""
            found[(str(row["indicator"]), str(stage))] = {"step": row["verdict"], **document}
    return found


def _document(text: object) -> dict[str, Any]:
    try:
        found = json.loads(str(text))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _value(figures: Figures, model: str, indicator: str, stage: str) -> str:
    """The newest regional value at schools with the model, in words."""
    figure = newest_of_model(figures, model, indicator, stage)
    definition = figures.definitions[indicator]
    if figure is None:
        return ""
    if not figure.shown or figure.value is None:
        return f"{STATUS_TEXT.get(Status(figure.status), '')} ({figure.label})"
    return f"{numbers.in_unit(figure.value, definition.unit, definition.decimals)} vid skolor med modellen ({figure.label})"


def newest_of_model(figures: Figures, model: str, indicator: str, stage: str) -> Figure | None:
    newest = figures.newest(indicator, stage)
    if newest is None:
        return None
    for provider in dict.fromkeys((figures.provider_of(indicator), "all", "municipal")):
        key = Key(provider=provider, stage=stage, model=model)
        if found := figures.region_figure(indicator, key, newest.label):
            return found
    return None


def goal_tree(figures: Figures, model: str) -> str:
    """Activity to outcome as a list; each arrow has its indicator, value and verdict, and says where the chain breaks."""
    tree = GOAL_TREES.get(model)
    if tree is None:
        return html.paragraphs("Något målträd är inte beskrivet för den här modellen.")
    items = []
    for place, (name, text) in enumerate(zip(STEP_NAMES, tree.steps, strict=True)):
        items.append(f"<li><strong>{name}</strong> {escape(text)}</li>")
        if place < len(tree.arrows):
            items.append(_arrow(figures, model, tree.arrows[place]))
    return f'<ol class="sy-tree">{"".join(items)}</ol>'


def _arrow(figures: Figures, model: str, arrow: Arrow) -> str:
    found = told(figures, model, arrow.indicator, arrow.stage)
    broken = " Här håller kedjan inte." if found.breaks else ""
    value = f" {numbers.capital(found.value)}." if found.value else ""
    said = f"{found.title}: {found.words}.{value}{broken}"
    return (
        f'<li class="sy-arrow{" broken" if found.breaks else ""}"><span aria-hidden="true">↓</span> {escape(said)}</li>'
    )


def chain_sentence(figures: Figures, model: str) -> str:
    """Where the chain breaks, or that it cannot be said."""
    tree = GOAL_TREES.get(model)
    if tree is None:
        return ""
    all_told = [told(figures, model, each.indicator, each.stage) for each in tree.arrows]
    broken = next((place for place, each in enumerate(all_told) if each.breaks), None)
    if broken is not None:
        return f"Kedjan håller inte mellan {STEP_NAMES[broken].lower()} och {STEP_NAMES[broken + 1].lower()}."
    positive = sum(each.step in ("for", "strongly_for") for each in all_told)
    return f"Av de tre leden i kedjan talar uppgifterna för {numbers.counted(positive, 'led', 'led', neuter=True)}. Övriga kan inte avgöras eller är inte utvärderade."


def feared_lines(figures: Figures, model: str) -> list[str]:
    """What is feared of a model type and what is known of it, one sentence each."""
    said = []
    for each in EXPECTED_RESULTS.get(model, ()):
        if not each.intended:
            found = told(figures, model, each.indicator, each.stage)
            way = "ökar" if each.direction == "increase" else "minskar"
            said.append(f"{found.title} {way}: {FEARED_STEPS.get(found.step, found.words)}.")
    return said


def unintended(figures: Figures, model: str) -> str:
    """What is feared, always shown."""
    lines = feared_lines(figures, model)
    if not lines:
        return html.paragraphs("Inga oönskade effekter är angivna i förväg för den här modellen.")
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def expected_rows(figures: Figures, model: str) -> list[list[str]]:
    """What the type is expected to change, said in advance, with the verdict over the region."""
    rows = []
    for each in EXPECTED_RESULTS.get(model, ()):
        if each.intended:
            found = told(figures, model, each.indicator, each.stage)
            way = "ökar" if each.direction == "increase" else "minskar"
            rows.append([found.title, f"{way} minst {_size(figures, each.indicator, each.smallest_size)}", found.words])
    return rows


def _size(figures: Figures, indicator: str, size: float) -> str:
    definition = figures.definitions.get(indicator)
    return numbers.difference(size, definition.unit if definition else "share", 0)


EXPECTED_HEADINGS = ("Mått", "Väntas i förväg", "Utfall för modellen i regionen")


def facts(each: Instance, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Label and text of everything the register says; an empty text is said to be missing."""
    staff = [f"{words.STAFF[name].lower()} {numbers.number(posts)}" for name, posts in each.staff.items()]
    schools = [names.get(unit, unit) for unit in each.school_units]
    posts = _posts(each)
    return [
        ("Modell", each.title),
        ("Kommun", each.municipality),
        ("Skolenheter", numbers.listed(schools) if len(schools) <= 6 else f"{len(schools)} skolenheter"),
        ("Sedan", start_words(each) + (f", till {numbers.day(each.ended)}" if each.ended else ", pågår")),
        ("Beslutad av", words.DECIDERS.get(each.decided_by, "")),
        ("Skolform, årskurser", _joined(words.SCHOOL_FORMS.get(each.texts["school_form"], ""), each.texts["year_groups"].replace("|", ", ").replace("-", "–"))),
        ("För vem", numbers.listed(words.spoken(each.says("target_groups")))),
        ("Väg in", numbers.listed(words.spoken(each.says("ways_in")))),
        ("Samtycke och stödform", _joined(words.CONSENTS.get(each.texts["consent"], ""), words.SUPPORTS.get(each.texts["support"], ""))),
        ("Arbetssätt", numbers.listed(words.spoken(each.says("ways_of_working")))),
        ("Mål", numbers.listed(words.spoken(each.says("goals")))),
        ("Förväntade mått", numbers.listed(words.parts(each.texts["expected_indicators"]))),
        ("Personal", "; ".join(part for part in (posts, numbers.listed(staff)) if part)),
        ("Samordnarens andel", f"{numbers.number(each.coordinator, 0)}{numbers.HARD}%" if each.coordinator is not None else ""),
        ("Kompetenser som finns", numbers.listed(words.spoken(each.says("competences")))),
        ("Kompetenser som behövs", numbers.listed(words.spoken(each.says("competences_needed")))),
        ("Hemvist, styrgrupp", _joined(words.ORGANISATIONS.get(each.texts["organisation"], ""), each.texts["steering_group"])),
        ("Finansiering", numbers.listed(words.spoken(each.says("funding"))) + (f", bidraget slutar {numbers.day(each.texts['grant_ends'])}" if each.texts["grant_ends"] else "")),
        ("Kostnad per år", f"{numbers.count(each.cost)} kronor" if each.cost is not None else ""),
        ("Framgångsfaktorer", numbers.listed(words.spoken(each.says("success_factors")))),
        ("Utmaningar", numbers.listed(words.spoken(each.says("challenges")))),
        ("Dokumentation, sekretess", _joined(each.texts["documentation"], each.texts["secrecy"])),
        ("Notering", each.texts["note"]),
        ("Kontaktroll", each.texts["contact_role"]),
        ("Källa och datum", _joined(each.source, numbers.day(each.texts["entry_date"]))),
    ]  # fmt: skip


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def _posts(each: Instance) -> str:
    if each.planned is None and each.filled is None:
        return ""
    filled = numbers.number(each.filled) if each.filled is not None else "okänt antal"
    planned = numbers.number(each.planned) if each.planned is not None else "okänt antal"
    return f"{filled} av {planned} planerade heltidstjänster tillsatta"


def facts_html(pairs: Sequence[tuple[str, str]]) -> str:
    items = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text or 'ingen uppgift')}</dd>" for name, text in pairs)
    return f'<dl class="sy-facts">{items}</dl>'


def evidence(model: str) -> str:
    """What has been found elsewhere, with its source."""
    found = others.lines(model)
    if not found:
        return html.paragraphs("Ingen nationell utvärdering eller annan forskning är inlagd för den här modellen.")
    return html.paragraphs(*found)


def unit_names(figures: Figures) -> dict[str, str]:
    return {str(row["school_unit"]): str(row["unit_name"]) for row in figures.records("school_units").get("", [])}


LIKENESS = ("target_groups", "ways_of_working", "goals", "ways_in")


def like(each: Instance, found: Sequence[Instance]) -> list[list[str]]:
    """Others who do the same, those with most words in common first, and whom to contact."""
    own = {(column, word) for column in LIKENESS for word in each.lists.get(column, ())}
    ranked = []
    for other in found:
        if other.key == each.key:
            continue
        theirs = {(column, word) for column in LIKENESS for word in other.lists.get(column, ())}
        shared = own & theirs
        if shared or other.model == each.model:
            ranked.append((other.model != each.model, -len(shared), numbers.order(other.municipality), other, shared))
    ranked.sort(key=lambda one: one[:3])
    return [
        [
            other.key,
            TITLES.get(other.model, other.model),
            numbers.listed(words.spoken(sorted((words.LISTS[column].get(word, word) for column, word in shared), key=numbers.order)[:5])) or "–",
            other.texts["contact_role"] or "ingen uppgift",
        ]
        for *_, other, shared in ranked[:8]
    ]  # fmt: skip


LIKE_HEADINGS = ("Team", "Modell", "Gemensamt", "Kontaktroll")


FACTOR_HEADINGS = ("Modell", "Framgångsfaktorer som flest anger", "Utmaningar som flest anger", "Utfall i regionen")
BESIDE = "Att en faktor och ett utfall står bredvid varandra säger inte att det ena beror på det andra."


def factor_rows(figures: Figures, found: Sequence[Instance]) -> list[list[str]]:
    """Per model type: the factors and challenges most of its instances name, beside what is known of its results."""
    rows = []
    for model, title in TITLES.items():
        own = [each for each in found if each.model == model]
        if own:
            results = [
                told(figures, model, each.indicator, each.stage)
                for each in EXPECTED_RESULTS.get(model, ())
                if each.intended
            ]
            outcome = "; ".join(f"{each.title}: {each.words}" for each in results)
            rows.append(
                [
                    title,
                    _most(own, "success_factors"),
                    _most(own, "challenges"),
                    outcome or "inget väntat resultat angivet",
                ]
            )
    return rows


def _most(found: Sequence[Instance], column: str) -> str:
    """The three words named by most, with how many name them."""
    counted = Counter(word for each in found for word in each.lists.get(column, ()))
    ranked = sorted(counted.items(), key=lambda each: (-each[1], each[0]))[:3]
    return ", ".join(f"{words.LISTS[column].get(word, word)} ({number})" for word, number in ranked) or "ingen uppgift"
