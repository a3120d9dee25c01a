"""Invented reports of concern, cases at the models and placements at resource centres, drawn from the same persons."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.demo.people import People, unit_of
from metrics.demo.plan import Instance
from metrics.demo.region import LAST_SPRING, stream

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[Any]

OBSERVED_TO = np.datetime64(f"{LAST_SPRING}-06-30")
FIRST_REPORT_YEAR = LAST_SPRING - 4
MONTH_WEIGHTS = np.array([9, 9, 10, 9, 10, 7, 4, 6, 10, 10, 10, 6]) / 100
REPORTERS = ("school", "police", "health_care", "social_services", "family", "preschool", "other", "unknown")
CHAIN_STAGES = ("F-3", "4-6", "7-9", "upper_secondary_age")
INTERVENTIONS = ("none", "open_support", "structured_programme", "contact_person", "placement", "other")
WAYS_IN = ("school", "family", "social_services", "police", "other")
CASE_ENDS = ("completed", "declined", "moved", "handed_over", "other")
PLACEMENT_ENDS = ("returned", "moved", "finished_school", "other_placement", "other")


def _chosen(positions: Ints, values: tuple[Any, ...]) -> Any:
    return pd.Categorical.from_codes(positions, categories=pd.Index(values))


def _until(days: Days) -> Days:
    """Days after the extract was made are not known yet."""
    return np.where(days > OBSERVED_TO, np.datetime64("NaT"), days)


def _date(year: int, rng: np.random.Generator, number: int) -> Days:
    month = rng.choice(12, size=number, p=MONTH_WEIGHTS)
    first = np.datetime64(f"{year}-01") + month.astype("timedelta64[M]")
    return first.astype("datetime64[D]") + rng.integers(0, 28, number)


def _waits(rng: np.random.Generator, number: int, typical: float, shape: float = 2.0) -> Ints:
    return np.ceil(rng.gamma(shape, typical / shape, number)).astype(np.int64)


def apart(who: Ints, begins: Days, ends: Days) -> npt.NDArray[np.bool_]:
    """Which of these stretches of time begin when the same person's kept ones before have ended."""
    kept, free_from = np.ones(who.size, bool), dict[int, Any]()
    for row in np.lexsort((begins, who)):
        person = int(who[row])
        kept[row] = person not in free_from or begins[row] >= free_from[person]
        if kept[row]:
            free_from[person] = ends[row]
    return kept


def chain(people: People) -> pd.DataFrame:
    """One row per report of concern of the last years: the support_chain extract."""
    rng = stream(people.region.seed, "chain")
    parts = [_reports(people, rng, year) for year in range(FIRST_REPORT_YEAR, LAST_SPRING + 1)]
    reports = pd.concat(parts, ignore_index=True)
    reports = reports[reports["report_date"] <= OBSERVED_TO].drop_duplicates(["person", "report_date"])
    reports = reports.sort_values(["report_date", "person"], kind="stable", ignore_index=True)
    return reports.assign(**_followed(rng, reports))


def _reports(people: People, rng: np.random.Generator, year: int) -> pd.DataFrame:
    """Reports of one calendar year about children from förskoleklass to 18 years."""
    grade = 9 - (people.leaving - year)
    person = np.flatnonzero((grade >= 0) & (grade <= 11))
    hazard = (0.030 * np.exp(-0.38 * (people.margin[person].clip(-5, 5) - 1.7))).clip(0, 0.4)
    number = rng.poisson(hazard)
    who = np.repeat(person, number)
    day = _date(year, rng, who.size)
    stage = np.select([grade[who] <= 3, grade[who] <= 6, grade[who] <= 9], [0, 1, 2], 3)
    return pd.DataFrame(
        {
            "person": who,
            "municipality": people.region.sites["code"].to_numpy(dtype=np.int64)[people.site_at(year)[who]],
            "report_date": day,
            "reporter": _reporters(people, rng, who, stage),
            "stage": _chosen(np.where(rng.random(who.size) < 0.03, -1, stage), CHAIN_STAGES),
            "sex": _chosen(np.where(rng.random(who.size) < 0.01, -1, 1 - people.sex[who]), ("girls", "boys")),
            "birth_year": people.birth_year[who],
            "observed_to": OBSERVED_TO,
        }
    )


