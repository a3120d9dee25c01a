"""Facts about pupils delivered apart from results and attendance: one row per pupil and school year."""

from __future__ import annotations

from metrics.declare import Column, Extract
from metrics.extracts.pupil_columns import (
    BACKGROUND,
    BIRTH_YEAR,
    HOME_MUNICIPALITY,
    PUPIL,
    SCHOOL_UNIT,
    SCHOOL_YEAR,
    SEX,
    optional,
)

EXTRACT = Extract(
    name="background",
    title="Elevuppgifter",
    description=(
        "En rad per elev och läsår med kön, hemkommun och bakgrund. Behövs bara när de uppgifterna inte finns i de "
        "andra uttagen; står de på båda ställena gäller det andra uttaget."
    ),
    space="school",
    columns=(
        PUPIL,
        SCHOOL_YEAR,
        optional(SCHOOL_UNIT),
        optional(SEX),
        BIRTH_YEAR,
        optional(HOME_MUNICIPALITY),
        *BACKGROUND,
        Column(
            name="special_support",
            title="Särskilt stöd",
            kind="flag",
            description="Eleven hade ett åtgärdsprogram under läsåret. Tomt = okänt.",
            headings=("åtgärdsprogram", "särskilt stöd (ja/nej)"),
            required=False,
            may_be_empty=True,
        ),
    ),
    key=("pupil", "school_year"),
    period_column="school_year",
    unit_column="school_unit",
    retention_years=15,
    example_rows=(
        {
            "pupil": "q7Hk2mZr9",
            "school_year": "2024/25",
            "school_unit": "10000001",
            "sex": "flicka",
            "birth_year": "2009",
            "home_municipality": "1419",
            "foreign_background": "nej",
            "parents_education": "eftergymnasial",
            "newly_arrived": "nej",
            "special_support": "nej",
        },
    ),
)
