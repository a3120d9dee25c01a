"""The mapping round: one row per asked respondent, with the answer of the school or the social services about an instance."""

from __future__ import annotations

from dataclasses import replace

from metrics.declare import Column, Extract, Rule
from metrics.extracts.collaboration_register import EXTRACT as REGISTER
from metrics.extracts.pupil_columns import SCHOOL_YEAR
from metrics.models import words

SIDES = {"skolan": "school", "skola": "school", "socialtjänsten": "social_services", "socialtjänst": "social_services"}
ANSWERS = {"samverkar": "collaborates", "ingen samverkan": "no_collaboration"}


def _of_register(name: str, **changed: object) -> Column:
    return replace(REGISTER.column(name), required=False, may_be_empty=True, **changed)  # type: ignore[arg-type]


def _scale(name: str, statement: str) -> Column:
    return Column(
        name=name,
        title=statement,
        kind="integer",
        description="1 = stämmer inte alls, 5 = stämmer helt.",
        required=False,
        may_be_empty=True,
        low=1,
        high=5,
    )


EXTRACT = Extract(
    name="mapping_answers",
    title="Kartläggning: svar från skola och socialtjänst",
    description=(
        "En rad per tillfrågad: skolan och socialtjänsten svarar var för sig om samma team. En rad utan svarsdag är "
        "tillfrågad men har inte svarat. Aldrig namn; svar visas bara för grupper om minst fem."
    ),
    columns=(
        replace(
            SCHOOL_YEAR, title="Omgång", description="Läsåret som kartläggningen gäller.", headings=("kartläggning",)
        ),
        replace(REGISTER.column("municipality")),
        Column(
            name="instance",
            title="Team",
            kind="text",
            description="Teamets namn i registret; tomt när kommunen inte har något.",
            headings=("instans",),
            required=False,
            may_be_empty=True,
        ),
        _of_register("model_type"),
        Column(
            name="side",
            title="Vem svarar",
            kind="code",
            description="Skolan eller socialtjänsten.",
            headings=("verksamhet",),
            codes=SIDES | {"school": "school", "social_services": "social_services"},
        ),
        Column(
            name="respondent",
            title="Svarande nummer",
            kind="integer",
            description="Löpnummer bland dem som svarar för samma verksamhet och team: 1, 2, 3.",
            headings=("svarande",),
            low=1,
            high=999,
        ),
        Column(
            name="answered",
            title="Svarsdag",
            kind="date",
            description="Dagen då svaret gavs; tomt när svar saknas.",
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="collaboration",
            title="Samverkan",
            kind="code",
            description="Samverkar, eller ingen samverkan.",
            codes=ANSWERS | {code: code for code in ANSWERS.values()},
            required=False,
            may_be_empty=True,
        ),
        *(_of_register(name) for name in words.ASKED),
        *(_scale(name, statement) for name, statement in words.SCALES.items()),
    ),
    key=("instance", "school_year", "municipality", "side", "respondent"),
    period_column="school_year",
    retention_years=10,
    personal=False,
    rules=(
        Rule(
            code="answer_without_day",
            severity="error",
            sentence="Det finns ett svar men ingen svarsdag.",
            advice="Fyll i dagen då svaret gavs, annars räknas raden som obesvarad.",
            columns=("answered", "collaboration"),
            bad_when="answered IS NULL AND collaboration IS NOT NULL",
            good={"answered": "2025-05-01", "collaboration": "samverkar"},
            bad={"answered": "", "collaboration": "samverkar"},
        ),
        Rule(
            code="day_without_answer",
            severity="error",
            sentence="Det finns en svarsdag men det står inte om verksamheterna samverkar.",
            advice="Skriv samverkar eller ingen samverkan; båda är svar.",
            columns=("answered", "collaboration"),
            bad_when="answered IS NOT NULL AND collaboration IS NULL",
            good={"answered": "2025-05-01", "collaboration": "ingen samverkan"},
            bad={"answered": "2025-05-01", "collaboration": ""},
        ),
    ),
    example_rows=(
        {
            "school_year": "2024/25",
            "municipality": "1419",
            "instance": "Skolsocialt team Exempel",
            "model_type": "skolsocialt team",
            "side": "skolan",
            "respondent": "1",
            "answered": "2025-05-12",
            "collaboration": "samverkar",
            "goals": "Högre närvaro|Tidigare stöd",
            "target_groups": "Elever med problematisk frånvaro",
            "success_factors": "Kända roller och ansvar",
            "challenges": "Svårt att tillsätta tjänster",
            "scale_roles": "4",
            "scale_time": "2",
        },
    ),
)
