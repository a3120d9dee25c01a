"""The invented models: which schools have which one, from when, and the effect that was built in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.demo.region import FIRST_LOWER_UNIT, Region, Scale

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ALL_SITES = 0
"""As a number of schools: every municipal school of the municipality."""
DIP = -3.0
"""Points fewer eligible in the last whole year before a start: adopters start after a bad year."""


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What a model does, by whole years since its start (the last value goes on); the split year has half of the first.

    `eligibility` in points of pupils eligible for vocational programmes, `absence` in points of true absence,
    `registration` in points of the offered time that is reported: it makes more absence visible and changes none.
    """

    meaning: str
    eligibility: tuple[float, ...] = (0.0,)
    absence: tuple[float, ...] = (0.0,)
    registration: tuple[float, ...] = (0.0,)


EFFECTS: Mapping[str, Effect] = {
    "school_social_team": Effect(
        meaning="Verkar: mindre frånvaro från första läsåret, fler behöriga främst från det andra.",
        eligibility=(3.0, 5.0),
        absence=(-2.0, -2.5),
    ),
    "attendance_team": Effect(meaning="Verkar inte: varken närvaro eller behörighet ändras."),
    "social_worker_in_school": Effect(meaning="Skadar: färre behöriga.", eligibility=(-4.0,), absence=(0.5,)),
    "early_coordination": Effect(
        meaning="Ändrar bara hur frånvaro registreras: mer rapporteras, ingen är mer borta.", registration=(8.0,)
    ),
    "sspf": Effect(meaning="Fanns före första mätåret; ingen effekt är inbyggd och ingen kan avläsas."),
    "family_centre": Effect(meaning="Gradvis start; ingen effekt är inbyggd."),
    "resource_centre": Effect(meaning="Okänd start; ingen effekt är inbyggd."),
    "coordinated_plan": Effect(meaning="Fanns före första mätåret; ingen effekt är inbyggd."),
}

TITLES: Mapping[str, str] = {
    "school_social_team": "Skolsocialt team",
    "attendance_team": "Närvaroteam",
    "social_worker_in_school": "Socialsekreterare i skolan",
    "early_coordination": "TSI",
    "sspf": "SSPF",
    "family_centre": "Fältare vid skolan",
    "resource_centre": "Resurscentrum",
    "coordinated_plan": "Västbus",
}


@dataclass(frozen=True, kw_only=True)
class Start:
    """One line of the plan: a model, where, at how many schools, from when."""

    model: str
    code: str
    schools: int
    started: date
    precision: str = "date"
    ended: date | None = None
    planned: float = 2.0
    filled: float = 2.0
    overlapping: bool = False

    @property
    def decided_by(self) -> str:
        return "municipality" if self.schools == ALL_SITES else "school"


def _starts(model: str, *rows: tuple[str, int, str, str]) -> tuple[Start, ...]:
    return tuple(
        Start(model=model, code=code, schools=schools, started=date.fromisoformat(started), precision=precision)
        for code, schools, started, precision in rows
    )


GR_PLAN: tuple[Start, ...] = (
    *_starts(
        "school_social_team",
        ("1440", ALL_SITES, "2021-01-18", "date"),
        ("1489", ALL_SITES, "2020-08-17", "date"),
        ("1482", ALL_SITES, "2021-08-16", "term"),
        ("1462", ALL_SITES, "2020-08-17", "school_year"),
        ("1402", ALL_SITES, "2021-08-16", "date"),
        ("1415", ALL_SITES, "2022-01-10", "date"),
        ("1480", 6, "2021-08-16", "date"),
    ),
    *_starts(
        "social_worker_in_school",
        ("1480", 9, "2020-08-17", "date"),
        ("1384", 3, "2020-08-17", "date"),
        ("1481", 2, "2021-08-16", "date"),
        ("1441", 2, "2021-01-11", "date"),
        ("1401", 1, "2021-08-16", "term"),
    ),
    *_starts(
        "attendance_team",
        ("1480", 8, "2021-08-16", "date"),
        ("1384", 3, "2021-08-16", "date"),
        ("1481", 2, "2020-08-17", "date"),
        ("1441", 1, "2022-01-10", "date"),
        ("1401", 1, "2020-08-17", "date"),
    ),
    *_starts(
        "early_coordination",
        ("1480", 8, "2022-08-15", "date"),
        ("1401", 2, "2021-08-16", "date"),
        ("1407", ALL_SITES, "2021-08-16", "school_year"),
    ),
    Start(
        model="attendance_team", code="1441", schools=1, started=date(2018, 8, 20), ended=date(2022, 6, 30), filled=1.5
    ),
    Start(model="family_centre", code="1384", schools=1, started=date(2019, 8, 15), precision="gradual", filled=0.5),
    Start(model="resource_centre", code="1419", schools=1, started=date(2018, 1, 1), precision="unknown", filled=1.0),
    Start(model="coordinated_plan", code="1482", schools=2, started=date(2014, 8, 15), overlapping=True),
    Start(
        model="sspf",
        code="1480",
        schools=ALL_SITES,
        started=date(2007, 8, 15),
        precision="school_year",
        planned=30,
        filled=27,
    ),
    Start(
        model="sspf",
        code="1481",
        schools=ALL_SITES,
        started=date(2007, 8, 15),
        precision="school_year",
        planned=4,
        filled=4,
    ),
)


