"""What stands beside groups that stand out: what came of such groups before, which models reach them, and the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.models.types import MODEL_TYPES
from metrics.present import early_signs, html, joins, numbers, signs
from metrics.present import signs_levels as levels
from metrics.present import signs_reported as reported
from metrics.present.early_signs import Found, SignsView
from metrics.present.figures import Figure, Figures, Key, once
from metrics.present.signs import COUNTED, Sign
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import ALL, school_year_label, spring_of

OUTCOME = "eligibility_vocational"
COVERED = "covered_by_model"
NOT_A_CAUSE = (
    "En grupp är här en kommuns elever i stadiet ett läsår. Grupperna har följts, inte eleverna: någon kan ha flyttat. "
    "Skillnaden beskriver vad som hänt och visar inte att det "
    "ena leder till det andra."
)
NAMES_AT_MOST = 4
TITLES = {each.name: each.title for each in MODEL_TYPES}


@dataclass(frozen=True, kw_only=True)
class Way:
    """From a sign to its outcome: topic and stage, its words, and after how many school years pupils leave year 9."""

    topic: str
    stage: str
    words: str
    years: int


WAYS = (
    Way(topic=signs.ABSENCE, stage="7-9", words="Frånvaro i åk 7–9", years=1),
    Way(topic=signs.ABSENCE, stage="4-6", words="Frånvaro i åk 4–6", years=4),
    Way(topic=signs.ABSENCE, stage="F-3", words="Frånvaro i åk F–3", years=7),
    Way(topic=signs.YEAR6, stage=ALL, words="Resultat i åk 6", years=3),
)
"""The middle year of a stage leaves year 9 after so many years: of years 7-9 year 8, of years 4-6 year 5."""


@dataclass(frozen=True, kw_only=True)
class Later:
    """Members' pupils of one stage, with or without a sign one year, and how many were not eligible when they left."""

    groups: int
    pupils: float
    not_eligible: float

    @property
    def share(self) -> float:
        return 100 * self.not_eligible / self.pupils


Marked = dict[tuple[str, str], bool]
"""(member, school year): whether it had the sign."""


def followed(figures: Figures, marked: Marked, way: Way) -> tuple[Later | None, Later | None]:
    """Earlier groups with the sign of a way and without it, and how they went."""
    return _sum(figures, marked, True, way.years), _sum(figures, marked, False, way.years)


def marked_by(every: Sequence[Sign], ways: Sequence[Way]) -> list[Marked]:
    """Per way who had its sign; only whole members, so that no pupil is counted twice a year."""
    found: dict[tuple[str, str], Marked] = {}
    for each in every:
        if each.area_type == "municipality" and each.sex == each.background == ALL and each.test != COUNTED:
            marked, name = found.setdefault((each.topic, each.stage), {}), (each.area, each.school_year)
            marked[name] = marked.get(name, False) or each.asks
    return [found.get((way.topic, way.stage), {}) for way in ways]


def _sum(figures: Figures, marked: Marked, wanted: bool, years: int) -> Later | None:
    found = [_left(figures, area, year, years) for (area, year), asks in marked.items() if asks is wanted]
    shown = [each for each in found if each is not None]
    if not shown:
        return None
    pupils = sum(each.denominator or 0.0 for each in shown)
    passed = sum(each.numerator or 0.0 for each in shown)
    return Later(groups=len(shown), pupils=pupils, not_eligible=pupils - passed)


def _left(figures: Figures, area: str, school_year: str, years: int) -> Figure | None:
    """The member's leavers so many school years later, where they are shown."""
    if OUTCOME not in figures.definitions:
        return None
    key = Key(area=area, provider=figures.provider_of(OUTCOME))
    found = figures.figure(OUTCOME, key, school_year_label(spring_of(school_year) + years))
    return found if found and found.shown and found.denominator and found.numerator is not None else None


@once
def outcome(figures: Figures, topic: str) -> str:
    """How it went for groups with the same sign before, or that it is not known yet; `topic` "" is all of them."""
    ways = [each for each in WAYS if topic in ("", each.topic)]
    marked = marked_by(early_signs.find(figures).every, ways)
    rows: list[list[str]] = []
    said: list[str] = []
    for way, had in zip(ways, marked, strict=True):
        with_sign, without = followed(figures, had, way)
        if with_sign is None and without is None:
            continue
        rows.append([way.words, _after(way), *_cells(with_sign), *_cells(without)])
        if with_sign and without and not said:
            said.append(_sentence(way, with_sign, without))
    later = reported.section(figures, [(way.words, had) for way, had in zip(ways, marked, strict=True)])
    if not rows:
        lead = "Hur det gått senare för grupper med sådana tecken är **inte känt ännu**." if ways else ""
        return html.section("Hur gick det för sådana grupper tidigare?", lead) + later
    lead = said[0] if said else "Än har ingen grupp med ett tecken hunnit lämna årskurs 9 i uppgifterna."
    head = ["Tecken", "Slutade åk 9", "Grupper med tecknet", "Inte behöriga", "Grupper utan", "Inte behöriga"]
    table = html.table("Hur det gick för sådana grupper tidigare", head, rows, text_columns=2)
    return (
        html.section("Hur gick det för sådana grupper tidigare?", lead) + table + html.paragraphs(NOT_A_CAUSE) + later
    )


@once
def eligible_later(figures: Figures, topic: str) -> str:
    """Pupils by their own level of absence: how many were eligible later."""
    return levels.eligible(figures) if topic in ("", signs.ABSENCE) else ""


