"""Class Vault: everything the desk may ask of the vault. Which rows count is derived, never stored.

A batch covers stated slices (period x school unit, within sender, extract and source system). What counts is the
newest standing replacement of a slice and what was added after it. So undoing a batch brings the earlier one back by
itself, and nothing is ever half replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import pandas as pd

from metrics import engine
from metrics.catalogue import Catalogue
from metrics.values import Principal, Role
from metrics.vault import agreements, batch_keys, batches, joins, opening, schema, storing
from metrics.vault.agreements import Agreement
from metrics.vault.batches import Batch, Overlap, OverlapError, Slice, Staged
from metrics.vault.joins import Join

WAIT_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class Vault:
    """A vault file, its key ("" = plain file) and the declarations its tables follow."""

    path: Path
    catalogue: Catalogue
    key: str = ""
    wait_seconds: float = WAIT_SECONDS

    @property
    def exists(self) -> bool:
        return self.path.exists()

    @property
    def place(self) -> opening.Place:
        """Where the file lies and how it is opened."""
        path = self.path.parent.resolve() / self.path.name
        return opening.Place(path=path, key=self.key, wait_seconds=self.wait_seconds)

    @contextmanager
    def _writing(self, connection: engine.Connection | None = None) -> Iterator[engine.Connection]:
        """The vault attached alone as `vault` to `connection` (or one of its own), its tables as declared."""
        used = connection or engine.memory()
        try:
            with opening.writing(self.place, used):
                schema.create_rows(used, self.catalogue.extracts.values())
                used.execute(schema.VIEWS)
                yield used
        finally:
            if connection is None:
                used.close()

    @contextmanager
    def _reading(self) -> Iterator[engine.Connection]:
        with opening.reading(self.place) as connection:
            connection.execute(schema.VIEWS)
            yield connection

    def store(
        self,
        staged: Staged,
        *,
        sender: str,
        principal: Principal,
        overlap: Literal["replace", "add"] | None = None,
        confirmed: Sequence[Slice] = (),
        reasons: Mapping[str, str] | None = None,
        findings: str = "[]",
        example: bool = False,
    ) -> Batch:
        """Store a screened file as one batch, in one transaction; OverlapError when nothing was said about overlap.

        `confirmed`: periods and units that the batch covers also where it has no rows for them, so that a correction
        can take away every row of a school.
        """
        principal.require(Role.DELIVERER, sender)
        about = {"findings": findings, "reasons": reasons or {}, "example": example}
        with self._writing(staged.connection) as connection, engine.transaction(connection):
            if staged.extract.name == joins.PAIRS:
                joins.require_declared(connection, sender, batches.now().date())
            covered = batches.incoming(connection, staged.extract, confirmed)
            found = batches.overlaps(connection, staged, sender, covered)
            if found and overlap is None:
                raise OverlapError(found)
            earlier = batch_keys.last(connection, sender, self.catalogue.in_space(staged.extract.space))
            batch = storing.insert(
                connection,
                staged,
                covered,
                sender=sender,
                mode=overlap or "replace",
                principal=principal,
                about=about,
            )
            batch_keys.keep(connection, batch, staged.coverage.key_id, earlier)
            said = f"{staged.extract.name}, {staged.row_count} rader"
            batches.write_log(connection, principal, "lämnat in", f"leverans {batch}", said)
            stored = batches.find(connection, batch)[0]
        return stored

    def overlaps(
        self, staged: Staged, *, sender: str, principal: Principal, confirmed: Sequence[Slice] = ()
    ) -> list[Overlap]:
        """What storing this file with `replace` would remove."""
        principal.require(Role.DELIVERER, sender)
        covered = batches.incoming(staged.connection, staged.extract, confirmed)
        with self._reading() as connection:
            return batches.overlaps(connection, staged, sender, covered)

    def batches(self, principal: Principal) -> list[Batch]:
        """Every batch the principal may see, newest first: all for the publisher, else its own organisation's."""
        with self._reading() as connection:
            found = batches.find(connection)
        return [each for each in found if principal.sees_everybody or each.sender == principal.organisation]

    def _batches(self, connection: engine.Connection) -> list[Batch]:
        """Every batch, on a connection that `reading` gave."""
        return batches.find(connection)

    def undo(self, batch: int, *, reason: str, principal: Principal) -> Batch:
        """Take a batch out of what counts; what it replaced counts again. ValueError (Swedish) when it cannot."""
        if not reason.strip():
            raise ValueError("Skriv varför leveransen ångras.")
        with self._writing() as connection, engine.transaction(connection):
            _require_undoable(connection, batch, principal)
            connection.execute(
                "UPDATE vault.batches SET undone_at = ?, undone_by = ?, undone_reason = ? WHERE batch = ?",
                [batches.now(), principal.subject, reason, batch],
            )
            batches.write_log(connection, principal, "ångrat", f"leverans {batch}", reason)
            undone = batches.find(connection, batch)[0]
        return undone

    @contextmanager
    def reading(self, principal: Principal) -> Iterator[engine.Connection]:
        """A connection where every extract is a view of the rows that count; nothing can be written.

        Views have the extract's columns (pseudonyms as integers) and `sender`, `batch`. The principal is not used to
        filter rows: only compute and publishing call this, and they publish aggregates.
        """
        principal.require(Role.READER)
        with self._reading() as connection:
            schema.create_views(connection, self.catalogue.extracts.values())
            joins.link(connection, batches.now().date())
            yield connection

    def log(self, principal: Principal) -> pd.DataFrame:
        """The append-only log: entry, moment, subject, act, object, detail."""
        principal.require(Role.READER)
        with self._reading() as connection:
            return engine.frame(
                connection, "SELECT entry, moment, subject, act, object, detail FROM vault.log ORDER BY entry DESC"
            )

    def write_log(self, principal: Principal, act: str, thing: str, detail: str = "") -> None:
        """Add one line to the log (publishing, withdrawing, previews)."""
        with self._writing() as connection, engine.transaction(connection):
            batches.write_log(connection, principal, act, thing, detail)

    def agreements(self, principal: Principal) -> tuple[Agreement, ...]:
        """The delivery plan's agreements that the principal may see: all for the publisher, else those for its own."""
        with self._reading() as connection:
            found = agreements.find(connection)
        mine = ("", principal.organisation)
        return tuple(each for each in found if principal.sees_everybody or each.organisation in mine)

    def agree(self, agreement: Agreement, *, principal: Principal, said: str) -> None:
        """Keep a line of the delivery plan, in place of the earlier one; `said` goes to the log."""
        principal.require(Role.PUBLISHER)
        with self._writing() as connection, engine.transaction(connection):
            agreements.keep(connection, agreement)
            whom = agreement.organisation or "alla organisationer"
            batches.write_log(connection, principal, "ändrat leveransplanen", whom, f"{agreement.extract}, {said}")

    def joins(self, principal: Principal) -> tuple[Join, ...]:
        """Every declared join that the principal may see: all for the publisher, else its own organisation's."""
        with self._reading() as connection:
            found = joins.find(connection)
        return tuple(each for each in found if principal.sees_everybody or each.organisation == principal.organisation)

    def declare_join(self, join: Join, *, principal: Principal, day: date | None = None) -> Join:
        """Declare that an organisation's pairs may be used; JoinError in Swedish when it cannot be.

        day: kept as the day of the declaration, today unless said; the log has the time as it is.
        """
        principal.require(Role.PUBLISHER)
        with self._writing() as connection, engine.transaction(connection):
            made = joins.declare(connection, join, by=principal.subject, today=day or batches.now().date())
            said = f"{made.purpose} Grund: {made.ground} {made.school_decision}; {made.social_decision}. {made.starts} till {made.ends}"
            batches.write_log(
                connection, principal, "deklarerat koppling", f"koppling {made.number}, {made.organisation}", said
            )
        return made

    def withdraw_join(self, number: int, *, reason: str, principal: Principal) -> Join:
        """Withdraw a join: its pairs are not used from now on. JoinError in Swedish when it cannot be."""
        if Role.DATA_PROTECTION not in principal.roles:
            principal.require(Role.PUBLISHER)
        with self._writing() as connection, engine.transaction(connection):
            done = joins.withdraw(connection, number, by=principal.subject, reason=reason, today=batches.now().date())
            batches.write_log(
                connection, principal, "återkallat koppling", f"koppling {number}, {done.organisation}", reason
            )
        return done

    def remember_mapping(self, sender: str, extract: str, mapping: Mapping[str, str]) -> None:
        """Remember which column a sender's heading stands for."""
        with self._writing() as connection, engine.transaction(connection):
            for heading, column in mapping.items():
                connection.execute(
                    "INSERT OR REPLACE INTO vault.mappings VALUES (?, ?, ?, ?)", [sender, extract, heading, column]
                )

    def mapping(self, sender: str, extract: str) -> dict[str, str]:
        """The remembered headings of a sender."""
        with self._reading() as connection:
            found = engine.rows(
                connection,
                "SELECT heading, column_name FROM vault.mappings WHERE sender = ? AND extract = ?",
                [sender, extract],
            )
        return dict(found)


def _require_undoable(connection: engine.Connection, batch: int, principal: Principal) -> None:
    found = batches.find(connection, batch)
    if not found:
        raise ValueError(f"Det finns ingen leverans med nummer {batch}.")
    principal.require(Role.DELIVERER, found[0].sender)
    if found[0].undone_at is not None:
        raise ValueError(f"Leverans {batch} är redan ångrad.")
    if batches.replaced_and_erased(connection, batch):
        raise ValueError(
            f"Leverans {batch} ersatte uppgifter som sedan har raderats, så de kan inte räknas igen. "
            "Lämna in en rättad fil i stället."
        )
