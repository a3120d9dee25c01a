"""An outsider with the school part, and one with both parts: schools of a member, a provider or a model add up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from tests.attack import outsider
from tests.attack.outsider import ALL, Cell, Finding, Sums, sensitive_classes

SCHOOL_K = 10
HIDDEN = SimpleNamespace(status="hidden")
Tables = Mapping[str, pd.DataFrame]
Tie = tuple[Cell, list[Cell]]


def read_schools(folder: Path) -> pd.DataFrame:
    """The values per school, read as a file."""
    return pd.read_parquet(folder / "school" / "values.parquet")


def school_findings(schools: pd.DataFrame, definitions: Mapping[str, Any]) -> Iterator[Finding]:
    """What the school part tells by itself: numbers beside a status that has none, and fewer than ten in the open."""
    yield from outsider._spoken(schools, "school")
    for row in schools[schools["status"] == "shown"].itertuples():
        numbers = dict(zip(("denominator", "numerator", "rest"), outsider._counts(row), strict=True))
        for part in sensitive_classes(definitions[row.indicator]):
            if 0 < numbers[part] < SCHOOL_K:
                yield Finding("school", f"few pupils in the {part}", (row.indicator, row.period_to, row.school_unit))


def both_findings(tables: Tables, schools: pd.DataFrame, definitions: Mapping[str, Any]) -> Iterator[Finding]:
    """Counts of fewer than ten of a school, or five of the open part, that follow from both parts and not from the open one.

    A member's six pupils of two schools are no more than six in either: the open part may say so by itself.
    """
    for keys, told in schools.groupby(["indicator", "period_from", "period_to", "stage"]):
        of_open, of_school, ties = system(tables, told)
        both, alone = added(of_open, of_school, ties), added(of_open, dict.fromkeys(of_school, HIDDEN), ties)
        limits = [*((cell, row, SCHOOL_K) for cell, row in of_school.items())]
        limits += [(cell, row, outsider.K) for cell, row in of_open.items()]
        for cell, row, k in limits:
            for part in sensitive_classes(definitions[str(keys[0])]):
                most = both.bounds[cell, part][1]
                if row.status == "hidden" and 0 < most < min(k, alone.bounds[cell, part][1]):
                    yield Finding("both", f"few pupils in the {part} follow from both parts", cell)


def added(
    of_open: Mapping[Cell, Any], of_school: Mapping[Cell, Any], ties: list[tuple[Cell, list[Cell], bool]]
) -> Sums:
    """Intervals of every count, with what the sums tell."""
    sums = Sums()
    for cells in (of_open, of_school):
        for cell, row in cells.items():
            sums.add(cell, row)
    for whole, parts, exact in ties:
        sums.tie(whole, parts, exact)
    sums.narrow()
    return sums


def system(
    tables: Tables, schools: pd.DataFrame
) -> tuple[dict[Cell, Any], dict[Cell, Any], list[tuple[Cell, list[Cell], bool]]]:
    """Open rows and schools of one indicator, period and stage by cell, and which schools each open row adds up."""
    first = schools.iloc[0]
    values = outsider.own(tables["values"])
    keys = ["indicator", "period_from", "period_to", "period_kind", "stage"]
    same = (values[keys] == first[keys]).all(axis=1)
    whole = same & (values[["sex", "background"]] == ALL).all(axis=1)
    places = values["area_type"].isin(["municipality", "region"]) & values["status"].isin(["shown", "hidden"])
    of_open = {outsider._cell(row): row for row in values[whole & places].itertuples()}
    of_school = {("school", str(row.school_unit)): row for row in schools.itertuples()}
    ties = list(_ties(of_open, of_school, _facts(tables, str(first["school_year"]))))
    exact = _adds_up(of_open, of_school, ties)
    return of_open, of_school, [(cell, parts, exact) for cell, parts in ties]


def _facts(tables: Tables, school_year: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Provider and model types of every school, as the open part lists them."""
    listed = tables["school_models"]
    listed = listed[listed["school_year"] == school_year]
    models = {
        str(unit): frozenset(filter(None, str(found or "").split("|")))
        for unit, found in zip(listed["school_unit"], listed["models"], strict=True)
    }
    units = tables["school_units"]
    return {
        str(unit): (str(provider), models.get(str(unit), frozenset()))
        for unit, provider in zip(units["school_unit"], units["provider"], strict=True)
    }


def _ties(of_open: Mapping[Cell, Any], of_school: Mapping[Cell, Any], facts: Mapping[str, Any]) -> Iterator[Tie]:
    by_place: dict[str, list[Cell]] = defaultdict(list)
    for cell, row in of_school.items():
        for place in ("", str(row.municipality)):
            by_place[place].append(cell)
    for cell, row in of_open.items():
        area = "" if row.area_type == "region" else str(row.area)
        parts = [each for each in by_place[area] if _inside(facts.get(each[1]), row.provider, row.model)]
        if parts:
            yield cell, parts


def _inside(fact: tuple[str, frozenset[str]] | None, provider: str, model: str) -> bool:
    """Whether a school is in a row's provider and model; one that is not listed is in totals only."""
    if fact is None:
        return provider == ALL and model == ALL
    held = {ALL: True, "none": not fact[1]}.get(model, (model.split(":")[-1] in fact[1]) ^ model.startswith("without:"))
    return provider in (ALL, fact[0]) and held


def _adds_up(of_open: Mapping[Cell, Any], of_school: Mapping[Cell, Any], ties: list[Tie]) -> bool:
    """Whether schools are all of a row: so unless some that are all shown are fewer (a pupil can be in two schools)."""
    for whole, parts in ties:
        rows = [of_open[whole], *(of_school[each] for each in parts)]
        if all(row.status == "shown" for row in rows) and rows[0].denominator != sum(
            row.denominator for row in rows[1:]
        ):
            return False
    return True
