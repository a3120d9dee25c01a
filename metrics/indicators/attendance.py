"""Absence and attendance per term and stage: one family of thresholds, and the same minutes added up."""

from __future__ import annotations

from typing import Unpack

from metrics.declare import Indicator, Linkage
from metrics.indicators.pupil_select import UNITS, Said, declared, one_if, select, total, within

THRESHOLDS = (10, 15, 20, 30, 50)
"""Per cent of the offered time in a term. There is no official Swedish limit, so several stand side by side."""
UNEXCUSED_THRESHOLDS = (5, 10, 20)
TARGET_GROUP = 20
"""Per cent absence from which a pupil belongs to the group that the models are meant to reach."""

DELIVERED = """
pupil school_unit stage start_date end_date   offered reported attended valid_absence invalid_absence measure
p1    10000001    7-9   2024-08-15 2024-12-20 20000   20000    19600    400           0               .
p2    10000001    7-9   2024-08-15 2024-12-20 20000   20000    18000    1000          1000            .
p3    10000001    7-9   2024-08-15 2024-12-20 20000   18000    .        3000          1200            .
p3    10000001    7-9   2024-09-01 2024-09-30 4000    4000     .        2000          0               .
p4    10000001    7-9   2024-10-01 2024-10-01 360     360      .        0             360             .
p4    10000001    7-9   2024-10-02 2024-10-02 360     300      .        0             0               .
p5    10000002    7-9   2024-08-15 2024-12-20 20000   80       .        16            0               percent
"""
"""Absence: p1 2 %, p2 10 %, p3 21 % (the month lies inside the term), p4 50 % of two days, p5 16 % given as per cent."""

REGISTER = """
instance   | model_type         | municipality | school_unit | started    | filled_posts
Team Tjörn | school_social_team | 1419         | 10000001    | 2023-08-15 | 0.5
"""
CASES = """
pupil instance model_type         home_school_unit stage started
p3    Team     school_social_team 10000001         7-9   2024-10-10
"""
CHAIN = """
child municipality report_date reporter
c2    1419         2024-03-01  school
c3    1419         2024-09-15  police
c5    1419         2025-03-01  school
"""
JOIN = """
pupil child
p2    c2
p3    c3
p5    c5
"""


FOUND = Linkage(indicator="reported_children_found_in_school", who="de orosanmälda barnen i skolåldern")
EVERY_CUT = ("area", "provider", "stage", "model", "sex", "background")
CUT_THRESHOLDS = (10, 20)
UNCUT = ("area", "provider", "stage")
"""Further thresholds of the same absence: cut by sex, model and background too, they would hide each other."""


COMMON: Said = {
    "unit": "share",
    "polarity": "lower_is_better",
    "sensitive": "outcome",
    "population": "attendance",
    "theme": "Närvaro",
    "perspective": "school_municipality",
    "period_kind": "term",
    "dimensions": EVERY_CUT,
}


def _indicator(*, expected: str, explanation: str, tables: tuple[str, ...] = (), **said: Unpack[Said]) -> Indicator:
    """`tables`: further extracts that it reads, with rows in the worked example."""
    further = {
        "collaboration_register": REGISTER,
        "model_participation": CASES,
        "support_chain": CHAIN,
        "declared_join": JOIN,
    }
    extracts = ("attendance", "school_units", *(each for each in tables if each != "declared_join"))
    given = {"attendance": DELIVERED, "school_units": UNITS} | {each: further[each] for each in tables}
    return declared(
        tables=given, expected=expected, explanation=explanation, **(COMMON | Said(extracts=extracts) | said)
    )


def at_least(part: str, percent: int) -> str:
    """A pupil on the limit has reached it: a millionth of a minute is left for sums of fractions."""
    return f"100 * {part} >= {percent} * offered - 0.0001"


def _below(name: str, percent: int, thresholds: tuple[int, ...]) -> str:
    """The indicator of the next lower threshold, "" for the lowest."""
    lower = [each for each in thresholds if each < percent]
    return f"{name}_{max(lower)}" if lower else ""


