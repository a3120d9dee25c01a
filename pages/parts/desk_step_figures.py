"""Step 3, the published figures: what the delivery would change in the sender's own, and nothing about anyone else."""

from __future__ import annotations

import streamlit as st

from metrics import catalogue
from metrics.intake.own_figures import MADE_BY_FEW, Figure, OwnFigures, own_figures
from metrics.present import numbers
from metrics.present.html import table
from metrics.release import read
from metrics.release.read import Release
from metrics.vocabulary import ALL, current_region
from pages.parts import desk
from pages.parts.desk_case import Case

HEADINGS = ("Mått", "Period", "Publicerat", "Elever", "Med filen", "Elever", "Skillnad")
MOST = 20
SHARED = "Fler organisationer än ni har lämnat uppgifter för kommunens skolor, så era publicerade värden jämförs inte med filen."


def show(case: Case) -> None:
    """A table of the published values that are the sender's own, beside the same with the file in.

    Only for a release of this installation: the example release is about nobody's pupils.
    """
    own = read.current_folder().parent == read.releases_folder()
    release = desk.official_release() if own else None
    if release is None:
        return
    found = desk.attempt(lambda: _kept(case, release), "Räknar era egna värden")
    if found is None:
        return
    if found.shared:
        st.html(desk.quiet(SHARED))
    elif found.figures:
        example = " Exempeldata." if release.example else ""
        caption = f"Era publicerade värden i utgåva {release.id}, och med filen.{example}"
        rows = [_row(each) for each in found.figures[:MOST]]
        st.html(desk.wide(table(caption, HEADINGS, rows, text_columns=2, caption_shown=True)))
        more = f"De {MOST} nyaste av {len(found.figures)} visas. " if len(found.figures) > MOST else ""
        st.html(desk.quiet(f"{more}Bara era egna rader räknas. {MADE_BY_FEW}"))


def _kept(case: Case, release: Release | None) -> OwnFigures:
    """Counted once until something changes."""
    standing = tuple(each.batch for each in case.delivery.batches if each.undone_at is None)
    mapping = tuple(sorted(case.answers.mapping.items()))
    adds = case.answers.overlap == "add"
    asked = (case.delivery.sender, case.delivery.source_system, case.answers.extract, mapping, adds, standing)
    kept: dict[str, tuple[object, OwnFigures]] = st.session_state.setdefault("desk_figures", {})
    if case.key not in kept or kept[case.key][0] != (asked, release and release.id):
        found = own_figures(
            desk.vault(),
            case.staged,
            sender=case.delivery.sender,
            principal=desk.principal(),
            region=current_region(),
            release=release,
            adds=adds,
        )
        kept[case.key] = ((asked, release and release.id), found)
    return kept[case.key][1]


def _row(figure: Figure) -> tuple[str, ...]:
    declared = catalogue.default().indicators[figure.indicator]
    title = declared.short_title + (f", {figure.stage}" if figure.stage != ALL else "")
    before = numbers.in_unit(figure.published, declared.unit, declared.decimals)
    fixed = (title, figure.period, before, numbers.count(figure.published_pupils))
    if figure.unchanged:
        return (*fixed, before, numbers.count(figure.published_pupils), "ingen")
    if figure.value is None or figure.pupils is None:
        return (*fixed, "–", "–", "visas inte")
    after = numbers.in_unit(figure.value, declared.unit, declared.decimals)
    size = figure.value - figure.published
    change = ("+" if size > 0 else numbers.MINUS) + numbers.difference(size, declared.unit, declared.decimals)
    return (*fixed, after, numbers.count(figure.pupils), change)
