"""The invented region's members, schools and years: sizes and levels shaped like public figures, schools made up.

Leavers and levels per member: Skolverket, "Behörighet till gymnasieskolan" 2024/25 and the ten years before it. Members
that will get the effective model start a few points lower, so that they end near their public figure.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.vocabulary import REFERENCE_FOLDER

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

LAST_SPRING = 2025
FIRST_UNIT = 10_000_001
FIRST_LOWER_UNIT = 10_300_001
FIRST_UPPER_UNIT = 10_600_001
FIRST_NEW_UNIT = 10_900_001


@dataclass(frozen=True, kw_only=True)
class Member:
    """One municipality of the demo: leavers a year by provider, eligible in percent, foreign background in percent."""

    code: str
    name: str
    municipal: int
    independent: int
    level: float
    independent_level: float
    foreign: float
    board: str = "utbildningsnämnden"
    spread: float = 4.0

    @property
    def sender(self) -> str:
        """The organisation that hands in the municipality's school files."""
        return f"{self._municipality}, {self.board}"

    @property
    def social_sender(self) -> str:
        """The organisation that hands in what its social services have."""
        return f"{self._municipality}, socialnämnden"

    @property
    def _municipality(self) -> str:
        genitive = "" if self.name[-1] in "aeiouyåäösxz" else "s"
        return f"{self.name}{genitive} kommun"


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large a region is made: members, share of each member's size, and how many school years.

    office: the organisation that hands in what is about the whole region.
    """

    name: str
    members: tuple[Member, ...]
    share: float = 1.0
    years: int = 10
    last: int = LAST_SPRING
    leavers_per_unit: int = 88
    leavers_per_independent_unit: int = 55
    office: str = "Göteborgsregionens kommunalförbund"

    @property
    def springs(self) -> Ints:
        """The springs in which the school years end."""
        return np.arange(self.last - self.years + 1, self.last + 1)


def _members() -> tuple[Member, ...]:
    rows: tuple[tuple[str, str, int, int, float, float, float, str], ...] = (
        ("1440", "Ale", 409, 25, 78.0, 95.0, 23, "utbildningsnämnden"),
        ("1489", "Alingsås", 449, 111, 77.5, 92.5, 16, "barn- och ungdomsnämnden"),
        ("1480", "Göteborg", 4336, 2138, 79.5, 90.5, 37, "grundskolenämnden"),
        ("1401", "Härryda", 538, 73, 88.5, 96.5, 11, "utbildningsnämnden"),
        ("1384", "Kungsbacka", 1097, 202, 87.5, 96.0, 10, "nämnden för förskola och grundskola"),
        ("1482", "Kungälv", 526, 99, 79.5, 92.0, 13, "utbildningsnämnden"),
        ("1441", "Lerum", 650, 28, 86.5, 96.0, 10, "utbildningsnämnden"),
        ("1462", "Lilla Edet", 126, 15, 70.0, 85.0, 25, "bildningsnämnden"),
        ("1481", "Mölndal", 738, 77, 86.5, 88.5, 19, "utbildningsnämnden"),
        ("1402", "Partille", 528, 20, 81.5, 96.0, 19, "utbildningsnämnden"),
        ("1415", "Stenungsund", 358, 19, 81.5, 93.0, 14, "utbildningsnämnden"),
        ("1419", "Tjörn", 165, 0, 85.5, 90.0, 10, "barn- och utbildningsnämnden"),
        ("1407", "Öckerö", 132, 22, 89.5, 94.0, 7, "barn- och utbildningsnämnden"),
    )
    return tuple(
        Member(
            code=code,
            name=name,
            municipal=municipal,
            independent=independent,
            level=level,
            independent_level=independent_level,
            foreign=foreign,
            board=board,
            spread=6.0 if municipal > 2000 else 3.5,
        )
        for code, name, municipal, independent, level, independent_level, foreign, board in rows
    )


GR_MEMBERS = _members()

HEADS = [
    "Alm",
    "Björn",
    "Dun",
    "Ejd",
    "Fjäll",
    "Glim",
    "Hav",
    "Is",
    "Jord",
    "Klov",
    "Ljus",
    "Mull",
    "Nor",
    "Odd",
    "Pil",
    "Ros",
    "Silver",
    "Tuv",
    "Ulv",
    "Vind",
    "Ytter",
    "Åk",
    "Ängs",
    "Öst",
    "Bro",
    "Sand",
    "Sten",
    "Ham",
    "Kvarn",
]
TAILS = ["arum", "evalla", "imåla", "ogärde", "ahed", "eryd", "iboda", "åsund", "ekulla", "estrand"]
COUNTRY_LEAVERS = 115_000
COUNTRY = "Exempellandet"
"""Name of the invented country, and of the office that hands in for all of it."""


def _codes() -> list[str]:
    """Codes that exist: a file with others is refused."""
    with (REFERENCE_FOLDER / "municipalities.csv").open(encoding="utf-8", newline="") as file:
        return sorted(row["code"] for row in csv.DictReader(file, delimiter=";"))


def invented_country() -> tuple[Member, ...]:
    """290 municipalities with made-up names and sizes under the codes that exist; the same ones whatever the seed."""
    rng = np.random.default_rng(290)
    names = [head + tail for tail in TAILS for head in HEADS]
    weights = rng.lognormal(sigma=1.0, size=len(names))
    sizes = np.maximum(25, COUNTRY_LEAVERS * weights / weights.sum()).round().astype(int)
    independent = (sizes * np.clip(rng.normal(0.15, 0.1, len(names)), 0, 0.35)).round().astype(int)
    levels = rng.normal(83, 4, len(names)).clip(70, 92)
    return tuple(
        Member(
            code=code,
            name=name,
            municipal=int(sizes[i] - independent[i]),
            independent=int(independent[i]) if independent[i] >= 10 else 0,
            level=round(float(levels[i]), 1),
            independent_level=round(float(np.clip(levels[i] + 8, 80, 96)), 1),
            foreign=round(rng.uniform(6, 38)),
        )
        for i, (code, name) in enumerate(zip(_codes(), names, strict=True))
    )


def scale_of(name: str) -> Scale:
    """The scale of this name; ValueError "rule, got: value" for another."""
    if name == "small":
        return Scale(
            name=name,
            members=GR_MEMBERS,
            share=0.05,
            years=4,
            leavers_per_unit=16,
            leavers_per_independent_unit=20,
        )
    if name == "gr":
        return Scale(name=name, members=GR_MEMBERS)
    if name == "sweden":
        return Scale(name=name, members=invented_country(), office=COUNTRY)
    raise ValueError(f"a scale is small, gr or sweden, got: {name!r}")


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one part: adding a part never moves another's."""
    return np.random.default_rng([seed, crc32(name.encode())])