def _reporters(people: People, rng: np.random.Generator, who: Ints, stage: Ints) -> Any:
    """Who reported; in small municipalities it is often not recorded."""
    weights = np.array([0.36, 0.2, 0.12, 0.06, 0.12, 0.01, 0.13])
    drawn = rng.choice(7, size=who.size, p=weights)
    drawn = np.where((stage == 3) & (drawn == 0) & (rng.random(who.size) < 0.5), 1, drawn)
    sizes = np.array([member.municipal for member in people.region.scale.members])
    member = people.region.sites["member"].to_numpy()[people.site[who]]
    unknown = rng.random(who.size) < np.where(sizes[member] < 400, 0.35, 0.06)
    return _chosen(np.where(unknown, 7, drawn), REPORTERS)


def _followed(rng: np.random.Generator, reports: pd.DataFrame) -> dict[str, Any]:
    """Decision, investigation and intervention after each report, as far as they have come.

    While a child is being investigated, a report opens no second investigation.
    """
    number, reported = len(reports), reports["report_date"].to_numpy().astype("datetime64[D]")
    decided = reported + np.where(rng.random(number) < 0.85, rng.integers(0, 15, number), rng.integers(15, 40, number))
    again = reports.duplicated("person").to_numpy()
    opened = rng.random(number) < np.where(again, 0.55, 0.40)
    extended = opened & (rng.random(number) < 0.12)
    length = np.minimum(_waits(rng, number, 92, 6), 121) + np.where(extended, rng.integers(10, 90, number), 0)
    late = opened & ~extended & (rng.random(number) < 0.10)
    closed = decided + length + np.where(late, rng.integers(20, 60, number), 0)
    asked = np.flatnonzero(opened)
    opened[asked] = apart(reports["person"].to_numpy()[asked], decided[asked], closed[asked])
    extended, closed = extended & opened, np.where(opened, closed, np.datetime64("NaT"))
    kind = rng.choice(6, size=number, p=[0.50, 0.28, 0.07, 0.06, 0.05, 0.04])
    started = np.where(opened & (kind > 0), closed + rng.integers(0, 30, number), np.datetime64("NaT"))
    ended = started + rng.integers(40, 500, number)
    known, settled = decided <= OBSERVED_TO, closed <= OBSERVED_TO
    from_school = (reports["reporter"] == "school").to_numpy()
    return {
        "decision_date": _until(decided),
        "opened": _chosen(np.where(known, opened.astype(int), -1), (False, True)),
        "investigation_start": np.where(opened, _until(decided), np.datetime64("NaT")),
        "investigation_end": _until(closed),
        "extended": _chosen(np.where(known & opened, extended.astype(int), -1), (False, True)),
        "intervention": _chosen(np.where(settled, kind, np.where(known & ~opened, 0, -1)), INTERVENTIONS),
        "intervention_start": _until(started),
        "intervention_end": _until(ended),
        "feedback_given": _chosen(
            np.where(known & from_school, (rng.random(number) < 0.7).astype(int), -1), (False, True)
        ),
    }


def participation(people: People, laid: tuple[Instance, ...]) -> pd.DataFrame:
    """One row per case at a model: the model_participation extract. Those with the lowest margin come first."""
    rng = stream(people.region.seed, "participation")
    parts = []
    for spring in people.region.springs.tolist():
        stage, site = people.stage_at(spring), people.site_at(spring)
        here = np.flatnonzero(stage == 2)
        parts += [
            _cases(people, rng, instance, spring, here[np.isin(site[here], instance.sites)], site)
            for instance in laid
            if instance.evaluable and instance.exposed <= spring <= instance.last
        ]
    return pd.concat(parts, ignore_index=True)


