"""Releases one after another: what divides values further never tells how values that wait at an earlier table changed."""

from __future__ import annotations

import contextlib
import functools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.protect.joined import joined
from metrics.protect.splits import with_their_wholes
from metrics.release import making, records, schools
from metrics.release.comparisons import Source as Compared
from metrics.release.desk import Desk
from metrics.release.read import empty_table
from metrics.release.write import definition
from metrics.values import Counts
from tests.attack import crossing
from tests.attack.test_joined_values import CELLS, INDICATORS, KNOWN, OTHERS, REGION, WHOLE, counted, pupils

OPEN, DIVIDED = "year9_leavers", "joined_leavers"
NAMES = {OPEN: (WHOLE,), DIVIDED: (KNOWN, OTHERS)}
DEFINITIONS = {each.name: json.loads(json.dumps(definition(each), default=str)) for each in INDICATORS}
TOTALS = Layout(tables=(Table(areas="members"), Table(areas="region")))
PLENTY = pupils(9)


def family(numbers: np.ndarray, population: str) -> Counts:
    """The counts of one family: other families' indicators are not in them."""
    whole = counted(numbers)
    others = [name for names in NAMES.values() for name in names if name not in NAMES[population]]
    columns = [f"{name}__{part}" for name in others for part in ("denominator", "numerator")]
    lacking = whole.not_comparable["indicator"].isin(NAMES[population])
    return replace(
        whole,
        population=population,
        inner=whole.inner.drop(columns=columns),
        not_comparable=whole.not_comparable[lacking].reset_index(drop=True),
    )


class Publisher:
    """Publishes what is counted, release after release, as making a release does."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(vault=None, data=folder, catalogue=catalogue.default(), region=REGION)  # type: ignore[arg-type]
        self.released = 0

    def release(self, numbers: np.ndarray, populations: tuple[str, ...] = (OPEN, DIVIDED)) -> pd.DataFrame:
        """The values of a release of these pupils; `held` says what waits."""
        desk, done = self.desk, making._Protected()
        told = schools.Source(
            connection=None,  # type: ignore[arg-type]
            catalogue=desk.catalogue,
            region=REGION,
            thresholds=desk.thresholds,
            records=desk.records,
            new=False,
        )
        compared = Compared(region=REGION, thresholds=desk.thresholds, earlier=empty_table("comparisons"))
        for population in populations:
            counts = family(numbers, population)
            making._protect(
                done, None, desk, counts, official=None, told=told, comparing=compared, stands=None  # type: ignore[arg-type]
            )  # fmt: skip
        self.released += 1
        records.keep(desk.records, str(self.released), done.families)
        self.held = done.held
        return with_their_wholes(joined(done.parts), desk.catalogue.indicators).values


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    monkeypatch.setattr(making, "layout_of", lambda _: TOTALS)
    monkeypatch.setattr(making, "only", lambda *_, **__: contextlib.nullcontext())
    monkeypatch.setattr(making.comparisons, "prepare", lambda *_, **__: making.comparisons.Prepared())
    return Publisher(tmp_path)


findings = functools.partial(crossing.divided_findings, definitions=DEFINITIONS)


def moved(numbers: np.ndarray, changes: dict[tuple[str, str, int, int], int]) -> np.ndarray:
    """So many pupils more of these: member, sex, known, eligible."""
    return numbers + np.array([changes.get(cell, 0) for cell in CELLS])


ONE_LATE = {("0001", "girls", 0, 0): 1}
NEWLY_KNOWN = {
    ("0001", "boys", known, eligible): change for known, change in ((1, 12), (0, -12)) for eligible in (0, 1)
}
REGRADED = {("0001", "girls", 0, 0): -1, ("0001", "girls", 0, 1): 1}


def shown(values: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Numerator and denominator of A's totals, where they are shown."""
    own = values[(values["area"] == "A") & (values["area_type"] == "municipality") & (values["status"] == "shown")]
    return {row.indicator: (row.numerator, row.denominator) for row in own.itertuples()}


def test_a_join_declared_while_one_late_pupil_waits_tells_of_nobody(publisher: Publisher) -> None:
    first = publisher.release(PLENTY, (OPEN,))
    late = moved(PLENTY, ONE_LATE)
    for _ in range(2):
        second = publisher.release(late)
        assert publisher.held == [f"{OPEN} 2024/25"]
        assert shown(second) == {WHOLE: shown(first)[WHOLE]}
        assert list(findings(second)) == []
    many = moved(late, {(code, sex, 0, 0): 9 for code in ("0001", "0002") for sex in ("boys", "girls")})
    third = publisher.release(many)
    assert publisher.held == []
    assert set(shown(third)) == {WHOLE, KNOWN, OTHERS}
    assert list(findings(third)) == []


@pytest.mark.parametrize("one", [ONE_LATE, REGRADED], ids=["late", "regraded"])
def test_what_divides_values_that_wait_waits_with_them(one: dict, publisher: Publisher) -> None:
    first = publisher.release(PLENTY)
    assert set(shown(first)) == {WHOLE, KNOWN, OTHERS}
    second = publisher.release(moved(PLENTY, {**NEWLY_KNOWN, **one}))
    assert publisher.held == [f"{OPEN} 2024/25", f"{DIVIDED} 2024/25"]
    assert shown(second) == shown(first)
    assert list(findings(second)) == []


def test_pupils_who_become_known_are_told_where_nothing_waits(publisher: Publisher) -> None:
    first = publisher.release(PLENTY)
    second = publisher.release(moved(PLENTY, NEWLY_KNOWN))
    assert publisher.held == []
    assert shown(second)[KNOWN][1] == shown(first)[KNOWN][1] + 24
    assert shown(second)[WHOLE] == shown(first)[WHOLE]
