"""Search over pages, indicators, members, models and the words of both professions."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from metrics.declare import ModelType
from metrics.release.read import Definition
from metrics.vocabulary import Term

AT_MOST = 12
SAME: Mapping[str, str] = {
    "behörighet": "behörig",
    "skolk": "ogiltig frånvaro",
    "olovlig": "ogiltig frånvaro",
    "hemmasittare": "frånvaro minst 50",
    "skolfrånvaro": "frånvaro",
    "avhopp": "slutat utan examen",
    "drop": "slutat utan examen",
    "genomströmning": "gymnasieexamen inom",
    "etablering": "arbete eller studier",
    "uvas": "varken arbete eller studier",
    "neet": "varken arbete eller studier",
    "anmälan": "anmäl",
    "orosanmälan": "anmäl",
    "soc": "socialtjänst",
    "lvu": "placering",
    "familjehem": "placering",
    "hvb": "placering",
    "betyg": "godkänt",
    "utredningstid": "utredning klar",
    "väntetid": "kontakt inom",
    "ledtid": "kontakt inom",
    "särskild undervisningsgrupp": "undervisningsgrupp",
    "kaa": "aktivitetsansvar",
    "sst": "skolsocialt team",
    "skolsociala team": "skolsocialt team",
    "fältassistent": "fältare",
    "sig": "social insatsgrupp",
    "polis": "sspf",
}
"""Words people in school and social services use for what an indicator calls something else."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something that can be found: its title, other words for it, where it leads, and which periods it has."""

    title: str
    kind: str
    page: str
    view: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    anchor: str = ""
    periods: str = "school_year"

    @functools.cached_property
    def plain_title(self) -> str:
        return plain(self.title)

    @functools.cached_property
    def plain_words(self) -> str:
        return plain(self.words)


PLACES = (
    Entry(title="Översikt", kind="sida", page="./", words="hur går det sämre bättre kommunerna start"),
    Entry(title="Kommun", kind="sida", page="kommun", words="profil kommunens mått blad nämnd pdf"),
    Entry(title="Indikator", kind="sida", page="indikator", words="mått trend karta över tid"),
    Entry(title="Modeller", kind="sida", page="modeller", words="samverkan register kartläggning täckning modellkort"),
    Entry(title="Jämför", kind="sida", page="jamfor", words="modellerna bredvid varandra skillnad i nivå"),
    Entry(title="Effekt", kind="sida", page="effekt", words="ledde det till resultat utvärdering beslutsunderlag"),
    Entry(title="Elevens väg", kind="sida", page="elevens-vag", words="efter årskurs 9 gymnasiet fullföljande flöde"),
    Entry(
        title="Stödkedjan",
        kind="sida",
        page="stodkedjan",
        words="orosanmälan insats utredning återkoppling",
        periods="calendar_year",
    ),
    Entry(title="Tidiga tecken", kind="sida", page="tidiga-tecken", words="grupper uppmärksamhet sticker ut väntat"),
    Entry(title="Metod", kind="sida", page="metod", words="definitioner ordlista hur det räknas dold"),
    Entry(title="Tillgänglighet", kind="sida", page="tillganglighet", words="tillgänglighetsredogörelse"),
)
DESK_PLACES = (
    Entry(title="Lämna in", kind="sida", page="lamna-in", words="leverans fil uttag mall kvitto"),
    Entry(title="Registret", kind="sida", page="registret", words="modeller samordnare ändra rader formulär"),
    Entry(title="Historik", kind="sida", page="historik", words="leveranser utgåvor ångra dra tillbaka logg"),
)
"""Pages that only an installation with a vault has."""


def entries(
    definitions: Iterable[Definition],
    members: Sequence[str],
    glossary: Iterable[Term],
    models: Iterable[ModelType] = (),
    evaluated: Iterable[str] = (),
    places: Iterable[Entry] = (),
) -> list[Entry]:
    """Everything that can be found in a release: pages, indicators, members, models and the glossary.

    `models` are those with a card, `evaluated` the names of those whose effect the release has judged.
    """
    there = tuple(models)
    judged = frozenset(evaluated)
    return [
        *places,
        *(_indicator(each) for each in definitions),
        *(Entry(title=name, kind="kommun", page="kommun", view={"kommun": name}) for name in members),
        *(_card(each) for each in there),
        *(_effect(each) for each in there if each.name in judged),
        *(
            Entry(title=term.swedish, kind="ord", page="metod", view={"ord": term.swedish}, words=term.meaning)
            for term in glossary
        ),
    ]


def _indicator(definition: Definition) -> Entry:
    said = (definition.short_title, definition.question, definition.theme)
    return Entry(
        title=definition.title,
        kind="mått",
        page="indikator",
        view={"indikator": definition.name},
        words=" ".join((*said, definition.numerator_label, definition.denominator_label)),
        periods=definition.period_kind,
    )


def _card(model: ModelType) -> Entry:
    view = {"visa": "kort", "modell": model.name}
    return Entry(title=model.title, kind="samverkansmodell", page="modeller", view=view, words=model.description)


def _effect(model: ModelType) -> Entry:
    title = f"{model.title}: ledde det till resultat?"
    return Entry(title=title, kind="effekt", page="effekt", view={"modell": model.name}, words="effekt utvärdering")


