"""kill -9 at random moments: afterwards the vault opens, every batch is whole or absent, and nothing blocks the next try."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import random
import shutil
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from metrics import engine
from metrics.release import read
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Vault, batches, keeping
from metrics.vault.rewriting import require_whole_backup
from tests.unit import durability_worker as worker
from tests.unit.deliveries import SENDER, many_staged, vault_at

KEY = "en-nyckel-for-prov-123"
SOAK_KILLS = int(os.environ.get("SAMSYN_SOAK_KILLS", "1000"))
RENEW_AFTER = 20


@dataclass(kw_only=True)
class Outcomes:
    """How the killed processes left things."""

    found: Counter[str] = field(default_factory=Counter)

    def add(self, operation: str, key: str, outcome: str) -> None:
        self.found[f"{operation}{' encrypted' if key else ''}: {outcome}"] += 1


@pytest.fixture(scope="module")
def processes() -> multiprocessing.context.ForkServerContext:
    """Processes forked from one that has everything imported: a kill every tenth of a second."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.unit.durability_worker"])
    return context


def killed(
    context: multiprocessing.context.ForkServerContext,
    operation: str,
    folder: Path,
    key: str,
    number: int,
    after: float | None,
) -> float:
    """Run one operation in a process of its own and kill it after so many seconds; how long it lived from its start."""
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=worker.run, args=(operation, folder, key, number, theirs))
    process.start()
    theirs.close()
    assert ours.poll(120)
    ours.recv()
    begun = time.monotonic()
    if after is not None:
        time.sleep(after)
        process.kill()
    process.join(120)
    lived, code = time.monotonic() - begun, process.exitcode
    process.close()
    ours.close()
    assert code == 0 or (code == -9 and after is not None), f"an operation ends well or by the kill, got: {code}"
    return lived


def prepare(folder: Path, key: str) -> Path:
    """A vault with three batches of each of three years, a backup, and a first release."""
    vault = vault_at(folder, key=key)
    for number in range(3):
        made = many_staged(worker.ROWS, year=f"{2000 + number}/{1 + number:02d}", prefix=f"{number}-")
        vault.store(made, sender=SENDER, principal=LOCAL_PRINCIPAL)
    keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    worker.publish(folder, "", 1)
    return folder


def whole(folder: Path, key: str) -> dict[int, bool]:
    """Check that the vault opens and each batch is whole; batch number -> whether it counts."""
    with vault_at(folder, key=key)._reading() as connection:
        stored = dict(
            engine.rows(
                connection,
                "SELECT slices.batch, count(*) FROM vault.rows_year9_grades AS stored"
                " JOIN vault.slices AS slices ON slices.slice = stored.slice GROUP BY slices.batch",
            )
        )
        loose = engine.rows(
            connection,
            "SELECT (SELECT count(*) FROM vault.rows_year9_grades WHERE slice NOT IN (SELECT slice FROM vault.slices)),"
            " (SELECT count(*) FROM vault.rows_year9_grades WHERE pupil NOT IN (SELECT pupil FROM vault.pupils)),"
            " (SELECT count(*) - count(DISTINCT keyed) FROM vault.pupils)",
        )
        acts = engine.rows(connection, "SELECT act, object FROM vault.log")
        found = batches.find(connection)
    assert loose == [(0, 0, 0)]
    for batch in found:
        assert stored.get(batch.batch, 0) == batch.rows_left
        assert batch.rows_left in (0, batch.row_count)
        assert ("lämnat in", f"leverans {batch.batch}") in acts
        assert (("ångrat", f"leverans {batch.batch}") in acts) == (batch.undone_at is not None)
    return {batch.batch: batch.undone_at is None and batch.rows_left > 0 for batch in found}


