"""Grades in year 6: one row per pupil and school year, one column per subject."""

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
from metrics.extracts.year9_grades import GRADE_CODES, SUBJECTS, grade_column

YEAR6_SUBJECTS = {code: title for code, title in SUBJECTS.items() if code not in ("M2", "DA")}


def _grade(code: str, title: str) -> Column:
    return Column(
        name=grade_column(code),
        title=code,
        kind="code",
        description=f"Betyg i {title.lower()} i slutet av årskurs 6: A–F, streck (-), eller tomt om ämnet inte lästs.",
        headings=(title, f"betyg {code}"),
        codes=GRADE_CODES,
        required=code in ("EN", "MA", "SV", "SVA"),
        may_be_empty=True,
    )


EXTRACT = Extract(
    name="year6_grades",
    title="Betyg i årskurs 6",
    description="En rad per elev och läsår med vårterminens betyg i varje ämne.",
    space="school",
    columns=(
        PUPIL,
        SCHOOL_YEAR,
        SCHOOL_UNIT,
        SEX,
        BIRTH_YEAR,
        optional(HOME_MUNICIPALITY),
        *BACKGROUND,
        *(_grade(code, title) for code, title in YEAR6_SUBJECTS.items()),
    ),
    key=("pupil", "school_year"),
    period_column="school_year",
    unit_column="school_unit",
    retention_years=15,
    usual_age=13,
    example_rows=(
        {
            "pupil": "q7Hk2mZr9",
            "school_year": "2021/22",
            "school_unit": "10000001",
            "sex": "flicka",
            "birth_year": "2009",
            "home_municipality": "1419",
            **{grade_column(code): "C" for code in YEAR6_SUBJECTS if code not in ("SVA", "NO", "SO", "ML", "TN")},
        },
    ),
)
