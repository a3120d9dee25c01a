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
TITLE = "Skolan för barn som orosanmälts"
NONE = (
    "Sidan räknas på socialtjänstens egna uppgifter. Ingen koppling till skolans uppgifter är deklarerad, så inget här "
    "säger hur det går i skolan för barn som orosanmälts."
)
ELSEWHERE = "Ingen koppling är deklarerad för {area}. Det finns en för {members}."
HEADINGS = ("Mått", "Period", "Orosanmälda", "n", "95\u00a0% säkerhet", "Övriga elever", "n", "95\u00a0% säkerhet")
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


def section(figures: Figures, area: str) -> str:
    """What a join adds for a member, as HTML; without one only the sentence that there is none."""
    found = declared(figures)
    if not found:
        return html.section(TITLE, NONE)
    members = [str(each["municipality"]) for each in found]
    own = [each for each in found if area in (REGION, each["municipality"])]
    if not own:
        return html.section(TITLE, ELSEWHERE.format(area=area, members=numbers.listed(members)))
    lines = [about(each) for each in own]
    rows = _rows(figures, area)
    if not rows:
        return html.section(TITLE, f"Utgåvan har inga värden ur kopplingen {_place(figures, area)}.") + html.paragraphs(
            *lines
        )
    table = html.listing(f"{TITLE}, {_place(figures, area)}", HEADINGS, rows, text_columns=2)
    known, _, _, newest, _ = _pairs(figures, area)[-1]
    said = linkage.beside(_sentence(figures, area), figures, [figures.definitions[known]], area, newest.label)
    return html.section(TITLE, said) + table + html.paragraphs(NO_CAUSE, *lines)


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
    return "Värdena är dolda för att skydda enskilda."
