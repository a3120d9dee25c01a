"""What a staged file promises: typed rows or none, nothing on disk, corrections by hand, and no cell in a finding."""

from __future__ import annotations

import io
import sys
import zipfile

import pytest

from metrics import catalogue, engine
from metrics.intake import headings, screen, stage, unpack
from metrics.intake.checks import Sample
from metrics.vocabulary import GR, Municipality, Region

WRITTEN_TO: list[str] = []
_watching = False


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    """Remember every file opened for writing while a test watches."""
    if _watching and event == "open":
        path, mode, flags = arguments
        writes = isinstance(flags, int) and flags & 3
        if writes or (isinstance(mode, str) and set(mode) & set("wax+")):
            WRITTEN_TO.append(str(path))


sys.addaudithook(_watch)


def test_staged_has_the_extracts_columns_in_their_types() -> None:
    extract = catalogue.default().extracts["year9_grades"]
    staged = stage(Sample(drop=("newly_arrived",)).data())

    described = engine.rows(staged.connection, "SELECT column_name, column_type FROM (DESCRIBE staged)")
    expected = [("row_number", "BIGINT"), *((each.name, engine.SQL_TYPES[each.kind]) for each in extract.columns)]
    assert described == expected
    assert engine.rows(staged.connection, "SELECT count(newly_arrived), min(row_number) FROM staged") == [(0, 2)]
    assert (staged.row_count, staged.coverage.periods, staged.coverage.units) == (25, ("2024/25",), ("10000001",))


def test_a_refused_file_leaves_no_row_behind() -> None:
    staged = stage(Sample(cells={"sex": "annat"}).data())

    assert staged.findings.refused
    assert staged.row_count == 0
    assert staged.findings.recognised.row_count == 25
    assert engine.rows(staged.connection, "SELECT count(*) FROM staged") == [(0,)]


def test_nothing_is_written_to_disk_while_a_file_is_read() -> None:
    global _watching
    WRITTEN_TO.clear()
    files = [Sample(rows=3000).data(), Sample(extra={"Personnummer": "811218-9876"}).data()]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("fil.csv", files[0])
    _watching = True
    try:
        staged = [stage(data) for data in (*files, archive.getvalue())]
    finally:
        _watching = False

    assert [each.findings.refused for each in staged] == [False, True, False]
    assert WRITTEN_TO == []
    assert engine.rows(staged[0].connection, "SELECT current_setting('temp_directory')") == [("",)]


def test_a_heading_matched_by_hand_is_used_and_one_left_out_is_not() -> None:
    data = Sample(rename={"school_unit": "Kod för enheten", "sex": "K/F"}).data()

    assert {finding.column for finding in screen(data).errors} == {"Skolenhetskod", "Kön"}
    found = screen(data, mapping={"Kod för enheten": "school_unit", "K/F": "sex", "Nyanländ": ""})
    assert not found.refused
    assert found.recognised.mapping["Kod för enheten"] == "school_unit"
    assert "Nyanländ" in found.recognised.unknown_headings


def test_everything_is_said_at_once_in_order_of_severity() -> None:
    sample = Sample(
        cells={"sex": "annat", "school_year": "2024", "birth_year": "x"}, extra={"Klass": "9A"}, every={"SV": ""}
    )
    found = screen(sample.data())

    assert {"code_unknown", "school_year_alone", "not_integer", "column_unknown"} <= found.codes
    order = [finding.severity for finding in found]
    assert order == sorted(order, key=["error", "warning", "info"].index)


def test_where_says_column_rows_and_how_many_more() -> None:
    sample = Sample(every={"birth_year": "1909"}, rows=25)
    finding = next(each for each in screen(sample.data()) if each.code == "out_of_range")

    assert finding.where == "kolumnen Födelseår, rad 2, 3, 4, 5 och 6 (25 rader)"
    assert "1980 till 2030" in finding.sentence


@pytest.mark.parametrize("column", ["pupil", "school_year", "school_unit", "sex", "birth_year", "home_municipality"])
def test_no_cell_stands_in_any_finding(column: str) -> None:
    secret = "Zz9Qx7 hemlig"
    found = screen(Sample(cells={column: secret}, extra={"Klass": secret}).data())

    assert secret not in found.to_csv() + repr(found)


def test_the_list_of_findings_is_a_swedish_csv_without_formulas() -> None:
    text = screen(Sample(extra={"=1+1": "x"}, cells={"sex": "annat"}).data()).to_csv()

    assert text.splitlines()[0] == "Allvar;Kod;Vad;Kolumn;Rader (de första);Antal rader;Gör så här"
    assert ";'=1+1;" in text


def test_units_outside_the_region_are_asked_about_for_that_region_alone() -> None:
    data = Sample(extract="school_units").data()
    ale = Region(name="Ale", title="Ale", members=(Municipality(code="1440", name="Ale"),))

    assert "municipality_outside" not in screen(data, region=GR).codes
    assert "municipality_outside" in screen(data, region=ale).codes


def test_an_archive_of_many_is_unpacked_file_by_file() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("ett/a.csv", Sample().data())
        writer.writestr("b.csv", Sample(extract="school_units").data())
        writer.writestr("las_mig.pdf", b"%PDF")
    members = unpack(archive.getvalue(), "alla.zip")

    assert [member.name for member in members] == ["a.csv", "b.csv"]
    assert [screen(member.data).recognised.extract for member in members] == ["year9_grades", "school_units"]


@pytest.mark.parametrize(
    ("heading", "told", "shown_as"),
    [
        ("Pseudonym nyckel 1a2b3c4d", "1a2b3c4d", "Pseudonym"),
        ("pseudonym (nyckel 12345678)", "12345678", "pseudonym"),
        ("Pseudonym", "", "Pseudonym"),
        ("Nyckel 1a2b3c4d", "", "Nyckel 1a2b3c4d"),
        ("Pseudonym nyckel 1a2b3c4", "", "Pseudonym nyckel 1a2b3c4"),
    ],
)
def test_a_heading_tells_the_key_and_is_matched_without_it(heading: str, told: str, shown_as: str) -> None:
    assert (headings.key_id([heading, "Kön"]), headings.shown(heading, 0)) == (told, shown_as)
    found = stage(Sample(rename={"pupil": heading}).data(), "year9_grades", name="fil.csv")
    assert found.coverage.key_id == told
    assert found.findings.refused == (not told and heading != "Pseudonym")


def test_a_name_tells_the_key_when_no_heading_does() -> None:
    assert headings.key_id(["Pseudonym"], "elever-pseudonym-1a2b3c4d.csv") == "1a2b3c4d"
    assert headings.key_id(["Pseudonym nyckel 00112233"], "elever-pseudonym-1a2b3c4d.csv") == "00112233"
    assert headings.key_id([], "elever-pseudonym-1a2b3c4d5.csv") == ""


def test_a_column_of_wrong_cells_is_not_called_empty() -> None:
    found = stage(Sample(extract="attendance", rows=25, every={"start_date": "24-08-20"}).data()).findings

    assert "date_ambiguous" in found.codes
    assert "column_empty" not in found.codes


def test_a_stage_may_be_written_with_the_word_for_grade() -> None:
    for written in ("Åk 8", "årskurs 8", "ÅK8", "klass 8"):
        staged = stage(Sample(extract="attendance", every={"stage": written}).data())
        assert engine.rows(staged.connection, "SELECT DISTINCT stage FROM staged") == [("7-9",)]
