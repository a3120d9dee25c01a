"""Invented answers of a mapping round: school and social services see the same collaboration a little differently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from metrics.demo.plan import Instance
from metrics.demo.region import Region, stream
from metrics.demo.register import ABOUT
from metrics.models import words

ROUNDS = ((2025, 2), (2026, 3))
"""School years (by their spring) of the rounds, and how many were asked per instance and side."""
LIKES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "school": {"success_factors": ("shared_premises", "early_signals"), "challenges": ("vacancies", "too_many_cases")},
    "social_services": {"success_factors": ("steering", "trust"), "challenges": ("secrecy", "late_referrals")},
}
MEANS: Mapping[str, Mapping[str, float]] = {
    "school": {"scale_goals": 3.6, "scale_roles": 3.1, "scale_time": 2.4, "scale_information": 2.7, "scale_reach": 3.3},
    "social_services": {"scale_goals": 3.8, "scale_roles": 3.6, "scale_time": 2.6, "scale_information": 3.6, "scale_reach": 2.8},
}  # fmt: skip
ANSWERING, NO_COLLABORATION = 0.8, 0.06


def answers_table(region: Region, laid: tuple[Instance, ...]) -> pd.DataFrame:
    """One row per asked respondent: the mapping_answers extract."""
    rng = stream(region.seed, "mapping")
    rows = [row for spring, respondents in ROUNDS for row in _round(rng, region, laid, spring, respondents)]
    return pd.DataFrame(rows)


def _round(
    rng: np.random.Generator, region: Region, laid: tuple[Instance, ...], spring: int, respondents: int
) -> Iterator[dict[str, Any]]:
    running = [each for each in laid if each.start.ended is None and each.start.started.year < spring]
    for instance in running:
        for side in words.SIDES:
            for number in range(1, respondents + 1):
                yield _row(rng, instance, side, number, spring)
    there = {each.start.code for each in running}
    for member in region.scale.members:
        if member.code not in there:
            for side in words.SIDES:
                said = {"school_year": spring, "municipality": member.code, "side": side, "respondent": 1}
                yield {**said, "answered": date(spring, 5, 12), "collaboration": "no_collaboration"}


def _row(rng: np.random.Generator, instance: Instance, side: str, number: int, spring: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "school_year": spring,
        "municipality": instance.start.code,
        "instance": instance.name,
        "model_type": instance.start.model,
        "side": side,
        "respondent": number,
    }
    if rng.random() > ANSWERING:
        return said
    about, likes = ABOUT[instance.start.model], LIKES[side]
    said |= {"answered": date(spring, 4, 20) + timedelta(days=int(rng.integers(0, 30)))}
    if rng.random() < NO_COLLABORATION:
        return said | {"collaboration": "no_collaboration"}
    said |= {"collaboration": "collaborates"}
    choices = {
        "goals": about["goals"],
        "target_groups": about["target_groups"],
        "success_factors": (*likes["success_factors"], "coordinator_time"),
        "challenges": (*likes["challenges"], "short_funding"),
        "competences": about["competences"],
        "competences_needed": about["needed"],
    }
    said |= {name: _some(rng, name, found) for name, found in choices.items()}
    said |= {"planned_posts": instance.start.planned, "filled_posts": instance.start.filled}
    return said | {name: int(np.clip(round(rng.normal(mean, 0.9)), 1, 5)) for name, mean in MEANS[side].items()}


def _some(rng: np.random.Generator, name: str, found: tuple[str, ...]) -> str:
    kept = [code for code in found if rng.random() < 0.7]
    return words.SEPARATOR.join(words.LISTS[name][code] for code in kept)
