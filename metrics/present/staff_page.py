"""A page for the staff to talk about: what the data say of a member and stage, what they do not say, three questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from metrics.present import (
    early_signs,
    html,
    indicator_tables,
    marks,
    numbers,
    profile,
    sentences,
    signs,
    signs_context,
)
from metrics.present.early_signs import PLAIN, Entry, Found, SignsView
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView, Row
from metrics.present.signs import Sign
from metrics.values import Status
from metrics.vocabulary import ALL

ROWS_AT_MOST = 8
SIGNS_AT_MOST = 3
TRENDS_AT_MOST = 2
QUESTIONS = 3
SEEN_DAILY = "Vad ser vi i vardagen som siffrorna inte fångar, och vem behöver få veta det?"


@dataclass(frozen=True, kw_only=True)
class StaffView:
    """One member, and one stage or all of them."""

    area: str
    stage: str = ALL

    @property
    def place(self) -> str:
        """The member and the stage inside a sentence: Ale, åk 7–9."""
        return f"{self.area}, {PLAIN[self.stage]}" if self.stage in PLAIN else self.area

    @property
    def inside(self) -> str:
        """The same before the rest of a sentence: Ale, åk 7–9,"""
        return f"{self.place}," if self.place != self.area else self.area


def stages(figures: Figures) -> dict[str, str]:
    """The stages a page can be about: those of compulsory school that the release has figures for."""
    there = figures.options("stage")
    return {ALL: "Alla stadier"} | {stage: title for stage, title in PLAIN.items() if stage in there}


@dataclass(frozen=True, kw_only=True)
class Material:
    """What the page is written from: every row of the member, and the groups that stand out."""

    rows: tuple[Row, ...]
    entries: tuple[Entry, ...]

    @property
    def asking(self) -> list[Sign]:
        return [each.sign for each in self.entries if each.sign.asks]

    @property
    def better(self) -> list[Sign]:
        return [each.sign for each in self.entries if not each.sign.asks]


def material(figures: Figures, found: Found, view: StaffView) -> Material:
    rows = profile.rows(figures, ProfileView(area=view.area, stage=view.stage))
    made = early_signs.entries(found, SignsView(area=view.area, stage=view.stage, better=True))
    return Material(rows=tuple(row for row in rows if row.figure), entries=tuple(made))


def contents(figures: Figures, found: Found, view: StaffView) -> dict[str, object]:
    """The page as plain data: title, what is said and not said, questions, a table and what stands under it."""
    told = material(figures, found, view)
    return {
        "title": f"Att prata om: eleverna i {view.place}",
        "subtitle": "En sida till personalen. Varje värde är det senaste som finns i utgåvan.",
        "example": figures.release.example,
        "says": [sentences.plain(each) for each in says(figures, told, view)],
        "silent": [sentences.plain(each) for each in says_not(figures, told, view)],
        "questions": [sentences.plain(each) for each in questions(figures, told, view)],
        "head": ["Mått", "Värde", "n", f"95{numbers.HARD}% säkerhet", f"Mot övriga {figures.region_name}"],
        "rows": [_cells(row) for row in _chosen(told.rows)],
    }


def says(figures: Figures, told: Material, view: StaffView) -> list[str]:
    """Groups that stand out, then what is better, then safe trends; or that nothing stands out."""
    found = [early_signs.one_sentence(figures, each) for each in told.asking[:SIGNS_AT_MOST]]
    left = len(told.asking) - SIGNS_AT_MOST
    found += (
        [
            f"{numbers.capital(numbers.counted(left, 'tecken', 'tecken', neuter=True))} till finns på sidan Tidiga tecken."
        ]
        if left > 0
        else []
    )
    found += [f"Bättre än väntat eller än förr: {early_signs.one_sentence(figures, each)}" for each in told.better[:1]]
    trends = [row for row in told.rows if row.trend and row.trend.word in ("rising", "falling")]
    found += [
        f"{row.line.title}: {sentences.trend_sentence(row.trend, row.definition)}" for row in trends[:TRENDS_AT_MOST]
    ]
    if not told.asking:
        found.insert(0, f"Ingen grupp i {view.inside} skiljer sig säkert åt det sämre hållet, av dem som kan bedömas.")
    return found


def says_not(figures: Figures, told: Material, view: StaffView) -> list[str]:
    """The limits of the material: groups and not pupils, no causes, what is hidden, not yet there or not delivered."""
    found = [
        "Siffrorna gäller grupper. De säger inget om en enskild elev och förutsäger inget.",
        "En skillnad visar inte varför den finns, och inte om ett arbetssätt har fungerat.",
        f"De gäller hela kommunen och säger inget om en enskild skola i {view.area}.",
    ]
    statuses = [row.figure.status for row in told.rows if row.figure]
    for status, one, several in (
        (Status.HIDDEN, "är dolt för att skydda enskilda", "är dolda för att skydda enskilda"),
        (Status.NOT_YET_OBSERVABLE, "kan inte observeras ännu", "kan inte observeras ännu"),
        (Status.MISSING, "är inte inlämnat", "är inte inlämnade"),
    ):
        number = statuses.count(status)
        word = numbers.capital(numbers.counted(number, "av måtten", "av måtten", neuter=True))
        found += [f"{word} {one if number == 1 else several}."] if number else []
    compared = sum(row.verdict is not None for row in told.rows)
    if compared < len(told.rows):
        rest = numbers.counted(len(told.rows) - compared, "mått", "mått", neuter=True)
        found.append(
            f"{numbers.capital(rest)} jämförs inte med övriga {figures.region_name}: någon uppgift saknas eller är dold."
        )
    return found


def questions(figures: Figures, told: Material, view: StaffView) -> list[str]:
    """Three questions: of what stands out, of the models there, and of what no figure shows."""
    found = html.distinct(_about(figures, each) for each in told.asking)[:1]
    if not found:
        found = ["Ingen grupp sticker ut. Vilka elever riskerar vi ändå att inte se i siffrorna?"]
    found += [_about_better(told.better[0])] if told.better and not told.asking else []
    found += [_about_models(figures, view.area), SEEN_DAILY]
    return [*found[: QUESTIONS - 1], found[-1]]


def _about(figures: Figures, sign: Sign) -> str:
    """A question about one sign, with the group it is about."""
    group = early_signs.group_name(sign)
    if sign.topic == signs.ABSENCE:
        way = "högre än väntat" if sign.test == signs.EXPECTED else "högre än tidigare år"
        return f"Frånvaron är {way} ({group}). Stämmer det med vad vi ser? Vad gör vi vid de första tecknen, och vem gör det?"
    if sign.topic == signs.YEAR6:
        way = "väntat" if sign.test == signs.EXPECTED else "tidigare år"
        return f"Färre än {way} har godkänt ({group}). Vilket stöd fick gruppen, och när hade det behövts?"
    return (
        f"Orosanmälningarna skiljer sig ({group}: {early_signs.measure(figures, sign)}). Far fler barn illa, eller upptäcks "
        "fler? Vad får vi veta efter en anmälan?"
    )


def _about_better(sign: Sign) -> str:
    return f"Det går bättre än väntat eller än förr ({early_signs.group_name(sign)}). Vad tror vi att det beror på, och hur tar vi reda på det?"


def _about_models(figures: Figures, area: str) -> str:
    running = signs_context.running(figures, area)
    if running:
        return f"I {area} pågår {numbers.small(running)}. När tar vi hjälp av det, och vad hindrar oss?"
    return f"I {area} finns ingen samverkansmodell i registret. Vad gör skola och socialtjänst ändå tillsammans, och vad saknas?"


def _chosen(rows: Sequence[Row]) -> list[Row]:
    """As many rows as the page holds, in their usual order: shown before others, those that differ first."""

    def weight(row: Row) -> tuple[bool, bool]:
        shown = row.figure is not None and row.figure.shown
        return (not shown, row.verdict is None or row.verdict.word == "not_distinguishable")

    kept = {id(row) for row in sorted(rows, key=weight)[:ROWS_AT_MOST]}
    return [row for row in rows if id(row) in kept]


def _cells(row: Row) -> list[str]:
    value, about, _, size = indicator_tables.figure_cells(row.figure, row.definition)
    note = f" ({row.line.full_note})" if row.line.full_note else ""
    verdict = marks.VERDICTS[row.verdict.word].word if row.verdict else "jämförs inte"
    return [f"{row.definition.short_title}{note}", value, size, about, verdict]
