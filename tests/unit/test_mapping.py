"""The mapping round: a form out and in, who has answered, and answers only where at least five stand behind them."""

from __future__ import annotations

import io
import itertools
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

from metrics import catalogue
from metrics.demo import mapping as demo
from metrics.demo import plan, region, writing
from metrics.extracts.mapping_answers import EXTRACT
from metrics.intake import mapping_form, register_file, stage
from metrics.intake.handing_in import hand_in
from metrics.protect.answers import COLUMNS, WHOLE, _following, _may_change, protected_answers, shown_types
from metrics.release import mapping, write
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Vault
from metrics.vocabulary import GR
from tests.spec.example_database import database

REGISTER = """
instance model_type         municipality school_unit started    ended
Team     school_social_team 1419         1           2020-08-15 .
Team     school_social_team 1419         2           2021-08-15 .
SSPF     sspf               1440         3           2007-08-15 2023-06-15
"""


def form(year: str = "2024/25", respondents: int = 1) -> pd.DataFrame:
    return mapping_form.asked(database({"collaboration_register": REGISTER}), year, GR, respondents=respondents)


def test_school_and_social_services_are_asked_about_every_running_instance_and_every_member_without_one() -> None:
    rows = form()
    assert len(rows) == 2 * len(GR.members)
    assert rows.loc[rows["municipality"] == "1419", ["instance", "side"]].values.tolist() == [
        ["Team", "skolan"],
        ["Team", "socialtjänsten"],
    ]
    assert rows.loc[rows["municipality"] == "1440", "instance"].tolist() == ["", ""]


def test_a_form_survives_excel_and_counts_who_has_answered() -> None:
    book = openpyxl.load_workbook(io.BytesIO(register_file.xlsx_bytes(form(respondents=2), EXTRACT)))
    sheet = book.worksheets[0]
    at = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, at["Svarsdag"]).value = "2025-05-02"
    sheet.cell(2, at["Samverkan"]).value = "ingen samverkan"
    saved = io.BytesIO()
    book.save(saved)
    staged = stage(saved.getvalue(), EXTRACT)
    assert not staged.findings.refused, staged.findings
    staged.connection.execute("CREATE VIEW mapping_answers AS SELECT * FROM staged")
    found = mapping_form.waiting(staged.connection, "2024/25")
    assert (found["asked"].sum(), found["answered"].sum()) == (4 * len(GR.members), 1)
    rounds = mapping.rounds(staged.connection, GR)
    assert (rounds["asked"].sum(), rounds["answered"].sum()) == (4 * len(GR.members), 1)
    assert set(mapping.answers(staged.connection, GR)["status"]) == {"hidden"}


def said(model: str, side: str, *cells: str | None, start: int = 0, question: str = "goals") -> list[dict]:
    """One respondent per cell, with the word it said."""
    return [
        {"school_year": "2024/25", "side": side, "model_type": model, "respondent": f"{model}{n}",
         "question": question, "word": cell, "score": None}
        for n, cell in enumerate(cells, start=start)
    ]  # fmt: skip


def table(*parts: list[dict]) -> pd.DataFrame:
    return pd.DataFrame(list(itertools.chain(*parts))).astype({"score": "float64"})


def test_fewer_than_five_are_never_shown_and_never_left() -> None:
    answers = table(said("a", "school", *["x"] * 9), said("b", "school", *["x"] * 6), said("c", "school", "y", "y"))
    found = protected_answers(answers)
    states = dict(zip(found["model_type"], found["status"], strict=False))
    assert states == {WHOLE: "shown", "a": "shown", "b": "hidden", "c": "hidden"}
    assert found.loc[found["status"] == "hidden", ["respondents", "value"]].isna().all(axis=None)
    whole = found[(found["model_type"] == WHOLE) & (found["word"] == "x")]
    assert whole[["respondents", "value"]].values.tolist() == [[17.0, 15.0]]


@pytest.mark.parametrize("sizes", list(itertools.product((0, 1, 3, 4, 5, 7), repeat=3)))
def test_what_is_left_of_the_total_is_nobody_or_at_least_five(sizes: tuple[int, ...]) -> None:
    named = {str(place): n for place, n in enumerate(sizes) if n}
    shown = shown_types(named, 5)
    assert all(named[each] >= 5 for each in shown)
    left = sum(n for each, n in named.items() if each not in shown)
    assert not shown or left == 0 or left >= 5


def test_the_threshold_can_only_be_made_stricter() -> None:
    answers = table(said("a", "school", *["x"] * 4))
    assert set(protected_answers(answers, at_least=1)["status"]) == {"hidden"}
    assert set(protected_answers(table(said("a", "school", *["x"] * 8)), at_least=10)["status"]) == {"hidden"}


