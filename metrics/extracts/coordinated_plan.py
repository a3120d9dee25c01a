"""Coordinated individual plans (SIP): one row per plan about a child, as the social services have it."""

from __future__ import annotations

from metrics.declare import Column, Extract, Rule
from metrics.extracts.pupil_columns import OBSERVED_TO, SEX_CODES
from metrics.extracts.support_chain import STAGES

INITIATORS = {
    "skola": "school",
    "skolan": "school",
    "elevhälsa": "school",
    "school": "school",
    "socialtjänst": "social_services",
    "socialtjänsten": "social_services",
    "social_services": "social_services",
    "hälso- och sjukvård": "health_care",
    "vården": "health_care",
    "regionen": "health_care",
    "health_care": "health_care",
    "familj": "family",
    "vårdnadshavare": "family",
    "barnet": "family",
    "family": "family",
    "annan": "other",
    "annat": "other",
    "other": "other",
}
END_REASONS = {
    "målen uppnådda": "goals_reached",
    "mål uppnådda": "goals_reached",
    "goals_reached": "goals_reached",
    "behovet har upphört": "no_longer_needed",
    "no_longer_needed": "no_longer_needed",
    "samtycket återtaget": "consent_withdrawn",
    "consent_withdrawn": "consent_withdrawn",
    "flyttat": "moved",
    "flytt": "moved",
    "moved": "moved",
    "annan orsak": "other",
    "annat": "other",
    "other": "other",
}


def _optional(name: str, title: str, kind: str, description: str, *headings: str) -> Column:
    return Column(
        name=name,
        title=title,
        kind="date" if kind == "date" else "flag",
        description=description,
        headings=headings,
        required=False,
        may_be_empty=True,
    )


def _order(code: str, second: str, sentence: str) -> Rule:
    return Rule(
        code=code,
        severity="error",
        sentence=sentence,
        advice="Kontrollera de två datumen.",
        columns=("plan_date", second),
        bad_when=f"{second} < plan_date",
        good={"plan_date": "2024-09-10", second: "2024-12-02"},
        bad={"plan_date": "2024-09-10", second: "2024-09-02"},
    )


EXTRACT = Extract(
    name="coordinated_plan",
    title="Samordnade individuella planer (SIP)",
    description=(
        "En rad per samordnad individuell plan (SIP) som rör ett barn: när den gjordes, vem som kallade, om skolan och "
        "barnet var med och när den följdes upp. Aldrig vad som står i planen."
    ),
    space="social",
    columns=(
        Column(
            name="child",
            title="Pseudonym",
            kind="pseudonym",
            description="Barnets pseudonym, gjord hos socialtjänsten med samma nyckel som för orosanmälningar.",
            headings=("barn", "barnets pseudonym", "pseudo", "löpnummer", "personId"),
            purpose="Räkna barn och inte bara planer.",
        ),
        Column(
            name="municipality",
            title="Kommunkod",
            kind="municipality",
            description="Kommunen vars socialtjänst har planen.",
            headings=("kommun", "nämndens kommun", "municipalityCode"),
        ),
        Column(
            name="plan_date",
            title="Planen gjord",
            kind="date",
            description="Dagen för mötet där planen gjordes.",
            headings=("sip-datum", "upprättad", "mötesdatum"),
        ),
        Column(
            name="initiator",
            title="Kallad av",
            kind="code",
            description="Vem som tog initiativ till planen: skola, socialtjänst, vård, familj eller annan. Tomt = okänt.",
            headings=("initiativtagare", "initiativ från", "sammankallande"),
            codes=INITIATORS,
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="stage",
            title="Årskurs",
            kind="code",
            description="Barnets årskurs eller skolform när planen gjordes. Bara stadiet sparas. Tomt = okänt.",
            headings=("stadium", "skolform", "åk"),
            codes=STAGES,
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="sex",
            title="Kön",
            kind="code",
            description="Flicka eller pojke enligt folkbokföringen.",
            headings=("juridiskt kön",),
            codes=SEX_CODES,
            required=False,
            may_be_empty=True,
        ),
        _optional(
            "school_took_part",
            "Skolan deltog",
            "flag",
            "Ja om skolan eller elevhälsan var med.",
            "skola med",
            "med skola",
        ),
        _optional(
            "child_took_part",
            "Barnet deltog",
            "flag",
            "Ja om barnet själv var med på mötet.",
            "barnet med",
            "med barnet",
        ),
        _optional(
            "followed_up", "Uppföljd", "date", "Dagen för första uppföljningen; tomt om ingen skett.", "uppföljning"
        ),
        _optional(
            "ended", "Avslutad", "date", "Dagen då planen avslutades; tomt om den pågår.", "avslutsdatum", "slut"
        ),
        Column(
            name="end_reason",
            title="Avslutsorsak",
            kind="code",
            description="Varför planen avslutades.",
            headings=("orsak", "avslut"),
            codes=END_REASONS,
            required=False,
            may_be_empty=True,
        ),
        OBSERVED_TO,
    ),
    key=("child", "plan_date"),
    period_column="plan_date",
    period_kind="calendar_year",
    retention_years=5,
    rules=(
        _order("followed_up_before_plan", "followed_up", "Uppföljningen är tidigare än planen."),
        _order("plan_ended_before_made", "ended", "Planen avslutas innan den gjordes."),
    ),
    example_rows=(
        {
            "child": "k2Jd9fSa4",
            "municipality": "1419",
            "plan_date": "2024-10-02",
            "initiator": "skola",
            "stage": "8",
            "sex": "pojke",
            "school_took_part": "ja",
            "child_took_part": "ja",
            "followed_up": "2024-12-11",
            "ended": "",
            "end_reason": "",
            "observed_to": "2025-06-30",
        },
    ),
)
