"""Every artefact of the finished release is attacked, and a leak of every hidden cell is planted in each and found."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from tests.attack import artefacts, outsider
from tests.attack.outsider import Finding

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "data" / "demo"
PAGES = (
    "overview", "municipality", "indicator", "models", "compare", "effect", "pathway", "support_chain", "early_signs",
    "method", "accessibility",
)  # fmt: skip
OUTSIDE = {
    "kommun": "Öckerö' OR 1=1 --",
    "indikator": "eligibility_vocational__numerator",
    "jamfor": "school_unit:10000001",
    "ar": "1999/00",
    "modell": "set:sspf|sst",
    "utgava": "../../vault",
}
DERIVED = ("municipality", "compare", "effect", "early_signs", "support_chain")
"""Pages whose pictures hold differences, estimates and numbers of pupils: their points are no shown values as they stand."""
INSIDE = re.compile(r"Traceback|vault|duckdb|__numerator|Error")
"""What nobody outside is told: paths, stores, columns and exceptions."""
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def finished() -> tuple[dict[str, Any], Tables, dict[str, Any]]:
    return outsider.read_folder(DEMO)


@pytest.fixture
def tables(finished: tuple[dict[str, Any], Tables, dict[str, Any]]) -> Tables:
    return {name: table.copy() for name, table in finished[1].items()}


def test_nothing_beside_the_values_tells_of_a_hidden_total(tables: Tables) -> None:
    assert list(artefacts.judged_findings(tables)) == []


def test_the_mapping_and_the_evaluations_tell_of_no_few(tables: Tables) -> None:
    assert list(artefacts.answer_findings(tables["mapping_answers"], tables["mapping_rounds"])) == []
    assert list(artefacts.evaluation_findings(tables["evaluations"])) == []


@pytest.mark.parametrize("name", list(artefacts.JUDGED))
def test_a_number_of_every_hidden_total_is_found_in_every_table(name: str, tables: Tables) -> None:
    """The mutation operator: each hidden total in turn has a row with a number, each number by itself."""
    keys, numbers = artefacts.JUDGED[name]
    silent = sorted(artefacts.silent_keys(tables["values"], keys))
    assert len(silent) > 50
    for number in numbers:
        planted = pd.DataFrame([dict(zip(keys, key, strict=True)) | {number: 12.5} for key in silent])
        leaking = tables | {name: pd.concat([tables[name], planted], ignore_index=True)}
        assert {each.about for each in artefacts.judged_findings(leaking, [name])} == set(silent)


@pytest.mark.parametrize(
    "number", [pytest.param(each, marks=[] if each == "value" else pytest.mark.soak) for each in outsider.NUMBERS]
)
def test_a_number_left_in_any_hidden_cell_is_found(
    number: str, tables: Tables, finished: tuple[dict[str, Any], Tables, dict[str, Any]]
) -> None:
    rows = outsider.own(tables["values"])
    hidden = rows["status"] == "hidden"
    leaking = rows[hidden].assign(**{number: 97.0})
    found = [each for each in outsider._spoken(leaking, "values") if each.how == "a hidden value has a number"]
    assert len(found) == hidden.sum() > 5000
    assert list(outsider._spoken(rows, "values")) == []


def test_a_few_answers_and_a_few_schools_are_found(tables: Tables) -> None:
    answers, rounds = tables["mapping_answers"], tables["mapping_rounds"]
    shown = answers.index[(answers["status"] == "shown") & (answers["model_type"] != "all")]
    fewer = answers.copy()
    fewer.loc[shown[0], "respondents"] = 4.0
    assert "few answers" in {each.how for each in artefacts.answer_findings(fewer, rounds)}
    first = answers.loc[shown[0]]
    same = (answers[["school_year", "side", "question"]] == first[["school_year", "side", "question"]]).all(axis=1)
    few = answers.copy()
    few.loc[same & (few["model_type"] == "all"), "respondents"] = (
        few[same & (few["model_type"] != "all") & (few["status"] == "shown")]
        .drop_duplicates("model_type")["respondents"]
        .sum()
        + 2
    )
    assert "few answers follow from the others" in {each.how for each in artefacts.answer_findings(few, rounds)}
    evaluations = tables["evaluations"]
    assert {each.how for each in artefacts.evaluation_findings(_with_few(evaluations))} >= {
        "an estimate of few schools",
        "a hidden span has a number",
        "a span of few schools or pupils",
    }


def _with_few(evaluations: pd.DataFrame) -> pd.DataFrame:
    """The first evaluation with an estimate, made of two schools, with one span of three pupils and one that is hidden."""
    documents = [json.loads(each) for each in evaluations["document"]]
    place = next(n for n, each in enumerate(documents) if each.get("estimate") is not None and len(each["events"]) > 1)
    said = documents[place]
    said["counts"]["treated_units"] = 2
    said["events"][0] |= {"hidden": False, "units": 9, "contributors": 3}
    said["events"][1] |= {"hidden": True, "observed": 12.0}
    leaking = evaluations.copy()
    leaking.loc[leaking.index[place], "document"] = json.dumps(said)
    return leaking


def run(page: str, monkeypatch: pytest.MonkeyPatch, **query: str) -> AppTest:
    monkeypatch.setenv("SAMSYN_RELEASE", str(DEMO))
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=90)
    if page != "overview":
        app.run()
        app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def sent(app: AppTest) -> tuple[str, list[Any]]:
    """The texts a page sends to the browser, its source included, and its pictures."""
    bodies = [each.proto.body for each in app.get("html") if not each.proto.body.startswith("<style>")]
    found = [*app.get("arrow_vega_lite_chart"), *app.get("vega_lite_chart")]
    return "\n".join(bodies), [json.loads(each.proto.spec) for each in found]


def without_address(app: AppTest) -> str:
    """What a page says, but for the words of the address that it quotes."""
    text = html.unescape(sent(app)[0])
    for asked in OUTSIDE.values():
        text = text.replace(asked, "")
    return text


def page_findings(app: AppTest, values: pd.DataFrame, where: str) -> list[Finding]:
    text, specs = sent(app)
    known = (DEMO / "open" / "definitions.json").read_text(encoding="utf-8")
    written = [text, *(str(row["told"]) for spec in specs for row in artefacts.data_rows(spec) if "told" in row)]
    allowed = outsider.percentages(values)
    said = [each for part in written for each in outsider.text_findings(part, allowed, where, known)]
    schools = pd.read_parquet(DEMO / "school" / "values.parquet")
    numbers = artefacts.shown_numbers(pd.concat([values, schools], ignore_index=True))
    return [*said, *(each for spec in specs for each in artefacts.picture_findings(spec, numbers, where))]


def test_the_pictures_of_a_page_hold_shown_values_only_and_a_point_of_a_hidden_one_is_found(
    finished: tuple[dict[str, Any], Tables, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = finished[1]["values"]
    app = run("indicator", monkeypatch, indikator="merit_value_17", kommun="Öckerö")
    specs = sent(app)[1]
    points = [row for spec in specs for row in artefacts.data_rows(spec) if "told" in row and "value" in row]
    assert len(points) > 20
    assert page_findings(app, values, "indicator") == []
    allowed = artefacts.shown_numbers(values)
    hidden = [row for spec in specs for row in artefacts.data_rows(spec) if row.get("word") == "dold"]
    assert hidden
    for row in hidden:
        row |= {"told": f"Öckerö {row['label']}", "value": 97.123}
    assert sum(len(list(artefacts.picture_findings(spec, allowed, "indicator"))) for spec in specs) == len(hidden)


def test_an_address_outside_the_choices_gives_a_usual_page(
    finished: tuple[dict[str, Any], Tables, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = run("indicator", monkeypatch, **OUTSIDE)
    assert page_findings(app, finished[1]["values"], "indicator") == []
    assert not INSIDE.search(without_address(app))


@pytest.mark.soak
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("kommun", ["Öckerö", "Lilla Edet", "GR"])
def test_no_page_of_any_smaller_member_says_anything_of_few(
    page: str, kommun: str, finished: tuple[dict[str, Any], Tables, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = run(page, monkeypatch, kommun=kommun)
    assert len(sent(app)[0]) > 500
    found = [each for each in page_findings(app, finished[1]["values"], page) if "sentence" in each.how]
    if page not in DERIVED:
        found += [each for each in page_findings(app, finished[1]["values"], page) if "point" in each.how]
    assert found == []


@pytest.mark.soak
@pytest.mark.parametrize("page", PAGES)
def test_no_page_breaks_at_an_address_outside_the_choices(
    page: str, finished: tuple[dict[str, Any], Tables, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not INSIDE.search(without_address(run(page, monkeypatch, **OUTSIDE)))