@dataclass(frozen=True, kw_only=True)
class Region:
    """Sites (places with a school), one row each, and the unit code of every site in every spring.

    `sites`: member (position), code (municipality), provider, organisation, name, weight, level (percent), stages,
    opened (first spring). `unit` and `leavers` are sites x springs; a site not opened yet has 0 of both.
    """

    scale: Scale
    seed: int
    sites: pd.DataFrame
    unit: Ints
    leavers: Ints

    @property
    def springs(self) -> Ints:
        return self.scale.springs

    def municipal_sites(self, code: str) -> Ints:
        """Positions of the municipality's own sites, lowest level first."""
        return _own(self.sites, code)


def build(scale: Scale, seed: int) -> Region:
    """The region's sites, codes over time and leavers per site and year."""
    rng = stream(seed, "region")
    sites = pd.concat([_member_sites(rng, scale, i) for i in range(len(scale.members))], ignore_index=True)
    sites["organisation"] = _organisations(scale, sites)
    unit = np.repeat((FIRST_UNIT + np.arange(len(sites)))[:, None], len(scale.springs), axis=1)
    unit = _changed_codes(sites, unit, scale)
    open_then = scale.springs >= sites["opened"].to_numpy()[:, None]
    leavers = np.where(open_then, _leavers(rng, scale, sites), 0)
    return Region(scale=scale, seed=seed, sites=sites, unit=np.where(open_then, unit, 0), leavers=leavers)


def _member_sites(rng: np.random.Generator, scale: Scale, position: int) -> pd.DataFrame:
    member = scale.members[position]
    municipal = _sizes(rng, member.municipal * scale.share, scale.leavers_per_unit)
    independent = _sizes(rng, member.independent * scale.share, scale.leavers_per_independent_unit)
    levels = [
        _levels(rng, municipal, member.level, member.spread),
        _levels(rng, independent, member.independent_level, 2.5),
    ]
    count = len(municipal) + len(independent)
    return pd.DataFrame(
        {
            "member": position,
            "code": member.code,
            "provider": ["municipal"] * len(municipal) + ["independent"] * len(independent),
            "name": [f"Exempelskolan {i + 1}, {member.name}" for i in range(count)],
            "weight": np.concatenate([municipal, independent]),
            "level": np.concatenate(levels),
            "stages": np.where(
                rng.random(count) < 0.35, "F-3|4-6|7-9", np.where(rng.random(count) < 0.3, "4-6|7-9", "7-9")
            ),
            "opened": _opened(scale, member, len(municipal), count),
        }
    )


