"""The invented region: extracts as files, with everything that was built into them in truth.json. Nobody in it exists."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from metrics.demo import grades, plan, pupils, region, truth, writing, year9
from metrics.demo.deliveries import GR_OFFICE, Outbox
from metrics.extracts import collaboration_register, school_units

Progress = Callable[[str, float], None]


def generate(folder: Path, *, scale: str = "gr", seed: int = 1, progress: Progress | None = None) -> None:
    """Write the extracts of an invented region to `folder`, byte for byte the same for the same scale and seed.

    Besides the files: deliveries.json (in the order they are handed in) and truth.json. Scales: small, gr, sweden.
    """
    say = progress or (lambda what, share: None)
    folder.mkdir(parents=True, exist_ok=True)
    say("Bygger en påhittad region", 0.0)
    place = region.build(region.scale_of(scale), seed)
    laid = plan.instances(place)
    everyone = pupils.make(place, plan.built_in(place, laid))
    marks = grades.make(everyone)
    say("Skriver uttag", 0.3)
    outbox = Outbox(folder=folder, pseudonyms={"school": _pseudonyms(everyone, "school")})
    _deliver_region(outbox, place, laid)
    year9.deliver(outbox, everyone, year9.table(everyone, marks))
    _write_json(folder / "deliveries.json", outbox.in_order())
    say("Räknar facit", 0.8)
    _write_json(folder / "truth.json", _truth(scale, seed, everyone, marks, laid))
    say("Klart", 1.0)


def _pseudonyms(everyone: pupils.Pupils, space: str) -> Any:
    import numpy as np

    numbers = np.arange(everyone.number)
    return writing.pseudonym_array(pupils.pseudonyms(numbers, seed=everyone.region.seed, space=space))


def _deliver_region(outbox: Outbox, place: region.Region, laid: tuple[plan.Instance, ...]) -> None:
    """The extracts that the region's office hands in for all: school units and the register of models."""
    units, register = plan.units_table(place), plan.register_table(place, laid)
    dialect = writing.DIALECTS[0]
    outbox.send(school_units.EXTRACT, units, dialect, sender=GR_OFFICE, about="regionen")
    outbox.send(collaboration_register.EXTRACT, register, dialect, sender=GR_OFFICE, about="regionen")


def _truth(
    scale: str, seed: int, everyone: pupils.Pupils, marks: grades.Grades, laid: tuple[plan.Instance, ...]
) -> dict[str, Any]:
    return {
        "note": "Exempeldata: påhittade elever och skolor.",
        "scale": scale,
        "seed": seed,
        "school_years": [truth.school_year_label(spring) for spring in everyone.region.springs.tolist()],
        "municipalities": {member.code: member.name for member in everyone.region.scale.members},
        "distinct_pupils": {"year9_leavers": int((~everyone.other_system).sum()), "year9_grades": everyone.number},
        "year9_leavers": truth.year9(everyone, marks),
        "year9_by_model": truth.year9_by_model(everyone, marks, laid),
        "models": truth.models(everyone, laid),
    }


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
