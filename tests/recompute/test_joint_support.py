"""Coordinated plans, survey answers and support from both sides, recomputed with pandas from the definitions."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from metrics import engine, stats
from metrics.catalogue import default
from metrics.compute import compute
from metrics.indicators.coordinated_plans import FOLLOW_UP_DAYS
from metrics.vocabulary import GR
from tests.recompute.random_rows import region_of_schools, rows_by_pupil, stored
from tests.spec.example_database import database

SEEN_TO = date(2025, 6, 30)
SEEDS = (81, 82)
Row = dict[str, object]


def plans(seed: int) -> list[Row]:
    random = np.random.default_rng(seed)
    rows: dict[tuple[str, date], Row] = {}
    for child in range(250):
        for _ in range(1 + int(random.random() < 0.3)):
            made = date(2023, 1, 1) + timedelta(days=int(random.integers(0, 880)))
            followed = made + timedelta(days=int(random.choice([30, 182, 183, 300])))
            ended = made + timedelta(days=int(random.choice([20, 100, 400])))
            rows[f"c{child}", made] = {
                "child": f"c{child}",
                "municipality": random.choice(["1419", "1440"]),
                "plan_date": made,
                "initiator": random.choice([None, "school", "health_care"]),
                "school_took_part": random.choice([None, True, False]),
                "child_took_part": random.choice([None, True, False]),
                "followed_up": followed if followed <= SEEN_TO and random.random() < 0.7 else None,
                "ended": ended if ended <= SEEN_TO and random.random() < 0.4 else None,
                "observed_to": SEEN_TO,
            }
    return list(rows.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_plans_agree_with_the_definition(seed: int) -> None:
    rows = plans(seed)
    connection = database({}, reading="coordinated_plans")
    stored(connection, "coordinated_plan", rows)
    table = pd.DataFrame(rows, dtype=object).sort_values(["plan_date", "municipality"])
    table["year"] = [str(day.year) for day in table["plan_date"]]
    first = table.drop_duplicates(["child", "year"])
    expected: dict[str, dict] = {
        name: {} for name in ("initiated_by_school", "with_school", "with_child", "followed_up_within_6_months")
    }
    for row in first.to_dict("records"):
        key, limit = (row["child"], row["year"]), row["plan_date"] + timedelta(days=FOLLOW_UP_DAYS)
        for name, known, has in (
            ("initiated_by_school", row["initiator"] is not None, row["initiator"] == "school"),
            ("with_school", row["school_took_part"] is not None, row["school_took_part"] is True),
            ("with_child", row["child_took_part"] is not None, row["child_took_part"] is True),
        ):
            expected[name][key] = (float(known and has), float(known))
        inside = limit <= SEEN_TO
        back = row["followed_up"]
        met = inside and back is not None and back <= limit and (row["ended"] is None or back <= row["ended"])
        expected["followed_up_within_6_months"][key] = (float(met), float(inside))
    for name, wanted in expected.items():
        assert len(set(wanted.values())) == 3
        assert rows_by_pupil(connection, f"plan_{name}") == wanted, name
    assert len(first) == len(set(zip(first["child"], first["year"], strict=True))) < len(rows)
    found = engine.frame(connection, default().indicators["plan_followed_up_within_6_months"].sql)
    inside = found[found["denominator"] == 1]
    curve = stats.cumulative_incidence(
        inside["time"].to_numpy(dtype=float), inside["event"].to_numpy(dtype=int), np.array([float(FOLLOW_UP_DAYS)])
    )
    assert curve[0, 0] == pytest.approx(inside["numerator"].mean(), abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_answers_agree_with_the_definition(seed: int) -> None:
    random, schools = np.random.default_rng(seed), region_of_schools(seed)
    said = [None, "agree_fully", "agree_mostly", "disagree_mostly", "disagree_fully", "unknown"]
    rows: list[Row] = [
        {
            "school_unit": school["school_unit"],
            "school_year": "2024/25",
            "answer": number,
            "stage": random.choice(["4-6", "7-9"]),
            "feels_safe": random.choice(said),
            "study_peace": random.choice(said),
        }
        for school in schools
        for number in range(1, 30)
    ]
    connection = database({}, reading="survey_answers")
    stored(connection, "school_units", schools)
    stored(connection, "school_survey", rows)
    places = {each["school_unit"]: each for each in schools}
    table = pd.DataFrame(rows).assign(code=[places[row["school_unit"]]["municipality"] for row in rows])
    for name in ("feels_safe", "study_peace"):
        counted = table[table[name].notna() & (table[name] != "unknown")]
        agree = counted[name].isin(["agree_fully", "agree_mostly"]).groupby([counted["code"], counted["stage"]])
        wanted = {key: (int(part.sum()), len(part)) for key, part in agree}
        found = engine.frame(connection, default().indicators[name].sql)
        assert len(found) == found["contributors"].nunique() == len(rows)
        sums = found.groupby(["school_municipality", "stage"])[["numerator", "denominator"]].sum()
        assert {key: tuple(map(int, row)) for key, row in zip(sums.index, sums.to_numpy(), strict=True)} == wanted


@pytest.mark.parametrize("seed", SEEDS)
def test_support_from_both_agrees_with_the_definition(seed: int) -> None:
    """Interventions around the school year's first and last day, in a municipality inside the join and one outside."""
    random = np.random.default_rng(seed)
    facts, chain, pairs = [], [], []
    days = (date(2023, 6, 30), date(2023, 7, 1), date(2024, 6, 30), date(2024, 7, 1))
    expected = {}
    for number in range(300):
        code = "1419" if number % 3 else "1440"
        support = bool(random.random() < 0.7)
        facts.append(
            {"pupil": f"p{number}", "school_year": "2023/24", "home_municipality": code, "special_support": support}
        )
        start, end = random.choice(days), random.choice([*days, None])
        if end is not None and end < start:
            start, end = end, start
        joined = code == "1419" and random.random() < 0.8
        chain.append(
            {
                "child": f"c{number}",
                "municipality": code,
                "report_date": date(2023, 1, 10),
                "intervention_start": start,
                "intervention_end": end,
                "observed_to": SEEN_TO,
            }
        )
        if joined:
            pairs.append((f"p{number}", f"c{number}"))
        ongoing = joined and start <= date(2024, 6, 30) and (end is None or end >= date(2023, 7, 1))
        if support:
            expected[f"p{number}", "2023/24"] = (float(ongoing), float(code == "1419"))
    connection = database({}, reading="special_support_pupils")
    stored(connection, "background", facts)
    stored(connection, "support_chain", chain)
    connection.executemany("INSERT INTO declared_join VALUES (?, ?)", pairs)
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(connection, "special_support_with_intervention") == expected


def test_a_member_may_count_support_from_both_by_itself() -> None:
    """Without a join nobody is counted; a member's own two numbers are taken as they are, and only for it."""
    row = {
        "population": "special_support_pupils",
        "period": "2023/24",
        "period_kind": "school_year",
        "perspective": "home_municipality",
        "home_municipality": "1419",
        "indicator": "special_support_with_intervention",
        "contributors": 60,
        "numerator": 14.0,
        "denominator": 60.0,
    }
    connection = database({})
    fact = {"school_year": "2023/24", "home_municipality": "1440", "special_support": True}
    stored(connection, "background", [fact | {"pupil": f"p{number}"} for number in range(20)])
    stored(connection, "aggregated_counts", [row])
    counts = compute(connection, default(), "special_support_pupils", region=GR)
    inner = counts.inner
    assert counts.not_comparable.to_numpy().tolist() == [["2023/24", "1440", "special_support_with_intervention"]]
    inside = inner[inner["special_support_with_intervention__denominator"] > 0]
    assert set(inside["home_municipality"]) == {"1419"}
    outcome = inside["special_support_with_intervention__numerator"] > 0
    assert (inside["contributors"].sum(), inside.loc[outcome, "contributors"].sum()) == (60, 14)
