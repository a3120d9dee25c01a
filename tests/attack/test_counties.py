"""A region solved county by county: someone with every member's and the region's rows singles no few pupils out."""

from __future__ import annotations

from functools import cache
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.protect.counties import protect_by_county
from metrics.protect.errors import ProtectionError
from metrics.protect.generations import EarlierTable, History
from metrics.protect.thresholds import Thresholds
from metrics.values import Counts
from metrics.vocabulary import Municipality, Region
from tests.attack.inner import classes, inner_row

K = 5
FAMILY = catalogue.default().family("year9_leavers")
VOCATIONAL, ARTS = (next(each for each in FAMILY if each.name == f"eligibility_{n}") for n in ("vocational", "arts"))
NAMES = (VOCATIONAL.name, ARTS.name)
PATTERNS = ((0, 0), (1, 0), (1, 1))
LAYOUT = Layout(
    tables=(
        Table(areas="members"),
        Table(areas="members", by=("sex",)),
        Table(areas="members", by=("model",)),
        Table(areas="region"),
        Table(areas="region", by=("sex",)),
        Table(areas="region", by=("model",)),
        Table(areas="rest_of_region"),
    )
)
EVEN = tuple(f"{county:02d}{member:02d}" for county in (1, 2, 3) for member in range(1, 9))
ALONE = (*EVEN[:10], "0301")
"""The last county has one member."""


class Nation:
    """Pupils of every member, model, sex and outcome, and what is published of them."""

    def __init__(self, codes: tuple[str, ...], numbers: np.ndarray):
        self.cells = list(product(codes, ("", "sspf"), ("boys", "girls"), PATTERNS))
        self.numbers = numbers
        members = tuple(Municipality(code=code, name=f"K{code}") for code in codes)
        self.region = Region(name="Landet", title="Landet", members=members)
        counts = Counts(population="year9_leavers", period_kind="school_year", inner=self.frame())
        self.given = {"indicators": (VOCATIONAL, ARTS), "region": self.region, "thresholds": Thresholds()}
        self.counts = counts
        published, self.report = protect_by_county(counts, LAYOUT, **self.given)
        self.values = published.values[published.values["period_kind"] == "school_year"].reset_index(drop=True)

    def frame(self) -> pd.DataFrame:
        rows = [
            inner_row(
                number,
                school=code,
                models=models,
                sex=sex,
                **classes(**dict(zip(NAMES, pattern, strict=True))),
            )
            for (code, models, sex, pattern), number in zip(self.cells, self.numbers, strict=True)
            if number
        ]
        return pd.DataFrame(rows)

    def inside(self, row: object) -> np.ndarray:
        """The cells that a row is about, read off its keys alone."""
        area, model, sex = row.area, row.model, row.sex
        return np.array(
            [
                area in ("Landet", f"K{code}")
                and sex in ("all", own)
                and {"all": True, "none": models == ""}.get(model, (models == "sspf") ^ model.startswith("without"))
                for code, models, own, _ in self.cells
            ]
        )

    def top(self, name: str) -> np.ndarray:
        return np.array([cell[-1][NAMES.index(name)] == 1 for cell in self.cells])

    def leaks(self, values: pd.DataFrame) -> list[tuple[str, str, str]]:
        """Small classes of the hidden rows whose interval is narrower than k for someone with the whole table."""
        equal, total, least = [], [], []
        for row in values.itertuples(index=False):
            cells = self.inside(row)
            if row.status == "shown":
                equal += [cells, cells & self.top(row.indicator)]
                total += [row.denominator, row.numerator]
            else:
                least.append(cells)
        known = {"A_eq": np.array(equal, float), "b_eq": np.array(total), "method": "highs"}
        known |= {"A_ub": -np.array(least, float), "b_ub": -np.ones(len(least))} if least else {}
        found = []
        for row in values.itertuples(index=False):
            cells = self.inside(row)
            for part in (cells, cells & ~self.top(row.indicator)):
                if 0 < self.numbers[part].sum() < K and narrow(part, known):
                    found.append((row.area, row.model, row.sex))
        return found


