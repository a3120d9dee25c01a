"""Pictures on pages: built once per release and theme, sent as they are, with words for those who do not see them."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import streamlit as st

from metrics.present.charts import Spec
from metrics.present.marks import PALETTES, Palette


def theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def palette() -> Palette:
    return PALETTES[theme()]


def picture(key: tuple[Hashable, ...], build: Callable[[], Spec], words: str) -> None:
    """Show the picture that `key` stands for (release and theme belong in it)."""
    st.vega_lite_chart(_spec((*key, theme()), build), theme=None, alt=words)


@st.cache_resource(max_entries=3000, show_spinner=False)
def _spec(key: tuple[Hashable, ...], _build: Callable[[], Spec]) -> Spec:
    return _build()
