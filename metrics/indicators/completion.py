"""Completion of upper secondary school: a fixed cohort of starters followed for three, four and five years."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Unpack

from metrics.declare import Implied, Indicator, Linkage, Official, Polarity, Sensitive
from metrics.indicators.pupil_select import UNITS, Said, by_year, declared, one_if, select, within

YEARS = (3, 4, 5)
YEARS_TO_NATIONAL = (1, 2, 3, 4, 5)
YEAR_WORDS = {1: "ett", 2: "två", 3: "tre", 4: "fyra", 5: "fem"}

SCOPES = {
    "all": ("inkl. introduktionsprogram", "stage <> 'adapted'"),
    "national": ("exkl. introduktionsprogram", "stage = 'national_programme'"),
    "introductory": ("bara introduktionsprogram", "stage = 'introductory_programme'"),
}
"""Which starters are counted: the words that stand in every title, and the condition. Adapted school has no diploma."""

RESULTS = {
    "diploma": ("gymnasieexamen", "diploma_years"),
    "diploma_or_certificate": ("gymnasieexamen eller studiebevis", "least(diploma_years, certificate_years)"),
}
"""What counts as completed: a diploma, or at least a study certificate of 2,500 credits; within how many years it was reached."""

KOLADA = {
    ("diploma", 3, "all"): ("N17445", "Gymnasieelever med examen inom 3 år, hemkommun, andel (%)"),
    ("diploma", 4, "all"): ("N17461", "Gymnasieelever med examen inom 4 år, hemkommun, andel (%)"),
    ("diploma", 3, "introductory"): (
        "N17541",
        "Gymnasieelever med examen inom 3 år, introduktionsprogram hemkommun, andel (%)",
    ),
    ("diploma", 4, "introductory"): (
        "N17549",
        "Gymnasieelever med examen inom 4 år, introduktionsprogram hemkommun, andel (%)",
    ),
    ("diploma_or_certificate", 3, "all"): (
        "N17441",
        "Gymnasieelever med examen eller studiebevis inom 3 år, hemkommun, andel (%)",
    ),
    ("diploma_or_certificate", 4, "all"): (
        "N17457",
        "Gymnasieelever med examen eller studiebevis inom 4 år, hemkommun, andel (%)",
    ),
}

ENROLLED = """
pupil school_year school_unit programme study_year home_municipality has_personal_number
n1    2019/20     10000001    NA        1          1419              .
n2    2019/20     10000001    BFPED     1          1419              .
n2    2022/23     10000001    BFPED     3          1419              .
n3    2019/20     10000001    SA        1          1419              .
i1    2019/20     10000001    IMV       1          1419              .
i1    2020/21     10000001    EK        1          1419              .
i2    2019/20     10000001    IMA       1          1419              .
i2    2022/23     10000001    VO        1          1419              .
i2    2023/24     10000001    VO        2          1419              .
i3    2019/20     10000001    IMY       1          1419              .
i3    2020/21     10000001    BA        1          1419              .
i4    2019/20     10000001    IMA       1          1419              .
n4    2019/20     10000001    NA        1          1419              .
b1    2019/20     10000001    IBDIP     1          1419              .
t1    2019/20     10000001    IMS       1          1419              no
late  2022/23     10000001    TE        1          1419              .
last  2024/25     10000001    TE        1          1419              .
"""
NEVER_SEEN_AGAIN = "i5    2019/20     10000001    IMA       1          1419              .\n"
OUTCOMES = """
pupil outcome_date outcome             school_unit
n1    2022-06-10   diploma_preparatory 10000001
n2    2023-06-09   diploma_vocational  10000001
n3    2022-06-10   certificate_2500    10000001
i1    2023-06-09   diploma_preparatory 10000001
b1    2022-05-20   diploma_preparatory 10000001
t1    2022-06-10   diploma_vocational  10000001
i3    2022-06-10   diploma_vocational  10000001
i4    2020-11-01   left                10000001
other 2024-06-10   diploma_vocational  10000001
"""
TABLES = {"upper_secondary_enrolment": ENROLLED, "upper_secondary_outcome": OUTCOMES, "school_units": UNITS}

COUNTED = {
    ("diploma", "all"): ((2, 8), (4, 8), (4, 8)),
    ("diploma", "national"): ((1, 4), (2, 4), (2, 4)),
    ("diploma", "introductory"): ((1, 4), (2, 4), (2, 4)),
    ("diploma_or_certificate", "all"): ((3, 8), (5, 8), (5, 8)),
    ("diploma_or_certificate", "national"): ((2, 4), (3, 4), (3, 4)),
    ("diploma_or_certificate", "introductory"): ((1, 4), (2, 4), (2, 4)),
}
"""What the example counts of the cohort that started in 2019, within three, four and five years."""


COMMON: Said = {
    "why_it_matters": "En fullföljd gymnasieutbildning är det som mest skiljer unga som får arbete från dem som inte får det.",
    "unit": "share",
    "polarity": "higher_is_better",
    "sensitive": "remainder",
    "population": "upper_secondary_starters",
    "theme": "Gymnasiet",
    "perspective": "home_municipality",
    "period_kind": "school_year",
    "dimensions": ("area", "provider", "model", "sex", "background"),
    "extracts": ("upper_secondary_enrolment", "upper_secondary_outcome", "school_units"),
}


def _indicator(
    *,
    numbers: tuple[str, str, str],
    expected: str,
    explanation: str,
    tables: Mapping[str, str] = TABLES,
    **said: Unpack[Said],
) -> Indicator:
    """`numbers`: numerator, denominator and observed."""
    numerator, denominator, observed = numbers
    sql = select(
        "upper_secondary_starters", numerator=numerator, denominator=denominator, extra=(f"{observed} AS observed",)
    )
    return declared(tables=tables, expected=expected, explanation=explanation, **(COMMON | Said(sql=sql) | said))


def _expected(first: tuple[int, int], late: tuple[int, int] = (0, 0), last: tuple[int, int] = (0, 0)) -> str:
    """The example's cohorts of 2019, 2022 and 2024: (numerator, denominator) of each."""
    return by_year("home", {"2019/20": first, "2022/23": late, "2024/25": last})


