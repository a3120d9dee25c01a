"""Links to files that are made only when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from metrics.export import brief as make_brief
from metrics.export import bundle, listing, names, picture
from metrics.export import decision as make_decision
from metrics.export import effect as make_effect
from metrics.export import grant as make_grant
from metrics.export import signs as make_signs
from metrics.export import staff_page as make_staff_page
from metrics.export import table as export
from metrics.present.charts import Spec
from metrics.present.early_signs import Entry, find
from metrics.present.effect import Finding
from metrics.present.effect_charts import picture_title
from metrics.present.figures import Figures
from metrics.present.models import TITLES
from metrics.present.profile import ProfileView
from metrics.present.staff_page import StaffView
from metrics.release import read
from metrics.vocabulary import ALL
from pages.parts.files import File, links, tell
from pages.parts.kept import heavy
from pages.parts.library import figures_in
from pages.parts.sheet import Sheet

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def current_figures() -> Figures:
    return figures_in(read.current_folder())


PDF = "application/pdf"


def table(
    sheet: Sheet,
    name: str,
    rows: Callable[[], Sequence[export.Row]],
    figures: Figures,
    title: str,
    *,
    what: str = "tabellen",
) -> None:
    """CSV and Excel of the rows; `what` is downloaded where a page has more than one."""
    _two_files(
        sheet,
        name,
        figures,
        lambda: export.csv_bytes(rows(), figures),
        lambda: export.xlsx_bytes(rows(), figures, title),
        what,
    )


def _two_files(
    sheet: Sheet,
    name: str,
    figures: Figures,
    as_csv: Callable[[], bytes],
    as_xlsx: Callable[[], bytes],
    what: str = "tabellen",
) -> None:
    file = f"samsyn-{name}-{figures.release.id}"
    sheet.html(
        links(
            sheet,
            File(label=f"Ladda ner {what} som CSV", name=f"{file}.csv", mime="text/csv", build=as_csv),
            File(label=f"Ladda ner {what} som Excel", name=f"{file}.xlsx", mime=XLSX, build=as_xlsx),
        )
    )


def signs(sheet: Sheet, entries: Callable[[], Sequence[Entry]], figures: Figures) -> None:
    """CSV and Excel of the groups that stand out."""
    _two_files(
        sheet,
        "tidiga-tecken",
        figures,
        lambda: make_signs.csv_bytes(entries(), figures),
        lambda: make_signs.xlsx_bytes(entries(), figures),
    )


def texts(
    sheet: Sheet,
    name: str,
    headings: Sequence[str],
    rows: Callable[[], Sequence[Sequence[str]]],
    figures: Figures,
    title: str,
    source: str,
) -> None:
    """CSV and Excel of a table of texts; `source` says where it is from."""
    _two_files(
        sheet,
        name,
        figures,
        lambda: listing.csv_bytes(headings, rows(), figures, title, source),
        lambda: listing.xlsx_bytes(headings, rows(), figures, title, source),
    )


def effect(sheet: Sheet, finding: Finding, figures: Figures) -> None:
    """CSV and Excel of one evaluation, with its plan, method and citation."""
    _two_files(
        sheet,
        f"effekt-{names.word(picture_title(finding))}",
        figures,
        lambda: make_effect.csv_bytes(finding, figures),
        lambda: make_effect.xlsx_bytes(finding, figures),
    )


def pictures(sheet: Sheet, name: str, build: Callable[[], Spec], title: str, sentence: str, figures: Figures) -> None:
    """SVG and PNG of a picture, always in the light colours, with title, source and release."""
    file = f"samsyn-{name}-{figures.release.id}"
    foot = export.foot(figures)
    png = File(
        label="Ladda ner bilden som PNG",
        name=f"{file}.png",
        mime="image/png",
        build=lambda: picture.png(build(), title, sentence, foot),
    )
    svg = File(
        label="Ladda ner bilden som SVG",
        name=f"{file}.svg",
        mime="image/svg+xml",
        build=lambda: picture.svg(build(), title, sentence, foot).encode("utf-8"),
    )
    sheet.html(links(sheet, png, svg))


def staff(sheet: Sheet, view: StaffView, figures: Figures) -> None:
    """The page for the staff of a member and stage."""
    stage = "" if view.stage == ALL else f"-{view.stage}"
    _pdf(
        sheet,
        "Ladda ner en sida till personalen (PDF)",
        f"samsyn-personalen-{view.area}{stage}-{figures.release.id}",
        lambda: make_staff_page.pdf(figures, find(figures), view),
    )


def school(sheet: Sheet, code: str, figures: Figures) -> None:
    """The page for the staff of one school."""
    _pdf(
        sheet,
        "Ladda ner en sida till personalen vid skolan (PDF)",
        f"samsyn-personalen-{code}-{figures.release.id}",
        lambda: make_staff_page.school_pdf(figures, code),
    )


def team(sheet: Sheet, name: str, figures: Figures) -> None:
    """The page for the staff of one team."""
    known = "".join(each if each.isalnum() else "-" for each in name)
    _pdf(
        sheet,
        "Ladda ner en sida till personalen i teamet (PDF)",
        f"samsyn-personalen-{known}-{figures.release.id}",
        lambda: make_staff_page.team_pdf(figures, name),
    )


def grant(sheet: Sheet, member: str, figures: Figures) -> None:
    """The draft for the state grant to a member's skolsociala team."""
    _pdf(
        sheet,
        "Ladda ner utkast till underlag för statsbidrag (PDF)",
        f"samsyn-statsbidrag-{member}-{figures.release.id}",
        lambda: make_grant.pdf(figures, member),
    )


def decision(sheet: Sheet, model: str, member: str, figures: Figures) -> None:
    """The two pages to decide from about a model in one municipality."""
    _pdf(
        sheet,
        "Ladda ner beslutsunderlag, två sidor (PDF)",
        f"samsyn-beslutsunderlag-{names.word(TITLES.get(model, model))}-{member}-{figures.release.id}",
        lambda: make_decision.pdf(figures, model, member),
    )


def _pdf(sheet: Sheet, label: str, name: str, build: Callable[[], bytes]) -> None:
    sheet.html(links(sheet, File(label=label, name=f"{name}.pdf", mime=PDF, build=build)))


def brief(sheet: Sheet, view: ProfileView, figures: Figures) -> None:
    """The one-page brief, and everything for a meeting."""
    file = f"samsyn-{view.area}-{figures.release.id}"
    page = File(
        label="Ladda ner en sida att skriva ut (PDF)",
        name=f"{file}.pdf",
        mime=PDF,
        build=lambda: make_brief.pdf(figures, view),
    )
    everything = File(
        label="Ladda ner paket för nämnden (PDF, tabeller och bilder)",
        name=f"{file}.zip",
        mime="application/zip",
        build=lambda: heavy(("zip", view), lambda: bundle.zip_bytes(figures, view, progress=tell)),
    )
    sheet.html(links(sheet, page, everything))
