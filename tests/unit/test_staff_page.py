"""The page for the staff: what is said, what is not, three questions, and always one tagged page."""

from __future__ import annotations

import io
from pathlib import Path

import pypdf
import pytest

from metrics import cli, cli_pages
from metrics.export import staff_page as files
from metrics.present import early_signs, staff_page, team_page
from metrics.present.figures import Figures
from metrics.present.staff_page import StaffView
from metrics.release.read import empty_table, load
from metrics.values import Principal, Role
from tests.unit import pdf_ua
from tests.unit.present_release import Row, figures_of

ROOT = Path(__file__).resolve().parents[2]
H = "\u00a0"
MEMBERS = ("Ale", "Tjörn", "Lerum", "Partille")
NAME = "year6_core_passed"


def year6(first: float, status: str = "shown", rest: float = 320) -> list[Row]:
    """Ale with a numerator of its own, the others alike, and the region's sum."""
    rows: list[Row] = [(NAME, "Ale", "2024/25", first, 400, status)]
    rows += [(NAME, area, "2024/25", rest, 400, "shown") for area in MEMBERS[1:]]
    return [*rows, (NAME, "GR", "2024/25", first + 3 * rest, 1600, "shown")]


def said(rows: list[Row], register: list[dict[str, str]] | None = None, stage: str = "all") -> dict[str, object]:
    figures = figures_of(rows, MEMBERS, register=register or [])
    return staff_page.contents(figures, early_signs.find(figures), StaffView(area="Ale", stage=stage))


TEAM = [
    {
        "municipality": "Ale",
        "model_type": "sspf",
        "school_units": "1|2",
        "started": "2020-08-17",
        "ended": "",
    }
]


@pytest.mark.parametrize(
    ("rows", "register", "part", "text"),
    [
        (
            year6(240),
            [],
            "says",
            f"Ale, åk 6, godkänt i kärnämnen: 60,0{H}% läsåret 2024/25 mot väntade 80,0{H}% (skillnad −20,0 "
            f"procentenheter; 95{H}% säkerhet: −25,3 till −14,8).",
        ),
        (
            year6(320),
            [],
            "says",
            "Ingen grupp i Ale skiljer sig säkert åt det sämre hållet, av dem som kan bedömas.",
        ),
        (
            year6(240),
            [],
            "questions",
            "Färre än väntat har godkänt (Ale, åk 6). Vilket stöd fick gruppen, och när hade det behövts?",
        ),
        (year6(320), [], "questions", "Ingen grupp sticker ut. Vilka elever riskerar vi ändå att inte se i siffrorna?"),
        (
            year6(390),
            [],
            "questions",
            "Det går bättre än väntat eller än förr (Ale, åk 6). Vad tror vi att det beror på, och hur tar vi reda på det?",
        ),
        (year6(320), TEAM, "questions", "I Ale pågår SSPF (två skolor). När tar vi hjälp av det, och vad hindrar oss?"),
        (
            year6(320),
            [],
            "questions",
            "I Ale finns ingen samverkansmodell i registret. Vad gör skola och socialtjänst ändå tillsammans, och vad "
            "saknas?",
        ),
        (year6(240, "hidden"), [], "silent", "Ett av måtten är dolt för att skydda enskilda."),
        (year6(240, "missing"), [], "silent", "Ett av måtten är inte inlämnat."),
        (year6(240), [], "silent", "Ett mått jämförs inte med övriga GR: någon uppgift saknas eller är dold."),
    ],
)
def test_a_sentence_of_the_page(rows: list[Row], register: list[dict[str, str]], part: str, text: str) -> None:
    assert text in said(rows, register)[part]  # type: ignore[operator]


@pytest.mark.parametrize("rows", [year6(240), year6(320), year6(390), year6(240, "hidden"), year6(240, "missing")])
def test_there_are_always_three_questions_and_the_limits(rows: list[Row]) -> None:
    found = said(rows)
    assert len(found["questions"]) == 3  # type: ignore[arg-type]
    assert "Siffrorna gäller grupper. De säger inget om en enskild elev och förutsäger inget." in found["silent"]  # type: ignore[operator]


def test_a_hidden_value_is_nowhere_on_the_page() -> None:
    found = said(year6(240, "hidden"))
    assert "60,0" not in str(found)
    assert "dold för att skydda enskilda" in str(found["rows"])


@pytest.fixture(scope="module")
def example() -> Figures:
    return Figures(load(ROOT / "data" / "demo"))


def test_every_member_and_stage_is_one_tagged_page(example: Figures) -> None:
    found = early_signs.find(example)
    views = [(area, stage) for area in ("Ale", "Göteborg", "Öckerö") for stage in staff_page.stages(example)]
    assert len(views) == 12
    for area, stage in views:
        made = pypdf.PdfReader(io.BytesIO(files.pdf(example, found, StaffView(area=area, stage=stage))))
        assert len(made.pages) == 1
        assert area != "Ale" or pdf_ua.findings(made) == []
        text = made.pages[0].extract_text()
        for words in ("Exempeldata", "Vad de inte säger", "Tre frågor att prata om", example.release.id):
            assert words in text


