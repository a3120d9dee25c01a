"""Files for others: Excel opens them right, they say what they are, and hidden stays hidden."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pypdf
import pytest

from metrics.export import brief, bundle, picture, table
from metrics.present import indicator, profile
from metrics.present.figures import Figures
from metrics.present.indicator import IndicatorView
from metrics.present.marks import LIGHT
from metrics.present.profile import ProfileView
from metrics.release.read import load
from tests.pages.fixture import cached_release
from tests.unit import pdf_ua


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures(load(cached_release("full")))


def rows(figures: Figures) -> list[table.Row]:
    view = ProfileView(area="Öckerö", school_year="2024/25", benchmark="rest_of_region")
    return profile.rows_for_export(figures, view)


def test_csv_is_what_a_swedish_excel_expects(figures: Figures) -> None:
    made = table.csv_bytes(rows(figures), figures)
    assert made.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(made.decode("utf-8-sig")), delimiter=";"))
    assert tuple(read[0]) == (*table.HEADINGS, *table.OWN_COLUMNS)
    own = next(row for row in read if row["Serie"] == "Egna uppgifter")
    assert own["Exempeldata"] == "Exempeldata"
    assert "röja enskilda" in own["Skydd"]
    assert own["Täljare enligt definitionen"]
    assert all(
        not row["Exempeldata"] and "Skolverket" in row["Källa"] for row in read if row["Serie"] != "Egna uppgifter"
    )
    shown = next(
        row
        for row in read
        if row["Visas"] == "visas" and row["Kön"] == "Flickor och pojkar" and row["Bakgrund"] == "Alla"
    )
    assert "." not in shown["Värde"]
    share = float(shown["Täljare"]) / float(shown["Nämnare"]) * 100
    assert shown["Värde"] == f"{share:.3f}".rstrip("0").replace(".", ",")
    assert "tre decimaler" in own["Avrundning"]


def test_no_number_of_a_file_has_more_decimals_than_the_file_says(figures: Figures) -> None:
    """Of every member, indicator and release: neither in a CSV file nor in a workbook."""
    every = [
        (figures.definitions[name], key, each)
        for name in list(figures.definitions)[:12]
        for key, series in figures.all_series(name).items()
        for each in series[-1:]
    ][:1500]
    text = table.csv_bytes(every, figures).decode("utf-8-sig")
    cells = [cell for row in csv.DictReader(io.StringIO(text), delimiter=";") for cell in row.values()]
    decimals = [len(cell.partition(",")[2]) for cell in cells if re.fullmatch(r"-?\d+,\d+", cell)]
    assert max(decimals) == table.DECIMALS
    book = openpyxl.load_workbook(io.BytesIO(table.xlsx_bytes(every[:300], figures, "Allt")))["Värden"]
    found = [cell for row in book.iter_rows(min_row=2, values_only=True) for cell in row if isinstance(cell, float)]
    assert found
    assert all(round(cell, table.DECIMALS) == cell for cell in found)


def test_halves_of_the_last_decimal_are_rounded_from_zero() -> None:
    assert table.written_csv(("a",), [[84.2505], [-84.2505], [12881.0], [0.0004], [-0.0004]]).decode().split()[1:] == [
        "84,251",
        "-84,251",
        "12881",
        "0",
        "0",
    ]


def test_a_hidden_value_has_no_number_in_any_file(figures: Figures) -> None:
    made = table.csv_bytes(rows(figures), figures).decode("utf-8-sig")
    hidden = [row for row in csv.DictReader(io.StringIO(made), delimiter=";") if row["Visas"].startswith("dold")]
    assert hidden
    numbers = ("Täljare", "Nämnare", "Värde", "Undre gräns (95 %)", "Övre gräns (95 %)")
    assert all(row[name] == "" for row in hidden for name in numbers)


def test_xlsx_says_what_it_holds(figures: Figures) -> None:
    book = openpyxl.load_workbook(io.BytesIO(table.xlsx_bytes(rows(figures), figures, "Öckerö")))
    values, about = book["Värden"], book["Om tabellen"]
    assert tuple(cell.value for cell in values[1]) == table.HEADINGS
    assert isinstance(next(cell.value for cell in values["N"][1:] if cell.value is not None), float)
    said = {row[0].value: row[1].value for row in about.iter_rows()}
    assert "full-3" in said["Utgåva"]
    assert "påhittade" in said["Exempeldata"]
    assert said["Skydd"] == table.PROTECTION
    assert "Täljare:" in said["Behöriga till gymnasieskolans yrkesprogram"]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("all", "Alla skolor"),
        ("none", "Skolor utan samverkansmodell"),
        ("sspf", "SSPF"),
        ("without:sspf", "Skolor utan SSPF"),
    ],
)
def test_models_are_named(code: str, text: str) -> None:
    assert table.model_name(code) == text


def one(figures: Figures) -> IndicatorView:
    definition = figures.definitions["all_subjects_passed"]
    return IndicatorView(definition=definition, area="Tjörn", school_year="2024/25", benchmark="rest_of_region")


def test_a_picture_stands_alone(figures: Figures) -> None:
    spec = indicator.trend_picture(figures, one(figures), LIGHT)
    drawn = picture.svg(spec, "Godkänt <i> alla", "**Mening** med ord.", table.foot(figures))
    assert "<title>Godkänt &lt;i&gt; alla</title>" in drawn
    assert ">Mening med ord.<" in drawn
    assert "Exempeldata: påhittade elever." in drawn
    assert "full-3" in drawn
    made = picture.png(spec, "Godkänt", "Mening.", table.foot(figures))
    assert made.startswith(b"\x89PNG")


def test_the_brief_is_one_tagged_swedish_page_with_the_pages_own_sentences(figures: Figures) -> None:
    view = ProfileView(area="Lilla Edet", school_year="2024/25", benchmark="rest_of_region")
    read = pypdf.PdfReader(io.BytesIO(brief.pdf(figures, view)))
    assert len(read.pages) == 1
    assert pdf_ua.findings(read) == []
    said = " ".join(read.pages[0].extract_text().split())
    assert "Hur går det för eleverna i Lilla Edet?" in said
    assert "Exempeldata" in said
    answer = profile.answer(figures, view, profile.rows(figures, view)).replace("**", "")
    assert answer in said
    assert "dolda" in said


def test_the_package_for_a_meeting_holds_everything(figures: Figures, tmp_path: Path) -> None:
    view = ProfileView(area="Öckerö", school_year="2024/25", benchmark="rest_of_region")
    with zipfile.ZipFile(io.BytesIO(bundle.zip_bytes(figures, view))) as made:
        names = made.namelist()
        assert {"Öckerö.pdf", "Öckerö.csv", "Öckerö.xlsx"} <= set(names)
        assert "bilder/behörig-till-yrkesprogram.png" in names
        assert made.testzip() is None