def _threshold(percent: int, reached: int, order: int) -> Indicator:
    return _indicator(
        name=f"absence_{percent}",
        title=f"Elever med minst {percent} procents frånvaro",
        short_title=f"Frånvaro minst {percent} %",
        question=f"Hur många elever är borta minst {percent} procent av undervisningen en termin?",
        why_it_matters=(
            "Hög frånvaro syns ofta före låga betyg och avbrutna studier. Måttet räknar all frånvaro, giltig och "
            "ogiltig, eftersom undervisningen går förlorad i båda fallen."
        ),
        numerator_label=f"elever vars giltiga och ogiltiga frånvaro är minst {percent} procent av den erbjudna tiden",
        denominator_label="elever med erbjuden undervisningstid under terminen",
        sql=select("attendance_terms", numerator=one_if(at_least("absence", percent))),
        expected=total("HT 2024", reached, 5),
        explanation=(
            f"Frånvaron är 2, 10, 21, 50 och 16 procent; {reached} av 5 når {percent} procent. p3 har både en termin "
            "och en månad inlämnad, och bara terminen räknas."
        ),
        order=order,
        dimensions=EVERY_CUT if percent in CUT_THRESHOLDS else UNCUT,
        within=_below("absence", percent, THRESHOLDS),
        implies={f"absence_{lower}": "outcome" for lower in THRESHOLDS if lower < percent},
    )


def _unexcused(percent: int, reached: int, order: int) -> Indicator:
    return _indicator(
        name=f"unexcused_absence_{percent}",
        title=f"Elever med minst {percent} procents ogiltig frånvaro",
        short_title=f"Ogiltig frånvaro minst {percent} %",
        question=f"Hur många elever har ogiltig frånvaro minst {percent} procent av undervisningen en termin?",
        why_it_matters="Ogiltig frånvaro följs för sig: gränsen mellan giltig och ogiltig dras olika av olika skolor och system.",
        numerator_label=f"elever vars ogiltiga frånvaro är minst {percent} procent av den erbjudna tiden",
        denominator_label="elever med erbjuden undervisningstid under terminen",
        sql=select("attendance_terms", numerator=one_if(at_least("unexcused", percent))),
        expected=total("HT 2024", reached, 5),
        explanation=f"Den ogiltiga frånvaron är 0, 5, 6, 50 och 0 procent; {reached} av 5 når {percent} procent.",
        order=order,
        dimensions=UNCUT,
        within=_below("unexcused_absence", percent, UNEXCUSED_THRESHOLDS),
        implies=dict.fromkeys(
            [
                *(f"unexcused_absence_{lower}" for lower in UNEXCUSED_THRESHOLDS if lower < percent),
                *(f"absence_{lower}" for lower in THRESHOLDS if lower <= percent),
            ],
            "outcome",
        ),
    )


def _minutes(
    *, part: str, added: float, counted: int, weight: float, explanation: str, **said: Unpack[Said]
) -> Indicator:
    minutes = Said(
        denominator_label="erbjuden undervisningstid (minuter)",
        sql=select(
            "attendance_terms",
            numerator=f"CASE WHEN {part} IS NOT NULL THEN {part} ELSE 0 END",
            denominator=one_if(f"{part} IS NOT NULL"),
            extra=(f"CASE WHEN {part} IS NOT NULL THEN offered ELSE 0 END AS weight",),
        ),
        sensitive="none",
        ratio=True,
    )
    expected = total("HT 2024", added, counted, weight=weight)
    return _indicator(expected=expected, explanation=explanation, **(minutes | said))


TERM_ENDS = (
    "make_date(term // 2, CASE WHEN term % 2 = 1 THEN 12 ELSE 6 END, CASE WHEN term % 2 = 1 THEN 31 ELSE 30 END)"
)
LINKED = (
    "attendance_terms\nLEFT JOIN known_to_social_services AS known\n    ON known.pupil = contributors\n"
    "LEFT JOIN joined_reach AS reach\n    ON reach.municipality = school_municipality"
)
KNOWN = f"first_report <= {TERM_ENDS}"
OTHERS = f"(first_report IS NULL OR first_report > {TERM_ENDS}) AND reports_begin IS NOT NULL"


