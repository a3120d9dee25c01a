"""The commands of those who hand in: pseudonyms made at home, comparisons on check, zips, and the record of processing."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from pathlib import Path

import pytest

from metrics import catalogue, cli
from metrics.intake.checks import Sample
from metrics.intake.processing_record import HEADINGS, NO_ADVICE
from metrics.values import LOCAL_PRINCIPAL

SENDER = "Tjörns kommun, barn- och utbildningsnämnden"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path / "data"))
    return tmp_path


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert isinstance(found, dict)
    return found


def test_a_file_is_pseudonymised_checked_and_loaded(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, hidden, key = data / "elever.csv", data / "ut.csv", data / "nyckel"
    numbers = [f"2009{1 + row // 28:02d}{1 + row % 28:02d}-{row:03d}0" for row in range(40)]
    sample = Sample(rows=40, drop=("pupil",), extra={"Personnummer": lambda row: numbers[row], "Efternamn": "Öberg"})
    source.write_bytes(sample.data())

    assert cli.main(["check", str(source)]) == 1
    assert cli.main(["pseudonymise", str(source), "--key", str(key), "--new-key", "--to", str(hidden), "--json"]) == 0
    report = said(capsys)
    assert (report["rows"], report["replaced"], report["dropped"]) == (40, ["Personnummer"], ["Efternamn"])
    assert key.stat().st_mode & 0o777 == 0o600 or os.name != "posix"
    assert cli.main(["check", str(hidden)]) == 0
    assert cli.main(["load", str(hidden), "--sender", SENDER]) == 0


def test_a_file_made_with_another_key_is_told_at_once_however_small(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The id of the key stands in the heading of the pseudonymised file, whatever the file is called."""
    source, hidden = data / "elever.csv", data / "ut.csv"
    numbers = [f"200901{1 + row:02d}-{row:03d}0" for row in range(8)]
    source.write_bytes(Sample(rows=8, drop=("pupil",), extra={"Personnummer": lambda row: numbers[row]}).data())
    codes = []
    for key in ("ett", "ett", "annan"):
        new = [] if (data / key).exists() else ["--new-key"]
        assert cli.main(["pseudonymise", str(source), "--key", str(data / key), "--to", str(hidden), *new]) == 0
        capsys.readouterr()
        assert cli.main(["check", str(hidden), "--sender", SENDER, "--json"]) == 0
        codes.append({each["code"] for each in said(capsys)["items"]} & {"other_key", "key_changed"})  # type: ignore[attr-defined]
        if not codes[1:]:
            assert cli.main(["load", str(hidden), "--sender", SENDER]) == 0
    assert codes == [set(), set(), {"other_key"}]
    cli.desk().vault.undo(1, reason="Fel nyckel", principal=LOCAL_PRINCIPAL)
    assert cli.main(["check", str(hidden), "--sender", SENDER]) == 0
    assert "other_key" not in capsys.readouterr().out


def test_pseudonymise_is_used_rightly_or_not_at_all(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, key = data / "a.csv", data / "nyckel"
    source.write_text("Personnummer\n811218-9876\n", encoding="utf-8")
    assert cli.main(["pseudonymise", "--key", str(key), "--new-key"]) == 0
    before = source.read_bytes()

    assert cli.main(["pseudonymise", str(source), "--to", str(data / "b.csv")]) == 2
    assert cli.main(["pseudonymise", str(source), "--key", str(key), "--to", str(source)]) == 2
    assert cli.main(["pseudonymise", "--key", str(key), "--new-key"]) == 1
    key.write_text("hemlig")
    assert cli.main(["pseudonymise", str(source), "--key", str(key), "--to", str(data / "b.csv")]) == 1
    assert "811218" not in "".join(capsys.readouterr())
    assert source.read_bytes() == before
    assert not (data / "b.csv").exists()


def test_a_check_with_sender_compares_with_what_stands(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = data / "betyg.csv"
    path.write_bytes(Sample(rows=60).data())
    assert cli.main(["load", str(path), "--sender", SENDER]) == 0
    changed = [line.replace("q7", "zz", 1) for line in Sample(rows=60).data().decode().splitlines()]
    path.write_bytes("\n".join([changed[0], *("z" + line for line in changed[1:])]).encode())
    capsys.readouterr()

    assert cli.main(["check", str(path), "--sender", SENDER, "--json"]) == 0
    assert "key_changed" in {each["code"] for each in said(capsys)["items"]}  # type: ignore[attr-defined]
    assert cli.main(["load", str(path), "--sender", SENDER, "--overlap", "replace"]) == 1
    accepted = ["--accept", "key_changed=Ny nyckel efter byte av system"]
    assert cli.main(["load", str(path), "--sender", SENDER, "--overlap", "replace", *accepted]) == 0


def test_a_check_tells_what_changes_for_the_sender_and_is_logged(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = data / "betyg.csv"
    path.write_bytes(Sample(rows=30, every={"school_year": "2023/24"}).data())
    assert cli.main(["load", str(path), "--sender", SENDER]) == 0
    path.write_bytes(Sample(rows=32).data())
    assert cli.main(["check", str(path), "--changes"]) == 2
    capsys.readouterr()
    assert cli.main(["check", str(path), "--changes", "--sender", SENDER]) == 0
    assert "2024/25: 32 rader, förra gången 30 (2023/24)" in capsys.readouterr().out
    assert cli.main(["check", str(path), "--changes", "--sender", SENDER, "--json"]) == 0
    (change,) = said(capsys)["changes"]["periods"]  # type: ignore[index]
    assert (change["rows"], change["rows_before"]) == (32, 30)
    assert list(cli.desk().vault.log(LOCAL_PRINCIPAL)["act"]).count("förhandsgranskat") == 2
    path.write_bytes(Sample(rows=32, every={"sex": "flicka"}).data())
    assert cli.main(["load", str(path), "--sender", SENDER]) == 1  # a warning that waits for a reason has been seen too
    assert list(cli.desk().vault.log(LOCAL_PRINCIPAL)["act"]).count("förhandsgranskat") == 3


def test_every_table_of_a_zip_is_loaded(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("year9_grades", "year6_grades"):
            archive.writestr(f"{name}.csv", Sample(extract=name).data())
    (data / "allt.zip").write_bytes(packed.getvalue())

    assert cli.main(["load", str(data / "allt.zip"), "--sender", SENDER, "--json"]) == 0
    batches = said(capsys)["batches"]
    assert [each["extract"] for each in batches] == ["year9_grades", "year6_grades"]  # type: ignore[attr-defined]


def test_the_record_has_every_column_and_says_that_it_is_no_advice(data: Path) -> None:
    path = data / "dataskydd.csv"

    assert cli.main(["dataskydd", "--to", str(path)]) == 0

    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig")), delimiter=";"))
    extracts = catalogue.default().extracts.values()
    assert tuple(rows[0]) == HEADINGS
    assert rows[1][0] == NO_ADVICE
    assert len(rows) - 2 == sum(len(extract.columns) for extract in extracts)
    assert {(row[0], row[1], row[7]) for row in rows[2:]} == {
        (extract.title, column.title, str(extract.retention_years))
        for extract in extracts
        for column in extract.columns
    }
    assert all(cell for row in rows[2:] for cell in (row[0], row[1], row[4], row[6], row[8]))
