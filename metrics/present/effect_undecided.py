"""When it cannot be decided: what it would take, and what can be said anyway; and the plan an evaluation was held to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from metrics.models import evidence
from metrics.present import effect_reached, html, numbers, sentences
from metrics.present.effect import MODELS, Finding, estimate_sentence, naive_sentence, size, year_label
from metrics.present.figures import Figure, Figures, Key, once
from metrics.vocabulary import ALL

NEEDED: Mapping[str, str] = {
    "existed_before": (
        "Uppgifter från minst två år före starten, eller att modellen börjar i fler kommuner som kan följas både före "
        "och efter."
    ),
    "unclear_start": (
        "Att registret säger när arbetet började vid varje skola och hur säkert datumet är, och att minst halva "
        "personalen fanns på plats från början."
    ),
    "one_municipality": "Att minst en kommun till börjar med modellen, helst med start olika år.",
    "changed_registration": (
        "Att frånvaro rapporteras på samma sätt före och efter starten. Till dess säger betygen mer än frånvaron."
    ),
}
TOLD = (
    *("model_type", "municipality", "instance", "school_units", "started", "ended", "start_precision", "decided_by"),
    *("planned_posts", "filled_posts", "yearly_cost", "goals", "grant_ends"),
)
HIGHEST = "7-9"
REACH: Mapping[str, str] = {
    "target_group_reached": "andel av eleverna med minst 20 procents frånvaro som möter modellen",
    "first_contact_within_90_days": "andel som fått en första kontakt inom 90 dagar",
    "support_completed_within_365_days": "andel med stödet genomfört inom ett år",
}


def needed(finding: Finding) -> list[str]:
    """What it would take to decide."""
    told = finding.told
    reason = str(told["reason"])
    if told["lacking"] == "no_start":
        return ["Att modellens skolor och startår finns i registret, vid skolor som har de årskurser som mäts."]
    if told["lacking"] == "no_outcome":
        return ["Att kommunerna lämnar in uttaget som utfallet räknas på, för flera år före och efter starten."]
    if reason == "too_early":
        return [_too_early(finding)]
    if reason in NEEDED:
        return [NEEDED[reason]]
    if told["hidden"]:
        return ["Minst tre skolor med modellen och tre utan, ingen så stor att den ensam avgör resultatet."]
    return _more(finding)


def _too_early(finding: Finding) -> str:
    first, years = finding.told["first"], finding.told["plan"]["earliest_year"]
    if first is None:
        return "Att modellen varit igång ett helt läsår med utfallet mätt."
    return f"Utfall till och med {sentences.when(year_label(first + years, finding))}."


def _more(finding: Finding) -> list[str]:
    """More municipalities or more years, from the power of this very material."""
    required = finding.told.get("required") or {}
    more, years = required.get("adopters"), required.get("years")
    found = []
    if more:
        found.append(f"Att ungefär {numbers.counted(more, 'kommun', 'kommuner')} till börjar med modellen")
    if years:
        found.append(f"uppgifter för ungefär {numbers.counted(years, 'år', 'år', neuter=True)} till efter starten")
    if found:
        matters = size(finding.told["matters"], finding)
        text = numbers.capital(f"{numbers.listed(found, 'eller')}, för att en skillnad på {matters} ska kunna visas.")
        return [text]
    if finding.told["reason"] == "too_uncertain":
        return [
            "Fler skolor eller fler år. Underlaget kunde ha visat en skillnad som betyder något, men ingen framträder."
        ]
    return ["Fler kommuner med modellen och fler år: inget rimligt antal av bara det ena räcker."]


def still(figures: Figures, finding: Finding) -> list[str]:
    """What can be said anyway: staff, reach, contact, other evidence, the estimate, the warning about before and after."""
    said = [
        staff_sentence(instances(figures, finding.model)),
        *reach(figures, finding.model),
        *elsewhere(finding.model),
    ]
    if finding.estimated:
        said.append(f"{estimate_sentence(finding)} Det avgör inget.")
        said.append(naive_sentence(finding))
    return [each for each in (*said, *met(figures, finding.model)) if each]


@once
def met(figures: Figures, model: str) -> list[str]:
    """How it went for the pupils whom the model met, over the region, with the warning that belongs to it."""
    return effect_reached.sentences_of(figures.release.tables[effect_reached.TABLE], model)


def elsewhere(model: str) -> list[str]:
    """What has been found about the model type by others, with the source."""
    return [each if each == evidence.NOT_COMPARED else f"Från andra håll: {each}" for each in evidence.lines(model)]


@once
def instances(figures: Figures, model: str, member: str = "") -> pd.DataFrame:
    """What is said here of the register's instances of a model (columns TOLD), in one member or all."""
    rows = figures.release.tables["register"]
    rows = rows.loc[:, [name for name in TOLD if name in rows]]
    return rows[(rows["model_type"] == model) & (rows["municipality"].eq(member) | (member == ""))]


