"""avidentifiera.html opened from disk with the network cut: the same file, byte for byte, as the command makes."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from metrics.intake import identifying_headings, offline, pseudonyms

pytestmark = pytest.mark.browser
TEXT = offline.page().decode("utf-8")
AWKWARD = (
    "811218-9876", "8112189876", "19811218-9876", " 811218 – 9876 ", "160101+1232", "200901-17TF", "20090117-tf12",
    "Straße 7", "ÅÄÖ é", "８１１２１８-9876", "\u200b811218-9876", "elev\u00a017", '"citat;tecken"', "Ω ς Σ", "٣٤",
)  # fmt: skip


@pytest.fixture
def offline_page(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page opened as a file in a browser that has no network, and where any request but the file's own fails."""
    place = tmp_path / offline.NAME
    place.write_bytes(offline.page())
    context = browser.new_context(offline=True, accept_downloads=True, locale="en-US")
    page = context.new_page()
    strangers: list[str] = []
    page.on("request", lambda request: strangers.append(request.url))
    page.goto(place.as_uri())
    yield page
    assert [url for url in strangers if not url.startswith(("file:", "blob:"))] == []
    context.close()


def _policy() -> str:
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', TEXT)
    assert found
    return found[1]


def test_the_policy_lets_nothing_out_and_only_the_pages_own_script_in() -> None:
    for tag in ("script", "style"):
        found = re.search(rf"<{tag}>(.*?)</{tag}>", TEXT, re.DOTALL)
        assert found
        right = "sha256-" + base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{tag}-src '{right}'" in _policy(), f"write {right} in the policy"
    assert _policy().startswith("default-src 'none'")
    assert "http" not in _policy()
    assert not re.search(r'(?:src|href)="', TEXT)


def test_the_page_knows_the_same_headings_as_the_command() -> None:
    found = re.search(r'id="rubriker">(.*?)</script>', TEXT)
    assert found
    lists = json.loads(found[1])
    assert lists["identities"] == list(pseudonyms.NUMBER_HEADINGS)
    assert all(identifying_headings.heading_form(heading) for heading in lists["left_out"])
    everything = set().union(*(headings for headings, _ in identifying_headings.HEADING_FORMS))
    assert set(lists["left_out"]) == everything


def _file(rows: int) -> bytes:
    chance = random.Random("avidentifiera")
    lines = ['Personnummer;Förnamn;Läsår;"Skola;namn";Anteckning']
    for row in range(rows):
        cell = AWKWARD[row % len(AWKWARD)] if row < 60 else f"{chance.randrange(10**12):012d}"
        quoted = '"' + cell.replace('"', '""') + '"' if ";" in cell or '"' in cell else cell
        lines.append(f'{quoted};Åsa;2024/25;"två\r\nrader ""{row}""";fritext')
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_page_makes_the_same_file_as_the_command(offline_page: Page, tmp_path: Path, encoding: str) -> None:
    source = tmp_path / "elever.csv"
    source.write_bytes(_file(3000).decode().encode(encoding, "replace"))
    key = pseudonyms.new_key(tmp_path / "nyckel.txt")
    pseudonyms.pseudonymise(source, tmp_path / "kommando.csv", key)

    offline_page.get_by_label("Välj er nyckelfil").set_input_files(tmp_path / "nyckel.txt")
    offline_page.get_by_text(f"Nyckel {key.id} används.").wait_for()
    offline_page.get_by_label("Välj fil att avidentifiera").set_input_files(source)
    offline_page.get_by_text("5 kolumner hittades").wait_for()
    with offline_page.expect_download() as made:
        offline_page.get_by_role("button", name="Gör den avidentifierade filen").click()
    made.value.save_as(tmp_path / "sida.csv")

    assert made.value.suggested_filename == f"elever-pseudonym-{key.id}.csv"
    assert (tmp_path / "sida.csv").read_bytes() == (tmp_path / "kommando.csv").read_bytes()
    assert b"811218" not in (tmp_path / "sida.csv").read_bytes()
    assert "Åsa" not in (tmp_path / "sida.csv").read_text(encoding="utf-8")


def test_a_key_made_in_the_page_is_one_that_the_command_reads(offline_page: Page, tmp_path: Path) -> None:
    with offline_page.expect_download() as made:
        offline_page.get_by_role("button", name="Skapa en ny nyckel").click()
    path = tmp_path / "hämtad.txt"
    made.value.save_as(path)
    path.chmod(0o600)

    key = pseudonyms.read_key(path)

    assert made.value.suggested_filename == f"samsyn-nyckel-{key.id}.txt"


@pytest.mark.parametrize("weak", ["samsyn-nyckel-1 00000000 " + "00" * 32, "hemlig", "samsyn-nyckel-1 1234"])
def test_a_weak_or_damaged_key_is_refused(offline_page: Page, tmp_path: Path, weak: str) -> None:
    path = tmp_path / "nyckel.txt"
    path.write_text(weak)

    offline_page.get_by_label("Välj er nyckelfil").set_input_files(path)

    offline_page.locator("#key-said.wrong").wait_for()
    assert offline_page.get_by_role("button", name="Gör den").is_disabled()


def test_a_row_without_identity_stops_it_and_names_the_row(offline_page: Page, tmp_path: Path) -> None:
    source, key = tmp_path / "a.csv", tmp_path / "nyckel.txt"
    source.write_text("Personnummer;Betyg\n811218-9876;A\n;B\n", encoding="utf-8")
    pseudonyms.new_key(key)

    offline_page.get_by_label("Välj er nyckelfil").set_input_files(key)
    offline_page.get_by_label("Välj fil att avidentifiera").set_input_files(source)
    offline_page.get_by_role("button", name="Gör den avidentifierade filen").click()

    offline_page.get_by_text("Rad 3 saknar identitet").wait_for()


def test_the_page_cannot_reach_anything_even_with_a_network(browser: Browser, tmp_path: Path) -> None:
    place = tmp_path / offline.NAME
    place.write_bytes(offline.page())
    page = browser.new_page()
    page.goto(place.as_uri())
    reach = "fetch('http://127.0.0.1:1/').then(() => 'ut', problem => problem.message)"
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))

    assert page.evaluate(reach) != "ut"
    assert any("Content Security Policy" in text for text in refused)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_holds_for_axe(browser: Browser, tmp_path: Path, scheme: str) -> None:
    place, source = tmp_path / offline.NAME, tmp_path / "a.csv"
    place.write_bytes(offline.page())
    source.write_bytes(_file(3))
    page = browser.new_page(color_scheme=scheme)  # type: ignore[arg-type]
    # axe itself is a script that the page's policy would refuse
    page.goto(place.as_uri())
    page.get_by_label("Välj fil att avidentifiera").set_input_files(source)
    page.get_by_text("kolumner hittades").wait_for()
    found = Axe().run(page).response["violations"]
    page.close()

    assert [each["id"] for each in found] == []
