"""What every page has: its release, its notices, and the source line with link, release and the word Exempeldata."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape

import streamlit as st

from metrics.present import changes, numbers
from metrics.present.changes import Shown
from metrics.present.figures import Figures
from metrics.present.html import address, details, heading, link, notice
from metrics.release.read import ReleaseError
from pages.parts.kept import pages, theme
from pages.parts.library import Opened, open_release
from pages.parts.resend import Resend, send_waiting
from pages.parts.sheet import Sheet
from pages.parts.view import Asked, View

ITSELF = r'<dl class="[^"]*sy-release[^"]*">.*?</dl>'
"""Where a release says its name, day and note: that differs from one release to the next although nothing else does."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page is built of: its choices, its release, and the sheet it puts its parts on."""

    view: View
    opened: Opened
    sheet: Sheet

    @property
    def figures(self) -> Figures:
        return self.opened.figures


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What stands first and last on a page. `sentence` may be empty; `parts` stand in the source line; `shown`: name,
    figure here, figure in the current release, of every value in the view."""

    question: str
    sentence: str
    parts: tuple[str, ...] = ()
    shown: Iterable[Shown] = ()


@dataclass(frozen=True, kw_only=True)
class _Made:
    """A page that is ready to be sent, and what it has to say of its address."""

    sheet: Sheet
    chosen: dict[str, str]
    complaints: list[tuple[str, str]]
    resend: Resend = field(default_factory=Resend)


def show_page(name: str, question: str, build: Callable[[Page], Answer]) -> None:
    """Show the page with the address `name`; `build` puts its parts on the sheet, once per view for all readers.

    `question` is what stands there where no release can be read.
    """
    asked = Asked()
    try:
        opened = open_release(asked.parts.get("utgava", ""))
    except (ReleaseError, OSError, ValueError, KeyError) as problem:
        text = str(problem) if isinstance(problem, ReleaseError) else "Utgåvan kan inte läsas."
        st.html(heading(question) + notice(escape(text), "warning"))
        return
    release = opened.figures.release
    if release.withdrawn:
        st.html(_withdrawn(name, asked, opened, question))
        return
    place = (name, release.id, opened.current, theme(), os.environ.get("SAMSYN_RELEASE", ""))
    key = (*place, asked.arrived, *sorted(asked.parts.items()))
    made = pages(key, lambda: _made(name, asked, opened, build, key))
    said = [opened.problem, *(text for part, text in made.complaints if asked.fresh(part))]
    said = [escape(text) for text in said if text]
    if said:
        made.sheet.send(notice("<br>".join(said), "warning"))
    else:
        made.resend(made.sheet.send)
    asked.done(made.chosen)


def _made(name: str, asked: Asked, opened: Opened, build: Callable[[Page], Answer], key: tuple[object, ...]) -> _Made:
    send_waiting()
    release = opened.figures.release.id
    view, body = View(name, asked.parts, arrived=asked.arrived), Sheet(key=key, release=release)
    view.fix("utgava", release)
    answer = build(Page(view=view, opened=opened, sheet=body))
    view.unknown()
    older = ""
    if not opened.is_current:
        shown = list(answer.shown)
        same = None if shown else _says(answer, body, opened) == _in_current(name, asked, build)
        older = notice(_older(view, opened, shown, same), "warning")
    sheet = Sheet(key=key, release=release)
    sheet.html(older, heading(answer.question, answer.sentence), view.filters())
    sheet.parts += body.parts
    sheet.html(source_line(view, opened, *answer.parts))
    return _Made(sheet=sheet.joined(), chosen=view.chosen, complaints=view.complaints)


def _in_current(name: str, asked: Asked, build: Callable[[Page], Answer]) -> str:
    """What the same view says in the current release."""
    opened = open_release()
    sheet = Sheet(key=(), release=opened.figures.release.id)
    page = Page(view=View(name, asked.parts, arrived=asked.arrived), opened=opened, sheet=sheet)
    page.view.fix("utgava", opened.figures.release.id)
    return _says(build(page), page.sheet, opened)


def _says(answer: Answer, sheet: Sheet, opened: Opened) -> str:
    """The words and numbers of a view, without addresses and without what a release says of itself."""
    release = opened.figures.release
    text = re.sub(ITSELF, " ", sheet.text(), flags=re.DOTALL)
    text = html.unescape(re.sub(r"<[^>]*>", " ", f"{answer.question} {answer.sentence} {text}"))
    for own in (f"{release.id} ({numbers.day(release.created)})", release.id):
        text = text.replace(own, "")
    return text


def _withdrawn(name: str, asked: Asked, opened: Opened, question: str) -> str:
    """Say when and why, and lead to the same view in the current release; nothing else is shown."""
    said = opened.figures.release.withdrawn
    assert said is not None
    text = f"{release_name(opened.figures)} drogs tillbaka {numbers.day(said.day)}: {said.reason}"
    text = escape(text if text.endswith(".") else f"{text}.")
    if not opened.is_current:
        same = address(name, **(asked.parts | {"utgava": opened.current}))
        text += " " + link("Samma vy i den nuvarande utgåvan", same)
    return heading(question) + notice(text, "warning")


def release_name(figures: Figures) -> str:
    release = figures.release
    return f"Utgåva nr{numbers.HARD}{release.manifest.get('number', '')} ({numbers.day(release.created)})"


def _older(view: View, opened: Opened, shown: list[Shown], same: bool | None) -> str:
    """That there is a newer release, and what of the view differs in it; `same`: whether what is not a list of values
    is as it was."""
    found = changes.changed(shown)
    said = f"Du läser {release_name(opened.figures).lower()}. Det finns en nyare."
    if found:
        said += (
            f" {numbers.capital(numbers.counted(len(found), 'värde', 'värden', neuter=True))} i vyn har ändrats i den."
        )
    elif shown:
        said += " Värdena i vyn är desamma i den."
    elif same is not None:
        said += " Det som står i vyn är detsamma i den." if same else " Något av det som står i vyn har ändrats i den."
    listed = "".join(f"<li>{escape(each)}</li>" for each in changes.lines(opened.figures, found))
    told = details("Vad som har ändrats", f"<ul>{listed}</ul>") if found else ""
    return f"{escape(said)} {link('Samma vy i den nyaste utgåvan', view.href(utgava=opened.current))}{told}"


def source_line(view: View, opened: Opened, *parts: str) -> str:
    """The last line of a page."""
    release = opened.figures.release
    said = ['<span class="sy-example">Exempeldata</span>'] if release.example else []
    said += [escape(release_name(opened.figures)), *(escape(part) for part in parts if part)]
    said.append(link("Definitioner", view.href("metod")))
    said.append(link("Tillgänglighet", "tillganglighet"))
    said.append(f'<a class="sy-link sy-copy" href="{escape(view.href())}">Kopiera länk till vyn</a>')
    return f'<p class="sy-source">{" · ".join(said)}</p>'


def nothing_yet(page: Page, question: str, teaches: str) -> Answer:
    """A page whose release has no figures: say so, and what belongs here (`teaches`, Swedish)."""
    about = " om detta" if page.figures.school_years() else ""
    ways = "" if os.environ.get("SAMSYN_RELEASE") else " " + link("Hämta mallen och lämna in", "lamna-in")
    page.sheet.html(notice(escape(teaches) + ways))
    return Answer(question=question, sentence=f"Utgåvan innehåller inga siffror{about} ännu.")
