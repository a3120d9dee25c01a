"""A page for a team: what the register and the data say of it, what they do not say, three questions; shown values only.

The register's own words are no pupil data. A model type's values in a member, its schools' values where the release as it
is served has a school part, and the model type's verdicts stand as they were published: nothing is added up here.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from metrics.models import words
from metrics.present import effect_instance, effect_undecided, indicator_tables, numbers, schools, sentences
from metrics.present.effect import REASONS, findings
from metrics.present.figures import TOLD, Figure, Figures, Key
from metrics.present.lines import STAGE_NOTES
from metrics.present.models import Instance, instances, start_words
from metrics.present.schools import School
from metrics.present.staff_page import SEEN_DAILY
from metrics.release.read import Definition
from metrics.values import Status
from metrics.vocabulary import ALL

LINES: tuple[tuple[str, str], ...] = (
    ("target_group_reached", "7-9"),
    ("absence_10", "7-9"),
    ("absence_20", "7-9"),
    ("eligibility_vocational", ALL),
    ("all_subjects_passed", ALL),
    ("next_step_national", ALL),
    ("year6_core_passed", ALL),
)
"""The values of a model type that the page shows of a member, with their stage."""
SCHOOL_LINES = ("absence_20", "eligibility_vocational")
"""Of a team's schools, the first of these that the release has: never more than one, the page is one page."""
SCHOOLS_AT_MOST = 4
VERDICTS_AT_MOST = 2
WORDS_AT_MOST = 3


@dataclass(frozen=True, kw_only=True)
class Line:
    """One indicator at the schools of the team's model in its member, and over the region the same period."""

    definition: Definition
    stage: str
    here: Figure
    region: Figure | None


def teams(figures: Figures, area: str) -> dict[str, str]:
    """Key and name of a member's teams that run, and of those that have ended, as the register has them."""
    day = figures.release.created[:10]
    own = [each for each in instances(figures) if each.municipality == area]
    return {each.key: each.name for each in sorted(own, key=lambda each: not each.runs(day))}


def team(figures: Figures, name: str) -> Instance | None:
    """The team of this key or, where one alone has it, this name; None otherwise."""
    there = instances(figures)
    found = [each for each in there if each.key == name] or [each for each in there if each.name == name]
    return found[0] if len(found) == 1 else None


def refusal(figures: Figures, name: str) -> str:
    """Why there is no page for a team, in Swedish; empty when there is one."""
    if not instances(figures):
        return "Utgåvan har inget register över team."
    if team(figures, name) is None:
        return f"Registret i utgåvan har inget team, eller flera, med namnet {name}."
    return ""


def contents(figures: Figures, name: str) -> dict[str, object]:
    """The page as plain data, as `staff_page.contents` has it; KeyError for a team that `refusal` refuses."""
    each = team(figures, name)
    if each is None:
        raise KeyError(name)
    lines, own = values(figures, each), school_values(figures, each)
    return {
        "title": f"Att prata om: {each.key}",
        "subtitle": "En sida till personalen i teamet. Vad teamet är kommer ur registret; varje värde är det senaste som "
        "finns i utgåvan.",
        "example": figures.release.example,
        "says": [sentences.plain(said) for said in says(figures, each, lines)],
        "silent": [sentences.plain(said) for said in says_not(figures, each, lines, own)],
        "questions": [sentences.plain(said) for said in questions(each, lines)],
        "head": [
            f"Skolor med {each.title} i {each.municipality}",
            "Värde",
            "n",
            f"95{numbers.HARD}% säkerhet",
            f"Modellen i {figures.region_name}",
        ],
        "rows": [*(_cells(line) for line in lines), *(_school_cells(figures, one) for one in own)],
    }


def values(figures: Figures, each: Instance) -> list[Line]:
    """The newest period of the team's time of each indicator, at schools with its model in its member, shown or hidden."""
    found = []
    for name, stage in LINES:
        if name not in figures.definitions:
            continue
        key = Key(area=each.municipality, provider=figures.provider_of(name), stage=stage, model=each.model)
        there = [
            figure for figure in figures.series(name, key) if figure.status in TOLD and each.runs(figure.period_to)
        ]
        if there:
            region = figures.region_figure(name, key._replace(area_type="region", area=""), there[-1].label)
            found.append(Line(definition=figures.definitions[name], stage=stage, here=there[-1], region=region))
    return found


def school_values(figures: Figures, each: Instance) -> list[School]:
    """The first of the team's schools by name that are shown on one indicator, where there are values per school."""
    name = next((line for line in SCHOOL_LINES if schools.there_are(figures, line)), "")
    own = (
        one
        for unit in each.school_units
        for one in schools.of_school(figures, unit)
        if one.figure.mark == name and one.figure.shown
    )
    return sorted(own, key=lambda one: (numbers.order(one.name), one.code))[:SCHOOLS_AT_MOST]


def says(figures: Figures, each: Instance, lines: list[Line]) -> list[str]:
    """What the team is, whom it is for and with whom; whether it reaches; the model type's verdicts."""
    found = [_begun(each), _meant(each), effect_undecided.staff_sentence(_rows(figures, each)), _professions(each)]
    found += [_reached(line) for line in lines if line.definition.name == "target_group_reached"]
    told = [effect_instance.type_sentence(one, figures) for one in findings(figures, each.model)]
    return [said for said in [*found, *told[:VERDICTS_AT_MOST]] if said]


