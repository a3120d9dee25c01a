"""A file read as its sender would have it: headings as matched before, and compared with what was delivered before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from metrics import catalogue
from metrics.intake.against_vault import compared
from metrics.intake.findings import Staged
from metrics.intake.history import Compared, with_history
from metrics.intake.preview import official_total
from metrics.release.read import Release
from metrics.values import Principal
from metrics.vault import Vault
from metrics.vocabulary import Region, current_region

Reader = Callable[[Mapping[str, str]], Staged]
"""Reads a file with a mapping of headings."""


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Who hands in and from which system; without a sender there is nothing to compare with."""

    sender: str = ""
    source_system: str = ""


def with_vault(
    vault: Vault,
    read: Reader,
    delivery: Delivery,
    *,
    principal: Principal,
    release: Release | None = None,
) -> Staged:
    """The file as `read` gives it, its headings as the sender has matched them, with the comparisons' findings."""
    staged = read({})
    if not delivery.sender or staged.extract is None:
        return _from(staged, delivery)
    known = vault.mapping(delivery.sender, staged.extract.name)
    if known.keys() & set(staged.findings.recognised.unknown_headings):
        staged.connection.close()
        staged = read(known)
    return add_comparisons(vault, _from(staged, delivery), delivery, principal=principal, release=release)


def _from(staged: Staged, delivery: Delivery) -> Staged:
    return replace(staged, coverage=replace(staged.coverage, source_system=delivery.source_system))


def add_comparisons(
    vault: Vault,
    staged: Staged,
    delivery: Delivery,
    *,
    principal: Principal,
    region: Region | None = None,
    release: Release | None = None,
) -> Staged:
    """The staged file with what the comparison with the vault and official figures gives cause to ask about."""
    if staged.findings.refused or staged.extract is None or not delivery.sender:
        return staged
    where = region or current_region()
    found = compared(vault, staged, sender=delivery.sender, principal=principal, region=where)
    found = _with_official(found, staged, delivery, where, release)
    return replace(staged, findings=with_history(staged.findings, found))


def _with_official(
    found: Compared, staged: Staged, delivery: Delivery, region: Region, release: Release | None
) -> Compared:
    pair = official_total(release, staged, catalogue.default().indicators, delivery.sender, region)
    return replace(found, own=pair[0], official=pair[1]) if pair else found