def plain(text: str) -> str:
    """Lower case without accents, so that behorighet finds behörighet."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


OF_A_MEMBER = ("indikator", "modeller", "jamfor", "effekt", "elevens-vag", "stodkedjan", "tidiga-tecken")
"""Pages that can be asked for one member."""
OF_A_PERIOD = {"./": "lasar", "kommun": "lasar", "indikator": "period", "elevens-vag": "period", "stodkedjan": "period"}
"""Pages that can be asked for one period, and what it is called in their addresses."""
PERIODS = {
    "school_year": re.compile(r"\b20\d\d/\d\d\b"),
    "term": re.compile(r"\b[vh]t 20\d\d\b"),
    "calendar_year": re.compile(r"\b20\d\d\b(?!/)"),
}
CHOICES: tuple[tuple[re.Pattern[str], Mapping[str, str], str, tuple[str, ...]], ...] = (
    (re.compile(r"\bkommunala?( skolor)?\b"), {"huvudman": "municipal"}, "kommunala", ("./", "kommun", "indikator")),
    (
        re.compile(r"\b(fristaende|enskilda?)( skolor)?\b"),
        {"huvudman": "independent"},
        "fristående",
        ("./", "indikator"),
    ),
    (re.compile(r"\b(mot )?riket\b"), {"jamfor": "nation"}, "mot riket", ("./", "kommun", "indikator")),
    *(
        (
            re.compile(rf"\b((ak|arskurs) )?{stage.casefold()}\b"),
            {"stadium": stage},
            f"åk {stage}".replace("-", "–"),
            ("./", "indikator", "stodkedjan", "tidiga-tecken"),
        )
        for stage in ("F-3", "4-6", "7-9")
    ),
)
"""Words that choose in a view: how they are written, what they are in the address, what is said of it, and where."""


def find(asked: str, among: Sequence[Entry]) -> list[Entry]:
    """Entries that hold every word asked for, the title before other words and the beginning before the middle.

    What people call it otherwise (SAME) counts too, after what they wrote. With a member's name, a period or another choice
    among the words ("behörig ale 2021/22 riket"), what the other words find comes first, as that very view; what has no
    such view is found as it is.
    """
    views, other = _views(asked, among)
    return [*views, *_found(asked, among)] or (_found(other, among) if other else [])


def _views(asked: str, among: Sequence[Entry]) -> tuple[list[Entry], str]:
    """What the words that choose nothing find, with what the others choose, where the page has all those choices; and
    the words that choose nothing."""
    words = f" {plain(asked).replace('–', '-')} "
    member = next((each for each in among if each.kind == "kommun" and f" {each.plain_title} " in words), None)
    words = words.replace(f" {member.plain_title} ", " ") if member else words
    period, words = _taken(re.compile("|".join(f"(?:{each.pattern})" for each in PERIODS.values())), words)
    chosen = []
    for pattern, view, said, pages in CHOICES:
        taken, words = _taken(pattern, words)
        chosen += [(view, said, pages)] if taken else []
    words = words.strip()
    if not (member or period or chosen) or not (words or period or chosen):
        return [], ""
    first = member or next((each for each in among if each.page == "./"), None)
    found = _found(words, among) if words else [first] if first else []
    views = [_asked_for(each, member, period, chosen) for each in found]
    return [each for each in views if each is not None], words


def _taken(pattern: re.Pattern[str], words: str) -> tuple[str, str]:
    """What the words say of a choice, and the other words."""
    found = pattern.search(words)
    return (found[0], f"{words[: found.start()]} {words[found.end() :]}") if found else ("", words)


def _asked_for(
    entry: Entry, member: Entry | None, period: str, chosen: Sequence[tuple[Mapping[str, str], str, tuple[str, ...]]]
) -> Entry | None:
    """The entry as the view that was asked for; None where its page has no such choice."""
    view, said = dict(entry.view), [entry.title]
    if member is not None and member != entry:
        if entry.page not in OF_A_MEMBER:
            return None
        view, said = view | dict(member.view), [*said, member.title]
    if period:
        fitting = PERIODS.get(entry.periods)
        if entry.page not in OF_A_PERIOD or not (fitting and fitting.fullmatch(period)):
            return None
        view, said = view | {OF_A_PERIOD[entry.page]: period.upper()}, [*said, period.upper()]
    if any(entry.page not in pages for _, _, pages in chosen):
        return None
    for part, word, _ in chosen:
        view, said = view | dict(part), [*said, word]
    return replace(entry, title=", ".join(said), view=view)


def _found(asked: str, among: Sequence[Entry]) -> list[Entry]:
    phrases = [plain(asked)] + [plain(other) for word, other in SAME.items() if _begins(plain(word), plain(asked))]
    scored = []
    for place, entry in enumerate(among):
        best = max(_score(phrase.split(), entry) - (number > 0) for number, phrase in enumerate(phrases))
        scored.append((best, place, entry))
    return [entry for score, _, entry in sorted((s for s in scored if s[0] > 0), key=lambda s: (-s[0], s[1]))]


def _begins(word: str, asked: str) -> bool:
    """Whether what was asked is this word, or its beginning from the fifth letter on."""
    return word == asked or (len(asked) > 4 and word.startswith(asked))


def _score(wanted: Sequence[str], entry: Entry) -> int:
    title, words = entry.plain_title, entry.plain_words
    total = 0
    for word in wanted:
        if title.startswith(word):
            total += 8
        elif f" {word}" in title:
            total += 6
        elif word in title:
            total += 4
        elif word in words:
            total += 1
        else:
            return 0
    return total
