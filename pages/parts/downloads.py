"""Buttons that make a file only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from metrics.export import brief as make_brief
from metrics.export import bundle, listing, picture
from metrics.export import decision as make_decision
from metrics.export import effect as make_effect
from metrics.export import grant as make_grant
from metrics.export import signs as make_signs
from metrics.export import staff_page as make_staff_page
from metrics.export import table as export
from metrics.present.charts import Spec
from metrics.present.early_signs import Entry, Found, find
from metrics.present.effect import Finding, code_of
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView
from metrics.present.staff_page import StaffView
from metrics.release import read
from metrics.vocabulary import ALL
from pages.parts.library import figures_in
from pages.parts.picture import shared

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def current_figures() -> Figures:
    return figures_in(read.current_folder())


def table(name: str, rows: Callable[[], Sequence[export.Row]], figures: Figures, title: str) -> None:
    """CSV and Excel of the rows."""
    _two_files(
        name,
        figures,
        lambda: export.csv_bytes(rows(), figures),
        lambda: export.xlsx_bytes(rows(), figures, title),
    )


def _two_files(name: str, figures: Figures, as_csv: Callable[[], bytes], as_xlsx: Callable[[], bytes]) -> None:
    file = f"samsyn-{name}-{figures.release.id}"
    with st.container(horizontal=True, key=f"files_{name}"):
        st.download_button(
            "Ladda ner tabellen som CSV",
            as_csv,
            file_name=f"{file}.csv",
            mime="text/csv",
            type="tertiary",
            on_click="ignore",
            key=f"csv_{name}",
        )
        st.download_button(
            "Ladda ner tabellen som Excel",
            as_xlsx,
            file_name=f"{file}.xlsx",
            mime=XLSX,
            type="tertiary",
            on_click="ignore",
            key=f"xlsx_{name}",
        )


def signs(entries: Callable[[], Sequence[Entry]], figures: Figures) -> None:
    """CSV and Excel of the groups that stand out."""
    _two_files(
        "tidiga-tecken",
        figures,
        lambda: make_signs.csv_bytes(entries(), figures),
        lambda: make_signs.xlsx_bytes(entries(), figures),
    )


def texts(
    name: str,
    headings: Sequence[str],
    rows: Callable[[], Sequence[Sequence[str]]],
    figures: Figures,
    title: str,
    source: str,
) -> None:
    """CSV and Excel of a table of texts; `source` says where it is from."""
    _two_files(
        name,
        figures,
        lambda: listing.csv_bytes(headings, rows(), figures, title, source),
        lambda: listing.xlsx_bytes(headings, rows(), figures, title, source),
    )


def staff(view: StaffView, figures: Figures, where: Any = st) -> None:
    """The page for the staff of a member and stage."""
    stage = "" if view.stage == ALL else f"-{view.stage}"
    where.download_button(
        "Ladda ner en sida till personalen (PDF)",
        lambda: make_staff_page.pdf(figures, signs_of(figures), view),
        file_name=f"samsyn-personalen-{view.area}{stage}-{figures.release.id}.pdf",
        mime="application/pdf",
        type="tertiary",
        on_click="ignore",
        key="pdf_staff",
    )


def school(code: str, figures: Figures, where: Any = st) -> None:
    """The page for the staff of one school."""
    where.download_button(
        "Ladda ner en sida till personalen vid skolan (PDF)",
        lambda: make_staff_page.school_pdf(figures, code),
        file_name=f"samsyn-personalen-{code}-{figures.release.id}.pdf",
        mime="application/pdf",
        type="tertiary",
        on_click="ignore",
        key="pdf_school",
    )


def team(name: str, figures: Figures, where: Any = st) -> None:
    """The page for the staff of one team."""
    known = "".join(each if each.isalnum() else "-" for each in name)
    where.download_button(
        "Ladda ner en sida till personalen i teamet (PDF)",
        lambda: make_staff_page.team_pdf(figures, name),
        file_name=f"samsyn-personalen-{known}-{figures.release.id}.pdf",
        mime="application/pdf",
        type="tertiary",
        on_click="ignore",
        key="pdf_team",
    )


def signs_of(figures: Figures) -> Found:
    """The groups that stand out in a release, found once for every reader."""
    return shared(("signs", figures.release.id), lambda: find(figures))


def grant(member: str, figures: Figures) -> None:
    """The draft for the state grant to a member's skolsociala team."""
    st.download_button(
        "Ladda ner utkast till underlag för statsbidrag (PDF)",
        lambda: make_grant.pdf(figures, member),
        file_name=f"samsyn-statsbidrag-{member}-{figures.release.id}.pdf",
        mime="application/pdf",
        type="tertiary",
        on_click="ignore",
        key="pdf_grant",
    )


def pictures(name: str, build: Callable[[], Spec], title: str, sentence: str, figures: Figures) -> None:
    """SVG and PNG of a picture, always in the light colours, with title, source and release."""
    file = f"samsyn-{name}-{figures.release.id}"
    foot = export.foot(figures)
    with st.container(horizontal=True, key=f"pictures_{name}"):
        st.download_button(
            "Ladda ner bilden som PNG",
            lambda: picture.png(build(), title, sentence, foot),
            file_name=f"{file}.png",
            mime="image/png",
            type="tertiary",
            on_click="ignore",
            key=f"png_{name}",
        )
        st.download_button(
            "Ladda ner bilden som SVG",
            lambda: picture.svg(build(), title, sentence, foot).encode("utf-8"),
            file_name=f"{file}.svg",
            mime="image/svg+xml",
            type="tertiary",
            on_click="ignore",
            key=f"svg_{name}",
        )


def brief(view: ProfileView, figures: Figures) -> None:
    """The one-page brief, and everything for a meeting."""
    file = f"samsyn-{view.area}-{figures.release.id}"
    with st.container(horizontal=True, key="files_brief"):
        st.download_button(
            "Ladda ner en sida att skriva ut (PDF)",
            lambda: make_brief.pdf(figures, view),
            file_name=f"{file}.pdf",
            mime="application/pdf",
            type="tertiary",
            on_click="ignore",
            key="pdf_brief",
        )
        st.download_button(
            "Ladda ner paket för nämnden (PDF, tabeller och bilder)",
            lambda: bundle.zip_bytes(figures, view),
            file_name=f"{file}.zip",
            mime="application/zip",
            type="tertiary",
            on_click="ignore",
            key="zip_brief",
        )


def effect(finding: Finding, figures: Figures) -> None:
    """CSV and Excel of one evaluation, with its plan, method and citation."""
    _two_files(
        f"effekt-{finding.model}-{code_of(finding)}",
        figures,
        lambda: make_effect.csv_bytes(finding, figures),
        lambda: make_effect.xlsx_bytes(finding, figures),
    )


def decision(model: str, member: str, figures: Figures) -> None:
    """The two pages to decide from about a model in one municipality."""
    with st.container(horizontal=True, key="files_decision"):
        st.download_button(
            "Ladda ner beslutsunderlag, två sidor (PDF)",
            lambda: make_decision.pdf(figures, model, member),
            file_name=f"samsyn-beslutsunderlag-{model}-{member}-{figures.release.id}.pdf",
            mime="application/pdf",
            type="tertiary",
            on_click="ignore",
            key="pdf_decision",
        )
