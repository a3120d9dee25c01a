"""What GR has agreed with those who deliver: when a kind of file is due, who sees to it, and whether it is expected.

Kept in the vault's file beside the batches, so that a backup has it and two who write at once wait for each other.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from metrics import engine

EVERYBODY = ""
"""The organisation of an agreement that holds for all who have none of their own."""

_NAME = "delivery_plan"


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One line of the delivery plan as GR has set it; what is None or empty follows the general rule.

    `due_days`: days from the end of the period that the file covers to the day it is due. `responsible`: a role, never
    a person. `expected`: False = not awaited, with `reason`; True = awaited though nothing has been delivered yet.
    """

    organisation: str
    extract: str
    due_days: int | None = None
    responsible: str = ""
    expected: bool | None = None
    reason: str = ""

    @property
    def says_nothing(self) -> bool:
        """Whether every part follows the general rule, so that the line need not be kept."""
        return self.due_days is None and not self.responsible and self.expected is None


def find(connection: engine.Connection) -> tuple[Agreement, ...]:
    """Every agreement, in order of organisation and kind."""
    kept = engine.rows(connection, "SELECT content FROM vault.meta WHERE name = ?", [_NAME])
    return tuple(Agreement(**each) for each in json.loads(bytes(kept[0][0]))) if kept else ()


def keep(connection: engine.Connection, agreement: Agreement) -> None:
    """Put the agreement in place of the earlier one for its organisation and kind, inside the caller's transaction."""
    which = (agreement.organisation, agreement.extract)
    others = [each for each in find(connection) if (each.organisation, each.extract) != which]
    wanted = others if agreement.says_nothing else [*others, agreement]
    listed = [asdict(each) for each in sorted(wanted, key=lambda each: (each.organisation, each.extract))]
    content = json.dumps(listed, ensure_ascii=False).encode()
    connection.execute("INSERT OR REPLACE INTO vault.meta VALUES (?, ?)", [_NAME, content])
