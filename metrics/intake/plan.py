"""The delivery plan: who is to deliver what, when it is due, who sees to it, and how far it has come.

What is expected follows from general rules and from what has been delivered; GR may set any part of a line otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from metrics.declare import Extract, Indicator
from metrics.intake import identifiers
from metrics.intake.organisations import genitive, is_office, member_of
from metrics.vault import EVERYBODY, Agreement, Batch
from metrics.vocabulary import Period, Region, school_year, school_year_label

State = Literal["delivered", "late", "due", "never", "excused"]
STATE_TEXT: Mapping[State, str] = {
    "delivered": "inlämnad",
    "late": "försenad",
    "due": "väntas",
    "never": "inte börjat",
    "excused": "väntas inte",
}
_ORDER: Mapping[State, int] = {"late": 0, "due": 1, "never": 2, "delivered": 3, "excused": 4}
DUE_AFTER = timedelta(days=77)
"""A file is due eleven weeks after the period it covers: 15 September for a school year that ends on 30 June."""

CURRENT = "nuläget"
"""What a register without periods is expected to show."""

STARTER_PACK = ("year9_grades", "collaboration_register")
"""The two extracts to begin with: with them the first pages have something to show."""

OF_THOSE_WHO_BEGAN = ("mapping_answers",)
"""A round that GR may hold or not: expected of those only who have handed in one."""

REGISTER_GIVES = "Ger: kartan över samverkansmodeller, och jämförelser mellan skolor med och utan en modell."
MOST_NAMED = 5
LONGEST_ROLE = 80
MOST_DAYS = 400


class PlanError(ValueError):
    """The line of the plan cannot be set so; the message is Swedish."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One expected file: `last` is the day the newest covering batch came, `periods` what the sender has delivered.

    `agreed`: GR has set something of the line; `reason` is why it is not expected, when it is not.
    """

    organisation: str
    extract: str
    title: str
    period: str
    due: date
    responsible: str
    state: State
    last: date | None = None
    periods: tuple[str, ...] = ()
    agreed: bool = False
    reason: str = ""

    @property
    def is_missing(self) -> bool:
        """Whether somebody should do something about it: late, or not begun although it is expected of all."""
        return self.state in ("late", "never")


def last_ended(extract: Extract, today: date) -> Period:
    """The newest period that has ended: what a delivery is expected to cover."""
    year = today.year
    if extract.period_kind == "calendar_year":
        return Period(start=date(year - 1, 1, 1), end=date(year - 1, 12, 31), kind="calendar_year")
    if extract.period_kind in ("term", "half_year"):
        if today.month >= 7:
            return Period(start=date(year, 1, 1), end=date(year, 6, 30), kind=extract.period_kind)
        return Period(start=date(year - 1, 7, 1), end=date(year - 1, 12, 31), kind=extract.period_kind)
    return school_year(school_year_label(year if today.month >= 7 else year - 1))


def plan(
    extracts: Iterable[Extract],
    batches: Iterable[Batch],
    *,
    region: Region,
    today: date,
    begun_only: bool = True,
    agreements: Sequence[Agreement] = (),
) -> list[Planned]:
    """What is expected of every organisation, late first.

    The starter pack is expected of every member; a further kind of those who have begun to deliver it or of whom GR
    expects it, unless `begun_only` is False. Tables about all members (schools, official statistics) are expected of
    the region's office.
    """
    standing = [batch for batch in batches if batch.undone_at is None]
    found: list[Planned] = []
    for extract in extracts:
        said = [each for each in agreements if each.extract == extract.name]
        everybody = any(each.expected for each in said if each.organisation == EVERYBODY)
        usual = _expected_of(extract, standing, region, begun_only and not everybody)
        for organisation in [*usual, *_added(said, usual, region)]:
            theirs = [each for each in standing if each.extract == extract.name and each.sender == organisation]
            agreement = agreed(said, organisation, extract.name, region)
            found.append(_planned(extract, organisation, theirs, agreement, region, today))
    return sorted(found, key=lambda each: (_ORDER[each.state], each.due, each.title, each.organisation))


def agreed(agreements: Iterable[Agreement], organisation: str, extract: str, region: Region) -> Agreement:
    """What holds for an organisation and kind: its own agreement, and what that leaves open as agreed for everybody.

    An agreement made with a municipality before its board had delivered holds for that board too.
    """
    said = {each.organisation: each for each in agreements if each.extract == extract}
    everybody = said.get(EVERYBODY) or Agreement(organisation=EVERYBODY, extract=extract)
    own = said.get(organisation) or said.get(_plain_name(organisation, region))
    if own is None:
        return replace(everybody, organisation=organisation)
    return replace(
        own,
        organisation=organisation,
        due_days=everybody.due_days if own.due_days is None else own.due_days,
        responsible=own.responsible or everybody.responsible,
        expected=everybody.expected if own.expected is None else own.expected,
        reason=own.reason or ("" if own.expected is not None else everybody.reason),
    )


def due_date(agreement: Agreement, extract: Extract, today: date) -> date:
    """The day a file for the newest period that has ended is due."""
    days = DUE_AFTER if agreement.due_days is None else timedelta(days=agreement.due_days)
    return last_ended(extract, today).end + days


def _plain_name(organisation: str, region: Region) -> str:
    member = member_of(organisation, region)
    return f"{genitive(member.name)} kommun" if member else ""


def _added(agreements: Iterable[Agreement], usual: Sequence[str], region: Region) -> list[str]:
    """Organisations of whom GR expects the kind though the general rule does not."""
    covered = {*usual, *(_plain_name(each, region) for each in usual)}
    return [
        each.organisation for each in agreements if each.expected and each.organisation not in {*covered, EVERYBODY}
    ]


def _expected_of(extract: Extract, standing: list[Batch], region: Region, begun_only: bool) -> list[str]:
    senders = sorted({batch.sender for batch in standing if batch.extract == extract.name})
    if extract.name in OF_THOSE_WHO_BEGAN and begun_only:
        return senders
    if not extract.personal and extract.name not in STARTER_PACK:
        return senders or [next((each.sender for each in standing if is_office(each.sender, region)), region.title)]
    if extract.name not in STARTER_PACK and begun_only:
        return senders
    if any(is_office(sender, region) for sender in senders):
        return senders
    begun = {member.code for sender in senders if (member := member_of(sender, region))}
    named = {member.code: _name_of(member.code, member.name, standing, region) for member in region.members}
    return [*senders, *(named[member.code] for member in region.members if member.code not in begun)]


def _name_of(code: str, name: str, standing: list[Batch], region: Region) -> str:
    """The name under which the member has delivered something else, or its plain name."""
    used = (batch.sender for batch in standing if (member := member_of(batch.sender, region)) and member.code == code)
    return next(used, f"{genitive(name)} kommun")


def _planned(
    extract: Extract, organisation: str, theirs: list[Batch], agreement: Agreement, region: Region, today: date
) -> Planned:
    period = last_ended(extract, today)
    due = due_date(agreement, extract, today)
    covering = [batch for batch in theirs if _covers(batch, extract, period)]
    begun = bool(theirs) or bool(agreement.expected)
    return Planned(
        organisation=organisation,
        extract=extract.name,
        title=extract.title,
        period=period.label if extract.period_column else CURRENT,
        due=due,
        responsible=agreement.responsible or _responsible(organisation, region),
        state=_state(agreement, covered=bool(covering), begun=begun, late=today > due),
        last=max((batch.stored_at.date() for batch in covering or theirs), default=None),
        periods=tuple(sorted({label for batch in theirs for label in batch.periods})),
        agreed=not agreement.says_nothing,
        reason=agreement.reason if agreement.expected is False else "",
    )


def _state(agreement: Agreement, *, covered: bool, begun: bool, late: bool) -> State:
    if covered:
        return "delivered"
    if agreement.expected is False:
        return "excused"
    if not begun:
        return "never"
    return "late" if late else "due"


def _responsible(organisation: str, region: Region) -> str:
    if is_office(organisation, region):
        return f"{region.name}:s handläggare"
    return "kommunen" if member_of(organisation, region) else "huvudmannen"


def _covers(batch: Batch, extract: Extract, period: Period) -> bool:
    """Whether the batch reaches the period; a register without periods must have come since it began."""
    if extract.period_column is None:
        return batch.stored_at.date() >= period.end
    if extract.column(extract.period_column).kind == "date":
        return any(period.start.isoformat() <= label[:10] <= period.end.isoformat() for label in batch.periods) or (
            period.label in batch.periods
        )
    return period.label in batch.periods


def line(
    extract: Extract,
    *,
    organisation: str,
    today: date,
    due: date | None = None,
    responsible: str = "",
    expected: bool | None = None,
    reason: str = "",
    earlier: Agreement | None = None,
) -> Agreement:
    """The agreement to keep; `due` is the day for the newest period that has ended, and as long after each coming one.

    What is not given stays as in `earlier`.

    PlanError in Swedish when the role names a person, a reason is missing or the day is far from the period.
    """
    for said in (responsible, reason):
        if identifiers.form_of(said.strip()) not in ("", "free_text") or identifiers.in_text(said):
            raise PlanError("Skriv en roll, inte en persons namn, nummer eller adress.")
    if len(responsible) > LONGEST_ROLE:
        raise PlanError(f"Rollen får ha högst {LONGEST_ROLE} tecken.")
    if expected is False and not reason.strip():
        raise PlanError("Skriv varför leveransen inte väntas.")
    days = None if due is None else (due - last_ended(extract, today).end).days
    if days is not None and not 0 <= days <= MOST_DAYS:
        raise PlanError("Välj en dag efter att perioden slutat, och högst ett år senare.")
    kept = earlier or Agreement(organisation=organisation.strip(), extract=extract.name)
    return replace(
        kept,
        due_days=kept.due_days if days is None else days,
        responsible=responsible.strip() or kept.responsible,
        expected=kept.expected if expected is None else expected,
        reason=kept.reason if expected is None else reason.strip() if expected is False else "",
    )


def described(agreement: Agreement, extract: Extract, today: date) -> str:
    """What was agreed, in words for the log."""
    if agreement.says_nothing:
        return "följer den allmänna regeln"
    parts = []
    if agreement.due_days is not None:
        parts.append(f"senast {due_date(agreement, extract, today)}")
    if agreement.responsible:
        parts.append(f"ansvarig {agreement.responsible}")
    if agreement.expected is not None:
        parts.append("väntas" if agreement.expected else f"väntas inte: {agreement.reason}")
    return ", ".join(parts)


def gives(extract: Extract, indicators: Iterable[Indicator]) -> str:
    """What an extract is for: the first of the indicators that are counted on it, by title."""
    if extract.name == "collaboration_register":
        return REGISTER_GIVES
    titles = [each.short_title for each in indicators if extract.name in each.extracts]
    if not titles:
        return "Används tillsammans med andra uttag."
    more = len(titles) - MOST_NAMED
    named = [*titles[:MOST_NAMED], *([f"{more} mått till"] if more > 0 else [])]
    return f"Ger: {', '.join(named[:-1])} och {named[-1]}." if len(named) > 1 else f"Ger: {named[0]}."
