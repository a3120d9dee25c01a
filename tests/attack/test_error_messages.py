"""What a page says when something is wrong: a damaged or absent release, an address nobody offered. Never a path or a trace."""

from __future__ import annotations

import html
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.attack import outsider
from tests.attack.test_every_artefact import DEMO, INSIDE, PAGES, ROOT, sent

ODD = {
    "injected": {"kommun": "Öckerö' OR 1=1 --", "indikator": "eligibility_vocational__numerator", "ar": "1999/00"},
    "script": {"kommun": "<script>alert(1)</script>", "modell": "{{7*7}}", "sok": "<img src=x onerror=alert(1)>"},
    "far": {"kommun": "å" * 5000, "ar": "9" * 400, "jamfor": "\u202e\u0000\ud7ff"},
    "inside": {
        "utgava": "../../vault/samsyn",
        "indikator": "../../manifest.json",
        "skola": "10000001",
        "stadium": "%00",
    },
    "cells": {"kommun": "Öckerö", "modell": "set:sspf|school_social_team", "jamfor": "school_unit:10000168"},
    "cut": {
        "kommun": "Öckerö",
        "kon": "other:sex",
        "bakgrund": "other:foreign_background",
        "huvudman": "all,independent",
    },
}
"""Addresses outside the choices: what the gate calls its unpublished groups among them."""


def opened(folder: Path, monkeypatch: pytest.MonkeyPatch, page: str = "overview", **query: str) -> tuple[AppTest, str]:
    """A page and all that it says, without the words of the address that it quotes."""
    monkeypatch.setenv("SAMSYN_RELEASE", str(folder))
    app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=90)
    if page != "overview":
        app.run()
        app.switch_page(f"pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    text = html.unescape(sent(app)[0]) + " ".join(each.value for each in (*app.error, *app.warning, *app.markdown))
    for asked in query.values():
        text = text.replace(asked, "")
    return app, text


def cut_short(folder: Path) -> None:
    path = folder / "open" / "values.parquet"
    path.write_bytes(path.read_bytes()[:5000])


def changed(folder: Path) -> None:
    path = folder / "open" / "verdicts.parquet"
    path.write_bytes(path.read_bytes() + b"x")


def no_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text('{"id": "elever: 3', encoding="utf-8")


def gone(folder: Path) -> None:
    shutil.rmtree(folder)


def withdrawn(folder: Path) -> None:
    (folder / "withdrawn.json").write_text(json.dumps({"day": "2026-11-24", "reason": "Fel"}), encoding="utf-8")


@pytest.mark.parametrize("damage", [cut_short, changed, no_manifest, gone, withdrawn], ids=lambda each: each.__name__)
def test_a_release_that_cannot_be_read_is_said_in_words_without_a_path_or_a_number_of_pupils(
    damage: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "utgåva-7"
    shutil.copytree(DEMO, folder)
    damage(folder)
    app, text = opened(folder, monkeypatch)
    assert not app.exception
    assert len(text) > 100
    assert not INSIDE.search(text)
    assert str(tmp_path) not in text
    assert "elever: 3" not in text
    assert not outsider.SMALL.search(text)
    assert not [each for each in sent(app)[1] if "told" in json.dumps(each)]


def odd_page(page: str, asked: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    app, text = opened(DEMO, monkeypatch, page, **asked)
    assert not app.exception
    assert not INSIDE.search(text)
    raw = sent(app)[0]
    assert "<script>alert" not in raw.replace("&lt;", "")
    assert "<img src=x" not in raw


@pytest.mark.parametrize("name", ["script", "inside"])
def test_an_odd_address_gives_a_usual_page_and_none_of_it_as_markup(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    odd_page("indicator", ODD[name], monkeypatch)


@pytest.mark.soak
@pytest.mark.parametrize("name", list(ODD))
@pytest.mark.parametrize("page", PAGES)
def test_no_page_breaks_or_tells_at_any_odd_address(page: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    odd_page(page, ODD[name], monkeypatch)
