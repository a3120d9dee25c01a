"""What becomes of the invented leavers: upper secondary school, introductory programmes, outcomes, work and study."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.demo.people import People
from metrics.demo.region import FIRST_UPPER_UNIT, Region, stream

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NONE, YEAR_1, YEAR_2, YEAR_3, YEAR_4, INTRODUCTORY, ADAPTED, DONE, MOVED = range(9)
OCTOBERS = 7
"""Octobers followed after year 9, where the data reach that far."""
PREPARATORY = (("NA", "SA", "EK", "ES", "HU"), ("NA", "TE", "EK", "SA", "TE"))
VOCATIONAL = (("BF", "VO", "HV", "RL", "HA"), ("EE", "FT", "BA", "VF", "HA"))
"""Programme codes girls and boys choose among."""
OUTCOMES = ("diploma_vocational", "diploma_preparatory", "certificate_2500", "certificate_less", "left")
D_VOCATIONAL, D_PREPARATORY, CERTIFICATE, LESS, LEFT = range(5)
STATUSES = ("working", "studying", "working_and_studying", "neither", "not_resident")


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Each leaver's state on 15 October of the year she left and the years after (leavers x OCTOBERS), and events.

    events: person, outcome (position in OUTCOMES) and day. unit, programme and introductory are the person's own.
    """

    state: Ints
    unit: Ints
    programme: npt.NDArray[np.str_]
    introductory: npt.NDArray[np.str_]
    events: pd.DataFrame


def _chance(logit: Floats) -> Floats:
    return 1 / (1 + np.exp(-logit))


