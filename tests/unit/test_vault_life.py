"""The vault over the years: erasure that reaches every copy, backups that restore, keys that change."""

from __future__ import annotations

import dataclasses
import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from metrics import cli, engine
from metrics.values import LOCAL_PRINCIPAL, NotAllowedError, Principal, Role
from metrics.vault import Vault, keeping, restoring, storing
from metrics.vault.erasure import list_path
from tests.unit.deliveries import SENDER, counted, deliver, staged, staged_rows, vault_at

OTHER = "Fristående AB"
KEY = "en-nyckel-for-prov-123"
TODAY = date(2026, 11, 23)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return vault_at(tmp_path, wait_seconds=0.5)


def erase(vault: Vault, **criteria: object) -> keeping.Erased:
    return keeping.erase(vault, principal=LOCAL_PRINCIPAL, reason="begäran", **criteria)  # type: ignore[arg-type]


def every_byte(vault: Vault) -> bytes:
    """Everything in the vault's folder: file, log, backups, leftovers."""
    return b"".join(path.read_bytes() for path in vault.path.parent.rglob("*") if path.is_file())


def keyed_forms(vault: Vault) -> list[str]:
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        return [row[0] for row in engine.rows(connection, "SELECT keyed FROM vault.pupils ORDER BY pupil")]


def named_school(vault: Vault, name: str) -> int:
    rows = staged_rows("school_units", ("school_unit", "unit_name"), [("10000001", name)])
    return vault.store(rows, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="replace").batch


def test_an_erased_batch_is_gone_from_every_byte_undone_or_not_and_from_backups(vault: Vault) -> None:
    named_school(vault, "zkmarkorskolanqz")
    vault.undo(1, reason="fel", principal=LOCAL_PRINCIPAL)
    named_school(vault, "behallsskolan")
    keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    assert every_byte(vault).count(b"zkmarkorskolanqz") >= 2
    erased = erase(vault, batch=1)
    assert (erased.rows, erased.backups) == (1, 1)
    assert b"zkmarkorskolanqz" not in every_byte(vault)
    assert b"behallsskolan" in every_byte(vault)


