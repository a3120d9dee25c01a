"""Invented attendance: minutes per pupil, school unit and term, with seasons, moves and systems that count differently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.demo.people import People, unit_of
from metrics.demo.plan import BuiltIn, Instance
from metrics.demo.region import stream

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

YOUNGER_YEARS = 2
"""School years with attendance below year 7: handed in only for the newest ones."""
DAY_MINUTES = np.array([240, 290, 320])
TERM_DAYS = (84, 94)
USUAL = -2.62
STAGE_SHIFT = np.array([-0.35, -0.15, 0.0])
TERM_SHIFT = (-0.06, 0.08)
DIP_SHARE = -0.5
"""Points more absence per point fewer eligible in the bad year before a start."""
MEMBER_SHOCK, SITE_SHOCK = 0.3, 0.4
PANDEMIC = {2020: 1.08, 2021: 1.30, 2022: 1.22}
STEP = 15
"""Minutes are whole quarters, so that hours with decimals say exactly the same."""
OLD_RULE = "1481"
"""Mölndal's system counted unreported time as presence up to spring 2020."""
OLD_RULE_UNTIL = 2020


COMPACT: Mapping[str, type[np.signedinteger]] = {
    "person": np.int32,
    "spring": np.int16,
    "term": np.int8,
    "site": np.int16,
    "unit": np.int32,
    "stage": np.int8,
    **dict.fromkeys(
        ("offered", "reported", "attended", "valid_absence", "invalid_absence", "other_attendance"), np.int32
    ),
}
"""How the rows are kept: a country has ten million of them."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the terms have in common: each person's inclination, and points of absence and reporting per site and year."""

    people: People
    inclination: Floats
    points: Floats
    reporting: Floats


def rows(people: People, effects: BuiltIn, laid: tuple[Instance, ...]) -> pd.DataFrame:
    """One row per pupil, unit and term: person, spring, term, site, unit, stage and minutes."""
    rng = stream(people.region.seed, "absence")
    inclination = USUAL - 0.24 * (people.margin.clip(-5, 5) - 1.7) + 0.60 * rng.standard_normal(people.number)
    setting = Setting(
        people=people,
        inclination=inclination,
        points=_points(people, effects, rng),
        reporting=_reporting(people, effects, laid, rng),
    )
    terms = [(spring, term) for spring in people.region.springs.tolist() for term in (0, 1)]
    return pd.concat([_term(setting, rng, spring, term) for spring, term in terms], ignore_index=True)


def _points(people: People, effects: BuiltIn, rng: np.random.Generator) -> Floats:
    """Points of true absence that a site's year differs by: models, the dip before them, and chance."""
    shape = people.region.unit.shape
    member = rng.normal(0, MEMBER_SHOCK, (len(people.region.scale.members), shape[1]))
    chance = member[people.region.sites["member"].to_numpy()] + rng.normal(0, SITE_SHOCK, shape)
    return effects.absence + DIP_SHARE * effects.dip + chance


def _reporting(people: People, effects: BuiltIn, laid: tuple[Instance, ...], rng: np.random.Generator) -> Floats:
    """Share of the offered time that is reported per site and year: low where a model will change registration."""
    usual = rng.uniform(0.94, 0.99, (len(people.region.sites), 1))
    for instance in laid:
        if any(instance.effect.registration):
            usual[instance.sites] = 0.88
    noise = rng.normal(0, 0.004, people.region.unit.shape)
    return (usual + effects.registration / 100 + noise).clip(0.7, 0.995)


