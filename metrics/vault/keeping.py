"""The vault over the years: erasure, backups, encryption and keys. Each is for the data protection officer or publisher.

If a key has leaked: change the vault's key (`samsyn rekey`), which also rewrites every backup here; key every pupil
once more (`samsyn rotate-pepper`), so that what leaked says nothing of what is stored from now on; destroy copies of
backups kept elsewhere. If a sender's own key has leaked, the sender makes new pseudonyms and hands in the pairs as
`pupil_alias`; rotating the pepper then makes the old pseudonyms' keyed forms in a stolen copy useless beside it.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from metrics import engine
from metrics.values import NotAllowedError, Principal, Role
from metrics.vault import batches, opening, schema
from metrics.vault.erasure import KEPT_DAYS, Erasure, out_of_time, overdue, pupils_named, remember
from metrics.vault.rewriting import Removed, require_whole_backup, rewrite
from metrics.vault.vault import Vault

NO_VAULT = "Det finns inget valv ännu."


@dataclass(frozen=True, kw_only=True)
class Erased:
    """What an erasure took away from the vault, and from how many backups it took rows too."""

    rows: int
    slices: int
    pupils: int
    backups: int


NOTHING = Erased(rows=0, slices=0, pupils=0, backups=0)


def erase(
    vault: Vault,
    *,
    principal: Principal,
    reason: str,
    sender: str = "",
    extract: str = "",
    period: str = "",
    batch: int | None = None,
    pseudonyms: Iterable[str] | None = None,
    retention: bool = False,
    today: date | None = None,
) -> Erased:
    """Erase the rows that match every criterion, from all batches (undone and replaced ones too) and every backup.

    `pseudonyms` are as the sender wrote them; `retention`: what has been kept as long as its extract says. ValueError
    in Swedish when nothing was chosen or no reason was given; VaultFileError before anything is erased when a backup
    cannot be opened.
    """
    principal.require(Role.DATA_PROTECTION)
    _require_reason(reason, "raderas")
    if not (sender or extract or period or batch is not None or pseudonyms is not None or retention):
        raise ValueError(
            "Ange vad som ska raderas: avsändare, slag av uttag, period, leverans, pseudonymer eller gallring."
        )
    with _whole(vault) as files:
        erasure = Erasure(
            moment=batches.now(),
            sender=sender,
            extract=extract,
            period=period,
            batch=batch,
            pupils=None if pseudonyms is None else _pupils(vault, files, list(pseudonyms)),
            slices=_overdue(vault, today or batches.now().date()) if retention else None,
        )
        if retention and not erasure.slices:
            return NOTHING
        return _erase(vault, files, erasure, principal=principal, act="raderat", said=(_described(erasure), reason))


def purge(vault: Vault, *, principal: Principal, today: date | None = None) -> Erased:
    """Erase what was undone, or replaced by what still counts, more than 90 days ago; backups too."""
    if Role.DATA_PROTECTION not in principal.roles:
        principal.require(Role.PUBLISHER)
    moment = batches.now()
    days = (moment.date() - (today or moment.date())).days + KEPT_DAYS
    with _whole(vault) as files:
        with _attached(vault) as connection:
            connection.execute(schema.VIEWS)
            doomed = out_of_time(connection, before=moment - timedelta(days=days))
        if not doomed:
            return NOTHING
        erasure = Erasure(moment=moment, slices=doomed)
        reason = f"ångrat eller ersatt för mer än {KEPT_DAYS} dagar sedan"
        return _erase(vault, files, erasure, principal=principal, act="gallrat", said=("ångrat och ersatt", reason))


def _erase(
    vault: Vault, files: list[Path], erasure: Erasure, *, principal: Principal, act: str, said: tuple[str, str]
) -> Erased:
    """Backups first: until the vault itself is rewritten the erasure does not stand in its log, and is done again."""

    def finish(connection: engine.Connection, removed: Removed) -> None:
        detail = f"{said[1]} ({removed.rows} rader, {removed.pupils} personer)"
        batches.write_log(connection, principal, act, said[0], detail)

    remember(vault.place, erasure)
    shutil.rmtree(vault.place.counted, ignore_errors=True)
    key = vault.key
    touched = [rewrite(path, path, key=key, new_key=key, erasure=erasure, seal=True) for path in files]
    removed = rewrite(vault.path, vault.path, key=key, new_key=key, erasure=erasure, finish=finish)
    return Erased(
        rows=removed.rows,
        slices=removed.slices,
        pupils=removed.pupils,
        backups=sum(1 for each in touched if each.rows),
    )


def backup(vault: Vault, *, principal: Principal, to: Path | None = None) -> Path:
    """A whole copy with the vault's key, read back and checked; in the vault's folder, or at `to`.

    An erasure reaches the backups in the vault's folder at once, and others when they are restored.
    """
    _require_keeper(principal)
    place = vault.place
    with _whole(vault):
        name = f"{vault.path.stem}-{batches.now():%Y-%m-%dT%H%M%S}{vault.path.suffix}"
        made = _save(vault, opening.free_path(place.backups / name))
        if to is not None:
            with engine.explained_files():
                opening.copy_file(made, to)
                made.unlink()
            made = to
        require_whole_backup(made, vault.key)
    vault.write_log(principal, "säkerhetskopierat", made.name)
    return made


def _save(vault: Vault, path: Path) -> Path:
    with engine.explained_files():
        path.parent.mkdir(exist_ok=True)
    rewrite(vault.path, path, key=vault.key, new_key=vault.key, seal=True)
    return path


def change_key(vault: Vault, new_key: str, *, principal: Principal) -> int:
    """Encrypt a plain vault, or change an encrypted one's key, with every backup; how many backups were rewritten.

    A run that was cut off is finished by running it again: files that already have the new key are left alone.
    """
    principal.require(Role.DATA_PROTECTION)
    engine.check_key(new_key)
    if not new_key:
        raise engine.VaultKeyError("Ange den nya nyckeln. Inget har ändrats.")
    place = vault.place
    act = "bytt nyckel" if vault.key else "krypterat"

    def finish(connection: engine.Connection, _removed: Removed) -> None:
        batches.write_log(connection, principal, act, "valvet", "")

    with opening.alone(place):
        if not vault.exists:
            raise ValueError(NO_VAULT)
        files = [path for path in _backups(place) if not _opens(path, new_key)]
        main_left = not _opens(vault.path, new_key)
        for path in [*files, *([vault.path] if main_left else [])]:
            _require_opens(path, vault.key)
        for path in files:
            rewrite(path, path, key=vault.key, new_key=new_key, seal=True)
        if main_left:
            rewrite(vault.path, vault.path, key=vault.key, new_key=new_key, finish=finish)
    return len(files)


def rotate_pepper(vault: Vault, *, principal: Principal, reason: str) -> int:
    """Key every pupil once more with a new pepper, in the vault and its backups; how many peppers there are now.

    The old form is in no file afterwards. Pupils keep their integers, so nothing that is computed changes.
    """
    principal.require(Role.DATA_PROTECTION)
    _require_reason(reason, "byts")
    pepper = secrets.token_bytes(32)
    count = 0

    def finish(connection: engine.Connection, _removed: Removed) -> None:
        nonlocal count
        count = int(engine.rows(connection, "SELECT count(*) FROM vault.meta WHERE name LIKE 'pepper_%'")[0][0])
        batches.write_log(connection, principal, "bytt pseudonymnyckel", "valvet", reason)

    with _whole(vault) as files:
        for path in files:
            rewrite(path, path, key=vault.key, new_key=vault.key, pepper=pepper, seal=True)
        rewrite(vault.path, vault.path, key=vault.key, new_key=vault.key, pepper=pepper, finish=finish)
    return count


@contextmanager
def _whole(vault: Vault) -> Iterator[list[Path]]:
    """The vault for oneself, with its backups, all of which open with its key."""
    with opening.alone(vault.place):
        if not vault.exists:
            raise ValueError(NO_VAULT)
        files = _backups(vault.place)
        for path in [vault.path, *files]:
            _require_opens(path, vault.key)
        yield files


def _backups(place: opening.Place) -> list[Path]:
    return sorted(place.backups.glob(f"*{place.path.suffix}"))


def _opens(path: Path, key: str) -> bool:
    try:
        _require_opens(path, key)
    except (engine.VaultKeyError, engine.VaultFileError):
        return False
    return True


def _require_opens(path: Path, key: str) -> None:
    connection = engine.memory()
    try:
        engine.attach(connection, path, key=key)
        connection.execute("DETACH vault")
    except (engine.VaultKeyError, engine.VaultFileError) as closed:
        raise type(closed)(f"{path.name}: {closed}") from None
    finally:
        connection.close()


@contextmanager
def _attached(vault: Vault, path: Path | None = None) -> Iterator[engine.Connection]:
    """The vault's file, or a backup, attached read-only as `vault`; the caller holds the lock."""
    connection = engine.memory()
    try:
        engine.attach(connection, path or vault.path, key=vault.key, read_only=True)
        engine.lock(connection, vault.place.folder)
        with engine.explained():
            yield connection
    finally:
        connection.close()


