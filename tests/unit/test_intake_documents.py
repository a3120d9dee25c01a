"""Spreadsheets and JSON as systems and people save them: macros, links to other files, one object a line."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable

import pytest
import xlsxwriter

from metrics.intake import Staged, stage, unpack
from metrics.intake.checks import Sample
from metrics.intake.workbook_links import refers_elsewhere

TABLE = Sample().data()
RECORDS = list(csv.DictReader(io.StringIO(TABLE.decode()), delimiter=";"))


def codes(staged: Staged) -> list[str]:
    return [each.code for each in staged.findings]


def book(change: Callable[[xlsxwriter.Workbook, xlsxwriter.worksheet.Worksheet], object]) -> bytes:
    """The table as a workbook, after a change that is made to the book and its sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as made:
        sheet = made.add_worksheet("Blad1")
        for number, line in enumerate(TABLE.decode().splitlines()):
            sheet.write_row(number, 0, line.split(";"))
        change(made, sheet)
    return file.getvalue()


FORMULAS = {
    "='[Bok 2.xlsx]Blad 1'!A1": True,
    "=[1]Blad1!A1": True,
    "='C:\\\\Uttag\\\\[Bok.xlsx]Blad1'!A1": True,
    "=SUM([Bok.xlsx]Blad1!A1:A9)+1": True,
    "=cmd|'/C calc'!A0": True,
    '=WEBSERVICE("https://example.org")': True,
    "=SUM(Tabell1[Kolumn])+Blad1!A1": False,
    "=Blad1!A1": False,
    "='Ett blad'!A1&B2": False,
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_cell_that_takes_its_value_from_another_file_is_a_warning(formula: str) -> None:
    data = book(lambda _, sheet: sheet.write_formula(3, 2, formula, None, "flicka"))

    assert ("workbook_external_links" in codes(stage(data, name="fil.xlsx"))) == FORMULAS[formula]


LINKS = {
    "external:Bok2.xlsx": True,
    "external:\\\\server\\mapp\\bok.xlsm#Blad1!A1": True,
    "https://www.goteborgsregionen.se/": False,
    "internal:Blad1!A1": False,
}


@pytest.mark.parametrize("link", LINKS)
def test_a_cell_that_links_to_another_workbook_is_a_warning(link: str) -> None:
    data = book(lambda _, sheet: sheet.write_url(3, 2, link, None, "flicka"))

    assert ("workbook_external_links" in codes(stage(data, name="fil.xlsx"))) == LINKS[link]


@pytest.mark.parametrize(
    "part", ["xl/connections.xml", "xl/queryTables/queryTable1.xml", "xl/externalLinks/externalLink1.bin"]
)
def test_a_part_that_fetches_values_is_noticed(part: str) -> None:
    assert refers_elsewhere({"xl/workbook.xml": b"", part: b"<x/>"})
    assert not refers_elsewhere({"xl/workbook.xml": b"", "xl/styles.xml": b"<x/>"})


def test_a_workbook_with_macros_is_refused_by_itself_and_in_an_archive() -> None:
    data = book(lambda made, _: made.add_vba_project(io.BytesIO(b"macros"), is_stream=True))
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("uttag.xlsm", data)

    assert [each.name for each in unpack(archive.getvalue(), "fil.zip")] == ["uttag.xlsm"]
    for each, name in ((data, "fil.xlsm"), (data, "fil.xlsx"), (archive.getvalue(), "fil.zip")):
        staged = stage(each, name=name)
        assert codes(staged) == ["workbook_macros"]
        assert staged.findings.refused


def test_a_workbook_saved_as_xlsm_without_macros_is_read() -> None:
    staged = stage(book(lambda *_: None), name="fil.xlsm")

    assert (codes(staged), staged.row_count) == ([], 25)


@pytest.mark.parametrize("name", ["fil.jsonl", "fil.ndjson", "fil.json"])
def test_one_json_object_a_line_is_read_as_a_list_of_them_is(name: str) -> None:
    lines = "\r\n".join(json.dumps(record) for record in RECORDS) + "\n\n"
    staged, listed = stage(lines.encode(), name=name), stage(json.dumps(RECORDS).encode(), name="fil.json")

    assert codes(staged) == codes(listed) == []
    assert staged.row_count == 25
    assert stage(json.dumps(RECORDS[0]).encode(), name=name).row_count == 1


def test_json_lines_that_break_off_say_where() -> None:
    lines = [json.dumps(record) for record in RECORDS]
    for broken in (lines[3][:20], "[1, 2]", '{"Skola": 1, "Skola": 2}'):
        staged = stage("\n".join([*lines[:3], broken]).encode(), name="fil.jsonl")

        assert [(each.code, each.rows) for each in staged.findings] == [("json_broken", (4,))]
        assert staged.findings.refused
