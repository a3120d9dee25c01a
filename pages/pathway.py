"""elevens-vag: one fixed group of pupils and where they are, as a ribbon of states and as curves over the years."""

from __future__ import annotations

from metrics.present import curves, html, parts, where
from metrics.present import pathway as say
from metrics.present import pathway_counted as beside
from metrics.present.pathway import PathView
from pages.parts import downloads, filters
from pages.parts.library import beside_current
from pages.parts.page import Answer, Page, nothing_yet, show_page
from pages.parts.panel import panel


def build(page: Page) -> Answer:
    figures, sheet = page.figures, page.sheet
    if not say.cohorts(figures):
        return nothing_yet(page, say.QUESTION, say.EMPTY)
    chosen = _choices(page)
    if note := beside.undivided(figures, chosen.cohort, chosen.area):
        sheet.html(f'<p class="sy-caption">{html.rich(note)}</p>')
    whole, followed = say.whole(figures, chosen), say.curves(figures, chosen)
    of_parts = [each.definition.name for each in whole.parts]
    of_curves = [step.definition.name for curve in followed for step in curve.steps]
    with_parts = whole.shown and not say.is_undivided(whole, chosen)
    with_curves = bool(followed) and say.has_curves(followed)
    if with_parts:
        _states(page, chosen, beside.counted(figures, chosen, of_parts, curve=False))
    if with_curves:
        _curve(page, chosen, beside.counted(figures, chosen, of_curves, curve=True))
    elif followed:
        group = chosen.group
        sheet.html(html.section(group.curve, say.curve_sentence(figures, chosen) if group.prefix else ""))
    if not (with_parts or with_curves):
        sheet.html(beside.counted(figures, chosen, [*of_parts, *of_curves], curve=not of_parts))
    sheet.html(beside.planned(figures, chosen))
    name, title = f"vag-{chosen.cohort}", chosen.group.title
    downloads.table(sheet, name, lambda: say.rows_for_export(figures, chosen), figures, title)
    shown = beside_current(page.opened, lambda which: say.figures_shown(which, chosen))
    return Answer(question=say.QUESTION, sentence=say.answer(figures, chosen), shown=shown)


def _choices(page: Page) -> PathView:
    view, figures = page.view, page.figures
    groups = say.cohorts(figures)
    cohort = view.choose("kohort", "Grupp", groups, next(iter(groups)))
    area = filters.area(view, figures)
    period = view.choose("period", "Läsår", say.periods(figures, cohort), say.newest(figures, cohort), also="lasar")
    divided = say.cuts(figures, cohort, area)
    models = where.models(divided)
    model = view.choose("modell", "Skolor", models, "") if len(models) > 1 else view.fix("modell", "")
    pupils = where.groups(divided, model)
    among = view.choose("elever", "Elever", pupils, "") if len(pupils) > 1 else view.fix("elever", "")
    return PathView(cohort=cohort, area=area, period=period, cut=where.chosen(divided, among, model))


def _states(page: Page, chosen: PathView, counted: str) -> None:
    """Where the pupils are, as parts of the whole; `counted`: who they are."""
    figures, group = page.figures, chosen.group
    whole = say.whole(figures, chosen)
    title = say.title(figures, chosen, group.states)
    panel(
        page.sheet,
        name=f"{chosen.cohort}-delar",
        heading=group.states,
        title=title,
        said=say.states_lead(figures, chosen),
        build=lambda colours: parts.picture(whole, colours),
        twin=parts.twin(whole, title) + counted,
        figures=figures,
    )


def _curve(page: Page, chosen: PathView, counted: str) -> None:
    """How many have come there after each year; `counted`: who they are."""
    figures, group = page.figures, chosen.group
    followed = say.curves(figures, chosen)
    title = say.title(figures, chosen, group.curve)
    panel(
        page.sheet,
        name=f"{chosen.cohort}-kurva",
        heading=group.curve,
        title=title,
        said=say.curve_lead(figures, chosen),
        build=lambda colours: curves.picture(followed, colours),
        twin=curves.twin(followed, title) + counted,
        figures=figures,
    )


show_page("elevens-vag", say.QUESTION, build)
