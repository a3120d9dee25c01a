"""historik: every section empty and filled, undo, publish with progress, withdraw and sign, on a real vault."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from metrics import cli
from metrics.intake import stage
from metrics.intake.checks import Sample
from metrics.intake.handing_in import hand_in
from metrics.release import read
from metrics.release.publish import publish
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Batch
from tests.pages.desk_pages import SENDER, button, calm, open_as, open_page, said, vault_in

SECTIONS = ("leveranser", "utgavor", "ge-ut", "avstamning", "plan", "kopplingar", "logg")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    monkeypatch.delenv("SAMSYN_VAULT_KEY", raising=False)
    st.cache_resource.clear()
    return tmp_path


def deliver(data: Path, kind: str = "year9_grades", **changes: object) -> Batch:
    staged = stage(Sample(extract=kind, **changes).data(), kind, name="fil.csv")  # type: ignore[arg-type]
    reasons = {each.code: "Så var det." for each in staged.findings.acknowledgeable}
    return hand_in(vault_in(data), staged, sender=SENDER, principal=LOCAL_PRINCIPAL, reasons=reasons)


def show(app: AppTest, section: str) -> str:
    """The text of one section."""
    calm(app.button_group(key="history_section").set_value(section).run())
    return said(app)


def put_release(data: Path, release: Path, name: str) -> None:
    """A release folder among the installation's own, as the current one."""
    folder = data / "releases" / name
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.symlink_to(release)
    (data / "releases" / "current").write_text(name)


def test_without_a_vault_every_section_teaches(data: Path) -> None:
    app = open_page("history.py")
    teaches = {
        "leveranser": "Inga leveranser ännu",
        "utgavor": "Ingen egen utgåva ännu",
        "ge-ut": "Det finns inget att ge ut ännu",
        "avstamning": "ännu",
        "plan": "0 av 28 väntade leveranser",
        "kopplingar": "Ingen koppling gäller.",
        "logg": "Loggen är tom",
    }
    for section in SECTIONS:
        text = show(app, section)
        assert "Vad har lämnats in och getts ut?" in text
        assert teaches[section] in text
        assert "Valvet är en okrypterad fil" in text
    assert not (data / "vault" / "samsyn.duckdb").exists()


def test_a_key_in_the_environment_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMSYN_VAULT_KEY", "en-nyckel-som-ingen-har")
    assert "Valvet är krypterat på disken." in said(open_page("history.py"))


def test_deliveries_are_listed_with_what_was_said_and_can_be_undone(data: Path) -> None:
    deliver(data)
    deliver(data, every={"sex": "flicka", "school_year": "2023/24"})
    app = open_page("history.py")
    text = said(app)
    assert "Två leveranser räknas" in text
    assert "Två leveranser med 50 rader från en organisation." in text
    assert "Så var det." in text
    assert "en varning" in text
    calm(button(app, "Ångra leverans 2").click().run())
    assert "Skriv varför leveransen ångras." in said(app)
    app.text_input(key="undo_reason_2").set_value("Fel fil")
    calm(button(app, "Ångra leverans 2").click().run())
    assert "Leverans 2 är ångrad." in said(app)
    assert "och en ångrad." in said(app)
    undone = vault_in(data).batches(LOCAL_PRINCIPAL)[0]
    assert (undone.undone_reason, undone.undone_by) == ("Fel fil", "lokal")
    assert "Fel fil" in show(app, "logg")


def test_deliveries_can_be_searched(data: Path) -> None:
    deliver(data)
    app = open_page("history.py")
    calm(app.text_input(key="batches_search").set_value("tjörn").run())
    assert "Inga" not in said(app)
    calm(app.text_input(key="batches_search").set_value("finns inte").run())
    assert "Ingen leverans stämmer med sökningen." in said(app)


def test_the_address_chooses_the_section(data: Path) -> None:
    app = AppTest.from_file(str(Path(__file__).resolve().parents[2] / "pages" / "history.py"), default_timeout=60)
    app.query_params["visa"] = "logg"
    calm(app.run())
    assert "Loggen är tom" in said(app)
    show(app, "plan")
    assert app.query_params["visa"] == "plan"


