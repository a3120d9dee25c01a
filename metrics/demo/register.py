"""The invented register: what each invented instance says about itself. No entry is about anything real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from metrics.demo.plan import Instance, units_table
from metrics.demo.region import Region
from metrics.models import words

CHECKED = date(2026, 10, 1)
COST_PER_POST = 720_000

ABOUT: Mapping[str, Mapping[str, Any]] = {
    "school_social_team": {
        "organisation": "both",
        "steering_group": "Skolchef, chef för individ- och familjeomsorgen",
        "target_groups": ("problematic_absence", "mental_health", "family_support"),
        "ways_in": ("pupil_health", "head_teacher", "social_services"),
        "consent": "consent_required",
        "support": "open_support",
        "ways_of_working": ("absence_mapping", "individual_talks", "family_work", "home_visits", "joint_meetings"),
        "goals": ("higher_attendance", "more_eligible", "earlier_support"),
        "expected": ("Frånvaro minst 20 %", "Behörig till yrkesprogram"),
        "staff": {"staff_counsellor": 0.5, "staff_social_worker": 0.5},
        "funding": ("state_grant", "own"),
        "competences": ("social_work_degree", "psychosocial_training", "motivational_interviewing"),
        "needed": ("neurodevelopmental", "follow_up"),
        "contact": "Samordnare, skolsocialt team",
    },
    "social_worker_in_school": {
        "organisation": "social_services",
        "target_groups": ("family_support", "known_to_social_services"),
        "ways_in": ("pupil_health", "pupil", "guardian"),
        "consent": "consent_varies",
        "support": "open_and_decision",
        "ways_of_working": ("presence_at_school", "individual_talks", "consultation"),
        "goals": ("earlier_support", "better_cooperation"),
        "expected": ("Frånvaro minst 20 %",),
        "staff": {"staff_social_worker": 1.0},
        "funding": ("own",),
        "competences": ("social_work_degree",),
        "needed": ("family_therapy", "neurodevelopmental"),
        "contact": "Enhetschef, barn och unga",
    },
    "attendance_team": {
        "organisation": "school",
        "target_groups": ("problematic_absence", "neurodevelopmental"),
        "ways_in": ("teacher", "pupil_health", "guardian"),
        "consent": "consent_required",
        "support": "open_support",
        "ways_of_working": ("absence_mapping", "home_visits", "small_group_teaching", "joint_meetings"),
        "goals": ("higher_attendance", "return_to_class"),
        "expected": ("Frånvaro minst 20 %",),
        "staff": {"staff_special_teacher": 0.5, "staff_counsellor": 0.5},
        "funding": ("own", "esf"),
        "competences": ("special_needs", "neurodevelopmental"),
        "needed": ("motivational_interviewing", "family_therapy"),
        "contact": "Samordnare för närvaro",
    },
    "early_coordination": {
        "organisation": "municipal_management",
        "target_groups": ("mental_health", "family_support", "problematic_absence"),
        "ways_in": ("pupil_health", "social_services"),
        "consent": "consent_required",
        "support": "open_support",
        "ways_of_working": ("joint_meetings", "sip", "consultation"),
        "goals": ("earlier_support", "joint_planning"),
        "expected": ("Frånvaro minst 20 %",),
        "staff": {"staff_coordinator": 0.5, "staff_treatment": 0.5},
        "funding": ("own", "region"),
        "competences": ("psychosocial_training",),
        "needed": ("follow_up", "trauma"),
        "contact": "Processledare, TSI",
    },
    "sspf": {
        "organisation": "municipal_management",
        "target_groups": ("risk_of_crime", "risk_of_substance_use"),
        "ways_in": ("police", "head_teacher", "social_services"),
        "consent": "consent_required",
        "support": "open_support",
        "ways_of_working": ("joint_meetings", "leisure", "individual_talks"),
        "goals": ("less_crime", "higher_attendance"),
        "expected": ("Frånvaro minst 20 %",),
        "staff": {"staff_coordinator": 0.5, "staff_police": 0.2, "staff_leisure": 0.2, "staff_field": 0.1},
        "funding": ("own",),
        "competences": ("crime_prevention", "substance_use"),
        "needed": ("neurodevelopmental", "follow_up"),
        "contact": "Samordnare, SSPF",
    },
    "family_centre": {
        "organisation": "social_services",
        "target_groups": ("family_support", "risk_of_crime"),
        "ways_in": ("outreach", "pupil"),
        "consent": "consent_not_required",
        "support": "open_support",
        "ways_of_working": ("presence_at_school", "leisure", "groups"),
        "goals": ("calmer_school", "earlier_support"),
        "expected": (),
        "staff": {"staff_field": 1.0},
        "funding": ("own",),
        "competences": ("crime_prevention",),
        "needed": ("intercultural",),
        "contact": "Enhetschef, öppenvården",
    },
    "resource_centre": {
        "organisation": "school",
        "target_groups": ("problematic_absence", "neurodevelopmental"),
        "ways_in": ("head_teacher", "pupil_health"),
        "consent": "consent_required",
        "support": "decision",
        "ways_of_working": ("small_group_teaching", "family_work"),
        "goals": ("return_to_class", "more_eligible"),
        "expected": ("Åter inom två terminer, resurscentrum",),
        "staff": {"staff_special_teacher": 0.7, "staff_treatment": 0.3},
        "funding": ("own",),
        "competences": ("special_needs",),
        "needed": ("family_therapy",),
        "contact": "Rektor för resurscentrum",
    },
    "coordinated_plan": {
        "organisation": "both",
        "target_groups": ("mental_health", "known_to_social_services"),
        "ways_in": ("pupil_health", "social_services", "guardian"),
        "consent": "consent_required",
        "support": "open_support",
        "ways_of_working": ("sip", "joint_meetings"),
        "goals": ("joint_planning", "fewer_placements"),
        "expected": (),
        "staff": {"staff_social_worker": 0.5, "staff_counsellor": 0.3, "staff_health": 0.2},
        "funding": ("own", "region"),
        "competences": ("social_work_degree", "neurodevelopmental"),
        "needed": ("trauma",),
        "contact": "Samordnare, Västbus",
    },
}
"""What the instances of a type have in common; some of it differs between members, see `_varied`."""


def register_table(region: Region, laid: tuple[Instance, ...]) -> pd.DataFrame:
    """One row per instance and unit code: the collaboration_register extract."""
    units = units_table(region).set_index("school_unit")
    rows = [row for place, instance in enumerate(laid) for row in _rows(region, instance, units, place)]
    return pd.DataFrame(rows).drop_duplicates(["instance", "school_unit"]).reset_index(drop=True)


def _rows(region: Region, instance: Instance, units: pd.DataFrame, place: int) -> Iterator[dict[str, object]]:
    start, closed = instance.start, units["valid_to"]
    codes = sorted({str(code) for code in region.unit[instance.sites].ravel().tolist() if code})
    about = _about(instance, place)
    for code in codes:
        ends = [day for day in (start.ended, closed[code]) if isinstance(day, date)]
        if ends and min(ends) < start.started:
            continue
        yield {
            "instance": instance.name,
            "model_type": start.model,
            "municipality": start.code,
            "school_unit": code,
            "started": start.started,
            "ended": min(ends) if ends else None,
            "start_precision": start.precision,
            "decided_by": start.decided_by,
            "planned_posts": start.planned,
            "filled_posts": start.filled,
            "source": "Exempeldata",
            **about,
        }


def _about(instance: Instance, place: int) -> dict[str, object]:
    """What an instance says about itself as a whole, in the words of the regional lists."""
    said, posts = ABOUT[instance.start.model], instance.start.filled
    grant = "state_grant" in said["funding"]
    return {
        "school_form": "compulsory",
        "year_groups": "7-9",
        "organisation": said["organisation"],
        "steering_group": _example(said.get("steering_group", "Chefer för skola och socialtjänst")),
        "target_groups": _written("target_groups", _varied(said["target_groups"], place)),
        "ways_in": _written("ways_in", said["ways_in"]),
        "consent": said["consent"],
        "support": said["support"],
        "ways_of_working": _written("ways_of_working", _varied(said["ways_of_working"], place + 1)),
        "goals": _written("goals", said["goals"]),
        "expected_indicators": words.SEPARATOR.join(said["expected"]),
        **{name: round(posts * share, 2) for name, share in said["staff"].items()},
        "coordinator_share": 20.0 + 20 * (place % 5),
        "school_staff_trained": True if grant else None,
        "social_staff_degree": True if grant else None,
        "employed_six_months": True if grant else None,
        "competences": _written("competences", said["competences"]),
        "competences_needed": _written("competences_needed", said["needed"][: 1 + place % 2]),
        "funding": _written("funding", said["funding"]),
        "yearly_cost": float(round(posts * COST_PER_POST, -3)),
        "grant_ends": date(2026, 12, 31) if grant else None,
        "success_factors": _written("success_factors", _some(words.SUCCESS_FACTORS, place)),
        "challenges": _written("challenges", _some(words.CHALLENGES, place)),
        "documentation": _example("Socialtjänstens system" if place % 2 else "Elevhälsans journal"),
        "secrecy": _example("Samtycke från vårdnadshavare"),
        "contact_role": _example(said["contact"]),
        "entry_date": CHECKED,
    }


def _example(text: str) -> str:
    return f"{text} (Exempeldata)"


def _varied(said: Sequence[str], place: int) -> Sequence[str]:
    """Every third instance does without the last of what the others have."""
    return said[:-1] if place % 3 == 0 and len(said) > 1 else said


def _some(known: Mapping[str, str], place: int) -> list[str]:
    """Three of a list's words, others for the next instance."""
    found = list(known)
    return [found[(place * step + shift) % len(found)] for shift, step in ((0, 1), (3, 1), (5, 2))]


def _written(column: str, found: Sequence[str]) -> str:
    return words.SEPARATOR.join(dict.fromkeys(words.LISTS[column][code] for code in found))