def _counted(years: int, scope: str) -> str:
    """Who is counted: followed that long, with a personal identity number, and no IB from the official year 2021."""
    return (
        f"outcome_years >= {years} AND has_personal_number AND {SCOPES[scope][1]} "
        f"AND (programme_type <> 'international_baccalaureate' OR spring + {years - 1} < 2021)"
    )


def _completion(result: str, years: int, scope: str, order: int) -> Indicator:
    words, reached = RESULTS[result]
    numerator, denominator = within(_counted(years, scope), f"{reached} <= {years}")
    official = [
        Official(source="kolada", table=kpi, column=title, years_later=years - 1)
        for kpi, title in [KOLADA.get((result, years, scope), ("", ""))]
        if kpi
    ]
    counted = COUNTED[result, scope][YEARS.index(years)]
    return _indicator(
        name=f"{result}_within_{years}_years_{scope}",
        title=f"{words.capitalize()} inom {YEAR_WORDS[years]} år, {SCOPES[scope][0]}",
        short_title=f"{words.capitalize()} inom {years} år, {SCOPES[scope][0]}",
        question=f"Hur många får {words} inom {YEAR_WORDS[years]} år, {SCOPES[scope][0]}?",
        numerator_label=f"elever med {words} senast den 30 juni {YEAR_WORDS[years]} år efter starten",
        denominator_label=(
            f"elever som började gymnasieskolan, årskurs 1 den 15 oktober, {SCOPES[scope][0]}; utan dem som saknade "
            "personnummer och, från 2021 års mätning, IB"
        ),
        numbers=(numerator, denominator, one_if(f"outcome_years >= {years}")),
        expected=_expected(counted),
        explanation=(
            f"{counted[0]} av {counted[1]} som började hösten 2019. b1 (IB) och t1 (utan personnummer) räknas inte. De "
            "som började 2022 och 2024 kan inte följas så länge i det som är inlämnat."
        ),
        followed_years=years,
        official=tuple(official),
        order=order,
        linkage=_linkage(years, scope),
        rarely_reached=(years, scope) == (3, "introductory"),
        implies=_implied(result, years, scope),
        **_published(result, years, scope),
    )


