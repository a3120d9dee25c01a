"""The collaboration models of a release: instances as the register says them, chosen by member and type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from metrics.models import words
from metrics.models.types import MODEL_TYPES
from metrics.present import numbers
from metrics.present.figures import Figure, Figures, Key, once
from metrics.present.indicator import REGION
from metrics.vocabulary import ALL

QUESTION = "Hur samverkar vi?"
EMPTY = (
    "Här visas vilka samverkansmodeller som finns var, för vem och med vilken personal. Det kommer ur uttaget Register "
    "över samverkansmodeller, en rad per team och skolenhet."
)
TITLES: Mapping[str, str] = {each.name: each.title for each in MODEL_TYPES}
SHORT: Mapping[str, str] = {
    "school_social_team": "Skolsoc. team",
    "sspf": "SSPF",
    "social_worker_in_school": "Soc.sekr. i skolan",
    "attendance_team": "Närvaroteam",
    "early_coordination": "TSI",
    "coordinated_plan": "Västbus/SIP",
    "resource_centre": "Resurscentrum",
    "family_centre": "Fält/familj",
    "pupil_health_only": "Endast elevhälsa",
}
VIEWS: Mapping[str, str] = {
    "tackning": "Täckning",
    "tid": "Start och slut",
    "mal": "Mål och målgrupper",
    "arbetssatt": "Arbetssätt",
    "personal": "Personal och kompetens",
    "kort": "Modellkort",
    "kartlaggning": "Kartläggning",
}
COVERED = "covered_by_model"
COVERED_STAGE = "7-9"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One instance of a model in one member. Lists hold codes or own words; posts are full-time ones."""

    name: str
    model: str
    municipality: str
    school_units: tuple[str, ...]
    started: str
    ended: str
    precision: str
    decided_by: str
    source: str
    planned: float | None
    filled: float | None
    cost: float | None
    coordinator: float | None
    texts: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    staff: Mapping[str, float] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What tells instances apart: the same name can stand in two members."""
        return f"{self.name}, {self.municipality}" if self.municipality not in self.name else self.name

    @property
    def title(self) -> str:
        return TITLES.get(self.model, self.model)

    def runs(self, day: str) -> bool:
        """Whether it is in place that day (ISO)."""
        return self.started <= day and (not self.ended or self.ended >= day)

    def says(self, column: str) -> list[str]:
        """The titles of a list's words."""
        return words.titles(words.SEPARATOR.join(self.lists.get(column, ())), words.LISTS[column])


@dataclass(frozen=True, kw_only=True)
class ModelsView:
    """What is looked at: a member or REGION, a model type or all."""

    area: str
    model: str

    @property
    def whole(self) -> bool:
        return self.area == REGION

    def has(self, municipality: str, model: str) -> bool:
        return (self.whole or municipality == self.area) and self.model in (ALL, model)


@once
def instances(figures: Figures) -> list[Instance]:
    """Every instance of the release's register, by member and start."""
    found = [_instance(row) for row in figures.release.tables["register"].to_dict("records")]
    return sorted(found, key=lambda each: (numbers.order(each.municipality), each.started, each.name))


def _instance(row: Mapping[Any, Any]) -> Instance:
    def text(name: str) -> str:
        value = row.get(name)
        return "" if value is None or value != value else str(value)

    def number(name: str) -> float | None:
        value = row.get(name)
        return None if value is None or pd.isna(value) else float(value)

    staff = {name: number(name) for name in words.STAFF}
    others = ("school_form", "year_groups", "organisation", "steering_group", "consent", "support", "note")
    more = ("expected_indicators", "documentation", "secrecy", "contact_role", "entry_date", "grant_ends")
    grant = ("school_staff_trained", "social_staff_degree", "employed_six_months")
    return Instance(
        name=text("instance"),
        model=text("model_type"),
        municipality=text("municipality"),
        school_units=tuple(words.parts(text("school_units"))),
        started=text("started")[:10],
        ended=text("ended")[:10],
        precision=text("start_precision") or "unknown",
        decided_by=text("decided_by"),
        source=text("source"),
        planned=number("planned_posts"),
        filled=number("filled_posts"),
        cost=number("yearly_cost"),
        coordinator=number("coordinator_share"),
        texts={name: text(name) for name in (*others, *more, *grant)},
        lists={name: tuple(words.parts(text(name))) for name in words.LISTS},
        staff={name: value for name, value in staff.items() if value},
    )


