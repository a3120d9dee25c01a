"""Pages built in process, as a server builds them, over views that a reader could choose at random.

`whole`: everything of a view: all reads of the release, values, verdicts, tables, words and pictures, put together and
ready to be sent. `data`: the same without the pictures; words and tables are made in one go, so the words are in it.
What is found once per release (figures.known) is there before the clock starts, as on a server that has been running a
minute; what is kept of views (`lately`, `shared`) is emptied before every view.
"""

from __future__ import annotations

import random
import runpy
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from measuring import ROOT

from metrics.present.figures import Figures
from pages.parts import kept
from pages.parts import page as pages
from pages.parts import panel as panels
from pages.parts.library import Opened
from pages.parts.page import Answer, Page
from pages.parts.sheet import Sheet
from pages.parts.view import View

FILES = (
    *("overview", "municipality", "indicator", "models", "compare", "effect", "pathway", "support_chain"),
    *("early_signs", "method", "accessibility"),
)
"""Every page that a reader has."""
DRAWN = {"pictures": True}


@dataclass(frozen=True, kw_only=True)
class Browse:
    """A page: its address, and what puts its parts on a sheet."""

    name: str
    build: Callable[[Page], Answer]


class Chosen(View):
    """A view that tells which options it had."""

    def __init__(self, page: str, asked: Mapping[str, str]) -> None:
        super().__init__(page, asked, arrived=True)
        self.offered: dict[str, list[str]] = {}

    def choose(self, name: str, label: str, options: Mapping[str, str], default: str, **how: Any) -> str:
        self.offered[name] = list(options)
        return super().choose(name, label, options, default, **how)

    def toggle(self, name: str, label: str) -> bool:
        self.offered[name] = ["", "ja"]
        return super().toggle(name, label)


@dataclass(frozen=True, kw_only=True)
class Spent:
    """Milliseconds of each view of a page, and of the processor's time."""

    data: tuple[float, ...]
    whole: tuple[float, ...]
    data_cpu: tuple[float, ...]
    whole_cpu: tuple[float, ...]
    usual: float
    """The median of the view that a reader meets first, with its pictures."""
    letters: int
    """Most letters of HTML that a view had."""


def browse() -> dict[str, Browse]:
    """Every page of FILES, by file; loaded without being shown."""
    found: dict[str, Browse] = {}
    shown, panel = pages.show_page, panels.panel

    def caught(name: str, question: str, build: Callable[[Page], Answer]) -> None:
        found[name] = Browse(name=name, build=build)

    def without_picture(sheet: Sheet, *, build: Callable[..., Any], **how: Any) -> None:
        panel(sheet, build=build if DRAWN["pictures"] else lambda _: {}, **how)

    pages.show_page, panels.panel = caught, without_picture
    try:
        for file in FILES:
            runpy.run_path(str(ROOT / "pages" / f"{file}.py"))
    finally:
        pages.show_page, panels.panel = shown, panel
    return dict(zip(FILES, found.values(), strict=True))


def measured(figures: Figures, page: Browse, *, views: int, seed: int = 1) -> Spent:
    """A page over `views` random views, each built twice: without and with its pictures."""
    spent: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
    letters = 0
    for asked in _views(figures, page, views, random.Random(seed)):
        for pictures, into in spent.items():
            DRAWN["pictures"] = pictures
            forget(figures)
            began, used = time.perf_counter(), time.process_time()
            made = built(figures, page, View(page.name, asked, arrived=True))
            into.append(((time.perf_counter() - began) * 1000, (time.process_time() - used) * 1000))
        letters = max(letters, len(made.text()))
    (data, data_cpu), (whole, whole_cpu) = (tuple(zip(*each, strict=True)) for each in spent.values())
    usual = _usual(figures, page)
    return Spent(data=data, whole=whole, data_cpu=data_cpu, whole_cpu=whole_cpu, usual=usual, letters=letters)


def _usual(figures: Figures, page: Browse, repeats: int = 15) -> float:
    """Milliseconds of the page without any choice, nothing of the view kept."""
    spent = []
    for _ in range(repeats):
        forget(figures)
        began = time.perf_counter()
        built(figures, page, View(page.name, {}, arrived=True))
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


def forget(figures: Figures) -> None:
    """Let go of what is kept of views."""
    figures.recent.clear()
    kept.shared.built.clear()


def built(figures: Figures, page: Browse, view: View) -> Sheet:
    """The page as it is sent, as pages.parts.page puts it together."""
    opened = Opened(figures=figures, current=figures.release.id)
    key = (page.name, *sorted(view.chosen.items()))
    body = Sheet(key=key, release=figures.release.id)
    view.fix("utgava", figures.release.id)
    answer = page.build(Page(view=view, opened=opened, sheet=body))
    sheet = Sheet(key=key, release=figures.release.id)
    sheet.html(pages.heading(answer.question, answer.sentence), view.filters())
    sheet.parts += body.parts
    sheet.html(pages.source_line(view, opened, *answer.parts))
    return sheet.joined()


def _views(figures: Figures, page: Browse, views: int, dice: random.Random) -> Iterator[dict[str, str]]:
    """Choices that a reader could make in turn: about half of them new each time."""
    asked: dict[str, str] = {}
    for _ in range(views):
        view = Chosen(page.name, asked)
        built(figures, page, view)
        yield dict(asked)
        asked = {
            name: dice.choice(options) if dice.random() < 0.5 else view.chosen[name]
            for name, options in view.offered.items()
        }


def middle(each: tuple[float, ...]) -> float:
    return statistics.median(each)


def slow(each: tuple[float, ...]) -> float:
    """What 95 of 100 views stay below."""
    return statistics.quantiles(each, n=20)[-1]
