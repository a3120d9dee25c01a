"""Each PDF is what its tests ask of PDF/UA-1 (`pdf_ua.findings` where it is made); here: that what is broken is found."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
import pytest
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject

from metrics.export import staff_page
from tests.unit import pdf_ua
from tests.unit.test_present_schools import region


@pytest.fixture(scope="module")
def page() -> bytes:
    return staff_page.school_pdf(region(), "10000014")


def without(name: str, *path: str) -> Callable[[pypdf.PdfWriter], None]:
    """Takes an entry out of the catalog, or of what lies at `path` below it."""

    def broken(writer: pypdf.PdfWriter) -> None:
        found = writer.root_object
        for step in path:
            found = found[step]
        del found[name]

    return broken


def first(writer: pypdf.PdfWriter, kind: str) -> DictionaryObject:
    """The first element of the structure that is of that kind."""
    tree = writer.root_object["/StructTreeRoot"]
    elements = [each for top in pdf_ua._elements(tree, tree["/RoleMap"]) for each in top.all()]
    return next(each.node for each in elements if each.kind == kind)


def renamed(kind: str, other: str) -> Callable[[pypdf.PdfWriter], None]:
    def broken(writer: pypdf.PdfWriter) -> None:
        first(writer, kind)[NameObject("/S")] = NameObject(other)

    return broken


def said_to_be_nothing(writer: pypdf.PdfWriter) -> None:
    about = writer.root_object["/Metadata"].get_object()
    about.set_data(about.get_data().replace(b"pdfuaid:part", b"pdfuaid:del"))


def cell_taken(writer: pypdf.PdfWriter) -> None:
    del first(writer, "TR")["/K"][0]


def no_scope(writer: pypdf.PdfWriter) -> None:
    del first(writer, "TH")["/A"]


def font(*names: str) -> Callable[[pypdf.PdfWriter], None]:
    def broken(writer: pypdf.PdfWriter) -> None:
        found = next(iter(writer.pages[0]["/Resources"]["/Font"].values())).get_object()
        about = found["/DescendantFonts"][0].get_object()["/FontDescriptor"]
        for each in (found, about):
            for name in names:
                each.pop(name, None)

    return broken


def drawn_beside(writer: pypdf.PdfWriter) -> None:
    content = writer.pages[0].get_contents()
    content.set_data(content.get_data() + b"\n0 0 10 10 re f")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(content)


def a_link(writer: pypdf.PdfWriter) -> None:
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url="https://example.org"))


def test_a_page_for_a_school_is_pdf_ua(page: bytes) -> None:
    assert pdf_ua.findings(pypdf.PdfReader(io.BytesIO(page))) == []


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (without("/Lang"), "language"),
        (without("/Marked", "/MarkInfo"), "not marked as tagged"),
        (without("/DisplayDocTitle", "/ViewerPreferences"), "not shown in the window"),
        (without("/StructTreeRoot"), "no structure tree"),
        (said_to_be_nothing, "does not say that it is PDF/UA-1"),
        (renamed("P", "/Figure"), "Figure without alternative text"),
        (renamed("H2", "/H4"), "heading of level 4"),
        (renamed("LI", "/Punkt"), "no standard type"),
        (no_scope, "TH without scope"),
        (cell_taken, "Table with rows of"),
        (font("/FontFile2", "/FontFile3"), "is not embedded"),
        (font("/ToUnicode"), "does not say what its signs mean"),
        (drawn_beside, "neither tagged nor an artifact"),
        (a_link, "outside the structure"),
    ],
)
def test_a_page_that_is_no_longer_pdf_ua_is_found(
    page: bytes, broken: Callable[[pypdf.PdfWriter], None], said: str
) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(page))
    broken(writer)
    target = io.BytesIO()
    writer.write(target)
    assert any(said in each for each in pdf_ua.findings(pypdf.PdfReader(target)))
