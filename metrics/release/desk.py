"""The desk: where publishing reads and writes, and how it says that it cannot."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from metrics.catalogue import Catalogue
from metrics.protect.thresholds import Thresholds
from metrics.vault import Vault
from metrics.vocabulary import Region


class PublishError(RuntimeError):
    """The release cannot be made, signed or withdrawn; the message is Swedish."""


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
    """Whether values per school are published of periods that have none; then both parts change together or not at all."""

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
