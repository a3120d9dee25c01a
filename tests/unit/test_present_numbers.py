"""Swedish numbers, dates, lists and order as tables of cases."""

from __future__ import annotations

import pytest

from metrics.present import numbers

HARD = "\u00a0"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (84.2, 1, "84,2"),
        (84.25, 1, "84,3"),
        (84.24, 1, "84,2"),
        (2.675, 2, "2,68"),
        (12881, 0, f"12{HARD}881"),
        (1234567.5, 1, f"1{HARD}234{HARD}567,5"),
        (0, 1, "0,0"),
        (-0.04, 1, "0,0"),
        (-3.14, 1, "\u22123,1"),
        (100, 1, "100,0"),
    ],
)
def test_number(value: float, decimals: int, text: str) -> None:
    assert numbers.number(value, decimals) == text


@pytest.mark.parametrize(("value", "text"), [(2.6, "+2,6"), (-3.1, "\u22123,1"), (0.0, "0,0"), (0.04, "0,0")])
def test_signed(value: float, text: str) -> None:
    assert numbers.signed(value) == text


@pytest.mark.parametrize(
    ("unit", "text"),
    [("share", f"84,2{HARD}%"), ("mean", "84,2"), ("per_1000", f"84,2 per 1{HARD}000"), ("flow", f"84,2{HARD}%")],
)
def test_in_unit(unit: str, text: str) -> None:
    assert numbers.in_unit(84.2, unit) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (1.0, "1,0 procentenhet"),
        (0.96, "1,0 procentenhet"),
        (-1.0, "1,0 procentenhet"),
        (1.1, "1,1 procentenheter"),
        (0.0, "0,0 procentenheter"),
        (-2.6, "2,6 procentenheter"),
    ],
)
def test_difference_in_points(size: float, text: str) -> None:
    assert numbers.difference(size, "share") == text


def test_difference_of_means_has_no_unit() -> None:
    assert numbers.difference(-5.4, "mean") == "5,4"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [(77.7, 84.9, "77,7–84,9"), (-1.2, 6.1, "\u22121,2 till 6,1"), (-6.1, -1.2, "\u22126,1 till \u22121,2")],
)
def test_interval(low: float, high: float, text: str) -> None:
    assert numbers.interval(low, high) == text


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ([], ""),
        (["Ale"], "Ale"),
        (["Ale", "Lerum"], "Ale och Lerum"),
        (["Ale", "Lerum", "Tjörn"], "Ale, Lerum och Tjörn"),
    ],
)
def test_listed(words: list[str], text: str) -> None:
    assert numbers.listed(words) == text


@pytest.mark.parametrize(
    ("number_of", "neuter", "text"),
    [
        (0, False, "ingen kommun"),
        (1, False, "en kommun"),
        (2, False, "två kommuner"),
        (12, False, "tolv kommuner"),
        (13, False, "13 kommuner"),
        (0, True, "inget kommun"),
        (1, True, "ett kommun"),
    ],
)
def test_counted(number_of: int, neuter: bool, text: str) -> None:
    assert numbers.counted(number_of, "kommun", "kommuner", neuter=neuter) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11-22", "22 november 2026"),
        ("2026-03-01T09:00:00+00:00", "1 mars 2026"),
        ("", ""),
        ("våren 2025", "våren 2025"),
    ],
)
def test_day(text: str, said: str) -> None:
    assert numbers.day(text) == said


def test_order_is_swedish() -> None:
    names = ["Öckerö", "Ale", "Åmål", "Ängelholm", "Zinkgruvan", "alingsås"]
    assert sorted(names, key=numbers.order) == ["Ale", "alingsås", "Zinkgruvan", "Åmål", "Ängelholm", "Öckerö"]


@pytest.mark.parametrize(
    ("some", "whole", "text"),
    [(1, 8, "en av åtta"), (0, 2, "ingen av två"), (12, 12, "tolv av tolv"), (8, 97, "8 av 97"), (1, 13, "1 av 13")],
)
def test_out_of_is_written_one_way(some: int, whole: int, text: str) -> None:
    assert numbers.out_of(some, whole) == text