def chosen(figures: Figures, view: ModelsView, *, running: bool = False) -> list[Instance]:
    """The instances of the view; only those in place when the release was made if `running`."""
    day = figures.release.created[:10]
    return [
        each
        for each in instances(figures)
        if view.has(each.municipality, each.model) and (each.runs(day) or not running)
    ]


@once
def types(figures: Figures) -> dict[str, str]:
    """The model types that the register has, in the catalogue's order."""
    there = {each.model for each in instances(figures)}
    return {name: title for name, title in TITLES.items() if name in there}


def answer(figures: Figures, view: ModelsView) -> str:
    """The sentence under the question: how many instances where, how many schools, and the share of pupils."""
    running = chosen(figures, view, running=True)
    where = figures.region_name if view.whole else view.area
    of = "samverkansmodeller" if view.model == ALL else TITLES.get(view.model, view.model)
    if not running:
        return f"Enligt registret pågår inget team inom {of} i {where}."
    kinds, units = {each.model for each in running}, {unit for each in running for unit in each.school_units}
    counted = numbers.counted(len(running), "team", "team", neuter=True)
    if view.model == ALL:
        of = numbers.counted(len(kinds), "samverkansmodell", "olika samverkansmodeller")
    said = f"I {where} pågår **{counted}** av {of}"
    said += f", vid {numbers.counted(len(units), 'skolenhet', 'skolenheter')}"
    said += (
        f" i {numbers.counted(len({each.municipality for each in running}), 'kommun', 'kommuner')}."
        if view.whole
        else "."
    )
    return f"{said} {_pupils(figures, view)}".strip()


def _pupils(figures: Figures, view: ModelsView) -> str:
    """The share of pupils at a school with a model, where the release shows it; by model type nothing is said."""
    figure = covered(figures, view) if view.model == ALL else None
    if figure is None or not figure.shown or figure.value is None:
        return ""
    return f"**{numbers.number(figure.value)}{numbers.HARD}%** av eleverna i årskurs 7–9 går vid en skola med någon modell ({figure.label})."


def covered(figures: Figures, view: ModelsView) -> Figure | None:
    """The newest protected share of pupils covered, if the release has one."""
    newest = figures.newest(COVERED, COVERED_STAGE) if COVERED in figures.definitions else None
    if newest is None:
        return None
    key = Key(area=view.area, provider=figures.provider_of(COVERED), stage=COVERED_STAGE)
    if view.whole:
        return figures.region_figure(COVERED, key, newest.label)
    return figures.figure(COVERED, key, newest.label)


def version_sentence(figures: Figures) -> str:
    """Which version of the register the release used, and what it rests on."""
    said = figures.release.manifest.get("register") or {}
    if not said.get("version"):
        return "Vilken version av registret utgåvan bygger på är inte känt."
    sources = sorted({each.source for each in instances(figures) if each.source}, key=numbers.order)
    text = f"Registret i version {said['version']}"
    return f"{text}. Uppgifternas källor: {numbers.listed(sources)}." if 0 < len(sources) <= 4 else f"{text}."


CHANGE_HEADINGS = ("Version", "Team", "Uppgift", "Förut", "Nu")


def change_rows(figures: Figures, found: Sequence[Instance]) -> list[list[str]]:
    """What versions of the register have changed of these instances, and what has been taken away."""
    table = figures.release.tables["register_changes"]
    names, every = {each.name for each in found}, {each.name for each in instances(figures)}
    rows = [[str(cell or "") for cell in row] for row in table[list(table.columns)].itertuples(index=False, name=None)]
    return [row for row in rows if row[1] in names or row[1] not in every]


