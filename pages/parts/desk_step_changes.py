"""Step 3: what the delivery changes for the sender's own organisation, and nothing about anyone else."""

from __future__ import annotations

from html import escape

import streamlit as st

from metrics import catalogue
from metrics.intake.preview import (
    OwnChanges,
    PeriodChange,
    listed_units,
    own_changes,
    record_preview,
)
from metrics.present import numbers
from metrics.present.html import notice, section, table
from metrics.values import Principal
from metrics.vocabulary import current_region
from pages.parts import desk, desk_step_figures
from pages.parts.desk_case import Case

HEADINGS = (
    "Period",
    "Rader",
    "Elever",
    "Förra gången",
    "Mot förra",
    "Skolenheter",
    "Officiellt antal elever",
    "Mot officiellt",
)
MOST_PERIODS = 15


def show(case: Case) -> None:
    """Own totals against last time and against official figures."""
    if case.delivery.sender and not case.staged.findings.refused and case.staged.extract:
        may = _may_look(case, case.staged.extract.name)
        changes = desk.attempt(lambda: _changes(case), "Räknar vad filen ändrar") if may else None
        if changes is not None:
            _show(case, changes)


def _may_look(case: Case, extract: str) -> bool:
    """Whether the preview is within the day's limit; it is logged, once per file and sender."""
    seen: set[tuple[str, str]] = st.session_state.setdefault("desk_previews", set())
    if (case.key, case.delivery.sender) in seen:
        return True
    who = desk.principal()
    allowed = desk.attempt(lambda: _logged(case.delivery.sender, extract, who))
    if not allowed:
        return False
    seen.add((case.key, case.delivery.sender))
    return True


def _logged(sender: str, extract: str, who: Principal) -> bool:
    record_preview(desk.vault(), sender=sender, extract=extract, principal=who)
    return True


def _changes(case: Case) -> OwnChanges:
    return own_changes(
        desk.vault(),
        case.staged,
        sender=case.delivery.sender,
        principal=desk.principal(),
        region=current_region(),
        release=desk.official_release(),
        indicators=catalogue.default().indicators,
    )


def _show(case: Case, changes: OwnChanges) -> None:
    st.html(section("3 Vad ändras för er", _sentence(case, changes)))
    shown = changes.periods[-MOST_PERIODS:]
    rows = [_row(each) for each in shown]
    st.html(desk.wide(table("Filens antal per period", HEADINGS, rows)))
    if len(shown) < len(changes.periods):
        st.html(desk.quiet(f"De {len(shown)} senaste av {len(changes.periods)} perioder visas."))
    for text in _about_units(changes):
        st.html(notice(escape(text), "warning"))
    desk_step_figures.show(case)
    _whole(case, changes)
    st.html(desk.quiet(_about_periods(changes)))


def _whole(case: Case, changes: OwnChanges) -> None:
    """Whether schools that stand for a period but are not in the file are to be taken away with it."""
    gone = {
        (change.period, unit)
        for change in changes.periods
        if change.compared_with == change.period
        for unit in change.missing_units
    } | set(case.answers.confirmed)
    if not gone or case.answers.overlap == "add":
        return
    periods = numbers.listed(sorted({period for period, _ in gone}))
    number = numbers.counted(len({unit for _, unit in gone}), "skolenhet", "skolenheter")
    wanted = st.checkbox(
        f"Filen är hela leveransen för {periods}: räkna också bort {number} som finns sedan förut men saknas i filen",
        value=bool(case.answers.confirmed),
        key=f"whole_{case.key}",
    )
    confirmed = tuple(sorted(gone)) if wanted else ()
    if confirmed != case.answers.confirmed:
        case.answers.confirmed = confirmed
        st.rerun()


def _sentence(case: Case, changes: OwnChanges) -> str:
    rows = sum(each.rows for each in changes.periods)
    said = f"Filen har **{numbers.counted(rows, 'rad', 'rader')}** från {case.delivery.sender}."
    compared = [each for each in changes.periods if each.rows_before is not None]
    if not compared:
        why = (
            "Det som är inlämnat sedan förut gäller senare perioder"
            if changes.untouched_periods
            else "Det är första gången ni lämnar in det här slaget från det här källsystemet"
        )
        return f"{said} {why}, så det finns inget att jämföra med."
    last = compared[-1]
    difference = last.rows - (last.rows_before or 0)
    about = last.period or "registret"
    if not difference:
        return said + f" För {about} är det lika många som förra gången."
    word = "fler" if difference > 0 else "färre"
    versus = "förra gången" if last.compared_with == last.period else last.compared_with
    return said + f" För {about} är det **{numbers.count(abs(difference))} {word}** än {versus}."


def _row(change: PeriodChange) -> tuple[str, ...]:
    before = "" if change.rows_before is None else numbers.count(change.rows_before)
    if before and change.compared_with != change.period:
        before += f" ({change.compared_with})"
    pupils = change.rows if change.pupils is None else change.pupils
    return (
        change.period or "hela registret",
        numbers.count(change.rows),
        "–" if change.pupils is None else numbers.count(change.pupils),
        before or "–",
        _difference(change.rows, change.rows_before),
        f"{change.units}" if change.units_before is None else f"{change.units} (förut {change.units_before})",
        "–"
        if change.official is None
        else f"{numbers.count(change.official.pupils)}, {change.official.provider.lower()}",
        _difference(pupils, change.official.pupils if change.official else None),
    )


def _difference(now: int, before: int | None) -> str:
    if before is None:
        return "–"
    share = f" ({numbers.signed(100 * (now - before) / before, 1)}{numbers.HARD}%)" if before else ""
    return numbers.signed(now - before, 0) + share


def _about_units(changes: OwnChanges) -> list[str]:
    """The newest period's units that are missing or new, by name where the name is known."""
    newest = changes.periods[-1] if changes.periods else None
    if newest is None:
        return []
    said = []
    if newest.missing_units:
        units = listed_units(newest.missing_units, changes.unit_names)
        number = numbers.counted(len(newest.missing_units), "skolenhet", "skolenheter")
        said.append(
            f"{numbers.capital(number)} fanns i {newest.compared_with} men saknas i filens {newest.period}: {units}."
        )
    if newest.added_units:
        units = listed_units(newest.added_units, changes.unit_names)
        number = numbers.counted(len(newest.added_units), "skolenhet", "skolenheter")
        said.append(
            f"{numbers.capital(number)} finns i filens {newest.period} men inte i {newest.compared_with}: {units}."
        )
    return said


def _about_periods(changes: OwnChanges) -> str:
    said = []
    if changes.added_periods:
        said.append(f"Nya perioder: {numbers.listed(changes.added_periods)}.")
    if changes.untouched_periods:
        said.append(f"Ligger kvar oförändrade: {numbers.listed(changes.untouched_periods)}.")
    official = any(each.official for each in changes.periods)
    said.append(
        "Det officiella antalet är Skolverkets för hela kommunen och kan gälla fler huvudmän än er egen."
        if official
        else "Officiella antal att jämföra med finns inte för det här slaget av uttag, organisationen eller perioderna."
    )
    said.append("Här visas bara era egna uppgifter. Vad som ändras för andra ser bara GR, vid utgivningen.")
    return " ".join(said)