def _term(setting: Setting, rng: np.random.Generator, spring: int, term: int) -> pd.DataFrame:
    people, region = setting.people, setting.people.region
    year = int(np.flatnonzero(region.springs == spring)[0])
    stage = people.stage_at(spring)
    youngest = 0 if year >= len(region.springs) - YOUNGER_YEARS else 2
    person, site, share = _places(people, np.flatnonzero(stage >= youngest), spring, term)
    unit = unit_of(region, site, stage[person], spring)
    there = np.flatnonzero(unit > 0)
    place = pd.DataFrame(
        {"person": person, "spring": spring, "term": term, "site": site, "unit": unit, "stage": stage[person]}
    )
    place = place.iloc[there].reset_index(drop=True)
    there_then = (region.sites["code"] == OLD_RULE).to_numpy() & (spring <= OLD_RULE_UNTIL)
    place["old_rule"] = there_then[place["site"].to_numpy()]
    rate = _rates(setting, rng, place, year, term)
    return place.assign(**_minutes(setting, rng, place, share[there], rate, year)).astype(COMPACT)


def _places(people: People, person: Ints, spring: int, term: int) -> tuple[Ints, Ints, Floats]:
    """Persons, sites and shares of the term: movers are at the former school in autumn, some at both in spring."""
    moving = people.moved[person] == spring
    site = np.where(moving & (term == 0), people.former[person], people.site_at(spring)[person])
    both = np.flatnonzero(moving & (term == 1) & (person % 4 == 0) & (people.former[person] != people.site[person]))
    share = np.ones(person.size)
    share[both] = 0.6
    persons = np.concatenate([person, person[both]])
    sites = np.concatenate([site, people.former[person[both]]])
    return persons, sites, np.concatenate([share, np.full(both.size, 0.4)])


def _rates(setting: Setting, rng: np.random.Generator, place: pd.DataFrame, year: int, term: int) -> Floats:
    """True absence as a share of the offered time; a site's points are spread in proportion to each pupil's own."""
    person, site, stage = (place[name].to_numpy() for name in ("person", "site", "stage"))
    spring = int(setting.people.region.springs[year])
    usual = setting.inclination[person] + STAGE_SHIFT[stage] + TERM_SHIFT[term] + rng.normal(0, 0.25, person.size)
    rate = PANDEMIC.get(spring, 1.0) / (1 + np.exp(-usual))
    cell = site * 3 + stage
    mean = np.bincount(cell, rate) / np.maximum(np.bincount(cell), 1)
    points = np.where(stage == 2, setting.points[site, year], 0.0)
    return (rate * (1 + points / 100 / mean[cell])).clip(0.001, 0.92)


def _minutes(
    setting: Setting, rng: np.random.Generator, place: pd.DataFrame, share: Floats, rate: Floats, year: int
) -> dict[str, Ints]:
    """Offered, reported and absent minutes; part of the absence is never seen where little is reported."""
    site, number = place["site"].to_numpy(), len(place)
    reporting = setting.reporting[site, year]
    late_start = (rng.random(number) < 0.03) * rng.integers(0, 30, number)
    days = np.array(TERM_DAYS)[place["term"].to_numpy()] - late_start
    offered = _whole(days * DAY_MINUTES[place["stage"].to_numpy()] * share)
    reported = np.where(place["old_rule"], offered, np.minimum(_whole(offered * reporting), offered))
    absent = np.minimum(_whole(offered * rate * reporting**2), reported)
    part = (0.12 + 0.45 * np.minimum(rate / 0.35, 1)) * rng.random(number) * 1.6
    invalid = np.minimum(_whole(absent * part), absent)
    other = np.minimum(_whole(reported * 0.012 * rng.random(number)), reported - absent)
    return {
        "offered": offered,
        "reported": reported,
        "attended": reported - absent - other,
        "valid_absence": absent - invalid,
        "invalid_absence": invalid,
        "other_attendance": other,
    }


def _whole(minutes: Floats) -> Ints:
    return (np.round(minutes / STEP) * STEP).astype(np.int64)


def term_dates(spring: int, term: int) -> tuple[date, date]:
    """First and last day of a term."""
    if term == 0:
        return date(spring - 1, 8, 18), date(spring - 1, 12, 19)
    return date(spring, 1, 9), date(spring, 6, 12)