def staff_sentence(rows: pd.DataFrame) -> str:
    """How far the posts were filled as planned, over the instances that say both."""
    planned = pd.to_numeric(rows["planned_posts"], errors="coerce")
    filled = pd.to_numeric(rows["filled_posts"], errors="coerce")
    both = planned.notna() & filled.notna() & (planned > 0)
    if not both.any():
        return "Registret säger inte om tjänsterna tillsatts som planerat." if len(rows) else ""
    posts = f"{_posts(filled[both].sum())} av {_posts(planned[both].sum())} planerade tjänster"
    some = "" if both.all() else f" i {numbers.counted(int(both.sum()), 'team', 'team', neuter=True)} av {len(rows)}"
    share = filled[both].sum() / planned[both].sum()
    word = "som planerat" if share >= 0.9 else "mindre än planerat"
    return f"Bemannat {word}: {posts} är tillsatta{some}."


def _posts(number: float) -> str:
    return numbers.number(number, 0 if float(number).is_integer() else 1)


def reach(figures: Figures, model: str, area: str = "") -> list[str]:
    """The newest shown values of how the model reaches pupils, for the region or one member."""
    said = []
    for name, words in REACH.items():
        found = _newest(figures, name, model, area)
        if found and found.value is not None:
            value = numbers.in_unit(found.value, figures.definitions[name].unit)
            n = f"n{numbers.HARD}{numbers.count(found.denominator)}" if found.denominator is not None else ""
            said.append(f"{numbers.capital(words)}: {value} {sentences.when(found.label)}{f' ({n})' if n else ''}.")
    return said


def _newest(figures: Figures, name: str, model: str, area: str) -> Figure | None:
    """The newest shown value of pupils with the model, of the highest stage that has one."""
    if name not in figures.definitions:
        return None
    wanted = Key(area=area, provider=figures.provider_of(name), model=model)
    series = figures.series if area else figures.region_series
    shown = [
        (each.period_to, stage == HIGHEST, each)
        for stage in (ALL, HIGHEST)
        for each in series(name, wanted._replace(stage=stage))
        if each.shown
    ]
    return max(shown, key=lambda each: each[:2])[2] if shown else None


def undecided(figures: Figures, finding: Finding) -> str:
    """Both sections as HTML; "" where there is a verdict."""
    if finding.decided:
        return ""
    return section("Vad som skulle krävas", needed(finding)) + section(
        "Vad som går att säga ändå", still(figures, finding)
    )


def section(title: str, lines: list[str]) -> str:
    items = "".join(f"<li>{html.rich(each)}</li>" for each in lines)
    return f'{html.section(title)}<div class="sy-body"><ul>{items}</ul></div>' if lines else ""


def plan(finding: Finding, figures: Figures) -> str:
    """The plan with date and hash, what came before it, and how many evaluations there have been."""
    lines = plan_lines(finding, figures)
    body = html.table("Planen", ["Vad", "Uppgift"], [list(each) for each in lines], text_columns=2)
    return html.section("Planen som resultatet prövas mot") + html.details(
        "Plan, ändringar och antal utvärderingar", body
    )


def plan_lines(finding: Finding, figures: Figures) -> list[tuple[str, str]]:
    """What was said in advance about this result, as label and text."""
    said, computed = finding.told["plan"], finding.told["computed"]
    way = "öka" if said["direction"] == "increase" else "minska"
    kind = "Väntat" if said["intended"] else "Befarat"
    first = (
        "från första hela året" if not said["earliest_year"] else f"tidigast år {said['earliest_year']} efter starten"
    )
    when = "innan utfallet var känt" if said["before"] else "när utfallet redan fanns"
    changes = [f"{each['hash'][:12]} (gällde från {numbers.day(each['from'])})" for each in said["replaced"]]
    outside = f", och {computed['outside']} gjorda vid sidan av planen" if computed["outside"] else ""
    return [
        (f"{kind} resultat", f"{finding.title} ska {way} med minst {size(said['size'], finding)}, {first}"
         if said["intended"] else f"{finding.title} kan {way} med {size(said['size'], finding)} eller mer, {first}"),
        ("Nedtecknat", numbers.day(said["declared"])),
        ("Gäller från", f"{numbers.day(said['counts_from'])}, den första utgåva som bar planen: {when}"),
        ("Kontrollsumma", said["hash"]),
        ("Tidigare lydelser", numbers.listed(changes) if changes else "Inga"),
        ("Borttagna resultat", numbers.listed(removed(figures, finding.model)) or "Inga"),
        ("Utvärderingar", f"{computed['model']} av {MODELS.get(finding.model, finding.model)} i utgåvan, av "
         f"{computed['release']} totalt{outside}"),
    ]  # fmt: skip


@once
def removed(figures: Figures, model: str) -> list[str]:
    """Results that earlier releases were to be held to and this one does not ask about."""
    rows = figures.release.tables["evaluations"]
    asked = set(zip(rows["model"], rows["indicator"], rows["stage"].fillna(""), strict=True))
    plans: list[dict[str, Any]] = figures.release.manifest.get("plans", [])
    gone = [
        each["indicator"]
        for each in plans
        if each["model"] == model and (each["model"], each["indicator"], each["stage"]) not in asked
    ]
    return [figures.definitions[name].short_title if name in figures.definitions else name for name in gone]
