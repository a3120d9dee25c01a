"""The register as a table to edit: own entries of one member, checked like any delivery, stored as a new version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from html import escape
from typing import Literal

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from metrics.declare import Column
from metrics.extracts.collaboration_register import EXTRACT
from metrics.intake import register_file, stage
from metrics.intake.findings import SEVERITY_TEXT, Finding, Staged
from metrics.intake.handing_in import hand_in, reason_key, unanswered
from metrics.intake.organisations import suggested
from metrics.models import words
from metrics.present import numbers
from metrics.present.html import notice, table
from metrics.values import Role
from metrics.vocabulary import current_region
from pages.parts import desk
from pages.parts.downloads import XLSX

TWICE = "Samma team ska stå i ett register, annars räknas det som pågående tills alla säger att det har slutat."
FILE = "register.csv"
CHANGE_HEADINGS = ("Team", "Uppgift", "Förut", "Nu")
FINDING_HEADINGS = ("Slag", "Uppgift", "Vad det är", "Vad du gör")
MOST_CHANGES = 40


KEYS = ("instance", "school_unit")
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Var och när": ("model_type", "started", "ended", "start_precision", "decided_by", "source"),
    "Organisation": (
        "school_form", "year_groups", "organisation", "steering_group", "contact_role", "documentation", "secrecy",
    ),
    "Målgrupp och mål": ("target_groups", "ways_in", "consent", "support", "goals", "expected_indicators"),
    "Personal i skolan": ("planned_posts", "filled_posts", *words.SCHOOL_STAFF, "coordinator_share"),
    "Personal från socialtjänsten med flera": (*words.SOCIAL_STAFF, *words.OTHER_STAFF),
    "Arbetssätt och kompetens": ("ways_of_working", "competences", "competences_needed"),
    "Krav och pengar": (
        "school_staff_trained", "social_staff_degree", "employed_six_months", "funding", "yearly_cost", "grant_ends",
    ),
    "Lärdomar och uppgift": ("success_factors", "challenges", "note", "entry_date"),
}  # fmt: skip
"""What is edited together: as many columns as fit beside the two that say which row it is."""
NARROW = ("decimal", "flag", "date")


@dataclass(frozen=True, kw_only=True)
class Open:
    """The register that is edited: whose, from which system, its version and rows as texts; everyone who has one."""

    sender: str
    system: str
    version: int
    rows: pd.DataFrame
    senders: tuple[str, ...] = ()


def open_register() -> Open:
    """The register that was chosen, else the largest that counts, or an empty one."""
    vault, principal = desk.vault(), desk.principal()
    batches = [each for each in vault.batches(principal) if each.extract == EXTRACT.name]
    if not batches:
        return Open(sender="", system="", version=0, rows=_empty())
    with vault.reading(principal) as connection:
        whose = register_file.senders(connection)
        chosen = st.session_state.get("register_whose")
        sender = chosen if chosen in whose else whose[0] if whose else ""
        rows = register_file.standing(connection, sender) if sender else _empty()
    last = next((each for each in batches if each.sender == sender and each.undone_at is None), None)
    system = last.source_system if last else ""
    return Open(sender=sender, system=system, version=len(batches), rows=rows, senders=tuple(whose))


def _empty() -> pd.DataFrame:
    return pd.DataFrame({column.name: pd.Series(dtype="str") for column in EXTRACT.columns})


def edit(found: Open) -> None:
    """Choose register and member, edit a group of columns at a time, see what changes and what is found, and store."""
    region = current_region()
    if len(found.senders) > 1:
        st.selectbox("Vems register", found.senders, key="register_whose", help=TWICE)
    first, second = st.columns(2)
    members = {member.code: member.name for member in region.members}
    code = first.selectbox("Kommun", list(members), format_func=lambda each: members[each], key="register_member")
    sender = found.sender or second.selectbox(
        "Organisation som lämnar in", suggested(region), index=None, key="register_sender", placeholder="Välj"
    )
    own = found.rows[found.rows["municipality"] == code].reset_index(drop=True)
    edited = _filled(_edited(own, code, f"{found.sender}_{code}_{found.version}"), code)
    _files(found)
    changes = register_file.changed(own, edited)
    if not changes:
        st.html(
            desk.quiet("Ändra i tabellen, eller lägg till rader längst ner, så ser du här vad som blir annorlunda.")
        )
        return
    _save(found, str(sender or ""), edited, changes, code)


def _edited(own: pd.DataFrame, code: str, place: str) -> pd.DataFrame:
    """The rows with what has been written in any group of columns; rows are added in the first group."""
    group = st.segmented_control(
        "Uppgifter", list(GROUPS), default=next(iter(GROUPS)), key="register_group", on_change=_keep, required=True
    )
    if st.session_state.get("register_place") != place:
        st.session_state.update(register_place=place, register_base=own, register_turn=0)
    base = st.session_state["register_base"]
    whole = group == next(iter(GROUPS))
    columns = [*KEYS, *GROUPS[str(group)]]
    shown = st.data_editor(
        base[columns],
        num_rows="dynamic" if whole else "fixed",
        hide_index=True,
        placeholder="",
        disabled=() if whole else KEYS,
        column_config={name: _config(EXTRACT.column(name), pinned=name == KEYS[0]) for name in columns},
        key=f"register_{place}_{group}_{st.session_state['register_turn']}",
        height=min(36 * (len(base) + 3), 460),
    )
    rest = base[[name for name in base.columns if name not in shown.columns]].reindex(shown.index)
    made = pd.concat([shown, rest], axis=1).fillna("")
    st.session_state["register_made"] = made.assign(municipality=code)
    return made


def _keep() -> None:
    """Another group of columns is chosen: what was written in the one before is kept."""
    if "register_made" in st.session_state:
        st.session_state["register_base"] = st.session_state["register_made"].reset_index(drop=True)
        st.session_state["register_turn"] = st.session_state.get("register_turn", 0) + 1


def _config(column: Column, *, pinned: bool = False) -> ColumnConfig:
    """How a column is edited: a list where it has few codes, otherwise text."""
    titles: dict[str, str] = {}
    for title, stored in (column.codes or {}).items():
        titles.setdefault(stored, title)
    width: Literal["small"] | None = "small" if column.kind in NARROW else None
    title = numbers.capital(column.title.removeprefix("Tjänster: "))
    if titles:
        options = list(titles.values())
        return st.column_config.SelectboxColumn(title, options=options, help=column.description, width=width)
    return st.column_config.TextColumn(title, help=column.description, width=width, pinned=pinned)


def _filled(shown: pd.DataFrame, code: str) -> pd.DataFrame:
    """The edited rows as texts, without rows nobody has written in."""
    rows = shown.astype(object).where(shown.notna(), "").astype(str)
    rows = rows[[column.name for column in EXTRACT.columns]].assign(municipality=code)
    written = rows.drop(columns="municipality").astype(bool).any(axis=1)
    return rows[written].reset_index(drop=True)


def _files(found: Open) -> None:
    with st.container(horizontal=True, key="files_register"):
        for label, data, suffix, mime in (
            ("Hela registret som Excel", register_file.xlsx_bytes, "xlsx", XLSX),
            ("Hela registret som CSV", register_file.csv_bytes, "csv", "text/csv"),
        ):
            st.download_button(
                label,
                lambda data=data: data(found.rows),  # type: ignore[misc]
                file_name=f"samsyn-register.{suffix}",
                mime=mime,
                type="tertiary",
                on_click="ignore",
                key=f"register_{suffix}",
            )


def _save(found: Open, sender: str, edited: pd.DataFrame, changes: list[tuple[str, str, str, str]], code: str) -> None:
    """What changes, what is found, the reasons for warnings, and the button."""
    others = found.rows[found.rows["municipality"] != code]
    staged = stage(register_file.csv_bytes(pd.concat([others, edited], ignore_index=True)), EXTRACT, name=FILE)
    staged = replace(staged, coverage=replace(staged.coverage, source_system=found.system))
    counted = numbers.counted(len(changes), "ändring", "ändringar")
    st.html(desk.wide(table(f"{numbers.capital(counted)} blir en ny version", CHANGE_HEADINGS, changes[:MOST_CHANGES],
                            text_columns=4, caption_shown=True)))  # fmt: skip
    findings = list(staged.findings)
    if findings:
        rows = [(SEVERITY_TEXT[each.severity], each.column, each.sentence, each.advice) for each in findings]
        st.html(desk.wide(table("Fynd", FINDING_HEADINGS, rows, text_columns=4), "dk-findings"))
    reasons = {reason_key(each): _reason(each) for each in staged.findings.acknowledgeable}
    left = _left(staged, sender, reasons)
    if left:
        st.html(notice(escape(left), "warning"))
    if st.button("Spara som ny version", type="primary", disabled=bool(left), key="register_save"):
        stored = desk.attempt(lambda: _store(staged, sender, reasons), "Sparar registret")
        if stored:
            st.session_state["register_said"] = f"{numbers.capital(counted)} är sparade som en ny version."
            st.rerun()


def _reason(finding: Finding) -> str:
    return st.text_input(f"Skäl: {finding.sentence}", key=f"register_reason_{reason_key(finding)}").strip()


def _left(staged: Staged, sender: str, reasons: dict[str, str]) -> str:
    """What is left to do before it can be stored."""
    if staged.findings.refused:
        return "Rätta felen i tabellen först."
    if not sender:
        return "Välj vilken organisation som lämnar in."
    return "Skriv ett skäl för varje varning." if unanswered(staged.findings, reasons) else ""


def _store(staged: Staged, sender: str, reasons: dict[str, str]) -> bool:
    principal = desk.principal()
    principal.require(Role.COORDINATOR, sender)
    hand_in(desk.vault(), staged, sender=sender, principal=principal, overlap="replace", reasons=reasons)
    return True
