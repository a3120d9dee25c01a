"""stodkedjan: reports of concern and children side by side, what follows step by step, and the words explained."""

from __future__ import annotations

from metrics.export import names
from metrics.present import html, joins, parts
from metrics.present import support_chain as say
from metrics.present import support_chain_early as early
from metrics.present.support_chain import ChainView
from metrics.present.support_chain_counted import folded as counted
from pages.parts import downloads, filters
from pages.parts.kept import kept
from pages.parts.library import beside_current
from pages.parts.page import Answer, Page, nothing_yet, show_page
from pages.parts.panel import panel
from pages.parts.sheet import Sheet

VIEWS = {"": "Från anmälan till insats", "fore": "Ålder, första kontakt och skola"}
"""What is asked for first, and what lies before and beside a report, one click away."""


def build(page: Page) -> Answer:
    view, figures, sheet = page.view, page.figures, page.sheet
    if not figures.has(say.COUNT):
        return nothing_yet(page, say.QUESTION, say.EMPTY)

    seen = view.views("del", "Del av sidan", VIEWS, "")
    area = filters.area(view, figures)
    stage = filters.stage(view, figures, indicator=say.COUNT)
    there = {each.label: each.label for each in figures.periods(say.COUNT, stage)}
    year = view.choose("period", "År", there, say.newest(figures, stage), also="lasar")
    divided = say.sexes(figures, area, stage)
    sex = view.choose("kon", "Barn", divided, next(iter(divided))) if len(divided) > 1 else view.fix("kon", "")
    chosen = ChainView(area=area, stage=stage, year=year, sex=sex or next(iter(divided)))

    if seen:
        left, right = sheet.columns(1, 1.6 if joins.is_told(figures, area) else 1)
        _ages(page, left, chosen)
        right.html(early.contact(figures, area, stage), joins.section(figures, area), _words())
    else:
        _chain(page, chosen)
    rows = (say.rows_for_export, early.rows_for_export)
    downloads.table(
        sheet, "stodkedjan", lambda: [row for each in rows for row in each(figures, chosen)], figures, say.QUESTION
    )
    shown = beside_current(page.opened, lambda which: say.figures_shown(which, chosen))
    return Answer(question=say.QUESTION, sentence=say.answer(figures, chosen), shown=shown)


def _chain(page: Page, chosen: ChainView) -> None:
    """Reports and children, each step after a report, and where the investigations and interventions ended."""
    figures, sheet = page.figures, page.sheet
    sheet.html(html.section("Anmälningar och barn", say.NO_JUDGEMENT), say.tiles(figures, chosen))
    left, right = sheet.columns(1, 1.35)
    _over_time(page, left, chosen)
    _steps(page, right, chosen)
    left, right = sheet.columns(1, 1.2)
    _parts(page, left, chosen, say.TIMES, "Utredningens tid", say.times_sentence(figures, chosen))
    left.html(_words())
    _parts(page, right, chosen, say.KINDS, "Insats efter årets första anmälan", say.kinds_sentence(figures, chosen))


def _words() -> html.Ready:
    return kept(("chain words",), say.glossary)


def _about(page: Page, chosen: ChainView) -> str:
    return f"{say.titled_place(page.figures, chosen)} {chosen.year}"


def _over_time(page: Page, sheet: Sheet, chosen: ChainView) -> None:
    figures, place = page.figures, say.titled_place(page.figures, chosen)
    panel(
        sheet,
        name="anmalningar",
        heading="Över tid",
        title=f"Orosanmälningar och barn, {place}, över tid",
        said=say.over_time_sentence(figures, chosen),
        build=lambda colours: say.over_time(figures, chosen, colours),
        twin=say.over_time_table(figures, chosen, f"Anmälningar och barn, {place}") + counted(figures, "anmalningar"),
        figures=figures,
        drawn=say.has_years(figures, chosen),
    )


def _steps(page: Page, sheet: Sheet, chosen: ChainView) -> None:
    figures, about = page.figures, _about(page, chosen)
    panel(
        sheet,
        name="steg",
        heading="Steg för steg",
        title=f"Från orosanmälan till insats, steg för steg, {about}",
        said=say.steps_sentence(figures, chosen),
        build=lambda colours: say.steps_picture(figures, chosen, colours),
        twin=say.steps_table(figures, chosen, f"Steg för steg, {about}") + counted(figures, "steg"),
        figures=figures,
    )


def _parts(page: Page, sheet: Sheet, chosen: ChainView, prefix: str, title: str, said: str) -> None:
    """A whole and its parts, as a picture where they are shown."""
    whole, about = say.whole(page.figures, prefix, chosen), _about(page, chosen)
    if whole.shown:
        panel(
            sheet,
            name=names.word(title),
            heading=title,
            title=f"{title}, {about}",
            said=said,
            build=lambda colours: parts.picture(whole, colours),
            twin=parts.twin(whole, f"{title}, {about}") + counted(page.figures, prefix.strip("_")),
            figures=page.figures,
        )
    elif whole.parts:
        sheet.html(html.section(title, said))


def _ages(page: Page, sheet: Sheet, chosen: ChainView) -> None:
    """How old children are when they are first reported."""
    figures, title = page.figures, early.titled(page.figures, chosen)
    panel(
        sheet,
        name="alder",
        heading="Ålder vid första anmälan",
        title=title,
        said=early.ages_sentence(figures, chosen),
        build=lambda colours: early.ages_picture(figures, chosen, colours),
        twin=early.ages_table(figures, chosen, title) + counted(figures, "alder"),
        figures=figures,
        drawn=early.has_ages(figures, chosen),
    )


show_page("stodkedjan", say.QUESTION, build)
