"""No sentence that a reader meets is longer than thirty words: those in the code, and those of the example release's pages."""

from __future__ import annotations

import ast
import html
import importlib
import re
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from metrics.present.figures import Figures
from metrics.present.marks import LIGHT
from metrics.release import read
from pages.parts import kept, panel
from pages.parts import page as parts_page
from pages.parts.library import Opened
from pages.parts.sheet import Columns, Picture, Sheet
from pages.parts.view import View

ROOT = Path(__file__).resolve().parents[2]
AT_MOST = 30
PAGES = {
    "overview": ({},),
    "municipality": ({}, {"kommun": "Tjörn", "tema": "Gymnasiet"}),
    "indicator": ({}, {"indikator": "reports_per_child"}, {"kommun": "Ale", "indikator": "absence_20"}),
    "models": tuple({"visa": each} for each in ("", "kort", "mal", "personal")),
    "compare": ({}, {"kommun": "Ale"}),
    "effect": None,
    "pathway": ({}, {"elever": "compulsory"}),
    "support_chain": ({}, {"stadium": "F-3"}, {"kommun": "Ale"}),
    "early_signs": ({}, {"kommun": "Ale"}),
    "method": ({},),
    "accessibility": ({},),
}
"""Pages, and views of them by what is said in the address; of effect every result of every model."""
SWEDISH = re.compile(r"\b(och|att|som|är|av|för|inte|med|den|det|på|till)\b")
OTHER = re.compile(r"\b(the|of|and|is|that|SELECT|FROM)\b")
BLOCK = re.compile(r"</?(?!(?:b|strong|em|i|a|span|abbr|sup|sub)\b)[a-z0-9]+\b[^>]*>", re.IGNORECASE)


def sentences(text: str) -> list[str]:
    return re.split(r'(?<=[.!?])["”)]?\s+(?=[A-ZÅÄÖ”"(0-9]|[a-z]\d\b)', text)


def too_long(text: str) -> list[str]:
    """The sentences of more words than anybody reads at once; what is no word (dashes, signs) is not counted."""
    return [each for each in sentences(text) if sum(bool(re.search(r"\w", word)) for word in each.split(" ")) > AT_MOST]


def test_a_long_sentence_is_found() -> None:
    assert too_long("Kort. " + "ord " * 31 + "slut. Kort.")
    assert not too_long("Femton ord är inte för många. " * 10)


def _written(tree: ast.Module) -> Iterator[str]:
    """The texts of a module but for its docstrings, a value inside them as a word."""
    nodes = list(ast.walk(tree))
    joined = [each for each in nodes if isinstance(each, ast.JoinedStr)]
    passed = {id(each.value) for each in nodes if isinstance(each, ast.Expr)}
    passed |= {id(part) for each in joined for part in each.values}
    for each in joined:
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in each.values)
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in passed:
            yield node.value


def test_no_sentence_in_the_code_is_long() -> None:
    files = [each for folder in ("metrics", "pages") for each in sorted((ROOT / folder).rglob("*.py"))]
    texts = [
        (file.name, html.unescape(re.sub(r"<[^>]+>", " ", text)))
        for file in files
        for text in _written(ast.parse(file.read_text(encoding="utf-8")))
        if len(text) > 3 * AT_MOST and SWEDISH.search(text) and not OTHER.search(text)
    ]
    assert len(texts) > 300
    assert not [(name, said) for name, text in texts for said in too_long(text)]


@pytest.fixture(scope="module")
def opened() -> Opened:
    figures = Figures(read.load(ROOT / "data" / "demo", compact=True))
    return Opened(figures=figures, current=figures.release.id)


def _build(name: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[parts_page.Page], parts_page.Answer]:
    """How the page is built, taken from it where it would be shown."""
    found: list[Callable[[parts_page.Page], parts_page.Answer]] = []
    monkeypatch.setattr(parts_page, "show_page", lambda _name, _question, build: found.append(build))
    for module in (kept, panel):
        monkeypatch.setattr(module, "palette", lambda: LIGHT)
    monkeypatch.setenv("SAMSYN_RELEASE", str(ROOT / "data" / "demo"))
    sys.modules.pop(f"pages.{name}", None)
    importlib.import_module(f"pages.{name}")
    sys.modules.pop(f"pages.{name}")
    return found[0]


def _said(sheet: Sheet) -> Iterator[str]:
    for part in sheet.parts:
        if isinstance(part, Columns):
            for each in part.sheets:
                yield from _said(each)
        elif isinstance(part, Picture):
            yield part.words
        else:
            for block in BLOCK.split(re.sub(r"<(select|pre|style)\b.*?</\1>", "", part, flags=re.DOTALL)):
                yield html.unescape(re.sub(r"<[^>]+>", "", block))


def _view(
    build: Callable[[parts_page.Page], parts_page.Answer], name: str, opened: Opened, asked: dict[str, str]
) -> tuple[View, list[str]]:
    view, sheet = View(name, asked, arrived=True), Sheet(key=(name,), release=opened.current)
    view.fix("utgava", opened.current)
    answer = build(parts_page.Page(view=view, opened=opened, sheet=sheet))
    return view, [answer.question, answer.sentence.replace("**", ""), *answer.parts, *_said(sheet)]


def _options(view: View, part: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'value="([^"]*)"', view.box(part))]


@pytest.mark.parametrize("name", list(PAGES))
def test_no_sentence_of_the_example_is_long(name: str, opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    show = partial(_view, _build(name, monkeypatch), name, opened)
    views = PAGES[name]
    if views is None:
        models = _options(show({})[0], "modell")
        views = [
            {"modell": model, "resultat": result}
            for model in models
            for result in _options(show({"modell": model})[0], "resultat")
        ]
    texts = [text for asked in views for text in show(dict(asked))[1]]
    assert any(SWEDISH.search(text) for text in texts)
    assert not [said for text in texts if not OTHER.search(text) for said in too_long(re.sub(r"\s+", " ", text))]
