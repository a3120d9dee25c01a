"""Sentences as rules: tables of cases with hidden, one member, zero, equal and incomplete."""

from __future__ import annotations

from typing import Any

import pytest

from metrics.present import sentences as say
from metrics.present.figures import Figure, TrendFound, Verdict
from metrics.release.read import Definition

H = "\u00a0"
M = "\u2212"


def definition(**other: Any) -> Definition:
    said: dict[str, Any] = {
        "name": "passed",
        "title": "Godkänt i alla ämnen i årskurs 9",
        "short_title": "Godkänt",
        "question": "Hur många får godkänt?",
        "why_it_matters": "Därför.",
        "numerator_label": "elever med godkänt",
        "denominator_label": "elever",
        "unit": "share",
        "polarity": "higher_is_better",
        "sensitive": "remainder",
        "population": "year9_leavers",
        "theme": "Årskurs 9",
        "perspective": "school_municipality",
        "period_kind": "school_year",
        "dimensions": ("area",),
        "sql": "SELECT 1",
        "version": 1,
        "decimals": 1,
        "order": 1,
    }
    return Definition(**(said | other))


def figure(value: float | None = 81.6, status: str = "shown", **other: Any) -> Figure:
    said: dict[str, Any] = {
        "area": "Ale",
        "area_type": "municipality",
        "school_year": "2024/25",
        "label": "2024/25",
        "value": value,
        "low": None if value is None else value - 4,
        "high": None if value is None else value + 3,
        "numerator": None if value is None else 354.0,
        "denominator": None if value is None else 434.0,
        "status": status,
        "mark": "",
    }
    return Figure(**(said | other))


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (figure(), f"**81,6{H}%** i Ale läsåret 2024/25 (354 av 434; 95{H}% säkerhet: 77,6–84,6)."),
        (
            figure(0.0, low=0.0, high=0.9, numerator=0.0),
            f"**0,0{H}%** i Ale läsåret 2024/25 (0 av 434; 95{H}% säkerhet: 0,0–0,9).",
        ),
        (figure(low=None, high=None, numerator=None), f"**81,6{H}%** i Ale läsåret 2024/25 (n{H}434)."),
        (figure(low=None, high=None, numerator=None, denominator=None), f"**81,6{H}%** i Ale läsåret 2024/25."),
        (
            figure(label="2022/23–2024/25", low=None, high=None, numerator=None),
            f"**81,6{H}%** i Ale läsåren 2022/23–2024/25 (n{H}434).",
        ),
        (
            figure(label="HT 2024", low=None, high=None, numerator=None),
            f"**81,6{H}%** i Ale höstterminen 2024 (n{H}434).",
        ),
        (figure(None, "hidden"), "Värdet i Ale läsåret 2024/25 är **dolt för att skydda enskilda**."),
        (figure(None, "not_yet_observable"), "Värdet i Ale läsåret 2024/25 **kan inte observeras ännu**."),
        (figure(None, "missing"), "Ale har **inte lämnat in** uppgifter för läsåret 2024/25."),
        (figure(None, "not_applicable"), "Måttet är **inte aktuellt** i Ale läsåret 2024/25."),
        (figure(None, "not_comparable"), "Värdet i Ale läsåret 2024/25 är **inte jämförbart** och visas inte."),
        (figure(None, "shown", mark="~100"), "Värdet i Ale läsåret 2024/25 är känt bara inom gränser (~100)."),
        (None, "Utgåvan har inget värde för Ale läsåret 2024/25."),
    ],
)
def test_value_or_why_there_is_none(found: Figure | None, text: str) -> None:
    assert say.value_sentence(found, definition(), "Ale", "2024/25") == text


def test_an_incomplete_region_says_how_many_inside_the_sentence() -> None:
    assert say.place("GR") == "i GR"
    assert say.named("Ale") == "Ale"
    said = say.value_sentence(figure(low=None, high=None), definition(), "GR, 8 av 13", "2024/25")
    assert said == f"**81,6{H}%** i GR (8 av 13 kommuner) läsåret 2024/25 (354 av 434)."
    minutes = definition(denominator_label="erbjuden undervisningstid (minuter)")
    assert "(354 av 434 minuter)" in say.value_sentence(figure(low=None, high=None), minutes, "Ale", "2024/25")