def _sizes(rng: np.random.Generator, leavers: float, per_unit: int) -> Floats:
    """Leavers a year per site: unequal, never tiny beside the others."""
    if leavers <= 0:
        return np.zeros(0)
    weights = rng.gamma(9, size=max(1, round(leavers / per_unit))).clip(4.5, 17)
    return leavers * weights / weights.sum()


def _levels(rng: np.random.Generator, sizes: Floats, level: float, spread: float) -> Floats:
    """Eligible in percent per site, around the member's level by weight."""
    if not sizes.size:
        return sizes
    drawn = rng.normal(0, spread, sizes.size).clip(-2.2 * spread, 2.2 * spread)
    return (level + drawn - np.average(drawn, weights=sizes)).clip(45, 98)


def _opened(scale: Scale, member: Member, municipal: int, count: int) -> Ints:
    """First spring with leavers: all from the start, but the last independent school of Kungsbacka opened late."""
    opened = np.zeros(count, dtype=np.int64)
    if member.code == "1384" and count > municipal + 1:
        opened[-1] = LAST_SPRING - 1
    return opened


INDEPENDENT_PROVIDERS = (
    "Exempelfriskolorna Norr AB",
    "Exempelfriskolorna Syd AB",
    "Stiftelsen Exempelskolorna",
    "Exempelskolan ekonomisk förening",
    "Exempelgruppen Utbildning AB",
)


def _organisations(scale: Scale, sites: pd.DataFrame) -> Sequence[str]:
    """Who hands in: the municipality for its own schools, one of a few companies for the independent ones."""
    owners = zip(sites["member"].tolist(), sites["provider"].tolist(), strict=True)
    return [
        scale.members[member].sender if provider == "municipal" else INDEPENDENT_PROVIDERS[position % 5]
        for position, (member, provider) in enumerate(owners)
    ]


MERGED_FROM = 2024
RECODED_FROM = 2020


def _changed_codes(sites: pd.DataFrame, unit: Ints, scale: Scale) -> Ints:
    """Two of Göteborg's best schools became one from 2023/24, and a school in Kungälv got a new code from 2019/20."""
    merged, recoded = _own(sites, "1480")[-2:], _own(sites, "1482")[-1:]
    changed = unit.copy()
    for position, (members, spring) in enumerate(((merged, MERGED_FROM), (recoded, RECODED_FROM))):
        if len(_own(sites, "1480")) > 4 and (scale.springs < spring).any():
            changed[np.ix_(members, np.flatnonzero(scale.springs >= spring))] = FIRST_NEW_UNIT + position
    return changed


def _own(sites: pd.DataFrame, code: str) -> Ints:
    own = sites[(sites["code"] == code) & (sites["provider"] == "municipal")]
    return own.sort_values("level", kind="stable").index.to_numpy()


def _leavers(rng: np.random.Generator, scale: Scale, sites: pd.DataFrame) -> Ints:
    """Leavers per site and year: the member's number shared by weight; the last year holds the public number."""
    result = np.zeros((len(sites), len(scale.springs)), dtype=np.int64)
    owner, municipal = sites["member"].to_numpy(), (sites["provider"] == "municipal").to_numpy()
    for position, own in ((i, own) for i in range(len(scale.members)) for own in (False, True)):
        rows = np.flatnonzero((owner == position) & (municipal == own))
        if not rows.size:
            continue
        member = scale.members[position]
        number = (member.municipal if own else member.independent) * scale.share
        weight = sites["weight"].to_numpy()[rows]
        share = weight / weight.sum()
        for year in range(len(scale.springs)):
            wobble = 0 if year == len(scale.springs) - 1 else rng.normal(0, 0.015)
            result[rows, year] = _apportioned(rng, max(1, round(number * (1 + wobble))), share)
    return result


def _apportioned(rng: np.random.Generator, number: int, share: Floats) -> Ints:
    """A whole number shared out by weight, with a class more or less here and there, at least one each."""
    drawn = rng.multinomial(number, share)
    while (drawn == 0).any() and number >= drawn.size:
        drawn[drawn.argmax()] -= 1
        drawn[drawn.argmin()] += 1
    return drawn
