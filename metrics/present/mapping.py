"""The mapping round on the page modeller: who has answered, and where school and social services answer differently."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from metrics.models import words
from metrics.present import numbers
from metrics.present.figures import Figures
from metrics.present.models import ModelsView

EMPTY = (
    "Ingen kartläggning finns i utgåvan. I en kartläggning svarar skolan och socialtjänsten var för sig om samma "
    "samverkan, också när svaret är ingen samverkan. Formuläret skrivs med samsyn mapping eller på Lämna in."
)
PROTECTED = (
    "Svar visas bara för grupper om minst fem svarande, och aldrig så att färre går att räkna fram. "
    "Ord utanför den regionala listan visas inte."
)
QUESTIONS: Mapping[str, str] = {
    "goals": "Mål",
    "target_groups": "Målgrupper",
    "success_factors": "Framgångsfaktorer",
    "challenges": "Utmaningar",
    "competences": "Kompetenser som finns",
    "competences_needed": "Kompetenser som behövs",
}
HIDDEN = "dold"
LARGE = 15.0
"""Percentage points of respondents from which an answer is said to differ in the sentence."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """The answers of one side to one question: how many answered, and per word how many said it (or a scale's mean)."""

    shown: bool
    respondents: int = 0
    said: Mapping[str, float] = field(default_factory=dict)

    def share(self, word: str) -> float | None:
        return self.said.get(word, 0.0) / self.respondents * 100 if self.shown and self.respondents else None


def rounds(figures: Figures) -> list[str]:
    """The rounds of the release, newest first."""
    return sorted({str(year) for year in figures.release.tables["mapping_rounds"]["school_year"]}, reverse=True)


def groups(figures: Figures, year: str, model: str) -> dict[tuple[str, str], Group]:
    """(question, side) -> its answers for a model type or all."""
    parts: dict[tuple[str, str], list[dict[Any, Any]]] = {}
    for row in figures.records("mapping_answers", "model_type").get(model, []):
        if row["school_year"] == year:
            parts.setdefault((str(row["question"]), str(row["side"])), []).append(row)
    found = {}
    for key in sorted(parts):
        shown = all(row["status"] == "shown" for row in parts[key])
        found[key] = Group(
            shown=shown,
            respondents=int(parts[key][0]["respondents"]) if shown else 0,
            said={str(row["word"] or ""): float(row["value"]) for row in parts[key]} if shown else {},
        )
    return found


# ----------------------------------------------------------------------------------------------------- who answered

ANSWERED_HEADINGS = ("Kommun", "Skolan: svar av tillfrågade", "Socialtjänsten: svar av tillfrågade")


def answered_rows(figures: Figures, year: str, view: ModelsView) -> list[list[str]]:
    table = _round(figures, year, view)
    rows = []
    for member in sorted({str(each) for each in table["municipality"]}, key=numbers.order):
        own = table[table["municipality"] == member].set_index("side")
        rows.append([member, *(_of(own, side) for side in words.SIDES)])
    return rows


def _round(figures: Figures, year: str, view: ModelsView) -> pd.DataFrame:
    table = figures.release.tables["mapping_rounds"]
    table = table[table["school_year"] == year]
    return table if view.whole else table[table["municipality"] == view.area]


def _of(own: pd.DataFrame, side: str) -> str:
    if side not in own.index:
        return "inte tillfrågad"
    return " av ".join(numbers.count(float(own[name].to_dict()[side])) for name in ("answered", "asked"))


def answered_sentence(figures: Figures, year: str, view: ModelsView) -> str:
    """How many of those asked have answered, and who has not answered at all."""
    table = _round(figures, year, view)
    if table.empty:
        return "Ingen i urvalet har tillfrågats."
    parts = []
    for side, title in words.SIDES.items():
        own = table[table["side"] == side]
        parts.append(
            f"**{numbers.count(own['answered'].sum())} av {numbers.count(own['asked'].sum())}** från {title[:1].lower()}{title[1:]}"
        )
    said = f"I kartläggningen {year} har {numbers.listed(parts)} svarat."
    silent = table[(table["answered"] == 0) & (table["asked"] > 0)]
    names = sorted({str(each) for each in silent["municipality"]}, key=numbers.order)
    return f"{said} Inget svar från minst en sida: {numbers.listed(names)}." if names else said


def none_sentence(figures: Figures, year: str, model: str) -> str:
    """How many answered that there is no collaboration, per side."""
    found = groups(figures, year, model)
    parts = []
    for side, title in words.SIDES.items():
        group = found.get(("collaboration", side))
        if group and group.shown:
            none = group.said.get("no_collaboration", 0.0)
            parts.append(f"{numbers.count(none)} av {group.respondents} från {title[:1].lower()}{title[1:]}")
    return f"Ingen samverkan svarade {numbers.listed(parts)}." if parts else ""


# -------------------------------------------------------------------------------------------------- where they differ


def word_headings(year: str, before: str) -> list[str]:
    then = [f"{title} {before}" for title in words.SIDES.values()] if before else []
    return ["Fråga", "Svar", *(f"{title} {year}" for title in words.SIDES.values()), "Skillnad", *then]


def word_rows(figures: Figures, year: str, before: str, model: str) -> list[list[str]]:
    """Every answer: the share of school and of social services who gave it, the largest differences first."""
    now, then = groups(figures, year, model), groups(figures, before, model) if before else {}
    rows: list[tuple[float, list[str]]] = []
    for question, title in QUESTIONS.items():
        sides = [now.get((question, side)) for side in words.SIDES]
        used = {word for each in sides if each for word in each.said if word}
        for word in sorted(used, key=lambda each: numbers.order(_title(question, each))):
            shares = [each.share(word) if each else None for each in sides]
            earlier = [_share(then.get((question, side)), word) for side in words.SIDES] if before else []
            cells = [title, _title(question, word), *(_share(each, word) for each in sides), _apart(shares), *earlier]
            rows.append((-_size(shares), cells))
    return [cells for _, cells in sorted(rows, key=lambda each: each[0])]


def _title(question: str, word: str) -> str:
    return words.LISTS[question].get(word, word)


def _share(group: Group | None, word: str) -> str:
    if group is None:
        return "–"
    share = group.share(word)
    return HIDDEN if share is None else f"{numbers.number(share, 0)}{numbers.HARD}% ({group.respondents})"


def _size(pair: Sequence[float | None]) -> float:
    first, second = pair
    return -1.0 if first is None or second is None else abs(first - second)


def _apart(pair: Sequence[float | None]) -> str:
    first, second = pair
    return "–" if first is None or second is None else numbers.signed(second - first, 0)


def differ_sentence(figures: Figures, year: str, model: str) -> str:
    """The answers in which the two differ most, in words; few have answered, so nothing is claimed of others."""
    now = groups(figures, year, model)
    found: list[tuple[float, str]] = []
    for question in QUESTIONS:
        sides = [now.get((question, side)) for side in words.SIDES]
        if not all(each and each.shown for each in sides):
            continue
        for word in {word for each in sides if each for word in each.said if word}:
            shares = [each.share(word) if each else None for each in sides]
            if _size(shares) >= LARGE:
                found.append((_size(shares), _title(question, word)))
    if not now or not any(group.shown for group in now.values()):
        return "För få har svarat för att svaren ska få visas."
    if not found:
        return "Skolans och socialtjänstens svar ligger nära varandra."
    most = [text for _, text in sorted(found, reverse=True)[:3]]
    return f"Mest olika svarar de om {numbers.listed([f'”{each}”' for each in most])}. Skillnaden är socialtjänstens andel minus skolans, i procentenheter."


SCALE_NOTE = "Medelvärden på en skala från 1 (stämmer inte alls) till 5 (stämmer helt), antal svarande inom parentes."


def scale_headings(year: str, before: str) -> list[str]:
    return ["Påstående", *word_headings(year, before)[2:]]


def scale_rows(figures: Figures, year: str, before: str, model: str) -> list[list[str]]:
    """The statements with each side's mean."""
    now, then = groups(figures, year, model), groups(figures, before, model) if before else {}
    rows = []
    for question, statement in words.SCALES.items():
        sides = [now.get((question, side)) for side in words.SIDES]
        if not any(sides):
            continue
        means = [each.said.get("") if each and each.shown else None for each in sides]
        apart = numbers.signed(means[1] - means[0]) if means[0] is not None and means[1] is not None else "–"
        earlier = [_mean(then.get((question, side))) for side in words.SIDES] if before else []
        rows.append([statement, *(_mean(each) for each in sides), apart, *earlier])
    return rows


def _mean(group: Group | None) -> str:
    if group is None:
        return "–"
    return f"{numbers.number(group.said.get('', 0.0))} ({group.respondents})" if group.shown else HIDDEN
