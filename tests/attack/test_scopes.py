"""All who start are those on national programmes and those on introductory ones: what two of them show tells the third."""

from itertools import permutations
from pathlib import Path

import pandas as pd
import pytest

from metrics import catalogue
from metrics.release import read

K = 5
ROOT = Path(__file__).resolve().parents[2]
KEYS = ["period_kind", "school_year", "area_type", "area", "perspective", "provider", "model", "sex", "background"]
SCOPES = ("all", "national", "introductory")
NAMES = {years: [f"diploma_within_{years}_years_{scope}" for scope in SCOPES] for years in (3, 4, 5)}


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    found = read.load(ROOT / "data" / "demo").values.values
    names = [name for each in NAMES.values() for name in each]
    return found[(found["series"] == "own") & found["indicator"].isin(names)]


def followed(values: pd.DataFrame) -> pd.DataFrame:
    """Hidden numbers that two shown ones give: years, which scope, KEYS, numerator and denominator."""
    parts = []
    for years, names in NAMES.items():
        tables = [values[values["indicator"] == name].set_index(KEYS) for name in names]
        counts = {
            scope: table[["status", "numerator", "denominator"]].add_prefix(f"{scope}__")
            for scope, table in zip(SCOPES, tables, strict=True)
        }
        beside = pd.concat(counts.values(), axis="columns", join="inner")
        for scope, *others in {each[0]: each for each in permutations(SCOPES)}.values():
            told = (beside[[f"{each}__status" for each in others]] == "shown").all(axis="columns")
            asked = beside[told & (beside[f"{scope}__status"] == "hidden")]
            sign = {each: (1 if scope == "all" or each == "all" else -1) for each in others}
            sums = {
                part: sum(sign[each] * asked[f"{each}__{part}"] for each in others)
                for part in ("numerator", "denominator")
            }
            parts.append(pd.DataFrame(sums, index=asked.index).assign(years=years, scope=scope).reset_index())
    return pd.concat(parts, ignore_index=True)


def leaks(values: pd.DataFrame) -> pd.DataFrame:
    """Of what follows, groups or remainders of fewer than k, and groups in which nobody has a diploma."""
    found = followed(values)
    rest = found["denominator"] - found["numerator"]
    few = found["denominator"].between(1, K - 1) | rest.between(1, K - 1)
    return found[few | ((found["numerator"] == 0) & (found["denominator"] > 0))]


def test_nothing_that_is_hidden_follows_from_the_other_two_scopes(values: pd.DataFrame) -> None:
    found = leaks(values)
    assert found.empty, f"{len(found)} follow, of {found['years'].unique()} years"


@pytest.mark.parametrize("name", NAMES[3])
def test_a_hidden_number_beside_two_shown_is_found(values: pd.DataFrame, name: str) -> None:
    """Planted: one number of few without a diploma, or of nobody with one, is hidden while the other two stand."""
    shown = values[values["status"] == "shown"]
    threes = shown[shown["indicator"].isin(NAMES[3])].groupby(KEYS)["indicator"].transform("nunique") == 3
    place = shown.loc[threes[threes].index].query("indicator == @name").index[0]
    planted = values.copy()
    planted.loc[place, "status"] = "hidden"
    before, after = len(followed(values)), len(followed(planted))
    assert after == before + 1
    nobody = planted.loc[place, "numerator"] == 0
    assert len(leaks(planted)) == len(leaks(values)) + int(nobody)


def test_the_scopes_are_those_that_are_declared() -> None:
    declared = {name for name in catalogue.default().indicators if name.startswith("diploma_within_")}
    assert declared == {name for names in NAMES.values() for name in names}