def test_releases_are_listed_as_what_they_are_and_withdrawn_with_a_reason(
    data: Path, release_of: Callable[[str], Path], tmp_path: Path
) -> None:
    put_release(data, release_of("sparse"), "sparse-3")
    app = open_page("history.py")
    text = show(app, "utgavor")
    assert "Exempeldata" in text
    assert "gäller nu" in text
    assert "inte underskriven" in text
    (data / "releases" / "sparse-3").unlink()


def test_publishing_tells_how_far_it_is_and_what_changed(data: Path) -> None:
    deliver(data, "collaboration_register", rows=3)
    app = open_page("history.py")
    show(app, "ge-ut")
    calm(button(app, "Ge ut en ny utgåva").click().run())
    assert "Skriv en notis" in said(app)
    app.text_input(key="publish_note").set_value("Första registret")
    app.text_input(key="publish_sign").set_value("anna")
    calm(button(app, "Ge ut en ny utgåva").click().run())
    assert "Du kan lämna sidan och komma tillbaka." in said(app)
    assert "En ny utgåva tas fram just nu." in show(app, "logg")
    text = wait_for_release(app)
    assert "är klar:" in text
    manifest = read.load(read.current_folder()).manifest
    assert (manifest["note"], manifest["signed_by"]) == ("Första registret", "anna")
    assert str(manifest["id"]) in show(app, "utgavor")
    withdraw(app, str(manifest["id"]))
    assert "gett ut" in show(app, "logg")


def wait_for_release(app: AppTest) -> str:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        text = show(app, "ge-ut")
        if "Du kan lämna sidan" not in text:
            return text
        time.sleep(0.5)
    raise AssertionError("publishing did not end within five minutes")


def withdraw(app: AppTest, release_id: str) -> None:
    calm(button(app, "Dra tillbaka utgåvan").click().run())
    assert "Skriv varför utgåvan dras tillbaka." in said(app)
    app.text_input(key="withdraw_reason").set_value("Fel register")
    calm(button(app, "Dra tillbaka utgåvan").click().run())
    text = said(app)
    assert f"Utgåva {release_id} är tillbakadragen." in text
    assert "Fel register" in text


def test_a_draft_is_signed_by_somebody_else(data: Path) -> None:
    deliver(data, "collaboration_register", rows=3)
    anna = replace(LOCAL_PRINCIPAL, subject="anna")
    made = publish(cli.desk(), principal=anna, note="Att granska")
    assert made.draft
    app = open_page("history.py")
    assert "Att granska" in show(app, "ge-ut")
    calm(button(app, "Skriv under och ge ut").click().run())
    assert f"Utgåva {made.id} är utgiven." in said(app)
    assert read.load(read.current_folder()).manifest["signed_by"] == "lokal"


def test_members_review_a_draft_before_it_is_signed(data: Path) -> None:
    deliver(data, "year9_grades", rows=40)
    made = publish(cli.desk(), principal=replace(LOCAL_PRINCIPAL, subject="anna"), note="Att granska")
    app = open_page("history.py")
    assert "Granskningen är inte öppnad." in show(app, "ge-ut")
    calm(button(app, "Skriv under och ge ut").click().run())
    assert "är inte granskat: 1 organisation har uppgifter i det." in said(app)
    calm(button(app, "Öppna granskningen").click().run())
    assert f"Utkast {made.id} granskas till och med" in said(app)
    calm(button(app, "Skriv under och ge ut").click().run())
    assert "1 av 1 organisationer har inte svarat" in said(app)
    assert "Utkastet har inga egna värden för Tjörn." in said(app)
    field = next(each for each in app.text_input if each.label.startswith("Vad stämmer inte?"))
    calm(field.set_value("En skola saknas.").run())
    calm(button(app, "Skicka synpunkten").click().run())
    text = said(app)
    assert "En organisation har synpunkter." in text
    assert "En skola saknas." in text
    calm(button(app, "Skriv under och ge ut").click().run())
    assert read.load(read.current_folder()).manifest["review"]["objections"] == 1
    assert "(1 av 1 har svarat, 1 med synpunkter)" in show(app, "utgavor")


