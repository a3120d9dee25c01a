"""samsyn register and samsyn mapping: files out, edited, and in again."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from metrics import cli
from metrics.intake import register_file
from tests.unit.test_register import SENDER, TEAM, texts

LOAD = ["--sender", SENDER, "--extract", "collaboration_register", "--json"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path / "data"))
    path = tmp_path / "register.csv"
    path.write_bytes(register_file.csv_bytes(texts(TEAM)))
    assert cli.main(["load", str(path), "--system", "Registret", *LOAD]) == 0
    return tmp_path


def test_the_register_is_written_edited_and_loaded_as_the_next_version(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = folder / "ut.xlsx"
    capsys.readouterr()
    assert cli.main(["register", "--to", str(book)]) == 0
    said = capsys.readouterr().out
    assert "1 rader skrivna" in said
    assert '--system "Registret" --overlap replace' in said
    opened = openpyxl.load_workbook(book)
    sheet = opened.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, at["Kontaktroll"]).value = "Samordnare vid skolan"
    opened.save(book)
    assert cli.main(["load", str(book), "--system", "Registret", "--overlap", "replace", *LOAD]) == 0
    again = folder / "igen.csv"
    assert cli.main(["register", "--to", str(again)]) == 0
    lines = again.read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "Samordnare vid skolan" in lines[1]


def test_the_form_of_a_round_is_written_and_says_who_is_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    form = folder / "formulär.csv"
    assert cli.main(["mapping", "--round", "2024/25", "--to", str(form), "--municipality", "1419"]) == 0
    assert len(form.read_text(encoding="utf-8-sig").splitlines()) == 3
    loaded = ["load", str(form), "--sender", SENDER, "--extract", "mapping_answers", "--json"]
    assert cli.main(loaded) == 0
    capsys.readouterr()
    assert cli.main(["mapping", "--round", "2024/25", "--json"]) == 0
    asked = json.loads(capsys.readouterr().out)["asked"]
    assert [(each["side"], each["asked"], each["answered"]) for each in asked] == [
        ("school", 1, 0),
        ("social_services", 1, 0),
    ]


@pytest.mark.parametrize("command", [["register"], ["mapping", "--round", "2024/25"]])
def test_another_kind_of_file_is_wrong_use(folder: Path, command: list[str]) -> None:
    assert cli.main([*command, "--to", str(folder / "ut.pdf")]) == 2
    assert not (folder / "ut.pdf").exists()
