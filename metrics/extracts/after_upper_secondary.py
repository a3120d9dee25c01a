"""What young people do in the years after upper secondary school: one row per person and calendar year."""

from __future__ import annotations

from metrics.declare import Column, Extract
from metrics.extracts.pupil_columns import PUPIL

STATUSES = {
    "arbetar": "working",
    "etablerad på arbetsmarknaden": "working",
    "working": "working",
    "studerar": "studying",
    "studying": "studying",
    "arbetar och studerar": "working_and_studying",
    "working_and_studying": "working_and_studying",
    "varken": "neither",
    "varken arbetar eller studerar": "neither",
    "neither": "neither",
    "ej folkbokförd": "not_resident",
    "utflyttad": "not_resident",
    "avliden": "not_resident",
    "not_resident": "not_resident",
}

EXTRACT = Extract(
    name="after_upper_secondary",
    title="Arbete och studier efter gymnasieskolan",
    description=(
        "En rad per person och kalenderår. Arbetar = sysselsatt i november utan arbetsmarknadspolitiskt program. "
        "Studerar = registrerad på utbildning med studiemedel."
    ),
    space="school",
    columns=(
        PUPIL,
        Column(
            name="calendar_year",
            title="År",
            kind="integer",
            description="Kalenderåret som uppgiften gäller, fyra siffror.",
            headings=("kalenderår", "uppföljningsår", "year"),
            low=1990,
            high=2100,
        ),
        Column(
            name="status",
            title="Sysselsättning",
            kind="code",
            description="Arbetar, studerar, arbetar och studerar, varken eller, eller ej folkbokförd.",
            headings=("huvudsaklig verksamhet", "etablering", "aktivitet"),
            codes=STATUSES,
        ),
    ),
    key=("pupil", "calendar_year"),
    period_column="calendar_year",
    period_kind="calendar_year",
    retention_years=15,
    example_rows=({"pupil": "q7Hk2mZr9", "calendar_year": "2029", "status": "studerar"},),
)
