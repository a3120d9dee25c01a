"""The vault: what counts after deliveries, corrections and undos; what is stored; who may do what."""

from __future__ import annotations

import hashlib
import hmac
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from metrics import catalogue, engine
from metrics.values import LOCAL_PRINCIPAL, NotAllowedError, Principal, Role
from metrics.vault import OverlapError, Vault
from metrics.vault.storing import pads
from tests.unit.deliveries import SENDER, counted, deliver, staged, vault_at


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(path=tmp_path / "vault" / "samsyn.duckdb", catalogue=catalogue.default(), wait_seconds=0.5)


@pytest.mark.parametrize("order", [("A", "B"), ("B", "A")])
def test_two_school_systems_in_one_municipality_both_count(vault: Vault, order: tuple[str, str]) -> None:
    rows = {"A": [("a1", "2024/25", "1"), ("a2", "2024/25", "1")], "B": [("b1", "2024/25", "1")]}
    for system in order:
        vault.store(staged(rows[system], system=system), sender=SENDER, principal=LOCAL_PRINCIPAL)
    assert counted(vault) == [("2024/25", "1", 2 + 1)]


def test_seven_years_in_one_file_are_seven_periods(vault: Vault) -> None:
    years = [f"{year}/{(year + 1) % 100:02d}" for year in range(2018, 2025)]
    batch = vault.store(staged([("p", year, "1") for year in years]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    assert batch.periods == tuple(years)
    assert counted(vault) == [(year, "1", 1) for year in years]


def test_a_correction_for_one_school_leaves_the_others(vault: Vault) -> None:
    vault.store(
        staged([("a", "2024/25", "1"), ("b", "2024/25", "1"), ("c", "2024/25", "2")]),
        sender=SENDER,
        principal=LOCAL_PRINCIPAL,
    )
    correction = staged([("a", "2024/25", "1")])
    with pytest.raises(OverlapError) as refused:
        vault.store(correction, sender=SENDER, principal=LOCAL_PRINCIPAL)
    assert [(each.unit, each.row_count) for each in refused.value.overlaps] == [("1", 2)]
    stored = vault.store(correction, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="replace")
    assert counted(vault) == [("2024/25", "1", 1), ("2024/25", "2", 1)]
    vault.undo(stored.batch, reason="fel fil", principal=LOCAL_PRINCIPAL)
    assert counted(vault) == [("2024/25", "1", 2), ("2024/25", "2", 1)]


def test_adding_keeps_what_was_there(vault: Vault) -> None:
    vault.store(staged([("a", "2024/25", "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    vault.store(staged([("b", "2024/25", "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="add")
    assert counted(vault) == [("2024/25", "1", 1 + 1)]


def test_undoing_the_middle_of_three_keeps_the_newest(vault: Vault) -> None:
    for pupils in (["a"], ["a", "b"], ["a", "b", "c"]):
        vault.store(
            staged([(pupil, "2024/25", "1") for pupil in pupils]),
            sender=SENDER,
            principal=LOCAL_PRINCIPAL,
            overlap="replace",
        )
    vault.undo(2, reason="fel", principal=LOCAL_PRINCIPAL)
    assert counted(vault) == [("2024/25", "1", 3)]
    vault.undo(3, reason="fel", principal=LOCAL_PRINCIPAL)
    assert counted(vault) == [("2024/25", "1", 1)]


def test_two_senders_never_replace_each_other(vault: Vault) -> None:
    vault.store(staged([("a", "2024/25", "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    vault.store(staged([("b", "2024/25", "1")]), sender="Fristående AB", principal=LOCAL_PRINCIPAL)
    assert counted(vault) == [("2024/25", "1", 2)]


def test_a_pupil_has_one_integer_over_deliveries_and_no_pseudonym_in_the_file(vault: Vault) -> None:
    marker = "zk7qpseudonymq7kz"
    for year in ("2023/24", "2024/25"):
        vault.store(staged([(marker, year, "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        assert len(engine.rows(connection, "SELECT DISTINCT pupil FROM year9_grades")) == 1
    assert marker.encode() not in vault.path.read_bytes()


def test_the_keyed_hash_in_sql_is_hmac_sha256() -> None:
    key, message = b"k" * 32, "school:abc"
    outer, inner = pads(key)
    found = engine.rows(engine.memory(), "SELECT sha256(? || unhex(sha256(? || encode(?))))", [outer, inner, message])[
        0
    ][0]
    assert found == hmac.new(key, message.encode(), hashlib.sha256).hexdigest()


def test_a_deliverer_hands_in_for_its_own_organisation_only(vault: Vault) -> None:
    deliverer = Principal(subject="anna", roles=frozenset({Role.DELIVERER, Role.READER}), organisation="Ale kommun")
    with pytest.raises(NotAllowedError, match="får inte handla för"):
        vault.store(staged([("a", "2024/25", "1")]), sender=SENDER, principal=deliverer)
    assert not vault.exists


def test_every_act_stands_in_the_log(vault: Vault) -> None:
    vault.store(staged([("a", "2024/25", "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    vault.undo(1, reason="fel fil", principal=LOCAL_PRINCIPAL)
    log = vault.log(LOCAL_PRINCIPAL)
    assert list(log["act"]) == ["ångrat", "lämnat in"]
    assert list(log["detail"]) == ["fel fil", "year9_grades, 1 rader"]


def test_a_failed_store_leaves_nothing(vault: Vault) -> None:
    vault.store(staged([("a", "2024/25", "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    broken = staged([("b", "2023/24", "1")])
    broken.connection.execute("ALTER TABLE staged DROP COLUMN grade_tn")
    with pytest.raises(engine.DatabaseError):
        vault.store(broken, sender=SENDER, principal=LOCAL_PRINCIPAL)
    assert [each.batch for each in vault.batches(LOCAL_PRINCIPAL)] == [1]
    assert counted(vault) == [("2024/25", "1", 1)]


def test_another_process_that_holds_the_vault_gives_a_clear_message(vault: Vault) -> None:
    vault.store(staged([("a", "2024/25", "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); sys.stdin.read()",
            vault.path,
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        with pytest.raises(engine.VaultBusyError, match="används just nu"):
            vault.store(staged([("b", "2023/24", "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    finally:
        holder.communicate()
    assert counted(vault) == [("2024/25", "1", 1)]


def test_an_encrypted_vault_opens_with_its_key_only(tmp_path: Path) -> None:
    path = tmp_path / "vault.duckdb"
    keyed = Vault(path=path, catalogue=catalogue.default(), key="hemlig-nyckel-1")
    keyed.store(staged([("a", "2024/25", "1")]), sender=SENDER, principal=LOCAL_PRINCIPAL)
    assert counted(keyed) == [("2024/25", "1", 1)]
    assert b"year9_grades" not in path.read_bytes()
    for key in ("fel-nyckel", ""):
        with pytest.raises(engine.VaultKeyError, match="SAMSYN_VAULT_KEY"):
            Vault(path=path, catalogue=catalogue.default(), key=key).batches(LOCAL_PRINCIPAL)


def test_mappings_are_remembered_per_sender(vault: Vault) -> None:
    vault.remember_mapping(SENDER, "year9_grades", {"Elevens nr": "pupil"})
    assert vault.mapping(SENDER, "year9_grades") == {"Elevens nr": "pupil"}
    assert vault.mapping("annan", "year9_grades") == {}


def test_an_absent_vault_reads_as_empty_and_reading_creates_nothing(vault: Vault) -> None:
    assert vault.batches(LOCAL_PRINCIPAL) == []
    assert isinstance(vault.log(LOCAL_PRINCIPAL), pd.DataFrame)
    assert vault.mapping(SENDER, "year9_grades") == {}
    assert counted(vault) == []
    assert not vault.path.parent.exists()


def test_a_vault_behind_a_link_or_a_relative_path_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    monkeypatch.chdir(tmp_path)
    for folder in (tmp_path / "link", Path("relative")):
        there = vault_at(folder)
        deliver(there, [("a", "2024/25", "1")])
        deliver(there, [("b", "2023/24", "1")])
        assert counted(there) == [("2023/24", "1", 1), ("2024/25", "1", 1)]


def test_others_on_the_machine_cannot_look_into_the_vaults_folder(vault: Vault) -> None:
    deliver(vault, [("a", "2024/25", "1")])
    assert stat.S_IMODE(vault.path.parent.stat().st_mode) == 0o700
