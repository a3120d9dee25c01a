"""From report of concern to intervention: reports and children side by side, with what cannot be seen yet left out."""

from __future__ import annotations

from metrics.declare import Indicator, Polarity, Sensitive
from metrics.indicators.pupil_select import one_if, select
from metrics.indicators.support_chain_forms import CHILDREN, REGION_ONLY, child, indicator, reports, years

SCOPES = {
    "all": ("alla anmälare", ""),
    "school": ("anmälda av skolan", "school_"),
}
"""Reports by anyone, and reports by a school; the second is empty where the reporter is not recorded."""


def _decided_in_time(scope: str, expected: str, explanation: str, order: int) -> Indicator:
    words, prefix = SCOPES[scope]
    return reports(
        name=f"decision_within_14_days_{scope}",
        title=f"Förhandsbedömning klar inom 14 dagar, {words}",
        short_title=f"Beslut inom 14 dagar, {words}",
        question=f"Hur ofta beslutar socialtjänsten inom 14 dagar om utredning ska inledas, {words}?",
        why="time",
        numerator_label="orosanmälningar med beslut om att inleda utredning eller inte inom 14 dagar",
        denominator_label=f"orosanmälningar som är minst 14 dagar gamla, {words}",
        part=f"{prefix}due_in_time",
        whole=f"{prefix}due",
        expected=expected,
        explanation=explanation,
        order=order,
        polarity="higher_is_better",
        followed_years=0,
    )


def _opened(scope: str, expected: str, explanation: str, order: int) -> Indicator:
    words, prefix = SCOPES[scope]
    return reports(
        name=f"investigation_opened_{scope}",
        title=f"Orosanmälningar som leder till utredning, {words}",
        short_title=f"Utredning inledd, {words}",
        question=f"Hur ofta leder en orosanmälan till att en utredning inleds, {words}?",
        why="result",
        numerator_label="orosanmälningar där utredning inletts",
        denominator_label=f"orosanmälningar där beslut fattats, {words}",
        part=f"{prefix}opened",
        whole=f"{prefix}decided",
        expected=expected,
        explanation=explanation,
        order=order,
    )


def _intervention(scope: str, expected: str, explanation: str, order: int) -> Indicator:
    words, prefix = SCOPES[scope]
    return child(
        name=f"led_to_intervention_{scope}",
        title=f"Barn som får en insats efter orosanmälan, {words}",
        short_title=f"Insats efter anmälan, {words}",
        question=f"Hur många barn får en insats efter årets första orosanmälan, {words}?",
        numerator_label="barn som fick en insats efter årets första anmälan",
        denominator_label=f"barn med orosanmälan under året, {words}, och minst ett halvår sedan den första",
        followed=f"{prefix}followed_six_months",
        outcome=f"{prefix}intervention NOT IN ('none', 'undecided')",
        expected=expected,
        explanation=explanation,
        order=order,
    )


def _repeat(scope: str, expected: str, explanation: str, order: int) -> Indicator:
    words, prefix = SCOPES[scope]
    return child(
        name=f"reported_again_within_12_months_{scope}",
        title=f"Ny orosanmälan inom tolv månader, {words}",
        short_title=f"Ny anmälan inom ett år, {words}",
        question=f"Hur många barn anmäls på nytt inom tolv månader, {words}?",
        numerator_label="barn med en ny anmälan, av vem som helst, inom tolv månader från årets första",
        denominator_label=f"barn med orosanmälan under året, {words}, och minst tolv månader sedan den första",
        followed=f"{prefix}followed_a_year",
        outcome=f"{prefix}reported_again",
        implies={} if scope == "all" else {"reported_again_within_12_months_all": "outcome"},
        expected=expected,
        explanation=explanation,
        order=order,
        dimensions=("area", "stage", "sex") if scope == "all" else REGION_ONLY,
    )


TIMES: tuple[tuple[str, str, Polarity, int, int], ...] = (
    ("closed_in_time", "klar inom fyra månader", "higher_is_better", 2, 0),
    ("extended", "förlängd", "no_judgement", 1, 0),
    ("closed_late", "klar senare, utan förlängning", "lower_is_better", 1, 0),
    ("still_open", "fortfarande öppen, utan förlängning", "lower_is_better", 0, 1),
)
"""State of an investigation, its words, polarity, and how many are in it in the example's 2023 and 2024."""

