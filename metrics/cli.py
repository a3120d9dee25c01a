"""The `samsyn` command: everything the pages can do with data, for scheduled jobs. Texts are Swedish.

Exit 0 = done, 1 = the input was refused (findings printed), 2 = wrong use.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from metrics import (
    catalogue,
    cli_counts,
    cli_evaluate,
    cli_intake,
    cli_joins,
    cli_pages,
    cli_plan,
    cli_progress,
    cli_register,
    cli_review,
    cli_vault,
)
from metrics.engine import VaultError
from metrics.export.long_table import write_values
from metrics.intake.handing_in import RefusedError, UnansweredError
from metrics.intake.preview import PreviewLimitError
from metrics.protect.errors import DisclosureError, ProtectionError
from metrics.protect.thresholds import from_settings
from metrics.release import read
from metrics.release.desk import Desk, PublishError
from metrics.release.publish import publish
from metrics.release.review import ReviewError
from metrics.release.signing import sign_draft, withdraw
from metrics.values import LOCAL_PRINCIPAL, NotAllowedError, Principal, Role
from metrics.vault import OverlapError, Vault
from metrics.vocabulary import current_region

REFUSALS = (
    RefusedError,
    UnansweredError,
    OverlapError,
    PreviewLimitError,
    PublishError,
    DisclosureError,
    ProtectionError,
    VaultError,
    NotAllowedError,
    ReviewError,
    read.ReleaseError,
)
DONE, REFUSED, WRONG_USE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    try:
        chosen = _parser().parse_args(arguments)
    except SystemExit as stop:
        return DONE if stop.code in (0, None) else WRONG_USE
    try:
        with nullcontext() if chosen.json else cli_progress.told(chosen.what):
            return int(chosen.run(chosen))
    except REFUSALS as refusal:
        return _refuse(chosen, refusal)
    except FileNotFoundError as absent:
        return _wrong_use(f"Filen finns inte: {absent.filename}")
    except OSError as failure:
        return _refuse(
            chosen,
            RuntimeError(f"Det gick inte att läsa eller skriva på disken ({failure.strerror}). Inget har ändrats."),
        )
    except ValueError as wrong:
        return _refuse(chosen, wrong)


def desk() -> Desk:
    """The desk that the environment's settings name."""
    data = read.data_folder()
    key = os.environ.get("SAMSYN_VAULT_KEY", "")
    vault = Vault(path=data / "vault" / "samsyn.duckdb", catalogue=catalogue.default(), key=key)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    by_school = os.environ.get("SAMSYN_SCHOOLS") == "publish"
    return Desk(
        vault=vault,
        data=data,
        catalogue=catalogue.default(),
        region=current_region(),
        workers=cores,
        schools=by_school,
        thresholds=from_settings(os.environ),
    )


def _say(chosen: argparse.Namespace, text: str, **machine: Any) -> None:
    print(json.dumps(machine, ensure_ascii=False, default=_plain) if getattr(chosen, "json", False) else text)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def _refuse(chosen: argparse.Namespace, refusal: Exception) -> int:
    machine: dict[str, Any] = {"done": False, "message": str(refusal)}
    if isinstance(refusal, (RefusedError, UnansweredError)):
        machine["findings"] = [asdict(finding) for finding in refusal.findings]
    if isinstance(refusal, OverlapError):
        machine["overlaps"] = [asdict(overlap) for overlap in refusal.overlaps]
    if getattr(chosen, "json", False):
        print(json.dumps(machine, ensure_ascii=False, default=_plain))
    else:
        print(refusal, file=sys.stderr)
    return REFUSED


def _wrong_use(text: str) -> int:
    print(text, file=sys.stderr)
    return WRONG_USE


def _release() -> read.Release | None:
    """The release that official totals are read from; None when there is none that can be read."""
    try:
        return read.load(read.current_folder())
    except (read.ReleaseError, OSError, ValueError, KeyError):
        return None


def _principal(chosen: argparse.Namespace) -> Principal:
    """The local identity, or the one that --as names (subject:role,role:organisation), for jobs and tests."""
    said = getattr(chosen, "acting_as", None)
    if not said:
        return LOCAL_PRINCIPAL
    subject, roles, organisation = [*said.split(":"), "", "*"][:3]
    return Principal(
        subject=subject,
        roles=frozenset(Role(role) for role in roles.split(",") if role),
        organisation=organisation or "*",
    )


