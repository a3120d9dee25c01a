"""What is written in logs, on the error stream and in the desk's journal: never a pupil, a cell of a file or a hidden count."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from metrics import cli
from metrics.intake.checks import Sample
from metrics.values import LOCAL_PRINCIPAL
from pages.parts import desk, page
from tests.attack import places

SENDER = "Tjörns kommun, barn- och utbildningsnämnden"
PLANTED = ("elevhemlig", "98765432", "811218-9876", "Hemligsson", "sjuttiosju", "3 elever")
PATH = re.compile(rf"{places.ANY}|\.duckdb")


def rows(**given: object) -> bytes:
    """A file of pupils whose pseudonyms, and one cell of whatever is given, could be known again."""
    cells = {"pupil": lambda row: f"elevhemlig{row:06d}abcdefghijkl"}
    return Sample(rows=40, cells=cells | given).data()


def hostile_files() -> dict[str, bytes]:
    good = rows()
    return {
        "text_in_a_number": Sample(extract="attendance", cells={"offered": "98765432 sjuttiosju"}).data(),
        "a_personal_number": Sample(rows=40, extra={"Övrigt": "811218-9876"}).data(),
        "a_name": Sample(rows=40, extra={"Efternamn": "Hemligsson"}).data(),
        "cut": good[: len(good) // 2] + b'"Hemligsson;98765432',
        "a_false_workbook": b"PK\x03\x04Hemligsson 98765432",
    }


def journal() -> str:
    log = cli.desk().vault.log(LOCAL_PRINCIPAL)
    return log.to_csv()


def leaks(text: str) -> list[str]:
    return [each for each in PLANTED if each.lower() in text.lower()]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SAMSYN_RELEASE", raising=False)
    return tmp_path


def test_checking_and_handing_in_writes_no_cell_of_a_file_anywhere(
    folder: Path, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    stored = folder / "betyg.csv"
    stored.write_bytes(rows())
    assert cli.main(["load", str(stored), "--sender", SENDER]) == 0
    codes = {}
    for name, data in hostile_files().items():
        path = folder / f"{name}.csv"
        path.write_bytes(data)
        for command in (["check", str(path)], ["load", str(path), "--sender", SENDER]):
            codes[name] = cli.main(command)
    assert all(code != 0 for code in codes.values()), codes
    assert cli.main(["undo", "1", "--reason", "Fel fil"]) in (0, 1, 2)
    said = capsys.readouterr()
    for place, text in {"out": said.out, "err": said.err, "log": caplog.text, "journal": journal()}.items():
        assert leaks(text) == [], place
        assert "Traceback" not in text, place
    assert not PATH.search(journal())


def test_whatever_fails_at_the_desk_its_log_says_where_and_nothing_more(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for kind in (ValueError, RuntimeError, OSError, KeyError, MemoryError):
        try:
            raise kind("elevhemlig000001 i Hemligsson har 3 elever, 98765432")
        except Exception as problem:
            desk.record(problem)
            sentence = desk.sentence_of(problem)
        assert leaks(sentence) == []
    assert caplog.text.count(" at test_logs.py") == 5
    assert leaks(caplog.text) == []


def test_a_log_that_said_what_failed_would_be_found(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("samsyn").warning("%s", ValueError("elevhemlig000001"))
    assert leaks(caplog.text) == ["elevhemlig"]


def test_no_module_writes_an_exception_or_a_table_in_a_log() -> None:
    """Every call of a logger in the program has words of its own and names of places, and none has what failed."""
    root = Path(page.__file__).resolve().parents[2]
    calls = [
        (path.name, line.strip())
        for folder in ("metrics", "pages")
        for path in sorted((root / folder).rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(
            r"\b(?:log|logger|logging|getLogger\([^)]*\))\.(?:debug|info|warning|error|exception|critical)\(", line
        )
    ]
    assert len(calls) >= 2
    assert [each for each in calls if re.search(r"exception\(|exc_info|, (?:problem|error|str\()", each[1])] == []
