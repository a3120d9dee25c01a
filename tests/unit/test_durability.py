"""What goes wrong around the vault: other processes, threads, a full disk, a lost file. A clear message, nothing lost."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

from metrics import engine, locking
from metrics.release import read, write
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Vault, keeping
from tests.unit import durability_worker as worker
from tests.unit.deliveries import SENDER, counted, deliver, many_staged, staged, vault_at

KEY = "en-nyckel-for-prov-123"
ONE = [("a", "2023/24", "1")]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return vault_at(tmp_path, wait_seconds=0.5)


def other_process(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, timeout=120
    )


OPEN_FOR_WRITING = "import sys; from metrics import engine; from pathlib import Path; \
c = engine.memory(); engine.attach(c, Path(sys.argv[1]))"
STORE_ONE = "import sys; from pathlib import Path; from tests.unit.deliveries import *; \
deliver(vault_at(Path(sys.argv[1]), wait_seconds=0.3), [('b', '2024/25', '1')])"


def test_reading_the_files_bytes_meanwhile_does_not_let_another_process_in(vault: Vault, tmp_path: Path) -> None:
    deliver(vault, ONE)
    with vault._writing():
        vault.path.read_bytes()
        assert other_process(OPEN_FOR_WRITING, vault.path).returncode == 0, "DuckDB's own lock is lost: ours must hold"
        assert "VaultBusyError" in other_process(STORE_ONE, tmp_path).stderr
    assert other_process(STORE_ONE, tmp_path).returncode == 0
    assert counted(vault) == [("2023/24", "1", 1), ("2024/25", "1", 1)]


def test_readers_read_at_the_same_time_and_a_writer_waits_for_them(vault: Vault) -> None:
    deliver(vault, ONE)
    with vault.reading(LOCAL_PRINCIPAL), vault.reading(LOCAL_PRINCIPAL) as second:
        assert engine.rows(second, "SELECT count(*) FROM year9_grades") == [(1,)]
        with pytest.raises(engine.VaultBusyError, match="används just nu"):
            deliver(vault, [("b", "2024/25", "1")])
        assert counted(vault) == [("2023/24", "1", 1)]
    deliver(vault, [("b", "2024/25", "1")])
    assert len(counted(vault)) == 2


def test_a_waiting_writer_goes_before_later_readers_and_says_that_it_waits(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "SAY_AFTER_SECONDS", 0.05)
    path, order = tmp_path / "lock", list[str]()
    inside = threading.Event()

    def hold(name: str, *, shared: bool, before: float, hold_for: float) -> None:
        time.sleep(before)
        with locking.held(path, shared=shared, wait_seconds=20, waiting=f"{name} väntar"):
            order.append(name)
            inside.set()
            time.sleep(hold_for)

    threads = [
        threading.Thread(target=hold, args=("first reader",), kwargs={"shared": True, "before": 0, "hold_for": 1.0}),
        threading.Thread(target=hold, args=("writer",), kwargs={"shared": False, "before": 0.3, "hold_for": 0.1}),
        threading.Thread(target=hold, args=("late reader",), kwargs={"shared": True, "before": 0.6, "hold_for": 0}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert order == ["first reader", "writer", "late reader"]
    assert "writer väntar" in caplog.messages
    assert "first reader väntar" not in caplog.messages


def test_two_loaders_and_a_scheduled_job_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.unit.durability_worker"])
    processes = [
        context.Process(target=worker.loads, args=(tmp_path, "", 0, 4)),
        context.Process(target=worker.loads, args=(tmp_path, "", 10, 4)),
        context.Process(target=worker.scheduled, args=(tmp_path, "", 3)),
    ]
    deliver(vault_at(tmp_path), [("a", "1999/00", "1")])
    for process in processes:
        process.start()
    for process in processes:
        process.join(120)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    years = [f"{2000 + number}/{1 + number:02d}" for number in (*range(4), *range(10, 14))]
    assert counted(vault_at(tmp_path)) == [("1999/00", "1", 1), *[(year, "10000001", 50) for year in years]]
    assert sorted(batch.batch for batch in vault_at(tmp_path).batches(LOCAL_PRINCIPAL)) == list(range(1, 10))


@pytest.mark.parametrize("key", ["", KEY])
def test_eight_threads_read_and_write_with_cursors_and_connections_of_their_own(tmp_path: Path, key: str) -> None:
    vault = vault_at(tmp_path, key=key, wait_seconds=300)
    deliver(vault, [(f"p{number}", "1999/00", "1") for number in range(100)])
    until, failures, done = time.monotonic() + 3, list[BaseException](), list[str]()

    def work(number: int) -> None:
        turn = 0
        while time.monotonic() < until:
            turn += 1
            if number < 2:
                deliver(vault, [(f"{number}-{turn}", f"20{number}{turn % 10}/{number}{(turn + 1) % 10}", str(number))])
            else:
                with vault.reading(LOCAL_PRINCIPAL) as connection:
                    cursor = connection.cursor()
                    assert engine.rows(cursor, "SELECT count(*) FROM vault.rows_year9_grades")[0][0] >= 100
                    query = "SELECT count(*) FROM year9_grades WHERE school_year = '1999/00'"
                    assert engine.rows(connection, query) == [(100,)]
                    cursor.close()
            done.append("write" if number < 2 else "read")

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert done.count("write") == len(vault.batches(LOCAL_PRINCIPAL)) - 1 > 0
    assert done.count("read") > 0


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.unit.deliveries import *
from metrics import engine
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
vault = vault_at(Path(sys.argv[1]), key=sys.argv[2])
room = vault.path.stat().st_size + int(sys.argv[3]) if vault.exists else int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
made = many_staged(int(sys.argv[4]), year="2024/25")
try:
    vault.store(made, sender=SENDER, principal=LOCAL_PRINCIPAL)
    print("stored")
except engine.VaultFileError as told:
    print(told)
"""


