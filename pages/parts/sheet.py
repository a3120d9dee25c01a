"""A page as it is put together: HTML and pictures in reading order. It is built once per view and then only sent.

What a run costs is the number of elements it sends, so texts that stand together are sent as one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

import streamlit as st

from metrics.present import html
from metrics.present.charts import Spec
from metrics.present.html import Ready


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A Vega-Lite picture and the words for those who do not see it."""

    spec: Spec
    words: str


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Sheets beside each other, as wide as their weights."""

    weights: tuple[float, ...]
    sheets: tuple[Sheet, ...]


@dataclass(kw_only=True)
class Sheet:
    """The parts of a page, or of one of its columns; `key` is the view it stands for, `release` whose values it has."""

    key: tuple[Hashable, ...]
    release: str
    parts: list[str | Picture | Columns] = field(default_factory=list)

    def html(self, *parts: str) -> None:
        """Ready HTML; empty parts are left out."""
        self.parts += [part for part in parts if part]

    def picture(self, spec: Spec, words: str) -> None:
        self.parts.append(Picture(spec=spec, words=words))

    def columns(self, *weights: float) -> tuple[Sheet, ...]:
        """A sheet for each weight, beside each other."""
        made = tuple(Sheet(key=self.key, release=self.release) for _ in weights)
        self.parts.append(Columns(weights=weights, sheets=made))
        return made

    def text(self) -> str:
        """All HTML of the sheet, columns included, in reading order."""
        found = []
        for part in self.parts:
            if isinstance(part, str):
                found.append(part)
            elif isinstance(part, Columns):
                found += [each.text() for each in part.sheets]
        return "".join(found)

    def joined(self) -> Sheet:
        """The same with the HTML that stands together in one piece, columns of HTML alone included."""
        parts: list[str | Picture | Columns] = []
        for part in self._simple():
            if isinstance(part, str) and parts and isinstance(parts[-1], str):
                parts[-1] = Ready(parts[-1] + part)
            else:
                parts.append(Ready(part) if isinstance(part, str) else part)
        return Sheet(key=self.key, release=self.release, parts=parts)

    def _simple(self) -> Iterator[str | Picture | Columns]:
        for part in self.parts:
            if not isinstance(part, Columns):
                yield part
                continue
            sheets = tuple(each.joined() for each in part.sheets)
            if all(isinstance(each, str) for sheet in sheets for each in sheet.parts):
                yield html.columns(part.weights, ["".join(map(str, sheet.parts)) for sheet in sheets])
            else:
                yield Columns(weights=part.weights, sheets=sheets)

    def send(self, first: str = "") -> None:
        """Show the page; `first` is HTML that stands before everything else."""
        parts: Sequence[str | Picture | Columns] = self.parts
        if first:
            rest = parts[1:] if parts and isinstance(parts[0], str) else parts
            begun = first + parts[0] if parts and isinstance(parts[0], str) else first
            parts = [Ready(begun), *rest]
        for part in parts:
            if isinstance(part, str):
                st.html(part)
            elif isinstance(part, Picture):
                st.vega_lite_chart(part.spec, theme=None, alt=part.words)
            else:
                for column, sheet in zip(st.columns(part.weights, gap="medium"), part.sheets, strict=True):
                    with column:
                        sheet.send()
