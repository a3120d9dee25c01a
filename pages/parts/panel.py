"""A picture as every page shows it: title, sentence, picture, table twin, and files with title, source and release."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

from metrics.present import html, indicator
from metrics.present.charts import Spec
from metrics.present.figures import Figures
from metrics.present.marks import LIGHT, Palette
from pages.parts import downloads
from pages.parts.picture import kept, palette, picture, show


def panel(
    key: tuple[Hashable, ...],
    *,
    name: str,
    title: str,
    said: str,
    build: Callable[[Palette], Spec],
    twin: Callable[[], str],
    figures: Figures,
    heading: str = "",
    drawn: bool = True,
) -> None:
    """`key` has the release's id and every choice the picture depends on; `name` names its files; `said` is its
    sentence; `heading` is shown instead of the longer `title` that files and screen readers get. Where no value may be
    read (not `drawn`) there is no picture, only the sentence and the table."""
    if not drawn:
        show(html.section(heading or title, said), kept(("twin", name, *key), twin))
        return
    st.html(html.section(heading or title, said))
    picture(("picture", name, *key), lambda: build(palette()), indicator.alternative(title, said))
    st.html(kept(("twin", name, *key), twin))
    downloads.pictures(name, lambda: build(LIGHT), title, said, figures)
