"""From report of concern to intervention: one row per report received by a municipality's social services."""

from __future__ import annotations

from metrics.declare import Column, Extract, Rule
from metrics.extracts.pupil_columns import OBSERVED_TO, SEX_CODES, STAGE_CODES

REPORTERS = {
    "skola": "school",
    "skolan": "school",
    "elevhälsa": "school",
    "school": "school",
    "förskola": "preschool",
    "preschool": "preschool",
    "polis": "police",
    "police": "police",
    "hälso- och sjukvård": "health_care",
    "vården": "health_care",
    "health_care": "health_care",
    "socialtjänst": "social_services",
    "annan socialtjänst": "social_services",
    "social_services": "social_services",
    "familj": "family",
    "vårdnadshavare": "family",
    "anhörig": "family",
    "family": "family",
    "anonym": "other",
    "annan": "other",
    "annat": "other",
    "other": "other",
    "okänd": "unknown",
    "okänt": "unknown",
    "unknown": "unknown",
}
STAGES = {
    **STAGE_CODES,
    "förskola": "preschool",
    "preschool": "preschool",
    "gymnasiet": "upper_secondary_age",
    "gymnasieskola": "upper_secondary_age",
    "upper_secondary_age": "upper_secondary_age",
}
INTERVENTIONS = {
    "ingen": "none",
    "ingen insats": "none",
    "none": "none",
    "öppen insats": "open_support",
    "öppenvård": "open_support",
    "råd och stöd": "open_support",
    "open_support": "open_support",
    "strukturerat öppenvårdsprogram": "structured_programme",
    "structured_programme": "structured_programme",
    "kontaktperson": "contact_person",
    "kontaktfamilj": "contact_person",
    "contact_person": "contact_person",
    "familjehem": "placement",
    "hvb": "placement",
    "placering": "placement",
    "placement": "placement",
    "annan insats": "other",
    "annat": "other",
    "other": "other",
}


def _date(name: str, title: str, description: str, *headings: str) -> Column:
    return Column(
        name=name,
        title=title,
        kind="date",
        description=description,
        headings=headings,
        required=False,
        may_be_empty=True,
    )


def _flag(name: str, title: str, description: str, *headings: str) -> Column:
    return Column(
        name=name,
        title=title,
        kind="flag",
        description=description,
        headings=headings,
        required=False,
        may_be_empty=True,
    )


def _order(code: str, first: str, second: str, sentence: str) -> Rule:
    return Rule(
        code=code,
        severity="error",
        sentence=sentence,
        advice="Kontrollera de två datumen.",
        columns=(first, second),
        bad_when=f"{second} < {first}",
        good={first: "2024-09-10", second: "2024-09-20"},
        bad={first: "2024-09-20", second: "2024-09-10"},
    )


