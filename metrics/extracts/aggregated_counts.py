"""Counts from members who send no rows about pupils: the same groups and outcome patterns that rows become here."""

from __future__ import annotations

from dataclasses import replace

from metrics.declare import Column, Extract, Rule
from metrics.extracts.pupil_columns import SCHOOL_UNIT
from metrics.vocabulary import BACKGROUND_FIELDS, PERIOD_KINDS, PERSPECTIVES, PROVIDERS, SEXES


def _codes(words: dict[str, str]) -> dict[str, str]:
    """Both the stored code and its Swedish words are accepted."""
    return {code.lower(): code for code in words} | {label.lower(): code for code, label in words.items()}


def _dimension(name: str, title: str, description: str, codes: dict[str, str]) -> Column:
    return Column(name=name, title=title, kind="code", description=description, codes=codes, may_be_empty=True)


def _number(name: str, title: str, description: str, *headings: str) -> Column:
    return Column(
        name=name,
        title=title,
        kind="decimal",
        description=description,
        headings=headings,
        required=False,
        may_be_empty=True,
        low=0,
    )


EXTRACT = Extract(
    name="aggregated_counts",
    title="Antal i stället för elevrader",
    description=(
        "En rad per grupp av elever med samma egenskaper och samma utfall. Görs med samsyn aggregate hos den som "
        "lämnar, eller ur det egna systemet med en indikator per rad. Små antal är fortfarande uppgifter om elever."
    ),
    columns=(
        Column(
            name="population",
            title="Population",
            kind="text",
            description="Namnet på gruppen av indikatorer som räknas på samma elever, till exempel year9_leavers.",
            headings=("elevgrupp", "familj"),
        ),
        Column(
            name="period",
            title="Period",
            kind="text",
            description="Läsår, termin eller år: 2024/25, HT 2024 eller 2024.",
            headings=("läsår", "termin", "år"),
        ),
        Column(
            name="period_kind",
            title="Periodslag",
            kind="code",
            description="Läsår, termin, halvår eller kalenderår.",
            codes=_codes(dict(PERIOD_KINDS)),
        ),
        Column(
            name="perspective",
            title="Perspektiv",
            kind="code",
            description="Skolans kommun eller hemkommun.",
            codes=_codes(dict(PERSPECTIVES)) | {"lägeskommun": "school_municipality", "hemkommun": "home_municipality"},
        ),
        replace(
            SCHOOL_UNIT,
            description="Skolenheten; tomt om gruppen inte hör till en enda skola.",
            may_be_empty=True,
        ),
        Column(
            name="school_municipality",
            title="Skolans kommun",
            kind="municipality",
            description="Kommunen där skolan ligger (kod).",
            headings=("lägeskommun", "skolkommun"),
            may_be_empty=True,
        ),
        Column(
            name="home_municipality",
            title="Hemkommun",
            kind="municipality",
            description="Kommunen där eleverna är folkbokförda (kod).",
            headings=("hemkommunkod",),
            may_be_empty=True,
        ),
        _dimension(
            "provider",
            "Huvudman",
            "Kommunal eller fristående.",
            _codes(dict(PROVIDERS))
            | {
                "kommunal": "municipal",
                "enskild": "independent",
                "fristående": "independent",
            },
        ),
        Column(
            name="stage",
            title="Stadium",
            kind="text",
            description="Stadiets kod: F-3, 4-6, 7-9, national_programme, introductory_programme eller adapted.",
            may_be_empty=True,
        ),
        Column(
            name="models",
            title="Samverkansmodeller",
            kind="text",
            description="Skolans modelltyper det året, åtskilda med lodstreck; tomt = ingen.",
            headings=("kombination", "modeller"),
            may_be_empty=True,
        ),
        _dimension(
            "sex",
            "Kön",
            "Flickor eller pojkar; tomt = okänt.",
            _codes(dict(SEXES))
            | {
                "flicka": "girls",
                "pojke": "boys",
            },
        ),
        *(
            replace(
                _dimension(name, title, "Gruppens bakgrund, som kod.", _codes(dict(BACKGROUND_FIELDS[name]))),
                required=False,
            )
            for name, title in (
                ("foreign_background", "Utländsk bakgrund"),
                ("parents_education", "Föräldrarnas utbildning"),
                ("newly_arrived", "Nyanländ"),
            )
        ),
        Column(
            name="indicator",
            title="Indikator",
            kind="text",
            description="Indikatorn som täljare, nämnare eller summa gäller; tomt för rader med utfallsmönster.",
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="pattern",
            title="Utfallsmönster",
            kind="text",
            description=(
                "Utfallen hos gruppens elever, indikator=1 eller indikator=0 åtskilda med semikolon; en indikator som "
                "inte nämns, eller står som =-, räknar inte eleverna."
            ),
            headings=("mönster", "outcome pattern"),
            high=4000,
            required=False,
            may_be_empty=True,
        ),
        Column(
            name="contributors",
            title="Antal elever",
            kind="integer",
            description="Antal olika elever i gruppen.",
            headings=("antal", "elever"),
            low=1,
            high=10_000_000,
        ),
        _number("numerator", "Täljare", "Elever med utfallet, på rader med indikator.", "antal med utfallet"),
        _number("denominator", "Nämnare", "Elever som räknas, på rader med indikator.", "antal som räknas"),
        _number("sum", "Summa", "Summan av det mätta (poäng, minuter), på rader med indikator."),
        _number("sum_squares", "Kvadratsumma", "Summan av det mätta i kvadrat."),
        _number("largest", "Största", "Den enskilda elevens största bidrag till summan."),
        _number("weight", "Vikt", "Summan av det som summan delas med (erbjudna minuter, anmälningar)."),
    ),
    key=(
        "population",
        "period",
        "perspective",
        "school_unit",
        "home_municipality",
        "stage",
        "models",
        "sex",
        "foreign_background",
        "parents_education",
        "newly_arrived",
        "indicator",
        "pattern",
    ),
    period_column="period",
    unit_column="school_unit",
    retention_years=15,
    rules=(
        Rule(
            code="outcome_above_counted",
            severity="error",
            sentence="Täljaren är större än nämnaren.",
            advice="Kontrollera att kolumnerna inte bytt plats.",
            columns=("numerator", "denominator"),
            bad_when="numerator > denominator",
            good={"numerator": "41", "denominator": "50"},
            bad={"numerator": "50", "denominator": "41"},
        ),
        Rule(
            code="period_is_of_another_kind",
            severity="error",
            sentence="Perioden är inte skriven som sitt periodslag.",
            advice="Skriv läsår som 2024/25, termin som HT 2024, halvår som 2024:1 och kalenderår som 2024.",
            columns=("period", "period_kind"),
            bad_when=(
                "NOT regexp_full_match(period, CASE period_kind WHEN 'school_year' THEN '[0-9]{4}/[0-9]{2}' "
                "WHEN 'term' THEN '(HT|VT) [0-9]{4}' WHEN 'half_year' THEN '[0-9]{4}:[12]' ELSE '[0-9]{4}' END)"
            ),
            good={"period": "HT 2024", "period_kind": "termin"},
            bad={"period": "2024/25", "period_kind": "termin"},
        ),
        Rule(
            code="neither_pattern_nor_indicator",
            severity="error",
            sentence="Raden har varken utfallsmönster eller indikator.",
            advice="Fyll i en av de två kolumnerna.",
            columns=("pattern", "indicator"),
            bad_when="pattern IS NULL AND indicator IS NULL",
            good={"pattern": "", "indicator": "eligibility_vocational"},
            bad={"pattern": "", "indicator": ""},
        ),
    ),
    example_rows=(
        {
            "population": "year9_leavers",
            "period": "2024/25",
            "period_kind": "läsår",
            "perspective": "lägeskommun",
            "school_unit": "10000001",
            "school_municipality": "1419",
            "home_municipality": "1419",
            "provider": "kommunal",
            "stage": "7-9",
            "models": "",
            "sex": "flickor",
            "foreign_background": "swedish",
            "parents_education": "post_secondary",
            "newly_arrived": "not_newly_arrived",
            "indicator": "",
            "pattern": "all_subjects_passed=1;eligibility_vocational=1",
            "contributors": "23",
        },
    ),
)
