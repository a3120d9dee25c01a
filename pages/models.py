"""modeller: which collaboration models there are, where, since when, for whom and with what staff; one view at a time."""

from __future__ import annotations

import streamlit as st

from metrics.present import models as say
from metrics.present.indicator import REGION
from metrics.present.models import ModelsView
from metrics.vocabulary import ALL
from pages.parts import model_views
from pages.parts.page import finish, nothing_yet, open_page
from pages.parts.picture import shared

view, opened = open_page("modeller", say.QUESTION)
figures = opened.figures
top = st.empty()
if not say.instances(figures):
    nothing_yet(view, opened, say.QUESTION, say.EMPTY)

boxes = st.columns([1.3, 1.3, 1.5, 1.6])
shown = view.choose("visa", "Visa", say.VIEWS, next(iter(say.VIEWS)), boxes[0])
members = figures.release.member_names
areas = ({REGION: f"Hela {figures.region_name}"} if len(members) > 1 else {}) | {each: each for each in members}
area = view.choose("kommun", "Kommun", areas, next(iter(areas)), boxes[1])
model = view.choose("modell", "Modell", {ALL: "Alla modeller"} | say.types(figures), ALL, boxes[2])
chosen = ModelsView(area=area, model=model)

model_views.SHOW[shown](view, figures, chosen, boxes[3])
view.unknown()
answer, version = shared(
    ("models said", figures.release.id, chosen), lambda: (say.answer(figures, chosen), say.version_sentence(figures))
)
finish(view, opened, top, say.QUESTION, answer, version)