@dataclass(kw_only=True)
class Trial:
    """One data folder that operations are killed in, and what its vault held when it was last looked at."""

    context: multiprocessing.context.ForkServerContext
    folder: Path
    key: str
    counts: dict[int, bool]

    def run(self, operation: str, number: int, after: float | None) -> None:
        killed(self.context, operation, self.folder, self.key, number, after)

    def look(self, *allowed: dict[int, bool]) -> dict[int, bool]:
        """The vault is whole and holds one of `allowed`."""
        self.counts = whole(self.folder, self.key)
        assert self.counts in allowed
        return self.counts


def check_load(trial: Trial, moment: float) -> str:
    number = max(trial.counts) + 1
    trial.run("load", number, moment)
    return "whole" if number in trial.look(trial.counts, {**trial.counts, number: True}) else "absent"


def check_undo(trial: Trial, moment: float) -> str:
    number = max((batch for batch, counts in trial.counts.items() if counts), default=0)
    if number <= 3:
        number = max(trial.counts) + 1
        trial.run("load", number, None)
        trial.look({**trial.counts, number: True})
    trial.run("undo", number, moment)
    return "standing" if trial.look(trial.counts, {**trial.counts, number: False})[number] else "undone"


def check_erase(trial: Trial, moment: float) -> str:
    number = min(batch for batch in (1, 2, 3) if trial.counts[batch])
    gone = {**trial.counts, number: False}
    trial.run("erase", number - 1, moment)
    outcome = "standing" if trial.look(trial.counts, gone)[number] else "erased"
    trial.run("erase", number - 1, None)
    trial.look(gone)
    [backup] = (trial.folder / "vault" / "backups").glob("*.duckdb")
    with Vault(path=backup, catalogue=vault_at(trial.folder).catalogue, key=trial.key)._reading() as connection:
        assert batches.find(connection, number)[0].rows_left == 0
    return outcome


def check_publish(trial: Trial, moment: float) -> str:
    settings, releases = {"SAMSYN_DATA": str(trial.folder)}, trial.folder / "releases"
    old = int((releases / "current").read_text(encoding="utf-8").strip().rpartition("-")[2])
    new = releases / f"2026-11-23-{old + 1}"
    trial.run("publish", old + 1, moment)
    current = read.load(read.current_folder(settings))
    number = int(current.manifest["number"])
    assert number in (old, old + 1)
    assert set(current.tables["values"]["value"]) == {float(number)}
    assert len(current.tables["values"]) == worker.VALUES
    listed = read.release_folders(settings)
    assert len(listed) == old + new.exists()
    if new.exists():
        assert read.load(new).id == new.name
    outcome = "current" if number > old else "written" if new.exists() else "absent"
    if number == old:
        shutil.rmtree(new, ignore_errors=True)
        worker.publish(trial.folder, "", old + 1)
        assert read.load(read.current_folder(settings)).manifest["number"] == old + 1
    return outcome


CHECKS = {"load": check_load, "undo": check_undo, "erase": check_erase, "publish": check_publish}


def kill_often(
    context: multiprocessing.context.ForkServerContext, folder: Path, operation: str, *, key: str, times: int, seed: int
) -> Outcomes:
    """So many kills of one operation at random moments of the time it takes, each followed by every check."""
    chance, outcomes = random.Random(seed), Outcomes()
    prepared, work = prepare(folder / "prepared", key), folder / "work"
    length = duration(context, prepared, operation, key, folder / "timed")
    for number in range(times):
        if number % (3 if operation == "erase" else RENEW_AFTER) == 0:
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(prepared, work)
            trial = Trial(context=context, folder=work, key=key, counts=whole(work, key))
        outcomes.add(operation, key, CHECKS[operation](trial, chance.uniform(0, 1.15 * length)))
    assert not list((work / "vault").rglob(".*.making*")) or operation != "erase"
    return outcomes


def duration(
    context: multiprocessing.context.ForkServerContext, prepared: Path, operation: str, key: str, folder: Path
) -> float:
    """How long the operation takes undisturbed, from when its process says that it begins."""
    shutil.copytree(prepared, folder)
    return killed(context, operation, folder, key, {"undo": 3, "erase": 0, "publish": 2}.get(operation, 4), None)


