"""The rug of a large region: a column for each county, and in it how many of its members stand out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from html import escape

from metrics.present import counties, marks, numbers, sentences
from metrics.present.figures import Figures
from metrics.present.lines import Line, verdicts

SIDES: Mapping[str, tuple[str, str, str]] = {
    "better": ("v-b", "+", "bättre"),
    "worse": ("v-w", "–", "sämre"),
    "higher": ("v-n", "△", "högre"),
    "lower": ("v-n", "▽", "lägre"),
}
"""What a member can be beside the benchmark: its colour, sign and word."""
_SIDE_OF: Mapping[str, str] = {
    **dict.fromkeys(marks.BETTER, "better"),
    **dict.fromkeys(marks.WORSE, "worse"),
    **dict.fromkeys(marks.HIGHER, "higher"),
    **dict.fromkeys(marks.LOWER, "lower"),
}


def headings(figures: Figures, href: Mapping[str, str]) -> list[str]:
    """The counties with the way to each, as HTML."""
    return [
        f'<a class="sy-link" href="{escape(href[code])}">{escape(counties.heading(code))}</a>'
        for code in counties.members(figures)
    ]


def cells(figures: Figures, line: Line, benchmark: str, href: Mapping[str, str]) -> list[str]:
    """Per county how many members are better and worse on the line, of those that are judged."""
    place = counties.places(figures)
    found: dict[str, Counter[str]] = {code: Counter() for code in counties.members(figures)}
    for area, verdict in verdicts(figures, line, benchmark).items():
        if area in place:
            found[place[area]][_SIDE_OF.get(verdict.word, "")] += 1
    return [_cell(line, code, counted, href[code]) for code, counted in found.items()]


def _cell(line: Line, code: str, counted: Counter[str], href: str) -> str:
    judged = counted.total()
    county = counties.name(code)
    if not judged:
        return '<td class="s-none"><span class="sy-word" title="Ingen kommun i länet kan jämföras">–</span></td>'
    told = [(side, counted[side]) for side in SIDES if counted[side]]
    signs = "".join(
        f'<span class="sy-swatch {SIDES[side][0]}" aria-hidden="true">{SIDES[side][1]}{size}</span>'
        for side, size in told
    )
    words = [f"{numbers.counted(size, 'kommun', 'kommuner')} {SIDES[side][2]}" for side, size in told]
    words += [f"{numbers.counted(counted[''], 'kommun', 'kommuner')} går inte att skilja"] if counted[""] else []
    said = f"{line.title}, {county}: {numbers.listed(words)}"
    return (
        f'<td class="v-x"><a href="{escape(href)}" title="{escape(said)}"><span class="sy-counts">{signs or "0"}</span>'
        f'<span class="sy-n">av {judged}</span><span class="sy-sr"> {escape(numbers.listed(words))}</span></a></td>'
    )


def reading(benchmark: str, region: str) -> str:
    """How the table is read."""
    against = sentences.benchmark_name(benchmark, region)
    said = (
        f"Varje ruta säger hur många av länets kommuner som är bättre (+) och sämre (–) än {against}, av dem som kan "
        "jämföras. Där inget är bättre eller sämre är det högre (△) och lägre (▽). Välj ett län för att se kommunerna."
    )
    return f'<p class="sy-caption">{said}</p>'
