"""What every page has: its release, its notices, and the source line with link, release and the word Exempeldata."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from metrics.present import numbers
from metrics.present.figures import Figure, Figures
from metrics.present.html import heading, link, notice
from metrics.release.read import ReleaseError
from pages.parts.library import Opened, open_release
from pages.parts.view import View


def open_page(page: str, question: str) -> tuple[View, Opened]:
    """The view and release of a page; stops the run with a Swedish word where no release can be read."""
    view = View(page)
    try:
        opened = open_release(view.release())
    except (ReleaseError, OSError, ValueError, KeyError) as problem:
        text = str(problem) if isinstance(problem, ReleaseError) else "Utgåvan kan inte läsas."
        st.html(heading(question) + notice(escape(text), "warning"))
        st.stop()
    view.pin(opened.figures.release.id)
    if opened.figures.release.withdrawn:
        _withdrawn(view, opened, question)
    return view, opened


def _withdrawn(view: View, opened: Opened, question: str) -> None:
    """Say when and why, lead to the same view in the current release, and show nothing else."""
    release = opened.figures.release
    said = release.withdrawn
    assert said is not None
    text = f"{release_name(opened.figures)} drogs tillbaka {numbers.day(said.day)}: {said.reason}"
    text = escape(text if text.endswith(".") else f"{text}.")
    if not opened.is_current:
        kept = {name: value for name, value in st.query_params.to_dict().items() if name != "utgava"}
        text += " " + link("Samma vy i den nuvarande utgåvan", view.href(**kept, utgava=opened.current))
    st.html(heading(question) + notice(text, "warning"))
    st.stop()


def release_name(figures: Figures) -> str:
    release = figures.release
    return f"Utgåva nr{numbers.HARD}{release.manifest.get('number', '')} ({numbers.day(release.created)})"


def notices(view: View, opened: Opened, shown: Iterable[tuple[str, Figure | None, Figure | None]] = ()) -> str:
    """Everything a reader must know before the numbers; `shown`: name, figure here, figure in the current release."""
    found = [notice(escape(text), "warning") for text in (opened.problem, *view.complaints) if text]
    if not opened.is_current:
        found.append(notice(_older(view, opened, list(shown)), "warning"))
    return "".join(found)


def _older(view: View, opened: Opened, shown: list[tuple[str, Figure | None, Figure | None]]) -> str:
    changed = [name for name, here, there in shown if not _same(here, there)]
    said = f"Du läser {release_name(opened.figures).lower()}. Det finns en nyare."
    if changed:
        said += f" {numbers.capital(numbers.counted(len(changed), 'värde', 'värden', neuter=True))} i vyn har ändrats i den."
    elif shown:
        said += " Värdena i vyn är desamma i den."
    return escape(said) + " " + link("Samma vy i den nyaste utgåvan", view.href(utgava=opened.current))


def _same(here: Figure | None, there: Figure | None) -> bool:
    if here is None or there is None:
        return here is there
    pairs = ((here.value, there.value), (here.low, there.low), (here.high, there.high))
    return here.status == there.status and all(_close(*pair) for pair in pairs)


def _close(first: float | None, second: float | None) -> bool:
    return first == second if first is None or second is None else abs(first - second) < 1e-9


def source_line(view: View, opened: Opened, *parts: str) -> str:
    """The last line of a page."""
    release = opened.figures.release
    said = ['<span class="sy-example">Exempeldata</span>'] if release.example else []
    said += [escape(release_name(opened.figures)), *(escape(part) for part in parts if part)]
    said.append(link("Definitioner", view.href("metod")))
    said.append(link("Tillgänglighet", "tillganglighet"))
    said.append(f'<a class="sy-link sy-copy" href="{escape(view.href())}">Kopiera länk till vyn</a>')
    return f'<p class="sy-source">{" · ".join(said)}</p>'


def nothing_yet(view: View, opened: Opened, question: str, teaches: str) -> NoReturn:
    """A page whose release has no figures: say so, say what belongs here (`teaches`, Swedish), and stop the run."""
    about = " om detta" if opened.figures.school_years() else ""
    st.html(notices(view, opened) + heading(question, f"Utgåvan innehåller inga siffror{about} ännu."))
    st.html(notice(escape(teaches)))
    st.html(source_line(view, opened))
    view.done()
    st.stop()


def finish(
    view: View,
    opened: Opened,
    top: DeltaGenerator,
    question: str,
    answer: str,
    *parts: str,
    shown: Iterable[tuple[str, Figure | None, Figure | None]] = (),
) -> None:
    """The last thing a page does: source line (with `parts`), notices, question and answer at `top`, and the address."""
    st.html(source_line(view, opened, *parts))
    top.html(notices(view, opened, shown) + heading(question, answer))
    view.done()
