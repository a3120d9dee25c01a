"""Commands for those who hand in: check, load, pseudonymise, dataskydd. Texts are Swedish.

A file on disk is read with bounded memory whatever its size; nothing of it is written anywhere before it is stored.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from metrics import catalogue, cli_progress
from metrics.cli_vault import Run, Say
from metrics.intake import Member, Staged, offline, processing_record, pseudonyms, stage, stage_file, unpack
from metrics.intake.findings import SEVERITY_TEXT, Findings
from metrics.intake.handing_in import hand_in, unanswered
from metrics.intake.own_figures import Figure, own_figures
from metrics.intake.preview import PeriodChange, own_changes, record_preview
from metrics.intake.screening import Delivery, Reader, with_vault
from metrics.release import read
from metrics.release.read import Release
from metrics.values import Principal
from metrics.vault import Batch, Vault
from metrics.vocabulary import ALL, current_region

DONE, REFUSED, WRONG_USE = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Commands:
    """The commands' bodies: `vault` opens the vault the settings name, `principal` is who asks, `say` answers."""

    vault: Callable[[], Vault]
    principal: Callable[[argparse.Namespace], Principal]
    say: Say
    plain: Callable[[Any], Any]
    release: Callable[[], Release | None]

    def check(self, chosen: argparse.Namespace) -> int:
        if chosen.changes and not chosen.sender:
            return _wrong_use("Ange organisationen med --sender för att se vad filen ändrar.")
        refused, machine = False, []
        for name, staged in self._staged(chosen):
            findings = staged.findings
            if chosen.sender:
                self._look(chosen, staged)
            refused |= findings.refused
            machine.append({"file": name, **asdict(findings), "refused": findings.refused})
            if not chosen.json:
                _print(name, findings)
                print("Filen kan inte lämnas in." if findings.refused else "Filen kan lämnas in.")
            if chosen.changes and not findings.refused:
                machine[-1] |= self._changes(chosen, staged)
        if chosen.json:
            self._print_json(machine[0] if len(machine) == 1 else machine)
        return REFUSED if refused else DONE

    def _changes(self, chosen: argparse.Namespace, staged: Staged) -> dict[str, Any]:
        """What the file changes for the sender's own organisation."""
        own: dict[str, Any] = {"sender": chosen.sender, "principal": self.principal(chosen), "region": current_region()}
        release = self.release()
        changes = own_changes(self.vault(), staged, **own, release=release, indicators=catalogue.default().indicators)
        of_its_own = read.current_folder().parent == read.releases_folder()
        figures = own_figures(self.vault(), staged, **own, release=release if of_its_own else None)
        if not chosen.json:
            print("\n".join([*map(_period_line, changes.periods), *map(_figure_line, figures.figures)]))
        return {"changes": asdict(changes), "figures": asdict(figures)}

    def load(self, chosen: argparse.Namespace) -> int:
        reasons = dict(chosen.accept or ())
        batches: list[Batch] = []
        for name, staged in self._staged(chosen):
            if unanswered(staged.findings, reasons):
                self._look(chosen, staged)
            if not chosen.json:
                _print(name, staged.findings)
            batch = hand_in(
                self.vault(),
                staged,
                sender=chosen.sender,
                principal=self.principal(chosen),
                reasons=reasons,
                overlap=chosen.overlap,
            )
            batches.append(batch)
            if not chosen.json:
                print(f"Mottagen som leverans {batch.batch}.")
        if chosen.json:
            self._print_json({"done": True, "batches": [asdict(batch) for batch in batches]})
        return DONE

    def _look(self, chosen: argparse.Namespace, staged: Staged) -> None:
        """Log that somebody sees what comparisons with the vault found without handing in; PreviewLimitError at the limit."""
        if staged.extract and not staged.findings.refused:
            who = self.principal(chosen)
            record_preview(self.vault(), sender=chosen.sender, extract=staged.extract.name, principal=who)

    def _staged(self, chosen: argparse.Namespace) -> Iterator[tuple[str, Staged]]:
        """Every table file that was named, those inside archives too, compared with what its sender has delivered."""
        delivery = Delivery(sender=chosen.sender or "", source_system=chosen.system)
        release = self.release() if delivery.sender else None
        for number, path in enumerate(chosen.files):
            cli_progress.step(f"Läser {path.name}", number / len(chosen.files))
            for name, reader in _readers(path, chosen.extract):
                who = self.principal(chosen)
                yield name, with_vault(self.vault(), reader, delivery, principal=who, release=release)

    def _print_json(self, machine: object) -> None:
        print(json.dumps(machine, ensure_ascii=False, default=self.plain))

    def pseudonymise(self, chosen: argparse.Namespace) -> int:
        if chosen.page:
            chosen.page.write_bytes(offline.page())
            self.say(chosen, f"Sidan är skriven till {chosen.page.name}. Öppna den i en webbläsare.", done=True)
            return DONE
        if chosen.key is None:
            return _wrong_use("Ange nyckelfilen med --key, eller skapa en ny med --new-key och --key.")
        if chosen.new_key:
            key = pseudonyms.new_key(chosen.key)
            text = (
                f"Ny nyckel {key.id} skriven till {chosen.key.name}. Bara du kan läsa filen; förvara en kopia inlåst."
            )
            self.say(chosen, text, done=True, key_id=key.id)
        if chosen.file is None or chosen.to is None:
            return DONE if chosen.new_key and chosen.file is None else _wrong_use("Ange FIL och --to FIL.")
        if chosen.file.resolve() in (chosen.to.resolve(), chosen.key.resolve()):
            return _wrong_use("Skriv till en annan fil än den som läses.")
        return self._pseudonymised(chosen)

    def _pseudonymised(self, chosen: argparse.Namespace) -> int:
        key = pseudonyms.read_key(chosen.key)
        report = pseudonyms.pseudonymise(
            chosen.file, chosen.to, key, columns=chosen.column or (), drop=chosen.drop or ()
        )
        gone = f" Borttagna kolumner: {', '.join(report.dropped)}." if report.dropped else ""
        text = (
            f"{report.rows} rader skrivna till {chosen.to.name} med nyckel {report.key_id}. "
            f"Pseudonymer i stället för: {', '.join(report.replaced)}.{gone}"
        )
        self.say(chosen, text, done=True, **asdict(report))
        return DONE

    def dataskydd(self, chosen: argparse.Namespace) -> int:
        written = processing_record.record(catalogue.default())
        if chosen.to is None:
            sys.stdout.write(written.decode("utf-8-sig"))
            return DONE
        chosen.to.write_bytes(written)
        said = processing_record.summary(catalogue.default().extracts.values())
        self.say(chosen, f"{said} Skrivet till {chosen.to.name}. {processing_record.NO_ADVICE}", done=True)
        return DONE