def _country_plan(scale: Scale) -> tuple[Start, ...]:
    """Adopters among the municipalities where fewest are eligible; every model in a tenth of the country."""
    worst = [member.code for member in sorted(scale.members, key=lambda member: member.level)]
    models = ("school_social_team", "social_worker_in_school", "attendance_team", "early_coordination")
    rows = [
        Start(model=model, code=code, schools=ALL_SITES, started=date(2020 + i % 3, 8, 17))
        for k, model in enumerate(models)
        for i, code in enumerate(worst[k : len(worst) // 2 : 5])
    ]
    return tuple(rows)


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A model in place at certain sites: `first` is its first whole year, `exposed` the first it touches (springs)."""

    name: str
    start: Start
    sites: Ints
    first: int
    exposed: int
    last: int

    @property
    def effect(self) -> Effect:
        return EFFECTS[self.start.model]

    @property
    def evaluable(self) -> bool:
        """Whether the start is a date one can count from."""
        return self.start.precision not in ("gradual", "unknown")


def instances(region: Region) -> tuple[Instance, ...]:
    """The plan laid out over the region's schools, those with the lowest level first."""
    plan = _country_plan(region.scale) if region.scale.name == "sweden" else GR_PLAN
    taken: set[int] = set()
    laid = [_lay_out(region, start, taken) for start in plan]
    return tuple(instance for instance in laid if instance.sites.size)


def _lay_out(region: Region, start: Start, taken: set[int]) -> Instance:
    sites = region.municipal_sites(start.code)
    if start.schools != ALL_SITES:
        free = sites if start.overlapping else sites[[site not in taken for site in sites.tolist()]]
        sites = free[: _number(region, start, len(sites), len(free))]
        taken.update(sites.tolist())
    autumn = start.started.month >= 7
    spring = start.started.year + 1 if autumn else start.started.year
    whole = autumn and (start.started.month, start.started.day) <= (9, 30)
    ended = start.ended
    name = {member.code: member.name for member in region.scale.members}[start.code]
    return Instance(
        name=f"{TITLES[start.model]} {name} {start.started.year} (Exempeldata)",
        start=start,
        sites=sites,
        first=spring if whole else spring + 1,
        exposed=spring,
        last=9999 if ended is None else ended.year - (ended.month < 5),
    )


def _number(region: Region, start: Start, sites: int, free: int) -> int:
    """How many schools a school-decided start gets: as planned for a whole region, fewer where it is made smaller."""
    usual = max(1, round(next(m for m in region.scale.members if m.code == start.code).municipal / 88))
    return min(max(1, round(start.schools * min(1.0, sites / usual))), max(0, free - 1))


def event_years(instance: Instance, springs: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
    """Whole years since the start per spring (below 0 before), and which springs are the split year."""
    split = (springs >= instance.exposed) & (springs < instance.first)
    return springs - instance.first, split


def _profile(values: tuple[float, ...], instance: Instance, springs: Ints) -> Floats:
    """An effect per spring: by event year, half the first in the split year, none before or after."""
    event, split = event_years(instance, springs)
    running = (event >= 0) & (springs <= instance.last)
    by_year = np.array(values)[np.clip(event, 0, len(values) - 1)]
    return np.where(running, by_year, np.where(split, values[0] / 2, 0.0))


@dataclass(frozen=True, kw_only=True)
class BuiltIn:
    """What the models do per site and spring, in points; overlapping models add up."""

    eligibility: Floats
    absence: Floats
    registration: Floats
    dip: Floats


def built_in(region: Region, laid: tuple[Instance, ...]) -> BuiltIn:
    """The effects and dips of all instances over sites x springs."""
    shape = region.unit.shape
    total = {name: np.zeros(shape) for name in ("eligibility", "absence", "registration", "dip")}
    for instance in laid:
        effect, springs = instance.effect, region.springs
        total["eligibility"][instance.sites] += _profile(effect.eligibility, instance, springs)
        total["absence"][instance.sites] += _profile(effect.absence, instance, springs)
        total["registration"][instance.sites] += _profile(effect.registration, instance, springs)
        if instance.evaluable:
            dips = np.where(springs == instance.exposed - 1, DIP, 0.0)
            total["dip"][instance.sites] = np.minimum(total["dip"][instance.sites], dips)
    return BuiltIn(**total)


def units_table(region: Region) -> pd.DataFrame:
    """One row per unit code: the school_units extract."""
    rows = [row for site in range(len(region.sites)) for row in (*_unit_rows(region, site), *_lower_rows(region, site))]
    table = pd.DataFrame(rows).drop_duplicates("school_unit").sort_values("school_unit", kind="stable")
    return table.reset_index(drop=True)


def _unit_rows(region: Region, site: int) -> Iterator[dict[str, object]]:
    place, springs, codes = region.sites.loc[site], region.springs, region.unit[site]
    used = [int(code) for code in dict.fromkeys(codes.tolist()) if code]
    for position, code in enumerate(used):
        held = springs[codes == code]
        new = position > 0 or place["opened"] > 0
        closed = position + 1 < len(used)
        name = place["name"] + (" (ny enhet)" if position else "")
        yield {
            "school_unit": str(code),
            "unit_name": name,
            "municipality": place["code"],
            "provider": place["provider"],
            "stages": place["stages"],
            "valid_from": date(int(held[0]) - 1, 7, 1) if new else date(2010, 7, 1),
            "valid_to": date(int(held[-1]), 6, 30) if closed else None,
            "successor": str(used[position + 1]) if closed else None,
        }


def _lower_rows(region: Region, site: int) -> Iterator[dict[str, object]]:
    """The school where a site's pupils were before, when the site does not have the lower stages itself."""
    place = region.sites.loc[site]
    missing = [stage for stage in ("F-3", "4-6") if stage not in place["stages"]]
    if missing:
        yield {
            "school_unit": str(FIRST_LOWER_UNIT + site),
            "unit_name": f"Lilla {place['name']}",
            "municipality": place["code"],
            "provider": place["provider"],
            "stages": "|".join(missing),
            "valid_from": date(2010, 7, 1),
            "valid_to": None,
            "successor": None,
        }
