"""How many children were reported to social services the year after in municipalities where a group stood out.

Counts of whole municipalities, as the release shows them: no pupil is followed, and nothing is joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from metrics.present import html, numbers, signs
from metrics.present.figures import Figure, Figures, Key
from metrics.values import Status
from metrics.vocabulary import spring_of

PUPILS = "absence_10"
"""Its denominator is the number of pupils of a stage in a term."""
SCHOOL_STAGES = ("F-3", "4-6", "7-9")
NOT_COUNTED = (
    "Hur många barn som anmäldes året efter i kommuner där en grupp stack ut går inte att säga ännu. Antalet anmälda barn är "
    "dolt för att skydda enskilda, eller har inte hunnit komma."
)
SCOPE = "Antalet barn gäller hela kommunen och alla åldrar. Skillnaden visar inte att det ena leder till det andra."
TITLE = "Hur många anmäldes året efter?"


@dataclass(frozen=True, kw_only=True)
class Reported:
    """Municipalities with or without a sign one school year: their pupils, and children reported the calendar year after."""

    groups: int
    pupils: float
    children: float

    @property
    def rate(self) -> float:
        """Reported children per 100 pupils."""
        return 100 * self.children / self.pupils


def reported_after(figures: Figures, marked: Mapping[tuple[str, str], bool], wanted: bool) -> Reported | None:
    """The sum over `marked` (municipality, school year) with or without a sign; None where nothing is shown of any."""
    found = [_one(figures, area, year) for (area, year), asks in marked.items() if asks is wanted]
    shown = [each for each in found if each is not None]
    if not shown:
        return None
    return Reported(
        groups=len(shown), pupils=sum(pupils for pupils, _ in shown), children=sum(children for _, children in shown)
    )


def _one(figures: Figures, area: str, school_year: str) -> tuple[float, float] | None:
    """Pupils in the spring term and children reported the year after; None where anything of it is not shown."""
    spring = spring_of(school_year)
    children = _figure(figures, signs.CHILDREN, area, str(spring + 1))
    followed = _figure(figures, signs.FOLLOWED, area, str(spring + 1))
    if followed is not None and followed.status == Status.NOT_YET_OBSERVABLE:
        return None
    pupils = [_figure(figures, PUPILS, area, f"VT {spring}", stage) for stage in SCHOOL_STAGES]
    counted = [each.denominator for each in (children, *pupils) if each and each.shown and each.denominator]
    return (sum(counted[1:]), counted[0]) if len(counted) == 1 + len(SCHOOL_STAGES) else None


def _figure(figures: Figures, name: str, area: str, label: str, stage: str = "all") -> Figure | None:
    if name not in figures.definitions:
        return None
    return figures.figure(name, Key(area=area, provider=figures.provider_of(name), stage=stage), label)


HEADINGS = (
    "Tecken",
    "Kommuner med tecknet",
    "Anmälda barn per 100 elever",
    "Kommuner utan",
    "Anmälda barn per 100 elever",
)


def section(figures: Figures, ways: Sequence[tuple[str, Mapping[tuple[str, str], bool]]]) -> str:
    """Sentence and table for each way (its words, and which municipalities and school years had the sign)."""
    found = [
        (words, reported_after(figures, marked, True), reported_after(figures, marked, False)) for words, marked in ways
    ]
    told = [(words, with_sign, without) for words, with_sign, without in found if with_sign and without]
    if not told:
        return html.paragraphs(NOT_COUNTED)
    rows = [[words, *_cells(with_sign), *_cells(without)] for words, with_sign, without in told]
    table = html.table("Barn som anmäldes kalenderåret efter", HEADINGS, rows)
    return html.section(TITLE, _sentence(*told[0])) + table + html.paragraphs(SCOPE)


def _cells(each: Reported) -> list[str]:
    return [numbers.count(each.groups), numbers.number(each.rate)]


def _sentence(words: str, with_sign: Reported, without: Reported) -> str:
    groups = numbers.counted(with_sign.groups, "gång", "gånger")
    return (
        f"{words}: kalenderåret efter anmäldes **{numbers.number(with_sign.rate)} barn per 100 elever** i kommuner där "
        f"gruppen stack ut ({groups}), mot **{numbers.number(without.rate)}** där den inte gjorde det "
        f"({numbers.counted(without.groups, 'gång', 'gånger')}). Det visar inte att det ena leder till det andra."
    )
