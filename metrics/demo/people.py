"""Everyone who is or was a pupil in the region: the leavers and those still on their way, with moves and new pseudonyms.

One person has one life course: every extract about her is drawn from the same margin, school and background.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from metrics.demo.plan import BuiltIn
from metrics.demo.pupils import Pupils, make, pseudonyms
from metrics.demo.region import FIRST_LOWER_UNIT, Region, stream
from metrics.demo.writing import pseudonym_array

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

GRADES_BELOW = 9
"""Cohorts still on their way: those who leave year 9 in the coming nine springs."""
MOVE_SHARE = 0.05
RENAMED_SHARE = 0.002
STAGES = ("F-3", "4-6", "7-9")


@dataclass(frozen=True, kw_only=True)
class People:
    """One element per person; the first `leavers` are the year-9 leavers, in the same order.

    leaving: the spring they leave year 9. former: the site before a move (the same when there was none) and moved: the
    spring of the school year in which they moved. renamed: the last spring with the earlier pseudonym, 0 = never.
    """

    region: Region
    leavers: int
    leaving: Ints
    site: Ints
    former: Ints
    moved: Ints
    renamed: Ints
    sex: Ints
    birth_year: Ints
    home: Ints
    foreign: Ints
    newly: Ints
    education: Ints
    margin: Floats

    @property
    def number(self) -> int:
        return int(self.leaving.size)

    def stage_at(self, spring: int) -> Ints:
        """Position in STAGES of everyone's stage in the school year that ends then; -1 outside school."""
        grade = 9 - (self.leaving - spring)
        return np.where((grade < 0) | (grade > 9), -1, np.where(grade <= 3, 0, np.where(grade <= 6, 1, 2)))

    def site_at(self, spring: int) -> Ints:
        """The site that school year; those who move in it are at the new one."""
        return np.where(spring < self.moved, self.former, self.site)

    def home_at(self, spring: int) -> Ints:
        """Municipality of residence, another one before a move from there."""
        codes = self.region.sites["code"].to_numpy(dtype=np.int64)
        before = (spring < self.moved) & (codes[self.former] != codes[self.site])
        return np.where(before, codes[self.former], self.home)

    def pseudonym_at(self, persons: Ints, spring: int | Ints) -> Ints:
        """Positions in the school pseudonyms: the earlier one up to the spring in which it was replaced."""
        old = spring <= self.renamed[persons]
        order = np.cumsum(self.renamed > 0) - 1
        return np.where(old, self.number + order[persons], persons)


def unit_of(region: Region, site: Ints, stage: Ints, spring: int) -> Ints:
    """The school unit code of each site and stage that school year; 0 where the site had not opened."""
    has = np.array([[name in stages for name in STAGES] for stages in region.sites["stages"]])
    year = int(np.flatnonzero(region.springs == spring)[0])
    return np.where(has[site, stage], region.unit[site, year], FIRST_LOWER_UNIT + site)


def everyone(pupils: Pupils) -> People:
    """The leavers and the cohorts behind them."""
    region = pupils.region
    rng = stream(region.seed, "people")
    coming = _coming(region)
    site = np.concatenate([pupils.site, coming.site])
    leaving = np.concatenate([pupils.spring, coming.spring])
    moved = np.where(rng.random(site.size) < MOVE_SHARE, leaving - rng.integers(1, 6, site.size), 0)
    renamed = np.where(rng.random(site.size) < RENAMED_SHARE, leaving - rng.integers(1, 4, site.size), 0)
    both = {
        name: np.concatenate([getattr(pupils, name), getattr(coming, name)])
        for name in ("sex", "birth_year", "home", "foreign", "newly", "education", "margin")
    }
    former = np.where(moved > 0, rng.choice(len(region.sites), site.size, p=_weights(region)), site)
    return People(
        region=region, leavers=pupils.number, leaving=leaving, site=site, former=former, moved=moved, renamed=renamed, **both
    )  # fmt: skip


def _weights(region: Region) -> Floats:
    weight = region.sites["weight"].to_numpy() * (region.sites["opened"].to_numpy() == 0)
    return weight / weight.sum()


def _coming(region: Region) -> Pupils:
    """Those who have not left year 9 yet: as many each year as the newest leavers, without anything built in."""
    scale = replace(region.scale, years=GRADES_BELOW, last=region.scale.last + GRADES_BELOW)
    years = len(scale.springs)
    later = replace(
        region,
        scale=scale,
        unit=np.repeat(region.unit[:, -1:], years, axis=1),
        leavers=np.repeat(region.leavers[:, -1:], years, axis=1),
    )
    nothing = np.zeros(later.unit.shape)
    effects = BuiltIn(eligibility=nothing, absence=nothing, registration=nothing, dip=nothing)
    return make(later, effects, part="coming")


def leavers_pseudonyms(pupils: Pupils) -> pa.Array:
    """The leavers' pseudonyms alone."""
    return pseudonym_array(pseudonyms(np.arange(pupils.number), seed=pupils.region.seed, space="school"))


def school_pseudonyms(people: People) -> pa.Array:
    """Everyone's pseudonym in the school space, then the earlier ones of those who got a new one."""
    numbers = np.arange(people.number + int((people.renamed > 0).sum()))
    return pseudonym_array(pseudonyms(numbers, seed=people.region.seed, space="school"))


def social_pseudonyms(people: People, persons: Ints) -> pa.Array:
    """These persons' pseudonyms in the social services' space: another key, nothing in common."""
    return pseudonym_array(pseudonyms(persons, seed=people.region.seed, space="social"))
