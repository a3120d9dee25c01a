"""From report to intervention: what is said with values that are shown, hidden, nought, missing and not yet there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import vl_convert

from metrics import catalogue
from metrics.compute import compute
from metrics.layout import layout_of
from metrics.present import joins, support_chain_counted, support_chain_early
from metrics.present import support_chain as say
from metrics.present.figures import Figures
from metrics.present.indicator import REGION
from metrics.present.marks import DARK, LIGHT
from metrics.present.support_chain import ChainView
from metrics.protect.gate import protect
from metrics.protect.thresholds import Thresholds
from tests.pages.families import definition_of
from tests.unit import test_delivered_counts as delivered
from tests.unit.present_release import Row, figures_of

H = "\u00a0"
ALE = ChainView(area="Ale", year="2023")


def reports(number: float | None = 216, children: float | None = 209, status: str = "shown", year: str = "2023") -> Row:
    return ("reports_per_child", "Ale", year, number, children, status)


def reporter(name: str, number: float | None, status: str = "shown") -> Row:
    return (name, "Ale", "2023", number, 216, status)


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            [reports(), reporter("reported_by_school", 54), reporter("reporter_unknown", 27)],
            f"År 2023 kom **216 orosanmälningar om 209 barn** i Ale. Skolan står för **25,0{H}%** av anmälningarna; för "
            f"**12,5{H}%** är anmälaren okänd.",
        ),
        (
            [reports(), reporter("reported_by_school", 54), reporter("reporter_unknown", 0)],
            f"År 2023 kom **216 orosanmälningar om 209 barn** i Ale. Skolan står för **25,0{H}%** av anmälningarna; för "
            f"**0,0{H}%** är anmälaren okänd.",
        ),
        (
            [reports(), reporter("reported_by_school", None, "hidden"), reporter("reporter_unknown", 27)],
            "År 2023 kom **216 orosanmälningar om 209 barn** i Ale. Skolans del är dold för att skydda enskilda; för "
            f"**12,5{H}%** är anmälaren okänd.",
        ),
        (
            [reports(), reporter("reported_by_school", None, "hidden"), reporter("reporter_unknown", None, "hidden")],
            "År 2023 kom **216 orosanmälningar om 209 barn** i Ale. Skolans del, och hur stor del som har okänd "
            "anmälare, är dolda för att skydda enskilda.",
        ),
        (
            [reports(), reporter("reported_by_school", 54)],
            f"År 2023 kom **216 orosanmälningar om 209 barn** i Ale. Skolan står för **25,0{H}%** av anmälningarna; hur stor "
            "del som har okänd anmälare är inte uppgiven.",
        ),
        ([reports(None, None, "hidden")], "Antalet orosanmälningar i Ale år 2023 är **dolt för att skydda enskilda**."),
        (
            [reports(None, None, "hidden"), reporter("reporter_unknown", 27)],
            "Antalet orosanmälningar i Ale år 2023 är **dolt för att skydda enskilda**. Skolans del är inte uppgiven; för "
            f"**12,5{H}%** är anmälaren okänd.",
        ),
        ([reports(None, None, "missing")], "Ale har **inte lämnat in** uppgifter för år 2023."),
    ],
)
def test_the_answer_says_reports_children_and_reporters(rows: list[Row], text: str) -> None:
    assert say.answer(figures_of(rows), ALE) == text


def test_a_year_that_cannot_be_followed_yet_may_be_delivered_in_part() -> None:
    late = ("led_to_intervention_all", "Ale", "2024", None, None, "not_yet_observable")
    found = figures_of([reports(year="2022"), reports(240, 230), reports(100, 98, year="2024"), late])
    assert say.newest(found, "all") == "2023"
    assert "kan inte observeras ännu" in say.answer(found, ChainView(area="Ale", year="2024"))
    assert say.over_time_sentence(found, ALE) == (
        "216 anmälningar år 2022 och **240 år 2023**. Antalet bedöms inte. År 2024 kan vara inlämnat bara till en del "
        "och ritas inte."
    )
    drawn = vl_convert.vegalite_to_svg(say.over_time(found, ALE, LIGHT) | {"width": 500})
    assert ">ännu ej<" in drawn
    assert ">0<" in drawn
    assert '<td class="num">100</td>' in say.over_time_table(found, ALE, "Prov")


def test_a_hidden_year_is_a_word_everywhere() -> None:
    found = figures_of([reports(year="2022"), reports(None, None, "hidden")])
    assert say.tiles(found, ALE).count(">dold<") == 3
    assert ">dold<" in vl_convert.vegalite_to_svg(say.over_time(found, ALE, DARK) | {"width": 500})
    assert say.over_time_sentence(found, ALE) == "Antalen kan inte jämföras över tid: för få år visas."


def test_the_steps_stand_in_order_with_what_they_count() -> None:
    found = figures_of(
        [
            reports(),
            ("decision_within_14_days_all", "Ale", "2023", 183, 216, "shown"),
            ("decision_within_14_days_school", "Ale", "2023", None, None, "hidden"),
            ("feedback_to_school", "Ale", "2023", 39, 52, "shown"),
            ("led_to_intervention_all", "Ale", "2023", 0, 209, "shown"),
        ]
    )
    assert say.steps_sentence(found, ALE) == (
        f"**84,7{H}%** av anmälningarna får beslut inom 14 dagar och skolan får återkoppling på **75,0{H}%** av "
        "sina egna. Ett steg är dolt för att skydda enskilda."
    )
    only = figures_of([("feedback_to_school", "Ale", "2023", 45, 60, "shown")])
    assert say.steps_sentence(only, ALE) == f"Skolan får återkoppling på **75,0{H}%** av sina egna."
    table = say.steps_table(found, ALE, "Prov")
    assert table.index("Beslut inom 14 dagar, alla") < table.index("Återkoppling") < table.index("Insats efter anmälan")
    assert '<td>barn</td><td class="num">0,0' in table
    drawn = vl_convert.vegalite_to_svg(say.steps_picture(found, ALE, LIGHT) | {"width": 700})
    assert f"84,7{H}% av 216" in drawn
    assert ">dold<" in drawn


@pytest.mark.parametrize(
    ("in_time", "late", "text"),
    [
        (
            (150, "shown"),
            (50, "shown"),
            f"Vanligast för de 200 barn i GR vars utredning inletts efter den första anmälan år 2023 är **klar inom fyra "
            f"månader, 75,0{H}%**. Därefter kommer klar senare, utan förlängning, 25,0{H}%.",
        ),
        (
            (None, "hidden"),
            (50, "shown"),
            "Vanligast av de delar som visas för de 200 barn i GR vars utredning inletts efter den första anmälan år 2023 "
            f"är **klar senare, utan förlängning, 25,0{H}%**. En del är dold för att skydda enskilda.",
        ),
        ((None, "hidden"), (None, "hidden"), "Värdet i GR år 2023 är **dolt för att skydda enskilda**."),
    ],
)
def test_the_time_of_investigations(
    in_time: tuple[float | None, str], late: tuple[float | None, str], text: str
) -> None:
    found = figures_of(
        [
            ("reports_per_child", "GR", "2023", 300, 280, "shown"),
            ("investigation_closed_in_time", "GR", "2023", in_time[0], 200, in_time[1]),
            ("investigation_closed_late", "GR", "2023", late[0], 200, late[1]),
        ]
    )
    assert say.times_sentence(found, ChainView(area=REGION, year="2023")) == text


def test_a_stage_without_figures_says_that_it_is_not_divided() -> None:
    found = figures_of([reports(), ("intervention_none", "Ale", "2023", 100, 209, "shown")])
    said = say.kinds_sentence(found, ChainView(area="Ale", year="2023", stage="4-6"))
    assert said == "Uppgiften delas inte upp på stadium i Ale 2023."


def test_the_words_of_the_chain_are_explained() -> None:
    said = say.glossary()
    for word in ("Orosanmälan", "Förhandsbedömning", "Utredning", "Öppen insats", "Placering", "Återkoppling"):
        assert f"<dt>{word}</dt>" in said


def ages(*years: tuple[str, float | None]) -> list[Row]:
    rows: list[Row] = [reports(year=year) for year, _ in years]
    status = {True: "shown", False: "hidden"}
    return rows + [
        ("age_at_first_report", "Ale", year, None if mean is None else 50 * mean, 50.0, status[mean is not None])
        for year, mean in years
    ]


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (ages(("2022", 12.4), ("2023", 11.9)), "var i snitt 12,4 år 2022 och **11,9 år** 2023, 0,5 år yngre."),
        (ages(("2022", 12.4), ("2023", 12.4)), "**12,4 år** 2023, ungefär lika gamla."),
        (
            ages(("2022", None), ("2023", 11.9)),
            "Barn som anmäldes för första gången i Ale var i snitt **11,9 år** 2023.",
        ),
        (ages(("2022", None), ("2023", None)), "Inget år kan visas. Ålder vid första anmälan går att ange först"),
    ],
)
def test_the_age_at_the_first_report_over_the_years(found: list[Row], text: str) -> None:
    assert text in support_chain_early.ages_sentence(figures_of(found), ALE)
    assert support_chain_early.has_ages(figures_of(found), ALE) == ("Inget år" not in text)
    table = support_chain_early.ages_table(figures_of(found), ALE, "Prov")
    assert ("dold för att skydda enskilda" in table) == (found[2][3] is None)


def test_time_from_signal_to_contact_is_said_with_what_it_is_counted_on() -> None:
    contact: list[Row] = [
        ("first_contact_within_14_days", "Ale", "2023/24", None, 40, "hidden"),
        ("first_contact_within_30_days", "Ale", "2023/24", 10, 40, "shown"),
        ("first_contact_within_90_days", "Ale", "2023/24", 30, 40, "shown"),
    ]
    said = support_chain_early.contact(figures_of(contact), "Ale", "all")
    assert f"<strong>75,0{H}%</strong> av eleverna fick kontakt inom 90 dagar" in said
    assert "dold för att skydda enskilda" in said
    assert "ingen koppling dem emellan" in said
    assert "Utgåvan har inga värden i Tjörn." in support_chain_early.contact(figures_of(contact), "Tjörn", "all")
    rows = support_chain_early.rows_for_export(figures_of(contact), ALE)
    assert [(row[0].name, row[1].area, row[2].shown) for row in rows] == [
        (name, area, status == "shown") for name, area, _, _, _, status in contact
    ]


JOIN = dict.fromkeys(("purpose", "ground", "school_decision", "social_decision"), "Prov.")


def test_the_tables_of_several_joins_say_whose_they_are_and_one_stands_open() -> None:
    before: list[Row] = [
        ("absence_20_before_report", area, "2024", number, 100, "shown")
        for area, number in (("Ale", 30), ("Lerum", 20))
    ]
    found = figures_of([reports(), *before], ("Ale", "Lerum", "Tjörn"))
    days = {"starts": "2026-09-01", "ends": "2036-08-31", "declared": "2026-08-30"}
    declared = [{"municipality": area, **JOIN, **days} for area in ("Ale", "Lerum")]
    figures = Figures(replace(found.release, manifest={**found.release.manifest, "joins": declared}))
    region = joins.section(figures, REGION)
    assert region.count("<summary>Tabell: Skolan för barn som orosanmälts, i Ale</summary>") == 1
    assert region.count("<summary>Tabell: Skolan för barn som orosanmälts, i Lerum</summary>") == 1
    assert f"<strong>30,0{H}%</strong> av barnen som anmäldes i Ale 2024 hade minst 20{H}% frånvaro" in region
    alone = joins.section(figures, "Lerum")
    assert "<details" not in alone
    assert f"20,0{H}%" in alone
    assert f"30,0{H}%" not in alone
    assert "Ingen koppling är deklarerad för Tjörn. Det finns en för Ale och Lerum." in joins.section(figures, "Tjörn")
    assert [joins.is_told(figures, area) for area in (REGION, "Ale", "Tjörn")] == [True, True, False]


@pytest.mark.parametrize("picture", list(support_chain_counted.NAMES))
def test_every_picture_says_who_is_counted_and_who_is_not(picture: str) -> None:
    names = ("investigation_closed_in_time", "intervention_none", "feedback_to_school", "age_at_first_report")
    found = figures_of([reports(), *((name, "Ale", "2023", 50.0, 100.0, "shown") for name in names)])
    inside, outside = support_chain_counted.counted(found, picture).split("Räknas inte")
    assert inside.count("<li>") >= 1
    assert outside.count("<li>") == 3


def test_counts_alone_say_why_children_are_not_followed() -> None:
    missing: Row = ("investigation_closed_in_time", "Tjörn", "2022", None, None, "missing")
    found = figures_of([reports(), reporter("reported_by_school", 54), reporter("reporter_unknown", 27), missing])
    followed = ("investigation_closed_in_time", "intervention_none", "decision_within_14_days_all")
    more = {name: definition_of(catalogue.default().indicators[name]) for name in followed}
    figures = Figures(replace(found.release, definitions={**found.definitions, **more}))
    assert say.answer(figures, ALE).startswith("År 2023 kom **216 orosanmälningar om 209 barn** i Ale.")
    assert say.steps_sentence(figures, ALE) == f"Ett steg räknas inte: {say.ONLY_COUNTS}."
    for sentence in (say.times_sentence, say.kinds_sentence):
        assert sentence(figures, ALE) == f"Räknas inte: {say.ONLY_COUNTS}."


def test_a_page_of_counts_alone_has_its_sentences_through_the_gate() -> None:
    """Three members that sent nothing but counts: as aggregated by them, counted, protected, and said."""
    rows = [
        {**row, "child": f"{seed}-{row['child']}"}
        for seed in range(4)
        for row in delivered.reports(np.random.default_rng(seed))
    ]
    sent = delivered.counts_of(delivered.filled({"support_chain": rows}), "reported_children")
    family = {each.name: each for each in catalogue.default().family("reported_children")}
    known = replace(catalogue.default(), indicators=family, model_types={})
    region = delivered.THREE
    counts = compute(delivered.filled({"aggregated_counts": sent}), known, "reported_children", region=region)
    layout, thresholds = layout_of("reported_children"), Thresholds()
    told = protect(counts, layout, indicators=known.family("reported_children"), region=region, thresholds=thresholds)[
        0
    ]
    empty = figures_of([reports()], ("Ale", "Tjörn", "Göteborg")).release
    definitions = {name: definition_of(each) for name, each in family.items()}
    figures = Figures(replace(empty, values=told, definitions=definitions))
    children = {str(row["child"]) for row in rows if row["municipality"] == "1440"}
    number = sum(row["municipality"] == "1440" for row in rows)
    assert say.answer(figures, ALE).startswith(
        f"År 2023 kom **{number} orosanmälningar om {len(children)} barn** i Ale."
    )
    assert "för **3" in say.answer(figures, ALE)
    assert say.ONLY_COUNTS in say.steps_sentence(figures, ALE)
    for sentence in (say.times_sentence, say.kinds_sentence):
        assert sentence(figures, ALE) == f"Räknas inte: {say.ONLY_COUNTS}."
    assert joins.NONE in joins.section(figures, "Ale")