def test_a_difference_too_small_for_the_decimals_is_not_said_to_be_zero() -> None:
    mean = definition(unit="mean", polarity="no_judgement")
    assert say.verdict_sentence(verdict("lower", -0.02, -0.03, -0.01), mean, "övriga GR") == (
        "Det är **lägre** än i övriga GR, med mindre än 0,1."
    )
    said = say.verdict_sentence(verdict("not_distinguishable", 0.01, -0.03, 0.04), definition(), "GR")
    assert "skillnaden är mindre än 0,1 procentenheter" in said


def test_the_nation_is_written_small_and_a_mean_has_no_percent() -> None:
    assert say.place("Riket") == "i riket"
    assert say.value_sentence(figure(224.5, low=None, high=None), definition(unit="mean"), "Ale", "2024/25") == (
        f"**224,5** i Ale läsåret 2024/25 (n{H}434)."
    )


def verdict(word: str, difference: float, low: float, high: float) -> Verdict:
    return Verdict(word=word, benchmark_value=84.2, difference=difference, low=low, high=high)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (
            verdict("worse", -2.6, -5.0, -0.4),
            f"Det är **sämre** än i övriga GR: 2,6 procentenheter lägre (95{H}% säkerhet: 0,4–5,0).",
        ),
        (
            verdict("much_better", 6.1, 3.2, 9.0),
            f"Det är **klart bättre** än i övriga GR: 6,1 procentenheter högre (95{H}% säkerhet: 3,2–9,0).",
        ),
        (
            verdict("better", -1.0, -1.8, -0.2),
            f"Det är **bättre** än i övriga GR: 1,0 procentenhet lägre (95{H}% säkerhet: 0,2–1,8).",
        ),
        (
            verdict("higher", 2.0, 0.5, 3.5),
            f"Det är **högre** än i övriga GR: 2,0 procentenheter (95{H}% säkerhet: 0,5–3,5).",
        ),
        (
            verdict("not_distinguishable", -1.2, -4.0, 1.6),
            f"Det **går inte att skilja** från övriga GR (84,2{H}%; skillnad {M}4,0 till 1,6 procentenheter).",
        ),
        (
            verdict("not_distinguishable", 0.0, -2.0, 2.0),
            f"Det **går inte att skilja** från övriga GR (84,2{H}%; skillnad {M}2,0 till 2,0 procentenheter).",
        ),
    ],
)
def test_standing_against_a_benchmark(found: Verdict, text: str) -> None:
    assert say.verdict_sentence(found, definition(), "övriga GR") == text


def test_an_interval_without_zero_that_says_nothing_says_why() -> None:
    said = say.verdict_sentence(verdict("not_distinguishable", -3.0, -5.0, -0.4), definition(), "övriga GR")
    assert said.endswith(
        f"(84,2{H}%; skillnad {M}5,0 till {M}0,4 procentenheter): skillnaden håller inte när så många jämförelser görs samtidigt."
    )


def test_no_verdict_says_why() -> None:
    said = say.verdict_sentence(None, definition(), "övriga GR", "bara 11 av 13 kommuner har lämnat in")
    assert said == "Ingen jämförelse med övriga GR görs: bara 11 av 13 kommuner har lämnat in."
    assert say.verdict_sentence(None, definition(), "riket") == "Ingen jämförelse med riket görs."


def trend(word: str, slope: float | None = -0.83, points: int = 5) -> TrendFound:
    return TrendFound(word=word, school_year="2024/25", points=points, slope=slope)


