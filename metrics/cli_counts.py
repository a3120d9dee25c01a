"""The command for members who send counts instead of rows: aggregate. Runs at the member, with the same SQL. Texts are Swedish."""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd

from metrics import catalogue, cli_progress, engine
from metrics.cli_vault import Run, Say
from metrics.cohort_tables import build_cohorts
from metrics.delivered_counts import countable, file_rows
from metrics.extracts.aggregated_counts import EXTRACT
from metrics.family_query import family_sql
from metrics.intake import stage_file
from metrics.intake.handing_in import hand_in
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Join, Vault
from metrics.vault.batches import now

DONE, WRONG_USE = 0, 2
SENDER = "Egen organisation"
STILL_PUPILS = "Små grupper är fortfarande uppgifter om elever: skicka filen lika skyddat som elevrader."


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser], *, say: Say, reason: Callable[[str], tuple[str, str]]
) -> None:
    """Add aggregate to the parser."""

    def run(chosen: argparse.Namespace) -> int:
        return _aggregate(chosen, say)

    made = command("aggregate", run, "Räkna elevrader till antal hos den som lämnar; inga elevrader lämnar datorn.")
    made.add_argument("files", nargs="+", type=Path, metavar="FIL")
    made.add_argument("--to", required=True, type=Path, metavar="FIL")
    made.add_argument("--accept", action="append", type=reason, metavar='KOD="skäl"')
    made.add_argument(
        "--own-join",
        metavar="KOMMUNKOD",
        help="kommunen har själv kopplat skolans och socialtjänstens uppgifter: paren läses och används bara här",
    )


def _aggregate(chosen: argparse.Namespace, say: Say) -> int:
    if chosen.to.resolve() in {path.resolve() for path in chosen.files}:
        print("Skriv till en annan fil än dem som läses.", file=sys.stderr)
        return WRONG_USE
    with tempfile.TemporaryDirectory() as folder:
        vault = Vault(path=Path(folder) / "samsyn.duckdb", catalogue=catalogue.default(), key=secrets.token_urlsafe(32))
        if chosen.own_join:
            vault.declare_join(_own_join(chosen.own_join), principal=LOCAL_PRINCIPAL)
        for number, path in enumerate(chosen.files):
            cli_progress.step(f"Läser {path.name}", 0.5 * number / len(chosen.files))
            staged = stage_file(path)
            hand_in(
                vault,
                staged,
                sender=SENDER,
                principal=LOCAL_PRINCIPAL,
                reasons=dict(chosen.accept or ()),
                overlap="add",
            )
            staged.connection.close()
        with vault.reading(LOCAL_PRINCIPAL) as connection:
            parts = [rows for rows in _families(chosen, connection) if len(rows)]
    if not parts:
        print("Filerna har inga rader som någon indikator räknas på.", file=sys.stderr)
        return WRONG_USE
    rows = pd.concat(parts, ignore_index=True)
    write(rows, chosen.to)
    text = f"{len(rows)} rader skrivna till {chosen.to.name}. {STILL_PUPILS}"
    say(chosen, text, done=True, rows=len(rows), populations=sorted(set(rows["population"])))
    return DONE


def _own_join(municipality: str) -> Join:
    """A join inside this computer, in force today: what it rests on is the member's own to have decided."""
    day, said = now().date(), "kommunens egen koppling"
    return Join(
        organisation=SENDER,
        municipality=municipality,
        purpose=said,
        ground=said,
        school_decision=said,
        social_decision=said,
        starts=day,
        ends=day + timedelta(days=1),
    )


def _families(chosen: argparse.Namespace, connection: engine.Connection) -> Iterator[pd.DataFrame]:
    """The counts of every family that needs nobody followed; of what needs a join only where the member has its own."""
    declared = catalogue.default()
    for number, population in enumerate(declared.populations):
        there = countable(declared.family(population))
        family = tuple(each for each in there if chosen.own_join or not each.needs_join)
        if family:
            cli_progress.step(f"Räknar {population}", 0.5 + 0.5 * number / len(declared.populations))
            build_cohorts(connection, declared, [each.sql for each in family])
            yield file_rows(engine.frame(connection, family_sql(family, by_unit=True, wide=True)), family)


def write(rows: pd.DataFrame, path: Path) -> None:
    """The rows as the extract's CSV, with Swedish headings."""
    titles = {column.name: column.title for column in EXTRACT.columns if column.name in rows}
    named = rows.loc[:, list(titles)].rename(columns=titles)
    path.write_bytes(named.to_csv(sep=";", decimal=",", index=False, lineterminator="\n").encode("utf-8-sig"))
