"""One indicator on the map of the members: who stands out, in words and colours."""

from __future__ import annotations

from metrics.present import charts, maps, marks, numbers, sentences
from metrics.present.figures import Figures
from metrics.present.indicator import IndicatorView, dot, why_not
from metrics.present.indicator_members import members, summed
from metrics.present.marks import Palette

FILLS = {
    "light": {
        "v-bb": "#2166AC",
        "v-b": "#B9D3EC",
        "v-w": "#F3BE97",
        "v-ww": "#B84E0A",
        "v-n": "#CFC8E0",
        "v-0": "#E2DED3",
    },
    "dark": {
        "v-bb": "#2A6DB4",
        "v-b": "#1F4466",
        "v-w": "#6A3B19",
        "v-ww": "#B84E0A",
        "v-n": "#443D60",
        "v-0": "#2B3438",
    },
}
INKS = {
    "light": {"v-bb": "#FFFFFF", "v-ww": "#FFFFFF"},
    "dark": {},
}


def map_sentence(figures: Figures, view: IndicatorView) -> str:
    """Which members stand out on the map, and that its colour is no ranking."""
    words = {area: found.word if found else "" for area, _, found in members(figures, view)}
    benchmark = sentences.benchmark_name(view.benchmark, figures.region_name)
    colour = "Färgen är jämförelsen, aldrig en rangordning."
    if not any(words.values()):
        return f"Ingen jämförelse med {benchmark} görs: {why_not(figures, view)}."
    return f"{sentences.overview_sentence(words, view.definition, benchmark)} {colour}"


def map_picture(figures: Figures, view: IndicatorView, palette: Palette) -> charts.Spec:
    """The members on the map, filled by verdict."""
    theme = "dark" if palette == marks.DARK else "light"
    codes = {str(each["name"]): str(each["code"]) for each in figures.release.region.get("members", [])}
    places = []
    for area, figure, found in members(figures, view):
        shown = figure is not None and figure.shown and figure.value is not None
        css = marks.VERDICTS[found.word].css if found else "v-0"
        drawn = dot(area, figure, found, view.definition, palette)
        places.append(
            maps.Place(
                code=codes[area],
                name=area,
                short=drawn.text.split(numbers.HARD)[0] if shown else drawn.text,
                told=f"{area}: {drawn.text}" + (f", {drawn.words}" if drawn.words else ""),
                fill=FILLS[theme][css] if shown else palette.faint,
                ink=INKS[theme].get(css, palette.ink) if shown else palette.quiet,
            )
        )
    if summed(figures, view):
        return maps.region_map(places, palette, height=620, named=False)
    return maps.region_map(places, palette)
