"""What every page has: its release, its notices, and the source line with link, release and the word Exempeldata."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from typing import NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from metrics.present import changes, numbers
from metrics.present.changes import Shown
from metrics.present.figures import Figures
from metrics.present.html import details, heading, link, notice
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


def notices(view: View, opened: Opened, shown: Iterable[Shown] = ()) -> str:
    """Everything a reader must know before the numbers; `shown`: name, figure here, figure in the current release."""
    said = [escape(text) for text in (opened.problem, *view.complaints) if text]
    found = [notice("<br>".join(said), "warning")] if said else []
    if not opened.is_current:
        found.append(notice(_older(view, opened, list(shown)), "warning"))
    return "".join(found)


def _older(view: View, opened: Opened, shown: list[Shown]) -> str:
    """That there is a newer release, and what of the view differs in it."""
    found = changes.changed(shown)
    said = f"Du läser {release_name(opened.figures).lower()}. Det finns en nyare."
    if found:
        said += (
            f" {numbers.capital(numbers.counted(len(found), 'värde', 'värden', neuter=True))} i vyn har ändrats i den."
        )
    elif shown:
        said += " Värdena i vyn är desamma i den."
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


def nothing_yet(view: View, opened: Opened, question: str, teaches: str) -> NoReturn:
    """A page whose release has no figures: say so, say what belongs here (`teaches`, Swedish), and stop the run."""
    about = " om detta" if opened.figures.school_years() else ""
    st.html(notices(view, opened) + heading(question, f"Utgåvan innehåller inga siffror{about} ännu."))
    ways = "" if os.environ.get("SAMSYN_RELEASE") else " " + link("Hämta mallen och lämna in", "lamna-in")
    st.html(notice(escape(teaches) + ways))
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
    shown: Iterable[Shown] = (),
) -> None:
    """The last thing a page does: source line (with `parts`), notices, question and answer at `top`, and the address."""
    st.html(source_line(view, opened, *parts))
    top.html(notices(view, opened, shown) + heading(question, answer))
    view.done()
