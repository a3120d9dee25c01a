"""The command for joins of school and social services: see, declare and withdraw them. Texts are Swedish."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime

from metrics.cli_vault import DONE, WRONG_USE, Run, Say
from metrics.intake.joining import declaration, state
from metrics.values import Principal
from metrics.vault import Join, Vault
from metrics.vocabulary import current_region

NEEDED = {
    "organisation": "--organisation",
    "purpose": "--purpose",
    "ground": "--ground",
    "school_decision": "--school-decision",
    "social_decision": "--social-decision",
    "starts": "--from",
    "ends": "--until",
}


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser],
    *,
    vault: Callable[[], Vault],
    principal: Callable[[argparse.Namespace], Principal],
    say: Say,
) -> None:
    """Add `samsyn join`; `command` makes a subparser, as in metrics.cli."""

    def run(chosen: argparse.Namespace) -> int:
        if chosen.withdraw is not None:
            return _withdraw(chosen, vault(), principal(chosen), say)
        if any(getattr(chosen, name) for name in NEEDED):
            return _declare(chosen, vault(), principal(chosen), say)
        found = vault().joins(principal(chosen))
        lines = [_said(each) for each in found] or ["Ingen koppling är deklarerad."]
        say(chosen, "\n".join(lines), joins=[asdict(each) for each in found])
        return DONE

    made = command(
        "join", run, "Visa, deklarera eller återkalla kopplingar mellan skolans och socialtjänstens uppgifter."
    )
    made.add_argument("--organisation", metavar="ORGANISATION", help="avsändaren vars kopplingsfil får användas")
    made.add_argument("--purpose", metavar="ÄNDAMÅL")
    made.add_argument("--ground", metavar="GRUND", help="den rättsliga grunden, som nämnderna har prövat den")
    made.add_argument("--school-decision", metavar="BESLUT", help="skolans nämnd, datum och paragraf")
    made.add_argument("--social-decision", metavar="BESLUT", help="socialnämnden, datum och paragraf")
    made.add_argument("--from", dest="starts", type=date.fromisoformat, metavar="DATUM")
    made.add_argument("--until", dest="ends", type=date.fromisoformat, metavar="DATUM")
    made.add_argument("--withdraw", type=int, metavar="NUMMER", help="återkalla en koppling, med --reason")
    made.add_argument("--reason", default="", metavar="SKÄL")


def _declare(chosen: argparse.Namespace, vault: Vault, principal: Principal, say: Say) -> int:
    said = {name: getattr(chosen, name) for name in NEEDED}
    missing = [option for name, option in NEEDED.items() if not said[name]]
    if missing:
        print(f"Ange också {', '.join(missing)}.", file=sys.stderr)
        return WRONG_USE
    made = vault.declare_join(declaration(current_region(), **said), principal=principal)
    text = f"Koppling {made.number} är deklarerad för {made.organisation}, {made.starts} till {made.ends}."
    say(chosen, f"{text} Nu kan filen med kopplingar lämnas in.", done=True, join=asdict(made))
    return DONE


def _withdraw(chosen: argparse.Namespace, vault: Vault, principal: Principal, say: Say) -> int:
    done = vault.withdraw_join(chosen.withdraw, reason=chosen.reason, principal=principal)
    text = (
        f"Koppling {done.number} är återkallad och används inte i nästa utgåva. Utgåvor som redan är gjorda står kvar: dra "
        f"tillbaka dem med samsyn withdraw om de inte ska visas. Filens rader raderas med samsyn erase --sender "
        f'"{done.organisation}" --extract pupil_child_pairs --reason "...".'
    )
    say(chosen, text, done=True, join=asdict(done))
    return DONE


def _said(each: Join) -> str:
    return (
        f"{each.number:>3}  {each.organisation}: {state(each, datetime.now(UTC).date())}. {each.starts} till {each.ends}. "
        f"Ändamål: {each.purpose} Grund: {each.ground} Beslut: {each.school_decision}; {each.social_decision}. "
        f"Deklarerad {each.declared} av {each.declared_by}."
    )
