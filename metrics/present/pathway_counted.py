"""What stands beside the pictures of a group's way: who is counted in each, what it is not divided by, and planned time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metrics.present import html, numbers, sentences, where
from metrics.present.figures import Figures
from metrics.present.indicator import REGION
from metrics.present.pathway import PLACES, PathView, cuts, place_name
from metrics.vocabulary import ALL

PLANNED = "resource_centre_returned_as_planned"
RETURNED, STILL_THERE = "resource_centre_returned_within_{}_terms", "resource_centre_still_there_after_{}_terms"
FEWEST = 5
"""Other ends are said of nobody, or of so many."""
CURVE_ONLY: Mapping[str, str] = {
    "gymnasiestart": (
        "Den som börjar på introduktionsprogram tar examen först efter att ha bytt till ett nationellt program, som är tre "
        "år. Inom tre år har därför ingen eller nästan ingen examen."
    ),
    "efter-gymnasiet": (
        "Den som gått i anpassad gymnasieskola, flyttat utomlands eller saknar uppgift om sysselsättning räknas inte här. "
        "I delarna är de med."
    ),
}
"""Who is left out of a group's curve and not of its parts, or cannot be far along it."""
FROM_HOME = "gruppen följs från elevernas hemkommun, inte från skolor som har en modell"
NOT_BY_MODEL: Mapping[str, str] = {
    "gymnasiestart": FROM_HOME,
    "introduktionsprogram": FROM_HOME,
    "efter-gymnasiet": FROM_HOME,
    "resurscentrum": "eleverna är så få att delarna hade dolt kommunernas egna värden",
}
"""Why the layout of a group has no cut by model."""
DIVISIONS: Mapping[str, str] = {"model": "modell", "sex": "kön", "background": "bakgrund"}
SMALL = "små delar skulle dölja varandra"


def counted(figures: Figures, view: PathView, names: Sequence[str], *, curve: bool) -> str:
    """Under a picture of these indicators: who is counted and who is not, in the words of the definitions."""
    known = [figures.definitions[name] for name in names if name in figures.definitions]
    below = html.distinct(numbers.capital(each.denominator_label) for each in known)
    only = CURVE_ONLY.get(view.cohort, "") if curve else ""
    place = PLACES.get(known[0].perspective, "") if known else ""
    outside = [*view.group.outside, *([only] if only else [])]
    return listed([f"{each}." for each in below], [*outside, f"Kommunen är {place}."])


def listed(inside: Sequence[str], outside: Sequence[str]) -> str:
    """Two short lists: who is counted in a picture, and who is not or in a way of its own."""
    items = ["".join(f"<li>{html.rich(each)}</li>" for each in part) for part in (inside, outside)]
    return (
        f'<div class="sy-body sy-counted"><p>Räknas:</p><ul>{items[0]}</ul><p>Räknas inte, eller på ett särskilt sätt:</p>'
        f"<ul>{items[1]}</ul></div>"
    )


def undivided(figures: Figures, cohort: str, area: str) -> str:
    """What the group is not divided by here and why, and what is there for the region; "" where nothing is lacking."""
    here, whole = _divisions(figures, cohort, area), _divisions(figures, cohort, REGION)
    said = []
    if "model" not in whole and cohort in NOT_BY_MODEL:
        said.append(f"Ingen uppdelning på modell: {NOT_BY_MODEL[cohort]}.")
    nowhere = [word for name, word in DIVISIONS.items() if name != "model" and name not in whole]
    only = [word for name, word in DIVISIONS.items() if name in whole and name not in here]
    some = f"uppdelning på {numbers.listed(only)} bara för hela {figures.region_name}" if only else ""
    none = f"ingen uppdelning på {numbers.listed(nowhere)}" if nowhere else ""
    if some or none:
        said.append(f"{numbers.capital(' och '.join(each for each in (none, some) if each))}: {SMALL}.")
    return " ".join(said)


def _divisions(figures: Figures, cohort: str, area: str) -> set[str]:
    found = cuts(figures, cohort, area)
    return {name for name in DIVISIONS if any(getattr(each, name) != ALL for each in found)}


def planned(figures: Figures, view: PathView) -> str:
    """Planned against actual time of those who started at a resource centre, as a section; "" for other groups."""
    if view.cohort != "resurscentrum" or PLANNED not in figures.definitions:
        return ""
    definition = figures.definitions[PLANNED]
    found = where.figure_of(figures, PLANNED, view.where)
    if found is None and view.cut != where.UNCUT:
        return html.section("Planerad tid mot faktisk", f"Delas inte upp på {where.title(view.cut)}: {SMALL}.")
    said = sentences.value_sentence(found, definition, place_name(figures, view), view.period)
    lead = f"Åter i ordinarie klass senast den dag som var planerad: {said}"
    rule = (
        "Räknas på placeringar vars planerade dag har passerat. Den som flyttat eller slutat grundskolan är inte åter."
    )
    return html.section("Planerad tid mot faktisk", lead) + html.paragraphs(rule, other_ends(figures, view))


def other_ends(figures: Figures, view: PathView) -> str:
    """How many neither returned nor stayed at the last time that shows both: they moved or finished compulsory school."""
    for at, words in list(view.group.times.items())[::-1]:
        pair = [where.figure_of(figures, each.format(at), view.where) for each in (RETURNED, STILL_THERE)]
        if any(each is None or not each.shown or each.numerator is None for each in pair):
            continue
        size = {each.denominator for each in pair if each}
        whole = size.pop() or 0.0
        rest = whole - sum(each.numerator or 0.0 for each in pair if each)
        if size or not whole or 0 < rest < FEWEST:
            return ""
        share = numbers.in_unit(100 * rest / whole, "share")
        return f"Efter {words} har **{share}** slutat på annat sätt, genom flytt eller för att grundskolan är slut."
    return ""
