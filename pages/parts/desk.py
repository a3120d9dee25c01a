"""What both desk pages need: the vault, who is acting, and every refusal said as a Swedish sentence."""

from __future__ import annotations

import json
import logging
import os
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from html import escape
from pathlib import Path
from typing import TypeVar

import streamlit as st

from metrics import catalogue
from metrics.engine import DatabaseError
from metrics.present.html import notice
from metrics.release import read
from metrics.release.read import Release
from metrics.values import LOCAL_PRINCIPAL, Principal
from metrics.vault import Vault
from pages.parts.library import figures_in

Result = TypeVar("Result")

WAIT_SECONDS = 5.0
"""How long a page waits for somebody else's operation before it says so."""

IDENTITY = (
    "Inloggning finns inte ännu. Du handlar som den lokala identiteten ”lokal”, som har alla roller och får handla "
    "för alla organisationer. Det du gör står i loggen."
)
SEPARATE = "Att lämna in är inte att ge ut. GR ger ut i ett eget steg, efter granskning."
NOTHING_CHANGED = "Inget har sparats eller ändrats."
STYLE = """<style>
.dk-steps { list-style: none; display: flex; flex-wrap: wrap; gap: 0.35rem; margin: 0.2rem 0 0 !important; padding: 0 !important; }
.dk-steps li { border: 1px solid var(--line); border-radius: 4px; padding: 0.2rem 0.75rem; margin: 0; color: var(--quiet); font-size: 0.9rem; }
.dk-steps li.dk-done { color: var(--ink); background: var(--panel); }
.dk-steps li[aria-current] { color: var(--ink); border: 2px solid var(--accent); font-weight: 650; }
.dk-error { border-color: var(--ww); background: var(--w); color: var(--w-ink); }
.dk-quiet { color: var(--quiet); font-size: 0.88rem; max-width: 60rem; margin: 0; line-height: 1.5; }
.dk-wide .sy-table { width: 100%; }
.dk-wide .sy-table td { overflow-wrap: break-word; }
.dk-plan td:nth-child(3), .dk-plan td:nth-child(4), .dk-plan td:nth-child(6), .dk-plan td:nth-child(7), .dk-plan td:nth-child(8) { white-space: nowrap; }
@media (prefers-color-scheme: dark) {
  .stApp button[kind^="primary"]:not(:disabled), .stApp button[kind^="primary"]:not(:disabled) * { color: #14191b; }
}
.dk-hash { font-family: "Source Code Pro", monospace; font-size: 0.8rem; overflow-wrap: anywhere; }
.dk-findings td:nth-child(2) { width: 17%; }
.dk-findings td:nth-child(3) { width: 36%; }
.dk-facts { grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)); display: grid; gap: 0 2rem; margin: 0.3rem 0 !important; padding: 0 !important; font-size: 0.92rem; }
.dk-facts div { display: flex; gap: 0.6rem; border-bottom: 1px solid var(--line); padding: 0.2rem 0; }
.dk-facts dt { color: var(--quiet); flex: 0 0 10.5rem; margin: 0; font-weight: 400; }
.dk-facts dd { margin: 0; overflow-wrap: anywhere; }
.dk-card h3 { font-size: 1rem; font-weight: 650; padding: 0; margin: 0 0 0.2rem; }
</style>"""


def principal() -> Principal:
    """Who acts: the local development identity, until login arrives."""
    return LOCAL_PRINCIPAL


def vault() -> Vault:
    """The vault that the environment's settings name."""
    path = read.data_folder() / "vault" / "samsyn.duckdb"
    key = os.environ.get("SAMSYN_VAULT_KEY", "")
    return Vault(path=path, catalogue=catalogue.default(), key=key, wait_seconds=WAIT_SECONDS)


def official_release() -> Release | None:
    """The release whose official series a delivery is compared with; None when none can be read."""
    try:
        return figures_in(read.current_folder()).release
    except (read.ReleaseError, OSError, ValueError, KeyError):
        return None


def sentence_of(problem: Exception) -> str:
    """What to say about a failure: our own Swedish messages as they are, but not those to developers ("rule, got: value").

    Messages of other libraries are never repeated, since they can hold a cell's value.
    """
    ours = type(problem).__module__.startswith("metrics") and ", got:" not in str(problem)
    if ours or (type(problem) is ValueError and _raised_by_vault(problem)):
        return str(problem)
    if isinstance(problem, (OSError, DatabaseError)):
        return f"Det gick inte att läsa eller skriva på disken. {NOTHING_CHANGED}"
    return f"Något oväntat gick fel. {NOTHING_CHANGED} Det som hände står i tjänstens logg, utan uppgifter ur filen."


def _raised_by_vault(problem: Exception) -> bool:
    places = traceback.extract_tb(problem.__traceback__)
    return bool(places) and Path(places[-1].filename).name == "vault.py"


def attempt(work: Callable[[], Result], doing: str = "") -> Result | None:
    """The result of `work`, or None after saying in a sentence why it could not be done.

    `doing` is what stands on the page meanwhile (Swedish, "Läser filen"); nothing of it is seen of work that is quick.
    """
    try:
        with st.spinner(f"{doing} …") if doing else nullcontext():
            return work()
    except Exception as problem:
        record(problem)
        st.html(notice(escape(sentence_of(problem)), "error dk-error"))
        return None


def record(problem: Exception) -> None:
    """Log where a failure happened, never what it said."""
    places = traceback.extract_tb(problem.__traceback__)
    where = " < ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in reversed(places[-4:]))
    logging.getLogger("samsyn").warning("%s at %s", type(problem).__name__, where)


def steps(current: int, titles: Sequence[str]) -> str:
    """The steps of a page as an ordered list; `current` counts from 1."""
    items = "".join(
        f"<li{_state(place, current)}>{place} {escape(title)}</li>" for place, title in enumerate(titles, start=1)
    )
    return f'<ol class="dk-steps" aria-label="Steg">{items}</ol>'


def _state(place: int, current: int) -> str:
    if place == current:
        return ' aria-current="step"'
    return ' class="dk-done"' if place < current else ""


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Labels and texts in columns."""
    items = "".join(f"<div><dt>{escape(label)}</dt><dd>{escape(text)}</dd></div>" for label, text in pairs)
    return f'<dl class="dk-facts">{items}</dl>'


def wide(html: str, kind: str = "") -> str:
    """A table that takes the page's whole width and may break long words."""
    return f'<div class="dk-wide {kind}">{html}</div>'


def quiet(text: str) -> str:
    return f'<p class="dk-quiet">{escape(text)}</p>'


def encryption(key: str) -> str:
    """Whether the vault is encrypted, in a sentence."""
    if key:
        return "Valvet är krypterat på disken."
    return "Valvet är en okrypterad fil, eftersom ingen nyckel är angiven (SAMSYN_VAULT_KEY)."


def example() -> str:
    """That the other pages show example data, while they do."""
    path = read.current_folder() / "manifest.json"
    shown = path.exists() and bool(json.loads(path.read_text(encoding="utf-8")).get("example"))
    return "De andra sidorna visar Exempeldata tills GR gett ut en egen utgåva." if shown else ""


def title_of(extract: str) -> str:
    """The Swedish title of a kind of extract."""
    found = catalogue.default().extracts.get(extract)
    return found.title if found else extract
