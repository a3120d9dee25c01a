"""lamna-in: file, findings, what changes for your own organisation, receipt. Publishing is somebody else's act."""

from __future__ import annotations

from html import escape

import streamlit as st

from metrics.intake.handing_in import hand_in
from metrics.intake.organisations import member_of, suggested
from metrics.present import numbers
from metrics.present.html import heading, notice, table
from metrics.vault import Batch
from metrics.vocabulary import current_region
from pages.parts import (
    desk,
    desk_files,
    desk_plan,
    desk_receipts,
    desk_start,
    desk_step_changes,
    desk_step_file,
    desk_step_findings,
)
from pages.parts.desk_case import Case, Delivery, open_case

QUESTION = "Vad vill du lämna in?"
SENDER = "organisation"
"""The part of the address that says who hands in: whoever keeps the link never chooses it again."""
STEPS = ("Fil", "Fynd", "Vad ändras", "Kvitto")


def page() -> None:
    """The whole page: from dropped files to receipts."""
    batches = desk.attempt(lambda: desk.vault().batches(desk.principal())) or []
    st.html(desk.STYLE + heading(QUESTION, _answer(batches)))
    place = st.empty()
    delivery = _delivery(batches)
    dropped = desk_files.uploader()
    handed: set[str] = st.session_state.setdefault("desk_handed", set())
    waiting = [each for each in dropped if each.key not in handed]
    desk_files.forget({each.key for each in waiting})
    receipts: list[Batch] = st.session_state.setdefault("desk_receipts", [])
    cases = [open_case(each, number, delivery, of=len(waiting)) for number, each in enumerate(waiting, start=1)]
    found = [case for case in cases if case is not None]
    if found:
        place.html(desk.steps(min(case.step for case in found), STEPS))
        if receipts:
            with st.expander(f"Kvitton på det som nyss togs emot ({len(receipts)})", icon=":material/receipt_long:"):
                desk_receipts.show(receipts)
        _work(found)
    elif receipts:
        place.html(desk.steps(4, STEPS))
        desk_receipts.show(receipts)
        st.button("Lämna in något mer", on_click=receipts.clear, icon=":material/add:")
    elif not waiting:
        place.html(desk.steps(1, STEPS))
        desk_plan.show_own(delivery.sender, batches)
        desk_start.show()
    st.html(desk.quiet(f"{desk.SEPARATE} {desk.example()} {desk.IDENTITY}"))


def _answer(batches: list[Batch]) -> str:
    standing = [each for each in batches if each.undone_at is None]
    if not standing:
        return "Inget har lämnats in ännu. Släpp en fil, så ser du inom några sekunder om något behöver rättas."
    last = standing[0]
    return (
        f"Senast togs **{desk.title_of(last.extract)}** emot från {last.sender}, "
        f"{numbers.day(last.stored_at.isoformat())}: {numbers.counted(last.row_count, 'rad', 'rader')}."
    )


def _delivery(batches: list[Batch]) -> Delivery:
    """Who hands in and from which system; kept while other pages are visited."""
    senders = suggested(current_region(), [each.sender for each in batches])
    first, second = st.columns(2)
    st.session_state.setdefault("desk_sender_kept", st.query_params.get(SENDER) or None)
    sender = _named(first, "Organisation som lämnar in", senders, "desk_sender", "Välj, eller skriv kommun och nämnd")
    if sender != st.query_params.get(SENDER, ""):
        st.query_params.from_dict({SENDER: sender} if sender else {})
    theirs = [each.source_system for each in batches if each.sender == sender and each.source_system]
    _prefill(sender, next((each.source_system for each in batches if _counts(each, sender)), ""))
    system = _named(
        second, "Källsystem (frivilligt)", sorted(set(theirs)), "desk_system", "Till exempel namnet på ert skolsystem"
    )
    if other := _other_name(sender, batches):
        said = f"Samma kommun har förut lämnat in som {other}. Välj det namnet om det är samma organisation, så att filen jämförs med det som redan finns."
        st.html(notice(escape(said), "warning"))
    return Delivery(sender=sender, source_system=system, batches=tuple(batches))


def _counts(batch: Batch, sender: str) -> bool:
    return batch.sender == sender and batch.undone_at is None and bool(batch.source_system)


