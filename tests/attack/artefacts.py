"""What an outsider reads beside the table of values: verdicts, comparisons, pictures, answers and evaluations.

Everything is read as anyone has it, as files and as what a page sends to a browser; see outsider.py for the tables.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from tests.attack.outsider import ALL, Finding, own

FEWEST_UNITS, FEWEST_PUPILS, FEWEST_ANSWERS = 3, 5, 5
JUDGED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "verdicts": (("indicator", "area", "provider", "stage", "period_to"), ("difference", "low", "high")),
    "trends": (("indicator", "area", "provider", "stage", "period_to"), ("slope",)),
    "reconciliation": (("indicator", "area", "school_year"), ("own", "difference")),
    "changes": (("indicator", "area", "school_year"), ("after",)),
}
"""Tables that say something of single totals: what names the total, and the numbers that a hidden one must not have."""
DECIMALS = 6


def totals(values: pd.DataFrame) -> pd.DataFrame:
    """Own values of single periods that are cut by nothing but stage and provider."""
    rows = own(values)
    whole = (rows[["sex", "model", "background"]] == ALL).all(axis=1) & (rows["period_kind"] != "pooled")
    return rows[whole & rows["area_type"].isin(["municipality", "region"])]


def silent_keys(values: pd.DataFrame, keys: Sequence[str]) -> set[tuple[Any, ...]]:
    """What names a total of which nothing is shown under this name."""
    rows = totals(values)
    named = {
        status: set(rows.loc[rows["status"] == status, list(keys)].itertuples(index=False, name=None))
        for status in ("hidden", "shown")
    }
    return named["hidden"] - named["shown"]


def judged_findings(tables: Mapping[str, pd.DataFrame], names: Iterable[str] = tuple(JUDGED)) -> Iterator[Finding]:
    """Every number that a table beside the values has for a hidden total."""
    for name in names:
        (keys, numbers), table = JUDGED[name], tables[name]
        silent = silent_keys(tables["values"], keys)
        told = table[list(numbers)].apply(pd.to_numeric, errors="coerce").notna().any(axis=1)
        for key in table.loc[told, list(keys)].itertuples(index=False, name=None):
            if tuple(key) in silent:
                yield Finding(name, "a number of a hidden total", tuple(key))


def answer_findings(answers: pd.DataFrame, rounds: pd.DataFrame) -> Iterator[Finding]:
    """Answers of the mapping where fewer than five stand behind, or behind what is left of all."""
    shown = answers[answers["status"] == "shown"]
    for row in shown[shown["respondents"] < FEWEST_ANSWERS].itertuples():
        yield Finding("mapping_answers", "few answers", (row.school_year, row.side, row.question, row.model_type))
    spoken = answers[(answers["status"] != "shown") & answers[["respondents", "value"]].notna().any(axis=1)]
    for row in spoken.itertuples():
        yield Finding("mapping_answers", "a hidden answer has a number", (row.school_year, row.side, row.question))
    sizes = shown.drop_duplicates(["school_year", "side", "question", "model_type"])
    for key, found in sizes.groupby(["school_year", "side", "question"]):
        whole, parts = (found.loc[chosen, "respondents"].sum() for chosen in (_is_all(found), ~_is_all(found)))
        if _is_all(found).any() and 0 < whole - parts < FEWEST_ANSWERS:
            yield Finding("mapping_answers", "few answers follow from the others", tuple(key))
    if len(rounds) and not set(rounds.columns) <= {"school_year", "municipality", "side", "asked", "answered"}:
        yield Finding("mapping_rounds", "more than who was asked", tuple(rounds.columns))


def _is_all(rows: pd.DataFrame) -> pd.Series:
    return rows["model_type"] == ALL


def evaluation_findings(evaluations: pd.DataFrame) -> Iterator[Finding]:
    """Estimates with few schools or pupils behind them, and hidden spans of years with a number."""
    for row in evaluations.itertuples():
        said = json.loads(row.document)
        about = (row.model, row.indicator, row.stage)
        if said.get("estimate") is not None and said["counts"]["treated_units"] < FEWEST_UNITS:
            yield Finding("evaluations", "an estimate of few schools", about)
        for event in said.get("events", ()):
            place = (*about, event["first"])
            if event["hidden"] and set(event) - {"first", "last", "role", "hidden"}:
                yield Finding("evaluations", "a hidden span has a number", place)
            if not event["hidden"] and (event["units"] < FEWEST_UNITS or event["contributors"] < FEWEST_PUPILS):
                yield Finding("evaluations", "a span of few schools or pupils", place)


def data_rows(spec: Any) -> Iterator[dict[str, Any]]:
    """Every row of data inside a picture, however deep."""
    if isinstance(spec, dict):
        values = spec.get("values")
        if isinstance(values, list):
            yield from (each for each in values if isinstance(each, dict))
        for part in spec.values():
            yield from data_rows(part)
    elif isinstance(spec, list):
        for part in spec:
            yield from data_rows(part)


def shown_numbers(values: pd.DataFrame) -> set[float]:
    """Every value and limit that is shown, as a picture holds it."""
    shown = values[values["status"] == "shown"]
    numbers = pd.concat([shown[name] for name in ("value", "low", "high")]).dropna().to_numpy(dtype=float)
    return set(np.round(numbers, DECIMALS).tolist())


def picture_findings(spec: Any, allowed: set[float], where: str) -> Iterator[Finding]:
    """Numbers of a point that says something, where they are no shown value or limit."""
    for row in data_rows(spec):
        if "told" not in row:
            continue
        for name in ("value", "low", "high", "numerator", "denominator"):
            number = row.get(name)
            if isinstance(number, int | float) and round(float(number), DECIMALS) not in allowed:
                yield Finding(where, "a picture's point is of nothing that is shown", (str(row["told"]), name))
