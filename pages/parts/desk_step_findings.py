"""Step 2: every finding with what to do, a written reason per warning, and what to do where rows already stand."""

from __future__ import annotations

from collections import Counter
from html import escape
from typing import Literal

import streamlit as st

from metrics.intake.findings import SEVERITY_TEXT, Finding
from metrics.intake.handing_in import reason_for, reason_key
from metrics.intake.last_time import still_valid
from metrics.present import numbers
from metrics.present.html import notice, section, table
from pages.parts import desk, desk_start
from pages.parts.desk_case import Case

PLURAL = {"error": "fel", "warning": "varningar", "info": "upplysningar"}
MEANS = {
    "error": "Måste rättas i filen innan den kan lämnas in. Släpp den rättade filen i samma ruta som förut.",
    "warning": "Kan vara rätt. Rätta, eller skriv varför det är som det ska; skälet sparas med leveransen.",
    "info": "Behöver inte göras något åt.",
}
IDENTIFYING = frozenset(
    ("personal_number", "temporary_number", "mangled_number", "personal_number_heading", "person_name_heading")
)
"""What making pseudonyms mends."""
HEADINGS = ("Vad", "Var", "Gör så här")
OVERLAP: dict[Literal["replace", "add"], str] = {
    "replace": "Ersätt: det gamla räknas inte längre, den nya filen gäller",
    "add": "Lägg till: både det gamla och det nya räknas",
}


def show(case: Case) -> None:
    """Findings grouped by severity, the reasons, and the choice on overlap."""
    st.html(section("2 Fynd", _summary(case)))
    if case.same_file:
        stored = numbers.day(case.same_file.stored_at.isoformat())
        st.html(notice(f"Samma fil är redan inlämnad som leverans {case.same_file.batch}, {stored}.", "warning"))
    if beside := _other_systems(case):
        st.html(notice(escape(beside), "warning"))
    if case.last and case.delivery.sender:
        _as_last_time(case)
    for severity in ("error", "warning", "info"):
        _group(case, severity, [each for each in case.staged.findings if each.severity == severity])
    if case.staged.findings.codes & IDENTIFYING:
        st.html(notice(desk_start.OFFLINE, "warning"))
        desk_start.offline_page(case.key)
    if len(case.staged.findings):
        st.download_button(
            "Ladda ner alla fynd som CSV",
            case.staged.findings.to_csv().encode("utf-8-sig"),
            file_name="fynd.csv",
            mime="text/csv",
            type="tertiary",
            on_click="ignore",
            key=f"findings_{case.key}",
        )
    if case.overlaps:
        _overlap(case)


def _other_systems(case: Case) -> str:
    """What the sender has delivered for the same periods from other systems: it would count beside this file."""
    extract, periods = case.staged.extract, set(case.staged.findings.recognised.periods)
    systems = {
        each.source_system or "inget angivet"
        for each in case.delivery.batches
        if extract is not None
        and (each.extract, each.sender, each.undone_at) == (extract.name, case.delivery.sender, None)
        and each.source_system != case.delivery.source_system
        and periods & set(each.periods)
    }
    if not systems:
        return ""
    return (
        f"Ni har redan lämnat samma perioder från källsystem: {numbers.listed(sorted(systems))}. Med ett annat källsystem "
        "räknas den här filen bredvid dem, inte i stället. Välj samma källsystem om det är en rättelse."
    )


def _summary(case: Case) -> str:
    """Whether the file can be handed in, in a sentence."""
    counts = Counter(each.severity for each in case.staged.findings)
    if case.staged.findings.refused:
        return "**Filen kan inte lämnas in ännu.** Inget i den har sparats."
    if counts["warning"]:
        return "**Filen kan lämnas in** när varje varning har fått ett skäl."
    return "**Filen kan lämnas in** som den är." if counts else "**Inget att anmärka.** Filen kan lämnas in som den är."


def _said(severity: str, number: int) -> str:
    one = SEVERITY_TEXT[severity].lower()
    return numbers.counted(number, one, PLURAL[severity], neuter=severity == "error")


