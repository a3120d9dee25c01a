"""Hostile files: whatever the bytes, there are findings and never a traceback, and no number is taken for another.

Files are made from valid ones by mutations with a seed, so that a failure can be repeated. `make soak` runs ten
thousand, `make test` a few hundred; as many again are read as large files are, in blocks of a few lines.
"""

from __future__ import annotations

import csv
import io
import json
import random
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from metrics import catalogue, engine
from metrics.engine import Connection
from metrics.intake import Staged, blocks, bulk, stage, stage_file
from metrics.intake.checks import Sample
from metrics.intake.checks.official import export

SECONDS_PER_MEGABYTE = 10
Chance = random.Random
NAMES = [name for name, extract in catalogue.default().extracts.items() if extract.reader is None]


@dataclass(frozen=True, kw_only=True)
class Hostile:
    """A mutated file, and what was done to it."""

    data: bytes
    name: str
    story: str


def valid(chance: Chance) -> tuple[bytes, str]:
    """A file that is accepted, of a kind and format chosen at random."""
    kind = chance.choice((*NAMES, "official"))
    if kind == "official":
        return export(), "fil.csv"
    sample = Sample(extract=kind, rows=chance.choice((1, 5, 30)))
    shape = chance.choice(("csv", "csv", "csv", "xlsx", "xlsm", "json", "jsonl", "zip"))
    return SHAPES[shape](sample.data()), f"fil.{shape}"


def valid_text(chance: Chance) -> tuple[bytes, str]:
    """As `valid`, delimited text of some more rows."""
    return Sample(extract=chance.choice(NAMES), rows=chance.choice((5, 30, 60))).data(), "fil.csv"


def as_workbook(data: bytes) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Blad1")
        for number, cells in enumerate(csv.reader(io.StringIO(data.decode()), delimiter=";")):
            sheet.write_row(number, 0, cells)
    return file.getvalue()


def as_macro_workbook(data: bytes) -> bytes:
    """A workbook with macros, or with a cell that takes its value from another one."""
    with zipfile.ZipFile(io.BytesIO(as_workbook(data))) as book:
        parts = {each: book.read(each) for each in book.namelist()}
    if len(data) % 2:
        parts["xl/vbaProject.bin"] = b"macros"
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = parts[sheet].replace(b"</c>", b"</c><c><f>[1]Blad1!A1</f><v>7</v></c>", 1)
    return archived(parts)


def as_json(data: bytes) -> bytes:
    return json.dumps(records(data)).encode()


def as_json_lines(data: bytes) -> bytes:
    return "\n".join(map(json.dumps, records(data))).encode()


def records(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode()), delimiter=";"))


def as_archive(data: bytes) -> bytes:
    return archived({"fil.csv": data})


def archived(members: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "csv": lambda data: data,
    "xlsx": as_workbook,
    "xlsm": as_macro_workbook,
    "json": as_json,
    "jsonl": as_json_lines,
    "zip": as_archive,
}


def truncate(data: bytes, chance: Chance) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def flip(data: bytes, chance: Chance) -> bytes:
    mutated = bytearray(data)
    for _ in range(chance.choice((1, 3, 20))):
        mutated[chance.randrange(len(mutated))] = chance.randrange(256)
    return bytes(mutated)


def splice(data: bytes, chance: Chance) -> bytes:
    """Something that does not belong there, at a random place."""
    foreign = (
        b"\x00" * 40,
        b'"',
        b'""""',
        b";" * 5000,
        b"\n" * 200,
        b"\r",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        "\u202e\u200b\u0301".encode(),
        b"=cmd|' /C calc'!A0",
        b"@SUM(1+1)*cmd|' /C calc'!A0",
        b"\xe5\xe4\xf6",
        b"9" * 400,
        b"1e308",
        b"-1e-400",
        b"nan",
        b"\\N",
        b"</script><script>alert(1)</script>",
        b"'; DROP TABLE staged; --",
        b"{{7*7}}{0}%s%n",
        b"x" * 300_000,
        b"{" * 3000,
        b"[" * 100_000,
        "å".encode("utf-16"),
        "\ud7ff\ue000\U0010ffff".encode(),
    )
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(foreign) + data[place:]