@once
def reported_later(figures: Figures, topic: str, area: str) -> str:
    """Pupils by their own level of absence: how many were reported later, where that may be joined."""
    if topic not in ("", signs.ABSENCE):
        return ""
    return levels.reported(figures, area, joined=bool(joins.declared(figures)))


def has_levels(figures: Figures, topic: str) -> bool:
    """Whether anything is told by level of absence where `topic` is looked at."""
    return topic in ("", signs.ABSENCE) and levels.is_told(figures)


def _after(way: Way) -> str:
    return f"{numbers.counted(way.years, 'läsår', 'läsår', neuter=True)} senare"


def _cells(each: Later | None) -> list[str]:
    return [numbers.count(each.groups), numbers.in_unit(each.share, "share")] if each else ["–", "–"]


def _sentence(way: Way, with_sign: Later, without: Later) -> str:
    shares = [f"**{numbers.in_unit(each.share, 'share')}**" for each in (with_sign, without)]
    groups = numbers.counted(with_sign.groups, "grupp", "grupper")
    return (
        f"{way.words}: bland {groups} som stack ut var {shares[0]} inte behöriga till gymnasiet {_after(way)}, mot "
        f"{shares[1]} bland {numbers.counted(without.groups, 'grupp', 'grupper')} som inte gjorde det."
    )


def models(figures: Figures, found: Found, view: SignsView) -> str:
    """Which models are running where a group stands out, and how many pupils go to a school that has one."""
    asking = [each.sign for each in early_signs.entries(found, view) if each.sign.asks]
    places: dict[str, set[str]] = {}
    for each in asking:
        if each.area_type == "municipality":
            places.setdefault(each.area, set()).add(_stage(each))
    if not places:
        return ""
    there = {area: running(figures, area) for area in sorted(places, key=numbers.order)}
    rows = [[area, said or "ingen i registret", _covered(figures, area, places[area])] for area, said in there.items()]
    head = ["Kommun", "Modeller som pågår i kommunen", "Elever vid en skola med modell"]
    table = html.listing("Modeller där grupper sticker ut", head, rows, text_columns=3)
    said = "Registret säger vilka skolor en modell finns på, inte vilka elever den möter."
    lead = _models_sentence([area for area, said in there.items() if not said], len(there))
    return html.section("Vilka modeller finns där?", lead) + table + html.paragraphs(said)


def _models_sentence(bare: Sequence[str], of: int) -> str:
    """Whether every member where a group stands out has a model."""
    if not bare:
        return "I alla de kommunerna pågår någon samverkansmodell." if of > 1 else "Där pågår någon samverkansmodell."
    if len(bare) == of > 1:
        return "Ingen av de kommunerna har en pågående samverkansmodell i registret."
    where = numbers.listed(bare) if len(bare) <= NAMES_AT_MOST else f"{numbers.counted(len(bare), '', 'kommuner')}"
    return f"I {where} finns ingen pågående samverkansmodell i registret."


def _stage(sign: Sign) -> str:
    return "4-6" if sign.topic == signs.YEAR6 else sign.stage


@once
def running(figures: Figures, area: str) -> str:
    """The types that have started and not ended in a member when the release was made, with their schools."""
    day = figures.release.created[:10]
    schools: dict[str, set[str]] = {}
    for row in figures.records("register", "municipality").get(area, []):
        if str(row["started"])[:10] <= day <= (str(row["ended"] or "")[:10] or day):
            units = {each for each in str(row["school_units"] or "").split("|") if each}
            schools.setdefault(str(row["model_type"]), set()).update(units)
    found = sorted((TITLES.get(each, each), len(units)) for each, units in schools.items())
    return ", ".join(f"{title} ({numbers.counted(size, 'skola', 'skolor')})" for title, size in found)


def _covered(figures: Figures, area: str, stages: set[str]) -> str:
    """The share of pupils at a school that has a model, per stage in its newest term with a word to say."""
    said = []
    for stage in (each for each in early_signs.PLAIN if each in stages and COVERED in figures.definitions):
        key = Key(area=area, provider=figures.provider_of(COVERED), stage=stage)
        last = figures.newest(COVERED, stage)
        figure = figures.figure(COVERED, key, last.label) if last else None
        if figure:
            value = numbers.in_unit(figure.value, "share") if figure.shown and figure.value is not None else ""
            said.append(f"{early_signs.PLAIN[stage]}: {value or STATUS_TEXT[Status(figure.status)]}")
    return "; ".join(said) or "–"


def method(figures: Figures) -> str:
    """How a group comes to stand out, in words."""
    region = figures.region_name
    said = (
        f"**Väntat** är andelen i samma grupp (stadium, kön och bakgrund) i övriga {region} samma period: regionen utan "
        f"kommunen. Det räknas bara när alla kommuner har lämnat in och båda värdena visas.",
        "**Har ändrats** jämför den senaste perioden med gruppens egna två till tre år dessförinnan, samma årstid.",
        "Båda tar hänsyn till slumpen och till hur mycket sådana grupper brukar variera mellan år. Eftersom hundratals "
        "grupper prövas samtidigt krävs mer för att en ska räknas (Benjamini och Hochberg). Av dem som sticker ut ska högst "
        "fem procent göra det av en slump, räknat över alla grupper i perioden. För en hel kommun gäller den "
        "bedömning som gjordes när utgåvan gavs ut. Ett urval på sidan ändrar inget.",
        "Bara värden som visas är med. Sidan säger inget om grupper vars värden är dolda, och delar aldrig upp grupper "
        "mer än utgåvan gör.",
        "Grupper räknas en gång per ämne, också när flera frånvaronivåer sticker ut.",
    )
    return html.details("Så är det räknat", html.paragraphs(*said))
