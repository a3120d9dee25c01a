"""A large file read as sets gives the same answer as the same file read cell by cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics import engine
from metrics.intake import Staged, blocks, bulk, stage, stage_file
from metrics.intake.cells import LONGEST_PSEUDONYM
from metrics.intake.checks import CHECKS, Check, Sample

TABULAR = [check for check in CHECKS.values() if check.stage in ("columns", "cells", "rows", "coverage", "identifiers")]
GENERIC = [check for check in TABULAR if check.bad.extract != "official_statistics"]


@pytest.fixture
def as_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], Staged]:
    """Stages bytes as a file on disk that counts as large however small it is."""
    monkeypatch.setattr(bulk, "LARGE_FILE", 0)

    def staged(data: bytes, name: str = "fil.csv") -> Staged:
        path = tmp_path / "fil.csv"
        path.write_bytes(data)
        return stage_file(path, name=name)

    return staged


def said(staged: Staged) -> list[tuple[object, ...]]:
    """What matters of the findings: code, column, the first rows and how many."""
    return sorted((each.code, each.column, each.rows, each.total) for each in staged.findings)


def rows(staged: Staged) -> list[tuple[object, ...]]:
    return engine.rows(staged.connection, "SELECT * FROM staged ORDER BY row_number")


@pytest.mark.parametrize("check", GENERIC, ids=[check.code for check in GENERIC])
def test_both_ways_say_the_same_about_every_checks_files(check: Check, as_large: Callable[..., Staged]) -> None:
    for sample in (check.bad, check.good):
        small, large = stage(sample.data(), name=sample.name), as_large(sample.data(), sample.name)
        assert said(large) == said(small)
        assert rows(large) == rows(small)
        assert large.findings.recognised.periods == small.findings.recognised.periods
        assert large.findings.recognised.units == small.findings.recognised.units
        assert large.source.sha256 == small.source.sha256


AWKWARD = {
    "windows": Sample(extract="collaboration_register", encoding="cp1252"),
    "byte order mark": Sample(encoding="utf-8-sig"),
    "carriage returns": Sample(finish=lambda text: text.replace("\n", "\r\n")),
    "blank lines": Sample(finish=lambda text: text.replace("\n", "\n\n"), cells={"birth_year": "1909"}),
    "quoted": Sample(finish=lambda text: text.replace("målrelaterat", '"målrelaterat"')),
    "quoted line break": Sample(finish=lambda text: text.replace("målrelaterat", '"mål\nrelaterat"', 1)),
    "comma": Sample(extract="attendance", delimiter=",", every={"attended": "21400.5"}),
    "Swedish dates": Sample(extract="attendance", every={"start_date": "15.8.2024", "end_date": "20.12.2024"}),
    "one Swedish date": Sample(extract="attendance", cells={"start_date": "15.8.2024"}),
    "thousands": Sample(extract="attendance", cells={"offered": "24 000"}),
    "rounding": Sample(cells={"birth_year": "2009,6"}),
    "scientific": Sample(extract="attendance", cells={"offered": "2,4E+04"}),
    "not finite": Sample(extract="attendance", cells={"offered": "nan"}),
    "blanks around": Sample(cells={"pupil": "  a1b2c3 "}),
    "upper case": Sample(every={"sex": "FLICKA", "newly_arrived": "Nej"}),
    "municipality by name": Sample(every={"home_municipality": "Tjörn"}),
    "hidden identifier": Sample(cells={"pupil": "811218-9876"}),
    "ragged and bad": Sample(finish=lambda text: text.replace(";flicka;", ";", 1), cells={"birth_year": "x"}),
    "control character": Sample(cells={"pupil": "a1b2\x07c3"}),
    "wrong letters": Sample(extract="collaboration_register", cells={"source": "KÃ¤lla"}),
    "no last line break": Sample(finish=str.rstrip),
    "a return in the header": Sample(finish=lambda text: text.replace("Nyanländ", "Nyan\rländ", 1)),
    "birth dates, the last lines too long": Sample(
        every={"birth_year": "20100512"}, finish=lambda text: text[:-900] + text[-900:].replace("\n", ";x\n")
    ),
    "unclosed": Sample(finish=lambda text: text.replace("målrelaterat", '"målrelaterat', 1)),
}


@pytest.mark.parametrize("name", AWKWARD)
def test_both_ways_agree_on_awkward_files(name: str, as_large: Callable[..., Staged]) -> None:
    data = AWKWARD[name].data()
    small, large = stage(data), as_large(data)

    assert large.findings.refused == small.findings.refused
    if small.extract is not None:
        assert rows(large) == rows(small)
    if name != "unclosed":
        assert said(large) == said(small)


@pytest.mark.parametrize("block", [700, 4096])
@pytest.mark.parametrize("name", AWKWARD)
def test_it_does_not_matter_where_a_block_ends(
    name: str, block: int, as_large: Callable[..., Staged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", block)
    data = replace(AWKWARD[name], rows=60).data()
    small, large = stage(data), as_large(data)

    assert large.findings.refused == small.findings.refused
    assert large.source.sha256 == small.source.sha256
    if small.extract is not None:
        assert rows(large) == rows(small)
    if name != "unclosed":
        assert said(large) == said(small)


MIXED = {
    "decimals later on": ("21400", "21400,5"),
    "a sum at the end": ("q7Hk2mZr9", "Summa"),
    "leading zeros": (";24000;", ";0024000;"),
    "a birth date where minutes are expected": (";24000;", ";20100512;"),
    "a plus sign": (";24000;", ";+24000;"),
    "no break space": (";24000;", ";24\u00a0000;"),
    "hexadecimal": (";24000;", ";0x10;"),
    "a line too long": (";24000;", ";24000;1;2;3;"),
    "a line with empty cells too many": ("minuter;", "minuter;;;;;"),
}


@pytest.mark.parametrize("name", MIXED)
def test_a_late_row_of_another_kind_is_read_as_it_would_be_alone(
    name: str, as_large: Callable[..., Staged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 2048)
    plain, other = MIXED[name]
    lines = Sample(extract="attendance", rows=80).data().decode().splitlines(keepends=True)
    changed = [line.replace(plain, other, 1) if at in (40, 79) else line for at, line in enumerate(lines)]
    data = "".join(changed).encode()
    small, large = stage(data), as_large(data)

    assert said(large) == said(small)
    assert rows(large) == rows(small)
    assert changed != lines or name == "a sum at the end"


def test_what_does_not_fit_in_memory_is_read_again_with_room(
    as_large: Callable[..., Staged], monkeypatch: pytest.MonkeyPatch
) -> None:
    roomy = engine.memory

    def too_small(**given: object) -> engine.Connection:
        return roomy(memory_limit="1MB", threads=1)

    calls: list[object] = []
    data = Sample(extract="attendance", rows=20_000).data()
    monkeypatch.setattr(bulk.engine, "memory", too_small)
    monkeypatch.setattr(bulk, "memory", lambda: calls.append(1) or roomy())

    assert as_large(data).row_count == 20_000
    assert calls == [1]


def test_one_odd_row_does_not_make_the_whole_file_slow(
    as_large: Callable[..., Staged], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("read row by row")

    monkeypatch.setattr(bulk, "_fill_row_by_row", refuse)
    sample = Sample(extract="attendance", rows=400, cells={"offered": "24 000", "start_date": "15.8.2024"}, at=200)

    staged = as_large(sample.data())

    assert not staged.findings.refused
    assert staged.row_count == 400
    odd = engine.rows(staged.connection, "SELECT offered, start_date FROM staged WHERE row_number = 202")
    assert [(offered, str(day)) for offered, day in odd] == [(24000.0, "2024-08-15")]


def test_what_does_not_fit_in_memory_is_spilled_encrypted() -> None:
    connection = bulk.memory()
    settings = "SELECT current_setting('temp_file_encryption'), current_setting('temp_directory') <> ''"

    assert engine.rows(connection, settings) == [(True, True)]


def test_a_byte_that_is_no_text_refuses_a_ragged_file_too(
    as_large: Callable[..., Staged], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 700)
    lines = Sample(rows=60).data().splitlines(keepends=True)
    lines[40] = lines[40].replace(b";", b"\xe3;;", 1)

    assert as_large(b"".join(lines)).findings.refused


KEYS = st.text("0123456789abcxyzABZ", min_size=1, max_size=40) | st.from_regex(
    "[A-Z]{0,5}[0-9]{5,13}[a-z]{0,3}[0-9]{0,4}", fullmatch=True
)
CELLS = KEYS | st.sampled_from(
    [
        "811218-9876",
        "0" * 26,
        "x" * 26,
        "1" * 26,
        "a1" * 70,
        "a1 b2" * 6,
        "å1" * 13,
        "=1" * 13,
        "a1b2c3d4-e5f6-0718",
        "",
    ]
)
LONG = st.sampled_from(["0" * 26, "x" * 26, "1" * 26, "a1" * 70, "ABCD123456789012ab12", "ABCD123456789012ab123x"])


@given(st.lists(CELLS) | st.lists(LONG | KEYS.filter(lambda key: len(key) > blocks.LONGEST_IDENTIFYING)))
def test_no_pseudonym_that_must_be_looked_at_is_passed_over(cells: list[str]) -> None:
    must = [
        row
        for row, cell in enumerate(cells)
        if re.search(blocks.MAYBE_IDENTIFYING, cell) or len(cell.encode()) > LONGEST_PSEUDONYM
    ]

    assert blocks.odd(pa.array(cells, pa.string())).tolist() == must
    assert blocks.odd(pa.array(["", *cells], pa.string()).slice(1)).tolist() == must
