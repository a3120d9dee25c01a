"""Checks of the file itself: what kind it is, its size, its text encoding, and archives that may do harm."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import xlsxwriter

from metrics.declare import Severity
from metrics.intake.checks.declared import Check, Sample

_SAVE_CSV = "Spara som CSV UTF-8 i Excel (Arkiv, Spara som) och lämna in den nya filen."


def _zipped(*members: tuple[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
        for name, content in members:
            writer.writestr(name, content)
    return archive.getvalue()


def _table() -> bytes:
    return Sample().data()


def workbook(sheets: Mapping[str, bytes], *, hidden: tuple[str, ...] = ()) -> bytes:
    """An Excel workbook with one sheet of text cells per CSV given."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        for name, content in sheets.items():
            sheet = book.add_worksheet(name)
            for number, line in enumerate(content.decode().splitlines()):
                sheet.write_row(number, 0, line.split(";"))
            if name in hidden:
                sheet.hide()
    return file.getvalue()


def _with_member(name: str, content: bytes) -> bytes:
    """A workbook with one more file inside it."""
    with zipfile.ZipFile(io.BytesIO(workbook({"Blad1": _table()}))) as book:
        return _zipped(*((each, book.read(each)) for each in book.namelist()), (name, content))


def _far_corner() -> bytes:
    """A workbook that claims a cell in the last row and column, which makes a careless reader reserve them all."""
    with zipfile.ZipFile(io.BytesIO(workbook({"Blad1": _table()}))) as book:
        parts = {each: book.read(each) for each in book.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return _zipped(*(parts | {"xl/worksheets/sheet1.xml": sheet.replace(b"</sheetData>", far)}).items())


def _damaged(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _locked() -> bytes:
    """An archive whose only member is marked as encrypted."""
    data = bytearray(_zipped(("a.csv", _table())))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def _records(**changes: object) -> bytes:
    titles, *rows = _table().decode().splitlines()
    names = titles.split(";")
    return json.dumps([dict(zip(names, row.split(";"), strict=True)) | changes for row in rows]).encode()


def _file(
    code: str, sentence: str, advice: str, bad: Sample, *, good: Sample | None = None, severity: Severity = "error"
) -> Check:
    return Check(
        code=code, stage="file", severity=severity, sentence=sentence, advice=advice, bad=bad, good=good or Sample()
    )


_GOOD_BOOK = Sample(raw=lambda: workbook({"Blad1": _table()}), name="fil.xlsx")
_GOOD_ZIP = Sample(raw=lambda: _zipped(("fil.csv", _table())), name="fil.zip")
_GOOD_JSON = Sample(raw=_records, name="fil.json")

FILE_CHECKS: tuple[Check, ...] = (
    _file(
        "file_empty",
        "Filen är tom.",
        "Gör om uttaget och kontrollera att det innehåller rader.",
        Sample(raw=lambda: b""),
    ),
    _file(
        "file_too_large",
        "Filen är större än {limit} MB, som är gränsen här.",
        "Dela upp uttaget, till exempel ett läsår i taget, eller lämna in det på kommandoraden (samsyn load).",
        Sample(raw=lambda: b"a;b\n" * (52 * 2**20)),
    ),
    _file(
        "file_old_excel",
        "Filen är en äldre Excelfil (.xls) eller en Excelfil med lösenord.",
        "Öppna den i Excel, ta bort lösenordet och spara som .xlsx eller CSV UTF-8.",
        Sample(raw=lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, name="fil.xls"),
        good=_GOOD_BOOK,
    ),
    _file(
        "file_not_a_table",
        "Filen är {kind}, inte en tabell.",
        "Lämna in uttaget som CSV, Excel (.xlsx) eller JSON (även JSON Lines).",
        Sample(raw=lambda: b"%PDF-1.7 ..."),
    ),
    _file(
        "file_not_what_it_says",
        "Filnamnet slutar på {ending} men innehållet är något annat.",
        "Kontrollera att det är rätt fil. Är den rätt: ge den rätt filändelse och lämna in den igen.",
        Sample(raw=lambda: workbook({"Blad1": _table()}), name="fil.csv"),
        good=_GOOD_BOOK,
        severity="warning",
    ),
    _file(
        "file_is_web_page",
        "Filen är en webbsida eller XML, inte en tabell.",
        "Systemet sparade nog en felsida eller en webbtabell. Gör om uttaget och välj CSV eller Excel.",
        Sample(raw=lambda: b"<html><body><table></table></body></html>"),
    ),
    _file(
        "file_nul",
        "Filen innehåller nolltecken och är troligen skadad.",
        "Gör om uttaget. Återkommer felet: spara om filen som CSV UTF-8.",
        Sample(finish=lambda text: text.replace("flicka", "fli\x00cka", 1)),
    ),
    _file(
        "file_control_characters",
        "Filen innehåller osynliga styrtecken som inte hör hemma i en tabell.",
        "Gör om uttaget, eller öppna filen i Excel och spara om den som CSV UTF-8.",
        Sample(finish=lambda text: text.replace("flicka", "fli\x07cka", 1)),
    ),
    _file(
        "file_long_line",
        "Filen har en rad med över en miljon tecken. Radbrytningarna saknas nog.",
        "Gör om uttaget med en rad per post.",
        Sample(raw=lambda: b"a;b;c;" * 400_000),
    ),
    _file(
        "encoding_unknown",
        "Filens teckenkodning känns inte igen; å, ä och ö kan bli fel.",
        _SAVE_CSV,
        Sample(encoding="mac_roman"),
        good=Sample(encoding="cp1252"),
    ),
    _file(
        "encoding_mixed",
        "Filen blandar två teckenkodningar. Den är troligen hopsatt av flera filer.",
        "Lämna in filerna var för sig, eller spara om dem som CSV UTF-8 innan de sätts ihop.",
        Sample(
            raw=lambda: (
                _table() + Sample(cells={"sex": "flicka"}, extra={"Övrigt": "å"}).data().decode().encode("cp1252")
            )
        ),
        good=Sample(encoding="utf-16"),
    ),
    _file(
        "encoding_twice",
        "Bokstäverna å, ä och ö har blivit fel innan filen kom hit (till exempel Ã¥ i stället för å).",
        "Gör om uttaget ur systemet. Filen har någon gång öppnats och sparats med fel teckenkodning.",
        Sample(finish=lambda text: text.encode().decode("cp1252", "replace").replace("\ufffd", "¥")),
        good=Sample(encoding="utf-8-sig"),
    ),
    _file(
        "encoding_lost",
        "Tecken har gått förlorade i filen (de syns som �).",
        "Gör om uttaget ur systemet; det går inte att se vad som stod där.",
        Sample(finish=lambda text: text.replace("ö", "\ufffd")),
    ),
    _file(
        "json_broken",
        "Filen är inte giltig JSON, varken som en lista eller med ett objekt per rad (JSON Lines).",
        "Gör om uttaget. Filen kan ha brutits av på vägen.",
        Sample(raw=lambda: b'[{"a": 1,', name="fil.json"),
        good=_GOOD_JSON,
    ),
    _file(
        "json_shape",
        "JSON-filen är inte en lista med en post per rad.",
        "Lämna in en lista med objekt, där varje objekt är en rad och namnen är rubriker.",
        Sample(raw=lambda: b'{"a": {"b": 1}}', name="fil.json"),
        good=_GOOD_JSON,
    ),
    _file(
        "json_nested",
        "JSON-filen har listor eller objekt inuti sina poster.",
        "Platta till uttaget så att varje post bara har enkla värden.",
        Sample(raw=lambda: _records(extra=[1]), name="fil.json"),
        good=_GOOD_JSON,
    ),
    _file(
        "zip_bomb",
        "Den packade filen blir orimligt stor när den packas upp.",
        "Packa upp den själv och lämna in tabellen.",
        Sample(raw=lambda: _zipped(("fil.csv", b"0" * 20_000_000)), name="fil.zip"),
        good=_GOOD_ZIP,
    ),
    _file(
        "zip_locked",
        "Den packade filen är låst med lösenord.",
        "Packa upp den och lämna in tabellen utan lösenord.",
        Sample(raw=_locked, name="fil.zip"),
        good=_GOOD_ZIP,
    ),
    _file(
        "zip_broken",
        "Den packade filen är skadad och kan inte öppnas.",
        "Hämta eller spara filen på nytt.",
        Sample(raw=lambda: _damaged(_zipped(("fil.csv", _table()))), name="fil.zip"),
        good=_GOOD_ZIP,
    ),
    _file(
        "zip_without_table",
        "Den packade filen innehåller ingen tabell.",
        "Packa en CSV-, Excel- eller JSON-fil, eller lämna in den opackad.",
        Sample(raw=lambda: _zipped(("bild.png", b"x")), name="fil.zip"),
        good=_GOOD_ZIP,
    ),
    _file(
        "zip_with_many",
        "Den packade filen innehåller {count} tabeller.",
        "Packa upp den och lämna in tabellerna var för sig.",
        Sample(raw=lambda: _zipped(("a.csv", _table()), ("b.csv", _table())), name="fil.zip"),
        good=_GOOD_ZIP,
    ),
    _file(
        "zip_in_zip",
        "Den packade filen innehåller ännu en packad fil.",
        "Packa upp den och lämna in tabellen.",
        Sample(raw=lambda: _zipped(("inre.zip", _zipped(("a.csv", _table())))), name="fil.zip"),
        good=_GOOD_ZIP,
    ),
    _file(
        "workbook_macros",
        "Arbetsboken innehåller makron.",
        "Spara den som .xlsx utan makron, eller som CSV UTF-8.",
        Sample(raw=lambda: _with_member("xl/vbaProject.bin", b"x"), name="fil.xlsx"),
        good=_GOOD_BOOK,
    ),
    _file(
        "workbook_external_links",
        "Arbetsboken hämtar värden ur, eller länkar till, andra filer. Värdena kan vara gamla.",
        "Klistra in som värden i en ny arbetsbok och spara den, eller skriv varför värdena ändå stämmer.",
        Sample(raw=lambda: _with_member("xl/externalLinks/externalLink1.xml", b"<x/>"), name="fil.xlsx"),
        good=_GOOD_BOOK,
        severity="warning",
    ),
    _file(
        "workbook_too_wide",
        "Arbetsboken har celler orimligt långt från tabellen.",
        "Kopiera tabellen till en ny arbetsbok och lämna in den.",
        Sample(raw=_far_corner, name="fil.xlsx"),
        good=_GOOD_BOOK,
    ),
    _file(
        "workbook_broken",
        "Arbetsboken är skadad och kan inte läsas.",
        "Öppna den i Excel, låt Excel laga den och spara om.",
        Sample(raw=lambda: _zipped(("xl/workbook.xml", b"<")), name="fil.xlsx"),
        good=_GOOD_BOOK,
    ),
    _file(
        "workbook_hidden_sheets",
        "Arbetsboken har dolda blad ({count} st). De lästes inte.",
        "Ta bort de dolda bladen, eller skriv varför de inte ska med.",
        Sample(raw=lambda: workbook({"Blad1": _table(), "Blad2": b"a;b"}, hidden=("Blad2",)), name="fil.xlsx"),
        good=_GOOD_BOOK,
        severity="warning",
    ),
    _file(
        "workbook_many_tables",
        "Arbetsboken har {count} blad som var för sig är uttag.",
        "Lämna in ett blad per fil.",
        Sample(raw=lambda: workbook({"Blad1": _table(), "Blad2": _table()}), name="fil.xlsx"),
        good=_GOOD_BOOK,
    ),
    _file(
        "header_missing",
        "Ingen rubrikrad känns igen bland de 40 första raderna.",
        "Första raden ska vara rubriker. Uttag som känns igen: {known}. Tomma mallar finns att hämta.",
        Sample(raw=lambda: b"x;y;z\n1;2;3\n"),
    ),
    _file(
        "quotes_broken",
        "Ett citattecken öppnas utan att stängas, eller stängs mitt i en cell.",
        "Rätta raden, eller gör om uttaget utan citattecken.",
        Sample(finish=lambda text: text.replace("målrelaterat", '"målrelaterat', 1)),
    ),
)
