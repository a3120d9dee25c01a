"""What no other file here counts again, in pandas on random rows of every extract: states, links, cover and posts."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from metrics import engine
from tests.recompute.random_extracts import random_extracts
from tests.recompute.random_rows import rows_by_pupil, settled

SEEDS = (8, 13)
KINDS = ("none", "open_support", "structured_programme", "contact_person", "placement", "other", "undecided")
AFTER_TWO = {
    "work": ("working",),
    "study": ("studying",),
    "work_and_study": ("working_and_studying",),
    "neither": ("neither",),
    "unknown": ("", "not_resident"),
}
Answer = dict[tuple[str, str], tuple[float, float]]


@pytest.fixture(scope="module", params=SEEDS)
def region(request: pytest.FixtureRequest) -> engine.Connection:
    return settled(random_extracts(request.param))


def table(connection: engine.Connection, name: str) -> pd.DataFrame:
    """An extract with everybody under the pseudonym they have now."""
    rows = engine.frame(connection, f"SELECT * FROM {name}")
    alias = engine.frame(connection, "SELECT old_pupil, pupil FROM pupil_alias").set_index("old_pupil")["pupil"]
    if "pupil" in rows:
        for _ in range(10):
            rows["pupil"] = rows["pupil"].map(lambda each: alias.get(each, each))
    return rows


def answer(frame: pd.DataFrame, who: str, period: str, inside: pd.Series, outcome: pd.Series) -> Answer:
    keys = zip(frame[who], frame[period].astype(str), strict=True)
    numbers = zip((inside & outcome).astype(float), inside.astype(float), strict=True)
    return dict(zip(keys, numbers, strict=True))


def year_of(spring: pd.Series) -> pd.Series:
    return (spring - 1).astype(str) + "/" + (spring % 100).astype(str).str.zfill(2)


def spring_of(day: pd.Series) -> pd.Series:
    return day.dt.year + (day.dt.month >= 7).astype(int)


def leavers(connection: engine.Connection) -> pd.DataFrame:
    """Who left upper secondary school when, the status one, two, three and five years later ("" = none), and from where.

    ordinary: whether the last autumn in school was not in an adapted one; nobody else is counted.
    """
    ends = table(connection, "upper_secondary_outcome")
    ends["spring"] = spring_of(ends["outcome_date"])
    ends["diploma"] = ends["outcome"].str.startswith("diploma")
    found = ends.groupby(["pupil", "spring"], as_index=False)["diploma"].max()
    enrolled = table(connection, "upper_secondary_enrolment")
    again = {(pupil, int(year[:4])) for pupil, year in zip(enrolled["pupil"], enrolled["school_year"], strict=True)}
    back = [key in again for key in zip(found["pupil"], found["spring"], strict=True)]
    found = found[found["diploma"] | ~pd.Series(back)].reset_index(drop=True)
    autumns = enrolled.sort_values(["school_year", "school_unit"]).drop_duplicates(["pupil", "school_year"])
    autumns["ends"] = autumns["school_year"].str[:4].astype(int) + 1
    found["ordinary"] = [
        (own["school_form"].iloc[-1] != "adapted") if len(own) else True
        for pupil, spring in zip(found["pupil"], found["spring"], strict=True)
        for own in [autumns[(autumns["pupil"] == pupil) & (autumns["ends"] <= spring)]]
    ]
    status = table(connection, "after_upper_secondary").groupby(["pupil", "calendar_year"])["status"].min().to_dict()
    last = max(year for _, year in status)
    for years in (1, 2, 3, 5):
        keys = zip(found["pupil"], found["spring"] + years, strict=True)
        found[f"status_{years}"] = [status.get(key, "") for key in keys]
        found[f"seen_{years}"] = last - found["spring"] >= years
    return found.assign(period=year_of(found["spring"]))


def test_how_many_statuses_are_known_agrees_with_the_definition(region: engine.Connection) -> None:
    found = leavers(region)
    for years in (1, 2, 3, 5):
        seen = found["ordinary"] & found[f"seen_{years}"]
        expected = answer(found, "pupil", "period", seen, found[f"status_{years}"] != "")
        assert rows_by_pupil(region, f"status_known_after_{years}_years") == expected


@pytest.mark.parametrize("state", AFTER_TWO)
def test_two_years_after_agrees_with_the_definition(region: engine.Connection, state: str) -> None:
    found = leavers(region)
    expected = answer(
        found, "pupil", "period", found["ordinary"] & found["seen_2"], found["status_2"].isin(AFTER_TWO[state])
    )
    assert rows_by_pupil(region, f"two_years_after_{state}") == expected
    assert sum(top for top, _ in expected.values()) > 0


def first_reports(connection: engine.Connection) -> pd.DataFrame:
    """Each child's first report of a calendar year, with the day that the municipality's deliveries have been seen to."""
    rows = engine.frame(connection, "SELECT * FROM support_chain")
    dates = ["report_date", "decision_date", "investigation_end", "intervention_start"]
    newest = rows[dates].max(axis=1).groupby(rows["municipality"]).transform("max")
    rows = rows.assign(seen_to=rows["observed_to"].fillna(newest), year=rows["report_date"].dt.year)
    rows["number"] = rows["report_number"].fillna(1)
    ordered = rows.sort_values(["report_date", "number", "municipality"])
    return ordered.groupby(["child", "year"], as_index=False).head(1).reset_index(drop=True)


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_intervention_agree_with_the_definition(region: engine.Connection, kind: str) -> None:
    first = first_reports(region)
    followed = first["report_date"] + pd.DateOffset(months=6) <= first["seen_to"]
    given = first["intervention"].fillna("undecided") == kind
    expected = answer(first, "child", "year", followed, given)
    assert rows_by_pupil(region, f"intervention_{kind}") == expected
    assert sum(top for top, _ in expected.values()) > 0


def placements(connection: engine.Connection) -> pd.DataFrame:
    """Each pupil's first placement of a school year, with the day it has been seen to."""
    rows = table(connection, "resource_centre_placement")
    rows["spring"] = spring_of(rows["started"])
    units = engine.frame(connection, "SELECT school_unit, municipality, valid_from, valid_to FROM school_units")
    rows["place"] = [
        _place(units, unit, spring) for unit, spring in zip(rows["home_school_unit"], rows["spring"], strict=True)
    ]
    newest = rows[["started", "ended"]].max(axis=1).groupby(rows["place"]).transform("max")
    rows["seen_to"] = rows["observed_to"].fillna(newest)
    rows = (
        rows.sort_values(["started", "centre", "home_school_unit"]).groupby(["pupil", "spring"], as_index=False).head(1)
    )
    return rows.assign(period=year_of(rows["spring"]), centre_kind=rows["kind"].fillna("resource_centre"))


