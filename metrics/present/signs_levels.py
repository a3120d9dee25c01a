"""What came of groups with little and with much absence: how many were not eligible later, and how many were reported.

The first follows pupils from year 8 or year 6 to year 9 within the schools' own records. The second needs a declared join of
school and social services, or a member's own joined counts, and stands for such members only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metrics.present import html, linkage, numbers, sentences
from metrics.present.figures import TOLD, Figure, Figures, Key, once
from metrics.present.indicator import REGION
from metrics.present.lines import STAGE_NOTES
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status

ELIGIBLE: dict[str, tuple[str, ...]] = {
    "åk 8": (
        "eligible_after_year8_absence_under_10",
        "eligible_after_year8_absence_10_to_20",
        "eligible_after_year8_absence_20",
    ),
    "åk 6": ("eligible_after_year6_absence_under_10", "eligible_after_year6_absence_10"),
}
"""The year of the absence, and the groups of it from the lowest."""
REPORTED = ("reported_after_absence_under_10", "reported_after_absence_10_to_20", "reported_after_absence_20")
LEVELS = {
    "under_10": "under 10\u00a0%",
    "10_to_20": "10 till under 20\u00a0%",
    "10": "minst 10\u00a0%",
    "20": "minst 20\u00a0%",
}
NO_CUT: Mapping[str, Any] = {}
SEXES: tuple[Mapping[str, Any], ...] = ({}, {"sex": "girls"}, {"sex": "boys"})
ELIGIBLE_TITLE = "Hur gick det för elever med hög frånvaro?"
BACKGROUNDS: tuple[Mapping[str, Any], ...] = ({}, {"background": "foreign"})
ELIGIBLE_HEAD = (
    "Frånvaro",
    "Slutade åk 9",
    "Inte behöriga",
    "n",
    "95\u00a0% säkerhet",
    "Därav med utländsk bakgrund",
)
FOLLOWED = (
    "Här har eleverna följts från skolans närvaro till slutbetygen, i hela regionen. Elever utan uppgift om frånvaro räknas till "
    "den lägsta gruppen. Grupperna visas bara där hela årskursens värde visas, och delas inte upp på kommun och kön: då hade "
    "andra värden för årskurs 9 behövt döljas. Skillnaden visar inte att frånvaron är orsaken."
)
REPORTED_TITLE = "Hur många orosanmäldes inom ett år?"
REPORTED_HEAD = ("Stadium", "Frånvaro", "Termin", "Orosanmälda", "n", "95\u00a0% säkerhet", "Flickor", "Pojkar")
ONLY_JOINED = (
    "Går bara att säga för kommuner som har deklarerat en koppling mellan skolans och socialtjänstens uppgifter, eller som "
    "lämnat egna kopplade antal: {members}. Räknat på elever vid kommunens skolor, från terminens slut och tolv månader fram. "
    "Det är grupper: inget här förutsäger hur det går för en enskild, och en orosanmälan är inte ett dåligt utfall."
)
NONE_JOINED = "Hur stor del av en grupp med en viss frånvaro som senare orosanmäls går **inte att säga**: {why}."
NOT_DECLARED = (
    "då måste skolans uppgifter kopplas till socialtjänstens, och ingen sådan koppling är deklarerad i utgåvan"
)
FILE_TITLE = "Behörighet och orosanmälningar efter frånvaro"
NOT_YET = "kopplingen har inte gällt för någon termin som kan följas ett helt år"


def eligible(figures: Figures) -> str:
    """Per level of absence in year 8 and year 6, the share that was not eligible, for the region; "" where none is told."""
    rows, said, tables = [], "", ""
    for year, names in ELIGIBLE.items():
        label = _newest_of_region(figures, names)
        if not label:
            continue
        rows = [_eligible_row(figures, name, label) for name in names if name in figures.definitions]
        said = said or _eligible_sentence(figures, year, names, label)
        tables += html.table(f"Inte behöriga efter frånvaro i {year}", ELIGIBLE_HEAD, rows, text_columns=2)
    return html.section(ELIGIBLE_TITLE, said) + tables + html.paragraphs(FOLLOWED) if tables else ""


def _newest_of_region(figures: Figures, names: Sequence[str]) -> str:
    told = [
        each
        for name in names
        if name in figures.definitions
        for each in figures.region_series(name, Key(provider=figures.provider_of(name)))
        if each.shown
    ]
    return max(told, key=lambda each: each.period_to).label if told else ""


def _of_region(figures: Figures, name: str, label: str, cut: Mapping[str, Any] = NO_CUT) -> Figure | None:
    if name not in figures.definitions:
        return None
    return figures.region_figure(name, Key(provider=figures.provider_of(name))._replace(**cut), label)


def _eligible_row(figures: Figures, name: str, label: str) -> list[str]:
    cells = [_not(_of_region(figures, name, label, cut)) for cut in BACKGROUNDS]
    return [numbers.capital(_level(name)), label, *cells[0], *map(_with_n, cells[1:])]


def _not(figure: Figure | None) -> tuple[str, str, str]:
    """The rest of a share, its n and its interval as texts; one that is not shown says why."""
    if figure is None or not figure.shown or figure.value is None:
        return _silent(figure), "", ""
    low, high = figure.low, figure.high
    sure = numbers.interval(100 - high, 100 - low) if low is not None and high is not None else ""
    return numbers.in_unit(100 - figure.value, "share"), numbers.count(figure.denominator or 0.0), sure


def _silent(figure: Figure | None) -> str:
    return STATUS_TEXT[Status(figure.status)] if figure else "–"


def _with_n(cell: tuple[str, str, str]) -> str:
    """A value and of how many, in one cell."""
    value, pupils, _ = cell
    return f"{value} (n\u00a0{pupils})" if pupils else value


def _level(name: str) -> str:
    """The level in words; where pupils are followed between extracts those whose absence is unknown are in the lowest."""
    level = LEVELS[name.partition("absence_")[2]]
    return f"{level} eller okänd" if "_under_" in name and name.startswith("eligible") else level


def _eligible_sentence(figures: Figures, year: str, names: Sequence[str], label: str) -> str:
    high, low = (_of_region(figures, name, label) for name in (names[-1], names[0]))
    if high is None or low is None or high.value is None or low.value is None:
        return "Värdena är dolda för att skydda enskilda."
    shares = [numbers.in_unit(100 - each, "share") for each in (high.value, low.value)]
    said = (
        f"Av elever med {_level(names[-1])} frånvaro i {year} var **{shares[0]}** inte behöriga till gymnasiet när de slutade "
        f"{label}, {sentences.place(high.area)}. Bland dem med {_level(names[0])} frånvaro var det **{shares[1]}**."
    )
    return linkage.beside(said, figures, [figures.definitions[names[-1]]], REGION, label)


def members_told(figures: Figures) -> list[str]:
    """The members with any value, shown or hidden, of those reported after absence."""
    found = {
        key.area
        for name in REPORTED
        for key, series in figures.all_series(name).items()
        if key.area_type == "municipality" and any(each.status in TOLD for each in series)
    }
    return sorted(found, key=numbers.order)


def reported(figures: Figures, area: str, *, joined: bool) -> str:
    """Per member with a join, stage and level of absence: how many were reported within a year; or why it cannot be said."""
    members = members_told(figures)
    if not members:
        return html.section(REPORTED_TITLE, NONE_JOINED.format(why=NOT_YET if joined else NOT_DECLARED))
    only = ONLY_JOINED.format(members=numbers.listed(members))
    if area not in (REGION, *members):
        why = f"ingen koppling är deklarerad för {area}"
        return html.section(REPORTED_TITLE, NONE_JOINED.format(why=why)) + html.paragraphs(only)
    chosen = [each for each in members if area in (REGION, each)]
    tables = "".join(_of_member(figures, each, alone=len(chosen) == 1) for each in chosen)
    return html.section(REPORTED_TITLE, _reported_sentence(figures, chosen)) + tables + html.paragraphs(only)


def _of_member(figures: Figures, area: str, *, alone: bool) -> str:
    """The table of one member, one click below where there are several."""
    caption = f"Orosanmälda inom ett år efter frånvaro, {area}"
    rows = _rows(figures, area)
    table = html.table(caption, REPORTED_HEAD, rows, text_columns=3, caption_shown=alone)
    return table if alone else html.details(f"Tabell: {caption}", table)


def _stages(figures: Figures, area: str) -> list[tuple[str, str]]:
    """Each stage with values in a member, the oldest pupils first, and its newest term."""
    found: dict[str, Figure] = {}
    for name in REPORTED:
        for key, series in figures.all_series(name).items():
            told = [each for each in series if each.status in TOLD]
            if key.area == area and key.stage in STAGE_NOTES and told:
                newest = max(told, key=lambda each: each.period_to)
                if key.stage not in found or newest.period_to > found[key.stage].period_to:
                    found[key.stage] = newest
    order = list(STAGE_NOTES)
    return [(stage, found[stage].label) for stage in sorted(found, key=order.index, reverse=True)]


def _at(figures: Figures, name: str, area: str, stage: str, label: str, cut: Mapping[str, Any]) -> Figure | None:
    if name not in figures.definitions:
        return None
    return figures.figure(name, Key(area=area, provider=figures.provider_of(name), stage=stage)._replace(**cut), label)


def _rows(figures: Figures, area: str) -> list[list[str]]:
    rows = []
    for stage, label in _stages(figures, area):
        for name in REPORTED:
            cells = [_share(_at(figures, name, area, stage, label, cut)) for cut in SEXES]
            level = numbers.capital(_level(name))
            rows.append([STAGE_NOTES[stage], level, label, *cells[0], *map(_with_n, cells[1:])])
    return rows


def _share(figure: Figure | None) -> tuple[str, str, str]:
    if figure is None or not figure.shown or figure.value is None:
        return _silent(figure), "", ""
    sure = numbers.interval(figure.low, figure.high) if figure.low is not None and figure.high is not None else ""
    return numbers.in_unit(figure.value, "share"), numbers.count(figure.denominator or 0.0), sure


def _reported_sentence(figures: Figures, members: Sequence[str]) -> str:
    """The first stage of the first member with the highest and the lowest level shown."""
    for area in members:
        for stage, label in _stages(figures, area):
            high, low = (_at(figures, name, area, stage, label, {}) for name in (REPORTED[-1], REPORTED[0]))
            if high and low and high.shown and low.shown and high.value is not None and low.value is not None:
                shares = [numbers.in_unit(each, "share") for each in (high.value, low.value)]
                return (
                    f"{numbers.capital(sentences.place(area))}, {STAGE_NOTES[stage]}: av elever med {_level(REPORTED[-1])} "
                    f"frånvaro {sentences.when(label)} orosanmäldes **{shares[0]}** inom ett år, mot **{shares[1]}** av dem med "
                    f"{_level(REPORTED[0])}."
                )
    return "Grupperna med högst och lägst frånvaro kan inte jämföras: någon av dem är dold för att skydda enskilda."


def is_told(figures: Figures) -> bool:
    return any(each.status in TOLD for _, _, each in rows_for_export(figures))


@once
def rows_for_export(figures: Figures) -> list[tuple[Definition, Key, Figure]]:
    """Every group by level of absence as the release has it: all areas, stages, terms, sexes and backgrounds."""
    names = [*(name for each in ELIGIBLE.values() for name in each), *REPORTED]
    return [
        (figures.definitions[name], key, each)
        for name in names
        if name in figures.definitions
        for key, series in figures.all_series(name).items()
        for each in series
    ]
