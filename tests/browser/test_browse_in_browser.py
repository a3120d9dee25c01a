"""The pages in a real browser: axe in both themes, Swedish everywhere, keyboard, zoom, links, and no call off the host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Server

pytestmark = pytest.mark.browser
PATHS = ("", "kommun?kommun=Tj%C3%B6rn&trear=ja", "indikator?kommun=%C3%96cker%C3%B6", "metod", "tillganglighet")
STATES = [
    *[(path, "full", scheme) for path in PATHS for scheme in ("light", "dark")],
    *[(path, "hidden", scheme) for path, scheme in zip(PATHS[:3], ("dark", "light", "dark"), strict=True)],
    ("", "incomplete", "light"),
    ("", "empty", "light"),
    ("indikator", "empty", "dark"),
    ("modeller?visa=tackning&kommun=Ale", "full", "dark"),
    ("modeller?visa=tid", "full", "light"),
    ("modeller?visa=kort", "full", "dark"),
    ("modeller?visa=kartlaggning", "full", "light"),
    ("jamfor", "full", "dark"),
    ("jamfor?kommun=Ale", "hidden", "light"),
    ("", "families", "light"),
    ("./?tema=St%C3%B6dkedjan&stadium=7-9", "families", "dark"),
    ("kommun?kommun=Ale&trear=ja", "families", "dark"),
    ("indikator?indikator=absence_20&kommun=Tj%C3%B6rn", "families", "light"),
    ("indikator?indikator=reports_per_child&kommun=Ale", "families", "dark"),
    ("effekt", "families", "light"),
    ("effekt?modell=school_social_team&resultat=all_subjects_passed", "families", "dark"),
    ("effekt?modell=sspf", "families", "dark"),
    ("effekt?modell=school_social_team&kommun=Ale", "families", "light"),
    ("effekt", "empty", "light"),
    ("elevens-vag?kohort=gymnasiestart", "families", "light"),
    ("elevens-vag", "families", "dark"),
    ("elevens-vag?kohort=resurscentrum&elever=girls", "families", "light"),
    ("elevens-vag?kohort=arskurs-9&modell=school_social_team", "families", "dark"),
    ("stodkedjan?kommun=Ale", "families", "dark"),
    ("stodkedjan", "families", "light"),
    ("metod?indikator=absence_10", "families", "dark"),
    ("modeller?visa=personal", "full", "dark"),
    ("tidiga-tecken?battre=ja", "families", "light"),
    ("tidiga-tecken", "families", "dark"),
    ("tidiga-tecken", "empty", "dark"),
    ("tidiga-tecken", "hidden", "light"),
]
ENGLISH = re.compile(
    r"\b(the|and|or|of|to|with|select(ed)?|open|close|upload|browse|files?|search|download|loading|running|menu|more|"
    r"settings|deploy|charts?|axis|values?|page|results?|options?|clear|show|view|fullscreen|visualization|image|link|"
    r"press|enter|apply|main|content|navigation|app|expand|collapse|copy|previous|next|you|your|not|found|is|are|available|dismiss|container|"
    r"add|icon|increment|decrement)\b|\d\.\d+\s?[KMG]B\b",
    re.IGNORECASE,
)
COLLECT = """() => {
  const said = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.nodeType === 1 ? node : node.parentElement;
    if (!element || element.closest("script, style, noscript, [lang=en], .sy-code, [data-testid=stIconMaterial], .material-symbols-rounded")) continue;
    if (node.nodeType === 3) { if (element.checkVisibility()) said.push(node.data.trim()); continue; }
    for (const name of ["aria-label", "title", "placeholder", "alt", "aria-roledescription", "aria-description", "aria-valuetext"])
      if (node.hasAttribute(name)) said.push(node.getAttribute(name));
  }
  return said.filter(Boolean);
}"""


def visit(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".sy-source")
    page.wait_for_selector("h1")
    page.wait_for_function("document.documentElement.lang === 'sv'")
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget], [data-stale=true]')")


@pytest.mark.parametrize(("path", "release", "scheme"), STATES)
def test_axe_finds_nothing_and_every_word_is_swedish(
    page: Page, server: Server, path: str, release: str, scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit(page, server.url(path, release))
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    page.wait_for_timeout(300)
    found = Axe().run(page)
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.lang") == "sv"
    english = sorted({text for text in page.evaluate(COLLECT) if ENGLISH.search(text)})
    assert not english


def test_lists_empty_searches_and_unknown_pages_are_swedish_too(page: Page, server: Server) -> None:
    page.goto(server.url("registret"))
    page.wait_for_selector("[data-testid=stSelectbox]")
    box = page.locator("[data-testid=stSelectbox] input").first
    box.click()
    page.wait_for_selector("[role=listbox], [role=option]")
    opened = page.evaluate(COLLECT)
    box.fill("zzzz")
    page.wait_for_timeout(400)
    said = [*opened, *page.evaluate(COLLECT)]
    page.goto(server.url("finns-inte"))
    page.wait_for_selector("[role=dialog]")
    page.wait_for_timeout(400)
    said += page.evaluate(COLLECT)
    assert "Sidan finns inte" in said
    assert not sorted({text for text in said if ENGLISH.search(text)})


def test_nothing_is_fetched_from_another_host_and_nothing_breaks(page: Page, server: Server) -> None:
    away: list[str] = []
    broken: list[str] = []
    page.on("request", lambda request: away.append(request.url) if "127.0.0.1" not in request.url else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    for path in PATHS:
        visit(page, server.url(path))
    assert not [url for url in away if not url.startswith(("data:", "blob:"))]
    assert not broken


def test_a_cell_leads_to_its_indicator_without_a_new_page_load_and_back_again(page: Page, server: Server) -> None:
    visit(page, server.url())
    page.evaluate("window.stillHere = true")
    page.locator(".sy-rug td a[href*='kommun=Lerum']").first.click()
    page.wait_for_selector("h1:has-text('behöriga till gymnasiet')")
    assert page.evaluate("window.stillHere") is True
    assert "kommun=Lerum" in page.url
    assert "utgava=full-3" in page.url
    page.go_back()
    page.wait_for_selector("h1:has-text('våra kommuner')")


def test_every_page_has_a_search_that_leads_on_within_the_release(page: Page, server: Server) -> None:
    visit(page, server.url("tillganglighet"))
    page.get_by_role("searchbox").fill("lerum")
    page.keyboard.press("Enter")
    page.locator(".sy-hits a:has-text('Lerum')").click()
    page.wait_for_selector("h1:has-text('Lerum')")
    assert "kommun?" in page.url
    assert "utgava=full-3" in page.url
    page.get_by_role("searchbox").fill("zzzz")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sy-notice:has-text('”zzzz”')")


def test_the_address_follows_the_filters_and_restores_them(page: Page, server: Server) -> None:
    visit(page, server.url("kommun?kommun=Ale"))
    page.locator("[data-part=kommun]").select_option("Tjörn")
    page.wait_for_selector("h1:has-text('Tjörn')")
    page.wait_for_function("document.activeElement.dataset.part === 'kommun'")
    assert "kommun=Tj" in page.url
    page.locator("[data-part=trear]").check()
    page.wait_for_selector(".sy-lead:has-text('för tre läsår tillsammans')")
    assert "trear=ja" in page.url
    address = page.url
    visit(page, address)
    assert "Tjörn" in page.inner_text("h1")


def test_the_keyboard_reaches_navigation_filters_cells_and_files_with_visible_focus(page: Page, server: Server) -> None:
    visit(page, server.url())
    reached: set[str] = set()
    unseen = []
    for _ in range(330):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => { const e = document.activeElement; const s = getComputedStyle(e);
            const kind = e.closest('header, [data-testid=stHeader]') ? 'navigation' : e.closest('.sy-filters') ? 'filter'
              : e.closest('.sy-find') ? 'search' : e.closest('.sy-rug td') ? 'cell' : e.closest('.sy-rug th') ? 'row'
              : e.closest('.sy-files') ? 'file' : e.closest('.sy-source') ? 'source' : '';
            const seen = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
            return [kind, kind === 'navigation' || !kind ? true : seen]; }"""
        )
        reached.add(where[0])
        unseen += [] if where[1] else [where[0]]
        if where[0] == "source":
            break
    assert reached >= {"navigation", "filter", "search", "cell", "row", "file", "source"}
    assert not unseen


