"""“Som förra året”: what a sender said the last time it delivered the same kind of file, and what of it still holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from metrics.intake.findings import Findings
from metrics.intake.handing_in import reason_for, reason_key
from metrics.vault import Batch


@dataclass(frozen=True, kw_only=True)
class LastTime:
    """The newest standing batch of this sender and kind."""

    batch: int
    file_name: str
    stored_at: datetime
    row_count: int
    source_system: str
    periods: tuple[str, ...] = ()
    reasons: Mapping[str, str] = field(default_factory=dict)


def last_time(batches: Iterable[Batch], *, sender: str, extract: str) -> LastTime | None:
    """What the sender delivered last of this kind; None when it never has."""
    theirs = [
        batch for batch in batches if batch.sender == sender and batch.extract == extract and batch.undone_at is None
    ]
    if not theirs:
        return None
    newest = max(theirs, key=lambda batch: batch.batch)
    return LastTime(
        batch=newest.batch,
        file_name=newest.file_name,
        stored_at=newest.stored_at,
        row_count=newest.row_count,
        source_system=newest.source_system,
        periods=newest.periods,
        reasons=newest.reasons,
    )


def still_valid(last: LastTime, findings: Findings) -> dict[str, str]:
    """The reasons given last time that answer a warning that stands again, by its key."""
    given = {reason_key(finding): reason_for(finding, last.reasons) for finding in findings.acknowledgeable}
    return {key: reason for key, reason in given.items() if reason}
