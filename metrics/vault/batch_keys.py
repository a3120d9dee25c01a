"""Which key a batch's pseudonyms were made with, as far as its file said: an id that says nothing about the key."""

from __future__ import annotations

import json

from metrics import engine

_NAME = "batch_keys"


def find(connection: engine.Connection) -> dict[int, str]:
    """The key id of every batch whose file told it."""
    kept = engine.rows(connection, "SELECT content FROM vault.meta WHERE name = ?", [_NAME])
    return {int(batch): key_id for batch, key_id in json.loads(bytes(kept[0][0])).items()} if kept else {}


def keep(connection: engine.Connection, batch: int, key_id: str) -> None:
    """Remember a batch's key id, inside the caller's transaction; nothing when the file did not tell it."""
    if key_id:
        content = json.dumps({**find(connection), batch: key_id}).encode()
        connection.execute("INSERT OR REPLACE INTO vault.meta VALUES (?, ?)", [_NAME, content])


def last(connection: engine.Connection, sender: str, extracts: list[str]) -> str:
    """The key id of the sender's newest standing batch of these kinds that told it; empty when none has."""
    sql = "SELECT max(batch) FROM active WHERE sender = ? AND extract IN (SELECT unnest(?)) AND batch IN (SELECT unnest(?))"
    known = find(connection)
    newest = engine.rows(connection, sql, [sender, extracts, list(known)])[0][0] if known else None
    return known[newest] if newest is not None else ""
