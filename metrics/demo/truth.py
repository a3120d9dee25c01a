"""What was built in: exact figures counted from the generator's own pupils by definition, and the models' true effects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.demo.grades import COLUMN, OTHERS, PASS, SCIENCE, SOCIETY, Grades
from metrics.demo.plan import DIP, Instance, event_years
from metrics.demo.pupils import Pupils
from metrics.demo.region import Region
from metrics.vocabulary import school_year_label

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

POINTS = np.array([0, 0, 0, 10, 12.5, 15, 17.5, 20])
ALSO_OTHER = ("M1", "M2", "ML", "DA", "TN", "NO", "SO")


def _passes(grades: Grades, codes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    return (grades[:, [COLUMN[code] for code in codes]] >= PASS).sum(axis=1)


def indicators(grades: Grades) -> dict[str, tuple[Floats, Bools]]:
    """Numerator (0/1 or merit points) and denominator (0/1) of each pupil for every indicator of the family."""
    swedish = np.maximum(grades[:, COLUMN["SV"]], grades[:, COLUMN["SVA"]])
    core = (swedish >= PASS) & (_passes(grades, ("EN", "MA")) == 2)
    others = _passes(grades, OTHERS + ALSO_OTHER)
    passed = others + (swedish >= PASS) + _passes(grades, ("EN", "MA"))
    failed = ((grades > 0) & (grades < PASS)).sum(axis=1)
    everyone = np.ones(len(grades), dtype=bool)
    merit_16, merit_17 = _merits(grades, swedish)
    shares = {
        "eligibility_vocational": core & (others >= 5),
        "eligibility_arts": core & (others >= 9),
        "eligibility_social_sciences": core & (others >= 9) & (_passes(grades, SOCIETY) == 4),
        "eligibility_science_technology": core & (others >= 9) & (_passes(grades, SCIENCE) == 3),
        "all_subjects_passed": (failed == 0) & (passed > 0),
    }
    return {name: (has.astype(float), everyone) for name, has in shares.items()} | {
        "merit_value_16": (merit_16, passed > 0),
        "merit_value_17": (merit_17, passed > 0),
    }


def _merits(grades: Grades, swedish: Grades) -> tuple[Floats, Floats]:
    """The sum of the 16 best subjects; and of the 16 best besides the language choice, plus that."""
    rest = [column for code, column in COLUMN.items() if code not in ("SV", "SVA", "M1")]
    points = np.column_stack([POINTS[swedish], POINTS[grades[:, rest]]])
    language = POINTS[grades[:, COLUMN["M1"]]]
    whole = np.sort(np.column_stack([points, language]), axis=1)[:, -16:].sum(axis=1)
    return whole, np.sort(points, axis=1)[:, -16:].sum(axis=1) + language


def year9(pupils: Pupils, grades: Grades) -> list[dict[str, Any]]:
    """Numerators and denominators per school year x municipality (and region) x provider x sex."""
    sites = pupils.region.sites
    rows = []
    for spring, own in _leavers(pupils):
        family = indicators(grades[own])
        independent = (sites["provider"] == "independent").to_numpy()[pupils.site[own]]
        girls, everyone = pupils.sex[own] == 1, np.ones_like(independent)
        providers = {"all": everyone, "municipal": ~independent, "independent": independent}
        sexes = {"all": everyone, "girls": girls, "boys": ~girls}
        for area, members in _areas(sites["code"].to_numpy()[pupils.site[own]]):
            for provider, of_provider in providers.items():
                for sex, of_sex in sexes.items():
                    chosen = members[of_provider[members] & of_sex[members]]
                    if chosen.size:
                        key = {"school_year": school_year_label(spring), "municipality": area}
                        rows.append(key | {"provider": provider, "sex": sex, "values": _sums(family, chosen)})
    return rows


def _leavers(pupils: Pupils) -> Iterator[tuple[int, Ints]]:
    """Each spring with the numbers of its leavers who are graded A to F: a year at a time, as a country's are many."""
    for year, spring in enumerate(pupils.region.springs.tolist()):
        yield spring, np.flatnonzero((pupils.year == year) & ~pupils.other_system)


def _areas(codes: npt.NDArray[Any]) -> Iterator[tuple[str, Ints]]:
    """The region and each municipality, with the positions of its pupils in `codes`."""
    yield "all", np.arange(codes.size)
    places, names = pd.factorize(codes, sort=True)
    ends = np.cumsum(np.bincount(places, minlength=len(names)))
    yield from zip(names.tolist(), np.split(np.argsort(places, kind="stable"), ends[:-1]), strict=True)


