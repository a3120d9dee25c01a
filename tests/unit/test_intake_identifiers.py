"""Identity numbers in every form are refused, and pseudonyms made at random are not."""

from __future__ import annotations

import base64
import hashlib
import random
import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from metrics.intake import screen
from metrics.intake.checks import Sample
from metrics.intake.identifiers import check_digit, form_of, is_personal_number

KNOWN_VALID = "8112189876"
"""Skatteverket's own example of a personal identity number (811218-9876)."""


def _born(chance: random.Random) -> date:
    return date(1998, 1, 1) + timedelta(days=chance.randrange(9000))


def _ten(chance: random.Random, *, extra_days: int = 0) -> str:
    born = _born(chance)
    nine = f"{born:%y%m}{born.day + extra_days:02d}{chance.randrange(1000):03d}"
    return f"{nine}{check_digit(nine)}"


def _twelve(chance: random.Random, *, extra_days: int = 0) -> str:
    ten = _ten(chance, extra_days=extra_days)
    return ("19" if int(ten[:2]) >= 90 else "20") + ten


GIVEN = ["Anna", "Erik", "Maja", "Oscar", "Fatima", "Mohammed", "Elsa", "Nils", "Linnéa", "Ahmed"]
FAMILY = ["Andersson", "Nilsson", "Lindgren", "Ali", "Hassan", "Johansson", "Sandberg", "Eriksson"]

FORMS: dict[str, Callable[[random.Random], str]] = {
    "ten digits": _ten,
    "twelve digits": _twelve,
    "with dash": lambda chance: (ten := _ten(chance))[:6] + "-" + ten[6:],
    "with plus": lambda chance: (ten := _ten(chance))[:6] + "+" + ten[6:],
    "twelve with dash": lambda chance: (twelve := _twelve(chance))[:8] + "-" + twelve[8:],
    "with a long dash": lambda chance: (ten := _ten(chance))[:6] + "–" + ten[6:],
    "with space": lambda chance: (ten := _ten(chance))[:6] + " " + ten[6:],
    "with spaces round the dash": lambda chance: (ten := _ten(chance))[:6] + " - " + ten[6:],
    "date with dashes": lambda chance: (t := _twelve(chance))[:4] + "-" + t[4:6] + "-" + t[6:8] + "-" + t[8:],
    "wide digits": lambda chance: "".join(chr(ord(each) + 0xFEE0) for each in _twelve(chance)),
    "invisible characters": lambda chance: "\u200b".join(_ten(chance)),
    "after a letter": lambda chance: "P" + _twelve(chance),
    "inside text": lambda chance: f"nr {(ten := _ten(chance))[:6]}-{ten[6:]} (kontrollerat)",
    "samordningsnummer": lambda chance: _ten(chance, extra_days=60),
    "samordningsnummer with dash": lambda chance: (ten := _ten(chance, extra_days=60))[:6] + "-" + ten[6:],
    "temporary": lambda chance: f"{_born(chance):%Y%m%d}-TF{chance.randrange(10, 99)}",
    "temporary short": lambda chance: f"{_born(chance):%y%m%d}T{chance.randrange(100, 999)}",
    "float": lambda chance: f"{_twelve(chance)}.0",
    "float with comma": lambda chance: f"{_ten(chance)},0",
    "scientific": lambda chance: f"{int(_twelve(chance)):.5E}",
    "scientific with comma": lambda chance: f"{int(_twelve(chance)):.4E}".replace(".", ","),
    "leading zero lost": lambda chance: _lost_zero(chance),
    "birth date": lambda chance: f"{_born(chance):%Y%m%d}",
    "birth date ISO": lambda chance: f"{_born(chance):%Y-%m-%d}",
    "birth date Swedish": lambda chance: f"{_born(chance).day}.{_born(chance).month}.{_born(chance).year}",
    "short birth date": lambda chance: f"{_born(chance):%y%m%d}",
    "full name": lambda chance: f"{chance.choice(GIVEN)} {chance.choice(FAMILY)}",
    "name, family first": lambda chance: f"{chance.choice(FAMILY).upper()}, {chance.choice(GIVEN).upper()}",
    "given name": lambda chance: chance.choice(GIVEN),
    "e-mail": lambda chance: f"{chance.choice(GIVEN).lower()}.{chance.randrange(99)}@skola.example.se",
    "mobile": lambda chance: f"07{chance.choice('02369')}-{chance.randrange(100, 999)} {chance.randrange(10, 99)} 05",
    "phone with country": lambda chance: f"+46 70 {chance.randrange(100, 999)} {chance.randrange(10, 99)} 12",
    "free text": lambda chance: "eleven har svårt att komma till skolan på morgnarna och behöver stöd " * 2,
}


def _lost_zero(chance: random.Random) -> str:
    """A ten-digit number of someone born 2001-2009, whose first zero a spreadsheet has dropped."""
    nine = f"0{chance.randrange(1, 10)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}{chance.randrange(1000):03d}"
    return f"{nine}{check_digit(nine)}".lstrip("0")