def _rows(figures: Figures, each: Instance) -> pd.DataFrame:
    rows = effect_undecided.instances(figures, each.model, each.municipality)
    return rows[rows["instance"] == each.name]


def _begun(each: Instance) -> str:
    size = numbers.counted(len(each.school_units), "skolenhet", "skolenheter")
    ended = f", till {numbers.day(each.ended)}" if each.ended else ""
    return f"{each.title} i {each.municipality}, vid {size}. Start: {start_words(each)}{ended}."


def _meant(each: Instance) -> str:
    """Whom the team is for and its goals, in the register's words."""
    pairs = (("För", each.says("target_groups")), ("Mål", each.says("goals")))
    return " ".join(f"{title}: {numbers.listed(words.spoken(said[:WORDS_AT_MOST]))}." for title, said in pairs if said)


def _professions(each: Instance) -> str:
    """The professions with their full-time posts."""
    staff = [f"{words.STAFF[name].lower()} {numbers.number(posts)}" for name, posts in each.staff.items()]
    return f"Heltidstjänster: {numbers.listed(staff)}." if staff else ""


def _reached(line: Line) -> str:
    if not line.here.shown or line.here.value is None:
        return ""
    share = numbers.in_unit(line.here.value, line.definition.unit, line.definition.decimals)
    period = sentences.when(line.here.label)
    return f"Av eleverna med minst 20{numbers.HARD}% frånvaro i åk 7–9 vid de skolorna mötte {share} modellen {period}."


def says_not(figures: Figures, each: Instance, lines: list[Line], own: list[School]) -> list[str]:
    """The limits: groups, no verdict on one team, no causes, what is hidden or not there."""
    found = [
        "Siffrorna gäller grupper. De säger inget om en enskild elev och förutsäger inget.",
        f"Om just det här teamet har lett till resultat går inte att avgöra: {numbers.small(REASONS['one_municipality'])}",
        f"Värdena gäller alla elever vid kommunens skolor med {each.title}, inte bara dem som teamet möter. Team startas "
        "ofta där behoven är störst, så en skillnad visar inte vad teamet har gjort.",
    ]
    hidden = sum(line.here.status == Status.HIDDEN for line in lines)
    if hidden:
        word = numbers.capital(numbers.counted(hidden, "av värdena", "av värdena", neuter=True))
        found.append(f"{word} är {'dolt' if hidden == 1 else 'dolda'} för att skydda enskilda.")
    if not lines:
        found.append(f"Utgåvan har inga värden för skolor med {each.title} i {each.municipality}.")
    rest = len(each.school_units) - len(own)
    if figures.release.schools.empty:
        found.append(schools.NOT_THERE)
    elif rest:
        schools_ = numbers.counted(rest, "av skolorna", "av skolorna")
        found.append(f"{numbers.capital(schools_)} visas inte för sig: värdena är dolda, saknas eller får inte plats.")
    return found


def questions(each: Instance, lines: list[Line]) -> list[str]:
    """Three questions: of reach or goals, of what the register says is lacking, and of what no figure shows."""
    reached = next((line.here for line in lines if line.definition.name == "target_group_reached"), None)
    goals = words.spoken(each.says("goals")[:WORDS_AT_MOST])
    if reached is not None and reached.shown and (reached.value or 0) < 100:
        first = "Vilka elever i målgruppen möter vi inte, och vad skulle krävas för att möta dem tidigare?"
    elif goals:
        first = f"Våra mål är {numbers.listed(goals)}. Vad skulle visa att vi är på väg dit, och vem följer det?"
    else:
        first = "Registret säger inte vilka mål teamet har. Vilka är de, och hur skulle det märkas att vi når dem?"
    return [first, _lacking(each), SEEN_DAILY]


def _lacking(each: Instance) -> str:
    """A question about competences, posts or challenges that the register names."""
    needed = words.spoken(each.says("competences_needed")[:WORDS_AT_MOST])
    if needed:
        return f"Vi har sagt att vi behöver {numbers.listed(needed)}. Hur klarar vi oss utan, och vem kan hjälpa oss?"
    if each.planned is not None and each.filled is not None and each.filled < each.planned:
        return "Alla planerade tjänster är inte tillsatta. Vad får vänta, och märker skolorna det?"
    hard = words.spoken(each.says("challenges")[:WORDS_AT_MOST])
    if hard:
        return f"Utmaningar som vi har angett: {numbers.listed(hard)}. Vad kan vi själva ändra, och vad måste lyftas?"
    return "Vad är svårast i samarbetet mellan skola och socialtjänst just nu, och vem kan ändra det?"


def _cells(line: Line) -> list[str]:
    value, about, _, size = indicator_tables.figure_cells(line.here, line.definition)
    stage = f", {STAGE_NOTES[line.stage]}" if line.stage != ALL else ""
    name = f"{line.definition.short_title}{stage}, {line.here.label}"
    return [name, value, size, about, indicator_tables.short(line.region, line.definition)]


def _school_cells(figures: Figures, school: School) -> list[str]:
    definition = figures.definitions[school.figure.mark]
    value, about, _, size = indicator_tables.figure_cells(school.figure._replace(mark=""), definition)
    return [f"{definition.short_title}, {school.name}, {school.figure.label}", value, size, about, "–"]
