"""The delivery plan as GR sets it: dates, roles and states per organisation and kind, and who may see and change it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from metrics import catalogue, cli
from metrics.intake.plan import PlanError, Planned, agreed, described, due_date, gives, line, plan
from metrics.values import LOCAL_PRINCIPAL, NotAllowedError, Principal, Role
from metrics.vault import EVERYBODY, Agreement, Vault, keeping
from metrics.vocabulary import GR
from tests.unit.deliveries import SENDER, deliver, vault_at

DECLARED = catalogue.default().extracts
YEAR9, ATTENDANCE = DECLARED["year9_grades"], DECLARED["attendance"]
TODAY = date(2026, 8, 20)
ALE = "Ale kommun"
DELIVERER = Principal(subject="anna", roles=frozenset({Role.DELIVERER}), organisation=SENDER)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return vault_at(tmp_path)


def lines(vault: Vault, *said: Agreement, today: date = TODAY) -> dict[tuple[str, str], Planned]:
    found = plan(DECLARED.values(), vault.batches(LOCAL_PRINCIPAL), region=GR, today=today, agreements=said)
    return {(each.organisation, each.extract): each for each in found}


def test_a_day_that_was_set_holds_for_coming_years_too(vault: Vault) -> None:
    deliver(vault, [("p1", "2024/25", "10000001")])
    said = line(YEAR9, organisation=SENDER, today=TODAY, due=date(2026, 8, 15))

    late, other = lines(vault, said)[SENDER, "year9_grades"], lines(vault, said)["Ale kommun", "year9_grades"]
    assert (late.due, late.state, late.agreed) == (date(2026, 8, 15), "late", True)
    assert (other.due, other.state, other.agreed) == (date(2026, 9, 15), "never", False)
    assert lines(vault, said, today=date(2027, 8, 1))[SENDER, "year9_grades"].due == date(2027, 8, 15)


def test_what_gr_expects_is_late_though_nobody_has_begun(vault: Vault) -> None:
    said = line(ATTENDANCE, organisation=ALE, today=TODAY, due=date(2026, 8, 1), expected=True)
    assert (ALE, "attendance") not in lines(vault)
    assert lines(vault, said)[ALE, "attendance"].state == "late"
    assert next(iter(lines(vault, said))) == (ALE, "attendance")

    everybody = replace(said, organisation=EVERYBODY)
    assert sum(kind == "attendance" for _, kind in lines(vault, everybody)) == len(GR.members)


def test_what_is_not_awaited_says_why_and_is_still_delivered_when_it_comes(vault: Vault) -> None:
    said = line(YEAR9, organisation=SENDER, today=TODAY, expected=False, reason="Byter skolsystem i år.")
    deliver(vault, [("p1", "2024/25", "10000001")])
    found = lines(vault, said)[SENDER, "year9_grades"]
    assert (found.state, found.reason) == ("excused", "Byter skolsystem i år.")
    deliver(vault, [("p1", "2025/26", "10000001")])
    assert lines(vault, said)[SENDER, "year9_grades"].state == "delivered"


def test_an_organisations_own_line_goes_before_everybodys_and_leaves_the_rest(vault: Vault) -> None:
    everybody = line(YEAR9, organisation=EVERYBODY, today=TODAY, due=date(2026, 9, 1), responsible="systemförvaltare")
    own = line(YEAR9, organisation="Tjörns kommun", today=TODAY, responsible="utbildningschef")

    # agreed with the municipality before its board had delivered
    found = agreed([everybody, own], SENDER, "year9_grades", GR)
    assert (due_date(found, YEAR9, TODAY), found.responsible) == (date(2026, 9, 1), "utbildningschef")
    assert agreed([everybody, own], ALE, "year9_grades", GR).responsible == "systemförvaltare"


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"responsible": "Anna Andersson"}, "aldrig|inte en persons"),
        ({"responsible": "nagon@exempel.se"}, "inte en persons"),
        ({"responsible": "r" * 81}, "högst 80"),
        ({"expected": False}, "varför"),
        ({"due": date(2026, 6, 29)}, "efter att perioden slutat"),
        ({"due": date(2028, 1, 1)}, "ett år senare"),
    ],
)
def test_a_line_that_cannot_be_is_refused_in_words(wrong: dict[str, object], match: str) -> None:
    with pytest.raises(PlanError, match=match):
        line(YEAR9, organisation=ALE, today=TODAY, **wrong)  # type: ignore[arg-type]


def test_lines_are_kept_in_the_vault_with_its_backups_and_only_gr_sets_them(vault: Vault, tmp_path: Path) -> None:
    said = [
        line(YEAR9, organisation=name, today=TODAY, responsible="systemförvaltare") for name in (SENDER, ALE, EVERYBODY)
    ]
    for each in said:
        vault.agree(each, principal=LOCAL_PRINCIPAL, said=described(each, YEAR9, TODAY))
    with pytest.raises(NotAllowedError):
        vault.agree(said[0], principal=DELIVERER, said="")

    assert {each.organisation for each in vault.agreements(LOCAL_PRINCIPAL)} == {SENDER, ALE, EVERYBODY}
    assert {each.organisation for each in vault.agreements(DELIVERER)} == {SENDER, EVERYBODY}
    assert list(vault.log(LOCAL_PRINCIPAL)["act"]) == ["ändrat leveransplanen"] * 3
    copy = keeping.backup(vault, principal=LOCAL_PRINCIPAL, to=tmp_path / "kopia.duckdb")
    assert replace(vault, path=copy).agreements(LOCAL_PRINCIPAL) == vault.agreements(LOCAL_PRINCIPAL)
    vault.agree(Agreement(organisation=ALE, extract="year9_grades"), principal=LOCAL_PRINCIPAL, said="x")
    assert {each.organisation for each in vault.agreements(LOCAL_PRINCIPAL)} == {SENDER, EVERYBODY}


def test_what_a_starter_extract_gives_names_its_indicators() -> None:
    indicators = catalogue.default().indicators.values()
    first = next(each.short_title for each in indicators if "year9_grades" in each.extracts)
    assert gives(YEAR9, indicators).startswith(f"Ger: {first}, ")
    assert "kartan över samverkansmodeller" in gives(DECLARED["collaboration_register"], indicators)


def test_the_plan_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    deliver(vault_at(tmp_path), [("p1", "2015/16", "10000001")])
    assert cli.main(["plan"]) == 0
    text = capsys.readouterr().out
    assert f"{SENDER}: Slutbetyg i årskurs 9" in text
    assert "Att börja med:\n  Slutbetyg i årskurs 9. Ger: " in text

    tomorrow = (datetime.now(UTC).date() + timedelta(days=1)).isoformat()
    whom = ["plan", "--organisation", SENDER, "--extract", "year9_grades"]
    assert cli.main([*whom, "--due", tomorrow, "--responsible", "systemförvaltare"]) == 0
    assert f"senast {tomorrow}, ansvarig systemförvaltare" in capsys.readouterr().out
    assert cli.main([*whom, "--json"]) == 0
    (only,) = json.loads(capsys.readouterr().out)["plan"]
    assert (only["state"], only["due"], only["responsible"]) == ("due", tomorrow, "systemförvaltare")
    assert cli.main([*whom, "--late"]) == 0
    assert capsys.readouterr().out == "Inget är försenat.\n"
    assert cli.main([*whom, "--expected", "no", "--reason", "Byter system."]) == 0
    assert "systemförvaltare, väntas inte: Byter system." in capsys.readouterr().out
    assert cli.main([*whom, "--expected", "rule"]) == 0
    assert vault_at(tmp_path).agreements(LOCAL_PRINCIPAL) == ()
    assert cli.main(["plan", "--due", tomorrow]) == 1


def test_a_sender_sees_its_own_lines_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    deliver(vault_at(tmp_path), [("p1", "2015/16", "10000001")])
    assert cli.main(["plan", "--json", "--as", f"anna:deliverer:{SENDER}"]) == 0
    found = json.loads(capsys.readouterr().out)["plan"]
    assert {each["organisation"] for each in found} == {SENDER}
    assert cli.main(["plan", "--extract", "year9_grades", "--expected", "yes", "--as", f"anna:deliverer:{SENDER}"]) == 1
