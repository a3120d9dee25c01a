"""kommun: "Hur går det för eleverna i Tjörn?" - one municipality on every indicator, its gaps, and a page to print."""

from __future__ import annotations

from metrics.present import gaps, html, staff_page, team_page
from metrics.present import profile as say
from metrics.present.profile import ProfileView
from metrics.present.staff_page import StaffView
from pages.parts import downloads, filters
from pages.parts.page import Answer, Page, nothing_yet, show_page
from pages.parts.panel import panel
from pages.parts.sheet import Sheet

QUESTION = "Hur går det för eleverna i kommunen?"


def build(page: Page) -> Answer:
    view, figures, sheet = page.view, page.figures, page.sheet
    if not figures.school_years():
        return nothing_yet(page, QUESTION, say.EMPTY)

    themes = {"": "Ledande mått"} | {
        each: each for each in html.distinct(d.theme for d in figures.definitions.values())
    }
    chosen = ProfileView(
        area=filters.member(view, figures),
        school_year=view.choose("lasar", "Läsår", filters.newest_and_years(figures), ""),
        benchmark=filters.benchmark(view, figures),
        provider=filters.provider(view, figures),
        theme=view.choose("tema", "Tema", themes, "") if len(themes) > 2 else "",
        pooled=view.toggle("trear", "Tre läsår tillsammans"),
        release=figures.release.id,
    )
    found = say.rows(figures, chosen)
    question = f"Hur går det för eleverna i {chosen.area}?"
    value = f"kommunens värde{' för tre läsår tillsammans' if chosen.pooled else ''}"
    sheet.html(
        html.section(
            "Profil",
            f"Pricken är {value}, strecket 95 % säkerhet, det grå bandet alla kommuners värden och det lodräta strecket "
            "jämförelsen. Högre värden står till höger.",
        ),
        say.profile_table(figures, chosen, found),
    )
    downloads.table(sheet, "kommun", lambda: say.rows_for_export(figures, chosen), figures, question)
    _gaps(page, chosen)
    current = None if page.opened.is_current else downloads.current_figures()
    shown = [(row.definition.name, row.figure, say.same_in(current, row, chosen)) for row in found] if current else []
    return Answer(question=question, sentence=say.answer(figures, chosen, found), shown=shown)


def _gaps(page: Page, chosen: ProfileView) -> None:
    """Differences between groups of pupils, for the kind of difference that is chosen."""
    view, figures, sheet = page.view, page.figures, page.sheet
    kinds = gaps.kinds(figures, chosen)
    kind = view.choose("skillnad", "Skillnad mellan grupper", kinds, next(iter(kinds)), apart=True)
    there = gaps.rows(figures, chosen, kind)
    title = f"{kinds[kind]} i {chosen.area}"
    twin = html.details("Tabell: skillnader", gaps.table(figures, chosen, kind))
    left, right = sheet.columns(1, 1.9)
    said = gaps.sentence(figures, chosen, kind)
    left.html(
        html.section("Skillnader mellan grupper"),
        view.box("skillnad"),
        html.paragraphs(f"Skillnad i procentenheter, {gaps.GAPS[kind][4]}.", *([] if there else [said])),
    )
    _to_print(page, left, chosen)
    if there:
        panel(
            right,
            name=f"skillnad-{kind}",
            title=f"{title}, skillnad i procentenheter",
            heading=title,
            said=said,
            build=lambda colours: gaps.picture(figures, chosen, kind, colours),
            twin=twin,
            figures=figures,
            drawn=gaps.any_told(figures, chosen, kind),
        )


def _to_print(page: Page, sheet: Sheet, chosen: ProfileView) -> None:
    """The municipality's page, everything for a meeting, and a page for the staff of a stage."""
    view, figures = page.view, page.figures
    stages = staff_page.stages(figures)
    stage = view.choose("stadium", "Stadium på sidan till personalen", stages, next(iter(stages)), apart=True)
    sheet.html(html.section("Att skriva ut och ta med"))
    downloads.brief(sheet, chosen, figures)
    sheet.html(html.section("Till personalen"), view.box("stadium"))
    downloads.staff(sheet, StaffView(area=chosen.area, stage=stage), figures)
    if teams := team_page.teams(figures, chosen.area):
        team = view.choose("team", "Team", teams, next(iter(teams)), apart=True)
        sheet.html(view.box("team"))
        downloads.team(sheet, team, figures)


show_page("kommun", QUESTION, build)
