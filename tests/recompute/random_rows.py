"""Seeded random schools and models for the recomputations, and how their rows get into a database and out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from metrics import catalogue, engine
from tests.spec.example_database import fill

MUNICIPALITIES = ("1440", "1419", "1480")
MODELS = ("attendance_team", "school_social_team", "sspf")


def region_of_schools(seed: int, number: int = 12) -> list[dict[str, object]]:
    """School units in three municipalities, some independent, one that closes in 2023."""
    random = np.random.default_rng(seed)
    schools: list[dict[str, object]] = [
        {
            "school_unit": f"{10000001 + each}",
            "unit_name": f"Exempelskolan {each + 1}",
            "municipality": MUNICIPALITIES[each % 3],
            "provider": random.choice(["municipal", "independent"], p=[0.75, 0.25]),
            "valid_from": date(2008, 7, 1),
        }
        for each in range(number)
    ]
    return schools


def models_of(schools: list[dict[str, object]]) -> list[dict[str, object]]:
    """A register in which a third of the schools have one model and a third two at once."""
    found = []
    for place, school in enumerate(schools):
        for model in MODELS[: place % 3]:
            found.append(
                {
                    "instance": f"{model} {school['municipality']}",
                    "model_type": model,
                    "municipality": school["municipality"],
                    "school_unit": school["school_unit"],
                    "started": date(2015, 8, 15),
                    "filled_posts": 1.5,
                    "planned_posts": 2.0,
                }
            )
    return found


def on_the_limit(random: np.random.Generator, subjects: Sequence[str]) -> dict[str, object]:
    """Grades of a pupil with exactly so many other passes as a limit asks for, or one fewer, and the rest failed or not in it."""
    core, sets = ("sv", "en", "ma"), (("ge", "hi", "re", "sh"), ("bi", "fy", "ke"), ())
    lead = sets[random.integers(3)]
    rest = [each for each in subjects if each not in (*core, "sva", *lead)]
    number = int(random.choice([4, 5, 8, 9])) - len(lead)
    passed = {*core, *lead, *random.permutation(rest)[:number].tolist()}
    otherwise = None if random.random() < 0.3 else "F"
    return {f"grade_{each}": "E" if each in passed else otherwise for each in subjects}


def stored(connection: engine.Connection, extract: str, rows: list[dict[str, object]]) -> None:
    """Put typed rows into an extract's table."""
    fill(connection, catalogue.default().extracts[extract], rows)


def rows_by_pupil(connection: engine.Connection, name: str, *columns: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """(pupil, period) -> numbers, by default (numerator, denominator), as an indicator's SQL returns them."""
    found = engine.frame(connection, catalogue.default().indicators[name].sql)
    wanted = list(columns or ("numerator", "denominator"))
    numbers = found[wanted].astype(float).itertuples(index=False, name=None)
    return dict(zip(zip(found["contributors"], found["period"], strict=True), numbers, strict=True))


def settled(connection: engine.Connection) -> engine.Connection:
    """The same with every cohort counted once for all that read it; no rows may come after."""
    declared = catalogue.default()
    for name in reversed(declared.cohorts_in_order):
        connection.execute(f"DROP VIEW {name}")
    for name in declared.cohorts_in_order:
        connection.execute(f"CREATE TABLE {name} AS {declared.cohorts[name]}")
    return connection