def _prefill(sender: str, system: str) -> None:
    """The source system of the sender's last delivery stands in the field until somebody chooses another."""
    chosen_for = st.session_state.get("desk_system_for", "")
    if not sender or chosen_for == sender:
        return
    st.session_state["desk_system_for"] = sender
    if chosen_for or not st.session_state.get("desk_system_kept"):
        st.session_state["desk_system"] = st.session_state["desk_system_kept"] = system or None


def _other_name(sender: str, batches: list[Batch]) -> str:
    """The names under which the sender's municipality has delivered, when this one is new."""
    known = {each.sender for each in batches}
    member = member_of(sender, current_region())
    if not member or sender in known:
        return ""
    names = [f"”{each}”" for each in sorted(known) if member_of(each, current_region()) == member]
    return numbers.listed(names, "och")


def _named(where: st.delta_generator.DeltaGenerator, label: str, options: list[str], key: str, hint: str) -> str:
    kept = st.session_state.get(f"{key}_kept")
    if key not in st.session_state and kept:
        st.session_state[key] = kept
    known = options if not kept or kept in options else [*options, kept]
    chosen = where.selectbox(label, known, index=None, key=key, placeholder=hint, accept_new_options=True)
    st.session_state[f"{key}_kept"] = chosen
    return (chosen or "").strip()


def _work(cases: list[Case]) -> None:
    """The steps of the chosen file, and the button that hands in every file that is ready."""
    case = cases[0] if len(cases) == 1 else _choose(cases)
    desk_step_file.show(case)
    desk_step_findings.show(case)
    desk_step_changes.show(case)
    _hand_in(cases)


def _choose(cases: list[Case]) -> Case:
    rows = [
        (each.name, each.kind, numbers.count(each.staged.findings.recognised.row_count), _state(each)) for each in cases
    ]
    st.html(desk.wide(table("Filer", ("Fil", "Slag av uttag", "Rader", "Läge"), rows, text_columns=4)))
    keys = {case.key: case for case in cases}
    wanted = next((case.key for case in cases if case.left), cases[0].key)
    if st.session_state.get("desk_file") not in keys:
        st.session_state["desk_file"] = wanted
    return keys[st.selectbox("Visa filen", list(keys), format_func=lambda key: keys[key].name, key="desk_file")]


def _state(case: Case) -> str:
    return " ".join(case.left) or "Klar att lämna in."


def _hand_in(cases: list[Case]) -> None:
    ready = [case for case in cases if not case.left]
    left = [case for case in cases if case.left]
    if len(cases) == 1:
        label = "Lämna in"
    else:
        label = f"Lämna in {numbers.counted(len(ready), 'fil', 'filer')}" if ready else "Lämna in"
    if left:
        st.html(desk.quiet(_what_is_left(left, many=len(cases) > 1)))
    if st.button(label, type="primary", disabled=not ready, icon=":material/inbox:", key="desk_hand_in"):
        done = [batch for case in ready if (batch := _stored(case, ready)) is not None]
        if done:
            st.session_state["desk_receipts"] = [*st.session_state["desk_receipts"], *done]
            if len(done) == len(cases):
                st.session_state["desk_handed"] = set()
                desk_files.clear()
            st.rerun()


def _stored(case: Case, ready: list[Case]) -> Batch | None:
    place = f", {ready.index(case) + 1} av {len(ready)}" if len(ready) > 1 else ""
    return desk.attempt(lambda: _store(case), f"Lämnar in {case.name}{place}")


def _what_is_left(left: list[Case], *, many: bool) -> str:
    if many:
        return f"{numbers.capital(numbers.counted(len(left), 'fil', 'filer'))} är inte klara. Välj filen för att se vad som återstår."
    return "Innan filen kan lämnas in: " + " ".join(left[0].left)


def _store(case: Case) -> Batch:
    """Hand the file in, and remember how the sender's headings were matched."""
    vault = desk.vault()
    batch = hand_in(
        vault,
        case.staged,
        sender=case.delivery.sender,
        principal=desk.principal(),
        reasons=case.answers.reasons,
        overlap=case.answers.overlap if case.overlaps else None,
        confirmed=() if case.answers.overlap == "add" else case.answers.confirmed,
    )
    st.session_state["desk_handed"].add(case.key)
    if case.answers.mapping and case.staged.extract:
        vault.remember_mapping(case.delivery.sender, case.staged.extract.name, case.answers.mapping)
    st.session_state.get("desk_mappings", {}).clear()
    return batch


desk.attempt(page)
