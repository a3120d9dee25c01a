"""School units: where each school lies, who runs it, which stages it has and from when to when its code is valid."""

from __future__ import annotations

from metrics.declare import Column, Extract

EXTRACT = Extract(
    name="school_units",
    title="Skolenheter",
    description="En rad per skolenhet och giltighetstid: kod, namn, kommun, huvudman och när koden gäller.",
    columns=(
        Column(
            name="school_unit",
            title="Skolenhetskod",
            kind="school_unit",
            description="Skolenhetens åttasiffriga kod i Skolenhetsregistret.",
            headings=("skolenhet kod", "enhetskod", "schoolUnitCode"),
        ),
        Column(
            name="unit_name",
            title="Skolenhetens namn",
            kind="text",
            description="Skolenhetens namn i klartext.",
            headings=("skolenhet", "skolnamn", "namn", "skolenhetsnamn", "displayName"),
        ),
        Column(
            name="municipality",
            title="Kommunkod",
            kind="municipality",
            description="Kommunen där skolan ligger (fyra siffror).",
            headings=("kommun", "kommun-kod", "lägeskommun", "municipalityCode"),
        ),
        Column(
            name="provider",
            title="Huvudman",
            kind="code",
            description="Kommunal eller fristående.",
            headings=("typ av huvudman", "huvudmannatyp", "organisationType"),
            codes={
                "kommunal": "municipal",
                "kommun": "municipal",
                "municipal": "municipal",
                "enskild": "independent",
                "fristående": "independent",
                "independent": "independent",
            },
        ),
        Column(
            name="stages",
            title="Stadier",
            kind="text",
            description="Stadier och skolformer som enheten har, åtskilda med lodstreck: F-3|4-6|7-9.",
            headings=("stadium", "årskurser", "skolform", "schoolTypes"),
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="valid_from",
            title="Gäller från",
            kind="date",
            description="Första dagen då koden gäller.",
            headings=("startdatum", "från", "giltig från", "startDate"),
        ),
        Column(
            name="valid_to",
            title="Gäller till",
            kind="date",
            description="Sista dagen då koden gäller; tomt om den gäller tills vidare.",
            headings=("slutdatum", "till", "giltig till", "endDate"),
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="successor",
            title="Ersatt av",
            kind="school_unit",
            description="Koden för den enhet som tog över när denna stängde, slogs samman eller bytte kod.",
            headings=("efterträdare", "ny skolenhetskod", "ersätts av"),
            required=False,
            may_be_empty=True,
        ),
    ),
    key=("school_unit", "valid_from"),
    retention_years=25,
    personal=False,
    example_rows=(
        {
            "school_unit": "10000001",
            "unit_name": "Exempelskolan",
            "municipality": "1419",
            "provider": "kommunal",
            "stages": "7-9",
            "valid_from": "2010-07-01",
            "valid_to": "",
            "successor": "",
        },
    ),
)
