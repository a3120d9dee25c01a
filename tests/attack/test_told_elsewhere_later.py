"""The same pupils in two families, release after release: a number that comes later tells nothing of a table that stands."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from metrics import catalogue
from metrics.layout import Layout, Table
from metrics.protect.gate import protect
from metrics.protect.joined import joined
from metrics.protect.thresholds import Thresholds
from metrics.release import making, records, schools
from metrics.release.comparisons import Source as Compared
from metrics.release.desk import Desk
from metrics.release.elsewhere import Others
from metrics.release.read import empty_table
from metrics.values import Counts, Published
from tests.attack.inner import classes, inner_row
from tests.attack.test_told_elsewhere import LEAVERS, MOVED, REGION, SAME, STEPS, follows

K = 5
LAYOUT = Layout(tables=(Table(areas="members"), Table(areas="region")))
DECLARED = catalogue.default()
NATIONAL, TOOK_PART = (DECLARED.indicators[f"activity_{n}"] for n in ("left_for_national_programme", "took_part"))


def year9(leavers: dict[str, tuple[int, ...]]) -> Counts:
    rows = [
        inner_row(number, school=member.code, **classes(**{each.name: int(each is state) for each in STEPS}))
        for member in REGION.members
        for state, number in zip(STEPS, leavers[member.name], strict=True)
    ]
    return Counts(population="year9_leavers", period_kind="school_year", inner=pd.DataFrame(rows))


def activity(kinds: dict[str, tuple[int, int, int]]) -> Counts:
    """By member: who moved, who went to a national programme, and others, all of whom took part in something."""
    held = ((1, 0, 1), (0, 1, 1), (0, 0, 1))
    names = (MOVED.name, NATIONAL.name, TOOK_PART.name)
    rows = [
        inner_row(
            number, home=member.code, period="2025/26", stage="all", **classes(**dict(zip(names, each, strict=True)))
        )
        for member in REGION.members
        for each, number in zip(held, kinds[member.name], strict=True)
        if number
    ]
    return Counts(population="activity_responsibility", period_kind="school_year", inner=pd.DataFrame(rows))


MANY = {name: (moved, 40, 60) for name, moved in SAME.items()}


class Publisher:
    """Publishes what is counted, release after release, as making a release does."""

    def __init__(self, folder: Path) -> None:
        self.desk = Desk(vault=None, data=folder, catalogue=DECLARED, region=REGION)  # type: ignore[arg-type]
        self.released = 0

    def release(self, *families: Counts) -> Published:
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
        given = {"official": None, "told": told, "comparing": compared, "stands": None}
        for counts in families:
            making._protect(done, None, desk, counts, **given)  # type: ignore[arg-type]
        self.released += 1
        self.held = done.held
        records.keep(desk.records, str(self.released), done.families)
        return joined(done.parts)


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    monkeypatch.setattr(making, "layout_of", lambda _: LAYOUT)
    monkeypatch.setattr(making, "only", lambda *_, **__: contextlib.nullcontext())
    monkeypatch.setattr(making, "known_rows", lambda *_, **__: [])
    monkeypatch.setattr(making.comparisons, "prepare", lambda *_, **__: making.comparisons.Prepared())
    return Publisher(tmp_path)


def found(*releases: Published) -> dict[str, float]:
    """What follows of year 9 for somebody who has kept every release, whichever told a number of moved."""
    values = pd.concat([each.values for each in releases], ignore_index=True)
    own = values[values["indicator"].isin([each.name for each in STEPS])]
    last = own.sort_values("status", key=lambda each: each == "shown").drop_duplicates(
        ["area", "indicator"], keep="last"
    )
    told = values[(values["indicator"] == MOVED.name) & (values["status"] == "shown")].drop_duplicates("area")
    return follows(last.set_index(["area", "indicator"]), Published(values=told))


def moved_shown(published: Published) -> set[str]:
    rows = published.values
    return set(rows.loc[(rows["indicator"] == MOVED.name) & (rows["status"] == "shown"), "area"])


def test_a_number_of_moved_that_comes_after_year_9_was_told_is_not_told(publisher: Publisher) -> None:
    first = publisher.release(year9(LEAVERS))
    second = publisher.release(activity(MANY), year9(LEAVERS))
    assert publisher.held == []
    assert found(first, second) == {}
    assert moved_shown(second) == set()
    third = publisher.release(activity(MANY), year9(LEAVERS))
    assert moved_shown(third) == set()
    assert (second.values["indicator"] == NATIONAL.name).any()


def test_the_release_of_before_told_it(publisher: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: nobody asks what stands."""
    monkeypatch.setattr(Others, "beside", lambda self, *_: self)
    first = publisher.release(year9(LEAVERS))
    assert found(first, publisher.release(activity(MANY), year9(LEAVERS)))["A"] == LEAVERS["A"][-1] < K


