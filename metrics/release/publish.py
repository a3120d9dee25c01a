"""Publishing: counts through the gate into a new release. Separate from handing in, and signed by a second person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from metrics.compute import Progress, silent
from metrics.release import making, read, records, review, schools, tables
from metrics.release.desk import Desk, PublishError
from metrics.release.facts import batch_entry
from metrics.release.signing import asked_organisations
from metrics.release.write import definition, point_at, write_release
from metrics.values import Principal, Role

UNREVIEWED = "ej granskad, lokal"


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What came out of publishing: the release (or draft) and what differs from the one before."""

    id: str
    folder: Path
    draft: bool
    values: int
    shown: int
    changes: pd.DataFrame
    held: tuple[str, ...] = ()


def publish(
    desk: Desk,
    *,
    principal: Principal,
    note: str,
    sign: str | None = None,
    unreviewed: str = "",
    stamp: tuple[str, datetime] | None = None,
    progress: Progress = silent,
) -> Publication:
    """Make a release of what the vault holds.

    Under the local identity without `sign` it is published at once and says "ej granskad, lokal"; with `sign` (the
    subject of a second person) it is published as signed by that person, and `unreviewed` says why members with
    figures in it have not looked at a draft; any other principal gets a draft.
    `stamp` (id and time) makes the release reproducible. PublishError in Swedish when there is nothing to publish;
    protect.DisclosureError when the audit finds a value that would not be protected.
    """
    principal.require(Role.PUBLISHER)
    if not note.strip():
        raise PublishError("Skriv en notis: vad är nytt i den här utgåvan?")
    if sign is not None and sign == principal.subject:
        raise PublishError("En utgåva ska skrivas under av en annan person än den som tar fram den.")
    reviewed = review.require_reason(asked_organisations(desk, principal), unreviewed) if sign else {}
    release_id, created = stamp or _next_id(desk)
    with desk.vault.reading(principal) as connection:
        made = making.make(connection, desk, created.date(), progress)
        batches = [each for each in desk.vault._batches(connection) if each.undone_at is None]
    if not made.counted and not batches:
        raise PublishError("Det finns inget att ge ut: valvet har inga uppgifter som någon indikator räknas på.")
    manifest = {
        "id": release_id,
        "number": _number(release_id),
        "created": created.isoformat(timespec="seconds"),
        "note": note,
        "made_by": principal.subject,
        "signed_by": sign or (UNREVIEWED if principal.subject == "lokal" else ""),
        "batches": [batch_entry(each) for each in batches],
        **making.about(desk, made),
        **({"review": reviewed} if reviewed else {}),
    }
    publication = _write(desk, made, manifest, draft=sign is None and principal.subject != "lokal")
    what = "utkast" if publication.draft else "gett ut"
    desk.vault.write_log(principal, what, f"utgåva {release_id}", note)
    progress("Klar", 1.0)
    return publication


def _write(desk: Desk, made: making.Made, manifest: Mapping[str, Any], *, draft: bool) -> Publication:
    """The release's folder, and the desk's own record of it."""
    release_id = str(manifest["id"])
    parent = desk.drafts if draft else desk.releases
    parent.mkdir(parents=True, exist_ok=True)
    before = _previous_values(desk)
    changes = read.empty_table("changes") if before.empty else tables.changes(before, made.published.values)
    whole = made.published.values.assign(release=release_id)
    folder = write_release(
        parent / release_id,
        manifest=dict(manifest),
        tables={**made.tables, "values": whole, "changes": changes},
        definitions=[definition(each) for each in desk.catalogue.indicators.values()],
        schools=schools.values_of(made.schools, release_id),
    )
    schools.keep(desk.records, release_id, made.schools)
    records.keep(desk.records, release_id, made.families)
    if not draft:
        point_at(desk.releases, release_id)
    return Publication(
        id=release_id,
        folder=folder,
        draft=draft,
        values=len(whole),
        shown=int((whole["status"] == "shown").sum()),
        changes=changes,
        held=made.held,
    )


def _next_id(desk: Desk) -> tuple[str, datetime]:
    """Today's date and the next number of the day, over releases and drafts."""
    now = datetime.now(UTC).replace(tzinfo=None)
    day = now.date().isoformat()
    taken = [path.name for folder in (desk.releases, desk.drafts) if folder.exists() for path in folder.iterdir()]
    numbers = [_number(name) for name in taken if name.startswith(day)]
    return f"{day}-{max(numbers, default=0) + 1}", now


def _number(release_id: str) -> int:
    found = re.search(r"-(\d+)$", release_id)
    return int(found[1]) if found else 0


def _previous_values(desk: Desk) -> pd.DataFrame:
    if not desk.releases.exists() or not (desk.releases / "current").exists():
        return read.empty_table("values")
    current = desk.releases / (desk.releases / "current").read_text(encoding="utf-8").strip()
    return read.load(current).values.values
