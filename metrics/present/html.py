"""HTML that pages are made of: sentences, notices and accessible tables. Everything from outside is escaped here."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from html import escape
from typing import TypeVar
from urllib.parse import quote_plus

from metrics.present import numbers

AT_ONCE = 18
"""Rows of a long table that are shown before one asks for the rest."""
LONG = 16
"""Letters from which what stands in a number's place is words, and may be broken into lines."""
Row = TypeVar("Row")


def address(page: str, **view: str) -> str:
    """A link inside Samsyn, relative so that it works under any base path; empty parts are left out."""
    chosen = "&".join(f"{name}={_quoted(value)}" for name, value in view.items() if value)
    return f"{page}?{chosen}" if chosen else page


_quoted = functools.lru_cache(maxsize=4096)(quote_plus)
"""A page has hundreds of links, and the same few values in them."""


class Ready(str):
    """HTML already: as a cell of a table it is not escaped, and as a part of a page it is sent as it stands."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(self)


def distinct(words: Iterable[str]) -> list[str]:
    """Each word once, in the order they come."""
    return list(dict.fromkeys(words))


def rich(sentence: str) -> str:
    """A sentence with **emphasis** as HTML."""
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(sentence))


def link(text: str, href: str, *, title: str = "") -> str:
    hint = f' title="{escape(title)}"' if title else ""
    return f'<a class="sy-link" href="{escape(href)}"{hint}>{escape(text)}</a>'


def heading(question: str, sentence: str = "") -> str:
    said = f'<p class="sy-answer">{rich(sentence)}</p>' if sentence else ""
    return f'<div class="sy-top"><h1>{escape(question)}</h1>{said}</div>'


def section(title: str, text: str = "") -> str:
    said = f'<p class="sy-lead">{rich(text)}</p>' if text else ""
    return f'<div class="sy-section"><h2>{escape(title)}</h2>{said}</div>'


def notice(html: str, kind: str = "info") -> str:
    """A notice that a screen reader speaks; `html` is already escaped."""
    return f'<div class="sy-notice sy-{kind}" role="status">{html}</div>'


def table(
    caption: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    text_columns: int = 1,
    row_headings: bool = True,
    caption_shown: bool = False,
) -> str:
    """A table of ready texts; the first `text_columns` are left-aligned, the rest numbers."""
    head = "".join(
        f'<th scope="col"{_align(place, text_columns)}>{escape(title)}</th>' for place, title in enumerate(headings)
    )
    body = "".join(f"<tr>{_cells(row, text_columns, row_headings)}</tr>" for row in rows)
    hidden = "" if caption_shown else ' class="sy-sr"'
    return (
        f'<div class="sy-scroll" tabindex="0" role="group" aria-label="{escape(caption)}"><table class="sy-table">'
        f"<caption{hidden}>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def listing(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], *, text_columns: int = 1) -> str:
    """A table of which a long one stands with its first rows, and the rest one click below: nothing scrolls inside."""
    return in_two(rows, lambda some, name: table(name, headings, some, text_columns=text_columns), caption)


def in_two(rows: Sequence[Row], made: Callable[[Sequence[Row], str], str], caption: str) -> str:
    """All rows, or the first of them and the rest one click below; `made` is a table of some rows with a caption."""
    if len(rows) <= AT_ONCE:
        return made(rows, caption)
    rest = len(rows) - AT_ONCE
    more = f"{numbers.capital(numbers.counted(rest, 'rad', 'rader'))} till"
    return made(rows[:AT_ONCE], caption) + details(more, made(rows[AT_ONCE:], f"{caption}, fortsättning"))


def _align(place: int, text_columns: int, *, long: bool = False) -> str:
    if place < text_columns:
        return ""
    return ' class="num sy-long"' if long else ' class="num"'


def _cells(row: Sequence[str], text_columns: int, row_headings: bool) -> str:
    cells = []
    for place, text in enumerate(row):
        said = text if isinstance(text, Ready) else escape(text)
        if place == 0 and row_headings:
            cells.append(f'<th scope="row">{said}</th>')
        else:
            cells.append(f"<td{_align(place, text_columns, long=len(text) > LONG)}>{said}</td>")
    return "".join(cells)


def details(summary: str, body: str, *, opened: bool = False) -> str:
    """Something one click below; `body` is already escaped."""
    return (
        f'<details class="sy-details"{" open" if opened else ""}><summary>{escape(summary)}</summary>{body}</details>'
    )


def select(name: str, label: str, options: Mapping[str, str], chosen: str) -> str:
    """A choice of one; samsyn.js goes to the same view with `name` changed when another is chosen."""
    listed = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(text)}</option>'
        for value, text in options.items()
    )
    box = f'<select data-part="{name}" aria-label="{escape(label)}">{listed}</select>'
    return f'<label class="sy-choice"><span>{escape(label)}</span>{box}</label>'


def views(label: str, places: Mapping[str, str], chosen: str) -> str:
    """The views of a page side by side, one click each: texts by address, `chosen` the address that is shown."""
    links = "".join(
        f'<a class="sy-link" href="{escape(href)}"{_CURRENT if href == chosen else ""}>{escape(text)}</a>'
        for href, text in places.items()
    )
    return f'<nav class="sy-views" aria-label="{escape(label)}">{links}</nav>'


_CURRENT = ' aria-current="true"'


def switch(name: str, label: str, *, on: bool) -> str:
    """A choice of yes or no, as `select`."""
    checked = " checked" if on else ""
    return f'<label class="sy-switch"><input type="checkbox" data-part="{name}"{checked}><span>{escape(label)}</span></label>'


def filters(*choices: str) -> str:
    """The row of choices of a page."""
    return f'<div class="sy-filters" role="group" aria-label="Urval">{"".join(choices)}</div>' if choices else ""


def columns(weights: Sequence[float], bodies: Sequence[str]) -> Ready:
    """Bodies beside each other where there is room."""
    shares = " ".join(f"minmax(0,{weight:g}fr)" for weight in weights)
    cells = "".join(f"<div>{body}</div>" for body in bodies)
    return Ready(f'<div class="sy-columns" style="--shares:{shares}">{cells}</div>')


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{rich(text)}</p>" for text in texts if text)
