"""tidiga-tecken: groups, never pupils, that differ from what was expected or have changed; a prompt to look."""

from __future__ import annotations

from metrics.export import names
from metrics.present import early_signs as say
from metrics.present import html, school_page, team_page
from metrics.present import signs_context as beside
from metrics.present import signs_levels as levels
from metrics.present.early_signs import Found, SignsView
from metrics.present.indicator import REGION
from metrics.present.staff_page import StaffView
from pages.parts import downloads, filters
from pages.parts.kept import kept, shared
from pages.parts.page import Answer, Page, nothing_yet, show_page
from pages.parts.panel import panel
from pages.parts.sheet import Sheet


def build(page: Page) -> Answer:
    view, figures, sheet = page.view, page.figures, page.sheet
    if not say.there_is_something(figures):
        return nothing_yet(page, say.QUESTION, say.EMPTY)

    found = say.find(figures)
    stages = shared(("signs stages", figures.release.id), lambda: say.stages(found))
    chosen = SignsView(
        area=filters.area(view, figures, whole="Alla kommuner"),
        topic=view.choose("tecken", "Vad", say.topics(figures), ""),
        stage=view.choose("stadium", "Stadium", stages, "all"),
        better=view.toggle("battre", "Visa också det som är bättre"),
    )
    sheet.html(html.notice(html.rich(say.PROMPT)))
    _tests(page, found, chosen)
    left, right = sheet.columns(1.15, 1)
    left.html(
        html.Ready(beside.outcome(figures, chosen.topic)),
        html.Ready(beside.reported_later(figures, chosen.topic, chosen.area)),
    )
    right.html(html.Ready(beside.eligible_later(figures, chosen.topic)))
    if beside.has_levels(figures, chosen.topic):
        downloads.table(
            right,
            "efter-franvaro",
            lambda: levels.rows_for_export(figures),
            figures,
            levels.FILE_TITLE,
            what="det som hände efter frånvaro",
        )
    sheet.html(kept(("signs method", figures.release.id), lambda: beside.method(figures)))
    if chosen.area != REGION:
        downloads.staff(sheet, StaffView(area=chosen.area, stage=chosen.stage), figures)
        if schools := school_page.named(figures, chosen.area):
            school = view.choose("skola", "Skola", schools, next(iter(schools)), apart=True)
            sheet.html(view.box("skola"))
            downloads.school(sheet, school, figures)
        if teams := team_page.teams(figures, chosen.area):
            team = view.choose("team", "Team", teams, next(iter(teams)), apart=True)
            sheet.html(view.box("team"))
            downloads.team(sheet, team, figures)
    downloads.signs(sheet, lambda: say.entries(found, chosen), figures)
    return Answer(question=say.QUESTION, sentence=say.answer(figures, found, chosen))


def _tests(page: Page, found: Found, chosen: SignsView) -> None:
    """What there is to draw at the left, what found nothing at the right of it, or side by side where nothing is drawn."""
    drawn = [test for test in say.TESTS if say.entries(found, chosen, test)]
    left, *other = page.sheet.columns(1.5, 1) if drawn else page.sheet.columns(*(1 for _ in say.TESTS))
    empty = iter([left, *other])
    for test, heading in say.TESTS.items():
        place = left if test in drawn else other[0] if drawn else next(empty)
        _test(page, place, found, chosen, test, heading)
    other[0].html(beside.models(page.figures, found, chosen))


def _test(page: Page, sheet: Sheet, found: Found, chosen: SignsView, test: str, heading: str) -> None:
    """What one kind of test found, as a picture where there is something to draw."""
    figures = page.figures
    said = say.test_sentence(figures, found, chosen, test)
    if not say.entries(found, chosen, test):
        sheet.html(html.section(heading, said))
        return
    panel(
        sheet,
        name=names.word(f"tecken {say.TESTS[test]}"),
        heading=heading,
        title=say.title(test, chosen, figures),
        said=said,
        build=lambda colours: say.picture(figures, found, chosen, test, colours),
        twin=say.twin(figures, found, chosen, test),
        figures=figures,
    )


show_page("tidiga-tecken", say.QUESTION, build)