KINDS: tuple[tuple[str, str, int, int], ...] = (
    ("none", "ingen insats", 1, 0),
    ("open_support", "öppen insats", 1, 0),
    ("structured_programme", "strukturerat öppenvårdsprogram", 1, 0),
    ("contact_person", "kontaktperson eller kontaktfamilj", 1, 0),
    ("placement", "placering", 1, 0),
    ("other", "annan insats", 1, 0),
    ("undecided", "inte avgjort", 1, 1),
)


def _class_of(usual: bool) -> Sensitive:
    """The usual state stands for those outside it too. That nobody is in another state singles out no child."""
    return "both" if usual else "outcome"


def _time(state: str, words: str, polarity: Polarity, first: int, second: int, order: int) -> Indicator:
    return child(
        name=f"investigation_{state}",
        title=f"Utredningens tid: {words}",
        short_title=f"Utredning {words}",
        question=f"Hur många barns utredningar är fyra månader efter starten här: {words}?",
        why="time",
        numerator_label=f"barn vars utredning var: {words}",
        denominator_label="barn vars utredning inletts efter årets första anmälan för minst fyra månader sedan",
        followed="investigation_state IS NOT NULL",
        outcome=f"investigation_state = '{state}'",
        expected=years((2021, 0, 0), (2023, first, 4), (2024, second, 1), (2025, 0, 0)),
        explanation=(
            "2023: a är klar på dagen fyra månader och old i god tid, b en dag för sent, och c är förlängd. 2024: d "
            "är fortfarande öppen."
        ),
        order=order,
        polarity=polarity,
        sensitive=_class_of(state == "closed_in_time"),
        part_of="investigation_time",
    )


def _kind(kind: str, words: str, first: int, second: int, order: int) -> Indicator:
    return child(
        name=f"intervention_{kind}",
        title=f"Efter årets första anmälan: {words}",
        short_title=f"Insats: {words}",
        question=f"Hur många barn får detta efter årets första orosanmälan: {words}?",
        numerator_label=f"barn som fick: {words}",
        denominator_label="barn med orosanmälan under året och minst ett halvår sedan den första",
        followed="followed_six_months",
        outcome=f"intervention = '{kind}'",
        expected=years((2021, int(kind == "none"), 1), (2023, first, CHILDREN), (2024, second, 1), (2025, 0, 0)),
        explanation="Det mest omfattande stödet räknas, en gång per barn. Delarna blir tillsammans alla barn.",
        order=order,
        sensitive=_class_of(kind == "none"),
        part_of="intervention_after_report",
        implies={"led_to_intervention_all": "remainder" if kind in ("none", "undecided") else "outcome"},
    )