@pytest.mark.parametrize(
    ("operation", "key", "times"),
    [("load", "", 3), ("undo", "", 2), ("erase", "", 2), ("publish", "", 2), ("load", KEY, 2)],
)
def test_a_few_kills(
    processes: multiprocessing.context.ForkServerContext, tmp_path: Path, operation: str, key: str, times: int
) -> None:
    outcomes = kill_often(processes, tmp_path, operation, key=key, times=times, seed=1)
    assert sum(outcomes.found.values()) == times


def test_a_kill_while_the_vault_is_born_leaves_none_or_a_whole_one(
    processes: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    length = killed(processes, "load", tmp_path / "timed", "", 1, None)
    for number, moment in enumerate((0.1, 0.3, 0.5, 0.7)):
        folder = tmp_path / str(number)
        killed(processes, "load", folder, "", 1, moment * length)
        before = whole(folder, "") if vault_at(folder).batches(LOCAL_PRINCIPAL) else {}
        assert before in ({}, {1: True})
        worker.load(folder, "", 2)
        assert whole(folder, "") == {**before, len(before) + 1: True}


def test_a_change_of_key_that_was_killed_is_finished_by_the_next(
    processes: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    folder, key = prepare(tmp_path / "data", ""), ""
    before, length = whole(folder, key), 0.0
    for number, moment in enumerate((None, 0.2, 0.5, 0.8)):
        lived = killed(processes, "rekey", folder, key, number, None if moment is None else moment * length)
        length = length or lived
        worker.rekey(folder, key, number)
        key = worker.new_key(number)
        assert whole(folder, key) == before
        [backup] = (folder / "vault" / "backups").glob("*.duckdb")
        assert require_whole_backup(backup, key)["rows_year9_grades"] == 3 * worker.ROWS


def test_a_restore_that_was_killed_leaves_the_old_vault_or_the_new(
    processes: multiprocessing.context.ForkServerContext, tmp_path: Path
) -> None:
    folder = prepare(tmp_path / "data", "")
    old = whole(folder, "")
    worker.load(folder, "", 4)
    newer = whole(folder, "")
    length = killed(processes, "restore", folder, "", 0, None)
    assert whole(folder, "") == old
    for moment in (0.2, 0.5, 0.8):
        worker.load(folder, "", 5)
        there = whole(folder, "")
        assert len(there) == len(newer)
        killed(processes, "restore", folder, "", 0, moment * length)
        assert whole(folder, "") in (old, there)
        worker.restore(folder, "", 0)
        assert whole(folder, "") == old


SHARES = {
    ("load", ""): 0.2,
    ("load", KEY): 0.1,
    ("undo", ""): 0.2,
    ("undo", KEY): 0.1,
    ("erase", ""): 0.1,
    ("erase", KEY): 0.05,
    ("publish", ""): 0.25,
}
"""How the soak's kills are spread."""


@pytest.mark.soak
def test_a_thousand_kills(processes: multiprocessing.context.ForkServerContext, tmp_path: Path) -> None:
    begun, found = time.monotonic(), Counter[str]()
    for number, ((operation, key), share) in enumerate(SHARES.items()):
        times = math.ceil(SOAK_KILLS * share)
        outcomes = kill_often(processes, tmp_path / str(number), operation, key=key, times=times, seed=number)
        found.update(outcomes.found)
        shutil.rmtree(tmp_path / str(number))
        print(
            operation, "encrypted" if key else "plain", times, f"{(time.monotonic() - begun) / 60:.1f} min", flush=True
        )
    minutes = (time.monotonic() - begun) / 60
    print(json.dumps({"kills": sum(found.values()), "minutes": round(minutes, 1), **dict(sorted(found.items()))}))
    assert sum(found.values()) >= SOAK_KILLS
    assert all(sum(1 for outcome in found if outcome.startswith(operation)) >= 2 for operation in CHECKS)
