"""The entries of the navigation, made once per process: a run gets its own copies, since a page may be run once."""

from __future__ import annotations

import copy
import functools
from pathlib import Path

import streamlit as st
from streamlit.navigation.page import StreamlitPage

PAGES = Path(__file__).resolve().parent.parent
Entry = tuple[str, str, str]
"""A page's file, its title, and its address; "" is the first page."""
Groups = tuple[tuple[Entry, ...], ...]


def pages(groups: Groups) -> list[StreamlitPage]:
    """The pages of all groups; those of the last group have an address but no entry."""
    return [copy.copy(each) for each in _made(groups)]


@functools.cache
def found(groups: Groups) -> Groups:
    """The groups with the pages that there are."""
    return tuple(tuple(page for page in group if (PAGES / page[0]).exists()) for group in groups)


@functools.cache
def _made(groups: Groups) -> tuple[StreamlitPage, ...]:
    return tuple(
        st.Page(
            PAGES / file,
            title=title,
            url_path=path or None,
            default=not path,
            visibility="hidden" if group is groups[-1] else "visible",
        )
        for group in groups
        for file, title, path in group
    )
