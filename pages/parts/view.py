"""What a page shows, kept in its address: filters that a link restores, and that survive a change of page."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from metrics.present import html

KNOWN = (
    "utgava",
    "indikator",
    "kommun",
    "lan",
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
    "del",
    "team",
    "omgang",
    "resultat",
    "skola",
)
"""Parts of an address that some page understands: another page lets them pass without a word."""


class Asked:
    """What a reader asks a page for. An address from outside wins; otherwise what was chosen last."""

    def __init__(self) -> None:
        self._address = {name: value for name, value in st.query_params.to_dict().items() if value}
        self._memory: dict[str, str] = st.session_state.setdefault("chosen", {})
        self._written: dict[str, str] = st.session_state.get("written", {})
        self.arrived = bool(self._address)

    @property
    def parts(self) -> dict[str, str]:
        """The choices by name."""
        return self._address if self.arrived else self._memory

    def fresh(self, name: str) -> bool:
        """Whether the reader said this herself, by a link or a choice: what the page wrote for her is no fault of hers."""
        return self.arrived and self._address.get(name) != self._written.get(name)

    def done(self, chosen: Mapping[str, str]) -> None:
        """Remember the view, and write it to the address where it does not stand there already."""
        self._memory.update(chosen)
        wanted = {name: value for name, value in chosen.items() if value}
        if wanted != self._address:
            st.query_params.from_dict(wanted)
        st.session_state["written"] = wanted


class View:
    """The choices of one view of a page: every choice has its value, its box and its part of the address."""

    def __init__(self, page: str, asked: Mapping[str, str], *, arrived: bool) -> None:
        """`asked`: the choices by name; `arrived`: they are from an address, which leaves out what is usual."""
        self.page = page
        self.arrived = arrived
        self.chosen: dict[str, str] = {}
        self.complaints: list[tuple[str, str]] = []
        """What could not be understood: the part of the address, and the Swedish sentence about it."""
        self._asked = dict(asked)
        self._boxes: dict[str, str] = {}
        self._row: list[str] = []
        self._views: tuple[str, str, Mapping[str, str]] | None = None

    def choose(
        self, name: str, label: str, options: Mapping[str, str], default: str, *, also: str = "", apart: bool = False
    ) -> str:
        """A choice among `options` (value -> Swedish text) whose value stands in the address under `name`.

        `also` is another part of the address that is read when there is none under `name`. The box stands in the row
        of filters, or, `apart`, where the page puts `box(name)`.
        """
        if also and not self._asked.get(name) and self._asked.get(also) in options:
            self._asked[name] = self._asked[also]
        value = self._fitting(name, label, options, default)
        return self._keep(name, value, html.select(name, label, options, value), apart=apart)

    def views(self, name: str, label: str, options: Mapping[str, str], default: str) -> str:
        """As `choose`, with every option in sight: one click instead of the two of a box."""
        self._views = (name, label, options)
        return self.fix(name, self._fitting(name, label, options, default))

    def toggle(self, name: str, label: str) -> bool:
        """A switch whose state stands in the address as ja."""
        on = self._asked.get(name) == "ja"
        self._keep(name, "ja" if on else "", html.switch(name, label, on=on))
        return on

    def fix(self, name: str, value: str) -> str:
        """A choice that has no box, because there is only one option or because it is made elsewhere."""
        self.chosen[name] = value
        return value

    def asked(self, name: str) -> str:
        """What a link says of a part that is not remembered from one page to the next."""
        return self._asked.get(name, "") if self.arrived else ""

    def box(self, name: str) -> str:
        """The box of a choice that stands apart."""
        return self._boxes[name]

    def filters(self) -> str:
        """The views of the page, and the row of the boxes."""
        return self._side_by_side() + html.filters(*self._row)

    def _side_by_side(self) -> str:
        if self._views is None:
            return ""
        name, label, options = self._views
        return html.views(label, {self.href(**{name: each}): text for each, text in options.items()}, self.href())

    def _fitting(self, name: str, label: str, options: Mapping[str, str], default: str) -> str:
        asked = self._asked.get(name, "")
        if not self.arrived:
            return asked if asked in options and name in self._asked else default
        if not asked:
            return default
        found = _match(asked, options)
        if found is None:
            text = f"”{asked}” går inte att välja under ”{label}”. Du ser {options[default]} i stället."
            self.complaints.append((name, text))
        return default if found is None else found

    def _keep(self, name: str, value: str, box: str, *, apart: bool = False) -> str:
        self._boxes[name] = box
        if not apart:
            self._row.append(box)
        return self.fix(name, value)

    def unknown(self) -> None:
        """Complain about parts of the address that no page understands."""
        for name in self._asked if self.arrived else ():
            if name not in (*KNOWN, *self.chosen):
                self.complaints.append((name, f"”{name}” i länken betyder ingenting och har hoppats över."))

    def href(self, page: str = "", **other: str) -> str:
        """The address of this view, or of another page with the same choices."""
        return html.address(page or self.page, **(self.chosen | other))


def _match(asked: str, options: Mapping[str, str]) -> str | None:
    """The option an address means: by value, or by its Swedish text, in any case."""
    if asked in options:
        return asked
    wanted = asked.casefold()
    return next((value for value, text in options.items() if wanted in (value.casefold(), text.casefold())), None)
