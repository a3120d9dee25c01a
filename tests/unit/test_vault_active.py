"""Which slices count, for any order of deliveries and undos: the SQL against a plain reading of the rule."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from metrics import engine
from metrics.vault import schema

SENDERS, SYSTEMS, PERIODS, UNITS = ("A", "B"), ("", "x"), ("2023/24", "2024/25"), ("1", "2")
slices = st.sets(st.tuples(st.sampled_from(PERIODS), st.sampled_from(UNITS)), max_size=3)
deliveries = st.tuples(
    st.sampled_from(SENDERS), st.sampled_from(SYSTEMS), st.sampled_from(("replace", "add")), slices, st.booleans()
)
Delivery = tuple[str, str, str, set[tuple[str, str]], bool]


def stored(given_deliveries: list[Delivery]) -> engine.Connection:
    """An empty vault with these batches and no rows."""
    connection = engine.memory(threads=1)
    connection.execute("ATTACH ':memory:' AS vault")
    schema.create(connection)
    connection.execute(schema.VIEWS)
    number = 0
    for batch, (sender, system, mode, covered, undone) in enumerate(given_deliveries, start=1):
        connection.execute(
            "INSERT INTO vault.batches SELECT ?, 'x', ?, ?, ?, now()::TIMESTAMP, '', '', '', '', 0, 0, '', '', FALSE,"
            " CASE WHEN ? THEN now()::TIMESTAMP END, NULL, NULL",
            [batch, sender, system, mode, undone],
        )
        for period, unit in sorted(covered):
            number += 1
            connection.execute("INSERT INTO vault.slices VALUES (?, ?, ?, ?, 1, NULL)", [number, batch, period, unit])
    return connection


def expected(given_deliveries: list[Delivery]) -> list[tuple[int, str, str]]:
    """Read each delivery in turn: a replacement empties what it covers, then either kind is put there."""
    places: dict[tuple[str, str, str, str], list[int]] = {}
    for batch, (sender, system, mode, covered, undone) in enumerate(given_deliveries, start=1):
        for period, unit in covered if not undone else ():
            place = places.setdefault((sender, system, period, unit), [])
            if mode == "replace":
                place.clear()
            place.append(batch)
    return sorted((batch, period, unit) for (_, _, period, unit), batches in places.items() for batch in batches)


@settings(max_examples=60, deadline=None)
@given(st.lists(deliveries, max_size=7))
def test_what_counts_is_what_stands_when_every_delivery_is_read_in_turn(found: list[Delivery]) -> None:
    connection = stored(found)
    try:
        active = engine.rows(connection, "SELECT batch, period, unit FROM active ORDER BY batch, period, unit")
    finally:
        connection.close()
    assert active == expected(found)
