"""Attendance: offered and reported time, presence and absence per pupil and period of any length up to a term."""

from __future__ import annotations

from metrics.declare import Column, Extract, Rule
from metrics.extracts.pupil_columns import (
    HOME_MUNICIPALITY,
    HOME_SCHOOL_UNIT,
    PUPIL,
    SCHOOL_UNIT,
    SEX,
    STAGE,
    optional,
)

MEASURES = {
    "minuter": "minutes",
    "min": "minutes",
    "minutes": "minutes",
    "timmar": "hours",
    "tim": "hours",
    "hours": "hours",
    "lektioner": "lessons",
    "lektion": "lessons",
    "lessons": "lessons",
    "dagar": "days",
    "dag": "days",
    "days": "days",
    "procent": "percent",
    "%": "percent",
    "percent": "percent",
}
COUNTING_RULES = {
    "alla lektioner registreras": "all_registered",
    "all_registered": "all_registered",
    "oregistrerad tid räknas som närvaro": "unreported_as_present",
    "unreported_as_present": "unreported_as_present",
    "sen ankomst räknas som ogiltig frånvaro": "lateness_as_absence",
    "lateness_as_absence": "lateness_as_absence",
    "bara hela dagar": "whole_days",
    "whole_days": "whole_days",
    "okänd": "unknown",
    "unknown": "unknown",
}


def _time(name: str, title: str, description: str, *headings: str, optional_cell: bool = False) -> Column:
    return Column(
        name=name,
        title=title,
        kind="decimal",
        description=description,
        headings=headings,
        required=not optional_cell,
        may_be_empty=optional_cell,
        low=0,
        high=200_000,
    )


EXTRACT = Extract(
    name="attendance",
    title="Närvaro och frånvaro",
    description=(
        "En rad per elev, skolenhet och period (dag, vecka, månad eller termin) med erbjuden tid, närvaro och "
        "frånvaro. Har samma elev både månader och en hel termin räknas bara den som täcker mest tid."
    ),
    space="school",
    columns=(
        PUPIL,
        SCHOOL_UNIT,
        optional(HOME_SCHOOL_UNIT),
        STAGE,
        Column(
            name="start_date",
            title="Från och med",
            kind="date",
            description="Periodens första dag.",
            headings=("startdatum", "från", "fr.o.m.", "datum", "startDate"),
        ),
        Column(
            name="end_date",
            title="Till och med",
            kind="date",
            description="Periodens sista dag; samma som den första om raden gäller en dag.",
            headings=("slutdatum", "till", "t.o.m.", "endDate"),
            required=False,
            may_be_empty=True,
        ),
        _time("offered", "Erbjuden tid", "Tid som eleven skulle ha haft undervisning.", "planerad tid", "offeredSum"),
        _time(
            "reported",
            "Rapporterad tid",
            "Den del av tiden där närvaron registrerats.",
            "registrerad tid",
            "reportedSum",
            optional_cell=True,
        ),
        _time(
            "attended",
            "Närvarotid",
            "Tid då eleven deltog.",
            "närvaro",
            "attendanceSum",
            optional_cell=True,
        ),
        _time(
            "valid_absence",
            "Giltig frånvaro",
            "Frånvaro som är anmäld eller beviljad.",
            "anmäld frånvaro",
            "validAbsenceSum",
        ),
        _time(
            "invalid_absence",
            "Ogiltig frånvaro",
            "Frånvaro utan giltigt skäl.",
            "oanmäld frånvaro",
            "olovlig frånvaro",
            "invalidAbsenceSum",
        ),
        _time(
            "other_attendance",
            "Annan närvaro",
            "Annan skolaktivitet än den schemalagda, till exempel studiebesök.",
            "annan skolaktivitet",
            "otherAttendanceSum",
            optional_cell=True,
        ),
        Column(
            name="measure",
            title="Mätt i",
            kind="code",
            description=(
                "Minuter, timmar, lektioner, dagar eller procent. Vid procent är erbjuden tid i minuter och övriga "
                "tider procent av den. Tomt = minuter."
            ),
            headings=("enhet", "måttenhet", "tidsenhet"),
            codes=MEASURES,
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="counting_rule",
            title="Räkneregel",
            kind="code",
            description="Hur källsystemet räknar. Nivåer med olika räkneregler jämförs inte.",
            headings=("räknesätt", "registreringssätt"),
            codes=COUNTING_RULES,
            required=False,
            may_be_empty=True,
        ),
        optional(SEX),
        optional(HOME_MUNICIPALITY),
    ),
    key=("pupil", "school_unit", "start_date", "end_date"),
    period_column="start_date",
    period_kind="term",
    unit_column="school_unit",
    retention_years=10,
    rules=(
        Rule(
            code="ends_before_start",
            severity="error",
            sentence="Perioden slutar innan den börjar.",
            advice="Kontrollera de två datumkolumnerna; de kan ha bytt plats.",
            columns=("start_date", "end_date"),
            bad_when="end_date < start_date",
            good={"start_date": "2024-10-01", "end_date": "2024-10-31"},
            bad={"start_date": "2024-10-31", "end_date": "2024-10-01"},
        ),
        Rule(
            code="spans_two_terms",
            severity="error",
            sentence="Perioden går över två terminer.",
            advice="Dela raden i en rad per termin, med höstterminen till och med den 31 december.",
            columns=("start_date", "end_date"),
            bad_when=("year(start_date) <> year(end_date) OR (month(start_date) >= 7) <> (month(end_date) >= 7)"),
            good={"start_date": "2024-08-15", "end_date": "2024-12-20"},
            bad={"start_date": "2024-08-15", "end_date": "2025-06-10"},
        ),
        Rule(
            code="absence_above_offered",
            severity="error",
            sentence="Frånvaron är längre än den erbjudna tiden.",
            advice="Kontrollera att erbjuden tid och frånvaro är mätta i samma enhet.",
            columns=("offered", "valid_absence", "invalid_absence"),
            bad_when=(
                "valid_absence + invalid_absence > CASE WHEN measure = 'percent' THEN 100 ELSE offered END * 1.001"
            ),
            good={"offered": "600", "valid_absence": "100", "invalid_absence": "20"},
            bad={"offered": "600", "valid_absence": "500", "invalid_absence": "200"},
        ),
        Rule(
            code="reported_above_offered",
            severity="warning",
            sentence="Den rapporterade tiden är längre än den erbjudna.",
            advice="Kontrollera om extra lektioner ingår i rapporterad tid men inte i erbjuden.",
            columns=("offered", "reported"),
            bad_when="reported > CASE WHEN measure = 'percent' THEN 100 ELSE offered END * 1.001",
            good={"offered": "600", "reported": "580"},
            bad={"offered": "600", "reported": "700"},
        ),
    ),
    example_rows=(
        {
            "pupil": "q7Hk2mZr9",
            "school_unit": "10000001",
            "home_school_unit": "",
            "stage": "8",
            "start_date": "2024-08-15",
            "end_date": "2024-12-20",
            "offered": "24000",
            "reported": "23400",
            "attended": "21400",
            "valid_absence": "1500",
            "invalid_absence": "500",
            "other_attendance": "0",
            "measure": "minuter",
            "counting_rule": "alla lektioner registreras",
            "sex": "flicka",
            "home_municipality": "1419",
        },
    ),
)
