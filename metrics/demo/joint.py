"""Invented plans (SIP), survey answers, and members' own counts of pupils with support from both sides."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from metrics.demo.people import STAGES, People, unit_of
from metrics.demo.region import LAST_SPRING, stream
from metrics.demo.support import FIRST_REPORT_YEAR, OBSERVED_TO
from metrics.vocabulary import school_year_label

Ints = npt.NDArray[np.int64]

SURVEYED = (5, 8)
"""The grades that are asked; answers in the last years only."""
SURVEY_YEARS = 5
ANSWERED = 0.82
SUPPORT_MARGIN = -1.0
"""Pupils below this margin have special support at school."""
INITIATORS = ("health_care", "social_services", "school", "family", "other")
ANSWERS = ("disagree_fully", "disagree_mostly", "agree_mostly", "agree_fully", "unknown")
END_REASONS = ("goals_reached", "no_longer_needed", "consent_withdrawn", "moved", "other")


def _chosen(positions: Ints, values: tuple[Any, ...]) -> Any:
    return pd.Categorical.from_codes(positions, categories=pd.Index(values))


def plans(people: People, reports: pd.DataFrame) -> pd.DataFrame:
    """One row per coordinated plan: some months after a report of concern that led to an intervention."""
    rng = stream(people.region.seed, "plans")
    given = reports[reports["intervention_start"].notna() & reports["stage"].notna()]
    given = given[rng.random(len(given)) < 0.45].drop_duplicates("person")
    number = len(given)
    made = given["intervention_start"].to_numpy().astype("datetime64[D]") + rng.integers(0, 120, number)
    followed = np.where(rng.random(number) < 0.75, made + rng.integers(30, 260, number), np.datetime64("NaT"))
    ended = np.where(rng.random(number) < 0.5, made + rng.integers(120, 600, number), np.datetime64("NaT"))
    ended = np.where(ended > OBSERVED_TO, np.datetime64("NaT"), ended)
    rows = pd.DataFrame(
        {
            "person": given["person"],
            "municipality": given["municipality"],
            "plan_date": made,
            "initiator": _chosen(rng.choice(5, number, p=[0.38, 0.27, 0.23, 0.08, 0.04]), INITIATORS),
            "stage": given["stage"],
            "sex": given["sex"],
            "school_took_part": _chosen((rng.random(number) < 0.74).astype(np.int64), (False, True)),
            "child_took_part": _chosen((rng.random(number) < 0.55).astype(np.int64), (False, True)),
            "followed_up": np.where(followed > OBSERVED_TO, np.datetime64("NaT"), followed),
            "ended": ended,
            "end_reason": _chosen(np.where(np.isnat(ended), -1, rng.integers(0, 5, number)), END_REASONS),
            "observed_to": OBSERVED_TO,
        }
    )
    return rows[rows["plan_date"] <= OBSERVED_TO].reset_index(drop=True)


def survey(people: People) -> pd.DataFrame:
    """One row per answer: those with the lowest margin feel least safe. Absent pupils do not answer."""
    rng = stream(people.region.seed, "survey")
    parts = []
    for spring in people.region.springs.tolist()[-SURVEY_YEARS:]:
        grade = 9 - (people.leaving - spring)
        for asked in SURVEYED:
            who = np.flatnonzero(grade == asked)
            who = who[rng.random(who.size) < ANSWERED]
            parts.append(_answers(people, rng, who, spring))
    table = pd.concat(parts, ignore_index=True)
    table = table[table["school_unit"] > 0].sort_values(["school_year", "school_unit"], kind="stable")
    table["answer"] = table.groupby(["school_year", "school_unit"]).cumcount() + 1
    return table.reset_index(drop=True)


def _answers(people: People, rng: np.random.Generator, who: Ints, spring: int) -> pd.DataFrame:
    stage, site = people.stage_at(spring)[who], people.site_at(spring)[who]
    mood = 0.35 * (people.margin[who].clip(-4, 4) - 1.7) + rng.normal(0, 1, who.size)
    return pd.DataFrame(
        {
            "site": site,
            "school_year": spring,
            "school_unit": unit_of(people.region, site, stage, spring),
            "stage": _chosen(stage, STAGES),
            "sex": _chosen(1 - people.sex[who], ("girls", "boys")),
            "feels_safe": _level(rng, mood + 0.55),
            "study_peace": _level(rng, mood + rng.normal(0, 0.8, who.size)),
        }
    )


def _level(rng: np.random.Generator, mood: npt.NDArray[np.float64]) -> Any:
    """Four steps, a few who do not know, and a few who left the question out."""
    step = np.select([mood < -1.6, mood < -0.9, mood < 0.4], [0, 1, 2], 3)
    skipped = rng.random(mood.size)
    return _chosen(np.select([skipped < 0.02, skipped < 0.06], [-1, 4], step), ANSWERS)


def support_from_both(people: People, reports: pd.DataFrame) -> pd.DataFrame:
    """Members' own counts of compulsory-school pupils with special support, and with an intervention that year."""
    found = []
    members, member_of = people.region.scale.members, people.region.sites["member"].to_numpy()
    for spring in range(max(FIRST_REPORT_YEAR + 1, int(people.region.springs[0])), LAST_SPRING + 1):
        supported = (people.stage_at(spring) >= 0) & (people.margin < SUPPORT_MARGIN)
        first, last = np.datetime64(f"{spring - 1}-07-01"), np.datetime64(f"{spring}-06-30")
        begins, ends = (reports[f"intervention_{word}"].to_numpy().astype("datetime64[D]") for word in ("start", "end"))
        ongoing = np.zeros(people.number, dtype=bool)
        ongoing[reports["person"].to_numpy()[(begins <= last) & (np.isnat(ends) | (ends >= first))]] = True
        whole, outcome = (
            np.bincount(member_of[people.site_at(spring)[chosen]], minlength=len(members))
            for chosen in (supported, supported & ongoing)
        )
        for position in np.flatnonzero(whole):
            found.append(_count(members[position].code, spring, int(outcome[position]), int(whole[position])))
    return pd.DataFrame(found)


def _count(code: str, spring: int, outcome: int, whole: int) -> dict[str, Any]:
    """A row of the aggregated_counts extract: a share given as two numbers."""
    return {
        "population": "special_support_pupils",
        "period": school_year_label(spring),
        "period_kind": "school_year",
        "perspective": "home_municipality",
        "school_unit": 0,
        "school_municipality": 0,
        "home_municipality": int(code),
        "provider": "",
        "stage": "all",
        "models": "",
        "sex": "",
        "indicator": "special_support_with_intervention",
        "pattern": "",
        "contributors": whole,
        "numerator": outcome,
        "denominator": whole,
    }