def upper_units(region: Region) -> pd.DataFrame:
    """Upper secondary schools: about one per 350 leavers a year, more of them in the largest municipality."""
    rows = []
    for member in region.scale.members:
        for provider, leavers, each in (
            ("municipal", member.municipal, 380),
            ("independent", member.independent, 200),
        ):
            rows += [(member.code, member.name, provider)] * (leavers // each)
    table = pd.DataFrame(rows, columns=["municipality", "place", "provider"])
    number = table.groupby("municipality").cumcount() + 1
    table["unit_name"] = "Exempelgymnasiet " + number.astype(str) + ", " + table.pop("place")
    table["school_unit"] = (FIRST_UPPER_UNIT + np.arange(len(table))).astype(str)
    return table.assign(stages="national_programme|introductory_programme")


def follow(people: People) -> Paths:
    """Draw every leaver's path."""
    rng = stream(people.region.seed, "later")
    leavers = np.arange(people.leavers)
    margin, boys = people.margin[leavers], 1 - people.sex[leavers]
    preparatory = rng.random(leavers.size) < _chance(0.8 * (margin - 0.5))
    state = np.zeros((leavers.size, OCTOBERS), dtype=np.int64)
    state[:, 0] = _first(people, rng, margin)
    events: list[pd.DataFrame] = []
    for october in range(1, OCTOBERS):
        state[:, october] = _next(rng, state[:, october - 1], margin, october)
        spring = people.leaving[leavers] + october
        events.append(_events(rng, state[:, october - 1], state[:, october], margin, preparatory, spring))
    return Paths(
        state=state,
        unit=_units(people, rng),
        programme=_programmes(rng, preparatory, boys),
        introductory=_introductory(people, rng),
        events=pd.concat(events, ignore_index=True).sort_values(["person", "day"], kind="stable", ignore_index=True),
    )


def _first(people: People, rng: np.random.Generator, margin: Floats) -> Ints:
    """15 October right after year 9."""
    eligible, draw = margin > 0, rng.random(margin.size)
    yes = np.select([draw < 0.962, draw < 0.976, draw < 0.985], [YEAR_1, INTRODUCTORY, NONE], MOVED)
    no = np.select([draw < 0.80, draw < 0.84, draw < 0.95], [INTRODUCTORY, ADAPTED, NONE], MOVED)
    return np.where(eligible, yes, no)


def _next(rng: np.random.Generator, state: Ints, margin: Floats, october: int) -> Ints:
    """The state a year later."""
    draw = rng.random(state.size)
    drop = (0.075 * np.exp(-0.35 * margin)).clip(0.004, 0.35)
    into = _chance(-0.15 + 0.45 * margin - 0.35 * (october - 1))
    fourth = 0.30 * (1 - _chance(1.5 + 0.6 * margin))
    return np.select(
        [
            (state >= YEAR_1) & (state <= YEAR_3) & (draw < drop),
            state == YEAR_1,
            state == YEAR_2,
            state == YEAR_3,
            state == YEAR_4,
            state == INTRODUCTORY,
            state == NONE,
            state == ADAPTED,
        ],
        [
            NONE,
            np.where(draw > 0.97, YEAR_1, YEAR_2),
            np.where(draw > 0.985, YEAR_2, YEAR_3),
            np.where(draw > 1 - fourth, YEAR_4, DONE),
            DONE,
            np.select([draw < into, draw < into + 0.3], [YEAR_1, INTRODUCTORY if october < 4 else NONE], NONE),
            np.select([draw < 0.10, draw < 0.17], [YEAR_1, INTRODUCTORY], NONE),
            ADAPTED if october < 4 else DONE,
        ],
        state,
    )


def _events(
    rng: np.random.Generator, before: Ints, after: Ints, margin: Floats, preparatory: Bools, spring: Ints
) -> pd.DataFrame:
    """Diplomas and certificates in June, and leaving in between, of one year."""
    third, fourth = (before == YEAR_3) & (after == DONE), (before == YEAR_4) & (after == DONE)
    diploma = rng.random(before.size) < np.where(third, _chance(2.3 + 0.5 * margin), _chance(0.2 + 0.3 * margin))
    draw = rng.random(before.size)
    without = np.select([draw < 0.72, draw < 0.92], [CERTIFICATE, LESS], LEFT)
    finished = np.where(diploma, np.where(preparatory, D_PREPARATORY, D_VOCATIONAL), without)
    left = (before >= YEAR_1) & (before <= INTRODUCTORY) & (after == NONE)
    person = np.flatnonzero(third | fourth | left)
    june = np.char.add(spring[person].astype(str), "-06-09").astype("datetime64[D]")
    day = np.where(left[person], june - rng.integers(10, 230, person.size), june)
    return pd.DataFrame({"person": person, "outcome": np.where(left, LEFT, finished)[person], "day": day})


def _units(people: People, rng: np.random.Generator) -> Ints:
    """Each leaver's upper secondary school: at home where there is one, otherwise in the largest municipality."""
    units = upper_units(people.region)
    codes = units["municipality"].to_numpy()
    largest = codes == pd.Series(codes).mode()[0]
    home = people.region.sites["code"].to_numpy()[people.site[: people.leavers]]
    anywhere = rng.choice(np.flatnonzero(largest), people.leavers)
    stays = rng.random(people.leavers) < 0.55
    chosen = anywhere.copy()
    for code in sorted(set(codes.tolist())):
        here = np.flatnonzero((home == code) & stays)
        chosen[here] = rng.choice(np.flatnonzero(codes == code), here.size)
    return FIRST_UPPER_UNIT + chosen


def _programmes(rng: np.random.Generator, preparatory: Bools, boys: Ints) -> npt.NDArray[np.str_]:
    choices = np.array([VOCATIONAL, PREPARATORY])
    return choices[preparatory.astype(int), boys, rng.integers(0, choices.shape[2], boys.size)]


def _introductory(people: People, rng: np.random.Generator) -> npt.NDArray[np.str_]:
    drawn = rng.choice(["IMV", "IMY", "IMA"], people.leavers, p=[0.27, 0.23, 0.5])
    return np.where(people.newly[: people.leavers] == 1, "IMS", drawn)


def enrolment(people: People, paths: Paths, last: int) -> pd.DataFrame:
    """One row per person and 15 October up to that of `last`: the upper_secondary_enrolment extract."""
    parts = [_enrolled(people, paths, october, last) for october in range(OCTOBERS)]
    return pd.concat(parts, ignore_index=True).sort_values(["school_year", "person"], kind="stable", ignore_index=True)


def _enrolled(people: People, paths: Paths, october: int, last: int) -> pd.DataFrame:
    state = paths.state[:, october]
    leaving = people.leaving[: people.leavers]
    there = (state >= YEAR_1) & (state <= ADAPTED) & (leaving + october <= last)
    person = np.flatnonzero(there)
    now = state[person]
    introductory, adapted = now == INTRODUCTORY, now == ADAPTED
    programme = np.where(introductory, paths.introductory[person], paths.programme[person])
    again = (paths.state[person, october - 1] == INTRODUCTORY) & (october > 0)
    year = np.where(introductory, 1 + again, np.where(adapted, min(october + 1, 4), now))
    return pd.DataFrame(
        {
            "person": person,
            "spring": leaving[person] + october,
            "school_year": leaving[person] + october + 1,
            "school_unit": paths.unit[person],
            "programme": np.where(adapted, "AHADM", programme),
            "school_form": np.where(adapted, "adapted", "upper_secondary"),
            "study_year": year,
            "has_personal_number": ~((people.newly[person] == 1) & (person % 11 == 0)),
        }
    )


def outcomes(people: People, paths: Paths, last: int) -> pd.DataFrame:
    """One row per event up to the summer of `last`: the upper_secondary_outcome extract."""
    table = paths.events[paths.events["day"] <= pd.Timestamp(last, 8, 1)].reset_index(drop=True)
    person = table["person"].to_numpy()
    return table.assign(
        outcome=pd.Categorical.from_codes(table["outcome"], categories=pd.Index(OUTCOMES)),
        outcome_date=table["day"],
        school_unit=paths.unit[person],
        spring=table["day"].dt.year,
    ).drop(columns="day")


def afterwards(people: People, paths: Paths, last: int) -> pd.DataFrame:
    """One row per person and calendar year after her last event, up to the year before `last`."""
    rng = stream(people.region.seed, "afterwards")
    final = paths.events.groupby("person", sort=True).last()
    years = np.arange(people.region.springs[0] + 1, last)
    parts = []
    for year in years.tolist():
        own = final[(final["day"].dt.year < year) & (final["day"].dt.year >= year - 5)]
        person, diploma = own.index.to_numpy(), (own["outcome"] <= D_PREPARATORY).to_numpy()
        lean = 0.55 + 1.1 * diploma + 0.18 * people.margin[person] + 0.10 * (year - own["day"].dt.year.to_numpy())
        busy, draw = rng.random(person.size) < _chance(lean), rng.random(person.size)
        study = (own["outcome"] == D_PREPARATORY).to_numpy() * 0.45 + 0.12
        active = np.select([draw < study * 0.7, draw < study], [1, 2], 0)
        status = np.where(rng.random(person.size) < 0.012, 4, np.where(busy, active, 3))
        parts.append(pd.DataFrame({"person": person, "calendar_year": year, "status": status}))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(
        status=pd.Categorical.from_codes(table["status"], categories=pd.Index(STATUSES)), spring=table["calendar_year"]
    )


def responsibility(people: People, paths: Paths, last: int) -> pd.DataFrame:
    """The municipal activity responsibility: one row per person, spell and school year, the last one the year after `last`."""
    rng = stream(people.region.seed, "responsibility")
    parts = [_moved(people, paths), *(_spells(people, paths, rng, october) for october in range(OCTOBERS - 1))]
    spells = pd.concat(parts, ignore_index=True)
    springs = np.append(people.region.springs[1:], last + 1)
    yearly = [_registered(spells, spring) for spring in springs.tolist()]
    table = pd.concat(yearly, ignore_index=True).sort_values(["spring", "person"], kind="stable", ignore_index=True)
    return table.assign(took_part=rng.random(len(table)) < 0.55, school_year=table["spring"])


def _registered(spells: pd.DataFrame, spring: int) -> pd.DataFrame:
    """The spells that touch a school year, as they looked at its end."""
    first, last = pd.Timestamp(spring - 1, 7, 1), pd.Timestamp(spring, 6, 30)
    held = spells[(spells["registered"] <= last) & (spells["deregistered"] >= first)]
    over = held["deregistered"] <= last
    return held.assign(spring=spring, deregistered=held["deregistered"].where(over), reason=held["reason"].where(over))


def _moved(people: People, paths: Paths) -> pd.DataFrame:
    """Two of three who moved away after year 9: known to the register for the weeks until it was seen."""
    person = np.flatnonzero((paths.state[:, 0] == MOVED) & (np.arange(people.leavers) % 3 > 0))
    year = people.leaving[person]
    return pd.DataFrame(
        {"person": person, "registered": _day(year, 8, 25), "deregistered": _day(year, 9, 20), "reason": "moved"}
    )


def _spells(people: People, paths: Paths, rng: np.random.Generator, october: int) -> pd.DataFrame:
    """Spells that begin with this October: outside school now and not the year before."""
    state, leaving = paths.state, people.leaving[: people.leavers]
    begins = state[:, october] == NONE
    if october:
        begins &= state[:, october - 1] != NONE
    person = np.flatnonzero(begins & (leaving + october < people.birth_year[: people.leavers] + 20))
    back = np.argmax(state[person, october + 1 :] != NONE, axis=1)
    returns = (state[person, october + 1 :] != NONE).any(axis=1)
    then = state[person, np.minimum(october + 1 + back, OCTOBERS - 1)]
    start = _day(leaving[person] + october, 9, 1) + rng.integers(0, 60, person.size)
    school = _day(leaving[person] + october + 1 + back, 8, 20)
    twenty = _day(people.birth_year[person] + 20, 1, 1) + rng.integers(0, 365, person.size)
    ended = np.where(returns & (school < twenty), school, twenty)
    reasons = np.where(then == INTRODUCTORY, "introductory_programme", "national_programme")
    return pd.DataFrame(
        {
            "person": person,
            "registered": start,
            "deregistered": ended,
            "reason": np.where(ended == twenty, "age_20", reasons),
        }
    )[ended > start]


def _day(year: Ints, month: int, day: int) -> npt.NDArray[np.datetime64]:
    return np.char.add(year.astype(str), f"-{month:02d}-{day:02d}").astype("datetime64[D]")
