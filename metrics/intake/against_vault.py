"""What stands in the vault, as numbers to compare a delivery with: the sender's own rows, and only counts of others'.

Nothing of another organisation leaves this module but a count rounded down to whole fives.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from metrics import engine
from metrics.declare import Extract
from metrics.engine import Connection
from metrics.intake.across import crossings, in_fives, person_column
from metrics.intake.findings import FIRST_ROWS, Staged
from metrics.intake.history import Compared
from metrics.intake.organisations import member_of
from metrics.values import Principal, Role
from metrics.vault import Vault, batch_keys
from metrics.vault.batches import incoming, slice_columns
from metrics.vault.storing import key_pseudonyms
from metrics.vocabulary import Period, Region, parse_period

MOST_PUPILS = 1_000_000
ONE_ROW_A_YEAR = {"pupil", "school_year"}

CONTINUING = ("attendance", "background", "upper_secondary_enrolment", "activity_responsibility")
"""Extracts where most pupils of a school year stand in the next one too."""

FOLLOWS: Mapping[tuple[str, str], int] = {
    ("year9_grades", "attendance"): 0,
    ("attendance", "year9_grades"): 0,
    ("year9_grades", "year6_grades"): -3,
    ("upper_secondary_enrolment", "year9_grades"): -1,
    ("upper_secondary_outcome", "upper_secondary_enrolment"): 0,
}
"""Pairs (delivered, standing) that hold the same pupils when the standing one is so many school years from it."""


def compared(vault: Vault, staged: Staged, *, sender: str, principal: Principal, region: Region) -> Compared:
    """The staged file beside what the sender has standing of the same kind and source system."""
    principal.require(Role.DELIVERER, sender)
    extract = staged.extract
    if extract is None or not staged.row_count or not vault.exists:
        return Compared()
    now = incoming(staged.connection, extract)
    # The sender's own rows are read on its behalf, so a deliverer needs no other role for it.
    reader = replace(principal, roles=principal.roles | {Role.READER})
    with vault.reading(reader) as connection:
        before = _standing(connection, extract, sender, staged.coverage.source_system)
        found = _sizes(now, before, extract)
        found = _with_units(found, connection, staged, extract, now, sender, region)
        found = replace(found, counting_rule_changed=_counts_otherwise(connection, staged, extract, sender))
        if extract.space is not None:
            found = replace(found, other_key=_is_other_key(connection, vault, staged, extract, sender))
            mine = crossings(connection, staged, vault.catalogue, sender=sender, covered=now)
            found = replace(found, crossings=mine)
        if extract.space is not None and _register_pupils(connection, staged, extract):
            expected, linked = _linkage(connection, staged, extract, sender, now)
            own, others = _delivered_already(connection, extract, sender, staged.coverage.source_system, now)
            found = replace(
                found, expected=expected, linked=linked, delivered_elsewhere=own, delivered_by_others=in_fives(others)
            )
    return found


def _standing(connection: Connection, extract: Extract, sender: str, system: str) -> dict[tuple[str, str], int]:
    """Rows per period and unit of what the sender has standing."""
    sql = """
        SELECT period, unit, CAST(sum(row_count) AS BIGINT)
        FROM active
        WHERE extract = ? AND sender = ? AND source_system = ? AND row_count > 0
        GROUP BY period, unit
    """
    return {(row[0], row[1]): row[2] for row in engine.rows(connection, sql, [extract.name, sender, system])}


def _sizes(now: Mapping[tuple[str, str], int], before: Mapping[tuple[str, str], int], extract: Extract) -> Compared:
    """Rows per unit of the file's newest period, and of the same or the newest earlier one that stands.

    A file for the same period again may be a correction of a few schools: then only those are compared.
    """
    newest = _newest({period for period, _ in now}, extract)
    earlier = [period for period, _ in before if _order(period, extract) <= _order(newest, extract)]
    if not earlier:
        return Compared()
    last = _newest(earlier, extract)
    rows, rows_before = _per_unit(now, newest), _per_unit(before, last)
    if last == newest:
        rows_before = {unit: count for unit, count in rows_before.items() if unit in rows}
    return Compared(rows=rows, rows_before=rows_before)


def _per_unit(slices: Mapping[tuple[str, str], int], wanted: str) -> dict[str, int]:
    return {unit: rows for (period, unit), rows in slices.items() if period == wanted}


def _newest(periods: Iterable[str], extract: Extract) -> str:
    return max(periods, key=lambda each: _order(each, extract), default="")


def _order(label: str, extract: Extract) -> str:
    period = _period(label, extract)
    return period.end.isoformat() if period else ""


def _period(label: str, extract: Extract) -> Period | None:
    """The period of a slice's label; None for a register without periods and for labels of another kind."""
    for kind in (extract.period_kind, "school_year", "term", "half_year", "calendar_year"):
        try:
            return parse_period(label, kind)
        except ValueError:
            continue
    return None


