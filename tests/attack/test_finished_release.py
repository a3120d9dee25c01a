"""The committed release as an outsider has it: nothing gives few pupils away, and every leak that is planted is found."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pypdf
import pytest
from streamlit.testing.v1 import AppTest

from metrics.export import brief, long_table
from metrics.present.figures import Figures
from metrics.present.profile import ProfileView
from metrics.release import read
from tests.attack import outsider
from tests.attack.outsider import Finding
from tests.attack.test_two_releases import CELLS, ELIGIBLE, MODELS, SCHOOLS, inside, ordinary, publish

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
YEARS = ("2022/23", "2023/24", "2024/25")
SOME = ("eligibility_vocational", "eligibility_arts")
NUMBERS = list(outsider.NUMBERS)
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def finished() -> tuple[dict[str, Any], Tables, dict[str, Any]]:
    return outsider.read_folder(DEMO)


@pytest.fixture
def some(few: Tables) -> Tables:
    """The tables of a few indicators, fresh for every test."""
    return {name: table.copy() for name, table in few.items()}


@pytest.fixture(scope="module")
def few(finished: tuple[dict[str, Any], Tables, dict[str, Any]]) -> Tables:
    """The tables with the newest three years of a few indicators."""
    tables = dict(finished[1])
    values = tables["values"]
    total = (values[["sex", "model", "background"]] == "all").all(axis=1)
    kept = values["indicator"].isin(SOME) & (values["series"] == "own") & (values["school_year"].isin(YEARS) | total)
    tables["values"] = values[kept].reset_index(drop=True)
    for name in ("verdicts", "trends"):
        tables[name] = tables[name][tables[name]["indicator"].isin(SOME)].reset_index(drop=True)
    return tables


@pytest.fixture(scope="module")
def definitions(finished: tuple[dict[str, Any], Tables, dict[str, Any]]) -> dict[str, Any]:
    return finished[2]


def findings(tables: Tables, definitions: dict[str, Any]) -> list[Finding]:
    found = outsider.table_findings(tables["values"], definitions, "values")
    return [*found, *outsider.beside_findings(tables)]


def test_the_tables_give_no_one_away(some: Tables, definitions: dict[str, Any]) -> None:
    assert (some["values"]["status"] == "hidden").sum() > 20
    assert findings(some, definitions) == []


@pytest.mark.soak
def test_no_table_of_the_whole_release_gives_anyone_away(
    finished: tuple[dict[str, Any], Tables, dict[str, Any]], definitions: dict[str, Any]
) -> None:
    assert findings(finished[1], definitions) == []


def hidden_total(tables: Tables) -> int:
    """A hidden value of a member, which no one of these tables may say anything of."""
    values = tables["values"]
    found = values[(values["status"] == "hidden") & (values["area_type"] == "municipality")]
    return int(found.index[0])


def show(values: pd.DataFrame, index: int, numerator: float, denominator: float) -> None:
    percent = 100 * numerator / denominator
    values.loc[index, NUMBERS] = [numerator, denominator, percent, percent, percent]
    values.loc[index, "status"] = "shown"


def a_number_is_left(tables: Tables) -> None:
    tables["values"].loc[hidden_total(tables), "value"] = 97.0


def a_few_are_shown(tables: Tables) -> None:
    show(tables["values"], hidden_total(tables), 97, 100)


def a_percentage_gives_the_count_back(tables: Tables) -> None:
    index = hidden_total(tables)
    show(tables["values"], index, 97, 100)
    tables["values"].loc[index, "numerator"] = float("nan")


def a_hidden_value_is_judged(tables: Tables) -> None:
    values = tables["values"]
    total = values[hidden_totals(values)].iloc[0]
    row = {name: total.get(name) for name in tables["verdicts"].columns}
    tables["verdicts"].loc[len(tables["verdicts"])] = row | {"benchmark": "region", "difference": -3.0}


def hidden_totals(values: pd.DataFrame) -> pd.Series:
    total = (values[["sex", "model", "background"]] == "all").all(axis=1)
    return total & (values["status"] == "hidden")


def a_trend_runs_over_hidden_years(tables: Tables) -> None:
    """A trend of a series that has too few shown years to have one."""
    values, series = tables["values"], ["indicator", "area", "provider", "stage"]
    whole = values[(values[["sex", "model", "background"]] == "all").all(axis=1) & (values["series"] == "own")]
    shown = whole.assign(shown=whole["status"] == "shown").groupby(series)["shown"].transform("sum")
    total = whole[(shown < 5) & (whole["status"] == "hidden")].iloc[0]
    row = {name: total.get(name) for name in tables["trends"].columns}
    tables["trends"].loc[len(tables["trends"])] = row | {"slope": 1.5, "points": 5}


def a_change_tells_a_hidden_value(tables: Tables) -> None:
    row = tables["values"].loc[hidden_total(tables)].to_dict()
    columns = [*outsider.CUTS, "indicator", "series", "perspective", "period_kind", "period_from", "period_to"]
    made = {name: row[name] for name in columns} | {"before": 80.0, "after": 82.0}
    tables["changes"] = pd.DataFrame([made])


PLANTED: dict[Callable[[Tables], None], tuple[str, str]] = {
    a_number_is_left: ("values", "a hidden value has a number"),
    a_few_are_shown: ("values", "few pupils in the rest"),
    a_percentage_gives_the_count_back: ("values", "few pupils in the rest"),
    a_hidden_value_is_judged: ("verdicts", "a hidden value is judged"),
    a_trend_runs_over_hidden_years: ("trends", "a trend over hidden values"),
    a_change_tells_a_hidden_value: ("changes", "a hidden value is told as a change"),
}


@pytest.mark.parametrize("plant", list(PLANTED), ids=lambda each: each.__name__)
def test_a_planted_leak_is_found(plant: Callable[[Tables], None], some: Tables, definitions: dict[str, Any]) -> None:
    plant(some)
    assert PLANTED[plant] in {(each.where, each.how) for each in findings(some, definitions)}


def few_girls() -> Any:
    """A release of three members where two girls of one member are not eligible, and what was counted."""
    numbers = ordinary()
    for school in SCHOOLS[-3:]:
        numbers[CELLS.index((school, "girls", 0))] = 2 if school == SCHOOLS[-1] else 0
    return publish(numbers, MODELS)


def shown_again(table: Any, area_types: set[str]) -> pd.DataFrame:
    """The release with the truth of every hidden value of these areas that is not of few pupils itself."""
    values = table.published.values.copy()
    for row in values[values["status"] == "hidden"].itertuples():
        pupils = table.numbers[inside(row, table.models)].sum()
        eligible = table.numbers[inside(row, table.models) & ELIGIBLE].sum()
        if row.area_type in area_types and pupils >= outsider.K and pupils - eligible >= outsider.K:
            show(values, int(row.Index), float(eligible), float(pupils))
    return values


@pytest.mark.parametrize("area_types", [{"municipality", "region"}, {"region", "rest_of_region"}], ids=["sex", "rest"])
def test_what_hides_by_subtraction_is_found_when_it_is_shown(area_types: set[str], definitions: dict[str, Any]) -> None:
    table = few_girls()
    assert outsider.table_findings(table.published.values, definitions, "values") == []
    leaking = shown_again(table, area_types)
    assert (leaking["status"] == "shown").sum() > (table.published.values["status"] == "shown").sum()
    found = outsider.table_findings(leaking, definitions, "values")
    about = {each.about for each in found if each.how == "few pupils in the rest follow from sums"}
    assert any("C" in each and "girls" in each for each in about)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_an_export_is_read_like_the_table_and_every_number_planted_in_it_is_found(
    suffix: str, some: Tables, definitions: dict[str, Any], tmp_path: Path
) -> None:
    release = read.load(DEMO)
    few_rows = some["values"][some["values"]["indicator"] == SOME[0]].reset_index(drop=True)

    def exported(values: pd.DataFrame) -> pd.DataFrame:
        path = tmp_path / f"values{suffix}"
        long_table.write_values(path, values, release)
        if suffix == ".csv":
            return pd.read_csv(path, sep=";", decimal=",", encoding="utf-8-sig")
        return pd.read_excel(path, sheet_name="values", engine="calamine")

    assert outsider.table_findings(exported(few_rows), definitions, suffix) == []
    leaking = few_rows
    hidden = leaking["status"] == "hidden"
    leaking.loc[hidden, "value"] = 97.0
    found = outsider.table_findings(exported(leaking), definitions, suffix)
    assert sum(each.how == "a hidden value has a number" for each in found) == hidden.sum()


def known_texts() -> str:
    return (DEMO / "open" / "definitions.json").read_text(encoding="utf-8")


def page_text(page: str, monkeypatch: pytest.MonkeyPatch, **query: str) -> str:
    monkeypatch.setenv("SAMSYN_RELEASE", str(DEMO))
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=90)
    app.run()
    if page != "overview":
        app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    bodies = [each.proto.body for each in app.get("html")]
    return "\n".join(each for each in bodies if not each.startswith("<style>"))


def pdf_text() -> str:
    view = ProfileView(area="Öckerö", school_year="2024/25", benchmark="rest_of_region")
    document = pypdf.PdfReader(io.BytesIO(brief.pdf(Figures(read.load(DEMO)), view)))
    return " ".join(page.extract_text() for page in document.pages)


def said(text: str, values: pd.DataFrame, where: str) -> list[Finding]:
    return list(outsider.text_findings(text, outsider.percentages(values), where, known_texts()))


PAGES = {
    "municipality": {"kommun": "Öckerö"},
    "indicator": {"indikator": "eligibility_vocational", "kommun": "Öckerö"},
}


@pytest.mark.parametrize("page", list(PAGES))
def test_a_page_says_nothing_of_few_and_a_sentence_that_does_is_found(
    page: str, finished: tuple[dict[str, Any], Tables, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = finished[1]["values"]
    text = page_text(page, monkeypatch, **PAGES[page])
    assert len(text) > 1000
    assert said(text, values, page) == []
    assert said(text + " I Öckerö saknar 3 elever behörighet.", values, page)
    assert said(text + " Det är 13,37 % av eleverna.", values, page)


def test_the_printed_page_says_nothing_of_few(
    finished: tuple[dict[str, Any], Tables, dict[str, Any]],
) -> None:
    values = finished[1]["values"]
    text = pdf_text()
    assert "Öckerö" in text
    assert said(text, values, "pdf") == []
    assert said(text.replace("Öckerö", "Öckerö, 2 elever,"), values, "pdf")
