"""What holds of every family: it is counted again here, totals are distinct pupils, and longer times hold shorter."""

from __future__ import annotations

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

from metrics import engine
from metrics.catalogue import default
from metrics.compute import compute
from metrics.declare import Indicator
from metrics.vocabulary import GR
from tests.recompute.random_rows import settled
from tests.spec.example_database import add, database

CATALOGUE = default()
SAME = re.compile(r"(?P<what>.*)_within_(?P<number>\d+)_(?P<unit>years|terms|days)(?P<scope>.*)")


@pytest.fixture(scope="module")
def connection() -> engine.Connection:
    """All examples' rows in one database: the same pupils in every role, at schools with several models, with repeats."""
    filled = database({})
    examples = [each.examples[0].tables for each in CATALOGUE.indicators.values()]
    tables = {(name, text) for example in examples for name, text in example.items() if name != "declared_join"}
    for name, text in sorted(tables):
        add(filled, name, text)
    return settled(filled)


def said_in(path: Path) -> set[str]:
    """Every text of a test file as a pattern: what an f-string fills in may be anything."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(re.escape(node.value))
        elif isinstance(node, ast.JoinedStr):
            parts = (re.escape(str(p.value)) if isinstance(p, ast.Constant) else r"\w+" for p in node.values)
            found.add("".join(parts))
    return {each for each in found if re.fullmatch(r"(\w|\\w\+)+", each) and each != r"\w+"}


def test_every_indicator_is_counted_again_in_pandas() -> None:
    """A new indicator needs a recomputation of its own, written from the definition."""
    others = [path for path in sorted(Path(__file__).parent.glob("test_*.py")) if path != Path(__file__)]
    patterns = re.compile("|".join(sorted({each for path in others for each in said_in(path)})))
    assert [name for name in CATALOGUE.indicators if not patterns.fullmatch(name)] == []
    assert not patterns.fullmatch("an_indicator_of_tomorrow")


@pytest.mark.parametrize("population", CATALOGUE.populations)
def test_every_total_is_its_distinct_pupils(connection: engine.Connection, population: str) -> None:
    family = CATALOGUE.family(population)
    inner = compute(connection, CATALOGUE, population, region=GR).inner
    place = family[0].perspective
    for indicator in family:
        stood = engine.frame(
            connection,
            f"SELECT period, {place} AS code, contributors, coalesce(denominator, 0) AS inside FROM ({indicator.sql})",
        )
        stood = stood[stood["code"].isin(GR.codes)]
        inside = inner[inner[f"{indicator.name}__denominator"] > 0]
        for rows, pupils in ((inner, stood), (inside, stood[stood["inside"] > 0])):
            whole = pupils.groupby("period")["contributors"].nunique().to_dict()
            assert rows.groupby("period")["contributors"].sum().to_dict() == whole, indicator.name
            members = pupils.groupby(["period", "code"])["contributors"].nunique().to_dict()
            assert rows.groupby(["period", place])["contributors"].sum().to_dict() == members, indicator.name
    assert inner["contributors"].sum() > 1


@pytest.mark.parametrize("population", CATALOGUE.populations)
def test_what_is_declared_of_everybody_with_an_outcome_is_true_of_them(
    connection: engine.Connection, population: str
) -> None:
    """The gate takes it that nobody can be otherwise."""
    inner = compute(connection, CATALOGUE, population, region=GR).inner
    for indicator in CATALOGUE.family(population):
        for name, implied in indicator.implies.items():
            has = inner[inner[f"{indicator.name}__numerator"] > 0]
            if "counted" in implied:
                found = has[f"{name}__denominator"] > 0
            else:
                found = has.loc[has[f"{name}__denominator"] > 0, f"{name}__numerator"] > 0
            assert (found == (implied in ("outcome", "counted"))).all(), f"{indicator.name} -> {name}"


def test_what_is_declared_of_schools_with_a_model_is_true(connection: engine.Connection) -> None:
    """The gate takes it that everybody knows where there are models, and so who can be counted there."""
    declared = [each for each in CATALOGUE.indicators.values() if each.at_models]
    for population in {each.population for each in declared}:
        inner = compute(connection, CATALOGUE, population, region=GR).inner
        has = inner["models"].fillna("") != ""
        assert has.nunique() == 2
        for each in (one for one in declared if one.population == population):
            counted = inner[f"{each.name}__denominator"] > 0
            if each.at_models == "outcome":
                assert ((inner[f"{each.name}__numerator"] > 0) == has)[counted].all()
            else:
                assert (counted == (has & (inner[f"{each.at_models}__numerator"] > 0))).all()
    assert {each.name for each in declared} == {"covered_by_model", "target_group_reached"}


def longer() -> list[tuple[Indicator, Indicator]]:
    """Indicators of the same outcome within a shorter and the next longer time."""
    found: dict[tuple[str, ...], list[tuple[int, Indicator]]] = {}
    for each in CATALOGUE.indicators.values():
        named = SAME.fullmatch(each.name)
        if named:
            found.setdefault((named["what"], named["unit"], named["scope"]), []).append((int(named["number"]), each))
    rows = [sorted(each, key=lambda pair: pair[0]) for each in found.values()]
    return [(short, long) for each in rows for (_, short), (_, long) in pairwise(each)]


@pytest.mark.parametrize(("short", "long"), [pytest.param(a, b, id=f"{a.name}-{b.name}") for a, b in longer()])
def test_who_is_there_within_a_time_is_there_within_a_longer(
    connection: engine.Connection, short: Indicator, long: Indicator
) -> None:
    """Of those followed for the longer time; whoever is followed so long is followed for the shorter too."""
    keys = ["contributors", "period"]
    first, second = (engine.frame(connection, each.sql)[[*keys, "numerator", "denominator"]] for each in (short, long))
    both = first.merge(second, on=keys, suffixes=("_short", "_long"))
    followed = both[both["denominator_long"] == 1]
    assert len(both) == len(first) == len(second)
    assert len(followed) > 1
    # International programmes leave the official cohort from 2021, so the longer time may count fewer, never more.
    assert (followed["denominator_short"] == 1).all()
    assert (followed["numerator_short"] <= followed["numerator_long"]).all()


def test_every_family_of_times_is_asked() -> None:
    named = {short.name for short, _ in longer()} | {long.name for _, long in longer()}
    for word in (
        "diploma_within",
        "introductory_to_national",
        "resource_centre_returned",
        "first_contact",
        "support_completed",
    ):
        assert any(name.startswith(word) for name in named), word
    assert len(longer()) >= 20