def _place(units: pd.DataFrame, unit: str, spring: int) -> str:
    """The municipality of a school in a school year, by its newest row that is valid then; "" where it has none."""
    own = units[(units["school_unit"] == unit) & (units["valid_from"] <= pd.Timestamp(date(spring, 6, 30)))]
    own = own[own["valid_to"].isna() | (own["valid_to"] >= pd.Timestamp(date(spring - 1, 7, 1)))]
    return str(own.sort_values("valid_from")["municipality"].iloc[-1]) if len(own) else ""


def test_who_could_be_followed_agrees_with_the_definition(region: engine.Connection) -> None:
    found = placements(region)
    centre, group = (found["centre_kind"] == kind for kind in ("resource_centre", "special_teaching_group"))
    reach = found["seen_to"].max()
    planned = answer(
        found, "pupil", "period", centre & (found["planned_end"] <= reach), found["planned_end"] <= found["seen_to"]
    )
    assert rows_by_pupil(region, "resource_centre_followed_to_plan") == planned
    year = pd.Timedelta(days=365)
    possible, seen = reach - found["started"] >= year, found["seen_to"] - found["started"] >= year
    assert rows_by_pupil(region, "special_group_followed_2_terms") == answer(
        found, "pupil", "period", group & possible, seen
    )


