"""Draft, members' review until a date, and a second person's signature."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from metrics import cli
from metrics.intake.checks import Sample
from metrics.release import read
from metrics.release.review import ReviewError, answer, open_review, require_reason, require_reviewed, review_of
from metrics.values import NotAllowedError, Principal, Role

TJORN, ALE = "Tjörns kommun, barn- och utbildningsnämnden", "Ale kommun, utbildningsnämnden"
DAY = date(2026, 12, 1)
PUBLISHER = Principal(subject="gunnel", roles=frozenset({Role.PUBLISHER, Role.READER}), organisation="GR")


def reviewer(organisation: str) -> Principal:
    return Principal(subject="anna", roles=frozenset({Role.REVIEWER}), organisation=organisation)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "drafts" / "2026-12-01-1"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{}")
    return tmp_path


def opened(data: Path) -> None:
    open_review(data, "2026-12-01-1", until=DAY, organisations=(ALE, TJORN), principal=PUBLISHER, today=DAY)


def say(data: Path, organisation: str, comment: str = "", today: date = DAY) -> None:
    answer(
        data,
        "2026-12-01-1",
        organisation=organisation,
        approves=not comment,
        comment=comment,
        principal=reviewer(organisation),
        today=today,
    )


def reviewed(
    data: Path, reason: str = "", today: date = DAY, asked: tuple[str, ...] = (ALE, TJORN)
) -> dict[str, object]:
    return require_reviewed(data, "2026-12-01-1", asked=asked, reason=reason, today=today)


def test_nobody_signs_while_somebody_may_still_answer(data: Path) -> None:
    opened(data)
    say(data, ALE)
    with pytest.raises(ReviewError, match="1 av 2"):
        reviewed(data)

    assert reviewed(data, today=DAY + timedelta(days=1))["answered"] == 1
    say(data, TJORN, "Fel antal i 2024/25.")
    assert reviewed(data) == {"until": "2026-12-01", "asked": 2, "answered": 2, "objections": 1}


def test_a_draft_with_members_figures_is_reviewed_or_says_why_not(data: Path) -> None:
    with pytest.raises(ReviewError, match="är inte granskat: 2 organisationer"):
        reviewed(data)
    with pytest.raises(ReviewError, match="är inte granskat"):
        reviewed(data, reason="  ")
    assert reviewed(data, reason="Bara registret är ändrat.") == {"reason": "Bara registret är ändrat."}
    assert reviewed(data, asked=()) == {}

    opened(data)
    said = reviewed(data, reason="Nämnden möts i dag.")
    assert (said["answered"], said["asked"], said["reason"]) == (0, 2, "Nämnden möts i dag.")


def test_a_release_signed_at_once_says_why_nobody_reviewed_it() -> None:
    assert require_reason((), "") == {}
    assert require_reason((ALE,), "Rättelse.") == {"reason": "Rättelse."}
    with pytest.raises(ReviewError, match="Gör ett utkast"):
        require_reason((ALE,), " ")


def test_the_newest_answer_stands_until_the_last_day(data: Path) -> None:
    opened(data)
    say(data, ALE, "Fel.")
    say(data, ALE)
    found = review_of(data, "2026-12-01-1")
    assert found is not None
    assert [(each.organisation, each.approves) for each in found.answers] == [(ALE, True)]
    with pytest.raises(ReviewError, match="tog slut"):
        say(data, TJORN, today=DAY + timedelta(days=1))


def test_an_organisation_answers_for_itself_and_only_the_publisher_opens(data: Path) -> None:
    opened(data)
    with pytest.raises(NotAllowedError):
        answer(data, "2026-12-01-1", organisation=TJORN, approves=True, principal=reviewer(ALE), today=DAY)
    with pytest.raises(NotAllowedError):
        open_review(data, "2026-12-01-1", until=DAY, organisations=(ALE,), principal=reviewer(ALE), today=DAY)
    with pytest.raises(ReviewError, match="inte tillfrågad"):
        say(data, "Okänd kommun")
    with pytest.raises(ReviewError, match="Skriv vad"):
        answer(data, "2026-12-01-1", organisation=ALE, approves=False, principal=reviewer(ALE), today=DAY)


@pytest.mark.parametrize("name", ["../../etc", "finns-inte", ""])
def test_a_draft_that_is_not_there_is_no_draft(data: Path, name: str) -> None:
    with pytest.raises(ReviewError):
        open_review(data, name, until=DAY, organisations=(ALE,), principal=PUBLISHER, today=DAY)


def test_from_delivery_to_signature_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    path = tmp_path / "betyg.csv"
    path.write_bytes(Sample(rows=40).data())
    assert cli.main(["load", str(path), "--sender", TJORN]) == 0
    publisher = ["--as", "gunnel:publisher,reader:*"]
    assert cli.main(["publish", "--note", "Första", "--json", *publisher]) == 0
    made = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert made["draft"]
    until = (datetime.now(UTC).date() + timedelta(days=14)).isoformat()
    second = ["--as", "sven:publisher,reader:*"]

    assert cli.main(["sign", made["id"], *second]) == 1
    assert "Öppna granskningen" in capsys.readouterr().err
    assert cli.main(["publish", "--note", "Genast", "--sign", "eva", *publisher]) == 1
    assert "Gör ett utkast" in capsys.readouterr().err
    assert cli.main(["review", made["id"], "--until", until, *publisher]) == 0
    assert cli.main(["sign", made["id"], *second]) == 1
    member = ["--organisation", TJORN, "--as", f"anna:reviewer:{TJORN}"]
    assert cli.main(["review", made["id"], *member, "--approve"]) == 0
    assert cli.main(["sign", made["id"], *publisher]) == 1
    assert cli.main(["sign", made["id"], *second]) == 0

    manifest = read.load(tmp_path / "releases" / made["id"]).manifest
    assert manifest["signed_by"] == "sven"
    assert manifest["review"] == {"until": until, "asked": 1, "answered": 1, "objections": 0}
