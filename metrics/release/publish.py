"""Publishing: counts through the gate into a new release. Separate from handing in, and signed by a second person."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.compute import Progress, silent
from metrics.judgement import judge
from metrics.layout import layout_of
from metrics.protect.gate import protect
from metrics.protect.joined import joined, publish_official
from metrics.protect.known import known_rows
from metrics.protect.thresholds import Thresholds
from metrics.release import (
    audits,
    comparisons,
    mapping,
    plans,
    reached,
    read,
    records,
    register,
    review,
    schools,
    tables,
)
from metrics.release.counted import refreshed
from metrics.release.evaluations import Source, evaluations, previous, standing
from metrics.release.facts import batch_entry, is_example, outward_schools, plain_region
from metrics.release.official import official_series, peer_series
from metrics.release.write import definition, point_at, write_release, write_withdrawal
from metrics.values import Counts, Principal, Published, Role
from metrics.vault import Vault
from metrics.vocabulary import Region

OFFICIAL_SOURCE = {"source": "Skolverket, Sök statistik", "retrieved": "2026-11-23"}
"""Where the reference table's figures come from and when they were fetched; rows loaded as files name their batch."""
UNREVIEWED = "ej granskad, lokal"


class PublishError(RuntimeError):
    """The release cannot be made, signed or withdrawn; the message is Swedish."""


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


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where publishing reads and writes: the vault, the data folder and the declarations."""

    vault: Vault
    data: Path
    catalogue: Catalogue
    region: Region
    thresholds: Thresholds = field(default_factory=Thresholds)
    workers: int = 1
    """Processes that protect periods beside each other."""
    schools: bool = False
    """Whether values per school are published of periods that have none; the open part of those stands from then on."""

    @property
    def releases(self) -> Path:
        return self.data / "releases"

    @property
    def drafts(self) -> Path:
        return self.data / "drafts"

    @property
    def records(self) -> Path:
        """The desk's own record of each release: inner-cell counts, never pupils."""
        return self.data / "records"


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
        made = _make(connection, desk, created.date(), progress)
        batches = [each for each in desk.vault._batches(connection) if each.undone_at is None]
    if not made.counted and not batches:
        raise PublishError("Det finns inget att ge ut: valvet har inga uppgifter som någon indikator räknas på.")
    draft = sign is None and principal.subject != "lokal"
    parent = desk.drafts if draft else desk.releases
    parent.mkdir(parents=True, exist_ok=True)
    before = _previous_values(desk)
    changes = read.empty_table("changes") if before.empty else tables.changes(before, made.published.values)
    signature = sign or ("" if draft else UNREVIEWED)
    manifest = {
        "id": release_id,
        "number": _number(release_id),
        "created": created.isoformat(timespec="seconds"),
        "note": note,
        "made_by": principal.subject,
        "signed_by": signature,
        "batches": [batch_entry(each) for each in batches],
        **_about(desk, made),
        **({"review": reviewed} if reviewed else {}),
    }
    whole = made.published.values.assign(release=release_id)
    written = {**made.tables, "values": whole, "changes": changes}
    definitions = [definition(each) for each in desk.catalogue.indicators.values()]
    of_schools = schools.values_of(made.schools, release_id)
    folder = write_release(
        parent / release_id, manifest=manifest, tables=written, definitions=definitions, schools=of_schools
    )
    schools.keep(desk.records, release_id, made.schools)
    records.keep(desk.records, release_id, made.families)
    if not draft:
        point_at(desk.releases, release_id)
    desk.vault.write_log(principal, "utkast" if draft else "gett ut", f"utgåva {release_id}", note)
    progress("Klar", 1.0)
    return Publication(
        id=release_id,
        folder=folder,
        draft=draft,
        values=len(whole),
        shown=int((whole["status"] == "shown").sum()),
        changes=changes,
        held=made.held,
    )


@dataclass(frozen=True, kw_only=True)
class Made:
    """A release before it is written."""

    published: Published
    tables: Mapping[str, pd.DataFrame]
    counted: list[Counts]
    families: list[records.Family]
    schools: schools.SchoolPart
    audited: dict[str, Any]
    held: tuple[str, ...]
    example: bool
    main_provider: str
    register: Mapping[str, Any]
    plans: list[dict[str, Any]]


