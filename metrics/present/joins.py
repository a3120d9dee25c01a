"""Declared joins of school and social services: that one is in force, on what ground, and what it adds. Nothing without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metrics.present import html, indicator_tables, linkage, numbers, sentences
from metrics.present.figures import TOLD, Figure, Figures, Key
from metrics.present.indicator import REGION
from metrics.present.lines import STAGE_NOTES
from metrics.vocabulary import ALL

ADDED: tuple[tuple[str, str, str], ...] = (
    ("absence_20_known_to_social_services", "absence_20_not_known_to_social_services", "Frånvaro minst 20\u00a0%"),
    ("eligibility_known_to_social_services", "eligibility_not_known_to_social_services", "Behörig till yrkesprogram"),
)
"""What a join adds: the indicator of reported children, of the others, and what both measure."""
BEFORE = tuple(f"absence_{percent}_before_report" for percent in (10, 20, 30))
AGAIN = ("reported_again_after_absence_20", "reported_again_after_absence_under_20")
"""Of reported children: what school knew the term before, and repeats by it."""
TITLE = "Skolan för barn som orosanmälts"
NONE = (
    "Sidan räknas på socialtjänstens egna uppgifter. Ingen koppling till skolans uppgifter är deklarerad, så inget här "
    "säger hur det går i skolan för barn som orosanmälts."
)
ELSEWHERE = "Ingen koppling är deklarerad för {area}. Det finns en för {members}."
HEADINGS = ("Mått", "Period", "Orosanmälda", "n", "95\u00a0% säkerhet", "Övriga elever", "n", "95\u00a0% säkerhet")
CHILDREN_HEADINGS = ("Anmälda barn", "År", "Andel", "n", "95\u00a0% säkerhet")
HIDDEN = "Värdena är dolda för att skydda enskilda."
NO_CAUSE = "Skillnaden säger inte vad den beror på: barn anmäls av många skäl, och bakgrunden är inte inräknad."


def declared(figures: Figures) -> Sequence[Mapping[str, Any]]:
    """The joins that the release was made under, as its manifest says."""
    return tuple(figures.release.manifest.get("joins") or ())


def about(join: Mapping[str, Any]) -> str:
    """One join with its purpose, ground, decisions and days."""
    ends = [str(join[name]).rstrip(". ") for name in ("purpose", "ground", "school_decision", "social_decision")]
    purpose, ground, school, social = ends
    return (
        f"{join['municipality']}: skolans och socialtjänstens uppgifter är kopplade {numbers.day(join['starts'])} till "
        f"{numbers.day(join['ends'])}. Ändamål: {purpose}. Grund: {ground}. Beslut: {school}; {social}. "
        f"Deklarerad {numbers.day(join['declared'])}."
    )


def facts(figures: Figures) -> str:
    """All of them, or that there is none, for the method page."""
    found = declared(figures)
    return " ".join(about(each) for each in found) if found else "Ingen är deklarerad."


def is_told(figures: Figures, area: str) -> bool:
    """Whether a join adds tables where `area` is looked at; they are wider than words."""
    return any(area in (REGION, each["municipality"]) for each in declared(figures))


def section(figures: Figures, area: str) -> str:
    """What a join adds for a member, as HTML; without one only the sentence that there is none."""
    found = declared(figures)
    if not found:
        return html.section(TITLE, NONE)
    members = [str(each["municipality"]) for each in found]
    own = [each for each in found if area in (REGION, each["municipality"])]
    if not own:
        return html.section(TITLE, ELSEWHERE.format(area=area, members=numbers.listed(members)))
    places = [area] if area != REGION or _rows(figures, REGION) else [str(each["municipality"]) for each in own]
    told = [(each, tables) for each in places if (tables := _tables(figures, each))]
    lines = [about(each) for each in own]
    if not told:
        return html.section(TITLE, f"Utgåvan har inga värden ur kopplingen {_place(figures, area)}.") + html.paragraphs(
            *lines
        )
    said = next(filter(None, (_said(figures, each) for each in places)), HIDDEN)
    if len(places) == 1:
        return html.section(TITLE, said) + told[0][1] + html.paragraphs(NO_CAUSE, *lines)
    ground = dict(zip(places, lines, strict=True))
    beside = "".join(
        html.details(f"Tabell: {TITLE}, {_place(figures, each)}", tables + html.paragraphs(ground[each]))
        for each, tables in told
    )
    untold = [line for each, line in ground.items() if each not in dict(told)]
    return html.section(TITLE, said) + beside + html.paragraphs(NO_CAUSE, *untold)


def _tables(figures: Figures, area: str) -> str:
    """Known to social services beside others, then what school knew before a report; "" where nothing of it is told."""
    name, rows, children = _place(figures, area), _rows(figures, area), _children(figures, area)
    beside = html.listing(f"{TITLE}, {name}", HEADINGS, rows, text_columns=2) if rows else ""
    before = f"Frånvaro före orosanmälan, {name}"
    return beside + (html.table(before, CHILDREN_HEADINGS, children, text_columns=2) if children else "")


def _said(figures: Figures, area: str) -> str:
    """What is shown of an area in words, with the share that was found; "" where all is hidden."""
    said, pairs = f"{_sentence(figures, area)} {_before_sentence(figures, area)}".strip(), _pairs(figures, area)
    if not (said and pairs):
        return said
    known, _, _, newest, _ = pairs[-1]
    return linkage.beside(said, figures, [figures.definitions[known]], area, newest.label)


def _newest(figures: Figures, name: str, area: str) -> Figure | None:
    key = Key(area=area, provider=figures.provider_of(name))
    series = figures.region_series(name, key) if area == REGION else figures.series(name, key)
    told = [each for each in series if each.status in TOLD]
    return told[-1] if told else None


def _children(figures: Figures, area: str) -> list[list[str]]:
    rows = []
    for name in (each for each in (*BEFORE, *AGAIN) if each in figures.definitions):
        if newest := _newest(figures, name, area):
            value, sure, _, below = indicator_tables.figure_cells(newest, figures.definitions[name])
            rows.append([figures.definitions[name].short_title, newest.label, value, below, sure])
    return rows


def _before_sentence(figures: Figures, area: str) -> str:
    name = BEFORE[1]
    found = _newest(figures, name, area) if name in figures.definitions else None
    if found is None or not found.shown or found.value is None:
        return ""
    share = numbers.in_unit(found.value, "share")
    place = _place(figures, area)
    return (
        f"**{share}** av barnen som anmäldes {place} {found.label} hade minst 20{numbers.HARD}% frånvaro terminen före."
    )


def _place(figures: Figures, area: str) -> str:
    return sentences.place(figures.region_name if area == REGION else area)


def _pairs(figures: Figures, area: str) -> list[tuple[str, str, str, Figure, Figure | None]]:
    """Known indicator, what is measured, stage, and the newest figures of reported children and of the others."""
    found = []
    for known, others, title in ADDED:
        stages = sorted(
            {key.stage for key in figures.all_series(known)}, key=lambda each: [*STAGE_NOTES, ALL].index(each)
        )
        for stage in stages:
            key = Key(area=area, provider=figures.provider_of(known), stage=stage)
            series = figures.region_series(known, key) if area == REGION else figures.series(known, key)
            told = [each for each in series if each.status in TOLD]
            if told:
                beside = figures.region_figure if area == REGION else figures.figure
                found.append((known, title, stage, told[-1], beside(others, key, told[-1].label)))
    return found


def _rows(figures: Figures, area: str) -> list[list[str]]:
    rows = []
    for known, title, stage, own, others in _pairs(figures, area):
        name = f"{title}, {STAGE_NOTES[stage]}" if stage in STAGE_NOTES else title
        cells = [name, own.label]
        for figure in (own, others):
            value, sure, _, below = indicator_tables.figure_cells(figure, figures.definitions[known])
            cells += [value, below, sure]
        rows.append(cells)
    return rows


def _sentence(figures: Figures, area: str) -> str:
    """The last pair where both are shown, in words."""
    for known, title, stage, own, others in reversed(_pairs(figures, area)):
        if own.shown and others is not None and others.shown:
            unit = figures.definitions[known].unit
            values = [numbers.in_unit(each.value or 0.0, unit) for each in (own, others)]
            where = f", {STAGE_NOTES[stage]}" if stage in STAGE_NOTES else ""
            period = sentences.when(own.label)
            return (
                f"{title}{where}: **{values[0]}** av barn som orosanmälts mot **{values[1]}** av övriga elever "
                f"{_place(figures, area)} {period}."
            )
    return ""
