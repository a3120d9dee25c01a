"""Checks of the staged table as a whole: keys, the extract's own rules, coverage and empty columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from metrics import engine
from metrics.declare import Column, Extract, Rule
from metrics.engine import Connection
from metrics.intake.findings import FIRST_ROWS, Coverage
from metrics.intake.notes import Notes
from metrics.intake.repeats import has_equal
from metrics.intake.tables import Table
from metrics.vocabulary import Period, Region, school_year, school_year_label


@dataclass(frozen=True, kw_only=True)
class Known:
    """What reading the file has told already, so that its rows need not be asked again.

    `texts`: every distinct value of a column; `filled`: how many cells of a column are filled; `varied`: columns with
    more than one value; `keys`: SQL for one hash per row, equal where the extract's key is; `keeps_rules`: no row breaks
    a rule about its own columns.
    """

    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    filled: Mapping[str, int] = field(default_factory=dict)
    varied: frozenset[str] = frozenset()
    keys: str = ""
    keeps_rules: bool = False


FEWEST_FROM_OTHERS = 5
MOSTLY = 0.5
ENOUGH_ROWS = 20
MOST_IN_MEMORY = 20_000_000


def check(connection: Connection, table: Table, notes: Notes, region: Region, known: Known) -> None:
    """Every check that needs all rows: one pass finds which are broken, and only those ask for row numbers."""
    extract = table.extract
    conditions = [rule for rule in extract.rules if rule.bad_when and not known.keeps_rules]
    wanted = [(column, heading) for column, heading in _delivered(table) if _should_be_filled(column)]
    parts = [
        "count(*)",
        *(f"count(*) FILTER (WHERE {rule.bad_when})" for rule in conditions),
        *(
            f"{known.filled[name]}" if (name := column.name) in known.filled else f'count("{name}")'
            for column, _ in wanted
        ),
    ]
    rows, *counts = engine.rows(connection, f"SELECT {', '.join(parts)} FROM staged")[0]
    if not rows:
        if not notes.refused:
            notes.add("no_rows")
        return
    if _has_repeats(connection, extract, rows, known):
        _check_key(connection, extract, notes)
    _check_rules(
        connection, extract, {rule.code for rule, count in zip(conditions, counts, strict=False) if count}, notes
    )
    wrong = notes.wrong_columns
    for (_, heading), filled in zip(wanted, counts[len(conditions) :], strict=True):
        if heading not in wrong:
            _note_emptiness(heading, filled, rows, notes)
    _check_one_value(connection, table, rows, notes, known)
    _check_region(connection, extract, notes, region)


def _delivered(table: Table) -> list[tuple[Column, str]]:
    pairs = zip(table.match.columns, table.match.headings, strict=True)
    return [(column, heading) for column, heading in pairs if column is not None]


def _should_be_filled(column: Column) -> bool:
    return column.required and column.kind not in ("code", "text")


def _key_of(extract: Extract) -> str:
    return ", ".join(f'"{name}"' for name in extract.key)


def _has_repeats(connection: Connection, extract: Extract, rows: int, known: Known) -> bool:
    """Whether two rows may have the same key: two equal 64-bit hashes."""
    hashed = f"hash({_key_of(extract)})"
    if rows > MOST_IN_MEMORY:
        return bool(engine.rows(connection, f"SELECT count(*) > count(DISTINCT {hashed}) FROM staged")[0][0])
    return has_equal(engine.hashes(connection, known.keys or f"SELECT {hashed} FROM staged", rows))


def _check_key(connection: Connection, extract: Extract, notes: Notes) -> None:
    everything = ", ".join(f'"{column.name}"' for column in extract.columns)
    titles = ", ".join(extract.column(name).title for name in extract.key)
    repeats = _later_rows(connection, everything)
    if repeats:
        notes.add("row_repeated", rows=repeats[:FIRST_ROWS], total=len(repeats))
    others = sorted(set(_later_rows(connection, _key_of(extract))) - set(repeats))
    if others:
        notes.add("key_twice", rows=others[:FIRST_ROWS], total=len(others), key=titles)


def _later_rows(connection: Connection, columns: str) -> list[int]:
    """Row numbers of all rows but the first in each group of equals."""
    sql = f"""SELECT row_number FROM (
        SELECT row_number, row_number() OVER (PARTITION BY {columns} ORDER BY row_number) AS place FROM staged
    ) WHERE place > 1 ORDER BY row_number"""
    return [row for (row,) in engine.rows(connection, sql)]


def _check_rules(connection: Connection, extract: Extract, broken: set[str], notes: Notes) -> None:
    """Note the extract's own rules that are broken; those with a SELECT of their own are asked here."""
    readable = _tables(connection) if any(rule.reads for rule in extract.rules) else set()
    for rule in extract.rules:
        if rule.code in broken or (rule.sql and set(rule.reads) <= readable):
            _note_rule(connection, extract, rule, notes)