@pytest.mark.parametrize("path", ["tidiga-tecken?battre=ja", "elevens-vag", "stodkedjan"])
def test_the_keyboard_reaches_what_follows_groups(page: Page, server: Server, path: str) -> None:
    """Filters, tables one click below, links in them, and files; to the last line of the page."""
    visit(page, server.url(path, "families"))
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    reached: set[str] = set()
    for _ in range(250):
        page.keyboard.press("Tab")
        where = page.evaluate(
            """() => { const e = document.activeElement;
            return e.closest('.sy-filters') ? 'filter' : e.tagName === 'SUMMARY' ? 'table'
              : e.closest('.sy-files') ? 'file' : e.closest('.sy-table a') ? 'link'
              : e.closest('.sy-source') ? 'source' : ''; }"""
        )
        reached.add(where)
        if where == "source":
            break
    assert reached >= {"filter", "table", "file", "source"}
    assert "link" in reached or "tidiga" not in path


@pytest.mark.parametrize("path", [*PATHS, "tidiga-tecken?battre=ja"])
def test_at_200_percent_nothing_is_lost_beside_the_page(page: Page, server: Server, path: str) -> None:
    """WCAG 1.4.4 and 1.4.10: 1280 px at 200 % is 640 px; wide tables scroll inside their own box."""
    page.set_viewport_size({"width": 640, "height": 400})
    visit(page, server.url(path))
    wide = page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth; })()"
    )
    assert wide <= 1
    head = page.evaluate("document.querySelector('[data-testid=stHeader]').getBoundingClientRect().bottom")
    assert page.evaluate("document.querySelector('h1').getBoundingClientRect().top") >= head - 1


def test_a_file_comes_by_one_click_and_what_cannot_come_is_said_in_swedish(page: Page, server: Server) -> None:
    visit(page, server.url("kommun?kommun=Ale"))
    with page.expect_download() as coming:
        page.get_by_text("Ladda ner tabellen som CSV").click()
    assert coming.value.suggested_filename == "samsyn-kommun-full-3.csv"
    assert Path(coming.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
    page.evaluate("document.querySelector('a.sy-file').href = 'fil/okand/okand.csv'")
    page.locator("a.sy-file").first.click()
    page.wait_for_selector("a.sy-file:has-text('Filen finns inte längre')")


def test_a_reader_with_a_keyboard_can_skip_the_tables(page: Page, server: Server) -> None:
    visit(page, server.url())
    page.locator(".sy-skip").nth(1).focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_pictures_have_words_for_those_who_do_not_see_them(page: Page, server: Server) -> None:
    visit(page, server.url("indikator?kommun=Ale"))
    page.wait_for_selector("[data-testid=stVegaLiteChart]")
    words = page.evaluate(
        "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')].map(e => (e.getAttribute('aria-label') || '') + "
        "[...e.querySelectorAll('[aria-label]')].map(x => x.getAttribute('aria-label')).join(' '))"
    )
    assert len(words) == 4
    assert all("tabellen" in text for text in words)
