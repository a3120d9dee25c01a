"""The two real exports, when they lie beside the checkout: the country's figures out of a loaded and published file."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from metrics import cli

FILES = Path(__file__).resolve().parents[3] / "shared" / "data" / "skolverket"
PUBLISHED = {
    "2024/25": 84.1,
    "2023/24": 83.7,
    "2022/23": 85.2,
    "2021/22": 85.0,
    "2020/21": 86.2,
    "2019/20": 85.6,
    "2017/18": 84.4,
    "2016/17": 82.5,
    "2015/16": 83.1,
}
"""Published eligibility of the nation (vocational programmes), Skolverket."""


@pytest.mark.skipif(not FILES.exists(), reason="the real exports do not lie beside the checkout")
@pytest.mark.parametrize("newest_first", [True, False])
def test_the_country_out_of_its_municipalities(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, newest_first: bool
) -> None:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    files = sorted([*FILES.glob("*.csv"), *FILES.glob("*.xlsx")], key=lambda path: path.suffix, reverse=newest_first)
    for path in files:
        assert cli.main(["load", str(path), "--sender", "Skolverket"]) == 0
    assert cli.main(["publish", "--note", "Officiell statistik"]) == 0
    target = tmp_path / "export.csv"
    assert cli.main(["export", "--official", "--indicator", "eligibility_vocational", "--to", str(target)]) == 0
    rows = pd.read_csv(target, sep=";", decimal=",", encoding="utf-8-sig")
    rows = rows[rows["sex"] == "all"]
    nation = rows[rows["area"] == "Riket"].set_index("school_year")
    assert nation["mark"].str.startswith("beräknat").all()
    for year, value in PUBLISHED.items():
        assert nation.loc[year, "value"] == pytest.approx(value, abs=0.06)
    region = rows[(rows["area"] == "GR") & (rows["school_year"] == "2024/25")].iloc[0]
    assert round(region["value"], 1) == 84.2
    assert region["denominator"] == 12881
    assert set(rows["provider"]) == {"all"}
    assert len(rows[(rows["area_type"] == "municipality") & (rows["school_year"] == "2024/25")]) == 290