EXTRACT = Extract(
    name="support_chain",
    title="Orosanmälningar, utredningar och insatser",
    description=(
        "En rad per orosanmälan som rör ett barn, med det som följde: förhandsbedömning, utredning och insats. Ta med "
        "alla anmälningar från de år som filen gäller, även de som inte är avgjorda. Aldrig fritext."
    ),
    space="social",
    columns=(
        Column(
            name="child",
            title="Pseudonym",
            kind="pseudonym",
            description="Barnets pseudonym, gjord hos socialtjänsten. Aldrig personnummer.",
            headings=("barn", "barnets pseudonym", "pseudo", "löpnummer", "personId"),
            purpose="Räkna barn och inte bara anmälningar, och se om en ny anmälan kommer.",
        ),
        Column(
            name="municipality",
            title="Kommunkod",
            kind="municipality",
            description="Kommunen vars nämnd tog emot anmälan.",
            headings=("kommun", "nämndens kommun", "municipalityCode"),
        ),
        Column(
            name="report_date",
            title="Anmälan inkom",
            kind="date",
            description="Dagen då anmälan kom in.",
            headings=("anmälningsdatum", "inkommen", "aktualiseringsdatum"),
        ),
        Column(
            name="report_number",
            title="Nummer samma dag",
            kind="integer",
            description="1, 2, 3 ... om flera anmälningar om samma barn kom in samma dag. Saknas kolumnen räknas 1.",
            headings=("ordning", "ordningsnummer"),
            required=False,
            may_be_empty=True,
            low=1,
            high=99,
        ),
        Column(
            name="reporter",
            title="Anmälare",
            kind="code",
            description="Vem som anmälde: skola, förskola, polis, vård, familj eller annan. Tomt = okänd.",
            headings=("anmälarkategori", "anmäld av", "aktualiserad av"),
            codes=REPORTERS,
            may_be_empty=True,
        ),
        Column(
            name="stage",
            title="Årskurs",
            kind="code",
            description="Barnets årskurs eller skolform när anmälan kom in. Bara stadiet sparas. Tomt = okänt.",
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
        Column(
            name="birth_year",
            title="Födelseår",
            kind="integer",
            description="Året då barnet föddes, fyra siffror.",
            headings=("år född", "född år"),
            required=False,
            may_be_empty=True,
            low=1980,
            high=2100,
        ),
        _date(
            "decision_date",
            "Förhandsbedömning klar",
            "Dagen då nämnden beslutade att inleda utredning eller inte.",
            "beslutsdatum",
            "beslut förhandsbedömning",
        ),
        _flag(
            "opened", "Utredning inledd", "Ja om utredning inleddes, nej om inte. Tomt = inte beslutat.", "utredning"
        ),
        _date(
            "investigation_start",
            "Utredning började",
            "Dagen då utredningen inleddes.",
            "utredningsstart",
        ),
        _date(
            "investigation_end",
            "Utredning klar",
            "Dagen då utredningen avslutades; tomt om den pågår.",
            "utredningsslut",
        ),
        _flag("extended", "Utredning förlängd", "Ja om tiden för utredningen förlängts.", "förlängd"),
        Column(
            name="intervention",
            title="Insats",
            kind="code",
            description="Det mest omfattande stöd som anmälan ledde till. Tomt = inte avgjort.",
            headings=("insatstyp", "beslutad insats"),
            codes=INTERVENTIONS,
            required=False,
            may_be_empty=True,
        ),
        _date("intervention_start", "Insats började", "Dagen då insatsen började.", "insatsstart"),
        _date("intervention_end", "Insats avslutad", "Dagen då insatsen avslutades.", "insatsslut"),
        _flag(
            "feedback_given",
            "Återkoppling till anmälaren",
            "Ja om anmälaren fått veta om utredning inletts.",
            "återkoppling",
            "återkoppling till skolan",
        ),
        OBSERVED_TO,
    ),
    key=("child", "report_date", "report_number"),
    period_column="report_date",
    period_kind="calendar_year",
    retention_years=5,
    rules=(
        _order("decided_before_reported", "report_date", "decision_date", "Beslutet är tidigare än anmälan."),
        _order(
            "closed_before_opened",
            "investigation_start",
            "investigation_end",
            "Utredningen slutar innan den börjar.",
        ),
        Rule(
            code="investigation_before_report",
            severity="warning",
            sentence="Utredningen börjar före anmälan.",
            advice="Kontrollera datumen. Hör anmälan till en utredning som redan pågick: skriv det som skäl.",
            columns=("report_date", "investigation_start"),
            bad_when="investigation_start < report_date",
            good={"report_date": "2024-09-10", "investigation_start": "2024-09-20"},
            bad={"report_date": "2024-09-10", "investigation_start": "2024-09-01"},
        ),
        Rule(
            code="intervention_before_report",
            severity="warning",
            sentence="Insatsen börjar före anmälan.",
            advice="Kontrollera datumen. En insats som redan pågick räknas inte som följd av anmälan: lämna fältet tomt.",
            columns=("report_date", "intervention_start"),
            bad_when="intervention_start < report_date",
            good={"report_date": "2024-09-10", "intervention_start": "2025-02-03"},
            bad={"report_date": "2024-09-10", "intervention_start": "2024-09-01"},
        ),
        Rule(
            code="investigation_without_start",
            severity="warning",
            sentence="Utredning är inledd men startdatum saknas.",
            advice="Fyll i dagen då utredningen inleddes; annars räknas tiden från beslutet.",
            columns=("opened", "investigation_start"),
            bad_when="opened AND investigation_start IS NULL",
            good={"opened": "ja", "investigation_start": "2024-09-12"},
            bad={"opened": "ja", "investigation_start": ""},
        ),
    ),
    example_rows=(
        {
            "child": "k2Jd9fSa4",
            "municipality": "1419",
            "report_date": "2024-09-10",
            "report_number": "1",
            "reporter": "skola",
            "stage": "8",
            "sex": "pojke",
            "birth_year": "2010",
            "decision_date": "2024-09-20",
            "opened": "ja",
            "investigation_start": "2024-09-20",
            "investigation_end": "2025-01-17",
            "extended": "nej",
            "intervention": "öppen insats",
            "intervention_start": "2025-02-03",
            "intervention_end": "",
            "feedback_given": "ja",
            "observed_to": "2025-06-30",
        },
    ),
)
