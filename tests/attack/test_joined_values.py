"""Pupils known to social services and the others, told of one member with a declared join, beside all its pupils."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from metrics import catalogue
from metrics.layout import DEFAULT_LAYOUT, layout_of
from metrics.protect.gate import protect
from metrics.protect.joined import joined
from metrics.protect.splits import with_their_wholes
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from tests.attack.inner import classes, inner_row, region_of

K = 5
REGION = region_of("AB")
WHOLE, KNOWN, OTHERS = "eligibility_vocational", *(f"eligibility_{n}known_to_social_services" for n in ("", "not_"))
INDICATORS = [catalogue.default().indicators[name] for name in (WHOLE, KNOWN, OTHERS)]
SIZES = {"0001": {(1, 0): 9, (1, 1): 21, (0, 0): 15, (0, 1): 120}, "0002": {(0, 0): 30, (0, 1): 200}}
"""Pupils by member, whether social services know them, and whether they are eligible. Of B nothing is joined."""
CELLS = list(product(SIZES, ("boys", "girls"), (0, 1), (0, 1)))


def pupils(few, **other):
    """Pupils of every cell, with few girls known to social services who are not eligible; other cells as said."""
    said = {("0001", "girls", 1, 0): few}
    said |= {("0001", *map(int, name[-2:])): number for name, number in other.items()}
    numbers = {cell: said.get(cell, said.get((cell[0], *cell[2:]), SIZES[cell[0]].get(cell[2:], 0))) for cell in CELLS}
    return np.array(list(numbers.values()))


def counted(numbers):
    rows = []
    for (code, sex, known, eligible), number in zip(CELLS, numbers, strict=True):
        joined = code == "0001"
        in_join = {f"{KNOWN}__denominator": int(joined and known), f"{OTHERS}__denominator": int(joined and not known)}
        with_it = {f"{KNOWN}__numerator": int(joined and known) * eligible}
        with_it |= {f"{OTHERS}__numerator": int(joined and not known) * eligible}
        rows.append(inner_row(number, school=code, sex=sex, **classes(**{WHOLE: eligible}), **in_join, **with_it))
    frame = pd.DataFrame(rows)
    without = pd.DataFrame(
        [{"period": "2024/25", "indicator": name, "municipality": "0002"} for name in (KNOWN, OTHERS)]
    )
    return Counts(
        population="year9_leavers",
        period_kind="school_year",
        inner=frame[frame["contributors"] > 0].reset_index(drop=True),
        main_provider="municipal",
        not_comparable=without,
    )


def publish(numbers):
    """The open values and, as a family of its own, what divides their classes: put together as a release does."""
    parts = []
    for indicators, layout in ((INDICATORS[:1], DEFAULT_LAYOUT), (INDICATORS[1:], layout_of("joined_leavers"))):
        published, _ = protect(counted(numbers), layout, indicators=indicators, region=REGION, thresholds=Thresholds())
        parts.append(published)
    return with_their_wholes(joined(parts), catalogue.default().indicators).values


def group(row):
    """Who a row is about: nobody is told of B by what is joined."""
    area = {"municipality": {"A": ["0001"], "B": ["0002"]}, "rest_of_region": {"A": ["0002"], "B": ["0001"]}}
    codes = area.get(row.area_type, {}).get(row.area, list(SIZES))
    known = {WHOLE: (0, 1), KNOWN: (1,), OTHERS: (0,)}[row.indicator]
    joined = ["0001"] if row.indicator != WHOLE else list(SIZES)
    return np.array(
        [code in codes and code in joined and row.sex in ("all", sex) and who in known for code, sex, who, _ in CELLS]
    )


ELIGIBLE = np.array([cell[3] == 1 for cell in CELLS])


def interval(values, target):
    """Least and greatest number of pupils in a class for somebody with every row of the table."""
    equal, total, least = [], [], []
    for row in values.itertuples(index=False):
        if row.status == "shown":
            equal += [group(row), group(row) & ELIGIBLE]
            total += [row.denominator, row.numerator]
        elif row.status == "hidden":
            least.append(group(row))
    given = {"A_eq": np.array(equal, float), "b_eq": np.array(total)}
    given |= {"A_ub": -np.array(least, float), "b_ub": -np.ones(len(least))} if least else {}
    ends = [linprog(sign * target.astype(float), method="highs", **given) for sign in (1, -1)]
    return ends[0].fun, -ends[1].fun if ends[1].status == 0 else np.inf


def leaks(values, numbers):
    """Small classes of any row that somebody with all rows narrows to less than k."""
    there = values[values["status"].isin(["shown", "hidden"])]
    for row in there.drop_duplicates(["indicator", "area_type", "area", "sex"]).itertuples(index=False):
        parts = [group(row), group(row) & ~ELIGIBLE]
        parts += [group(row) & ELIGIBLE] if row.indicator != WHOLE else []
        for part in parts:
            if 0 < numbers[part].sum() < K:
                low, high = interval(values, part)
                if high - low < K - 1e-3:
                    yield row.indicator, row.area, row.sex


def status_of(values, indicator):
    rows = values[(values["indicator"] == indicator) & (values["area"] == "A") & (values["sex"] == "all")]
    return rows.loc[rows["area_type"] == "municipality", "status"].iloc[0]


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        (pupils(2), ("shown", "shown", "shown")),
        (pupils(4), ("shown", "shown", "shown")),
        (pupils(2, boys10=1), ("shown", "hidden", "hidden")),
        (pupils(9, boys00=1), ("shown", "hidden", "hidden")),
        (pupils(2, boys10=1, girls00=0), ("hidden", "hidden", "hidden")),
    ],
    ids=["few girls", "nearly enough girls", "few known", "few others", "few in all"],
)
def test_no_small_class_follows_from_open_values_and_what_divides_them(numbers, told):
    values = publish(numbers)
    assert tuple(status_of(values, name) for name in (WHOLE, KNOWN, OTHERS)) == told
    assert not list(leaks(values, numbers))
    for name in (KNOWN, OTHERS) if told == ("shown", "hidden", "hidden") else ():
        place = values.index[(values["indicator"] == name) & (values["area"] == "A")][0]
        cells, more = group(values.loc[place]), values.copy()
        numbered = [float(numbers[cells & ELIGIBLE].sum()), float(numbers[cells].sum())]
        more.loc[place, ["status", "numerator", "denominator"]] = ["shown", *numbered]
        assert next(leaks(more, numbers), None) is not None, f"{name} was hidden for nothing"


def test_a_region_where_not_every_member_has_a_join_is_told_of_none_as_a_whole():
    values = publish(pupils(9))
    region = values[(values["area_type"] == "region") & (values["indicator"] != WHOLE)]
    assert set(region["status"]) == {"not_comparable"}
    assert region[["numerator", "denominator", "value"]].isna().all(axis=None)
