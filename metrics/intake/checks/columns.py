"""Checks of the header: columns that are missing, double, unknown or without a heading."""

from __future__ import annotations

from metrics.intake.checks.declared import Check, Sample

COLUMN_CHECKS: tuple[Check, ...] = (
    Check(
        code="column_missing",
        stage="columns",
        severity="error",
        sentence="Kolumnen {title} saknas.",
        advice="Lägg till den i uttaget, eller peka ut rätt kolumn om den heter något annat än: {headings}.",
        bad=Sample(drop=("school_unit",)),
    ),
    Check(
        code="column_twice",
        stage="columns",
        severity="error",
        sentence="Kolumnen finns två gånger (kolumn nummer {places}).",
        advice="Ta bort den ena, så att det inte går att ta fel.",
        bad=Sample(extra={"Läsår": "2024/25"}),
    ),
    Check(
        code="column_unknown",
        stage="columns",
        severity="info",
        sentence="Kolumnen hör inte till uttaget och lagras inte.",
        advice="Inget behöver göras. Är det en av våra kolumner under annat namn: peka ut den.",
        bad=Sample(extra={"Klassbeteckning": "x"}),
    ),
    Check(
        code="column_nearly",
        stage="columns",
        severity="warning",
        sentence="Kolumnens rubrik liknar {title} men är inte densamma. Kolumnen lagras inte.",
        advice="Rätta rubriken, eller skriv varför kolumnen inte ska med.",
        bad=Sample(rename={"grading_system": "Betygsystem"}),
    ),
    Check(
        code="column_without_heading",
        stage="columns",
        severity="info",
        sentence="En kolumn saknar rubrik och lagras inte.",
        advice="Inget behöver göras om kolumnen är tom. Annars: ge den en rubrik.",
        bad=Sample(extra={"": "x"}),
    ),
)
