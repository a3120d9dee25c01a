"""Who is counted, and who is not, under each picture of the support chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metrics.present import html, numbers
from metrics.present.figures import Figures
from metrics.present.pathway_counted import listed
from metrics.present.support_chain import AGE, COUNT, KINDS, STEPS, TIMES

ANYONE, BY_SCHOOL = ", alla anmälare", ", anmälda av skolan"
"""Each step is counted for both; the list says it once."""
HOME = "Kommunen är den vars nämnd tog emot årets första anmälan."
OUTSIDE: Mapping[str, tuple[str, ...]] = {
    "anmalningar": (
        "Ett barn som anmäls flera gånger under året är ett barn och flera anmälningar.",
        "Ett år som kan vara inlämnat bara till en del ritas inte.",
    ),
    "steg": (
        "En anmälan räknas i ett steg först när steget har hunnit inträffa: fjorton dagar, ett halvt eller ett helt år.",
        "Anmälda av skolan räknas bara där det är antecknat vem som anmälde, återkoppling bara där det är antecknat om den getts.",
    ),
    "alder": (
        "Barn i kommuner som inte lämnat in två hela år dessförinnan, och barn utan födelseår, räknas inte.",
        "Åldern är året för anmälan minus födelseåret.",
    ),
    "investigation": (
        "Barn vars anmälan inte ledde till utredning, eller vars utredning inte hunnit pågå i fyra månader, räknas inte.",
        "En förlängd utredning är en del för sig, varken i tid eller sen.",
    ),
    "intervention": (
        "Barn som inte följts i ett halvår efter årets första anmälan räknas inte.",
        "Den som fått flera insatser räknas en gång, vid den mest omfattande.",
    ),
}
NAMES: Mapping[str, tuple[str, ...]] = {
    "anmalningar": (COUNT,),
    "steg": STEPS,
    "alder": (AGE,),
    "investigation": (f"{TIMES}closed_in_time",),
    "intervention": (f"{KINDS}none",),
}
"""The indicators of each picture whose denominators say who is counted."""


def counted(figures: Figures, picture: str) -> str:
    """The two short lists of a picture, by its name."""
    found = [figures.definitions[name] for name in NAMES[picture] if name in figures.definitions]
    labels = [each.denominator_label.replace(ANYONE, "").replace(BY_SCHOOL, "") for each in found]
    inside: Sequence[str] = html.distinct(numbers.capital(each) for each in labels)
    return listed([f"{each}." for each in inside], [*OUTSIDE[picture], HOME])


def folded(figures: Figures, picture: str) -> str:
    """The same one click below the picture: on a page of several pictures the lists would be longer than these."""
    return html.details("Vem som räknas", counted(figures, picture))
