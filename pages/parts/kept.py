"""What is built once and shared by every reader of the process: pages, and what several of them are made of."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast

import streamlit as st

from metrics.present.html import Ready
from metrics.present.marks import PALETTES, Palette

Built = TypeVar("Built")
Key = tuple[Hashable, ...]


class Store:
    """Things by what they depend on; of more than `at_most`, the one that was built first is let go first.

    A key costs a hash and nothing more: the framework's own cache works each key out anew, a third of a page run.
    """

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self.built: dict[Key, object] = {}
        self._building: dict[Key, Lock] = {}

    def __call__(self, key: Key, build: Callable[[], Built]) -> Built:
        """What `key` stands for (the release's id in it), built once for every reader; nobody may change it."""
        found = self.built.get(key, self)
        if found is self:
            with self._building.setdefault(key, Lock()):
                found = self.built[key] if key in self.built else self.built.setdefault(key, build())
            self._building.pop(key, None)
            for old in list(self.built)[: max(0, len(self.built) - self.at_most)]:
                self.built.pop(old, None)
        return cast("Built", found)


shared = Store(6000)
"""Parts that several views have in common."""
releases = Store(12)
"""Releases in memory, by folder."""
heavy = Store(20)
"""Files that take seconds, a megabyte or so each."""
pages = Store(400)
"""Whole pages, a hundred kilobytes or so each."""


def kept(key: Key, build: Callable[[], str]) -> Ready:
    """The HTML that `key` stands for (the release's id belongs in it)."""
    return shared(("html", *key), lambda: Ready(build()))


def theme() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def palette() -> Palette:
    return PALETTES[theme()]
