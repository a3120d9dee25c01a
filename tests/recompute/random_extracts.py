"""Random rows in every extract at once, as strange as the checks of a delivery let through: the same pupils everywhere."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from metrics import catalogue, engine
from metrics.declare import Column, Extract
from tests.recompute.random_rows import on_the_limit
from tests.spec.example_database import database, fill

MUNICIPALITIES = ("1440", "1419", "1480", "1402", "0180")
"""Four members, and a municipality outside the region."""
SCHOOLS = tuple(str(10000001 + each) for each in range(14))
PROGRAMMES = ("NA", "BFPED", "EK", "IMV", "imyrk", "IMS", "IMA", "IBDIP")
SHARES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.123, 1.0)
PUPILS = 160
FIRST, LAST = date(2018, 7, 1), date(2025, 6, 30)
ROWS = {
    "attendance": 1500,
    "school_units": 30,
    "collaboration_register": 40,
    "pupil_alias": 25,
    "upper_secondary_enrolment": 1100,
}
USUAL = 500
GRADES = ("year9_grades", "year6_grades")
LENGTHS = (0, 0, 4, 25, 28, 110)


class Randomly:
    """What a column may hold, drawn with one seed."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def one(self, values: object) -> object:
        listed = list(values)  # type: ignore[call-overload]
        return listed[int(self.random.integers(len(listed)))]

    def day(self) -> date:
        return FIRST + timedelta(days=int(self.random.integers((LAST - FIRST).days + 1)))

    def row(self, extract: Extract) -> dict[str, object]:
        """One row: dates after the first lie some days later, and what may be empty often is."""
        row: dict[str, object] = {}
        for column in extract.columns:
            if column.may_be_empty and self.random.random() < 0.3:
                row[column.name] = None
            else:
                row[column.name] = self.value(column, row)
        if extract.name == "school_units" and self.random.random() < 0.8:
            row |= {"valid_from": date(2010, 7, 1), "valid_to": None}
        if extract.name in GRADES and self.random.random() < 0.5:
            row |= on_the_limit(self.random, [name[6:] for name in row if name.startswith("grade_")])
        return self.attended(row) if extract.name == "attendance" else row

    def value(self, column: Column, row: dict[str, object]) -> object:
        if column.codes:
            return self.one(sorted(set(column.codes.values())))
        if column.kind == "date":
            began = next((each for each in row.values() if isinstance(each, date)), None)
            return (
                began + timedelta(days=int(self.random.choice([0, 9, 14, 15, 40, 182, 183, 365, 366, 800])))
                if began
                else self.day()
            )
        if column.kind == "integer":
            low = (
                2019
                if column.name == "calendar_year"
                else max(float(column.low or 0), 2005)
                if "year" in column.name and column.name != "study_year"
                else float(column.low or 0)
            )
            return int(low) + int(self.random.integers(7 if column.name == "calendar_year" else 4))
        return {
            "pseudonym": lambda: f"{'c' if column.name == 'child' else 'p'}{self.random.integers(PUPILS)}",
            "school_unit": lambda: self.one(SCHOOLS),
            "municipality": lambda: self.one(MUNICIPALITIES),
            "school_year": lambda: f"{(spring := int(self.random.integers(2019, 2026))) - 1}/{spring % 100:02d}",
            "flag": lambda: bool(self.random.random() < 0.5),
            "decimal": lambda: float(self.random.integers(1, 12)),
            "text": lambda: (
                self.one(PROGRAMMES) if column.name == "programme" else f"{column.name} {self.random.integers(4)}"
            ),
        }[column.kind]()

    def attended(self, row: dict[str, object]) -> dict[str, object]:
        """Time that adds up, often exactly on a threshold, in a row of any length within its term."""
        start = self.day()
        whole = float(self.one((60, 300, 400, 1000, 20000)))  # type: ignore[arg-type]
        unit = 100.0 if row["measure"] == "percent" else whole
        valid, invalid = (unit * float(self.one(SHARES)) / 2 for _ in range(2))  # type: ignore[arg-type]
        row |= {"start_date": start, "end_date": self.one((None, *(start + timedelta(days=each) for each in LENGTHS)))}
        row |= {"offered": whole, "valid_absence": self.one((None, valid)), "invalid_absence": self.one((invalid, 0.0))}
        return row | {
            "reported": self.one((None, unit, unit * 0.8)),
            "attended": self.one((None, unit - valid - invalid)),
        }


def random_extracts(seed: int) -> engine.Connection:
    """A database in which every extract has random rows that its own rules let through, and some members are joined."""
    randomly, connection = Randomly(seed), database({})
    for extract in catalogue.default().extracts.values():
        if extract.name not in ("aggregated_counts", "official_statistics", "mapping_answers"):
            rows = [randomly.row(extract) for _ in range(ROWS.get(extract.name, USUAL))]
            fill(connection, extract, list({_key(extract, row): row for row in rows}.values()))
            _refused(connection, extract)
    pairs = {f"p{randomly.random.integers(PUPILS)}": f"c{randomly.random.integers(PUPILS)}" for _ in range(70)}
    for pupil, child in pairs.items():
        connection.execute("INSERT INTO declared_join VALUES (?, ?)", [pupil, child])
    connection.execute("DROP VIEW joined_members")
    connection.execute("CREATE TABLE joined_members (municipality VARCHAR)")
    connection.execute("INSERT INTO joined_members VALUES ('1440'), ('1480')")
    return connection


def _key(extract: Extract, row: dict[str, object]) -> tuple[object, ...]:
    """A row stands once per delivery, and each school delivers its own."""
    return tuple(row[name] for name in (*extract.key, *([extract.unit_column] if extract.unit_column else [])))


def _refused(connection: engine.Connection, extract: Extract) -> None:
    for rule in extract.rules:
        if rule.severity == "error" and rule.bad_when:
            connection.execute(f"DELETE FROM {extract.name} WHERE {rule.bad_when}")