def _implied(result: str, years: int, scope: str) -> dict[str, Implied]:
    """Who has completed so soon has completed later too, whoever is counted beside, has its state, and has been found."""
    results = ("diploma", "diploma_or_certificate") if result == "diploma" else (result,)
    others = _completed(results, years) - {f"{result}_within_{years}_years_{scope}"}
    states = ("diploma",) if result == "diploma" else ("still_enrolled", "left", "unknown")
    where: Implied = "outcome" if result == "diploma" else "remainder"
    implied: dict[str, Implied] = dict.fromkeys(others | _found_from(years), "outcome")
    return implied | {f"after_four_years_{state}": where for state in states if years <= 4}


def _completed(results: Iterable[str], first: int) -> set[str]:
    """The names of these results within so many years or more, in every scope."""
    return {
        f"{each}_within_{years}_years_{scope}"
        for each in results
        for scope in SCOPES
        for years in YEARS
        if years >= first
    }


def _found_from(first: int) -> set[str]:
    """The names of the shares that were found again so many years on or later."""
    return {f"found_after_{years}_years_{scope}" for years, scope, _ in FOUND if years >= first}


def _linkage(years: int, scope: str) -> Linkage:
    """Who says how many were found: of introductory programmes their own share, otherwise that of all who started."""
    if scope == "introductory":
        return Linkage(indicator=f"found_after_{years}_years_introductory")
    if years == 4:
        return Linkage(indicator="after_four_years_unknown", counts_found=False)
    return Linkage(indicator=f"found_after_{years}_years_all")


def _published(result: str, years: int, scope: str) -> dict[str, Any]:
    """For whom it is published. With the diploma beside it, a certificate is a difference: how many have only that.

    That state is protected for members as a whole, four years on; elsewhere a member's certificates stand for nobody.
    """
    if result == "diploma":
        return {}
    return {"members_whole": True} if (years, scope) == (4, "all") else {"dimensions": ()}


def _to_national(years: int, number: int, order: int) -> Indicator:
    numerator, denominator = within(
        f"stage = 'introductory_programme' AND has_personal_number AND enrolment_years >= {years}",
        f"years_to_national BETWEEN 1 AND {years}",
    )
    kolada = Official(
        source="kolada",
        table="N17623",
        column="Gymnasieelever som övergått från IM till nationellt program, hemkommun, andel (%)",
    )
    return _indicator(
        name=f"introductory_to_national_within_{years}_years",
        title=f"Från introduktionsprogram till nationellt program inom {YEAR_WORDS[years]} år",
        short_title=f"Från IM till nationellt, {years} år",
        question=f"Hur många som börjar på introduktionsprogram går på ett nationellt program inom {YEAR_WORDS[years]} år?",
        numerator_label=f"av dem, elever på ett nationellt program någon 15 oktober inom {YEAR_WORDS[years]} år",
        denominator_label="elever som började gymnasieskolan på ett introduktionsprogram",
        numbers=(numerator, denominator, one_if(f"enrolment_years >= {years}")),
        expected=_expected((number, 4)),
        explanation=(
            f"i1 och i3 byter efter ett år och i2 efter tre, så {number} av 4 inom {YEAR_WORDS[years]} år. t1 saknade "
            "personnummer vid starten."
        ),
        followed_years=years,
        implies={
            f"introductory_to_national_within_{more}_years": "outcome" for more in YEARS_TO_NATIONAL if more > years
        },
        official=(kolada,) if years == 1 else (),
        order=order,
        linkage=_linkage(years, "introductory"),
    )


def _state_after(years: int) -> str:
    """SQL for where a starter is so many years on: what she got, still there on 15 October, left, or unknown."""
    return (
        f"CASE WHEN diploma_years <= {years} THEN 'diploma' "
        f"WHEN certificate_years <= {years} THEN 'certificate' "
        f"WHEN (enrolled_after & {2**years}) > 0 THEN 'still_enrolled' "
        f"WHEN left_years <= {years} THEN 'left' "
        "ELSE 'unknown' END"
    )


