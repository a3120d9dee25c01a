"""The commands that write the register of models and the mapping's form as files to fill in and hand in. Texts are Swedish."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from metrics.cli_vault import Run, Say
from metrics.extracts.collaboration_register import EXTRACT as REGISTER
from metrics.extracts.mapping_answers import EXTRACT
from metrics.intake import mapping_form, register_file
from metrics.models import words
from metrics.release.desk import Desk
from metrics.values import LOCAL_PRINCIPAL

DONE, WRONG_USE = 0, 2
FORMS = "Skolan och socialtjänsten svarar på var sin rad. När formuläret är ifyllt: samsyn load"
WRITERS = {".csv": register_file.csv_bytes, ".xlsx": register_file.xlsx_bytes}


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser], *, say: Say, desk: Callable[[], Desk]
) -> None:
    """Add register and mapping to the parser."""

    def run(chosen: argparse.Namespace) -> int:
        return _register(chosen, say, desk())

    made = command("register", run, "Skriv registret över modeller till en fil att ändra i och lämna in igen.")
    made.add_argument("--to", required=True, type=Path, metavar="FIL.csv|.xlsx")
    made.add_argument("--sender", default="", metavar="ORGANISATION", help="vems register; annars det största")

    def ask(chosen: argparse.Namespace) -> int:
        return _mapping(chosen, say, desk())

    form = command("mapping", ask, "Skriv kartläggningens formulär, en rad per team och verksamhet.")
    form.add_argument("--round", required=True, dest="year", metavar="LÄSÅR", help="till exempel 2025/26")
    form.add_argument("--to", type=Path, metavar="FIL.csv|.xlsx", help="utan fil: vilka som har svarat")
    form.add_argument("--municipality", default="", metavar="KOD")
    form.add_argument("--respondents", type=int, default=1, metavar="ANTAL", help="rader per team och verksamhet")


def _mapping(chosen: argparse.Namespace, say: Say, desk: Desk) -> int:
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        if chosen.to is None:
            found = mapping_form.waiting(connection, chosen.year)
            lines = [
                f"{code}  {instance or 'inget team'}  {words.SIDES[side]}: {answered} av {asked} har svarat"
                for code, instance, side, asked, answered in found.itertuples(index=False, name=None)
            ]
            say(chosen, "\n".join(lines) or "Ingen är tillfrågad.", done=True, asked=found.to_dict("records"))
            return DONE
        rows = mapping_form.asked(
            connection, chosen.year, desk.region, municipality=chosen.municipality, respondents=chosen.respondents
        )
    if chosen.to.suffix.lower() not in WRITERS:
        print("Skriv till en fil som slutar på .csv eller .xlsx.", file=sys.stderr)
        return WRONG_USE
    chosen.to.write_bytes(WRITERS[chosen.to.suffix.lower()](rows, EXTRACT))
    say(chosen, f"{len(rows)} rader skrivna till {chosen.to.name}. {FORMS} {chosen.to.name}", done=True, rows=len(rows))
    return DONE


def _register(chosen: argparse.Namespace, say: Say, desk: Desk) -> int:
    writer = WRITERS.get(chosen.to.suffix.lower())
    if writer is None:
        print("Skriv till en fil som slutar på .csv eller .xlsx.", file=sys.stderr)
        return WRONG_USE
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        whose = register_file.senders(connection)
        sender = chosen.sender or (whose[0] if whose else "")
        rows = register_file.standing(connection, sender)
    chosen.to.write_bytes(writer(rows, REGISTER))
    text = f"{len(rows)} rader skrivna till {chosen.to.name}." + _how(desk, sender, chosen.to.name)
    say(chosen, text, done=True, rows=len(rows), sender=sender)
    return DONE


def _how(desk: Desk, sender: str, file: str) -> str:
    """How the edited file is handed in so that it takes the place of the one that counts."""
    found = [each for each in desk.vault.batches(LOCAL_PRINCIPAL) if each.extract == "collaboration_register"]
    last = next((each for each in found if each.sender == sender and each.undone_at is None), None)
    if last is None:
        return ""
    system = f' --system "{last.source_system}"' if last.source_system else ""
    return f'\nNär den är ändrad: samsyn load {file} --sender "{sender}"{system} --overlap replace'
