"""What a page shows, kept in its address: filters that a link restores, and that survive a change of page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from metrics.present.html import address

KNOWN = (
    "utgava",
    "indikator",
    "kommun",
    "lasar",
    "period",
    "jamfor",
    "huvudman",
    "stadium",
    "tema",
    "sok",
    "ord",
    "trear",
    "skillnad",
    "modell",
    "instans",
    "kohort",
    "elever",
    "kon",
    "tecken",
    "battre",
    "visa",
    "team",
    "omgang",
    "resultat",
)
"""Parts of an address that some page understands: another page lets them pass without a word."""


class View:
    """The choices of one page run. An address from outside wins; otherwise what was chosen last; otherwise the default."""

    def __init__(self, page: str) -> None:
        self.page = page
        self.chosen: dict[str, str] = {}
        self.complaints: list[str] = []
        self._address = {name: value for name, value in st.query_params.to_dict().items() if value}
        self._memory: dict[str, str] = st.session_state.setdefault("chosen", {})
        self._arrived = bool(self._address) and self._address != st.session_state.get("written")

    def release(self) -> str:
        """The id of the release the address pins, or the one chosen last."""
        return self._address.get("utgava", "") if self._arrived else self._memory.get("utgava", "")

    def pin(self, release_id: str) -> None:
        self.chosen["utgava"] = self._memory["utgava"] = release_id

    def choose(
        self, name: str, label: str, options: Mapping[str, str], default: str, where: Any = st, *, also: str = ""
    ) -> str:
        """A select box over `options` (value -> Swedish text) whose value stands in the address under `name`.

        `also` is another part of the address that is read when there is none under `name`.
        """
        key = f"view_{name}"
        if also and not self._address.get(name) and self._address.get(also) in options:
            self._address[name] = self._address[also]
        st.session_state[key] = self._start(name, label, options, default, st.session_state.get(key))
        value = where.selectbox(label, list(options), format_func=lambda each: options[each], key=key)
        return self._keep(name, str(value))

    def search(self, label: str, placeholder: str, where: Any = st) -> str:
        """A search box; its text stands in the address under `sok`."""
        if self._arrived or "view_sok" not in st.session_state:
            st.session_state["view_sok"] = self._address.get("sok", "") if self._arrived else ""
        text = where.text_input(label, placeholder=placeholder, key="view_sok")
        return self._keep("sok", str(text or "").strip())

    def toggle(self, name: str, label: str, where: Any = st, *, help_text: str = "") -> bool:
        """A switch whose state stands in the address as ja."""
        key = f"view_{name}"
        if self._arrived or key not in st.session_state:
            source = self._address if self._arrived else self._memory
            st.session_state[key] = source.get(name) == "ja"
        on = bool(where.toggle(label, key=key, help=help_text or None))
        self._keep(name, "ja" if on else "")
        return on

    def fix(self, name: str, value: str) -> str:
        """A choice that has no widget because there is only one option."""
        return self._keep(name, value)

    def _start(self, name: str, label: str, options: Mapping[str, str], default: str, widget: Any) -> str:
        if not self._arrived:
            return next(each for each in (widget, self._memory.get(name), default) if each in options)
        asked = self._address.get(name, "")
        if not asked:
            return default
        found = _match(asked, options)
        if found is None:
            self.complaints.append(
                f"”{asked}” går inte att välja under ”{label}”. Du ser {options[default]} i stället."
            )
        return found or default

    def _keep(self, name: str, value: str) -> str:
        self.chosen[name] = self._memory[name] = value
        return value

    def unknown(self, known: tuple[str, ...] = ()) -> None:
        """Complain about parts of the address that no page understands; `known` are a page's own beside KNOWN."""
        for name in self._address if self._arrived else ():
            if name not in (*known, *KNOWN, *self.chosen):
                self.complaints.append(f"”{name}” i länken betyder ingenting och har hoppats över.")

    def href(self, page: str = "", **other: str) -> str:
        """The address of this view, or of another page with the same choices."""
        return address(page or self.page, **(self.chosen | other))

    def done(self) -> None:
        """Write the view to the address, once per change."""
        wanted = {name: value for name, value in self.chosen.items() if value}
        if wanted != self._address:
            st.query_params.from_dict(wanted)
        st.session_state["written"] = wanted


def _match(asked: str, options: Mapping[str, str]) -> str | None:
    """The option an address means: by value, or by its Swedish text, in any case."""
    if asked in options:
        return asked
    wanted = asked.casefold()
    return next((value for value, text in options.items() if wanted in (value.casefold(), text.casefold())), None)
