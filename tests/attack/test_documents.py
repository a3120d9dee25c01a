"""Papers for a board, a grant and the staff: every number in them is shown of whom they are about, and a leak is found."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pypdf
import pytest

from metrics.export import brief, decision, grant, staff_page
from metrics.present import early_signs, school_page, team_page
from metrics.present import grant as grant_page
from metrics.present import staff_page as staff
from metrics.present.figures import Figures
from metrics.release import read
from metrics.values import Published
from tests.attack import outsider
from tests.attack.test_export_files import DEMO, VIEW, pdf_findings

MEMBER, SCHOOL, TEAM, MODEL = "Öckerö", "10000002", "TSI Öckerö 2021 (Exempeldata)", "early_coordination"
WRITTEN = re.compile(r"(\d{1,3},\d)[ \u00a0]%|(\d{1,3},\d)–(\d{1,3},\d)")
"""A percentage with a decimal, and an interval of two."""


def allowed(rows: pd.DataFrame) -> set[str]:
    """Every shown value and limit with one decimal."""
    shown = rows[rows["status"] == "shown"]
    numbers = pd.concat([shown[name] for name in ("value", "low", "high")]).dropna()
    return {f"{number:.1f}".replace(".", ",") for number in numbers}


def findings(text: str, rows: pd.DataFrame) -> Iterator[str]:
    """Percentages and intervals that are none of these rows', and few pupils in a sentence."""
    own = allowed(rows)
    for match in WRITTEN.finditer(text):
        yield from (each for each in match.groups() if each is not None and each not in own)
    yield from (str(each) for each in outsider.SMALL.findall(text))


def of_member(figures: Figures) -> pd.DataFrame:
    """The rows that a paper about the member may tell: newest, of all pupils and of the model, its own and the region's."""
    values = figures.release.values.values
    uncut = (values[["sex", "background"]] == "all").all(axis=1) & values["model"].isin(["all", MODEL])
    place = (values["area"] == MEMBER) | (values["area_type"] == "region")
    rows = values[uncut & place & (values["period_kind"] != "pooled") & (values["series"] == "own")]
    return rows[rows.groupby("indicator")["period_to"].rank("dense", ascending=False) <= 3]


def of_brief(figures: Figures) -> pd.DataFrame:
    """The same with official values, pooled years and the region without the member."""
    values = figures.release.values.values
    uncut = (values[["sex", "background", "model"]] == "all").all(axis=1)
    return values[uncut & ((values["area"] == MEMBER) | ~values["area_type"].isin(["municipality", "rest_of_region"]))]


def of_school(figures: Figures) -> pd.DataFrame:
    return figures.release.schools[figures.release.schools["school_unit"] == SCHOOL]


Paper = tuple[Callable[[Figures], bytes], Callable[[Figures], Any], Callable[[Figures], pd.DataFrame]]
PAPERS: dict[str, Paper] = {
    "grant": (lambda f: grant.pdf(f, MEMBER), lambda f: grant_page.contents(f, MEMBER), of_member),
    "decision": (lambda f: decision.pdf(f, MODEL, MEMBER), lambda f: decision.contents(f, MODEL, MEMBER), of_member),
    "school": (lambda f: staff_page.school_pdf(f, SCHOOL), lambda f: school_page.contents(f, SCHOOL), of_school),
    "committee": (lambda f: brief.pdf(f, VIEW), lambda f: brief.contents(f, VIEW), of_brief),
    "team": (lambda f: staff_page.team_pdf(f, TEAM), lambda f: team_page.contents(f, TEAM), of_member),
}


@pytest.fixture(scope="module")
def figures() -> Figures:
    return Figures(read.load(DEMO))


def leaking(figures: Figures) -> Figures:
    """The release with every hidden value of the member and of the school told, as few pupils."""
    values, schools = figures.release.values.values.copy(), figures.release.schools.copy()
    taken = set().union(*(allowed(rows(figures)) for rows in (of_member, of_brief, of_school)))
    leak = next(each / 10 for each in range(11, 999) if f"{each / 10:.1f}".replace(".", ",") not in taken)
    for table, own in ((values, values["area"] == MEMBER), (schools, schools["school_unit"] == SCHOOL)):
        numbers = ["shown", 2.0, 54.0, leak, leak, leak]
        table.loc[
            own & (table["status"] == "hidden"), ["status", "numerator", "denominator", "value", "low", "high"]
        ] = numbers
    return Figures(replace(figures.release, values=Published(values=values), schools=schools))


def text_of(reader: pypdf.PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


@pytest.mark.parametrize("name", list(PAPERS))
def test_a_paper_tells_only_what_is_shown_of_whom_it_is_about(name: str, figures: Figures) -> None:
    made, _, rows = PAPERS[name]
    reader = pypdf.PdfReader(io.BytesIO(made(figures)))
    assert list(findings(text_of(reader), rows(figures))) == []
    assert list(pdf_findings(reader, figures.release.values.values)) == []


def test_every_hidden_value_that_is_told_is_found_in_every_paper(figures: Figures) -> None:
    """The mutation operator: the papers of a release whose hidden values are told, against what may be."""
    told = leaking(figures)
    for name, (_, contents, rows) in PAPERS.items():
        assert list(findings(json.dumps(contents(told), ensure_ascii=False), rows(figures))), name


@pytest.mark.soak
def test_the_page_to_the_staff_tells_only_what_is_shown_or_expected(figures: Figures) -> None:
    view = staff.StaffView(area=MEMBER)
    page = staff_page.pdf(figures, early_signs.find(figures), view)
    reader = pypdf.PdfReader(io.BytesIO(page))
    text = re.sub(r"mot väntade \d{1,3},\d[ \u00a0]%", "", text_of(reader).replace("\n", " "))
    assert list(findings(text, of_member(figures))) == []
    assert list(pdf_findings(reader, figures.release.values.values)) == []
    told = leaking(figures)
    said = json.dumps(staff.contents(told, early_signs.find(told), view), ensure_ascii=False)
    assert list(findings(said, of_member(figures)))
