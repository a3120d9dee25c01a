"""A region of three municipalities with three schools each, as counts; and what a row of either part is about."""

from itertools import product

import numpy as np
import pandas as pd

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.values import Counts
from tests.attack.inner import classes, inner_row, region_of

K, SCHOOL_K = 5, 10
REGION = region_of("ABC")
FAMILY = catalogue.default().family("year9_leavers")
VOCATIONAL, PASSED = (
    next(each for each in FAMILY if each.name == name) for name in ("eligibility_vocational", "all_subjects_passed")
)
NAMES = (VOCATIONAL.name, PASSED.name)
PATTERNS = ((0, 0), (1, 0), (1, 1))
UNITS = (
    ("0001", "11", ""),
    ("0001", "12", ""),
    ("0001", "13", "sspf"),
    ("0002", "21", ""),
    ("0002", "22", "sspf"),
    ("0002", "23", "sspf"),
    ("0003", "31", ""),
    ("0003", "32", ""),
    ("0003", "33", ""),
)
MODELS = {unit: models for _, unit, models in UNITS}
CELLS = list(product(UNITS, ("boys", "girls"), PATTERNS))
LAYOUT = Layout(
    tables=tuple(Table(areas=areas, by=by) for areas in ("members", "region") for by in ((), ("sex",), ("model",)))
)


def units_frame(numbers, models=MODELS):
    """Inner rows with schools told apart, of so many pupils in every cell."""
    rows = [
        inner_row(
            number,
            school=code,
            models=models[unit],
            sex=sex,
            school_first=unit,
            school_last=unit,
            school_unit=unit,
            **classes(**{VOCATIONAL.name: first, PASSED.name: second}),
        )
        for ((code, unit, _), sex, (first, second)), number in zip(CELLS, numbers, strict=True)
        if number
    ]
    return pd.DataFrame(rows)


def counted(units):
    """The counts of a region, its schools told apart in `units`."""
    how = {"contributors": "sum", "school_first": "min", "school_last": "max"}
    keys = [name for name in units.columns if name not in (*how, "school_unit")]
    inner = units.groupby(keys, as_index=False).agg(how)
    return Counts(population="year9_leavers", period_kind="school_year", inner=inner, main_provider="municipal")


def inside(row, models=MODELS):
    """The cells a row of either part is about, read off its keys and the schools' models alone."""
    members = {member.name: member.code for member in REGION.members}

    def held(cell):
        (code, unit, _), sex, _ = cell
        place = {"municipality": code == members.get(row.area), "school_unit": unit == row.area}
        own = models[unit]
        model = {"all": True, "none": own == ""}.get(row.model, (own == "sspf") ^ row.model.startswith("without"))
        return place.get(row.area_type, True) and model and row.sex in ("all", sex)

    return np.array([held(cell) for cell in CELLS])


def outcome(name):
    return np.array([cell[-1][NAMES.index(name)] == 1 for cell in CELLS])


def small_classes(values, counts, k):
    """Totals and remainders of these rows that are too few, and groups where nobody has the outcome."""
    for row in values.itertuples(index=False):
        cells, top = inside(row), outcome(row.indicator)
        for part in (cells, cells & ~top):
            if 0 < counts[part].sum() < k:
                yield part
        if counts[cells].sum() and not counts[cells & top].sum():
            yield cells & top


def region_with(few):
    """Ordinary schools, with `few` pupils not eligible in the first one."""
    numbers = [20 if pattern == (0, 0) else 30 for _, _, pattern in CELLS]
    for place, (unit, _, pattern) in enumerate(CELLS):
        if unit[1] == "11" and pattern == (0, 0):
            numbers[place] = few
    return numbers
