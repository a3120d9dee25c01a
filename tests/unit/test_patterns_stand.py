"""What stands from release to release: the same data again, and one later year, change no told cell and are not solved again."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from metrics import catalogue
from metrics.protect import gate
from metrics.protect.thresholds import Thresholds
from metrics.release import records, schools, tables
from metrics.release.both_parts import Parts, both_parts, told_before
from metrics.values import Counts
from tests.attack.school_region import CELLS, LAYOUT, REGION, counted, region_with, units_frame
from tests.whole.processes import watched

YEARS, LATER = ("2022/23", "2023/24", "2024/25"), "2025/26"
POOLED = replace(LAYOUT, tables=(*LAYOUT.tables, replace(LAYOUT.tables[0], pooled=3)))
FEW = {"2022/23": 20, "2023/24": 1, "2024/25": 20, LATER: 1}


def of_years(years: tuple[str, ...], *, again: int = 0) -> Counts:
    """The region in these years, with few not eligible in some; `again`: so many pupils more in the first year."""
    frames = []
    for year in years:
        numbers = region_with(20)
        for place, ((code, _, _), sex, pattern) in enumerate(CELLS):
            if (code, sex, pattern) == ("0001", "girls", (0, 0)):
                numbers[place] = FEW[year]
        numbers[0] += again if year == years[0] else 0
        frames.append(counted(units_frame(numbers)).inner.assign(period=year))
    return replace(counted(units_frame(region_with(20))), inner=pd.concat(frames, ignore_index=True))


class Publisher:
    """Publishes counts release after release, and notes the periods that the gate solves."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.source = schools.Source(
            connection=None,  # type: ignore[arg-type]
            catalogue=catalogue.default(),
            region=REGION,
            thresholds=Thresholds(),
            records=folder,
            new=False,
        )
        self.solved: list[str] = []
        self.number, solve = 0, gate._period

        def noted(counts: Counts, period: str, *given: Any) -> Any:
            self.solved.append(period)
            return solve(counts, period, *given)

        monkeypatch.setattr(gate, "_period", noted)

    def release(self, counts: Counts) -> Parts:
        self.number += 1
        self.solved.clear()
        parts = both_parts(self.source, counts, POOLED, told_before(self.source, counts, POOLED), known=())
        records.keep(self.source.records, str(self.number), [parts.family])
        return parts


def test_untouched_years_show_exactly_the_same_cells_and_are_not_solved_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publisher = Publisher(tmp_path, monkeypatch)
    first = publisher.release(of_years(YEARS)).published.values
    assert publisher.solved == list(YEARS)
    assert {"shown", "hidden"} <= set(first["status"])
    assert "pooled" in set(first["period_kind"])

    again = publisher.release(of_years(YEARS))
    assert publisher.solved == []
    assert again.held == ()
    pd.testing.assert_frame_equal(again.published.values, first)

    later = publisher.release(of_years((*YEARS, LATER)))
    assert publisher.solved == [LATER]
    assert later.held == ()
    values = later.published.values
    assert (values["period_to"] > first["period_to"].max()).any()
    keys = list(first.columns[:14])
    before = values[values["period_to"] <= first["period_to"].max()]
    pair = [each.sort_values(keys).reset_index(drop=True) for each in (before, first)]
    pd.testing.assert_frame_equal(*pair)
    assert set(tables.changes(first, values)["school_year"]) == {LATER}

    more = publisher.release(of_years((*YEARS, LATER), again=30))
    assert publisher.solved == [YEARS[0]], "a year whose counts changed is"
    assert more.held == ()
    assert not tables.changes(values, more.published.values).empty


def test_years_are_solved_beside_each_other_in_two_processes_with_the_same_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "ProcessPoolExecutor", watched(tmp_path))
    given = {"indicators": catalogue.default().family("year9_leavers"), "region": REGION, "thresholds": Thresholds()}
    alone, both = (gate.protect(of_years(YEARS), LAYOUT, workers=workers, **given)[0] for workers in (1, 2))
    pd.testing.assert_frame_equal(alone.values, both.values)
    solving = {path.name for path in tmp_path.iterdir()}
    assert solving
    assert str(os.getpid()) not in solving
