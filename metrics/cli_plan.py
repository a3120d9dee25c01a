"""The command for the delivery plan: see what is expected and late, and set dates, roles and states. Texts are Swedish."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, date, datetime

from metrics import catalogue
from metrics.cli_vault import Run, Say
from metrics.declare import Extract
from metrics.intake.plan import STARTER_PACK, STATE_TEXT, PlanError, Planned, described, gives, line, plan
from metrics.values import Principal
from metrics.vault import EVERYBODY, Vault
from metrics.vocabulary import current_region

EXPECTED = {"yes": True, "no": False, "rule": None}


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser],
    *,
    vault: Callable[[], Vault],
    principal: Callable[[argparse.Namespace], Principal],
    say: Say,
) -> None:
    """Add `samsyn plan`; `command` makes a subparser, as in metrics.cli."""

    def run(chosen: argparse.Namespace) -> int:
        if chosen.due or chosen.responsible or chosen.expected:
            _change(chosen, vault(), principal(chosen), say)
        else:
            _show(chosen, vault(), principal(chosen), say)
        return 0

    made = command("plan", run, "Visa leveransplanen: vad som väntas, av vem och när. Eller ändra en rad i den.")
    made.add_argument("--organisation", metavar="ORGANISATION", help="utan den visas eller ändras alla organisationer")
    made.add_argument("--extract", choices=sorted(catalogue.default().extracts), metavar="SLAG")
    made.add_argument("--late", action="store_true", help="bara det som är försenat")
    made.add_argument("--due", type=date.fromisoformat, metavar="DATUM", help="sista dag, också för kommande perioder")
    made.add_argument("--responsible", metavar="ROLL", help="ansvarig roll, aldrig en persons namn")
    made.add_argument(
        "--expected", choices=tuple(EXPECTED), help="yes, no, eller rule som tar bort det som satts på raden"
    )
    made.add_argument("--reason", default="", metavar="SKÄL", help="varför leveransen inte väntas")


def _show(chosen: argparse.Namespace, vault: Vault, principal: Principal, say: Say) -> None:
    declared = catalogue.default().extracts
    found = plan(
        declared.values(),
        vault.batches(principal),
        region=current_region(),
        today=_today(),
        agreements=vault.agreements(principal),
    )
    wanted = [
        each
        for each in found
        if (not chosen.organisation or each.organisation == chosen.organisation)
        and (not chosen.extract or each.extract == chosen.extract)
        and (not chosen.late or each.state == "late")
        and (principal.sees_everybody or each.organisation == principal.organisation)
    ]
    lines = [_said(each) for each in wanted] or ["Inget är försenat." if chosen.late else "Inget väntas."]
    if any(each.state == "never" for each in wanted):
        lines += ["Att börja med:", *(f"  {_starter(declared[name])}" for name in STARTER_PACK)]
    say(chosen, "\n".join(lines), plan=[asdict(each) for each in wanted])


def _said(each: Planned) -> str:
    state = STATE_TEXT[each.state] + (f" ({each.reason})" if each.reason else "")
    return f"{state:<12} {each.due}  {each.organisation}: {each.title}, {each.period}. Ansvarig: {each.responsible}"


def _starter(extract: Extract) -> str:
    return f"{extract.title}. {gives(extract, catalogue.default().indicators.values())}"


def _change(chosen: argparse.Namespace, vault: Vault, principal: Principal, say: Say) -> None:
    if not chosen.extract:
        raise PlanError("Ange vilket slag av uttag det gäller, med --extract.")
    extract = catalogue.default().extracts[chosen.extract]
    before = {(each.organisation, each.extract): each for each in vault.agreements(principal)}
    organisation = chosen.organisation or EVERYBODY
    agreement = line(
        extract,
        organisation=organisation,
        today=_today(),
        due=chosen.due,
        responsible=chosen.responsible or "",
        expected=EXPECTED[chosen.expected or "rule"],
        reason=chosen.reason,
        earlier=None if chosen.expected == "rule" else before.get((organisation, extract.name)),
    )
    said = described(agreement, extract, _today())
    vault.agree(agreement, principal=principal, said=said)
    whom = organisation or "Alla organisationer"
    say(chosen, f"{whom}, {extract.title}: {said}.", done=True, agreement=asdict(agreement))


def _today() -> date:
    return datetime.now(UTC).date()
