"""Pupils in upper secondary school on 15 October: programme, study year, school and home municipality."""

from __future__ import annotations

from dataclasses import replace

from metrics.declare import Column, Extract, Rule
from metrics.extracts.pupil_columns import (
    BACKGROUND,
    BIRTH_YEAR,
    HOME_MUNICIPALITY,
    PUPIL,
    SCHOOL_UNIT,
    SCHOOL_YEAR,
    SEX,
)

INTRODUCTORY = {"IMV": "choice", "IMY": "vocational", "IMA": "individual", "IMS": "language"}
"""Introductory programmes by their code: programinriktat val, yrkesintroduktion, individuellt alternativ, språk."""

SCHOOL_FORMS = {
    "gy": "upper_secondary",
    "gymnasieskola": "upper_secondary",
    "gymnasieskolan": "upper_secondary",
    "upper_secondary": "upper_secondary",
    "gyan": "adapted",
    "gys": "adapted",
    "anpassad gymnasieskola": "adapted",
    "anpassade gymnasieskolan": "adapted",
    "gymnasiesärskola": "adapted",
    "adapted": "adapted",
}

EXTRACT = Extract(
    name="upper_secondary_enrolment",
    title="Elever i gymnasieskolan den 15 oktober",
    description=(
        "En rad per elev och läsår: program, årskurs, skola och hemkommun den 15 oktober. Ta med elever i "
        "introduktionsprogram och i anpassad gymnasieskola."
    ),
    space="school",
    columns=(
        PUPIL,
        replace(SCHOOL_YEAR, description="Läsåret som den 15 oktober ligger i, skrivet 2024/25."),
        SCHOOL_UNIT,
        Column(
            name="programme",
            title="Programkod",
            kind="text",
            description="Studievägskod eller programkod, till exempel NA, SAMED, BFPED, IMV, IMY, IMA eller IMS.",
            headings=("program", "studieväg", "studievägskod", "studyPlanCode", "programCode"),
        ),
        Column(
            name="school_form",
            title="Skolform",
            kind="code",
            description="Gymnasieskola eller anpassad gymnasieskola. Tomt = gymnasieskola.",
            headings=("schoolType",),
            codes=SCHOOL_FORMS,
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="study_year",
            title="Årskurs",
            kind="integer",
            description="Årskurs i gymnasieskolan: 1, 2, 3 eller 4.",
            headings=("årskurs i gymnasiet", "studieår", "åk", "schoolYearNumber"),
            low=1,
            high=5,
        ),
        HOME_MUNICIPALITY,
        SEX,
        BIRTH_YEAR,
        Column(
            name="has_personal_number",
            title="Fullständigt personnummer",
            kind="flag",
            description="Nej för elever utan fullständigt personnummer; de räknas inte i fullföljande. Tomt = ja.",
            headings=("personnummer finns", "har personnummer"),
            required=False,
            may_be_empty=True,
        ),
        *BACKGROUND,
    ),
    key=("pupil", "school_year"),
    period_column="school_year",
    unit_column="school_unit",
    retention_years=15,
    rules=(
        Rule(
            code="unknown_programme",
            severity="warning",
            sentence="Programkoden börjar inte på någon känd programbeteckning.",
            advice="Använd de officiella koderna, till exempel EK, SA, BF, IMA. Okända koder räknas som nationella program.",
            columns=("programme", "school_form"),
            bad_when=(
                "coalesce(school_form, 'upper_secondary') = 'upper_secondary' AND NOT regexp_matches(upper(programme), "
                "'^(IMV|IMY|IMA|IMS|IB|BF|BA|EE|FT|FS|FX|HA|HV|HT|IN|NB|RL|VF|VO|EK|ES|HU|NA|SA|TE)')"
            ),
            good={"programme": "SAMED", "school_form": "gymnasieskola"},
            bad={"programme": "QQ17", "school_form": "gymnasieskola"},
        ),
    ),
    example_rows=(
        {
            "pupil": "q7Hk2mZr9",
            "school_year": "2025/26",
            "school_unit": "10000009",
            "programme": "SASAM",
            "school_form": "gymnasieskola",
            "study_year": "1",
            "home_municipality": "1419",
            "sex": "flicka",
            "birth_year": "2009",
            "has_personal_number": "ja",
            "foreign_background": "nej",
            "parents_education": "eftergymnasial",
            "newly_arrived": "nej",
        },
    ),
)
