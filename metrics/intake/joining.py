"""What it takes to declare a join of school and social services: an organisation of a member, and reasons in words."""

from __future__ import annotations

from datetime import date

from metrics.intake import identifiers
from metrics.intake.organisations import member_of
from metrics.vault import Join, JoinError
from metrics.vocabulary import Region

LONGEST = 300


def declaration(
    region: Region,
    *,
    organisation: str,
    purpose: str,
    ground: str,
    school_decision: str,
    social_decision: str,
    starts: date,
    ends: date,
) -> Join:
    """The join to declare; JoinError in Swedish when something is missing, too long or points at a person."""
    said = {
        "ändamålet": purpose,
        "den rättsliga grunden": ground,
        "skolans nämnds beslut": school_decision,
        "socialnämndens beslut": social_decision,
    }
    for what, text in said.items():
        if not text.strip():
            raise JoinError(f"Skriv {what}. En koppling ska ha ändamål, grund och båda nämndernas beslut.")
        if len(text) > LONGEST:
            raise JoinError(f"Texten om {what} får ha högst {LONGEST} tecken.")
        if identifiers.form_of(text.strip()) not in ("", "free_text") or identifiers.in_text(text):
            raise JoinError("Skriv nämnder och beslut, inte en persons namn, nummer eller adress.")
    member = member_of(organisation, region)
    if member is None:
        raise JoinError(f"{organisation or 'Organisationen'} hör inte till någon kommun i {region.name}.")
    return Join(
        organisation=organisation.strip(),
        municipality=member.code,
        purpose=purpose.strip(),
        ground=ground.strip(),
        school_decision=school_decision.strip(),
        social_decision=social_decision.strip(),
        starts=starts,
        ends=ends,
    )


def state(join: Join, today: date) -> str:
    """Whether a join is in force, in words."""
    if join.withdrawn:
        return f"återkallad {join.withdrawn}: {join.withdrawn_reason}"
    if today < join.starts:
        return "har inte börjat gälla"
    return "gäller" if join.in_force(today) else "har upphört"
