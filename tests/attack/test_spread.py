"""The interval of a mean gives the sum of squares beside the number and the sum: three equations about single pupils."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.declare import Indicator
from metrics.layout import Layout, Table
from metrics.protect.gate import protect
from metrics.protect.thresholds import Thresholds
from metrics.protect.written import mean_numbers
from metrics.release import read
from metrics.values import Counts
from metrics.vocabulary import Municipality, Region
from tests.attack.inner import inner_row

Z95 = 1.959963984540054
K, MOST = 5, 4
CODES = ("0001", "0002", "0003")
REGION = Region(
    name="Tre", title="Tre kommuner", members=tuple(Municipality(code=code, name=code[-1]) for code in CODES)
)
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region")))
INDICATORS = catalogue.default().indicators
PER_CHILD, AGE = INDICATORS["reports_per_child"], INDICATORS["age_at_first_report"]


def squares(row: pd.Series) -> float:
    """The sum of squares that a reader works out; NaN where no interval is told."""
    number, total = float(row["denominator"]), float(row["numerator"])
    error = float(row["high"] - row["low"]) / 2 / Z95
    return error**2 * number * (number - 1) + total**2 / number


def children_by_reports(row: pd.Series) -> list[tuple[int, ...]]:
    """Every way the children can be dealt to one, two, three and four reports, of all that the row tells."""
    number, total, second = float(row["denominator"]), float(row["numerator"]), squares(row)
    more = range(int(total - number) + 1)
    found = []
    for several in product(more, repeat=MOST - 1):
        once = number - sum(several)
        dealt = (once, *several)
        sums = [sum(count * (place + 1) ** power for place, count in enumerate(dealt)) for power in (1, 2)]
        if once >= 0 and sums[0] == total and (np.isnan(second) or abs(sums[1] - second) < 1e-3):
            found.append(dealt)
    return found


def widths(ways: list[tuple[int, ...]]) -> list[int]:
    """How far apart the number of children with two, three and four reports can be."""
    return [max(each) - min(each) for each in list(zip(*ways, strict=True))[1:]]


def published(indicator: Indicator, held: dict[str, list[list[float]]]) -> pd.DataFrame:
    """By member and sex, one magnitude per pupil; through the gate."""
    rows = [
        inner_row(
            len(each),
            home=code,
            period="2024",
            sex=sex,
            **{
                f"{indicator.name}__denominator": 1,
                f"{indicator.name}__sum": sum(each),
                f"{indicator.name}__sum_squares": sum(one * one for one in each),
                f"{indicator.name}__largest": max(each),
            },
        )
        for code, of_sex in held.items()
        for sex, each in zip(("girls", "boys"), of_sex, strict=False)
    ]
    counts = Counts(population="reported_children", period_kind="calendar_year", inner=pd.DataFrame(rows))
    found, _ = protect(counts, LAYOUT, indicators=[indicator], region=REGION, thresholds=Thresholds())
    return found.values[found.values["period_kind"] == "calendar_year"].set_index("area")


ONE_WITH_THREE = [[1.0] * 100 + [2.0] * 7, [1.0] * 111 + [3.0]]
MANY = [[1.0] * 300 + [2.0] * 40 + [3.0] * 12]


def test_nobody_works_out_how_many_children_have_three_reports() -> None:
    found = published(PER_CHILD, {"0001": ONE_WITH_THREE, "0002": MANY, "0003": MANY})
    row = found.loc["1"]
    assert (row["status"], row["denominator"], row["numerator"]) == ("shown", 219, 228)
    ways = children_by_reports(row)
    assert len(ways) > 1
    assert max(widths(ways)) >= K


def test_with_an_interval_beside_the_mean_the_one_child_is_found() -> None:
    """Planted: the row as it stood in a release before."""
    number, total, second = (
        np.array([float(sum(one**power for each in ONE_WITH_THREE for one in each))]) for power in (0, 1, 2)
    )
    ways = children_by_reports(mean_numbers(total, number, second).iloc[0])
    assert ways == [(211, 7, 1, 0)]


@pytest.mark.parametrize(
    ("ages", "told"),
    [
        ([12.0] * 30, False),  # all of one age: an interval without width says so of every child
        ([12.0] * 29 + [17.0], False),  # the spread is the one child's
        ([float(age) for age in range(3, 18)] * 2, True),
    ],
)
def test_an_interval_is_not_told_where_the_spread_is_that_of_one(ages: list[float], told: bool) -> None:
    usual = [float(age) for age in range(1, 18)] * 4
    row = published(AGE, {"0001": [ages], "0002": [usual], "0003": [usual]}).loc["1"]
    assert row["status"] == "shown"
    assert bool(pd.notna(row["low"])) is told
    if told:
        mean, number = float(row["value"]), float(row["denominator"])
        furthest = np.sqrt((number - 1) * (squares(row) / number - mean**2))
        assert mean + furthest > 1.1 * max(ages)


def test_no_number_of_events_in_the_example_release_has_an_interval() -> None:
    values = read.load(Path(__file__).resolve().parents[2] / "data" / "demo").values.values
    shown = values[(values["indicator"] == PER_CHILD.name) & (values["status"] == "shown")]
    assert len(shown) > 50
    assert shown[["low", "high"]].isna().all(axis=None)