def shuffle_lines(data: bytes, chance: Chance) -> bytes:
    lines = data.splitlines(keepends=True)
    for _ in range(chance.choice((1, 2, 5))):
        action = chance.choice(("drop", "double", "swap", "join"))
        place = chance.randrange(len(lines))
        if action == "drop" and len(lines) > 1:
            del lines[place]
        elif action == "double":
            lines.insert(place, lines[place])
        elif action == "swap":
            other = chance.randrange(len(lines))
            lines[place], lines[other] = lines[other], lines[place]
        else:
            lines[place] = lines[place].rstrip(b"\r\n")
    return b"".join(lines)


def other_delimiters(data: bytes, chance: Chance) -> bytes:
    other = chance.choice((b",", b"\t", b"|", b":", b" "))
    return bytes(other[0] if byte == ord(";") and chance.random() < 0.5 else byte for byte in data)


def other_encoding(data: bytes, chance: Chance) -> bytes:
    text = data.decode("utf-8", "replace")
    place = chance.randrange(len(text) + 1)
    encodings = ("utf-8", "cp1252", "utf-16", "utf-16-be", "utf-32", "cp850", "utf-8-sig", "cp037")
    first, second = chance.choice(encodings), chance.choice(encodings)
    return text[:place].encode(first, "replace") + text[place:].encode(second, "replace")


def headings(data: bytes, chance: Chance) -> bytes:
    first, _, rest = data.partition(b"\n")
    cells = first.split(b";")
    place = chance.randrange(len(cells))
    cells[place] = chance.choice(
        (cells[0], b"", cells[-1], b"Personnummer", b"\xc2\xa0", b"x" * 500, cells[place].upper())
    )
    return b";".join(cells) + b"\n" + rest


def a_cell(data: bytes, chance: Chance) -> bytes:
    """One cell's digits are disturbed the way people and programs do."""
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    cells = lines[place].split(b";")
    at = chance.randrange(len(cells))
    cell = cells[at].decode("utf-8", "replace")
    disturbed = (
        cell.replace("0", "O"),
        cell.replace("1", "l"),
        cell.replace(",", "."),
        cell[:1] + "." + cell[1:],
        cell[:1] + " " + cell[1:],
        f"-{cell}",
        f"{cell} st",
        f"{cell}%",
        f"({cell})",
        f"{cell}E+2",
        "".join(chr(ord(each) + 0xFEE0) if each.isdigit() else each for each in cell),
        cell[::-1],
        f"\u202e{cell}",
        f"'{cell}",
        f"{cell}\u00a0",
        "",
    )
    cells[at] = chance.choice(disturbed).encode()
    lines[place] = b";".join(cells)
    return b"\n".join(lines)


def inside_archive(data: bytes, chance: Chance) -> bytes:
    """An archive or workbook put together again with one member mutated."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {each: archive.read(each) for each in archive.namelist()}
    except Exception:  # a mutated archive breaks in ways of its own; then it is hostile enough as it is
        return data
    chosen = chance.choice(sorted(members))
    members[chosen] = chance.choice((flip, splice, truncate))(members[chosen] or b" ", chance)
    return archived(members)


MUTATIONS: tuple[Callable[[bytes, Chance], bytes], ...] = (
    truncate,
    flip,
    splice,
    shuffle_lines,
    other_delimiters,
    other_encoding,
    headings,
    a_cell,
    a_cell,
    a_cell,
    inside_archive,
)


def hostile(seed: int, kind: Callable[[Chance], tuple[bytes, str]] = valid) -> Hostile:
    """The hostile file with this number."""
    chance = random.Random(seed)
    data, name = kind(chance)
    done = []
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        mutation = chance.choice(MUTATIONS)
        data = mutation(data or b" ", chance)
        done.append(mutation.__name__)
    if chance.random() < 0.1:
        name = chance.choice(("fil.xlsx", "fil.csv", "fil.json", "", "../../x", "fil\x00.csv", "a" * 500))
    return Hostile(data=data, name=name, story=f"seed {seed}: {' '.join(done)}")


def read_plainly(data: bytes) -> dict[int, list[str]] | None:
    """Rows of a semicolon file by line, as a person reads them; None when the file is not that simple."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if '"' in text or "\r" in text or not text.count(";"):
        return None
    return {number: line.split(";") for number, line in enumerate(text.split("\n"), start=1)}


