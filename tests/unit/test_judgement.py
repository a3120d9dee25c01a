"""Verdicts and trends as rules over small tables."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from metrics import stats
from metrics.judgement import is_incomplete, judge
from metrics.release.read import TABLES
from metrics.values import LONG_COLUMNS, Published, Status


@dataclass(frozen=True, kw_only=True)
class Meaning:
    unit: str = "share"
    polarity: str = "higher_is_better"
    breaks: dict[str, str] = field(default_factory=dict)


def row(area: str, spring: int, numerator: float, denominator: float, **other: object) -> dict[str, object]:
    low, high = stats.wilson_interval(numerator, denominator)
    base: dict[str, object] = dict.fromkeys(LONG_COLUMNS, "all") | {
        "indicator": "passed",
        "series": "own",
        "area_type": "municipality",
        "area": area,
        "perspective": "school_municipality",
        "period_kind": "school_year",
        "period_from": f"{spring - 1}-07-01",
        "period_to": f"{spring}-06-30",
        "school_year": f"{spring - 1}/{spring % 100:02d}",
        "numerator": numerator,
        "denominator": denominator,
        "value": numerator / denominator * 100,
        "low": low * 100,
        "high": high * 100,
        "status": "shown",
        "mark": "",
        "definition_version": 1,
    }
    return base | other


def hidden(shown: dict[str, object], status: Status = Status.HIDDEN) -> dict[str, object]:
    return shown | dict.fromkeys(("numerator", "denominator", "value", "low", "high"), np.nan) | {"status": status}


def region(members: dict[str, tuple[int, int]], spring: int = 2025, name: str = "GR") -> list[dict[str, object]]:
    """Rows of the members, the region and the rest of the region for one year."""
    top, bottom = (sum(pair[side] for pair in members.values()) for side in (0, 1))
    rows = [row(name, spring, top, bottom, area_type="region")]
    for area, (numerator, denominator) in members.items():
        rows.append(row(area, spring, numerator, denominator))
        rows.append(row(area, spring, top - numerator, bottom - denominator, area_type="rest_of_region"))
    return rows


def published(rows: list[dict[str, object]]) -> Published:
    return Published(values=pd.DataFrame(rows, columns=list(LONG_COLUMNS)))


def verdict_of(found: pd.DataFrame, area: str, benchmark: str = "rest_of_region") -> str:
    (one,) = found[(found["area"] == area) & (found["benchmark"] == benchmark)]["verdict"]
    return str(one)


THREE = {"Ale": (300, 500), "Lerum": (430, 500), "Tjörn": (120, 150)}


def test_tables_have_the_columns_of_the_release() -> None:
    verdicts, trends = judge(published(region(THREE)), {"passed": Meaning()})
    assert tuple(verdicts.columns) == TABLES["verdicts"]
    assert tuple(trends.columns) == TABLES["trends"]


def test_without_rows_of_the_rest_it_is_the_region_less_the_member() -> None:
    rows = [each for spring in (2024, 2025) for each in region(THREE, spring)]
    bare = [each for each in rows if each["area_type"] != "rest_of_region"]
    whole, found = (judge(published(each), {"passed": Meaning()})[0] for each in (rows, bare))
    pd.testing.assert_frame_equal(found, whole)
    unseen = [hidden(each) if each["area"] == "Ale" else each for each in bare]
    assert "Ale" not in set(judge(published(unseen), {"passed": Meaning()})[0]["area"])
    unseen = [hidden(each) if each["area"] == "GR" else each for each in bare]
    assert judge(published(unseen), {"passed": Meaning()})[0].empty
    partly = [each | {"area": "GR, 3 av 4"} if each["area"] == "GR" else each for each in bare]
    assert judge(published(partly), {"passed": Meaning()})[0].empty


def test_an_empty_release_has_no_verdicts_and_no_trends() -> None:
    verdicts, trends = judge(published([]), {"passed": Meaning()})
    assert verdicts.empty
    assert trends.empty
    assert tuple(verdicts.columns) == TABLES["verdicts"]


@pytest.mark.parametrize(
    ("polarity", "low", "high"),
    [
        ("higher_is_better", "much_worse", "much_better"),
        ("lower_is_better", "much_better", "much_worse"),
        ("no_judgement", "much_lower", "much_higher"),
    ],
)
def test_the_word_follows_polarity(polarity: str, low: str, high: str) -> None:
    verdicts, _ = judge(published(region(THREE)), {"passed": Meaning(polarity=polarity)})
    assert verdict_of(verdicts, "Ale") == low
    assert verdict_of(verdicts, "Lerum") == high
    assert verdict_of(verdicts, "Tjörn") == "not_distinguishable"


def test_against_the_rest_the_difference_is_newcombes_in_points() -> None:
    verdicts, _ = judge(published(region(THREE)), {"passed": Meaning()})
    ale = verdicts[(verdicts["area"] == "Ale") & (verdicts["benchmark"] == "rest_of_region")].iloc[0]
    low, high = stats.newcombe_difference(300, 500, 430 + 120, 500 + 150)
    assert ale["difference"] == pytest.approx(60 - 100 * 550 / 650)
    assert (ale["low"], ale["high"]) == pytest.approx((100 * low, 100 * high))
    assert ale["benchmark_value"] == pytest.approx(100 * 550 / 650)


def test_against_the_whole_region_a_member_is_never_tested_against_itself() -> None:
    verdicts, _ = judge(published(region(THREE)), {"passed": Meaning()})
    whole = verdicts[verdicts["benchmark"] == "region"].set_index("area")
    rest = verdicts[verdicts["benchmark"] == "rest_of_region"].set_index("area")
    assert whole.loc["Ale", "difference"] == pytest.approx(60 - 100 * 850 / 1150)
    assert whole.loc["Ale", "low"] == pytest.approx(rest.loc["Ale", "low"] * (1 - 500 / 1150))
    assert list(whole["verdict"]) == list(rest["verdict"])


def test_hidden_member_or_hidden_benchmark_gives_no_verdict() -> None:
    rows = region(THREE)
    rows = [hidden(each) if (each["area"], each["area_type"]) == ("Ale", "municipality") else each for each in rows]
    rows = [hidden(each) if (each["area"], each["area_type"]) == ("Lerum", "rest_of_region") else each for each in rows]
    verdicts, _ = judge(published(rows), {"passed": Meaning()})
    assert set(verdicts["area"]) == {"Tjörn"}


def test_no_verdict_and_no_trend_against_an_incomplete_region() -> None:
    rows = [each for spring in range(2019, 2026) for each in region(THREE, spring, "GR, 11 av 13")]
    verdicts, trends = judge(published(rows), {"passed": Meaning()})
    assert verdicts.empty
    assert set(trends["area"]) == set(THREE)


def test_a_nation_without_printed_denominator_is_taken_to_be_as_large_as_the_members() -> None:
    nation = row("Riket", 2025, 80, 100, area_type="nation", series="official") | {
        "numerator": np.nan,
        "denominator": np.nan,
        "value": 80.0,
        "low": np.nan,
        "high": np.nan,
    }
    verdicts, _ = judge(published([*region(THREE), nation]), {"passed": Meaning()})
    ale = verdicts[(verdicts["area"] == "Ale") & (verdicts["benchmark"] == "nation")].iloc[0]
    low, high = stats.newcombe_difference(300, 500, 0.8 * 1150, 1150)
    assert (ale["low"], ale["high"]) == pytest.approx((100 * low, 100 * high))


def test_a_member_is_compared_with_its_own_peer_group() -> None:
    peers = [
        row(area, 2025, int(10 * value), 1000, area_type="peer_group", series="official") | {"numerator": np.nan}
        for area, value in (("Ale", 80.0), ("Lerum", 60.0))
    ]
    verdicts, _ = judge(published([*region(THREE), *peers]), {"passed": Meaning()})
    found = verdicts[verdicts["benchmark"] == "peers"].set_index("area")
    assert dict(found["benchmark_value"]) == {"Ale": 80.0, "Lerum": 60.0}
    low, high = stats.newcombe_difference(300, 500, 800, 1000)
    assert (found.loc["Ale", "low"], found.loc["Ale", "high"]) == pytest.approx((100 * low, 100 * high))


def test_the_nation_of_another_provider_is_never_the_benchmark() -> None:
    nation = row("Riket", 2025, 80, 100, area_type="nation", series="official", provider="municipal")
    verdicts, _ = judge(published([*region(THREE), nation]), {"passed": Meaning()})
    assert "nation" not in set(verdicts["benchmark"])


def test_years_with_shocks_of_their_own_widen_the_interval() -> None:
    shocks = [0, 40, -40, 40, -40]
    rows = [
        each
        for shock, spring in zip(shocks, range(2021, 2026), strict=True)
        for each in region({"Ale": (375 + shock, 500), "Lerum": (400, 500), "Tjörn": (400, 500)}, spring)
    ]
    verdicts, _ = judge(published(rows), {"passed": Meaning()})
    ale = verdicts[(verdicts["area"] == "Ale") & (verdicts["benchmark"] == "rest_of_region")].set_index("school_year")
    low, high = stats.newcombe_difference(335, 500, 800, 1000)
    assert ale.loc["2024/25", "high"] - ale.loc["2024/25", "low"] > 100 * (high - low)
    assert ale.loc["2024/25", "verdict"] in ("worse", "not_distinguishable")


def test_many_comparisons_are_controlled_together() -> None:
    """One p of 0.03 stands alone, but not among 19 others without a difference (0.03 > 0.05 / 20 by Benjamini-Hochberg)."""
    alone = region({"Ale": (364, 500), "Lerum": (780, 1000)})
    names = {"passed": Meaning()} | {f"other_{number}": Meaning() for number in range(19)}
    others = [
        each | {"indicator": name}
        for name in list(names)[1:]
        for each in region({"Ale": (400, 500), "Lerum": (800, 1000)})
    ]
    single, _ = judge(published(alone), names)
    among, _ = judge(published([*alone, *others]), names)
    assert 0.01 < stats.benchmark_p_value(364, 500, 780, 1000) < 0.05
    assert verdict_of(single, "Ale") == "worse"
    assert verdict_of(among[among["indicator"] == "passed"], "Ale") == "not_distinguishable"


def mean_row(area: str, spring: int, value: float, half: float, **other: object) -> dict[str, object]:
    shown = row(area, spring, 1, 1, **other)
    return shown | {
        "numerator": value * 100,
        "denominator": 100.0,
        "value": value,
        "low": value - half,
        "high": value + half,
    }


def test_means_are_compared_only_where_the_release_carries_their_intervals() -> None:
    def rows(half: float) -> list[dict[str, object]]:
        return [
            mean_row("GR", 2025, 230, half, area_type="region"),
            mean_row("Ale", 2025, 200, half),
            mean_row("Ale", 2025, 240, half, area_type="rest_of_region"),
        ]

    told, _ = judge(published(rows(5.0)), {"passed": Meaning(unit="mean")})
    untold, _ = judge(published(rows(float("nan"))), {"passed": Meaning(unit="mean")})
    assert verdict_of(told, "Ale") == "much_worse"
    assert untold.empty


def series(tops: list[int], **meaning: object) -> pd.DataFrame:
    rows = [row("Ale", 2026 - len(tops) + place, top, 500) for place, top in enumerate(tops)]
    return judge(published(rows), {"passed": Meaning(**meaning)})[1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tops", "word"),
    [
        ([300, 320, 345, 370, 395], "rising"),
        ([395, 370, 345, 320, 300], "falling"),
        ([350, 352, 349, 351, 350], "none"),
        ([300, 340, 380, 420], "too_few"),
    ],
)
def test_trend_words(tops: list[int], word: str) -> None:
    (found,) = series(tops)["trend"]
    assert found == word


def test_slope_is_in_points_per_year() -> None:
    (slope,) = series([300, 325, 350, 375, 400])["slope"]
    assert slope == pytest.approx(100 * 25 / 500)


def test_a_declared_break_stops_the_trend_until_five_points_have_passed() -> None:
    tops = [300, 320, 345, 370, 395]
    assert list(series(tops, breaks={"2022/23": "Nya betyg."})["trend"]) == ["stopped"]
    assert list(series(tops, breaks={"2020/21": "Nya betyg."})["trend"]) == ["rising"]


def test_a_hidden_year_inside_the_newest_five_stops_nothing_but_counts_from_there() -> None:
    rows = [row("Ale", spring, 300 + 20 * (spring - 2019), 500) for spring in range(2019, 2026)]
    rows[-3] = hidden(rows[-3])
    _, trends = judge(published(rows), {"passed": Meaning()})
    assert list(trends["trend"]) == ["too_few"]
    assert list(trends["points"]) == [2]


def test_no_trend_when_the_newest_year_is_hidden_but_a_year_not_yet_observable_is_left_out() -> None:
    rows = [row("Ale", spring, 300 + 20 * (spring - 2019), 500) for spring in range(2019, 2026)]
    late = [*rows[:-1], hidden(rows[-1], Status.NOT_YET_OBSERVABLE)]
    assert judge(published([*rows[:-1], hidden(rows[-1])]), {"passed": Meaning()})[1].empty
    assert list(judge(published(late), {"passed": Meaning()})[1]["school_year"]) == ["2023/24"]


def test_a_ratio_of_minutes_is_never_judged_as_if_minutes_were_pupils() -> None:
    """Such values are published without an interval; millions of minutes would make any difference look certain."""
    bare: dict[str, object] = {"low": np.nan, "high": np.nan}
    rows = [each | bare for spring in range(2021, 2026) for each in region(THREE, spring)]
    verdicts, trends = judge(published(rows), {"passed": Meaning()})
    assert verdicts.empty
    assert trends.empty


@pytest.mark.parametrize(("area", "said"), [("GR", False), ("GR, 11 av 13", True), ("Ale", False)])
def test_incomplete_regions_are_known_by_name(area: str, said: bool) -> None:
    assert is_incomplete(area) is said
