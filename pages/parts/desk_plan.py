"""The delivery plan: GR sees what is late and sets dates, roles and states (historik); a sender sees its own (lamna-in)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from html import escape

import streamlit as st

from metrics import catalogue
from metrics.declare import Extract
from metrics.intake.organisations import suggested
from metrics.intake.plan import STATE_TEXT, Planned, agreed, described, due_date, line, plan
from metrics.intake.template import table_bytes
from metrics.present import numbers
from metrics.present.html import address, link, notice, section, table
from metrics.values import Role
from metrics.vault import EVERYBODY, Agreement, Batch
from metrics.vocabulary import current_region
from pages.parts import desk

HEADINGS = (
    "Organisation",
    "Slag av uttag",
    "Gäller",
    "Senast den",
    "Ansvarig",
    "Läge",
    "Senast inlämnad",
    "Har lämnat",
)
MOST = 40
RULE = (
    "En fil väntas elva veckor efter att perioden slutat. Startpaketet väntas av alla medlemmar, övriga slag av dem som "
    "börjat lämna dem. GR kan sätta en annan dag, en ansvarig roll och om en fil väntas."
)
STATES = {"rule": "Som den allmänna regeln säger", "yes": "Väntas", "no": "Väntas inte"}
EVERYBODY_TEXT = "Alla organisationer"


def today() -> date:
    return datetime.now(UTC).date()


def agreements() -> tuple[Agreement, ...]:
    """What GR has set in the plan; nothing when it cannot be read."""
    return desk.attempt(lambda: desk.vault().agreements(desk.principal())) or ()


def planned(batches: list[Batch], said: tuple[Agreement, ...]) -> list[Planned]:
    """Every line of the plan, late first."""
    declared = catalogue.default().extracts.values()
    return plan(declared, batches, region=current_region(), today=today(), agreements=said)


def late(batches: list[Batch]) -> str:
    """How many expected deliveries are late, in a sentence; empty when none is."""
    count = sum(each.state == "late" for each in planned(batches, agreements()))
    number = numbers.capital(numbers.counted(count, "väntad leverans", "väntade leveranser"))
    return f" **{number}** är försenad{'' if count == 1 else 'e'}." if count else ""


def show(batches: list[Batch]) -> None:
    """Who has delivered what, what is due, and a form to set the plan."""
    said = agreements()
    found = planned(batches, said)
    st.html(section("Leveransplan", _about(found)))
    first, second = st.columns(2)
    kinds = {"": "Alla slag", **{each.extract: each.title for each in found}}
    states: dict[str, str] = {
        "": "Alla lägen",
        **{state: text for state, text in STATE_TEXT.items() if any(each.state == state for each in found)},
    }
    kind = first.selectbox("Slag av uttag", list(kinds), format_func=lambda each: kinds[each], key="plan_kind")
    state = second.selectbox("Läge", list(states), format_func=lambda each: states[each], key="plan_state")
    shown = [each for each in found if kind in ("", each.extract) and state in ("", each.state)]
    if Role.PUBLISHER in desk.principal().roles:
        _edit(found, said, [each.sender for each in batches])
    _table([_row(each) for each in shown])
    st.html(desk.quiet(RULE))


def _table(rows: list[tuple[str, ...]]) -> None:
    st.html(desk.wide(table("Leveransplan", HEADINGS, rows[:MOST], text_columns=8), "dk-plan"))
    if len(rows) > MOST:
        st.html(desk.quiet(f"De {MOST} första av {len(rows)} visas, det försenade överst. Alla finns i filen."))
    st.download_button(
        "Ladda ner planen som CSV",
        table_bytes(HEADINGS, rows),
        file_name="leveransplan.csv",
        mime="text/csv",
        type="tertiary",
        on_click="ignore",
    )


def _about(found: list[Planned]) -> str:
    counts = Counter(each.state for each in found)
    awaited = len(found) - counts["excused"]
    said = [f"**{counts['delivered']} av {awaited}** väntade leveranser har kommit."]
    if counts["late"]:
        said.append(f"**{counts['late']}** är försenade." if counts["late"] > 1 else "**En** är försenad.")
    if counts["never"]:
        said.append(f"{numbers.capital(numbers.counted(counts['never'], 'har', 'har'))} inte börjat.")
    return " ".join(said) if len(said) > 1 else said[0] + " Inget saknas."


def _row(each: Planned) -> tuple[str, ...]:
    periods = each.periods
    have = "–" if not periods else numbers.listed(periods) if len(periods) < 3 else f"{periods[0]} till {periods[-1]}"
    state = STATE_TEXT[each.state] + (f": {each.reason}" if each.reason else "")
    last = each.last.isoformat() if each.last else "–"
    return (each.organisation, each.title, each.period, each.due.isoformat(), each.responsible, state, last, have)


def _edit(found: list[Planned], said: tuple[Agreement, ...], senders: list[str]) -> None:
    declared = catalogue.default().extracts
    with st.expander("Ändra planen", icon=":material/edit_calendar:"):
        first, second = st.columns(2)
        organisations = [EVERYBODY, *suggested(current_region(), {*senders, *(each.organisation for each in found)})]
        organisation = first.selectbox(
            "Organisation", organisations, format_func=lambda each: each or EVERYBODY_TEXT, key="plan_organisation"
        )
        kinds = sorted(declared, key=lambda each: numbers.order(declared[each].title))
        kind = second.selectbox(
            "Slag av uttag", kinds, format_func=lambda each: declared[each].title, key="plan_edit_kind"
        )
        _form(declared[str(kind)], str(organisation), said)


def _form(extract: Extract, organisation: str, said: tuple[Agreement, ...]) -> None:
    others = [each for each in said if each.organisation != organisation]
    usual = agreed(others, organisation, extract.name, current_region())
    own = agreed(said, organisation, extract.name, current_region())
    key = f"{organisation}_{extract.name}"
    with st.form(f"plan_{key}", border=False):
        first, second, third = st.columns(3)
        due = first.date_input(
            "Senast den", due_date(own, extract, today()), format="YYYY-MM-DD", key=f"plan_due_{key}"
        )
        role = second.text_input("Ansvarig roll", own.responsible, max_chars=80, key=f"plan_role_{key}")
        now = "rule" if own.expected is None else "yes" if own.expected else "no"
        state = third.selectbox(
            "Leveransen",
            list(STATES),
            list(STATES).index(now),
            format_func=lambda each: STATES[each],
            key=f"plan_is_{key}",
        )
        reason = st.text_input("Varför väntas den inte?", own.reason, max_chars=200, key=f"plan_why_{key}")
        st.html(desk.quiet("Dagen gäller också kommande perioder. Skriv en roll, aldrig en persons namn."))
        if st.form_submit_button("Spara i planen", icon=":material/save:"):
            wanted = None if due == due_date(usual, extract, today()) else due
            expected = {"rule": None, "yes": True, "no": False}[str(state)]
            done = desk.attempt(
                lambda: _kept(
                    line(
                        extract,
                        organisation=organisation,
                        today=today(),
                        due=wanted,
                        responsible="" if role == usual.responsible else role or "",
                        expected=expected,
                        reason=reason or "",
                    ),
                    extract,
                )
            )
            if done:
                st.session_state["history_said"] = done
                st.rerun()


def _kept(agreement: Agreement, extract: Extract) -> str:
    said = described(agreement, extract, today())
    desk.vault().agree(agreement, principal=desk.principal(), said=said)
    return f"Planen är sparad. {agreement.organisation or EVERYBODY_TEXT}, {extract.title}: {said}."


def show_own(sender: str, batches: list[Batch]) -> None:
    """What is expected of the sender, and what is late; nothing before one is chosen."""
    theirs = [each for each in planned(batches, agreements()) if each.organisation == sender] if sender else []
    if not theirs:
        return
    overdue = [each for each in theirs if each.is_missing and each.due < today()]
    st.html(section(f"Det här väntas av {sender}", _own(theirs)))
    if overdue:
        named = numbers.listed([f"{each.title} ({each.period}, senast {each.due.isoformat()})" for each in overdue])
        st.html(notice(escape(f"Försenat: {named}."), "warning"))
    rows = [_row(each)[1:] for each in theirs]
    st.html(desk.wide(table("Det som väntas", HEADINGS[1:], rows, text_columns=7)))
    st.html(f'<p class="dk-quiet">{link("Hela leveransplanen", address("historik", visa="plan"))}</p>')


def _own(theirs: list[Planned]) -> str:
    counts = Counter(each.state for each in theirs)
    awaited = len(theirs) - counts["excused"]
    nearest = min((each.due for each in theirs if each.state in ("due", "never") and each.due >= today()), default=None)
    said = f"**{counts['delivered']} av {awaited}** har kommit."
    return said + (f" Närmast: senast {numbers.day(nearest.isoformat())}." if nearest else "")
