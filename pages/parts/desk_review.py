"""historik, Ge ut: the members' review of a draft, with each organisation's own coming figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape

import streamlit as st

from metrics.intake.organisations import member_of
from metrics.intake.receipt import local_time
from metrics.present import numbers
from metrics.present.html import notice, section, table
from metrics.release import read
from metrics.release.review import Review, answer, open_review, review_of
from metrics.release.signing import asked_organisations
from metrics.vocabulary import current_region
from pages.parts import desk, desk_releases
from pages.parts.desk_publishing import publishing_desk

ASK = (
    "Medlemmarna ser sina egna kommande siffror och godkänner dem, eller skriver vad som inte stämmer. Utkastet kan skrivas "
    "under när alla har svarat eller sista dagen har gått."
)
WEEKS = 2


def show(draft: str) -> None:
    """How far the review of a draft has come, to open it, and to answer it."""
    review = desk.attempt(lambda: review_of(read.data_folder(), draft))
    st.html(section(f"Medlemmarnas granskning av {draft}", _sentence(review)))
    if review is not None:
        st.html(desk.wide(_answers(review)))
        if review.is_open(datetime.now(UTC).date()):
            _answer_form(review)
    _open_form(draft, review)


def _sentence(review: Review | None) -> str:
    if review is None:
        return f"Granskningen är inte öppnad. {ASK}"
    day = numbers.day(review.until.isoformat())
    said = f"**{len(review.answers)} av {len(review.organisations)}** har svarat. Sista dag är {day}."
    if review.objections:
        number = numbers.capital(numbers.counted(len(review.objections), "organisation", "organisationer"))
        said += f" **{number} har synpunkter.**"
    return said


def _answers(review: Review) -> str:
    said = {each.organisation: each for each in review.answers}
    rows = []
    for organisation in review.organisations:
        found = said.get(organisation)
        state = "inte svarat" if found is None else "godkänt" if found.approves else "har synpunkter"
        moment = local_time(datetime.fromisoformat(found.moment).replace(tzinfo=None)) if found else "–"
        rows.append((organisation, state, moment, found.comment if found and found.comment else "–"))
    return table("Svar per organisation", ("Organisation", "Svar", "Tid", "Synpunkt"), rows, text_columns=4)


def _answer_form(review: Review) -> None:
    with st.expander("Svara för en organisation", icon=":material/rate_review:", expanded=bool(review.waiting)):
        organisation = st.selectbox("Organisation", review.organisations, key="review_organisation")
        _coming(review.draft, str(organisation))
        comment = st.text_input(
            "Vad stämmer inte? (tomt = siffrorna godkänns)", max_chars=500, key=f"review_comment_{organisation}"
        )
        label = "Skicka synpunkten" if (comment or "").strip() else "Godkänn siffrorna"
        if st.button(label, icon=":material/check:", key="review_answer"):
            done = desk.attempt(lambda: _answered(review.draft, str(organisation), (comment or "").strip()))
            if done:
                st.session_state["history_said"] = done
                st.rerun()


def _answered(draft: str, organisation: str, comment: str) -> str:
    who = desk.principal()
    answer(read.data_folder(), draft, organisation=organisation, approves=not comment, comment=comment, principal=who)
    said = "synpunkter" if comment else "godkänt"
    desk.vault().write_log(who, "granskat", f"utgåva {draft}", f"{organisation}: {said}")
    return f"Svaret från {organisation} är sparat: {said}."


def _coming(draft: str, organisation: str) -> None:
    """What changes for the organisation's own municipality, as it will be published: protected values only."""
    member = member_of(organisation, current_region())
    release = desk.attempt(lambda: read.load(read.data_folder() / "drafts" / draft))
    if release is None or member is None:
        st.html(desk.quiet("Organisationen hör inte till en av kommunerna, så den har inga egna siffror att visa här."))
        return
    changes = release.tables["changes"]
    own = changes[changes["area"] == member.name]
    shown = release.select(series="own", area=member.name)
    if shown.empty:
        said = f"Utkastet har inga egna värden för {member.name}. Finns kommunens skolor i uttaget Skolenheter?"
        st.html(notice(escape(said), "warning"))
        return
    if changes.empty:
        st.html(desk.quiet(f"Utkastet är det första. Det har {numbers.count(len(shown))} värden för {member.name}."))
        return
    if own.empty:
        st.html(notice(escape(f"Inget publicerat värde för {member.name} ändras."), "info"))
        return
    titles = {each.name: each.short_title for each in publishing_desk().catalogue.indicators.values()}
    rows = [desk_releases.change_row(row, titles) for row in own.head(desk_releases.MOST_CHANGES).to_dict("records")]
    head = ("Mått", "Område", "Läsår", "Vad", "Före", "Efter")
    caption = f"Det som ändras för {member.name}: {numbers.counted(len(own), 'värde', 'värden', neuter=True)}"
    st.html(desk.quiet(caption) + table(caption, head, rows, text_columns=4))


def _open_form(draft: str, review: Review | None) -> None:
    label = "Öppna granskningen" if review is None else "Ändra sista dag"
    with st.form("review_open", border=False):
        today = datetime.now(UTC).date()
        until = st.date_input(
            "Sista dag att svara",
            value=review.until if review and review.until >= today else today + timedelta(weeks=WEEKS),
            min_value=today,
            format="YYYY-MM-DD",
            key="review_until",
        )
        if st.form_submit_button(label, icon=":material/event:"):
            done = desk.attempt(lambda: _opened(draft, until))
            if done:
                st.session_state["history_said"] = done
                st.rerun()


def _opened(draft: str, until: object) -> str:
    who = desk.principal()
    asked = asked_organisations(publishing_desk(), who)
    review = open_review(read.data_folder(), draft, until=until, organisations=asked, principal=who)  # type: ignore[arg-type]
    desk.vault().write_log(who, "öppnat granskning", f"utgåva {draft}", f"till och med {review.until}")
    number = numbers.counted(len(asked), "organisation", "organisationer")
    return f"Utkast {draft} granskas till och med {review.until} av {number}."
