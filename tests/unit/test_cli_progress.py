"""No command works for long without a word: each says how long it has gone on, and those with many parts how far."""

from __future__ import annotations

import argparse
import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from metrics import cli, cli_pages, cli_progress
from metrics.export import brief, bundle, picture
from metrics.intake.checks import Sample
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView
from metrics.release import read

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"


def commands() -> dict[str, argparse.ArgumentParser]:
    found = [each for each in cli._parser()._actions if isinstance(each, argparse._SubParsersAction)]
    return dict(found[0].choices)


class Chosen:
    """A parser that has chosen a command which takes its time."""

    def __init__(self, what: str, run: Callable[[argparse.Namespace], int], *, json: bool) -> None:
        self.chosen = argparse.Namespace(what=what, run=run, json=json)

    def parse_args(self, arguments: object) -> argparse.Namespace:
        return self.chosen


def works(chosen: argparse.Namespace) -> int:
    time.sleep(0.1)
    return 0


def test_every_command_says_that_it_still_works(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(commands()) > 25
    for name, parser in commands().items():
        what = parser.get_default("what")
        assert re.fullmatch(r"[A-ZÅÄÖ][^.]*|[A-ZÅÄÖ].*[^.]", what), name
        assert "--json" in parser.format_usage(), name
    monkeypatch.setattr(cli_progress, "QUIET", 0.01)
    threads = threading.active_count()
    for silent in (False, True):
        monkeypatch.setattr(cli, "_parser", lambda silent=silent: Chosen("Säkerhetskopiera valvet", works, json=silent))
        assert cli.main([]) == 0
        said = capsys.readouterr().err
        assert (re.search(r"Säkerhetskopiera valvet: \d+ s hittills", said) is None) is silent
        assert said.count("hittills") < 15
    assert threading.active_count() == threads
    cli_progress.step("Ingen arbetar", 0.5)
    assert capsys.readouterr().err == ""


def test_files_are_counted_as_they_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path / "data"))
    for name in ("ett.csv", "två.csv"):
        (tmp_path / name).write_bytes(Sample(rows=5).data())
    names = [str(tmp_path / "ett.csv"), str(tmp_path / "två.csv")]
    cli.main(["check", *names])
    assert re.findall(r"(\d+)% Läser (\S+)", capsys.readouterr().err) == [("0", "ett.csv"), ("50", "två.csv")]
    cli.main(["check", *names, "--json"])
    assert capsys.readouterr().err == ""


def test_the_package_tells_each_part_that_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(brief, "pdf", lambda *_: b"%PDF")
    monkeypatch.setattr(picture, "png", lambda *_: b"png")
    figures = Figures(read.load(DEMO))
    told: list[tuple[str, float]] = []
    bundle.zip_bytes(figures, ProfileView(area="Ale"), progress=lambda *each: told.append(each))
    shares = [share for _, share in told]
    assert len(told) > 10
    assert shares == sorted(shares)
    assert (shares[0], told[1]) == (0.0, ("Ritar Behörig till yrkesprogram", bundle.PAGE))
    assert 0.9 < shares[-1] < 1.0

    monkeypatch.setenv("SAMSYN_RELEASE", str(DEMO))
    monkeypatch.setattr(cli_pages, "opened", lambda _: figures.release)
    assert cli.main(["brief", "--member", "Ale", "--to", str(tmp_path / "ale.zip")]) == 0
    written = capsys.readouterr()
    assert "Paketet är skrivet till ale.zip." in written.out
    assert re.findall(r"\d+% (.*)", written.err) == [what for what, _ in told]
    assert cli.main(["brief", "--member", "Ale", "--staff", "--to", str(tmp_path / "ale.zip")]) == 2
