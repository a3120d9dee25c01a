"""Official answers as JSON: Skolverket's statistics API version 4, and Kolada version 3."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from metrics.declare import Reading
from metrics.extracts.reading.rows import Rows
from metrics.extracts.reading.words import Printed, printed, school_year_in
from metrics.values import Status
from metrics.vocabulary import school_year_label

API_TITLE = "Skolverket, statistik för skolenheter"
KOLADA_TITLE = "Kolada"
VALUE_TYPES: Mapping[str, str] = {
    "MISSING": ".",
    "OMITTED_DUE_TO_BASED_ON_FEW_PUPILS": "..",
    "ROUNDED_OFF_DUE_TO_FEW_PUPILS_NOT_ELIGIBLE": "~100",
}
KOLADA_SEXES: Mapping[str, str] = {"T": "all", "K": "girls", "M": "boys"}
DEEPEST = 12


def read_answers(tree: object) -> Reading | None:
    """The figures of an API answer, or None when the tree is something else."""
    rows = Rows(header_row=1)
    for record in _records(tree):
        if "schoolUnit" in record:
            _read_unit(record, rows)
        else:
            _read_kolada(record, rows)
    return rows.reading() if rows.numbers or rows.problems else None


def _records(tree: object, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Every object in the tree that is about a school unit or is a Kolada value."""
    if depth > DEEPEST:
        return
    if isinstance(tree, dict):
        if isinstance(tree.get("schoolUnit"), str) or {"kpi", "municipality", "period", "values"} <= tree.keys():
            yield tree
            return
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from _records(part, depth + 1)


def _read_unit(record: Mapping[str, Any], rows: Rows) -> None:
    for measure, figures in record.items():
        for figure in figures if isinstance(figures, list) else ():
            if isinstance(figure, dict) and {"value", "timePeriod"} <= figure.keys():
                _read_unit_figure(str(record["schoolUnit"]), measure, figure, rows)


def _read_unit_figure(unit: str, measure: str, figure: Mapping[str, Any], rows: Rows) -> None:
    year = school_year_in(str(figure["timePeriod"]))
    mark = VALUE_TYPES.get(str(figure.get("valueType")), "")
    said = printed(mark or str(figure["value"]))
    number = len(rows.numbers) + 1
    if not year:
        rows.problem("official_no_year", number)
        return
    if said is None:
        rows.problem("official_mark_unknown", number)
        said = Printed(status=Status.MISSING, mark=str(figure["value"])[:20])
    rows.add(
        number,
        said,
        None,
        table_title=API_TITLE,
        school_unit=unit,
        provider="all",
        sex="all",
        school_year=year,
        measure=measure,
    )


def _read_kolada(record: Mapping[str, Any], rows: Rows) -> None:
    """One Kolada record: a period 2025 is the school year that ends in the spring of 2025."""
    code, period = str(record["municipality"]), str(record["period"])
    number = len(rows.numbers) + 1
    if not re.fullmatch(r"\d{4}", code) or code.startswith("00"):
        rows.problem("official_nation", number)
    elif not re.fullmatch(r"(19|20)\d{2}", period):
        rows.problem("official_no_year", number)
    else:
        for figure in record["values"] if isinstance(record["values"], list) else ():
            _read_kolada_figure(record, code, int(period), figure, rows)


def _read_kolada_figure(record: Mapping[str, Any], code: str, period: int, figure: object, rows: Rows) -> None:
    number = len(rows.numbers) + 1
    if not isinstance(figure, dict) or figure.get("gender") not in KOLADA_SEXES:
        rows.problem("official_row_broken", number)
        return
    value = figure.get("value")
    numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
    said = Printed(value=repr(value).replace(".", ",")) if numeric else Printed(status=Status.MISSING, mark=".")
    rows.add(
        number,
        said,
        None,
        table_title=KOLADA_TITLE,
        municipality=code,
        provider="all",
        sex=KOLADA_SEXES[figure["gender"]],
        school_year=school_year_label(period),
        measure=str(record["kpi"])[:100],
    )
