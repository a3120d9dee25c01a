"""The invented pupils who leave year 9: who they are, and how likely each is to become eligible.

A pupil has a margin: above 0 she becomes eligible for vocational programmes. It is drawn so that the expected share of a
school in a year is exactly the level that was built in; the same draw without the models gives what would have been.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from metrics.demo.plan import BuiltIn
from metrics.demo.region import Region, stream

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

UNKNOWN = -1
EDUCATION = ("compulsory", "upper_secondary", "post_secondary")
REGION_SHOCK, MEMBER_SHOCK, SITE_SHOCK = 0.6, 1.4, 1.0
OUTSIDE = ("1463", "1490", "1485", "1382", "1466")
"""Home municipalities outside the region (Mark, Borås, Uddevalla, Falkenberg, Herrljunga)."""


@dataclass(frozen=True, kw_only=True)
class Pupils:
    """All leavers, one element each, ordered by spring and site.

    year: position in springs. sex: 1 girls, 0 boys. foreign, newly: 1, 0 or UNKNOWN. education: position in EDUCATION or
    UNKNOWN. home: municipality code, 0 unknown. other_system: not graded A-F. probability: of being eligible;
    without: the same had no model been there. draw: uniform; eligible where draw < probability.
    """

    region: Region
    year: Ints
    site: Ints
    sex: Ints
    birth_year: Ints
    home: Ints
    foreign: Ints
    newly: Ints
    education: Ints
    other_system: Bools
    probability: Floats
    without: Floats
    draw: Floats

    @property
    def number(self) -> int:
        return int(self.year.size)

    @property
    def spring(self) -> Ints:
        return self.region.springs[self.year]

    @property
    def unit(self) -> Ints:
        """School unit code."""
        return self.region.unit[self.site, self.year]

    @property
    def margin(self) -> Floats:
        """Above 0 = eligible; in logits."""
        return _logit(self.probability) - _logit(self.draw)


def _logit(share: Floats) -> Floats:
    return np.log(share) - np.log1p(-share)


def _shocks(region: Region, rng: np.random.Generator) -> Floats:
    """Points by which a site's year differs from its level: the region's, the member's and the site's own year."""
    members, years = len(region.scale.members), len(region.springs)
    common = rng.normal(0, REGION_SHOCK, years)
    common -= common[-1]
    member = rng.normal(0, MEMBER_SHOCK, (members, years))
    site = rng.normal(0, SITE_SHOCK, region.unit.shape)
    return common + member[region.sites["member"].to_numpy()] + site


def make(region: Region, effects: BuiltIn, *, part: str = "pupils") -> Pupils:
    """Every leaver of every year; `part` names the random numbers."""
    rng = stream(region.seed, part)
    counts = region.leavers.T.ravel()
    year, site = np.divmod(np.repeat(np.arange(counts.size), counts), len(region.sites))
    who = _background(region, rng, year, site)
    level = region.sites["level"].to_numpy()[:, None] + _shocks(region, rng) + effects.dip
    index, cell = _index(who), year * len(region.sites) + site
    without = _probabilities(index, cell, level.T.ravel(), counts)
    probability = _probabilities(index, cell, (level + effects.eligibility).T.ravel(), counts)
    return Pupils(
        region=region, year=year, site=site, probability=probability, without=without,
        draw=rng.random(year.size).clip(1e-9, 1 - 1e-9), **who,
    )  # fmt: skip


def _background(region: Region, rng: np.random.Generator, year: Ints, site: Ints) -> dict[str, Any]:
    """Who the pupils are, by the municipality's public shares; some things are not known of everyone."""
    number = year.size
    member = region.sites["member"].to_numpy()[site]
    share = np.array([each.foreign for each in region.scale.members])[member] / 100
    foreign = (rng.random(number) < share).astype(np.int64)
    newly = (rng.random(number) < np.where(foreign == 1, 0.10, 0.0005)).astype(np.int64)
    cut = rng.random(number) + np.where(foreign == 1, -0.12, 0.04) + (year - len(region.springs) + 1) * 0.008
    education = (cut > 0.06).astype(np.int64) + (cut > 0.31)
    late = (rng.random(number) < 0.02).astype(np.int64) - (rng.random(number) < 0.012)
    return {
        "sex": (rng.random(number) < 0.486).astype(np.int64),
        "birth_year": np.where(rng.random(number) < 0.002, 0, region.springs[year] - 16 - late),
        "home": _homes(region, rng, member, site),
        "foreign": np.where(rng.random(number) < 0.008, UNKNOWN, foreign),
        "newly": np.where(rng.random(number) < 0.008, UNKNOWN, newly),
        "education": np.where(rng.random(number) < 0.02, UNKNOWN, education),
        "other_system": rng.random(number) < _other_system(region)[site],
    }