@pytest.mark.parametrize(
    ("key", "room", "rows"),
    [("", 0, 130_000), ("", 200_000, 130_000), ("", 0, 20), (KEY, 0, 130_000), (KEY, 0, 20)],
)
def test_a_full_disk_loses_nothing_and_says_so(tmp_path: Path, key: str, room: int, rows: int) -> None:
    vault = vault_at(tmp_path, key=key)
    deliver(vault, ONE)
    said = other_process(FULL_DISK, tmp_path, key, room, rows).stdout
    stored = "stored" in said
    assert stored or "inte plats på disken" in said
    assert rows < 1000 or not stored
    left = [("2024/25", "10000001", rows)] if stored else []
    assert counted(vault) == [("2023/24", "1", 1), *left]
    deliver(vault, [("c", "2020/21", "1")])
    assert counted(vault) == [("2020/21", "1", 1), ("2023/24", "1", 1), *left]


def test_a_full_disk_before_there_is_a_vault_leaves_none(tmp_path: Path) -> None:
    assert "inte plats på disken" in other_process(FULL_DISK, tmp_path, "", 30_000, 10).stdout
    assert not vault_at(tmp_path).exists
    deliver(vault_at(tmp_path), ONE)


def test_a_full_disk_during_an_erasure_leaves_the_vault_as_it_was(vault: Vault) -> None:
    vault.store(many_staged(20_000, year="2024/25"), sender=SENDER, principal=LOCAL_PRINCIPAL)
    deliver(vault, ONE)
    before, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(engine.VaultFileError, match="inte plats på disken"):
            keeping.erase(vault, principal=LOCAL_PRINCIPAL, reason="prov", period="2023/24")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, hard))
        signal.signal(signal.SIGXFSZ, handled)
    assert counted(vault) == [("2023/24", "1", 1), ("2024/25", "10000001", 20_000)]
    assert not list(vault.path.parent.glob(".*.making*"))
    assert keeping.erase(vault, principal=LOCAL_PRINCIPAL, reason="prov", period="2023/24").rows == 1


