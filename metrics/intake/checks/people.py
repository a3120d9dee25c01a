"""Checks that keep people out of the data: identity numbers, birth dates, names, addresses, free text, protection."""

from __future__ import annotations

from collections.abc import Callable

from metrics.declare import Severity
from metrics.intake.checks.declared import Check, Sample

_WHY = "Filen avvisades innan något sparades."
_DO = "Byt kolumnen mot pseudonymer (samsyn pseudonymise eller avidentifiera.html) och lämna in den nya filen."
_DROP = "Ta bort kolumnen ur uttaget och lämna in den nya filen."


def _digit(nine: str) -> str:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(nine))
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def _number(row: int, separator: str = "", day: int = 1) -> str:
    """An invented personal number with a valid check digit."""
    nine = f"0901{day + row % 28:02d}{200 + row:03d}"
    return f"{nine[:6]}{separator}{nine[6:]}{_digit(nine)}"


def _check(
    code: str, sentence: str, advice: str, bad: Sample, *, good: Sample | None = None, severity: Severity = "error"
) -> Check:
    return Check(
        code=code,
        stage="identifiers",
        severity=severity,
        sentence=sentence,
        advice=advice,
        bad=bad,
        good=good or Sample(),
    )


def _extra(cell: str | Callable[[int], str], heading: str = "Övrigt", rows: int = 25) -> Sample:
    return Sample(extra={heading: cell}, rows=rows)


IDENTIFIER_CHECKS: tuple[Check, ...] = (
    _check(
        "personal_number",
        f"Kolumnen innehåller personnummer eller samordningsnummer. {_WHY}",
        _DO,
        _extra(lambda row: _number(row, "-") if row == 3 else "x"),
        good=_extra(lambda row: f"{7919 * (row + 3):010d}"),
    ),
    _check(
        "personal_number_few",
        "Enstaka värden i kolumnen går att läsa som personnummer, vilket slumpmässiga nycklar ibland gör.",
        "Är det pseudonymer: skriv det som skäl. Är det personnummer: byt dem mot pseudonymer.",
        _extra(lambda row: _number(row) if row == 3 else f"{7919 * (row + 3):010d}"),
        good=_extra(lambda row: f"{7919 * (row + 3):010d}"),
        severity="warning",
    ),
    _check(
        "temporary_number",
        f"Kolumnen innehåller tillfälliga personnummer (med bokstäver). {_WHY}",
        _DO,
        _extra(lambda row: f"0901{1 + row:02d}-TF{row % 90 + 10}"),
    ),
    _check(
        "mangled_number",
        f"Kolumnen innehåller personnummer som Excel har gjort om till tal (som 1,98E+11). {_WHY}",
        _DO,
        _extra(lambda row: f"2,0090{1 + row % 9}E+11"),
    ),
    _check(
        "birth_date",
        f"Kolumnen innehåller hela födelsedatum. {_WHY}",
        "Lämna bara födelseår (fyra siffror), eller ta bort kolumnen.",
        Sample(every={"birth_year": "2009-05-17"}),
    ),
    _check(
        "person_name",
        f"Kolumnen innehåller personnamn. {_WHY}",
        _DROP,
        _extra(lambda row: "Anna Andersson" if row % 2 else "Erik Johansson"),
        good=_extra(lambda row: f"grupp {row}"),
    ),
    _check(
        "email_address",
        f"Filen innehåller e-postadresser. {_WHY}",
        _DROP,
        _extra(lambda row: "nagon@exempel.se" if row == 3 else ""),
    ),
    _check(
        "phone_number",
        f"Filen innehåller telefonnummer. {_WHY}",
        _DROP,
        _extra(lambda row: "070-174 06 05" if row == 3 else ""),
    ),
    _check(
        "free_text",
        f"Kolumnen innehåller fri text. {_WHY} Fri text om elever får aldrig lagras.",
        _DROP,
        _extra("har under terminen varit borta en hel del och fått extra stöd i matematik"),
    ),
    _check(
        "protected_identity",
        f"Skyddade personuppgifter förekommer i filen. {_WHY}",
        "Ta bort raderna enligt er rutin för skyddade personuppgifter. Av hänsyn till den enskilde sägs inte vilka.",
        _extra(lambda row: "Sekretessmarkering" if row == 3 else "Ingen", heading="securityMarking"),
        good=_extra("Ingen", heading="securityMarking"),
    ),
    _check(
        "personal_number_heading",
        f"En kolumn har rubriken personnummer. {_WHY}",
        _DO,
        _extra("", heading="Personnummer"),
    ),
    _check("person_name_heading", f"En kolumn är till för personnamn. {_WHY}", _DROP, _extra("", heading="Förnamn")),
    _check(
        "contact_heading",
        f"En kolumn är till för adress, telefon eller e-post. {_WHY}",
        _DROP,
        _extra("", heading="E-post"),
    ),
    _check("free_text_heading", f"En kolumn är till för fri text. {_WHY}", _DROP, _extra("", heading="Anteckningar")),
    _check(
        "birth_date_heading",
        f"En kolumn är till för hela födelsedatum. {_WHY}",
        "Lämna bara födelseår (fyra siffror), eller ta bort kolumnen.",
        _extra("", heading="Födelsedatum"),
    ),
    _check(
        "file_name_identifies",
        "Filnamnet innehåller ett personnummer eller en e-postadress och sparas inte.",
        "Döp om filen och lämna in den igen.",
        Sample(name="elev 811218-9876.csv"),
    ),
)
