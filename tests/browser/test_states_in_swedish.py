"""States that no page is in when it is opened: the framework's own words for them are Swedish too, seen and spoken."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from pages.parts import front
from tests.browser.conftest import Server
from tests.browser.test_browse_in_browser import COLLECT, ENGLISH, visit

pytestmark = pytest.mark.browser
KNOWN = re.compile(r"^(Samsyn|JSON Lines)$")
DRAG = """() => {
  const zone = document.querySelector('[data-testid=stFileUploaderDropzone]');
  const dragged = new DataTransfer();
  dragged.items.add(new File(['a'], 'a.csv'));
  for (const name of ['dragenter', 'dragover'])
    zone.dispatchEvent(new DragEvent(name, { bubbles: true, dataTransfer: dragged }));
}"""


def _english(page: Page) -> list[str]:
    said = {text for text in page.evaluate(COLLECT) if not KNOWN.match(text)}
    return sorted(text for text in said if ENGLISH.search(text))


def _open(page: Page, server: Server, path: str, waited_for: str) -> None:
    page.goto(server.url(path))
    page.wait_for_selector(waited_for, state="attached")
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget], [data-stale=true]')")


def test_the_uploader_refuses_in_swedish_where_it_can_be_read(page: Page, server: Server, tmp_path: Path) -> None:
    large = tmp_path / "stor.csv"
    with large.open("wb") as file:
        file.truncate(201 * 2**20)
    _open(page, server, "lamna-in", "[data-testid=stFileUploader] input[type=file]")
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(large)
    refused = page.get_by_text("Filen får vara högst 200 MB.")
    refused.wait_for()
    box = refused.bounding_box()
    assert box is not None
    assert box["width"] > 50
    assert not _english(page)


def test_the_uploader_is_swedish_while_a_file_hangs_over_it_and_after_a_strange_one(page: Page, server: Server) -> None:
    _open(page, server, "lamna-in", "[data-testid=stFileUploader] input[type=file]")
    page.evaluate(DRAG)
    page.get_by_text("Släpp filer här").wait_for()
    page.locator("[data-testid=stTooltipHoverTarget]").first.hover()
    page.get_by_text("Filerna ligger bara i minnet").wait_for()
    assert not _english(page)
    strange = {"name": "bild.png", "mimeType": "image/png", "buffer": b"xx"}
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files([strange])  # type: ignore[list-item]
    page.get_by_text("Filen kan inte lämnas in ännu.").wait_for()
    assert not _english(page)


def _column_menu(page: Page, box: dict[str, float]) -> None:
    page.mouse.move(box["x"] + 260, box["y"] + 15)
    page.wait_for_timeout(300)
    page.mouse.click(box["x"] + 260, box["y"] + 15)
    page.wait_for_timeout(300)


def _context_menu(page: Page, box: dict[str, float]) -> None:
    page.mouse.click(box["x"] + 330, box["y"] + 60, button="right")
    page.wait_for_timeout(300)


def _editor(page: Page, box: dict[str, float]) -> None:
    page.mouse.dblclick(box["x"] + 560, box["y"] + 60)
    page.wait_for_timeout(300)


def _search(page: Page, box: dict[str, float]) -> None:
    page.mouse.click(box["x"] + 330, box["y"] + 60)
    page.keyboard.press("Control+f")
    page.keyboard.type("te")
    page.get_by_text("träffar").wait_for()


def test_the_menus_editors_and_search_of_a_table_are_swedish(page: Page, server: Server) -> None:
    _open(page, server, "registret", "[data-testid=stDataFrame] canvas")
    page.wait_for_timeout(500)
    found = page.locator("[data-testid=stDataFrame] canvas").first.bounding_box()
    assert found is not None
    box = {"x": found["x"], "y": found["y"]}
    states: tuple[Callable[[Page, dict[str, float]], None], ...] = (_column_menu, _context_menu, _editor, _search)
    for state in states:
        state(page, box)
        assert not _english(page), state.__name__
        page.keyboard.press("Escape")


def test_a_calendar_is_swedish_in_an_english_browser(page: Page, server: Server) -> None:
    _open(page, server, "historik?visa=kopplingar", "[data-testid=stExpander], [data-testid=stDateInput]")
    for folded in page.locator("[data-testid=stExpander] summary").all():
        folded.click()
    page.locator("[data-testid=stDateInput] [role=spinbutton]").first.click()
    page.wait_for_selector("[data-testid=stDateInputCalendar], [role=grid], [role=application]")
    page.wait_for_timeout(300)
    assert page.evaluate("navigator.language") == "sv-SE"
    assert not _english(page)


def test_a_server_that_does_not_answer_is_said_in_swedish_before_the_first_page(page: Page, server: Server) -> None:
    page.route("**/_stcore/**", lambda route: route.abort())
    page.goto(server.url("kommun"))
    page.get_by_text("Anslutningen bröts").first.wait_for()
    assert not _english(page)
    assert "streamlit" not in page.inner_text("body").lower()


def test_the_document_itself_is_swedish_and_asks_for_nothing_in_vain(page: Page, server: Server) -> None:
    missed: list[str] = []
    page.on("response", lambda answer: missed.append(answer.url) if answer.status >= 400 else None)
    visit(page, server.url("kommun?kommun=Ale"))
    assert not missed
    document = page.request.get(server.url("kommun")).text()
    assert '<html lang="sv">' in document
    assert "<title>Samsyn</title>" in document
    assert "You need" not in document


@pytest.mark.parametrize("address", ["kommun/Ale", "kommun/", "finns/inte/alls?kommun=Ale"])
def test_an_address_of_several_steps_leads_to_a_page(page: Page, server: Server, address: str) -> None:
    """The document finds its scripts one step below the server only; further down the page would stay white."""
    visit(page, server.url(address))
    if address == "kommun/":
        assert page.locator("[role=dialog]").count() == 0
        assert "Hur går det" in page.locator("h1").inner_text()
    else:
        page.locator("[role=dialog]").filter(has_text="Sidan finns inte").wait_for()


def test_what_is_not_a_page_is_left_to_the_framework() -> None:
    def steps(path: str) -> list[str] | None:
        return front._steps({"path": path, "root_path": ""})

    assert steps("/kommun") == ["kommun"]
    assert steps("/") == [""]
    assert steps("/översikt/x") == ["översikt", "x"]
    for path in (
        "/oauth2callback",
        "/auth/login",
        "/fil/a1/tabell",
        "/_stcore/health",
        "/static/js/index.js",
        "/x.png",
    ):
        assert steps(path) is None, path