READ_ONLY = """
import os, sys
from pathlib import Path
from tests.unit.deliveries import *
from metrics import engine
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    deliver(vault_at(Path(sys.argv[1])), [("b", "2024/25", "1")])
except engine.VaultFileError as told:
    print(told)
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_may_not_be_written_is_said_clearly(tmp_path: Path, there: bool) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    if there:
        deliver(vault_at(folder), ONE)
    for each in [tmp_path, *tmp_path.parents[:2]]:
        each.chmod(0o755)
    for each in sorted(folder.rglob("*"), reverse=True):
        each.chmod(0o555 if each.is_dir() else 0o444)
    folder.chmod(0o555)
    said = other_process(READ_ONLY, folder)
    for each in [folder, *folder.rglob("*")]:
        each.chmod(0o755)
    assert "får inte skrivas" in said.stdout, said.stderr
    assert counted(vault_at(folder)) == ([("2023/24", "1", 1)] if there else [])


def change_and_remove(vault: Vault) -> None:
    with vault._writing() as connection:
        vault.path.unlink()
        connection.execute("UPDATE vault.batches SET file_name = 'nytt namn'")


def test_a_file_removed_while_it_is_used_is_rescued_and_the_message_says_where(vault: Vault) -> None:
    deliver(vault, ONE)
    with pytest.raises(engine.VaultFileError, match="togs bort") as told:
        change_and_remove(vault)
    rescued = dataclasses.replace(vault, path=vault.place.backups / "samsyn-raddat.duckdb")
    assert rescued.path.name in str(told.value)
    assert counted(rescued) == [("2023/24", "1", 1)]
    assert rescued.batches(LOCAL_PRINCIPAL)[0].file_name == "nytt namn"


def test_a_folder_removed_while_it_is_used_is_said_clearly(vault: Vault) -> None:
    deliver(vault, ONE)
    with pytest.raises(engine.VaultFileError, match="inte sparat"), vault._writing():
        shutil.rmtree(vault.path.parent)
    deliver(vault, ONE)


@pytest.mark.parametrize("size", [0, 100, 4096, 12_287, 20_000, -1])
def test_a_damaged_file_is_refused_clearly_and_left_as_it_is(vault: Vault, size: int) -> None:
    deliver(vault, [(f"p{number}", "2023/24", "1") for number in range(500)])
    whole = vault.path.read_bytes()
    vault.path.write_bytes(whole[:size] if size >= 0 else b"x" * 50_000)
    damaged = vault.path.read_bytes()
    for attempt in (lambda: counted(vault), lambda: deliver(vault, ONE)):
        with pytest.raises(engine.VaultFileError, match="skadad"):
            attempt()
    assert vault.path.read_bytes() == damaged
    vault.path.write_bytes(whole)
    assert counted(vault) == [("2023/24", "1", 500)]


def test_a_log_without_its_file_is_not_mistaken_for_a_new_vault(vault: Vault) -> None:
    vault.path.parent.mkdir(parents=True)
    vault.place.write_ahead.write_bytes(b"left")
    with pytest.raises(engine.VaultFileError, match=r"logg \(.wal\) finns kvar"):
        deliver(vault, ONE)
    assert vault.place.write_ahead.read_bytes() == b"left"


def test_leftovers_of_a_kill_are_removed_by_the_next_writer(vault: Vault) -> None:
    deliver(vault, ONE)
    left = [vault.path.with_name(name) for name in (".samsyn.duckdb.1-2.making", ".samsyn.duckdb.1-2.making.wal")]
    for each in left:
        each.write_bytes(b"half")
    deliver(vault, [("b", "2024/25", "1")])
    assert not any(each.exists() for each in left)


ESCAPES = (
    "SELECT content FROM read_text('/etc/hostname')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM read_csv('https://example.org/a.csv')",
    "SELECT * FROM read_text('{folder}/../outside.txt')",
    "COPY (SELECT 1) TO '{outside}'",
    "COPY (SELECT 1) TO '{folder}/../escaped.csv'",
    "EXPORT DATABASE '{outside}'",
    "IMPORT DATABASE '{outside}'",
    "ATTACH '{outside}'",
    "ATTACH 'https://example.org/a.duckdb'",
    "INSTALL spatial",
    "LOAD spatial",
    "LOAD '{outside}'",
    "CREATE SECRET (TYPE http, BEARER_TOKEN 'x')",
    "SET enable_external_access = true",
    "RESET enable_external_access",
    "SET allowed_directories = ['/']",
    "SET allowed_paths = ['/etc/passwd']",
    "SET lock_configuration = false",
    "SET temp_directory = '/tmp'",
    "SET home_directory = '/tmp'",
    "SET secret_directory = '/tmp'",
    "SET extension_directory = '/tmp'",
    "SET log_query_path = '{outside}'",
    "SET autoload_known_extensions = true",
    "PRAGMA profiling_output = '{outside}'",
)


@pytest.mark.parametrize("key", ["", KEY])
@pytest.mark.parametrize("mode", ["reading", "writing"])
def test_a_connection_that_holds_the_vault_reaches_nothing_else(tmp_path: Path, mode: str, key: str) -> None:
    vault = vault_at(tmp_path, key=key)
    deliver(vault, ONE)
    outside = tmp_path / "outside.txt"
    outside.write_text("hemligt", encoding="utf-8")
    before = sorted(path.name for path in tmp_path.iterdir())
    opened = vault.reading(LOCAL_PRINCIPAL) if mode == "reading" else vault._writing()
    with opened as connection:
        for escape in ESCAPES:
            sql = escape.format(folder=vault.path.parent, outside=tmp_path / "outside.txt")
            with pytest.raises(engine.DatabaseError):
                engine.rows(connection, sql)
        implicit = pd.DataFrame({"a": [1]})
        with pytest.raises(engine.DatabaseError, match="implicit"):
            engine.rows(connection, "SELECT a FROM implicit")
        with engine.registered(connection, "explicit", implicit):
            assert engine.rows(connection, "SELECT a FROM explicit") == [(1,)]
        settings = "SELECT current_setting('temp_directory'), current_setting('enable_external_access')"
        assert engine.rows(connection, settings) == [("", False)]
    assert sorted(path.name for path in tmp_path.iterdir()) == before
    assert outside.read_text(encoding="utf-8") == "hemligt"


def test_a_reader_cannot_write(vault: Vault) -> None:
    deliver(vault, ONE)
    with vault.reading(LOCAL_PRINCIPAL) as connection, pytest.raises(engine.DatabaseError, match="read-only"):
        connection.execute("DELETE FROM vault.batches")


def test_a_staged_file_can_be_stored_after_the_question_about_overlap(tmp_path: Path) -> None:
    vault = vault_at(tmp_path, key=KEY)
    deliver(vault, ONE)
    again = staged(ONE)
    assert len(vault.overlaps(again, sender=SENDER, principal=LOCAL_PRINCIPAL)) == 1
    with pytest.raises(RuntimeError, match="ersätta"):
        vault.store(again, sender=SENDER, principal=LOCAL_PRINCIPAL)
    assert vault.store(again, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="replace").batch == 2


def test_readers_during_publishing_see_the_old_or_the_new_release(tmp_path: Path) -> None:
    worker.publish(tmp_path, "", 1)
    settings, stop, seen = {"SAMSYN_DATA": str(tmp_path)}, threading.Event(), set[int]()
    failures = list[BaseException]()

    def look() -> None:
        while not stop.is_set():
            try:
                current = read.load(read.current_folder(settings))
                found = set(current.tables["values"]["value"])
                assert found == {float(current.manifest["number"])}
                seen.add(int(current.manifest["number"]))
                for each in read.release_folders(settings):
                    read.load(each)
            except BaseException as failure:
                failures.append(failure)
                return

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(2, 7):
        worker.publish(tmp_path, "", number)
    stop.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert len(seen) >= 2


def test_what_a_killed_publisher_left_is_no_release_and_blocks_nothing(tmp_path: Path) -> None:
    worker.publish(tmp_path, "", 1)
    left = tmp_path / "releases" / ".making" / "2026-11-23-2-abc"
    shutil.copytree(tmp_path / "releases" / "2026-11-23-1", left)
    settings = {"SAMSYN_DATA": str(tmp_path)}
    assert [each.name for each in read.release_folders(settings)] == ["2026-11-23-1"]
    worker.publish(tmp_path, "", 2)
    assert left.exists(), "it may still be written by somebody else"
    os.utime(left, (0, 0))
    worker.publish(tmp_path, "", 3)
    assert not left.exists()
    assert not (tmp_path / "releases" / ".making").exists()


def test_a_release_is_written_once(tmp_path: Path) -> None:
    worker.publish(tmp_path, "", 1)
    with pytest.raises(FileExistsError, match="finns redan"):
        worker.publish(tmp_path, "", 1)
    assert write.checksums(tmp_path / "releases" / "2026-11-23-1")
