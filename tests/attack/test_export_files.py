"""What is in a file besides what it shows: hidden sheets and names, metadata, attachments, alternative texts, link states."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import numpy as np
import pandas as pd
import pypdf
import pytest
from pypdf.generic import ArrayObject, DictionaryObject

from metrics.export import brief, bundle, decision, long_table, table
from metrics.present import profile
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView
from metrics.release import read
from tests.attack import outsider, places
from tests.attack.test_every_artefact import run, sent

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
VIEW = ProfileView(area="Öckerö", school_year="2024/25", benchmark="rest_of_region")
INSIDE = re.compile(rf"{places.ANY}|[A-Z]:\\|vault|duckdb|Traceback")
"""Paths and stores, which no file that is handed out names."""
NUMBER = re.compile(r"\d+[.,]\d+")


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures(read.load(DEMO))


@pytest.fixture(scope="module")
def pdf(figures: Figures) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(brief.pdf(figures, VIEW)))


@pytest.fixture(scope="module")
def book(figures: Figures) -> bytes:
    return table.xlsx_bytes(profile.rows_for_export(figures, VIEW), figures, "Öckerö")


def workbook_findings(data: bytes) -> Iterator[str]:
    """Parts and states of a workbook that a reader does not see when it opens."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        texts = {name: archive.read(name).decode("utf-8", "replace") for name in archive.namelist()}
    for name, text in texts.items():
        if re.search(r"comment|externalLink|vbaProject|customXml|pivot|embeddings|connections", name):
            yield f"a part that is not seen: {name}"
        if name == "xl/workbook.xml":
            yield from (f"a name of its own: {each}" for each in re.findall(r'<definedName name="([^"]+)', text))
            yield from ("a hidden sheet" for _ in re.findall(r'state="(?:hidden|veryHidden)"', text))
        if name.startswith("xl/worksheets") and re.search(r'hidden="(?:1|true)"', text):
            yield f"hidden rows or columns: {name}"
        yield from (f"a path or store: {each}" for each in INSIDE.findall(text))


def test_a_workbook_has_nothing_hidden_and_what_is_hidden_is_found(book: bytes) -> None:
    assert [each for each in workbook_findings(book) if "_xlnm._FilterDatabase" not in each] == []
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    planted = {
        "xl/workbook.xml": parts["xl/workbook.xml"].replace(b'sheetId="1"', b'sheetId="1" state="veryHidden"'),
        "xl/comments1.xml": b"<comments/>",
        "xl/worksheets/sheet1.xml": parts["xl/worksheets/sheet1.xml"].replace(b"<row ", b'<row hidden="1" '),
        "docProps/core.xml": f"<creator>{places.FOLDERS[0]}samsyn</creator>".encode(),
    }
    for name, content in planted.items():
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as made:
            for part, data in (parts | {name: content}).items():
                made.writestr(part, data)
        assert list(workbook_findings(target.getvalue())), name


def test_a_hidden_value_of_a_workbook_or_a_csv_has_no_number_beside_it(figures: Figures, book: bytes) -> None:
    rows = profile.rows_for_export(figures, VIEW)
    text = table.csv_bytes(rows, figures).decode("utf-8-sig")
    read_back = pd.read_csv(io.StringIO(text), sep=";", dtype=str)
    sheet = pd.read_excel(io.BytesIO(book), sheet_name=0, engine="calamine", dtype=object)
    for found in (read_back, sheet.astype(str).replace("nan", np.nan)):
        said = found.apply(lambda column: column.astype(str).str.contains("dold", case=False)).any(axis=1)
        assert said.any()
        for row in found[said].to_dict("records"):
            numbers = [value for value in row.values() if re.fullmatch(r"\d+[.,]\d+", str(value))]
            assert numbers == []