def _cases(
    people: People, rng: np.random.Generator, instance: Instance, spring: int, there: Ints, site: Ints
) -> pd.DataFrame:
    share = 0.006 if instance.start.model == "sspf" else 0.05
    weight = share * 1.2 * np.exp(-0.4 * (people.margin[there].clip(-4, 4) - 1.7))
    who = there[rng.random(there.size) < weight]
    begin = max(np.datetime64(f"{spring - 1}-08-20"), np.datetime64(instance.start.started))
    span = int((np.datetime64(f"{spring}-06-01") - begin).astype(int))
    started = begin + rng.integers(0, max(span, 1), who.size)
    ended = _until(started + 30 + _waits(rng, who.size, 190))
    signal = started - _waits(rng, who.size, 35)
    police = 0.35 if instance.start.model == "sspf" else 0.04
    return pd.DataFrame(
        {
            "person": who,
            "spring": spring,
            "municipality": instance.start.code,
            "instance": instance.name,
            "model_type": instance.start.model,
            "home_school_unit": unit_of(people.region, site[who], np.full(who.size, 2), spring),
            "stage": _chosen(np.full(who.size, 2), CHAIN_STAGES[:3]),
            "started": started,
            "way_in": _chosen(rng.choice(5, who.size, p=[0.7 - police, 0.15, 0.1, police, 0.05]), WAYS_IN),
            "signal_date": np.where(rng.random(who.size) < 0.08, np.datetime64("NaT"), signal),
            "first_contact": _until(started + rng.integers(1, 25, who.size)),
            "ended": ended,
            "end_reason": _chosen(
                np.where(np.isnat(ended), -1, rng.choice(5, who.size, p=[0.62, 0.14, 0.08, 0.1, 0.06])), CASE_ENDS
            ),
            "contacts_per_month": np.round(rng.gamma(4, 0.9, who.size), 1),
            "consent": _chosen((rng.random(who.size) < 0.93).astype(int), (False, True)),
            "observed_to": OBSERVED_TO,
        }
    )


def placements(people: People) -> pd.DataFrame:
    """One row per placement, a pupil's after one another: the resource_centre_placement extract."""
    rng = stream(people.region.seed, "placements")
    parts = [_placed(people, rng, int(spring)) for spring in people.region.springs]
    table = pd.concat(parts, ignore_index=True)
    table = table[table["home_school_unit"] > 0]
    ended = table["ended"].fillna(table["observed_to"]).to_numpy()
    alone = apart(table["person"].to_numpy(), table["started"].to_numpy(), ended)
    return table[alone].reset_index(drop=True)


def _placed(people: People, rng: np.random.Generator, spring: int) -> pd.DataFrame:
    stage, site = people.stage_at(spring), people.site_at(spring)
    there = np.flatnonzero(stage >= 1)
    hazard = np.where(stage[there] == 2, 0.004, 0.002) * np.exp(-0.55 * (people.margin[there].clip(-4, 4) - 1.7))
    who = there[rng.random(there.size) < hazard]
    january = rng.random(who.size) < 0.4
    start = np.where(january, np.datetime64(f"{spring}-01-10"), np.datetime64(f"{spring - 1}-08-20"))
    start = start + rng.integers(0, 45, who.size)
    planned = start + np.where(rng.random(who.size) < 0.5, 150, 300)
    stay = _waits(rng, who.size, 330)
    finish = np.char.add(people.leaving[who].astype(str), "-06-12").astype("datetime64[D]")
    draw = rng.random(who.size)
    reason = np.select([start + stay >= finish, draw < 0.62, draw < 0.72, draw < 0.9], [2, 0, 1, 3], 4)
    ended = _until(np.minimum(start + stay, np.maximum(finish, start + 1)))
    names = {int(member.code): member.name for member in people.region.scale.members}
    code = people.region.sites["code"].to_numpy(dtype=np.int64)[site[who]]
    special = rng.random(who.size) < 0.25
    return pd.DataFrame(
        {
            "person": who,
            "spring": spring,
            "municipality": code,
            "centre": [f"Resurscentrum {names[each]} (Exempeldata)" for each in code.tolist()],
            "kind": _chosen(special.astype(int), ("resource_centre", "special_teaching_group")),
            "home_school_unit": unit_of(people.region, site[who], stage[who], spring),
            "stage": _chosen(stage[who], CHAIN_STAGES[:3]),
            "started": start,
            "planned_end": np.where(rng.random(who.size) < 0.06, np.datetime64("NaT"), planned),
            "ended": ended,
            "end_reason": _chosen(np.where(np.isnat(ended), -1, reason), PLACEMENT_ENDS),
            "observed_to": OBSERVED_TO,
        }
    ).drop_duplicates(["person"])
