"""Declared joins: that an organisation's pairs of pupil and child may be used, for what, on what ground and how long.

Kept in the vault's file beside the batches. Without a join in force `declared_join` is empty, whatever has been delivered,
and pairs are not taken in. A withdrawn join stays in the list, and is never brought back by restoring a backup.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from metrics import engine

PAIRS = "pupil_child_pairs"
"""The extract that holds the pairs."""
RESTORED = (
    "Valvet återställdes från en säkerhetskopia och det går inte att se om kopplingen har återkallats sedan dess."
)

_NAME = "declared_joins"


class JoinError(ValueError):
    """A join cannot be declared, withdrawn or used so; the message is Swedish."""


@dataclass(frozen=True, kw_only=True)
class Join:
    """One declared join of an organisation's pupils with its municipality's reported children.

    `organisation`: the sender whose pairs count; `municipality`: its code. `school_decision` and `social_decision`: which
    nämnd decided and when. In force from `starts` to `ends`, both days in, until it is withdrawn.
    """

    organisation: str
    municipality: str
    purpose: str
    ground: str
    school_decision: str
    social_decision: str
    starts: date
    ends: date
    number: int = 0
    declared: date | None = None
    declared_by: str = ""
    withdrawn: date | None = None
    withdrawn_by: str = ""
    withdrawn_reason: str = ""

    def in_force(self, day: date) -> bool:
        return self.withdrawn is None and self.starts <= day <= self.ends


_DATES = tuple(each.name for each in fields(Join) if "date" in str(each.type))


def find(connection: engine.Connection) -> tuple[Join, ...]:
    """Every join ever declared, oldest first."""
    kept = engine.rows(connection, "SELECT content FROM vault.meta WHERE name = ?", [_NAME])
    return tuple(_join(each) for each in json.loads(bytes(kept[0][0]))) if kept else ()


def _join(said: Mapping[str, Any]) -> Join:
    days = {name: date.fromisoformat(said[name]) if said[name] else None for name in _DATES}
    return Join(**{**said, **days})


def keep(connection: engine.Connection, joins: Iterable[Join]) -> None:
    """Put this list in place of the one kept, inside the caller's transaction."""
    content = json.dumps([asdict(each) for each in joins], default=str, ensure_ascii=False).encode()
    connection.execute("INSERT OR REPLACE INTO vault.meta VALUES (?, ?)", [_NAME, content])


def declare(connection: engine.Connection, join: Join, *, by: str, today: date) -> Join:
    """Keep a new join; JoinError when one of the same organisation already runs or the days have passed."""
    there = find(connection)
    if join.ends < max(join.starts, today):
        raise JoinError("Slutdatumet ska komma efter startdatumet och får inte ha passerat.")
    if any(each.organisation == join.organisation and not each.withdrawn and each.ends >= today for each in there):
        raise JoinError(f"{join.organisation} har redan en koppling. Återkalla den först.")
    made = replace(join, number=len(there) + 1, declared=today, declared_by=by)
    keep(connection, [*there, made])
    return made


def withdraw(connection: engine.Connection, number: int, *, by: str, reason: str, today: date) -> Join:
    """Mark a join as withdrawn from today on; JoinError when there is none or it already is."""
    there = {each.number: each for each in find(connection)}
    if number not in there or there[number].withdrawn:
        raise JoinError(f"Det finns ingen koppling nummer {number} att återkalla.")
    if not reason.strip():
        raise JoinError("Skriv varför kopplingen återkallas.")
    there[number] = replace(there[number], withdrawn=today, withdrawn_by=by, withdrawn_reason=reason.strip())
    keep(connection, there.values())
    return there[number]


def withdraw_all(connection: engine.Connection, *, by: str, today: date) -> None:
    """After a backup took the place of a vault that could not be read: what it lacks may be a withdrawal."""
    said = {"withdrawn": today, "withdrawn_by": by, "withdrawn_reason": RESTORED}
    if there := find(connection):
        keep(connection, [each if each.withdrawn else replace(each, **said) for each in there])  # type: ignore[arg-type]


def in_force(connection: engine.Connection, today: date) -> list[Join]:
    return [each for each in find(connection) if each.in_force(today)]


def require_declared(connection: engine.Connection, organisation: str, today: date) -> None:
    """JoinError unless the organisation has a join in force: pairs without one are nobody's to keep."""
    if not any(each.organisation == organisation for each in in_force(connection, today)):
        raise JoinError(
            f"Filen kopplar elever till barn hos socialtjänsten och tas inte emot: ingen koppling är deklarerad för "
            f"{organisation}. GR deklarerar den på Historik, under Kopplingar."
        )


def link(connection: engine.Connection, today: date) -> None:
    """Fill `declared_join` and `joined_members` on a connection with views, from the joins in force today."""
    found = in_force(connection, today)
    if not found:
        return
    connection.execute(
        f"INSERT INTO declared_join SELECT DISTINCT pupil, child FROM {PAIRS} WHERE list_contains(?, sender)",
        [[each.organisation for each in found]],
    )
    codes = sorted({each.municipality for each in found})
    connection.execute("INSERT INTO joined_members SELECT unnest(?::VARCHAR[])", [codes])
