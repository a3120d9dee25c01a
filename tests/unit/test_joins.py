"""Declared joins: nothing is linked without one, who may declare, what is counted under one, and what a page says of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from metrics import catalogue, cli, engine
from metrics.compute import compute
from metrics.intake import pseudonyms, stage
from metrics.intake.joining import declaration
from metrics.present import joins as say
from metrics.present import method
from metrics.release.joins import stated
from metrics.values import LOCAL_PRINCIPAL, Counts, NotAllowedError, Principal, Role
from metrics.vault import Join, JoinError, Vault, joins, keeping, restoring
from metrics.vocabulary import GR
from tests.unit.deliveries import SENDER, staged_rows, vault_at
from tests.unit.present_release import figures_of

TODAY = datetime.now(UTC).date()
KNOWN, OTHERS = "eligibility_known_to_social_services", "eligibility_not_known_to_social_services"
OFFICER = Principal(subject="ombud", roles=frozenset({Role.DATA_PROTECTION, Role.READER}), organisation="*")
SAID = {
    "organisation": SENDER,
    "purpose": "Följa upp hur det går i skolan för barn som orosanmälts.",
    "ground": "Uppföljning av egen verksamhet, prövad av dataskyddsombudet.",
    "school_decision": "Barn- och utbildningsnämnden 2026-09-01 § 12",
    "social_decision": "Socialnämnden 2026-09-03 § 8",
}


def a_join(**other: object) -> Join:
    days = {"starts": TODAY, "ends": TODAY + timedelta(days=30)}
    return declaration(GR, **{**SAID, **days, **other})  # type: ignore[arg-type]


def store(vault: Vault, extract: str, columns: tuple[str, ...], rows: list[tuple[object, ...]], sender: str) -> None:
    vault.store(staged_rows(extract, columns, rows), sender=sender, principal=LOCAL_PRINCIPAL, overlap="replace")


def pairs(vault: Vault, rows: list[tuple[str, str]], sender: str = SENDER) -> None:
    store(vault, "pupil_child_pairs", ("pupil", "child"), [*rows], sender)


@pytest.fixture
def empty(tmp_path: Path) -> Vault:
    return vault_at(tmp_path)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Year 9 in Tjörn and Ale; children reported in Tjörn, one of them with a pseudonym that is also a pupil's in Ale."""
    made = vault_at(tmp_path)
    about, since = ("school_unit", "municipality", "provider", "valid_from"), date(2000, 7, 1)
    units = [("10000001", "1419", "municipal", since), ("10000002", "1440", "municipal", since)]
    store(made, "school_units", about, [*units], "GR")
    grades = ("pupil", "school_year", "school_unit", "grade_sv", "grade_en", "grade_ma")
    for unit, sender in (("10000001", SENDER), ("10000002", "Ale kommun")):
        rows = [(f"{unit[-1]}p{each}", "2024/25", unit, "E", "E", "E") for each in range(6)]
        store(made, "year9_grades", grades, [*rows], sender)
    chain = ("child", "municipality", "report_date", "reporter")
    reports = [("c1", "1419", date(2024, 3, 1), "school"), ("2p0", "1419", date(2025, 1, 1), "police")]
    store(made, "support_chain", chain, [*reports], "Tjörns kommun, socialnämnden")
    return made


def linked(vault: Vault) -> int:
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        return int(engine.rows(connection, "SELECT count(*) FROM declared_join")[0][0])


def counts(vault: Vault, population: str = "joined_leavers") -> Counts:
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        return compute(connection, catalogue.default(), population, region=GR)


def counted(found: Counts, name: str) -> dict[str, int]:
    """Pupils in the denominator by municipality code."""
    rows = found.inner[found.inner[f"{name}__denominator"] > 0]
    return {str(code): int(size) for code, size in rows.groupby("school_municipality")["contributors"].sum().items()}


def test_pairs_are_not_taken_in_and_nothing_is_linked_without_a_join(vault: Vault) -> None:
    with pytest.raises(JoinError, match="ingen koppling är deklarerad för Tjörns"):
        pairs(vault, [("1p0", "c1")])
    assert not [each for each in vault.batches(LOCAL_PRINCIPAL) if each.extract == joins.PAIRS]
    assert linked(vault) == 0
    found = counts(vault)
    assert counted(found, KNOWN) == counted(found, OTHERS) == {}
    assert found.not_comparable.empty


