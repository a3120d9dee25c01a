"""The command for the members' review of a draft: open it, answer it, see who has answered. Texts are Swedish."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import date

from metrics.cli_vault import Run, Say
from metrics.release.desk import Desk
from metrics.release.review import Review, ReviewError, answer, open_review, review_of
from metrics.release.signing import asked_organisations
from metrics.values import Principal


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser],
    *,
    desk: Callable[[], Desk],
    principal: Callable[[argparse.Namespace], Principal],
    say: Say,
) -> None:
    """Add `samsyn review`; `command` makes a subparser, as in metrics.cli."""

    def run(chosen: argparse.Namespace) -> int:
        review = _done(chosen, desk(), principal(chosen))
        say(chosen, _said(review), done=True, review=asdict(review), waiting=list(review.waiting))
        return 0

    made = command("review", run, "Låt medlemmarna granska ett utkast, svara på det, eller se vilka som svarat.")
    made.add_argument("draft", metavar="UTKAST")
    made.add_argument("--until", type=date.fromisoformat, metavar="DATUM", help="öppna granskningen till och med dagen")
    made.add_argument("--organisation", metavar="ORGANISATION")
    said = made.add_mutually_exclusive_group()
    said.add_argument("--approve", action="store_true", help="siffrorna stämmer")
    said.add_argument("--object", metavar="TEXT", help="vad som inte stämmer")


def _done(chosen: argparse.Namespace, desk: Desk, principal: Principal) -> Review:
    if chosen.until:
        asked = asked_organisations(desk, principal)
        review = open_review(desk.data, chosen.draft, until=chosen.until, organisations=asked, principal=principal)
        desk.vault.write_log(principal, "öppnat granskning", f"utgåva {chosen.draft}", f"till och med {chosen.until}")
        return review
    if chosen.approve or chosen.object:
        said = "godkänt" if chosen.approve else "synpunkter"
        review = answer(
            desk.data,
            chosen.draft,
            organisation=chosen.organisation or "",
            approves=chosen.approve,
            comment=chosen.object or "",
            principal=principal,
        )
        desk.vault.write_log(principal, "granskat", f"utgåva {chosen.draft}", f"{chosen.organisation}: {said}")
        return review
    found = review_of(desk.data, chosen.draft)
    if found is None:
        raise ReviewError(f"Utkast {chosen.draft} granskas inte. Öppna granskningen med --until.")
    return found


def _said(review: Review) -> str:
    lines = [
        f"Utkast {review.draft} granskas till och med {review.until}: "
        f"{len(review.answers)} av {len(review.organisations)} har svarat."
    ]
    lines += [f"  {each.organisation}: {each.comment or 'godkänt'}" for each in review.answers]
    return "\n".join([*lines, *(f"  {each}: inte svarat" for each in review.waiting)])
