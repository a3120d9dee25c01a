"""Tidiga tecken and Elevens väg, their files, pictures and links, and the staff's page: nothing moves with a hidden number.

The attack puts numbers beside every hidden status, as a leaking release would have them, makes everything anew and looks
for a difference; and it tells the same numbers as shown, to see that there would be one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from metrics.export import signs as signs_file
from metrics.export import table
from metrics.present import curves, early_signs, parts, pathway, signs, signs_context, signs_levels, staff_page
from metrics.present.early_signs import SignsView
from metrics.present.figures import Figures
from metrics.present.marks import LIGHT
from metrics.present.pathway import PathView
from metrics.present.staff_page import StaffView
from metrics.release import read
from tests.attack.crossing import LEVELS, YEAR8
from tests.attack.outsider import NUMBERS
from tests.attack.test_export_files import link_findings

DEMO = Path(__file__).resolve().parents[2] / "data" / "demo"
MEMBER, YEARS = "Öckerö", "2022/23"
COHORT = "arskurs-9"
HREF = re.compile(r'href="([^"]*)"')
Artefact = Callable[[Figures], str]


def view(figures: Figures) -> PathView:
    return PathView(cohort=COHORT, area=MEMBER, period=pathway.newest(figures, COHORT))


def entries(figures: Figures) -> list[early_signs.Entry]:
    return early_signs.entries(early_signs.find(figures), SignsView(better=True))


def pictures_of_the_way(figures: Figures) -> str:
    """The parts and the curves, as data and as tables, where the page draws them."""
    whole, followed = pathway.whole(figures, view(figures)), pathway.curves(figures, view(figures))
    drawn = [parts.picture(whole, LIGHT)] if whole.shown else []
    drawn += [curves.picture(followed, LIGHT)] if followed and pathway.has_curves(followed) else []
    return json.dumps(drawn) + parts.twin(whole, "") + pathway.states_lead(figures, view(figures))


def of_signs(figures: Figures) -> str:
    """Each test's sentence, table with its links and picture, of the member."""
    found, chosen = early_signs.find(figures), SignsView(area=MEMBER, better=True)
    told = [early_signs.answer(figures, found, chosen)]
    for test in early_signs.TESTS:
        told += [
            early_signs.test_sentence(figures, found, chosen, test),
            early_signs.twin(figures, found, chosen, test),
        ]
        if early_signs.entries(found, chosen, test):
            told.append(json.dumps(early_signs.picture(figures, found, chosen, test, LIGHT)))
    return "\n".join(told)


def what_came_after(figures: Figures) -> str:
    """What came of such groups before, and of pupils by their own absence."""
    told = [signs_context.outcome(figures, ""), signs_context.eligible_later(figures, "")]
    return "".join([*told, signs_context.reported_later(figures, "", "Göteborg")])


ARTEFACTS: dict[str, Artefact] = {
    "signs as a file": lambda figures: signs_file.csv_bytes(entries(figures), figures).decode(),
    "signs": of_signs,
    "what came after": what_came_after,
    "what came after as a file": lambda figures: table.csv_bytes(
        signs_levels.rows_for_export(figures), figures
    ).decode(),
    "the way as a file": lambda figures: table.csv_bytes(
        pathway.rows_for_export(figures, view(figures)), figures
    ).decode(),
    "the way": pictures_of_the_way,
    "the way in words": lambda figures: pathway.answer(figures, view(figures)),
    "the staff's page": lambda figures: json.dumps(
        staff_page.contents(figures, early_signs.find(figures), StaffView(area=MEMBER)), ensure_ascii=False
    ),
}


@pytest.fixture(scope="module")
def release() -> read.Release:
    """The release with what these pages are about, of the newest years."""
    whole = read.load(DEMO)
    names = {name for topic in signs.TOPICS.values() for name in topic} | {signs.CHILDREN, signs.FOLLOWED}
    names |= {*LEVELS, *YEAR8, "eligibility_vocational", *(name for name in whole.definitions if "next_step" in name)}
    values = whole.values.values
    kept = values["indicator"].isin(names) & (values["school_year"] >= YEARS) & (values["series"] == "own")
    return replace(whole, values=_unchecked(values[kept].reset_index(drop=True)))


def _unchecked(values: pd.DataFrame) -> SimpleNamespace:
    """The values as a release holds them, but for the check that none of them is hidden and has a number."""
    return SimpleNamespace(values=values)


def leaking(release: read.Release, *, told: bool) -> Figures:
    """The release with numbers beside every hidden status, which are told or only there."""
    values = release.values.values.copy()
    hidden = values["status"] == "hidden"
    assert hidden.sum() > 500
    values.loc[hidden, list(NUMBERS)] = [13.0, 100.0, 13.0, 11.0, 15.0]
    if told:
        values.loc[hidden, "status"] = "shown"
    return Figures(replace(release, values=_unchecked(values)))


@pytest.fixture(scope="module")
def every(release: read.Release) -> dict[str, Figures]:
    return {
        "as it is": Figures(release),
        "there": leaking(release, told=False),
        "told": leaking(release, told=True),
    }


@pytest.mark.parametrize("name", list(ARTEFACTS))
def test_no_artefact_moves_with_a_hidden_number_and_each_would_with_one_that_is_told(
    name: str, every: dict[str, Figures]
) -> None:
    made = ARTEFACTS[name]
    plain = made(every["as it is"])
    assert len(plain) > 50
    assert made(every["there"]) == plain
    assert made(every["told"]) != plain


def test_the_links_of_these_pages_hold_choices_only(every: dict[str, Figures]) -> None:
    text = of_signs(every["as it is"]) + ARTEFACTS["what came after"](every["as it is"])
    assert HREF.search(text)
    assert list(link_findings(text)) == []
    assert list(link_findings(text + '<a href="tidiga-tecken?kommun=Öckerö&amp;varde=97,3">')) == ["varde=97,3"]
