"""Runs the desk pages on a real vault, and reads what they say."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

from streamlit.testing.v1 import AppTest

from metrics import catalogue
from metrics.vault import Vault

ROOT = Path(__file__).resolve().parent.parent.parent
SENDER = "Tjörns kommun, barn- och utbildningsnämnden"
UNEXPECTED = "Något oväntat gick fel"


def open_page(file: str, **query: str) -> AppTest:
    """The page, run once; `query`: what its address says."""
    app = AppTest.from_file(str(ROOT / "pages" / file), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    return calm(app.run())


def open_as(sender: str, system: str = "") -> AppTest:
    """lamna-in by somebody who has chosen this organisation and source system, which may be names that were typed."""
    app = AppTest.from_file(str(ROOT / "pages" / "deliver.py"), default_timeout=60)
    app.session_state["desk_sender_kept"], app.session_state["desk_system_kept"] = sender, system or None
    return calm(app.run())


def calm(app: AppTest) -> AppTest:
    """The app, after checking that it neither failed nor said that something unexpected happened."""
    assert not app.exception, [each.message for each in app.exception]
    assert UNEXPECTED not in said(app)
    return app


def said(app: AppTest) -> str:
    """Everything the page says in its own HTML, as text."""
    bodies = " ".join(str(each.proto.body) for each in app.get("html"))
    bare = re.sub(r"<(style|script)>.*?</\1>|<[^>]+>", " ", bodies, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(bare)).strip()


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    """Drop files on lamna-in."""
    app.file_uploader[0].set_value([(name, data, "application/octet-stream") for name, data in files])
    return calm(app.run())


def button(app: AppTest, label: str):  # type: ignore[no-untyped-def]
    """The button with this label."""
    return next(each for each in app.button if each.label == label)


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def vault_in(data: Path) -> Vault:
    """The vault that a page opens when SAMSYN_DATA is this folder."""
    return Vault(path=data / "vault" / "samsyn.duckdb", catalogue=catalogue.default())
