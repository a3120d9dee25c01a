"""A release in memory, made of a few rows, for what pages say of states and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from metrics import catalogue
from metrics.present.figures import Figures
from metrics.release.read import Release, empty_table
from metrics.values import LONG_COLUMNS, NUMBER_COLUMNS, Published
from metrics.vocabulary import parse_period
from tests.pages.families import definition_of

Row = tuple[str, str, str, float | None, float | None, str]
"""Indicator, area, period's label, numerator, denominator and status."""


def figures_of(
    rows: Sequence[Row],
    members: Sequence[str] = ("Ale", "Tjörn"),
    *,
    stage: str = "all",
    register: Sequence[Mapping[str, str]] = (),
    divided: Sequence[tuple[Row, Mapping[str, str]]] = (),
) -> Figures:
    """Own totals of one stage, and rows of groups (`divided`); an area that is no member is the region."""
    declared = catalogue.default().indicators
    cuts: list[tuple[Row, Mapping[str, str]]] = [*((row, {}) for row in rows), *divided]
    names = list(dict.fromkeys(row[0] for row, _ in cuts))
    made = [_row(row, declared[row[0]], members) | {"stage": stage} | dict(cut) for row, cut in cuts]
    table = pd.DataFrame(made, columns=list(LONG_COLUMNS))
    table[list(NUMBER_COLUMNS)] = table[list(NUMBER_COLUMNS)].astype(float)
    listed = [{"code": str(1400 + place), "name": name} for place, name in enumerate(members)]
    tables = {name: empty_table(name) for name in ("verdicts", "trends", "register", "reconciliation")}
    tables["register"] = pd.DataFrame(list(register), columns=list(tables["register"].columns))
    return Figures(
        Release(
            id="prov-1",
            manifest={"id": "prov-1", "created": "2025-11-23T09:00:00", "region": {"name": "GR", "members": listed}},
            values=Published(values=table),
            tables=tables,
            definitions={name: definition_of(declared[name]) for name in names},
        )
    )


def _row(row: Row, declared: Any, members: Sequence[str]) -> dict[str, object]:
    name, area, label, numerator, denominator, status = row
    period = parse_period(label, declared.period_kind)
    shown = status == "shown" and numerator is not None and denominator is not None
    scale = 1.0 if declared.unit == "mean" else 100.0
    value = scale * numerator / denominator if shown and numerator is not None and denominator else None
    fixed = dict.fromkeys(("provider", "stage", "model", "sex", "background"), "all")
    return {
        **fixed,
        "indicator": name,
        "series": "own",
        "area_type": "municipality" if area in members else "region",
        "area": area,
        "perspective": declared.perspective,
        "period_kind": period.kind,
        "period_from": period.start.isoformat(),
        "period_to": period.end.isoformat(),
        "school_year": period.school_year,
        "numerator": numerator if shown else None,
        "denominator": denominator if shown else None,
        "value": value,
        "status": status,
        "mark": "",
        "definition_version": 1,
        "release": "prov-1",
    }
