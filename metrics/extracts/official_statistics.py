"""Official statistics: Skolverket's exports (CSV, workbook, API) and Kolada's answers, read as they are published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from metrics.declare import Column, Document, Extract, Indicator, Reading, Rule
from metrics.extracts.reading.answers import read_answers
from metrics.extracts.reading.sheets import read_sheets
from metrics.extracts.reading.words import STATUSES, normal
from metrics.vocabulary import PROVIDERS, SEXES

SAME_MEASURE: Mapping[str, str] = {
    "Andel (%) behöriga till yrkesprogram": "Andel (%) elever behöriga till yrkesprog.",
    "Andel (%) elever behöriga till yrkesprogram": "Andel (%) elever behöriga till yrkesprog.",
    "Andel elever (%) behöriga till yrkesprogram": "Andel (%) elever behöriga till yrkesprog.",
    "ratioOfPupils9thGradeEligibleForNationalProgramYR": "Andel (%) elever behöriga till yrkesprog.",
    "ratioOfPupils9thGradeEligibleForNationalProgramES": "Andel elever (%) behöriga till estetiskt program",
    "ratioOfPupils9thGradeEligibleForNationalProgramSAEKHU": (
        "Andel elever (%) behöriga till Ekonomi-, humanistiska och samhällsvetenskaps- program"
    ),
    "ratioOfPupils9thGradeEligibleForNationalProgramNATE": (
        "Andel elever (%) behöriga till Naturvetenskapligt och tekniskt program"
    ),
    "ratioOfPupilsIn9thGradeWithAllSubjectsPassed": "Andel (%) som fått godkänt betyg i alla ämnen",
    "averageGradesMeritRating9thGrade": "Genomsnittligt meritvärde (17 ämnen)",
}
"""Other printings of a heading that an indicator names in `official`."""

PUPIL_COUNTS = ("Antal elever", "Totalt antal elever årskurs 9")
"""Headings of the number of pupils in year 9, which also counts pupils in other grading systems."""


def indicator_names(indicators: Iterable[Indicator]) -> dict[str, str]:
    """Normalised official heading or KPI id -> indicator name, from `official` and the printings known here."""
    declared = [(each, indicator.name) for indicator in indicators for each in indicator.official]
    names = {normal(each.column): name for each, name in declared}
    names |= {normal(each.table): name for each, name in declared if each.source == "kolada"}
    others = {normal(other): names[normal(same)] for other, same in SAME_MEASURE.items() if normal(same) in names}
    return names | others


def indicator_of(measure: str, names: Mapping[str, str]) -> str | None:
    """The indicator a printed heading stands for, given `indicator_names`; None when we have none."""
    return names.get(normal(measure))


def read(document: Document) -> Reading | None:
    """Rows of an official export or answer, or None for a document of another kind."""
    return read_answers(document.tree) if document.tree is not None else read_sheets(document.sheets)


def _column(
    name: str,
    title: str,
    kind: str,
    description: str,
    *,
    required: bool = False,
    codes: Iterable[str] | None = None,
) -> Column:
    return Column(
        name=name,
        title=title,
        kind=kind,  # type: ignore[arg-type]
        description=description,
        required=required,
        may_be_empty=not required,
        codes={code: code for code in codes} if codes else None,
    )


EXTRACT = Extract(
    name="official_statistics",
    title="Officiell statistik",
    description=(
        "Skolverkets uttag ur Sök statistik (CSV eller Excel), svar ur Skolverkets API och ur Kolada, precis som de "
        "laddas ner. En rad per kommun, huvudman, kön, läsår och uppgift."
    ),
    columns=(
        _column("table_title", "Tabell", "text", "Tabellens rubrik hos källan.", required=True),
        _column("municipality", "Kommunkod", "municipality", "Kommunen som värdet gäller."),
        _column("municipality_name", "Kommun", "text", "Kommunens namn hos källan."),
        _column("school_unit", "Skolenhetskod", "school_unit", "Skolenheten, när värdet gäller en sådan."),
        _column("provider", "Huvudman", "code", "Alla, kommunal eller enskild.", required=True, codes=PROVIDERS),
        _column("sex", "Kön", "code", "Alla, flickor eller pojkar.", required=True, codes=SEXES),
        _column("school_year", "Läsår", "school_year", "Läsåret som värdet gäller.", required=True),
        _column("measure", "Uppgift", "text", "Vad som mäts, som det står hos källan.", required=True),
        _column("breakdown", "Indelning", "text", "Övrig indelning, till exempel ämne."),
        _column("value", "Värde", "decimal", "Värdet; tomt när källan inte visar det."),
        _column("status", "Status", "code", "Om värdet visas, döljs eller saknas.", required=True, codes=STATUSES),
        _column("mark", "Tecken", "text", "Tecknet som källan skriver i stället för ett tal."),
        _column("low", "Lägst", "decimal", "Lägsta möjliga värde när källan skriver ~100."),
        _column("high", "Högst", "decimal", "Högsta möjliga värde när källan skriver ~100."),
        _column("pupils", "Antal elever", "integer", "Antal elever på samma rad hos källan."),
    ),
    key=("table_title", "municipality", "school_unit", "provider", "sex", "school_year", "measure", "breakdown"),
    period_column="school_year",
    unit_column="table_title",
    retention_years=25,
    personal=False,
    reader=read,
    rules=(
        Rule(
            code="official_share_outside",
            severity="error",
            sentence="En andel är mindre än 0 eller större än 100 procent.",
            advice="Hämta filen på nytt från källan; den är troligen skadad eller ändrad.",
            columns=("measure", "value"),
            bad_when="measure ILIKE '%andel%' AND (value < 0 OR value > 100)",
            good={"measure": "Andel (%)", "value": "81,6"},
            bad={"measure": "Andel (%)", "value": "816"},
        ),
        Rule(
            code="official_merit_outside",
            severity="error",
            sentence="Ett meritvärde är större än det kan vara (340).",
            advice="Hämta filen på nytt från källan; den är troligen skadad eller ändrad.",
            columns=("measure", "value"),
            bad_when="measure ILIKE '%meritvärde%' AND measure NOT ILIKE '%andel%' AND (value < 0 OR value > 340)",
            good={"measure": "Genomsnittligt meritvärde (17 ämnen)", "value": "229,8"},
            bad={"measure": "Genomsnittligt meritvärde (17 ämnen)", "value": "2298"},
        ),
        Rule(
            code="official_count_broken",
            severity="error",
            sentence="Ett antal är negativt eller inte ett heltal.",
            advice="Hämta filen på nytt från källan; den är troligen skadad eller ändrad.",
            columns=("measure", "value"),
            bad_when="(measure ILIKE 'antal%' OR measure ILIKE 'totalt antal%') AND (value < 0 OR value <> floor(value))",
            good={"measure": "Antal elever", "value": "434"},
            bad={"measure": "Antal elever", "value": "43,4"},
        ),
        Rule(
            code="official_parts_exceed_total",
            severity="warning",
            sentence="Flickor och pojkar är tillsammans inte lika många som samtliga.",
            advice="Hämta filen på nytt från källan, eller skriv varför summan inte stämmer.",
            columns=("sex", "pupils"),
            sql="""
            SELECT min(row_number) AS row_number
            FROM staged
            WHERE pupils IS NOT NULL
            GROUP BY
                table_title,
                municipality,
                provider,
                school_year,
                measure,
                breakdown
            HAVING count(DISTINCT sex) = 3
                AND sum(pupils) FILTER (WHERE sex <> 'all') <> max(pupils) FILTER (WHERE sex = 'all')
            """,
        ),
    ),
    example_rows=(
        {
            "table_title": "Grundskola - Behörighet till gymnasieskolan",
            "municipality": "1440",
            "municipality_name": "Ale",
            "school_unit": "",
            "provider": "all",
            "sex": "all",
            "school_year": "2024/25",
            "measure": "Andel (%) elever behöriga till yrkesprog.",
            "breakdown": "",
            "value": "81,6",
            "status": "shown",
            "mark": "",
            "low": "",
            "high": "",
            "pupils": "434",
        },
    ),
)