# ------------------------------------------------------------------------------------------------ start and end


def start_words(each: Instance) -> str:
    """The start as exactly as it is known."""
    day = numbers.day(each.started)
    how = {
        "date": day,
        "term": f"{day} (terminen är känd, inte dagen)",
        "school_year": f"{day} (läsåret är känt, inte dagen)",
        "gradual": f"gradvis, omkring {day}",
        "unknown": f"okänd start, tidigast känd {day}",
    }
    return how.get(each.precision, day)


def timeline_rows(found: Sequence[Instance]) -> list[list[str]]:
    return [
        [
            each.key,
            each.title,
            each.municipality,
            start_words(each),
            numbers.day(each.ended) if each.ended else "pågår",
            words.DECIDERS.get(each.decided_by, "okänt"),
        ]
        for each in found
    ]


TIMELINE_HEADINGS = ("Team", "Modell", "Kommun", "Start", "Slut", "Beslutad av")


def timeline_sentence(found: Sequence[Instance]) -> str:
    """How many instances, how many have ended, and how many have a start that nothing can be counted from."""
    unsure = [each for each in found if each.precision in ("gradual", "unknown")]
    ended = [each for each in found if each.ended]
    said = f"{numbers.capital(numbers.counted(len(found), 'team', 'team', neuter=True))}, varav {numbers.counted(len(ended), 'har slutat', 'har slutat', neuter=True)}."
    if unsure:
        said += f" För {numbers.counted(len(unsure), 'team', 'team', neuter=True)} är starten gradvis eller okänd; där går ingen effekt att avgöra."
    return said


# ---------------------------------------------------------------------------------------- goals and target groups


def word_table(found: Sequence[Instance], column: str) -> list[list[str]]:
    """One row per word of the regional list and per own word: how many instances, in which members, of which types."""
    known = words.LISTS[column]
    used = Counter(word for each in found for word in each.lists.get(column, ()))
    own = sorted(set(used) - set(known), key=numbers.order)
    return [
        [
            known.get(word, f"{word} (eget ord)"),
            numbers.count(used[word]) if used[word] else "inget",
            _members(found, column, word),
            _types(found, column, word),
        ]
        for word in (*known, *own)
    ]


def _members(found: Sequence[Instance], column: str, word: str) -> str:
    there = {each.municipality for each in found if word in each.lists.get(column, ())}
    return ", ".join(sorted(there, key=numbers.order))


def _types(found: Sequence[Instance], column: str, word: str) -> str:
    there = {SHORT.get(each.model, each.model) for each in found if word in each.lists.get(column, ())}
    return ", ".join(sorted(there, key=numbers.order))


WORD_HEADINGS = ("", "Team", "Kommuner", "Modeller")
NAMED_WORDS = 4


def missing_sentence(found: Sequence[Instance], column: str, what: str) -> str:
    """Which words of the regional list nobody has, by name where they are few; the table says it of every word."""
    used = {word for each in found for word in each.lists.get(column, ())}
    absent = words.spoken(title for code, title in words.LISTS[column].items() if code not in used)
    if not absent:
        return f"Varje {what} i den regionala listan finns hos någon."
    if len(absent) > NAMED_WORDS:
        many = numbers.capital(numbers.counted(len(absent), "ord", "ord", neuter=True))
        return f"{many} i den regionala listan anges inte av något team i urvalet. I tabellen står ”inget” vid dem."
    return f"Inget team i urvalet anger: {numbers.listed(absent)}."


# --------------------------------------------------------------------------------------------------- ways of working

ALIKE: Sequence[tuple[str, str]] = (("ways_of_working", "Arbetssätt"), ("ways_in", "Vägar in"))
CODED: Sequence[tuple[str, str, Mapping[str, str]]] = (
    ("organisation", "Organisatorisk hemvist", words.ORGANISATIONS),
    ("consent", "Samtycke", words.CONSENTS),
    ("support", "Beslut eller öppet stöd", words.SUPPORTS),
)