def _period_line(change: PeriodChange) -> str:
    before = "" if change.rows_before is None else f", förra gången {change.rows_before} ({change.compared_with})"
    official = f", officiellt {change.official.pupils} elever" if change.official else ""
    return f"{change.period or 'hela registret'}: {change.rows} rader{before}{official}"


def _figure_line(figure: Figure) -> str:
    title = catalogue.default().indicators[figure.indicator].short_title
    stage = f", {figure.stage}" if figure.stage != ALL else ""
    published = (
        f"{title}{stage}, {figure.period}: publicerat {_decimal(figure.published)} (n={figure.published_pupils})"
    )
    if figure.unchanged:
        return f"{published}, ingen skillnad"
    if figure.value is None:
        return f"{published}, skillnaden visas inte"
    return f"{published}, med filen {_decimal(figure.value)} (n={figure.pupils})"


def _decimal(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")


def _readers(path: Path, extract: str | None) -> Iterator[tuple[str, Reader]]:
    """Name of each table file at `path`, and what reads it with a mapping of headings."""
    with path.open("rb") as file:
        archive = file.read(2) == b"PK"
    if not archive:
        yield path.name, lambda mapping: stage_file(path, extract, mapping=mapping, region=current_region())
        return
    for member in unpack(path.read_bytes(), path.name):
        yield member.name, _reader(member, extract)


def _reader(member: Member, extract: str | None) -> Reader:
    return lambda mapping: stage(member.data, extract, name=member.name, mapping=mapping, region=current_region())


def _print(name: str, findings: Findings) -> None:
    print(f"{name}: {_recognised(findings)}")
    for finding in findings:
        where = f" ({finding.where})" if finding.where else ""
        print(f"{SEVERITY_TEXT[finding.severity]} [{finding.code}] {finding.sentence}{where}\n    {finding.advice}")


def _recognised(findings: Findings) -> str:
    known = findings.recognised
    title = catalogue.default().extracts[known.extract].title if known.extract else "okänt slag av uttag"
    periods = f", {', '.join(known.periods)}" if known.periods else ""
    return f"{title}: {known.row_count} rader{periods}"


def _reason(text: str) -> tuple[str, str]:
    code, equals, reason = text.partition("=")
    if not equals or not reason.strip():
        raise argparse.ArgumentTypeError('skriv KOD="skäl"')
    return code.strip(), reason.strip().strip('"')


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser],
    *,
    vault: Callable[[], Vault],
    principal: Callable[[argparse.Namespace], Principal],
    say: Say,
    plain: Callable[[Any], Any],
    release: Callable[[], Release | None],
) -> None:
    """Add the commands to `samsyn`; `command` makes a subparser, as in metrics.cli."""
    run = Commands(vault=vault, principal=principal, say=say, plain=plain, release=release)
    for name, body, text in (
        ("check", run.check, "Granska filer utan att spara något."),
        ("load", run.load, "Lämna in filer."),
    ):
        made = command(name, body, text)
        made.add_argument("files", nargs="+", type=Path, metavar="FIL")
        made.add_argument("--extract", choices=sorted(catalogue.default().extracts), metavar="SLAG")
        said = "jämför också med det som organisationen lämnat förut" if name == "check" else None
        made.add_argument("--sender", required=name == "load", metavar="ORGANISATION", help=said)
        made.add_argument("--system", default="", metavar="KÄLLSYSTEM")
        if name == "check":
            made.add_argument("--changes", action="store_true", help="visa också vad filen ändrar för organisationen")
        if name == "load":
            made.add_argument("--accept", action="append", type=_reason, metavar='KOD="skäl"')
            made.add_argument("--overlap", choices=("replace", "add"))
    _add_protection(command, run)


def _add_protection(command: Callable[[str, Run, str], argparse.ArgumentParser], run: Commands) -> None:
    hide = command("pseudonymise", run.pseudonymise, "Byt personnummer mot pseudonymer, hos er, innan filen lämnas in.")
    hide.add_argument("file", nargs="?", type=Path, metavar="FIL")
    hide.add_argument("--key", type=Path, metavar="NYCKELFIL")
    hide.add_argument("--to", type=Path, metavar="FIL")
    hide.add_argument("--column", action="append", metavar="RUBRIK", help="kolumn med personnummer eller elev-id")
    hide.add_argument("--drop", action="append", metavar="RUBRIK", help="kolumn att ta bort utöver namn och adress")
    hide.add_argument("--new-key", action="store_true", help="skapa nyckelfilen först")
    hide.add_argument("--page", type=Path, metavar="FIL", help="skriv sidan avidentifiera.html för webbläsaren")
    record = command("dataskydd", run.dataskydd, "Förteckna varje kolumn: ändamål, gallring och vem som ser den.")
    record.add_argument("--to", type=Path, metavar="FIL")


def _wrong_use(text: str) -> int:
    print(text, file=sys.stderr)
    return WRONG_USE
