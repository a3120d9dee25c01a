"""historik, joins: which joins of school and social services are declared, a form to declare one and to withdraw it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import streamlit as st

from metrics.intake.joining import LONGEST, declaration, state
from metrics.intake.organisations import member_of, suggested
from metrics.present import numbers
from metrics.present.html import section, table
from metrics.values import Role
from metrics.vault import Batch, Join
from metrics.vocabulary import current_region
from pages.parts import desk

HEADINGS = ("Nr", "Organisation", "Läge", "Gäller", "Ändamål", "Grund", "Beslut", "Deklarerad")
RULE = (
    "Skolans och socialtjänstens uppgifter ligger var för sig. Bara medan en koppling gäller tas filen ”Koppling mellan elev "
    "och barn” emot från organisationen, och bara då räknas mått som behöver den, för den kommunen. Utgåvan, sidan Metod och "
    "sidan Stödkedjan säger att kopplingen finns och på vilken grund. Om grunden räcker prövar nämnderna, inte Samsyn."
)


def today() -> date:
    return datetime.now(UTC).date()


def show(batches: list[Batch]) -> None:
    """The declared joins, and what may be done about them."""
    found = desk.attempt(lambda: desk.vault().joins(desk.principal()))
    if found is None:
        return
    running = [each for each in found if each.in_force(today())]
    lead = (
        f"**{numbers.capital(numbers.counted(len(running), 'koppling', 'kopplingar'))}** gäller."
        if running
        else "**Ingen koppling gäller.** Inget i utgåvorna räknas på skolans och socialtjänstens uppgifter tillsammans."
    )
    st.html(section("Kopplingar mellan skola och socialtjänst", lead))
    if found:
        rows = [_row(each) for each in reversed(found)]
        st.html(desk.wide(table("Kopplingar", HEADINGS, rows, text_columns=len(HEADINGS))))
    if Role.PUBLISHER in desk.principal().roles:
        _declare([each.sender for each in batches])
    if standing := [each for each in found if not each.withdrawn and each.ends >= today()]:
        _withdraw(standing)
    st.html(desk.quiet(RULE))


def _row(each: Join) -> tuple[str, ...]:
    return (
        str(each.number),
        each.organisation,
        state(each, today()),
        f"{each.starts} till {each.ends}",
        each.purpose,
        each.ground,
        f"{each.school_decision}; {each.social_decision}",
        f"{each.declared} av {each.declared_by}",
    )


def _declare(senders: list[str]) -> None:
    region = current_region()
    organisations = [each for each in suggested(region, senders) if member_of(each, region)]
    with st.expander("Deklarera en koppling", icon=":material/link:"), st.form("join_declare", border=False):
        organisation = st.selectbox("Organisation som lämnar in kopplingsfilen", organisations, key="join_organisation")
        purpose = st.text_input("Ändamål", max_chars=LONGEST, key="join_purpose")
        ground = st.text_input("Rättslig grund", max_chars=LONGEST, key="join_ground")
        first, second = st.columns(2)
        school = first.text_input("Skolans nämnds beslut: nämnd, datum, paragraf", max_chars=LONGEST, key="join_school")
        social = second.text_input(
            "Socialnämndens beslut: nämnd, datum, paragraf", max_chars=LONGEST, key="join_social"
        )
        starts = first.date_input("Gäller från", today(), format="YYYY-MM-DD", key="join_starts")
        ends = second.date_input(
            "Gäller till och med", today() + timedelta(days=365), format="YYYY-MM-DD", key="join_ends"
        )
        if st.form_submit_button("Deklarera kopplingen", icon=":material/save:"):
            _done(
                lambda: _declared(
                    desk.vault().declare_join(
                        declaration(
                            region,
                            organisation=str(organisation),
                            purpose=purpose or "",
                            ground=ground or "",
                            school_decision=school or "",
                            social_decision=social or "",
                            starts=starts,
                            ends=ends,
                        ),
                        principal=desk.principal(),
                    )
                )
            )


def _declared(made: Join) -> str:
    return (
        f"Koppling {made.number} är deklarerad för {made.organisation}. Nu kan kopplingsfilen lämnas in under Lämna in."
    )


def _withdraw(standing: list[Join]) -> None:
    with st.expander("Återkalla en koppling", icon=":material/link_off:"), st.form("join_withdraw", border=False):
        named = {each.number: f"{each.number}: {each.organisation}" for each in standing}
        number = st.selectbox("Koppling", list(named), format_func=lambda each: named[each], key="join_number")
        reason = st.text_input("Varför återkallas den?", max_chars=LONGEST, key="join_reason")
        st.html(
            desk.quiet(
                "Nästa utgåva görs utan kopplingen. Utgåvor som redan finns står kvar tills de dras tillbaka under Utgåvor. "
                "Ångra leveransen av kopplingsfilen under Leveranser, eller låt dataskyddsombudet radera den."
            )
        )
        if st.form_submit_button("Återkalla kopplingen", icon=":material/link_off:"):
            _done(lambda: _withdrawn(int(number), reason or ""))


def _withdrawn(number: int, reason: str) -> str:
    done = desk.vault().withdraw_join(number, reason=reason, principal=desk.principal())
    return f"Koppling {done.number} för {done.organisation} är återkallad."


def _done(work: Callable[[], str]) -> None:
    """Do it, and say so at the top of the page drawn again."""
    if said := desk.attempt(work):
        st.session_state["history_said"] = said
        st.rerun()
