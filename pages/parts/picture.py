"""What pages show more than once: pictures and tables, built once per release and view, then only sent."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, TypeVar, cast

import streamlit as st

from metrics.present.charts import Spec
from metrics.present.html import Ready
from metrics.present.marks import PALETTES, Palette

Built = TypeVar("Built")
AT_MOST = 6000
"""How many built things a process holds; the one that was built first is let go first."""
_BUILDING: dict[tuple[Hashable, ...], Lock] = {}
_BUILT: dict[tuple[Hashable, ...], object] = {}


def theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def palette() -> Palette:
    return PALETTES[theme()]


def picture(key: tuple[Hashable, ...], build: Callable[[], Spec], words: str) -> None:
    """Show the picture that `key` stands for (release and theme belong in it)."""
    st.vega_lite_chart(shared(("picture", *key, theme()), build), theme=None, alt=words)


def shared(key: tuple[Hashable, ...], build: Callable[[], Built]) -> Built:
    """What `key` stands for (release in it), built once for every reader; nobody may change it.

    A key costs a hash and nothing more: the framework's own cache works each key out anew, a third of a page run.
    """
    found = _BUILT.get(key, _BUILT)
    if found is _BUILT:
        with _BUILDING.setdefault(key, Lock()):
            found = _BUILT[key] if key in _BUILT else _BUILT.setdefault(key, build())
        _BUILDING.pop(key, None)
        for old in list(_BUILT)[: max(0, len(_BUILT) - AT_MOST)]:
            _BUILT.pop(old, None)
    return cast("Built", found)


def kept(key: tuple[Hashable, ...], build: Callable[[], str]) -> Ready:
    """The HTML that `key` stands for (the release's id belongs in it)."""
    return shared(("html", *key), lambda: Ready(build()))


def show(*parts: str, where: Any = st) -> None:
    """Show ready HTML as it is: the framework does not look through a long table for indentation."""
    where.html(Ready("".join(parts)))
