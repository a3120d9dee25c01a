"""The draft for the state grant to skolsociala team as tagged PDF/UA in Swedish."""

from __future__ import annotations

import json
from pathlib import Path

import typst

from metrics.export.table import foot
from metrics.present import grant
from metrics.present.figures import Figures

TEMPLATE = Path(__file__).resolve().parent / "grant.typ"


def pdf(figures: Figures, member: str) -> bytes:
    """The document of one member as PDF/UA-1."""
    content = json.dumps(grant.contents(figures, member) | {"foot": foot(figures)}, ensure_ascii=False)
    return bytes(typst.compile(TEMPLATE, format="pdf", pdf_standards=["ua-1"], sys_inputs={"content": content}))
