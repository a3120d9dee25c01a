"""One page for the staff of a member and stage as tagged PDF/UA in Swedish: what is said, what is not, what to discuss."""

from __future__ import annotations

import json
from pathlib import Path

import typst

from metrics.export import table
from metrics.present import staff_page
from metrics.present.early_signs import Found
from metrics.present.figures import Figures
from metrics.present.staff_page import StaffView

TEMPLATE = Path(__file__).resolve().parent / "staff_page.typ"


def pdf(figures: Figures, found: Found, view: StaffView) -> bytes:
    """The page as PDF/UA-1; always a single page."""
    said = staff_page.contents(figures, found, view) | {"foot": table.foot(figures)}
    content = json.dumps(said, ensure_ascii=False)
    return bytes(typst.compile(TEMPLATE, format="pdf", pdf_standards=["ua-1"], sys_inputs={"content": content}))