def _make(connection: engine.Connection, desk: Desk, day: date, progress: Progress) -> Made:
    example = is_example(connection)
    official = official_series(connection, desk.region, desk.catalogue.indicators)
    counted: list[Counts] = []
    parts: list[Published] = []
    held: list[str] = []
    audited: dict[str, Any] = {}
    families: list[records.Family] = []
    by_school: list[schools.SchoolPart] = []
    told = schools.Source(
        connection=connection, catalogue=desk.catalogue, region=desk.region, thresholds=desk.thresholds,
        records=desk.records, workers=desk.workers, new=desk.schools,
    )  # fmt: skip
    compared: list[pd.DataFrame] = []
    comparing = comparisons.Source(
        region=desk.region, thresholds=desk.thresholds, earlier=previous(desk.releases, "comparisons")
    )
    for number, population in enumerate(desk.catalogue.populations):
        share = 0.9 * number / len(desk.catalogue.populations)
        progress(f"Räknar och skyddar {population}", share)
        counts = refreshed(connection, desk.catalogue, population, region=desk.region, folder=desk.vault.place.counted)
        if counts.inner.empty:
            continue
        family, layout = desk.catalogue.family(population), layout_of(population)
        declared = records.declaration(family, layout, desk.thresholds)
        history, kept = records.history(desk.records, counts, declared)
        settled = schools.settled(desk.records, population, history)
        history = replace(history, stands=history.stands | settled)
        prepared = comparisons.prepare(comparing, connection, desk.catalogue, counts, layout)
        known = known_rows(counts, family, region=desk.region, official=None if example else official)
        published, report = protect(
            counts,
            layout,
            indicators=family,
            region=desk.region,
            thresholds=desk.thresholds,
            known=known,
            beside=prepared.known,
            history=history,
            workers=desk.workers,
        )
        parts.append(published)
        stated = [*known, *prepared.known]
        by_school.append(schools.school_part(told, counts, layout, history=history, report=report, known=stated))
        compared.append(comparisons.told(comparing, prepared, published, report))
        held += [f"{population} {period}" for period in sorted({*report["held"], *settled})]
        counted.append(history.counts(counts, set(report["solved"])))
        families.append(records.with_solved(kept, counts, layout, declared, report["solved"]))
        audited[population] = report
    official_table = tables.official_rows(official, desk.catalogue.indicators, desk.region)
    peers = peer_series(desk.region, desk.catalogue.indicators)
    peer_table = tables.official_rows(peers, desk.catalogue.indicators, desk.region).assign(area_type="peer_group")
    parts.append(publish_official(pd.concat([official_table, peer_table], ignore_index=True)))
    published = joined(parts)
    waiting = {each.split(" ")[0] for each in held}
    evaluated, planned = _evaluated(connection, desk, day, waiting, progress)
    met = _reached(connection, desk, waiting)
    return Made(
        published=published,
        tables={
            **_beside(connection, desk, published, counted),
            "evaluations": evaluated,
            "comparisons": comparisons.joined(compared),
            reached.TABLE: met,
        },
        counted=counted,
        families=families,
        schools=schools.joined(by_school),
        audited=audited,
        held=tuple(held),
        example=example,
        main_provider="municipal" if any(each.main_provider == "municipal" for each in counted) else "all",
        register=register.version(connection),
        plans=planned,
    )


def _evaluated(
    connection: engine.Connection, desk: Desk, day: date, held: set[str], progress: Progress
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Every declared result evaluated (those of held populations as before), and what the manifest lists of plans."""
    before = plans.remembered(desk.releases)
    current = plans.current(desk.catalogue.model_types.values(), before, day)
    populations = {name: each.population for name, each in desk.catalogue.indicators.items()}
    source = Source(
        connection=connection, catalogue=desk.catalogue, region=desk.region, thresholds=desk.thresholds,
        before=before, asked=plans.asked(desk.records), workers=desk.workers,
        standing=standing(previous(desk.releases), populations, held),
    )  # fmt: skip
    made = evaluations(source, current, progress=lambda what, share: progress(what, 0.9 + 0.1 * share))
    return made, plans.carried(current, before)


def _reached(connection: engine.Connection, desk: Desk, held: set[str]) -> pd.DataFrame:
    before = reached.released_before(desk.releases)
    return reached.reached(
        connection, desk.catalogue, desk.region, desk.thresholds, before, held=reached.POPULATION in held
    )


def _beside(
    connection: engine.Connection, desk: Desk, published: Published, counted: list[Counts]
) -> dict[str, pd.DataFrame]:
    verdicts, trends = judge(published, desk.catalogue.indicators)
    delivered = [(counts, desk.catalogue.family(counts.population)[0].extracts[0]) for counts in counted]
    school_years = sorted(published.values["school_year"].unique())
    return {
        "verdicts": verdicts,
        "trends": trends,
        "register": register.register(connection, desk.region),
        "register_units": register.spells(connection, desk.region),
        "register_changes": register.history(connection, desk.region),
        "school_units": register.units(connection, desk.region),
        "mapping_rounds": mapping.rounds(connection, desk.region),
        "mapping_answers": mapping.answers(connection, desk.region, mapping.released_before(desk.releases)),
        "school_models": register.models_by_year(connection, desk.catalogue, desk.region, school_years),
        "coverage": tables.coverage(delivered, desk.region),
        "reconciliation": tables.reconciliation(published.values, desk.catalogue.indicators),
    }


def _about(desk: Desk, made: Made) -> dict[str, Any]:
    """What a manifest says of what was counted, how it was declared and how it was protected."""
    return {
        "example": made.example,
        "region": plain_region(desk.region),
        "main_provider": made.main_provider,
        "official_source": OFFICIAL_SOURCE,
        "definitions": {each.name: each.version for each in desk.catalogue.indicators.values()},
        "protection": audits.outward(made.audited, audits.earlier(desk.releases)),
        "held": list(made.held),
        "schools": outward_schools(made.schools.audited),
        "schools_held": list(made.schools.held),
        "register": made.register,
        "plans": made.plans,
    }


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
