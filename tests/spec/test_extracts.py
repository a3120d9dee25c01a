"""Every declared extract: its example rows fit it, its headings are unambiguous, and its rules catch what they say."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

import pytest

from metrics import catalogue, engine
from metrics.declare import Column, Extract, Rule

EXTRACTS = [pytest.param(extract, id=name) for name, extract in catalogue.default().extracts.items()]
RULES = [
    pytest.param(extract, rule, id=f"{extract.name}-{rule.code}")
    for extract in catalogue.default().extracts.values()
    for rule in extract.rules
    if rule.bad_when
]
FLAGS = {"ja": True, "nej": False}


def plain(heading: str) -> str:
    """A heading without case, accents, spaces and punctuation."""
    letters = unicodedata.normalize("NFKD", heading.lower())
    return re.sub(r"[^a-z0-9]", "", letters)


def stored_value(column: Column, cell: str) -> object:
    if cell == "":
        return None
    if column.codes is not None:
        return column.codes[cell.lower()]
    if column.kind == "flag":
        return FLAGS[cell.lower()]
    return cell.replace(",", ".") if column.kind == "decimal" else cell


def is_bad(extract: Extract, rule: Rule, cells: dict[str, str]) -> bool:
    """Whether the rule's condition holds for one row; columns without a cell are NULL."""
    connection = engine.memory(threads=1)
    named = ", ".join(f"CAST(? AS {engine.SQL_TYPES[column.kind]}) AS {column.name}" for column in extract.columns)
    values = [stored_value(column, cells.get(column.name, "")) for column in extract.columns]
    found = engine.rows(connection, f"SELECT coalesce({rule.bad_when}, FALSE) FROM (SELECT {named}) AS typed", values)
    connection.close()
    return bool(found[0][0])


@pytest.mark.parametrize("extract", EXTRACTS)
def test_headings_are_unambiguous(extract: Extract) -> None:
    named = Counter(
        heading
        for column in extract.columns
        for heading in {plain(text) for text in (column.name, column.title, *column.headings)}
    )
    assert [heading for heading, times in named.items() if times > 1] == []


@pytest.mark.parametrize("extract", EXTRACTS)
def test_example_rows_fit_the_columns(extract: Extract) -> None:
    for row in extract.example_rows:
        for name, cell in row.items():
            column = extract.column(name)
            assert cell or column.may_be_empty, name
            stored_value(column, cell)
        required = {column.name for column in extract.columns if column.required and not column.may_be_empty}
        assert required <= {name for name, cell in row.items() if cell}


@pytest.mark.parametrize("extract", EXTRACTS)
def test_codes_are_written_in_lower_case(extract: Extract) -> None:
    for column in extract.columns:
        for written in column.codes or {}:
            assert written == written.lower(), column.name


@pytest.mark.parametrize(("extract", "rule"), RULES)
def test_a_rule_lets_its_good_row_through_and_stops_its_bad(extract: Extract, rule: Rule) -> None:
    assert not is_bad(extract, rule, dict(rule.good))
    assert is_bad(extract, rule, dict(rule.bad))


def test_social_services_rows_lie_in_their_own_space() -> None:
    spaces = {name: extract.space for name, extract in catalogue.default().extracts.items()}
    assert [name for name, space in spaces.items() if space == "social"] == ["coordinated_plan", "support_chain"]
