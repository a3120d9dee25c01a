"""How pupils leave upper secondary school: diploma, study certificate, or without either, with the date."""

from __future__ import annotations

from metrics.declare import Column, Extract
from metrics.extracts.pupil_columns import HOME_MUNICIPALITY, PUPIL, SCHOOL_UNIT, SEX, optional

OUTCOMES = {
    "yrkesexamen": "diploma_vocational",
    "diploma_vocational": "diploma_vocational",
    "högskoleförberedande examen": "diploma_preparatory",
    "diploma_preparatory": "diploma_preparatory",
    "studiebevis 2500": "certificate_2500",
    "studiebevis om 2500 poäng": "certificate_2500",
    "studiebevis om 2 500 poäng": "certificate_2500",
    "certificate_2500": "certificate_2500",
    "studiebevis": "certificate_less",
    "studiebevis under 2500": "certificate_less",
    "gymnasieintyg": "certificate_less",
    "certificate_less": "certificate_less",
    "avbrott": "left",
    "avgång utan bevis": "left",
    "left": "left",
}

EXTRACT = Extract(
    name="upper_secondary_outcome",
    title="Examen, studiebevis och avbrott i gymnasieskolan",
    description=(
        "En rad per elev och händelse: examen, studiebevis eller avbrott, med datum. Den som tar examen efter ett "
        "studiebevis eller ett avbrott får en rad till."
    ),
    space="school",
    columns=(
        PUPIL,
        Column(
            name="outcome_date",
            title="Datum",
            kind="date",
            description="Dagen då examen eller studiebevis utfärdades eller eleven slutade.",
            headings=("utfärdandedatum", "examensdatum", "slutdatum", "endDate"),
        ),
        Column(
            name="outcome",
            title="Resultat",
            kind="code",
            description="Yrkesexamen, högskoleförberedande examen, studiebevis om 2 500 poäng, mindre studiebevis eller avbrott.",
            headings=("examenstyp", "slutresultat", "avgångsorsak"),
            codes=OUTCOMES,
        ),
        SCHOOL_UNIT,
        optional(HOME_MUNICIPALITY),
        optional(SEX),
    ),
    key=("pupil", "outcome_date", "outcome"),
    period_column="outcome_date",
    period_kind="school_year",
    unit_column="school_unit",
    retention_years=15,
    example_rows=(
        {
            "pupil": "q7Hk2mZr9",
            "outcome_date": "2028-06-09",
            "outcome": "högskoleförberedande examen",
            "school_unit": "10000009",
            "home_municipality": "1419",
            "sex": "flicka",
        },
    ),
)
