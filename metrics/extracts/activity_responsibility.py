"""The municipal activity responsibility (KAA): one row per young person and school year in the register."""

from __future__ import annotations

from dataclasses import replace

from metrics.declare import Column, Extract, Rule
from metrics.extracts.pupil_columns import BIRTH_YEAR, HOME_MUNICIPALITY, PUPIL, SCHOOL_YEAR, SEX, optional

REASONS = {
    "studier på nationellt program": "national_programme",
    "nationellt program": "national_programme",
    "national_programme": "national_programme",
    "studier på introduktionsprogram": "introductory_programme",
    "introduktionsprogram": "introductory_programme",
    "introductory_programme": "introductory_programme",
    "gymnasieexamen": "diploma",
    "examen": "diploma",
    "diploma": "diploma",
    "ej längre folkbokförd i kommunen": "moved",
    "flytt": "moved",
    "flyttat": "moved",
    "moved": "moved",
    "fyllt 20 år": "age_20",
    "fyllt 20": "age_20",
    "age_20": "age_20",
    "annan orsak": "other",
    "annat": "other",
    "other": "other",
}

EXTRACT = Extract(
    name="activity_responsibility",
    title="Kommunens aktivitetsansvar (KAA)",
    description=(
        "En rad per ung person och läsår (1 juli–30 juni) som personen någon gång var registrerad. Varje års fil står "
        "för sig: den som är kvar från ett år till nästa har en rad i båda."
    ),
    space="school",
    columns=(
        PUPIL,
        replace(
            SCHOOL_YEAR, description="Redovisningsåret 1 juli–30 juni, skrivet 2024/25.", headings=("redovisningsår",)
        ),
        replace(HOME_MUNICIPALITY, may_be_empty=False, description="Kommunen som har aktivitetsansvaret (kod)."),
        Column(
            name="registered",
            title="Registrerad",
            kind="date",
            description="Dagen då personen registrerades i aktivitetsansvaret.",
            headings=("registreringsdatum", "in-datum", "från"),
        ),
        Column(
            name="deregistered",
            title="Avregistrerad",
            kind="date",
            description="Dagen då personen avregistrerades; tomt om personen är kvar vid årets slut.",
            headings=("avregistreringsdatum", "ut-datum", "till"),
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="reason",
            title="Avregistreringsorsak",
            kind="code",
            description="Varför personen avregistrerades.",
            headings=("orsak", "avslutsorsak"),
            codes=REASONS,
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="took_part",
            title="Deltagit i åtgärd",
            kind="flag",
            description="Personen deltog i minst en åtgärd under året.",
            headings=("åtgärd", "deltagit i minst en åtgärd"),
            required=False,
            may_be_empty=True,
        ),
        optional(SEX),
        BIRTH_YEAR,
    ),
    key=("pupil", "school_year", "registered"),
    period_column="school_year",
    retention_years=10,
    rules=(
        Rule(
            code="deregistered_before_registered",
            severity="error",
            sentence="Avregistreringen är tidigare än registreringen.",
            advice="Kontrollera de två datumkolumnerna; de kan ha bytt plats.",
            columns=("registered", "deregistered"),
            bad_when="deregistered < registered",
            good={"registered": "2024-09-01", "deregistered": "2024-12-01"},
            bad={"registered": "2024-12-01", "deregistered": "2024-09-01"},
        ),
    ),
    example_rows=(
        {
            "pupil": "w3Xc8vBn2",
            "school_year": "2024/25",
            "home_municipality": "1419",
            "registered": "2024-09-10",
            "deregistered": "",
            "reason": "",
            "took_part": "ja",
            "sex": "pojke",
            "birth_year": "2007",
        },
    ),
)
