"""Takes in what members and authorities send: bytes -> text -> rows -> findings -> a staged table for the vault."""

from __future__ import annotations

from metrics.intake.bulk import stage_file
from metrics.intake.container import Member, unpack
from metrics.intake.findings import Coverage, Finding, Findings, Recognised, Source, Staged
from metrics.intake.staging import screen, stage

__all__ = [
    "Coverage",
    "Finding",
    "Findings",
    "Member",
    "Recognised",
    "Source",
    "Staged",
    "screen",
    "stage",
    "stage_file",
    "unpack",
]