def _known(
    name: str, who: str, short: str, counted: str, numbers: tuple[int, int], explanation: str, order: int
) -> Indicator:
    numerator, denominator = within(counted, at_least("absence", 20))
    return _indicator(
        name=name,
        title=f"Elever med minst 20 procents frånvaro, {who}",
        short_title=f"Frånvaro minst 20 %, {short}",
        question=f"Hur många är borta minst 20 procent bland {who}?",
        why_it_matters="Visar om barn som socialtjänsten känner till når skolan lika ofta som andra, och om klyftan minskar.",
        numerator_label="elever vars giltiga och ogiltiga frånvaro är minst 20 procent av den erbjudna tiden",
        denominator_label=who,
        sql=select(LINKED, numerator=numerator, denominator=denominator),
        expected=total("HT 2024", *numbers),
        explanation=explanation,
        order=order,
        theme="Tidigt",
        tables=("support_chain", "declared_join"),
        population="joined_pupils",
        needs_join=True,
        linkage=FOUND,
        implies=dict.fromkeys(["reported_after_absence_under_10", "reported_after_absence_10_to_20"], "not counted"),
        dimensions=("area", "stage"),
        splits=(f"absence_{TARGET_GROUP}",),
    )


REACHABLE = f"models <> '' AND {at_least('absence', TARGET_GROUP)}"
REACHED = within(REACHABLE, "participates")
WITH_STAFF = (
    "attendance_terms\nLEFT JOIN (\n    SELECT\n        school_unit AS staffed_unit,\n        term AS staffed_term,\n"
    "        posts_per_pupil\n    FROM model_staff\n) AS staff\n    ON staff.staffed_unit = school_unit\n    AND staff.staffed_term = term"
)

