"""Work or study one, two, three and five years after upper secondary school, with and without a diploma."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Implied, Indicator, Linkage, Official, Polarity, Sensitive
from metrics.indicators.pupil_select import UNITS, Said, by_year, declared, one_if, select, within

YEARS = (1, 2, 3, 5)
YEAR_WORDS = {1: "ett", 2: "två", 3: "tre", 5: "fem"}
GROUPS = {
    "with_diploma": ("med gymnasieexamen", "has_diploma"),
    "without_diploma": ("utan gymnasieexamen", "NOT has_diploma"),
}
WHO = "dem som lämnade gymnasieskolan"
ORDINARY = "stage <> 'adapted'"
"""Of every number of the family: counted in some only, those from adapted schools follow as what is left of the others."""

OUTCOMES = """
pupil outcome_date outcome             school_unit home_municipality
d1    2019-06-10   diploma_vocational  10000001    1419
d2    2019-06-10   diploma_preparatory 10000001    1419
d3    2019-06-10   diploma_preparatory 10000001    1419
d4    2019-06-10   diploma_preparatory 10000001    1419
d5    2019-06-10   diploma_vocational  10000001    1419
w1    2019-06-10   certificate_2500    10000001    1419
w2    2019-02-01   left                10000001    1419
w3    2018-10-01   left                10000001    1419
back  2019-02-01   left                10000001    1419
late  2024-06-10   diploma_vocational  10000001    1419
"""
ENROLLED = """
pupil school_year school_unit programme study_year home_municipality
back  2019/20     10000001    BF        3          1419
w2    2018/19     10000001    IMA       2          1419
"""
STATUSES = """
pupil calendar_year status
d1    2020          working
d1    2021          working
d1    2022          working
d1    2024          working
d2    2020          neither
d2    2021          working_and_studying
d2    2022          studying
d2    2024          neither
d3    2020          not_resident
d3    2021          not_resident
d3    2022          not_resident
d3    2024          studying
d5    2020          neither
d5    2021          neither
d5    2022          neither
d5    2024          neither
w1    2020          working
w1    2021          studying
w1    2022          neither
w1    2024          neither
w2    2020          neither
w2    2021          neither
w2    2022          working
w2    2024          working
"""
TABLES = {
    "upper_secondary_outcome": OUTCOMES,
    "upper_secondary_enrolment": ENROLLED,
    "after_upper_secondary": STATUSES,
    "school_units": UNITS,
}


COMMON: Said = {
    "why_it_matters": "Arbete eller studier några år efter skolan är det som hela kedjan före är till för.",
    "unit": "share",
    "polarity": "higher_is_better",
    "sensitive": "remainder",
    "population": "upper_secondary_leavers",
    "theme": "Efter gymnasiet",
    "perspective": "home_municipality",
    "period_kind": "school_year",
    "dimensions": ("area", "provider", "model", "sex", "background"),
    "extracts": ("upper_secondary_outcome", "upper_secondary_enrolment", "after_upper_secondary", "school_units"),
}


def _indicator(
    *,
    numbers: tuple[str, str],
    years: int,
    counted: tuple[int, int],
    explanation: str,
    linked: bool = True,
    **said: Unpack[Said],
) -> Indicator:
    """Of those who left so many years ago; `linked`: it has a share that says how many of them were found again."""
    sql = select(
        "upper_secondary_leavers",
        numerator=numbers[0],
        denominator=numbers[1],
        extra=(f"{one_if(f'followed_years >= {years}')} AS observed",),
    )
    linkage = Linkage(indicator=f"status_known_after_{years}_years", who=WHO) if linked else None
    return declared(
        tables=TABLES,
        expected=by_year("home", {"2018/19": counted, "2023/24": (0, 0)}),
        explanation=f"{explanation} De som slutade våren 2024 kan inte följas ännu.",
        **(COMMON | Said(sql=sql, followed_years=years, linkage=linkage) | said),
    )


def _work_or_study(group: str, years: int, counted: tuple[int, int], order: int) -> Indicator:
    words, condition = GROUPS[group]
    status = f"status_{years}"
    kolada = Official(
        source="kolada",
        table="N18601",
        column=(
            "Ungdomar som är etablerade på arbetsmarknaden eller studerar 2 år efter gymnasieexamen, hemkommun, andel (%)"
        ),
        years_later=2,
    )
    return _indicator(
        name=f"work_or_study_after_{years}_years_{group}",
        title=f"Arbetar eller studerar {YEAR_WORDS[years]} år efter gymnasieskolan, {words}",
        short_title=f"Arbete eller studier efter {years} år, {words}",
        question=f"Hur många arbetar eller studerar {YEAR_WORDS[years]} år efter gymnasieskolan, {words}?",
        numerator_label="av dem, de som arbetar i november utan arbetsmarknadsprogram eller studerar med studiemedel",
        denominator_label=f"de som lämnade gymnasieskolan {words}, är folkbokförda och har känd sysselsättning",
        numbers=within(
            f"{condition} AND {ORDINARY} AND followed_years >= {years} AND {status} <> 'not_resident'",
            f"{status} IN ('working', 'studying', 'working_and_studying')",
        ),
        years=years,
        counted=counted,
        explanation=(
            f"{counted[0]} av {counted[1]}. d4 och w3 saknar uppgift, d3 är utflyttad till och med tredje året, och "
            "den som är tillbaka i skolan hösten efter har inte slutat."
        ),
        order=order,
        implies={f"status_known_after_{years}_years": "outcome"},
        official=(kolada,) if (group, years) == ("with_diploma", 2) else (),
    )


def _known(years: int, known: int, order: int) -> Indicator:
    return _indicator(
        name=f"status_known_after_{years}_years",
        title=f"Andel som kunnat följas {YEAR_WORDS[years]} år efter gymnasieskolan",
        short_title=f"Följda efter {years} år",
        question=f"För hur många är sysselsättningen känd {YEAR_WORDS[years]} år efter gymnasieskolan?",
        numerator_label="av dem, de som har en uppgift om sysselsättning eller är utflyttade",
        denominator_label="alla som lämnade gymnasieskolan, utom anpassad gymnasieskola",
        numbers=within(f"{ORDINARY} AND followed_years >= {years}", f"status_{years} IS NOT NULL"),
        years=years,
        counted=(known, 8),
        explanation="d4 och w3 finns inte i uppgifterna om sysselsättning.",
        order=order,
        sensitive="remainder",
        linked=False,
    )


STATES: tuple[tuple[str, str, str, Polarity, Sensitive, int], ...] = (
    ("work", "arbete", "status_2 = 'working'", "no_judgement", "none", 1),
    ("study", "studier", "status_2 = 'studying'", "no_judgement", "none", 1),
    ("work_and_study", "arbete och studier", "status_2 = 'working_and_studying'", "no_judgement", "none", 1),
    ("neither", "varken arbete eller studier", "status_2 = 'neither'", "lower_is_better", "outcome", 2),
    (
        "unknown",
        "okänt eller utflyttad",
        "coalesce(status_2, 'not_resident') = 'not_resident'",
        "no_judgement",
        "outcome",
        3,
    ),
)


NEITHER_AT_ALL = Official(
    source="kolada",
    table="N02797",
    column="Invånare 16-24 år som varken arbetar eller studerar, andel (%)",
    years_later=2,
    same_definition=False,
)
"""Everyone of that age in the municipality, also those who never went to upper secondary school there."""


def _implied_by(state: str) -> dict[str, Implied]:
    """Whether those in a state work or study, and that their status is known; the unknown are in no such share."""
    groups = [f"work_or_study_after_2_years_{group}" for group in GROUPS]
    if state == "unknown":
        return dict.fromkeys(groups, "not counted")
    works: Implied = "remainder" if state == "neither" else "outcome"
    return dict.fromkeys(groups, works) | {"status_known_after_2_years": "outcome"}


def _state(
    state: str, words: str, condition: str, polarity: Polarity, sensitive: Sensitive, number: int, order: int
) -> Indicator:
    return _indicator(
        name=f"two_years_after_{state}",
        title=f"Två år efter gymnasieskolan: {words}",
        short_title=f"Efter två år: {words}",
        question=f"Hur många är två år efter gymnasieskolan här: {words}?",
        numerator_label=f"de som då var här: {words}",
        denominator_label="alla som lämnade gymnasieskolan, med eller utan examen, utom anpassad gymnasieskola",
        numbers=within(f"{ORDINARY} AND followed_years >= 2", condition),
        years=2,
        counted=(number, 8),
        explanation=f"{number} av de åtta som lämnade gymnasieskolan 2018/19.",
        order=order,
        polarity=polarity,
        sensitive=sensitive,
        unit="flow",
        part_of="two_years_after_upper_secondary",
        implies=_implied_by(state),
        linked=state != "unknown",
        official=(NEITHER_AT_ALL,) if state == "neither" else (),
    )


INDICATORS = (
    *(
        _work_or_study("with_diploma", years, counted, 300 + years)
        for years, counted in zip(YEARS, ((1, 3), (2, 3), (2, 3), (2, 4)), strict=True)
    ),
    *(
        _work_or_study("without_diploma", years, counted, 310 + years)
        for years, counted in zip(YEARS, ((1, 2), (1, 2), (1, 2), (1, 2)), strict=True)
    ),
    *(_state(*state, order=320 + place) for place, state in enumerate(STATES)),
    *(_known(years, 6, 330 + years) for years in YEARS),
)
