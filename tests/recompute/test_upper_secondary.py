"""Upper secondary recomputed pupil by pupil: starts, completion, the step after year 9, and the years after."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import numpy as np
import pytest

from metrics import catalogue, engine, stats
from metrics.indicators.completion import RESULTS, SCOPES, YEARS, YEARS_TO_NATIONAL
from tests.recompute.random_rows import MUNICIPALITIES, region_of_schools, rows_by_pupil, settled, stored
from tests.spec.example_database import database

LAST_AUTUMN, LAST_DIPLOMAS, LAST_STATUS = 2023, 2023, 2023
TYPES = {
    "NA": "national",
    "BFPED": "national",
    "IBDIP": "ib",
    "IMV": "choice",
    "IMY": "vocational",
    "IMA": "individual",
    "IMS": "language",
    "AHADM": "adapted",
}
WORK = ("working", "studying", "working_and_studying")

Row = dict[str, object]
Life = dict[str, object]
World = tuple[engine.Connection, dict[str, Life]]


def label(spring: int) -> str:
    return f"{spring - 1}/{spring % 100:02d}"


def lives(seed: int, schools: list[Row], number: int = 500) -> dict[str, Life]:
    """A made-up life per pupil: year 9, programmes per autumn, outcomes with dates, statuses per year."""
    random = np.random.default_rng(seed)
    found: dict[str, Life] = {}
    for each in range(number):
        first = int(random.integers(2014, 2023))
        home = str(random.choice(MUNICIPALITIES))
        starts = str(random.choice(list(TYPES), p=[0.35, 0.2, 0.05, 0.1, 0.1, 0.1, 0.05, 0.05]))
        autumns: dict[int, tuple[str, int]] = {}
        programme, year = starts, 1
        for autumn in range(first, min(first + int(random.integers(0, 7)), LAST_AUTUMN + 1)):
            autumns[autumn] = (programme, year)
            if programme.startswith("IM") and random.random() < 0.4:
                programme, year = "NA", 1
            elif random.random() < 0.9:
                year = min(year + 1, 3)
        end = max(autumns, default=first) + 1
        outcomes = []
        if end <= LAST_DIPLOMAS:
            kinds = ["diploma_vocational", "diploma_preparatory", "certificate_2500", "certificate_less", "left"]
            kind = str(random.choice([*kinds, "nothing"], p=[0.3, 0.3, 0.1, 0.1, 0.1, 0.1]))
            if kind != "nothing":
                outcomes.append((date(end, int(random.choice([2, 6, 8])), 10), kind))
            if kind == "certificate_2500" and random.random() < 0.5 and end + 1 <= LAST_DIPLOMAS:
                outcomes.append((date(end + 1, 6, 10), "diploma_vocational"))
        statuses = {
            y: str(random.choice([*WORK, "neither", "not_resident"]))
            for y in range(end, LAST_STATUS + 1)
            if random.random() < 0.85
        }
        found[f"p{each}"] = {
            "home": home,
            "school": random.choice([s["school_unit"] for s in schools if s["provider"] == "municipal"]),
            "year9": first,
            "goal_related": random.random() < 0.9,
            "number": random.random() < 0.93,
            "autumns": autumns,
            "outcomes": outcomes,
            "statuses": statuses,
            "kaa": None if autumns or random.random() < 0.5 else bool(random.random() < 0.3),
        }
    return found | last_diplomas(schools)


def last_diplomas(schools: list[Row]) -> dict[str, Life]:
    """One pupil per school with a diploma in the last spring, so that every school's deliveries reach that far."""
    nothing = {"year9": 2010, "goal_related": False, "number": True, "autumns": {}, "statuses": {}, "kaa": None}
    diploma = [(date(LAST_DIPLOMAS, 6, 10), "diploma_vocational")]
    return {
        f"f{place}": nothing | {"home": "1419", "school": each["school_unit"], "outcomes": diploma}
        for place, each in enumerate(schools)
    }