def _batches(chosen: argparse.Namespace) -> int:
    found = desk().vault.batches(_principal(chosen))
    lines = [
        f"{each.batch:>4}  {each.stored_at:%Y-%m-%d %H:%M}  {each.extract}  {each.sender}  {each.row_count} rader"
        + (f"  ångrad: {each.undone_reason}" if each.undone_at else "")
        for each in found
    ]
    _say(chosen, "\n".join(lines) or "Inga leveranser ännu.", batches=[asdict(each) for each in found])
    return DONE


def _undo(chosen: argparse.Namespace) -> int:
    batch = desk().vault.undo(chosen.batch, reason=chosen.reason, principal=_principal(chosen))
    _say(chosen, f"Leverans {batch.batch} är ångrad.", done=True, batch=asdict(batch))
    return DONE


def _publish(chosen: argparse.Namespace) -> int:
    made = publish(
        desk(),
        principal=_principal(chosen),
        note=chosen.note,
        sign=chosen.sign,
        unreviewed=chosen.unreviewed,
        progress=cli_progress.step,
    )
    word = "Utkast" if made.draft else "Utgåva"
    text = f"{made.id}\n{word} {made.id}: {made.shown} av {made.values} värden visas, {len(made.changes)} ändrade sedan förra utgåvan."
    changes = made.changes.head(200).to_dict("records")
    _say(
        chosen,
        text,
        done=True,
        id=made.id,
        draft=made.draft,
        values=made.values,
        shown=made.shown,
        changed=len(made.changes),
        changes=changes,
        held=list(made.held),
    )
    return DONE


def _sign(chosen: argparse.Namespace) -> int:
    folder = sign_draft(desk(), chosen.draft, principal=_principal(chosen), unreviewed=chosen.unreviewed)
    _say(chosen, f"Utgåva {folder.name} är utgiven.", done=True, id=folder.name)
    return DONE


def _releases(chosen: argparse.Namespace) -> int:
    current = read.current_folder()
    found = []
    for folder in read.release_folders():
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        gone = read.withdrawal(folder)
        found.append(
            {
                "id": manifest["id"],
                "created": manifest.get("created", ""),
                "note": manifest.get("note", ""),
                "example": bool(manifest.get("example")),
                "current": folder == current,
                "withdrawn": asdict(gone) if gone else None,
            }
        )
    lines = [
        f"{'*' if each['current'] else ' '} {each['id']}  {each['created']}  {each['note']}"
        + (f"  tillbakadragen {each['withdrawn']['day']}: {each['withdrawn']['reason']}" if each["withdrawn"] else "")
        for each in found
    ]
    _say(chosen, "\n".join(lines), releases=found)
    return DONE


def _withdraw(chosen: argparse.Namespace) -> int:
    left = withdraw(desk(), chosen.release, reason=chosen.reason, principal=_principal(chosen))
    now = f"Aktuell utgåva är {left}." if left else "Ingen utgåva finns kvar."
    _say(chosen, f"Utgåva {chosen.release} är tillbakadragen. {now}", done=True, withdrawn=chosen.release, current=left)
    return DONE


def _export(chosen: argparse.Namespace) -> int:
    if chosen.to.suffix not in (".csv", ".xlsx", ".parquet"):
        return _wrong_use(f"Filen ska sluta på .csv, .xlsx eller .parquet, inte {chosen.to.suffix or 'inget'}.")
    folder = read.folder_of(chosen.release) if chosen.release else read.current_folder()
    if folder is None:
        return _wrong_use(f"Det finns ingen utgåva som heter {chosen.release}.")
    release = cli_pages.opened(folder)
    if chosen.indicator and chosen.indicator not in release.definitions:
        return _wrong_use(f"Det finns ingen indikator som heter {chosen.indicator}.")
    values = release.values.values
    if chosen.indicator:
        values = values[values["indicator"] == chosen.indicator]
    if not chosen.official:
        values = values[values["series"] == "own"]
    if chosen.schools:
        _principal(chosen).require(Role.SCHOOL_READER)
        if release.schools.empty:
            return _wrong_use(f"Utgåva {release.id} har inga värden för enskilda skolor här.")
        schools = release.schools
        schools = schools[schools["indicator"] == chosen.indicator] if chosen.indicator else schools
        values = pd.concat([values, schools[list(values.columns)]], ignore_index=True)
    write_values(chosen.to, values, release)
    _say(chosen, f"{len(values)} rader skrivna till {chosen.to.name}.", done=True, rows=len(values), release=release.id)
    return DONE