def _spring(label: str, extract: Extract) -> int:
    period = _period(label, extract)
    return int(period.school_year[:4]) + 1 if period else 0


@dataclass(frozen=True, kw_only=True)
class _Unit:
    """A line of the register of school units."""

    municipality: str
    first: str
    last: str


def _with_units(
    found: Compared,
    connection: Connection,
    staged: Staged,
    extract: Extract,
    now: Mapping[tuple[str, str], int],
    sender: str,
    region: Region,
) -> Compared:
    """Units of the file that the register does not have that year, or has in another municipality than the sender's."""
    register: dict[str, list[_Unit]] = {}
    sql = "SELECT school_unit, municipality, valid_from, valid_to FROM school_units"
    for unit, municipality, first, last in engine.rows(connection, sql):
        line = _Unit(municipality=municipality, first=str(first or ""), last=str(last or "9999"))
        register.setdefault(unit, []).append(line)
    member = member_of(sender, region)
    if not register or extract.unit_column is None or not extract.personal:
        return found
    strange = {
        (period, unit)
        for period, unit in now
        if unit and not _is_registered(register.get(unit, ()), _period(period, extract), member.code if member else "")
    }
    if not strange:
        return found
    rows, total = _rows_of(staged.connection, extract, strange)
    units = tuple(sorted({unit for _, unit in strange}))
    return replace(found, strange_units=units, strange_rows=rows, strange_total=total)


def _is_registered(lines: Iterable[_Unit], period: Period | None, code: str) -> bool:
    return any(
        (not code or line.municipality == code)
        and (period is None or (line.first <= period.end.isoformat() and line.last >= period.start.isoformat()))
        for line in lines
    )


def _rows_of(connection: Connection, extract: Extract, slices: set[tuple[str, str]]) -> tuple[tuple[int, ...], int]:
    period, unit = slice_columns(extract)
    wanted = ", ".join("(?, ?)" for _ in slices)
    sql = f"""
        SELECT count(*), min(row_number, {FIRST_ROWS})
        FROM staged
        WHERE ({period}, {unit}) IN ({wanted})
    """
    total, first = engine.rows(connection, sql, [part for each in sorted(slices) for part in each])[0]
    return tuple(first or ()), total


def _counts_otherwise(connection: Connection, staged: Staged, extract: Extract, sender: str) -> bool:
    """Whether the source system's counting rule is another than the sender's rows that stand have."""
    if "counting_rule" not in {column.name for column in extract.columns}:
        return False
    sql = "SELECT DISTINCT counting_rule FROM {table} WHERE counting_rule IS NOT NULL"
    now = {rule for (rule,) in engine.rows(staged.connection, sql.format(table="staged"))}
    said = sql.format(table=extract.name) + " AND sender = ?"
    before = {rule for (rule,) in engine.rows(connection, said, [sender])}
    return bool(now and before and not now <= before)


def _is_other_key(connection: Connection, vault: Vault, staged: Staged, extract: Extract, sender: str) -> bool:
    """Whether the file was pseudonymised with another key than the sender's last one of pupils (or of children)."""
    last = batch_keys.last(connection, sender, vault.catalogue.in_space(extract.space))
    return bool(staged.coverage.key_id and last and staged.coverage.key_id != last)