def _group(case: Case, severity: str, findings: list[Finding]) -> None:
    if not findings:
        return
    title = numbers.capital(_said(severity, len(findings)))
    rows = [(each.sentence, each.where or "hela filen", each.advice) for each in findings]
    st.html(f'<div class="sy-section"><h3>{title}</h3></div>' + desk.quiet(MEANS[severity]))
    st.html(desk.wide(table(title, HEADINGS, rows, text_columns=3), "dk-findings"))
    if severity == "warning" and not case.staged.findings.refused:
        for place, finding in enumerate(findings):
            _reason(case, finding, place)


def _reason(case: Case, finding: Finding, place: int) -> None:
    key = reason_key(finding)
    about = f" – kolumnen {finding.column}" if finding.column else ""
    name = f"reason_{case.key}_{key}_{place}"
    if name not in st.session_state:
        st.session_state[name] = reason_for(finding, case.answers.reasons)
    text = st.text_input(
        f"Varför är det rätt? {finding.sentence}{about}",
        key=name,
        max_chars=500,
        placeholder="Till exempel: Skolan har bara årskurs 9 det här läsåret.",
    )
    case.answers.reasons[key] = (text or "").strip()


def _as_last_time(case: Case) -> None:
    """“Som förra året”: the reasons that still answer a warning, and the source system, in one click."""
    last = case.last
    assert last is not None
    valid = still_valid(last, case.staged.findings)
    new = {key: reason for key, reason in valid.items() if not case.answers.reasons.get(key)}
    system = last.source_system if last.source_system and not case.delivery.source_system else ""
    said = (
        f"Förra gången: {last.file_name or 'en fil'}, {numbers.day(last.stored_at.isoformat())}, "
        f"{numbers.counted(last.row_count, 'rad', 'rader')}, leverans {last.batch}."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if new or system:
            st.button(
                "Som förra året",
                icon=":material/history:",
                key=f"again_{case.key}",
                on_click=_reuse,
                args=(case, new, system),
            )
            reused = [numbers.counted(len(new), "skäl", "skäl", neuter=True)] if new else []
            reused += [f"källsystemet {system}"] if system else []
            said += f" Återanvänder {numbers.listed(reused)}."
        st.html(desk.quiet(said))


def _reuse(case: Case, reasons: dict[str, str], system: str) -> None:
    """The fields are filled as if somebody had written in them: one that is only drawn anew would be sent back empty."""
    case.answers.reasons |= reasons
    prefix = f"reason_{case.key}_"
    for name in [str(name) for name in st.session_state if str(name).startswith(prefix)]:
        key = name.removeprefix(prefix).rpartition("_")[0]
        said = reasons.get(key) or reasons.get(key.partition(":")[0])
        if said:
            st.session_state[name] = said
    if system:
        st.session_state["desk_system"] = st.session_state["desk_system_kept"] = system


def _overlap(case: Case) -> None:
    """What stands already for the same periods and units, and the choice to replace it or add to it."""
    found = case.overlaps
    total = sum(each.row_count for each in found)
    batches = sorted({each.batch for each in found})
    name = "leverans" if len(batches) == 1 else "leveranserna"
    lead = (
        f"**{numbers.capital(numbers.counted(total, 'rad', 'rader'))}** för samma perioder och skolenheter finns redan, i {name} "
        f"{numbers.listed([str(each) for each in batches])}. Det som ersätts kan fås tillbaka genom att ångra den nya leveransen."
    )
    st.html(section("Det finns redan uppgifter", lead))
    options = list(OVERLAP)
    choice = st.radio(
        "Vad ska hända med dem?",
        options,
        index=options.index(case.answers.overlap) if case.answers.overlap else None,
        format_func=lambda each: OVERLAP[each],
        key=f"overlap_{case.key}",
    )
    case.answers.overlap = choice
    rows = [
        (each.period or "–", each.unit or "alla", str(each.batch), numbers.count(each.row_count))
        for each in found[:200]
    ]
    caption = f"Vad som finns redan: {numbers.counted(len(found), 'del', 'delar')}"
    with st.expander(caption, expanded=len(found) <= 5):
        st.html(table(caption, ("Period", "Skolenhet", "Leverans", "Rader"), rows, text_columns=3))
