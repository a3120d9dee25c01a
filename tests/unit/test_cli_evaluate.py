"""`samsyn evaluate` and `samsyn report`: the page's own words, a count of what was asked, and refusals in Swedish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from metrics import catalogue, cli
from metrics.evaluate.planned import Asked, Plan
from metrics.evaluate.sources import Outcome
from metrics.release import plans
from tests.pages.fixture import cached_release
from tests.unit.evaluated_region import rows, starts


@pytest.fixture
def small_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder whose vault is empty and whose questions are answered from a small region with an effect."""
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    monkeypatch.delenv("SAMSYN_RELEASE", raising=False)

    def ask(_connection: object, _catalogue: object, _region: object, asked: list[Plan]) -> Iterator[Asked]:
        for plan in asked:
            outcome = Outcome(indicator=catalogue.default().indicators[plan.expected.indicator])
            yield Asked(plan=plan, outcome=outcome, rows=rows(5, effect=0.08, pupils=1500), starts=starts(5))

    monkeypatch.setattr("metrics.release.evaluations.ask", ask)
    monkeypatch.setattr("os.sched_getaffinity", lambda _process: {0}, raising=False)
    return tmp_path


def run(*arguments: str) -> int:
    return cli.main(arguments)


def test_one_model_and_outcome_is_told_in_the_pages_words(
    small_vault: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("evaluate", "--model", "Västbus och SIP", "--indicator", "eligibility_vocational") == 0
    said = capsys.readouterr().out
    assert said.startswith(
        "Västbus och SIP: Behörig till yrkesprogram\nDet talar för det. ”Behörig till yrkesprogram” är"
    )
    assert "Det gäller fem skolor i fem kommuner med modellen Västbus och SIP." in said
    assert "Utan en kommun i taget: Håller" in said
    assert plans.asked(small_vault / "records") == {"coordinated_plan": 1}


def test_a_single_municipality_is_never_decided(small_vault: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evaluate", "--model", "coordinated_plan/ale", "--indicator", "eligibility_vocational", "--json") == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["member"], told["step"]) == ("Ale", "for")
    assert run("evaluate", "--model", "coordinated_plan/Ale", "--indicator", "eligibility_vocational") == 0
    assert "Ale: kan inte avgöras: avgjordes av en kommun." in capsys.readouterr().out


def test_what_nobody_declared_is_said_to_be_asked_afterwards(
    small_vault: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("evaluate", "--model", "coordinated_plan", "--indicator", "eligibility_arts") == 0
    said = capsys.readouterr().out
    assert "inte anmält i förväg" in said
    assert "talar starkt" not in said.splitlines()[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "finns_inte", "--indicator", "absence_20"), "ingen modell som heter finns_inte"),
        (("--model", "sspf/Borås", "--indicator", "absence_20"), "ingen kommun som heter Borås"),
        (("--model", "sspf", "--indicator", "finns_inte"), "ingen indikator som heter finns_inte"),
        (("--model", "sspf", "--indicator", "covered_by_model"), "ingen riktning som är bättre"),
    ],
)
def test_wrong_questions_are_refused_in_swedish(
    small_vault: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    assert run("evaluate", *arguments) == 1
    assert said in capsys.readouterr().err


def test_a_report_is_a_members_page_or_two_pages_about_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(cached_release("families")))
    for what in ("Ale", "school_social_team/Ale"):
        assert run("report", what, "--to", str(tmp_path / "a.pdf")) == 0
        assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    assert run("report", "school_social_team/Tjörn", "--to", str(tmp_path / "b.pdf")) == 1
    assert "inget underlag" in capsys.readouterr().err
    assert run("report", "Ale", "--to", str(tmp_path / "b.txt")) == 1
    assert not (tmp_path / "b.pdf").exists()