@pytest.mark.parametrize(
    ("found", "polarity", "text"),
    [
        (
            trend("falling"),
            "higher_is_better",
            "Andelen har säkert minskat de senaste fem läsåren, ungefär 0,8 procentenheter per år: den **försämras**.",
        ),
        (
            trend("falling"),
            "lower_is_better",
            "Andelen har säkert minskat de senaste fem läsåren, ungefär 0,8 procentenheter per år: den **förbättras**.",
        ),
        (
            trend("rising", 1.0),
            "no_judgement",
            "Andelen har säkert ökat de senaste fem läsåren, ungefär 1,0 procentenhet per år.",
        ),
        (
            trend("rising", None),
            "higher_is_better",
            "Andelen har säkert ökat de senaste fem läsåren: den **förbättras**.",
        ),
        (trend("none"), "higher_is_better", "Ingen säker trend de senaste fem läsåren."),
        (
            trend("too_few", None, 1),
            "higher_is_better",
            "Trend kan inte beräknas ännu: ett läsår i följd av de fem som behövs.",
        ),
        (
            trend("too_few", None, 4),
            "higher_is_better",
            "Trend kan inte beräknas ännu: fyra läsår i följd av de fem som behövs.",
        ),
        (trend("stopped", None), "higher_is_better", "Trend kan inte beräknas: serien bröts läsåret 2021/22."),
        (None, "higher_is_better", "Trend kan inte beräknas: det senaste värdet visas inte."),
    ],
)
def test_trend(found: TrendFound | None, polarity: str, text: str) -> None:
    assert say.trend_sentence(found, definition(polarity=polarity), "2021/22") == text


WORDS = {"Ale": "worse", "Lerum": "not_distinguishable", "Tjörn": "better", "Öckerö": "much_better"}


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            WORDS,
            "**Ale** är sämre och **Tjörn och Öckerö** är bättre än övriga GR på ”Godkänt”. För en kommun **går det inte att skilja**.",
        ),
        ({"Ale": "worse", "Lerum": "worse"}, "**Ale och Lerum** är sämre än övriga GR på ”Godkänt”."),
        ({"Ale": "not_distinguishable", "Lerum": ""}, "På ”Godkänt” **går ingen kommun att skilja** från övriga GR."),
        (
            dict.fromkeys("abcde", "better") | {"f": "not_distinguishable", "g": "not_distinguishable"},
            "**Fem kommuner** är bättre än övriga GR på ”Godkänt”. För två kommuner **går det inte att skilja**.",
        ),
        ({"Ale": ""}, "På ”Godkänt” kan **ingen jämförelse** med övriga GR göras i den här utgåvan."),
        ({}, "På ”Godkänt” kan **ingen jämförelse** med övriga GR göras i den här utgåvan."),
    ],
)
def test_overview(words: dict[str, str], text: str) -> None:
    assert say.overview_sentence(words, definition(), "övriga GR", members=13) == text


def test_overview_without_judgement_says_higher_and_lower() -> None:
    words = {"Ale": "much_lower", "Lerum": "higher"}
    said = say.overview_sentence(words, definition(polarity="no_judgement"), "övriga GR")
    assert said == "**Ale** är lägre och **Lerum** är högre än övriga GR på ”Godkänt”."


def test_overview_of_an_incomplete_region_names_the_missing() -> None:
    said = say.overview_sentence({}, definition(), "övriga GR", missing=["Stenungsund", "Öckerö"], members=13)
    assert said == (
        "**11 av 13** kommuner har lämnat in. Ingen jämförelse med övriga GR görs förrän alla finns. "
        "Uppgifter saknas från Stenungsund och Öckerö."
    )


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (
            ["better", "worse", "worse", "not_distinguishable", ""],
            "I tabellen görs fyra jämförelser: ett värde är bättre och två sämre.",
        ),
        (["not_distinguishable"] * 3, "I tabellen görs tre jämförelser; ingen skillnad är säker."),
        (
            ["much_higher", "better"],
            "I tabellen görs två jämförelser: ett värde är bättre och ett högre eller lägre.",
        ),
        (["better"], ""),
        ([], ""),
    ],
)
def test_the_whole_table(words: list[str], text: str) -> None:
    assert say.whole_sentence(words) == text