def _note_rule(connection: Connection, extract: Extract, rule: Rule, notes: Notes) -> None:
    bad = rule.sql or f"SELECT row_number FROM staged WHERE {rule.bad_when}"
    sql = f"SELECT count(*), min(row_number, {FIRST_ROWS}) FROM ({bad})"
    total, first = engine.rows(connection, sql)[0]
    if not total or (rule.crosses and total < FEWEST_FROM_OTHERS):
        return
    column = ", ".join(extract.column(name).title for name in rule.columns)
    notes.add_rule(rule, column=column, rows=() if rule.crosses else first, total=total)


def _tables(connection: Connection) -> set[str]:
    """Every table and view that can be read on this connection without saying where it is."""
    sql = "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views()"
    return {name for (name,) in engine.rows(connection, sql)}


def _check_one_value(connection: Connection, table: Table, rows: int, notes: Notes, known: Known) -> None:
    for column, heading in _delivered(table):
        code = one_value_code(column, table.extract)
        if code and rows >= ENOUGH_ROWS and column.name not in known.varied and _has_one_value(connection, column.name):
            notes.add(code, column=heading)


def _note_emptiness(heading: str, filled: int, rows: int, notes: Notes) -> None:
    if not filled:
        notes.add("column_empty", column=heading)
    elif rows >= ENOUGH_ROWS and filled < MOSTLY * rows:
        notes.add("column_mostly_empty", column=heading, total=rows - filled)


def one_value_code(column: Column, extract: Extract) -> str:
    """The check that a column breaks when all its cells are the same, or ""."""
    if column.kind == "pseudonym" and column.name in extract.key:
        return "one_pupil_only"
    return "one_sex_only" if column.name == "sex" and extract.personal else ""


def _has_one_value(connection: Connection, name: str) -> bool:
    first = f'(SELECT any_value("{name}") FROM (SELECT "{name}" FROM staged LIMIT 2048))'
    sql = f'SELECT NOT EXISTS (SELECT 1 FROM staged WHERE "{name}" IS DISTINCT FROM {first})'
    return bool(engine.rows(connection, sql)[0][0])


def _check_region(connection: Connection, extract: Extract, notes: Notes, region: Region) -> None:
    """For tables about the members themselves: rows about other municipalities are noted."""
    names = [column.name for column in extract.columns if column.name == "municipality"]
    if not names or extract.reader is not None:
        return
    codes = ", ".join(f"'{code}'" for code in region.codes)
    sql = f"SELECT row_number FROM staged WHERE municipality NOT IN ({codes}) ORDER BY row_number"
    if outside := [row for (row,) in engine.rows(connection, sql)]:
        title = extract.column("municipality").title
        notes.add(
            "municipality_outside", column=title, rows=outside[:FIRST_ROWS], total=len(outside), region=region.name
        )


def coverage(connection: Connection, extract: Extract, known: Known) -> Coverage:
    """The periods, units, tables and providers that stand in the staged rows."""
    names = {column.name for column in extract.columns}
    tables = "table_title" if extract.reader is not None and "table_title" in names else None
    periods = _distinct(connection, extract.period_column)
    if extract.period_column and extract.column(extract.period_column).kind == "date":
        dates = (date.fromisoformat(period) for period in periods)
        periods = tuple(dict.fromkeys(_period_of(day, extract.period_kind).label for day in dates))
    return Coverage(
        periods=periods,
        units=_units(connection, extract.unit_column, known.texts),
        tables=_distinct(connection, tables),
        providers=_distinct(connection, "provider" if tables and "provider" in names else None),
    )


def _units(connection: Connection, column: str | None, texts: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found = texts.get(column) if column else None
    return tuple(sorted(found)) if found is not None else _distinct(connection, column)


def _period_of(day: date, kind: str) -> Period:
    """The period of this kind that a day lies in."""
    if kind == "school_year":
        return school_year(school_year_label(day.year + (day.month >= 7)))
    if kind == "calendar_year":
        return Period(start=date(day.year, 1, 1), end=date(day.year, 12, 31), kind=kind)
    if day.month < 7:
        return Period(start=date(day.year, 1, 1), end=date(day.year, 6, 30), kind=kind)
    return Period(start=date(day.year, 7, 1), end=date(day.year, 12, 31), kind=kind)


def _distinct(connection: Connection, column: str | None) -> tuple[str, ...]:
    if column is None:
        return ()
    found = engine.rows(connection, f'SELECT DISTINCT "{column}" FROM staged WHERE "{column}" IS NOT NULL')
    return tuple(sorted(str(value) for (value,) in found))