def structure_texts(node: object, depth: int = 0) -> Iterator[str]:
    """Every alternative and actual text of a tagged PDF's structure."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, ArrayObject):
        for each in node:
            yield from structure_texts(each, depth + 1)
    elif isinstance(node, DictionaryObject) and depth < 60:
        yield from (str(node[name]) for name in ("/Alt", "/ActualText", "/E", "/T", "/Contents") if name in node)
        if "/K" in node:
            yield from structure_texts(node["/K"], depth + 1)


def pdf_findings(reader: pypdf.PdfReader, values: pd.DataFrame) -> Iterator[str]:
    """Attachments, layers, scripts, metadata and alternative texts that say more than the pages do."""
    root = reader.trailer["/Root"]
    names = root.get("/Names", {})
    yield from (f"an attachment or script: {each}" for each in ("/EmbeddedFiles", "/JavaScript") if each in names)
    yield from (f"a part that is not seen: {each}" for each in ("/OCProperties", "/AcroForm", "/AA") if each in root)
    yield from (
        "annotations with text" for page in reader.pages for each in page.get("/Annots", []) if "/Contents" in each
    )
    metadata = [str(each) for each in (reader.metadata or {}).values()]
    metadata += [root["/Metadata"].get_object().get_data().decode("utf-8", "replace")] if "/Metadata" in root else []
    texts = [*metadata, *structure_texts(root.get("/StructTreeRoot", {}))]
    yield from (f"a path or store: {each}" for text in texts for each in INSIDE.findall(text))
    known = (DEMO / "open" / "definitions.json").read_text(encoding="utf-8")
    allowed = outsider.percentages(values)
    yield from (str(each) for text in texts for each in outsider.text_findings(text, allowed, "pdf", known))


def test_a_pdf_says_no_more_than_its_pages_do(pdf: pypdf.PdfReader, figures: Figures) -> None:
    values = figures.release.values.values
    assert "/StructTreeRoot" in pdf.trailer["/Root"]
    assert list(pdf_findings(pdf, values)) == []


def test_an_attachment_or_a_title_with_few_is_found(figures: Figures) -> None:
    values = figures.release.values.values
    for plant in ("attachment", "title", "path"):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(brief.pdf(figures, VIEW)))
        if plant == "attachment":
            writer.add_attachment("underlag.csv", b"3 elever")
        else:
            writer.add_metadata(
                {"/Title": "3 elever saknar behörighet" if plant == "title" else f"{places.FOLDERS[0]}brief.typ"}
            )
        target = io.BytesIO()
        writer.write(target)
        assert list(pdf_findings(pypdf.PdfReader(target), values)), plant


@pytest.mark.soak
def test_every_file_of_a_package_is_clean(figures: Figures) -> None:
    values = figures.release.values.values
    with zipfile.ZipFile(io.BytesIO(bundle.zip_bytes(figures, VIEW))) as made:
        files = {each.filename: made.read(each) for each in made.infolist()}
        assert made.comment == b""
        assert not any(each.extra or each.comment for each in made.infolist())
    assert {Path(name).suffix for name in files} == {".pdf", ".csv", ".xlsx", ".png"}
    for name, data in files.items():
        if name.endswith(".pdf"):
            assert list(pdf_findings(pypdf.PdfReader(io.BytesIO(data)), values)) == []
        elif name.endswith(".xlsx"):
            assert [each for each in workbook_findings(data) if "_FilterDatabase" not in each] == []
        elif name.endswith(".png"):
            assert not re.search(rb"tEXt|zTXt|iTXt|eXIf", data), name
        else:
            assert not INSIDE.search(data.decode("utf-8-sig"))


def test_the_whole_table_as_a_workbook_has_nothing_hidden(figures: Figures, tmp_path: Path) -> None:
    path = tmp_path / "values.xlsx"
    long_table.write_values(path, figures.release.values.values.head(500), figures.release)
    assert [each for each in workbook_findings(path.read_bytes()) if "_FilterDatabase" not in each] == []


def test_a_decision_paper_has_no_more_in_it_than_its_text(figures: Figures) -> None:
    reader = pypdf.PdfReader(io.BytesIO(decision.pdf(figures, "sspf", "Göteborg")))
    root = reader.trailer["/Root"]
    assert not {"/EmbeddedFiles", "/JavaScript"} & set(root.get("/Names", {}))
    assert not any(INSIDE.search(text) for text in structure_texts(root.get("/StructTreeRoot", {})))


def link_findings(text: str) -> Iterator[str]:
    """Links of a page whose state holds a number that is no year, or more than names of choices."""
    for href in set(re.findall(r'href="([^"]*)"', text)):
        for name, given in parse_qs(urlsplit(unquote(href.replace("&amp;", "&"))).query).items():
            for value in given:
                if NUMBER.search(value) or len(value) > 200:
                    yield f"{name}={value}"


@pytest.mark.parametrize("page", ["municipality", pytest.param("overview", marks=pytest.mark.soak)])
def test_the_state_of_a_link_is_choices_only(page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = sent(run(page, monkeypatch, kommun="Öckerö"))[0]
    assert re.search(r'href="[^"]*\?', text)
    assert list(link_findings(text)) == []
    assert list(link_findings(text + '<a href="kommun?varde=97,3">'))