@pytest.mark.parametrize(("more", "changed"), [(1, False), (4, False), (5, True)])
def test_a_round_stays_as_it_was_until_five_more_have_answered(more: int, changed: bool) -> None:
    first = protected_answers(table(said("a", "school", *["x"] * 6)))
    second = protected_answers(table(said("a", "school", *["x"] * 6, *["y"] * more)), [first])
    assert ("y" in set(second["word"])) is changed
    assert list(second.columns) == list(COLUMNS)


def test_one_who_thinks_again_is_not_told_of() -> None:
    first = protected_answers(table(said("a", "school", *["x"] * 6)))
    second = protected_answers(table(said("a", "school", *["x"] * 5, "y")), [first])
    pd.testing.assert_frame_equal(second, first)


def test_a_small_change_in_what_is_left_holds_the_round() -> None:
    """Total and the shown type have grown by five or more; the hidden rest by one."""
    old = protected_answers(
        table(said("a", "school", *["x"] * 10), said("b", "school", *["x"] * 4), said("c", "school", "x", "x"))
    )
    new = table(said("a", "school", *["x"] * 15), said("b", "school", *["x"] * 4), said("c", "school", "x", "x", "y"))
    assert not _may_change(old, protected_answers(new), 5)
    pd.testing.assert_frame_equal(protected_answers(new, [old]), old)


def test_a_scale_is_a_mean_of_those_who_answered_it() -> None:
    rows = table(said("a", "school", *[""] * 5, question="scale_time"))
    rows["score"] = [1.0, 2.0, 3.0, 4.0, 5.0]
    found = protected_answers(rows)
    assert found[found["model_type"] == "a"][["respondents", "value"]].values.tolist() == [[5.0, 3.0]]


def test_a_withdrawn_release_still_counts_as_shown(tmp_path: Path) -> None:
    rows = protected_answers(table(said("a", "school", *["x"] * 6)))
    for number, folder in enumerate(("2026-01-01-1", "2026-02-01-1")):
        open_part = tmp_path / folder / "open"
        open_part.mkdir(parents=True)
        rows.assign(respondents=6.0 + number).to_parquet(open_part / "mapping_answers.parquet")
        (tmp_path / folder / "manifest.json").write_text(f'{{"created": "{folder[:10]}"}}', encoding="utf-8")
    (tmp_path / "2026-02-01-1" / "withdrawn.json").write_text("{}", encoding="utf-8")
    assert [set(each["respondents"]) for each in mapping.released_before(tmp_path)] == [{7.0}, {6.0}]


@pytest.mark.parametrize("seed", range(25))
def test_no_two_releases_of_a_round_tell_of_fewer_than_five(seed: int) -> None:
    """Random answers that grow and are taken back: what follows from any two releases is the same or five apart."""
    random = np.random.default_rng(seed)
    sizes, released = random.integers(0, 9, 4), []
    for _ in range(5):
        parts = [said(name, "school", *random.choice(["x", "y"], n)) for name, n in zip("abcd", sizes, strict=True)]
        if any(parts):
            released.insert(0, protected_answers(table(*parts), released))
        sizes = np.maximum(0, sizes + random.integers(-2, 8, 4))
    assert all(_may_change(old, new, 5) for old, new in itertools.combinations(released, 2))
    for each in released:
        assert all(sums[WHOLE] >= 5 for types, sums in _following(each).items() if sums[WHOLE])


def test_invented_answers_go_from_file_to_release_and_back(tmp_path: Path) -> None:
    """Through the vault and Parquet: what is read again is what the gate let through."""
    place = region.build(region.scale_of("gr"), 1)
    path = tmp_path / "answers.csv"
    writing.write(path, EXTRACT, demo.answers_table(place, plan.instances(place)), writing.DIALECTS[2])
    vault = Vault(path=tmp_path / "vault" / "samsyn.duckdb", catalogue=catalogue.default())
    hand_in(vault, stage(path.read_bytes(), EXTRACT), sender="Göteborgsregionen (GR)", principal=LOCAL_PRINCIPAL)
    with vault.reading(LOCAL_PRINCIPAL) as connection:
        tables = {
            "mapping_rounds": mapping.rounds(connection, GR),
            "mapping_answers": mapping.answers(connection, GR),
        }
    for name, table in tables.items():
        write._write_table(tmp_path / f"{name}.parquet", name, table)
    again = pd.read_parquet(tmp_path / "mapping_answers.parquet")
    shown = again[again["status"] == "shown"]
    assert len(shown) > 300
    assert shown["respondents"].min() >= 5
    assert again.loc[again["status"] == "hidden", ["respondents", "value"]].isna().all(axis=None)
    assert set(again["question"]) >= {"goals", "challenges", "scale_time", "collaboration"}
    whole = shown[(shown["model_type"] == WHOLE) & (shown["question"] == "collaboration")]
    answered = tables["mapping_rounds"].groupby(["school_year", "side"])["answered"].sum()
    assert whole.groupby(["school_year", "side"])["respondents"].max().to_dict() == answered.to_dict()