def test_erasing_a_sender_leaves_the_others_and_the_history(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1"), ("b", "2024/25", "1")])
    deliver(vault, [("c", "2024/25", "1")], sender=OTHER)
    assert erase(vault, sender=SENDER).rows == 2
    assert counted(vault) == [("2024/25", "1", 1)]
    newest, first = vault.batches(LOCAL_PRINCIPAL)
    assert (newest.rows_left, first.rows_left, first.row_count, first.periods) == (1, 0, 2, ("2023/24", "2024/25"))


def test_criteria_are_met_together(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1"), ("b", "2024/25", "1")])
    deliver(vault, [("c", "2023/24", "1")], sender=OTHER)
    assert erase(vault, sender=SENDER, period="2023/24").rows == 1
    assert counted(vault) == [("2023/24", "1", 1), ("2024/25", "1", 1)]


def test_a_pupil_is_erased_from_all_batches_undone_replaced_and_backed_up(vault: Vault) -> None:
    deliver(vault, [("gone", "2023/24", "1"), ("stays", "2023/24", "1")])
    deliver(vault, [("gone", "2023/24", "1"), ("stays", "2023/24", "1"), ("new", "2023/24", "1")])
    undone = deliver(vault, [("gone", "2024/25", "1")])
    vault.undo(undone.batch, reason="fel", principal=LOCAL_PRINCIPAL)
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    gone = keyed_forms(vault)
    erased = erase(vault, pseudonyms=["gone", "never heard of"])
    assert (erased.rows, erased.pupils, erased.backups) == (3, 1, 1)
    left = keyed_forms(vault)
    assert len(left) == 2
    [its] = set(gone) - set(left)
    assert its.encode() not in every_byte(vault)
    assert left[0].encode() in every_byte(vault)
    assert counted(vault) == [("2023/24", "1", 2)]
    backup = dataclasses.replace(vault, path=kept)
    assert [each.rows_left for each in backup.batches(LOCAL_PRINCIPAL)] == [0, 2, 1]


def test_the_number_of_an_erased_pupil_is_never_given_again(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1"), ("b", "2023/24", "1")])
    erase(vault, pseudonyms=["a", "b"])
    deliver(vault, [("c", "2024/25", "1")])
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        assert engine.rows(connection, "SELECT pupil FROM year9_grades") == [(2 + 1,)]


def test_retention_counts_from_the_end_of_the_period_as_each_extract_says(vault: Vault) -> None:
    deliver(vault, [("a", "2010/11", "1"), ("b", "2011/12", "1")])
    day_before, day_after = date(2026, 6, 30), date(2026, 7, 1)
    assert erase(vault, retention=True, today=day_before).rows == 0
    assert erase(vault, retention=True, today=day_after).rows == 1
    assert counted(vault) == [("2011/12", "1", 1)]


def test_what_was_undone_or_replaced_is_purged_after_ninety_days(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1"), ("x", "2023/24", "2")])
    replacing = deliver(vault, [("b", "2023/24", "1")])
    undone = deliver(vault, [("c", "2024/25", "1")])
    vault.undo(undone.batch, reason="fel", principal=LOCAL_PRINCIPAL)
    stored = replacing.stored_at.date()
    assert keeping.purge(vault, principal=LOCAL_PRINCIPAL, today=stored + timedelta(days=89)).rows == 0
    assert keeping.purge(vault, principal=LOCAL_PRINCIPAL, today=stored + timedelta(days=91)).rows == 1 + 1
    assert counted(vault) == [("2023/24", "1", 1), ("2023/24", "2", 1)]
    with pytest.raises(ValueError, match="sedan har raderats"):
        vault.undo(replacing.batch, reason="fel", principal=LOCAL_PRINCIPAL)


def test_erasing_needs_the_role_a_reason_and_something_to_erase(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1")])
    reader = Principal(subject="anna", roles=frozenset({Role.PUBLISHER}), organisation="*")
    with pytest.raises(NotAllowedError, match="dataskyddsansvarig"):
        keeping.erase(vault, principal=reader, reason="x", sender=SENDER)
    with pytest.raises(ValueError, match="Skriv varför"):
        keeping.erase(vault, principal=LOCAL_PRINCIPAL, reason=" ", sender=SENDER)
    with pytest.raises(ValueError, match="Ange vad"):
        erase(vault)
    assert counted(vault) == [("2023/24", "1", 1)]


def test_a_backup_that_cannot_be_opened_stops_the_erasure_before_it_begins(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1")])
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    kept.write_bytes(kept.read_bytes()[:20_000])
    with pytest.raises(engine.VaultFileError, match=f"{kept.name}: .*skadad"):
        erase(vault, sender=SENDER)
    assert counted(vault) == [("2023/24", "1", 1)]


@pytest.mark.parametrize("key", ["", KEY])
def test_a_backup_restores_and_nothing_that_stood_is_lost(tmp_path: Path, key: str) -> None:
    vault = vault_at(tmp_path, key=key)
    deliver(vault, [("a", "2023/24", "1"), ("b", "2023/24", "1")])
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL, to=tmp_path / "elsewhere.duckdb")
    deliver(vault, [("c", "2024/25", "1")])
    restored = restoring.restore(vault, kept, principal=LOCAL_PRINCIPAL, reason="prov")
    assert restored.rows == 2
    assert counted(vault) == [("2023/24", "1", 2)]
    acts = list(vault.log(LOCAL_PRINCIPAL)["act"])
    assert acts == ["återställt", "lämnat in", "säkerhetskopierat", "lämnat in"]
    aside = dataclasses.replace(vault, path=vault.place.backups / restored.kept_aside)
    assert counted(aside) == [("2023/24", "1", 2), ("2024/25", "1", 1)]


def test_numbers_given_after_a_restore_were_never_given_before(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1")])
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    deliver(vault, [("b", "2024/25", "1")])
    restoring.restore(vault, kept, principal=LOCAL_PRINCIPAL, reason="prov")
    assert deliver(vault, [("c", "2024/25", "1")]).batch == 3
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        assert engine.rows(connection, "SELECT pupil FROM year9_grades ORDER BY pupil") == [(1,), (3,)]


def test_an_erasure_made_since_is_made_again_when_an_old_backup_is_restored(vault: Vault, tmp_path: Path) -> None:
    deliver(vault, [("gone", "2023/24", "1"), ("stays", "2023/24", "1")])
    named_school(vault, "zkmarkorskolanqz")
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL, to=tmp_path / "elsewhere.duckdb")
    erase(vault, pseudonyms=["gone"])
    erase(vault, extract="school_units")
    deliver(vault, [("later", "2024/25", "1")])
    restored = restoring.restore(vault, kept, principal=LOCAL_PRINCIPAL, reason="prov")
    assert (restored.rows, restored.erased_again) == (1, 2)
    assert counted(vault) == [("2023/24", "1", 1)]
    assert b"zkmarkorskolanqz" not in every_byte(vault)
    assert "gone" not in list_path(vault.place).read_text(encoding="utf-8")


def test_a_delivery_after_an_erasure_is_not_erased_by_a_restore(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1")])
    erase(vault, period="2023/24")
    deliver(vault, [("b", "2023/24", "1")])
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    assert restoring.restore(vault, kept, principal=LOCAL_PRINCIPAL, reason="prov").erased_again == 0
    assert counted(vault) == [("2023/24", "1", 1)]


def test_a_damaged_vault_is_kept_aside_when_a_backup_takes_its_place(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1")])
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    vault.path.write_bytes(b"x" * 50_000)
    restored = restoring.restore(vault, kept, principal=LOCAL_PRINCIPAL, reason="skadad fil")
    assert restored.kept_aside.endswith(".damaged")
    assert (vault.place.backups / restored.kept_aside).read_bytes() == b"x" * 50_000
    assert counted(vault) == [("2023/24", "1", 1)]
    assert deliver(vault, [("b", "2024/25", "1")]).batch > restoring.STEP


def test_a_lost_vault_is_not_silently_started_afresh_while_there_are_backups(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1")])
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    vault.path.unlink()
    with pytest.raises(engine.VaultFileError, match="samsyn restore"):
        deliver(vault, [("b", "2024/25", "1")])
    with pytest.raises(engine.VaultFileError, match="samsyn restore"):
        counted(vault)
    restoring.restore(vault, kept, principal=LOCAL_PRINCIPAL, reason="borttagen")
    assert counted(vault) == [("2023/24", "1", 1)]


def test_a_backup_with_a_changed_block_is_refused(vault: Vault) -> None:
    deliver(vault, [(f"p{number}", "2023/24", "1") for number in range(200)])
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    whole = bytearray(kept.read_bytes())
    for place in range(12_288 + 100, len(whole), 4096):
        whole[place] ^= 0xFF
    kept.write_bytes(bytes(whole))
    with pytest.raises(engine.VaultError):
        restoring.restore(vault, kept, principal=LOCAL_PRINCIPAL, reason="prov")
    assert counted(vault) == [("2023/24", "1", 200)]


def test_a_backup_whose_rows_were_changed_is_refused(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1")])
    kept = keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    connection = engine.memory()
    engine.attach(connection, kept)
    connection.execute("UPDATE vault.rows_year9_grades SET school_unit = '2'")
    connection.execute("DETACH vault")
    connection.close()
    with pytest.raises(engine.VaultFileError, match="inte hel"):
        restoring.restore(vault, kept, principal=LOCAL_PRINCIPAL, reason="prov")


def test_a_plain_vault_is_encrypted_with_its_backups_and_then_given_a_new_key(tmp_path: Path) -> None:
    plain = vault_at(tmp_path)
    named_school(plain, "zkmarkorskolanqz")
    deliver(plain, [("a", "2023/24", "1")])
    keeping.backup(plain, principal=LOCAL_PRINCIPAL)
    assert b"zkmarkorskolanqz" in every_byte(plain)
    assert keeping.change_key(plain, KEY, principal=LOCAL_PRINCIPAL) == 1
    assert b"zkmarkorskolanqz" not in every_byte(plain)
    with pytest.raises(engine.VaultKeyError, match="krypterat"):
        counted(plain)
    keyed = dataclasses.replace(plain, key=KEY)
    assert counted(keyed) == [("2023/24", "1", 1)]
    newer = dataclasses.replace(plain, key="nasta-nyckel-for-prov")
    keeping.change_key(keyed, newer.key, principal=LOCAL_PRINCIPAL)
    assert counted(newer) == [("2023/24", "1", 1)]
    with pytest.raises(engine.VaultKeyError):
        counted(keyed)
    assert restoring.restore(newer, *keeping._backups(newer.place), principal=LOCAL_PRINCIPAL, reason="prov").rows == 2


def test_a_change_of_key_that_was_cut_off_is_finished_by_doing_it_again(tmp_path: Path) -> None:
    vault = vault_at(tmp_path, key=KEY)
    deliver(vault, [("a", "2023/24", "1")])
    done, left = (keeping.backup(vault, principal=LOCAL_PRINCIPAL) for _ in range(2))
    keeping.rewrite(done, done, key=KEY, new_key="ny-nyckel", seal=True)
    assert keeping.change_key(vault, "ny-nyckel", principal=LOCAL_PRINCIPAL) == 1
    newer = dataclasses.replace(vault, key="ny-nyckel")
    assert counted(newer) == counted(dataclasses.replace(newer, path=done)) == [("2023/24", "1", 1)]
    assert counted(dataclasses.replace(newer, path=left)) == [("2023/24", "1", 1)]
    assert keeping.change_key(vault, "ny-nyckel", principal=LOCAL_PRINCIPAL) == 0


@pytest.mark.parametrize("key", ["nyckel-på-svenska", " mellanslag", "rad\nbrytning"])
def test_a_key_of_other_characters_is_refused_with_a_clear_message(tmp_path: Path, key: str) -> None:
    with pytest.raises(engine.VaultKeyError, match="inte å, ä eller ö"):
        deliver(vault_at(tmp_path, key=key), [("a", "2023/24", "1")])
    assert not vault_at(tmp_path).exists


def test_a_key_on_a_plain_vault_says_how_to_encrypt_it(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1")])
    with pytest.raises(engine.VaultKeyError, match="samsyn encrypt"):
        counted(dataclasses.replace(vault, key=KEY))


def test_a_wrong_key_beside_an_open_reader_is_still_a_wrong_key(tmp_path: Path) -> None:
    vault = vault_at(tmp_path, key=KEY)
    deliver(vault, [("a", "2023/24", "1")])
    wrong = dataclasses.replace(vault, key="fel-nyckel")
    with vault.reading(LOCAL_PRINCIPAL), pytest.raises(engine.VaultKeyError):
        counted(wrong)


def test_a_new_pepper_leaves_pupils_as_they_were_and_no_old_form_in_any_file(vault: Vault) -> None:
    deliver(vault, [("a", "2023/24", "1"), ("b", "2023/24", "1")])
    keeping.backup(vault, principal=LOCAL_PRINCIPAL)
    before = keyed_forms(vault)
    assert all(form.encode() in every_byte(vault) for form in before)
    assert keeping.rotate_pepper(vault, principal=LOCAL_PRINCIPAL, reason="läckt") == 2
    assert keeping.rotate_pepper(vault, principal=LOCAL_PRINCIPAL, reason="läckt igen") == 3
    assert not any(form.encode() in every_byte(vault) for form in before)
    deliver(vault, [("b", "2024/25", "1"), ("c", "2024/25", "1")])
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        found = engine.rows(connection, "SELECT pupil FROM year9_grades WHERE school_year = '2024/25' ORDER BY pupil")
        known = engine.rows(connection, "SELECT count(DISTINCT pupil) FROM year9_grades")
    assert known == [(3,)]
    assert found[-1] == (3,)


def test_a_correction_can_take_away_every_row_of_a_school(vault: Vault) -> None:
    deliver(vault, [("a", "2024/25", "1"), ("b", "2024/25", "2")])
    correction = staged([("b", "2024/25", "2")])
    kept = vault.store(
        correction,
        sender=SENDER,
        principal=LOCAL_PRINCIPAL,
        overlap="replace",
        confirmed=[("2024/25", "1"), ("2024/25", "2")],
    )
    assert counted(vault) == [("2024/25", "2", 1)]
    assert kept.units == 2
    again = staged([("c", "2024/25", "1")])
    assert vault.overlaps(again, sender=SENDER, principal=LOCAL_PRINCIPAL) == []
    vault.undo(kept.batch, reason="fel", principal=LOCAL_PRINCIPAL)
    assert counted(vault) == [("2024/25", "1", 1), ("2024/25", "2", 1)]


def test_a_date_column_covers_the_period_its_dates_fall_in(vault: Vault) -> None:
    days = [date(2024, 6, 30), date(2024, 7, 1), date(2024, 12, 31), date(2025, 1, 1)]
    rows = [("p", "10000001", day) for day in days]
    batch = vault.store(
        staged_rows("attendance", ("pupil", "school_unit", "start_date"), rows),
        sender=SENDER,
        principal=LOCAL_PRINCIPAL,
    )
    assert batch.periods == ("HT 2024", "VT 2024", "VT 2025")
    rows = [("p", "10000001", day) for day in days]
    columns = ("pupil", "school_unit", "outcome_date")
    batch = vault.store(staged_rows("upper_secondary_outcome", columns, rows), sender=SENDER, principal=LOCAL_PRINCIPAL)
    assert batch.periods == ("2023/24", "2024/25")


@pytest.mark.parametrize("at_once", [1, 7, 500_000])
def test_rows_lie_together_slice_by_slice(vault: Vault, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(storing, "SORTED_AT_ONCE", at_once)
    years = ("2024/25", "2022/23", "2023/24")
    deliver(vault, [(f"p{number}", year, unit) for number in range(5) for year in years for unit in ("2", "1")])
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        spread = engine.rows(
            connection,
            "SELECT school_year, max(rowid) - min(rowid) + 1, count(*) FROM vault.rows_year9_grades"
            " GROUP BY school_year ORDER BY school_year",
        )
    assert spread == [("2022/23", 10, 10), ("2023/24", 10, 10), ("2024/25", 10, 10)]


def run(monkeypatch: pytest.MonkeyPatch, data: Path, *arguments: str, **settings: str) -> int:
    monkeypatch.setenv("SAMSYN_DATA", str(data))
    for name in ("SAMSYN_VAULT_KEY", "SAMSYN_VAULT_NEW_KEY"):
        monkeypatch.setenv(name, settings.get(name, ""))
    return cli.main(arguments)


def test_the_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    deliver(vault_at(tmp_path), [("gone", "2023/24", "1"), ("stays", "2023/24", "1")])
    named = tmp_path / "pseudonyms.txt"
    named.write_text("gone\n\n", encoding="utf-8")
    assert run(monkeypatch, tmp_path, "backup") == 0
    assert run(monkeypatch, tmp_path, "erase", "--reason", "begäran") == 2
    assert run(monkeypatch, tmp_path, "erase", "--pseudonyms", str(named), "--reason", "begäran", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {
        "done": True,
        "rows": 1,
        "slices": 1,
        "pupils": 1,
        "backups": 1,
    }
    assert run(monkeypatch, tmp_path, "purge") == 0
    assert "inget att radera" in capsys.readouterr().out
    assert run(monkeypatch, tmp_path, "encrypt") == 2
    assert run(monkeypatch, tmp_path, "encrypt", SAMSYN_VAULT_NEW_KEY=KEY) == 0
    assert run(monkeypatch, tmp_path, "encrypt", SAMSYN_VAULT_KEY=KEY) == 0, "already done"
    assert run(monkeypatch, tmp_path, "batches") == 1
    assert "SAMSYN_VAULT_KEY" in capsys.readouterr().err
    assert run(monkeypatch, tmp_path, "rekey", SAMSYN_VAULT_KEY=KEY) == 2
    assert run(monkeypatch, tmp_path, "rekey", SAMSYN_VAULT_KEY=KEY, SAMSYN_VAULT_NEW_KEY="annan-nyckel") == 0
    assert run(monkeypatch, tmp_path, "rotate-pepper", "--reason", "prov", SAMSYN_VAULT_KEY="annan-nyckel") == 0
    [kept] = keeping._backups(vault_at(tmp_path).place)
    assert run(monkeypatch, tmp_path, "restore", kept.name, "--reason", "x", SAMSYN_VAULT_KEY="annan-nyckel") == 0
    assert "1 rader" in capsys.readouterr().out
    assert run(monkeypatch, tmp_path, "restore", "finns-inte", "--reason", "x", SAMSYN_VAULT_KEY="annan-nyckel") == 1
