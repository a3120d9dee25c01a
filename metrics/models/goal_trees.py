"""How each model type is meant to work: activity, mechanism, intermediate result, outcome, and what would show each step.

GR is to confirm the trees. An arrow names the indicator that would show that the chain holds there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """From one step of the tree to the next: the indicator (and stage) that would show it."""

    indicator: str
    stage: str = "all"


@dataclass(frozen=True, kw_only=True)
class GoalTree:
    """Four steps and the three arrows between them; the steps' texts are Swedish."""

    activity: str
    mechanism: str
    intermediate: str
    outcome: str
    arrows: tuple[Arrow, Arrow, Arrow]

    @property
    def steps(self) -> tuple[str, str, str, str]:
        return self.activity, self.mechanism, self.intermediate, self.outcome


STEP_NAMES = ("Aktivitet", "Mekanism", "Delresultat", "Utfall")
CONTACT = Arrow(indicator="first_contact_within_30_days")
REACHED = Arrow(indicator="target_group_reached", stage="7-9")
COMPLETED = Arrow(indicator="support_completed_within_182_days")
LESS_ABSENCE = Arrow(indicator="absence_20", stage="7-9")
ELIGIBLE = Arrow(indicator="eligibility_vocational")

GOAL_TREES: Mapping[str, GoalTree] = {
    "school_social_team": GoalTree(
        activity="Ett gemensamt team möter eleven och familjen tidigt",
        mechanism="Skola och socialtjänst gör en gemensam kartläggning, och stödet kommer snabbt",
        intermediate="Eleven är mer i skolan",
        outcome="Fler blir behöriga till gymnasieskolan",
        arrows=(CONTACT, LESS_ABSENCE, ELIGIBLE),
    ),
    "sspf": GoalTree(
        activity="Skola, socialtjänst, polis och fritid träffas kring unga i riskzon",
        mechanism="Samordnat stöd bryter en begynnande riskutveckling",
        intermediate="Den unge är mer i skolan",
        outcome="Fler blir behöriga till gymnasieskolan",
        arrows=(COMPLETED, LESS_ABSENCE, ELIGIBLE),
    ),
    "social_worker_in_school": GoalTree(
        activity="En socialsekreterare finns på skolan",
        mechanism="Elever och familjer söker stöd tidigare",
        intermediate="Eleven är mer i skolan",
        outcome="Fler blir behöriga till gymnasieskolan",
        arrows=(CONTACT, LESS_ABSENCE, ELIGIBLE),
    ),
    "attendance_team": GoalTree(
        activity="Teamet kartlägger varför eleven är borta",
        mechanism="Hindren för att komma till skolan blir kända och kan tas bort",
        intermediate="Eleven är mer i skolan",
        outcome="Fler blir behöriga till gymnasieskolan",
        arrows=(REACHED, LESS_ABSENCE, ELIGIBLE),
    ),
    "early_coordination": GoalTree(
        activity="Verksamheterna agerar samordnat på tidiga signaler",
        mechanism="Barnet får rätt stöd innan svårigheterna växer",
        intermediate="Eleven är mer i skolan",
        outcome="Fler blir behöriga till gymnasieskolan",
        arrows=(CONTACT, LESS_ABSENCE, ELIGIBLE),
    ),
    "coordinated_plan": GoalTree(
        activity="Verksamheterna planerar tillsammans med barnet och familjen",
        mechanism="Ansvaret är tydligt och insatserna drar åt samma håll",
        intermediate="Eleven är mer i skolan",
        outcome="Fler blir behöriga till gymnasieskolan",
        arrows=(COMPLETED, LESS_ABSENCE, ELIGIBLE),
    ),
    "resource_centre": GoalTree(
        activity="Undervisning i ett mindre sammanhang under en tid",
        mechanism="Eleven återfår skolvana och har en plan för återgång",
        intermediate="Eleven är åter i ordinarie klass",
        outcome="Fler blir behöriga till gymnasieskolan",
        arrows=(Arrow(indicator="resource_centre_returned_within_2_terms"), LESS_ABSENCE, ELIGIBLE),
    ),
    "family_centre": GoalTree(
        activity="Uppsökande och öppet arbete nära unga och familjer",
        mechanism="Förtroende gör att fler tar emot stöd",
        intermediate="Eleven är mer i skolan",
        outcome="Färre har hög frånvaro",
        arrows=(CONTACT, REACHED, LESS_ABSENCE),
    ),
}
