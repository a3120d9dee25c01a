"""What a manifest says of the declared joins that a release was made under: whose, for what, on what ground, how long."""

from __future__ import annotations

from metrics import engine
from metrics.vault import batches
from metrics.vault.joins import in_force
from metrics.vocabulary import Region


def stated(connection: engine.Connection, region: Region) -> list[dict[str, str]]:
    """The joins in force today, with the member's name; empty without one."""
    names = {member.code: member.name for member in region.members}
    return [
        {
            "municipality": names.get(each.municipality, each.municipality),
            "organisation": each.organisation,
            "purpose": each.purpose,
            "ground": each.ground,
            "school_decision": each.school_decision,
            "social_decision": each.social_decision,
            "starts": each.starts.isoformat(),
            "ends": each.ends.isoformat(),
            "declared": each.declared.isoformat() if each.declared else "",
            "declared_by": each.declared_by,
        }
        for each in in_force(connection, batches.now().date())
    ]
