"""Checks of rows and of the table as a whole: ragged rows, sums, duplicates, and columns that say nothing."""

from __future__ import annotations

from metrics.declare import Severity
from metrics.intake.checks.declared import Check, Sample


def _check(
    code: str, sentence: str, advice: str, bad: Sample, *, severity: Severity = "error", stage: str = "rows"
) -> Check:
    return Check(
        code=code,
        stage=stage,
        severity=severity,
        sentence=sentence,
        advice=advice,
        good=Sample(extract=bad.extract),
        bad=bad,
    )


def _last_line(text: str, change: str) -> str:
    lines = text.splitlines()
    return "\n".join([*lines, change.format(last=lines[-1], header=lines[0])]) + "\n"


TABLE_CHECKS: tuple[Check, ...] = (
    _check(
        "extract_uncertain",
        "Rubrikerna passar flera slag av uttag ({titles}), och filen lästes som {title}.",
        "Välj rätt slag av uttag, eller ta med elevernas födelseår så att slaget syns. Stämmer det: skriv det som skäl.",
        Sample(drop=("birth_year", "grading_system", "grade_m2", "grade_da")),
        severity="warning",
        stage="columns",
    ),
    _check(
        "row_too_long",
        "En rad har fler celler än rubrikraden.",
        "Leta efter ett extra skiljetecken på raden; text som innehåller det behöver citattecken.",
        Sample(finish=lambda text: _last_line(text, "{last};x;y")),
    ),
    _check(
        "row_too_short",
        "En rad har färre celler än rubrikraden.",
        "Ta bort noter och förklaringar under tabellen, eller komplettera raden.",
        Sample(finish=lambda text: _last_line(text, "Källa: systemet")),
    ),
    _check(
        "row_is_header",
        "Rubrikraden står en gång till mitt i filen.",
        "Filen är nog hopsatt av flera. Ta bort den extra rubrikraden.",
        Sample(finish=lambda text: _last_line(text, "{header}")),
    ),
    _check(
        "row_total",
        "En rad är en summa, inte en uppgift.",
        "Ta bort summeringsraden ur uttaget.",
        Sample(unlike={"pupil": "Summa"}),
    ),
    _check(
        "row_repeated",
        "Samma rad finns flera gånger.",
        "Ta bort dubbletterna i uttaget. Första förekomsten räknas inte som fel.",
        Sample(unlike={}),
    ),
    _check(
        "key_twice",
        "Två rader med olika innehåll gäller samma sak (samma {key}).",
        "Bestäm vilken rad som gäller och ta bort den andra.",
        Sample(unlike={"birth_year": "2008"}),
    ),
    _check(
        "no_rows",
        "Filen har rubriker men inga rader.",
        "Gör om uttaget och kontrollera urvalet.",
        Sample(rows=0),
    ),
    _check(
        "municipality_outside",
        "Några rader gäller kommuner utanför {region}.",
        "Ta bort dem, eller skriv varför de ska med.",
        Sample(extract="school_units", cells={"municipality": "0180"}),
        severity="warning",
    ),
    _check(
        "column_empty",
        "Kolumnen är tom i hela filen.",
        "Kontrollera uttaget, eller skriv varför uppgiften inte finns.",
        Sample(every={"birth_year": ""}),
        severity="warning",
        stage="coverage",
    ),
    _check(
        "column_mostly_empty",
        "Mer än hälften av raderna saknar uppgiften.",
        "Kontrollera uttaget, eller skriv varför uppgiften saknas för så många.",
        Sample(every={"home_municipality": ""}, cells={"home_municipality": "1480"}),
        severity="warning",
        stage="coverage",
    ),
    _check(
        "one_sex_only",
        "Alla rader har samma kön.",
        "Kontrollera att uttaget inte är filtrerat, eller skriv varför det är så.",
        Sample(every={"sex": "pojke"}),
        severity="warning",
        stage="coverage",
    ),
    _check(
        "one_pupil_only",
        "Alla rader har samma pseudonym.",
        "Pseudonymiseringen har gått fel. Gör om den.",
        Sample(every={"pupil": "a1b2c3"}),
        stage="coverage",
    ),
)
