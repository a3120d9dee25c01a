"""What a validator reads of PDF/UA-1 (ISO 14289-1) in a finished file: the parts of the Matterhorn Protocol a machine can test.

Not all of it: whether tags stand in the order a person reads, and say what she sees, no machine can tell; widths of
glyphs and colour spaces are not read. No free validator could be had from the package registries we use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject

Operations = list[tuple[Any, bytes]]
TYPES = """Document Part Art Sect Div BlockQuote Caption TOC TOCI Index NonStruct Private P H H1 H2 H3 H4 H5 H6 L LI Lbl
LBody Table TR TH TD THead TBody TFoot Span Quote Note Reference BibEntry Code Link Annot Figure Formula Form"""
STANDARD = set(TYPES.split())
"""Structure types of ISO 32000-1, 14.8.4."""
CHILDREN = {
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"},
    "THead": {"TR"},
    "TBody": {"TR"},
    "TFoot": {"TR"},
    "TR": {"TH", "TD"},
    "L": {"LI", "Caption", "L"},
    "LI": {"Lbl", "LBody"},
}
SHOWS = {b"Tj", b"TJ", b"'", b'"', b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*", b"S", b"s", b"sh", b"Do", b"EI"}
"""Operators of a page that put something on it."""


@dataclass(frozen=True, kw_only=True)
class Element:
    """One element of the structure tree: its standard type and where it stands."""

    kind: str
    node: DictionaryObject
    children: tuple[Element, ...]

    def all(self) -> Iterator[Element]:
        yield self
        for each in self.children:
            yield from each.all()

    def attribute(self, name: str) -> Any:
        found = self.node.get("/A", ArrayObject()).get_object()
        owners = found if isinstance(found, ArrayObject) else [found]
        owners = [each.get_object() for each in owners]
        return next((each[name] for each in owners if isinstance(each, DictionaryObject) and name in each), None)


def findings(reader: PdfReader, language: str = "sv") -> list[str]:
    """What is wrong, in words; empty where the file passes."""
    root = reader.trailer["/Root"]
    found = [*_document(reader, root, language)]
    if "/StructTreeRoot" not in root:
        return [*found, "no structure tree"]
    tree = root["/StructTreeRoot"]
    elements = [each for top in _elements(tree, tree.get("/RoleMap", {})) for each in top.all()]
    found += [*_structure(elements), *_headings(elements)]
    drawn = [ContentStream(page.get_contents(), reader).operations for page in reader.pages]
    for number, page in enumerate(reader.pages):
        wrong = (*_content(page, drawn[number]), *_annotations(page), *_fonts(page))
        found += [f"page {number + 1}: {each}" for each in wrong]
    return [*found, *_references(reader, drawn, elements)]


def _document(reader: PdfReader, root: DictionaryObject, language: str) -> Iterator[str]:
    about = root["/Metadata"].get_object().get_data().decode("utf-8") if "/Metadata" in root else ""
    marked = root.get("/MarkInfo", {})
    if reader.is_encrypted:
        yield "encrypted"
    if not _true(marked.get("/Marked")) or _true(marked.get("/Suspects")):
        yield "not marked as tagged"
    if not str(root.get("/Lang", "")).startswith(language):
        yield f"language {root.get('/Lang')}"
    if not _true(root.get("/ViewerPreferences", {}).get("/DisplayDocTitle")):
        yield "the title is not shown in the window"
    if "<dc:title>" not in about or not (reader.metadata and reader.metadata.title):
        yield "no title"
    if "<pdfuaid:part>1</pdfuaid:part>" not in about and 'pdfuaid:part="1"' not in about:
        yield "does not say that it is PDF/UA-1"
    if "/AcroForm" in root or "/OCProperties" in root:
        yield "a form or layers"


def _true(found: Any) -> bool:
    return getattr(found, "value", found) is True


def _elements(node: DictionaryObject, roles: DictionaryObject) -> Iterator[Element]:
    """The elements below a node; content and references to objects are no elements."""
    kids = node.get("/K", [])
    kids = kids.get_object() if hasattr(kids, "get_object") else kids
    for each in kids if isinstance(kids, ArrayObject) else [kids]:
        kid = each.get_object() if hasattr(each, "get_object") else each
        if isinstance(kid, DictionaryObject) and "/S" in kid:
            name = str(kid["/S"])
            kind = str(roles.get(name, name)).removeprefix("/")
            yield Element(kind=kind, node=kid, children=tuple(_elements(kid, roles)))


def _structure(elements: list[Element]) -> Iterator[str]:
    for each in elements:
        inside = {child.kind for child in each.children}
        if each.kind not in STANDARD:
            yield f"{each.kind} is no standard type and maps to none"
        if each.kind in CHILDREN and not inside <= CHILDREN[each.kind]:
            yield f"{each.kind} with {sorted(inside - CHILDREN[each.kind])} in it"
        if each.kind in ("Figure", "Formula") and not (each.node.get("/Alt") or each.node.get("/ActualText")):
            yield f"{each.kind} without alternative text"
        if each.kind == "Figure" and each.attribute("/BBox") is None:
            yield "Figure without its place on the page"
        if each.kind == "TH" and each.attribute("/Scope") is None and each.attribute("/Headers") is None:
            yield "TH without scope"
        if each.kind == "Table":
            yield from _table(each)


def _table(table: Element) -> Iterator[str]:
    rows = [each for each in table.all() if each.kind == "TR"]
    if not any(cell.kind == "TH" for row in rows for cell in row.children):
        yield "Table without headings"
    widths: Counter[int] = Counter()
    below: Counter[int] = Counter()
    for place, row in enumerate(rows):
        widths[place] += below[place]
        for cell in row.children:
            wide, high = int(cell.attribute("/ColSpan") or 1), int(cell.attribute("/RowSpan") or 1)
            widths[place] += wide
            below.update({place + down: wide for down in range(1, high)})
    if len(set(widths.values())) > 1:
        yield f"Table with rows of {sorted(set(widths.values()))} columns"


def _headings(elements: list[Element]) -> Iterator[str]:
    levels = [int(each.kind[1:]) for each in elements if each.kind[:1] == "H" and each.kind[1:].isdigit()]
    for before, level in zip([0, *levels], levels, strict=False):
        if level > before + 1:
            yield f"heading of level {level} after one of level {before}"


def _content(page: PageObject, drawn: Operations) -> Iterator[str]:
    """Everything on the page is either tagged or said to be decoration."""
    stack: list[bool] = []
    for operands, operator in drawn:
        if operator in (b"BDC", b"BMC"):
            stack.append(
                operands[0] == "/Artifact" or (operator == b"BDC" and "/MCID" in _properties(operands[1], page))
            )
        elif operator == b"EMC":
            stack.pop()
        elif operator in SHOWS and not any(stack):
            yield f"{operator.decode()} is neither tagged nor an artifact"
            return
    if stack:
        yield "marked content that does not end"


def _properties(operand: Any, page: PageObject) -> DictionaryObject:
    return operand if isinstance(operand, DictionaryObject) else page["/Resources"]["/Properties"][operand].get_object()


def _annotations(page: PageObject) -> Iterator[str]:
    annotations = [each.get_object() for each in page.get("/Annots", [])]
    if annotations and page.get("/Tabs") != "/S":
        yield "the order of tabs is not that of the structure"
    for each in annotations:
        if "/StructParent" not in each:
            yield "an annotation outside the structure"
        if not each.get("/Contents"):
            yield "a link that does not say what it is"


def _fonts(page: PageObject) -> Iterator[str]:
    for name, font in _resources(page["/Resources"], set()):
        inner = font["/DescendantFonts"][0].get_object() if "/DescendantFonts" in font else font
        about = inner.get("/FontDescriptor", {})
        if inner["/Subtype"] != "/Type3" and not {"/FontFile", "/FontFile2", "/FontFile3"} & set(about):
            yield f"{name} is not embedded"
        if "/ToUnicode" not in font:
            yield f"{name} does not say what its signs mean"
        if inner["/Subtype"] == "/CIDFontType2" and "/CIDToGIDMap" not in inner:
            yield f"{name} does not say where its signs are"


def _resources(resources: DictionaryObject, seen: set[int]) -> Iterator[tuple[str, DictionaryObject]]:
    """Fonts of a page and of the forms drawn on it."""
    for name, each in resources.get("/Font", {}).items():
        yield name, each.get_object()
    for each in resources.get("/XObject", {}).values():
        form = each.get_object()
        if id(form) not in seen and "/Resources" in form:
            yield from _resources(form["/Resources"], seen | {id(form)})


def _references(reader: PdfReader, drawn: list[Operations], elements: list[Element]) -> Iterator[str]:
    """Every tagged piece of a page belongs to an element, and the other way round."""
    known: set[tuple[int, int]] = set()
    pages = {page.indirect_reference.idnum: number for number, page in enumerate(reader.pages)}  # type: ignore[union-attr]
    for each in elements:
        kids = each.node.get("/K", [])
        for kid in kids if isinstance(kids, ArrayObject) else [kids]:
            part = kid.get_object() if hasattr(kid, "get_object") else kid
            page = each.node
            if isinstance(part, DictionaryObject) and "/MCID" in part:
                page, part = part if "/Pg" in part else page, part["/MCID"]
            if isinstance(part, int):
                known.add((pages[page.raw_get("/Pg").idnum], int(part)))
    there = {
        (number, int(properties["/MCID"]))
        for number, page in enumerate(reader.pages)
        for operands, operator in drawn[number]
        if operator == b"BDC" and "/MCID" in (properties := _properties(operands[1], page))
    }
    if known - there:
        yield f"elements whose content is not on a page: {sorted(known - there)[:3]}"
    if there - known:
        yield f"tagged content that no element has: {sorted(there - known)[:3]}"