def test_reported_children_found_in_school_agree_with_the_definition(region: engine.Connection) -> None:
    rows = engine.frame(region, "SELECT * FROM support_chain").assign(
        number=lambda each: each["report_number"].fillna(1)
    )
    rows = rows.assign(year=rows["report_date"].dt.year).sort_values(["report_date", "number", "municipality"])
    # The stage is the first that is known, the municipality that of the first report.
    children = rows.groupby(["child", "year"], as_index=False)[["municipality", "stage"]].first()
    linked = set(engine.frame(region, "SELECT child FROM declared_join")["child"])
    found = children["child"].isin(linked)
    joined = children["municipality"].isin(
        engine.frame(region, "SELECT municipality FROM joined_members")["municipality"]
    )
    inside = joined & children["stage"].isin(["F-3", "4-6", "7-9"])
    expected = answer(children, "child", "year", inside, found)
    assert rows_by_pupil(region, "reported_children_found_in_school") == expected
    assert 0 < sum(top for top, _ in expected.values()) < sum(below for _, below in expected.values())


@pytest.mark.parametrize("group", ["20", "under_20"])
def test_new_reports_by_absence_before_agree_with_the_definition(region: engine.Connection, group: str) -> None:
    """Absence in the term before the year's first report, of the pupils that the join finds; any later report counts."""
    rows = first_reports(region)
    pairs = table(region, "declared_join").drop_duplicates()
    terms = engine.frame(region, "SELECT contributors AS pupil, term, offered, absence FROM attendance_terms")
    rows["term"] = 2 * rows["year"] + (rows["report_date"].dt.month >= 7).astype(int) - 1
    linked = rows[["child", "year", "term"]].merge(pairs, on="child").merge(terms, on=["pupil", "term"])
    sums = linked.groupby(["child", "year"], as_index=False)[["offered", "absence"]].sum()
    rows = rows.merge(sums, on=["child", "year"], how="left")
    high = rows["absence"] >= 0.2 * rows["offered"] - 1e-6
    inside = rows["offered"].notna() & (high if group == "20" else ~high)
    inside &= rows["report_date"] + pd.DateOffset(months=12) <= rows["seen_to"]
    days = (
        engine.frame(region, "SELECT child, report_date FROM support_chain").groupby("child")["report_date"].apply(list)
    )
    again = [
        any(
            each.report_date < day <= min(each.report_date + pd.DateOffset(months=12), each.seen_to)
            for day in days[each.child]
        )
        for each in rows.itertuples()
    ]
    expected = answer(rows, "child", "year", inside, pd.Series(again))
    assert rows_by_pupil(region, f"reported_again_after_absence_{group}") == expected
    assert sum(below for _, below in expected.values()) > 0


def test_cover_and_posts_agree_with_the_register(region: engine.Connection) -> None:
    terms = engine.frame(region, "SELECT contributors, period, term, school_unit FROM attendance_terms")
    register = engine.frame(region, "SELECT * FROM collaboration_register")
    spring = terms["term"] // 2 + terms["term"] % 2
    sizes = terms.groupby(["school_unit", "term"]).size().to_dict()
    posts: dict[tuple[str, int], float] = dict.fromkeys(sizes, 0.0)
    covered: set[tuple[str, int]] = set()
    for term, year in dict(zip(terms["term"], spring, strict=True)).items():
        there = register[register["started"] <= pd.Timestamp(date(year - 1, 9, 30))]
        there = there[there["ended"].isna() | (there["ended"] >= pd.Timestamp(date(year, 5, 31)))]
        covered |= {(unit, term) for unit in there["school_unit"]}
        for _, team in there.groupby(["instance", "municipality"]):
            team = team[[(unit, term) in sizes for unit in team["school_unit"]]]
            each = team["filled_posts"].fillna(team["planned_posts"]).max()
            whole = sum(sizes[unit, term] for unit in team["school_unit"])
            for unit in team["school_unit"]:
                posts[unit, term] += 0.0 if pd.isna(each) else each / whole
    keys = list(zip(terms["school_unit"], terms["term"], strict=True))
    pupils = list(zip(terms["contributors"], terms["period"], strict=True))
    cover = {pupil: (float(key in covered), 1.0) for pupil, key in zip(pupils, keys, strict=True)}
    assert rows_by_pupil(region, "covered_by_model") == cover
    staff = rows_by_pupil(region, "staff_per_1000")
    assert {pupil: top for pupil, (top, _) in staff.items()} == pytest.approx(
        {pupil: posts[key] for pupil, key in zip(pupils, keys, strict=True)}
    )
