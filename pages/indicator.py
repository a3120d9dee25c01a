"""indikator: one indicator with trend, comparison, map, groups, official series, definition and table twins."""

from __future__ import annotations

from metrics.export import names
from metrics.present import counties, linkage, numbers, schools
from metrics.present import indicator as say
from metrics.present import indicator_groups as divided
from metrics.present import indicator_map as on_map
from metrics.present import indicator_members as beside
from metrics.present import indicator_tables as tables
from metrics.present.indicator import IndicatorView
from metrics.present.schools import SchoolsView
from pages.parts import downloads, filters
from pages.parts.page import Answer, Page, nothing_yet, show_page
from pages.parts.panel import panel
from pages.parts.sheet import Sheet

QUESTION = "Hur går det på ett mått?"


def build(page: Page) -> Answer:
    view, figures, sheet = page.view, page.figures, page.sheet
    if not any(figures.has(name) for name in figures.definitions):
        return nothing_yet(page, QUESTION, say.EMPTY)

    name = filters.indicator(view, figures)
    definition = figures.definitions[name]
    area = filters.area(view, figures)
    stage = filters.stage(view, figures, indicator=name)
    chosen = IndicatorView(
        definition=definition,
        area=area,
        school_year=filters.period(view, figures, name, stage),
        benchmark=filters.benchmark(view, figures),
        provider=filters.provider(view, figures, indicator=name),
        stage=stage,
        county=filters.county_of(view, figures, area),
    )
    left, right = sheet.columns(1.35, 1)
    _over_time(page, left, chosen)
    _members(page, right, chosen)
    if schools.there_are(figures, name) and not (chosen.whole and counties.large(figures)):
        _schools(page, chosen)
    if len(figures.release.member_names) > 1:
        left, right = sheet.columns(1, 1.35)
        _map(page, left, chosen)
        _groups(page, right, chosen)
    else:
        _groups(page, sheet, chosen)
    current = None if page.opened.is_current else downloads.current_figures()
    return Answer(
        question=definition.question,
        sentence=say.answer(figures, chosen),
        parts=(f"Officiella värden: {figures.official_source}",) if say.has_official(figures, chosen) else (),
        shown=[(name, say.own_figure(figures, chosen), say.own_figure(current, chosen))] if current else [],
    )


def _over_time(page: Page, sheet: Sheet, chosen: IndicatorView) -> None:
    figures, definition, place = page.figures, chosen.definition, say.place_name(page.figures, chosen)
    lead = say.trend_lead(figures, chosen)
    panel(
        sheet,
        name=f"{names.word(definition.short_title)}-trend",
        heading=f"{place} över tid",
        title=f"{definition.title}, {place}, över tid",
        said=linkage.beside(lead, figures, [definition], chosen.area, chosen.school_year),
        build=lambda colours: say.trend_picture(figures, chosen, colours),
        twin=tables.series_twin(figures, chosen),
        figures=figures,
    )


def _members(page: Page, sheet: Sheet, chosen: IndicatorView) -> None:
    figures, definition = page.figures, chosen.definition
    panel(
        sheet,
        name=f"{names.word(definition.short_title)}-kommuner",
        heading=f"{beside.heading(figures, chosen)} {chosen.school_year}",
        title=f"{definition.title}, {numbers.small(beside.heading(figures, chosen))} {say.when(chosen)}",
        said=beside.members_lead(figures, chosen),
        build=lambda colours: beside.comparison_picture(figures, chosen, colours),
        twin=tables.members_twin(figures, chosen),
        figures=figures,
        drawn=beside.any_member(figures, chosen),
    )


def _schools(page: Page, chosen: IndicatorView) -> None:
    figures, definition, place = page.figures, chosen.definition, say.place_name(page.figures, chosen)
    asked = SchoolsView(definition=definition, area=chosen.area, school_year=chosen.school_year)
    panel(
        page.sheet,
        name=f"{names.word(definition.short_title)}-skolor",
        heading=f"Skolor i {figures.region_name if chosen.whole else chosen.area}",
        title=f"{definition.title}, skolor i {place}",
        said=schools.sentence(figures, asked),
        build=lambda colours: schools.picture(figures, asked, colours),
        twin=schools.twin(figures, asked),
        figures=figures,
        drawn=any(each.figure.shown for each in schools.schools(figures, asked)),
    )


def _map(page: Page, sheet: Sheet, chosen: IndicatorView) -> None:
    figures, definition = page.figures, chosen.definition
    panel(
        sheet,
        name=f"{names.word(definition.short_title)}-karta",
        heading="På kartan",
        title=f"{definition.title}, karta {say.when(chosen)}",
        said=on_map.map_sentence(figures, chosen),
        build=lambda colours: on_map.map_picture(figures, chosen, colours),
        twin=tables.map_twin(figures, chosen),
        figures=figures,
        drawn=beside.any_member(figures, chosen),
    )


def _groups(page: Page, sheet: Sheet, chosen: IndicatorView) -> None:
    """Groups of pupils where there are any, the definition, and the indicator's values as files."""
    figures, definition, place = page.figures, chosen.definition, say.place_name(page.figures, chosen)
    groups = divided.groups(figures, chosen)
    if groups:
        panel(
            sheet,
            name=f"{names.word(definition.short_title)}-grupper",
            heading=f"Grupper i {place}",
            title=f"{definition.title}, grupper i {place}",
            said=divided.groups_sentence(figures, chosen),
            build=lambda colours: divided.groups_picture(figures, chosen, colours),
            twin=tables.groups_twin(figures, chosen),
            figures=figures,
            drawn=any(each.shown for _, each in groups),
        )
    sheet.html(tables.definition_html(definition, opened=not groups))
    downloads.table(
        sheet,
        names.word(definition.short_title),
        lambda: say.rows_for_export(figures, chosen),
        figures,
        definition.title,
    )


show_page("indikator", QUESTION, build)
