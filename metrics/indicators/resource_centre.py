"""Resource centres: who returns to the ordinary class and when, who is still there, and whether it went as planned."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Implied, Indicator, Linkage
from metrics.indicators.pupil_select import UNITS, Said, by_year, declared, one_if, select, within

TERMS = {1: 182, 2: 365, 4: 730}
"""Terms since the start, in days: half a year, a year and two years."""
TERM_WORDS = {1: "en termin", 2: "två terminer", 4: "fyra terminer"}

PLACED = """
pupil centre kind                   home_school_unit stage started    planned_end ended      end_reason      observed_to
r1    Nav    .                      10000001         7-9   2022-09-01 2023-01-31  2023-01-20 returned        2025-06-30
r2    Nav    .                      10000001         7-9   2022-09-01 2023-06-10  2023-09-01 returned        2025-06-30
r3    Nav    .                      10000001         4-6   2022-09-01 2023-06-10  2023-03-01 moved           2025-06-30
r4    Nav    .                      10000001         7-9   2022-09-01 .           .          .               2025-06-30
r4    Nav    .                      10000001         7-9   2023-05-01 .           2023-05-02 returned        2025-06-30
r5    Nav    .                      10000001         7-9   2023-01-10 2023-06-10  2024-06-10 finished_school 2025-06-30
g1    Ugglan special_teaching_group 10000002         4-6   2022-09-01 2023-06-10  2023-02-01 returned        2025-06-30
g2    Ugglan special_teaching_group 10000002         4-6   2022-09-01 2023-06-10  .          .               2025-06-30
late  Nav    .                      10000001         7-9   2025-02-03 2025-12-20  2025-05-30 returned        2025-06-30
"""
NEVER_SEEN_AGAIN = """
r6    Nav    .                      10000001         7-9   2022-09-01 2023-06-10  .          .               2022-12-31
g3    Ugglan special_teaching_group 10000002         4-6   2022-09-01 .           .          .               2022-12-31
"""
CENTRE = "kind = 'resource_centre'"
GROUP = "kind = 'special_teaching_group'"
LABELS = {
    CENTRE: "elever som började vid ett resurscentrum under läsåret",
    GROUP: "elever som började i annan särskild undervisningsgrupp under läsåret",
}


COMMON: Said = {
    "why_it_matters": (
        "Tiden utanför ordinarie klass ska vara en väg tillbaka. Måtten visar om den blir det, och hur lång tid det tar."
    ),
    "population": "resource_centre_placements",
    "theme": "Resurscentrum",
    "perspective": "school_municipality",
    "period_kind": "school_year",
    "dimensions": ("area", "stage", "sex", "background"),
    "extracts": ("resource_centre_placement", "school_units"),
}


def _indicator(
    *,
    kind: str,
    numbers: tuple[str, str],
    extra: tuple[str, ...],
    counted: tuple[int, int],
    explanation: str,
    placed: str = PLACED,
    **said: Unpack[Said],
) -> Indicator:
    """Of those who began in this kind of group; `placed`: the rows of its worked example."""
    sql = select("resource_centre_placements", numerator=numbers[0], denominator=numbers[1], extra=extra)
    return declared(
        tables={"resource_centre_placement": placed, "school_units": UNITS},
        expected=by_year("school", {"2022/23": counted, "2024/25": (0, 0)}),
        explanation=f"{explanation} Den som började i februari 2025 har inte följts så länge ännu.",
        **(COMMON | Said(sql=sql, denominator_label=LABELS[kind]) | said),
    )


def _returned(kind: str, terms: int, counted: tuple[int, int], order: int) -> Indicator:
    days = TERMS[terms]
    place = "resurscentrum" if kind == CENTRE else "annan särskild undervisningsgrupp"
    prefix = "resource_centre" if kind == CENTRE else "special_group"
    return _indicator(
        name=f"{prefix}_returned_within_{terms}_terms",
        title=f"Åter i ordinarie klass inom {TERM_WORDS[terms]}, från {place}",
        short_title=f"Åter inom {TERM_WORDS[terms]}, {place}",
        question=f"Hur många är tillbaka i ordinarie klass inom {TERM_WORDS[terms]} från {place}?",
        numerator_label=f"av dem, elever som återgått till ordinarie klass inom {days} dagar",
        kind=kind,
        numbers=within(f"{kind} AND days_seen >= {days}", f"event = 1 AND days <= {days}"),
        extra=(
            one_if(f"{kind} AND days_seen >= {days}") + " AS observed",
            f"CASE WHEN {kind} THEN days END AS time",
            f"CASE WHEN {kind} THEN event END AS event",
        ),
        counted=counted,
        explanation=(
            f"{counted[0]} av {counted[1]} är tillbaka inom {days} dagar. Flytt och avslutad grundskola är andra slut "
            "och räknas inte som återgång. En andra placering samma läsår räknas inte."
        ),
        order=order,
        unit="incidence",
        polarity="higher_is_better",
        sensitive="remainder",
        horizon_days=days,
        linkage=Linkage(indicator=f"{prefix}_followed_{terms}_terms"),
        implies=_implied_by_return(terms) if kind == CENTRE else {},
    )


def _implied_by_return(terms: int) -> dict[str, Implied]:
    """Who is back has been back since, and is not still there."""
    back: dict[str, Implied] = {
        f"resource_centre_returned_within_{more}_terms": "outcome" for more in TERMS if more > terms
    }
    return back | {f"resource_centre_still_there_after_{more}_terms": "remainder" for more in TERMS if more >= terms}


def _still_there(terms: int, counted: tuple[int, int], order: int) -> Indicator:
    days = TERMS[terms]
    return _indicator(
        name=f"resource_centre_still_there_after_{terms}_terms",
        title=f"Kvar vid resurscentrum efter {TERM_WORDS[terms]}",
        short_title=f"Kvar efter {TERM_WORDS[terms]}",
        question=f"Hur många är kvar vid resurscentrum efter {TERM_WORDS[terms]}?",
        numerator_label=f"av dem, elever vars placering inte slutat inom {days} dagar",
        kind=CENTRE,
        numbers=within(f"{CENTRE} AND days_seen >= {days}", f"event = 0 OR days > {days}"),
        extra=(one_if(f"{CENTRE} AND days_seen >= {days}") + " AS observed",),
        counted=counted,
        explanation=f"{counted[0]} av {counted[1]} är kvar efter {days} dagar.",
        order=order,
        unit="share",
        polarity="lower_is_better",
        sensitive="outcome",
        followed_years=(days + 364) // 365,
        implies={f"resource_centre_still_there_after_{less}_terms": "outcome" for less in TERMS if less < terms},
        linkage=Linkage(indicator=f"resource_centre_followed_{terms}_terms"),
    )


def _followed(
    *, name: str, words: str, kind: str, possible: str, seen: str, years: int, counted: tuple[int, int], order: int
) -> Indicator:
    """Whether those who began so long ago that someone's time has been seen to the end have had their own seen."""
    place = "resurscentrum" if kind == CENTRE else "annan särskild undervisningsgrupp"
    possible = f"{kind} AND {possible}"
    return _indicator(
        name=name,
        title=f"Andel som kunnat följas {words} från starten vid {place}",
        short_title=f"Följda {words}, {place}",
        question=f"Hur många av dem som börjat vid {place} har kunnat följas {words}?",
        numerator_label="av dem, elever vars placering är inlämnad så långt",
        kind=kind,
        numbers=within(possible, seen),
        extra=(one_if(possible) + " AS observed",),
        counted=counted,
        explanation="En av dem har bara uppgifter till och med december 2022, fast andra är inlämnade längre.",
        order=order,
        unit="share",
        polarity="higher_is_better",
        sensitive="none",
        followed_years=years,
        placed=PLACED + NEVER_SEEN_AGAIN.lstrip(),
    )


