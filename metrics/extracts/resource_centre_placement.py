"""Placements at a resource centre or another special teaching group: planned and actual time, and how they end."""

from __future__ import annotations

from dataclasses import replace

from metrics.declare import Column, Extract, Rule
from metrics.extracts.pupil_columns import (
    BACKGROUND,
    BIRTH_YEAR,
    HOME_MUNICIPALITY,
    HOME_SCHOOL_UNIT,
    OBSERVED_TO,
    PUPIL,
    SEX,
    STAGE,
    optional,
)

KINDS = {
    "resurscentrum": "resource_centre",
    "resursskola": "resource_centre",
    "resource_centre": "resource_centre",
    "särskild undervisningsgrupp": "special_teaching_group",
    "annan särskild undervisningsgrupp": "special_teaching_group",
    "special_teaching_group": "special_teaching_group",
}
END_REASONS = {
    "åter i ordinarie klass": "returned",
    "återgång": "returned",
    "returned": "returned",
    "flyttat": "moved",
    "bytt skola": "moved",
    "moved": "moved",
    "slutat grundskolan": "finished_school",
    "avslutad skolgång": "finished_school",
    "finished_school": "finished_school",
    "annan placering": "other_placement",
    "other_placement": "other_placement",
    "annan orsak": "other",
    "annat": "other",
    "other": "other",
}

EXTRACT = Extract(
    name="resource_centre_placement",
    title="Placeringar vid resurscentrum",
    description=(
        "En rad per elev och placering. Ta med alla placeringar som började under de läsår som filen gäller, även de "
        "som pågår."
    ),
    space="school",
    columns=(
        PUPIL,
        Column(
            name="centre",
            title="Resurscentrum",
            kind="text",
            description="Verksamhetens namn.",
            headings=("verksamhet", "placering", "undervisningsgrupp"),
        ),
        Column(
            name="kind",
            title="Slag",
            kind="code",
            description="Resurscentrum eller annan särskild undervisningsgrupp. Tomt = resurscentrum.",
            headings=("typ av placering",),
            codes=KINDS,
            required=False,
            may_be_empty=True,
        ),
        replace(HOME_SCHOOL_UNIT, description="Koden för skolenheten där eleven är inskriven."),
        STAGE,
        optional(HOME_MUNICIPALITY),
        optional(SEX),
        BIRTH_YEAR,
        *BACKGROUND,
        Column(
            name="started",
            title="Start",
            kind="date",
            description="Placeringens första dag.",
            headings=("startdatum", "från", "fr.o.m."),
        ),
        Column(
            name="planned_end",
            title="Planerat slut",
            kind="date",
            description="Dagen då återgången var planerad när placeringen började.",
            headings=("planerat slutdatum", "planerad återgång"),
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="ended",
            title="Slut",
            kind="date",
            description="Placeringens sista dag; tomt om den pågår.",
            headings=("slutdatum", "till", "t.o.m."),
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="end_reason",
            title="Avslutsorsak",
            kind="code",
            description="Hur placeringen slutade: åter i ordinarie klass, flytt, slutat grundskolan eller annat.",
            headings=("orsak", "avslut"),
            codes=END_REASONS,
            required=False,
            may_be_empty=True,
        ),
        OBSERVED_TO,
    ),
    key=("pupil", "centre", "started"),
    period_column="started",
    period_kind="school_year",
    unit_column="home_school_unit",
    retention_years=10,
    rules=(
        Rule(
            code="ended_before_started",
            severity="error",
            sentence="Placeringen slutar innan den börjar.",
            advice="Kontrollera start och slut; de kan ha bytt plats.",
            columns=("started", "ended"),
            bad_when="ended < started",
            good={"started": "2024-09-02", "ended": "2025-03-01"},
            bad={"started": "2024-09-02", "ended": "2024-03-01"},
        ),
        Rule(
            code="end_without_reason",
            severity="warning",
            sentence="Placeringen har slutat men avslutsorsaken saknas.",
            advice="Fyll i orsaken; annars räknas slutet som annat än återgång.",
            columns=("ended", "end_reason"),
            bad_when="ended IS NOT NULL AND end_reason IS NULL",
            good={"ended": "2025-03-01", "end_reason": "återgång"},
            bad={"ended": "2025-03-01", "end_reason": ""},
        ),
    ),
    example_rows=(
        {
            "pupil": "e5Rt6yUi7",
            "centre": "Resurscentrum Exempel",
            "kind": "resurscentrum",
            "home_school_unit": "10000001",
            "stage": "7",
            "home_municipality": "1419",
            "sex": "pojke",
            "birth_year": "2011",
            "started": "2024-09-02",
            "planned_end": "2025-03-01",
            "ended": "2025-04-11",
            "end_reason": "åter i ordinarie klass",
            "observed_to": "2025-06-30",
        },
    ),
)