INDICATORS = (
    indicator(
        name="reports_per_child",
        title="Orosanmälningar per anmält barn",
        short_title="Anmälningar per barn",
        question="Hur många orosanmälningar kommer det per anmält barn?",
        why="count",
        numerator_label="orosanmälningar under året",
        denominator_label="barn med minst en orosanmälan under året",
        sql=select("reported_children", numerator="reports"),
        expected=years((2021, 1, 1), (2023, 8, CHILDREN), (2024, 1, 1), (2025, 1, 1)),
        explanation="2023 kom åtta anmälningar om sju barn: a anmäldes två gånger. Anmälningar är inte barn.",
        order=500,
        unit="mean",
        counts_events=True,
    ),
    reports(
        name="reported_by_school",
        title="Orosanmälningar från skolan",
        short_title="Från skolan",
        question="Hur stor del av orosanmälningarna kommer från skolan?",
        why="count",
        numerator_label="orosanmälningar från skola eller elevhälsa",
        denominator_label="orosanmälningar under året",
        part="school_reports",
        whole="reports",
        expected=years((2021, 1, 1), (2023, 3, CHILDREN), (2024, 1, 1), (2025, 1, 1), weights=(1, 8, 1, 1)),
        explanation="Tre av 2023 års åtta anmälningar kommer från skolan: om a, c och d.",
        order=501,
    ),
    reports(
        name="reporter_unknown",
        title="Orosanmälningar med okänd anmälare",
        short_title="Okänd anmälare",
        question="Hur stor del av orosanmälningarna saknar uppgift om vem som anmälde?",
        why="count",
        numerator_label="orosanmälningar utan uppgift om anmälare",
        denominator_label="orosanmälningar under året",
        part="unknown_reports",
        whole="reports",
        expected=years((2021, 0, 1), (2023, 1, CHILDREN), (2024, 0, 1), (2025, 0, 1), weights=(1, 8, 1, 1)),
        explanation="En av åtta. Är andelen hög säger måtten för skolans anmälningar inte mycket.",
        order=502,
    ),
    _decided_in_time(
        "all",
        years((2021, 1, 1), (2023, 5, CHILDREN), (2024, 1, 1), (2025, 0, 0), weights=(1, 8, 1, 0)),
        "2023: fem av åtta. a beslutas på dag 14; a:s andra på dag 19, b på dag 15, e aldrig. Anmälan i juni 2025 är för ny.",
        510,
    ),
    _decided_in_time(
        "school",
        years((2021, 1, 1), (2023, 3, 3), (2024, 1, 1), (2025, 0, 0), weights=(1, 3, 1, 0)),
        "Skolans tre anmälningar 2023, om a, c och d, beslutas alla inom 14 dagar.",
        511,
    ),
    _opened(
        "all",
        years((2021, 0, 1), (2023, 4, 6), (2024, 1, 1), (2025, 0, 0), weights=(1, 7, 1, 0)),
        "Fyra av sju beslutade anmälningar 2023. e är inte beslutad.",
        520,
    ),
    _opened(
        "school",
        years((2021, 0, 1), (2023, 2, 3), (2024, 1, 1), (2025, 0, 0), weights=(1, 3, 1, 0)),
        "Två av skolans tre anmälningar 2023 leder till utredning: om a och c.",
        521,
    ),
    reports(
        name="feedback_to_school",
        title="Återkoppling till skolan efter orosanmälan",
        short_title="Återkoppling till skolan",
        question="Hur ofta får skolan veta om dess orosanmälan lett till en utredning?",
        why="result",
        numerator_label="skolans orosanmälningar där skolan fått återkoppling",
        denominator_label="skolans beslutade orosanmälningar där återkopplingen är antecknad",
        part="feedback_given",
        whole="feedback_known",
        expected=years((2021, 1, 1), (2023, 1, 2), (2024, 0, 1), (2025, 0, 0), weights=(1, 2, 1, 0)),
        explanation="2023: om a gavs återkoppling, om c inte. För d är det inte antecknat.",
        order=522,
        polarity="higher_is_better",
    ),
    *(_time(*state, order=530 + place) for place, state in enumerate(TIMES)),
    _intervention(
        "all",
        years((2021, 0, 1), (2023, 5, CHILDREN), (2024, 0, 1), (2025, 0, 0)),
        "a, b, c, f och old får en insats efter årets första anmälan 2023. d:s utredning 2024 är inte avgjord.",
        540,
    ),
    _intervention(
        "school",
        years((2021, 0, 1), (2023, 2, 3), (2024, 0, 1), (2025, 0, 0)),
        "Av barnen som skolan anmälde 2023 får a och c en insats, d ingen.",
        541,
    ),
    *(_kind(*kind, order=542 + place) for place, kind in enumerate(KINDS)),
    _repeat(
        "all",
        years((2021, 0, 1), (2023, 2, CHILDREN), (2024, 0, 1), (2025, 0, 0)),
        "a anmäls igen efter en månad och d på dagen ett år efter. old kommer åter först efter mer än två år.",
        550,
    ),
    _repeat(
        "school",
        years((2021, 0, 1), (2023, 2, 3), (2024, 0, 1), (2025, 0, 0)),
        "Av a, c och d, anmälda av skolan 2023, anmäls a och d igen inom tolv månader.",
        551,
    ),
    indicator(
        name="age_at_first_report",
        title="Ålder vid första orosanmälan",
        short_title="Ålder vid första anmälan",
        question="Hur gamla är barnen när de anmäls för första gången?",
        why="time",
        numerator_label="summan av barnens ålder i år när de anmäldes första gången",
        denominator_label="barn som inte anmälts tidigare, i kommuner med minst två år inlämnade dessförinnan",
        sql=select(
            "reported_children",
            numerator=one_if("first_ever").replace("THEN 1", "THEN age"),
            denominator=one_if("first_ever"),
        ),
        expected=years((2021, 0, 0), (2023, 14 + 11 + 15 + 9 + 13 + 12, 6), (2024, 0, 0), (2025, 15, 1)),
        explanation="2023 är a 14, b 11, c 15, d 9, e 13 och f 12 år. old är anmäld förut. För 2021 går det inte att veta.",
        order=555,
        unit="mean",
        polarity="lower_is_better",
    ),
)
