"""jamfor: model types beside each other on the same indicators, with intervals, n, schools and members behind each."""

from __future__ import annotations

import streamlit as st

from metrics.present import adjusted, effect_links, html
from metrics.present import compare as say
from metrics.present.compare import CompareView
from metrics.present.indicator import REGION
from metrics.present.models import TITLES
from metrics.vocabulary import STAGES
from pages.parts import downloads, filters
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.panel import panel
from pages.parts.picture import kept, shared, show

view, opened = open_page("jamfor", say.QUESTION)
figures = opened.figures
top = st.empty()
names = say.indicators(figures)
if not names:
    nothing_yet(view, opened, say.QUESTION, say.EMPTY)

boxes = st.columns([1.9, 1.2, 1.2, 1])
indicator = view.choose("indikator", "Mått", names, next(iter(names)), boxes[0])
members = figures.release.member_names
areas = ({REGION: f"Hela {figures.region_name}"} if len(members) > 1 else {}) | {each: each for each in members}
area = view.choose("kommun", "Kommun", areas, next(iter(areas)), boxes[1])
stages = {each: STAGES.get(each, each) for each in say.stages(figures, indicator)}
usual = filters.default_stage(stages)
stage = view.choose("stadium", "Stadium", stages, usual, boxes[2]) if len(stages) > 1 else view.fix("stadium", usual)
period = filters.period(view, figures, indicator, stage, boxes[3])
chosen = CompareView(
    definition=figures.definitions[indicator],
    area=area,
    stage=stage,
    period=period,
    provider=say.provider(figures, indicator),
)
base = (figures.release.id, indicator, area, stage, period)
title = f"{chosen.definition.title}, per modell, {say.place(figures, chosen)} {period}"
rows = shared(("compare", *base), lambda: say.rows(figures, chosen))
st.html(html.notice(html.rich(say.NOT_EFFECT)))
if shared(("compare drawn", *base), lambda: say.drawable(figures, chosen)):
    panel(
        base,
        name="modeller-jamforda",
        heading="Modellerna bredvid varandra",
        title=title,
        said=say.NOT_ADJUSTED,
        build=lambda colours: say.picture(figures, chosen, colours),
        twin=lambda: html.listing(title, say.HEADINGS, rows),
        figures=figures,
    )
else:
    st.html(html.section("Modellerna bredvid varandra", say.NOT_ADJUSTED) + html.listing(title, say.HEADINGS, rows))
source = f"Utgåvans värden. {say.NOT_ADJUSTED}"
downloads.texts("jamfor", say.HEADINGS, lambda: rows, figures, title, source)
evaluated = effect_links.of_outcome(figures, indicator, view.href)
st.html(html.section("Ledde modellerna till resultat?", f"{chosen.definition.short_title}, hela regionen.") + evaluated)
st.html(html.section("Jämfört med elevernas bakgrund", ""))
expected = ("expected", *base)
if shared((*expected, "there"), lambda: adjusted.there(figures, chosen)):
    against, drawn, explained, rounded, alike = shared(
        expected,
        lambda: (
            adjusted.table(figures, chosen),
            adjusted.drawable(figures, chosen),
            adjusted.explained(figures, chosen),
            adjusted.rounded(figures, chosen),
            adjusted.similar_table(figures, chosen),
        ),
    )
    name = f"{title}: mot det väntade"
    if drawn:
        panel(
            base,
            name="modeller-vantat",
            heading="Skillnad mot det väntade, procentenheter",
            title=name,
            said=explained,
            build=lambda colours: adjusted.picture(figures, chosen, colours),
            twin=lambda: html.listing(name, adjusted.HEADINGS, against),
            figures=figures,
        )
    else:
        st.html(html.paragraphs(explained) + html.listing(name, adjusted.HEADINGS, against))
    downloads.texts("jamfor-vantat", adjusted.HEADINGS, lambda: against, figures, name, f"Utgåvans värden. {explained}")
    st.html(html.paragraphs(rounded))
    st.html(html.section("Liknande skolor utan modellen", adjusted.SIMILAR))
    st.html(html.listing(f"{title}: liknande skolor", adjusted.SIMILAR_HEADINGS, alike))
    downloads.texts(
        "jamfor-liknande",
        adjusted.SIMILAR_HEADINGS,
        lambda: alike,
        figures,
        title,
        f"Utgåvans värden. {adjusted.SIMILAR}",
    )
else:
    st.html(html.paragraphs(adjusted.lacking(figures, chosen)))
combined, overlap = shared(
    ("combined", *base), lambda: (adjusted.combined_table(figures, chosen), say.overlap_sentence(figures, chosen))
)
st.html(html.section("Skolor med flera modeller", f"{overlap} {adjusted.COMBINED}"))
if combined:
    st.html(html.listing("Kombinationer av modeller", adjusted.COMBINED_HEADINGS, combined))
    downloads.texts(
        "jamfor-kombinationer",
        adjusted.COMBINED_HEADINGS,
        lambda: combined,
        figures,
        title,
        f"Utgåvans värden. {adjusted.COMBINED}",
    )
if chosen.whole:
    there = {model: TITLES[model] for model in say.models(figures, chosen)}
    box = st.columns([1.5, 3])[0]
    if there:
        model = view.choose("modell", "En modell per kommun", there, next(iter(there)), box)
        by_member = say.member_rows(figures, chosen, model)
        st.html(html.listing(f"{TITLES[model]} per kommun", say.MEMBER_HEADINGS, by_member))
        downloads.texts("jamfor-kommuner", say.MEMBER_HEADINGS, lambda: by_member, figures, TITLES[model], source)
headings, every = shared(("compare matrix", figures.release.id, area), lambda: say.matrix(figures, area))
name = f"Alla mått och modeller, {say.place(figures, chosen)}, senaste perioden"
reading = html.paragraphs("Inom parentes: värdets nämnare, oftast antal elever; för tidsmåtten minuter.")
made = kept(("matrix", figures.release.id, area), lambda: html.table(name, headings, every, text_columns=2))
show(html.details("Alla mått och modeller", made + reading))
downloads.texts("jamfor-alla", headings, lambda: every, figures, name, source)
st.html(html.paragraphs(say.NOT_HERE))
view.unknown()
finish(view, opened, top, say.QUESTION, say.answer(figures, chosen))
