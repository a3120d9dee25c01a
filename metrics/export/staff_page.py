"""One page for the staff of a member and stage, a school or a team, as tagged PDF/UA in Swedish: said, not said, to discuss."""

from __future__ import annotations

import json
from pathlib import Path

import typst

from metrics.export import table
from metrics.present import school_page, staff_page, team_page
from metrics.present.early_signs import Found
from metrics.present.figures import Figures
from metrics.present.staff_page import StaffView

TEMPLATE = Path(__file__).resolve().parent / "staff_page.typ"


def pdf(figures: Figures, found: Found, view: StaffView) -> bytes:
    """The page as PDF/UA-1; always a single page."""
    return _page(figures, staff_page.contents(figures, found, view))


def school_pdf(figures: Figures, code: str) -> bytes:
    """The page of a school that `school_page.refusal` lets through, as PDF/UA-1."""
    return _page(figures, school_page.contents(figures, code))


def team_pdf(figures: Figures, name: str) -> bytes:
    """The page of a team that `team_page.refusal` lets through, as PDF/UA-1."""
    return _page(figures, team_page.contents(figures, name))


def _page(figures: Figures, said: dict[str, object]) -> bytes:
    content = json.dumps(said | {"foot": table.foot(figures)}, ensure_ascii=False)
    return bytes(typst.compile(TEMPLATE, format="pdf", pdf_standards=["ua-1"], sys_inputs={"content": content}))
