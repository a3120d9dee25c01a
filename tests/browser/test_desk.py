"""The desk pages in a real browser: from a dropped file to a receipt without a temporary file, and axe in both themes."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from metrics.intake import stage
from metrics.intake.checks import Sample
from metrics.intake.handing_in import hand_in
from metrics.values import LOCAL_PRINCIPAL
from tests.browser.conftest import ROOT, _wait
from tests.browser.test_browse_in_browser import COLLECT, ENGLISH
from tests.pages.desk_pages import SENDER, vault_in
from tests.pages.fixture import cached_release

pytestmark = pytest.mark.browser
FRAMEWORK = re.compile(r"^(add|remove|upload|decrement|increment)\b|\d\.\d+\s?[KMG]B\b", re.IGNORECASE)
"""English words of the file box and its neighbours."""
SECTIONS = ("leveranser", "utgavor", "ge-ut", "avstamning", "plan", "logg")
GIRLS = "Ale kommun"
ROWS = 12_000
MARKER = "pseudonymsomintefårfinnaspådisk"

WATCHED_SERVER = """
import os, sys
log = os.open(os.environ["WRITES_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
def watch(event, arguments):
    if event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR):
        os.write(log, f"{arguments[0]}\\n".encode())
sys.addaudithook(watch)
open(os.environ["WRITES_LOG"] + ".proof", "w").close()
from streamlit.web.cli import main
main()
"""
"""The dashboard, with every file that Python opens for writing noted by name."""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A running dashboard with a vault of its own; `writes` lists every file it has opened for writing."""

    address: str
    data: Path
    temporary: Path
    log: Path

    @property
    def writes(self) -> list[str]:
        return self.log.read_text(encoding="utf-8").splitlines()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    base = tmp_path_factory.mktemp("desk")
    data, temporary = base / "data", base / "tmp"
    temporary.mkdir()
    shutil.copytree(cached_release("full"), data / "releases" / "full-3")
    (data / "releases" / "current").write_text("full-3", encoding="utf-8")
    staged = stage(Sample(rows=ROWS, every={"school_year": "2023/24"}).data(), "year9_grades", name="forra.csv")
    hand_in(vault_in(data), staged, sender=SENDER, principal=LOCAL_PRINCIPAL)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SAMSYN_")}
    environment |= {"SAMSYN_DATA": str(data), "TMPDIR": str(temporary), "WRITES_LOG": str(base / "writes.log")}
    command = [sys.executable, "-c", WATCHED_SERVER, "run", "dashboard.py", "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1"]
    with (base / "server.log").open("w") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health")
            yield Desk(address=f"http://127.0.0.1:{port}", data=data, temporary=temporary, log=base / "writes.log")
        finally:
            running.terminate()
            running.wait(timeout=20)


def large_file() -> bytes:
    """A good file far above the size where web servers turn to the disk; every pseudonym holds MARKER."""
    lines = Sample(rows=ROWS).data().decode().splitlines()
    return "\n".join([lines[0], *(MARKER + line for line in lines[1:])]).encode()


def open_page(page: Page, desk: Desk, path: str, heading: str) -> None:
    page.goto(f"{desk.address}/{path}")
    page.get_by_role("heading", name=heading).wait_for()
    calm(page)


def open_deliver(page: Page, desk: Desk) -> None:
    """lamna-in, with its uploader drawn and in Swedish."""
    open_page(page, desk, "lamna-in", "Vad vill du lämna in?")
    page.get_by_text("Välj fil").first.wait_for()


def calm(page: Page) -> None:
    """Wait until the page has stopped running and drawing."""
    page.wait_for_timeout(300)
    page.wait_for_function(
        "!document.querySelector('[data-testid=stStatusWidget]') && !document.querySelector('[data-stale=true]')"
    )
    page.wait_for_timeout(300)


def violations(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def drop(page: Page, name: str, data: bytes) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": data}
    page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]
    page.get_by_role("heading", name="2 Fynd").wait_for()
    calm(page)
    assert not sorted({text for text in page.evaluate(COLLECT) if FRAMEWORK.search(text)})


def choose_sender(page: Page) -> None:
    box = page.get_by_role("combobox", name="Organisation som lämnar in")
    box.click()
    box.fill(SENDER)
    page.get_by_role("option", name=SENDER).first.click()
    calm(page)


def test_a_large_file_goes_from_drop_to_receipt_and_never_touches_a_disk(page: Page, desk: Desk) -> None:
    strangers: list[str] = []
    page.on("request", lambda request: None if "127.0.0.1" in request.url else strangers.append(request.url))
    open_deliver(page, desk)
    choose_sender(page)
    data = large_file()
    assert len(data) > 2**20
    drop(page, "betyg.csv", data)
    page.get_by_text("Inget att anmärka.").wait_for()
    page.get_by_role("button", name="Lämna in", exact=True).click()
    page.get_by_role("heading", name="4 Kvitto").wait_for()
    with page.expect_download() as download:
        page.get_by_role("button", name="Ladda ner kvittot som PDF").click()
    assert download.value.suggested_filename == "kvitto-leverans-2.pdf"
    assert [each for each in strangers if not each.startswith(("data:", "blob:"))] == []
    newest = vault_in(desk.data).batches(LOCAL_PRINCIPAL)[0]
    assert (newest.row_count, newest.sender) == (ROWS, SENDER)
    proof, *writes = desk.writes
    assert proof.endswith(".proof")
    elsewhere = [each for each in writes if not each.startswith(str(desk.data)) and ".pyc" not in each]
    assert [each for each in elsewhere if each != os.devnull] == []
    assert [path.name for path in desk.temporary.iterdir()] == []
    kept = [path for path in desk.data.rglob("*") if path.is_file() and MARKER.encode() in path.read_bytes()]
    assert kept == []


def test_as_last_year_goes_to_the_receipt_with_last_years_reasons(page: Page, desk: Desk) -> None:
    """The fields are the browser's own: what is only drawn in them is sent back empty with the next click."""
    vault = vault_in(desk.data)
    before = stage(Sample(every={"sex": "flicka", "school_year": "2023/24"}).data(), "year9_grades", name="flickor.csv")
    hand_in(vault, before, sender=GIRLS, principal=LOCAL_PRINCIPAL, reasons={"one_sex_only:Kön": "En flickskola."})
    open_page(page, desk, f"lamna-in?organisation={GIRLS}", "Vad vill du lämna in?")
    page.get_by_text("Välj fil").first.wait_for()
    drop(page, "flickor.csv", Sample(every={"sex": "flicka"}).data())
    page.get_by_role("button", name="Som förra året").click()
    page.get_by_text("Skriv skäl för en varning.").wait_for(state="detached")
    calm(page)
    page.get_by_role("button", name="Lämna in", exact=True).click()
    page.get_by_role("heading", name="4 Kvitto").wait_for()
    newest = vault.batches(LOCAL_PRINCIPAL)[0]
    assert (newest.sender, newest.reasons) == (GIRLS, {"one_sex_only:Kön": "En flickskola."})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_empty_page_and_one_with_findings_hold_for_axe(page: Page, desk: Desk, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_deliver(page, desk)
    assert violations(page) == []
    assert not page.get_by_text("Upload", exact=True).count()
    assert not page.get_by_text("per file").count()
    choose_sender(page)
    bad = Sample(rename={"sex": "Könstillhörighet"}, every={"birth_year": "1850"})
    drop(page, "fel.csv", bad.data())
    page.get_by_text("Filen kan inte lämnas in ännu.").wait_for()
    assert violations(page) == []
    drop(page, "varning.csv", Sample(every={"sex": "flicka", "school_year": "2022/23"}).data())
    assert violations(page) == []


@pytest.mark.parametrize("section", SECTIONS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_section_of_the_history_holds_for_axe(page: Page, desk: Desk, section: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, desk, f"historik?visa={section}", "Vad har lämnats in och getts ut?")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_register_holds_for_axe_and_its_table_speaks_swedish(page: Page, desk: Desk, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    open_page(page, desk, "registret", "Vad står i registret över modeller?")
    page.locator("[data-testid=stDataFrame] canvas").first.wait_for()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert not sorted({text for text in page.evaluate(COLLECT) if ENGLISH.search(text)})


def test_the_uploader_is_reached_by_keyboard(page: Page, desk: Desk) -> None:
    open_deliver(page, desk)
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel || ''"))
        if "Välj fil" in reached[-1]:
            return
    raise AssertionError(f"the uploader is reached within thirty steps, got: {reached}")
