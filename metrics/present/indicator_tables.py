"""The tables behind the pictures of one indicator: the same values in words and figures, for everyone."""

from __future__ import annotations

from metrics.present import counties, definitions, html, marks, numbers
from metrics.present.figures import Figure, Figures
from metrics.present.indicator import (
    IndicatorView,
    area_name,
    nation_key,
    official_key,
    own_series,
    when,
)
from metrics.present.indicator_groups import groups
from metrics.present.indicator_members import heading, members, summed
from metrics.release.read import Definition
from metrics.values import STATUS_TEXT, Status
from metrics.vocabulary import PERIOD_KINDS


def series_table(figures: Figures, view: IndicatorView) -> str:
    """The twin of the trend picture."""
    official = {each.school_year: each for each in figures.series(view.definition.name, official_key(figures, view))}
    nation = {each.school_year: each for each in figures.series(view.definition.name, nation_key(figures))}
    own = own_series(figures, view)
    head = [numbers.capital(PERIOD_KINDS[view.definition.period_kind]), "Värde", "95 % säkerhet", "Täljare", "Nämnare"]
    head += ["Officiellt"] if official else []
    head += [f"{figures.nation_name}, officiellt"] if nation else []
    rows = []
    for each in own:
        row = figure_cells(each, view.definition)
        row += [short(official.get(each.school_year), view.definition)] if official else []
        row += [short(nation.get(each.school_year), view.definition)] if nation else []
        rows.append([each.label, *row])
    name = area_name(figures, view)
    return html.table(f"{view.definition.short_title}, {name}, över tid", head, rows) if rows else ""


def members_table(figures: Figures, view: IndicatorView) -> str:
    """The twin of the comparison and the map."""
    head = ["Kommun", "Värde", "95 % säkerhet", "Täljare", "Nämnare", "Jämförelse"]
    rows = [
        [area, *figure_cells(figure, view.definition), marks.VERDICTS[found.word].word if found else "–"]
        for area, figure, found in members(figures, view)
    ]
    region = figures.region_figure(view.definition.name, view.key(), view.school_year)
    if region and len(rows) > 1:
        rows.append([region.area, *figure_cells(region, view.definition), ""])
    caption = f"{view.definition.short_title}, {numbers.small(heading(figures, view))} {when(view)}"
    return (html.listing if counties.large(figures) else html.table)(caption, head, rows)


def groups_table(figures: Figures, view: IndicatorView) -> str:
    """The twin of the picture of groups."""
    head = ["Grupp", "Värde", "95 % säkerhet", "Täljare", "Nämnare"]
    rows = [[name, *figure_cells(figure, view.definition)] for name, figure in groups(figures, view)]
    return html.table(f"{view.definition.short_title}, grupper {when(view)}", head, rows)


def series_twin(figures: Figures, view: IndicatorView) -> str:
    """The table behind the trend picture, and the reconciliation, one click below."""
    return html.details("Tabell: över tid", series_table(figures, view)) + reconciliation(figures, view)


def members_twin(figures: Figures, view: IndicatorView) -> str:
    return html.details("Tabell: kommunerna", members_table(figures, view))


def map_twin(figures: Figures, view: IndicatorView) -> str:
    if summed(figures, view):
        return html.paragraphs("Samma värden står i tabellen över kommunerna.")
    return html.details("Tabell: kartan", members_table(figures, view))


def groups_twin(figures: Figures, view: IndicatorView) -> str:
    return html.details("Tabell: grupper", groups_table(figures, view))


def figure_cells(figure: Figure | None, definition: Definition) -> list[str]:
    """Value, interval, numerator and denominator as texts; a value not shown says why."""
    if figure is None:
        return ["–", "", "", ""]
    if not figure.shown or figure.value is None:
        return [STATUS_TEXT.get(Status(figure.status), "") or figure.mark, "", "", ""]
    about = (
        numbers.interval(figure.low, figure.high, definition.decimals)
        if figure.low is not None and figure.high is not None
        else ""
    )
    top = figure.numerator if definition.unit in numbers.SHARES else None
    counts = [numbers.count(each) if each is not None else "" for each in (top, figure.denominator)]
    return [numbers.in_unit(figure.value, definition.unit, definition.decimals), about, *counts]


def short(figure: Figure | None, definition: Definition) -> str:
    return figure_cells(figure, definition)[0]


def reconciliation(figures: Figures, view: IndicatorView) -> str:
    """Own against official, year by year, where the release has reconciled them."""
    there = figures.records("reconciliation", "indicator").get(view.definition.name, [])
    area = area_name(figures, view)
    rows = [
        [
            str(row["school_year"]),
            numbers.in_unit(float(row["own"]), view.definition.unit, view.definition.decimals),
            numbers.in_unit(float(row["official"]), view.definition.unit, view.definition.decimals),
            numbers.signed(float(row["difference"]), view.definition.decimals),
        ]
        for row in sorted(there, key=lambda row: str(row["school_year"]))
        if row["area"] == area
    ]
    if not rows:
        return ""
    head = ["Läsår", "Egna uppgifter", "Officiellt", "Skillnad"]
    example = " Exempeldata ska inte stämma med de riktiga värdena." if figures.release.example else ""
    said = f"Våra uppgifter bredvid de officiella för samma huvudman och perspektiv.{example}"
    return html.details(
        "Stämmer det med den officiella statistiken?", html.paragraphs(said) + html.table("Avstämning", head, rows)
    )


def definition_html(definition: Definition, *, opened: bool = False) -> str:
    """Numerator, denominator, why, limits and history of an indicator."""
    return html.details("Så är måttet definierat", definitions.facts(definition), opened=opened)
