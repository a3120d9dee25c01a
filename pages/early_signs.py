"""tidiga-tecken: groups, never pupils, that differ from what was expected or have changed; a prompt to look."""

from __future__ import annotations

import streamlit as st

from metrics.present import early_signs as say
from metrics.present import html, school_page, team_page
from metrics.present import signs_context as beside
from metrics.present.early_signs import SignsView
from metrics.present.indicator import REGION
from metrics.present.staff_page import StaffView
from pages.parts import downloads
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.panel import panel
from pages.parts.picture import kept, shared, show

view, opened = open_page("tidiga-tecken", say.QUESTION)
figures = opened.figures
top = st.empty()
if not say.there_is_something(figures):
    nothing_yet(view, opened, say.QUESTION, say.EMPTY)

found = downloads.signs_of(figures)
members = figures.release.member_names
areas = ({REGION: "Alla kommuner"} if len(members) > 1 else {}) | {each: each for each in members}
stages = shared(("signs stages", figures.release.id), lambda: say.stages(found))
boxes = st.columns([1.3, 1.3, 1.3, 1.6], vertical_alignment="bottom")
chosen = SignsView(
    area=view.choose("kommun", "Kommun", areas, next(iter(areas)), boxes[0]),
    topic=view.choose("tecken", "Vad", say.topics(figures), "", boxes[1]),
    stage=view.choose("stadium", "Stadium", stages, "all", boxes[2]),
    better=view.toggle("battre", "Visa också det som är bättre", boxes[3]),
)
base = (figures.release.id, chosen)
st.html(html.notice(html.rich(say.PROMPT)))
for test, heading in say.TESTS.items():
    said, stands_out = shared(
        ("signs said", *base, test),
        lambda test=test: (say.test_sentence(figures, found, chosen, test), bool(say.entries(found, chosen, test))),  # type: ignore[misc]
    )
    if stands_out:
        panel(
            base,
            name=f"tecken-{test}",
            heading=heading,
            title=say.title(test, chosen, figures),
            said=said,
            build=lambda colours, test=test: say.picture(figures, found, chosen, test, colours),  # type: ignore[misc]
            twin=lambda test=test: say.twin(figures, found, chosen, test),  # type: ignore[misc]
            figures=figures,
        )
    else:
        st.html(html.section(heading, said))
show(
    kept(("signs later", figures.release.id, chosen.topic), lambda: beside.outcome(figures, found, chosen)),
    kept(("signs models", *base), lambda: beside.models(figures, found, chosen)),
    kept(("signs method", figures.release.id), lambda: beside.method(figures)),
)
if chosen.area != REGION:
    downloads.staff(StaffView(area=chosen.area, stage=chosen.stage), figures)
    if schools := school_page.named(figures, chosen.area):
        box = st.columns([2, 3])[0]
        downloads.school(view.choose("skola", "Skola", schools, next(iter(schools)), box), figures)
    if teams := team_page.teams(figures, chosen.area):
        box = st.columns([2, 3])[0]
        downloads.team(view.choose("team", "Team", teams, next(iter(teams)), box), figures)
downloads.signs(lambda: say.entries(found, chosen), figures)
answer = kept(("signs answer", *base), lambda: say.answer(figures, found, chosen))
view.unknown()
finish(view, opened, top, say.QUESTION, answer)
