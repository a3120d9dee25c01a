"""Who was treated and when: the timing rules that turn a register of starts into year 0, base years and controls.

A period is an int: the spring of a school year (2024 = 2023/24), or the calendar year.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import pandas as pd

from metrics.evaluate.panel import HEADLINE_BASE

PERIOD_KINDS = ("school_year", "calendar_year")
BASE_MINIMUM = 2
HALF_STAFFED = 0.5
START_COLUMNS = ("unit", "started", "ended", "start_precision", "decided_by", "planned_posts", "filled_posts")


class Timing(StrEnum):
    """What a unit can be used for in an evaluation."""

    TREATED = "treated"
    NOT_YET = "not_yet"
    NEVER = "never"
    ALWAYS = "always"
    SHORT_BASE = "short_base"
    UNCLEAR = "unclear"
    NOT_STAFFED = "not_staffed"
    BRIEF = "brief"


USED = (Timing.TREATED, Timing.NOT_YET, Timing.NEVER)


@dataclass(frozen=True, kw_only=True)
class Start:
    """One unit's start as periods: exposed is touched by it, first is year 0, last the last full year."""

    exposed: int
    first: int
    last: int | None = None


def period_of(day: date, period_kind: str) -> int:
    """The period a day lies in: school years run from July to June and are named by their spring."""
    _known_kind(period_kind)
    return day.year + 1 if period_kind == "school_year" and day.month >= 7 else day.year


def _known_kind(period_kind: str) -> None:
    if period_kind not in PERIOD_KINDS:
        raise ValueError(f"period_kind must be one of {', '.join(PERIOD_KINDS)}, got: {period_kind}")


def start_of(
    started: date, *, ended: date | None = None, precision: str = "date", period_kind: str = "school_year"
) -> Start:
    """Year 0 is the first whole year: begun within its first three months (30 September of a school year).

    A later start makes that year the split year, between base and effect. A start known only by its school year counts
    from that year's beginning, one known by its term from the beginning of the term.
    """
    exposed = period_of(started, period_kind)
    late = _months_in(started, period_kind) >= 3
    if precision == "school_year" or (precision == "term" and period_kind == "school_year" and started.month >= 7):
        late = False
    return Start(exposed=exposed, first=exposed + late, last=None if ended is None else last_full(ended, period_kind))


def _months_in(day: date, period_kind: str) -> int:
    return (day.month - 7) % 12 if period_kind == "school_year" else day.month - 1


def last_full(ended: date, period_kind: str = "school_year") -> int:
    """The last period the model ran to the end of; its last month (June, December) need not be whole."""
    period = period_of(ended, period_kind)
    return period if _months_in(ended, period_kind) == 11 else period - 1


def timetable(
    units: pd.Index, starts: pd.DataFrame, periods: tuple[int, ...], *, period_kind: str = "school_year", shift: int = 0
) -> pd.DataFrame:
    """Per unit of the panel: timing, first, exposed, last, decided_by, dose (filled over planned posts).

    starts has START_COLUMNS, of which only unit and started are needed; of several rows of a unit the earliest start
    counts. 0 = never; last is missing while it runs. shift lets gradual and unknown starts in, moved by that many years.
    """
    _known_kind(period_kind)
    table = _complete(starts)
    earliest = table.sort_values("started", na_position="first").drop_duplicates("unit").set_index("unit")
    rows = {u: _row(earliest.loc[u], periods, period_kind, shift) for u in units if u in earliest.index}
    never = {"timing": Timing.NEVER, "first": 0, "exposed": 0, "last": np.nan, "decided_by": None, "dose": np.nan}
    return pd.DataFrame([rows.get(u, never) for u in units], index=units)


def _complete(starts: pd.DataFrame) -> pd.DataFrame:
    missing = {"unit", "started"} - set(starts.columns)
    if missing:
        raise ValueError(f"starts must have unit and started, missing: {', '.join(sorted(missing))}")
    return starts.reindex(columns=list(START_COLUMNS)).assign(
        started=pd.to_datetime(starts.started),
        ended=pd.to_datetime(starts.get("ended", pd.Series(pd.NaT, starts.index))),
    )


def _row(entry: pd.Series, periods: tuple[int, ...], period_kind: str, shift: int) -> dict[str, object]:
    precision = "date" if pd.isna(entry.start_precision) else str(entry.start_precision)
    dose = _dose(entry)
    found: dict[str, object] = {"decided_by": entry.decided_by, "dose": dose, "first": 0, "exposed": 0, "last": np.nan}
    vague = precision in ("gradual", "unknown")
    if pd.isna(entry.started) or (vague and not shift):
        return {**found, "timing": Timing.UNCLEAR}
    ended = None if pd.isna(entry.ended) else entry.ended.date()
    start = start_of(entry.started.date(), ended=ended, precision=precision, period_kind=period_kind)
    moved = Start(exposed=start.exposed + shift, first=start.first + shift, last=start.last)
    last = np.nan if moved.last is None else moved.last
    return {
        **found,
        "first": moved.first,
        "exposed": moved.exposed,
        "last": last,
        "timing": timing(moved, dose, periods),
    }


def _dose(entry: pd.Series) -> float:
    """Filled over planned posts; unknown when either is."""
    planned, filled = pd.to_numeric(entry.planned_posts), pd.to_numeric(entry.filled_posts)
    return float(filled / planned) if planned and not pd.isna(planned) and not pd.isna(filled) else np.nan


def timing(start: Start, dose: float, periods: tuple[int, ...]) -> Timing:
    """What one start makes of its unit, given the periods of the panel."""
    if dose < HALF_STAFFED:
        return Timing.NOT_STAFFED
    if start.last is not None and start.last < start.first:
        return Timing.BRIEF
    if start.exposed <= min(periods):
        return Timing.ALWAYS
    if start.first > max(periods):
        return Timing.NOT_YET
    base = sum(start.exposed + event in periods for event in HEADLINE_BASE)
    return Timing.TREATED if base >= BASE_MINIMUM else Timing.SHORT_BASE