def _pupils(vault: Vault, files: list[Path], pseudonyms: list[str]) -> tuple[int, ...]:
    """Their numbers: a pupil may stand in a backup only. Numbers mean the same in every file."""
    found: set[int] = set()
    for path in [vault.path, *files]:
        with _attached(vault, path) as connection:
            found |= set(pupils_named(connection, pseudonyms))
    return tuple(sorted(found))


def _overdue(vault: Vault, today: date) -> tuple[int, ...]:
    with _attached(vault) as connection:
        return overdue(connection, vault.catalogue, today=today)


def _described(erasure: Erasure) -> str:
    parts = [
        erasure.sender,
        erasure.extract,
        erasure.period,
        "" if erasure.batch is None else f"leverans {erasure.batch}",
        "" if erasure.pupils is None else f"{len(erasure.pupils)} personer",
        "" if erasure.slices is None else "gallringstiden slut",
    ]
    return ", ".join(part for part in parts if part)


def _require_reason(reason: str, verb: str) -> None:
    if not reason.strip():
        raise ValueError(f"Skriv varför uppgifter {verb}." if verb == "raderas" else f"Skriv varför nyckeln {verb}.")


def _require_keeper(principal: Principal) -> None:
    if not principal.roles & {Role.DATA_PROTECTION, Role.PUBLISHER}:
        raise NotAllowedError(f"{principal.subject} får inte säkerhetskopiera eller återställa valvet.")