def _other_system(region: Region) -> Floats:
    """Share graded in another system: a good part of one independent school, hardly anyone elsewhere."""
    share = np.zeros(len(region.sites))
    independent = np.flatnonzero((region.sites["provider"] == "independent").to_numpy())
    if independent.size:
        share[independent[-1]] = 0.25
        share[independent[0]] = 0.1
    return share


def _homes(region: Region, rng: np.random.Generator, member: Ints, site: Ints) -> Ints:
    """Municipality of residence: usually the school's, a neighbour's for some, seldom outside or unknown."""
    codes = np.array([int(each.code) for each in region.scale.members])
    sizes = np.array([each.municipal + each.independent for each in region.scale.members], dtype=float)
    independent = (region.sites["provider"] == "independent").to_numpy()[site]
    away = rng.random(member.size) < np.where(independent, 0.09, 0.02)
    elsewhere = rng.choice(codes, size=member.size, p=sizes / sizes.sum())
    outside = away & (rng.random(member.size) < 0.08)
    far = np.array([int(code) for code in OUTSIDE])[rng.integers(0, len(OUTSIDE), member.size)]
    home = np.where(outside, far, np.where(away, elsewhere, codes[member]))
    return np.where(rng.random(member.size) < 0.003, 0, home)


def _index(who: dict[str, Any]) -> Floats:
    """What background does to the odds, in logits."""
    education = np.array([-1.1, -0.55, 0.0, -0.7])[who["education"]]
    girls = 0.15 * (who["sex"] == 1)
    return education + girls - 0.55 * (who["foreign"] == 1) - 1.8 * (who["newly"] == 1)


def _probabilities(index: Floats, cell: Ints, level: Floats, counts: Ints) -> Floats:
    """Each pupil's probability, with the mean of every cell (site and year) at its level: Newton on the intercepts."""
    goal = (level / 100).clip(0.3, 0.985)
    intercept = _logit(goal)
    for _ in range(12):
        now = 1 / (1 + np.exp(-(intercept[cell] + index)))
        total = np.bincount(cell, now, counts.size)
        slope = np.bincount(cell, now * (1 - now), counts.size)
        intercept = intercept + np.where(counts > 0, (goal * counts - total) / np.maximum(slope, 1e-9), 0.0).clip(-2, 2)
    return 1 / (1 + np.exp(-(intercept[cell] + index)))


ALPHABET = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)


AT_A_TIME = 50_000
"""Pupils whose pseudonyms and marks are worked out together: a whole country's at once take gigabytes."""


def parts_of(number: int) -> Iterator[slice]:
    """0 to `number` in parts of AT_A_TIME, in order."""
    return (slice(start, start + AT_A_TIME) for start in range(0, number, AT_A_TIME))


def pseudonyms(numbers: Ints, *, seed: int, space: str) -> npt.NDArray[np.bytes_]:
    """Sixteen characters per pupil number, as a key holder would have made them: keyed, and unlike any identifier."""
    key = f"{space}-{seed}-Exempeldata".encode()
    made = np.empty(numbers.size, dtype="S16")
    for part in parts_of(numbers.size):
        made[part] = _keyed(numbers[part], key)
    return made


def _keyed(numbers: Ints, key: bytes) -> npt.NDArray[np.bytes_]:
    digests = b"".join(blake2b(b"%d" % number, digest_size=10, key=key).digest() for number in numbers.tolist())
    bits = np.unpackbits(np.frombuffer(digests, dtype=np.uint8).reshape(-1, 10), axis=1)
    letters = ALPHABET[bits.reshape(-1, 16, 5) @ (1 << np.arange(4, -1, -1))]
    return np.ascontiguousarray(letters).view("S16").ravel()