def side_by_side(found: Sequence[Instance]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: what the instances of one type have alike and unlike, one column each."""
    headings = ["", *(each.key for each in found), "Lika eller olika"]
    rows = []
    for column, title, known in CODED:
        said = [known.get(each.texts.get(column, ""), "ingen uppgift") for each in found]
        rows.append([title, *said, "lika" if len(set(said)) == 1 else "olika"])
    for column, title in ALIKE:
        for word in dict.fromkeys(word for each in found for word in each.lists.get(column, ())):
            has = [word in each.lists.get(column, ()) for each in found]
            name = words.LISTS[column].get(word, word)
            rows.append([f"{title}: {name}", *("ja" if one else "–" for one in has), "lika" if all(has) else "olika"])
    return headings, rows


def alike_sentence(found: Sequence[Instance]) -> str:
    """What all these instances have in common."""
    if len(found) < 2:
        return "Minst två team av samma modell behövs för att jämföra arbetssätt."
    rows = side_by_side(found)[1]
    alike = [row[0].split(": ")[1] for row in rows if row[-1] == "lika" and ": " in row[0]]
    several = numbers.counted(len(found), "team", "team", neuter=True)
    if not alike:
        return f"Inget arbetssätt och ingen väg in är gemensam för alla {several}."
    return f"Gemensamt för alla {several}: {numbers.listed(words.spoken(alike))}."


# ------------------------------------------------------------------------------------------------------------- staff


def staff_rows(found: Sequence[Instance]) -> tuple[list[str], list[list[str]]]:
    """Members x professions: posts in place of running instances, with what was planned and filled."""
    there = [name for name in words.STAFF if any(each.staff.get(name) for each in found)]
    headings = ["Kommun", "Planerade", "Tillsatta", *(words.STAFF[name] for name in there)]
    rows = []
    for member in sorted({each.municipality for each in found}, key=numbers.order):
        own = [each for each in found if each.municipality == member]
        cells = [_sum(own, lambda each: each.planned), _sum(own, lambda each: each.filled)]
        cells += [_sum(own, lambda each, name=name: each.staff.get(name)) for name in there]  # type: ignore[misc]
        rows.append([member, *cells])
    return headings, rows


def _sum(found: Sequence[Instance], value: Callable[[Instance], float | None]) -> str:
    told = [number for each in found if (number := value(each)) is not None]
    return numbers.number(sum(told), 1) if told else "–"


def staff_sentence(found: Sequence[Instance]) -> str:
    """How many of the planned posts are filled."""
    told = [each for each in found if each.planned is not None and each.filled is not None]
    if not told:
        return "Registret säger inget om planerade och tillsatta tjänster."
    planned, filled = (
        sum(values) for values in zip(*((each.planned or 0, each.filled or 0) for each in told), strict=True)
    )
    vacant = [each for each in told if (each.filled or 0) < (each.planned or 0)]
    said = f"**{numbers.number(filled)}** av {numbers.number(planned)} planerade heltidstjänster är tillsatta."
    if vacant:
        said += f" {numbers.capital(numbers.counted(len(vacant), 'team', 'team', neuter=True))} har färre tillsatta än planerade."
    return said


def competence_rows(found: Sequence[Instance]) -> list[list[str]]:
    """Per competence: how many instances have it, how many need it, and in which members it is needed."""
    has = Counter(word for each in found for word in each.lists.get("competences", ()))
    needs = Counter(word for each in found for word in each.lists.get("competences_needed", ()))
    order = sorted(
        has.keys() | needs.keys(), key=lambda word: (-needs[word], numbers.order(words.COMPETENCES.get(word, word)))
    )
    return [
        [
            words.COMPETENCES.get(word, f"{word} (eget ord)"),
            _members(found, "competences_needed", word),
            numbers.count(needs[word]),
            numbers.count(has[word]),
        ]
        for word in order
    ]


COMPETENCE_HEADINGS = ("Kompetens", "Behövs i (kommuner)", "Behövs i (team)", "Finns i (team)")