INDICATORS = (
    *(
        _threshold(percent, reached, 100 + place)
        for place, (percent, reached) in enumerate(zip(THRESHOLDS, (4, 3, 2, 1, 1), strict=True))
    ),
    *(
        _unexcused(percent, reached, 110 + place)
        for place, (percent, reached) in enumerate(zip(UNEXCUSED_THRESHOLDS, (3, 1, 1), strict=True))
    ),
    _minutes(
        name="absence_time",
        title="Frånvarons andel av undervisningstiden",
        short_title="Frånvarotid",
        question="Hur stor del av undervisningstiden går förlorad i frånvaro?",
        why_it_matters="Tiden visar hela förlusten av undervisning, också den som sprids på många elever under gränserna.",
        part="absence",
        numerator_label="giltig och ogiltig frånvaro (minuter)",
        polarity="lower_is_better",
        added=400 + 2000 + 4200 + 360 + 0.16 * 20000,
        counted=5,
        weight=4 * 20000 + 720,
        explanation="Minuterna läggs ihop innan de delas: 10 160 av 80 720 erbjudna minuter.",
        order=120,
    ),
    _minutes(
        name="attendance_time",
        title="Närvarons andel av undervisningstiden",
        short_title="Närvarotid",
        question="Hur stor del av undervisningstiden deltar eleverna i?",
        why_it_matters=(
            "Där all tid är rapporterad är närvaron det som återstår när frånvaron dragits ifrån. Där den inte är det "
            "räknas bara den närvaro som registrerats."
        ),
        part="attended",
        numerator_label="registrerad närvaro (minuter)",
        polarity="higher_is_better",
        added=19600 + 18000,
        counted=2,
        weight=2 * 20000,
        explanation="Bara p1 och p2 har närvarotid inlämnad; de andra räknas inte alls i måttet.",
        order=121,
    ),
    _minutes(
        name="reporting_rate",
        title="Rapporterad andel av undervisningstiden",
        short_title="Rapporteringsgrad",
        question="Hur stor del av undervisningstiden har närvaron registrerats för?",
        why_it_matters="Under 90 procent säger frånvaron lika mycket om registreringen som om eleverna. Läs då nivåerna försiktigt.",
        part="reported",
        numerator_label="tid med registrerad närvaro (minuter)",
        polarity="higher_is_better",
        added=20000 + 20000 + 18000 + 660 + 0.8 * 20000,
        counted=5,
        weight=4 * 20000 + 720,
        explanation="74 660 av 80 720 minuter är rapporterade; p3, p4 och p5 har luckor.",
        order=122,
    ),
    _indicator(
        name="covered_by_model",
        title="Elever vid skolor med en samverkansmodell",
        short_title="Täckning",
        question="Hur många elever går på en skola som har en samverkansmodell?",
        why_it_matters="En modell kan bara göra skillnad för dem som den finns nära.",
        numerator_label="elever vid skolor med minst en samverkansmodell hela läsåret",
        denominator_label="elever med erbjuden undervisningstid under terminen",
        sql=select("attendance_terms", numerator=one_if("models <> ''")),
        expected=total("HT 2024", 4, 5),
        explanation="Teamet finns vid skolan där p1–p4 går, från augusti 2023. p5 går på en annan skola.",
        order=600,
        at_models="outcome",
        polarity="no_judgement",
        sensitive="none",
        theme="Samverkansmodeller",
        tables=("collaboration_register",),
    ),
    _indicator(
        name="target_group_reached",
        title=f"Elever med minst {TARGET_GROUP} procents frånvaro som möter modellen",
        short_title="Nådd målgrupp",
        question=f"Hur många med minst {TARGET_GROUP} procents frånvaro får kontakt med modellen på sin skola?",
        why_it_matters="Visar om modellen når dem som den är till för. Det beskriver arbetet och är inget mått på effekt.",
        numerator_label="av dem, elever med ett pågående ärende hos en samverkansmodell under terminen",
        denominator_label=f"elever med minst {TARGET_GROUP} procents frånvaro vid skolor med en samverkansmodell",
        sql=select("attendance_terms", numerator=REACHED[0], denominator=REACHED[1]),
        expected=total("HT 2024", 1, 2),
        explanation="p3 och p4 har så hög frånvaro vid skolan med teamet; p3 har ett ärende, p4 inte.",
        order=602,
        implies=dict.fromkeys(
            ["covered_by_model", *(f"absence_{lower}" for lower in THRESHOLDS if lower <= TARGET_GROUP)], "outcome"
        ),
        at_models=f"absence_{TARGET_GROUP}",
        polarity="higher_is_better",
        sensitive="both",
        theme="Samverkansmodeller",
        tables=("collaboration_register", "model_participation"),
    ),
    _indicator(
        name="staff_per_1000",
        title="Tjänster i samverkansmodeller per 1 000 elever",
        short_title="Tjänster per 1 000 elever",
        question="Hur många heltidstjänster i samverkansmodeller finns det per 1 000 elever?",
        why_it_matters="Samma modell kan vara bemannad mycket olika. Utan tillräckligt med tid kan den inte väntas göra skillnad.",
        numerator_label="tillsatta heltidstjänster i samverkansmodeller, fördelade lika på eleverna vid modellens skolor",
        denominator_label="elever med erbjuden undervisningstid under terminen",
        sql=select(WITH_STAFF, numerator="coalesce(posts_per_pupil, 0)", extra=("1 AS weight",)),
        expected=total("HT 2024", 0.5, 5, weight=5),
        explanation="En halv tjänst delas av fyra elever; den femte går på en skola utan. 0,5 på 5 elever är 100 per 1 000.",
        order=601,
        unit="per_1000",
        polarity="no_judgement",
        sensitive="none",
        ratio=True,
        theme="Samverkansmodeller",
        tables=("collaboration_register",),
    ),
    _known(
        "absence_20_known_to_social_services",
        "elever som orosanmälts",
        "orosanmälda",
        KNOWN,
        (1, 2),
        "p2 och p3 är anmälda före terminens slut; bara p3 har så hög frånvaro. p5 anmäls först i mars.",
        710,
    ),
    _known(
        "absence_20_not_known_to_social_services",
        "elever som inte orosanmälts",
        "övriga",
        OTHERS,
        (1, 3),
        "Av p1, p4 och p5, som inte är anmälda under terminen, har p4 så hög frånvaro.",
        711,
    ),
)