def test_a_team_is_one_tagged_page_of_the_register_and_shown_values(example: Figures) -> None:
    names = [each.key for each in team_page.instances(example)]
    longest = sorted(names, key=lambda name: len(str(team_page.contents(example, name))))[-3:]
    for name in longest:
        made = pypdf.PdfReader(io.BytesIO(files.team_pdf(example, name)))
        assert len(made.pages) == 1
        assert pdf_ua.findings(made) == []
        for words in ("Exempeldata", "Vad de inte säger", "Tre frågor att prata om", example.release.id):
            assert words in made.pages[0].extract_text()
    for name in names:
        told = team_page.contents(example, name)
        assert len(told["questions"]) == 3  # type: ignore[arg-type]
        assert any("inte att avgöra" in line for line in told["silent"])  # type: ignore[attr-defined]


TEAM_VALUES = ("absence_20", "Ale", "VT 2024", 60, 400, "shown"), {"stage": "7-9", "model": "sspf"}


@pytest.mark.parametrize(
    ("status", "ended", "cells", "silent"),
    [
        ("shown", "", ["Frånvaro minst 20 %, åk 7–9, VT 2024", f"15,0{H}%", "400"], "inte bara dem som teamet möter"),
        ("hidden", "", ["Frånvaro minst 20 %, åk 7–9, VT 2024", "dold för att skydda enskilda", ""], "Ett av värdena"),
        ("shown", "2022-06-30", [], "Utgåvan har inga värden för skolor med SSPF i Ale."),
    ],
)
def test_a_team_gets_values_of_its_own_time_and_hidden_ones_say_so(
    status: str, ended: str, cells: list[str], silent: str
) -> None:
    (name, area, period, top, below, _), cut = TEAM_VALUES
    register = [{**TEAM[0], "instance": "SSPF Ale", "ended": ended, "goals": "higher_attendance"}]
    figures = figures_of(
        year6(240), MEMBERS, register=register, divided=[((name, area, period, top, below, status), cut)]
    )
    figures.release.tables["evaluations"] = empty_table("evaluations")
    told = team_page.contents(figures, "SSPF Ale")
    assert [row[:3] for row in told["rows"]] == ([cells] if cells else [])  # type: ignore[attr-defined]
    assert any(silent in line for line in told["silent"])  # type: ignore[attr-defined]
    assert "Våra mål är högre närvaro." in str(told["questions"])


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (
            ["--staff", "--team", "Skolsocialt team Ale 2021 (Exempeldata)", "--to", "sida.pdf"],
            0,
            "Att prata om: Skolsocialt team Ale 2021",
        ),
        (["--staff", "--team", "Lag Blå", "--to", "sida.pdf"], 2, "inget team, eller flera, med namnet Lag Blå"),
        (["--team", "Lag Blå", "--to", "sida.pdf"], 2, "--team gäller sidan till personalen: lägg till --staff."),
        (["--staff", "--team", "Lag", "--school", "1", "--to", "sida.pdf"], 2, "inte båda"),
        (
            ["--member", "Ale", "--staff", "--stage", "7-9", "--to", "sida.pdf"],
            0,
            "Att prata om: eleverna i Ale, åk 7–9",
        ),
        (["--member", "Ale", "--to", "sida.pdf"], 0, "Hur går det för eleverna i Ale?"),
        (
            ["--member", "Ale", "--to", "sida.csv"],
            2,
            "Filen ska sluta på .pdf, eller .zip för hela paketet, inte .csv.",
        ),
        (["--member", "Malmö", "--to", "sida.pdf"], 2, "Det finns ingen kommun som heter Malmö i utgåvan."),
        (["--member", "Ale", "--staff", "--stage", "10", "--to", "sida.pdf"], 2, "Stadium är ett av"),
        (["--member", "Ale", "--stage", "7-9", "--to", "sida.pdf"], 2, "lägg till --staff"),
        (["--member", "Ale", "--release", "finns-inte", "--to", "sida.pdf"], 2, "ingen utgåva som heter finns-inte"),
    ],
)
def test_the_pages_can_be_written_without_a_browser(
    words: list[str],
    code: int,
    text: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    example: Figures,
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(ROOT / "data" / "demo"))
    if code:
        monkeypatch.setattr("metrics.cli_pages.Figures", lambda release: example)
        monkeypatch.setattr("metrics.cli_pages.opened", lambda folder: example.release)
    target = tmp_path / words[-1]
    assert cli.main(["brief", *words[:-1], str(target)]) == code
    if code:
        assert text in capsys.readouterr().err
    else:
        assert text in pypdf.PdfReader(target).pages[0].extract_text()


@pytest.mark.parametrize("words", [["brief", "--staff", "--school", "10000014"], ["export", "--schools"]])
def test_values_of_a_school_are_for_school_readers(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SAMSYN_RELEASE", str(ROOT / "data" / "demo"))
    target = tmp_path / ("sida.pdf" if words[0] == "brief" else "tabell.csv")
    assert cli.main([*words, "--as", "x:reader:Ale", "--to", str(target)]) == 1
    assert "saknar behörighet som läsare på skolnivå" in capsys.readouterr().err
    assert not target.exists()
    assert cli.main([*words, "--as", "x:reader,school_reader:Ale", "--to", str(target)]) == 0
    assert target.stat().st_size > 0


def test_a_page_of_a_team_has_no_values_of_schools_for_a_reader() -> None:
    release = cli_pages.opened(ROOT / "data" / "demo")
    assert not release.schools.empty
    roles = {Role.READER: 0, Role.SCHOOL_READER: len(release.schools)}
    for role, rows in roles.items():
        who = Principal(subject="x", roles=frozenset({role}), organisation="Ale")
        assert len(cli_pages.seen_by(who, release).schools) == rows
