"""Dropped files: kept in memory only, unpacked, read as the sender says, and screened once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st
from starlette.formparsers import MultiPartParser

from metrics.intake import Staged, stage, unpack
from metrics.intake.corrected import Correction, apply
from metrics.vocabulary import current_region

LARGEST_MB = 200
MOST_FILES = 40

MultiPartParser.spool_max_size = (LARGEST_MB + 56) * 2**20
"""The web server would otherwise write every upload above 1 MB to a temporary file before this page sees it."""


@dataclass(frozen=True, kw_only=True)
class Dropped:
    """One table file as it was dropped: `key` tells contents and name apart."""

    key: str
    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the sender has said about a file: its kind, how it is written, and headings matched by hand."""

    extract: str = ""
    correction: Correction = field(default_factory=Correction)
    mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> tuple[object, ...]:
        return (self.extract, self.correction, tuple(sorted(self.mapping.items())))


DROPZONE = """<script>(() => {
  const mend = () => document.querySelectorAll('[data-testid="stFileUploaderDropzone"][role="presentation"]')
    .forEach((zone) => zone.setAttribute("role", "group"));
  mend();
  if (window.samsynDropzone) return;
  window.samsynDropzone = new MutationObserver(mend);
  window.samsynDropzone.observe(document.body, {subtree: true, childList: true});
})();</script>"""
"""The framework gives its drop zone a label and the role presentation, which contradict each other."""


def uploader() -> list[Dropped]:
    """The place to drop files; a file dropped again under the same name takes the earlier one's place."""
    turn = st.session_state.setdefault("desk_turn", 0)
    uploads = st.file_uploader(
        "Släpp en eller flera filer",
        accept_multiple_files=True,
        key=f"desk_upload_{turn}",
        max_upload_size=LARGEST_MB,
        help="CSV, Excel (xlsx), JSON (även JSON Lines) eller zip. Filerna ligger bara i minnet tills du lämnar in dem.",
    )
    st.html(DROPZONE, unsafe_allow_javascript=True)
    newest: dict[str, Dropped] = {}
    for upload in uploads or []:
        for member in unpack(upload.getvalue(), upload.name)[:MOST_FILES]:
            digest = hashlib.sha256(member.name.encode() + b"\0" + member.data).hexdigest()[:16]
            newest.pop(member.name, None)
            newest[member.name] = Dropped(key=digest, name=member.name, data=member.data)
    return list(newest.values())


def clear() -> None:
    """Let go of every dropped file: a new uploader takes the old one's place."""
    st.session_state["desk_turn"] = st.session_state.get("desk_turn", 0) + 1
    forget(set())


def staged(dropped: Dropped, said: Said, source_system: str) -> Staged:
    """The file screened as the sender says; remembered until something said about it changes."""
    kept: dict[str, tuple[tuple[object, ...], Staged]] = st.session_state.setdefault("desk_staged", {})
    if dropped.key not in kept or kept[dropped.key][0] != said.key:
        made = _screened(dropped, said)
        if dropped.key in kept:
            kept[dropped.key][1].connection.close()
        kept[dropped.key] = (said.key, made)
    found = kept[dropped.key][1]
    return replace(found, coverage=replace(found.coverage, source_system=source_system))


def _screened(dropped: Dropped, said: Said) -> Staged:
    data = apply(dropped.data, said.correction)
    found = stage(data, said.extract or None, name=dropped.name, mapping=said.mapping, region=current_region())
    if said.correction.empty:
        return found
    original = hashlib.sha256(dropped.data).hexdigest()
    return replace(found, source=replace(found.source, sha256=original, size=len(dropped.data)))


def forget(keys: set[str]) -> None:
    """Close what was staged from files that are no longer there; `keys` are those that are."""
    kept: dict[str, tuple[tuple[object, ...], Staged]] = st.session_state.setdefault("desk_staged", {})
    for key in [key for key in kept if key not in keys]:
        kept.pop(key)[1].connection.close()


def shown_name(found: Staged, place: int) -> str:
    """The file's name, or its number where the name itself could point to a person."""
    return found.source.file_name or f"Fil {place}"
