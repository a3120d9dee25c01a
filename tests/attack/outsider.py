"""An outsider with everything a release hands out: reads it raw, and says what gives a few pupils away.

Knows no truth and uses nothing of the gate: tables are read as files, texts as anyone reads them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from metrics.vocabulary import BACKGROUND_FIELDS, SEXES, STAGES

K = 5
ALL = "all"
CUTS = ("area_type", "area", "provider", "stage", "model", "sex", "background")
NUMBERS = ("numerator", "denominator", "value", "low", "high")
COUNTED = ("share", "incidence", "flow")
SMALL = re.compile(r"(?<![\d,.\u00a0–-])([1-4])[ \u00a0](elev|elever|barn|flicka|flickor|pojke|pojkar)\b(?! av)")
PERCENT = re.compile(r"(?<![\d,])(\d{1,3}(?:,\d+)?)[ \u00a0]?%")

FLOWS = ("next_step_", "after_four_years_", "two_years_after_", "investigation_", "intervention_")
NO_STATES = ("investigation_opened_all", "investigation_opened_school")

Cell = tuple[str, ...]
Interval = list[float]


@dataclass(frozen=True)
class Finding:
    """Where something gives few pupils away, how, and about whom."""

    where: str
    how: str
    about: tuple[Any, ...]


def sensitive_classes(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """The parts of a count that must not be few."""
    said = definition["sensitive"]
    return (
        "denominator",
        *(("numerator",) if said in ("outcome", "both") else ()),
        *(("rest",) if said in ("remainder", "both") else ()),
    )


def own(values: pd.DataFrame) -> pd.DataFrame:
    return values[values["series"] == "own"].reset_index(drop=True)


def table_findings(values: pd.DataFrame, definitions: Mapping[str, Any], where: str) -> list[Finding]:
    """Numbers beside a status that has none, few pupils in the open, and few that follow from sums."""
    rows = own(values)
    return [*_spoken(rows, where), *_few(rows, definitions, where), *_subtracted(rows, definitions, where)]


def _named(row: Any) -> tuple[str, ...]:
    return (str(row.indicator), str(row.period_to), *(str(getattr(row, name)) for name in CUTS))


def _spoken(rows: pd.DataFrame, where: str) -> list[Finding]:
    """A hidden value that holds a number all the same."""
    numbers = rows[list(NUMBERS)].apply(pd.to_numeric, errors="coerce")
    wrong = rows[(rows["status"] != "shown") & numbers.notna().any(axis=1)]
    return [Finding(where, "a hidden value has a number", _named(row)) for row in wrong.itertuples()]


def _counts(row: Any) -> tuple[float, float, float]:
    """Denominator, numerator and rest; the numerator from the percentage where it is not written."""
    bottom, top = float(row.denominator), float(row.numerator)
    if np.isnan(top) and not np.isnan(float(row.value)):
        top = round(float(row.value) * bottom / 100)
    return bottom, top, bottom - top


def _few(rows: pd.DataFrame, definitions: Mapping[str, Any], where: str) -> Iterator[Finding]:
    for row in rows[rows["status"] == "shown"].itertuples():
        definition = definitions[row.indicator]
        if definition["unit"] not in COUNTED:
            continue
        parts = dict(zip(("denominator", "numerator", "rest"), _counts(row), strict=True))
        for part in sensitive_classes(definition):
            if 0 < parts[part] < K:
                yield Finding(where, f"few pupils in the {part}", _named(row))


class Sums:
    """Intervals of every count of one indicator, narrowed by sums until nothing more follows."""

    def __init__(self) -> None:
        self.bounds: dict[tuple[Cell, str], Interval] = {}
        self.sums: list[tuple[tuple[Cell, str], list[tuple[Cell, str]], bool]] = []

    def add(self, cell: Cell, row: Any) -> None:
        if row.status == "shown":
            numbers = dict(zip(("denominator", "numerator", "rest"), _counts(row), strict=True))
            self.bounds |= {(cell, part): [number, number] for part, number in numbers.items()}
        else:
            self.bounds |= {(cell, part): [0.0, np.inf] for part in ("denominator", "numerator", "rest")}
            self.bounds[cell, "denominator"] = [1.0, np.inf]
        self.sums.append(((cell, "denominator"), [(cell, "numerator"), (cell, "rest")], True))

    def tie(self, whole: Cell, parts: Iterable[Cell], exact: bool) -> None:
        """The parts there are add up to the whole, or to no more than it."""
        there = [each for each in parts if (each, "denominator") in self.bounds]
        if there and (whole, "denominator") in self.bounds:
            self.sums += [
                ((whole, part), [(each, part) for each in there], exact)
                for part in ("denominator", "numerator", "rest")
            ]

    def narrow(self, rounds: int = 20) -> None:
        """Go through the sums until nothing more follows, or so many times."""
        for _ in range(rounds):
            moved = sum(self._once(whole, parts, exact) for whole, parts, exact in self.sums)
            if not moved:
                return

    def _once(self, whole: tuple[Cell, str], parts: list[tuple[Cell, str]], exact: bool) -> bool:
        total, found = self.bounds[whole], [self.bounds[each] for each in parts]
        if total[0] == total[1] and all(each[0] == each[1] for each in found):
            return False
        low, highs = sum(each[0] for each in found), [each[1] for each in found if np.isfinite(each[1])]
        finite, free = sum(highs), len(found) - len(highs)
        moved = _tighten(total, low, finite if exact and not free else np.inf)
        for each in found:
            before = each[1]
            bound = bool(np.isfinite(before))
            others = finite - before if bound else finite
            others = others if exact and free == (not bound) else np.inf
            moved |= _tighten(each, total[0] - others, total[1] - (low - each[0]))
            finite += (each[1] if np.isfinite(each[1]) else 0.0) - (before if bound else 0.0)
            free -= not bound and bool(np.isfinite(each[1]))
        return moved


def _tighten(bounds: Interval, low: float, high: float) -> bool:
    """Counts are whole numbers; whether anything moved."""
    least = np.ceil(low - 1e-6) if np.isfinite(low) else low
    most = np.floor(high + 1e-6) if np.isfinite(high) else high
    moved = bool(least > bounds[0] or most < bounds[1])
    bounds[0], bounds[1] = max(bounds[0], least), min(bounds[1], most)
    return moved


def _subtracted(rows: pd.DataFrame, definitions: Mapping[str, Any], where: str) -> Iterator[Finding]:
    counted = rows[rows["indicator"].map(lambda name: definitions[name]["unit"] in COUNTED)]
    counted = counted[counted["status"].isin(["shown", "hidden"])]
    for _, own_rows in counted.groupby(counted["indicator"].map(_flow_of)):
        sums = Sums()
        cells = _cells(own_rows, sums)
        for whole, parts, exact in _ties(cells):
            sums.tie(whole, parts, exact)
        _tie_states(cells, sums)
        sums.narrow()
        for row in own_rows[own_rows["status"] == "hidden"].itertuples():
            cell = _cell(row)
            for part in sensitive_classes(definitions[str(row.indicator)]):
                if 0 < sums.bounds[cell, part][1] < K:
                    yield Finding(where, f"few pupils in the {part} follow from sums", _named(row))


def _cell(row: Any) -> Cell:
    area = "" if row.area_type == "region" else str(row.area)
    period = f"{row.period_from}/{row.period_to}/{row.period_kind}"
    return (period, str(row.area_type), area, *(str(getattr(row, name)) for name in CUTS[2:]), str(row.indicator))


def _flow_of(indicator: str) -> str:
    """The flow a state is a part of, otherwise the indicator itself."""
    return next((flow for flow in FLOWS if indicator.startswith(flow) and indicator not in NO_STATES), indicator)


def _tie_states(cells: Mapping[Cell, Any], sums: Sums) -> None:
    """States of a flow share their denominator, and everyone is in one of them."""
    groups: dict[Cell, list[Cell]] = defaultdict(list)
    for cell in cells:
        groups[cell[:-1]].append(cell)
    most = max(map(len, groups.values()), default=0)
    if most < 2:
        return
    whole = [found for found in groups.values() if len(found) == most]
    shown = [[cells[each] for each in found] for found in whole]
    shown = [rows for rows in shown if all(row.status == "shown" for row in rows)]
    exact = bool(shown) and all(sum(row.numerator for row in rows) == rows[0].denominator for rows in shown)
    for found in whole:
        first = (found[0], "denominator")
        sums.sums.append((first, [(each, "numerator") for each in found], exact))
        sums.sums += [(first, [(each, "denominator")], True) for each in found[1:]]


def _cells(rows: pd.DataFrame, sums: Sums) -> dict[Cell, Any]:
    cells = {}
    for row in rows.itertuples():
        cell = _cell(row)
        cells[cell] = row
        sums.add(cell, row)
    return cells


def _with(cell: Cell, place: int, value: str) -> Cell:
    return (*cell[:place], value, *cell[place + 1 :])


PERIOD, TYPE, AREA, PROVIDER, STAGE, MODEL, SEX, BACKGROUND = range(8)


def _ties(cells: Mapping[Cell, Any]) -> list[tuple[Cell, list[Cell], bool]]:
    """Every whole and its parts; whether parts are the whole is learned from those that are all shown."""
    found: dict[str, list[tuple[Cell, list[Cell]]]] = defaultdict(list)
    types = _types(cells)
    for cell in cells:
        for name, place, values in _divisions():
            if cell[place] == ALL:
                found[name].append((cell, [_with(cell, place, value) for value in values if value != ALL]))
        if cell[MODEL] == ALL:
            for model in types[cell[:MODEL]]:
                parts = [_with(cell, MODEL, model), _with(cell, MODEL, f"without:{model}")]
                found["without"].append((cell, parts))
    members = sorted({cell[AREA] for cell in cells if cell[TYPE] == "municipality"})
    for cell, row in cells.items():
        if cell[TYPE] == "region" and ", " not in str(row.area):
            there = [_with(_with(cell, TYPE, "municipality"), AREA, name) for name in members]
            if any(each in cells for each in there):
                found["members"].append((cell, there))
            for name in members:
                pair = [_with(_with(cell, TYPE, kind), AREA, name) for kind in ("municipality", "rest_of_region")]
                if all(each in cells for each in pair):
                    found["rest"].append((cell, pair))
    found["years"] = list(_years(cells))
    return [
        (whole, parts, exact) for ties in found.values() for exact in [_add_up(cells, ties)] for whole, parts in ties
    ]


def _types(cells: Iterable[Cell]) -> Mapping[Cell, set[str]]:
    """The model types with a row beside each total."""
    found: dict[Cell, set[str]] = defaultdict(set)
    for cell in cells:
        if cell[MODEL] not in (ALL, "none") and not cell[MODEL].startswith("without:"):
            found[cell[:MODEL]].add(cell[MODEL])
    return found


def _divisions() -> Iterator[tuple[str, int, tuple[str, ...]]]:
    yield "sex", SEX, tuple(SEXES)
    yield "provider", PROVIDER, ("municipal", "independent")
    yield "stage", STAGE, tuple(STAGES)
    for name, values in BACKGROUND_FIELDS.items():
        yield name, BACKGROUND, tuple(values)


def _years(cells: Mapping[Cell, Any]) -> Iterator[tuple[Cell, list[Cell]]]:
    yearly = {cell for cell in cells if cell[PERIOD].endswith("/school_year")}
    periods = sorted({cell[PERIOD] for cell in yearly})
    for cell in cells:
        start, end, kind = cell[PERIOD].split("/")
        if kind == "pooled":
            inside = [each for each in periods if start <= each.split("/")[0] and each.split("/")[1] <= end]
            parts = [_with(cell, PERIOD, each) for each in inside]
            if len(parts) == 3 and all(each in yearly for each in parts):
                yield cell, parts


def _add_up(cells: Mapping[Cell, Any], ties: list[tuple[Cell, list[Cell]]]) -> bool:
    checked = 0
    for whole, parts in ties:
        rows = [cells[each] for each in (whole, *parts) if each in cells]
        if len(rows) > 1 and all(row.status == "shown" for row in rows):
            checked += 1
            if abs(rows[0].denominator - sum(row.denominator for row in rows[1:])) > 1e-6:
                return False
    return checked > 0


def beside_findings(tables: Mapping[str, pd.DataFrame]) -> Iterator[Finding]:
    """Verdicts, trends, changes and reconciliations of values that are hidden."""
    rows = own(tables["values"])
    totals = rows[(rows["sex"] == ALL) & (rows["model"] == ALL) & (rows["background"] == ALL)]
    hidden = totals[totals["status"] != "shown"]
    places = ["indicator", "area", "provider", "stage"]
    silent = set(hidden[[*places, "period_to"]].itertuples(index=False, name=None))
    shown = totals[totals["status"] == "shown"]
    told = set(shown[[*places, "period_to"]].itertuples(index=False, name=None))
    for row in tables["verdicts"].itertuples():
        key = (row.indicator, row.area, row.provider, row.stage, row.period_to)
        if key in silent and key not in told and pd.notna(row.difference):
            yield Finding("verdicts", "a hidden value is judged", key)
    for row in tables["trends"].itertuples():
        if pd.notna(row.slope):
            last = sorted(each[-1] for each in told if each[:4] == (row.indicator, row.area, row.provider, row.stage))
            if len(last) < 5:
                yield Finding("trends", "a trend over hidden values", (row.indicator, row.area))
    keys = [name for name in tables["changes"].columns if name in rows.columns and name not in ("status", "release")]
    now = dict(zip(rows[keys].itertuples(index=False, name=None), rows["status"], strict=False)) if keys else {}
    for row in tables["changes"].to_dict("records"):
        key = tuple(row[name] for name in keys)
        if pd.notna(row.get("after")) and now.get(key) == "hidden":
            yield Finding("changes", "a hidden value is told as a change", key)


def text_findings(text: str, allowed: set[str], where: str, known: str = "") -> Iterator[Finding]:
    """Few pupils written out, and percentages that stand for no shown value. `known`: texts that are everyone's."""
    for match in SMALL.finditer(text):
        if match[0] not in known:
            yield Finding(where, "few pupils in a sentence", (match[0],))
    for match in PERCENT.finditer(text):
        if match[1] not in allowed and match[0] not in known:
            yield Finding(where, "a percentage of nothing that is shown", (match[0],))


def percentages(values: pd.DataFrame) -> set[str]:
    """Every shown percentage, as it may be written: whole or with one decimal, with its limits."""
    shown = values[values["status"] == "shown"]
    numbers = pd.concat([shown[name] for name in ("value", "low", "high")]).dropna().to_numpy(dtype=float)
    return {f"{number:.{digits}f}".replace(".", ",") for digits in (0, 1) for number in np.unique(numbers)}


def read_folder(folder: Path) -> tuple[dict[str, Any], dict[str, pd.DataFrame], dict[str, Any]]:
    """Manifest, tables and definitions, read as files."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    tables = {path.stem: pd.read_parquet(path) for path in (folder / "open").glob("*.parquet")}
    listed = json.loads((folder / "open" / "definitions.json").read_text(encoding="utf-8"))
    return manifest, tables, {each["name"]: each for each in listed}
