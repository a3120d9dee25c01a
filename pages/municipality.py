"""kommun: "Hur går det för eleverna i Tjörn?" - one municipality on every indicator, its gaps, and a page to print."""

from __future__ import annotations

import streamlit as st

from metrics.present import gaps, html, staff_page, team_page
from metrics.present import profile as say
from metrics.present.profile import ProfileView
from metrics.present.staff_page import StaffView
from pages.parts import downloads, filters
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.picture import kept, palette, picture, shared, show

view, opened = open_page("kommun", "Hur går det för eleverna i kommunen?")
figures = opened.figures
top = st.empty()
if not figures.school_years():
    nothing_yet(view, opened, "Hur går det för eleverna i kommunen?", say.EMPTY)

themes = {"": "Ledande mått"} | {each: each for each in html.distinct(d.theme for d in figures.definitions.values())}
boxes = st.columns([1.3, 1, 1.3, 1.3, *([1.3] if len(themes) > 2 else []), 1.5], vertical_alignment="bottom")
chosen = ProfileView(
    area=filters.member(view, figures, boxes[0]),
    school_year=view.choose("lasar", "Läsår", filters.newest_and_years(figures), "", boxes[1]),
    benchmark=filters.benchmark(view, figures, boxes[2]),
    provider=filters.provider(view, figures, boxes[3]),
    theme=view.choose("tema", "Tema", themes, "", boxes[4]) if len(themes) > 2 else "",
    pooled=view.toggle("trear", "Tre läsår tillsammans", boxes[-1]),
    release=figures.release.id,
)
found = shared(("profile rows", chosen), lambda: say.rows(figures, chosen))
question = f"Hur går det för eleverna i {chosen.area}?"

show(
    html.section(
        "Profil",
        f"Pricken är kommunens värde{' för tre läsår tillsammans' if chosen.pooled else ''}, strecket 95 % säkerhet, det grå bandet alla kommuners värden och det lodräta "
        "strecket jämförelsen. Högre värden står till höger.",
    ),
    kept(("profile", chosen), lambda: say.profile_table(figures, chosen, found)),
)
downloads.brief(chosen, figures)
stages = staff_page.stages(figures)
about, file = st.columns([1, 3.5], vertical_alignment="bottom")
stage = view.choose("stadium", "Stadium på sidan till personalen", stages, next(iter(stages)), about)
downloads.staff(StaffView(area=chosen.area, stage=stage), figures, file)
if teams := team_page.teams(figures, chosen.area):
    about, file = st.columns([1, 3.5], vertical_alignment="bottom")
    downloads.team(view.choose("team", "Team", teams, next(iter(teams)), about), figures, file)

kinds = shared(("gap kinds", chosen), lambda: gaps.kinds(figures, chosen))
left, right = st.columns([1, 1.7], gap="large")
kind = view.choose("skillnad", "Skillnad mellan grupper", kinds, next(iter(kinds)), left)
view.unknown()
said, has_gaps, drawn = shared(
    ("gap sentence", chosen, kind),
    lambda: (
        gaps.sentence(figures, chosen, kind),
        bool(gaps.rows(figures, chosen, kind)),
        gaps.any_told(figures, chosen, kind),
    ),
)
left.html(
    html.section(f"{kinds[kind]} i {chosen.area}", said)
    + html.paragraphs(f"Skillnad i procentenheter, {gaps.GAPS[kind][4]}.")
)
if drawn:
    with right:
        picture(
            ("gaps", chosen, kind),
            lambda: gaps.picture(figures, chosen, kind, palette()),
            f"{kinds[kind]} i {chosen.area}, skillnad i procentenheter. {said.replace('**', '')} Se tabellen under.",
        )
if has_gaps:
    twin = kept(("gap table", chosen, kind), lambda: gaps.table(figures, chosen, kind))
    show(html.details("Tabell: skillnader", twin))

downloads.table("kommun", lambda: say.rows_for_export(figures, chosen), figures, question)
current = None if opened.is_current else downloads.current_figures()
finish(
    view,
    opened,
    top,
    question,
    kept(("profile answer", chosen), lambda: say.answer(figures, chosen, found)),
    shown=[(row.definition.name, row.figure, say.same_in(current, row, chosen)) for row in found] if current else [],
)
