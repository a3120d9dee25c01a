"""The desk page registret: own entries edited in a table, checked, and stored as a new version."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from metrics.extracts.collaboration_register import EXTRACT
from metrics.intake import register_file, stage
from metrics.intake.handing_in import hand_in
from metrics.values import LOCAL_PRINCIPAL
from pages.parts import desk_register
from tests.pages.desk_pages import calm, open_page, said, vault_in
from tests.unit.test_register import SENDER, TEAM, texts


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    return tmp_path


def deliver(data: Path, *rows: dict[str, str]) -> None:
    staged = stage(register_file.csv_bytes(texts(*rows)), EXTRACT)
    reasons = {each.code: "Prov" for each in staged.findings}
    hand_in(vault_in(data), staged, sender=SENDER, principal=LOCAL_PRINCIPAL, overlap="replace", reasons=reasons)


def test_an_empty_register_teaches(data: Path) -> None:
    text = said(open_page("register.py"))
    assert "Registret är tomt" in text
    assert "Ingen har tillfrågats" in text


def test_the_register_that_counts_is_shown_with_its_version(data: Path) -> None:
    deliver(data, TEAM, TEAM | {"instance": "Team Ale", "municipality": "1440", "school_unit": "10000009"})
    text = said(open_page("register.py"))
    assert "Två team i två kommuner" in text
    assert "Det är version 1" in text


def test_an_edit_is_stored_as_a_new_version_and_leaves_other_members_alone(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ale = TEAM | {"instance": "Team Ale", "municipality": "1440", "school_unit": "10000009"}
    deliver(data, TEAM, ale)

    def edited(rows: pd.DataFrame, **_: object) -> pd.DataFrame:
        return rows.assign(contact_role="Samordnare vid skolan", filled_posts="2,5")

    monkeypatch.setattr(desk_register.st, "data_editor", edited)
    app = open_page("register.py")
    assert "Ändringar" not in said(app)
    app = calm(app.selectbox(key="register_member").set_value("1440").run())
    assert "Två ändringar blir en ny version" in said(app)
    app = calm(app.button(key="register_save").click().run())
    with vault_in(data).reading(LOCAL_PRINCIPAL) as connection:
        rows = register_file.standing(connection, SENDER).set_index("instance")
    assert rows["contact_role"].to_dict() == {"Team Ale": "Samordnare vid skolan", "Team Tjörn": ""}
    assert "Det är version 2" in said(app)


def test_an_error_stops_and_a_warning_asks_why(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(data, TEAM | {"municipality": "1440"})
    monkeypatch.setattr(desk_register.st, "data_editor", lambda rows, **_: rows.assign(ended="2019-01-01"))
    app = calm(open_page("register.py").selectbox(key="register_member").set_value("1440").run())
    assert "Slutet är tidigare än starten." in said(app)
    assert app.button(key="register_save").disabled
    monkeypatch.setattr(desk_register.st, "data_editor", lambda rows, **_: rows.assign(filled_posts="1"))
    app = calm(app.run())
    assert "uppfyller därför inte statsbidragets regel" in said(app)
    assert app.button(key="register_save").disabled
    (asked,) = [each for each in app.text_input if each.label.startswith("Skäl")]
    app = calm(asked.set_value("Under uppbyggnad").run())
    assert not app.button(key="register_save").disabled


def test_another_organisations_register_can_be_chosen(data: Path) -> None:
    deliver(data, TEAM, TEAM | {"school_unit": "10000002"})
    staged = stage(register_file.csv_bytes(texts(TEAM | {"instance": "Team Ö"})), EXTRACT)
    hand_in(vault_in(data), staged, sender="Tjörns kommun", principal=LOCAL_PRINCIPAL)
    app = open_page("register.py")
    assert app.selectbox(key="register_whose").options == [SENDER, "Tjörns kommun"]
    app = calm(app.selectbox(key="register_whose").set_value("Tjörns kommun").run())
    assert "enligt Tjörns kommun" in said(app)


def test_every_column_is_edited_in_one_group_that_fits_a_page() -> None:
    grouped = [name for group in desk_register.GROUPS.values() for name in group]
    assert sorted([*grouped, *desk_register.KEYS, "municipality"]) == sorted(each.name for each in EXTRACT.columns)
    for group in desk_register.GROUPS.values():
        narrow = [name for name in group if EXTRACT.column(name).kind in desk_register.NARROW]
        assert 110 * len(narrow) + 160 * (len(group) - len(narrow) + len(desk_register.KEYS)) <= 1280 + 160


def test_what_is_written_in_one_group_of_columns_stands_when_another_is_chosen(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(data, TEAM | {"municipality": "1440"})
    seen: list[list[str]] = []

    def edited(rows: pd.DataFrame, **_: object) -> pd.DataFrame:
        seen.append(list(rows.columns))
        return rows.assign(filled_posts="2,5") if "filled_posts" in rows else rows

    monkeypatch.setattr(desk_register.st, "data_editor", edited)
    app = calm(open_page("register.py").selectbox(key="register_member").set_value("1440").run())
    groups = app.get("button_group")[0]
    app = calm(groups.set_value("Personal i skolan").run())
    assert "En ändring blir en ny version" in said(app)
    app = calm(app.get("button_group")[0].set_value("Organisation").run())
    assert "contact_role" in seen[-1]
    assert "En ändring blir en ny version" in said(app)