def rows_of(people: dict[str, Life]) -> dict[str, list[Row]]:
    """The extracts' rows for these lives; each sixth pupil changes pseudonym after year 9."""
    rows: dict[str, list[Row]] = defaultdict(list)
    for place, (pupil, life) in enumerate(people.items()):
        before = f"old-{pupil}" if place % 6 == 0 else pupil
        if before != pupil:
            rows["pupil_alias"].append({"old_pupil": before, "pupil": pupil})
        common = {"school_unit": life["school"], "home_municipality": life["home"], "sex": "girls"}
        rows["year9_grades"].append(
            {
                **common,
                "pupil": before,
                "school_year": label(life["year9"]),
                "grading_system": None if life["goal_related"] else "other",
            }
        )
        for autumn, (programme, year) in life["autumns"].items():
            rows["upper_secondary_enrolment"].append(
                {
                    **common,
                    "pupil": pupil,
                    "school_year": label(autumn + 1),
                    "programme": programme,
                    "study_year": year,
                    "school_form": "adapted" if TYPES[programme] == "adapted" else None,
                    "has_personal_number": life["number"],
                }
            )
        for day, kind in life["outcomes"]:
            rows["upper_secondary_outcome"].append({**common, "pupil": pupil, "outcome_date": day, "outcome": kind})
        for year, status in life["statuses"].items():
            rows["after_upper_secondary"].append({"pupil": pupil, "calendar_year": year, "status": status})
        if life["kaa"] is not None:
            moved = {"deregistered": date(life["year9"], 9, 20), "reason": "moved"} if life["kaa"] else {}
            registered = {"registered": date(life["year9"], 9, 1), "school_year": label(life["year9"] + 1)}
            rows["activity_responsibility"].append(
                {"pupil": pupil, "home_municipality": life["home"], **registered, **moved}
            )
    return rows


@pytest.fixture(scope="module", params=[31, 32])
def world(request: pytest.FixtureRequest) -> World:
    schools = region_of_schools(request.param)
    people = lives(request.param, schools)
    connection = database({})
    stored(connection, "school_units", schools)
    for extract, rows in rows_of(people).items():
        stored(connection, extract, rows)
    return settled(connection), people


def start(life: Life) -> int | None:
    """The first autumn in year 1; None for those who never started."""
    return min((autumn for autumn, (_, year) in life["autumns"].items() if year == 1), default=None)


def kind_at(life: Life, autumn: int) -> str:
    return TYPES[life["autumns"][autumn][0]]


def scope_of(kind: str) -> str:
    return {"national": "national", "ib": "national", "adapted": "adapted"}.get(kind, "introductory")


def in_cohort(life: Life, years: int, scope: str) -> bool:
    """Followed, with a personal identity number, of the scope, and not IB in a measurement from 2021."""
    autumn = start(life)
    if autumn is None or not life["number"] or autumn + years > LAST_DIPLOMAS:
        return False
    kind = kind_at(life, autumn)
    if kind == "ib" and autumn + years >= 2021:
        return False
    return scope_of(kind) != "adapted" if scope == "all" else scope_of(kind) == scope


def reached(life: Life, years: int, kinds: tuple[str, ...]) -> bool:
    deadline = date(start(life) + years, 6, 30)
    return any(day <= deadline and kind in kinds for day, kind in life["outcomes"])


DIPLOMAS = ("diploma_vocational", "diploma_preparatory")
KINDS = {"diploma": DIPLOMAS, "diploma_or_certificate": (*DIPLOMAS, "certificate_2500")}