def plain_number(cell: str) -> float | None:
    """A number as a Swede writes it; None when a person would hesitate."""
    text = "".join(cell.replace("\u00a0", " ").split(" ")).replace("−", "-")
    try:
        return float(text.replace(",", ".")) if text.count(".") == 0 or "," not in text else None
    except ValueError:
        return None


def assert_read_as_written(staged: Staged, data: bytes, story: str) -> None:
    """Every stored number is the one that stands in its cell."""
    lines = read_plainly(data)
    extract, recognised = staged.extract, staged.findings.recognised
    if lines is None or extract is None or extract.reader is not None or recognised.delimiter != "semikolon":
        return
    header = [heading.strip() for heading in lines[recognised.header_row or 1]]
    for heading, name in recognised.mapping.items():
        kind = extract.column(name).kind
        if kind not in ("decimal", "integer", "pseudonym") or heading not in header:
            continue
        place = header.index(heading)
        for number, value in engine.rows(staged.connection, f'SELECT row_number, "{name}" FROM staged'):
            cell = lines[number][place]
            if kind == "pseudonym":
                assert value == " ".join(cell.split()), (story, name, "pseudonym")
            elif value is not None:
                assert plain_number(cell) == pytest.approx(value), (story, name, "number")
            else:
                assert not cell.strip(), (story, name, "lost")


Reader = Callable[[Hostile], Staged]


def attack(files: Iterable[Hostile], read: Reader) -> dict[str, int]:
    """Stage every hostile file; how many were refused, questioned and accepted."""
    counts = {"refused": 0, "questioned": 0, "accepted": 0}
    for file in files:
        started = time.process_time()
        staged = read(file)
        spent = time.process_time() - started
        assert spent < SECONDS_PER_MEGABYTE * max(1, len(file.data) / 2**20), file.story
        assert_said_safely(staged, file)
        if staged.findings.refused:
            counts["refused"] += 1
            assert staged.row_count == 0, file.story
            if staged.extract is not None:
                assert engine.rows(staged.connection, "SELECT count(*) FROM staged") == [(0,)], file.story
        else:
            assert_read_as_written(staged, file.data, file.story)
            counts["questioned" if staged.findings.acknowledgeable else "accepted"] += 1
    return counts


def at_once(connection: Connection) -> Reader:
    """Reads a file as the page does."""
    return lambda file: stage(file.data, name=file.name, connection=connection)