def _register_pupils(connection: Connection, staged: Staged, extract: Extract) -> bool:
    """TEMP table `arriving` (period, unit, pupil) of the file's pupils the vault knows; False when there are too many."""
    name = person_column(extract)
    period, unit = slice_columns(extract)
    sql = f"SELECT DISTINCT {period} AS period, {unit} AS unit, {name} AS pseudonym FROM staged LIMIT {MOST_PUPILS + 1}"
    found = engine.frame(staged.connection, sql)
    if len(found) > MOST_PUPILS:
        return False
    with engine.registered(connection, "delivered_now", found):
        connection.execute("CREATE OR REPLACE TEMP TABLE arrived AS SELECT period, unit, pseudonym FROM delivered_now")
    key_pseudonyms(connection, "SELECT DISTINCT pseudonym FROM arrived", str(extract.space))
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE arriving AS
        SELECT
            arrived.period,
            arrived.unit,
            known.pupil
        FROM arrived
        JOIN keyed
            ON keyed.pseudonym = arrived.pseudonym
        LEFT JOIN vault.pupils AS known
            ON known.space = ?
            AND known.keyed = keyed.keyed
        """,
        [extract.space],
    )
    return True


def _linkage(
    connection: Connection, staged: Staged, extract: Extract, sender: str, now: Mapping[tuple[str, str], int]
) -> tuple[int, int]:
    """How many of the newest period's pupils could stand in what the sender delivered before, and how many do.

    Of the earlier deliveries that should hold the same pupils, the one that links best is told.
    """
    newest = _newest({period for period, _ in now}, extract)
    sql = "SELECT count(DISTINCT coalesce(CAST(pupil AS VARCHAR), 'new' || rowid)) FROM arriving WHERE period = ?"
    mine = engine.rows(connection, sql, [newest])[0][0]
    best = (0, 0)
    for other, period in _related(connection, staged, extract, sender, newest):
        theirs, linked = _overlap(connection, extract, other, period, sender, newest)
        expected = min(mine, theirs)
        if expected and (not best[0] or linked * best[0] > best[1] * expected):
            best = (expected, linked)
    return best


def _related(
    connection: Connection, staged: Staged, extract: Extract, sender: str, newest: str
) -> list[tuple[str, str]]:
    """The sender's earlier deliveries (extract, period) that should hold the same pupils as this one's newest period.

    Those of the same kind only from the same source system: another system has other schools.
    """
    spring = _spring(newest, extract)
    sql = "SELECT DISTINCT extract, period, source_system FROM active WHERE sender = ? AND row_count > 0"
    related = set()
    for other, period, system in engine.rows(connection, sql, [sender]):
        years = _spring(period, extract) - spring
        same = other == extract.name and system == staged.coverage.source_system
        again = same and (period == newest or (other in CONTINUING and abs(years) <= 1))
        if again or (other != extract.name and FOLLOWS.get((extract.name, other)) == years):
            related.add((other, period))
    return sorted(related)


def _overlap(
    connection: Connection, extract: Extract, other: str, period: str, sender: str, newest: str
) -> tuple[int, int]:
    """Pupils of a standing delivery (of the same kind: at the file's schools), and how many of them arrive now."""
    # A delivery of another kind that is compared is of pupils; one of the same kind may be of children.
    person = person_column(extract) if other == extract.name else "pupil"
    sql = f"""
        SELECT
            count(DISTINCT stored.{person}),
            count(DISTINCT stored.{person}) FILTER (
                WHERE stored.{person} IN (SELECT pupil FROM arriving WHERE period = ? AND pupil IS NOT NULL)
            )
        FROM vault.rows_{other} AS stored
        JOIN active
            ON active.slice = stored.slice
        WHERE active.sender = ? AND active.period = ? AND active.extract = ?
            AND (active.extract <> ? OR active.unit IN (SELECT unit FROM arriving WHERE period = ?))
    """
    return engine.rows(connection, sql, [newest, sender, period, other, extract.name, newest])[0]


def _delivered_already(
    connection: Connection,
    extract: Extract,
    sender: str,
    system: str,
    now: Mapping[tuple[str, str], int],
) -> tuple[int, int]:
    """Pupils of the file that stand for the same school year elsewhere: with the sender itself, and with others.

    Only for extracts with one row per pupil and school year; what this file would replace is left out.
    """
    if set(extract.key) != ONE_ROW_A_YEAR:
        return 0, 0
    connection.execute("CREATE OR REPLACE TEMP TABLE covered (period VARCHAR, unit VARCHAR)")
    connection.executemany("INSERT INTO covered VALUES (?, ?)", [list(each) for each in now])
    period, unit = slice_columns(extract, "stored")
    sql = f"""
        SELECT
            count(DISTINCT (arriving.pupil, arriving.period)) FILTER (WHERE stored.sender = ?),
            count(DISTINCT (arriving.pupil, arriving.period)) FILTER (WHERE stored.sender <> ?)
        FROM arriving
        JOIN {extract.name} AS stored
            ON stored.pupil = arriving.pupil
            AND {period} = arriving.period
        JOIN vault.batches AS batches
            ON batches.batch = stored.batch
        LEFT JOIN covered
            ON covered.period = {period}
            AND covered.unit = {unit}
        WHERE NOT (stored.sender = ? AND batches.source_system = ? AND covered.period IS NOT NULL)
    """
    return engine.rows(connection, sql, [sender, sender, sender, system])[0]