@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("years", YEARS)
def test_completion_agrees_with_the_definition(world: World, result: str, scope: str, years: int) -> None:
    connection, people = world
    expected = {}
    for pupil, life in people.items():
        if start(life) is not None:
            inside = in_cohort(life, years, scope)
            done = inside and reached(life, years, KINDS[result])
            expected[pupil, label(start(life) + 1)] = (float(done), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(connection, f"{result}_within_{years}_years_{scope}") == expected


@pytest.mark.parametrize("years", YEARS_TO_NATIONAL)
def test_change_to_a_national_programme_agrees_with_the_definition(world: World, years: int) -> None:
    connection, people = world
    expected = {}
    for pupil, life in people.items():
        autumn = start(life)
        if autumn is None:
            continue
        inside = scope_of(kind_at(life, autumn)) == "introductory" and life["number"] and autumn + years <= LAST_AUTUMN
        later = [a for a in life["autumns"] if scope_of(kind_at(life, a)) == "national" and 0 < a - autumn <= years]
        expected[pupil, label(autumn + 1)] = (float(bool(inside and later)), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(connection, f"introductory_to_national_within_{years}_years") == expected


@pytest.mark.parametrize("result", RESULTS)
@pytest.mark.parametrize("scope", SCOPES)
def test_three_years_lie_within_four_and_four_within_five(world: World, result: str, scope: str) -> None:
    found = [rows_by_pupil(world[0], f"{result}_within_{years}_years_{scope}") for years in YEARS]
    for pupil, (_, followed) in found[2].items():
        if followed:
            three, four, five = (each[pupil][0] for each in found)
            assert three <= four <= five


@pytest.mark.parametrize("years", YEARS)
def test_national_and_introductory_make_up_the_whole(world: World, years: int) -> None:
    parts = {scope: rows_by_pupil(world[0], f"diploma_within_{years}_years_{scope}") for scope in SCOPES}
    for pupil, whole in parts["all"].items():
        national, introductory = parts["national"][pupil], parts["introductory"][pupil]
        assert whole == tuple(a + b for a, b in zip(national, introductory, strict=True))


def next_step(life: Life) -> str:
    if life["year9"] in life["autumns"]:
        kind = kind_at(life, life["year9"])
        return "national" if kind == "ib" else kind
    if life["kaa"] is None:
        return "unknown"
    return "moved" if life["kaa"] else "activity_responsibility"


STEPS = (
    "national",
    "choice",
    "vocational",
    "individual",
    "language",
    "adapted",
    "activity_responsibility",
    "moved",
    "unknown",
)


@pytest.mark.parametrize("state", STEPS)
def test_the_step_after_year_9_agrees_with_the_definition(world: World, state: str) -> None:
    connection, people = world
    expected = {
        (pupil, label(life["year9"])): (float(next_step(life) == state), 1.0)
        for pupil, life in people.items()
        if life["goal_related"]
    }
    assert len(set(expected.values())) == 2
    assert rows_by_pupil(connection, f"next_step_{state}") == expected


@pytest.mark.parametrize(
    "flow", ["next_step_after_year_9", "state_after_four_years", "two_years_after_upper_secondary"]
)
def test_the_parts_of_a_flow_add_up_to_its_whole(world: World, flow: str) -> None:
    parts = [each.name for each in catalogue.default().indicators.values() if each.part_of == flow]
    inside: dict[tuple[str, str], float] = defaultdict(float)
    for name in parts:
        for pupil, (numerator, _) in rows_by_pupil(world[0], name).items():
            inside[pupil] += numerator
    counted = [{key: d for key, (_, d) in rows_by_pupil(world[0], name).items()} for name in parts]
    assert all(each == counted[0] for each in counted)
    assert dict(inside) == counted[0]
    assert set(counted[0].values()) >= {1.0}


@pytest.mark.parametrize("years", [1, 2, 3, 5])
@pytest.mark.parametrize("group", ["with_diploma", "without_diploma"])
def test_work_or_study_agrees_with_the_definition(world: World, years: int, group: str) -> None:
    connection, people = world
    expected = {}
    for pupil, life in people.items():
        springs: dict[int, list[str]] = defaultdict(list)
        for day, kind in life["outcomes"]:
            springs[day.year + (day.month >= 7)].append(kind)
        for spring, kinds in springs.items():
            diploma = any(kind in DIPLOMAS for kind in kinds)
            if not diploma and spring in life["autumns"]:
                continue
            last = max((autumn for autumn in life["autumns"] if autumn < spring), default=None)
            adapted = last is not None and kind_at(life, last) == "adapted"
            status = life["statuses"].get(spring + years)
            inside = diploma == (group == "with_diploma") and not adapted and status not in (None, "not_resident")
            expected[pupil, label(spring)] = (float(inside and status in WORK), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(connection, f"work_or_study_after_{years}_years_{group}") == expected


def test_nobody_from_an_adapted_school_follows_as_what_is_left_of_the_others(world: World) -> None:
    """Their status known, less those with and without a diploma, are those who have moved; and nobody else is counted."""
    connection, people = world
    family = catalogue.default().family("upper_secondary_leavers")
    rows = {each.name: rows_by_pupil(connection, each.name) for each in family}
    last = {
        key: max((each for each in people[key[0]]["autumns"] if label(each + 1) <= key[1]), default=None)
        for key in rows[family[0].name]
    }
    adapted = {
        key for key, autumn in last.items() if autumn is not None and kind_at(people[key[0]], autumn) == "adapted"
    }
    assert len(adapted) > 5
    assert all(rows[name][key] == (0.0, 0.0) for name in rows for key in adapted)
    for years in (1, 2, 3, 5):
        known = rows[f"status_known_after_{years}_years"]
        groups = [rows[f"work_or_study_after_{years}_years_{group}"] for group in ("with_diploma", "without_diploma")]
        left = {key: number - sum(group[key][1] for group in groups) for key, (number, _) in known.items()}
        moved = [
            people[key[0]]["statuses"].get(int(key[1][:4]) + 1 + years) == "not_resident" for key in left if left[key]
        ]
        assert moved
        assert all(moved)


def test_nothing_is_observed_before_its_time_has_passed_in_the_data(world: World) -> None:
    connection, people = world
    cohorts = Counter(label(start(life) + 1) for life in people.values() if start(life) is not None)
    for years in YEARS:
        sql = catalogue.default().indicators[f"diploma_within_{years}_years_all"].sql
        found = engine.frame(connection, sql).groupby("period")[["observed", "denominator"]].sum()
        for spring in range(2015, LAST_AUTUMN + 2):
            if label(spring) in cohorts:
                seen = spring - 1 + years <= LAST_DIPLOMAS
                assert found.loc[label(spring), "observed"] == (cohorts[label(spring)] if seen else 0)
                assert seen or found.loc[label(spring), "denominator"] == 0


def found_again(life: Life, years: int) -> bool:
    """A diploma or certificate by then, still there on 15 October, or noted as having left by then."""
    autumn = start(life)
    assert autumn is not None
    done = reached(life, years, KINDS["diploma_or_certificate"]) or autumn + years in life["autumns"]
    left = [day for day, kind in life["outcomes"] if kind in ("certificate_less", "left")]
    return done or any(day <= date(autumn + years, 10, 15) for day in left)


@pytest.mark.parametrize(
    ("years", "scope"), [(3, "all"), (5, "all"), *((each, "introductory") for each in YEARS_TO_NATIONAL)]
)
def test_the_share_found_again_agrees_with_the_definition(world: World, years: int, scope: str) -> None:
    connection, people = world
    expected = {}
    for pupil, life in people.items():
        if start(life) is not None:
            inside = in_cohort(life, years, scope) and start(life) + years <= LAST_AUTUMN
            expected[pupil, label(start(life) + 1)] = (float(inside and found_again(life, years)), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(connection, f"found_after_{years}_years_{scope}") == expected


def state_after_four_years(life: Life) -> str:
    if reached(life, 4, DIPLOMAS):
        return "diploma"
    if reached(life, 4, KINDS["diploma_or_certificate"]):
        return "certificate"
    if start(life) + 4 in life["autumns"]:
        return "still_enrolled"
    return "left" if found_again(life, 4) else "unknown"


@pytest.mark.parametrize("state", ["diploma", "certificate", "still_enrolled", "left", "unknown"])
def test_the_state_after_four_years_agrees_with_the_definition(world: World, state: str) -> None:
    connection, people = world
    expected = {}
    for pupil, life in people.items():
        if start(life) is not None:
            inside = in_cohort(life, 4, "all") and start(life) + 4 <= LAST_AUTUMN
            there = inside and state_after_four_years(life) == state
            expected[pupil, label(start(life) + 1)] = (float(there), float(inside))
    assert len(set(expected.values())) == 3
    assert rows_by_pupil(connection, f"after_four_years_{state}") == expected


@pytest.mark.parametrize("scope", SCOPES)
@pytest.mark.parametrize("years", YEARS)
def test_completion_is_the_cumulative_incidence_where_nobody_is_lost(world: World, years: int, scope: str) -> None:
    """Days from the start to the diploma; whoever has none by then is followed to the end of the time."""
    connection, people = world
    never, days = 10_000.0, []
    counted = rows_by_pupil(connection, f"diploma_within_{years}_years_{scope}")
    inside = {pupil: outcome for (pupil, _), (outcome, followed) in counted.items() if followed}
    for pupil in inside:
        autumn = start(people[pupil])
        reached_on = [day for day, kind in people[pupil]["outcomes"] if kind in DIPLOMAS]
        in_time = [day for day in reached_on if day <= date(autumn + years, 6, 30)]
        days.append(float((min(in_time) - date(autumn, 10, 15)).days) if in_time else never)
    event = [int(each < never) for each in days]
    curve = stats.cumulative_incidence(days, event, [never - 1])
    assert curve[0, 0] == pytest.approx(np.mean(list(inside.values())), abs=1e-12)
    assert 0 < curve[0, 0] < 1