class InBlocks:
    """Reads a file as a large one from disk, in blocks of a few lines, and holds it against the whole file at once."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._path, self._patch = folder / "fil.csv", patch
        self._large, self._small = engine.memory(threads=1), engine.memory(threads=1)
        self.ways = {"blocks": 0, "row by row": 0, "at once": 0}
        patch.setattr(bulk, "LARGE_FILE", 0)
        for way, function in (("row by row", "_fill_row_by_row"), ("at once", "_stage_whole")):
            patch.setattr(bulk, function, self._counted(way, getattr(bulk, function)))

    def _counted(self, way: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any) -> Any:
            self.ways[way] += 1
            return function(*given)

        return run

    def __call__(self, file: Hostile) -> Staged:
        self._path.write_bytes(file.data)
        self._patch.setattr(blocks, "BLOCK", (300, 1000, 5000)[len(file.data) % 3])
        before = sum(self.ways.values())
        staged = stage_file(self._path, name=file.name, connection=self._large)
        self.ways["blocks"] += before == sum(self.ways.values())
        whole = stage(file.data, name=file.name, connection=self._small)
        assert staged.findings.refused == whole.findings.refused, file.story
        assert staged.source.sha256 == whole.source.sha256, file.story
        if codes(staged) == codes(whole) or not whole.findings.refused:
            assert said(staged) == said(whole), file.story
        if staged.extract is not None and not whole.findings.refused:
            rows = "SELECT * FROM staged ORDER BY row_number"
            assert engine.rows(staged.connection, rows) == engine.rows(whole.connection, rows), file.story
        return staged


def codes(staged: Staged) -> set[str]:
    return {each.code for each in staged.findings}


def said(staged: Staged) -> list[tuple[object, ...]]:
    return sorted((each.code, each.column, each.rows, each.total) for each in staged.findings)


def assert_said_safely(staged: Staged, file: Hostile) -> None:
    """The findings can be shown and downloaded, and hold nothing that a spreadsheet would run."""
    text = staged.findings.to_csv()
    assert not staged.findings.refused or staged.findings.errors, file.story
    for row in csv.reader(io.StringIO(text), delimiter=";"):
        assert not any(cell.startswith(("=", "+", "@")) for cell in row), file.story
    for finding in staged.findings:
        assert len(finding.sentence + finding.advice + finding.column) < 1500, file.story
        assert "\x00" not in finding.column, file.story


def test_a_few_hundred_hostile_files_are_answered_without_a_traceback() -> None:
    counts = attack(map(hostile, range(300)), at_once(engine.memory(threads=1)))

    assert sum(counts.values()) == 300
    assert counts["refused"] > 150
    assert counts["accepted"] > 10


def in_blocks(seeds: range) -> Iterator[Hostile]:
    return (hostile(seed, valid_text) for seed in seeds)


def test_hostile_files_read_in_blocks_are_answered_as_when_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = InBlocks(tmp_path, monkeypatch)
    counts = attack(in_blocks(range(100)), read)

    assert sum(counts.values()) == 100
    assert read.ways["blocks"] > 30
    assert counts["refused"] > 50
    assert counts["accepted"] > 10


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_hostile_files(part: int) -> None:
    files = map(hostile, range(1000 + 1000 * part, 2000 + 1000 * part))
    counts = attack(files, at_once(engine.memory(threads=1)))

    print(f"hostile files, part {part}: {counts}")
    assert sum(counts.values()) == 1000


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_hostile_files_in_blocks(part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = InBlocks(tmp_path, monkeypatch)
    counts = attack(in_blocks(range(1000 + 1000 * part, 2000 + 1000 * part)), read)

    print(f"hostile files in blocks, part {part}: {counts}, read {read.ways}")
    assert sum(counts.values()) == 1000


WRITTEN = {
    "24 000": 24000,
    "24000,0": 24000,
    "24000.50": 24000.5,
    "24\u00a0000": 24000,
    "２４０００": 24000,
    "24.000": None,
    "24,000.0": None,
    "2.4E4": None,
    "24OOO": None,
    "2l000": None,
    "24000 min": None,
    "24'000": None,
    "(24000)": None,
    "24000-": None,
    "--24000": None,
    "0x5DC0": None,
    "1/2": None,
    "½": None,
    "inf": None,
    "24_000": None,
    "24 00": None,
    "-24000": None,
}


@pytest.mark.parametrize("cell", WRITTEN)
def test_a_number_is_read_as_a_person_reads_it_or_refused(cell: str) -> None:
    staged = stage(Sample(extract="attendance", cells={"offered": cell}).data())

    if WRITTEN[cell] is None:
        assert staged.findings.refused
    else:
        assert engine.rows(staged.connection, "SELECT offered FROM staged WHERE row_number = 5") == [(WRITTEN[cell],)]


@pytest.mark.parametrize(
    "data",
    [
        b"a;" * 1_500_000,
        b"\n" * 3_000_000,
        b'"' * 1_000_000,
        b"a" * 3_000_000,
        b"@" * 900_000,
        (b"a.b-c_d " * 12 + b"\n") * 20_000,
        b"[" * 1_000_000,
        b'{"a":' * 200_000,
        bytes(range(256)) * 4000,
        b"PK\x03\x04" + b"\xff" * 100_000,
    ],
    ids=["wide", "blank", "quotes", "one line", "at signs", "words", "brackets", "objects", "all bytes", "false zip"],
)
def test_large_nonsense_is_answered_in_time(data: bytes) -> None:
    started = time.process_time()
    staged = stage(data, name="fil.csv")

    assert staged.findings.refused
    assert time.process_time() - started < SECONDS_PER_MEGABYTE * max(1, len(data) / 2**20)


def test_a_long_cell_is_looked_at_in_reasonable_time() -> None:
    long = "a.b" * 100_000
    started = time.process_time()
    staged = stage(Sample(extra={"Övrigt": long}).data(), name="fil.csv")

    assert time.process_time() - started < 10 * SECONDS_PER_MEGABYTE
    assert staged.findings.items
