"""lamna-in: every state from the empty page to the receipt, on a real vault."""

from __future__ import annotations

import asyncio
import io
import zipfile
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartParser

from metrics import locking
from metrics.intake import stage
from metrics.intake.checks import Sample
from metrics.intake.handing_in import hand_in
from metrics.intake.preview import PREVIEWED, PREVIEWS_A_DAY
from metrics.values import LOCAL_PRINCIPAL
from metrics.vault import Batch, batches
from tests.pages.desk_pages import SENDER, button, calm, drop, labels, open_as, open_page, said, vault_in

HOSTILE = {
    "tom.csv": b"",
    "nollor.csv": b"\x00" * 100,
    "bild.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
    "slump.csv": bytes((7 * number + number // 3) % 256 for number in range(5000)),
    "en-rad.csv": b"a" * 3_000_000,
    "trasig.xlsx": b"PK\x03\x04" + bytes(200),
    "trasig.json": b'{"a": [',
    "citat.csv": 'Pseudonym;Läsår\n"q;2024/25\n'.encode(),
    "rubriker.csv": "Pseudonym;Läsår;Skolenhetskod\n".encode(),
}


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SAMSYN_DATA", str(tmp_path))
    monkeypatch.delenv("SAMSYN_VAULT_KEY", raising=False)
    return tmp_path


def already(data: Path, **changes: object) -> Batch:
    """A batch that SENDER handed in before."""
    staged = stage(Sample(**changes).data(), "year9_grades", name="forra.csv")  # type: ignore[arg-type]
    reasons = {each.code: "Så var det." for each in staged.findings.acknowledgeable}
    return hand_in(vault_in(data), staged, sender=SENDER, principal=LOCAL_PRINCIPAL, reasons=reasons)


def test_the_empty_page_teaches(data: Path) -> None:
    app = open_page("deliver.py")
    text = said(app)
    assert "Vad vill du lämna in?" in text
    assert "Inget har lämnats in ännu" in text
    assert "Slutbetyg i årskurs 9" in text
    assert "Register över samverkansmodeller" in text
    assert "Att lämna in är inte att ge ut" in text
    assert "lokala identiteten" in text
    assert [each.label for each in app.get("download_button")] == [
        *["Mall (CSV)", "Beskrivning av kolumnerna (CSV)"] * 3,
        "Ladda ner avidentifiera.html",
    ]
    assert not (data / "vault" / "samsyn.duckdb").exists()


def test_a_good_file_is_handed_in_and_gets_a_receipt(data: Path) -> None:
    app = open_as(SENDER)
    drop(app, ("betyg.csv", Sample(encoding="cp1252").data()))
    text = said(app)
    assert "Slutbetyg i årskurs 9" in text
    assert "Inget att anmärka." in text
    assert "Filen har 25 rader" in text
    calm(button(app, "Lämna in").click().run())
    text = said(app)
    assert "4 Kvitto" in text
    assert "Inget har getts ut" in text
    assert [each.label for each in app.get("download_button")] == [
        "Ladda ner kvittot som PDF",
        "Ladda ner kvittot som CSV",
    ]
    (batch,) = vault_in(data).batches(LOCAL_PRINCIPAL)
    assert (batch.sender, batch.row_count, batch.file_name) == (SENDER, 25, "betyg.csv")
    assert batch.sha256 in text
    calm(button(app, "Lämna in något mer").click().run())
    assert "Börja här" in said(app)


def test_nothing_can_be_handed_in_before_somebody_says_who_it_is_from(data: Path) -> None:
    app = drop(open_page("deliver.py"), ("betyg.csv", Sample().data()))
    assert button(app, "Lämna in").disabled
    assert "Välj vilken organisation som lämnar in." in said(app)
    assert "3 Vad ändras för er" not in said(app)


def test_errors_are_shown_with_what_to_do_and_stop_the_file(data: Path) -> None:
    app = drop(open_as(SENDER), ("betyg.csv", Sample(cells={"birth_year": "1850"}).data()))
    text = said(app)
    assert "Filen kan inte lämnas in ännu." in text
    assert "Gör så här" in text
    assert "kolumnen Födelseår, rad 5" in text
    assert "1850" not in text
    assert button(app, "Lämna in").disabled
    assert not (data / "vault" / "samsyn.duckdb").exists()


def test_a_corrected_file_on_the_same_spot_takes_the_first_ones_place(data: Path) -> None:
    app = open_as(SENDER)
    wrong, right = Sample(cells={"birth_year": "1850"}).data(), Sample().data()
    drop(app, ("betyg.csv", wrong), ("betyg.csv", right))
    assert "Inget att anmärka." in said(app)
    assert not button(app, "Lämna in").disabled


def test_every_warning_needs_a_reason_that_is_kept(data: Path) -> None:
    app = drop(open_as(SENDER), ("betyg.csv", Sample(every={"sex": "flicka"}).data()))
    assert button(app, "Lämna in").disabled
    (field,) = [each for each in app.text_input if each.label.startswith("Varför är det rätt?")]
    calm(field.set_value("Det är en flickskola.").run())
    assert not button(app, "Lämna in").disabled
    calm(button(app, "Lämna in").click().run())
    (batch,) = vault_in(data).batches(LOCAL_PRINCIPAL)
    assert batch.reasons == {"one_sex_only:Kön": "Det är en flickskola."}
    assert "Det är en flickskola." in said(app)


def test_the_senders_own_published_values_stand_beside_what_the_file_makes_of_them(
    data: Path, release_of: Callable[[str], Path]
) -> None:
    register = Sample(extract="school_units", rows=1, every={"municipality": "1419", "valid_from": "2010-08-01"})
    hand_in(vault_in(data), stage(register.data(), "school_units"), sender="Skolverket", principal=LOCAL_PRINCIPAL)
    file = ("betyg.csv", Sample(rows=40).data())
    assert "Era publicerade värden" not in said(drop(open_as(SENDER), file))

    (data / "releases").mkdir()
    (data / "releases" / "municipal-3").symlink_to(release_of("municipal"))
    (data / "releases" / "current").write_text("municipal-3")
    text = said(drop(open_as(SENDER), file))
    assert "Era publicerade värden i utgåva municipal-3, och med filen. Exempeldata." in text
    assert "Behörig till yrkesprogram 2024/25" in text
    assert "Bara era egna rader räknas." in text


def test_previews_beyond_the_days_limit_are_not_shown(data: Path) -> None:
    already(data)
    vault, file = vault_in(data), ("betyg.csv", Sample(rows=30).data())
    with vault._writing() as connection:
        for _ in range(PREVIEWS_A_DAY):
            batches.write_log(connection, LOCAL_PRINCIPAL, PREVIEWED, SENDER, "year9_grades")
    text = said(drop(open_as(SENDER), file))
    assert "har förhandsgranskat 200 gånger i dag" in text
    assert "Filen har 30 rader" not in text


def test_the_source_system_of_the_last_delivery_is_filled_in(data: Path) -> None:
    staged = stage(Sample().data(), "year9_grades", name="forra.csv")
    staged = replace(staged, coverage=replace(staged.coverage, source_system="Skolsystem Aspen"))
    hand_in(vault_in(data), staged, sender=SENDER, principal=LOCAL_PRINCIPAL)
    app = open_page("deliver.py")
    calm(app.selectbox(key="desk_sender").set_value(SENDER).run())
    assert app.selectbox(key="desk_system").value == "Skolsystem Aspen"
    calm(app.selectbox(key="desk_system").set_value(None).run())
    assert app.selectbox(key="desk_system").value is None
    calm(app.selectbox(key="desk_sender").set_value("Ale kommun").run())
    calm(app.selectbox(key="desk_sender").set_value(SENDER).run())
    assert app.selectbox(key="desk_system").value == "Skolsystem Aspen"
    assert open_as(SENDER, "Ett annat").selectbox(key="desk_system").value == "Ett annat"


def test_as_last_year_takes_three_clicks(data: Path) -> None:
    already(data, every={"sex": "flicka", "school_year": "2023/24"})
    app = drop(open_as(SENDER), ("betyg.csv", Sample(every={"sex": "flicka"}).data()))
    assert "Förra gången: forra.csv" in said(app)
    calm(button(app, "Som förra året").click().run())
    calm(button(app, "Lämna in").click().run())
    newest = vault_in(data).batches(LOCAL_PRINCIPAL)[0]
    assert newest.reasons == {"one_sex_only:Kön": "Så var det."}
    assert newest.periods == ("2024/25",)


def test_a_link_says_who_hands_in(data: Path) -> None:
    already(data, every={"school_year": "2023/24"})
    app = open_page("deliver.py", organisation=SENDER)
    assert app.selectbox(key="desk_sender").value == SENDER
    calm(app.selectbox(key="desk_sender").set_value("Ale kommun").run())
    assert app.query_params["organisation"] in ("Ale kommun", ["Ale kommun"])


def test_what_the_comparison_with_last_time_asks_needs_a_reason(data: Path) -> None:
    already(data, rows=60, every={"school_year": "2024/25"})
    lines = Sample(rows=60).data().decode().splitlines()
    other = "\n".join([lines[0], *("annan" + line for line in lines[1:])]).encode()
    app = drop(open_as(SENDER), ("betyg.csv", other))
    assert "Nyckeln verkar vara en annan än förra gången" in said(app)
    assert "Skriv skäl för en varning." in said(app)
    (field,) = [each for each in app.text_input if "Nyckeln" in each.label]
    calm(field.set_value("Ny nyckel efter byte av skolsystem.").run())
    app.radio[0].set_value("replace").run()
    calm(button(app, "Lämna in").click().run())
    assert vault_in(data).batches(LOCAL_PRINCIPAL)[0].reasons == {"key_changed": "Ny nyckel efter byte av skolsystem."}


def test_a_file_with_personal_numbers_leads_to_the_page_that_hides_them(data: Path) -> None:
    app = drop(open_as(SENDER), ("betyg.csv", Sample(drop=("pupil",), extra={"Personnummer": "811218-9876"}).data()))
    assert "Avidentifiera filen med sidan nedan" in said(app)
    assert "Ladda ner avidentifiera.html" in [each.label for each in app.get("download_button")]
    assert "811218" not in said(app)


def test_an_unknown_heading_is_matched_once_and_remembered_for_the_sender(data: Path) -> None:
    renamed = Sample(rename={"pupil": "Löpande id"})
    app = drop(open_as(SENDER), ("betyg.csv", renamed.data()))
    assert "Kolumnen Pseudonym saknas." in said(app)
    (chooser,) = [each for each in app.selectbox if each.label == "”Löpande id” är"]
    calm(chooser.set_value("pupil").run())
    assert "Utpekat för hand: ”Löpande id” är Pseudonym." in said(app)
    calm(button(app, "Lämna in").click().run())
    again = drop(open_as(SENDER), ("nytt.csv", renamed.data()))
    assert "Kolumnen Pseudonym saknas." not in said(again)
    assert "Utpekat för hand" in said(again)
    earlier = drop(open_as(SENDER), ("aldre.csv", replace(renamed, every={"school_year": "2023/24"}).data()))
    assert "inlämnat sedan förut gäller senare perioder" in said(earlier)
    assert "första gången ni lämnar in" not in said(earlier)
    other = drop(open_as("Ale kommun"), ("nytt.csv", renamed.data()))
    assert "Kolumnen Pseudonym saknas." in said(other)
    calm(button(again, "Ta bort utpekandet").click().run())
    assert "Kolumnen Pseudonym saknas." in said(again)


@pytest.mark.parametrize(("choice", "counted"), [("replace", 20), ("add", 25 + 20)])
def test_on_overlap_the_sender_sees_what_is_there_and_chooses(data: Path, choice: str, counted: int) -> None:
    already(data)
    app = drop(open_as(SENDER), ("ratt.csv", Sample(rows=20).data()))
    text = said(app)
    assert "25 rader för samma perioder och skolenheter finns redan, i leverans 1" in text
    assert "det 5 färre än förra gången" in text
    assert button(app, "Lämna in").disabled
    calm(app.radio[0].set_value(choice).run())
    calm(button(app, "Lämna in").click().run())
    with vault_in(data).reading(LOCAL_PRINCIPAL) as connection:
        assert connection.execute("SELECT count(*) FROM year9_grades").fetchone() == (counted,)


def test_a_school_that_is_no_longer_in_the_file_can_be_counted_away(data: Path) -> None:
    already(data, unlike={"pupil": "ensam12345", "school_unit": "10000002"})
    app = drop(open_as(SENDER), ("ratt.csv", Sample().data()))
    assert "En skolenhet fanns i 2024/25 men saknas i filens 2024/25: 10000002." in said(app)
    calm(app.checkbox[0].check().run())
    calm(app.radio[0].set_value("replace").run())
    calm(button(app, "Lämna in").click().run())
    with vault_in(data).reading(LOCAL_PRINCIPAL) as connection:
        assert connection.execute("SELECT count(*) FROM year9_grades").fetchone() == (25,)


def test_another_source_system_counts_beside_and_that_is_said(data: Path) -> None:
    already(data)
    same = drop(open_as(SENDER), ("ratt.csv", Sample(rows=20).data()))
    assert "från källsystem" not in said(same)
    other = drop(open_as(SENDER, "Nya systemet"), ("ratt.csv", Sample(rows=20).data()))
    assert "från källsystem: inget angivet" in said(other)
    assert not other.radio


def test_the_same_file_twice_is_noticed(data: Path) -> None:
    already(data)
    app = drop(open_as(SENDER), ("betyg.csv", Sample().data()))
    assert "Samma fil är redan inlämnad som leverans 1" in said(app)


def test_another_name_of_the_same_municipality_is_noticed(data: Path) -> None:
    already(data)
    app = open_as("Tjörns kommun")
    assert f"förut lämnat in som ”{SENDER}”" in said(app)


def test_several_files_and_a_zip_are_handed_in_with_one_click(data: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("register.csv", Sample(extract="collaboration_register", rows=3).data())
        archive.writestr("skolor.csv", Sample(extract="school_units", rows=3).data())
    app = open_as(SENDER)
    drop(app, ("betyg.csv", Sample().data()), ("allt.zip", packed.getvalue()), ("bild.csv", HOSTILE["bild.csv"]))
    text = said(app)
    assert text.count("Klar att lämna in.") == 3
    assert "Ett fel behöver rättas i filen." in text
    calm(button(app, "Lämna in tre filer").click().run())
    kinds = {each.extract for each in vault_in(data).batches(LOCAL_PRINCIPAL)}
    assert kinds == {"year9_grades", "collaboration_register", "school_units"}
    assert "bild.csv" in said(app)
    assert "Mottaget: leverans 1, 2, 3." in said(app)


@pytest.mark.parametrize("name", HOSTILE)
def test_any_bytes_give_findings_and_nothing_is_stored(data: Path, name: str) -> None:
    app = drop(open_as(SENDER), (name, HOSTILE[name]))
    if HOSTILE[name]:
        assert "Filen kan inte lämnas in ännu." in said(app)
    assert "Traceback" not in said(app)
    assert all(each.disabled for each in app.button if each.label == "Lämna in")
    assert not (data / "vault" / "samsyn.duckdb").exists()


def test_a_file_name_that_points_to_a_person_is_not_repeated(data: Path) -> None:
    app = drop(open_as(SENDER), ("elev 811218-9876.csv", Sample().data()))
    assert "811218" not in said(app)
    assert "Filnamnet innehåller ett personnummer" in said(app)


def test_what_was_read_can_be_corrected(data: Path) -> None:
    app = drop(open_as(SENDER), ("betyg.csv", Sample(encoding="cp1252").data()))
    (kind,) = [each for each in app.selectbox if each.key.startswith("kind_")]
    calm(kind.set_value("school_units").run())
    assert "Ingen rubrikrad känns igen" in said(app)
    (encoding,) = [each for each in app.selectbox if each.key.startswith("encoding_")]
    calm(encoding.set_value("utf-8").run())
    assert "går inte att läsa som UTF-8" in said(app)


def test_a_vault_that_somebody_else_holds_is_a_sentence(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    already(data)
    monkeypatch.setattr("pages.parts.desk.WAIT_SECONDS", 0.5)
    app = drop(open_as(SENDER), ("betyg.csv", Sample(every={"school_year": "2023/24"}).data()))
    with locking.held(data / "vault" / "samsyn.duckdb.lock", wait_seconds=1):
        calm(button(app, "Lämna in").click().run())
    assert "Valvet används just nu av någon annan" in said(app)
    assert len(vault_in(data).batches(LOCAL_PRINCIPAL)) == 1
    calm(button(app, "Lämna in").click().run())
    assert len(vault_in(data).batches(LOCAL_PRINCIPAL)) == 2


def test_answers_survive_a_look_at_another_file(data: Path) -> None:
    first, second = Sample(every={"sex": "flicka"}).data(), Sample(every={"sex": "pojke"}).data()
    app = drop(open_as(SENDER), ("a.csv", first), ("b.csv", second))
    calm(app.text_input[0].set_value("Flickskola.").run())
    keys = app.selectbox(key="desk_file").options
    assert keys == ["a.csv", "b.csv"]
    calm(app.selectbox(key="desk_file").select_index(1).run())
    calm(app.selectbox(key="desk_file").select_index(0).run())
    assert app.text_input[0].value == "Flickskola."
    assert "Lämna in en fil" in labels(app)


def parse_upload(size: int) -> UploadFile:
    """What the web server makes of an upload of this size."""
    boundary = b"grans"
    head = b"--" + boundary + b'\r\nContent-Disposition: form-data; name="f"; filename="a.csv"\r\n\r\n'
    body = head + b"a" * size + b"\r\n--" + boundary + b"--\r\n"

    async def stream() -> AsyncGenerator[bytes, None]:
        for start in range(0, len(body), 2**16):
            yield body[start : start + 2**16]

    headers = Headers({"content-type": "multipart/form-data; boundary=grans"})
    with ThreadPoolExecutor(1) as apart:  # a browser test in the same process keeps a loop running
        form = apart.submit(lambda: asyncio.run(MultiPartParser(headers, stream()).parse())).result()
    found = form["f"]
    assert isinstance(found, UploadFile)
    return found


def test_an_upload_stays_in_memory(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    open_page("deliver.py")
    upload = parse_upload(20 * 2**20)
    assert upload.file._rolled is False  # type: ignore[attr-defined]
    monkeypatch.setattr(MultiPartParser, "spool_max_size", 2**20)
    rolled = parse_upload(2 * 2**20)
    assert rolled.file._rolled is True  # type: ignore[attr-defined]
    upload.file.close()
    rolled.file.close()