RANDOM: dict[str, Callable[[random.Random], str]] = {
    "ten digits": lambda chance: f"{chance.randrange(10**10):010d}",
    "twelve digits": lambda chance: f"{chance.randrange(10**12):012d}",
    "uuid": lambda chance: str(uuid.UUID(int=chance.getrandbits(128), version=4)),
    "hash": lambda chance: hashlib.sha256(chance.randbytes(16)).hexdigest(),
    "short hash": lambda chance: hashlib.sha256(chance.randbytes(16)).hexdigest()[:16],
    "base64": lambda chance: base64.urlsafe_b64encode(chance.randbytes(12)).decode(),
}


def _file(cells: list[str], place: str = "extra") -> bytes:
    """A grades file whose pseudonyms, or whose extra column, are these cells."""
    if place == "pupil":
        sample = Sample(rows=len(cells), drop=("pupil",), extra={"Pseudonym": lambda row: cells[row]})
    else:
        sample = Sample(rows=len(cells), extra={"Grupp": lambda row: cells[row]})
    return sample.data()


def test_the_published_example_number_is_valid_and_its_neighbours_are_not() -> None:
    assert is_personal_number(KNOWN_VALID)
    assert is_personal_number("19" + KNOWN_VALID)
    assert [digit for digit in range(10) if is_personal_number(KNOWN_VALID[:-1] + str(digit))] == [6]
    assert not is_personal_number("8113189876")


@pytest.mark.parametrize("place", ["extra", "pupil"])
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("rows", [4, 20, 60])
def test_a_column_of_identifiers_is_refused_in_every_form(form: str, rows: int, place: str) -> None:
    if form == "short birth date" and rows < 20:
        pytest.skip("six digits say too little in a short file")
    chance = random.Random(f"{form}{rows}")
    cells = [FORMS[form](chance) for _ in range(rows)]

    assert screen(_file(cells, place)).refused


@pytest.mark.parametrize("form", RANDOM)
def test_random_pseudonyms_are_not_refused(form: str) -> None:
    chance = random.Random(form)
    for _ in range(10):
        cells = [RANDOM[form](chance) for _ in range(20)]
        assert not screen(_file(cells, "pupil")).refused


@pytest.mark.soak
@pytest.mark.parametrize("form", RANDOM)
def test_a_million_random_pseudonyms_are_not_refused(form: str) -> None:
    """Five of every six files have 20 rows, the size where chance has most room; the sixth is large."""
    chance = random.Random(f"soak {form}")
    refused = seen = 0
    while seen < 170_000:
        rows = 20 if chance.random() < 0.83 else 400
        cells = [RANDOM[form](chance) for _ in range(rows)]
        hits = sum(bool(form_of(cell, "pseudonym")) for cell in cells)
        refused += hits >= 0.3 * rows
        seen += rows
    assert refused == 0


@pytest.mark.soak
def test_every_one_of_a_thousand_files_with_a_hidden_identifier_column_is_refused() -> None:
    chance = random.Random("hidden")
    forms = list(FORMS)
    kept = []
    for number in range(1000):
        form = forms[number % len(forms)]
        cells = [FORMS[form](chance) for _ in range(chance.choice((20, 35, 120)))]
        if not screen(_file(cells, chance.choice(("extra", "pupil")))).refused:
            kept.append(form)
    assert kept == []


def test_one_number_with_separator_refuses_a_large_file() -> None:
    cells = ["811218-9876" if row == 777 else f"a{row}b" for row in range(1000)]
    found = screen(_file(cells))

    [finding] = found.of("error")
    assert finding.code == "personal_number"
    assert finding.rows == (779,)
    assert finding.column == "Grupp"


def test_few_hits_without_separator_need_a_reason_and_nothing_more() -> None:
    cells = [KNOWN_VALID if row == 3 else f"9{row:09d}" for row in range(100)]
    found = screen(_file(cells, "pupil"))

    assert not found.refused
    assert [finding.code for finding in found.acknowledgeable] == ["personal_number_few"]


def test_protected_identity_is_said_without_rows_or_count() -> None:
    sample = Sample(extra={"Sekretessmarkering": lambda row: "Sekretessmarkering" if row in (3, 4) else "Ingen"})
    finding = next(each for each in screen(sample.data()) if each.code == "protected_identity")

    assert finding.rows == ()
    assert finding.total == 0
    assert finding.column == ""
    assert "2" not in finding.sentence + finding.advice


def test_an_identifier_above_the_header_or_on_a_ragged_row_is_refused() -> None:
    above = b"Uttag f\xc3\xb6r 811218-9876\n" + Sample().data()
    ragged = Sample().data() + b"811218-9876;x\n"

    assert "personal_number" in screen(above).codes
    assert "personal_number" in screen(ragged).codes


def test_a_first_row_without_headings_is_never_repeated() -> None:
    found = screen(b"811218-9876;Anna Andersson;A;B\n" * 30)

    said = " ".join(f"{each.sentence} {each.advice} {each.column}" for each in found)
    assert found.refused
    assert "811218" not in said
    assert "Anna" not in said


@pytest.mark.parametrize(
    "cell",
    ["2024/25", "10000001", "20361674", "1480", "a1b2c3", "q7Hk2mZr9", "F-3|4-6|7-9", "0", "12,5", "2024-08-15 08:30"],
)
def test_ordinary_cells_identify_no_one(cell: str) -> None:
    assert form_of(cell, "") == ""
