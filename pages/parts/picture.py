"""What pages show more than once: pictures and tables, built once per release and view, then only sent."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar, cast

import streamlit as st

from metrics.present.charts import Spec
from metrics.present.marks import PALETTES, Palette

Built = TypeVar("Built")


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


def shared(key: tuple[Hashable, ...], build: Callable[[], Built]) -> Built:
    """What `key` stands for (release in it), built once for every reader; nobody may change it."""
    return cast("Built", _shared(key, build))


@st.cache_resource(max_entries=3000, show_spinner=False)
def _shared(key: tuple[Hashable, ...], _build: Callable[[], object]) -> object:
    return _build()


def kept(key: tuple[Hashable, ...], build: Callable[[], str]) -> str:
    """The HTML that `key` stands for (the release's id belongs in it)."""
    return _html(key, build)


@st.cache_resource(max_entries=3000, show_spinner=False)
def _html(key: tuple[Hashable, ...], _build: Callable[[], str]) -> str:
    return _build()