def narrow(part: np.ndarray, known: dict) -> bool:
    ends = [linprog(sign * part.astype(float), **known) for sign in (1, -1)]
    return ends[1].status == 0 and -ends[1].fun - ends[0].fun < K - 1e-3


@cache
def nation(seed: int, codes: tuple[str, ...] = EVEN, *, none_elsewhere: bool = False) -> Nation:
    """Ordinary members with a few small classes; or, with `none_elsewhere`, three girls not eligible in the whole region."""
    rng = np.random.default_rng(seed)
    cells = list(product(codes, ("", "sspf"), ("boys", "girls"), PATTERNS))
    numbers = rng.integers(12, 60, len(cells))
    out = np.array([cell[3] == (0, 0) for cell in cells])
    numbers[out] = rng.integers(5, 14, out.sum())
    for code in (*codes[::3], codes[-1]):
        kind = "girls" if code == codes[-1] else rng.choice(["boys", "girls", "", "sspf"])
        few = out & np.array([cell[0] == code and kind in cell[1:3] for cell in cells])
        numbers[few] = rng.integers(1, 3, 2)
    girls = out & np.array([cell[2] == "girls" for cell in cells])
    if none_elsewhere:
        numbers[girls] = 0
        numbers[np.flatnonzero(girls)[0]] = 3
    return Nation(codes, numbers)


@pytest.mark.parametrize(("seed", "codes"), [(1, EVEN), (3, ALONE)])
def test_nothing_that_counties_link_leaks(seed: int, codes: tuple[str, ...]) -> None:
    found = nation(seed, codes)
    assert found.report["narrow"] == 0
    assert found.report["periods"][0]["counties"] == (3 if codes == EVEN else 2), (
        "who is alone is solved with a neighbour"
    )
    assert (found.values["status"] == "hidden").sum() > 5
    assert found.leaks(found.values) == []
    region = found.values[found.values["area_type"] == "region"]
    assert set(region["status"]) == {"shown"}
    assert set(region["model"]) == {"all"}
    assert (found.values["status"] == "shown").mean() > 0.6


def test_few_in_the_whole_region_are_kept_open_by_the_county_that_has_most() -> None:
    found = nation(4, EVEN[::2], none_elsewhere=True)
    region = found.values[found.values["area_type"] == "region"].set_index(["indicator", "sex"])["status"]
    assert region[VOCATIONAL.name, "girls"] == "hidden"
    assert region[VOCATIONAL.name, "boys"] == "hidden"
    assert found.leaks(found.values) == []


def test_a_leak_that_is_planted_in_a_member_or_the_region_is_found() -> None:
    found = nation(4, EVEN[::2], none_elsewhere=True)
    for area_type in ("municipality", "region"):
        told = found.values.copy()
        for row in told[(told["status"] == "hidden") & (told["area_type"] == area_type)].itertuples():
            cells = found.inside(row)
            numbers = [found.numbers[cells & found.top(row.indicator)].sum(), found.numbers[cells].sum()]
            told.loc[row.Index, ["numerator", "denominator"]] = numbers
            told.loc[row.Index, "status"] = "shown"
        assert found.leaks(told)


def test_a_changed_period_is_held_at_its_last_table() -> None:
    found = nation(3, ALONE)
    before = EarlierTable(
        inner=found.counts.inner,
        missing=found.counts.missing,
        main_provider="all",
        layout=LAYOUT,
        rows=found.values.assign(mark="förra"),
    )
    again, report = protect_by_county(
        found.counts, LAYOUT, **found.given, history=History(tables={"2024/25": [before]})
    )
    assert report["held"] == ["2024/25"]
    assert set(again.values["mark"]) == {"förra"}


def test_a_family_seen_from_two_places_is_refused() -> None:
    found = nation(3, ALONE)
    elsewhere = next(
        each for each in catalogue.default().indicators.values() if each.perspective == "home_municipality"
    )
    frame = found.counts.inner.assign(**{f"{elsewhere.name}__denominator": 1, f"{elsewhere.name}__numerator": 0})
    counts = Counts(population="year9_leavers", period_kind="school_year", inner=frame)
    with pytest.raises(ProtectionError, match="one place"):
        protect_by_county(counts, LAYOUT, **found.given | {"indicators": (VOCATIONAL, elsewhere)})