def _followed_terms(kind: str, terms: int, counted: tuple[int, int], order: int) -> Indicator:
    return _followed(
        name=f"{'resource_centre' if kind == CENTRE else 'special_group'}_followed_{terms}_terms",
        words=TERM_WORDS[terms],
        kind=kind,
        possible=f"days_possible >= {TERMS[terms]}",
        seen=f"days_seen >= {TERMS[terms]}",
        years=(TERMS[terms] + 364) // 365,
        counted=counted,
        order=order,
    )


PLANNED = f"{CENTRE} AND planned_end <= seen_to"

INDICATORS = (
    *(
        _returned(CENTRE, terms, counted, 400 + terms)
        for terms, counted in zip(TERMS, ((1, 5), (2, 5), (2, 5)), strict=True)
    ),
    *(
        _still_there(terms, counted, 410 + terms)
        for terms, counted in zip(TERMS, ((3, 5), (2, 5), (1, 5)), strict=True)
    ),
    _indicator(
        name="resource_centre_returned_as_planned",
        title="Åter i ordinarie klass senast vid planerad tid",
        short_title="Åter som planerat",
        question="Hur många är tillbaka från resurscentrum senast när det var planerat?",
        numerator_label="av dem, elever som återgått till ordinarie klass senast den planerade dagen",
        kind=CENTRE,
        numbers=within(PLANNED, "event = 1 AND ended <= planned_end"),
        extra=(one_if(PLANNED) + " AS observed",),
        counted=(1, 4),
        explanation="r1 är tillbaka före den planerade dagen, r2 efter. r3 och r5 slutar på annat sätt. r4 saknar plan.",
        order=420,
        unit="share",
        polarity="higher_is_better",
        sensitive="none",
        followed_years=1,
        linkage=Linkage(indicator="resource_centre_followed_to_plan"),
    ),
    _returned(GROUP, 2, (1, 2), 430),
    *(_followed_terms(CENTRE, terms, (5, 6), 440 + terms) for terms in TERMS),
    _followed(
        name="resource_centre_followed_to_plan",
        words="till den planerade dagen",
        kind=CENTRE,
        possible="planned_end <= possible_to",
        seen="planned_end <= seen_to",
        years=1,
        counted=(4, 5),
        order=447,
    ),
    _followed_terms(GROUP, 2, (2, 3), 450),
)
