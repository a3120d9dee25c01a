"""Published examples that lie beside the checkout: a fixed cohort's share until somebody is lost to follow-up."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from metrics import stats

AML = Path(__file__).parents[3] / "shared" / "cases" / "aml.csv"


@pytest.mark.skipif(not AML.exists(), reason="the published example lies beside the checkout")
@pytest.mark.parametrize("group", ["Maintained", "Nonmaintained"])
def test_an_example_is_the_share_until_somebody_is_lost_and_not_after(group: str) -> None:
    lines = AML.read_text(encoding="utf-8").splitlines()
    rows = [row for row in csv.DictReader(lines) if row["x"] == group]
    time = np.array([float(row["time"]) for row in rows])
    event = np.array([int(row["status"]) for row in rows])
    lost = time[event == 0].min()
    whole = [day for day in np.unique(time[event == 1]) if day < lost]
    assert len(whole) >= 1
    curve = stats.cumulative_incidence(time, event, np.array([*whole, time.max()]))[:, 0]
    assert curve[:-1].tolist() == pytest.approx([float((time <= day).mean()) for day in whole], abs=1e-12)
    assert curve[-1] > ((time <= time.max()) & (event == 1)).mean() + 0.01
