"""The invented region: extracts as files, with everything that was built into them in truth.json. Nobody in it exists."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from metrics.demo import (
    absence,
    grades,
    joined,
    later,
    mapping,
    outgoing,
    people,
    plan,
    pupils,
    region,
    register,
    truth,
    truth_later,
    writing,
    year9,
)
from metrics.demo.bench import bench_attendance
from metrics.demo.deliveries import Outbox, Written
from metrics.extracts import collaboration_register, mapping_answers, school_units

__all__ = ["bench_attendance", "generate"]

Progress = Callable[[str, float], None]
YEAR9, LATER = "Skriver uttag om årskurs 9", "Skriver uttag om närvaro, gymnasium och stöd"
JOINS = "joins.json"
"""What is declared before the pairs of pupil and child are handed in; no file where no member has a join."""


@dataclass(frozen=True, kw_only=True)
class World:
    """What every file is written from."""

    place: region.Region
    laid: tuple[plan.Instance, ...]
    effects: plan.BuiltIn
    leavers: pupils.Pupils
    marks: grades.Grades


def generate(
    folder: Path,
    *,
    scale: str | region.Scale = "gr",
    seed: int = 1,
    only_year9: bool | None = None,
    progress: Progress | None = None,
) -> None:
    """Write the extracts of an invented region to `folder`, byte for byte the same for the same scale and seed.

    Besides the files: deliveries.json (in the order they are handed in), truth.json, and joins.json at the scale gr.
    Scales: small, gr, sweden, or one of the caller's own (some of a country's members, say).
    only_year9: school units, register and year-9 grades alone; the default for sweden.
    """
    say = progress or (lambda what, share: None)
    folder.mkdir(parents=True, exist_ok=True)
    say("Bygger en påhittad region", 0.0)
    world = build(scale, seed)
    short = world.place.scale.name == "sweden" if only_year9 is None else only_year9
    say(YEAR9, 0.2)
    persons = None if short else people.everyone(world.leavers)
    known = people.school_pseudonyms(persons) if persons else people.leavers_pseudonyms(world.leavers)
    outbox = Outbox(folder=folder, pseudonyms={"school": known})
    _deliver_region(outbox, world, with_upper=not short)
    year9.deliver(outbox, world.leavers, world.marks, written=_told(say, YEAR9, 0.2, 0.45 if persons else 0.9))
    facit = _truth(world)
    if persons:
        if declared := joined.declarations(persons):
            _write_json(folder / JOINS, declared)
        say(LATER, 0.5)
        facit |= _life_courses(outbox, world, persons, _told(say, LATER, 0.6, 0.85))
    say("Skriver facit", 0.95)
    _write_json(folder / "deliveries.json", outbox.in_order())
    _write_json(folder / "truth.json", facit)
    say("Klart", 1.0)


def _told(say: Progress, what: str, first: float, last: float) -> Written:
    """Says how many senders' files are written; `first` and `last` are shares of the whole work."""
    return lambda done, of: say(f"{what}: {done} av {of} avsändare", first + (last - first) * done / of)


def build(scale: str | region.Scale, seed: int) -> World:
    """The region, its models and its year-9 leavers."""
    place = region.build(region.scale_of(scale) if isinstance(scale, str) else scale, seed)
    laid = plan.instances(place)
    effects = plan.built_in(place, laid)
    leavers = pupils.make(place, effects)
    return World(place=place, laid=laid, effects=effects, leavers=leavers, marks=grades.make(leavers))


def _deliver_region(outbox: Outbox, world: World, *, with_upper: bool) -> None:
    """The extracts that the region's office hands in for all: school units and the register of models."""
    units, instances = plan.units_table(world.place), register.register_table(world.place, world.laid)
    if with_upper:
        upper = later.upper_units(world.place).assign(valid_from=date(2011, 7, 1), valid_to=None, successor=None)
        units = pd.concat([units, upper[units.columns]], ignore_index=True)
    dialect = writing.DIALECTS[0]
    office = world.place.scale.office
    outbox.send(school_units.EXTRACT, units, dialect, sender=office, about="regionen")
    outbox.send(collaboration_register.EXTRACT, instances, dialect, sender=office, about="regionen")
    if with_upper:
        answers = mapping.answers_table(world.place, world.laid)
        outbox.send(mapping_answers.EXTRACT, answers, dialect, sender=office, about="regionen")


def _life_courses(outbox: Outbox, world: World, persons: people.People, written: Written) -> dict[str, Any]:
    """Every other extract of the same persons, and its part of the truth."""
    rows = absence.rows(persons, world.effects, world.laid)
    paths = later.follow(persons)
    tables = outgoing.everything(outbox, persons, rows, paths, world.laid, written=written)
    return truth_later.everything(world.leavers, persons, rows, paths, tables)


def _truth(world: World) -> dict[str, Any]:
    leavers = world.leavers
    return {
        "note": "Exempeldata: påhittade elever och skolor.",
        "scale": world.place.scale.name,
        "seed": world.place.seed,
        "school_years": [truth.school_year_label(spring) for spring in world.place.springs.tolist()],
        "municipalities": {member.code: member.name for member in world.place.scale.members},
        "distinct_pupils": {"year9_leavers": int((~leavers.other_system).sum()), "year9_grades": leavers.number},
        "year9_leavers": truth.year9(leavers, world.marks),
        "year9_by_model": truth.year9_by_model(leavers, world.marks, world.laid),
        "models": truth.models(leavers, world.laid),
    }


def _write_json(path: Path, content: Any) -> None:
    """One row of a list per line, so that two versions can be compared."""
    text = _lines(content) if isinstance(content, list) else _fields(content)
    path.write_text(text + "\n", encoding="utf-8")


def _fields(content: dict[str, Any]) -> str:
    parts = (
        f"{json.dumps(name)}: {_lines(part) if isinstance(part, list) else _json(part)}"
        for name, part in content.items()
    )
    return "{\n" + ",\n".join(parts) + "\n}"


def _lines(rows: list[Any]) -> str:
    return "[\n" + ",\n".join(_json(row) for row in rows) + "\n]"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