def test_under_a_join_its_member_is_counted_and_nobody_else(vault: Vault) -> None:
    made = vault.declare_join(a_join(), principal=LOCAL_PRINCIPAL)
    assert (made.number, made.declared, made.declared_by) == (1, TODAY, "lokal")
    pairs(vault, [("1p0", "c1"), ("2p1", "2p0")])
    assert linked(vault) == 2
    found = counts(vault)
    assert counted(found, KNOWN) == {"1419": 1}
    assert counted(found, OTHERS) == {"1419": 5}
    assert counted(counts(vault, "year9_leavers"), "eligibility_vocational") == {"1419": 6, "1440": 6}
    apart = {(row.municipality, row.indicator) for row in found.not_comparable.itertuples()}
    assert apart == {("1440", KNOWN), ("1440", OTHERS)}
    assert not found.inner.drop(columns=["contributors", "school_first", "school_last"]).duplicated().any()


def test_a_period_before_the_first_report_says_nothing(vault: Vault) -> None:
    vault.declare_join(a_join(), principal=LOCAL_PRINCIPAL)
    pairs(vault, [("1p0", "c1")])
    rows = [(f"old{each}", "2022/23", "10000001", "E", "E", "E") for each in range(5)]
    store(
        vault,
        "year9_grades",
        ("pupil", "school_year", "school_unit", "grade_sv", "grade_en", "grade_ma"),
        [*rows],
        SENDER,
    )
    found = counts(vault)
    assert counted(found, OTHERS) == {"1419": 5}
    assert ("2022/23", "1419") in set(
        found.not_comparable[["period", "municipality"]].itertuples(index=False, name=None)
    )


@pytest.mark.parametrize("how", ["withdrawn", "early", "over", "undone"])
def test_a_join_that_is_not_in_force_links_nothing(vault: Vault, how: str) -> None:
    vault.declare_join(a_join(), principal=LOCAL_PRINCIPAL)
    pairs(vault, [("1p0", "c1")])
    assert linked(vault) == 1
    if how == "withdrawn":
        done = vault.withdraw_join(1, reason="beslut upphävt", principal=OFFICER)
        assert (done.withdrawn, done.withdrawn_by) == (TODAY, "ombud")
    elif how == "undone":
        vault.undo(vault.batches(LOCAL_PRINCIPAL)[0].batch, reason="fel fil", principal=LOCAL_PRINCIPAL)
    else:
        away = timedelta(days=3 if how == "early" else -60)
        kept = vault.joins(LOCAL_PRINCIPAL)[0]
        with vault._writing() as connection, engine.transaction(connection):
            joins.keep(connection, [replace(kept, starts=kept.starts + away, ends=kept.ends + away)])
    assert linked(vault) == 0
    assert counted(counts(vault), OTHERS) == {}


def test_only_gr_declares_everything_is_logged_and_one_at_a_time(empty: Vault) -> None:
    deliverer = Principal(subject="skola", roles=frozenset({Role.DELIVERER, Role.READER}), organisation=SENDER)
    with pytest.raises(NotAllowedError):
        empty.declare_join(a_join(), principal=deliverer)
    empty.declare_join(a_join(), principal=LOCAL_PRINCIPAL)
    with pytest.raises(JoinError, match="Återkalla den först"):
        empty.declare_join(a_join(), principal=LOCAL_PRINCIPAL)
    with pytest.raises(JoinError, match="varför"):
        empty.withdraw_join(1, reason=" ", principal=LOCAL_PRINCIPAL)
    empty.withdraw_join(1, reason="nytt beslut", principal=LOCAL_PRINCIPAL)
    with pytest.raises(JoinError, match="nummer 1"):
        empty.withdraw_join(1, reason="igen", principal=LOCAL_PRINCIPAL)
    assert empty.declare_join(a_join(), principal=LOCAL_PRINCIPAL).number == 2
    told = empty.log(LOCAL_PRINCIPAL)
    assert list(told["act"])[:3] == ["deklarerat koppling", "återkallat koppling", "deklarerat koppling"]
    assert "Socialnämnden 2026-09-03 § 8" in told["detail"][0]
    assert [each.number for each in empty.joins(deliverer)] == [1, 2]
    assert empty.joins(replace(deliverer, organisation="Ale kommun")) == ()


@pytest.mark.parametrize("damaged", [False, True])
def test_a_restored_backup_brings_no_withdrawn_join_back(empty: Vault, tmp_path: Path, damaged: bool) -> None:
    empty.declare_join(a_join(), principal=LOCAL_PRINCIPAL)
    copy = keeping.backup(empty, principal=LOCAL_PRINCIPAL, to=tmp_path / "kopia.duckdb")
    empty.withdraw_join(1, reason="beslut upphävt", principal=LOCAL_PRINCIPAL)
    if damaged:
        empty.path.write_bytes(b"inget valv")
    restoring.restore(empty, copy, principal=LOCAL_PRINCIPAL, reason="prov")
    found = empty.joins(LOCAL_PRINCIPAL)[0]
    assert found.withdrawn_reason == (joins.RESTORED if damaged else "beslut upphävt")


