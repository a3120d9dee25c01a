"""Are children seen earlier? Age at the first report over the years, and time from a school's first signal to contact."""

from __future__ import annotations

import dataclasses

from metrics.present import charts, html, indicator_tables, numbers, sentences, where
from metrics.present.charts import Spec
from metrics.present.figures import TOLD, Figure, Figures, Key, once
from metrics.present.indicator import REGION
from metrics.present.joins import ADDED
from metrics.present.lines import STAGE_NOTES
from metrics.present.marks import Palette
from metrics.present.support_chain import AGE, ChainView, at_place, figure, titled_place
from metrics.release.read import Definition
from metrics.vocabulary import ALL

CONTACT: tuple[str, ...] = tuple(f"first_contact_within_{days}_days" for days in (14, 30, 90))
CONTACT_TITLE = "Från skolans första signal till kontakt"
CONTACT_HEAD = ("Kontakt inom", "Läsår", "Andel", "95\u00a0% säkerhet", "Täljare", "Nämnare")
NOT_REPORTS = (
    "Räknas på elever som mött en samverkansmodell, ur modellernas egna uppgifter: dagen då skolan såg den första signalen, "
    "oftast frånvaro, till första kontakten. Det är andra uppgifter än orosanmälningarna och ingen koppling dem emellan."
)
AGE_UNKNOWN = (
    "Ålder vid första anmälan går att ange först två hela år efter kommunens första inlämnade anmälan, och bara där "
    "födelseåret är känt."
)


def ages(figures: Figures, view: ChainView) -> list[Figure]:
    """The mean age of children reported for the first time, year by year, oldest first."""
    if AGE not in figures.definitions:
        return []
    found = (
        figure(figures, AGE, dataclasses.replace(view, year=each.label)) for each in figures.periods(AGE, view.stage)
    )
    return [each for each in found if each][::-1]


def has_ages(figures: Figures, view: ChainView) -> bool:
    return any(each.shown for each in ages(figures, view))


def ages_sentence(figures: Figures, view: ChainView) -> str:
    """The first and the last year that are shown, and whether the difference is said to be one."""
    shown = [each for each in ages(figures, view) if each.shown and each.value is not None]
    if not shown:
        return f"Inget år kan visas. {AGE_UNKNOWN}"
    first, last = shown[0], shown[-1]
    who = numbers.capital(where.noun(view.cut, "barn"))
    now = f"**{numbers.number(last.value or 0.0)} år** {last.label}"
    if first is last:
        return f"{who} som anmäldes för första gången {at_place(figures, view)} var i snitt {now}."
    gap = (last.value or 0.0) - (first.value or 0.0)
    way = (
        "ungefär lika gamla" if abs(gap) < 0.05 else f"{numbers.number(abs(gap))} år {'äldre' if gap > 0 else 'yngre'}"
    )
    return (
        f"{who} som anmäldes för första gången {at_place(figures, view)} var i snitt {numbers.number(first.value or 0.0)} år "
        f"{first.label} och {now}, {way}. Skillnaden kan vara slump. Yngre kan betyda att barn ses tidigare, eller att "
        "andra barn anmäls."
    )


def ages_picture(figures: Figures, view: ChainView, palette: Palette) -> Spec:
    line = charts.Line(name="Ålder", figures=ages(figures, view), colour=palette.accent, main=True)
    return charts.trend([line], figures.definitions[AGE], palette)


def ages_table(figures: Figures, view: ChainView, caption: str) -> str:
    definition = figures.definitions[AGE]
    rows = []
    for each in reversed(ages(figures, view)):
        value, _, _, below = indicator_tables.figure_cells(each, definition)
        rows.append([each.label, value, below])
    return html.details(f"Tabell: {caption}", html.table(caption, ["År", "Ålder i snitt", "Barn"], rows))


@once
def contact(figures: Figures, area: str, stage: str) -> str:
    """Time from a school's first signal to the first contact with a model, newest first year with a word to say."""
    rows, last = [], None
    for name in CONTACT:
        found = _contact(figures, name, area, stage)
        if found:
            definition = figures.definitions[name]
            rows.append(
                [
                    definition.short_title.removeprefix("Kontakt inom "),
                    found.label,
                    *indicator_tables.figure_cells(found, definition),
                ]
            )
            last = (found, definition) if found.shown else last
    place = sentences.place(figures.region_name if area == REGION else area)
    if not rows:
        by = f", {STAGE_NOTES.get(stage, stage)}" if stage != ALL else ""
        return html.section(CONTACT_TITLE, f"Utgåvan har inga värden {place}{by}.") + html.paragraphs(NOT_REPORTS)
    said = "Alla tre värden är dolda för att skydda enskilda."
    if last:
        value = numbers.in_unit(last[0].value or 0.0, last[1].unit, last[1].decimals)
        within = last[1].short_title.removeprefix("Kontakt inom ")
        said = f"**{value}** av eleverna fick kontakt inom {within} från skolans första signal {place}, {sentences.when(last[0].label)}."
    table = html.table(f"{CONTACT_TITLE}, {place}", CONTACT_HEAD, rows, text_columns=2)
    return html.section(CONTACT_TITLE, said) + table + html.paragraphs(NOT_REPORTS)


def _contact(figures: Figures, name: str, area: str, stage: str) -> Figure | None:
    if name not in figures.definitions:
        return None
    key = Key(area=area, provider=figures.provider_of(name), stage=stage)
    series = figures.region_series(name, key) if area == REGION else figures.series(name, key)
    told = [each for each in series if each.status in TOLD]
    return told[-1] if told else None


def rows_for_export(figures: Figures, view: ChainView) -> list[tuple[Definition, Key, Figure]]:
    """Times to contact of the chosen stage, and what a declared join adds at every stage: all areas and periods."""
    names = {name: {view.stage} for name in CONTACT}
    names |= {
        name: {key.stage for key in figures.all_series(name)} for known, others, _ in ADDED for name in (known, others)
    }
    return [
        (figures.definitions[name], key, each)
        for name, stages in names.items()
        if name in figures.definitions
        for key, series in figures.all_series(name).items()
        if key.stage in stages
        and key == Key(area_type=key.area_type, area=key.area, provider=figures.provider_of(name), stage=key.stage)
        for each in series
    ]


def titled(figures: Figures, view: ChainView) -> str:
    return f"Ålder vid första anmälan, {titled_place(figures, view)}, över tid"
