"""historik: deliveries, releases, publishing, reconciliation, the delivery plan and the log."""

from __future__ import annotations

import streamlit as st

from metrics.present import numbers
from metrics.present.html import heading, notice
from metrics.release import read
from metrics.vault import Batch
from pages.parts import desk, desk_batches, desk_joins, desk_plan, desk_record, desk_releases, desk_review
from pages.parts.desk_publishing import jobs

QUESTION = "Vad har lämnats in och getts ut?"
SECTIONS = {
    "leveranser": "Leveranser",
    "utgavor": "Utgåvor",
    "ge-ut": "Ge ut",
    "avstamning": "Avstämning",
    "plan": "Leveransplan",
    "kopplingar": "Kopplingar",
    "logg": "Logg",
}


def page() -> None:
    """The chosen section; while a release is being made the vault is left alone."""
    vault = desk.vault()
    batches = desk.attempt(lambda: vault.batches(desk.principal()))
    st.html(desk.STYLE + heading(QUESTION, _answer(batches or [])))
    if said := st.session_state.pop("history_said", ""):
        st.html(notice(said))
    if jobs().running and _section_now() != "ge-ut":
        st.html(notice("En ny utgåva tas fram just nu. Se hur långt den kommit under Ge ut."))
    chosen = _section()
    if batches is not None:
        _show(chosen, batches)
    st.html(desk.quiet(f"{desk.encryption(vault.key)} {desk.IDENTITY}"))


def _answer(batches: list[Batch]) -> str:
    standing = [each for each in batches if each.undone_at is None]
    if not standing:
        delivered = "Inget har lämnats in ännu."
    else:
        number = numbers.capital(numbers.counted(len(standing), "leverans", "leveranser"))
        delivered = f"**{number}** räknas, den senaste från {standing[0].sender} {numbers.day(standing[0].stored_at.isoformat())}."
    delivered += desk_plan.late(batches) if standing else ""
    found = [each for each in desk_releases.listed(read.release_folders()) if each.own and each.withdrawn is None]
    if not found:
        return f"{delivered} Ingen egen utgåva gäller, så sidorna visar Exempeldata."
    example = " (Exempeldata)" if found[0].manifest.get("example") else ""
    return f"{delivered} Senaste utgåvan är **{found[0].id}**{example}."


def _section_now() -> str:
    asked = st.session_state.get("history_section") or st.query_params.get("visa", "")
    return asked if asked in SECTIONS else "leveranser"


def _section() -> str:
    """Which part of the history is shown; it stands in the address."""
    if st.session_state.get("history_section") is None:
        st.session_state["history_section"] = _section_now()
    chosen = st.segmented_control(
        "Visa", list(SECTIONS), format_func=lambda each: SECTIONS[each], key="history_section", required=True
    )
    if chosen and st.query_params.get("visa") != chosen:
        st.query_params["visa"] = chosen
    return str(chosen)


def _show(chosen: str, batches: list[Batch]) -> None:
    if chosen == "leveranser":
        desk_batches.show(batches)
    elif chosen == "utgavor":
        desk_releases.show()
    elif chosen == "ge-ut":
        desk_releases.show_publishing(any(each.undone_at is None for each in batches))
        if not jobs().running and (waiting := desk_releases.drafts()):
            desk_review.show(desk_releases.show_signing(waiting))
    elif chosen == "avstamning":
        desk_record.reconciliation()
    elif chosen == "plan":
        desk_plan.show(batches)
    elif chosen == "kopplingar":
        desk_joins.show(batches)
    else:
        found = desk.attempt(lambda: desk.vault().log(desk.principal()))
        if found is not None:
            desk_record.log(found)


desk.attempt(page)
