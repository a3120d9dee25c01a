"""What follows a draft or a release: the second person's signature, and withdrawal."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

from metrics.release import read, review
from metrics.release.desk import Desk, PublishError
from metrics.release.write import point_at, write_withdrawal
from metrics.values import Principal, Role


def asked_organisations(desk: Desk, principal: Principal) -> tuple[str, ...]:
    """Who is asked to review a draft: every organisation with a delivery of its own that counts, but not the office."""
    standing = [each for each in desk.vault.batches(principal) if each.undone_at is None]
    personal = {name for name, extract in desk.catalogue.extracts.items() if extract.personal}
    senders = {each.sender for each in standing if each.extract in personal}
    return tuple(sorted(each for each in senders if not each.startswith(desk.region.title)))


def sign_draft(desk: Desk, draft: str, *, principal: Principal, unreviewed: str = "") -> Path:
    """Publish a draft: signed by another person than the one who made it, when the members' review is over.

    `unreviewed`: why it is signed without one, or before it is over; kept in the manifest.
    """
    principal.require(Role.PUBLISHER)
    folder = desk.drafts / draft
    if not (folder / "manifest.json").exists():
        raise PublishError(f"Det finns inget utkast som heter {draft}.")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if manifest["made_by"] == principal.subject:
        raise PublishError("En utgåva ska skrivas under av en annan person än den som tog fram den.")
    asked = asked_organisations(desk, principal)
    reviewed = review.require_reviewed(desk.data, draft, asked=asked, reason=unreviewed)
    desk.releases.mkdir(parents=True, exist_ok=True)
    signed = desk.releases / f".{draft}.making"
    shutil.rmtree(signed, ignore_errors=True)
    shutil.copytree(folder, signed)
    manifest["signed_by"] = principal.subject
    manifest |= {"review": reviewed} if reviewed else {}
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (signed / "manifest.json").write_text(text, encoding="utf-8")
    signed.rename(desk.releases / draft)
    shutil.rmtree(folder)
    point_at(desk.releases, draft)
    desk.vault.write_log(principal, "skrivit under", f"utgåva {draft}", str(reviewed.get("reason", "")))
    return desk.releases / draft


def withdraw(desk: Desk, release_id: str, *, reason: str, principal: Principal, day: date | None = None) -> str | None:
    """Withdraw a release and point at the newest one left; returns its id, or None when none is left."""
    if Role.DATA_PROTECTION not in principal.roles:
        principal.require(Role.PUBLISHER)
    if not reason.strip():
        raise PublishError("Skriv varför utgåvan dras tillbaka.")
    folder = desk.releases / release_id
    if not (folder / "manifest.json").exists():
        raise PublishError(f"Det finns ingen utgåva som heter {release_id}.")
    if read.withdrawal(folder) is not None:
        raise PublishError(f"Utgåva {release_id} är redan tillbakadragen.")
    write_withdrawal(folder, day=day or datetime.now(UTC).date(), reason=reason)
    environment = {"SAMSYN_DATA": str(desk.data)}
    left = [
        each
        for each in read.release_folders(environment)
        if read.withdrawal(each) is None and each.parent == desk.releases
    ]
    if left:
        point_at(desk.releases, left[0].name)
    desk.vault.write_log(principal, "dragit tillbaka", f"utgåva {release_id}", reason)
    return left[0].name if left else None
