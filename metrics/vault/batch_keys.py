"""Which key a batch's pseudonyms were made with, as far as its file said: an id that says nothing about the key.

Also the id its sender's files had until then: a receipt tells both, and goes on telling what was true when it was written.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from metrics import engine

_NAME = "batch_keys"
_BEFORE = "batch_keys_before"


def find(connection: engine.Connection) -> dict[int, str]:
    """The key id of every batch whose file told it."""
    return _kept(connection, _NAME)


def before(connection: engine.Connection) -> dict[int, str]:
    """For every batch whose file told its key, and whose sender had told one before, that earlier id."""
    return _kept(connection, _BEFORE)


def _kept(connection: engine.Connection, name: str) -> dict[int, str]:
    kept = engine.rows(connection, "SELECT content FROM vault.meta WHERE name = ?", [name])
    return {int(batch): key_id for batch, key_id in json.loads(bytes(kept[0][0])).items()} if kept else {}


def keep(connection: engine.Connection, batch: int, key_id: str, earlier: str = "") -> None:
    """Remember a batch's key id and the one before, inside the caller's transaction; nothing when the file told none."""
    for name, told in ((_NAME, key_id), (_BEFORE, earlier if key_id else "")):
        if told:
            content = json.dumps({**_kept(connection, name), batch: told}).encode()
            connection.execute("INSERT OR REPLACE INTO vault.meta VALUES (?, ?)", [name, content])


def last(connection: engine.Connection, sender: str, extracts: Sequence[str]) -> str:
    """The key id of the sender's newest standing batch of these kinds that told it; empty when none has."""
    sql = "SELECT max(batch) FROM active WHERE sender = ? AND extract IN (SELECT unnest(?)) AND batch IN (SELECT unnest(?))"
    known = find(connection)
    newest = engine.rows(connection, sql, [sender, list(extracts), list(known)])[0][0] if known else None
    return known[newest] if newest is not None else ""
