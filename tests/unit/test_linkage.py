"""How many could be followed: what the gate makes of it, by hand and from random pupils, and what pages say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from metrics import catalogue
from metrics.catalogue import Catalogue
from metrics.compute import compute
from metrics.declare import DeclarationError, Indicator, Linkage
from metrics.layout import Layout, Table
from metrics.present import linkage as say
from metrics.protect.gate import protect
from metrics.protect.linkage import with_linkage
from metrics.protect.thresholds import Thresholds
from metrics.vocabulary import GR, Region
from tests.recompute.random_rows import region_of_schools, stored
from tests.spec.example_database import database
from tests.unit.present_release import figures_of

DECLARED = catalogue.default()
WORK = DECLARED.indicators["work_or_study_after_2_years_with_diploma"]
KNOWN = DECLARED.indicators["status_known_after_2_years"]
CUTS = ("stage", "model", "sex", "background")


def row(indicator: Indicator, top: float, below: float, status: str = "shown", **cut: str) -> dict[str, object]:
    whole = {"area_type": "municipality", "area": "Ale", "provider": "all", **dict.fromkeys(CUTS, "all"), "mark": ""}
    return {**whole, **cut, "indicator": indicator.name, "numerator": top, "denominator": below, "status": status}


def after(rows: Sequence[dict[str, object]], indicators: Sequence[Indicator] = (WORK, KNOWN)) -> list[tuple[str, str]]:
    """Status and mark of every row but the share followed itself."""
    found = with_linkage(pd.DataFrame(list(rows)), indicators, "all", 5)
    own = found[found["indicator"] != KNOWN.name]
    return list(own[["status", "mark"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("known", "told", "mark"),
    [
        (90, "shown", "90,0 % gick att följa"),
        (89, "not_comparable", "89,0 % gick att följa"),
        (100, "shown", "100,0 % gick att följa"),
    ],
)
def test_under_ninety_percent_is_not_comparable_in_every_cut(known: int, told: str, mark: str) -> None:
    rows = [row(KNOWN, known, 100), row(WORK, 60, 70), row(WORK, 30, 36, sex="girls"), row(WORK, 3, 9, "hidden")]
    if told == "shown":
        assert after(rows) == [("shown", mark), ("shown", mark), ("hidden", mark)]
    else:
        assert after(rows) == [(told, mark)] * 3


@pytest.mark.parametrize(
    ("known", "cohort", "told"),
    [(80, 100, "hidden"), (95, 100, "shown"), (45, 50, "shown"), (44, 50, "hidden"), (40, 49, "shown")],
)
def test_a_hidden_share_says_nothing_and_decides_only_in_large_cohorts(known: int, cohort: int, told: str) -> None:
    assert after([row(KNOWN, known, cohort, "hidden"), row(WORK, 30, 36)]) == [(told, "")]


def test_another_area_and_a_missing_value_are_left_alone() -> None:
    rows = [row(KNOWN, 50, 100), row(WORK, 30, 36, area="Tjörn"), row(WORK, 0, 0, "missing")]
    assert after(rows) == [("shown", ""), ("missing", "")]


def test_a_share_that_does_not_decide_is_only_told() -> None:
    told = replace(WORK, linkage=Linkage(indicator=KNOWN.name, decides=False))
    assert after([row(KNOWN, 50, 100), row(WORK, 30, 36)], (told, KNOWN)) == [("shown", "50,0 % gick att följa")]


def test_a_linkage_names_a_share_of_its_own_family() -> None:
    stray = replace(WORK, linkage=Linkage(indicator="eligibility_vocational"))
    indicators = {**DECLARED.indicators, WORK.name: stray}
    with pytest.raises(DeclarationError, match="linkage"):
        Catalogue(extracts=DECLARED.extracts, indicators=indicators, model_types={}, cohorts=DECLARED.cohorts)


def test_every_indicator_that_follows_pupils_to_another_extract_has_a_linkage() -> None:
    families = ("year9_leavers", "upper_secondary_starters", "upper_secondary_leavers", "resource_centre_placements")
    those = [each for each in DECLARED.indicators.values() if each.population in families]
    itself = {each.linkage.indicator for each in those if each.linkage and each.censored and not each.needs_join}
    following = [each.name for each in those if each.censored]
    assert len(following) > 50
    assert {name for name in following if DECLARED.indicators[name].linkage is None} == itself | {
        "two_years_after_unknown"
    }


def test_random_leavers_give_the_statuses_that_pandas_counts() -> None:
    """One member loses a fifth of its leavers, one a twentieth: the first is not comparable, the second is."""
    random, schools = np.random.default_rng(5), region_of_schools(5)
    schools = [each for each in schools if each["provider"] == "municipal" and each["municipality"] in ("1419", "1440")]
    leavers = [
        {"pupil": f"p{place}", "school_year": "2023/24", "school_unit": each["school_unit"], "sex": "girls"}
        for place, each in enumerate(random.choice(schools, 900))
    ]
    frame = pd.DataFrame(leavers)
    frame["area"] = frame["school_unit"].map({each["school_unit"]: each["municipality"] for each in schools})
    frame["found"] = random.random(len(frame)) > frame["area"].map({"1419": 0.2, "1440": 0.05})
    enrolled = [
        {"pupil": each.pupil, "school_year": "2024/25", "school_unit": each.school_unit, "programme": "NA"}
        | {"study_year": 1, "home_municipality": each.area}
        for each in frame[frame["found"]].itertuples()
    ]
    connection = database({})
    for name, rows in (("school_units", schools), ("year9_grades", leavers), ("upper_secondary_enrolment", enrolled)):
        stored(connection, name, rows)
    members = Region(name="Två", title="Två", members=tuple(GR.member(code) for code in ("1419", "1440")))
    counts = compute(connection, DECLARED, "year9_leavers", region=members)
    family = [each for each in DECLARED.family("year9_leavers") if each.part_of]
    layout = Layout(tables=(Table(areas="members"), Table(areas="region")))
    published, _ = protect(counts, layout, indicators=family, region=members, thresholds=Thresholds())
    own = published.values[published.values["indicator"] == "next_step_national"].set_index("area")
    share = frame.groupby("area")["found"].mean()
    assert share["1419"] < 0.9 < share["1440"] < 1
    assert own.loc["Tjörn", ["status", "value"]].fillna(0).tolist() == ["not_comparable", 0]
    assert own.loc["Ale", "value"] == pytest.approx(100 * share["1440"])
    assert own.loc["Ale", "mark"] == f"{100 * share['1440']:.1f} % gick att följa".replace(".", ",")


@pytest.mark.parametrize(
    ("known", "status", "said"),
    [
        (95, "shown", "**95,0\u00a0%** av dem som lämnade gymnasieskolan gick att följa (2020/21)."),
        (
            80,
            "shown",
            "**80,0\u00a0%** av dem som lämnade gymnasieskolan gick att följa (2020/21). Under 90\u00a0% visas inget "
            "värde, för det skulle inte gå att jämföra.",
        ),
        (
            None,
            "hidden",
            "Hur stor andel av dem som lämnade gymnasieskolan som gick att följa (2020/21): dold för att skydda "
            "enskilda.",
        ),
    ],
)
def test_the_page_says_how_many_could_be_followed(known: float | None, status: str, said: str) -> None:
    figures = figures_of(
        [(WORK.name, "Ale", "2020/21", 60, 70, "shown"), (KNOWN.name, "Ale", "2020/21", known, 100, status)]
    )
    assert say.sentence(figures, figures.definitions[WORK.name], "Ale", "2020/21") == said
    assert say.sentence(figures, figures.definitions[KNOWN.name], "Ale", "2020/21") == ""


def test_those_not_found_are_what_is_left_of_a_state() -> None:
    names = ("next_step_national", "next_step_unknown")
    figures = figures_of(
        [(names[0], "Ale", "2023/24", 60, 100, "shown"), (names[1], "Ale", "2023/24", 2, 100, "shown")]
    )
    definitions = [figures.definitions[name] for name in names]
    assert say.beside("Bild.", figures, definitions, "Ale", "2023/24") == (
        "Bild. **98,0\u00a0%** av eleverna gick att följa (2023/24)."
    )
