"""Commands for the vault over the years: erase, purge, backup, restore, encrypt, rekey, rotate-pepper. Texts are Swedish.

Keys are never given on the command line, where other users of the machine can read them, but as settings.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from metrics.values import Principal
from metrics.vault import Vault, keeping, restoring

Run = Callable[[argparse.Namespace], int]
DONE, WRONG_USE = 0, 2
SHORT_KEY = 20


class Say(Protocol):
    """Prints the text, or with --json the machine-readable values."""

    def __call__(self, chosen: argparse.Namespace, text: str, **machine: Any) -> None: ...


@dataclasses.dataclass(frozen=True, kw_only=True)
class Commands:
    """The commands' bodies: `vault` opens the vault the settings name, `principal` is who asks, `say` answers."""

    vault: Callable[[], Vault]
    principal: Callable[[argparse.Namespace], Principal]
    say: Say

    def erase(self, chosen: argparse.Namespace) -> int:
        wanted = (chosen.sender, chosen.extract, chosen.period, chosen.pseudonyms, chosen.retention or None)
        if chosen.batch is None and not any(wanted):
            return _wrong_use(
                "Ange vad som ska raderas: --sender, --extract, --period, --batch, --pseudonyms eller --retention."
            )
        named = None
        if chosen.pseudonyms:
            lines = chosen.pseudonyms.read_text(encoding="utf-8-sig").splitlines()
            named = [line.strip() for line in lines if line.strip()]
        erased = keeping.erase(
            self.vault(),
            principal=self.principal(chosen),
            reason=chosen.reason,
            sender=chosen.sender or "",
            extract=chosen.extract or "",
            period=chosen.period or "",
            batch=chosen.batch,
            pseudonyms=named,
            retention=chosen.retention,
        )
        return self._erased(chosen, erased)

    def purge(self, chosen: argparse.Namespace) -> int:
        return self._erased(chosen, keeping.purge(self.vault(), principal=self.principal(chosen)))

    def _erased(self, chosen: argparse.Namespace, erased: keeping.Erased) -> int:
        text = (
            f"{erased.rows} rader och {erased.pupils} personer raderade ur valvet, "
            f"rader även ur {erased.backups} säkerhetskopior."
            if erased.rows or erased.slices or erased.backups
            else "Det fanns inget att radera."
        )
        if erased.rows:
            text += " Kopior som ni har sparat på annan plats rättas när de återställs."
        self.say(chosen, text, done=True, **dataclasses.asdict(erased))
        return DONE

    def backup(self, chosen: argparse.Namespace) -> int:
        made = keeping.backup(self.vault(), principal=self.principal(chosen), to=chosen.to)
        self.say(chosen, f"Säkerhetskopian är sparad och kontrollerad: {made}", done=True, file=str(made))
        return DONE

    def restore(self, chosen: argparse.Namespace) -> int:
        vault = self.vault()
        source = chosen.file if chosen.file.exists() else vault.place.backups / chosen.file
        found = restoring.restore(vault, source, principal=self.principal(chosen), reason=chosen.reason)
        text = f"Valvet är återställt från {source.name}: {found.rows} rader."
        if found.erased_again:
            text += f" {found.erased_again} senare raderingar är gjorda om."
        if found.kept_aside:
            text += f" Det som fanns förut ligger i {found.kept_aside}."
        self.say(chosen, text, done=True, **dataclasses.asdict(found))
        return DONE

    def encrypt(self, chosen: argparse.Namespace) -> int:
        vault = self.vault()
        key = os.environ.get("SAMSYN_VAULT_NEW_KEY") or vault.key
        if not key:
            return _wrong_use("Sätt SAMSYN_VAULT_NEW_KEY till den nyckel som valvet ska krypteras med.")
        return self._changed(chosen, dataclasses.replace(vault, key=""), key, "Valvet är krypterat")

    def rekey(self, chosen: argparse.Namespace) -> int:
        new_key = os.environ.get("SAMSYN_VAULT_NEW_KEY", "")
        if not new_key:
            return _wrong_use("Sätt SAMSYN_VAULT_NEW_KEY till den nya nyckeln (SAMSYN_VAULT_KEY är den gamla).")
        return self._changed(chosen, self.vault(), new_key, "Valvet har en ny nyckel")

    def _changed(self, chosen: argparse.Namespace, vault: Vault, new_key: str, text: str) -> int:
        count = keeping.change_key(vault, new_key, principal=self.principal(chosen))
        if len(new_key) < SHORT_KEY:
            print(f"Nyckeln är kort. Använd hellre minst {SHORT_KEY} slumpade tecken.", file=sys.stderr)
        self.say(chosen, f"{text}, liksom {count} säkerhetskopior.", done=True, backups=count)
        return DONE

    def rotate_pepper(self, chosen: argparse.Namespace) -> int:
        count = keeping.rotate_pepper(self.vault(), principal=self.principal(chosen), reason=chosen.reason)
        self.say(chosen, "Alla pseudonymer i valvet är omgjorda med en ny intern nyckel.", done=True, peppers=count)
        return DONE


def add_commands(
    command: Callable[[str, Run, str], argparse.ArgumentParser],
    *,
    vault: Callable[[], Vault],
    principal: Callable[[argparse.Namespace], Principal],
    say: Say,
) -> None:
    """Add the vault's commands to the `samsyn` command; `command` makes a subparser, as in metrics.cli."""
    run = Commands(vault=vault, principal=principal, say=say)
    erase = command("erase", run.erase, "Radera uppgifter ur alla leveranser och säkerhetskopior.")
    erase.add_argument("--sender", metavar="ORGANISATION")
    erase.add_argument("--extract", metavar="SLAG")
    erase.add_argument("--period", metavar="PERIOD", help="till exempel 2014/15")
    erase.add_argument("--batch", type=int, metavar="NUMMER")
    erase.add_argument("--pseudonyms", type=Path, metavar="FIL", help="en pseudonym per rad, som avsändaren skrev dem")
    erase.add_argument("--retention", action="store_true", help="det som har sparats så länge som uttaget anger")
    erase.add_argument("--reason", required=True, metavar="SKÄL")
    command("purge", run.purge, "Gallra det som är ångrat eller ersatt sedan mer än 90 dagar.")
    backup = command("backup", run.backup, "Säkerhetskopiera valvet.")
    backup.add_argument("--to", type=Path, metavar="FIL", help="annan plats än mappen backups")
    restore = command("restore", run.restore, "Återställ en säkerhetskopia.")
    restore.add_argument("file", type=Path, metavar="FIL")
    restore.add_argument("--reason", required=True, metavar="SKÄL")
    command("encrypt", run.encrypt, "Kryptera ett okrypterat valv med SAMSYN_VAULT_NEW_KEY (eller SAMSYN_VAULT_KEY).")
    command("rekey", run.rekey, "Byt valvets nyckel till SAMSYN_VAULT_NEW_KEY.")
    pepper = command("rotate-pepper", run.rotate_pepper, "Byt valvets interna pseudonymnyckel.")
    pepper.add_argument("--reason", required=True, metavar="SKÄL")


def _wrong_use(text: str) -> int:
    print(text, file=sys.stderr)
    return WRONG_USE