@pytest.mark.parametrize(
    ("words", "statuses", "text"),
    [
        (
            {"a": "better", "b": "worse", "c": "much_worse", "d": "not_distinguishable"},
            ["shown"] * 4,
            "Jämfört med övriga GR är Tjörn **bättre på ett mått** och **sämre på två mått**. På ett mått går det inte att skilja.",
        ),
        ({"a": "worse"}, ["shown"], "Jämfört med övriga GR är Tjörn **sämre på ett mått**."),
        (
            {"a": "higher", "b": "not_distinguishable"},
            ["shown"] * 2,
            "Jämfört med övriga GR är Tjörn **annorlunda, utan att det är bättre eller sämre, på ett mått**. "
            "På ett mått går det inte att skilja.",
        ),
        (
            {"a": "not_distinguishable"},
            ["shown"],
            "Tjörn **går inte att skilja** från övriga GR på det enda mått som kan jämföras.",
        ),
        (
            dict.fromkeys("abc", "not_distinguishable"),
            ["shown"] * 3 + ["hidden"],
            "Tjörn **går inte att skilja** från övriga GR på något av de tre mått som kan jämföras. "
            "Ett mått är dolt för att skydda enskilda.",
        ),
        (
            {},
            ["hidden"] * 2,
            "Inget mått för Tjörn kan jämföras med övriga GR i den här utgåvan. Två mått är dolda för att skydda enskilda.",
        ),
        ({}, ["missing"] * 2, "Tjörn har **inte lämnat in** uppgifter för läsåret."),
        (
            {"a": "worse"},
            ["shown"] * 3 + ["missing"],
            "Jämfört med övriga GR är Tjörn **sämre på ett mått**. Ett mått är inte inlämnat. "
            "Två mått saknar ett fullständigt värde att jämföra med.",
        ),
    ],
)
def test_profile(words: dict[str, str], statuses: list[str], text: str) -> None:
    assert say.profile_sentence("Tjörn", words, statuses, "övriga GR") == text


@pytest.mark.parametrize(
    ("best", "worst", "text"),
    [
        (3, 9, "Ale ligger på plats 3–9 av 13, så noga det går att säga."),
        (1, 1, "Ale ligger på plats 1 av 13, så noga det går att säga."),
        (1, 13, "Platsen bland kommunerna går inte att säga: Ale kan ligga var som helst av 13."),
    ],
)
def test_a_rank_is_an_interval(best: int, worst: int, text: str) -> None:
    assert say.rank_sentence("Ale", best, worst, 13, 13) == text


def test_a_rank_among_those_shown_says_so() -> None:
    assert say.rank_sentence("Ale", 5, 8, 8, 13) == (
        "Ale ligger på plats 5–8 av de 8 kommuner vars värden visas, så noga det går att säga."
    )


@pytest.mark.parametrize(
    ("size", "low", "high", "text"),
    [
        (4.0, 1.0, 7.0, f"Flickor ligger **4,0 procentenheter högre** än pojkar i Ale (95{H}% säkerhet: 1,0–7,0)."),
        (-1.0, -1.9, -0.1, f"Flickor ligger **1,0 procentenhet lägre** än pojkar i Ale (95{H}% säkerhet: 0,1–1,9)."),
        (
            0.0,
            -3.0,
            3.0,
            f"Flickor och pojkar **går inte att skilja** i Ale (skillnad {M}3,0 till 3,0 procentenheter).",
        ),
    ],
)
def test_gap(size: float, low: float, high: float, text: str) -> None:
    assert say.gap_sentence("Ale", "Flickor", "Pojkar", size, low, high, definition()) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "Inga tidigare värden har ändrats sedan förra utgåvan."),
        (1, "Ett tidigare värde har ändrats sedan förra utgåvan."),
        (3, "Tre tidigare värden har ändrats sedan förra utgåvan."),
    ],
)
def test_changes(number: int, text: str) -> None:
    assert say.changed_sentence(number, "förra utgåvan") == text