def _found(years: int, scope: str, number: tuple[int, int], order: int) -> Indicator:
    """How many are found again: the share followed, of all who started or of those on introductory programmes."""
    counted = f"{_counted(years, scope)} AND enrolment_years >= {years}"
    numerator, denominator = within(counted, f"{_state_after(years)} <> 'unknown'")
    who, after = SCOPES[scope][0], f"{YEAR_WORDS[years]} år efter gymnasiestarten"
    return _indicator(
        name=f"found_after_{years}_years_{scope}",
        title=f"Andel som kunnat följas {after}, {who}",
        short_title=f"Följda efter {years} år, {who}",
        question=f"Hur många går att följa {after}, {who}?",
        numerator_label="av dem, elever med examen, studiebevis eller noterat avbrott, eller som då går kvar",
        denominator_label=f"elever som började gymnasieskolan, årskurs 1 den 15 oktober, {who}",
        numbers=(numerator, denominator, one_if(f"outcome_years >= {years} AND enrolment_years >= {years}")),
        expected=_expected(number),
        explanation=(
            f"{number[0]} av {number[1]} som började hösten 2019 återfinns då. Den som varken har ett resultat eller "
            "går kvar den 15 oktober är inte återfunnen, som n4 och i5."
        ),
        followed_years=years,
        order=order,
        dimensions=("area",),
        implies={
            f"found_after_{same}_years_{other}": "outcome"
            for same, other, _ in FOUND
            if same == years and other != scope
        },
        tables={**TABLES, "upper_secondary_enrolment": ENROLLED + NEVER_SEEN_AGAIN},
    )


STATE_AFTER_FOUR = _state_after(4)
FOUND = (
    (3, "all", (6, 9)),
    (5, "all", (6, 9)),
    *((years, "introductory", (number, 5)) for years, number in zip(YEARS_TO_NATIONAL, (2, 1, 3, 4, 3), strict=True)),
)
"""Years, scope, and how many of the example's starters are found; of all after four years, those not unknown."""
STATES: tuple[tuple[str, str, Polarity, Sensitive, int], ...] = (
    ("diploma", "gymnasieexamen", "higher_is_better", "remainder", 4),
    ("certificate", "studiebevis om 2 500 poäng", "no_judgement", "outcome", 1),
    ("still_enrolled", "kvar i gymnasieskolan", "no_judgement", "outcome", 1),
    ("left", "slutat utan examen och studiebevis", "lower_is_better", "outcome", 1),
    ("unknown", "okänt", "no_judgement", "outcome", 1),
)


def _implied_by(state: str) -> dict[str, Implied]:
    """Of what has been completed and found by those in a state four years on; the rest follows from what implies it."""
    if state in ("still_enrolled", "unknown"):
        return {"found_after_4_years_introductory": "outcome" if state == "still_enrolled" else "remainder"}
    results = {"diploma": tuple(RESULTS), "certificate": ("diploma_or_certificate",), "left": ()}[state]
    return dict.fromkeys(_completed(results, 4) | _found_from(4), "outcome")


def _state(state: str, words: str, polarity: Polarity, sensitive: Sensitive, number: int, order: int) -> Indicator:
    counted = f"{_counted(4, 'all')} AND enrolment_years >= 4"
    numerator, denominator = within(counted, f"{STATE_AFTER_FOUR} = '{state}'")
    return _indicator(
        name=f"after_four_years_{state}",
        title=f"Fyra år efter gymnasiestarten: {words}, inkl. introduktionsprogram",
        short_title=f"Efter fyra år: {words}",
        question=f"Hur många är fyra år efter gymnasiestarten här: {words}?",
        numerator_label=f"elever som då var här: {words}",
        denominator_label="elever som började gymnasieskolan, årskurs 1 den 15 oktober, inkl. introduktionsprogram",
        numbers=(numerator, denominator, one_if("outcome_years >= 4 AND enrolment_years >= 4")),
        expected=_expected((number, 8)),
        explanation=f"{number} av de åtta som började 2019. i2 går kvar i vård- och omsorgsprogrammet hösten 2023.",
        followed_years=4,
        order=order,
        unit="flow",
        polarity=polarity,
        sensitive=sensitive,
        part_of="state_after_four_years",
        implies=_implied_by(state),
        linkage=None if state == "unknown" else _linkage(4, "all"),
    )


INDICATORS = (
    *(
        _completion(result, years, scope, 220 + place)
        for place, (result, scope, years) in enumerate(
            (result, scope, years) for result in RESULTS for scope in SCOPES for years in YEARS
        )
    ),
    *(
        _to_national(years, number, 240 + years)
        for years, number in zip(YEARS_TO_NATIONAL, (2, 2, 3, 3, 3), strict=True)
    ),
    *(_state(*state, order=250 + place) for place, state in enumerate(STATES)),
    *(_found(years, scope, number, 260 + place) for place, (years, scope, number) in enumerate(FOUND)),
)