def test_what_cannot_be_published_is_a_sentence(data: Path) -> None:
    deliver(data, "collaboration_register", rows=3)
    (data / "drafts").mkdir()
    (data / "releases").write_text("en fil där mappen skulle ligga")
    app = open_page("history.py")
    show(app, "ge-ut")
    app.text_input(key="publish_note").set_value("Går inte")
    calm(button(app, "Ge ut en ny utgåva").click().run())
    assert "Det gick inte att läsa eller skriva på disken." in wait_for_release(app)


def test_reconciliation_shows_the_largest_difference_first(data: Path, release_of: Callable[[str], Path]) -> None:
    put_release(data, release_of("full"), "full-3")
    text = show(open_page("history.py"), "avstamning")
    assert "0 av 1 egna värden stämmer" in text
    assert "Behörig till yrkesprogram Ale 2024/25 skiljer sig 82,0" in text


def test_the_plan_says_who_has_delivered_and_what_is_late(data: Path) -> None:
    deliver(data, every={"school_year": "2015/16"})
    app = open_page("history.py")
    text = show(app, "plan")
    assert f"{SENDER} Slutbetyg i årskurs 9" in text
    assert "försenad" in text
    assert "Ale kommun" in text
    calm(app.selectbox(key="plan_state").set_value("late").run())
    assert "Ale kommun" not in said(app)


def test_the_log_is_downloaded_whole(data: Path) -> None:
    deliver(data)
    app = open_page("history.py")
    assert "leverans 1 Slutbetyg i årskurs 9, 25 rader" in show(app, "logg")
    assert "Ladda ner hela loggen som CSV" in [each.label for each in app.get("download_button")]


def test_gr_declares_a_join_with_its_ground_and_withdraws_it(data: Path) -> None:
    app = open_page("history.py")
    show(app, "kopplingar")
    calm(button(app, "Deklarera kopplingen").click().run())
    assert "Skriv ändamålet." in said(app)
    for field, text in (
        ("purpose", "Uppföljning"),
        ("ground", "Egen verksamhet"),
        ("school", "BUN § 1"),
        ("social", "SN § 2"),
    ):
        app.text_input(key=f"join_{field}").set_value(text)
    app.selectbox(key="join_organisation").set_value("Tjörns kommun")
    calm(button(app, "Deklarera kopplingen").click().run())
    for words in (
        "Koppling 1 är deklarerad för Tjörns kommun.",
        "En koppling gäller.",
        "Egen verksamhet",
        "BUN § 1; SN § 2",
    ):
        assert words in said(app)
    app.text_input(key="join_reason").set_value("beslut upphävt")
    calm(button(app, "Återkalla kopplingen").click().run())
    assert "Ingen koppling gäller." in said(app)
    assert "beslut upphävt" in said(app)
    assert "återkallat koppling" in show(app, "logg")


def test_gr_sets_the_plan_and_the_sender_sees_its_own(data: Path) -> None:
    deliver(data, every={"school_year": "2015/16"})
    app = open_page("history.py")
    assert "försenad" in said(app)
    show(app, "plan")
    calm(app.selectbox(key="plan_organisation").set_value(SENDER).run())
    calm(app.selectbox(key="plan_edit_kind").set_value("year9_grades").run())
    key = f"{SENDER}_year9_grades"
    app.text_input(key=f"plan_role_{key}").set_value("Anna Andersson")
    calm(button(app, "Spara i planen").click().run())
    assert "inte en persons namn" in said(app)
    app.text_input(key=f"plan_role_{key}").set_value("systemförvaltare")
    app.selectbox(key=f"plan_is_{key}").set_value("no")
    app.text_input(key=f"plan_why_{key}").set_value("Byter skolsystem")
    calm(button(app, "Spara i planen").click().run())
    assert "Planen är sparad." in said(app)
    assert "systemförvaltare väntas inte: Byter skolsystem" in said(app)

    theirs = said(open_as(SENDER))
    assert f"Det här väntas av {SENDER}" in theirs
    assert "väntas inte: Byter skolsystem" in theirs
    assert "Ale kommun" not in theirs
