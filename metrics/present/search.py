"""Search over indicators, members and the words of both professions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

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
}
"""Words people in school and social services use for what an indicator calls something else."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something that can be found: its title, other words for it, and where it leads."""

    title: str
    kind: str
    page: str
    view: Mapping[str, str] = field(default_factory=dict)
    words: str = ""
    anchor: str = ""


def entries(
    definitions: Iterable[Definition],
    members: Sequence[str],
    glossary: Iterable[Term],
    models: Mapping[str, str] | None = None,
) -> list[Entry]:
    """Everything that can be found in a release: indicators, members, models (code -> title), and the glossary."""
    found = [
        Entry(
            title=each.title,
            kind="mått",
            page="indikator",
            view={"indikator": each.name},
            words=f"{each.short_title} {each.question} {each.theme} {each.numerator_label} {each.denominator_label}",
        )
        for each in definitions
    ]
    found += [Entry(title=name, kind="kommun", page="kommun", view={"kommun": name}) for name in members]
    found += [
        Entry(title=title, kind="samverkansmodell", page="modeller", view={"modell": code})
        for code, title in (models or {}).items()
    ]
    return found + [
        Entry(title=term.swedish, kind="ord", page="metod", view={"ord": term.swedish}, words=term.meaning)
        for term in glossary
    ]


def plain(text: str) -> str:
    """Lower case without accents, so that behorighet finds behörighet."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def find(asked: str, among: Sequence[Entry]) -> list[Entry]:
    """Entries that hold every word asked for, the title before other words and the beginning before the middle.

    What people call it otherwise (SAME) counts too, after what they wrote.
    """
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
    title, words = plain(entry.title), plain(entry.words)
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
