"""The command that writes the register of models as a file to edit and hand in again. Texts are Swedish."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from metrics.cli_vault import Run, Say
from metrics.intake import register_file
from metrics.release.publish import Desk
from metrics.values import LOCAL_PRINCIPAL

DONE, WRONG_USE = 0, 2
WRITERS = {".csv": register_file.csv_bytes, ".xlsx": register_file.xlsx_bytes}


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser], *, say: Say, desk: Callable[[], Desk]
) -> None:
    """Add register to the parser."""

    def run(chosen: argparse.Namespace) -> int:
        return _register(chosen, say, desk())

    made = command("register", run, "Skriv registret över modeller till en fil att ändra i och lämna in igen.")
    made.add_argument("--to", required=True, type=Path, metavar="FIL.csv|.xlsx")
    made.add_argument("--sender", default="", metavar="ORGANISATION", help="vems register; annars det största")


def _register(chosen: argparse.Namespace, say: Say, desk: Desk) -> int:
    writer = WRITERS.get(chosen.to.suffix.lower())
    if writer is None:
        print("Skriv till en fil som slutar på .csv eller .xlsx.", file=sys.stderr)
        return WRONG_USE
    with desk.vault.reading(LOCAL_PRINCIPAL) as connection:
        whose = register_file.senders(connection)
        sender = chosen.sender or (whose[0] if whose else "")
        rows = register_file.standing(connection, sender)
    chosen.to.write_bytes(writer(rows))
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