def test_what_was_known_when_year_9_was_solved_is_told_as_before(publisher: Publisher) -> None:
    first = publisher.release(activity(MANY), year9(LEAVERS))
    second = publisher.release(activity(MANY), year9(LEAVERS))
    assert moved_shown(first) == moved_shown(second) == {"A", "B", "C", "D", "Fyra"}
    assert found(first, second) == {}


def test_where_nothing_is_hidden_a_later_number_is_told(publisher: Publisher) -> None:
    publisher.release(year9(LEAVERS | {"A": (200, 12, 8, 30)}))
    second = publisher.release(activity(MANY), year9(LEAVERS | {"A": (200, 12, 8, 30)}))
    assert moved_shown(second) == {"A", "B", "C", "D", "Fyra"}


def test_a_corrected_number_of_moved_that_agrees_for_the_first_time_is_not_told(publisher: Publisher) -> None:
    """First the other family said many more of A, B and C, which told little; corrected, they give year 9's own."""
    other = MANY | {"A": (29, 40, 60), "B": (34, 40, 60), "C": (33, 40, 60)}
    first = publisher.release(activity(other), year9(LEAVERS))
    assert {"A", "B", "C"} <= moved_shown(first)
    second = publisher.release(activity(MANY), year9(LEAVERS))
    assert publisher.held == []
    assert found(second) == {}
    assert moved_shown(second) == set()


ONLY_MOVED = {"A": (26, 0, 4), "B": (12, 40, 60), "C": (14, 40, 60), "D": (16, 40, 60)}
"""Nobody of A went to a national programme: of its thirty, those who did not move are four."""


def width(values: pd.DataFrame) -> float:
    """What is left open of A's number on a national programme, by area and kind, with year 9's number of moved."""
    areas = [member.name for member in REGION.members]
    inside = {name: np.repeat([name in (area, REGION.name) for area in areas], 3) for name in (*areas, REGION.name)}
    kind = {MOVED.name: np.tile([1, 0, 0], 4), NATIONAL.name: np.tile([0, 1, 0], 4), TOOK_PART.name: np.ones(12)}
    inside[REGION.name] = np.ones(12, bool)
    told = [(inside["A"] * kind[MOVED.name], 26.0)]
    for row in values[values["status"] == "shown"].itertuples():
        rows = inside[row.area]
        told += [(rows.astype(float), row.denominator), (rows * kind[row.indicator], row.numerator)]
    stated = {"A_eq": np.array([each for each, _ in told]), "b_eq": [number for _, number in told], "method": "highs"}
    asked = (inside["A"] * kind[NATIONAL.name]).astype(float)
    low, high = (linprog(sign * asked, **stated) for sign in (1, -1))
    return np.inf if high.status == 3 else -high.fun - low.fun


def test_what_the_activity_responsibility_protects_does_not_rest_on_moved_that_year_9_tells(
    publisher: Publisher,
) -> None:
    assert width(publisher.release(activity(ONLY_MOVED)).values) >= K - 1e-3


def test_by_itself_it_did() -> None:
    """Planted: protected as if nobody knew how many of year 9 had moved."""
    counts = activity(ONLY_MOVED)
    alone = [replace(each, official=()) for each in (MOVED, NATIONAL, TOOK_PART)]
    values = protect(counts, LAYOUT, indicators=alone, region=REGION, thresholds=Thresholds())[0].values
    assert width(values) < K - 1e-3