def _demo(chosen: argparse.Namespace) -> int:
    from metrics.demo import generate
    from metrics.demo.release import build_release

    if chosen.release:
        folder = build_release(
            chosen.release, scale=chosen.scale, seed=chosen.seed, workers=desk().workers, progress=cli_progress.step
        )
        _say(chosen, f"Exempelutgåvan är skriven till {folder}.", done=True, folder=str(folder))
        return DONE
    if chosen.to is None:
        return _wrong_use("Ange --to MAPP för uttagen, eller --release MAPP för en hel exempelutgåva.")
    generate(
        chosen.to,
        scale=chosen.scale,
        seed=chosen.seed,
        only_year9=not chosen.everything,
        progress=cli_progress.step,
    )
    _say(chosen, f"Exempeldata skrivna till {chosen.to}.", done=True, folder=str(chosen.to))
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="samsyn", description="Samsyn: uppföljning av samverkan mellan skola och socialtjänst."
    )
    commands = parser.add_subparsers(title="kommandon", required=True, metavar="KOMMANDO")

    def command(name: str, run: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.add_argument("--json", action="store_true", help="skriv svaret som JSON")
        made.add_argument(
            "--as", dest="acting_as", metavar="VEM:ROLLER:ORGANISATION", help="handla som en viss användare"
        )
        made.set_defaults(run=run, what=text.rstrip("."))
        return made

    cli_intake.add_commands(
        command, vault=lambda: desk().vault, principal=_principal, say=_say, plain=_plain, release=_release
    )
    cli_counts.add_commands(command, say=_say, reason=cli_intake._reason)
    cli_plan.add_commands(command, vault=lambda: desk().vault, principal=_principal, say=_say)
    cli_joins.add_commands(command, vault=lambda: desk().vault, principal=_principal, say=_say)
    cli_register.add_commands(command, say=_say, desk=desk)
    _add_deliveries_and_drafts(command)
    cli_review.add_commands(command, desk=desk, principal=_principal, say=_say)
    cli_evaluate.add_commands(command, desk=desk, principal=_principal, say=_say)
    _add_releases(command)
    cli_pages.add_commands(command, principal=_principal, say=_say)
    _add_demo(command)
    cli_vault.add_commands(command, vault=lambda: desk().vault, principal=_principal, say=_say)
    return parser


def _add_deliveries_and_drafts(command: Callable[..., argparse.ArgumentParser]) -> None:
    command("batches", _batches, "Visa leveranser.")
    undo = command("undo", _undo, "Ångra en leverans.")
    undo.add_argument("batch", type=int, metavar="NUMMER")
    undo.add_argument("--reason", required=True, metavar="SKÄL")
    out = command("publish", _publish, "Ge ut en ny utgåva.")
    out.add_argument("--note", required=True, metavar="TEXT")
    out.add_argument("--sign", metavar="VEM")
    sign = command("sign", _sign, "Skriv under ett utkast.")
    sign.add_argument("draft", metavar="UTKAST")
    for each in (out, sign):
        each.add_argument("--unreviewed", default="", metavar="SKÄL", help="varför medlemmarna inte har granskat")


def _add_releases(command: Callable[..., argparse.ArgumentParser]) -> None:
    command("releases", _releases, "Visa utgåvor.")
    back = command("withdraw", _withdraw, "Dra tillbaka en utgåva.")
    back.add_argument("release", metavar="UTGÅVA")
    back.add_argument("--reason", required=True, metavar="SKÄL")
    export = command("export", _export, "Skriv en utgåvas värden till en fil.")
    export.add_argument("--release", metavar="UTGÅVA")
    export.add_argument("--indicator", metavar="NAMN")
    export.add_argument("--official", action="store_true", help="ta med de officiella serierna")
    export.add_argument("--schools", action="store_true", help="ta med värden per skola, om utgåvan här har dem")
    export.add_argument("--to", required=True, type=Path, metavar="FIL")


def _add_demo(command: Callable[..., argparse.ArgumentParser]) -> None:
    demo = command("demo", _demo, "Skriv påhittade exempeldata.")
    demo.add_argument("--scale", choices=("small", "gr", "sweden"), default="gr")
    demo.add_argument("--seed", type=int, default=1)
    demo.add_argument("--to", type=Path, metavar="MAPP")
    demo.add_argument("--everything", action="store_true", help="alla slags uttag, inte bara årskurs 9")
    demo.add_argument("--release", type=Path, metavar="MAPP")


if __name__ == "__main__":
    sys.exit(main())