def _sums(family: Mapping[str, tuple[Floats, Bools]], chosen: npt.NDArray[np.int64]) -> dict[str, list[float]]:
    """Per indicator [numerator, denominator]; whole numbers but for halves of merit points."""
    sums = {}
    for name, (value, of) in family.items():
        inside = chosen[of[chosen]]
        total = float(value[inside].sum())
        sums[name] = [int(total) if total.is_integer() else total, int(inside.size)]
    return sums


def model_sets(region: Region, laid: tuple[Instance, ...]) -> list[list[frozenset[str]]]:
    """Per site and spring: the model types in place all that school year."""
    springs = region.springs.tolist()
    found: list[list[frozenset[str]]] = [[frozenset() for _ in springs] for _ in range(len(region.sites))]
    for instance in laid:
        for year, spring in enumerate(springs):
            if instance.first <= spring <= instance.last:
                for site in instance.sites.tolist():
                    found[site][year] |= {instance.start.model}
    return found


def models_at(region: Region, laid: tuple[Instance, ...], table: pd.DataFrame) -> npt.NDArray[np.str_]:
    """The set of models, joined with "|", at the unit and school year of each row; lower units have none of their own."""
    sets = np.array([["|".join(sorted(each)) for each in years] for years in model_sets(region, laid)])
    year = table["spring"].to_numpy() - region.springs[0]
    site = table["site"].to_numpy()
    own = region.unit[site, year] == table["unit"].to_numpy()
    return np.where(own, sets[site, year], "")


def year9_by_model(pupils: Pupils, grades: Grades, laid: tuple[Instance, ...]) -> list[dict[str, Any]]:
    """Numerators and denominators per school year x municipality (and region) x model; "none" = at schools without any.

    A pupil at a school with two models stands in both rows, and once in the total.
    """
    sets = model_sets(pupils.region, laid)
    names = sorted({instance.start.model for instance in laid})
    has = {name: np.array([[name in each for each in years] for years in sets]) for name in names}
    has["none"] = np.array([[not each for each in years] for years in sets])
    codes = pupils.region.sites["code"].to_numpy()
    rows = []
    for year, (spring, own) in enumerate(_leavers(pupils)):
        family, site = indicators(grades[own]), pupils.site[own]
        for area, members in _areas(codes[site]):
            for name, there in has.items():
                chosen = members[there[site[members], year]]
                if chosen.size:
                    key = {"school_year": school_year_label(spring), "municipality": area, "model": name}
                    rows.append(key | {"values": _sums(family, chosen)})
    return rows


def models(pupils: Pupils, laid: tuple[Instance, ...]) -> list[dict[str, Any]]:
    """Every instance with its schools, dates, built-in effect and the effect that this region happened to get."""
    return [_instance(pupils, instance) for instance in laid]


def _instance(pupils: Pupils, instance: Instance) -> dict[str, Any]:
    start, effect = instance.start, instance.effect
    return {
        "instance": instance.name,
        "model": start.model,
        "municipality": start.code,
        "school_units": sorted({str(u) for u in pupils.region.unit[instance.sites].ravel().tolist() if u}),
        "started": start.started.isoformat(),
        "ended": start.ended.isoformat() if start.ended else None,
        "start_precision": start.precision,
        "decided_by": start.decided_by,
        "first_whole_school_year": school_year_label(instance.first),
        "split_school_year": school_year_label(instance.exposed) if instance.exposed < instance.first else None,
        "dip_before_start_points": DIP if instance.evaluable else 0.0,
        "meaning": effect.meaning,
        "effect_on_eligibility_by_year": list(effect.eligibility),
        "effect_on_absence_by_year": list(effect.absence),
        "effect_on_registration_by_year": list(effect.registration),
        "realised_effect_on_eligibility": _realised(pupils, instance),
    }


def _realised(pupils: Pupils, instance: Instance) -> float | None:
    """Points more (or fewer) eligible than the same draws would have given without any model; None where none is built in."""
    event, _ = event_years(instance, pupils.spring)
    during = np.isin(pupils.site, instance.sites) & (event >= 0) & (pupils.spring <= instance.last)
    if not during.any() or not any(instance.effect.eligibility):
        return None
    with_model = pupils.draw[during] < pupils.probability[during]
    without = pupils.draw[during] < pupils.without[during]
    return round(100 * float(with_model.mean() - without.mean()), 3)
