"""The entries of the navigation, made once per process and sent as they were: a run only finds the page asked for."""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.navigation.page import StreamlitPage
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.parts.resend import Resend, recording

PAGES = Path(__file__).resolve().parent.parent
Entry = tuple[str, str, str]
"""A page's file, its title, and its address; "" is the first page."""
Groups = tuple[tuple[Entry, ...], ...]


@dataclass(kw_only=True)
class _Known:
    """What the framework made of the entries: by the page's hash, the page and the message that names it."""

    infos: dict[str, Any]
    pages: dict[str, StreamlitPage]
    messages: dict[str, ForwardMsg] = field(default_factory=dict)


_KNOWN: dict[Groups, _Known] = {}


@functools.cache
def opening(groups: Groups) -> Resend:
    """What stands before every page."""
    return Resend()


def declared_here() -> None:
    """Tell the framework before the first reader that the pages are these, not the files of a folder called `pages`.

    Otherwise it looks for the first reader's address among the files, and answers that there is no such page.
    """
    PagesManager.uses_pages_directory = False


def asked(groups: Groups) -> StreamlitPage:
    """The page that is asked for; the entries are sent. Those of the last group have an address but no entry."""
    context = get_script_run_ctx()
    known = _KNOWN.get(groups)
    if context is None or known is None:
        return _afresh(groups)
    declared_here()
    first = next(iter(known.pages))
    found = context.pages_manager.set_pages_and_resolve(known.infos, first)
    place = "" if found is None else str(found["page_script_hash"])
    if place not in known.messages:
        return _afresh(groups)
    context.set_mpa_v2_page(place)
    context.enqueue(known.messages[place])
    page = copy.copy(known.pages[place])
    page._can_be_called = True
    return page


def _afresh(groups: Groups) -> StreamlitPage:
    """As `asked`, by the framework, and remembered; it also says that there is no such page."""
    with recording() as sent:
        page = st.navigation([copy.copy(each) for each in _made(groups)], position="top", expanded=True)
    context = get_script_run_ctx()
    if context is not None and len(sent) == 1:
        pages = {each._script_hash: each for each in _made(groups)}
        known = _KNOWN.setdefault(groups, _Known(infos=context.pages_manager.get_pages(), pages=pages))
        known.messages[page._script_hash] = sent[0]
    return page


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
