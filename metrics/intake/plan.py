"""The delivery plan: who is to deliver what, when it is due, who sees to it, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from metrics.declare import Extract
from metrics.intake.organisations import genitive, is_office, member_of
from metrics.vault import Batch
from metrics.vocabulary import Period, Region, school_year, school_year_label

State = Literal["delivered", "late", "due", "never"]
STATE_TEXT: Mapping[State, str] = {
    "delivered": "inlämnad",
    "late": "försenad",
    "due": "väntas",
    "never": "inte börjat",
}
DUE_AFTER = timedelta(days=77)
"""A file is due eleven weeks after the period it covers: 15 September for a school year that ends on 30 June."""

CURRENT = "nuläget"
"""What a register without periods is expected to show."""

STARTER_PACK = ("year9_grades", "collaboration_register")
"""The two extracts to begin with: with them the first pages have something to show."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One expected file: `last` is the day the newest covering batch came, `periods` what the sender has delivered."""

    organisation: str
    extract: str
    title: str
    period: str
    due: date
    responsible: str
    state: State
    last: date | None = None
    periods: tuple[str, ...] = ()


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
    extracts: Iterable[Extract], batches: Iterable[Batch], *, region: Region, today: date, begun_only: bool = True
) -> list[Planned]:
    """What is expected of every organisation, late first.

    The starter pack is expected of every member; a further kind only of those who have begun to deliver it, unless
    `begun_only` is False. Tables about all members (schools, official statistics) are expected of the region's office.
    """
    standing = [batch for batch in batches if batch.undone_at is None]
    found: list[Planned] = []
    for extract in extracts:
        for organisation in _expected_of(extract, standing, region, begun_only):
            theirs = [each for each in standing if each.extract == extract.name and each.sender == organisation]
            found.append(_planned(extract, organisation, theirs, region, today))
    order = {"late": 0, "due": 1, "never": 2, "delivered": 3}
    return sorted(found, key=lambda each: (order[each.state], each.title, each.organisation))


def _expected_of(extract: Extract, standing: list[Batch], region: Region, begun_only: bool) -> list[str]:
    senders = sorted({batch.sender for batch in standing if batch.extract == extract.name})
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


def _planned(extract: Extract, organisation: str, theirs: list[Batch], region: Region, today: date) -> Planned:
    period = last_ended(extract, today)
    due = period.end + DUE_AFTER
    covering = [batch for batch in theirs if _covers(batch, extract, period)]
    state: State = "delivered" if covering else "never" if not theirs else "late" if today > due else "due"
    return Planned(
        organisation=organisation,
        extract=extract.name,
        title=extract.title,
        period=period.label if extract.period_column else CURRENT,
        due=due,
        responsible=_responsible(organisation, region),
        state=state,
        last=max((batch.stored_at.date() for batch in covering or theirs), default=None),
        periods=tuple(sorted({label for batch in theirs for label in batch.periods})),
    )


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
