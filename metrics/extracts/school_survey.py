"""Answers to a school's survey about safety and study peace: one row per answer, never by name or pseudonym."""

from __future__ import annotations

from dataclasses import replace

from metrics.declare import Column, Extract
from metrics.extracts.pupil_columns import SCHOOL_UNIT, SCHOOL_YEAR, SEX, STAGE, optional

ANSWERS = {
    "stämmer helt och hållet": "agree_fully",
    "stämmer helt": "agree_fully",
    "alltid": "agree_fully",
    "ja": "agree_fully",
    "4": "agree_fully",
    "agree_fully": "agree_fully",
    "stämmer ganska bra": "agree_mostly",
    "stämmer till stor del": "agree_mostly",
    "oftast": "agree_mostly",
    "3": "agree_mostly",
    "agree_mostly": "agree_mostly",
    "stämmer ganska dåligt": "disagree_mostly",
    "stämmer till viss del": "disagree_mostly",
    "sällan": "disagree_mostly",
    "2": "disagree_mostly",
    "disagree_mostly": "disagree_mostly",
    "stämmer inte alls": "disagree_fully",
    "stämmer inte": "disagree_fully",
    "aldrig": "disagree_fully",
    "nej": "disagree_fully",
    "1": "disagree_fully",
    "disagree_fully": "disagree_fully",
    "vet ej": "unknown",
    "vet inte": "unknown",
    "unknown": "unknown",
}


def _answer(name: str, title: str, statement: str, *headings: str) -> Column:
    return Column(
        name=name,
        title=title,
        kind="code",
        description=f"Svaret på {statement}, i fyra steg eller ja och nej. Tomt = frågan är inte besvarad.",
        headings=headings,
        codes=ANSWERS,
        required=False,
        may_be_empty=True,
    )


EXTRACT = Extract(
    name="school_survey",
    title="Elevenkät om trygghet och studiero",
    description=(
        "En rad per svar i skolans elevenkät. Svaren är anonyma: numrera dem från 1 i varje skola och läsår, och ta "
        "inte med namn, pseudonym, klass eller fritext. Frågor som inte ställts utelämnas."
    ),
    columns=(
        SCHOOL_UNIT,
        SCHOOL_YEAR,
        Column(
            name="answer",
            title="Svar nummer",
            kind="integer",
            description="1, 2, 3 ... i varje skola och läsår. Numret får inte gå att koppla till en elev.",
            headings=("svarsnummer", "rad", "nr"),
            low=1,
            high=99_999,
        ),
        replace(STAGE, description="Årskurs eller stadium. Bara stadiet sparas: F–3, 4–6 eller 7–9."),
        optional(SEX),
        _answer("feels_safe", "Trygg i skolan", "påståendet att eleven känner sig trygg i skolan", "trygghet", "trygg"),
        _answer(
            "study_peace", "Studiero", "påståendet att eleven har studiero på lektionerna", "arbetsro", "lektionsro"
        ),
    ),
    key=("school_unit", "school_year", "answer"),
    period_column="school_year",
    unit_column="school_unit",
    retention_years=10,
    example_rows=(
        {
            "school_unit": "10000001",
            "school_year": "2024/25",
            "answer": "1",
            "stage": "8",
            "sex": "flicka",
            "feels_safe": "stämmer ganska bra",
            "study_peace": "stämmer ganska dåligt",
        },
    ),
)
