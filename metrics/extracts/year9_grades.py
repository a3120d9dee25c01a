"""Final grades in year 9: one row per pupil and school year, one column per subject."""

from __future__ import annotations

from collections.abc import Mapping

from metrics.declare import Column, Extract
from metrics.extracts.pupil_columns import (
    FOREIGN_BACKGROUND,
    HOME_MUNICIPALITY,
    NEWLY_ARRIVED,
    PARENTS_EDUCATION,
    SEX,
)

GRADE_POINTS: Mapping[str, float] = {"A": 20.0, "B": 17.5, "C": 15.0, "D": 12.5, "E": 10.0, "F": 0.0, "-": 0.0}
"""Merit points per grade; F and streck give none. A to E are passes."""

SUBJECTS: Mapping[str, str] = {
    "BL": "Bild",
    "EN": "Engelska",
    "HKK": "Hem- och konsumentkunskap",
    "IDH": "Idrott och hälsa",
    "MA": "Matematik",
    "M1": "Moderna språk, språkval",
    "M2": "Moderna språk, elevens val",
    "ML": "Modersmål",
    "MU": "Musik",
    "NO": "Naturorienterande ämnen, block",
    "BI": "Biologi",
    "FY": "Fysik",
    "KE": "Kemi",
    "SO": "Samhällsorienterande ämnen, block",
    "GE": "Geografi",
    "HI": "Historia",
    "RE": "Religionskunskap",
    "SH": "Samhällskunskap",
    "SL": "Slöjd",
    "SV": "Svenska",
    "SVA": "Svenska som andraspråk",
    "TK": "Teknik",
    "DA": "Dans",
    "TN": "Teckenspråk",
}
"""Subject codes of the national grade collection."""

GRADE_CODES: Mapping[str, str] = {grade.lower(): grade for grade in "ABCDEF"} | {"-": "-", "–": "-", "streck": "-"}

YES_NO: Mapping[str, bool] = {
    "ja": True,
    "j": True,
    "1": True,
    "true": True,
    "nej": False,
    "n": False,
    "0": False,
    "false": False,
}


def grade_column(code: str) -> str:
    """The column that holds a subject's grade: SVA -> grade_sva."""
    return f"grade_{code.lower()}"


def _grades() -> tuple[Column, ...]:
    return tuple(
        Column(
            name=grade_column(code),
            title=code,
            kind="code",
            description=f"Betyg i {title.lower()}: A–F, streck (-), eller tomt om ämnet inte ingår i elevens utbildning.",
            headings=(title, f"betyg {code}"),
            codes=GRADE_CODES,
            required=code in ("EN", "MA", "SV", "SVA"),
            may_be_empty=True,
        )
        for code, title in SUBJECTS.items()
    )


EXTRACT = Extract(
    name="year9_grades",
    title="Slutbetyg i årskurs 9",
    description="En rad per elev och läsår med betyg i varje ämne, skolenhet och bakgrundsuppgifter.",
    space="school",
    columns=(
        Column(
            name="pupil",
            title="Pseudonym",
            kind="pseudonym",
            description="Elevens pseudonym, gjord hos avsändaren. Aldrig personnummer.",
            headings=("elev", "elevid", "elev-id", "pseudo", "studentId", "löpnummer"),
        ),
        Column(
            name="school_year",
            title="Läsår",
            kind="school_year",
            description="Läsåret då slutbetyget sattes, skrivet 2024/25.",
            headings=("skolår", "schoolYear"),
        ),
        Column(
            name="school_unit",
            title="Skolenhetskod",
            kind="school_unit",
            description="Skolenheten som satte betyget.",
            headings=("skolenhet", "enhetskod", "schoolUnitCode"),
        ),
        SEX,
        Column(
            name="birth_year",
            title="Födelseår",
            kind="integer",
            description="Året då eleven föddes, fyra siffror. Aldrig hela födelsedatumet.",
            headings=("år född", "född år", "birthYear"),
            may_be_empty=True,
            low=1980,
            high=2030,
        ),
        HOME_MUNICIPALITY,
        FOREIGN_BACKGROUND,
        PARENTS_EDUCATION,
        NEWLY_ARRIVED,
        Column(
            name="grading_system",
            title="Betygssystem",
            kind="code",
            description="Målrelaterat betygssystem (A–F) eller annat. Saknas kolumnen räknas alla som målrelaterade.",
            headings=("betygssystem typ",),
            codes={
                "målrelaterat": "goal_related",
                "mål- och kunskapsrelaterat": "goal_related",
                "gr": "goal_related",
                "annat": "other",
                "internationell": "other",
                "anpassad": "other",
            },
            required=False,
            may_be_empty=True,
        ),
        *_grades(),
    ),
    key=("pupil", "school_year"),
    period_column="school_year",
    unit_column="school_unit",
    retention_years=15,
    usual_age=16,
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
            "grading_system": "målrelaterat",
            **{grade_column(code): "C" for code in SUBJECTS if code not in ("SVA", "NO", "SO", "M2", "ML", "DA", "TN")},
        },
    ),
)