@pytest.mark.parametrize(
    ("wrong", "match"),
    [
        ({"ground": " "}, "den rättsliga grunden"),
        ({"social_decision": ""}, "socialnämndens beslut"),
        ({"purpose": "Anna Andersson 811218-9876"}, "inte en persons"),
        ({"purpose": "x" * 301}, "högst 300"),
        ({"organisation": "Malmö stad"}, "hör inte till någon kommun"),
        ({"ends": TODAY - timedelta(days=1)}, "Slutdatumet"),
    ],
)
def test_a_join_without_its_reasons_is_refused_in_words(empty: Vault, wrong: dict[str, object], match: str) -> None:
    with pytest.raises(JoinError, match=match):
        empty.declare_join(a_join(**wrong), principal=LOCAL_PRINCIPAL)
    assert empty.joins(LOCAL_PRINCIPAL) == ()


def test_the_command_declares_shows_and_withdraws(
    empty: Vault, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSYN_DATA", str(empty.path.parent.parent))
    options = ("--organisation", "--purpose", "--ground", "--school-decision", "--social-decision")
    words = [part for pair in zip(options, SAID.values(), strict=True) for part in pair]
    assert cli.main(["join"]) == 0
    assert cli.main(["join", *words]) == 2
    assert "--from, --until" in capsys.readouterr().err
    assert cli.main(["join", *words, "--from", f"{TODAY}", "--until", f"{TODAY + timedelta(days=9)}"]) == 0
    assert cli.main(["join", "--withdraw", "2", "--reason", "x"]) == 1
    assert cli.main(["join"]) == 0
    assert f"1  {SENDER}: gäller." in capsys.readouterr().out
    assert cli.main(["join", "--withdraw", "1", "--reason", "beslut upphävt"]) == 0
    assert cli.main(["join"]) == 0
    assert "återkallad" in capsys.readouterr().out


def test_the_pairs_are_made_with_two_keys_and_are_the_pseudonyms_of_both(tmp_path: Path) -> None:
    school, social = (pseudonyms.new_key(tmp_path / f"{name}.key") for name in ("skola", "social"))
    raw, half, whole = (tmp_path / f"{name}.csv" for name in ("rå", "halv", "hel"))
    raw.write_text("Elevens pseudonym;Barnets pseudonym\n20010101-2384;200101012384\n", encoding="utf-8")
    pseudonyms.pseudonymise(raw, half, school, columns=["Elevens pseudonym"])
    pseudonyms.pseudonymise(half, whole, social, columns=["Barnets pseudonym"])
    staged = stage(whole.read_bytes(), joins.PAIRS, name="hel.csv")
    assert not staged.findings.errors
    made = engine.rows(staged.connection, "SELECT pupil, child FROM staged")
    assert made == [(school.pseudonym("200101012384"), social.pseudonym("200101012384"))]
    assert staged.coverage.key_id == school.id


ROWS = [
    (KNOWN, "Tjörn", "2024/25", 30.0, 60.0, "shown"),
    (OTHERS, "Tjörn", "2024/25", 90.0, 100.0, "shown"),
]


def test_a_release_made_under_a_join_says_so_and_one_without_does_not(empty: Vault) -> None:
    empty.declare_join(a_join(), principal=LOCAL_PRINCIPAL)
    with empty.reading(LOCAL_PRINCIPAL) as connection:
        told = stated(connection, GR)
    figures = figures_of(ROWS)
    assert say.NONE in say.section(figures, "Tjörn")
    assert "Ingen är deklarerad." in method.release_facts(figures)
    figures.release.manifest["joins"] = told  # type: ignore[index]
    here = say.section(figures, "Tjörn")
    assert (
        "<strong>50,0\u00a0%</strong> av barn som orosanmälts mot <strong>90,0\u00a0%</strong> av övriga elever i Tjörn"
        in here
    )
    for words in (SAID["ground"].rstrip("."), SAID["social_decision"], SAID["purpose"].rstrip(".")):
        assert words in here
        assert words in method.release_facts(figures)
    assert "Ingen koppling är deklarerad för Ale. Det finns en för Tjörn." in say.section(figures, "Ale")
